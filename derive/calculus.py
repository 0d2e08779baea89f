"""Differentiating a formula step by step, in a textbook's order, with the rule of every step.

    (u + v)' = u' + v'                    sum rule
    (c u)'   = c u'                       constant factor
    (u v)'   = u' v + u v'                product rule
    (u / v)' = (u' v - u v') / v^2        quotient rule
    (u^n)'   = n u^(n - 1) u'             power rule
    f(u)'    = f'(u) u'                   chain rule, with f' from a table

A derivative that is still to be taken stands in a step as SymPy's unevaluated
`Derivative`. So every step is an expression that SymPy can finish by itself,
and `identities` proves of each that it equals SymPy's own derivative.

Source: Stewart, Calculus (2015), ch. 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from derive.whole_functions import Density, Logistic, Magnitude, Normal, UnspecifiedFunction

MOST_STEPS = 60
"""Each rule makes what is left to differentiate smaller, so only a faulty row could come this far."""

AT_ONCE: Mapping[sp.Expr, str] = MappingProxyType(
    {sp.S.Zero: "a constant has no slope", sp.S.One: "a straight line"}
)
"""Derivatives that take no rule."""

Outer = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True, slots=True)
class Stride:
    """One step: the derivative as it stands now, and the rule that brought it there.

    chained  whether the rule left an inner derivative to be taken
    """

    expr: sp.Expr
    because: str
    chained: bool = False


def strides(expr: sp.Expr, by: sp.Symbol) -> Iterator[Stride]:
    """d expr / d by, from the derivative to be taken to the derivative taken.

    Each step applies one rule, wherever it applies. Raises TypeError, naming
    it, for a class of expression that no row differentiates.
    """
    now = _derivative(expr, by)
    yield Stride(now, AT_ONCE.get(now, "by definition"))
    for _ in range(MOST_STEPS):
        waiting = pending(now)
        if not waiting:
            return
        taken = {derivative: _taken(derivative.expr, by) for derivative in waiting}
        name = taken[waiting[0]].because
        alike = {left: right for left, right in taken.items() if right.because == name}
        chained = any(right.chained for right in alike.values())
        now = now.xreplace({left: right.expr for left, right in alike.items()})
        yield Stride(now, f"{name}, chain rule" if chained else name, chained)
    raise TypeError(f"{expr} is not differentiated in {MOST_STEPS} steps")


def pending(expr: sp.Expr) -> list[sp.Derivative]:
    """The derivatives that are still to be taken, the longest first; phi'(z) of an unspecified phi is not."""
    found = [part for part in expr.atoms(sp.Derivative) if not isinstance(part.expr, UnspecifiedFunction)]
    return sorted(found, key=lambda part: (-part.expr.count_ops(), sp.default_sort_key(part)))


def _derivative(expr: sp.Expr, by: sp.Symbol) -> sp.Expr:
    """d expr / d by where it is still to be taken; of a constant 0 and of the letter itself 1."""
    if expr == by:
        return sp.S.One
    return sp.Derivative(expr, by) if expr.has(by) else sp.S.Zero


def _taken(expr: sp.Expr, by: sp.Symbol) -> Stride:
    """One rule applied to one derivative."""
    for cls in type(expr).__mro__:
        if cls in RULES:
            return RULES[cls](expr, by)
    raise TypeError(f"no rule differentiates a SymPy {type(expr).__name__}: {expr}")


def _sum(expr: sp.Add, by: sp.Symbol) -> Stride:
    constant = any(not term.has(by) for term in expr.args)
    parts = (term.as_coeff_Mul() for term in expr.args)
    slopes = sp.Add(*(number * _derivative(term, by) for number, term in parts))
    return Stride(slopes, "sum rule; the constant drops out" if constant else "sum rule")


def _product(expr: sp.Mul, by: sp.Symbol) -> Stride:
    """c u, u / v or u v w: a constant factor first, then a quotient, then a product."""
    constants, factors = _split(expr.args, lambda factor: not factor.has(by))
    if constants:
        return Stride(sp.Mul(*constants, _derivative(sp.Mul(*factors), by)), "constant factor")
    divisors, others = _split(factors, _is_divisor)
    if divisors and others:
        u, v = sp.Mul(*others), 1 / sp.Mul(*divisors)
        return Stride((_derivative(u, by) * v - u * _derivative(v, by)) / v**2, "quotient rule")
    terms = (
        sp.Mul(*factors[:place], _derivative(factor, by), *factors[place + 1 :])
        for place, factor in enumerate(factors)
    )
    return Stride(sp.Add(*terms), "product rule")


def _power(expr: sp.Pow, by: sp.Symbol) -> Stride:
    """u^n; or c^v and u^v, which are e^(v ln u)."""
    u, n = expr.base, expr.exp
    if not n.has(by):
        return Stride(sp.Mul(n, u ** (n - 1), _derivative(u, by)), "power rule", u != by)
    return Stride(expr * _derivative(n * sp.log(u), by), "power as an exponential", chained=True)


def _function(name: str, outer: Outer) -> Callable[[sp.Expr, sp.Symbol], Stride]:
    """f(u)' = f'(u) u', for a function whose f' the table gives."""

    def taken(expr: sp.Expr, by: sp.Symbol) -> Stride:
        (u,) = expr.args
        return Stride(outer(u) * _derivative(u, by), name, u != by)

    return taken


def _split(
    factors: tuple[sp.Expr, ...], test: Callable[[sp.Expr], bool]
) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """The factors that pass and those that do not, each in their order."""
    return tuple(filter(test, factors)), tuple(factor for factor in factors if not test(factor))


def _is_divisor(factor: sp.Expr) -> bool:
    return isinstance(factor, sp.Pow) and factor.exp.is_Rational and factor.exp < 0


Rule = Callable[[sp.Expr, sp.Symbol], Stride]

RULES: Mapping[type, Rule] = MappingProxyType(
    {
        sp.Add: _sum,
        sp.Mul: _product,
        sp.Pow: _power,
        sp.exp: _function("exponential function", sp.exp),
        sp.log: _function("logarithm", lambda u: 1 / u),
        sp.sin: _function("sine", sp.cos),
        sp.cos: _function("cosine", lambda u: -sp.sin(u)),
        sp.tanh: _function("hyperbolic tangent", lambda u: 1 - sp.tanh(u) ** 2),
        Magnitude: _function("absolute value", lambda u: u / Magnitude(u)),
        Logistic: _function("sigmoid function", lambda u: Logistic(u) * (1 - Logistic(u))),
        Normal: _function("normal distribution function", Density),
        sp.erf: _function("error function", lambda u: 2 / sp.sqrt(sp.pi) * sp.exp(-(u**2))),
    }
)
"""How each class of expression is differentiated, by the derivatives of its arguments."""

MEANINGS: Mapping[type, Outer] = MappingProxyType(
    {
        Logistic: lambda u: 1 / (1 + sp.exp(-u)),
        Normal: lambda u: (1 + sp.erf(u / sp.sqrt(2))) / 2,
        Density: lambda u: sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi),
    }
)
"""What functions that are cited stand for, as books write it."""

DEFINITIONS: Mapping[type, Callable[[sp.Expr], sp.Expr]] = MappingProxyType(
    {sp.tanh: lambda u: (sp.exp(u) - sp.exp(-u)) / (sp.exp(u) + sp.exp(-u))}
)
"""Functions whose derivative is derived where they stand alone, and cited where they are a part."""


def defined(expr: sp.Expr) -> sp.Expr:
    """The formula to differentiate: tanh z by its definition, every other as it is."""
    alone = type(expr) in DEFINITIONS and expr.args[0].is_Symbol
    return DEFINITIONS[type(expr)](expr.args[0]) if alone else expr
