"""Graphs of vectors and matrices: grammar, shapes as NumPy has them, and steps entry by entry."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp

from derive.arrays import MOST_EDGES, MOST_LEAVES
from derive.errors import AnswerError, StatementError
from derive.files.load import load_problem
from derive.formula import Scope, parse
from derive.formula.nodes import ARRAY_FUNCTIONS, ARRAY_OPERATIONS, FUNCTIONS, Apply, Name
from derive.formula.text import text_of
from derive.quantities import read
from derive.shapes import _RULES, axes_of, infer, met
from derive.steps import program_of
from tests.kinds import every

SCOPE = Scope(
    names=frozenset("ABCXWYbuvsk") | {"t1"}, functions=FUNCTIONS | ARRAY_FUNCTIONS, aliases={}, arrays=True
)
SHAPES = ((), (1,), (3,), (2,), (1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (3, 3))

VALUES = {
    "X": [[1, 2], [3, "-0.5"], ["0.25", 4]],
    "W": [[1, -1, 2, "0.5"], [3, "0.1", -2, 1]],
    "b": [1, 2, 3, 4],
    "Y": [[1], [0], ["0.5"]],
    "v": [2, 3],
    "u": [1, -2, 3],
    "s": "1.5",
}


def stated(steps, values=VALUES, **graph):
    """A problem whose last step is its output, with those of the values that the steps read."""
    read = {name: value for name, value in (values or {}).items() if any(name in text for text in steps)}
    output = steps[-1].partition("=")[0].strip()
    tables = {"graph": {"steps": steps, "output": output, **graph}}
    return load_problem(tables | ({"values": read} if values else {}))


def message(steps, values=VALUES, **graph):
    with pytest.raises(StatementError) as refusal:
        stated(steps, values, **graph)
    return str(refusal.value)


# -- the grammar -----------------------------------------------------------------------------------


def test_a_product_of_matrices_binds_as_a_product_and_a_transpose_before_a_power():
    """As in Python: -A @ B * C is ((-A) @ B) * C, and A.T**2 squares the transpose."""
    a, b, c = (Name(name) for name in "ABC")
    chain = Apply("multiply", (Apply("matmul", (Apply("negate", (a,)), b)), c))
    assert parse("-A @ B * C", SCOPE) == chain
    assert text_of(parse("A.T**2", SCOPE)) == "A.T**2"
    assert parse("(A @ B).T", SCOPE) == Apply("transpose", (Apply("matmul", (a, b)),))


@pytest.mark.parametrize("axis", ["0", "1", "-1", " -2", "−1"])
def test_an_axis_is_read_with_its_sign(axis):
    """sum(A, axis=-1), with a typeset minus as well."""
    assert parse(f"sum(A, axis={axis})", SCOPE).axis == int(axis.replace("−", "-"))


@pytest.mark.parametrize(("word", "kept"), [("true", True), ("True", True), ("1", True), ("False", False)])
def test_keepdims_is_read_as_python_and_toml_spell_it(word, kept):
    """Both languages are at hand."""
    assert parse(f"mean(A, axis = 1, keepdims = {word})", SCOPE).keepdims is kept


@pytest.mark.parametrize(
    ("text", "column", "parts"),
    [
        ("A @ ", 5, "the formula ends after '@'"),
        ("@ A", 1, "'@' cannot begin a formula"),
        ("A @2", 3, "'@2' marks a sample"),
        ("A.T2", 2, "'.T2' cannot be read: names have no methods here"),
        ("sum(A, axis=x)", 8, "an axis is 0, 1, -1 or -2"),
        ("sum(A, axis=0, axis=1)", 16, "'sum' takes one axis"),
        ("sum(axis=0)", 5, "stands after what is added up"),
        ("A axis=1", 3, "belongs within the brackets of sum or mean"),
        ("max(A, B, axis=0)", 11, "'max' works entry by entry and takes no axis"),
        ("outer(u, v, keepdims=true)", 13, "'outer' takes no keepdims"),
        ("sum(A, B)", 1, "'sum' takes 1 operand, not 2"),
        ("sum(A, keepdims=maybe)", 8, "keepdims is true or false"),
        ("A[1,2]", 2, "names are plain here"),
    ],
)
def test_a_formula_of_arrays_that_cannot_be_read_says_where(text, column, parts):
    """The column, and what would be accepted."""
    with pytest.raises(AnswerError) as refusal:
        parse(text, SCOPE)
    assert parts in str(refusal.value)
    assert refusal.value.column == column


@pytest.mark.parametrize("text", ["A @ B", "A.T", "max(A, axis=0)"])
def test_formulas_of_numbers_know_no_arrays(text):
    """In a rule or an answer about a network, @t1 is a test input and = an equation."""
    with pytest.raises(AnswerError):
        parse(text, Scope(names=frozenset("AB")))


@pytest.mark.parametrize(
    "text",
    [
        "(A - B).T @ C",
        "-A**2",
        "(-A)**2",
        "A - (B - C)",
        "A/(B*C)",
        "sum(A, axis=0, keepdims=true)",
        "2*A @ B",
    ],
)
def test_a_formula_becomes_its_own_text_again(text):
    """With the brackets that it needs and no others."""
    assert text_of(parse(text, SCOPE)) == text


@pytest.mark.parametrize("word", sorted(ARRAY_FUNCTIONS))
def test_a_graph_may_still_name_a_step_like_a_function_of_arrays(word):
    """`sum = a + b` was a graph before there were sums."""
    problem = load_problem(
        {"graph": {"steps": [f"{word} = a + b", f"J = 2*{word}"], "output": "J"}, "values": {"a": 1, "b": 2}}
    )
    assert [step.key for step in program_of(problem).steps] == [word, "J"]


# -- shapes ----------------------------------------------------------------------------------------


def shape_in_numpy(function, *shapes):
    """NumPy's own answer; None where it refuses."""
    try:
        return np.shape(function(*(np.zeros(shape) for shape in shapes)))
    except (ValueError, IndexError):
        return None


def test_every_operation_on_arrays_has_a_rule_for_its_shape():
    """A formula that can be read can be checked."""
    assert _RULES.keys() == ARRAY_OPERATIONS.keys()


@pytest.mark.parametrize("pair", every(product(SHAPES, SHAPES), 3), ids=str)
def test_shapes_are_those_of_numpy_but_for_the_table_of_all_pairs(pair):
    """Entry by entry, and as a product of matrices."""
    u, v = pair
    shapes = {"A": u, "B": v}
    assert met(u, v) == shape_in_numpy(np.add, u, v)
    entrywise, _ = infer(parse("A + B", SCOPE), shapes)
    vector, matrix = sorted((u, v), key=len)
    table = len(vector) == 1 and len(matrix) == 2 and vector[0] > 1 and matrix[0] > 1 and matrix[1] == 1
    assert entrywise == (None if table else shape_in_numpy(np.add, u, v))
    assert infer(parse("A @ B", SCOPE), shapes)[0] == shape_in_numpy(np.matmul, u, v)


@pytest.mark.parametrize("shape", SHAPES[1:])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, -2])
@pytest.mark.parametrize("keepdims", every([True, False], 2))
def test_a_sum_has_the_shape_that_numpy_gives_it(shape, axis, keepdims):
    """The axis is dropped, or kept with size 1."""
    node = Apply("sum", (Name("A"),), axis, keepdims)
    assert infer(node, {"A": shape})[0] == shape_in_numpy(
        lambda a: np.sum(a, axis=axis, keepdims=keepdims), shape
    )


def test_softmax_runs_along_the_last_axis_unless_another_is_asked_for():
    """Samples are rows, or with axis=0 columns."""
    assert axes_of(Apply("softmax", (Name("A"),)), 2) == (1,)
    assert axes_of(Apply("softmax", (Name("A"),), 0), 2) == (0,)
    assert axes_of(Apply("sum", (Name("A"),)), 2) == (0, 1)


WRONG_SHAPES = [
    (["Z = W @ X", "L = sum(Z)"], ["graph.steps[1], column 7: W is 2×4 and X has 3 rows", "X @ W does"]),
    (
        ["Z = X @ W.T", "L = sum(Z)"],
        ["X is 3×2 and W.T has 4 rows", "product X @ W.T does not exist; X @ W does"],
    ),
    (["Z = X @ X", "L = sum(Z)"], ["X is 3×2 and X has 3 rows", "X @ X.T does"]),
    (["Z = X @ b", "L = sum(Z)"], ["X is 3×2 and b has 4 numbers: the product X @ b does not exist"]),
    (["Z = b @ X", "L = sum(Z)"], ["b has 4 numbers and X has 3 rows"]),
    (["L = b @ u"], ["b has 4 numbers and u has 3 numbers", "outer(b, u) does"]),
    (["L = s @ u"], ["s is a number, and '@' multiplies vectors and matrices; write *"]),
    (["L = sum(X @ W + u)"], ["u has 3 numbers and the rows of X @ W, 3×4, have 4", "make u a column, 3×1"]),
    (["L = sum(X + b)"], ["b has 4 numbers and the rows of X, 3×2, have 2"]),
    (["L = mean((X @ v - Y)**2)"], ["table of all pairs", "X @ v is a vector of 3", "column Y, 3×1"]),
    (["L = mean((Y - u)**2)"], ["u is a vector of 3, a row beside the column Y", "make u a column, 3×1"]),
    (["L = sum(X/sum(X, axis=1))"], ["keep it a column with sum(X, axis=1, keepdims=true)"]),
    (["L = sum(X * W)"], ["X is 3×2 and W is 2×4", "the matrix product is written X @ W"]),
    (["L = sum(X + X.T)"], ["X is 3×2 and X.T is 2×3", "X would be 3×2"]),
    (["L = sum(b - u)"], ["b has 4 numbers and u has 3: they do not meet"]),
    (["L = sum(max(X, 0, b))"], ["column 9: b has 4 numbers and the rows of"]),
    (["L = sum(s)"], ["s is a number, which leaves nothing to add up", "[graph.shapes]: s = [5, 2]"]),
    (["L = mean(2)"], ["2 is a number, which leaves nothing to average"]),
    (["L = s.T"], ["s is a number, which has no transpose"]),
    (["L = softmax(s)"], ["s is a number, which has no softmax"]),
    (["L = sum(b, axis=1)"], ["b is a vector of 4 and has only axis 0; there is no axis 1"]),
    (["L = sum(softmax(X, keepdims=true))"], ["softmax keeps its operand's shape"]),
    (["L = sum(outer(X, u))"], ["outer multiplies two vectors, and X is 3×2"]),
    (["L = X"], ["graph.output: 'L' is 3×2, and one number is differentiated", "L = sum(L)"]),
    (["L = 2*b"], ["graph.output: 'L' is a vector of 4", "[graph.upstream] L = …"]),
]


@pytest.mark.parametrize(("steps", "parts"), WRONG_SHAPES, ids=[parts[0] for _, parts in WRONG_SHAPES])
def test_a_wrong_shape_explains_itself(steps, parts):
    """Both shapes, and where one turn would make them fit, that turn."""
    text = message(steps)
    assert [part for part in parts if part not in text] == []
    assert text.startswith("the mapping: 1 mistake\n")


WRONG_ARRAYS = [
    ({"X": [[1, 2], [3]]}, {}, ["values.X: rows of 2 and 1 numbers"]),
    ({"X": [[1, 2], 3]}, {}, ["values.X: rows beside single numbers"]),
    ({"X": []}, {}, ["values.X: a list without numbers"]),
    ({"X": [[]]}, {}, ["values.X: a list without numbers"]),
    ({"X": [[[1]]]}, {}, ["values.X: lists within lists within a list"]),
    ({"X": [[1, "a"], [True, 2]]}, {}, ["values.X[1][2]: the text 'a'", "values.X[2][1]: true"]),
    ({"X": [1, float("nan")]}, {}, ["values.X[2]: nan"]),
    ({"X": [0] * 50_001}, {}, ["values.X: more than 50,000 numbers"]),
    (
        {"X": [1, 2]},
        {"shapes": {"X": [2, 1]}},
        ["graph.shapes.X: 2×1, but the value of 'X' is a vector of 2"],
    ),
    (None, {"shapes": {"X": [2, 0]}}, ["graph.shapes.X: the list [2, 0]", "[m, n] for m rows of n"]),
    (None, {"shapes": {"X": [2, 3, 4]}}, ["graph.shapes.X: the list [2, 3, 4]"]),
    (None, {"shapes": {"X": 3}}, ["graph.shapes.X: the number 3"]),
    (None, {"shapes": {"X": ["2"]}}, ["graph.shapes.X: the list ['2']"]),
    (None, {"shapes": {"X": [True]}}, ["graph.shapes.X: the list [True]"]),
    (None, {"shapes": {"XX": [3], "X": [2]}}, ["graph.shapes.XX: no step reads 'XX'; did you mean 'X'?"]),
    (None, {"shapes": {"X": [2], "L": [2]}}, ["graph.shapes.L: 'L' is defined by step 1"]),
    (None, {"shapes": {"X": [4000, 20]}}, ["graph.shapes.X: 80,000 numbers", "at most 50,000"]),
    ({"X": [1, 2]}, {"upstream": {"L": [1, 2]}}, ["graph.upstream.L: a vector of 2; 'L' is a number"]),
    ({"X": [1, 2]}, {"upstream": {"L": ["b"]}}, ["graph.upstream.L[1]: the text 'b'"]),
]


@pytest.mark.parametrize(("values", "graph", "parts"), WRONG_ARRAYS, ids=[row[2][0] for row in WRONG_ARRAYS])
def test_a_wrong_array_is_placed_and_named(values, graph, parts):
    """Rows and numbers count from 1, as everywhere."""
    text = message(["L = sum(X)"], values, **graph)
    assert [part for part in parts if part not in text] == []


def test_all_shapes_that_are_wrong_are_told_at_once_and_nothing_follows_from_them():
    """A and B read what has no shape; C is a mistake of its own."""
    text = message(["Z = W @ X", "A = tanh(Z) @ W", "B = A + s.T", "C = b @ u", "L = sum(B)"])
    assert "3 mistakes" in text
    assert all(f"graph.steps[{i}]" in text for i in (1, 3, 4))


def test_what_is_too_long_within_a_function_is_refused_with_the_way_out():
    """Each entry would have as many slopes as it reads numbers, each as long."""
    n = MOST_LEAVES // 2 + 1
    text = message(["L = sum(tanh(X @ W))"], None, shapes={"X": [2, n], "W": [n, 1]})
    assert f"each entry reads {2 * n} numbers within one function" in text
    assert "a step of its own" in text
    assert stated(["Z = X @ W", "L = sum(tanh(Z))"], None, shapes={"X": [2, n], "W": [n, 1]})


@pytest.mark.slow
def test_a_graph_too_large_to_be_worked_is_refused_before_it_is_built():
    """The limit is met in shapes, so this takes no time."""
    text = message(["Z = X @ W", "L = sum(Z)"], None, shapes={"X": [1000, 50], "W": [50, 1000]})
    assert f"more than {MOST_EDGES:,}" in text


def test_differences_that_would_take_an_hour_are_refused_with_the_way_out():
    """Each entry of wrt is moved by itself; data need not be among them."""
    shapes = {"X": [4000, 4], "W": [4, 2]}
    text = message(["Z = X @ W", "L = sum(Z)"], None, shapes=shapes)
    assert "graph.wrt: 16,008 numbers to differentiate by" in text
    assert "weights, not data" in text
    assert stated(["Z = X @ W", "L = sum(Z)"], None, shapes=shapes, wrt=["W"]).wrt == tuple(
        f"W[{i},{j}]" for i in (1, 2, 3, 4) for j in (1, 2)
    )


def test_a_network_has_no_vectors_among_its_values():
    """There every name is one parameter."""
    layer = {"units": 1, "activation": "sigmoid", "weights": [["w"]], "biases": False}
    tables = {
        "network": {"inputs": 1, "layers": [layer], "cost": "squared_error"},
        "values": {"w": [1]},
        "data": {"x": [[1]], "y": [[1]]},
    }
    with pytest.raises(StatementError, match=r"values\.w: a list"):
        load_problem(tables)


# -- entries ---------------------------------------------------------------------------------------


def exact(value):
    """A value as NumPy holds exact numbers."""
    return np.vectorize(Fraction, otypes=[object])(np.array(value, dtype=object))


def computed(problem):
    """Every quantity, by exact arithmetic over the steps."""
    known = {key: sp.Rational(value.numerator, value.denominator) for key, value in problem.given.items()}
    for step in program_of(problem).steps:
        terms = (t.formula.expr.subs(dict(zip(t.formula.formals, map(known.get, t.args), strict=True)))
                 for t in step.terms)  # fmt: skip
        known[step.key] = sp.Add(*terms)
    return known


RATIONAL = [
    ("X @ W + b", lambda X, W, b, **_: X @ W + b),
    ("(X @ W).T", lambda X, W, **_: (X @ W).T),
    ("X.T @ X", lambda X, **_: X.T @ X),
    ("(X - Y).T @ (X + v)/3", lambda X, Y, v, **_: (X - Y).T @ (X + v) / Fraction(3)),
    ("sum(X, axis=0)", lambda X, **_: X.sum(axis=0)),
    ("mean(X, axis=1, keepdims=true)*Y", lambda X, Y, **_: X.mean(axis=1, keepdims=True) * Y),
    ("X - sum(X*X, axis=-1, keepdims=true)", lambda X, **_: X - (X * X).sum(axis=-1, keepdims=True)),
    ("-mean(X @ W)/s + 2*sum(b)", lambda X, W, b, s, **_: -(X @ W).mean() / s + 2 * b.sum()),
    ("outer(u, v) - X", lambda X, u, v, **_: np.outer(u, v) - X),
    ("u @ X @ v", lambda X, u, v, **_: u @ X @ v),
    ("v.T @ W", lambda v, W, **_: v @ W),
    ("sum((X @ W)**2, axis=1)/sum(u)", lambda X, W, u, **_: ((X @ W) ** 2).sum(axis=1) / u.sum()),
    ("s*(X @ v)*u", lambda X, s, v, u, **_: s * (X @ v) * u),
    ("Y @ Y.T @ X", lambda X, Y, **_: Y @ Y.T @ X),
]


@pytest.mark.parametrize(("text", "in_numpy"), RATIONAL, ids=[text for text, _ in RATIONAL])
def test_entries_are_those_of_numpy(text, in_numpy):
    """Exactly: NumPy computes with the same fractions."""
    problem = stated(
        [f"F = {text}", "L = sum(F)"] if np.ndim(in_numpy(**numpy_values())) else [f"F = {text}"]
    )
    expected, found = np.asarray(in_numpy(**numpy_values()), dtype=object), computed(problem)
    shape = problem.body.shape("F")
    assert shape == expected.shape
    for index in np.ndindex(shape):
        key = f"F[{','.join(str(i + 1) for i in index)}]" if index else "F"
        assert Fraction(int(found[key].p), int(found[key].q)) == expected[index]


def numpy_values():
    return {
        name: exact(value) if isinstance(value, list) else Fraction(value) for name, value in VALUES.items()
    }


def test_softmax_and_its_logarithm_are_what_their_names_say():
    """Along rows, as exp(Z)/sum(exp(Z), axis=1, keepdims=true)."""
    steps = [
        "P = softmax(X)",
        "Q = exp(X)/sum(exp(X), axis=1, keepdims=true)",
        "R = exp(log_softmax(X, axis=0))",
    ]
    found = computed(stated([*steps, "L = sum(P + Q + R)"]))
    X = np.array(VALUES["X"], dtype=float)
    e = np.exp(X)
    for (i, j), value in np.ndenumerate(e / e.sum(axis=1, keepdims=True)):
        assert float(found[f"P[{i + 1},{j + 1}]"]) == pytest.approx(value)
        assert float(found[f"Q[{i + 1},{j + 1}]"]) == pytest.approx(value)
        assert float(found[f"R[{i + 1},{j + 1}]"]) == pytest.approx(e[i, j] / e[:, j].sum())


def test_all_entries_of_a_step_have_one_formula():
    """SymPy differentiates once for a matrix, not once an entry."""
    problem = stated(["Z = X @ W + b", "A = tanh(Z)", "L = mean((A - s)**2)"])
    terms = [term for step in program_of(problem).steps for term in step.terms]
    assert len(terms) == 12 * 3 + 12 + 12
    assert len({id(term.formula) for term in terms}) == 4


def test_the_number_of_terms_is_the_number_of_products():
    """Twice as many samples are twice as many terms."""
    shapes = {"W": [3, 4], "v": [4]}
    counts = []
    for samples in (5, 10):
        problem = stated(["Z = X @ W", "L = sum(Z*v)"], None, shapes={"X": [samples, 3], **shapes})
        counts.append(sum(len(step.terms) for step in program_of(problem).steps))
    assert counts == [5 * 4 * 3 + 5 * 4, 10 * 4 * 3 + 10 * 4]


def test_a_graph_of_numbers_has_the_steps_that_it_had():
    """One step a line, in the author's own text."""
    problem = load_problem({"graph": {"steps": ["a = x**2", "J = a + x"], "output": "J"}, "values": {"x": 2}})
    assert [(step.key, len(step.terms)) for step in program_of(problem).steps] == [("a", 1), ("J", 1)]
    assert not problem.body.shapes


# -- names -----------------------------------------------------------------------------------------


def test_entries_and_their_derivatives_have_names():
    """Indices count from 1; one that can only be 1 may be left out."""
    problem = stated(["Z = X @ W", "P = Z @ b", "L = sum(Y*X)"])
    assert read(problem, "W[2,1]").of == "W[2,1]"
    assert read(problem, "Y[3]").of == "Y[3,1]"
    assert read(problem, "P[2]").of == "P[2]"
    found = read(problem, "dL/dX[3,2]")
    assert (found.of, found.by) == ("L", ("X[3,2]",))
    assert problem.wrt[:6] == tuple(f"X[{i},{j}]" for i in (1, 2, 3) for j in (1, 2))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("W", "'W' names a whole array; one entry is W[1,1]"),
        ("dL/dW", "'W' names a whole array"),
        ("W[2]", "'W[2]' has one index; one entry is W[1,1]"),
        ("W[3,1]", "'W[3,1]' does not exist; the last one is W[2,4]"),
        ("L[1]", "'L[1]': names of a graph have no indices"),
        ("W[1,1]@2", "names of a graph have no indices and no samples"),
    ],
)
def test_a_name_that_is_no_single_number_says_what_would_be(text, parts):
    """A gradient has one number an entry."""
    with pytest.raises(AnswerError) as refusal:
        read(stated(["Z = X @ W", "L = sum(Z)"]), text)
    assert parts in str(refusal.value)


def test_a_gradient_from_upstream_is_an_array_or_one_number_for_all():
    """The weights of one sum of all entries."""
    whole = stated(["Z = X @ v"], upstream={"Z": [1, 2, 3]})
    assert dict(whole.body.upstream) == {"Z[1]": 1, "Z[2]": 2, "Z[3]": 3}
    assert whole.objectives == ("C",)
    same = stated(["Z = X @ v"], upstream={"Z": "0.5"})
    assert set(same.body.upstream.values()) == {Fraction(1, 2)}


def test_an_array_of_one_entry_may_be_the_output():
    """It is one number, whatever its brackets."""
    assert stated(["L = Y.T @ Y"]).objectives == ("L[1,1]",)


def test_free_arrays_have_free_entries():
    """A name without a shape is a number."""
    problem = stated(["L = sum(X)*s"], None, shapes={"X": [2, 1]})
    assert dict(problem.given) == {"X[1,1]": None, "X[2,1]": None, "s": None}
    assert problem.is_free
