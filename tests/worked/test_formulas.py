"""Every formula that five articles print is proved, or refuted by a number, with backproof's own machinery.

`formulas.json` holds the claims with their truth and the reason; `formulas.toml` says what is checked of
each. Both sides of an equation are quantities of a problem, and their values are proven enclosures.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import sympy as sp

from derive.errors import AnswerError
from derive.expressions import prove
from derive.files.load import bundled, load_problem
from derive.formula import parse
from derive.problem import Figure, Graph
from derive.quantities import scope_of
from derive.rules import ACTIVATIONS
from numeric.judging.published import judge_all
from numeric.sampling import concrete
from numeric.values import value_of
from tests.kinds import every

HERE = Path(__file__).parent
CLAIMS = {row["id"]: row for row in json.loads((HERE / "formulas.json").read_text(encoding="utf-8"))}
TABLE = tomllib.loads((HERE / "formulas.toml").read_text(encoding="utf-8"), parse_float=str)
ROWS = {row["id"]: row for row in TABLE["formula"]}

SEEDS = (0, 1)
"""Three random instances each."""

CLOSE = Fraction(1, 10**30)
"""Sides that agree to 30 digits; of sides that are 0, to 30 decimals."""

AS_STATED = {"id", "claim", "problem", "own_numbers"}


# -- problems --------------------------------------------------------------------------------------


@cache
def problem_of(name):
    """A bundled example, or one of the table's own problems."""
    if name in bundled():
        return load_problem(name)
    table = dict(TABLE["problems"][name])
    if "bundled" in table:
        slowed = load_problem(table["bundled"])
        return replace(slowed, training=replace(slowed.training, rate=Fraction(table["rate"])))
    return load_problem({"title": name, **table})


@cache
def here(name):
    """The problem with its own numbers; a function that is not specified is tanh."""
    problem = problem_of(name)
    assert not problem.has_free_numbers, f"{name} has no numbers of its own"
    return concrete(problem)[0] if problem.is_free else problem


@cache
def everywhere(name):
    """The problem with every number, and every unspecified function, drawn at random."""
    problem = problem_of(name)
    free = replace(
        problem,
        parameters=tuple(replace(parameter, value=None) for parameter in problem.parameters),
        given=dict.fromkeys(problem.given),
        x=tuple((None,) * len(row) for row in problem.x),
        y=tuple((None,) * len(row) for row in problem.y),
    )
    return tuple(point for seed in SEEDS for point in concrete(free, seed))


# -- what is checked of a row ----------------------------------------------------------------------

# Each check yields what is wrong; a row in which nothing is checked is wrong too.


def equal(problem, left, right) -> Iterator[str]:
    """Both sides have a value and share 30 digits."""
    sides = [value_of(problem, text) for text in (left, right)]
    if not all(side.defined for side in sides):
        yield f"{left} = {right}: no value"
        return
    low, high = min(side.lo for side in sides), max(side.hi for side in sides)
    apart = max(side.lo for side in sides) > min(side.hi for side in sides)
    size = min(abs(sides[0].mid), abs(sides[1].mid))
    if apart or high - low > CLOSE * (size or 1):
        yield f"{left} = {right}: {float(sides[0].mid)} and {float(sides[1].mid)}"


def equations(row) -> Iterator[str]:
    assert row["equations"]
    for equation in row["equations"]:
        name = equation.get("in", row["problem"])
        points = [] if problem_of(name).has_free_numbers else [here(name)]
        if not row.get("own_numbers"):
            points += everywhere(name)
        for point in points:
            yield from equal(point, equation["left"], equation["right"])


def refuted(row) -> Iterator[str]:
    """The two sides differ by what is stated, for sure."""
    claim = row["refuted"]
    gap = value_of(here(row["problem"]), f"({claim['left']}) - ({claim['right']})")
    if not gap.defined or gap.holds_zero:
        yield f"{claim['left']} may be {claim['right']}"
    elif not rounds_to(abs(gap.mid), gap.radius, claim["off_by"]):
        yield f"{claim['left']} and {claim['right']} are {abs(gap.mid)!s} apart, {float(abs(gap.mid))!r}"


def rounds_to(value, radius, printed) -> bool:
    half_unit = Fraction(5) * Fraction(10) ** (Decimal(printed).as_tuple().exponent - 1)
    return abs(value - Fraction(printed)) + radius <= half_unit


def figures(row) -> Iterator[str]:
    """A printed number gets the verdict that it deserves."""
    problem = problem_of(row["problem"])
    stated = tuple(figure(problem, item["quantity"], item["printed"]) for item in row["figures"])
    own = tuple(f for f in problem.published if f.text not in {item["quantity"] for item in row["figures"]})
    judged = judge_all(replace(problem, published=(*stated, *own)))
    for item, judgement in zip(row["figures"], judged, strict=False):
        if judgement.verdict != item["verdict"]:
            yield f"{item['quantity']} = {item['printed']} is {judgement.verdict}: {judgement.note}"


def figure(problem, text, printed, after=0):
    return Figure(text=text, node=parse(text, scope_of(problem)), after=after, printed=printed)


def positive(row) -> Iterator[str]:
    for item in row["positive"]:
        value = value_of(here(item.get("in", row["problem"])), item["quantity"])
        if not value.defined or value.lo <= 0:
            yield f"{item['quantity']} is not proven to be above 0"


def refused(row) -> Iterator[str]:
    for item in row["refused"]:
        try:
            value_of(here(item.get("in", row["problem"])), item["quantity"])
        except AnswerError:
            continue
        yield f"{item['quantity']} exists"


def proved(row) -> Iterator[str]:
    for name in row["proved"]:
        if not prove(ACTIVATIONS[name].formula(1), 0):
            yield f"the usual slope of {name} is not proved"


def number(text):
    """oo, -1, 1/1000 or 10^300, as SymPy's sets know it."""
    base, _, exponent = text.partition("^")
    return sp.oo if text == "oo" else sp.Rational(base) ** int(exponent or 1)


def outside(row) -> Iterator[str]:
    for name, values in row["outside"].items():
        yield from (f"{v} is in the range of {name}" for v in values if number(v) in ACTIVATIONS[name].range)


def inside(row) -> Iterator[str]:
    for name, values in row["inside"].items():
        yield from (
            f"{v} is not in the range of {name}" for v in values if number(v) not in ACTIVATIONS[name].range
        )


def moved(row) -> Iterator[str]:
    """C(v + h d) = C(v) + h grad C . d + O(h^2): a tenth of h leaves a hundredth of the rest."""
    point = here(row["problem"])
    assert isinstance(point.body, Graph)
    direction = {name: Fraction(step) for name, step in row["moved"].items()}
    cost = value_of(point, "C").mid
    slope = sum(value_of(point, f"dC/d{name}").mid * step for name, step in direction.items())
    rests = []
    for h in (Fraction(1, 10**4), Fraction(1, 10**5)):
        given = {name: value + h * direction.get(name, 0) for name, value in point.given.items()}
        change = value_of(replace(point, given=given), "C").mid - cost
        rests.append(change - h * slope)
        if abs(rests[-1]) > abs(h * slope) / 100:
            yield f"moved by {float(h)}, the cost changes by {float(change)}, not {float(h * slope)}"
    if not 99 < rests[0] / rests[1] < 101:
        yield f"what is left shrinks by {float(rests[0] / rests[1])}, not a hundredfold"


def updates(row) -> Iterator[str]:
    problem = problem_of(row["problem"])
    stated = tuple(figure(problem, text, "0." + "0" * 30) for text in row["updates"])
    for judgement in judge_all(replace(problem, published=stated)):
        if judgement.verdict != "right":
            yield f"{judgement.figure.text} is {judgement.verdict}"


def descends(row) -> Iterator[str]:
    """C' - C is below 0, and is -rate |grad C|^2 to first order."""
    problem = problem_of(row["problem"])
    trained = [f"dE/d{p.own}" for p in problem.parameters if not p.frozen]
    (judgement,) = judge_all(replace(problem, published=(figure(problem, "E' - E", "0.0"),)))
    square = sum(value_of(problem, text).mid ** 2 for text in trained)
    expected = -problem.training.rate * square
    if not judgement.truth.hi < 0:
        yield "the cost does not fall"
    if not abs(judgement.truth.mid / expected - 1) < Fraction(1, 10**4):
        yield f"the cost falls by {float(judgement.truth.mid)}, not {float(expected)}"


def falls(row) -> Iterator[str]:
    problem, said = problem_of(row["problem"]), row["falls"]
    (judgement,) = judge_all(replace(problem, published=(figure(problem, "C", "0.0", said["after"]),)))
    if not 0 <= judgement.truth.lo <= judgement.truth.hi < Fraction(said["below"]):
        yield f"C is {float(judgement.truth.mid)} after {said['after']} updates"


Check = Callable[[dict], Iterator[str]]
CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (equations, refuted, figures, positive, refused, proved, outside, inside, moved, updates, descends, falls)
}  # fmt: skip
DECIDES_TRUE = {"equations", "figures", "moved", "updates", "descends", "falls"}


def mistakes(row) -> list[str]:
    """What is wrong with a row: a check that fails, or too little that is checked."""
    named = row.keys() - AS_STATED
    found = [f"unknown: {name}" for name in named - CHECKS.keys()]
    if not named & DECIDES_TRUE:
        found.append("nothing is proved")
    if not CLAIMS[row["id"]]["true"] and "refuted" not in named:
        found.append("a false claim is not refuted")
    if CLAIMS[row["id"]]["true"] and "refuted" in named:
        found.append("a true claim is refuted")
    return found + [said for name in CHECKS if name in named for said in CHECKS[name](row)]


# -- the tests -------------------------------------------------------------------------------------


def test_every_formula_has_its_row_and_no_row_is_made_up():
    """None is left out because it is hard."""
    assert ROWS.keys() == CLAIMS.keys()
    assert len(TABLE["formula"]) == len(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_quotes_its_claim(name):
    """Word for word, as the article prints it."""
    assert ROWS[name]["claim"] == CLAIMS[name]["claim"]


@pytest.mark.parametrize("name", every(ROWS, 8))
def test_a_true_formula_is_proved_and_a_false_one_refuted_by_a_number(name):
    """At the problem's own numbers and at random ones, to 30 digits."""
    assert mistakes(ROWS[name]) == []


@pytest.mark.parametrize("name", every([name for name, row in ROWS.items() if "equations" in row], 12))
def test_an_equation_that_is_off_in_its_25th_decimal_is_found(name):
    """No equation of the table passes whatever its sides are."""
    row = ROWS[name]
    for equation in row["equations"]:
        wrong = {**equation, "right": f"{equation['right']} + 1e-25"}
        assert list(equations({**row, "equations": [wrong]})), wrong


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if "refuted" in row])
def test_a_false_claim_is_not_refuted_by_its_correct_form(name):
    """What refutes it is the slip alone."""
    row = ROWS[name]
    own = [equation for equation in row["equations"] if "in" not in equation]
    for equation in own:
        claim = {**equation, "off_by": row["refuted"]["off_by"]}
        assert list(refuted({**row, "refuted": claim})), equation


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("c032", {"equations": [{"left": "dC/dw2", "right": "a1*(a2 - y)"}]}, "dC/dw2 = a1*(a2 - y)"),
        ("c032", {"equations": [{"left": "dC/dw2", "right": "1/(a1 - a1)"}]}, "no value"),
        ("c080", {"figures": [{"quantity": "h1", "printed": "0.9527", "verdict": "right"}]}, "h1 = 0.9527 is wrong"),
        ("c037", {"positive": [{"quantity": "a - 1"}]}, "not proven"),
        ("c015", {"refused": [{"quantity": "dC/dw1[1,1]"}]}, "exists"),
        ("c083", {"proved": ["relu"]}, "not proved"),
        ("c037", {"outside": {"sigmoid": ["1/2"]}}, "1/2 is in the range"),
        ("c061", {"inside": {"relu": ["-1"]}}, "-1 is not in the range"),
        ("c043", {"updates": ["w5' - (w5 - 0.6*dE/dw5)"]}, "w5' - (w5 - 0.6*dE/dw5) is"),
        ("c076", {"falls": {"after": 4, "below": "1e-12"}}, "after 4 updates"),
        ("c046", {"problem": "mazur"}, "the cost falls by"),
        ("c094", {"refuted": {**ROWS["c094"]["refuted"], "off_by": "2.0"}}, "apart"),
        ("c045", {"problem": "kink", "moved": {"w": "1"}}, "moved by 0.0001, the cost changes by 0.0001, not 0.0"),
    ],
)  # fmt: skip
def test_a_planted_mistake_is_found(name, change, said):
    """Each kind of check can fail."""
    found = mistakes({**ROWS[name], **change})
    assert any(said in text for text in found), found


@pytest.mark.parametrize("name", ["c032", "c070"])
def test_a_row_that_checks_nothing_is_wrong(name):
    """An empty row, or a false claim with its correct form only, proves nothing."""
    row = ROWS[name]
    assert "nothing is proved" in mistakes({key: row[key] for key in AS_STATED if key in row})
    if not CLAIMS[name]["true"]:
        assert "a false claim is not refuted" in mistakes({k: v for k, v in row.items() if k != "refuted"})
