"""What is entry by entry in an expression of matrices, as one formula of the numbers in one place.

    (a - y)/(a ⊙ (1 - a)) ⊙ a ⊙ (1 - a)  =  a - y
    a ⊙ (-y/a + 1 1^T y)                 =  a ⊙ 1 1^T y - y

A product of matrices is taken as a whole, like a letter.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula
from derive.matrix.differentials import applied
from derive.matrix.expr import (
    Entrywise,
    Expr,
    Hadamard,
    Plus,
    Product,
    Scaled,
    Spread,
    is_all_ones,
    product,
    scaled,
)

NONE: frozenset[Expr] = frozenset()


def cancelled(expr: Expr, ones: Container[Expr] = NONE) -> Expr:
    """The expression with fractions cancelled, where that makes it shorter; else itself.

    ones  products whose entries are known to be 1
    """
    if isinstance(expr, Scaled):
        return scaled(expr.coefficient, cancelled(expr.arg, ones))
    reading = _Reading(ones, {})
    entry = reading.of(expr)
    if not entry.is_rational_function():
        return expr
    wholes = reading.wholes
    formula = Formula(sp.factor_terms(sp.expand(sp.cancel(entry))), tuple(wholes.values()))
    shorter = applied(formula, tuple(wholes))
    return shorter if shorter.shape == expr.shape and _length(shorter) < _length(expr) else expr


def _length(expr: Expr) -> int:
    """How many letters and signs it has."""
    own = int(expr.formula.expr.count_ops()) if isinstance(expr, Entrywise) else 1
    return own + sum(map(_length, _parts(expr)))


def _parts(expr: Expr) -> Iterator[Expr]:
    for name in ("of", "scale", "arg", "args", "factors", "terms", "extra"):
        part = getattr(expr, name, ())
        yield from part if isinstance(part, tuple) else (part,)


@dataclass(frozen=True)
class _Reading:
    """Reads one entry of an expression; `wholes` collects what is taken as a whole, by its symbol."""

    ones: Container[Expr]
    wholes: dict[Expr, sp.Symbol]

    def of(self, expr: Expr) -> sp.Expr:
        if is_all_ones(expr) or expr in self.ones:
            return sp.S.One
        rule = _RULES.get(type(expr))
        return rule(self, expr) if rule else self.whole(expr)

    def all(self, exprs: tuple[Expr, ...]) -> Iterator[sp.Expr]:
        return map(self.of, exprs)

    def whole(self, expr: Expr) -> sp.Expr:
        return self.wholes.setdefault(expr, sp.Symbol(f"u{len(self.wholes) + 1}"))

    def product(self, expr: Product) -> sp.Expr:
        """A product of matrices, cancelled within its factors; what comes out before it is read on."""
        inner = product(*map(cancelled, expr.factors))
        return self.of(inner) if isinstance(inner, Scaled) else self.whole(inner)

    def formula(self, expr: Entrywise) -> sp.Expr:
        return expr.formula.expr.xreplace(dict(zip(expr.formula.formals, self.all(expr.args), strict=True)))


_RULES: Mapping[type, Callable[..., sp.Expr]] = MappingProxyType(
    {
        Scaled: lambda reading, expr: expr.coefficient * reading.of(expr.arg),
        Spread: lambda reading, expr: reading.of(expr.scale) * reading.of(expr.arg),
        Hadamard: lambda reading, expr: sp.Mul(*reading.all(expr.factors)),
        Plus: lambda reading, expr: sp.Add(*reading.all(expr.terms)),
        Entrywise: _Reading.formula,
        Product: _Reading.product,
    }
)
