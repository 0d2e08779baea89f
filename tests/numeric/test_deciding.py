"""Formulas are equal or different for sure, in prime fields or in balls, and a wrong one is explained."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from flint import ctx

from derive import load_problem
from derive.answers import read_answer
from derive.formula import parse
from derive.formula.nodes import Derivative, Name
from derive.problem import Problem, Question
from derive.quantities import resolve, scope_of
from numeric.answers.claim import claim
from numeric.answers.evaluate import Evaluator
from numeric.answers.explain import Asked, Explainer
from numeric.answers.judge import Examiner
from numeric.answers.working import Working
from numeric.deciding import values
from numeric.deciding.compare import Comparison, InWorld, compare
from numeric.deciding.nodes import Array, evaluate, number
from numeric.deciding.tower import tower
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import Subject, World


@cache
def subject(name: str) -> Subject:
    return Subject(load_problem(TABLE.get(name, name)))


TABLE = {
    "relu": {
        "network": {
            "inputs": 2,
            "cost": "half_squared_error",
            "layers": [{"units": 2, "activation": "relu"}, {"units": 1, "activation": "identity"}],
        }
    },
    "softmax": {
        "network": {
            "inputs": 2,
            "cost": "cross_entropy",
            "layers": [{"units": 3, "activation": "softmax"}],
        }
    },
    "general": {
        "network": {
            "inputs": 1,
            "cost": "half_squared_error",
            "layers": [{"units": 1, "activation": "general"}] * 2,
        }
    },
    "hinge": {
        "network": {
            "inputs": 2,
            "cost": "hinge",
            "layers": [{"units": 1, "activation": "identity"}],
        }
    },
    "shares": {"graph": {"steps": ["J = p^2 + q^2"], "output": "J", "assume": ["p + q = 1"]}},
    "numbers": {"graph": {"steps": ["J = u*v"], "output": "J"}},
    "deep": {
        "network": {
            "inputs": 1,
            "cost": "half_squared_error",
            "layers": [{"units": 1, "activation": "sigmoid"}] * 20,
        }
    },
}


def side(problem: Problem, text: str) -> InWorld:
    node = parse(text, scope_of(problem))

    def value(world: World) -> Array:
        def look_up(leaf: Name | Derivative) -> Array:
            quantity = resolve(problem, leaf)
            return number(world.derivative(quantity.of, quantity.by) if quantity.by else world[quantity.of])

        return evaluate(node, world.formulas, look_up)

    return value


def compared(name: str, left: str, right: str) -> Comparison:
    about = subject(name)
    return compare(about, side(about.problem, left), side(about.problem, right))


def test_each_field_of_the_tower_has_an_exponential() -> None:
    """g_i has the order of the next field, and i*i = -1 in each."""
    fields = tower(6)
    for outer, inner in pairwise(fields):
        assert (outer.prime - 1) % inner.prime == 0
        assert outer.generator != 1 and pow(outer.generator, inner.prime, outer.prime) == 1
    assert all(field.unit**2 % field.prime == field.prime - 1 for field in fields)


EQUAL = [
    ("mazur", "dE/dw5", "(o1 - y[1])*o1*(1 - o1)*h1"),
    ("mazur", "dE/dw5", "(o1 - y[1])*h1/(4*cosh(z_o1/2)^2)"),
    ("mazur", "dE/dw1", "(delta_o1*w5 + delta_o2*w7)*exp(-z_h1)/(1 + exp(-z_h1))^2*i1"),
    ("general", "dC/dw1[1,1]", "delta2[1]*w2[1,1]*da1[1]/dz1[1]*x[1]"),
    ("softmax", "dC/dz1[2]", "a1[2] - y[2]"),
    ("shares", "J", "1 - 2*p*q"),
    ("numbers", "sin(u + v)", "sin(u)*cos(v) + cos(u)*sin(v)"),
    ("numbers", "tanh(u)", "(exp(2*u) - 1)/(exp(2*u) + 1)"),
    ("numbers", "0.1*u + 0.2*u", "0.3*u"),
    ("deep", "dC/dw1[1,1]", "dC/da10[1]*da10[1]/dw1[1,1]"),
]


@pytest.mark.parametrize(("name", "left", "right"), EQUAL)
def test_equal_formulas_are_identities(name: str, left: str, right: str) -> None:
    """Also where the assumptions of a cost or a graph are needed, and through twenty nested sigmoids."""
    assert compared(name, left, right) == Comparison(True, "identity")


SAMPLED = [
    ("relu", "relu(z1[1]) - relu(-z1[1])", "z1[1]"),
    ("relu", "dC/dz1[1]", "delta2[1]*w2[1,1]*step(z1[1])"),
    ("numbers", "log(exp(u)*exp(v))", "u + v"),
    ("numbers", "sqrt(u^2)", "abs(u)"),
    ("numbers", "max(u, v)", "(u + v + abs(u - v))/2"),
]


@pytest.mark.parametrize(("name", "left", "right"), SAMPLED)
def test_branches_and_logarithms_are_sampled(name: str, left: str, right: str) -> None:
    """Signs are taken at random points of both kinds, and what is not rational in e^u is left to balls."""
    assert compared(name, left, right) == Comparison(True, "sampled")


DIFFERENT = [
    ("mazur", "dE/dw5", "(o1 - y[1])*o1*(1 - o1)*h1 + 1e-13*w1"),
    ("mazur", "dE/dw5", "(o1 - y[1])*o1*(1 - o1)*h1*(1 + 1e-12)"),
    ("mazur", "dE/dw5", "(o1 - y[1])*o1*(1 - o1)*h1 + exp(-1000*(w1^2 + 1))"),
    ("mazur", "dE/dw5", "(y[1] - o1)*o1*(1 - o1)*h1"),
    ("numbers", "tanh(u)", "(exp(u) + exp(-u))/(exp(u) - exp(-u))"),
    ("relu", "relu(z1[1])", "z1[1]"),
    ("relu", "relu(z1[1])", "abs(z1[1])"),
    ("numbers", "sqrt(u^2)", "u"),
    ("numbers", "log(u^2)", "2*log(v)"),
    ("general", "da1[1]/dz1[1]", "a1[1]*(1 - a1[1])"),
    ("hinge", "y[1]^2", "y[1]"),
]


@pytest.mark.parametrize(("name", "left", "right"), DIFFERENT)
def test_different_formulas_have_a_counterexample(name: str, left: str, right: str) -> None:
    """Differences that no float64 shows are found as well."""
    found = compared(name, left, right)
    assert (found.same, found.proof) == (False, "counterexample")


def test_what_has_no_value_anywhere_stays_undecided() -> None:
    """Equality of nothing with nothing proves nothing."""
    found = compared("numbers", "log(-1 - u^2)", "log(-1 - u^2) + log(-2 - u^2) - log(-2 - u^2) + 0*u")
    assert found.same is None


WHY = [
    ("w2[1,1]", "(o1 - y[1])*h1", "missing output slope"),
    ("w2[1,1]", "(o1 - y[1])*o1*h1", "phi for phi'"),
    ("w2[1,1]", "-(o1 - y[1])*o1*(1 - o1)*h1", "sign"),
    ("w2[1,1]", "(o1 - y[1])*o1*(1 - o1)", "bias for weight gradient"),
    ("w2[1,1]", "5*(o1 - y[1])*o1*(1 - o1)*h1*h2/5", "extra factor"),
    ("w2[1,1]", "(o1 - y[1])*o1*(1 - o1)*i1", "wrong factor"),
    ("w2[1,1]", "(o1 - y[1])*o1*(1 - o1)*h2", "another quantity"),
    ("w2[1,1]", "(o1 - y[1])*o1*(1 - o1)*h1 + w5", "extra term"),
    ("w2[1,1]", "(y[1] - o1)*h1", "sign; missing output slope"),
    ("w1[1,1]", "delta_o1*w5*h1*(1 - h1)*i1", "first route only"),
    ("w1[1,1]", "(delta_o1*w5 + delta_o2*w6)*h1*(1 - h1)*i1", "missing transpose"),
]


@cache
def explainer(by: str) -> Explainer:
    return Explainer(subject("mazur"), Asked("C", (by,)))


@pytest.mark.parametrize(("by", "text", "slip"), WHY)
def test_a_wrong_formula_is_explained(by: str, text: str, slip: str) -> None:
    """By the slip, the factor or the term that makes it, or by two slips at once."""
    reasons = explainer(by).why(side(subject("mazur").problem, text))
    assert reasons[0].slip == slip


def test_nothing_is_said_of_what_nothing_explains() -> None:
    """A formula that has nothing to do with the derivative has no likely slip."""
    assert explainer("w2[1,1]").why(side(subject("mazur").problem, "h1^7 + 3*o2")) == ()


def test_a_general_function_stands_in_balls_for_one_with_its_derivatives() -> None:
    """phi' is the slope of phi, so that a comparison by balls is one of a function and its own derivative."""
    fields, seed, h = tower(2), b"any", Fraction(1, 10**12)
    for order in range(3):
        right, left, slope = (
            values.unspecified("phi", order + more, seed, values.constant(fields, at)).near(256)
            for at, more in ((Fraction(1, 3) + h, 0), (Fraction(1, 3) - h, 0), (Fraction(1, 3), 1))
        )
        with ctx.workprec(256):
            gap = (right - left) / (2 * values.near(h, 256)) - slope
        assert abs(float(gap)) < 1e-20


def test_an_answer_is_worked_out_once_in_a_world() -> None:
    """Its verdict and its reason read the same values."""
    single, world = worked("mazur", "(o1 - t1)*o1"), subject("mazur").world(0)
    assert single(world) is single(world)
    assert single.residues(world)[id(single.node)] == single(world).item().at(0)
    array, world = worked("softmax", r"\delta^1 x^T"), subject("softmax").world(0)
    assert array(world).item(0) is array.parts(world)[id(array.node)].item(0)


@pytest.mark.parametrize(
    "text",
    ["(o1 - t1)*o1*(1 - o1)", "-(o1 - t1)/(w5^-2 + 0.3)", "exp(w5)^3/2 - exp(w5)*h1", "sqrt(h1)^4 - h1/w6/w7",
     "(h1 - h1)^0 - w5*2^-3", "1/3 - 0.5^2"],
)  # fmt: skip
def test_arithmetic_at_once_gives_the_value_that_its_parts_give(text: str) -> None:
    """The same residue in every field, and the same point in balls."""
    answer = worked("mazur", text)
    for world in map(subject("mazur").world, range(3)):
        at_once, in_parts = answer(world).item(), Evaluator(world)(answer.node).item()
        assert [at_once.at(level) for level in range(3)] == [in_parts.at(level) for level in range(3)]
        assert at_once.near(256).overlaps(in_parts.near(256)) and float(at_once.near(256).rad()) < 1e-60
        assert (at_once.sure, at_once.branched) == (in_parts.sure, in_parts.branched)


def test_arithmetic_at_once_has_no_value_where_it_divides_by_0() -> None:
    """A residue of 1/0 would be a number that equals anything."""
    value = worked("mazur", "o1/(w5 + w6 - w6 - w5)")(subject("mazur").world(0)).item()
    with pytest.raises(UnluckyError):
        value.at(0)
    assert not value.near(128).is_finite()


def worked(name: str, text: str) -> Working:
    return Working(read_answer(subject(name).problem, text).readings[0].node)


def test_units_that_are_seldom_active_leave_enough_points() -> None:
    """u u/u has a value only where u is not 0, which of three relus in a row is seldom; the units are small."""
    layers = [{"units": 1, "activation": "relu"}] * 3
    network = {"inputs": 1, "cost": "squared_error", "layers": layers}
    problem = load_problem({"title": "seldom", "network": network})
    assert claim(problem, r"\delta^1 x \cdot \delta^1/\delta^1 = \delta^1 x").verdict == "true"


def test_an_answer_without_a_value_where_the_truth_has_one_is_undecided() -> None:
    """Where the unit is off the slope is 0, and 0/0 is nothing."""
    network = {"inputs": 1, "cost": "squared_error", "layers": [{"units": 1, "activation": "relu"}]}
    examiner = Examiner(load_problem({"title": "off", "network": network}))
    found = examiner.judge(Question(id="q", ask="dC/dw1[1,1]"), r"\delta x \cdot \delta/\delta")
    assert found.verdict == "undecided"
