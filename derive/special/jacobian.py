"""The Jacobian of an activation whose units read the whole layer, as a matrix.

    da_k/dz_j = a_j (1 - a_j) for k = j,  -a_k a_j for k != j
    J = diag(a) - a a^T

Where the slope by another unit's z is a product of something of unit k and
something of unit j, it is the entry of an outer product for k = j too, and what
the diagonal has besides stands in a diagonal matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula, results_of, usual_slope
from derive.identities import proved
from derive.rules import A as A_J
from derive.rules import Activation
from derive.sheet import UNITS

A_K = sp.Symbol("a_k")


@dataclass(frozen=True)
class Jacobian:
    """da_k/dz_j of a coupled activation.

    own    for k = j, in a_j
    cross  for k != j, in a_k and a_j
    """

    rule: Activation
    own: sp.Expr
    cross: sp.Expr

    @property
    def outer(self) -> tuple[sp.Expr, sp.Expr]:
        """c of a_k and t of a_j with cross = c t."""
        mine = [factor for factor in sp.Mul.make_args(self.cross) if factor.has(A_K)]
        return sp.Mul(*mine), sp.Mul(*(f for f in sp.Mul.make_args(self.cross) if not f.has(A_K)))

    @property
    def diagonal(self) -> sp.Expr:
        """What the diagonal has besides the outer product, in a_j."""
        return sp.expand(self.own - self.cross.subs(A_K, A_J))

    @property
    def columns_vanish(self) -> bool:
        """Whether the slopes of all outputs by one z add up to 0, as those of shares must."""
        formula = self.rule.formula(UNITS)
        return proved(sp.Add(*(sp.diff(a, formula.formals[0]) for a in results_of(formula))), sp.S.Zero)

    @cached_property
    def at(self) -> Mapping[str, Formula]:
        """a_k and the entries of the matrix for `UNITS` units, in their weighted inputs, by keys."""
        formula = self.rule.formula(UNITS)
        outputs = results_of(formula)
        found = {f"a[{k}]": Formula(a, formula.formals) for k, a in enumerate(outputs, 1)}
        for k, a in enumerate(outputs, 1):
            for j, z in enumerate(formula.formals, 1):
                found[f"J[{k},{j}]"] = Formula(sp.diff(a, z), formula.formals)
        return MappingProxyType(found)


EXAMPLE = (Fraction(2), Fraction(1), Fraction(0))
"""Weighted inputs with whose outputs a matrix is shown."""


def jacobian(rule: Activation) -> Jacobian | None:
    """The Jacobian of a rule that couples a layer, its usual slopes proved; None for others."""
    if not rule.couples:
        return None
    formula = rule.formula(UNITS)
    first, second = formula.results[:2]
    own, cross = (usual_slope(formula, place).expr for place in (0, 1))
    return Jacobian(rule, own, cross.subs({first: A_K, second: A_J}, simultaneous=True))
