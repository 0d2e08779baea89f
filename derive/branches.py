"""The branches of a formula in pieces: on each it is one smooth expression.

relu(z) is z where z > 0 and 0 where z < 0; at 0 it has a slope on either side
and none of its own. |u|, max and min are pieces like any others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from derive.whole_functions import Kinked, Larger, Smaller


@dataclass(frozen=True, slots=True)
class Branch:
    """One smooth piece.

    where   the open set on which it counts, in the one letter of the conditions; None where
            they have several letters
    when    the condition as the formula states it; true where nothing is asked
    before  the conditions of the pieces before it, which have failed where it counts
    """

    expr: sp.Expr
    when: sp.Basic
    where: sp.Set | None
    before: tuple[sp.Basic, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """What is left and right of a point: the values that an expression tends to."""

    left: sp.Expr
    right: sp.Expr


def in_pieces(expr: sp.Expr) -> sp.Expr:
    """The formula with every |u|, max and relu as pieces, and these outermost."""
    written = expr.replace(lambda part: isinstance(part, Kinked), lambda part: part.written_out)
    return sp.piecewise_fold(written)


def branches(expr: sp.Expr, by: sp.Symbol, domain: sp.Set = sp.S.Reals) -> tuple[Branch, ...]:
    """The pieces with an inside from left to right, or as the formula states them in several letters."""
    folded = in_pieces(expr)
    if not isinstance(folded, sp.Piecewise):
        return (Branch(folded, sp.true, domain),)
    if any(condition.free_symbols - {by} for _, condition in folded.args):
        pieces = folded if isinstance(expr, Larger | Smaller) else expr
        stated = pieces.args if isinstance(pieces, sp.Piecewise) else ((expr, sp.true),)
        return tuple(
            Branch(piece, condition, None, tuple(earlier for _, earlier in stated[:place]))
            for place, (piece, condition) in enumerate(stated)
        )
    found = sorted(_on_the_line(folded, domain), key=lambda part: part[0])
    return tuple(branch for _, branch in found)


def _on_the_line(folded: sp.Piecewise, domain: sp.Set) -> Iterator[tuple[sp.Expr, Branch]]:
    """Each piece with its left end; it loses what the pieces before it took."""
    left = domain
    for piece, condition in folded.args:
        taken = domain if condition == sp.true else condition.as_set()
        inside = sp.Intersection(left, taken).interior
        left = sp.Complement(left, taken)
        if inside is not sp.S.EmptySet:
            yield inside.inf, Branch(piece, condition, inside)


def sides(parts: tuple[Branch, ...], by: sp.Symbol, at: sp.Expr) -> Sides | None:
    """The limits of a formula in pieces from the left and from the right of a point."""
    below = [part for part in parts if part.where is not None and part.where.sup == at]
    above = [part for part in parts if part.where is not None and part.where.inf == at]
    if not below or not above:
        return None
    return Sides(sp.limit(below[0].expr, by, at, "-"), sp.limit(above[0].expr, by, at, "+"))
