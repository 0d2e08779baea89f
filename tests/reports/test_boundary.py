"""The chart of what a network of two inputs answers: bands, the line between classes, samples on top."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from derive import load_problem
from derive.problem import Problem
from numeric import verify
from numeric.training.landscape import landscape
from numeric.training.learning import along_curve
from reports.content.compose import compose
from reports.content.page import Map, Prose, Section, Toned
from reports.drawing.chart_latex import chart_latex
from reports.drawing.chart_svg import chart_svg
from reports.drawing.contours import Loop, loops, within_frame
from tests.examples import evidence_of, page_of, report_of
from tests.kinds import every

AXIS = [k / 20 for k in range(-40, 41)]


def area(found: list[Loop]) -> float:
    """What loops enclose, with holes taken off."""
    return sum((a[0] * b[1] - b[0] * a[1]) / 2 for loop in found for a, b in pairwise((*loop, loop[0])))


SHAPES: dict[str, tuple[Any, float, float]] = {
    "a disc": (lambda x, y: 1 - x * x - y * y, 0.0, math.pi),
    "its outside": (lambda x, y: x * x + y * y - 1, 0.0, 16 - math.pi),
    "a ring": (lambda x, y: 1 - (x * x + y * y - 2) ** 2, 0.0, 2 * math.pi),
    "a half": (lambda x, _: x, 0.0, 8.0),
    "a saddle": (lambda x, y: x * y, 0.0, 8.0),
    "everything": (lambda *_: 1.0, 0.0, 16.0),
    "nothing": (lambda *_: -1.0, 0.0, 0.0),
}


@pytest.mark.parametrize(("f", "level", "expected"), SHAPES.values(), ids=SHAPES)
def test_loops_enclose_what_is_above_the_level(f: Any, level: float, expected: float) -> None:
    """The inside is on their left, so holes count negative; to the grid's own accuracy."""
    found = loops(AXIS, AXIS, [[f(x, y) for x in AXIS] for y in AXIS], level)
    assert area(found) == pytest.approx(expected, abs=0.02)


def test_a_line_of_the_function_does_not_run_along_the_frame() -> None:
    """Of a half plane it is the one straight line."""
    (loop,) = loops(AXIS, AXIS, [[x - 0.01 for x in AXIS] for _ in AXIS], 0.0)
    (line,) = within_frame(loop, (-2.0, 2.0), (-2.0, 2.0))
    assert {round(x, 12) for x, _ in line} == {0.01}
    assert sorted({y for _, y in line}) == [-2.0, 2.0]


@cache
def chart_of(name: str) -> Map:
    section = next(section for section in report_of(name).sections if section.id == "boundary")
    return next(block for block in section.blocks if isinstance(block, Map))


def test_xor_is_separated_after_its_training_and_not_before() -> None:
    """Each sample lies on its own side of a half, in the data behind the picture."""
    problem = evidence_of("xor").problem
    found = landscape(problem, along_curve(problem, evidence_of("xor").course))
    assert found is not None
    rows = [
        [np.abs(axis - float(v)).argmin() for axis, v in zip((found.x1, found.x2), x, strict=True)]
        for x in problem.x
    ]
    before, after = ([int(m.outputs[i, j, 0] > found.threshold) for j, i in rows] for m in found.moments)
    assert after == [0, 1, 1, 0] != before
    assert [moment.after for moment in found.moments] == [0, 60]


def test_the_grid_is_the_network_s_own_output() -> None:
    """Row by x2, column by x1: NumPy computes the same."""
    problem = evidence_of("xor").problem
    found = landscape(problem, evidence_of("xor").course)
    assert found is not None
    i, j = 7, 31
    h = np.tanh(np.array([[-0.8, 0.9], [0.7, -1.4]]) @ [found.x1[j], found.x2[i]] + [-0.2, -0.2])
    assert found.moments[0].outputs[i, j, 0] == pytest.approx(
        1 / (1 + np.exp(-([0.2, 1.2] @ h - 0.2))), rel=1e-14
    )


def test_the_chart_has_both_moments_the_line_and_every_sample() -> None:
    """Two shapes, so that the classes are told apart without colours; after the training two lines."""
    chart = chart_of("xor").chart
    assert [panel.title for panel in chart.panels] == ["As given", "After 60 updates"]
    assert [len(panel.lines) for panel in chart.panels] == [1, 2]
    assert [(spot.at, spot.shape) for spot in chart.spots] == [
        ((0.0, 0.0), "square"), ((0.0, 1.0), "circle"), ((1.0, 0.0), "circle"), ((1.0, 1.0), "square"),
    ]  # fmt: skip


def test_the_drawings_are_small_whole_and_without_script() -> None:
    """Under 40 kB together; SVG that parses, LaTeX whose braces match."""
    drawn = chart_svg(chart_of("xor").chart)
    assert len(drawn) < 40_000
    ElementTree.fromstring(f"<div>{drawn}</div>")
    assert "script" not in drawn
    written = chart_latex(chart_of("xor").chart)
    assert written.count("{") == written.count("}")
    assert 'class="map"' in page_of("xor", ".html")


def stated(last: dict[str, Any], y: list[list[Any]], cost: str, **more: Any) -> Problem:
    hidden = {"units": 2, "activation": "tanh", "weights": [[1, -1], [1, 1]], "biases": ["-0.5", "-1.5"]}
    return load_problem(
        {
            "network": {"inputs": 2, "cost": cost, "layers": [hidden, last]},
            "data": {"x": [[0, 0], [0, 1], [1, 0]], "y": y},
            **more,
        }
    )


THREE = {
    "units": ["r", "g", "b"],
    "activation": "softmax",
    "weights": [[1, 0], [0, 1], [-1, -1]],
    "biases": [0, 0, 0],
}
ONE = {"units": 1, "activation": "identity", "weights": [[1, 1]], "biases": [0]}
CLASSES = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def told(words: Prose) -> str:
    """Words, those that are set off among them."""
    return "".join(told(part.words) if isinstance(part, Toned) else str(part) for part in words)


def boundary(problem: Problem) -> Section | None:
    sections = compose(problem, verify(problem)).sections
    return next((section for section in sections if section.id == "boundary"), None)


@pytest.mark.slow
def test_classes_have_a_colour_and_a_shape_each() -> None:
    """Where their own output leads."""
    section = boundary(stated(THREE, CLASSES, "cross_entropy"))
    assert section is not None
    (block,) = (block for block in section.blocks if isinstance(block, Map))
    assert [spot.shape for spot in block.chart.spots] == ["square", "circle", "triangle"]
    assert len({band.colour for band in block.chart.panels[0].bands}) == 3
    assert told(block.caption) == "Samples: squares r, circles g and triangles b."


def test_a_name_of_the_author_s_stays_text() -> None:
    """In the words of the drawing, too."""
    chart = replace(chart_of("xor").chart, label="<script>")
    ElementTree.fromstring(f"<div>{chart_svg(chart)}</div>")
    assert "<script>" not in chart_svg(chart)


@pytest.mark.slow
def test_a_regression_has_bands_and_no_line() -> None:
    """Its targets are of no two kinds; two kinds, -1 and 1, have their line between them."""
    lines = []
    for y in ([[1], [2], [4]], [[-1], [1], [1]]):
        section = boundary(stated(ONE, y, "half_squared_error"))
        assert section is not None
        lines += [len(block.chart.panels[0].lines) > 0 for block in section.blocks if isinstance(block, Map)]
    assert lines == [False, True]


@pytest.mark.parametrize("name", every(["mazur-copy-basic-intro", "micrograd-readme", "hours-of-study"], 3))
def test_no_chart_stands_where_it_would_say_nothing(name: str) -> None:
    """One sample; a graph; a single input."""
    assert not any(section.id == "boundary" for section in report_of(name).sections)


def test_a_unit_that_jumps_has_a_straight_line() -> None:
    """Its z is drawn, not its two values on a grid; as given, where z is 0 everywhere, there is none."""
    before, after = chart_of("perceptron-and").chart.panels
    assert before.lines == ()
    (line,) = after.lines
    assert all(abs(2 * x + y - 2) < 1e-9 for x, y in line)
