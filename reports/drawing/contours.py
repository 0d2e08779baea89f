"""Where a function on a grid is at least so high: closed loops, its level line on their edge.

Each cell of the grid has the line pass it between the corners that are inside and those that are
outside, at the place where the function reaches the level if it is straight along an edge. A loop has the
inside on its left; so holes run the other way round, and both rules of filling agree.

Source: Lorensen and Cline (1987), Marching cubes, in two dimensions; a saddle is decided by its mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf, isinf
from types import MappingProxyType

Point = tuple[float, float]
Loop = tuple[Point, ...]
Edge = tuple[str, int, int]
"""The edge of the grid that leaves node (i, j) to the right, or upwards."""

PASSAGES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("BL",), 2: ("RB",), 3: ("RL",), 4: ("TR",), 6: ("TB",), 7: ("TL",),
        8: ("LT",), 9: ("BT",), 11: ("RT",), 12: ("LR",), 13: ("BR",), 14: ("LB",),
    }
)  # fmt: skip
"""How the line passes a cell, from side to side, by the corners inside: 1 and 2 below, 4 and 8 above,
counted from the lower left one round to the upper left one."""

SADDLES: Mapping[tuple[int, bool], tuple[str, str]] = MappingProxyType(
    {(5, True): ("BR", "TL"), (5, False): ("BL", "TR"), (10, True): ("LB", "RT"), (10, False): ("RB", "LT")}
)
"""The same where opposite corners are inside, by whether the middle is."""


def loops(
    x: Sequence[float], y: Sequence[float], values: Sequence[Sequence[float]], level: float
) -> list[Loop]:
    """The edges of all places where values[i][j], at (x[j], y[i]), are at least `level`."""
    # A ring of nodes far below every level, on the frame itself, closes what would leave the grid.
    wide, high = (x[0], *x, x[-1]), (y[0], *y, y[-1])
    ring = (-inf,) * len(wide)
    padded = (ring, *((-inf, *row, -inf) for row in values), ring)
    following: dict[Edge, Edge] = {}
    for i in range(len(high) - 1):
        for j in range(len(wide) - 1):
            sides = {"B": ("right", i, j), "T": ("right", i + 1, j), "L": ("up", i, j), "R": ("up", i, j + 1)}
            for passage in _passages(padded, i, j, level):
                following[sides[passage[0]]] = sides[passage[1]]
    return [
        _cleaned([_crossing(edge, wide, high, padded, level) for edge in ring]) for ring in _rings(following)
    ]


def _passages(values: Sequence[Sequence[float]], i: int, j: int, level: float) -> tuple[str, ...]:
    corners = (values[i][j], values[i][j + 1], values[i + 1][j + 1], values[i + 1][j])
    inside = sum(1 << place for place, value in enumerate(corners) if value >= level)
    if inside in (5, 10):
        return SADDLES[inside, sum(corners) / 4 >= level]
    return PASSAGES.get(inside, ())


def _rings(following: dict[Edge, Edge]) -> Iterator[list[Edge]]:
    """Edges one after the other, each ring once."""
    while following:
        start, edge = following.popitem()
        ring = [start]
        while edge != start:
            ring.append(edge)
            edge = following.pop(edge)
        yield ring


def _crossing(
    edge: Edge, x: Sequence[float], y: Sequence[float], values: Sequence[Sequence[float]], level: float
) -> Point:
    """Where the level is reached on an edge; those to the ring have no length."""
    direction, i, j = edge
    k, l = (i, j + 1) if direction == "right" else (i + 1, j)
    here, there = values[i][j], values[k][l]
    share = 0.5 if isinf(here) or isinf(there) else (level - here) / (there - here)
    return x[j] + share * (x[l] - x[j]), y[i] + share * (y[k] - y[i])


def _cleaned(ring: list[Point]) -> Loop:
    """Without points that stand twice or on the straight line between their neighbours."""
    apart = [point for before, point in pairwise([ring[-1], *ring]) if point != before]
    count = len(apart)
    return tuple(
        point
        for place, point in enumerate(apart)
        if not _straight(apart[place - 1], point, apart[(place + 1) % count])
    )


def _straight(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])


def within_frame(loop: Loop, x: Point, y: Point) -> Iterator[Loop]:
    """The parts of a loop that are level lines, in runs: what lies on the frame is none of the function."""
    run: list[Point] = []
    for start, end in pairwise((*loop, loop[0])):
        along = any(start[axis] == end[axis] == side for axis, sides in enumerate((x, y)) for side in sides)
        if along:
            if len(run) > 1:
                yield tuple(run)
            run = []
        else:
            run = [*(run or [start]), end]
    if len(run) > 1:
        yield tuple(run)
