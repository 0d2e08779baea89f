"""Curves over an axis: where everything stands, in the plot's own numbers.

A curve is broken where its function has a kink; there a filled dot is the value
that counts and an open one what a side only tends to. `plot_svg` and
`plot_latex` draw the same plot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from derive.writing.tree import Tree

Point = tuple[float, float]
Colour = Literal["input", "cost", "weight", "activation"]
"""The page's colours, by the roles that have them elsewhere."""

FIRST_COLOUR: Colour = "input"
"""That of a curve of shade 0."""

MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Curve:
    """A function's graph, in runs of points between which it is broken.

    name   its formula, for the legend, or for its end where the plot is labelled
    shade  of curves that stand in an order: from 0, the first colour, to 1, `colour` itself
    """

    name: Tree
    runs: tuple[tuple[Point, ...], ...]
    colour: Colour
    dashed: bool = False
    shade: float = 1.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A value at a kink: filled where it is taken, open where it is only tended to."""

    at: Point
    colour: Colour
    filled: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A level line between two places of the horizontal axis."""

    x: Point
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that is drawn; `label` says it in words.

    x, y      the ends of the axes
    across    the letter of the horizontal axis
    limits    dashed lines to which a curve tends: from where to where, and how high
    powers    heights are exponents of ten, for what spans many powers
    labelled  each curve's name stands at its right end, and there is no legend
    """

    label: str
    x: Point
    y: Point
    across: Tree
    curves: tuple[Curve, ...]
    dots: tuple[Dot, ...] = ()
    limits: tuple[Level, ...] = ()
    powers: bool = False
    labelled: bool = False

    def heights(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Where lines lie across, and the number that each stands for."""
        for at in ticks(*self.y):
            if not self.powers:
                yield at, at
            elif at.denominator == 1:
                yield at, Fraction(10) ** int(at)


def ticks(low: float, high: float) -> Iterator[Fraction]:
    """Round numbers between two ends, in steps of 1, 2 or 5 times a power of ten."""
    width = Fraction(high) - Fraction(low)
    power = Fraction(10) ** math.floor(math.log10(width / MOST_TICKS))
    step = next(power * size for size in (1, 2, 5, 10) if width <= power * size * MOST_TICKS)
    for place in range(math.ceil(Fraction(low) / step), math.floor(Fraction(high) / step) + 1):
        yield place * step


def ends(plot: Plot, apart: float) -> Iterator[tuple[Curve, float]]:
    """Each curve that is drawn with the height of its name: that of its right end, or `apart` from the next.

    apart  the least distance of two names, as a share of the height
    """
    low, high = plot.y
    least = apart * (high - low)
    drawn = [curve for curve in plot.curves if any(curve.runs)]
    ranked = sorted(drawn, key=lambda curve: curve.runs[-1][-1][1])
    below, heights = low - least, list[float]()
    for curve in ranked:
        below = max(below + least, curve.runs[-1][-1][1])
        heights.append(below)
    above = high + least
    for place in reversed(range(len(heights))):  # what was pushed out at the top is pushed down again
        above = heights[place] = min(above - least, heights[place])
    return zip(ranked, heights, strict=True)


def within(plot: Plot, run: tuple[Point, ...]) -> Iterator[tuple[Point, ...]]:
    """The parts of a run that lie within the axes, each ending at the edge where the curve leaves."""
    low, high = plot.y
    part: list[Point] = []
    for place, point in enumerate(run):
        inside = low <= point[1] <= high
        before = run[place - 1] if place else point
        if inside != (low <= before[1] <= high):
            part.append(_crossing(before, point, low, high))
        if inside:
            part.append(point)
        elif part:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)


def _crossing(start: Point, end: Point, low: float, high: float) -> Point:
    """Where the line between a point inside and one outside meets the edge."""
    outside = end[1] if not low <= end[1] <= high else start[1]
    edge = high if outside > high else low
    share = (edge - start[1]) / (end[1] - start[1])
    return start[0] + share * (end[0] - start[0]), edge
