"""Each slip spoils exactly the gradients that the mistake would, and no two look alike."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import sympy as sp

from derive.errors import AnswerError
from derive.files.load import load_problem
from derive.problem import Problem
from derive.slips import GRADIENT_SLIPS, MISTAKES, UPDATE_SLIPS, slips
from derive.steps import Program, given_values, program_of
from derive.sweep import adjoint, sweep
from tests.kinds import every

DIGITS = 40
CLOSE = sp.Float("1e-30")


def network(*sizes: int, rules: tuple[str, ...] = (), samples: int = 3, **body: Any) -> Problem:
    """Distinct numbers of two decimals, none of them 0, so that nothing agrees by chance."""
    draw = random.Random(7)
    chosen = itertools.chain(rules, itertools.repeat("sigmoid"))
    pool = [Fraction(k, 100) for k in range(-97, 98) if k % 5]
    draw.shuffle(pool)

    def numbers(count: int) -> list[Fraction]:
        return [pool.pop() for _ in range(count)]

    layers = [
        {
            "units": n,
            "activation": next(chosen),
            "weights": [numbers(m) for _ in range(n)],
            "biases": numbers(n),
        }
        for m, n in itertools.pairwise(sizes)
    ]
    if "output" not in body:
        body.setdefault("cost", "half_squared_error")
    data = {
        "x": [numbers(sizes[0]) for _ in range(samples)],
        "y": [[abs(v) for v in numbers(sizes[-1])] for _ in range(samples)],
    }
    return load_problem(
        {"network": {"inputs": sizes[0], "layers": layers, "reduction": "mean", **body}, "data": data}
    )


def evaluate(program: Program, given: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    values = dict(given)
    for step in program.steps:
        terms = (
            term.formula.expr.xreplace(
                dict(zip(term.formula.formals, map(values.__getitem__, term.args), strict=True))
            )
            for term in step.terms
        )
        values[step.key] = sp.Add(*terms).evalf(DIGITS)
    return values


def program_with(problem: Problem, slip: str, usual: bool) -> Program:
    program = program_of(problem)
    program = program.plus(sweep(program, "C", problem.wrt, usual=usual))
    return GRADIENT_SLIPS[slip].edit(problem, program) if slip else program


def gradient(problem: Problem, slip: str = "", *, usual: bool = True) -> dict[str, sp.Expr]:
    given = {
        k: sp.Rational(v.numerator, v.denominator) for k, v in given_values(problem).items() if v is not None
    }
    values = evaluate(program_with(problem, slip, usual), given)
    return {key: values[adjoint("C", key)] for key in problem.wrt}


GENERIC = network(2, 2, 2)
COMMONEST = (
    "sign",
    "factor 2",
    "factor 1/2",
    "missing 1/n",
    "extra 1/n",
    "missing output slope",
    "missing hidden slope",
    "missing transpose",
    "wrong layer",
    "only one route",
    "bias for weight gradient",
)


@cache
def of_generic(slip: str) -> dict[str, sp.Expr]:
    return gradient(GENERIC, slip)


def changed(right: Mapping[str, sp.Expr], wrong: Mapping[str, sp.Expr]) -> set[str]:
    """The arrays in which entries differ; all or none of an array's entries must."""
    differ = {key for key in right if abs(right[key] - wrong[key]) > CLOSE}
    arrays = {key.partition("[")[0] for key in differ}
    assert differ == {key for key in right if key.partition("[")[0] in arrays}, "part of an array changed"
    return arrays


EVERYTHING = {"w1", "b1", "w2", "b2"}
SPOILS = {
    "sign": EVERYTHING,
    "factor 2": EVERYTHING,
    "factor 1/2": EVERYTHING,
    "missing 1/n": EVERYTHING,
    "extra 1/n": EVERYTHING,
    "missing output slope": EVERYTHING,
    "missing hidden slope": {"w1", "b1"},
    "missing transpose": {"w1", "b1"},
    "wrong layer": {"w1", "w2"},
    "only one route": {"w1", "b1"},
    "bias for weight gradient": {"w1", "w2"},
}


def test_the_commonest_slips_come_first_under_their_old_names():
    """Files, messages and pages name them so; and what is tried first is matched with fewest digits."""
    assert tuple(GRADIENT_SLIPS)[: len(SPOILS)] == COMMONEST == tuple(SPOILS)


def test_no_two_rows_have_one_name():
    """A name is what messages, JSON and tests know a slip by."""
    names = [mistake.name for mistake in MISTAKES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("slip", "arrays"), SPOILS.items(), ids=SPOILS)
def test_a_slip_spoils_exactly_the_gradients_that_the_mistake_would(slip, arrays):
    """Those it leaves alone are evidence against it."""
    assert changed(of_generic(""), of_generic(slip)) == arrays


@pytest.mark.parametrize("pair", every(itertools.combinations(COMMONEST, 2), 5), ids=" | ".join)
def test_no_two_slips_look_alike(pair):
    """Otherwise a wrong gradient would be explained by whichever stands first."""
    one, other = map(of_generic, pair)
    assert any(abs(one[key] - other[key]) > CLOSE for key in one)


@pytest.mark.parametrize(
    ("slip", "factor"),
    [
        ("sign", -1),
        ("factor 2", 2),
        ("factor 1/2", Fraction(1, 2)),
        ("missing 1/n", 3),
        ("extra 1/n", Fraction(1, 3)),
    ],
)
def test_a_constant_factor_spoils_every_entry_by_that_factor(slip, factor):
    """n is the number of samples."""
    for key, wrong in of_generic(slip).items():
        assert abs(wrong - sp.Rational(factor) * of_generic("")[key]) < CLOSE


def test_a_constant_factor_leaves_the_decay_alone():
    """The slip is in the cost's slope, not in λ/n w."""
    problem = network(2, 2, 2, l2="0.3")
    plain, right, wrong = of_generic(""), gradient(problem), gradient(problem, "factor 2")
    for key in problem.wrt:
        assert abs((wrong[key] - right[key]) - plain[key]) < CLOSE


def test_the_bias_s_gradient_in_place_of_the_weight_s_is_just_that():
    """δ instead of δ a."""
    wrong = of_generic("bias for weight gradient")
    for l, j, k in itertools.product((1, 2), (1, 2), (1, 2)):
        assert abs(wrong[f"w{l}[{j},{k}]"] - of_generic("")[f"b{l}[{j}]"]) < CLOSE


def test_the_missing_output_slope_is_the_gradient_of_an_identity_output():
    """δ = a − y: with one sample, ∂C/∂b of the output layer."""
    problem = network(2, 2, 2, samples=1)
    values = evaluate(program_of(problem), {k: sp.Rational(str(v)) for k, v in given_values(problem).items()})
    wrong = gradient(problem, "missing output slope")
    for j in (1, 2):
        assert abs(wrong[f"b2[{j}]"] - (values[f"a2[{j}]"] - values[f"y[{j}]"])) < CLOSE


def test_the_missing_transpose_carries_the_error_back_by_w():
    """Σ_j w[k,j] δ[j] in place of Σ_j w[j,k] δ[j]."""
    problem = network(2, 2, 2, samples=1)
    program = program_with(problem, "missing transpose", usual=True)
    values = evaluate(program, {k: sp.Rational(str(v)) for k, v in given_values(problem).items()})
    for k in (1, 2):
        carried = sum(values[f"w2[{k},{j}]"] * values[f"dC/dz2[{j}]"] for j in (1, 2))
        assert abs(values[f"dC/da1[{k}]"] - carried) < CLOSE


def test_w_cannot_stand_for_its_transpose_where_it_is_not_square():
    """The shapes would not fit, so nobody makes this slip there."""
    problem = network(2, 3, 2)
    assert changed(gradient(problem), gradient(problem, "missing transpose")) == set()


def test_a_single_unit_has_one_route_and_no_slip_of_routes():
    """There is nothing to overwrite."""
    problem = network(2, 2, 1)
    assert changed(gradient(problem), gradient(problem, "only one route")) == set()


def test_softmax_has_no_slope_that_could_be_left_out():
    """Its Jacobian couples the layer: δ = dC/da is no slip that anybody makes with it."""
    problem = network(2, 2, 2, rules=("sigmoid", "softmax"), cost="cross_entropy")
    assert changed(gradient(problem), gradient(problem, "missing output slope")) == set()
    assert changed(gradient(problem), gradient(problem, "missing hidden slope")) == {"w1", "b1"}


def test_an_identity_output_has_no_slope_to_miss():
    """φ′ = 1."""
    problem = network(2, 2, 2, rules=("sigmoid", "identity"))
    assert changed(gradient(problem), gradient(problem, "missing output slope")) == set()


def test_in_one_layer_nothing_hidden_can_slip():
    """There is no error to carry back."""
    problem = network(2, 2)
    hidden = [slip for slip, arrays in SPOILS.items() if arrays == {"w1", "b1"}]
    assert len(hidden) == 3
    assert all(changed(gradient(problem), gradient(problem, slip)) == set() for slip in hidden)


PROBLEMS = {
    "generic": GENERIC,
    "deep": network(2, 2, 2, 2, samples=1, rules=("tanh", "relu")),
    "softmax": network(2, 2, 2, samples=2, rules=("softmax", "softmax"), cost="cross_entropy"),
    "decay": network(2, 2, 2, samples=1, l2="0.2"),
    "output": network(2, 2, 2, samples=2, output="a2[1]*a1[2]*w1[1,1] + a1[1]*w2[1,1]"),
    "one layer": network(3, 2),
    "narrowing": network(3, 2, 1),
}


@pytest.mark.parametrize("usual", every([False, True], 2))
@pytest.mark.parametrize("name", every(PROBLEMS, 2))
def test_a_slip_can_be_computed_step_by_step(name, usual):
    """An edited step still reads only what is known by then, and no step is lost."""
    problem = PROBLEMS[name]
    right = program_with(problem, "", usual)
    for slip in GRADIENT_SLIPS:
        program, known = program_with(problem, slip, usual), set(given_values(problem))
        for step in program.steps:
            assert {arg for term in step.terms for arg in term.args} <= known, (slip, step.key)
            known.add(step.key)
        assert sorted(step.key for step in program.steps) == sorted(step.key for step in right.steps)


@pytest.mark.parametrize("slip", COMMONEST)
def test_a_slip_does_not_depend_on_how_slopes_are_written(slip):
    """a(1 − a) or e⁻ᶻ/(1 + e⁻ᶻ)²: the wrong value is the same."""
    wrong = gradient(GENERIC, slip, usual=False)
    assert all(abs(wrong[key] - of_generic(slip)[key]) < CLOSE for key in wrong)


def test_a_slip_leaves_the_forward_pass_alone():
    """It is a mistake of the gradient, not of the cost."""
    forward = {step.key: step for step in program_of(GENERIC).steps}
    for slip in GRADIENT_SLIPS:
        edited = {step.key: step for step in program_with(GENERIC, slip, True).steps}
        assert {key: edited[key] for key in forward} == forward, slip


@pytest.mark.parametrize(
    "slip", [*GRADIENT_SLIPS.values(), *UPDATE_SLIPS.values()], ids=lambda slip: slip.name
)
def test_a_slip_speaks_to_the_person_who_made_it(slip):
    """A sentence, ended, that is more than the slip's name."""
    assert slip.text.endswith(".")
    assert len(slip.text) > len(slip.name)


# -- slips of one derivative -----------------------------------------------------------------------

GRAPH = load_problem(
    {
        "graph": {
            "steps": ["a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)/x"],
            "output": "J",
        },
        "values": {"x": 2},
    }
)
MAZUR = load_problem("mazur")
# Of two coupled units both orders of W give the same: only differences of dC/da pass a softmax.
COUPLED = network(2, 3, 3, samples=2, rules=("tanh", "softmax"), cost="cross_entropy")

SAID = {
    "missing hidden slope": (MAZUR, "dE/dw1", "missing hidden slope", "∂E/∂z_h1 = ∂E/∂a_h1"),
    "missing weight": (
        MAZUR, "dE/dw1", "missing weight in dC/da1[1] by z2[1]", "∂E/∂a_h1 = ∂E/∂z_o1 + ∂E/∂z_o2·w7",
    ),
    "inner derivative": (GRAPH, "dJ/dx", "exponent not lowered in dJ/dx by a", "dJ/dx = 2·dJ/da·x² + 6·dJ/dc·x − cos(d)/x²"),
    "function": (GRAPH, "dJ/dx", "function in place of its derivative in dJ/da", "dJ/da = dJ/db·sin(a)"),
    "quotient": (GRAPH, "dJ/dx", "quotient rule with a plus", "dJ/dx = 2·dJ/da·x + 6·dJ/dc·x + cos(d)/x²"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_a_slip_shows_the_line_that_it_spoils(case):
    """In the reader's letters, as it would be written down by whoever made it."""
    problem, quantity, name, line = SAID[case]
    slip = next(slip for slip in slips(problem, quantity) if slip.name == name)
    assert str(slip.edited[0]) == line
    assert "Here" not in slip.edited[0].latex


def test_a_slip_of_one_place_says_which_in_the_reader_s_letters():
    """Not phi'(z) of a hidden layer: this one."""
    texts = [slip.text for slip in slips(MAZUR, "dE/dw1") if slip.family == "missing output slope"]
    assert any(text.startswith("σ′(z_o2) was left out of ∂E/∂z_o2.") for text in texts)


def test_only_a_first_derivative_has_slips():
    """A value has none."""
    with pytest.raises(AnswerError, match="no first derivative"):
        next(slips(MAZUR, "a1[1]"))


@pytest.mark.parametrize(
    ("problem", "quantity"),
    [
        pytest.param(MAZUR, "dE/dw1", id="mazur", marks=pytest.mark.slow),
        pytest.param(GRAPH, "dJ/dx", id="graph"),
        pytest.param(COUPLED, "dC/dw1[1,1]", id="softmax", marks=pytest.mark.slow),
        pytest.param(PROBLEMS["decay"], "dC/dw1[1,2]", id="decay"),
    ],
)
def test_no_slip_that_is_offered_is_the_truth(problem, quantity):
    """By value, at numbers where nothing vanishes; and no two of them edit alike."""
    given = {
        k: sp.Rational(v.numerator, v.denominator) for k, v in given_values(problem).items() if v is not None
    }
    found = list(slips(problem, quantity))
    first = found[0]
    right = first.sweep.forward.plus(first.sweep.adjoints.values()).only(first.keys)
    (key,) = first.keys
    true = evaluate(right, given)[key]
    for slip in found:
        whole = Program((*first.sweep.forward.steps, *first.sweep.adjoints.values())).ordered()
        wrong = evaluate(slip.edit(problem, whole).only((key,)), given)[key]
        assert not abs(wrong - true) < CLOSE * abs(true), slip.name
    assert len({slip.name for slip in found}) == len(found)
