"""What was done to whole arrays of a right gradient is named from the numbers alone."""

from itertools import pairwise

import numpy as np
import pytest

from derive.files.load import load_problem
from derive.slips import GRADIENT_SLIPS
from numeric.judging.checking import check
from numeric.judging.handling import ALL, ROWS, UNLISTED
from tests.kinds import every

SAMPLES, SIZES = 5, (4, 5, 5, 3)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Backprop:
    """Plain NumPy over rows, keeping delta and the input of each layer; `spoil` has its way with the arrays."""

    def __init__(self, spoil=None):
        self.spoil = spoil

    def __call__(self, x, y, weights, biases):
        a = [x]
        for W, b in zip(weights, biases, strict=True):
            a.append(sigmoid(a[-1] @ W.T + b))
        delta = (a[-1] - y) * a[-1] * (1 - a[-1]) / len(x)
        self.delta, self.a, self.W, self.b = [], a, [], []
        for l in range(len(weights) - 1, -1, -1):
            self.delta.insert(0, delta)
            self.W.insert(0, delta.T @ a[l])
            self.b.insert(0, delta.sum(axis=0))
            delta = delta @ weights[l] * a[l] * (1 - a[l])
        if self.spoil:
            self.spoil(self)
        return self.W, self.b


@pytest.fixture(scope="module")
def problem():
    """As many samples as hidden units, and two layers of one shape, so that nothing is caught by its shape."""
    draw = np.random.default_rng(3)

    def rows(*shape):
        return np.round(draw.uniform(-1, 1, shape), 3).astype(str).tolist()

    layers = [
        {"units": units, "activation": "sigmoid", "weights": rows(units, inputs), "biases": rows(units)}
        for inputs, units in pairwise(SIZES)
    ]
    cost = {"cost": "half_squared_error", "reduction": "mean"}
    tables = {
        "network": {"inputs": SIZES[0], "layers": layers, **cost},
        "data": {"x": rows(SAMPLES, SIZES[0]), "y": rows(SAMPLES, SIZES[-1])},
        "training": {"rate": "0.3"},
    }
    return load_problem(tables)


def scaled(factor, *arrays):
    def spoil(run):
        for letter, l in arrays or [(letter, l) for letter in "Wb" for l in (0, 1, 2)]:
            getattr(run, letter)[l] = factor * getattr(run, letter)[l]

    return spoil


def put(letter, l, value):
    def spoil(run):
        getattr(run, letter)[l] = value(run)

    return spoil


def of_samples(chosen, factor=1):
    def spoil(run):
        run.W = [factor * d[chosen].T @ a[chosen] for d, a in zip(run.delta, run.a, strict=False)]
        run.b = [factor * d[chosen].sum(axis=0) for d in run.delta]

    return spoil


def exchanged(run):
    run.b[0], run.b[1] = run.b[1], run.b[0]


def all_transposed(run):
    run.W[1] = run.W[1].T


TWO_LAYERS = [(letter, l) for letter in "Wb" for l in (0, 1)]

PLANTED = {
    "all zero": scaled(0),
    "sweep stopped in dC/dz2": scaled(0, *TWO_LAYERS),
    "never assigned in dC/dw2": scaled(0, ("W", 1)),
    "never assigned in dC/db3": scaled(0, ("b", 2)),
    "sign": scaled(-1),
    "factor 2": scaled(2),
    "factor 1/2": scaled(0.5),
    "missing 1/n": scaled(SAMPLES),
    "extra 1/n": scaled(1 / SAMPLES),
    "missing 1/K": scaled(SIZES[-1]),
    "extra 1/K": scaled(1 / SIZES[-1]),
    "rate in the gradient": scaled(0.3),
    "step for the gradient": scaled(-0.3),
    "sign on the way in dC/dz2": scaled(-1, *TWO_LAYERS),
    "sign on the way in dC/dw2": scaled(-1, ("W", 1)),
    "factor 2 on the way in dC/dz1": scaled(2, ("W", 0), ("b", 0)),
    "factor 1/2 on the way in dC/db2": scaled(0.5, ("b", 1)),
    "missing 1/n on the way in dC/dw3": scaled(SAMPLES, ("W", 2)),
    "extra 1/n on the way in dC/db1": scaled(1 / SAMPLES, ("b", 0)),
    "transposed": all_transposed,
    "reshaped for transposed in dC/dw1": put("W", 0, lambda run: run.W[0].T.reshape(5, 4)),
    "rows exchanged in dC/dw1": put("W", 0, lambda run: run.W[0][[0, 4, 2, 3, 1]]),
    "columns exchanged in dC/dw3": put("W", 2, lambda run: run.W[2][:, [0, 1, 4, 3, 2]]),
    "entries exchanged in dC/db3": put("b", 2, lambda run: run.b[2][[1, 0, 2]]),
    "rows reversed in dC/dw1": put("W", 0, lambda run: run.W[0][::-1]),
    "columns shifted in dC/dw1": put("W", 0, lambda run: np.roll(run.W[0], 1, axis=1)),
    "rows shifted in dC/dw2": put("W", 1, lambda run: np.roll(run.W[1], -1, axis=0)),
    "rows in another order in dC/dw1": put("W", 0, lambda run: run.W[0][[1, 3, 0, 2, 4]]),
    "rows left at 0 in dC/dw2": put("W", 1, lambda run: run.W[1] * np.array([[0], [1], [1], [1], [0]])),
    "columns left at 0 in dC/dw3": put("W", 2, lambda run: run.W[2] * np.array([0, 1, 1, 1, 1])),
    "dC/db1 and dC/db2 exchanged": exchanged,
    "another gradient in dC/db2": put("b", 1, lambda run: run.b[0]),
    "first sample only": of_samples([0]),
    "first sample only in dC/db1": put("b", 0, lambda run: run.delta[0][0]),
    "last sample only": of_samples([-1]),
    "one sample's own gradient": of_samples([3], SAMPLES),
    "a sample left out": of_samples([0, 1, 2, 4]),
    "summed over the units in dC/db2": put("b", 1, lambda run: run.delta[1].sum(axis=1)),
    "averaged over the units in dC/db1": put("b", 0, lambda run: run.delta[0].mean(axis=1)),
    "summed over samples and units in dC/db1": put("b", 0, lambda run: np.full(5, run.delta[0].sum())),
    "averaged over samples and units in dC/db1": put("b", 0, lambda run: np.full(5, run.delta[0].mean())),
    "common factor": scaled(0.7),
    "common factor in dC/dw1": scaled(0.7, ("W", 0)),
}

WORDS = {
    "rows exchanged in dC/dw1": "Rows 2 and 5 are exchanged.",
    "rows left at 0 in dC/dw2": "Rows 1 and 5 are 0",
    "one sample's own gradient": "the gradient of sample 4 alone",
    "a sample left out": "Sample 4 is left out",
    "common factor": "Every entry is 7/10 times what it should be",
    "sweep stopped in dC/dz2": "in the layers 1 to 2",
}


@pytest.mark.parametrize("name", every(PLANTED, 14))
def test_what_was_done_to_whole_arrays_is_named(name, problem):
    """By one name for every number that is wrong, with its figures in the sentence."""
    result = check(Backprop(PLANTED[name]), problem)
    assert {entry.slip for entry in result.failures} == {name}
    assert all(WORDS.get(name, "") in entry.why for entry in result.failures)


def test_every_row_is_planted():
    """A row that no numbers lead to says nothing."""
    told = {name.partition(" in dC/")[0] for name in PLANTED}
    for row in (*ROWS, *UNLISTED):
        what = row.name.removeprefix("{what} ").removeprefix("{one} and {other} ")
        assert any(name.endswith(what) for name in told), row.name


def test_a_slip_of_the_derivation_keeps_its_name():
    """A row without a sentence has that of the list of slips, so it must be there."""
    names = {row.name for row in ROWS if not row.text and ALL in row.scopes}
    assert names <= {*GRADIENT_SLIPS}


SINGLE = {
    "one entry": lambda run: run.W[0].__setitem__((1, 2), 0.0),
    "scattered zeros": lambda run: run.W[0].__setitem__(([0, 1, 2], [1, 2, 0]), 0.0),
    "scaled unevenly": lambda run: run.W.__setitem__(0, run.W[0] * np.linspace(0.51, 0.7, 20).reshape(5, 4)),
    "a little off": scaled(1 + 1e-8),
    "one row of two right": lambda run: run.W[0].__setitem__(1, run.W[0][0]),
}


@pytest.mark.parametrize("kind", SINGLE)
def test_what_is_no_whole_array_has_no_name(kind, problem):
    """A 0 here and there, or a number that is nearly right, is nobody's mark."""
    result = check(Backprop(SINGLE[kind]), problem)
    assert not result
    assert {entry.slip for entry in result.failures} == {None}


def test_the_arrays_of_a_graph_are_told_alike(graph):
    """Rows, columns and factors are any array's."""
    X = np.array([[1.0, -2.0, 0.5], [0.3, 0.7, -1.1]])
    problem = graph(
        ["J = sum(A * X^2)"], {"A": [["1", "2", "3"], ["5", "7", "11"]], "X": X.astype(str).tolist()}
    )
    right = 2 * np.array([[1, 2, 3], [5, 7, 11]]) * X
    for wrong, name in (
        (right[::-1], "rows exchanged in dJ/dX"),
        (np.roll(right, 1, axis=1), "columns shifted in dJ/dX"),
        (0 * right, "all zero"),
    ):
        given = {"A": X**2, "X": wrong} if wrong.any() else {"X": wrong}
        assert {entry.slip for entry in check(given, problem).failures} == {name}
