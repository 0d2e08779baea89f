"""What is left free is drawn where it has a value, the same for the same seed."""

from fractions import Fraction

import pytest

from derive.files.load import load_problem
from derive.rules import COSTS
from numeric.evidence import verify
from numeric.sampling import POINTS, concrete
from tests.kinds import RULES, every, thinned


def free(cost="half_squared_error", last="sigmoid", first="general"):
    layers = [{"units": 3, "activation": first}, {"units": 2, "activation": last}]
    return load_problem({"title": "free", "network": {"inputs": 2, "cost": cost, "layers": layers}})


def test_every_instance_is_concrete():
    """Nothing free is left, not even the function."""
    points = concrete(free())
    assert len(points) == POINTS
    assert not any(point.is_free for point in points)


def test_the_same_seed_draws_the_same_numbers_and_another_others():
    """A verdict can be reproduced."""
    first, again, other = ([point.parameters for point in concrete(free(), seed)] for seed in (1, 1, 2))
    assert first == again != other


def test_draws_are_decimals_of_three_digits():
    """So that an instance can be worked by hand."""
    assert all(
        Fraction(p.value * 1000).denominator == 1 for point in concrete(free()) for p in point.parameters
    )


def test_a_general_function_stands_for_three_different_ones():
    """What holds for tanh alone need not hold for every phi."""
    layers = [point.body.layer(1) for point in concrete(free())]
    assert len({str(layer.activation.formula(1).expr) for layer in layers}) == POINTS


@pytest.mark.parametrize("last", every(["sigmoid", "softmax", "identity", "relu", "general"], 4))
@pytest.mark.parametrize("cost", ["binary_cross_entropy", "cross_entropy", "squared_error"])
def test_draws_lie_inside_the_rules_domains(cost, last):
    """A logarithm of a negative output would decide nothing."""
    assert verify(free(cost, last)).agree


@pytest.mark.parametrize("step", ["z = log(x - 2)", "z = sqrt(1 - 3*x*y)/(x - y)", "z = log(-x)"])
def test_draws_of_a_graph_lie_inside_its_domain(step):
    """Ranges widen until the formula has a value."""
    assert verify(load_problem({"title": "free", "graph": {"steps": [step], "output": "z"}})).agree


def test_what_has_no_value_anywhere_is_undecided():
    """No endless search, and no empty agreement."""
    found = verify(load_problem({"title": "free", "graph": {"steps": ["z = log(-1 - x^2)"], "output": "z"}}))
    assert found.verdict == "undecided"


def test_numbers_that_are_given_stay():
    """Only what is free is drawn."""
    layers = [{"units": 1, "activation": "tanh", "weights": [["0.25", "w"]], "biases": False}]
    problem = load_problem(
        {"title": "part", "network": {"inputs": 2, "cost": "squared_error", "layers": layers}}
    )
    assert {point.parameters[0].value for point in concrete(problem)} == {Fraction(1, 4)}


@pytest.mark.parametrize("cost", thinned(COSTS, RULES))
def test_free_targets_are_such_as_the_cost_assumes(cost):
    """hinge reads 1 and -1 only; nobody's proof should rest on other targets."""
    layer = {"units": 2, "activation": "softmax"}
    problem = load_problem({"network": {"inputs": 2, "cost": cost, "layers": [layer]}})
    for point in concrete(problem):
        assert all(COSTS[cost].targets.allow(target) for row in point.y for target in row)
    assert verify(problem).agree
