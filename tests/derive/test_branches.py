"""Functions in pieces: where each piece counts, and what the sides of a kink tend to."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.branches import Sides, branches, sides
from derive.whole_functions import Larger, Magnitude, Rectified, Smaller

Z = sp.Symbol("z")
LEFT, RIGHT = sp.Interval.open(-sp.oo, 0), sp.Interval.open(0, sp.oo)


def pieces(expr: sp.Expr) -> list[tuple[sp.Expr, sp.Set | None]]:
    return [(branch.expr, branch.where) for branch in branches(expr, Z)]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Z**2, [(Z**2, sp.S.Reals)]),
        (Rectified(Z), [(0, LEFT), (Z, RIGHT)]),
        (sp.Piecewise((Z, Z > 0), (0, True)), [(0, LEFT), (Z, RIGHT)]),
        (Z / (1 + Magnitude(Z)), [(Z / (1 - Z), LEFT), (Z / (1 + Z), RIGHT)]),
        (Larger(Z, Z / 10), [(Z / 10, LEFT), (Z, RIGHT)]),
        (
            Smaller(Larger(Z, -sp.Integer(1)), sp.Integer(1)),
            [
                (-1, sp.Interval.open(-sp.oo, -1)),
                (Z, sp.Interval.open(-1, 1)),
                (1, sp.Interval.open(1, sp.oo)),
            ],
        ),
    ],
    ids=str,
)
def test_the_pieces_come_from_left_to_right_with_where_they_count(expr, expected):
    """The first condition that holds counts, so "otherwise" is what is left."""
    assert pieces(expr) == expected


def test_a_piece_that_counts_at_one_point_only_is_no_branch():
    """|z| is stated with a piece for z = 0, which has no slope."""
    assert len(pieces(Magnitude(Z))) == 2


def test_a_domain_bounds_the_pieces():
    """What lies outside is not the function's."""
    (branch,) = branches(sp.Piecewise((Z, Z > 0), (0, True)), Z, RIGHT)
    assert (branch.expr, branch.where) == (Z, RIGHT)


def test_the_sides_of_a_kink_are_its_two_limits():
    """relu has slope 0 on the left and 1 on the right."""
    slopes = branches(sp.Piecewise((1, Z > 0), (0, True)), Z)
    assert sides(slopes, Z, sp.S.Zero) == Sides(sp.S.Zero, sp.S.One)
    assert sides(slopes, Z, sp.S.One) is None
