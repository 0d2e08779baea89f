"""Proving that two formulas are the same, so that a line of a derivation may be printed.

Every e^u becomes a power of a free symbol, one for each letter or product of
letters in u; what is left is rational in these, in logarithms, roots and error
functions, and `cancel` decides. Where that does not do, hyperbolic functions
are first written in exponentials. Of formulas in pieces every comparison is
taken to hold and to fail; ties are left out, since a slope has none of its own
there.

A proof is a proof; where none is found the formulas may still be equal, and
nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp
from sympy.core.relational import Relational

from derive.expressions import decided
from derive.whole_functions import written_out

Way = Callable[[sp.Expr], sp.Expr]

WAYS: tuple[Way, ...] = (
    lambda expr: expr,
    lambda expr: expr.rewrite((sp.tanh, sp.sinh, sp.cosh), sp.exp),
)
SIDES = (1, -1)


@cache
def proved(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether the two are proved equal wherever both have a value; derivatives to be taken are taken."""
    difference = written_out(left.doit() - right.doit())
    return any(_vanishes(way(difference)) for way in WAYS)


def _vanishes(expr: sp.Expr) -> bool:
    """Whether an expression is 0 on each side of every comparison in it."""
    comparison = next((r for r in sp.ordered(expr.atoms(Relational)) if not r.has(sp.Piecewise)), None)
    if comparison is None:
        return bool(sp.cancel(sp.together(rational(expr))) == 0)
    gap = sp.expand(comparison.lhs - comparison.rhs)
    return all(_vanishes(decided(expr, gap, side)) for side in SIDES)


def rational(expr: sp.Expr) -> sp.Expr:
    """The expression with every e^(q m), m a product of letters and q a rational number, as t^q."""
    free: dict[sp.Expr, sp.Dummy] = {}

    def power(exponential: sp.exp) -> sp.Expr:
        factors = []
        for term in sp.Add.make_args(sp.expand(exponential.exp)):
            number, rest = term.as_coeff_Mul()
            factors.append(free.setdefault(rest, sp.Dummy(positive=True)) ** number)
        return sp.Mul(*factors)

    return expr.replace(lambda part: isinstance(part, sp.exp), power)
