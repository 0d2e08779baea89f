"""Variance, filters, rows and joined arrays: how they are written, their shapes, what their entries read."""

import pytest

from derive.cells import SUMMANDS, TAKEN, cell_of
from derive.errors import AnswerError, StatementError
from derive.files.load import load_problem
from derive.formula import Scope, parse
from derive.formula.nodes import ARRAY_FUNCTIONS, FUNCTIONS, Apply
from derive.formula.text import text_of
from derive.gradient import derive_gradient
from derive.gradient import slope as slope_tree
from derive.matrix.equations import matrix_view
from derive.matrix.expr import arrays_in
from derive.matrix.proof import proofs
from derive.shapes import infer
from derive.steps import program_of
from derive.writing.from_arrays import tree_of_cell
from derive.writing.plain import plain
from derive.writing.spelling import spell

SCOPE = Scope(names=frozenset("EABxwvs"), functions=FUNCTIONS | ARRAY_FUNCTIONS, arrays=True)
SHAPES = {"E": (3, 2), "A": (2, 4), "B": (3, 3), "x": (5,), "w": (3,), "v": (2,), "s": ()}

TEXTS = [
    "var(A, axis=1, keepdims=true)",
    "conv1d(A, w)",
    "concat(x, w, v)",
    "concat(E, B, axis=1)",
    "row(E.T, 2)",
    "rows(E, 3, 1, 3)",
    "entry(E, 3, 1)",
    "entry(x, 5)",
]


def refusal_of(text, shapes=None):
    """What is said of a formula: by the grammar, or where shapes are given by them."""
    if shapes is None:
        with pytest.raises(AnswerError) as refusal:
            parse(text, SCOPE)
        return str(refusal.value)
    (mistake,) = infer(parse(text, SCOPE), shapes)[1]
    return str(mistake)


# -- the grammar -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_a_formula_becomes_its_own_text_again(text):
    """Messages quote it so."""
    assert text_of(parse(text, SCOPE)) == text


def test_places_are_no_operands():
    """A row is read, and its number is not."""
    node = parse("rows(E, 3, 1)", SCOPE)
    assert isinstance(node, Apply)
    assert (len(node.args), node.places) == (1, (3, 1))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("row(E, 0)", ["'0' is no place", "row(E, 1) is the first"]),
        ("row(E, -1)", ["'-1' is no place", "row(E, 1) is the first"]),
        ("entry(x, 1.5)", ["'1.5' is no place", "entry(E, 1) is the first"]),
        ("rows(E, s)", ["'s' is no place"]),
        ("row(E)", ["'row' takes 1 number after its operand, not 0"]),
        ("row(E, 1, 2)", ["'row' takes 1 number after its operand, not 2"]),
        ("rows(E, 1, axis=0)", ["'rows' takes no axis"]),
        ("conv1d(x)", ["'conv1d' takes 2 operands, not 1"]),
        ("E[2]", ["names are plain here", "row(A, 1), rows(A, 3, 1) and entry(A, 1, 2), counted from 1"]),
        ("x[1:3]", ["':' is not part of a formula", "rows(A, 3, 1)", "counted from 1"]),
        ("var(x, axis=0, axis=0)", ["'var' takes one axis"]),
    ],
)
def test_a_formula_that_cannot_be_read_says_what_would_be(text, parts):
    """Above all to those who count from 0."""
    message = refusal_of(text)
    assert [part for part in parts if part not in message] == []


def test_a_quantity_named_like_a_function_says_that_it_hides_it():
    """var = var(X) is what a newcomer writes."""
    with pytest.raises(StatementError, match="hides the function var; give the quantity another name"):
        load_problem(
            {"graph": {"steps": ["var = var(X)", "L = 2*var"], "output": "L"}, "values": {"X": [1, 2]}}
        )


# -- shapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("var(A)", ()),
        ("var(A, axis=0)", (4,)),
        ("conv1d(x, w)", (3,)),
        ("conv1d(x, B)", (3, 3)),
        ("conv1d(A, v)", (2, 3)),
        ("conv1d(B, E)", (3, 2)),
        ("concat(x, w, v)", (10,)),
        ("concat(E, B, axis=-1)", (3, 5)),
        ("concat(E, A.T)", (7, 2)),
        ("row(A, 2)", (4,)),
        ("rows(A, 2)", (1, 4)),
        ("rows(A, 2, 1, 2)", (3, 4)),
        ("entry(A, 2, 4)", ()),
        ("entry(x, 5)", ()),
    ],
)
def test_a_shape_follows_from_those_of_the_operands(text, shape):
    """No flip, no padding; rows stay a matrix, a row is a vector."""
    assert infer(parse(text, SCOPE), SHAPES) == (shape, [])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("var(s)", ["s is a number, which leaves nothing to average"]),
        (
            "conv1d(w, x)",
            ["x has 5 numbers and w has 3 numbers", "slides along the first", "conv1d(x, w) would"],
        ),
        ("conv1d(A, E)", ["A has 2 rows and E has 3", "row on row"]),
        ("conv1d(s, w)", ["s is a number, which has no places to slide along"]),
        (
            "concat(E, B)",
            ["E is 3×2 and B is 3×3", "one below the other, along axis 0; axis=1 would join them"],
        ),
        ("concat(E, A)", ["E is 3×2 and A is 2×4: they do not join one below the other, along axis 0"]),
        ("concat(E, v)", ["a vector and a matrix are not joined; a row kept as a matrix is rows(A, 1)"]),
        ("concat(x, w, axis=1)", ["x is a vector of 5 and has only axis 0"]),
        ("concat(x, w, keepdims=true)", ["leave keepdims out"]),
        ("concat(x, s)", ["s is a number, which cannot be joined to others"]),
        ("row(E, 4)", ["E is 3×2: there is no row 4, counted from 1 to 3"]),
        ("rows(E, 1, 7)", ["there is no row 7"]),
        ("row(x, 2)", ["x is a vector of 5, not a matrix of rows; entry(x, 1) is the first of its numbers"]),
        ("entry(E, 1, 3)", ["E is 3×2: there is no column 3, counted from 1 to 2"]),
        ("entry(E, 2)", ["E is 3×2; one of its numbers is entry(E, 1, 2), in row 1 and column 2"]),
        ("entry(x, 6)", ["x is a vector of 5: there is no entry 6, counted from 1 to 5"]),
        ("entry(s, 1)", ["s is a number, which is its own only entry"]),
    ],
)
def test_shapes_that_do_not_fit_say_which_would(text, parts):
    """With the operands as they stand in the text."""
    message = refusal_of(text, SHAPES)
    assert [part for part in parts if part not in message] == []


# -- entries ---------------------------------------------------------------------------------------


def test_an_entry_that_is_taken_is_an_operand_s_own():
    """Which operand, and where in it."""
    joined = cell_of(parse("concat(E, A.T, axis=0)", SCOPE), SHAPES)
    assert [TAKEN["concat"](joined, (i, 2)) for i in (3, 4)] == [(0, (3, 2)), (1, (1, 2))]
    again = cell_of(parse("rows(E, 3, 1)", SCOPE), SHAPES)
    assert TAKEN["rows"](again, (2, 1)) == (0, (1, 1))


def test_a_filter_is_neither_flipped_nor_padded():
    """c[2] = x[2] w[1] + x[3] w[2] + x[4] w[3], which deep learning calls a convolution."""
    cell = cell_of(parse("conv1d(x, w)", SCOPE), SHAPES)
    assert list(SUMMANDS["conv1d"](cell, (2,))) == [((2,), (1,)), ((3,), (2,)), ((4,), (3,))]


def test_the_terms_of_a_variance_read_one_number_each_but_for_the_last():
    """So a row of n numbers costs n squared, as a softmax does, and not its cube."""
    problem = load_problem(
        {"graph": {"steps": ["v = var(x)"], "output": "v"}, "values": {"x": [1, 2, 4, "0.5"]}}
    )
    (step,) = program_of(problem).steps
    assert [len(term.args) for term in step.terms] == [1, 1, 1, 1, 4]


@pytest.mark.parametrize(
    ("var", "mean", "shown"),
    [
        ("var(X, axis=0)", "mean(X, axis=0)", "X11 − μ1"),
        ("var(X, axis=1, keepdims=true)", "mean(X, axis=1, keepdims=true)", "2/3·(X11 − μ1)"),
        ("var(X)", "mean(X)", "1/3·(X11 − μ)"),
        ("var(X, axis=0)", "mean(X*X, axis=0)", "X11 − 1/2·(X11 + X21)"),
        ("var(X, axis=0)", "mean(X, axis=1)", "X11 − 1/2·(X11 + X21)"),
    ],
)
def test_a_variance_is_sloped_about_the_mean_that_has_a_name(var, mean, shown):
    """2/m (x − μ), as in Algorithm 1 of batch normalisation; of other numbers a mean is no μ of theirs."""
    total = "sum(v)" if "axis" in var else "v"
    graph = {"steps": [f"mu = {mean}", f"v = {var}", f"L = {total}"], "output": "L", "wrt": ["X"]}
    problem = load_problem({"graph": graph | {"shapes": {"X": [2, 3]}}})
    of = next(step.key for step in program_of(problem).steps if step.key.startswith("v"))
    factor = derive_gradient(problem).routes.factor(of, "X[1,1]")
    assert plain(slope_tree(problem, factor)) == shown
    assert factor.proved


@pytest.mark.parametrize("along", ["", ", axis=0", ", axis=1", ", axis=0, keepdims=true"])
@pytest.mark.parametrize("named", [True, False])
def test_a_variance_is_centred_in_matrices_too_and_proved(along, named):
    """One term for the whole gradient: what moves through the mean adds up to 0."""
    steps = [f"v = var(X{along})", "L = sum(v**2)" if along else "L = v**2"]
    graph = {"steps": [f"mu = mean(X{along})", *steps] if named else steps, "output": "L"}
    problem = load_problem({"graph": graph | {"wrt": ["X"], "shapes": {"X": [2, 3]}}})
    view = matrix_view(problem)
    (own,) = (one for one in view.backward if one.by.key == "X")
    assert ("mu" in {part.key for part in arrays_in(own.forms[-1].expr)}) is named
    assert proofs(problem, view, "L")[own.array.key, 0] == 4


def test_a_row_that_is_taken_three_times_is_one_embedding_used_three_times():
    """Its derivative is the sum over its uses, and a word that does not appear has none."""
    tables = {"graph": {"steps": ["H = rows(E, 2, 1, 2, 2)", "L = sum(H)"], "output": "L"}}
    derivation = derive_gradient(load_problem(tables | {"values": {"E": [[1], [2], [3]]}}))
    assert [derivation[f"dL/dE[{i},1]"].expression for i in (1, 2, 3)] == [1, 3, 0]


# -- on the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("var(A, axis=-1)", "var(A, axis=1)"),
        ("conv1d(x, w)", "conv1d(x, w)"),
        ("concat(E, B, axis=1)", "concat(E, B, axis=1)"),
        ("row(E, 3)", "row(E, 3)"),
        ("rows(E @ A, 3, 1)", "rows(E·A, 3, 1)"),
        ("entry(E, 3, 1)", "entry(E, 3, 1)"),
    ],
)
def test_a_line_names_axis_and_places_as_a_file_does(text, written):
    """On a page they stand below the word."""
    tree = tree_of_cell(cell_of(parse(text, SCOPE), SHAPES), lambda name: spell(name.base))
    assert plain(tree) == written
