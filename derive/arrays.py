"""Steps of vectors and matrices as steps of their entries.

    Z = X @ W + b        Z[i,j] = X[i,1] W[1,j] + ... + X[i,n] W[n,j] + b[j]
    A = tanh(Z)          A[i,j] = tanh(Z[i,j])
    L = mean((A - Y)^2)  L      = (A[1,1] - Y[1,1])^2 / mn + ... + (A[m,n] - Y[m,n])^2 / mn

What is a sum on the outside of a formula (sums, means, products of matrices, and
short factors before them) becomes one term a summand. Each is stated in formal
letters u1, u2, ... in the order in which it reads them, so that all entries of
a step have one formula, and SymPy differentiates it once.

Source: Griewank and Walther (2008), Evaluating Derivatives, sec. 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property, partial, reduce
from itertools import product
from math import prod
from types import MappingProxyType

import sympy as sp

from derive.composed import step_formula
from derive.expressions import Formula
from derive.formula.nodes import Apply, Name, Node, Number, Unspecified, names_in
from derive.rules import ACTIVATIONS
from derive.shapes import Part, Shape, axes_of, entry, indices, shape_of

MOST_LEAVES = 512
"""Numbers that one term may read: its slopes are as many, and each may read them all."""

MOST_EDGES = 200_000
"""Numbers that all terms read together, each counted as often as its term has slopes to pass through it."""

FEW = 4
"""So many numbers may be a factor of every summand: 2*sum(u) is 2 u1 + 2 u2 + ..."""

Index = tuple[int, ...]
StandIns = Mapping[str, sp.Expr]
NOTHING: StandIns = MappingProxyType({})
Read = tuple[Formula, tuple[str, ...], tuple[str, ...]]
"""A term: its formula, the keys that it reads, and those that it may also be printed in."""


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
    def axes(self) -> tuple[int, ...]:
        """The axes of the operand that are run along."""
        along = self.operation in ("sum", "mean", "softmax", "log_softmax")
        return axes_of(self.node, len(self.parts[0].shape)) if along and isinstance(self.node, Apply) else ()

    @cached_property
    def length(self) -> int:
        """How many summands one entry has: along the axes, or of a product of matrices along the row."""
        if self.operation == "matmul":
            return self.parts[0].shape[-1]
        return prod(self.parts[0].shape[axis] for axis in self.axes)

    @cached_property
    def leaves(self) -> int:
        """How many numbers one entry reads."""
        return 1 if isinstance(self.node, Name) else self.length * sum(part.leaves for part in self.parts)

    @cached_property
    def splits(self) -> bool:
        """Whether an entry is written as a sum of several terms."""
        if self.operation in ("matmul", "sum", "mean"):
            return self.length > 1 or self.parts[0].splits
        if self.operation in ("add", "subtract", "negate", "transpose"):
            return any(part.splits for part in self.parts)
        return self.multiplied is not None

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
        if self.operation == "matmul":
            return sum(part.leaves for part in self.parts)
        if self.multiplied is not None:
            return self.parts[self.multiplied].widest + self.parts[1 - self.multiplied].leaves
        return max(part.widest for part in self.parts)


def cell_of(node: Node, shapes: Mapping[str, Shape]) -> Cell:
    """A formula of names of these shapes, taken apart. Raises AnswerError where they do not fit."""
    if not isinstance(node, Apply | Unspecified):
        return Cell(node, shapes.get(node.base, ()) if isinstance(node, Name) else (), ())
    parts = tuple(cell_of(arg, shapes) for arg in node.args)
    return Cell(node, shape_of(node, [Part(part.node, part.shape) for part in parts]), parts)


def widest(node: Node, shapes: Mapping[str, Shape]) -> int:
    """How many numbers the longest term of a step's entry reads."""
    return cell_of(node, shapes).widest


def edges(node: Node, shapes: Mapping[str, Shape]) -> int:
    """What a step's entries cost together: each number that a term reads brings a slope as long as it."""
    cell = cell_of(node, shapes)
    return prod(cell.shape) * cell.leaves * max(1, cell.widest // FEW)


def array_steps(
    name: str, node: Node, shapes: Mapping[str, Shape], stand_ins: StandIns = NOTHING
) -> Iterator[tuple[str, list[Read]]]:
    """Each entry of a step by its key, as terms; `stand_ins` for the unspecified functions that have one."""
    cell = cell_of(node, shapes)
    if cell.operation == "softmax" and isinstance(cell.parts[0].node, Name):
        yield from _softmax_steps(name, cell)
        return
    for index in indices(cell.shape):
        key = entry(name, index)
        yield key, [_read(key, build, stand_ins) for build in _terms(cell, index)]


def written_out(node: Node, shapes: Mapping[str, Shape]) -> Node:
    """A formula that comes to one number, in the entries of its vectors and matrices."""
    return _entry(cell_of(node, shapes), (), _entry_name)


def _entry_name(key: str) -> Name:
    base, _, index = key.removesuffix("]").partition("[")
    return Name(base, tuple(map(int, index.split(","))) if index else ())


# -- terms -----------------------------------------------------------------------------------------


@dataclass
class Letters:
    """The formal letters of a term: u1, u2, ... in the order in which it reads the keys."""

    known: dict[str, Name] = field(default_factory=dict)

    def __call__(self, key: str) -> Name:
        """The letter of a key."""
        if key not in self.known:
            self.known[key] = _letter(len(self.known) + 1)
        return self.known[key]


@cache
def _letter(number: int) -> Name:
    return Name(f"u{number}")


Build = Callable[[Letters], Node]
"""A term, or a part of one, once its letters are known."""


def _read(key: str, build: Build, stand_ins: StandIns) -> Read:
    letters = Letters()
    formula, names = _stated(build(letters), tuple(stand_ins.items()))
    keys = {letter: read for read, letter in letters.known.items()}
    return formula, tuple(keys[name] for name in names), (key,) if formula.results else ()


@cache
def _stated(node: Node, stand_ins: tuple[tuple[str, sp.Expr], ...]) -> tuple[Formula, tuple[Name, ...]]:
    """The formula of a term, stated once for all entries, and the letter of each of its formals."""
    return step_formula(node, dict(stand_ins))[0], names_in(node)


def _terms(cell: Cell, index: Index) -> Iterator[Build]:
    """The terms whose sum is the entry at `index`."""
    if not cell.splits:
        yield partial(_entry, cell, index)
    elif cell.multiplied is not None:
        other = 1 - cell.multiplied
        factor = partial(_entry, cell.parts[other], _under(cell, index, other))
        for term in _terms(cell.parts[cell.multiplied], _under(cell, index, cell.multiplied)):
            operands = (term, factor) if cell.multiplied == 0 else (factor, term)
            yield partial(_applied, cell.operation, operands)
    elif cell.operation in ("add", "subtract", "negate"):
        for k, part in enumerate(cell.parts):
            negative = cell.operation == "negate" or (cell.operation == "subtract" and k == 1)
            for term in _terms(part, _under(cell, index, k)):
                yield partial(_applied, "negate", (term,)) if negative else term
    else:
        for where in _SUMMANDS[cell.operation](cell, index):
            if len(where) > 1:
                yield partial(_product, cell, where)
                continue
            for term in _terms(cell.parts[0], where[0]):
                yield partial(_shared, cell.length, term) if cell.operation == "mean" else term


def _entry(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    """An entry as one formula."""
    node = cell.node
    if isinstance(node, Name):
        return letters(entry(node.base, index))
    if isinstance(node, Unspecified):
        return replace(node, args=(_entry(cell.parts[0], index, letters),))
    if not isinstance(node, Apply):
        return node
    if node.operation in _SUMMANDS:
        products = [_product(cell, where, letters) for where in _SUMMANDS[node.operation](cell, index)]
        total = _added(products)
        return Apply("divide", (total, _count(cell.length))) if node.operation == "mean" else total
    if node.operation in _SOFTMAX:
        own = _entry(cell.parts[0], index, letters)
        powers = [Apply("exp", (_entry(cell.parts[0], at, letters),)) for at in _beside(cell, index)]
        return _SOFTMAX[node.operation](own, _added(powers))
    args = (_entry(part, _under(cell, index, k), letters) for k, part in enumerate(cell.parts))
    return Apply(node.operation, tuple(args))


def _applied(operation: str, operands: Sequence[Build], letters: Letters) -> Node:
    return _signed(operation, tuple(operand(letters) for operand in operands))


def _shared(count: int, term: Build, letters: Letters) -> Node:
    return _signed("divide", (term(letters), _count(count)))


def _signed(operation: str, args: tuple[Node, ...]) -> Node:
    """The operation, with the minus of a first factor in front of the whole: -(y ln p)/n."""
    first = args[0]
    if operation in ("multiply", "divide") and isinstance(first, Apply) and first.operation == "negate":
        return Apply("negate", (Apply(operation, (first.args[0], *args[1:])),))
    return Apply(operation, args)


def _product(cell: Cell, where: Sequence[Index], letters: Callable[[str], Name]) -> Node:
    """The product of one entry of each operand."""
    factors = [_entry(part, index, letters) for part, index in zip(cell.parts, where, strict=True)]
    return reduce(lambda left, right: Apply("multiply", (left, right)), factors)


def _added(nodes: Sequence[Node]) -> Node:
    """The sum in halves, so that a long one is not nested deep."""
    if len(nodes) == 1:
        return nodes[0]
    middle = len(nodes) // 2
    return Apply("add", (_added(nodes[:middle]), _added(nodes[middle:])))


def _count(number: int) -> Number:
    return Number(Fraction(number), str(number))


# -- which entries of the operands -----------------------------------------------------------------


def _under(cell: Cell, index: Index, k: int) -> Index:
    """The entry of operand k that meets the entry at `index`: an axis of size 1 has one for all."""
    shape = cell.parts[k].shape
    return tuple(
        1 if size == 1 else i for i, size in zip(index[len(index) - len(shape) :], shape, strict=True)
    )


def _rows_by_columns(cell: Cell, index: Index) -> Iterator[tuple[Index, ...]]:
    """u[i,k] v[k,j] for each k; a vector has no i or no j."""
    u, v = (part.shape for part in cell.parts)
    row, column = index[: len(u) - 1], index[len(index) - (len(v) - 1) :]
    return (((*row, k), (k, *column)) for k in range(1, u[-1] + 1))


def _along(cell: Cell, index: Index) -> Iterator[tuple[Index, ...]]:
    """The operand's entries along the axes that are added up."""
    (part,) = cell.parts
    kept = iter(index)
    ranges: list[Sequence[int]] = []
    for axis, size in enumerate(part.shape):
        at = next(kept) if axis not in cell.axes or len(cell.shape) == len(part.shape) else 0
        ranges.append(range(1, size + 1) if axis in cell.axes else (at,))
    return ((found,) for found in product(*ranges))


def _beside(cell: Cell, index: Index) -> Iterator[Index]:
    """The entries among which a softmax shares 1, in order."""
    (axis,) = cell.axes
    return ((*index[:axis], k, *index[axis + 1 :]) for k in range(1, cell.shape[axis] + 1))


_SUMMANDS: Mapping[str, Callable[[Cell, Index], Iterator[tuple[Index, ...]]]] = MappingProxyType(
    {
        "matmul": _rows_by_columns,
        "sum": _along,
        "mean": _along,
        "transpose": lambda _, index: iter([(index[::-1],)]),
        "outer": lambda _, index: iter([((index[0],), (index[1],))]),
    }
)
"""An entry as a sum of products: for each summand one index an operand."""

_SOFTMAX: Mapping[str, Callable[[Node, Node], Node]] = MappingProxyType(
    {
        "softmax": lambda z, total: Apply("divide", (Apply("exp", (z,)), total)),
        "log_softmax": lambda z, total: Apply("subtract", (z, Apply("log", (total,)))),
    }
)


def _softmax_steps(name: str, cell: Cell) -> Iterator[tuple[str, list[Read]]]:
    """The rule of a layer, which brings its usual slopes: the entry itself first, then those beside it."""
    assert isinstance(cell.parts[0].node, Name)
    formula = ACTIVATIONS["softmax"].formula(cell.length)
    for index in indices(cell.shape):
        places = (index, *(at for at in _beside(cell, index) if at != index))
        reads, results = (tuple(entry(base, at) for at in places) for base in (cell.parts[0].node.base, name))
        yield entry(name, index), [(formula, reads, results)]
