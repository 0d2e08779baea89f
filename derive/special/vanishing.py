"""How large the slope of an activation can be, and what that does to a gradient on its way back.

    delta[l] = (W[l+1]^T delta[l+1]) * phi'(z[l])
    |delta[l]| <= sup |phi'| |W[l+1]| |delta[l+1]|

In a chain of single units the error at the first is one product,

    dC/dz[1] = phi'(z[1]) w[2] phi'(z[2]) w[3] ... dC/dz[L],

in which the sigmoid's factors are at most 1/4: a(1 - a) = 1/4 - (a - 1/2)^2.

Source: Nielsen (2015), ch. 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from derive.branches import branches
from derive.expressions import usual_slope
from derive.facts import sign_on
from derive.identities import proved
from derive.rules import A, Activation


@dataclass(frozen=True)
class Bound:
    """|phi'(z)| <= most everywhere.

    slope    phi' in a, where it is most - (a - at)^2 times a number; else None
    at       the a at which it is largest, likewise
    steps    the values of phi' where it is constant on each branch; else empty
    """

    most: sp.Expr
    slope: sp.Expr | None = None
    at: sp.Expr | None = None
    steps: tuple[sp.Expr, ...] = ()

    @property
    def gap(self) -> sp.Expr:
        """most - phi', a square and so never below 0."""
        assert self.slope is not None and self.at is not None
        return sp.expand(self.most - self.slope).coeff(A, 2) * (A - self.at) ** 2


@cache
def slope_bound(rule: Activation) -> Bound | None:
    """The least bound of |phi'| of a rule with its numbers, proved; None where no proof was found."""
    if rule.open or rule.couples or rule.pieces > 1:
        return None
    return _of_a_parabola(rule) or _of_branches(rule)


def _of_a_parabola(rule: Activation) -> Bound | None:
    """A slope that is quadratic in a and open downwards, and never below 0 on the range."""
    formula = rule.formula(1)
    slope = usual_slope(formula, 0).expr
    if slope.free_symbols != {A} or not slope.is_polynomial(A) or rule.range is None:
        return None
    if sp.degree(slope, A) != 2 or sp.Poly(slope, A).LC() > 0:
        return None
    (at,) = sp.solve(sp.diff(slope, A), A)
    ends = (slope.subs(A, rule.range.inf), slope.subs(A, rule.range.sup))
    found = Bound(slope.subs(A, at), slope, at)
    holds = at in rule.range and min(ends) >= 0 and proved(found.most - slope, found.gap)
    return found if holds else None


def _of_branches(rule: Activation) -> Bound | None:
    """A slope that rises or falls on each branch has its bounds at their ends."""
    formula = rule.formula(1)
    by = formula.formals[0]
    ends: list[sp.Expr] = []
    constant = True
    for branch in branches(formula.expr.subs(rule.numbers), by, rule.domain):
        slope = sp.diff(branch.expr, by)
        if branch.where is None or sign_on(sp.diff(slope, by), by, branch) is None:
            return None
        constant = constant and not slope.has(by)
        ends.append(sp.limit(slope, by, branch.where.inf, "+"))
        ends.append(sp.limit(slope, by, branch.where.sup, "-"))
    if not all(end.is_finite for end in ends):
        return None
    steps = tuple(dict.fromkeys(ends)) if constant else ()
    return Bound(sp.Max(*(sp.Abs(end) for end in ends)), steps=steps)
