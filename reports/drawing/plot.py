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

MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Curve:
    """A function's graph, in runs of points between which it is broken.

    name  its formula, for the legend
    """

    name: Tree
    runs: tuple[tuple[Point, ...], ...]
    colour: Colour
    dashed: bool = False


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
    """

    label: str
    x: Point
    y: Point
    across: Tree
    curves: tuple[Curve, ...]
    dots: tuple[Dot, ...] = ()
    limits: tuple[Level, ...] = ()
    powers: bool = False

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
