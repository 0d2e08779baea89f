"""A function of two numbers as filled bands, with points on top: where everything stands, in its own numbers.

A band is drawn over those below it, so each needs only its lower edge. `chart_svg` and `chart_latex` draw
the same chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from types import MappingProxyType
from typing import Literal

from derive.writing.tree import Tree
from reports.drawing.contours import Loop
from reports.drawing.plot import Colour, Point

Shape = Literal["circle", "square", "triangle", "diamond"]

OUTLINES: Mapping[Shape, Loop] = MappingProxyType(
    {
        "circle": tuple((cos(k * pi / 12), sin(k * pi / 12)) for k in range(24)),
        "square": ((-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)),
        "triangle": ((-1.05, -0.8), (1.05, -0.8), (0.0, 1.1)),
        "diamond": ((0.0, -1.2), (1.1, 0.0), (0.0, 1.2), (-1.1, 0.0)),
    }
)
"""Each shape at size 1; they are told apart without colours."""


@dataclass(frozen=True, slots=True)
class Band:
    """All places that are at least so high, mixed from a colour and the paper's: `strength` from 0 to 1."""

    loops: tuple[Loop, ...]
    colour: Colour
    strength: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A point with its shape."""

    at: Point
    shape: Shape
    colour: Colour


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing of a chart: bands from below to above, and lines that part them."""

    title: str
    bands: tuple[Band, ...]
    lines: tuple[Loop, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Panels side by side over the same rectangle; `label` says it in words.

    x, y        the ends of the axes
    across, up  their letters
    """

    label: str
    x: Point
    y: Point
    across: Tree
    up: Tree
    panels: tuple[Panel, ...]
    spots: tuple[Spot, ...]
