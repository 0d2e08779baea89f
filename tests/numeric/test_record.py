"""The record of a training: what NumPy computes by hand at the same moments."""

import numpy as np
import pytest

from derive import load_problem
from numeric.balls.training import follow
from numeric.training.record import record

W1, W2 = [["0.5", "-0.25"], ["0.7", "0.2"]], [["0.4", "0.6"]]
X, Y = [["0.5", "1"], ["1", "-1"], ["0.2", "0.9"]], [["0.7"], ["0.1"], ["1"]]


def stated(steps=3, **training):
    layers = [
        {"units": 2, "activation": "tanh", "weights": W1, "biases": False},
        {"units": 1, "activation": "identity", "weights": W2, "biases": False},
    ]
    return load_problem(
        {
            "network": {"inputs": 2, "cost": "half_squared_error", "reduction": "mean", "layers": layers},
            "data": {"x": X, "y": Y},
            "training": {"rate": "0.1", "steps": steps, **training},
        }
    )


def by_hand(p):
    """C, the gradient, |dC/dW| and |Delta| of each layer, at w1 and w2 in one row."""
    x, y = np.array(X, float), np.array(Y, float)
    W, V = p[:4].reshape(2, 2), p[4:].reshape(1, 2)
    h = np.tanh(x @ W.T)
    r = h @ V.T - y
    D2 = r / 3
    D1 = (D2 @ V) * (1 - h**2)
    slopes = [D1.T @ x, D2.T @ h]
    gradient = np.concatenate([slope.ravel() for slope in slopes])
    return (r**2).sum() / 6, gradient, [map(np.linalg.norm, slopes), map(np.linalg.norm, (D1, D2))]


@pytest.mark.parametrize("batch", ["all", "online"])
def test_every_moment_is_what_numpy_computes_there(batch):
    """Of the whole cost, whatever the updates read."""
    found = record(stated(batch=batch))
    assert found.after == (0, 1, 2, 3)
    assert found.parameters[0] == pytest.approx([0.5, -0.25, 0.7, 0.2, 0.4, 0.6], rel=1e-16)
    for i, parameters in enumerate(found.parameters):
        cost, gradient, (slopes, errors) = by_hand(parameters)
        assert found.cost[i] == pytest.approx(cost, rel=1e-14)
        assert found.gradient[i] == pytest.approx(gradient, rel=1e-13)
        assert found.slopes[i] == pytest.approx(list(slopes), rel=1e-13)
        assert found.errors[i] == pytest.approx(list(errors), rel=1e-13)


def test_each_update_goes_down_the_recorded_gradient():
    """w' = w - eta g from each row to the next."""
    found = record(stated())
    assert np.diff(found.parameters, axis=0) == pytest.approx(-0.1 * found.gradient[:-1], rel=1e-13)


def test_a_long_training_is_recorded_sparsely_and_to_its_end():
    """As many moments as a curve needs."""
    found = record(stated(steps=700))
    assert (found.after[0], found.after[-1]) == (0, 700)
    assert len(found.after) <= 61
    assert np.all(np.diff(found.cost) < 0)


def test_moments_may_be_chosen():
    """And a run that is there is not made again."""
    problem = stated(steps=9)
    course = follow(problem, [2, 5])
    found = record(problem, [5, 2], course=course)
    assert found.after == (2, 5)
    assert found.parameters == pytest.approx(record(problem, range(6)).parameters[[2, 5]], rel=1e-16)


def test_a_graph_has_no_layers():
    """Cost, parameters and gradient it has: w halves, and C falls to a quarter."""
    problem = load_problem(
        {
            "graph": {"steps": ["L = w^2/2"], "output": "L"},
            "values": {"w": 4},
            "training": {"rate": "0.5", "steps": 2},
        }
    )
    found = record(problem)
    assert (found.cost.tolist(), found.gradient.tolist()) == ([8, 2, 0.5], [[4], [2], [1]])
    assert found.slopes.shape == found.errors.shape == (3, 0)


def test_nothing_is_recorded_of_a_training_without_a_gradient():
    """A perceptron's rule reads none."""
    assert record(load_problem("perceptron-and")).after == ()


@pytest.mark.slow
def test_moments_that_cannot_be_enclosed_are_left_out():
    """A path that runs away is recorded as far as it is known."""
    layer = {"units": 1, "activation": "sin(z)", "weights": [[1, 1]], "biases": False}
    problem = load_problem(
        {
            "network": {"inputs": 2, "cost": "half_squared_error", "layers": [layer]},
            "data": {"x": X, "y": Y},
            "training": {"rate": "100000", "steps": 2000},
        }
    )
    assert record(problem, [0, 1, 2000]).after == (0, 1)
