"""How the cost goes on while a network is trained, as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

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
    values, last = [value for _, value in points], points[-1][0]
    low, high = min(values), max(values)
    powers = low > 0 and high > STEEP * low
    if powers:
        ends = (float(floor(log10(low))), float(ceil(log10(high))))
    else:
        near = 0 < high - low < LEVEL * max(abs(low), abs(high))
        low, high = (low, high) if near else (min(low, 0.0), max(high, 0.0))
        room = ROOM * (high - low) or 1.0
        ends = (low - room if near or low < 0 else 0.0, high + room)
    run: tuple[Point, ...] = tuple((float(n), log10(value) if powers else value) for n, value in points)
    label = f"{plain(cost)} after 0 to {last:,} updates"
    curve = Curve(cost, (run,), "cost")
    return Plot(label, (0.0, float(last)), ends, Text("updates"), (curve,), powers=powers)
