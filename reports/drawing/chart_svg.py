"""A chart as SVG: a drawing for each panel, beside each other where there is room."""

from __future__ import annotations

from collections.abc import Iterator

from reports.drawing.chart import OUTLINES, Band, Chart, Panel, Spot
from reports.drawing.contours import Loop
from reports.drawing.plot import ticks
from reports.drawing.svg import element, foreign, tspans
from reports.numbers import typeset

SIDE, LEFT, TOP, BOTTOM, RIGHT = 300, 44, 30, 30, 10
SIZE = 5.4
"""Half the width of a point."""


def chart_svg(chart: Chart) -> str:
    """The panels, one <svg> element after the other."""
    return "".join(_panel(chart, panel) for panel in chart.panels)


def _panel(chart: Chart, panel: Panel) -> str:
    label = f"{chart.label}: {panel.title}"
    frame = {"x": LEFT, "y": TOP, "width": SIDE, "height": SIDE}
    parts = (
        element("title", foreign(label)),
        element("text", foreign(panel.title), x=LEFT, y=TOP - 11, **{"class": "title"}),
        *(_band(chart, band) for band in panel.bands),
        *(element("path", **{"class": "part", "d": _path(chart, line)}) for line in panel.lines),
        element("rect", **frame, **{"class": "frame"}),
        *_ticks(chart),
        *(_spot(chart, spot) for spot in chart.spots),
    )
    size = f"0 0 {LEFT + SIDE + RIGHT} {TOP + SIDE + BOTTOM}"
    return element("svg", *parts, **{"class": "chart", "role": "img", "aria-label": label, "viewBox": size})


def _at(chart: Chart, x: float, y: float) -> tuple[float, float]:
    (left, right), (low, high) = chart.x, chart.y
    return (
        round(LEFT + (x - left) / (right - left) * SIDE, 1),
        round(TOP + SIDE - (y - low) / (high - low) * SIDE, 1),
    )


def _path(chart: Chart, loop: Loop, end: str = "") -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in (_at(chart, *point) for point in loop)) + end


def _band(chart: Chart, band: Band) -> str:
    path = "".join(_path(chart, loop, "Z") for loop in band.loops)
    style = f"--share:{100 * band.strength:.0f}%"
    return element("path", **{"class": f"band c-{band.colour}", "style": style, "d": path})


def _ticks(chart: Chart) -> Iterator[str]:
    """Numbers outside the frame; in the place of the last ones, the letters."""
    across, up = list(ticks(*chart.x)), list(ticks(*chart.y))
    for at in across:
        x, _ = _at(chart, float(at), chart.y[0])
        name = tspans(chart.across) if at == across[-1] else foreign(typeset(at))
        yield element("text", name, x=x, y=TOP + SIDE + 20, **{"text-anchor": "middle"})
    for at in up:
        _, y = _at(chart, chart.x[0], float(at))
        name = tspans(chart.up) if at == up[-1] else foreign(typeset(at))
        yield element("text", name, x=LEFT - 7, y=y + 5, **{"text-anchor": "end"})


def _spot(chart: Chart, spot: Spot) -> str:
    x, y = _at(chart, *spot.at)
    points = " ".join(f"{x + SIZE * u:.4g},{y - SIZE * v:.4g}" for u, v in OUTLINES[spot.shape])
    return element("polygon", points=points, **{"class": f"spot c-{spot.colour}"})
