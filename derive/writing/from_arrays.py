"""Formulas of vectors and matrices as trees: X W + b, (A − Y)², P ⊙ Q, uᵀ.

What stands side by side is a product of matrices, and ⊙ one entry by entry. A
power is entry by entry, as in the matrix form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from derive.cells import Cell
from derive.formula.nodes import Apply, Name, Unspecified
from derive.writing.from_nodes import Leaf, applied, tree_of_node
from derive.writing.spelling import unspecified_call
from derive.writing.tree import Call, Ident, Script, Text, Tree, bracketed, power, product

TRANSPOSED = Ident("⊤", upright=True)


def tree_of_cell(cell: Cell, leaf: Leaf) -> Tree:
    """The formula as a tree; `leaf` shows each name."""
    args = tuple(tree_of_cell(part, leaf) for part in cell.parts)
    if isinstance(cell.node, Unspecified):
        return unspecified_call(cell.node.function, cell.node.order, args)
    if not isinstance(cell.node, Apply):
        return leaf(cell.node) if isinstance(cell.node, Name) else tree_of_node(cell.node, leaf)
    form = _FORMS.get(cell.operation)
    return form(cell, *args) if form is not None else applied(cell.operation, args)


def _product(cell: Cell, *args: Tree) -> Tree:
    """Entry by entry, or a number times an array."""
    if not all(part.shape for part in cell.parts):
        return product(*args)
    return product(*_closed(cell, "matmul", args), sign="⊙")


def _matmul(cell: Cell, *args: Tree) -> Tree:
    return product(*_closed(cell, "multiply", args))


def _closed(cell: Cell, other: str, args: Sequence[Tree]) -> Iterator[Tree]:
    """The operands, those of the other product in brackets: (A B) ⊙ C."""
    for part, tree in zip(cell.parts, args, strict=True):
        yield bracketed(tree) if part.operation == other else tree


def _transpose(_: Cell, operand: Tree) -> Tree:
    return power(operand, TRANSPOSED)


def _outer(_: Cell, u: Tree, v: Tree) -> Tree:
    """u vᵀ"""
    return product(u, power(v, TRANSPOSED))


def _called(cell: Cell, *args: Tree) -> Tree:
    """sum_{axis 0}(u), conv1d(x, w); softmax without an axis runs along rows."""
    word: Tree = Ident(cell.operation.replace("_", "-"), upright=True)
    if isinstance(cell.node, Apply) and cell.node.axis is not None:
        word = Script(word, sub=Text(f"axis {cell.node.axis % len(cell.parts[0].shape)}"))
    return Call(word, args)


def _taken(cell: Cell, operand: Tree) -> Tree:
    """row_3(E), rows_{3, 1}(E): the places below the word."""
    assert isinstance(cell.node, Apply)
    places = Text(", ".join(map(str, cell.node.places)))
    return Call(Script(Ident(cell.operation, upright=True), sub=places), (operand,))


_FORMS: Mapping[str, Callable[..., Tree]] = MappingProxyType(
    {
        "multiply": _product,
        "power": lambda _, base, exponent: power(base, exponent),
        "matmul": _matmul,
        "transpose": _transpose,
        "outer": _outer,
        "row": _taken,
        "rows": _taken,
        "entry": _taken,
        **dict.fromkeys(
            ("sum", "mean", "var", "softmax", "log_softmax", "conv1d", "concat"),
            _called,
        ),
    }
)
