"""Trainings in float64: how far rounding leads them, and what figures of theirs deserve."""

import numpy as np
import pytest

from derive.files.load import load_problem
from numeric.balls import training
from numeric.balls.float_path import IN_FLOATS, Paths, float_path
from numeric.balls.operations import BARE, FUNCTIONS
from numeric.evidence import verify
from numeric.judging import published as judging

X = [["0.4", "0.9"], ["-0.7", "0.2"], ["0.3", "-1.1"]]
Y = [["0.5"], ["-0.2"], ["0.7"]]
W1, B1, W2, B2 = [["0.2", "-0.4"], ["0.6", "0.3"]], ["0.1", "-0.2"], [["0.5", "-0.3"]], ["0.05"]
ADAM = {"rule": "adam", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "batch": 2, "rate": "0.003"}
PLAIN = {"rule": "gradient_descent", "rate": "0.1"}


def stated(rule, *figures, after=0):
    layers = [
        {"units": 2, "activation": "tanh", "weights": W1, "biases": B1},
        {"units": 1, "activation": "identity", "weights": W2, "biases": B2},
    ]
    network = {"inputs": 2, "cost": "half_squared_error", "reduction": "mean", "layers": layers}
    published = [{"quantity": "C", "after": after, "value": value} for value in figures]
    return load_problem(
        {"network": network, "data": {"x": X, "y": Y}, "training": rule, "published": published}
    )


def descended(updates, rate=0.1):
    """Gradient descent in NumPy, by hand: C after so many updates."""
    x, y, w1, b1, w2, b2 = (np.array(rows, float) for rows in (X, Y, W1, B1, W2, B2))
    for _ in range(updates):
        a = np.tanh(x @ w1.T + b1)
        delta2 = (a @ w2.T + b2 - y) / 3
        delta1 = delta2 @ w2 * (1 - a * a)
        w2, b2 = w2 - rate * delta2.T @ a, b2 - rate * delta2.sum(0)
        w1, b1 = w1 - rate * delta1.T @ x, b1 - rate * delta1.sum(0)
    return float(((np.tanh(x @ w1.T + b1) @ w2.T + b2 - y) ** 2).sum() / 6)


def test_every_operation_of_a_tape_has_its_float():
    """A branch apart, which chooses as it does among balls."""
    assert IN_FLOATS.keys() >= {*BARE, *FUNCTIONS.values()}


def test_a_path_stays_at_the_proven_training_where_nothing_is_enlarged():
    """To a few units of the last place, a hundred updates on."""
    problem = stated(PLAIN)
    near, proven = float_path(problem, [100]).at(100), training.follow(problem, [100]).at(100)
    for key in training.carried_over(problem):
        assert abs(float(near.values[key]) - float(proven.values[key])) < 1e-14, key


def test_a_path_that_leaves_floats_range_ends_there():
    """A rate of 1000: the moments before are known."""
    course = float_path(stated({**PLAIN, "rate": "1e60"}), [1, 50])
    assert set(course.states) <= {1}


def test_paths_that_descend_stay_together():
    """Gradient descent forgets what it was moved by."""
    assert Paths.of(stated(PLAIN), [300]).parted is None


@pytest.fixture(scope="module")
def parted():
    """When Adam, which converged and goes on, parts paths an ulp apart."""
    return Paths.of(stated(ADAM), [2500]).parted


@pytest.mark.slow
def test_no_figure_is_wrong_that_a_long_training_in_float64_ends_at(parted):
    """Every path's own C is printed by an honest program; 5 is printed by none, but no proof says so."""
    problem = stated(ADAM)
    assert parted is not None
    course = float_path(problem, [2500], path=9)
    reader = judging.Reader(problem, judging.program_of(problem), course)
    own = stated(ADAM, "1", after=2500).published[0]
    (leaf,) = judging.leaves_of(problem, own)
    honest = f"{float(judging._value(reader, leaf, course)):.8g}"
    judged, absurd = verify(stated(ADAM, honest, "5.0000", after=2500)).published
    assert (judged.verdict, absurd.verdict) == ("rounding", "unknown")
    assert "another order of sums gives another number" in judged.note
    assert "none of them near this figure" in absurd.note


def test_a_figure_that_is_off_is_wrong_after_a_training_that_keeps_its_digits():
    """NumPy's own C is right; no rounding on the way moves the second digit, and the note says so."""
    value = descended(100)
    right, wrong = verify(stated(PLAIN, f"{value:.8g}", f"{value * 1.01:.8g}", after=100)).published
    assert (right.verdict, wrong.verdict) == ("right", "wrong")
    assert wrong.note == judging.UNEXPLAINED


def test_a_last_digit_of_float64_is_no_error_over_many_updates():
    """Sixteen digits, which every program prints a little differently."""
    value = descended(100)
    (judged,) = verify(stated(PLAIN, f"{value * (1 + 2e-15):.17g}", after=100)).published
    assert judged.verdict == "rounding"


def test_a_slip_in_many_updates_is_found_by_its_path_and_proven():
    """Forty steps uphill, by hand: all nine digits are the slip's."""
    (judged,) = verify(stated(PLAIN, f"{descended(40, rate=-0.1):.9g}", after=40)).published
    assert (judged.verdict, judged.slip) == ("wrong", "step uphill")


def test_a_proof_that_nobody_waits_for_is_not_begun(monkeypatch):
    """The figure is unknown, and the note says how far the proof comes."""
    monkeypatch.setattr(training, "MOST_WORK", 10**7)
    (judged,) = verify(stated(PLAIN, "0.1", after=2000)).published
    assert judged.verdict == "unknown"
    assert "the proof ends after about" in judged.note
