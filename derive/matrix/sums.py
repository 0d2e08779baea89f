"""Sums of rows or columns, with what is the same for every summand before them.

    (U ⊙ 1 v^T)^T 1          = v ⊙ (U^T 1)
    (U/(1 v^T))^T 1 ⊙ 1/√v   = (U^T 1)/v^(3/2)

So a normalisation's variance hands back one fraction, as its index form does,
and not a fraction of fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import sympy as sp

from derive.expressions import Formula
from derive.matrix.expr import (
    SCALAR,
    Entrywise,
    Expr,
    Hadamard,
    Ones,
    Product,
    Transposed,
    all_ones,
    coefficient_of,
    hadamard,
    product,
    scaled,
    transposed,
    turned,
)


def before_the_sum(expr: Expr) -> Expr:
    """A sum over the rows or columns of a product entry by entry, what it does not run along before it."""
    number, whole = coefficient_of(expr)
    if not isinstance(whole, Product) or len(whole.factors) != 2:
        return expr
    left, right = whole.factors
    if isinstance(right, Ones):
        kept, rest = _apart(left, rows=False)
        return scaled(number, hadamard(*kept, product(rest, right))) if kept else expr
    if _is_row_of_ones(left):
        kept, rest = _apart(right, rows=True)
        return scaled(number, hadamard(*kept, product(left, rest))) if kept else expr
    return expr


def sum_turned(expr: Expr) -> Expr:
    """The transpose, of a row of sums factor by factor: what stands before the sum stands before it again."""
    number, whole = coefficient_of(expr)
    if isinstance(whole, Hadamard) and any(map(_is_row_of_sums, whole.factors)):
        return scaled(number, hadamard(*map(_turned, whole.factors)))
    return transposed(expr)


def _turned(expr: Expr) -> Expr:
    if isinstance(expr, Entrywise):
        return replace(expr, args=tuple(map(transposed, expr.args)), shape=turned(expr.shape))
    return transposed(expr)


def _is_row_of_ones(expr: Expr) -> bool:
    return isinstance(expr, Transposed) and isinstance(expr.arg, Ones)


def _is_row_of_sums(expr: Expr) -> bool:
    return isinstance(expr, Product) and _is_row_of_ones(expr.factors[0])


def _apart(summed: Expr, *, rows: bool) -> tuple[list[Expr], Expr]:
    """The row that every row (the column that every column) is multiplied by, and what is left."""
    kept, left = list[Expr](), list[Expr]()
    for factor in _factors(summed):
        for part in chain.from_iterable(map(_factors, _parts(factor))):
            own = _same_for_all(part, rows=rows)
            (left if own is None else kept).append(part if own is None else own)
    return kept, hadamard(*left) if left else all_ones(summed.shape)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.factors if isinstance(expr, Hadamard) else (expr,)


def _parts(factor: Expr) -> Iterator[Expr]:
    """The factors of a formula, each of one argument where it has several: u/v as u and 1/v."""
    if not isinstance(factor, Entrywise) or len(factor.args) < 2:
        yield factor
        return
    read = dict(zip(factor.formula.formals, factor.args, strict=True))
    parts = sp.Mul.make_args(factor.formula.expr)
    if any(len(part.free_symbols & read.keys()) > 1 for part in parts):
        yield factor
        return
    for part in parts:
        formal = next(iter(part.free_symbols & read.keys()), None)
        if formal is None:
            yield scaled(part, Ones(SCALAR))
        else:
            arg = read[formal]
            yield arg if part == formal else Entrywise(Formula(part, (formal,)), (arg,), arg.shape)


def _same_for_all(expr: Expr, *, rows: bool) -> Expr | None:
    """The row of which all are copies (or the column), or a formula of it; None of what is none."""
    if isinstance(expr, Entrywise) and len(expr.args) == 1:
        own = _same_for_all(expr.args[0], rows=rows)
        return None if own is None else replace(expr, args=(own,), shape=own.shape)
    if not isinstance(expr, Product) or len(expr.factors) != 2:
        return None
    left, right = expr.factors
    if rows:
        return right if isinstance(left, Ones) else None
    return left if _is_row_of_ones(right) else None


def powers_together(expr: Expr) -> Expr:
    """A product entry by entry with the powers of one expression as one: 1/v ⊙ 1/√v is 1/v^(3/2)."""
    number, whole = coefficient_of(expr)
    if not isinstance(whole, Hadamard):
        return expr
    powers: dict[Expr, list[Entrywise]] = {}
    for factor in whole.factors:
        if isinstance(factor, Entrywise) and _is_power(factor):
            powers.setdefault(factor.args[0], []).append(factor)
    several = {arg: found for arg, found in powers.items() if len(found) > 1}
    if not several:
        return expr
    others = [factor for factor in whole.factors if not any(factor in found for found in several.values())]
    return scaled(number, hadamard(*others, *(_multiplied(found) for found in several.values())))


def _is_power(factor: Entrywise) -> bool:
    return len(factor.args) == 1 and factor.formula.expr.as_base_exp()[0] == factor.formula.formals[0]


def _multiplied(powers: list[Entrywise]) -> Expr:
    first = powers[0]
    (formal,) = first.formula.formals
    exponent = sp.Add(*(power.formula.expr.as_base_exp()[1] for power in powers))
    return replace(first, formula=Formula(formal**exponent, (formal,)), stated=None)
