"""How the cost goes on while a network is trained, and how long its gradients are, as plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import ceil, floor, isfinite, log10

from derive.writing.plain import plain
from derive.writing.tree import Text, Tree
from reports.drawing.plot import Curve, Plot, Point

STEEP = 100
"""A cost whose largest value is so many times its least is drawn over powers of ten."""

ROOM = 0.05
"""What is left free above the highest point, as a share of the height."""

LEVEL = 0.1
"""A cost that changes by less than this share is drawn without its 0, or it would be a level line."""


def course(cost: Tree, points: Sequence[tuple[int, float]]) -> Plot:
    """The cost against the updates: points (count, value) from left to right, two at least."""
    last = points[-1][0]
    ends, powers = heights([value for _, value in points])
    run: tuple[Point, ...] = tuple((float(n), log10(value) if powers else value) for n, value in points)
    label = f"{plain(cost)} after 0 to {last:,} updates"
    curve = Curve(cost, (run,), "cost")
    return Plot(label, (0.0, float(last)), ends, Text("updates"), (curve,), powers=powers)


def heights(values: Sequence[float]) -> tuple[Point, bool]:
    """The ends of a vertical axis for these values, and whether they are powers of ten."""
    low, high = min(values), max(values)
    if low > 0 and high > STEEP * low:
        return (float(floor(log10(low))), float(ceil(log10(high)))), True
    near = 0 < high - low < LEVEL * max(abs(low), abs(high))
    low, high = (low, high) if near else (min(low, 0.0), max(high, 0.0))
    room = ROOM * (high - low) or 1.0
    return (low - room if near or low < 0 else 0.0, high + room), False


def by_layer(what: str, after: Sequence[int], lengths: Mapping[int, Iterable[float]]) -> Plot:
    """A length of each layer against the updates, 0 at none, on one axis; a 0 among them breaks its curve.

    what     the lengths, in words
    lengths  of each layer that is drawn, some of them above 0     (updates,)
    """
    drawn = {l: [value if isfinite(value) else 0.0 for value in row] for l, row in lengths.items()}
    above = [value for row in drawn.values() for value in row if value > 0]
    ends, powers = heights(above)
    curves = tuple(
        Curve(Text(f"layer {l}"), _runs(after, row, powers), "cost", shade=place / max(len(drawn) - 1, 1))
        for place, (l, row) in enumerate(drawn.items())
    )
    label = f"{what} after 0 to {after[-1]:,} updates"
    x = (0.0, float(after[-1]))
    return Plot(label, x, ends, Text("updates"), curves, powers=powers, labelled=True)


def _runs(after: Sequence[int], row: Sequence[float], powers: bool) -> tuple[tuple[Point, ...], ...]:
    """The points above 0, in runs; without powers of ten a 0 is a point like any other."""
    points = zip(after, row, strict=True)
    if not powers:
        return (tuple((float(n), value) for n, value in points),)
    parts = groupby(points, key=lambda point: point[1] > 0)
    return tuple(tuple((float(n), log10(value)) for n, value in part) for drawn, part in parts if drawn)
