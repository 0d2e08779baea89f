"""Predicted against actual: the change of the cost to first order, and in truth."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from derive.files.load import bundled, load_problem
from derive.sweep import adjoint
from derive.training.update import trained
from derive.training.update_rules import UPDATE_RULES
from numeric.evidence import verify
from numeric.training.first_update import SHARES, Columns, _in_steps, first_update

LAYER = {"units": 1, "activation": "tanh", "weights": [["0.5", "-0.25"]], "biases": ["0.3"]}
X = [["0.5", "1"], ["1", "-1"], ["0.2", "0.9"], ["-0.4", "0.3"]]
Y = [["0.7"], ["0.1"], ["1"], ["0.4"]]
FOLLOWED = [name for name in bundled() if load_problem(name).training and load_problem(name).objectives]


def problem(layer=LAYER, x=X, y=Y, cost="half_squared_error", **training):
    return load_problem(
        {
            "network": {"inputs": len(x[0]), "cost": cost, "layers": [layer]},
            "data": {"x": x, "y": y},
            "training": {"rate": "0.1", **training},
        }
    )


def cost(p, rows=slice(None)):
    x, y = np.array(X, float)[rows], np.array(Y, float)[rows, 0]
    return float(((y - np.tanh(x @ p[:2] + p[2])) ** 2).sum() / 2)


def moved(first, stated):
    return np.array([float(first.value(f"{p.key}'").mid) for p in stated.parameters])


START = np.array([0.5, -0.25, 0.3])


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adam"])
def test_the_actual_change_is_that_of_a_float_pass(rule):
    """C(w′) − C(w), worked again in NumPy."""
    stated = problem(rule=rule)
    first = first_update(stated)
    expected = cost(moved(first, stated)) - cost(START)
    assert float(first.changes[0].actual.mid) == pytest.approx(expected, rel=1e-9)


def test_gradient_descent_predicts_the_rate_times_the_gradients_square():
    """−η‖∇C‖², with the gradients that the evidence proves."""
    stated = problem()
    norm = sum(row.symbolic.mid**2 for row in verify(stated))
    predicted = first_update(stated).changes[0].predicted
    assert abs(predicted.mid + Fraction(1, 10) * norm) < Fraction(1, 10**25)


@pytest.mark.parametrize("name", FOLLOWED)
@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adam"])
def test_the_first_update_lowers_every_worked_example_to_first_order(name, rule):
    """The prediction is below 0 under every rule that follows the gradient."""
    stated = load_problem(name)
    row = next(row for row in UPDATE_RULES if row.name == rule)
    training = replace(stated.training, rule=row, settings=dict(row.settings))
    assert first_update(replace(stated, training=training)).changes[0].predicted.mid < 0


@pytest.mark.parametrize("rule", [row for row in UPDATE_RULES if not row.sample], ids=lambda row: row.words)
@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_whole_layers_make_the_same_update_as_the_steps_one_by_one(activation, rule):
    """Every number that the lines read or make, and the changes of C: with frozen biases, too."""
    layer = {**LAYER, "activation": activation, "frozen": ["b1[1]"]}
    stated = problem(layer)
    stated = replace(stated, training=replace(stated.training, rule=rule, settings=dict(rule.settings)))
    first, steps = first_update(stated), _in_steps(stated)
    assert isinstance(first.run, Columns)
    for key in first.run.index:
        one, other = first.value(key), steps.value(key)
        assert one.text() == other.text() and one.lo <= other.hi and other.lo <= one.hi
    for one, other in zip(first.changes, steps.changes, strict=True):
        assert one.rate == other.rate
        assert [e.text() for e in (one.predicted, one.actual, one.descent, one.ratio)] == [
            e.text() for e in (other.predicted, other.actual, other.descent, other.ratio)
        ]


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum"])
def test_the_ratio_tends_to_1_tenfold(rule):
    """What is missed is of second order in the rate."""
    gaps = [abs(change.ratio.mid - 1) for change in first_update(problem(rule=rule)).changes]
    assert [float(far / near) for far, near in pairwise(gaps)] == pytest.approx([10, 10], rel=0.1)


def test_the_rates_are_the_stated_one_a_tenth_and_a_hundredth():
    """And each change belongs to its own."""
    changes = first_update(problem()).changes
    assert [change.rate for change in changes] == [share / 10 for share in SHARES]
    assert float(changes[1].predicted.mid / changes[0].predicted.mid) == pytest.approx(0.1, rel=1e-12)


def test_a_frozen_parameter_neither_moves_nor_counts():
    """Of Mazur's ten gradients eight are trained, and the norm is of these."""
    stated = load_problem("mazur")
    first = first_update(stated)
    assert not any(f"move of shared {name}" in first.run.index for name in ("b1", "b2"))
    norm = sum(first.value(adjoint("C", key)).mid ** 2 for key in trained(stated))
    assert abs(first.changes[0].predicted.mid + norm / 2) < Fraction(1, 10**25)


def test_mazurs_step_lowers_his_cost():
    """From 0.298371109 to 0.291027774, which the article prints with other last digits."""
    change = first_update(load_problem("mazur")).changes[0]
    assert f"{float(change.actual.mid):.9f}" == "-0.007343335"
    assert float(change.ratio.mid) == pytest.approx(1.00486585)


def test_a_linear_cost_has_the_ratio_1_exactly():
    """NNFS's neuron: C falls from 6 to 5.985, by −0.015 as predicted."""
    change = first_update(load_problem("nnfs-relu-neuron")).changes[0]
    assert change.predicted.mid == change.actual.mid == Fraction(-15, 1000)
    assert change.ratio.lo == change.ratio.hi == 1


def test_a_rate_that_is_too_large_raises_the_cost():
    """C = ½w² at w = 1 and η = 3: predicted −3, but w′ = −2 and C rises by 3/2."""
    layer = {"units": 1, "activation": "identity", "weights": [[1]], "biases": False}
    change = first_update(problem(layer, [[1]], [[0]], rate=3)).changes[0]
    assert (change.predicted.mid, change.actual.mid, change.ratio.mid) == (
        -3,
        Fraction(3, 2),
        Fraction(-1, 2),
    )


def test_a_gradient_of_0_predicts_nothing_and_has_no_ratio():
    """0/0 is no number."""
    layer = {"units": 1, "activation": "identity", "weights": [[1]], "biases": False}
    change = first_update(problem(layer, [[1]], [[1]])).changes[0]
    assert change.predicted.holds_zero
    assert not change.ratio.defined


def test_a_cost_that_has_no_value_after_the_step_has_no_change():
    """ln a of an a that the step takes below 0."""
    layer = {"units": 1, "activation": "identity", "weights": [["0.5"]], "biases": False}
    first = first_update(problem(layer, [[1]], [[0]], cost="binary_cross_entropy", rate=1))
    assert not first.changes[0].actual.defined
    assert not first.changes[0].ratio.defined
    assert first.changes[2].actual.defined


def test_a_batch_is_judged_by_its_own_cost_and_the_whole_cost_beside_it():
    """The update follows the gradient of samples 1 and 2; all four change too."""
    stated = problem(batch=2)
    first = first_update(stated)
    after = moved(first, stated)
    own, whole = cost(after, [0, 1]) - cost(START, [0, 1]), cost(after) - cost(START)
    assert first.batch == ("@1", "@2")
    assert float(first.changes[0].actual.mid) == pytest.approx(own, rel=1e-9)
    assert float(first.whole.actual.mid) == pytest.approx(whole, rel=1e-9)
    assert first.changes[0].predicted.mid < 0


def test_an_update_that_reads_all_has_no_other_whole_cost():
    """There is one cost, and it is shown once."""
    assert first_update(problem()).whole is None


def test_a_perceptron_follows_no_gradient():
    """So nothing is predicted of a cost that it does not have."""
    assert first_update(load_problem("perceptron-and")).changes == ()


def test_a_problem_without_training_has_no_first_update():
    """Nor one whose numbers are free."""
    assert first_update(load_problem("seed004-logistic")) is None
    free = {"inputs": 1, "cost": "squared_error", "layers": [{"units": 1, "activation": "tanh"}]}
    assert first_update(load_problem({"network": free, "training": {"rate": 1}})) is None
