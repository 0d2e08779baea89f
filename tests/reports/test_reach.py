"""How much of the gradient reaches each layer: two plots by layer, and a table."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from derive import load_problem
from derive.writing.plain import plain
from numeric import Evidence, verify
from reports.content.compose import compose
from reports.content.page import Figure, Report, Section, Table
from reports.content.training.course import by_layer
from reports.drawing.plot import ends
from reports.drawing.plot_latex import plot_latex
from reports.drawing.plot_svg import plot_svg
from reports.rendering import FORMATS


def chain(depth: int) -> dict[str, Any]:
    """Single sigmoid units, one above the other."""
    layer = {"units": 1, "activation": "sigmoid", "weights": [["0.9"]], "biases": ["0.1"]}
    return {
        "network": {"inputs": 1, "cost": "half_squared_error", "layers": [layer] * depth},
        "data": {"x": [["0.5"], ["0.7"]], "y": [[0], [1]]},
        "training": {"rate": "0.5", "steps": 5},
    }


@cache
def told(depth: int) -> tuple[Report, Evidence]:
    evidence = verify(load_problem(chain(depth)))
    return compose(evidence.problem, evidence), evidence


def reach(depth: int) -> Section | None:
    return next((section for section in told(depth)[0].sections if section.id == "reach"), None)


def figures(section: Section) -> list[Figure]:
    return [block for block in section.blocks if isinstance(block, Figure)]


def test_vanishing_gradients_are_seen() -> None:
    """Of a chain of five, each layer lies below the next one, over powers of ten, at every update."""
    section = reach(5)
    assert section is not None
    for figure in figures(section):
        assert figure.plot.powers
        assert [plain(curve.name) for curve in figure.plot.curves] == [f"layer {l}" for l in range(1, 6)]
        for lower, upper in pairwise(figure.plot.curves):
            pairs = zip(lower.runs[0], upper.runs[0], strict=True)
            assert all(below[1] < above[1] for below, above in pairs)


def test_the_table_says_what_the_plots_show() -> None:
    """Formats without drawings have it."""
    section = reach(5)
    assert section is not None
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    heads = [plain(column.head[0]) for column in table.columns[1:]]
    assert heads == [*(f"‖∂C/∂W{l}‖" for l in "¹²³⁴⁵"), "‖Δ¹‖", "‖Δ⁵‖"]
    assert [row[0] for row in table.rows] == [(str(n),) for n in range(6)]


def test_one_layer_has_nothing_to_be_compared_with() -> None:
    """Its gradient is in the curve of the cost."""
    assert reach(1) is None


@pytest.mark.slow
def test_many_layers_are_thinned_and_first_and_last_are_kept() -> None:
    """Twenty names would not fit beside the plot."""
    section = reach(12)
    assert section is not None
    names = [plain(curve.name) for curve in figures(section)[0].plot.curves]
    assert len(names) == 6
    assert (names[0], names[-1]) == ("layer 1", "layer 12")


def test_names_at_the_ends_of_curves_stand_apart_and_within_the_plot() -> None:
    """Curves that end at one place have names that can be read."""
    lengths = {l: [float(l), height] for l, height in ((1, 1.0), (2, 1.0), (3, 3.9), (4, 4.0), (5, 4.0))}
    plot = by_layer("lengths", (0, 1), lengths)
    heights = [height for _, height in ends(plot, 0.05)]
    least = 0.05 * (plot.y[1] - plot.y[0])
    assert all(b - a > 0.999 * least for a, b in pairwise(heights))
    assert plot.y[0] <= heights[0] < heights[-1] <= plot.y[1]


def test_a_length_of_0_breaks_its_curve_where_powers_of_ten_are_drawn() -> None:
    """A layer that nothing reaches for a while has no height there, and no number that is none."""
    plot = by_layer("lengths", (0, 1, 2, 3), {1: [1e-6, 0.0, 1e-6, 1e-5], 2: [1.0, 1.0, 1.0, float("inf")]})
    assert [[len(run) for run in curve.runs] for curve in plot.curves] == [[1, 2], [3]]
    ElementTree.fromstring(plot_svg(plot))
    assert "nan" not in plot_latex(plot)


@pytest.mark.slow
def test_every_format_carries_the_lengths() -> None:
    """Drawn where there are drawings, and as numbers everywhere; labelled plots have no legend."""
    report, evidence = told(5)
    for suffix, write in FORMATS.items():
        assert "reach" in write(report, evidence), suffix
    page = FORMATS[".html"](report, evidence)
    section = page[page.index('id="reach"') :]
    assert section.count(">layer 5</tspan>") == 2
    assert section.count('<figcaption><p class="cap">') == 2
