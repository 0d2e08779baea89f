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
from functools import cache, partial, reduce
from math import prod
from types import MappingProxyType

import sympy as sp

from derive.cells import FEW, SIGNED, SUMMANDS, SUMMED, TAKEN, Cell, Index, along, beside, cell_of, under
from derive.composed import coupled_formula, step_formula
from derive.expressions import Formula
from derive.formula.nodes import Apply, Name, Node, Number, Unspecified, names_in
from derive.rules import ACTIVATIONS
from derive.shapes import Shape, entry, indices

MOST_LEAVES = 512
"""Numbers that one term may read: its slopes are as many, and each may read them all."""

MOST_EDGES = 200_000
"""Numbers that all terms read together, each counted as often as its term has slopes to pass through it."""

StandIns = Mapping[str, sp.Expr]
NOTHING: StandIns = MappingProxyType({})
Read = tuple[Formula, tuple[str, ...], tuple[str, ...]]
"""A term: its formula, the keys that it reads, and those that it may also be printed in."""


def widest(node: Node, shapes: Mapping[str, Shape]) -> int:
    """How many numbers the longest term of a step's entry reads."""
    return cell_of(node, shapes).widest


def edges(node: Node, shapes: Mapping[str, Shape]) -> int:
    """What a step's entries cost together: each number that a term reads brings a slope as long as it."""
    cell = cell_of(node, shapes)
    return prod(cell.shape) * cell.leaves * max(1, cell.widest // FEW)


def array_steps(
    name: str,
    node: Node,
    shapes: Mapping[str, Shape],
    stand_ins: StandIns = NOTHING,
    mean: str | None = None,
) -> Iterator[tuple[str, list[Read]]]:
    """Each entry of a step by its key, as terms.

    stand_ins  of the unspecified functions that have one
    mean       the step that is the mean of what this one is the variance of, where there is one
    """
    cell = cell_of(node, shapes)
    if cell.operation in _SOFTMAX:
        named = isinstance(cell.parts[0].node, Name)
        yield from _softmax_steps(name, cell) if named else _composed_softmax(name, cell, stand_ins)
        return
    for index in indices(cell.shape):
        key = entry(name, index)
        terms = [_read(key, build, stand_ins) for build in _terms(cell, index)]
        yield key, terms if mean is None else [*terms[:-1], _with_mean(terms[-1], entry(mean, index))]


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
        return iter([partial(_entry, cell, index)])
    if cell.multiplied is not None:
        return _multiplied_out(cell, cell.multiplied, index)
    return _TERMS[cell.operation](cell, index)


def _multiplied_out(cell: Cell, k: int, index: Index) -> Iterator[Build]:
    """u c + v c + ... of (u + v + ...) c"""
    factor = partial(_entry, cell.parts[1 - k], under(cell, index, 1 - k))
    for term in _terms(cell.parts[k], under(cell, index, k)):
        yield partial(_applied, cell.operation, (term, factor) if k == 0 else (factor, term))


def _signed_terms(cell: Cell, index: Index) -> Iterator[Build]:
    for k, part in enumerate(cell.parts):
        negative = cell.operation == "negate" or (cell.operation == "subtract" and k == 1)
        for term in _terms(part, under(cell, index, k)):
            yield partial(_applied, "negate", (term,)) if negative else term


def _summands(cell: Cell, index: Index) -> Iterator[Build]:
    for where in SUMMANDS[cell.operation](cell, index):
        if len(where) > 1:
            yield partial(_product, cell, where)
            continue
        for term in _terms(cell.parts[0], where[0]):
            yield partial(_shared, cell.length, term) if cell.operation == "mean" else term


def _deviations(cell: Cell, index: Index) -> Iterator[Build]:
    """u1^2/n + ... + un^2/n - (sum of u/n)^2, of which only the last reads them all."""
    for (at,) in along(cell, index):
        yield partial(_shared_square, cell, at)
    yield partial(_less_squared_mean, cell, index)


MEAN = sp.Symbol("the mean")
"""A mean that another step computes, in the slopes of a variance; no text can name a quantity so."""


def _with_mean(less_squared_mean: Read, key: str) -> Read:
    """The last term of a variance, its slopes in the mean of that key: 2/n (u - mean) for them all."""
    formula, reads, _ = less_squared_mean
    in_mean = _in_mean(formula)
    return in_mean, reads, (key,) if in_mean.results else ()


@cache
def _in_mean(formula: Formula) -> Formula:
    """-m^2 with its slope -2m dm/du; SymPy takes a mean of multiples apart, which is left as it is."""
    mean, exponent = (-formula.expr).as_base_exp()
    if exponent != 2:
        return formula
    usual = tuple(-2 * MEAN * sp.diff(mean, formal) for formal in formula.formals)
    return replace(formula, results=(MEAN,), meanings=(mean,), usual=usual, tidy=False)


def _terms_taken(cell: Cell, index: Index) -> Iterator[Build]:
    k, at = TAKEN[cell.operation](cell, index)
    return _terms(cell.parts[k], at)


def _entry(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    """An entry as one formula."""
    node = cell.node
    if isinstance(node, Name):
        return letters(entry(node.base, index))
    if isinstance(node, Unspecified):
        return replace(node, args=(_entry(cell.parts[0], index, letters),))
    if not isinstance(node, Apply):
        return node
    return _ENTRIES.get(node.operation, _entrywise)(cell, index, letters)


def _entrywise(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    args = (_entry(part, under(cell, index, k), letters) for k, part in enumerate(cell.parts))
    return Apply(cell.operation, tuple(args))


def _summed(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    total = _added([_product(cell, where, letters) for where in SUMMANDS[cell.operation](cell, index)])
    return Apply("divide", (total, _count(cell.length))) if cell.operation == "mean" else total


def _variance(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    squares = [_shared_square(cell, at, letters) for (at,) in along(cell, index)]
    return Apply("add", (_added(squares), _less_squared_mean(cell, index, letters)))


def _taken(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    k, at = TAKEN[cell.operation](cell, index)
    return _entry(cell.parts[k], at, letters)


def _share(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    own = _entry(cell.parts[0], index, letters)
    powers = [Apply("exp", (_entry(cell.parts[0], at, letters),)) for at in beside(cell, index)]
    return _SOFTMAX[cell.operation](own, _added(powers))


def _shared_square(cell: Cell, at: Index, letters: Callable[[str], Name]) -> Node:
    """u^2/n"""
    square = Apply("power", (_entry(cell.parts[0], at, letters), _count(2)))
    return Apply("divide", (square, _count(cell.length)))


def _less_squared_mean(cell: Cell, index: Index, letters: Callable[[str], Name]) -> Node:
    """-(sum of u/n)^2, which the mean of the squares exceeds by the variance."""
    total = _added([_entry(cell.parts[0], at, letters) for (at,) in along(cell, index)])
    mean = Apply("divide", (total, _count(cell.length)))
    return Apply("negate", (Apply("power", (mean, _count(2))),))


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


_TERMS: Mapping[str, Callable[[Cell, Index], Iterator[Build]]] = MappingProxyType(
    {
        **dict.fromkeys(SUMMED, _summands),
        **dict.fromkeys(SIGNED, _signed_terms),
        **dict.fromkeys(TAKEN, _terms_taken),
        "var": _deviations,
    }
)
"""What may be a sum on the outside of a formula, as its terms."""

_ENTRIES: Mapping[str, Callable[[Cell, Index, Callable[[str], Name]], Node]] = MappingProxyType(
    {
        **dict.fromkeys(SUMMANDS, _summed),
        **dict.fromkeys(TAKEN, _taken),
        **dict.fromkeys(("softmax", "log_softmax"), _share),
        "var": _variance,
    }
)
"""What does not work entry by entry, within a function."""

_SOFTMAX: Mapping[str, Callable[[Node, Node], Node]] = MappingProxyType(
    {
        "softmax": lambda z, total: Apply("divide", (Apply("exp", (z,)), total)),
        "log_softmax": lambda z, total: Apply("subtract", (z, Apply("log", (total,)))),
    }
)


def _softmax_steps(name: str, cell: Cell) -> Iterator[tuple[str, list[Read]]]:
    """The rule of a layer, which brings its usual slopes: the entry itself first, then those beside it."""
    assert isinstance(cell.parts[0].node, Name)
    formula = ACTIVATIONS[cell.operation].formula(cell.length)
    for index in indices(cell.shape):
        places = _itself_first(cell, index)
        reads, results = (tuple(entry(base, at) for at in places) for base in (cell.parts[0].node.base, name))
        yield entry(name, index), [(formula, reads, results)]


def _composed_softmax(name: str, cell: Cell, stand_ins: StandIns) -> Iterator[tuple[str, list[Read]]]:
    """The same of a formula: P[1] (1 - P[1]) A[1] of P = softmax(A @ U)."""
    for index in indices(cell.shape):
        places, letters = _itself_first(cell, index), Letters()
        written = _entry(cell, index, letters)
        arguments = tuple(_entry(cell.parts[0], at, letters) for at in places)
        formula, names = _stated_softmax(cell.operation, written, arguments, tuple(stand_ins.items()))
        keys = {letter: read for read, letter in letters.known.items()}
        results = tuple(entry(name, at) for at in places)
        yield entry(name, index), [(formula, tuple(keys[one] for one in names), results)]


@cache
def _stated_softmax(
    operation: str, node: Node, arguments: tuple[Node, ...], stand_ins: tuple[tuple[str, sp.Expr], ...]
) -> tuple[Formula, tuple[Name, ...]]:
    return coupled_formula(operation, node, arguments, dict(stand_ins))[0], names_in(node)


def _itself_first(cell: Cell, index: Index) -> tuple[Index, ...]:
    return (index, *(at for at in beside(cell, index) if at != index))
