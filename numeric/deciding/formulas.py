"""SymPy's formulas as values of a world: the steps of a problem, and their slopes.

One row for each class of SymPy's that a formula may hold. A function in pieces is
the one piece that holds at the world's point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

import sympy as sp
from flint import arb
from sympy.core.relational import Relational

from derive.whole_functions import MeanRoot, UnspecifiedFunction, Whole
from numeric.deciding import values
from numeric.deciding.tower import Field
from numeric.deciding.values import UnluckyError, Value, constant

Letters = Mapping[sp.Symbol, Value]

MOST_CONSTANTS = 1_000
"""That are remembered: answers bring ever new ones."""

SIGNS: Mapping[type, Callable[[int], bool]] = MappingProxyType(
    {
        sp.StrictGreaterThan: lambda sign: sign > 0,
        sp.GreaterThan: lambda sign: sign >= 0,
        sp.StrictLessThan: lambda sign: sign < 0,
        sp.LessThan: lambda sign: sign <= 0,
        sp.Equality: lambda sign: sign == 0,
        sp.Unequality: lambda sign: sign != 0,
    }
)
"""Whether a comparison holds, by the sign of left minus right."""


class Formulas:
    """Formulas over one tower; `seed` keys what is opaque."""

    def __init__(self, fields: tuple[Field, ...], seed: bytes) -> None:
        self.fields, self.seed = fields, seed
        self._constants: dict[Fraction | int, Value] = {}
        # What is not known of pi beside its digits is not known to be false either.
        self.pi = values.opaque("pi", seed, (self.constant(1),), lambda _: arb.pi(), sure=False)

    def constant(self, number: Fraction | int) -> Value:
        """An exact number; the same one is made once."""
        known = self._constants.get(number)
        if known is None:
            known = constant(self.fields, Fraction(number))
            if len(self._constants) < MOST_CONSTANTS:
                self._constants[number] = known
        return known

    def __call__(self, expr: sp.Expr, letters: Letters) -> Value:
        """The value of an expression. Raises UnluckyError where it has none here."""
        if expr.is_Symbol:
            return letters[expr]
        if expr.is_Rational:
            return self.constant(int(expr.p) if expr.q == 1 else Fraction(int(expr.p), int(expr.q)))
        rule = _RULES.get(type(expr))
        if rule is not None:
            return rule(self, letters, *expr.args)
        if isinstance(expr, UnspecifiedFunction):
            return self.unspecified(expr, self(expr.args[0], letters))
        if isinstance(expr, Whole):
            args = (self(arg, letters) for arg in expr.args)
            return self(expr.body, dict(zip(expr.formals, args, strict=True)))
        raise UnluckyError(f"{type(expr).__name__} has no value here")

    def unspecified(self, expr: UnspecifiedFunction, u: Value) -> Value:
        """Any differentiable function: nothing but its name and order is known, so unequal is unequal."""
        return self.any_function(expr.letter, expr.order, u)

    def any_function(self, letter: str, order: int, u: Value) -> Value:
        return values.unspecified(letter, order, self.seed, u)

    def power(self, base: Value, exponent: Value) -> Value:
        n = exponent.number
        if n is not None and n.denominator == 1 and abs(n) <= values.MOST_POWER:
            return values.power(base, n.numerator)
        if n == Fraction(1, 2):
            return values.root(self.seed, base)
        if n == Fraction(-1, 2):
            return values.power(values.root(self.seed, base), -1)
        if base.exponent is not None:
            return values.exponential(base.exponent * exponent)
        return values.general_power(self.seed, base, exponent)

    def holds(self, condition: sp.Basic, letters: Letters) -> bool:
        """Whether a condition holds at the world's point."""
        if condition in (sp.true, sp.false):
            return bool(condition == sp.true)
        if isinstance(condition, Relational):
            gap = self(condition.lhs, letters) - self(condition.rhs, letters)
            return SIGNS[type(condition)](values.sign(gap))
        match condition:
            case sp.And(args=parts):
                return all(self.holds(part, letters) for part in parts)
            case sp.Or(args=parts):
                return any(self.holds(part, letters) for part in parts)
            case sp.Not(args=(part,)):
                return not self.holds(part, letters)
            case sp.ITE(args=(test, yes, no)):
                return self.holds(yes if self.holds(test, letters) else no, letters)
        raise UnluckyError(f"{type(condition).__name__} is no condition")

    def piecewise(self, letters: Letters, *branches: sp.Tuple) -> Value:
        expr = next((branch[0] for branch in branches if self.holds(branch[1], letters)), None)
        if expr is None:
            raise UnluckyError("no piece of the function holds here")
        return branched(self(expr, letters))


def branched(value: Value) -> Value:
    """The same value, of which a comparison has decided the formula."""
    return Value(value.fields, value.at, value.near, None, value.sure, True, 1 + value.depth)


_Rule = Callable[..., Value]


def _of(function: Callable[[Value], Value]) -> _Rule:
    return lambda run, letters, arg: function(run(arg, letters))


def _named(name: str) -> _Rule:
    return lambda run, letters, arg: values.transcendental(name, run.seed, run(arg, letters))


_RULES: Mapping[type, _Rule] = MappingProxyType(
    {
        sp.Add: lambda run, letters, *args: values.total(run(arg, letters) for arg in args),
        sp.Mul: lambda run, letters, *args: values.product(run(arg, letters) for arg in args),
        sp.Pow: lambda run, letters, base, n: run.power(run(base, letters), run(n, letters)),
        sp.exp: _of(values.exponential),
        sp.sin: _of(values.sine),
        sp.cos: _of(values.cosine),
        sp.tan: _of(lambda u: values.sine(u) / values.cosine(u)),
        sp.sinh: _of(values.sinh),
        sp.cosh: _of(values.cosh),
        sp.tanh: _of(lambda u: values.sinh(u) / values.cosh(u)),
        sp.log: _named("log"),
        sp.erf: _named("erf"),
        sp.erfc: _named("erfc"),
        MeanRoot: lambda run, letters, arg: values.root(run.seed, run(arg, letters)),
        sp.Piecewise: Formulas.piecewise,
        type(sp.E): lambda run, _: values.exponential(run.constant(1)),
        type(sp.pi): lambda run, _: run.pi,
    }
)
