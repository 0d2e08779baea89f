"""Matrix expressions in ball arithmetic, as matrices: the evaluator of the matrix form.

A product is arb's own matrix product; a formula is compiled once and run for
each entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp
from flint import arb, arb_mat, ctx

from derive.expressions import Formula, slope
from derive.matrix.equations import Equation
from derive.matrix.expr import (
    Array,
    Chosen,
    Coupled,
    Entrywise,
    Expr,
    Hadamard,
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
from numeric.balls.tape import Ball, Tape, ball

Balls = arb_mat
"""A matrix of balls, with as many rows and columns as its shape says."""

VALUE = "value"


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
    with ctx.workprec(bits):
        known, found = dict(given), dict[tuple[str, int], Balls]()
        run = _Run(program.sizes, known, constants)
        for equation in equations:
            key = equation.array.key
            forms = [run(form.expr) for form in equation.forms]
            known[key] = forms[0] if forms else run.zeros(equation.array.shape)
            found |= {(key, number): value for number, value in enumerate(forms)}
        return found


class _Run:
    """One walk over expressions, with the arrays that are known."""

    def __init__(
        self, sizes: Mapping[str, int], known: Mapping[str, Balls], constants: Mapping[str, Ball]
    ) -> None:
        self.sizes, self.known, self.constants = sizes, known, constants

    def __call__(self, expr: Expr) -> Balls:
        return _RULES[type(expr)](self, expr)

    def size(self, size: Size) -> int:
        return size if isinstance(size, int) else self.sizes[size]

    def zeros(self, shape: tuple[Size, Size]) -> Balls:
        return arb_mat(self.size(shape[0]), self.size(shape[1]))

    def filled(self, shape: tuple[Size, Size], entry: Callable[[int, int], Ball]) -> Balls:
        rows, columns = map(self.size, shape)
        return arb_mat([[ball(entry(j, k)) for k in range(columns)] for j in range(rows)])

    def number(self, expr: sp.Expr) -> Ball:
        symbols = tuple(sorted(expr.free_symbols, key=str))
        return _at(Formula(expr, symbols), tuple(self.constants[symbol.name] for symbol in symbols))

    def product(self, expr: Product) -> Balls:
        first, *rest = map(self, expr.factors)
        for factor in rest:
            first = first * factor
        return first

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
        args = [self(arg) for arg in expr.args]

        def entry(j: int, k: int) -> Ball:
            return _at(
                expr.formula, tuple(a[j, k] if (a.nrows(), a.ncols()) != (1, 1) else a[0, 0] for a in args)
            )

        return self.filled(expr.shape, entry)

    def coupled(self, expr: Coupled) -> Balls:
        column, extra = self(expr.arg), [self(one) for one in expr.extra]

        def entry(j: int, k: int) -> Ball:
            return _at(expr.rule.formula, _read(expr, column, extra, j, k))

        return self.filled(expr.shape, entry)

    def jacobian(self, expr: Jacobian) -> Balls:
        """Entry by entry Σ_i ∂f_i/∂u_j g_i, or with the two exchanged Σ_j ∂f_i/∂u_j x_j."""
        of = expr.of
        column, extra, arg = self(of.arg), [self(one) for one in of.extra], self(expr.arg)
        entries = [[arb(0)] * self.size(expr.shape[1]) for _ in range(self.size(expr.shape[0]))]
        rows, columns = map(self.size, of.shape)
        for i in range(rows):
            for k in range(columns):
                values = _read(of, column, extra, i, k)
                own, sample = (k, i) if of.rows else (i, k)
                for formal, place in zip(of.rule.column, of.rule.reads(own + 1), strict=True):
                    local = _at(slope(of.rule.formula, of.rule.formula.formals.index(formal)), values)
                    j, m = (sample, place - 1) if of.rows else (place - 1, sample)
                    if expr.back:
                        entries[j][m] += ball(local) * arg[i, k]
                    else:
                        entries[i][k] += ball(local) * arg[j, m]
        return arb_mat(entries)


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
    program = Program((Step(VALUE, (Term(formula, keys),), VALUE),))
    return Tape.of(program, dict.fromkeys(keys, arb(0))), keys


def _at(formula: Formula, values: tuple[Ball, ...]) -> Ball:
    tape, keys = _tape(formula)
    return tape.run(dict(zip(keys, values, strict=True)), ctx.prec)[VALUE]


def _entry_by_entry(u: Balls, v: Balls) -> Balls:
    return arb_mat([[u[j, k] * v[j, k] for k in range(u.ncols())] for j in range(u.nrows())])


_RULES: Mapping[type, Callable[..., Balls]] = MappingProxyType(
    {
        Array: lambda run, array: run.known[array.key],
        Ones: lambda run, ones: run.filled(ones.shape, lambda *_: arb(1)),
        Unit: lambda run, unit: run.filled(unit.shape, lambda j, _: arb(j + 1 == unit.place)),
        Chosen: lambda run, expr: run.filled(expr.shape, lambda j, k: arb(k + 1 == expr.places[j])),
        Transposed: lambda run, expr: run(expr.arg).transpose(),
        Product: _Run.product,
        Hadamard: _Run.hadamard,
        Plus: _Run.plus,
        Scaled: lambda run, expr: run(expr.arg) * ball(run.number(expr.coefficient)),
        Spread: lambda run, expr: run(expr.arg) * run(expr.scale)[0, 0],
        Entrywise: _Run.entrywise,
        Coupled: _Run.coupled,
        Jacobian: _Run.jacobian,
    }
)
