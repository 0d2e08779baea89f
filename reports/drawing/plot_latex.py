"""A plot as LaTeX's own picture, with pict2e for lines of every slope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from derive.writing.latex import COLOURS, latex
from reports.drawing.plot import FIRST_COLOUR, Curve, Plot, Point, ends, ticks, within
from reports.numbers import number_tree

WIDTH, HEIGHT = 110.0, 54.0
"""Of the area between the axes, in millimetres."""

DASH = 1.2

LINE = 4.0
"""The height of a line of text."""


def plot_latex(plot: Plot) -> str:
    """The plot as one picture environment."""
    drawn = "\n".join((*_grid(plot), *_limits(plot), *_curves(plot), *_dots(plot), *_names(plot)))
    size = f"({WIDTH + (30 if plot.labelled else 14):g},{HEIGHT + 10:g})(-10,-8)"
    return f"{{\\setlength{{\\unitlength}}{{1mm}}\\begin{{picture}}{size}\n{drawn}\n\\end{{picture}}}}"


@dataclass(frozen=True, slots=True)
class _Scale:
    plot: Plot

    def at(self, x: float | Fraction, y: float | Fraction) -> str:
        (left, right), (low, high) = self.plot.x, self.plot.y
        across = (float(x) - left) / (right - left) * WIDTH
        up = (float(y) - low) / (high - low) * HEIGHT
        return f"({across:.2f},{up:.2f})"

    def path(self, points: tuple[Point, ...]) -> str:
        first, *rest = points
        lines = "".join(f"\\lineto{self.at(*point)}" for point in rest)
        return f"\\moveto{self.at(*first)}{lines}\\strokepath"


def _grid(plot: Plot) -> Iterator[str]:
    scale, (left, _), (low, _) = _Scale(plot), plot.x, plot.y
    last = max(ticks(*plot.x))
    for at in ticks(*plot.x):
        shade = "bpsoft" if at == 0 else "black!12"
        label = latex(plot.across if at == last else number_tree(at))
        yield f"\\put{scale.at(at, low)}{{\\color{{{shade}}}\\line(0,1){{{HEIGHT:g}}}}}"
        yield f"\\put{scale.at(at, low)}{{\\makebox(0,-7){{\\footnotesize ${label}$}}}}"
    for at, number in plot.heights():
        shade = "bpsoft" if number == 0 else "black!12"
        yield f"\\put{scale.at(left, at)}{{\\color{{{shade}}}\\line(1,0){{{WIDTH:g}}}}}"
        label = latex(number_tree(number))
        yield f"\\put{scale.at(left, at)}{{\\makebox(-2,0)[r]{{\\footnotesize ${label}$}}}}"


def _limits(plot: Plot) -> Iterator[str]:
    left, right = plot.x
    for level in plot.limits:
        start, end = level.x
        count = int((end - start) / (right - left) * WIDTH / (2 * DASH))
        place = _Scale(plot).at(start, level.height)
        yield f"\\multiput{place}({2 * DASH:g},0){{{count}}}{{\\color{{bpsoft}}\\line(1,0){{{DASH:g}}}}}"


def _curves(plot: Plot) -> Iterator[str]:
    scale = _Scale(plot)
    for curve in plot.curves:
        parts = [part for run in curve.runs for part in within(plot, run)]
        pieces = [pair for part in parts for pair in _dashes(part)] if curve.dashed else parts
        paths = "".join(map(scale.path, pieces))
        # outside of \put the end of a line would be a space, and move all that follows
        yield f"\\put(0,0){{\\color{{{_colour(curve)}}}\\linethickness{{0.8pt}}{paths}}}"


def _colour(curve: Curve) -> str:
    """The curve's colour, mixed with the first one as far as it is shaded."""
    own, first = COLOURS[curve.colour][0], COLOURS[FIRST_COLOUR][0]
    return own if curve.shade == 1 else f"{own}!{100 * curve.shade:.0f}!{first}"


def _names(plot: Plot) -> Iterator[str]:
    """Each curve's name behind its right end, where the plot is labelled."""
    for curve, height in ends(plot, LINE / HEIGHT) if plot.labelled else ():
        name = f"\\color{{{_colour(curve)}}}${latex(curve.name)}$"
        yield f"\\put{_Scale(plot).at(plot.x[1], height)}{{\\makebox(1.5,0)[l]{{\\footnotesize\\ {name}}}}}"


def _dashes(points: tuple[Point, ...]) -> Iterator[tuple[Point, ...]]:
    """Every other pair of neighbours, which stand close together."""
    for place in range(0, len(points) - 1, 2):
        yield points[place : place + 2]


def _dots(plot: Plot) -> Iterator[str]:
    for dot in plot.dots:
        at, colour = _Scale(plot).at(*dot.at), COLOURS[dot.colour][0]
        inside = colour if dot.filled else "white"
        disc, ring = f"\\color{{{inside}}}\\circle*{{1.6}}", f"\\color{{{colour}}}\\circle{{1.6}}"
        yield f"\\put{at}{{{disc}}}\\put{at}{{{ring}}}"
