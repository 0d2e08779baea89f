"""Slips within one step: a rule of differentiation misapplied.

    (u v)' = u' v + u v'     (u/v)' = (u' v - u v')/v^2     (u^n)' = n u^(n-1) u'     f(u)' = f'(u) u'

A row is a wrong rule for some operations; everything else is differentiated
rightly, so that the expression is what a reader who has made this one mistake
writes down. The author's own formula is read, not SymPy's rearrangement of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from derive.expressions import CONSTANTS, SYMPY, Formula, slope
from derive.formula.nodes import Apply, Constant, Node, Number, Unspecified, leaves_in
from derive.slips.changes import Terms, role, where, with_slope
from derive.slips.kinds import Change, Mistake, Place, Sweep
from derive.whole_functions import unspecified

Exprs = tuple[sp.Expr, ...]
WrongRule = Callable[[str, Exprs, Exprs], sp.Expr | None]
"""Of an operation, its operands and their derivatives: what is written; None where the rule holds."""

UNARY = frozenset(SYMPY) - {
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "negate",
    "max",
    "min",
    "identity",
}


@cache
def _partial(operation: str, count: int, position: int) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    formals = sp.symbols(f"p_1:{count + 1}")
    return sp.diff(SYMPY[operation](*formals), formals[position]), formals


def _outer(operation: str, us: Exprs, position: int = 0) -> sp.Expr:
    """The derivative of an operation by one operand, at these operands."""
    derivative, formals = _partial(operation, len(us), position)
    return derivative.subs(dict(zip(formals, us, strict=True)), simultaneous=True)


def _right(operation: str, us: Exprs, dus: Exprs) -> sp.Expr:
    if operation == "power" and dus[1] == 0:
        return us[1] * us[0] ** (us[1] - 1) * dus[0]
    return sp.Add(*(_outer(operation, us, i) * du for i, du in enumerate(dus) if du != 0))


@dataclass(frozen=True)
class _Differentiation:
    """One formula differentiated by one symbol, under a wrong rule."""

    symbols: Mapping[str, sp.Symbol]
    by: sp.Symbol
    wrong: WrongRule
    stand_ins: Mapping[str, sp.Expr]

    def both(self, node: Node) -> tuple[sp.Expr, sp.Expr]:
        """The value and the derivative."""
        if isinstance(node, Number):
            return sp.Rational(node.value.numerator, node.value.denominator), sp.S.Zero
        if isinstance(node, Constant):
            return CONSTANTS[node.name], sp.S.Zero
        if isinstance(node, Unspecified):
            return self._unspecified(node)
        if not isinstance(node, Apply):
            symbol = self.symbols[str(node)]
            return symbol, sp.S.One if symbol == self.by else sp.S.Zero
        pairs = [self.both(arg) for arg in node.args]
        us, dus = tuple(u for u, _ in pairs), tuple(du for _, du in pairs)
        value = SYMPY[node.operation](*us)
        if not any(dus):
            return value, sp.S.Zero
        found = self.wrong(node.operation, us, dus)
        return value, _right(node.operation, us, dus) if found is None else found

    def _unspecified(self, node: Unspecified) -> tuple[sp.Expr, sp.Expr]:
        u, du = self.both(node.args[0])
        function, derivative = (
            unspecified(node.function, node.order + k, self.stand_ins.get(node.function)) for k in (0, 1)
        )
        return function(u), derivative(u) * du


@cache
def wrong_slope(
    formula: Formula, position: int, wrong: WrongRule, stand_ins: tuple[tuple[str, sp.Expr], ...]
) -> sp.Expr | None:
    """The slope under a wrong rule; None where it comes to the right one, or the formula has no text."""
    if formula.node is None:
        return None
    symbols = {formal.name: formal for formal in formula.formals}
    if any(str(leaf) not in symbols for leaf in leaves_in(formula.node)):
        return None
    differentiation = _Differentiation(symbols, formula.formals[position], wrong, dict(stand_ins))
    found = differentiation.both(formula.node)[1]
    return None if is_same(found, slope(formula, position).expr) else found


POINTS = tuple(sp.Rational(k, 97) for k in (61, 83, 41, 103, 29, 71, 89, 53))


def is_same(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two expressions are equal, or cannot be told apart at a point where all letters differ."""
    difference = one - other
    if difference == 0:
        return True
    letters = sorted(difference.free_symbols, key=str)
    at = {letter: POINTS[i % len(POINTS)] + i // len(POINTS) for i, letter in enumerate(letters)}
    gap = difference.xreplace(at).evalf(30)
    return bool(gap.is_number and gap.is_comparable and abs(gap) < sp.Float("1e-20"))


def _row(name: str, text: str, here: str, wrong: WrongRule) -> Mistake:
    def change(sweep: Sweep, place: Place) -> Terms:
        stand_ins: Any = sweep.stand_ins
        found = wrong_slope(place.use.term.formula, place.use.position, wrong, stand_ins)
        return None if found is None else with_slope(place, found)

    made: Change = where(role("local", "cost", "activation"))(change)
    return Mistake(name=name, text=text, here=here, change=made)


# -- the wrong rules -------------------------------------------------------------------------------


def _power(write: Callable[[sp.Expr, sp.Expr, sp.Expr], sp.Expr]) -> WrongRule:
    """Of u^n with its u'."""

    def rule(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
        return write(us[0], us[1], dus[0]) if operation == "power" and dus[1] == 0 else None

    return rule


def _function(write: Callable[[str, sp.Expr, sp.Expr], sp.Expr | None]) -> WrongRule:
    """Of f(u) with its u'."""
    return lambda operation, us, dus: write(operation, us[0], dus[0]) if operation in UNARY else None


class _Pair(NamedTuple):
    """The operands of a product or a quotient, and their derivatives."""

    u: sp.Expr
    v: sp.Expr
    du: sp.Expr
    dv: sp.Expr


def _both(name: str, write: Callable[[_Pair], sp.Expr]) -> WrongRule:
    """Of a product or quotient whose operands both depend on the letter."""

    def rule(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
        return write(_Pair(*us, *dus)) if operation == name and all(dus) else None

    return rule


def _divided(write: Callable[[_Pair], sp.Expr]) -> WrongRule:
    """Of a quotient whose denominator depends on the letter."""

    def rule(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
        return write(_Pair(*us, *dus)) if operation == "divide" and dus[1] != 0 else None

    return rule


def _no_inner(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
    if operation in UNARY:
        return _outer(operation, us)
    if operation == "power" and dus[1] == 0:
        return us[1] * us[0] ** (us[1] - 1)
    return None


def _no_outer(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
    """u'; where nothing but a letter stands inside that is 1, and the whole slope was left out instead."""
    return dus[0] if operation in UNARY and not us[0].is_Symbol else None


def _exponential(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
    if operation == "exp":
        return us[0] * sp.exp(us[0] - 1) * dus[0]
    if operation == "power" and dus[0] == 0:
        return us[1] * us[0] ** (us[1] - 1) * dus[1]
    return None


def _turned(operation: str, us: Exprs, dus: Exprs) -> sp.Expr | None:
    return -_outer(operation, us) * dus[0] if operation in ("sin", "cos", "tan", "sinh", "cosh") else None


def _minus(operation: str, _: Exprs, dus: Exprs) -> sp.Expr | None:
    if operation == "negate":
        return dus[0]
    return sp.Add(*dus) if operation == "subtract" and dus[1] != 0 else None


DIFFERENTIATION: tuple[Mistake, ...] = (
    _row(
        "inner derivative left out",
        "The derivative of what stands inside was forgotten: f(u)' is f'(u) times u'.",
        "The inner derivative was left out of {factor}.",
        _no_inner,
    ),
    _row(
        "outer derivative left out",
        "The derivative of the outer function was forgotten: f(u)' is f'(u) times u'.",
        "The outer derivative was left out of {factor}.",
        _no_outer,
    ),
    _row(
        "power rule without the exponent",
        "The exponent comes down as a factor: (u^n)' = n u^(n-1) u'.",
        "The exponent was left out of {factor}.",
        _power(lambda u, n, du: u ** (n - 1) * du),
    ),
    _row(
        "exponent not lowered",
        "The exponent comes down as a factor and is then one less: (u^n)' = n u^(n-1) u'.",
        "The exponent was not lowered in {factor}.",
        _power(lambda u, n, du: n * u**n * du),
    ),
    _row(
        "function in place of its derivative",
        "The function itself stands where its derivative belongs: f(u)' is f'(u) u', not f(u) u'.",
        "The function stands in place of its derivative in {factor}.",
        _function(lambda f, u, du: SYMPY[f](u) * du),
    ),
    _row(
        "derivative at the function's value",
        "The derivative was taken at f(u); it is taken at u itself, where the function was.",
        "The derivative was taken at the function's value in {factor}.",
        _function(lambda f, u, du: _outer(f, (SYMPY[f](u),)) * du),
    ),
    _row(
        "differentiated inside the function",
        "The derivative was put inside the function: f(u)' is f'(u) u', not f'(u').",
        "The inner derivative was put inside the function in {factor}.",
        _function(lambda f, _, du: _outer(f, (du,))),
    ),
    _row(
        "sign of a derivative of sine or cosine",
        "The sign is turned: (sin u)' = cos u and (cos u)' = -sin u, while (cosh u)' = sinh u.",
        "The sign of the trigonometric derivative was turned in {factor}.",
        _turned,
    ),
    _row(
        "minus lost in the derivative",
        "A minus was lost: (u - v)' = u' - v'.",
        "A minus was lost in {factor}.",
        _minus,
    ),
    _row(
        "exponential by the power rule",
        "The power rule is for u^n; here the exponent varies, and (e^u)' = e^u u'.",
        "The power rule was applied to an exponential in {factor}.",
        _exponential,
    ),
    _row(
        "first term of the product rule only",
        "One term of the product rule was left out: (u v)' = u' v + u v'.",
        "Only u' v of the product rule was kept in {factor}.",
        _both("multiply", lambda of: of.du * of.v),
    ),
    _row(
        "last term of the product rule only",
        "One term of the product rule was left out: (u v)' = u' v + u v'.",
        "Only u v' of the product rule was kept in {factor}.",
        _both("multiply", lambda of: of.u * of.dv),
    ),
    _row(
        "product of the derivatives",
        "A product's derivative is not the product of the derivatives: (u v)' = u' v + u v'.",
        "The derivatives of a product's factors were multiplied in {factor}.",
        _both("multiply", lambda of: of.du * of.dv),
    ),
    _row(
        "quotient rule with a plus",
        "The quotient rule has a minus: (u/v)' = (u' v - u v')/v^2.",
        "The minus of the quotient rule became a plus in {factor}.",
        _divided(lambda of: (of.du * of.v + of.u * of.dv) / of.v**2),
    ),
    _row(
        "quotient rule without the square",
        "The denominator of the quotient rule is squared: (u/v)' = (u' v - u v')/v^2.",
        "The denominator was not squared in {factor}.",
        _divided(lambda of: (of.du * of.v - of.u * of.dv) / of.v),
    ),
    _row(
        "quotient of the derivatives",
        "A quotient's derivative is not the quotient of the derivatives: (u/v)' = (u' v - u v')/v^2.",
        "The derivatives of numerator and denominator were divided in {factor}.",
        _both("divide", lambda of: of.du / of.dv),
    ),
)
