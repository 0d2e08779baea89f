"""What a page shows of a graph's vectors and matrices as wholes.

Z1 = X W1 + b1 = [ … ]        each step in its author's letters, with its numbers

A large one shows its first and last rows and columns, with dots between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from derive.cells import cell_of
from derive.formula.nodes import names_in
from derive.notation import write
from derive.problem import Assignment, Graph
from derive.shapes import Shape, entry, sized
from derive.steps import Step
from derive.writing.from_arrays import tree_of_cell
from derive.writing.tree import Ident, Matrix, Text, Tree
from reports.content.desk import DOTS, Desk
from reports.content.page import Block, Chain, Paragraph, Piece, Prose
from reports.content.values import FACTOR_DIGITS, value_tree

MOST_ROWS = 6
"""More rows or columns are shown with the first ones, dots and the last one."""

DOWN, ACROSS = Ident("⋮", upright=True), Ident("⋱", upright=True)


def matrix_tree(shape: Shape, value: Callable[[tuple[int, ...]], Tree]) -> Tree:
    """The matrix of `value(index)`, a vector as a column; indices count from 1."""
    rows, columns = shape if len(shape) == 2 else (shape[0], 1)
    across = _ends(range(1, columns + 1))
    table = [
        [_place(i, j, lambda i, j: value((i, j)[: len(shape)])) for j in across]
        for i in _ends(range(1, rows + 1))
    ]
    return Matrix(tuple(map(tuple, table)))


def _ends(items: Sequence[int]) -> list[int | None]:
    """The indices that are shown; None for dots."""
    if len(items) <= MOST_ROWS:
        return list(items)
    return [*items[: MOST_ROWS - 2], None, items[-1]]


def _place(i: int | None, j: int | None, value: Callable[[int, int], Tree]) -> Tree:
    if i is not None and j is not None:
        return value(i, j)
    return ACROSS if i is None and j is None else DOTS if j is None else DOWN


def forward_blocks(desk: Desk, graph: Graph) -> Iterator[Block]:
    """The given arrays and every step that is one or reads one, with their numbers."""
    given = [name for name in desk.problem.given_names if graph.shape(name)]
    steps = [line for line in graph.steps if _has_arrays(graph, line)]
    words: Prose = (
        "Side by side is the product of matrices; ⊙, powers and functions work entry by entry. ",
        f"Vectors are columns{_added_to_rows(graph)}.",
    )
    yield Paragraph(words, quiet=True)
    for name in given:
        yield Chain((Piece("", write(desk.problem, name)), *_values(desk, graph, name)))
    for line in steps:
        formula = _formula(desk, graph, line)
        yield Chain(
            (Piece("", write(desk.problem, line.name)), Piece("=", formula), *_values(desk, graph, line.name))
        )


def _added_to_rows(graph: Graph) -> str:
    """What a vector does beside a matrix, where there are both."""
    ranks = set(map(len, graph.shapes.values()))
    return "; added to a matrix, one is added to each of its rows" if {1, 2} <= ranks else ""


def first_entries(graph: Graph, steps: Sequence[Step]) -> list[Step]:
    """Of each array its first entry, which says how the others are computed, and all steps of numbers."""
    first = {entries[0] for name in graph.defined for entries in [graph.keys(name)]}
    return [step for step in steps if step.key in first or "[" not in step.key]


def _has_arrays(graph: Graph, line: Assignment) -> bool:
    return any(map(graph.shape, (line.name, *(name.base for name in names_in(line.node)))))


def _formula(desk: Desk, graph: Graph, line: Assignment) -> Tree:
    return tree_of_cell(cell_of(line.node, graph.shapes), lambda name: write(desk.problem, name.base))


def _values(desk: Desk, graph: Graph, name: str) -> Iterator[Piece]:
    """Its numbers; where they are free its shape."""
    shape = graph.shape(name)
    if desk.worked is None:
        yield Piece("", Text(f"({sized(shape)})"))
        return
    values = desk.worked.values
    if not shape:
        yield Piece("=", value_tree(values[name], FACTOR_DIGITS))
        return
    yield Piece("=", matrix_tree(shape, lambda index: value_tree(values[entry(name, index)], FACTOR_DIGITS)))
