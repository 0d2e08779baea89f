"""A plot as SVG, coloured by the page's own style and readable at a phone's width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from derive.writing.plain import plain
from reports.drawing.plot import Curve, Dot, Level, Plot, Point, ends, ticks, within
from reports.drawing.svg import element, foreign, tspans
from reports.numbers import typeset

WIDTH, HEIGHT = 560, 350
LEAST_LEFT, RIGHT, TOP, BOTTOM = 46, 16, 12, 34
LETTER = 8.5
"""About the width of a digit."""

LINE = 18
"""The height of a line of text."""

RADIUS = 4.5
WIDEST = 1.25


def plot_svg(plot: Plot) -> str:
    """The plot as one <svg> element; its first child is its text for those who cannot see it."""
    scale = _Scale(plot)
    parts = (
        element("title", foreign(plot.label)),
        *_grid(plot, scale),
        *(_limit(level, scale) for level in plot.limits),
        *(_curve(plot, curve, scale) for curve in plot.curves),
        *(_dot(dot, scale) for dot in plot.dots),
        *(_names(plot, scale) if plot.labelled else ()),
    )
    return element(
        "svg",
        *parts,
        **{
            "class": "plot",
            "role": "img",
            "aria-label": plot.label,
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "style": f"max-width:{WIDEST * WIDTH:.0f}px",
        },
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the plot's numbers to places in the drawing."""

    plot: Plot

    @property
    def left(self) -> float:
        """Where the vertical axis stands: its numbers need their room."""
        longest = max((len(typeset(number)) for _, number in self.plot.heights()), default=0)
        return max(LEAST_LEFT, 12 + LETTER * longest)

    @property
    def right(self) -> float:
        """Where the horizontal axis ends: names of curves need their room behind it."""
        if not self.plot.labelled:
            return WIDTH - RIGHT
        return WIDTH - RIGHT - LETTER * max((len(plain(curve.name)) for curve in self.plot.curves), default=0)

    def x(self, value: float | Fraction) -> float:
        low, high = self.plot.x
        return round(self.left + (float(value) - low) / (high - low) * (self.right - self.left), 1)

    def y(self, value: float | Fraction) -> float:
        low, high = self.plot.y
        return round(HEIGHT - BOTTOM - (float(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    def path(self, points: tuple[Point, ...]) -> str:
        return "M" + "L".join(f"{self.x(x):g} {self.y(y):g}" for x, y in points)


def _grid(plot: Plot, scale: _Scale) -> Iterator[str]:
    """Hairlines at the ticks, the axes where 0 is, numbers outside, the axis's letter at its end."""
    bottom, right = HEIGHT - BOTTOM, scale.right
    last = max(ticks(*plot.x))
    for at in ticks(*plot.x):
        yield _line("axis" if at == 0 else "grid", f"M{scale.x(at):g} {TOP}V{bottom}")
        if at != last:
            yield _words("middle", scale.x(at), bottom + 22, foreign(typeset(at)))
    # a whole word ends at the edge, a letter stands below its place
    anchor, place = (
        ("end", min(scale.right + RIGHT, WIDTH))
        if len(plain(plot.across)) > len("z_1")
        else ("middle", scale.x(last))
    )
    yield _words(anchor, place, bottom + 22, tspans(plot.across))
    for at, number in plot.heights():
        yield _line("axis" if number == 0 else "grid", f"M{scale.left:g} {scale.y(at):g}H{right:g}")
        yield _words("end", scale.left - 8, scale.y(at) + 5, foreign(typeset(number)))


def _line(kind: str, path: str) -> str:
    return element("path", **{"class": kind, "d": path})


def _words(anchor: str, x: float, y: float, content: str) -> str:
    return element("text", content, x=x, y=y, **{"text-anchor": anchor})


def _limit(level: Level, scale: _Scale) -> str:
    start, end = map(scale.x, level.x)
    return _line("limit", f"M{start:g} {scale.y(level.height):g}H{end:g}")


def _curve(plot: Plot, curve: Curve, scale: _Scale) -> str:
    path = "".join(scale.path(part) for run in curve.runs for part in within(plot, run))
    dashed = " dashed" if curve.dashed else ""
    return element("path", **{"class": f"curve c-{curve.colour}{dashed}", "d": path}, **_shaded(curve))


def _shaded(curve: Curve) -> dict[str, str]:
    """How far a curve's colour is from the first one."""
    return {"style": f"--shade:{100 * curve.shade:.0f}%"} if curve.shade < 1 else {}


def _names(plot: Plot, scale: _Scale) -> Iterator[str]:
    """Each curve's name behind its right end."""
    for curve, height in ends(plot, LINE / (HEIGHT - TOP - BOTTOM)):
        place = {"x": scale.right + 7, "y": scale.y(height) + 5}
        yield element("text", tspans(curve.name), **place, **{"class": f"c-{curve.colour}"}, **_shaded(curve))


def _dot(dot: Dot, scale: _Scale) -> str:
    kind = f"dot c-{dot.colour}" if dot.filled else f"dot open c-{dot.colour}"
    return element("circle", cx=scale.x(dot.at[0]), cy=scale.y(dot.at[1]), r=RADIUS, **{"class": kind})
