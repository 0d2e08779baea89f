"""Values, slopes and kinks of formulas, each operation against mpmath's derivative of it."""

import math
from fractions import Fraction

import mpmath as mp
import pytest

from derive.errors import AnswerError
from derive.formula.nodes import OPERATIONS, Apply, Constant, Derivative, Name, Number
from numeric.floats.nodes import CONSTANTS, NODE_RULES, evaluate, margins, pull
from numeric.floats.rounding import Rounded
from tests.kinds import every

DIGITS = 800
ORDINARY = (0.3, -1.7, 5.0, 40.0, -40.0)
EXTREME = (800.0, -800.0, 1e-8, -1e-300, 1e300)
REFERENCE = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "negate": lambda x: -x,
    "exp": mp.exp,
    "log": mp.log,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "erf": mp.erf,
    "abs": abs,
    "max": max,
    "min": min,
    "identity": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": mp.tanh,
    "relu": lambda x: max(x, mp.mpf(0)),
    "step": lambda x: mp.mpf(x > 0),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.ncdf(x) if x > -(10**6) else mp.mpf(0),
}
POSITIVE_ONLY = {"log", "sqrt", "power"}
x, y = Name("x"), Name("y")


def number(text):
    return Number(Fraction(text), text)


def points_of(operation):
    """Ordinary and extreme points of an operation's domain; max and min take any number of operands."""
    if OPERATIONS[operation].least == 1:
        points = [(p,) for p in ORDINARY + EXTREME]
    else:
        points = [(p, q) for p in (*ORDINARY, 1e300, 1e-300) for q in (0.7, -2.5, 3.0, 1e-8)]
    inside = [point for point in points if point[0] > 0 or operation not in POSITIVE_ONLY]
    return [*inside, *([(1.0, 3.0, -2.0, 2.0)] if operation in ("max", "min") else [])]


def holds(claim, truth):
    if claim.error == math.inf:
        return True
    return abs(truth - mp.mpf(float(claim.value))) <= mp.mpf(float(claim.error))


def partial(f, operands, k):
    """f of its k-th operand alone."""
    return lambda t: f(*operands[:k], t, *operands[k + 1 :])


def applied(operation, operands):
    """The operation on names x1, x2, ..., and their values."""
    names = [Name("x", (k + 1,)) for k in range(len(operands))]
    values = {str(name): Rounded.exact(operand) for name, operand in zip(names, operands, strict=True)}
    return Apply(operation, tuple(names)), values


def test_every_operation_of_the_grammar_has_a_row_and_a_reference():
    """A formula that can be read can be evaluated, and is checked here."""
    assert set(NODE_RULES) == set(OPERATIONS) == set(REFERENCE)


@pytest.mark.parametrize("operation", every(OPERATIONS, 4))
def test_the_value_and_slopes_of_an_operation_are_those_of_its_definition(operation):
    """At saturated, tiny and huge points too; there a claim may be inf, but not wrong."""
    for point in points_of(operation):
        node, values = applied(operation, point)
        value, slopes = evaluate(node, values), pull(node, values, Rounded.exact(1.0))
        with mp.workdps(DIGITS):
            operands = [mp.mpf(operand) for operand in point]
            assert holds(value, REFERENCE[operation](*operands)), point
            for k, name in enumerate(node.args):
                moved = partial(REFERENCE[operation], operands, k)
                assert holds(slopes[str(name)], mp.diff(moved, operands[k])), (point, k)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_claims_on_ordinary_numbers_keep_thirteen_digits(operation):
    """A claim of inf would hold as well."""
    for point in (0.3, 2.0, 5.0):
        node, values = applied(operation, (point, 0.7)[: OPERATIONS[operation].least])
        for claim in (evaluate(node, values), *pull(node, values, Rounded.exact(1.0)).values()):
            assert claim.error <= 1e-13 * abs(claim.value)


@pytest.mark.parametrize("operation", ["sigmoid", "tanh"])
def test_a_saturated_unit_keeps_thirteen_digits_in_its_slope(operation):
    """Nodes use the rows of the layers."""
    node, values = applied(operation, (40.0,))
    slope = pull(node, values, Rounded.exact(1.0))["x[1]"]
    assert 0 < slope.error < 1e-13 * slope.value


def test_a_name_gathers_the_slopes_of_all_its_appearances():
    """d(x x + 3 x)/dx = 2 x + 3."""
    node = Apply("add", (Apply("multiply", (x, x)), Apply("multiply", (number("3"), x))))
    values = {"x": Rounded.exact([1.0, -2.0])}
    assert evaluate(node, values).value.tolist() == [4.0, -2.0]
    slope = pull(node, values, Rounded.exact([1.0, 10.0]))["x"]
    assert slope.value.tolist() == [5.0, -10.0]
    assert not slope.error.any()


def test_slopes_reach_operands_in_their_own_order():
    """(x - y)/(y + 2) at x = 3, y = 2: 1/4 and -5/16."""
    node = Apply("divide", (Apply("subtract", (x, y)), Apply("add", (y, number("2")))))
    values = {"x": Rounded.exact(3.0), "y": Rounded.exact(2.0)}
    slopes = pull(node, values, Rounded.exact(1.0))
    assert float(slopes["x"].value) == pytest.approx(1 / 4)
    assert float(slopes["y"].value) == pytest.approx(-5 / 16)


def test_a_slope_has_the_shape_of_its_name():
    """A name that was broadcast gathers over its copies."""
    values = {"x": Rounded.exact(2.0), "y": Rounded.exact([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])}
    slopes = pull(Apply("multiply", (x, y)), values, Rounded.exact(1.0))
    assert slopes["x"].value.tolist() == 63.0
    assert slopes["y"].value.tolist() == [[2.0] * 3] * 2
    values["x"] = Rounded.exact([[1.0], [3.0]])
    assert pull(Apply("multiply", (x, y)), values, Rounded.exact(1.0))["x"].value.tolist() == [[7.0], [56.0]]


@pytest.mark.slow
def test_a_formula_is_as_deep_as_it_likes():
    """No recursion: 3,000 nested operations are no hazard."""
    node = x
    for _ in range(1_500):
        node = Apply("negate", (Apply("identity", (node,)),))
    values = {"x": Rounded.exact(1.5)}
    assert evaluate(node, values).value == 1.5
    assert pull(node, values, Rounded.exact(1.0))["x"].value == 1.0
    assert margins(node, values) == []


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_known_to_half_a_unit(name):
    """e and pi are no floats."""
    claim = evaluate(Constant(name), {})
    with mp.workdps(50):
        assert holds(claim, +getattr(mp, name))
    assert claim.error <= math.ulp(float(claim.value)) / 2


@pytest.mark.parametrize(
    ("base", "exponent", "value", "slope"),
    [(-3, 3, -27, 27), (-2, -1, -0.5, -0.25), (0, 2, 0, 0)],
)
def test_an_integer_power_is_good_for_any_base(base, exponent, value, slope):
    """And exact where float64 is."""
    node, values = Apply("power", (x, number(str(exponent)))), {"x": Rounded.exact(float(base))}
    claim = evaluate(node, values)
    assert (claim.value, claim.error) == (value, 0)
    assert pull(node, values, Rounded.exact(1.0))["x"].value == slope


def test_the_zeroth_power_is_one_and_flat_even_at_zero():
    """p x^(p-1) reads 0/0 there."""
    node, values = Apply("power", (x, number("0"))), {"x": Rounded.exact(0.0)}
    slope = pull(node, values, Rounded.exact(1.0))["x"]
    assert evaluate(node, values).value == 1
    assert (slope.value, slope.error) == (0, 0)


def test_a_real_power_of_a_negative_number_claims_nothing():
    """(-8)^(1/3) has no real principal value."""
    node = Apply("power", (x, number("1/3")))
    assert evaluate(node, {"x": Rounded.exact(-8.0)}).error == math.inf


@pytest.mark.parametrize(
    ("operation", "point", "slopes"),
    [
        ("abs", (0.0,), (0.0,)),
        ("relu", (0.0,), (0.0,)),
        ("step", (0.0,), (0.0,)),
        ("max", (2.0, 2.0, 1.0, 2.0), (1.0, 0.0, 0.0, 0.0)),
        ("min", (2.0, 1.0, 1.0), (0.0, 1.0, 0.0)),
    ],
)
def test_at_a_kink_hit_exactly_the_convention_holds_without_doubt(operation, point, slopes):
    """|x| is flat at 0, and of equals the first has it all."""
    node, values = applied(operation, point)
    claims = pull(node, values, Rounded.exact(1.0))
    assert tuple(float(claims[str(name)].value) for name in node.args) == slopes
    assert not any(claims[str(name)].error for name in node.args)


@pytest.mark.parametrize(
    ("operation", "claims", "either"),
    [
        ("abs", ((1e-12, 1e-11),), (-1, 1)),
        ("relu", ((-1e-12, 1e-11),), (0, 1)),
        ("max", ((2.0, 1e-9), (2.0, 0.0)), (0, 1)),
        ("min", ((2.0, 1e-9), (2.0, 0.0)), (0, 1)),
    ],
)
def test_a_kink_in_doubt_claims_the_slopes_of_both_sides(operation, claims, either):
    """The true argument may be on the other side."""
    node, values = applied(operation, [0.0] * len(claims))
    values = {name: Rounded(*claim) for name, claim in zip(values, claims, strict=True)}
    slopes = pull(node, values, Rounded.exact(1.0)).values()
    assert all(slope.value - slope.error <= either[0] for slope in slopes)
    assert all(slope.value + slope.error >= either[1] for slope in slopes)


def test_every_kink_inside_a_formula_shows_its_margin():
    """max meets its arguments one by one, against the largest so far."""
    largest = Apply("max", (x, y, number("7")))
    node = Apply("relu", (Apply("subtract", (Apply("abs", (y,)), largest)),))
    found = margins(node, {"x": Rounded.exact(2.0), "y": Rounded.exact(5.0)})
    assert [(text, float(margin.value)) for text, margin in found] == [
        ("abs's argument", 5.0),
        ("max's arguments differ by", 3.0),
        ("max's arguments differ by", 2.0),
        ("relu's argument", -2.0),
    ]


def test_the_margins_of_min_compare_with_the_smallest_so_far():
    """min(2, 5, 1): 5 is 3 above 2, and 1 is 1 below it."""
    node, values = applied("min", (2.0, 5.0, 1.0))
    assert [abs(float(margin.value)) for _, margin in margins(node, values)] == [3.0, 1.0]


@pytest.mark.parametrize("ask", [evaluate, margins, lambda node, values: pull(node, values, values["x"])])
def test_a_derivative_is_refused(ask):
    """Witnesses that read values may not be handed a slope."""
    with pytest.raises(AnswerError, match="'dC/dx' is a derivative"):
        ask(Apply("negate", (Derivative(Name("C"), (x,)),)), {"x": Rounded.exact(1.0)})


def test_a_name_without_a_value_is_refused_with_a_suggestion():
    """The message says what was meant, and where it stands."""
    with pytest.raises(AnswerError, match="'alhpa' has no value here; did you mean 'alpha'") as refusal:
        evaluate(Name("alhpa", column=4), {"alpha": Rounded.exact(1.0)})
    assert refusal.value.column == 4
