"""A SymPy expression at a point, in mpmath's numbers.

SymPy's own evalf asks of every part whether it is real, positive or 0, and
raises the precision until it knows; at a point clear of all kinks each part is
computed once. Functions in pieces take the piece that counts, so that one
within the other costs no more than the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, reduce
from operator import add, mul
from types import MappingProxyType

import mpmath as mp
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from derive.whole_functions import P, UnspecifiedFunction, Whole

STAND_IN = sp.sin(P) + P**3
"""Takes an unspecified function's place."""

Known = dict[sp.Basic, mp.mpf]


class NoValueError(ArithmeticError):
    """The expression has no real value there."""


def value_at(expr: sp.Expr, known: Known) -> mp.mpf:
    """The expression's value; `known` holds those of its symbols, and is given those of its parts.

    Raises ArithmeticError where it has no real one.
    """
    if expr not in known:
        known[expr] = _real(_computed(expr, known))
    return known[expr]


def _real(value: mp.mpf | mp.mpc) -> mp.mpf:
    if isinstance(value, mp.mpc) or not mp.isfinite(value):
        raise NoValueError
    return value


def _computed(expr: sp.Expr, known: Known) -> mp.mpf | mp.mpc:
    if isinstance(expr, sp.Piecewise):
        return value_at(next(piece for piece, when in expr.args if _holds(when, known)), known)
    args = [value_at(arg, known) for arg in expr.args]
    if isinstance(expr, Whole | UnspecifiedFunction):
        return value_at(_body(expr), dict(zip(expr.formals, args, strict=True)))
    compute = OPERATIONS.get(expr.func)
    if compute is not None and args:
        return compute(*args)
    return _by_sympy(expr, args)


def _by_sympy(expr: sp.Expr, args: list[mp.mpf]) -> mp.mpf:
    """A constant, or a function without a row: SymPy's own digits."""
    if isinstance(expr, sp.Rational):
        return mp.mpf(int(expr.p)) / int(expr.q)
    numbers = (sp.Float(str(arg), mp.mp.dps) for arg in args)
    found = (expr.func(*numbers) if args else expr).evalf(mp.mp.dps)
    if not found.is_Float and not found.is_Integer:
        raise NoValueError
    return mp.mpf(str(found))


def _body(expr: Whole | UnspecifiedFunction) -> sp.Expr:
    if isinstance(expr, UnspecifiedFunction):
        return _stood_in(expr.order)
    return expr.body


@cache
def _stood_in(order: int) -> sp.Expr:
    return sp.diff(STAND_IN, P, order)


def _holds(when: Boolean, known: Known) -> bool:
    """Whether a condition holds; of two numbers that are equal in all digits, as a tie."""
    if isinstance(when, Relational):
        gap = value_at(when.lhs, known) - value_at(when.rhs, known)
        return bool(when.func(sp.Integer(mp.sign(gap)), sp.S.Zero))
    if isinstance(when, sp.And | sp.Or):
        return (all if isinstance(when, sp.And) else any)(_holds(part, known) for part in when.args)
    if isinstance(when, sp.Not):
        return not _holds(when.args[0], known)
    return bool(when)


OPERATIONS: Mapping[type, Callable[..., mp.mpf | mp.mpc]] = MappingProxyType(
    {
        sp.Add: lambda *terms: reduce(add, terms),
        sp.Mul: lambda *factors: reduce(mul, factors),
        sp.Pow: mp.power,
        sp.exp: mp.exp,
        sp.log: mp.log,
        sp.sin: mp.sin,
        sp.cos: mp.cos,
        sp.tan: mp.tan,
        sp.sinh: mp.sinh,
        sp.cosh: mp.cosh,
        sp.tanh: mp.tanh,
        sp.erf: mp.erf,
        sp.erfc: mp.erfc,
    }
)
"""How each class of expression is computed from the values of its arguments."""
