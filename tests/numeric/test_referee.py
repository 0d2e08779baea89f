"""The referee's difference has sixty digits, and knows a kink from a curve."""

from fractions import Fraction

import pytest

from derive.files.load import load_problem
from derive.steps import given_values, program_of
from numeric.balls.enclosure import balls_of
from numeric.balls.referee import Referee
from numeric.evidence import verify
from numeric.judging.checking import check


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


@pytest.mark.parametrize("step", ["z = relu(x) - relu(-x)", "z = max(x, y) + min(x, y) - y"])
def test_kinks_that_cancel_are_undecided_and_no_disagreement(step, graph):
    """The function is smooth, and slopes that convention gives to its parts do not add up to its own."""
    row = verify(graph([step], {"x": 0, "y": 0}))["dz/dx"]
    assert row.verdict in ("undecided", "agree")
    assert row.verdict == "agree" or "convention" in row.note


def test_a_kink_that_stays_does_not_hide_the_one_that_moves(graph):
    """Both stand in one step: relu(u) leaves its kink, relu(v) does not."""
    found = ruling(graph(["z = relu(x) + relu(y)"], {"x": 0, "y": 0}))
    assert found.kinks == ("z",)


def test_a_kink_without_consequence_is_no_excuse(graph):
    """relu(x)^2 has slope 0 on both sides, and whatever else somebody claims is wrong."""
    problem = graph(["z = relu(x)^2"], {"x": 0, "y": 1})
    found, truth = ruling(problem), verify(problem)["dz/dx"].symbolic
    assert found.kinks == ("z",)
    assert not found.is_convention(truth)
    assert not check({"x": 1.0}, problem)
    assert check({"x": 1.0}, problem).entries[0].verdict == "wrong"


@pytest.mark.parametrize("theirs", [0.5, 1.0])
def test_another_convention_is_as_good_at_a_kink(theirs, graph):
    """Half the slope, or the right one: nobody is told that it is wrong."""
    problem = graph(["z = relu(x) + relu(y)"], {"x": 0, "y": 0})
    entry = check({"x": theirs}, problem).entries[0]
    assert (entry.verdict, "relu has no slope at 0; here it is 0" in entry.note) == ("undecided", True)


def test_a_published_slope_at_a_kink_is_unknown_and_says_why():
    """A source that takes another convention did not slip."""
    stated = {
        "graph": {"steps": ["z = abs(x)*y"], "output": "z"},
        "values": {"x": 0, "y": 2},
        "published": [{"quantity": "dz/dx", "value": "2"}],
    }
    (judgement,) = verify(load_problem(stated)).published
    assert (judgement.verdict, "convention" in judgement.note) == ("unknown", True)


def test_a_referee_s_error_covers_the_rounding_of_its_value(graph):
    """What is printed is a float, and 60 digits do not fit into it."""
    row = verify(graph(["z = exp(x)*1e200*y"], {"x": "-460.3", "y": "1e-7"}))["dz/dx"]
    value, error = Fraction(row.difference.value), Fraction(row.difference.error)
    assert abs(value - row.symbolic.mid) <= error + row.symbolic.radius


def test_a_tie_that_moves_along_is_named_where_float64_cannot_see_it(graph):
    """max(c, d) of d = c has the slope of c; in float64 d - c may have either sign, and nothing cancels."""
    row = verify(graph(["d = c/3*3", "m = max(c, d)", "z = m^2"], {"c": "0.123"}))["dz/dc"]
    assert row.symbolic.mid == Fraction(row.difference.value).limit_denominator(10**6) == Fraction(246, 1000)
    assert row.verdict == "undecided"
    assert row.note.startswith("m is exactly at a tie that moves along")
