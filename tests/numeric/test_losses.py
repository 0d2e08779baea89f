"""Where float64 loses digits: measured losses are true, and the stable forms lose none."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.rules import ACTIVATIONS, COSTS
from derive.sheet import sheet_of
from numeric.floats.as_written import as_written
from numeric.floats.snippets import SNIPPETS
from numeric.losses import BETWEEN, HALF, SMALLEST, Study, studies
from tests.kinds import every

RULES = {**ACTIVATIONS, **COSTS}
MEASURED = [name for name in RULES if name != "general"]


@cache
def found(name: str) -> tuple[Study, ...]:
    return studies(sheet_of(RULES[name]))


def test_a_rule_without_numbers_is_not_measured():
    """An unspecified φ has no values."""
    assert found("general") == ()


def test_every_line_of_a_snippet_fits_into_its_box():
    """Of a phone too: sixty characters."""
    assert max(len(line) for code in SNIPPETS.values() for line in code.splitlines()) <= 60


@pytest.mark.slow
def test_a_sum_next_to_one_is_not_lucky_where_it_is_measured():
    """1 + tanh(u) keeps less than half of its digits from z = -5.4 on; at quarters it would seem to until -6."""
    loss = found("gelu_tanh")[0].loss(-1)
    assert loss.half is not None and -5.7 < loss.half < -5


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_the_stable_form_keeps_its_digits_at_every_point(name):
    """A few units in the last place; e^(-z²/2) multiplies the rounding of its exponent by that exponent's size."""
    assert min(study.worst_stable for study in found(name)) > (12.5 if name.startswith("gelu") else 14.2)


def test_the_textbook_slope_of_the_sigmoid_loses_all_digits_where_a_rounds_to_one():
    """1 − a is 0 from 53 ln 2 = 36.7 on, since a rounds to 1; half of the digits are gone half way there."""
    value, slope = found("sigmoid")
    assert not value.loses
    loss = slope.loss(1)
    assert loss.half is not None and 17.5 < loss.half < 19.5
    assert loss.all is not None and 36 < loss.all < 37.5
    assert not slope.loss(-1).any


def test_the_textbook_slope_of_tanh_loses_its_digits_twice_as_early_on_both_sides():
    """tanh z = 2σ(2z) − 1."""
    slope = found("tanh")[1]
    right, left = slope.loss(1), slope.loss(-1)
    assert left == right.turned
    assert right.all is not None and 18 < right.all < 19.5


def test_tanh_as_it_is_defined_overflows_outward_and_cancels_toward_0():
    """e^710 is beyond float64, and e^z − e^-z subtracts near 1."""
    loss = found("tanh")[0].loss(1)
    assert loss.half == loss.all
    assert loss.all is not None and 709 < loss.all < 714
    assert loss.inward is not None and 0 < loss.inward < Fraction(1, 10**7)


def test_a_logarithm_near_one_loses_its_digits():
    """ln(1 − a) is 0 for an a that 1 − a does not see."""
    cost, slope = found("binary_cross_entropy")
    worst = cost.worst
    assert worst is not None and worst.printed.digits == 0
    assert worst.point.target == 0 and worst.point.at < Fraction(1, 10**15)
    assert not slope.loses


@pytest.mark.parametrize(
    "name", every(["relu", "identity", "step", "half_squared_error", "cross_entropy"], 5)
)
def test_a_form_that_subtracts_nothing_loses_nothing(name):
    """The page says so by number."""
    assert min(study.worst_printed for study in found(name)) > 15


@pytest.mark.parametrize(
    ("name", "place", "less"),
    [
        ("kullback_leibler", 0, 1.0),
        pytest.param("poisson", 1, 1.0, marks=pytest.mark.slow),
        pytest.param("gelu", 1, 3.0, marks=pytest.mark.slow),
    ],
)
def test_terms_that_cancel_are_found_where_they_do(name, place, less):
    """ln(y/a) and 1 - y/a lose all digits near a = y, with a target that is neither 0 nor 1."""
    worst = found(name)[place].worst
    assert worst is not None and worst.printed.digits < less
    if name in COSTS:
        assert worst.point.target in BETWEEN
        assert worst.point.at == pytest.approx(float(worst.point.target))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "place", "zeros"),
    [
        ("silu", 1, {-1.2784645427610738}),
        ("gelu", 1, {-0.7517915246935645}),
        ("poisson", 0, {1.857183860207835, 4.536403654973526}),
        ("sigmoid", 1, set()),
        ("squared_error", 1, set()),
    ],
)
def test_what_is_0_between_two_float64_is_measured_on_both_sides(name, place, zeros):
    """No form that adds in float64 has a digit there; a page must not claim that it has."""
    rows = found(name)[place].zeros
    assert len(rows) == 2 * len(zeros)
    for left, right in zip(rows[::2], rows[1::2], strict=True):
        assert left.truth.mid * right.truth.mid < 0
        assert math.nextafter(float(left.point.at), math.inf) == float(right.point.at)
        assert min(left.printed.digits, right.printed.digits) < 1
        assert any(zero == pytest.approx(float(left.point.at), rel=1e-15) for zero in zeros)


def test_digits_are_those_of_an_independent_reference():
    """mpmath at 50 digits, which shares no code with the enclosures."""
    mpmath.mp.dps = 50
    for row in found("sigmoid")[1].rows[::97]:
        if not row.counts:
            continue
        e = mpmath.exp(-mpmath.mpf(row.point.at.numerator) / row.point.at.denominator)
        truth = e / (1 + e) ** 2
        for form in (row.printed, row.stable):
            error = abs(mpmath.mpf(form.value) - truth) / truth
            digits = min(16.0, max(0.0, float(-mpmath.log10(error)))) if error else 16.0
            assert form.digits == pytest.approx(digits, abs=1e-6)


def test_what_float64_cannot_hold_is_not_counted():
    """e^-1000 is 0 in any form, and no form is to blame."""
    rows = [row for row in found("sigmoid")[1].rows if abs(row.point.at) == 1000]
    assert len(rows) == 2
    assert not any(row.counts for row in rows)
    assert all(abs(row.truth.mid) < SMALLEST for row in rows)


# -- as written ------------------------------------------------------------------------------------

X = sp.Symbol("x")


@pytest.mark.parametrize(
    ("expr", "by_hand"),
    [
        (1 / (1 + sp.exp(-X)), lambda x: 1 / (1 + np.exp(-x))),
        (X**2 - 1, lambda x: x * x - 1),
        (sp.sqrt(X**2 + 1), lambda x: np.sqrt(x * x + 1)),
        (sp.tanh(X) * sp.pi, lambda x: np.tanh(x) * np.pi),
        (sp.erf(X), lambda x: np.array([math.erf(v) for v in x])),
        (sp.Piecewise((X, X > 0), (0, True)), lambda x: np.where(x > 0, x, 0)),
        (sp.Piecewise((1, (X > -1) & (X <= 1)), (0, True)), lambda x: np.where((x > -1) & (x <= 1), 1, 0)),
        (sp.exp(X) ** sp.Rational(1, 3) + sp.Rational(1, 3), lambda x: np.exp(x / 3) + 1 / 3),
    ],
    ids=lambda value: str(value) if isinstance(value, sp.Basic) else "",
)
def test_a_formula_is_computed_as_it_is_written(expr, by_hand):
    """Operation by operation: to a unit in the last place what one types."""
    x = np.linspace(-3, 3, 25)
    np.testing.assert_allclose(as_written(expr, {X: x}), by_hand(x), rtol=1e-15, atol=1e-16)


def test_what_overflows_or_is_not_defined_is_told_and_warns_nobody():
    """The loss is the point; a warning would end the test run."""
    x = np.array([-1e3, -1.0, 1e3])
    assert as_written(sp.exp(X), {X: x})[2] == np.inf
    assert np.isnan(as_written(sp.log(X), {X: x})[:2]).all()


# -- the code on the page --------------------------------------------------------------------------


def run(code: str, given: str) -> dict[str, list[float]]:
    """What the snippet leaves in a, cost and slope, in a Python of its own that warns of nothing."""
    program = (
        f"import numpy as np\nnp.seterr(all='raise', under='ignore')\n{given}\n{code}\n"
        "for name in ('a', 'cost', 'slope'):\n"
        "    if name in globals(): print(name, *np.broadcast_to(globals()[name], LENGTH).tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {name: [float(value) for value in values] for name, *values in lines}


def test_every_snippet_is_of_a_rule():
    """A renamed rule would lose its code without a word."""
    assert SNIPPETS.keys() <= RULES.keys()


QUICK = {"sigmoid", "binary_cross_entropy"}
COUPLED = [name for name in SNIPPETS if RULES[name].couples]
UNITWISE = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
    for name in SNIPPETS
    if name not in COUPLED
]
"""An activation and a cost in the quick loop: each snippet is a program of its own."""


@pytest.mark.parametrize("name", UNITWISE)
def test_the_code_on_a_sheet_keeps_its_digits(name):
    """It is printed to be copied: run as it stands, it is right wherever the rule was measured."""
    value, slope = found(name)
    letter, x = ("a", "z") if name in ACTIVATIONS else ("cost", "a")
    at = [float(row.point.at) for row in value.rows]
    y = [float(row.point.target or 0) for row in value.rows]
    got = run(SNIPPETS[name], f"{x}, y = np.array({at}), np.array({y}); LENGTH = len(y)")
    for wanted, study in ((letter, value), ("slope", slope)):
        for number, row in zip(got[wanted], study.rows, strict=True):
            near(number, row)


@pytest.mark.slow
@pytest.mark.parametrize("name", COUPLED)
def test_the_code_for_a_whole_layer_keeps_its_digits(name):
    """The same, a layer at a time: the first unit is the one that is measured."""
    value, slope, *_ = found(name)
    letter, x = ("a", "z") if name in ACTIVATIONS else ("cost", "a")
    inputs = sheet_of(RULES[name]).inputs
    for k in range(0, len(value.rows), len(value.rows) // 7):
        point = value.rows[k].point
        at = [float(point.values[symbol]) for symbol in inputs]
        y = [float(point.target or 0), *(0.0 for _ in at[1:])]
        got = run(SNIPPETS[name], f"{x}, y = np.array({at}), np.array({y}); LENGTH = {len(at)}")
        near(got[letter][0], value.rows[k])
        near(got["slope"][0], slope.rows[k])


def near(number: float, row) -> None:
    """To 12 digits, which the least exact of the stable forms has."""
    if row.counts:
        gap = abs(Fraction(number) - row.truth.mid)
        assert gap <= abs(row.truth.mid) / 10**12, (float(row.point.at), number)


@pytest.mark.slow
def test_the_code_is_needed_wherever_a_printed_form_fails():
    """A page that says what is lost also says how to keep it."""
    lossy = {name for name in MEASURED if min(study.worst_printed for study in found(name)) < HALF}
    assert lossy <= SNIPPETS.keys()
