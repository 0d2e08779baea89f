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
LAMBDA = 0.3


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
        delta = (a[-1] - y) / y.shape[1] * a[-1] * (1 - a[-1]) / len(x)
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
def tables():
    """As many samples as hidden units, and two layers of one shape, so that nothing is caught by its shape."""
    draw = np.random.default_rng(3)

    def rows(*shape):
        return np.round(draw.uniform(-1, 1, shape), 3).astype(str).tolist()

    layers = [
        {"units": units, "activation": "sigmoid", "weights": rows(units, inputs), "biases": rows(units)}
        for inputs, units in pairwise(SIZES)
    ]
    cost = {"cost": "half_mean_squared_error", "reduction": "mean"}
    return {
        "network": {"inputs": SIZES[0], "layers": layers, **cost},
        "data": {"x": rows(SAMPLES, SIZES[0]), "y": rows(SAMPLES, SIZES[-1])},
        "training": {"rate": "0.3"},
    }


@pytest.fixture(scope="module")
def problem(tables):
    return load_problem(tables)


@pytest.fixture(scope="module")
def decaying(tables):
    """The same with an L2 term."""
    return load_problem({**tables, "network": {**tables["network"], "l2": str(LAMBDA)}})


def with_decay(spoil, *, factor=1.0, on=()):
    """The L2 term, which stands beside the sum over samples, added to what was spoiled."""

    def spoil_and_add(x, y, weights, biases):
        grad_W, grad_b = Backprop(spoil)(x, y, weights, biases)
        grad_W = [g + factor * LAMBDA / len(x) * W for g, W in zip(grad_W, weights, strict=True)]
        return grad_W, [
            g + (l in on) * LAMBDA / len(x) * b for l, (g, b) in enumerate(zip(grad_b, biases, strict=True))
        ]

    return spoil_and_add


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


def both(*spoils):
    def spoil(run):
        for one in spoils:
            one(run)

    return spoil


def rows_times(factor):
    return put("W", 1, lambda run: run.W[1] * np.array([[1], [factor], [1], [1], [factor]]))


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
    "rows turned in sign in dC/dw2": rows_times(-1),
    "rows doubled in dC/dw2": rows_times(2),
    "rows halved in dC/dw2": rows_times(0.5),
    "sign of some entries in dC/dw2": put("W", 1, lambda run: run.W[1] * np.where(np.eye(5), -1, 1)),
    "columns left at 0 in dC/dw3": put("W", 2, lambda run: run.W[2] * np.array([0, 1, 1, 1, 1])),
    "dC/db1 and dC/db2 exchanged": exchanged,
    "another gradient in dC/db2": put("b", 1, lambda run: run.b[0]),
    "first sample only": of_samples([0]),
    "first sample only in dC/db1": put("b", 0, lambda run: run.delta[0][0]),
    "last sample only": of_samples([-1]),
    "one sample only": of_samples([2]),
    "one sample's own gradient": of_samples([3], SAMPLES),
    "a sample left out": of_samples([0, 1, 2, 4]),
    "summed over the units in dC/db2": put("b", 1, lambda run: run.delta[1].sum(axis=1)),
    "averaged over the units in dC/db1": put("b", 0, lambda run: run.delta[0].mean(axis=1)),
    "summed over samples and units in dC/db1": put("b", 0, lambda run: np.full(5, run.delta[0].sum())),
    "averaged over samples and units in dC/db1": put("b", 0, lambda run: np.full(5, run.delta[0].mean())),
    "never assigned in dC/db1, dC/db2 and dC/db3": scaled(0, ("b", 0), ("b", 1), ("b", 2)),
    "common factor": scaled(0.7),
    "common factor in dC/dw1": scaled(0.7, ("W", 0)),
}

WORDS = {
    "rows exchanged in dC/dw1": "Rows 2 and 5 are exchanged.",
    "rows left at 0 in dC/dw2": "Rows 1 and 5 are 0",
    "sign of some entries in dC/dw2": "The sign is turned in 5 of 25 entries",
    "one sample only": "the share of sample 3 alone",
    "never assigned in dC/db1, dC/db2 and dC/db3": "Here it is so in dC/db1, dC/db2 and dC/db3 only.",
    "factor 1/2 on the way in dC/db2": "Every entry is half of what it should be.",
    "rows turned in sign in dC/dw2": "Rows 2 and 5 are turned in sign and the others right.",
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


DECAYED = {
    "sign": with_decay(scaled(-1)),
    "factor 2": with_decay(scaled(2)),
    "missing 1/n": with_decay(scaled(SAMPLES)),
    "common factor": with_decay(scaled(0.7)),
    "L2 term alone": with_decay(scaled(0)),
    "sweep stopped in dC/dz2": with_decay(scaled(0, *TWO_LAYERS)),
    "missing L2 term": with_decay(None, factor=0),
    "L2 term doubled": with_decay(None, factor=2),
    "L2 term halved": with_decay(None, factor=0.5),
    "sign of the L2 term": with_decay(None, factor=-1),
    "L2 without 1/n": with_decay(None, factor=SAMPLES),
    "L2 term on a bias": with_decay(None, on=(0, 1, 2)),
}


@pytest.mark.parametrize("name", every(DECAYED, 5))
def test_what_was_done_beside_an_l2_term_is_named(name, decaying):
    """The data's part alone has it, or the L2 term alone."""
    result = check(DECAYED[name], decaying)
    assert {entry.slip for entry in result.failures} == {name}


def test_the_share_of_one_use_has_no_l2_term(tables):
    """lambda/n w added in each use of a shared weight is no L2 term on a bias."""
    shared = {**tables["network"], "l2": str(LAMBDA)}
    shared["layers"] = [dict(layer) for layer in shared["layers"]]
    shared["layers"][1]["weights"] = [
        ["p" if j == k else w for k, w in enumerate(row)]
        for j, row in enumerate(shared["layers"][1]["weights"])
    ]
    problem = load_problem({**tables, "network": shared, "values": {"p": "0.4"}})
    found = {(entry.name, entry.slip) for entry in check(with_decay(None), problem).failures}
    assert found == {(f"dC/dw2[{j},{j}]", "L2 term in each use") for j in range(1, 6)}


def test_a_fault_elsewhere_leaves_the_global_one_in_one_line(problem):
    """What all arrays but one have is said once, and of the one what was done to it."""
    result = check(Backprop(both(scaled(-1), put("W", 0, lambda run: 0 * run.W[0]))), problem)
    why = {entry.slip: entry.why for entry in result.failures}
    assert set(why) == {"sign", "never assigned in dC/dw1"}
    assert why["sign"].endswith("Here it is so in all but dC/dw1.")
    assert why["never assigned in dC/dw1"].endswith("Here it is so in the weights' gradients of layer 1.")


def test_a_1_over_k_is_missing_only_where_the_cost_has_one(tables):
    """Three times too much of three outputs is else a factor 3."""
    network = {**tables["network"], "cost": "half_squared_error"}
    result = check(Backprop(scaled(3 * SIZES[-1])), load_problem({**tables, "network": network}))
    assert {entry.slip for entry in result.failures} == {"common factor"}


def test_every_row_is_planted():
    """A row that no numbers lead to says nothing."""
    told = {name.partition(" in dC/")[0] for name in (*PLANTED, *DECAYED, "L2 term in each use")}
    for row in (*ROWS, *UNLISTED):
        what = row.name.removeprefix("{what} ").removeprefix("{both} ")
        assert any(name.endswith(what) for name in told), row.name


def test_a_slip_of_the_derivation_keeps_its_name():
    """A row without a sentence has that of the list of slips, so it must be there."""
    names = {row.name for row in ROWS if not row.text and ALL in row.scopes}
    assert names <= {*GRADIENT_SLIPS}


def entries(l, *places):
    """These entries of a weights' gradient."""

    def changed(factor):
        def spoil(run):
            for place in places:
                run.W[l][place] *= factor

        return spoil

    return changed


def two_exchanged(run):
    run.W[0][0, 1], run.W[0][1, 0] = run.W[0][1, 0], run.W[0][0, 1]


ENTRIES = {
    "sign turned in dC/dw2[1,1]": entries(1, (0, 0))(-1),
    "left at 0 in dC/dw1[2,3]": entries(0, (1, 2))(0),
    "left at 0 in dC/dw1[1,2] and dC/dw1[2,3]": entries(0, (0, 1), (1, 2))(0),
    "factor 2 in dC/dw3[2,1]": entries(2, (1, 0))(2),
    "factor 1/2 in dC/dw3[2,1]": entries(2, (1, 0))(0.5),
    "factor 5 in dC/dw3[2,1]": entries(2, (1, 0))(5),
    "factor 1/5 in dC/dw3[2,1]": entries(2, (1, 0))(0.2),
    "dC/dw1[1,2] and dC/dw1[2,1] exchanged": two_exchanged,
    "value of another entry in dC/dw1[2,2]": lambda run: run.W[0].__setitem__((1, 1), run.W[0][0, 3]),
    None: entries(2, (1, 0))(3),
}


@pytest.mark.parametrize("name", every(ENTRIES, 5))
def test_what_was_done_to_single_entries_is_said_of_them_alone(name, problem):
    """And no slip that would have spoiled the others; a factor that nobody makes is no finding."""
    result = check(Backprop(ENTRIES[name]), problem)
    assert {entry.slip for entry in result.failures} == {name}


SINGLE = {
    "scattered zeros": lambda run: run.W[0].__setitem__(([0, 1, 2, 3, 4], [1, 2, 0, 1, 3]), 0.0),
    "scaled unevenly": lambda run: run.W.__setitem__(0, run.W[0] * np.linspace(0.51, 0.7, 20).reshape(5, 4)),
    "a little off": scaled(1 + 1e-8),
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
