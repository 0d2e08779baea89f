"""Matrix expressions in ball arithmetic, as matrices: the evaluator of the matrix form.

A product is arb's own matrix product; a formula is compiled once and run over
all entries together. As on the tape, what is rational stays exact: a matrix of
rationals alone is one of fractions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from types import MappingProxyType

import sympy as sp
from flint import arb_mat, ctx, fmpq, fmpq_mat

from derive.expressions import Formula, slope
from derive.matrix.equations import Equation
from derive.matrix.expr import (
    Array,
    Chosen,
    Coupled,
    Entrywise,
    Expr,
    Hadamard,
    Held,
    Jacobian,
    Ones,
    Plus,
    Product,
    Scaled,
    Size,
    Spread,
    Transposed,
    Unit,
)
from derive.matrix.sweep import MatrixProgram
from derive.steps import Program, Step, Term
from numeric.balls.loaded import Loaded
from numeric.balls.operations import Ball
from numeric.balls.tape import Tape

Balls = arb_mat | fmpq_mat
"""A matrix of balls or of exact fractions, with as many rows and columns as its shape says."""

VALUE = "value"
ONE = fmpq(1)


def evaluate(
    program: MatrixProgram,
    equations: Iterable[Equation],
    given: Mapping[str, Balls],
    constants: Mapping[str, Ball],
    bits: int,
) -> dict[tuple[str, int], Balls]:
    """Every form of every equation, by its array's key and its place; an adjoint without forms is 0.

    given      the arrays that the steps start from
    constants  the numbers that coefficients name: n, lambda
    """
    walk = Walk(program.sizes, dict(given), constants)
    found = dict[tuple[str, int], Balls]()
    with ctx.workprec(bits):
        for equation in equations:
            key = equation.array.key
            forms = [walk(form.expr) for form in equation.forms]
            walk.known[key] = forms[0] if forms else walk.zeros(equation.array.shape)
            found |= {(key, number): value for number, value in enumerate(forms)}
    return found


@dataclass
class Walk:
    """One walk over expressions, with the arrays that are known, at the precision that is set.

    loaded  those of them that were given, where somebody keeps more of these than their entries
    edge    whether some piecewise formula sat on an edge, or could not tell on which side it was
    mixed   whether some matrix was in part rational, which is lost where the rest is not
    """

    sizes: Mapping[str, int]
    known: dict[str, Balls]
    constants: Mapping[str, Ball]
    loaded: Mapping[str, Loaded] = field(default_factory=dict)
    edge: bool = False
    mixed: bool = False

    def __call__(self, expr: Expr) -> Balls:
        return _RULES[type(expr)](self, expr)

    def size(self, size: Size) -> int:
        return size if isinstance(size, int) else self.sizes[size]

    def zeros(self, shape: tuple[Size, Size]) -> Balls:
        return fmpq_mat(self.size(shape[0]), self.size(shape[1]))

    def filled(self, shape: tuple[Size, Size], entries: Sequence[Ball]) -> Balls:
        """The matrix of these entries, row by row."""
        self.mixed |= len({isinstance(entry, fmpq) for entry in entries}) > 1
        return matrix(self.size(shape[0]), self.size(shape[1]), entries)

    def places(self, shape: tuple[Size, Size]) -> Iterator[tuple[int, int]]:
        rows, columns = map(self.size, shape)
        return product(range(rows), range(columns))

    def number(self, expr: sp.Expr) -> Ball:
        symbols = tuple(sorted(expr.free_symbols, key=str))
        (value,) = self.applied(Formula(expr, symbols), [[self.constants[s.name]] for s in symbols], 1)
        return value

    def applied(self, formula: Formula, args: Sequence[Sequence[Ball]], count: int) -> Sequence[Ball]:
        """A formula at `count` places, its arguments side by side."""
        tape, keys = _tape(formula)
        found, edge = tape.side_by_side(dict(zip(keys, args, strict=True)), count)
        values = found[VALUE]
        self.edge |= edge
        # What is 0 everywhere is left out of the scalar steps: there the rest may be rational.
        self.mixed |= not tape.code and not any(values)
        return values

    def multiplied(self, expr: Product) -> Balls:
        product = self._of_integers(expr.factors)
        if product is not None:
            return product
        first, *rest = map(self, expr.factors)
        for factor in rest:
            first = first * factor
        return first

    def _of_integers(self, factors: Sequence[Expr]) -> Balls | None:
        """The product of two given rational matrices."""
        given = [self.loaded[u.key] for u in factors if isinstance(u, Array) and u.key in self.loaded]
        if len(factors) != 2 or len(given) != 2:
            return None
        left, right = (one.integers for one in given)
        return left @ right if left is not None and right is not None else None

    def hadamard(self, expr: Hadamard) -> Balls:
        first, *rest = map(self, expr.factors)
        for factor in rest:
            first = _entry_by_entry(first, factor)
        return first

    def plus(self, expr: Plus) -> Balls:
        first, *rest = map(self, expr.terms)
        for term in rest:
            first = first + term
        return first

    def entrywise(self, expr: Entrywise) -> Balls:
        shape = tuple(map(self.size, expr.shape))
        count = shape[0] * shape[1]
        args = [
            arg.entries() if (arg.nrows(), arg.ncols()) == shape else [arg[0, 0]] * count
            for arg in map(self, expr.args)
        ]
        return self.filled(expr.shape, self.applied(expr.formula, args, count))

    def coupled(self, expr: Coupled) -> Balls:
        column, extra = self(expr.arg), [self(one) for one in expr.extra]
        read = [_read(expr, column, extra, j, k) for j, k in self.places(expr.shape)]
        values = self.applied(expr.rule.formula, list(zip(*read, strict=True)), len(read))
        return self.filled(expr.shape, values)

    def jacobian(self, expr: Jacobian) -> Balls:
        """Entry by entry Σ_i ∂f_i/∂u_j g_i, or with the two exchanged Σ_j ∂f_i/∂u_j x_j."""
        of = expr.of
        column, extra, arg = self(of.arg), [self(one) for one in of.extra], self(expr.arg)
        rows, columns = map(self.size, expr.shape)
        entries: list[list[Ball]] = [[fmpq(0)] * columns for _ in range(rows)]
        places = list(self.places(of.shape))
        read = list(zip(*(_read(of, column, extra, *place) for place in places), strict=True))
        for position, formal in enumerate(of.rule.column):
            local = slope(of.rule.formula, of.rule.formula.formals.index(formal))
            slopes = self.applied(local, read, len(places))
            for (i, k), by in zip(places, slopes, strict=True):
                own, sample = (k, i) if of.rows else (i, k)
                place = of.rule.reads(own + 1)[position]
                j, m = (sample, place - 1) if of.rows else (place - 1, sample)
                if expr.back:
                    entries[j][m] += by * arg[i, k]
                else:
                    entries[i][k] += by * arg[j, m]
        return self.filled(expr.shape, [entry for row in entries for entry in row])


def _read(expr: Coupled, column: Balls, extra: list[Balls], j: int, k: int) -> tuple[Ball, ...]:
    """What the entry at (j, k) of a coupled rule reads."""
    own = k if expr.rows else j
    places = (place - 1 for place in expr.rule.reads(own + 1))
    values = dict(
        zip(expr.rule.column, (column[j, p] if expr.rows else column[p, k] for p in places), strict=True)
    )
    values |= dict(zip(expr.rule.extra, (one[j, k] for one in extra), strict=True))
    return tuple(values[formal] for formal in expr.rule.formula.formals)


@cache
def _tape(formula: Formula) -> tuple[Tape, tuple[str, ...]]:
    keys = tuple(f"u{place}" for place in range(len(formula.formals)))
    return Tape.of(Program((Step(VALUE, (Term(formula, keys),), VALUE),)), keys), keys


def matrix(rows: int, columns: int, entries: Sequence[Ball]) -> Balls:
    """The matrix of these entries, row by row: of fractions where all are rational."""
    rational = [entry for entry in entries if isinstance(entry, fmpq)]
    if len(rational) == len(entries):
        return fmpq_mat(rows, columns, rational)
    return arb_mat(rows, columns, entries)


def _entry_by_entry(u: Balls, v: Balls) -> Balls:
    return matrix(u.nrows(), u.ncols(), list(map(operator.mul, u.entries(), v.entries())))


def _times(u: Balls, number: Ball) -> Balls:
    return u * number if isinstance(u, fmpq_mat) and isinstance(number, fmpq) else arb_mat(u) * number


_RULES: Mapping[type, Callable[..., Balls]] = MappingProxyType(
    {
        Array: lambda run, array: run.known[array.key],
        Ones: lambda run, ones: run.filled(ones.shape, [ONE for _ in run.places(ones.shape)]),
        Unit: lambda run, unit: run.filled(
            unit.shape, [fmpq(j + 1 == unit.place) for j, _ in run.places(unit.shape)]
        ),
        Chosen: lambda run, expr: run.filled(
            expr.shape, [fmpq(k + 1 == expr.places[j]) for j, k in run.places(expr.shape)]
        ),
        Transposed: lambda run, expr: run(expr.arg).transpose(),
        Product: Walk.multiplied,
        Hadamard: Walk.hadamard,
        Plus: Walk.plus,
        Scaled: lambda run, expr: _times(run(expr.arg), run.number(expr.coefficient)),
        Spread: lambda run, expr: _times(run(expr.arg), run(expr.scale)[0, 0]),
        Entrywise: Walk.entrywise,
        Coupled: Walk.coupled,
        Jacobian: Walk.jacobian,
        Held: lambda run, expr: run(expr.arg),
    }
)
