"""Graphs of vectors and matrices: three witnesses, NumPy, and somebody's own gradient."""

import numpy as np
import pytest

from derive.errors import AnswerError
from derive.files.load import load_problem
from derive.formula import Scope, parse
from derive.formula.nodes import ARRAY_FUNCTIONS, ARRAY_OPERATIONS, FUNCTIONS
from numeric.evidence import verify
from numeric.floats.array_nodes import ARRAY_RULES
from numeric.floats.backprop import backprop
from numeric.floats.differences import differences
from numeric.floats.graph import graph_values, moved_values
from numeric.floats.nodes import NODE_RULES, Meaning, evaluate, has_kinks, pull
from numeric.floats.rounding import Rounded
from numeric.judging.checking import assert_gradients_agree, check
from numeric.sampling import concrete
from tests.kinds import every

NETWORK = [
    "Z1 = X @ W1 + b1",
    "A1 = tanh(Z1)",
    "Z2 = A1 @ W2 + b2",
    "A2 = sigmoid(Z2)",
    "L = mean((A2 - Y)**2)",
]
NUMBERS = {
    "X": [["0.1", "0.2"], [1, 2], [3, -4]],
    "W1": [[1, "0.5"], ["-0.3", 1]],
    "b1": ["0.1", "0.2"],
    "W2": [[1], ["0.7"]],
    "b2": ["0.3"],
    "Y": [[0], [1], [1]],
}
WRT = ["W1", "b1", "W2", "b2"]


def stated(steps, values, **graph):
    output = steps[-1].partition("=")[0].strip()
    return load_problem({"graph": {"steps": steps, "output": output, **graph}, "values": values})


@pytest.fixture(scope="module")
def network():
    """Two layers over three samples, as rows."""
    return stated(NETWORK, NUMBERS, wrt=WRT)


def numpy_network(X, W1, b1, W2, b2, Y, fault=""):
    """The backward pass that everybody writes, with one fault."""
    A1 = np.tanh(X @ W1 + b1)
    A2 = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    D2 = 2 * (A2 - Y) / Y.size * A2 * (1 - A2)
    D1 = (D2 @ W2.T) * (1 - A1**2)
    found = {"W1": X.T @ D1, "b1": D1.sum(axis=0), "W2": A1.T @ D2, "b2": D2.sum(axis=0)}
    return found | FAULTS.get(fault, lambda *_: {})(X, D1, A1, D2)


FAULTS = {
    "transposed": lambda X, D1, A1, D2: {"W1": (X.T @ D1).T},
    "transposed shape": lambda X, D1, A1, D2: {"W2": (A1.T @ D2).T},
    "wrong axis": lambda X, D1, A1, D2: {"b1": D1.sum(axis=1)[:2]},
    "not added up": lambda X, D1, A1, D2: {"b1": D1},
    "mean for sum": lambda X, D1, A1, D2: {"b2": D2.mean(axis=0)},
}


# -- operations ------------------------------------------------------------------------------------


def test_every_operation_on_arrays_has_a_row():
    """What can be read can be evaluated; no name has two rows."""
    assert ARRAY_RULES.keys() == ARRAY_OPERATIONS.keys()
    assert not ARRAY_RULES.keys() & NODE_RULES.keys()


A, B, C = [[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]], [[1.0, 2.0], [-0.5, 0.25], [3.0, -1.0]], [0.5, -2.0, 1.5]
EXPRESSIONS = {
    "A @ B": lambda A, B, C: A @ B,
    "A @ C": lambda A, B, C: A @ C,
    "C @ B": lambda A, B, C: C @ B,
    "C @ C": lambda A, B, C: C @ C,
    "A.T": lambda A, B, C: A.T,
    "C.T": lambda A, B, C: C,
    "A + C": lambda A, B, C: A + C,
    "sum(A)": lambda A, B, C: A.sum(),
    "sum(A, axis=0)": lambda A, B, C: A.sum(axis=0),
    "mean(A, axis=-1)": lambda A, B, C: A.mean(axis=-1),
    "mean(A, axis=1, keepdims=true)": lambda A, B, C: A.mean(axis=1, keepdims=True),
    "sum(A, keepdims=true)": lambda A, B, C: A.sum(keepdims=True),
    "outer(C, C)": lambda A, B, C: np.outer(C, C),
    "softmax(A)": lambda A, B, C: np.exp(A) / np.exp(A).sum(axis=1, keepdims=True),
    "softmax(A, axis=0)": lambda A, B, C: np.exp(A) / np.exp(A).sum(axis=0),
    "softmax(C)": lambda A, B, C: np.exp(C) / np.exp(C).sum(),
    "log_softmax(A)": lambda A, B, C: A - np.log(np.exp(A).sum(axis=1, keepdims=True)),
    "log_softmax(A, axis=0)": lambda A, B, C: A - np.log(np.exp(A).sum(axis=0)),
    "var(A)": lambda A, B, C: A.var(),
    "var(A, axis=0)": lambda A, B, C: A.var(axis=0),
    "var(A, axis=1, keepdims=true)": lambda A, B, C: A.var(axis=1, keepdims=True),
    "(C - mean(C))/sqrt(var(C) + 1)": lambda A, B, C: (C - C.mean()) / np.sqrt(C.var() + 1),
    "conv1d(C, row(B, 2))": lambda A, B, C: np.correlate(C, B[1], "valid"),
    "conv1d(A, row(B, 2))": lambda A, B, C: np.array([np.correlate(a, B[1], "valid") for a in A]),
    "conv1d(C, B)": lambda A, B, C: np.array([np.correlate(C, b, "valid") for b in B]),
    "conv1d(A, A)": lambda A, B, C: (A * A).sum(axis=1, keepdims=True),
    "conv1d(A.T, B)": lambda A, B, C: (A.T * B).sum(axis=1, keepdims=True),
    "concat(C, row(A, 2), C)": lambda A, B, C: np.concatenate([C, A[1], C]),
    "concat(A, B.T)": lambda A, B, C: np.concatenate([A, B.T]),
    "concat(A, A @ B, axis=1)": lambda A, B, C: np.concatenate([A, A @ B], axis=1),
    "row(B, 3)": lambda A, B, C: B[2],
    "rows(B, 3, 1, 3)": lambda A, B, C: B[[2, 0, 2]],
    "exp(conv1d(C, row(B, 2))/9)*row(concat(B, A.T), 6)": lambda A, B, C: (
        np.exp(np.correlate(C, B[1], "valid") / 9) * A[:, 2]
    ),
    "entry(A, 2, 3)*entry(C, 1)": lambda A, B, C: A[1, 2] * C[0],
    "(A @ B + sum(A, axis=1, keepdims=true))*2": lambda A, B, C: (A @ B + A.sum(axis=1, keepdims=True)) * 2,
    "(A + C) @ B - sum(B, axis=0)": lambda A, B, C: (A + C) @ B - B.sum(axis=0),
}
SCOPE = Scope(names=frozenset("ABC"), functions=FUNCTIONS | ARRAY_FUNCTIONS, arrays=True)
RANKS = Meaning(ranks={"A": 2, "B": 2, "C": 1})


def arrays():
    return {"A": np.array(A), "B": np.array(B), "C": np.array(C)}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_value_is_that_of_numpy(text):
    """Within its own claim, which is small."""
    values = {name: Rounded.exact(array) for name, array in arrays().items()}
    claim = evaluate(parse(text, SCOPE), values, RANKS)
    expected = EXPRESSIONS[text](**arrays())
    assert claim.shape == np.shape(expected)
    assert np.all(np.abs(claim.value - expected) <= claim.error + 1e-14)
    assert np.all(claim.error <= 1e-13)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_slope_is_what_a_small_move_brings(text):
    """g times the change of the value is slope times the move, whatever the direction."""
    rng, node = np.random.default_rng(4), parse(text, SCOPE)
    g = rng.normal(size=np.shape(EXPRESSIONS[text](**arrays())))
    values = {name: Rounded.exact(array) for name, array in arrays().items()}
    slopes, h = pull(node, values, Rounded.exact(g), RANKS), 1e-5
    for name, array in arrays().items():
        if name not in slopes:
            continue
        assert slopes[name].shape == array.shape
        way = rng.normal(size=array.shape)
        up, down = (EXPRESSIONS[text](**arrays() | {name: array + s * h * way}) for s in (1, -1))
        assert (slopes[name].value * way).sum() == pytest.approx((g * (up - down)).sum() / (2 * h), rel=1e-7)


@pytest.mark.parametrize("text", every(EXPRESSIONS, 3))
@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_points_side_by_side_are_the_points_one_by_one(text, name):
    """Axes in front are never taken for rows, though all sizes are two or three here."""
    node, rng = parse(text, SCOPE), np.random.default_rng(5)
    values = {key: Rounded.exact(array) for key, array in arrays().items()}
    points = arrays()[name] + rng.integers(-3, 4, size=(2, 3, *arrays()[name].shape)) / 4
    together = evaluate(node, values | {name: Rounded.exact(points)}, RANKS)
    for index in np.ndindex(2, 3):
        alone = evaluate(node, values | {name: Rounded.exact(points[index])}, RANKS)
        moved = name in text.replace("softmax", "").replace("axis", "")
        found = together.value[index] if moved else together.value
        assert found == pytest.approx(alone.value, rel=1e-15)


def test_the_logarithm_of_a_softmax_keeps_its_digits_where_the_softmax_is_nothing():
    """ln(softmax) of a gap of 800 is -800, though e^-800 is 0 in float64."""
    node = parse("log_softmax(C)", SCOPE)
    claim = evaluate(node, {"C": Rounded.exact([0.0, 800.0])}, RANKS)
    assert claim.value.tolist() == [-800.0, 0.0]
    slopes = pull(node, {"C": Rounded.exact([0.0, 800.0])}, Rounded.exact([1.0, 0.0]), RANKS)
    assert slopes["C"].value.tolist() == [1.0, -1.0]


def test_a_formula_without_a_kink_is_not_watched_for_one():
    """Margins cost an evaluation each."""
    assert not has_kinks(parse("tanh(A @ B)", SCOPE))
    assert has_kinks(parse("sum(relu(A))", SCOPE))


# -- the witnesses ---------------------------------------------------------------------------------


def test_three_witnesses_agree_on_every_entry_of_a_network_of_matrices(network):
    """And with the backward pass in NumPy."""
    evidence = verify(network)
    values = {name: np.array(value, dtype=float) for name, value in NUMBERS.items()}
    theirs = numpy_network(**values)
    expected = {
        f"dL/d{name}[{','.join(str(i + 1) for i in index)}]": theirs[name][index]
        for name in WRT
        for index in np.ndindex(theirs[name].shape)
    }
    assert [row.name for row in evidence] == list(expected)
    assert {(row.verdict, row.note) for row in evidence} == {("agree", "")}
    assert {row.name: float(row.symbolic.mid) for row in evidence} == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("text", every(EXPRESSIONS, 3))
def test_three_witnesses_agree_on_every_operation(text):
    """Differentiated through a sum of squares, which weighs every entry differently."""
    values = {name: array.tolist() for name, array in arrays().items() if name in text.replace("axis", "")}
    problem = stated(
        [f"F = {text}", "J = F*F + 2*F", "L = sum(J)" if evaluated_rank(text) else "L = J"], values
    )
    assert verify(problem).verdict == "agree"


def evaluated_rank(text):
    return np.ndim(EXPRESSIONS[text](**arrays()))


@pytest.mark.parametrize("text", every(EXPRESSIONS, 3))
def test_a_difference_of_every_entry_is_that_entry_s_own(text):
    """Without the referee, who would mend a witness that moves another entry."""
    values = {name: array.tolist() for name, array in arrays().items() if name in text.replace("axis", "")}
    weights = np.arange(1.0, 1.0 + np.size(EXPRESSIONS[text](**arrays())))
    graph = {"upstream": {"F": weights.reshape(np.shape(EXPRESSIONS[text](**arrays()))).tolist()}}
    problem = stated([f"F = {text}"], values, **graph)
    pushed = backprop(problem)
    for entry, claim in differences(problem).items():
        assert claim.error <= 1e-5 * max(1.0, abs(claim.value))
        assert abs(claim.value - pushed[entry].value) <= claim.error + pushed[entry].error


def test_a_second_derivative_is_taken_entry_by_entry():
    """d2L/dw1dw2 of L = (w1 w2)^2 is 4 w1 w2."""
    problem = load_problem(
        {
            "graph": {"steps": ["s = w @ v", "L = s^2"], "output": "L"},
            "values": {"w": [3, 5], "v": ["0.5", 2]},
            "published": [{"quantity": "d2L/dw[1]dw[2]", "value": "2"}, {"quantity": "dL/ds", "value": "23"}],
        }
    )
    assert [judgement.verdict for judgement in verify(problem).published] == ["right", "right"]


def test_a_shared_matrix_gathers_all_its_uses():
    """X.T X reads X twice: d(sum)/dX = 2 X in every entry of a sum of squares."""
    problem = stated(["G = X.T @ X", "L = sum(X*X) + sum(G)"], {"X": [[1, 2], [3, "-0.5"]]})
    evidence, X = verify(problem), np.array([[1, 2], [3, -0.5]])
    assert evidence.agree
    expected = 2 * X + 2 * X @ np.ones((2, 2))
    assert [float(row.symbolic.mid) for row in evidence] == pytest.approx(expected.ravel())


def test_an_entry_at_a_kink_is_named():
    """Which unit, and of which sample."""
    values = {"X": [[1, 2], [3, -1]], "w": [2, -1]}
    problem = stated(
        ["Z = X * w", "A = relu(Z + outer(c, c))", "L = sum(A)"], values | {"c": [1, -2]}, wrt=["X"]
    )
    claims = differences(problem)
    assert claims["L", "X[1,1]"].why == ""
    assert "A[1,2]: relu's argument 0 within the step" not in claims["L", "X[1,1]"].why
    kinked = stated(["A = relu(X)", "L = sum(A)"], {"X": [[1, 0], [2, -1]]})
    assert differences(kinked)["L", "X[1,2]"].why == "A[1,2]: relu's argument 0 within the step"
    rows = verify(kinked)
    assert [row.verdict for row in rows] == ["agree", "undecided", "agree", "agree"]
    assert "A[1,2] is exactly at a kink" in rows["dL/dX[1,2]"].note


def test_many_entries_are_moved_in_blocks_as_they_are_all_at_once(network, monkeypatch):
    """A block is a matter of memory."""
    whole = differences(network)
    monkeypatch.setattr("numeric.floats.secants.CHUNK", 1)
    assert differences(network) == whole


def test_only_what_depends_on_a_moved_name_is_computed_again(network):
    """The layers before it stand where they were."""
    here = graph_values(network, network.body)
    moved = moved_values(network.body, here, {"W2": here["W2"] + 1.0})
    assert moved["A1"] is here["A1"]
    assert moved["A2"] is not here["A2"]


def test_upstream_gradients_weigh_the_entries_of_the_outputs():
    """C = sum of G * Z, so dC/dX = G W.T"""
    G = [[1, "-0.5"], [2, "0.25"]]
    problem = stated(["Z = X @ W"], {"X": [[1, 2], [3, 4]], "W": [[1, "0.5"], [-1, 2]]}, upstream={"Z": G})
    evidence = verify(problem)
    expected = np.array(G, dtype=float) @ np.array([[1, 0.5], [-1, 2]]).T
    assert evidence.agree
    assert [float(row.symbolic.mid) for row in evidence.rows[:4]] == pytest.approx(expected.ravel())


def test_free_matrices_are_verified_at_random_points():
    """Drawn entry by entry."""
    problem = load_problem(
        {
            "graph": {
                "steps": ["P = softmax(X @ W)", "L = -mean(sum(Y*log(P), axis=1))"],
                "output": "L",
                "wrt": ["W"],
                "shapes": {"X": [4, 2], "W": [2, 3], "Y": [4, 3]},
            }
        }
    )
    evidence = verify(problem)
    assert evidence.agree
    assert len(evidence.rows) == 6
    drawn = {value for point in concrete(problem) for value in point.given.values()}
    assert len(drawn) > 50


def test_softmax_cross_entropy_by_hand_has_the_gradient_that_books_print():
    """dL/dZ = (P - Y)/n, with the sum kept as a column."""
    steps = ["E = exp(Z)", "P = E/sum(E, axis=1, keepdims=true)", "L = -sum(Y*log(P))/3"]
    values = {"Z": [[1, "-0.5"], ["0.25", 2], [0, 3]], "Y": [[1, 0], [0, 1], [0, 1]]}
    evidence = verify(stated(steps, values, wrt=["Z"]))
    Z, Y = (np.array(values[name], dtype=float) for name in "ZY")
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    assert evidence.agree
    assert [float(row.symbolic.mid) for row in evidence] == pytest.approx(((P - Y) / 3).ravel())


# -- somebody's own --------------------------------------------------------------------------------


def test_a_right_backward_pass_is_accepted(network):
    """As a mapping, as a tuple in the order of wrt, whole or by entries; a bias also as a row."""
    assert check(numpy_network, network)
    assert check(lambda **values: tuple(numpy_network(**values).values()), network)
    theirs = numpy_network(**{name: np.array(value, dtype=float) for name, value in NUMBERS.items()})
    assert check(
        {"dL/dW1": theirs["W1"], "b1": theirs["b1"][None], "dL/dW2[2,1]": theirs["W2"][1, 0]}, network
    )
    assert_gradients_agree(numpy_network, network)


@pytest.mark.parametrize(
    ("fault", "failing", "words"),
    [
        ("transposed", ["dL/dW1[1,2]", "dL/dW1[2,1]"], "likely slip: transposed"),
        (
            "transposed shape",
            ["W2"],
            "W2 is 2×1, and its gradient has the same shape; this has shape (1, 2); transpose",
        ),
        ("wrong axis", ["dL/db1[1]", "dL/db1[2]"], "dL/db1[2]: wrong"),
        ("not added up", ["b1"], "used several times: add up over axis 0"),
        ("mean for sum", ["dL/db2[1]"], "off by"),
    ],
)
def test_a_fault_is_found_and_its_entries_are_named(network, fault, failing, words):
    """Only those that are wrong."""
    result = check(lambda **values: numpy_network(**values, fault=fault), network)
    assert [entry.name for entry in result.failures] == failing
    assert words in " ".join(str(result).split())


def test_an_entry_on_the_diagonal_is_not_called_transposed(network):
    """It is its own transpose, so a number near it says nothing of one."""
    theirs = numpy_network(**{name: np.array(value, dtype=float) for name, value in NUMBERS.items()})
    slipped = theirs["W1"] * (1 + 1e-11)
    assert {entry.slip for entry in check({"W1": slipped}, network)} == {None}


def test_slopes_of_intermediate_arrays_can_be_checked(network):
    """The delta of each layer is what a debugger shows."""
    values = {name: np.array(value, dtype=float) for name, value in NUMBERS.items()}
    A1 = np.tanh(values["X"] @ values["W1"] + values["b1"])
    A2 = 1 / (1 + np.exp(-(A1 @ values["W2"] + values["b2"])))
    D2 = 2 * (A2 - values["Y"]) / 3 * A2 * (1 - A2)
    D1 = (D2 @ values["W2"].T) / np.cosh(values["X"] @ values["W1"] + values["b1"]) ** 2
    assert check({"dL/dZ2": D2, "Z1": D1}, network)
    assert not check({"dL/dZ2": 2 * D2}, network)


def test_the_slope_that_textbooks_write_is_imprecise_where_a_unit_saturates():
    """1 - tanh(9)^2 keeps eight digits of sixteen; in a graph as in a network."""
    problem = stated(["A = tanh(z)", "L = sum(A)"], {"z": [9, "0.5"]})
    result = check({"z": 1 - np.tanh([9.0, 0.5]) ** 2}, problem)
    assert [entry.verdict for entry in result] == ["imprecise", "agree"]
    assert "1-a^2 loses these digits" in str(result)


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        ({"W1": [["a", 1], [2, 3]]}, "'W1' is not made of numbers"),
        ({"W3": [[1]]}, "'W3' is not in this problem"),
        (lambda **_: np.zeros(4), "ndarray was returned; a tuple has one array for each of W1, b1, W2, b2"),
        (lambda **_: (np.zeros((2, 2)),), "1 numbers were returned; there are 4"),
    ],
)
def test_a_gradient_that_cannot_be_read_says_what_would_be(network, theirs, words):
    """Nothing is compared by its position by chance."""
    with pytest.raises(AnswerError, match=words):
        check(theirs, network)
