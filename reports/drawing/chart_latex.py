"""A chart as LaTeX's own pictures, filled with pict2e."""

from __future__ import annotations

from collections.abc import Iterator

from derive.writing.latex import COLOURS, escape, latex
from reports.drawing.chart import OUTLINES, Chart, Panel, Spot
from reports.drawing.contours import Loop
from reports.drawing.plot import ticks
from reports.numbers import number_tree

SIDE = 62.0
"""Of the square, in millimetres."""

SIZE = 1.15
"""Half the width of a point."""


def chart_latex(chart: Chart) -> str:
    """The panels, beside each other where the line has room."""
    return "\\hspace{3mm}\n".join(_panel(chart, panel) for panel in chart.panels)


def _panel(chart: Chart, panel: Panel) -> str:
    bands = (
        f"\\put(0,0){{\\color{{{COLOURS[band.colour][0]}!{100 * band.strength:.0f}!white}}"
        f"{''.join(_closed(chart, loop) for loop in band.loops)}\\fillpath}}"
        for band in panel.bands
        if band.loops
    )
    lines = (
        f"\\put(0,0){{\\linethickness{{0.8pt}}{_path(chart, line)}\\strokepath}}" for line in panel.lines
    )
    title = f"\\put(0,{SIDE + 2:g}){{\\small {escape(panel.title)}}}"
    frame = f"\\put(0,0){{\\color{{bpsoft}}\\framebox({SIDE:g},{SIDE:g}){{}}}}"
    spots = (_spot(chart, spot) for spot in chart.spots)
    drawn = "\n".join((*bands, *lines, frame, title, *_ticks(chart), *spots))
    size = f"({SIDE + 12:g},{SIDE + 14:g})(-10,-7)"
    return f"{{\\setlength{{\\unitlength}}{{1mm}}\\begin{{picture}}{size}\n{drawn}\n\\end{{picture}}}}"


def _at(chart: Chart, x: float, y: float) -> tuple[float, float]:
    (left, right), (low, high) = chart.x, chart.y
    return (x - left) / (right - left) * SIDE, (y - low) / (high - low) * SIDE


def _path(chart: Chart, loop: Loop) -> str:
    first, *rest = (_at(chart, *point) for point in loop)
    lines = "".join(f"\\lineto({x:.2f},{y:.2f})" for x, y in rest)
    return f"\\moveto({first[0]:.2f},{first[1]:.2f}){lines}"


def _closed(chart: Chart, loop: Loop) -> str:
    return f"{_path(chart, loop)}\\closepath"


def _ticks(chart: Chart) -> Iterator[str]:
    """Numbers outside the frame; in the place of the last ones, the letters."""
    across, up = list(ticks(*chart.x)), list(ticks(*chart.y))
    for at in across:
        x, _ = _at(chart, float(at), chart.y[0])
        name = latex(chart.across if at == across[-1] else number_tree(at))
        yield f"\\put({x:.2f},0){{\\makebox(0,-7){{\\footnotesize ${name}$}}}}"
    for at in up:
        _, y = _at(chart, chart.x[0], float(at))
        name = latex(chart.up if at == up[-1] else number_tree(at))
        yield f"\\put(0,{y:.2f}){{\\makebox(-2,0)[r]{{\\footnotesize ${name}$}}}}"


def _spot(chart: Chart, spot: Spot) -> str:
    """The shape in white, and in its colour a little smaller."""
    x, y = _at(chart, *spot.at)
    drawn = []
    for colour, size in (("white", SIZE * 1.35), (COLOURS[spot.colour][0], SIZE)):
        first, *rest = ((x + size * u, y + size * v) for u, v in OUTLINES[spot.shape])
        lines = "".join(f"\\lineto({u:.2f},{v:.2f})" for u, v in rest)
        path = f"\\moveto({first[0]:.2f},{first[1]:.2f}){lines}\\closepath\\fillpath"
        drawn.append(f"\\put(0,0){{\\color{{{colour}}}{path}}}")
    return "".join(drawn)
