"""Saturated outputs have costs and gradients at any z: numbers in parts against mpmath's bare definitions."""

from fractions import Fraction
from functools import cache

import mpmath as mp
import pytest
import sympy as sp
from flint import ctx, fmpq

from derive.steps import given_values, program_of
from derive.sweep import adjoint
from numeric.balls.enclosure import balls_of, enclosure
from numeric.balls.operations import FUNCTIONS, add, ball, multiply, reciprocal
from numeric.balls.referee import Referee
from numeric.balls.scaled import Scaled, in_parts
from numeric.balls.tape import Tape
from numeric.balls.truths import Numbers
from numeric.evidence import verify
from tests.numeric.hard_cases import classes, output

DIGITS = 12_000
"""Enough that 1 - sigma(12000), of 5,212 zeros, and its differences keep thousands."""

TYPED = {
    "sigmoid": ["p = sigmoid(z)"],
    "by steps": ["E = exp(-z)", "p = 1/(1 + E)"],
    "E/(E + 1)": ["E = e^z", "p = E/(E + 1)"],
    "of a tanh": ["p = (1 + tanh(z/2))/2"],
}
COST = "C = -y*log(p) - (1 - y)*log(1 - p)"


def cost(z, y):
    """The textbook's formula, as it stands."""
    p = 1 / (1 + mp.exp(-z))
    return -y * mp.log(p) - (1 - y) * mp.log(1 - p)


@cache
def at(z):
    """The cost and its slope at y = 0.3, by a central difference."""
    with mp.workdps(DIGITS):
        y, h = mp.mpf(3) / 10, mp.mpf(10) ** -3000
        return cost(z, y), (cost(z + h, y) - cost(z - h, y)) / (2 * h)


def within(claim, truth, digits=25):
    """Whether an enclosure holds mpmath's number, and is no wider than so many of its digits."""
    lo, hi = (mp.mpf(end.numerator) / end.denominator for end in (claim.lo, claim.hi))
    slack = abs(truth) / mp.mpf(10) ** digits
    return lo - slack <= truth <= hi + slack and hi - lo <= slack


@pytest.mark.slow
@pytest.mark.parametrize("z", [12_000, -12_000])
@pytest.mark.parametrize("typed", TYPED)
def test_a_cross_entropy_far_out_is_mpmaths_by_the_bare_definition(graph, typed, z):
    """No identity on their side: 12,000 digits of sigmoid, its logarithms and a difference."""
    numbers = Numbers(graph([*TYPED[typed], COST], {"z": z, "y": "0.3"}))
    with mp.workdps(60):
        assert within(numbers.objectives()["C"], at(z)[0])
        assert within(numbers.gradient()["C", "z"], at(z)[1])


@pytest.mark.parametrize("y", ["0", "1", "0.3"])
@pytest.mark.parametrize("z", ["2e4", "1e6", "-1e6"])
def test_a_saturated_unit_and_its_cross_entropy_agree(z, y):
    """All witnesses: ln(1 - a) has a value where a is 1 to 434,294 digits."""
    evidence = verify(output("sigmoid", z, y, "binary_cross_entropy").problem)
    assert evidence.verdict == "agree"
    far, target = Fraction(z), Fraction(y)
    hinge = target * max(-far, 0) + (1 - target) * max(far, 0)
    assert abs(evidence.cost.mid - hinge) < 1
    assert evidence.cost.radius < Fraction(1, 10**20)


@pytest.mark.parametrize("cost", ["binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("gap", ["1e6", "-1e6"])
def test_a_saturated_softmax_and_its_cross_entropy_agree(gap, cost):
    """p - p^2 cancels to nothing in one piece, and every class has its share of it."""
    assert verify(classes(gap, ["0.5", "0.2", "0.3"], cost).problem).verdict == "agree"


@pytest.mark.parametrize("z", ["1e300", "-1e300"])
def test_a_cross_entropy_at_the_end_of_float64_comes_to_an_end(graph, z):
    """Its number, or none: never a wrong one."""
    found = Numbers(graph(["p = sigmoid(z)", COST], {"z": z, "y": "0.25"})).objectives()["C"]
    truth = Fraction(z) * (Fraction(3, 4) if Fraction(z) > 0 else Fraction(-1, 4))
    assert not found.defined or found.lo <= truth <= found.hi


def test_the_referee_takes_differences_where_only_parts_have_a_value(graph):
    """Values of the cost alone: its slope at z = 10^6 is p - y."""
    problem = graph(["p = sigmoid(z)", COST], {"z": "1e6", "y": "0.3"})
    ruling = Referee.at(Numbers(problem)).rule("C", "z")
    assert ruling.why == ""
    assert abs(ruling.value - Fraction(7, 10)) <= ruling.error < Fraction(1, 10**15)


def test_exponentials_that_are_equal_are_tied_and_not_undecided(graph):
    """e^(a + b) beside e^a e^b: the first argument is taken, as of equal rationals."""
    problem = graph(["c = exp(a + b)", "C = max(c, exp(a)*exp(b))"], {"a": "0.3", "b": "0.2"})
    found = Numbers(problem).derivatives([("C", "a")])
    assert found.tied >= {"dC/dc", "dC/da"}
    assert not found.straddled
    with mp.workdps(60):
        assert within(found[adjoint("C", "a")], mp.exp(mp.mpf(1) / 2))


def test_a_number_beside_itself_is_a_tie_in_parts_too(graph):
    """However wide its ball is."""
    problem = graph(["c = sin(x)", "C = max(c, sin(x))*x"], {"x": "0.3"})
    given = balls_of(given_values(problem))
    run = Tape.of(program_of(problem), given).run_in_parts(given, 256)
    assert (run.tied, run.straddled) == ({"C"}, frozenset())


@pytest.mark.parametrize("output", ["u/v", "u - v", "step(u)"])
def test_what_has_no_value_has_none_in_parts(graph, output):
    """e^(ln x) of a negative x is no power that divides out, and has no sign."""
    problem = graph(["l = log(x)", "u = exp(l)", "v = exp(l)", f"C = {output}"], {"x": "-1"})
    given = balls_of(given_values(problem))
    run = Tape.of(program_of(problem), given).run_in_parts(given, 256)
    assert run.straddled or not ball(run["C"]).is_finite()


def test_one_more_than_an_exponential_is_never_tied_with_it(graph):
    """They differ by e^-40000, which no precision in one piece tells from 0."""
    problem = graph(["C = max(1 + exp(x), 1)*x"], {"x": "-40000"})
    given = balls_of(given_values(problem))
    run = Tape.of(program_of(problem), given).run_in_parts(given, 256)
    assert not run.tied | run.straddled


def rational(number):
    return Scaled.from_ball(fmpq(number))


EXP, LOG, TANH, SIN = (in_parts(FUNCTIONS[name]) for name in (sp.exp, sp.log, sp.tanh, sp.sin))
ADD, TIMES, INVERSE = map(in_parts, (add, multiply, reciprocal))
ONE, LESS, TWO = map(rational, (1, -1, 2))
CHAINS = {
    "1 - 1/(1 + e^u)": (
        lambda u: ADD(ONE, TIMES(LESS, INVERSE(ADD(ONE, EXP(u))))),
        lambda u: 1 - 1 / (1 + mp.exp(u)),
    ),
    "ln(1 + e^u)": (lambda u: LOG(ADD(ONE, EXP(u))), lambda u: mp.log(1 + mp.exp(u))),
    "1 - tanh(u)^2": (
        lambda u: ADD(ONE, TIMES(LESS, TIMES(TANH(u), TANH(u)))),
        lambda u: 1 - mp.tanh(u) ** 2,
    ),
    "1 - e^2u/(e^u + e^2u)": (
        lambda u: ADD(ONE, TIMES(LESS, TIMES(EXP(TIMES(TWO, u)), INVERSE(ADD(EXP(u), EXP(TIMES(TWO, u))))))),
        lambda u: 1 - mp.exp(2 * u) / (mp.exp(u) + mp.exp(2 * u)),
    ),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_chain_in_parts_is_mpmaths(chain):
    """Rational and irrational arguments, at 128 bits here and 1,500 digits there."""
    own, truth = CHAINS[chain]
    for n in (-900, -40, -1, 1, 3, 50, 900):
        with ctx.workprec(128), mp.workdps(1500):
            assert within(enclosure(own(rational(n)).value), truth(mp.mpf(n)))
            sine = TIMES(rational(300), SIN(rational(n)))
            assert within(enclosure(own(sine).value), truth(300 * mp.sin(n)))
