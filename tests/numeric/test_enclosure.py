"""Enclosures hold mpmath's fifty digits, and are at most one float64 unit wide."""

import math
from fractions import Fraction

import mpmath as mp
import pytest
from flint import arb, ctx, fmpq

from numeric.balls.enclosure import REACH, Enclosure, enclosure, nearest_float, relative_digits, settled
from numeric.evidence import verify


def test_a_rational_is_its_own_enclosure():
    """Nothing is lost on the way from fmpq."""
    assert enclosure(fmpq(1, 3)) == Enclosure(Fraction(1, 3), Fraction(1, 3))


def test_a_ball_becomes_the_fractions_of_its_ends():
    """mid and radius are dyadic, so both ends are exact."""
    found = enclosure(arb(0.75, 0.25))
    assert found.lo <= Fraction(1, 2) < Fraction(1) <= found.hi
    assert found.radius < Fraction(1, 3)


def test_a_ball_without_a_value_says_why():
    """nan never becomes a number."""
    found = enclosure(arb("nan"), "no value in C")
    assert (found.defined, found.why) == (False, "no value in C")


@pytest.mark.parametrize("steps", [["a = exp(x)", "z = exp(a)"], ["a = exp(x)", "b = exp(a)", "z = exp(b)"]])
def test_a_value_beyond_all_reach_is_undefined(graph, steps):
    """exp(exp(148)) has more digits than there are atoms; no integer is built of them."""
    found = verify(graph(steps, {"x": 20 if len(steps) == 2 else 5}))
    assert not found.cost.defined
    assert "10^19728" in found.cost.why
    assert found.verdict == "undecided"


def test_a_value_too_small_for_any_use_is_zero_to_so_many_digits(graph):
    """exp(-exp(20)) is 10^-210704568: the enclosure holds it and 0."""
    cost = verify(graph(["a = exp(x)", "z = exp(-a)"], {"x": 20})).cost
    assert cost.holds_zero
    assert cost.hi == Fraction(1, 2**REACH)
    assert cost.zero_digits == 19727


def test_beyond_float64_a_fraction_is_still_compared():
    """e^1000 is 2e434: settled without a float of it."""
    assert nearest_float(Fraction(10) ** 400) == math.inf
    assert nearest_float(-(Fraction(10) ** 400)) == -math.inf
    assert nearest_float(Fraction(1, 10)) == 0.1
    assert settled(enclosed_exp(1000, 4096))


def enclosed_exp(x, bits):
    with ctx.workprec(bits):
        return arb(x).exp()


@pytest.mark.parametrize(
    ("gap", "size", "digits"), [(1, 1000, 3), (1, 1, 0), (Fraction(1, 10**5000), 1, 5000)]
)
def test_digits_are_powers_of_ten_between_gap_and_size(gap, size, digits):
    """Also where str() would refuse the number."""
    assert relative_digits(Fraction(gap), Fraction(size)) == pytest.approx(digits)


CASES = {
    "hidden z = 30": {"hidden": 30},
    "hidden z = 40": {"hidden": 40},
    "hidden z = -700": {"hidden": -700},
    "output z = 30": {"output": 30, "target": 1},
    "within 1e-12 of the target": {"target": "0.641310352987"},
}


@pytest.mark.parametrize("case", CASES)
def test_an_enclosure_holds_fifty_digits_of_mpmath(case, network, layer):
    """The forward pass is written again here and differentiated by mpmath itself."""
    stated = {"hidden": "0.3", "output": "0.2", "target": "0.7"} | CASES[case]
    problem = network(
        [
            layer("sigmoid", [["0.5", "-0.25"]], [stated["hidden"]]),
            layer("sigmoid", [["0.6"]], [stated["output"]]),
        ],
        [["0.5", "1"]],
        [[stated["target"]]],
    )
    evidence = verify(problem)
    with mp.workdps(400):
        given = [mp.mpf(t) for t in ("0.5", "-0.25", str(stated["hidden"]), "0.6", str(stated["output"]))]

        def sigmoid(z):
            return 1 / (1 + mp.exp(-z))

        def cost(w1, w2, b1, w3, b2):
            a = sigmoid(w3 * sigmoid(w1 * mp.mpf("0.5") + w2 + b1) + b2)
            return (mp.mpf(str(stated["target"])) - a) ** 2 / 2

        for i, row in enumerate(evidence):
            order = tuple(int(k == i) for k in range(5))
            truth = mp.diff(cost, tuple(given), order)
            lo, hi = (mp.mpf(end.numerator) / end.denominator for end in (row.symbolic.lo, row.symbolic.hi))
            slack = mp.mpf(10) ** -50 * abs(truth)
            assert lo - slack <= truth <= hi + slack
            assert hi - lo <= mp.mpf(math.ulp(float(truth)))
            low, high = row.enclosure
            assert mp.mpf(str(low)) <= lo <= hi <= mp.mpf(str(high))


def test_the_text_of_an_enclosure_has_certain_digits_only():
    """0.2991... and 0.2993... agree in three digits, and no more are printed."""
    found = Enclosure(Fraction("0.29911"), Fraction("0.29934"))
    assert found.text() == "0.299"
