"""A formula in plain float64, operation by operation as it is written: what a reader would type.

No stable form is chosen and nothing is claimed; what overflows is inf, and what
has no value is nan. It shows where a printed formula loses its digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from derive.calculus import MEANINGS
from derive.whole_functions import Whole
from numeric.floats.rounding import Floats

Values = Mapping[sp.Symbol, Floats]


def as_written(expr: sp.Basic, values: Values) -> Floats:
    """The expression at arrays of one shape. Raises TypeError for a class that no row computes."""
    with np.errstate(all="ignore"):
        return np.asarray(_value(expr, values), dtype=np.float64)


def _value(expr: sp.Basic, values: Values) -> Floats:
    if expr.is_Symbol:
        return values[expr]
    for cls in type(expr).__mro__:
        if cls in RULES:
            return RULES[cls](expr, values)
    raise TypeError(f"{type(expr).__name__} has no value in plain float64")


def _number(expr: sp.Expr, values: Values) -> Floats:
    return np.full(_shape(values), float(expr))


def _shape(values: Values) -> tuple[int, ...]:
    return next(iter(values.values())).shape


def _fold(operation: Callable[[Floats, Floats], Floats]) -> Callable[[sp.Expr, Values], Floats]:
    return lambda expr, values: reduce(operation, (_value(arg, values) for arg in expr.args))


def _power(expr: sp.Pow, values: Values) -> Floats:
    """u^-n is 1/u^n, and u^2 is u*u."""
    base, exponent = _value(expr.base, values), expr.exp
    if not exponent.is_Rational:
        return np.asarray(np.power(base, _value(exponent, values)))
    size = abs(exponent)
    raised = np.sqrt(base) if size == sp.Rational(1, 2) else np.power(base, float(size))
    return np.asarray(1 / raised if exponent < 0 else raised)


def _pieces(expr: sp.Piecewise, values: Values) -> Floats:
    """Every piece is computed and one is taken."""
    chosen = np.full(_shape(values), np.nan)
    for piece, condition in reversed(expr.args):
        chosen = np.where(_holds(condition, values), _value(piece, values), chosen)
    return chosen


def _holds(condition: sp.Basic, values: Values) -> np.typing.NDArray[np.bool_]:
    if isinstance(condition, Relational):
        sides = (_value(condition.lhs, values), _value(condition.rhs, values))
        return np.asarray(COMPARISONS[type(condition)](*sides))
    if isinstance(condition, sp.And | sp.Or):
        join = np.logical_and if isinstance(condition, sp.And) else np.logical_or
        return np.asarray(join.reduce([_holds(part, values) for part in condition.args]))
    return np.full(_shape(values), condition == sp.true)


def _whole(expr: Whole, values: Values) -> Floats:
    """|u|, max, σ and Φ of values that are known by now; σ and Φ as books write them."""
    body = MEANINGS[type(expr)](*expr.formals) if type(expr) in MEANINGS else expr.body
    return _value(body, dict(zip(expr.formals, (_value(a, values) for a in expr.args), strict=True)))


COMPARISONS: Mapping[type, Callable[..., Floats]] = MappingProxyType(
    {
        sp.Gt: np.greater,
        sp.Ge: np.greater_equal,
        sp.Lt: np.less,
        sp.Le: np.less_equal,
        sp.Eq: np.equal,
        sp.Ne: np.not_equal,
    }
)

_FUNCTIONS: Mapping[type, Callable[[Floats], Floats]] = MappingProxyType(
    {
        sp.exp: np.exp,
        sp.log: np.log,
        sp.sin: np.sin,
        sp.cos: np.cos,
        sp.tanh: np.tanh,
        sp.erf: np.vectorize(math.erf, otypes=[float]),
        sp.erfc: np.vectorize(math.erfc, otypes=[float]),
    }
)

RULES: Mapping[type, Callable[..., Floats]] = MappingProxyType(
    {
        sp.Rational: _number,
        sp.NumberSymbol: _number,
        sp.Add: _fold(np.add),
        sp.Mul: _fold(np.multiply),
        sp.Pow: _power,
        sp.Piecewise: _pieces,
        Whole: _whole,
        **{
            cls: lambda expr, values, f=function: f(_value(expr.args[0], values))
            for cls, function in _FUNCTIONS.items()
        },
    }
)
