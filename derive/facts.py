"""What can be proved of a rule besides its derivative: whether it rises or falls, and its symmetry.

A slope is positive where it is positive term by term, once every exponential
stands as a positive letter. Where that shows nothing, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import sympy as sp

from derive.branches import Branch
from derive.calculus import defined
from derive.identities import proved, rational
from derive.sheet import Sheet


class Growth(Enum):
    """How a function runs over its whole domain."""

    RISES = "rises everywhere"
    NEVER_FALLS = "never falls"
    FALLS = "falls everywhere"
    NEVER_RISES = "never rises"
    CONSTANT = "is constant"


class Symmetry(Enum):
    """What becomes of phi(z) where z changes its sign."""

    EVEN = "even"
    ODD = "odd"
    TURNED = "about its value at 0"


def growth(sheet: Sheet) -> Growth | None:
    """Whether the rule is monotone in its first argument; None where no proof was found."""
    by = sheet.formula.formals[0]
    signs = {sign_on(derived.slope, by, derived.branch) for derived in sheet.derived if derived.by == 0}
    signs |= set(_jumps(sheet))
    return next((growth for growth, allowed in GROWTHS if signs <= allowed), None)


POSITIVE, ZERO, NEGATIVE = 1, 0, -1

GROWTHS: tuple[tuple[Growth, set[int | None]], ...] = (
    (Growth.CONSTANT, {ZERO}),
    (Growth.RISES, {POSITIVE}),
    (Growth.NEVER_FALLS, {POSITIVE, ZERO}),
    (Growth.FALLS, {NEGATIVE}),
    (Growth.NEVER_RISES, {NEGATIVE, ZERO}),
)


def sign_on(slope: sp.Expr, by: sp.Symbol, branch: Branch) -> int | None:
    """The sign of an expression everywhere on a branch, where it shows."""
    if slope == 0:
        return ZERO
    size = sp.Dummy(positive=True)
    if branch.where is not None and branch.where.is_subset(sp.Interval.open(0, sp.oo)):
        slope = slope.subs(by, size)
    elif branch.where is not None and branch.where.is_subset(sp.Interval.open(-sp.oo, 0)):
        slope = slope.subs(by, -size)
    plain = sp.cancel(sp.together(rational(slope.rewrite(sp.tanh, sp.exp))))
    return POSITIVE if plain.is_positive else NEGATIVE if plain.is_negative else None


def _jumps(sheet: Sheet) -> Iterator[int]:
    """Up or down at a kink where the function is broken."""
    for corner in sheet.corners:
        if corner.is_jump:
            yield POSITIVE if corner.value.left < corner.value.right else NEGATIVE


def symmetry(sheet: Sheet) -> Symmetry | None:
    """Whether phi(-z) is phi(z), -phi(z) or 2 phi(0) - phi(z); None where no proof was found."""
    formula, z = sheet.formula, sheet.formula.formals[0]
    if len(formula.formals) > 1 or sheet.corners or formula.expr.has(sp.Piecewise):
        return None
    here = defined(formula.expr)
    there = here.subs(z, -z)
    centre = here.subs(z, 0)
    claims = (
        (Symmetry.EVEN, here),
        (Symmetry.ODD, -here),
        *([(Symmetry.TURNED, 2 * centre - here)] if centre.is_Rational else []),
    )
    return next((symmetry for symmetry, claim in claims if proved(there, claim)), None)
