"""Expressions of matrices, each with its shape, built so that nothing trivial stands in them.

A number is 1×1 and a vector a column, n×1. Sizes are numbers, or letters where
the size is left open: `n_2` of layer 2, `n` of the samples.

Source: Petersen and Pedersen (2012), The Matrix Cookbook, sec. 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, reduce
from types import MappingProxyType
from typing import Any, TypeVar

import sympy as sp

from derive.expressions import Formula

Size = int | str
Shape = tuple[Size, Size]

Index = int | str
"""The place of an entry, from 1, or a running letter."""

SCALAR: Shape = (1, 1)

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Array:
    """A quantity that has a name: `W2`, `z2`, `dC/dW2`."""

    key: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Ones:
    """The column of ones, n×1."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Unit:
    """The column whose entry `place`, counted from 1, is 1 and whose others are 0; a letter where it runs."""

    shape: Shape
    place: Index


@dataclass(frozen=True, slots=True)
class Chosen:
    """The matrix whose row r is the unit row at `places[r]`, counted from 1: S u has these rows of u.

    shift  a letter k where the places run with it: they are r + k - 1
    """

    shape: Shape
    places: tuple[int, ...]
    shift: str = ""

    @property
    def is_run(self) -> bool:
        """Whether the places follow one another: 2, 3, 4."""
        first = self.places[0]
        return self.places == tuple(range(first, first + len(self.places)))


@dataclass(frozen=True, slots=True)
class Transposed:
    """u^T"""

    arg: Expr
    shape: Shape


@dataclass(frozen=True, slots=True)
class Product:
    """The matrix product of two or more factors."""

    factors: tuple[Expr, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Hadamard:
    """The product entry by entry of factors of one shape."""

    factors: tuple[Expr, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Plus:
    """The sum of terms of one shape."""

    terms: tuple[Expr, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Scaled:
    """A number, or a formula of numbers that have names, times a matrix: U/n, -U."""

    coefficient: sp.Expr
    arg: Expr
    shape: Shape


@dataclass(frozen=True, slots=True)
class Spread:
    """A number that is computed, times a matrix: `scale` is 1×1."""

    scale: Expr
    arg: Expr
    shape: Shape


@dataclass(frozen=True, slots=True)
class Entrywise:
    """A formula applied to each entry: phi(Z), (A - Y)^2; arguments of 1×1 are read by every entry.

    stated  the same with its usual slope, and what that reads: z, alpha and the step's own a
    """

    formula: Formula
    args: tuple[Expr, ...]
    shape: Shape
    stated: tuple[Formula, tuple[Expr, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Coupled:
    """A rule whose entries read a whole column each (softmax).

    extra   what entry j reads besides, entry by entry: the targets
    rows    whether it is each row, not each column, that is read as a whole
    result  the array that holds it once the step is done
    """

    rule: CoupledRule
    arg: Expr
    extra: tuple[Expr, ...]
    shape: Shape
    rows: bool = False
    result: Array | None = None


@dataclass(frozen=True, slots=True)
class Jacobian:
    """J u, or J^T u where `back`, column by column, with J the Jacobian of a coupled rule."""

    of: Coupled
    arg: Expr
    back: bool
    shape: Shape


@dataclass(frozen=True, slots=True)
class Held:
    """u, of which a differential takes no account: its own change comes to nothing in all.

    The mean m in the mean of (u - m)^2, since the sum of u - m is 0.
    """

    arg: Expr
    shape: Shape


@dataclass(frozen=True)
class CoupledRule:
    """What a coupled rule is: the formula of one entry, and what it reads.

    letter  how it is written
    state   the formula, in the column's entries that an entry reads and in its own entry of each
            extra; of a wide layer it is long, and only who needs it has it made
    width   how many of the column's entries an entry reads
    extra   the formals that are the entry's own
    reads   the places, from 1, of the entries that take the `column` formals for entry j
    """

    letter: str
    state: Callable[[], Formula]
    width: int
    extra: tuple[sp.Symbol, ...]
    reads: Callable[[int], tuple[int, ...]]

    @cached_property
    def formula(self) -> Formula:
        return self.state()

    @cached_property
    def column(self) -> tuple[sp.Symbol, ...]:
        """The formals that are entries of the column."""
        return tuple(formal for formal in self.formula.formals if formal not in self.extra)[: self.width]


Expr = (
    Array | Ones | Unit | Chosen | Transposed | Product | Hadamard | Plus
    | Scaled | Spread | Entrywise | Coupled | Jacobian | Held
)  # fmt: skip


def turned(shape: Shape) -> Shape:
    """The transpose's shape."""
    return shape[::-1]


def transposed(u: Expr) -> Expr:
    """u^T; of a number u itself, of a transpose what it was, of a product V^T U^T."""
    if u.shape == SCALAR:
        return u
    if isinstance(u, Transposed):
        return u.arg
    if isinstance(u, Scaled):
        return scaled(u.coefficient, transposed(u.arg))
    if isinstance(u, Spread):
        return hadamard(u.scale, transposed(u.arg))
    if isinstance(u, Product):
        return product(*map(transposed, reversed(u.factors)))
    return Transposed(u, turned(u.shape))


def product(*factors: Expr) -> Expr:
    """The matrix product; numbers stand before it, and a product of products is one product."""
    scale, known, numbers = sp.S.One, list[Expr](), list[Expr]()
    for factor in factors:
        coefficient, rest = coefficient_of(factor)
        scale *= coefficient
        while isinstance(rest, Spread):
            numbers.append(rest.scale)
            rest = rest.arg
        if rest.shape == SCALAR:
            numbers += [] if isinstance(rest, Ones) else [rest]
        else:
            known += rest.factors if isinstance(rest, Product) else (rest,)
    if not known:
        return scaled(scale, hadamard(*numbers)) if numbers else scaled(scale, Ones(SCALAR))
    shape = (known[0].shape[0], known[-1].shape[1])
    whole = known[0] if len(known) == 1 else Product(tuple(known), shape)
    return scaled(scale, _spread(numbers, whole))


def _spread(numbers: Iterable[Expr], whole: Expr) -> Expr:
    """Numbers that are computed, times a matrix."""
    return reduce(lambda inner, number: Spread(number, inner, inner.shape), numbers, whole)


def coefficient_of(u: Expr) -> tuple[sp.Expr, Expr]:
    """A number in front and what it multiplies."""
    return (u.coefficient, u.arg) if isinstance(u, Scaled) else (sp.S.One, u)


def scaled(coefficient: sp.Expr, u: Expr) -> Expr:
    """coefficient * u; -(y - a) is a - y"""
    inner, rest = coefficient_of(u)
    number = coefficient * inner
    if isinstance(rest, Plus) and _is_negative(number) and any(map(_is_subtracted, rest.terms)):
        number, rest = -number, plus(*(scaled(sp.S.NegativeOne, term) for term in rest.terms))
    return rest if number == 1 else Scaled(number, rest, rest.shape)


def _is_negative(coefficient: sp.Expr) -> bool:
    return bool(coefficient.as_coeff_Mul()[0] < 0)


def _is_subtracted(term: Expr) -> bool:
    return _is_negative(coefficient_of(term)[0])


def is_all_ones(u: Expr) -> bool:
    """Whether every entry is 1: 1 1^T, or the number 1."""
    if isinstance(u, Product):
        return len(u.factors) == 2 and all(map(is_all_ones, u.factors))
    return isinstance(u, Ones) or (isinstance(u, Transposed) and isinstance(u.arg, Ones))


def all_ones(shape: Shape) -> Expr:
    """The matrix of ones, 1 1^T."""
    rows, columns = (Ones((size, 1)) for size in shape)
    if shape[1] == 1:
        return rows
    across = transposed(columns)
    return across if shape[0] == 1 else Product((rows, across), shape)


def hadamard(*factors: Expr) -> Expr:
    """The product entry by entry; a number spreads over the matrix, and ones change nothing."""
    scale, known, numbers = sp.S.One, list[Expr](), list[Expr]()
    shape = _common(factors)
    for factor in factors:
        coefficient, rest = coefficient_of(factor)
        scale *= coefficient
        while isinstance(rest, Spread):
            numbers.append(rest.scale)
            rest = rest.arg
        if is_all_ones(rest):
            continue
        if rest.shape == SCALAR != shape:
            numbers.append(rest)
        else:
            known += rest.factors if isinstance(rest, Hadamard) else (rest,)
    whole = all_ones(shape) if not known else known[0] if len(known) == 1 else Hadamard(tuple(known), shape)
    return scaled(scale, _spread(numbers, whole))


def plus(*terms: Expr) -> Expr:
    """The sum, of terms of one shape, like terms taken together; a number is added to every entry."""
    shape = _common(terms)
    flat = (part for term in terms for part in (term.terms if isinstance(term, Plus) else (term,)))
    level = (product(term, all_ones(shape)) if term.shape == SCALAR != shape else term for term in flat)
    counted: dict[Expr, sp.Expr] = {}
    for coefficient, rest in map(coefficient_of, level):
        counted[rest] = counted.get(rest, sp.S.Zero) + coefficient
    kept = tuple(scaled(coefficient, rest) for rest, coefficient in counted.items() if coefficient != 0)
    if not kept:
        return scaled(sp.S.Zero, all_ones(shape))
    return kept[0] if len(kept) == 1 else Plus(kept, shape)


def in_order(expr: Plus) -> tuple[Expr, ...]:
    """Its terms as they are written: what is subtracted comes last."""
    return tuple(sorted(expr.terms, key=_is_subtracted))


def _common(parts: Iterable[Expr]) -> Shape:
    """The shape of what is meant entry by entry: that of the matrices among numbers and matrices."""
    return next((part.shape for part in parts if part.shape != SCALAR), SCALAR)


def total(u: Expr) -> Expr:
    """1^T u 1, the sum of all entries."""
    rows, columns = u.shape
    if u.shape == SCALAR:
        return u
    left = () if rows == 1 else (transposed(Ones((rows, 1))),)
    right = () if columns == 1 else (Ones((columns, 1)),)
    return product(*left, u, *right)


def inner(u: Expr, v: Expr) -> Expr:
    """<u, v>, the sum over entries of u v: of columns u^T v."""
    if is_all_ones(u) or is_all_ones(v):
        return total(v if is_all_ones(u) else u)
    if u.shape[1] == 1:
        return product(transposed(u), v)
    return total(hadamard(u, v))


def arrays_in(expr: Expr) -> Iterator[Array]:
    """The arrays that an expression reads, each appearance once."""
    return parts_of(expr, Array)


def as_read(expr: Expr) -> Iterator[Array]:
    """The arrays of an expression from left to right, each appearance once."""
    if isinstance(expr, Array):
        yield expr
        return
    for part in (getattr(expr, one.name) for one in fields(expr)):
        for inner in part if isinstance(part, tuple) else (part,):
            if isinstance(inner, Expr):
                yield from as_read(inner)


def parts_of(expr: Expr, kind: type[Kind]) -> Iterator[Kind]:
    """Its parts of one kind, each appearance once."""
    stack: list[Any] = [expr]
    while stack:
        part = stack.pop()
        if isinstance(part, kind):
            yield part
        elif isinstance(part, tuple):
            stack += part
        elif isinstance(part, Expr):
            stack += (getattr(part, field.name) for field in fields(part))


def put_in(expr: Expr, known: Mapping[str, Expr]) -> Expr:
    """The expression with other expressions in place of arrays, by their keys."""
    return rebuilt(expr, lambda leaf: known.get(leaf.key, leaf) if isinstance(leaf, Array) else leaf)


def rebuilt(expr: Expr, leaf: Callable[[Expr], Expr]) -> Expr:
    """The expression with `leaf` of what it is built from: arrays, ones, and unit rows and columns."""
    rule = _REBUILT.get(type(expr))
    return rule(expr, lambda part: rebuilt(part, leaf)) if rule else leaf(expr)


_REBUILT: Mapping[type, Callable[..., Expr]] = MappingProxyType(
    {
        Transposed: lambda expr, put: transposed(put(expr.arg)),
        Product: lambda expr, put: product(*map(put, expr.factors)),
        Hadamard: lambda expr, put: hadamard(*map(put, expr.factors)),
        Plus: lambda expr, put: plus(*map(put, expr.terms)),
        Scaled: lambda expr, put: scaled(expr.coefficient, put(expr.arg)),
        Spread: lambda expr, put: hadamard(put(expr.scale), put(expr.arg)),
        Entrywise: lambda expr, put: replace(expr, args=tuple(map(put, expr.args))),
        Coupled: lambda expr, put: replace(expr, arg=put(expr.arg), extra=tuple(map(put, expr.extra))),
        Jacobian: lambda expr, put: replace(expr, of=put(expr.of), arg=put(expr.arg)),
        Held: lambda expr, put: replace(expr, arg=put(expr.arg)),
    }
)
