"""Claims in deep networks: they hold, and they do not grow where the error does not."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from numeric.balls.truths import Numbers
from numeric.floats.backprop import Equations, backprop, use_claims
from numeric.floats.network import arrays_of, forward
from numeric.floats.rounding import Rounded
from numeric.floats.spreads import MOST, Spread, forward_spread
from numeric.judging.checking import KEPT, check

DEPTH = 40
MIXED = ["tanh", "step", "relu", "softmax", "sin(z) + z^2", {"rule": "maxout", "pieces": 2}, "elu", "sigmoid"]


@pytest.fixture(scope="module")
def deep(random_problem):
    """Networks of so many layers, made once."""

    @cache
    def made(activation, depth=DEPTH):
        rng = np.random.default_rng([7, depth])
        rules = [activation] * (depth - 1) + ["identity"]
        return random_problem(rng, [3] * depth + [2], rules, samples=2)

    return made


def equations(problem, textbook, forwards):
    arrays = arrays_of(problem, problem.body)
    return Equations(problem, problem.body, forwards(problem.body, arrays, textbook=textbook), textbook)


@pytest.mark.parametrize("textbook", [False, True], ids=["stable", "textbook"])
@pytest.mark.parametrize("kind", ["mixed", "tanh", "softplus", "relu"])
def test_every_claim_holds_the_truth(kind, textbook, deep, random_problem):
    """Across kinks, jumps and units that are no row of their own, too."""
    if kind == "mixed":
        rng = np.random.default_rng(3)
        problem = random_problem(rng, [3, 4, 3, 4, 3, 4, 3, 4, 2], MIXED, samples=3, reduction="mean")
    else:
        problem = deep(kind, 25)
    found = equations(problem, textbook, forward_spread)
    layers = found.gradients(found.spread())
    truths = Numbers(problem).gradient()
    for l, stated in enumerate(problem.body.layers, 1):
        keys = [key for row in stated.weights for key in row]
        for key, value, error in zip(keys, layers.W[l].value.flat, layers.W[l].error.flat, strict=True):
            truth = truths["C", key]
            assert truth.defined and np.isfinite(error)
            assert abs(Fraction(float(value)) - truth.mid) <= Fraction(float(error)) + truth.radius, key


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus"])
def test_claims_stay_sharp_where_running_ones_grow_with_depth(activation, deep):
    """Running ones promise nothing of the first layers; the errors there are 1e-15 of the value."""
    problem = deep(activation)
    truths, claims = Numbers(problem).gradient(), backprop(problem)
    running = equations(problem, False, forward)
    before = running.gradients(running.running())
    assert np.median(before.W[1].error / np.abs(before.W[1].value)) > 1e-7
    assert np.median(claims.error / np.abs(truths.nearest)) < 1e-11


@pytest.mark.parametrize("activation", ["tanh", "softplus"])
def test_an_error_of_a_millionth_is_wrong_in_twenty_five_layers(activation, deep):
    """And the float64 gradient itself agrees at every entry."""
    problem = deep(activation, 25)
    right = {key: claim.value for (_, key), claim in backprop(problem).items()}
    assert check(right, problem)
    key = next(key for key, value in right.items() if value)
    (entry,) = [e for e in check(right | {key: right[key] * (1 + 1e-6)}, problem) if e.verdict != "agree"]
    assert (entry.verdict, entry.value) == ("wrong", right[key] * (1 + 1e-6))


def test_a_jump_within_reach_is_not_taken_for_a_slope_of_nothing(layer, network):
    """step(z) for z = 0.1 + 0.2 - 0.3, which float64 has as 5.6e-17: 1 there, and 0 in truth."""
    layers = [
        layer("identity", [[1, 1, -1]]),
        layer("step", [[1]]),
        layer("identity", [[1]]),
    ]
    problem = network(layers, [["0.1", "0.2", "0.3"]], [[5]])
    run = forward_spread(problem.body, arrays_of(problem, problem.body))
    assert run.z[2].error > 0
    assert abs(run.z[3].value - 0) <= run.z[3].error


def test_a_spread_of_too_many_ways_starts_afresh_and_is_no_smaller():
    """Memory stays bounded in wide networks that are deep."""
    rng = np.random.default_rng(1)
    n = 2**8
    ways = rng.normal(size=(MOST // n, 1, n))
    center = Rounded(np.zeros((1, n)), np.ones((1, n)))
    spread = Spread.of(center, Rounded.exact(ways))
    assert spread.ways.shape == (n, 1, n)
    assert (spread.known.error >= np.abs(ways).sum(axis=0) + 1).all()


def test_what_ways_may_be_off_by_is_never_dropped():
    """1 eps, a way that may be 0.5 off, and a center that may be 2 off: 3.5 at most, and at least."""
    spread = Spread.of(Rounded([[7.0]], [[2.0]]), Rounded([[[1.0]]], [[[0.5]]]))
    assert spread.known.value == 7
    assert 3.5 <= spread.known.error < 3.5 * (1 + 1e-8)


def test_single_uses_have_the_same_sharp_claims(deep):
    """`dC/dw1[1,2]` of one use is claimed as the parameter is, where it is the only one."""
    problem = deep("tanh")
    assert use_claims(problem)["C", "w1[1,2]"] == backprop(problem)["C", "w1[1,2]"]


def test_the_truth_agrees_where_float64_can_promise_nothing(layer, network):
    """z = 1e17 x - 1e17 x' + ...: float64 may lose every digit, the enclosure none."""
    layers = [
        layer("identity", [["1e17", "-1e17", "1"]]),
        layer("identity", [["0.3"]]),
    ]
    problem = network(layers, [["0.1", "0.1", "0.7"]], [["0.1"]])
    truths = Numbers(problem).gradient()
    right = {key: float(truth.mid) for (_, key), truth in truths.items()}
    near = {key: value * (1 + 2e-15) for key, value in right.items()}
    assert {(e.verdict, e.note) for e in check(near, problem)} >= {("agree", KEPT)}
    assert check(near, problem)
    far = check({key: value * (1 + 1e-6) for key, value in right.items()}, problem)
    assert {e.verdict for e in far} <= {"undecided", "wrong"}
