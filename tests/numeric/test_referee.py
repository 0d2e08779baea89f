"""The referee's difference has sixty digits, and knows a kink from a curve."""

from fractions import Fraction

import pytest

from derive.steps import given_values, program_of
from numeric.balls.enclosure import balls_of
from numeric.balls.referee import Referee
from numeric.evidence import verify


def ruling(problem, of="z", by="x"):
    return Referee.of(program_of(problem), balls_of(given_values(problem)), [of]).rule(of, by)


SMOOTH = {
    "z = exp(x)*y": 1,
    "z = sin(x*y)": "0.3",
    "z = x^2 - x^2 + x*1e20 - 1e20*x + y": 3,
    "z = relu(x)^2": 0,
    "z = relu(x)^3": 0,
    "z = abs(x)*x": 0,
    "z = x/(1 + abs(x))": 0,
    "z = max(x, x^2)*y": 2,
}


@pytest.mark.parametrize("step", SMOOTH)
def test_the_referee_is_right_to_thirty_digits_and_more(step, graph):
    """Sixty where C is smooth, thirty where only its first derivative is continuous."""
    problem = graph([step], {"x": SMOOTH[step], "y": "0.5"})
    found = ruling(problem)
    truth = verify(problem)["dz/dx"].symbolic
    assert found.why == ""
    assert abs(found.value - truth.mid) <= found.error + truth.radius
    assert found.error < Fraction(1, 10**31)


@pytest.mark.parametrize(
    "step", ["z = abs(x)", "z = relu(x)*y", "z = max(x, 2*x)", "z = min(x, 0)", "z = step(x)"]
)
def test_at_a_kink_or_a_jump_it_refuses_and_names_the_step(step, graph):
    """The central difference of |x| at 0 is 0, and means nothing."""
    found = ruling(graph([step], {"x": 0, "y": "0.5"}))
    assert found.why == "the slopes on both sides differ"
    assert found.kinks == ("z",)


def test_a_tie_that_does_not_move_is_no_kink(graph):
    """max(y, y2) stays tied whatever x does."""
    problem = graph(["m = max(y, w)", "z = m*x"], {"x": 2, "y": 1, "w": 1})
    assert ruling(problem).why == ""
    assert ruling(problem, by="y").kinks == ("m",)


def test_rational_costs_keep_their_digits(graph):
    """x + 1e20 - 1e20 is exact in fractions; at 53 bits the step would vanish."""
    found = ruling(graph(["a = x + 1e20", "z = a - 1e20"], {"x": 2}))
    assert (found.value, found.error) == (1, 0)


def test_more_precision_is_taken_where_the_slope_is_tiny(graph):
    """e^-700 beside 1: 512 bits would leave nothing of it."""
    found = ruling(graph(["z = 1 + exp(-x)"], {"x": 700}))
    truth = verify(graph(["z = exp(-x)"], {"x": 700}))["dz/dx"].symbolic.mid
    assert abs(found.value - truth) < abs(truth) * Fraction(1, 10**28)


def test_where_the_cost_has_no_value_it_says_so(graph):
    """One side of 0 has no root."""
    assert "no value" in ruling(graph(["z = sqrt(x)"], {"x": 0})).why
