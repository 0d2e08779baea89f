"""The parts of a formula of vectors and matrices, and which of their entries an entry reads.

X @ W            Z[i,j] reads X[i,k] and W[k,j] for each k
X.T              Z[i,j] reads X[j,i]
conv1d(x, w)     c[i] reads x[i+j-1] and w[j] for each j
rows(E, 3, 1)    R[i,j] reads E[3,j] where i is 1, E[1,j] where i is 2
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, product
from math import prod
from types import MappingProxyType

from derive.formula.nodes import Apply, Name, Node, Unspecified
from derive.shapes import Part, Shape, axes_of, joined_axis, shape_of

FEW = 4
"""So many numbers may be a factor of every summand: 2*sum(u) is 2 u1 + 2 u2 + ..."""

SUMMED = frozenset({"matmul", "conv1d", "sum", "mean"})
"""What adds up entries of its operands, or products of these."""

SIGNED = frozenset({"add", "subtract", "negate"})
"""What hands on the terms of its operands, with their signs."""

Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Cell:
    """A part of a formula, with its shape and its own parts."""

    node: Node
    shape: Shape
    parts: tuple[Cell, ...]

    @property
    def operation(self) -> str:
        return self.node.operation if isinstance(self.node, Apply) else ""

    @property
    def places(self) -> tuple[int, ...]:
        return self.node.places if isinstance(self.node, Apply) else ()

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the operand that are run along."""
        reduces = self.operation in ("sum", "mean", "var", "softmax", "log_softmax")
        return (
            axes_of(self.node, len(self.parts[0].shape)) if reduces and isinstance(self.node, Apply) else ()
        )

    @cached_property
    def length(self) -> int:
        """How many summands one entry has: along the axes, a row of a product, or a filter."""
        if self.operation == "matmul":
            return self.parts[0].shape[-1]
        if self.operation == "conv1d":
            return self.parts[1].shape[-1]
        return prod(self.parts[0].shape[axis] for axis in self.axes)

    @cached_property
    def leaves(self) -> int:
        """How many numbers one entry reads."""
        if isinstance(self.node, Name):
            return 1
        parts = [part.leaves for part in self.parts]
        return max(parts) if self.operation in TAKEN else self.length * sum(parts)

    @cached_property
    def splits(self) -> bool:
        """Whether an entry is written as a sum of several terms."""
        if self.operation in SUMMED:
            return self.length > 1 or self.parts[0].splits
        if self.operation in SIGNED or self.operation in TAKEN:
            return any(part.splits for part in self.parts)
        return self.operation == "var" or self.multiplied is not None

    @cached_property
    def multiplied(self) -> int | None:
        """Which operand of a product or quotient is a sum that the other, being short, multiplies out."""
        candidates = {"multiply": (0, 1), "divide": (0,)}.get(self.operation, ())
        sums = (k for k in candidates if self.parts[k].splits and self.parts[1 - k].leaves <= FEW)
        return next(sums, None)

    @cached_property
    def widest(self) -> int:
        """How many numbers the longest term of an entry reads."""
        if not self.splits:
            return self.leaves
        if self.operation in ("matmul", "conv1d"):
            return sum(part.leaves for part in self.parts)
        if self.operation == "var":
            return self.leaves
        if self.multiplied is not None:
            return self.parts[self.multiplied].widest + self.parts[1 - self.multiplied].leaves
        return max(part.widest for part in self.parts)


def cell_of(node: Node, shapes: Mapping[str, Shape]) -> Cell:
    """A formula of names of these shapes, taken apart. Raises AnswerError where they do not fit."""
    if not isinstance(node, Apply | Unspecified):
        return Cell(node, shapes.get(node.base, ()) if isinstance(node, Name) else (), ())
    parts = tuple(cell_of(arg, shapes) for arg in node.args)
    return Cell(node, shape_of(node, [Part(part.node, part.shape) for part in parts]), parts)


# -- which entries of the operands ------------------------------------------------------------------


def under(cell: Cell, index: Index, k: int) -> Index:
    """The entry of operand k that meets the entry at `index`."""
    return _met(cell.parts[k].shape, index)


def _met(shape: Shape, index: Index) -> Index:
    """What an index of the result is in a shape that stretches to it: an axis of size 1 has one for all."""
    return tuple(
        1 if size == 1 else i for i, size in zip(index[len(index) - len(shape) :], shape, strict=True)
    )


def _rows_by_columns(cell: Cell, index: Index) -> Iterator[tuple[Index, ...]]:
    """u[i,k] v[k,j] for each k; a vector has no i or no j."""
    u, v = (part.shape for part in cell.parts)
    row, column = index[: len(u) - 1], index[len(index) - (len(v) - 1) :]
    return (((*row, k), (k, *column)) for k in range(1, u[-1] + 1))


def _under_the_filter(cell: Cell, index: Index) -> Iterator[tuple[Index, ...]]:
    """x[i+j-1] w[j] for each j, in the rows that meet."""
    *row, i = index
    x, w = (_met(part.shape[:-1], tuple(row)) for part in cell.parts)
    return (((*x, i + j - 1), (*w, j)) for j in range(1, cell.length + 1))


def _joined(cell: Cell, index: Index) -> tuple[int, Index]:
    """The operand that holds a place along the axis, and where."""
    assert isinstance(cell.node, Apply)
    axis = joined_axis(cell.node, len(cell.shape))
    ends = tuple(accumulate(part.shape[axis] for part in cell.parts))
    k = bisect_left(ends, index[axis])
    before = ends[k - 1] if k else 0
    return k, (*index[:axis], index[axis] - before, *index[axis + 1 :])


def along(cell: Cell, index: Index) -> Iterator[tuple[Index, ...]]:
    """The operand's entries along the axes that are added up."""
    (part,) = cell.parts
    kept = iter(index)
    ranges: list[Sequence[int]] = []
    for axis, size in enumerate(part.shape):
        at = next(kept) if axis not in cell.axes or len(cell.shape) == len(part.shape) else 0
        ranges.append(range(1, size + 1) if axis in cell.axes else (at,))
    return ((found,) for found in product(*ranges))


def beside(cell: Cell, index: Index) -> Iterator[Index]:
    """The entries among which a softmax shares 1, in order."""
    (axis,) = cell.axes
    return ((*index[:axis], k, *index[axis + 1 :]) for k in range(1, cell.shape[axis] + 1))


SUMMANDS: Mapping[str, Callable[[Cell, Index], Iterator[tuple[Index, ...]]]] = MappingProxyType(
    {
        "matmul": _rows_by_columns,
        "sum": along,
        "mean": along,
        "conv1d": _under_the_filter,
        "outer": lambda _, index: iter([((index[0],), (index[1],))]),
    }
)
"""An entry as a sum of products: for each summand one index an operand."""

TAKEN: Mapping[str, Callable[[Cell, Index], tuple[int, Index]]] = MappingProxyType(
    {
        "transpose": lambda _, index: (0, index[::-1]),
        "row": lambda cell, index: (0, (*cell.places, *index)),
        "rows": lambda cell, index: (0, (cell.places[index[0] - 1], *index[1:])),
        "entry": lambda cell, _: (0, cell.places),
        "concat": _joined,
    }
)
"""An entry that is an operand's own: of which one, and at which index."""
