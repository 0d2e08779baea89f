"""Weights are moved in plain float64, under bounds that are known from a few points of their unit."""

from fractions import Fraction

import numpy as np
import pytest

from derive.rules import ACTIVATIONS, COSTS
from derive.steps import given_values, program_of
from numeric.balls.enclosure import balls_of, enclose
from numeric.floats import moved_units
from numeric.floats.backprop import backprop
from numeric.floats.differences import differences
from numeric.floats.moved_units import moved_z, unit_slopes
from numeric.floats.network import arrays_of, cost_rule, unit_rule
from numeric.floats.rounding import Plain, Rounded, sigmoid_less
from numeric.floats.single_uses import Moves
from numeric.floats.standing import Base
from numeric.floats.unit_reach import bounds_of
from tests.kinds import every

RULES = [name for name in ACTIVATIONS if name != "general"]
z = np.array([[-3.0, -0.25, 0.75], [40.0, 1.5, -800.0], [2.0**-30, 0.5, 30.0], [-0.6, 0.4, 0.1]])


def assert_within(plain, rounded):
    assert isinstance(plain, Plain)
    known = np.isfinite(rounded.error)
    # Both may err, each to its own side.
    assert (np.abs(plain.value - rounded.value)[known] <= 2 * rounded.error[known]).all()


@pytest.mark.parametrize("name", every(RULES, 6))
def test_a_plain_activation_is_the_bounded_one_without_its_bound(name):
    """One formula serves both, so its rounding is what the bound speaks of."""
    rule = unit_rule(ACTIVATIONS[name].given())
    pieces = z if name != "maxout" else np.hstack([z, -z])
    with np.errstate(all="ignore"):
        assert_within(rule.value(Plain(pieces)), rule.value(Rounded.exact(pieces)))


@pytest.mark.parametrize("name", every(COSTS, 6))
def test_a_plain_cost_is_the_bounded_one_without_its_bound(name):
    """Its targets have no bound either."""
    rule, y = cost_rule(COSTS[name].given()), np.array([0.25, 1.0, 0.5])
    a = np.array([[0.3, 0.5, 0.9], [1e-9, 0.999, 0.25]])
    with np.errstate(all="ignore"):
        assert_within(rule.parts(Plain(a), Plain(y)), rule.parts(Rounded.exact(a), Rounded.exact(y)))


@pytest.mark.parametrize("reach", [1.0, 900.0], ids=["near", "far"])
def test_a_plain_sigmoid_less_its_target_is_the_bounded_one_without_its_bound(reach):
    """Where e^z is in range and both quotients share one sum, and where another form is necessary."""
    at, y = z / 800 * reach, np.array([1.0, 0.25, 0.0])
    with np.errstate(all="ignore"):
        assert_within(sigmoid_less(Plain(at), Plain(y)), sigmoid_less(Rounded.exact(at), Rounded.exact(y)))


@pytest.mark.parametrize("activation", every(["sigmoid", "elu", "softmax", "maxout", "z*sigmoid(z)"], 3))
def test_a_unit_s_bound_covers_the_cost_wherever_its_weights_are_moved(activation, random_problem):
    """Held against the cost with that one parameter changed, in balls."""
    problem = random_problem(np.random.default_rng(5), [2, 2, 2, 1], [activation, "tanh", "sigmoid"])
    base, program, given = Base.of(problem, problem.body), program_of(problem), given_values(problem)
    layers = [Moves.of(base, l).times(2.0**-13) for l in (1, 2, 3)]
    for layer, bound in zip(layers, bounds_of(base, layers), strict=True):
        values = moved_units._values(base, layer)
        assert not bound.apart.any()
        for point, owner in enumerate(layer.owner):
            key = problem.parameters[owner].key
            for side, value in zip(moved_units.SIDES, values[:, point], strict=True):
                there = given | {key: given[key] + Fraction(side * layer.h[point])}
                truth = enclose(program, balls_of(there), ["C"])["C"].mid
                away = abs(Fraction(float(value)) - truth)
                assert away <= bound.error[point] <= 1e-13


@pytest.mark.parametrize("activation", ["relu", "softmax", "maxout"])
def test_layers_that_go_side_by_side_are_what_each_is_alone(activation, random_problem):
    """A point joins at its own layer and meets those of earlier ones there; nobody changes places."""
    problem = random_problem(
        np.random.default_rng(4), [2, 3, 2, 2], [activation, "tanh", "sigmoid"], samples=2
    )
    base = Base.of(problem, problem.body)
    layers = [Moves.of(base, l).times(2.0**-9) for l in (1, 2, 3)]
    together, alone = moved_z(base, layers), [moved_z(base, [layer]) for layer in layers]
    assert together.crossed.keys() == {
        start + p
        for start, one in zip(np.cumsum([0, *map(len, layers)]), alone, strict=False)
        for p in one.crossed
    }
    value = np.concatenate([one.cost.value for one in alone])
    assert (np.abs(together.cost.value - value) <= 2 * together.cost.error).all()
    assert together.h.tolist() == [h for layer in layers for h in layer.h.tolist()]


def test_how_weights_are_moved_is_a_matter_of_speed(random_problem, monkeypatch):
    """One point at a time without bounds, or all at once with them."""
    problem = random_problem(np.random.default_rng(6), [3, 4, 2], ["relu", "sigmoid"], samples=2)
    whole = differences(problem)
    monkeypatch.setattr("numeric.floats.moved_units.FEW", 0)
    monkeypatch.setattr("numeric.floats.plain_moves.BLOCK", 1)
    monkeypatch.setattr("numeric.floats.secants.CHUNK", 1)
    parts = differences(problem)
    for entry, claim in whole.items():
        assert claim.value == pytest.approx(parts[entry].value, rel=1e-9, abs=claim.error)
        assert claim.why == parts[entry].why


def test_a_weight_of_an_input_of_0_moves_nothing(network, layer):
    """C is one number wherever the weight is, so its difference is 0 without any doubt."""
    problem = network([layer("sigmoid", [["0.3", "0.2"]], ["0.1"])], [["0", "0.7"]], [["0.4"]])
    claim = differences(problem)["C", "w1[1,1]"]
    assert (claim.value, claim.error) == (0.0, 0.0)
    assert differences(problem)["C", "w1[1,2]"].error > 0


def test_the_arrays_of_a_problem_are_made_once_and_for_good(random_problem):
    """Both witnesses read them, so neither may write."""
    problem = random_problem(np.random.default_rng(7), [2, 2], ["sigmoid"])
    arrays = arrays_of(problem, problem.body)
    assert arrays_of(problem, problem.body) is arrays
    with pytest.raises(ValueError, match="read-only"):
        arrays.W[1].value[0, 0] = 1.0


def test_many_weights_agree_with_backpropagation(random_problem):
    """3,310 differences, each within its own error of the other witness."""
    problem = random_problem(np.random.default_rng(8), [99, 30, 10], ["sigmoid", "sigmoid"])
    moved, pushed = differences(problem), backprop(problem)
    assert (np.abs(moved.value - pushed.value) <= moved.error + pushed.error).all()
    assert np.median(moved.error / np.abs(moved.value)) < 1e-6


@pytest.mark.parametrize(("size", "weight"), [("1e-190", "0.4"), ("0.3", "0.4"), ("1e190", "1e-190")])
def test_a_unit_s_bend_is_that_of_its_weights_whatever_their_inputs_size(
    size, weight, network, layer, monkeypatch
):
    """Truncation goes with the square of what a weight reads, and the square of 1e-190 is 0."""
    monkeypatch.setattr("numeric.floats.moved_units.FEW", 0)
    layers = [layer("tanh", [[weight]], ["0.7"]), layer("sigmoid", [["1.5"]])]
    problem = network(layers, [[size]], [["0.1"]])
    moved, pushed = differences(problem), backprop(problem)
    assert np.isfinite(moved.error).all()
    assert (np.abs(moved.value - pushed.value) <= moved.error + pushed.error).all()


def test_every_weight_is_moved_itself(random_problem, monkeypatch):
    """A weight whose own input is misread is wrong, and its unit's other weights are not."""
    problem = random_problem(np.random.default_rng(9), [3, 2, 1], ["tanh", "sigmoid"])
    monkeypatch.setattr("numeric.floats.moved_units.FEW", 0)
    base = Base.of(problem, problem.body)
    layer = Moves.of(base, 1)
    right = unit_slopes(base, [layer])
    below = base.below[1]
    value = below.value.copy()
    value[:, 1] *= 1.5
    base.__dict__["below"] = {**base.below, 1: Rounded(value, below.error)}
    wrong = unit_slopes(base, [layer])
    differ = np.abs(wrong.value - right.value) > wrong.error + right.error
    assert (differ == (layer.inputs == 1)).all()
