"""Vectors and matrices on a page: gradients in their shape, steps in their author's letters, one circle each."""

from functools import cache

import pytest

from derive.cells import cell_of
from derive.files.load import load_problem
from derive.formula import Scope, parse
from derive.formula.nodes import ARRAY_FUNCTIONS, FUNCTIONS
from derive.gradient import derive_gradient
from derive.notation import write
from derive.writing.from_arrays import tree_of_cell
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.spelling import spell
from derive.writing.tree import Matrix, Num, product
from numeric.evidence import verify
from reports.content.arrays import matrix_tree
from reports.content.compose import compose
from reports.content.page import Chain, Lines, Paragraph, Strides
from reports.content.wording import counted
from reports.rendering import FORMATS, render
from reports.writers.latex import inner as latex_formula
from tests.kinds import every

STEPS = ["Z = X @ W1 + b", "P = softmax(Z)", "L = -mean(sum(Y*log(P), axis=1))"]
VALUES = {
    "X": [[1, 2], [3, "-0.5"], ["0.25", 4]],
    "W1": [[1, -1], ["0.5", 2]],
    "b": ["0.1", "-0.2"],
    "Y": [[1, 0], [0, 1], [1, 0]],
}


def stated(values=VALUES, **graph):
    tables = {"title": "softmax", "graph": {"steps": STEPS, "output": "L", "wrt": ["W1", "b"], **graph}}
    return load_problem(tables | ({"values": values} if values else {}))


@cache
def page(free=False):
    shapes = {"X": [3, 2], "W1": [2, 2], "b": [2], "Y": [3, 2]}
    problem = stated(None, shapes=shapes) if free else stated()
    return compose(problem, verify(problem))


def section(report, name):
    return next(part for part in report.sections if part.id == name)


def chains(report, name):
    """The formulas of a section as plain text."""
    blocks = section(report, name).blocks
    return [
        " ".join(f"{piece.sign} {plain(piece.body)}".strip() for piece in block.pieces)
        for block in blocks
        if isinstance(block, Chain)
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A @ B + b", "A·B + b"),
        ("A * C", "A ⊙ C"),
        ("(A @ B) * C", "(A·B) ⊙ C"),
        ("(A * C) @ B", "(A ⊙ C)·B"),
        ("s * A", "s·A"),
        ("A.T @ C", "Aᵀ·C"),
        ("(A - C)**2", "(A − C)²"),
        ("s**2", "s²"),
        ("outer(b, b)", "b·bᵀ"),
        ("sum(A, axis=-1)", "sum(A, axis=1)"),
        ("mean(tanh(A))", "mean(tanh(A))"),
        ("log_softmax(A)", "log-softmax(A)"),
    ],
)
def test_a_formula_of_matrices_is_written_with_the_signs_of_a_book(text, written):
    """Products of matrices and entry by entry look different."""
    shapes = {"A": (2, 2), "B": (2, 2), "C": (2, 2), "b": (2,)}
    scope = Scope(names=frozenset("ABCbs"), functions=FUNCTIONS | ARRAY_FUNCTIONS, arrays=True)
    assert plain(tree_of_cell(cell_of(parse(text, scope), shapes), lambda name: spell(name.base))) == written


@pytest.mark.parametrize(
    ("key", "written"),
    [("X[2,1]", "X_{21}"), ("W1[2,1]", "W_{1, 21}"), ("b[2]", "b_{2}"), ("X[12,3]", "X_{12, 3}"), ("L", "L")],
)
def test_an_entry_has_its_indices_below_its_letter(key, written):
    """After the digits that its name has, with a comma."""
    assert latex(write(stated(), key)) == written


def test_each_gradient_stands_in_the_shape_of_what_it_is_taken_by():
    """With the proven values, rounded as elsewhere, in the matrix form."""
    (strides,) = (
        block
        for block in section(page(), "matrix-form").blocks
        if isinstance(block, Strides) and "dL/dW1" in plain(block.lhs)
    )
    row = verify(stated())["dL/dW1[2,1]"]
    numbers = plain(strides.lines[-1].formula)
    assert numbers.startswith("[")
    assert f"{float(row.symbolic.mid):.6g}".lstrip("-") in numbers.replace("−", "-")


def test_the_forward_pass_shows_given_matrices_and_every_step_with_its_numbers():
    """In the author's own formula, and a number as a number."""
    found = chains(page(), "forward")
    assert found[0] == "X = [1, 2; 3, −0.5; 0.25, 4]"
    assert any(line.startswith("Z = X·W1 + b = [2.1, 2.8; ") for line in found)
    assert found[-1].startswith("L = −mean(sum(Y ⊙ ln(P), axis=1)) = ")


def test_one_entry_of_each_step_is_worked_and_the_others_are_counted():
    """Eleven more lines of one form teach nothing."""
    blocks = section(page(), "forward").blocks
    (lines,) = (block for block in blocks if isinstance(block, Lines))
    assert [plain(line.lhs) for line in lines.lines] == ["Z11", "P11", "L"]
    assert any(isinstance(block, Paragraph) and "10 more quantities" in str(block.words) for block in blocks)


def test_where_numbers_are_free_the_shapes_stand_in_their_place():
    """A matrix has its rows and columns to show."""
    assert chains(page(free=True), "forward")[0] == "X (3×2)"


def test_a_large_matrix_shows_its_ends_with_dots_between():
    """The first rows and columns, and the last."""
    tree = matrix_tree((20, 3), lambda index: Num(str(10 * index[0] + index[1])))
    assert isinstance(tree, Matrix)
    assert len(tree.rows) == 6
    assert plain(tree).startswith("[11, 12, 13; 21, ")
    assert plain(tree).endswith("⋮, ⋮, ⋮; 201, 202, 203]")
    tall = matrix_tree((50,), lambda index: Num(str(index[0])))
    assert plain(tall) == "[1; 2; 3; 4; ⋮; 50]"


def test_the_drawing_has_one_circle_for_each_array_with_its_shape():
    """Thirteen circles of entries would say less; a number keeps its value."""
    diagram = page().diagram
    spots = {spot.key: spot for spot in diagram.spots}
    assert list(spots) == ["X", "W1", "b", "Z", "P", "Y", "L"]
    assert (spots["W1"].value, spots["b"].value) == ("(2×2)", "(2)")
    assert spots["W1"].target == "by-W1-1-1"
    assert spots["L"].gradient == "+1"
    assert len(diagram.wires) == 6


def test_a_sum_weighted_from_upstream_is_drawn_after_its_outputs():
    """It is one more step."""
    problem = load_problem(
        {
            "graph": {"steps": ["Z = X @ W"], "output": "Z", "upstream": {"Z": [[1, "-0.5"]]}},
            "values": {"X": [[1, 2]], "W": [[1, 0], [2, 1]]},
        }
    )
    diagram = compose(problem, verify(problem)).diagram
    assert [spot.key for spot in diagram.spots] == ["X", "W", "Z", "C"]


def test_slopes_keep_their_common_factor():
    """2(a - y)/n, as books print it, not 2a/n - 2y/n."""
    problem = load_problem(
        {
            "graph": {"steps": ["L = mean((A - Y)**2)"], "output": "L"},
            "values": {"A": [1, 2, 3], "Y": [0, 1, 5]},
        }
    )
    lines = [plain(line.rhs) for line in derive_gradient(problem)["dL/dA[2]"].steps]
    assert "2/3·(A2 − Y2)" in lines


def test_arrays_are_counted_as_english_counts_them():
    """Not arraies."""
    assert [counted(2, noun) for noun in ("array", "quantity", "route")] == [
        "two arrays",
        "two quantities",
        "two routes",
    ]


@pytest.mark.parametrize("suffix", every(sorted(FORMATS), 2))
def test_a_page_of_matrices_is_written_in_every_format(suffix, tmp_path):
    """One report, all writers."""
    path = tmp_path / f"page{suffix}"
    render(stated(), path)
    assert "softmax" in path.read_text(encoding="utf-8") if suffix != ".pdf" else path.stat().st_size


@pytest.mark.slow
def test_of_many_entries_those_of_every_matrix_are_derived():
    """Not only the first matrix's."""
    values = {"X": [[1] * 9] * 2, "W1": [["0.1"] * 9] * 9, "b": ["0.2"] * 9, "Y": [[1] + [0] * 8] * 2}
    problem = stated(values)
    derived = {derivation.id.split("-")[1] for derivation in compose(problem, verify(problem)).derivations}
    assert derived == {"W1", "b"}


def test_a_matrix_tree_holds_a_value_for_every_entry():
    """Row by row."""
    tree = matrix_tree((2, 2), lambda index: Num(f"{index[0]}{index[1]}"))
    assert [[entry.text for entry in row] for row in tree.rows] == [["11", "12"], ["21", "22"]]


def test_a_sign_of_multiplication_does_not_swallow_the_letter_after_it():
    """TeX reads cdotW as one command that it does not know."""
    assert latex_formula(product(spell("reg"), spell("W"))) == r"\mathrm{reg}\cdot W"


@pytest.mark.parametrize("name", ["a", "z", "w", "x", "delta"])
def test_an_array_may_have_the_letter_of_a_network_s_quantity(name):
    """a[1] is an entry here, and no unit of a layer."""
    stated = load_problem(
        {
            "graph": {"steps": [f"{name} = W @ u", f"J = sum({name}*{name})"], "output": "J"},
            "values": {"W": [[1, 2], [3, 4]], "u": [1, 2]},
        }
    )
    assert compose(stated, verify(stated)).derivations
