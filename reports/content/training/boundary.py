"""What a network of two inputs answers around its samples, as a chart: before training and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from sys import float_info

import numpy as np

from derive.notation import write
from derive.problem import Network, Problem
from derive.steps import activation_keys
from numeric.training.landscape import Answers, Array, Landscape, landscape
from numeric.training.learning import along_curve
from reports import names
from reports.content.desk import Desk
from reports.content.page import Map, Paragraph, Part, Prose, Section, Toned
from reports.content.wording import capitalised, listed
from reports.drawing.chart import Band, Chart, Panel, Shape, Spot
from reports.drawing.contours import Loop, loops, within_frame
from reports.drawing.plot import Colour
from reports.numbers import number_tree

LEVELS = 10
"""Bands of a single output, between its lowest and its highest value."""

LEADS = ((0.0, 0.16), (0.25, 0.32), (0.5, 0.5), (0.75, 0.68))
"""By how much the largest output leads, and how strong its colour is there."""

STRONGEST = 0.72
"""Of a colour at the end of its scale: points must be seen on it."""

KINDS: tuple[tuple[Colour, Shape], ...] = (
    ("input", "square"),
    ("cost", "circle"),
    ("activation", "triangle"),
    ("weight", "diamond"),
)
"""The colour and the shape of each class's samples."""

LOW, HIGH = KINDS[0][0], KINDS[1][0]

TINY = float_info.min
"""Above a jump, and not on it: there the lower number counts."""


def boundary_section(desk: Desk) -> Section | None:
    """The chart with its caption; None where `landscape` has none, or more classes than there are shapes."""
    problem, course = desk.problem, desk.evidence.course
    if desk.worked is None:
        return None
    training = problem.training
    if training is not None and training.steps not in course.states and not training.rule.sample:
        course = along_curve(problem, course)
    found = landscape(problem, course)
    if found is None or len(found.classes) > len(KINDS):
        return None
    blocks = (
        Paragraph(tuple(_words(problem, found)), quiet=True),
        Map(_chart(problem, found), _legend(desk, found)),
    )
    return Section("boundary", ("What it answers around its samples",), blocks)


def _words(problem: Problem, found: Landscape) -> Iterator[Part]:
    assert isinstance(problem.body, Network)
    if found.classes:
        yield "The class whose output is largest, at every place, the stronger the further it leads; "
        yield "along a line two are equal."
    else:
        yield "The output "
        yield write(problem, activation_keys(problem.body, problem.body.depth, "")[0])
        yield ", at every place, in bands from low to high"
        if found.threshold is None:
            yield "."
        else:
            yield "; along a line it is "
            yield number_tree(found.threshold)
            yield ", and the class changes."
    yield " Computed in plain float64, for the picture only."


def _chart(problem: Problem, found: Landscape) -> Chart:
    x, y = ((float(axis[0]), float(axis[-1])) for axis in (found.x1, found.x2))
    panels = tuple(
        _panel(found, moment, capitalised(names.moment(moment.after)) or "As given")
        for moment in found.moments
    )
    of = f"the class of {' or '.join(found.classes)}" if found.classes else "the output"
    across, up = (write(problem, f"x[{k}]") for k in (1, 2))
    return Chart(f"{of} over both inputs", x, y, across, up, panels, tuple(_spots(problem, found)))


def _panel(found: Landscape, moment: Answers, title: str) -> Panel:
    if found.classes:
        return _panel_of_classes(found, moment.outputs, title)
    if moment.above is not None:
        return _panel_of_a_jump(found, moment.above, title)
    values = moment.outputs[..., 0]
    low, high = _scale(found)
    middle = found.threshold if found.threshold is not None else (low + high) / 2
    edges = np.linspace(low, high, LEVELS + 1)
    bands = [Band((_frame(found),), *_colour((edges[0] + edges[1]) / 2, low, middle, high))]
    for lower, upper in pairwise(edges[1:]):
        bands.append(Band(_loops(found, values, lower), *_colour((lower + upper) / 2, low, middle, high)))
    return Panel(title, tuple(bands), _lines(found, values, found.threshold))


def _panel_of_a_jump(found: Landscape, above: Array, title: str) -> Panel:
    """The output is one of two numbers, and the grid would show as steps: z is smooth where it jumps."""
    bands = (Band((_frame(found),), LOW, STRONGEST), Band(_loops(found, above, TINY), HIGH, STRONGEST))
    return Panel(title, bands, _lines(found, above, TINY))


def _scale(found: Landscape) -> tuple[float, float]:
    """The lowest and the highest output of all panels; about a threshold as far below as above."""
    values = np.concatenate([moment.outputs.reshape(-1) for moment in found.moments])
    low, high = float(values.min()), float(values.max())
    if found.threshold is not None:
        far = max(found.threshold - low, high - found.threshold, 1e-9)
        return found.threshold - far, found.threshold + far
    return (low, high) if high > low else (low - 1, high + 1)


def _colour(value: float, low: float, middle: float, high: float) -> tuple[Colour, float]:
    """From the one colour through the paper's to the other."""
    if value < middle:
        return LOW, STRONGEST * (middle - value) / (middle - low)
    return HIGH, STRONGEST * (value - middle) / (high - middle)


def _panel_of_classes(found: Landscape, outputs: Array, title: str) -> Panel:
    """Each class where its output leads all others."""
    bands, lines = list[Band](), list[Loop]()
    for k in range(len(found.classes)):
        lead = outputs[..., k] - np.delete(outputs, k, axis=-1).max(axis=-1)
        bands += [Band(_loops(found, lead, level), KINDS[k][0], strength) for level, strength in LEADS]
        lines += _lines(found, lead, 0.0)
    return Panel(title, tuple(bands), tuple(lines))


def _loops(found: Landscape, values: Array, level: float) -> tuple[Loop, ...]:
    return tuple(loops(found.x1.tolist(), found.x2.tolist(), values.tolist(), level))


def _lines(found: Landscape, values: Array, level: float | None) -> tuple[Loop, ...]:
    if level is None:
        return ()
    x, y = ((float(axis[0]), float(axis[-1])) for axis in (found.x1, found.x2))
    return tuple(line for loop in _loops(found, values, level) for line in within_frame(loop, x, y))


def _frame(found: Landscape) -> Loop:
    (left, right), (low, high) = ((float(axis[0]), float(axis[-1])) for axis in (found.x1, found.x2))
    return ((left, low), (right, low), (right, high), (left, high))


def _spots(problem: Problem, found: Landscape) -> Iterator[Spot]:
    for x, y in zip(problem.x, problem.y, strict=False):
        colour, shape = KINDS[_class([float(v or 0) for v in y], found)]
        yield Spot((float(x[0] or 0), float(x[1] or 0)), shape, colour)


def _class(targets: Sequence[float], found: Landscape) -> int:
    """The class of a sample's targets; all samples of an output without classes are of one kind."""
    if found.classes:
        return int(np.argmax(targets))
    return int(found.threshold is not None and targets[0] > found.threshold)


def _legend(desk: Desk, found: Landscape) -> Prose:
    """Samples: squares 0 and circles 1."""
    problem = desk.problem
    if found.threshold is None and not found.classes:
        return ("Samples are ", Toned(LOW, ("squares",)), ".")
    targets = sorted({row[0] for row in problem.y if row[0] is not None})
    called = found.classes or problem.classes
    words: list[Prose] = [
        (Toned(colour, (f"{shape}s",)), " ", called[k] if called else number_tree(targets[k]))
        for k, (colour, shape) in enumerate(KINDS[: max(len(found.classes), 2)])
        if called or k < len(targets)
    ]
    return ("Samples: ", *listed(words), ".")
