"""Balls hold the value that they claim to hold, or say that there is none."""

from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from flint import arb, fmpq

from derive.expressions import Formula, expression
from derive.formula import Scope, parse
from derive.formula.nodes import OPERATIONS, names_in
from derive.steps import Program, Step, Term
from numeric.balls.enclosure import enclosure
from numeric.balls.operations import EXACT_BITS
from numeric.balls.tape import Tape
from tests.kinds import every

X = sp.Symbol("x")
POINTS = ("-1.7", "-0.25", "0.5", "1", "2.5")
MPMATH = {
    "add": (lambda u, v: u + v, "x + 0.3"),
    "subtract": (lambda u, v: u - v, "0.3 - x"),
    "multiply": (lambda u, v: u * v, "x*exp(x)"),
    "divide": (lambda u, v: u / v, "exp(x)/x"),
    "power": (lambda u, v: u**v, "x^3"),
    "negate": (lambda u: -u, "-x"),
    "exp": (mp.exp, "exp(x)"),
    "log": (mp.log, "log(x)"),
    "sqrt": (mp.sqrt, "sqrt(x)"),
    "sin": (mp.sin, "sin(x)"),
    "cos": (mp.cos, "cos(x)"),
    "abs": (abs, "abs(x)"),
    "max": (max, "max(x, 0.3, sin(x))"),
    "min": (min, "min(x, 0.3, sin(x))"),
    "identity": (lambda u: u, "identity(x)"),
    "sigmoid": (lambda u: 1 / (1 + mp.exp(-u)), "sigmoid(x)"),
    "tanh": (mp.tanh, "tanh(x)"),
    "relu": (lambda u: max(u, mp.mpf(0)), "relu(x)"),
    "step": (lambda u: mp.mpf(u > 0), "step(x)"),
    "tan": (mp.tan, "tan(x)"),
    "sinh": (mp.sinh, "sinh(x)"),
    "cosh": (mp.cosh, "cosh(x)"),
    "erf": (mp.erf, "erf(x)"),
    "softplus": (lambda u: mp.log1p(mp.exp(u)), "softplus(x)"),
    "softsign": (lambda u: u / (1 + abs(u)), "softsign(x)"),
    "silu": (lambda u: u / (1 + mp.exp(-u)), "silu(x)"),
    "gelu": (lambda u: u * mp.ncdf(u), "gelu(x)"),
}


def reference(text, x):
    """The same formula with mpmath's functions."""
    return value(parse(text, Scope(names=frozenset({"x"}))), x)


def value(node, x):
    if hasattr(node, "args"):
        function = MPMATH[node.operation][0]
        return function(*(value(arg, x) for arg in node.args))
    if hasattr(node, "value"):
        return mp.mpf(node.value.numerator) / node.value.denominator
    return x


def run(text, x, bits=256):
    formula = Formula(expression(parse(text, Scope(names=frozenset({"x"}))), {"x": X}), (X,))
    tape = Tape.of(Program((Step("f", (Term(formula, ("x",)),), "test"),)), ["x"])
    return tape.run({"x": x}, bits)


def number(text):
    value = Fraction(text)
    return fmpq(value.numerator, value.denominator)


def holds(found, truth):
    claim = enclosure(found)
    lo, hi = (mp.mpf(end.numerator) / end.denominator for end in (claim.lo, claim.hi))
    slack = mp.mpf(10) ** -50 * (1 + abs(truth))
    return lo - slack <= truth <= hi + slack and hi - lo < slack


def test_every_operation_has_a_reference_here():
    """An operation nobody checks would be believed."""
    assert set(MPMATH) == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("point", every(POINTS, 4))
def test_an_operation_in_balls_is_mpmaths(operation, point):
    """Fifty digits against an arithmetic that shares no code."""
    text = MPMATH[operation][1]
    found = run(text, number(point))["f"]
    with mp.workdps(60):
        truth = reference(text, mp.mpf(point))
        if isinstance(truth, mp.mpc):
            assert not arb(found).is_finite()
        else:
            assert holds(found, truth)


@pytest.mark.parametrize(
    "text",
    [
        "min(max(x, -1), 1)",
        "abs(max(x, 1))",
        "max(0, 1 - abs(x))",
        "relu(abs(x) - 1)",
        "step(min(x, abs(x)))",
    ],
)
@pytest.mark.parametrize("point", POINTS)
def test_choices_may_be_nested(text, point):
    """SymPy turns a choice inside a condition into an ITE of relations."""
    with mp.workdps(60):
        assert holds(run(text, number(point))["f"], reference(text, mp.mpf(point)))


@pytest.mark.parametrize(
    "text", ["x*log(-2)", "x*sqrt(-4)", "x + 0^(-1)", "1/(x - 1)", "log(x - 1)", "(-2)^x/0"]
)
def test_what_has_no_real_value_is_undefined(text):
    """Neither a traceback nor a number."""
    assert not arb(run(text.replace("^x", "^(x/2)"), fmpq(1))["f"]).is_finite()


@pytest.mark.parametrize("power", [2, 3, 7])
def test_an_integer_power_of_a_ball_around_zero_is_a_ball_around_zero(power):
    """arb's own power has no value there, and (y - a)^2 with y = a would have none."""
    found = run(f"sin(x)^{power}", arb(0, 1e-30))["f"]
    assert arb(found).is_finite()
    assert arb(found).contains(0)


def test_rationals_stay_exact_until_they_are_long():
    """relu networks are computed without any error; training does not double lengths for ever."""
    assert run("x*x - x/3", fmpq(1, 7))["f"] == fmpq(1, 49) - fmpq(1, 21)
    long = run("x^1000", fmpq(123456789, 1000000007), 64)["f"]
    assert isinstance(long, arb)
    assert EXACT_BITS > 64


def test_a_tie_is_remembered_by_the_step_that_sat_on_it():
    """A convention decided there, which messages must say."""
    assert run("relu(x)", fmpq(0)).tied == {"f"}
    assert run("relu(x)", fmpq(1)).tied == set()


def test_a_condition_that_balls_cannot_decide_covers_both_sides():
    """max(sin x, 1/2) with sin x within a ball around 1/2."""
    found = run("step(x)", arb(0, 1e-10))
    assert found.straddled == {"f"}
    assert arb(found["f"]).contains(0)
    assert arb(found["f"]).contains(1)


def test_a_run_with_one_number_moved_is_the_whole_run_with_that_number():
    """Values, ties and doubts alike, whether the move leaves a tie, reaches one or has nothing to do with it."""
    texts = {"m": "max(x, y)", "r": "relu(w)", "q": "exp(m)*r + w", "s": "abs(y - m)", "t": "max(w, w)*q"}
    names = {"x", "y", "w", *texts}
    steps = tuple(
        Step(key, (Term(Formula(expression(node, symbols), tuple(symbols.values())), tuple(symbols)),), "")
        for key, text in texts.items()
        for node in [parse(text, Scope(names=frozenset(names)))]
        for symbols in [{name: sp.Symbol(name) for name in sorted(map(str, names_in(node)))}]
    )
    given = {"x": fmpq(1, 3), "y": fmpq(1, 3), "w": fmpq(0)}
    tape = Tape.of(Program(steps), given)
    base = tape.run(given, 200)
    for key in given:
        values = [fmpq(1, 3), fmpq(0), fmpq(-2), arb("0.2 +/- 0.3")]
        for value, moved in zip(values, tape.moved(base, key, values, 200), strict=True):
            whole = tape.run(given | {key: value}, 200)
            assert all(str(moved[name]) == str(whole[name]) for name in names)
            assert (moved.ties, moved.straddled) == (whole.ties, whole.straddled)
    assert {key for key, _ in base.ties} == {"m", "r", "s", "t"}
