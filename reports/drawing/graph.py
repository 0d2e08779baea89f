"""A graph's drawing: each quantity to the right of all that it reads.

    level(q) = 1 + the highest level of what q reads,   given values at level 0

A line that passes over levels gets a place of its own in each of them, so that
it runs between the circles. Within a level the places are ordered by the mean
height of their neighbours, which keeps crossings few.

Source: Sugiyama, Tagawa and Toda (1981), Methods for visual understanding of
hierarchical system structures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from derive.formula.nodes import names_in
from derive.notation import write
from derive.problem import Graph, Problem
from derive.steps import SAME, UPSTREAM, Program, Step, Term
from numeric.balls.worked import Worked
from reports.content.values import short, short_gradient
from reports.drawing.diagram import RADIUS, Diagram, Point, Spot, Wire, between

SWEEPS = 6
LEVEL, ROW, TOP, LEFT = 134, 116, 66, 42
BY_A_CIRCLE = 0.45
"""A line that passes needs less room than a circle does."""

MOST_QUANTITIES = 60
"""A graph of more is not drawn: nobody could read it."""


def draw_graph(
    problem: Problem, program: Program, worked: Worked | None, targets: Mapping[str, str]
) -> Diagram | None:
    """The drawing of a graph's quantities, with their values where numbers are known.

    targets  the id of each given value's section, by key
    """
    if isinstance(problem.body, Graph) and problem.body.shapes:
        return _draw(problem, problem.body, whole_program(problem, problem.body), worked, targets)
    return _draw(problem, None, program, worked, targets)


def whole_program(problem: Problem, graph: Graph) -> Program:
    """The steps with one quantity for each array: what reads what."""
    reads = [(line.name, tuple(name.base for name in names_in(line.node))) for line in graph.steps]
    if graph.upstream:
        reads.append((problem.upstream_key, graph.outputs))
    return Program(tuple(Step(name, (Term(SAME, args),), "definition") for name, args in reads))


def _draw(
    problem: Problem,
    graph: Graph | None,
    program: Program,
    worked: Worked | None,
    targets: Mapping[str, str],
) -> Diagram | None:
    """One circle a quantity; of a graph of arrays one for each array, with its shape."""
    output = problem.objectives[0]
    keys = [key for key in _quantities(program) if not key.startswith(UPSTREAM)]
    if len(keys) > MOST_QUANTITIES:
        return None
    layout = _Layout.of(program, keys)
    places = layout.places()
    spots = tuple(
        replace(
            _whole(problem, graph, program, key, places[key])
            if graph is not None and graph.shape(key)
            else _spot(problem, program, worked, output, key, places[key]),
            target=targets.get(graph.keys(key)[0] if graph is not None else key, ""),
        )
        for key in keys
    )
    wires = tuple(Wire(_through([places[stop] for stop in route]), kind="step") for route in layout.routes)
    right, bottom = (max(place[axis] for place in places.values()) for axis in (0, 1))
    words = "Graph of the steps, from the given values on the left to the output on the right."
    levels = len(layout.levels)
    return Diagram((right + LEFT, bottom + RADIUS + 16), spots, wires, (), words, wide=levels > 4)


def _quantities(program: Program) -> dict[str, None]:
    """All that the steps read or define, in order of appearance."""
    found: dict[str, None] = {}
    for step in program.steps:
        found |= dict.fromkeys(arg for term in step.terms for arg in term.args)
        found[step.key] = None
    return found


def _spot(
    problem: Problem, program: Program, worked: Worked | None, output: str, key: str, at: Point
) -> Spot:
    value = short(worked.values[key]) if worked else ""
    total = worked.totals.get((output, key)) if worked else None
    kind = "cost" if key == output else "unit" if key in program.by_key else "input"
    back = short_gradient(total) if total else ""
    return Spot(key, at, write(problem, key), value, back, kind=kind)


def _whole(problem: Problem, graph: Graph, program: Program, key: str, at: Point) -> Spot:
    """A vector or a matrix: its shape in the place of its numbers."""
    size = f"({'×'.join(map(str, graph.shape(key)))})"
    kind = "cost" if key in graph.outputs else "unit" if key in program.by_key else "input"
    return Spot(key, at, write(problem, key), size, kind=kind)


def _through(stops: list[Point]) -> tuple[Point, ...]:
    """The line from the first circle's edge by all places between to the last one's."""
    start, _ = between(stops[0], stops[1])
    _, end = between(stops[-2], stops[-1])
    return (start, *stops[1:-1], end)


Stop = str | tuple[str, str, int]
"""A quantity's circle, or the place at which a line passes a level."""


@dataclass(frozen=True)
class _Layout:
    """levels of stops, and for each line the stops that it runs through."""

    levels: tuple[list[Stop], ...]
    routes: tuple[tuple[Stop, ...], ...]
    neighbours: Mapping[Stop, list[Stop]] = field(repr=False)

    @classmethod
    def of(cls, program: Program, keys: list[str]) -> _Layout:
        level = _levels(program, keys)
        reads = [
            (arg, step.key)
            for step in program.steps
            for arg in dict.fromkeys(arg for term in step.terms for arg in term.args)
            if arg in level
        ]
        routes = tuple(_route(lower, upper, level) for lower, upper in reads)
        stops: list[list[Stop]] = [[] for _ in range(max(level.values()) + 1)]
        for key in keys:
            stops[level[key]].append(key)
        neighbours: dict[Stop, list[Stop]] = {}
        for route in routes:
            for passed in route[1:-1]:
                stops[passed[2] if isinstance(passed, tuple) else 0].append(passed)
            for lower_stop, upper_stop in pairwise(route):
                neighbours.setdefault(lower_stop, []).append(upper_stop)
                neighbours.setdefault(upper_stop, []).append(lower_stop)
        return cls(tuple(stops), routes, neighbours)

    def places(self) -> dict[Stop, Point]:
        """Where each stop stands, after a few sweeps of ordering by the neighbours' heights."""
        heights = {
            stop: y for stops in self.levels for stop, y in zip(stops, self._column(stops), strict=True)
        }
        for sweep in range(SWEEPS):
            for stops in self.levels[:: 1 if sweep % 2 == 0 else -1]:
                stops.sort(key=lambda stop: self._mean(stop, heights))
                heights |= zip(stops, self._column(stops), strict=True)
        return {
            stop: (LEFT + LEVEL * number, round(heights[stop], 1))
            for number, stops in enumerate(self.levels)
            for stop in stops
        }

    def _mean(self, stop: Stop, heights: Mapping[Stop, float]) -> float:
        near = [heights[other] for other in self.neighbours.get(stop, ())]
        return sum(near) / len(near) if near else heights[stop]

    def _column(self, stops: list[Stop]) -> Iterator[float]:
        """The heights of a level's stops, about the middle of the tallest."""
        room = [self._room(level) for level in self.levels]
        y = TOP + (max(room) - self._room(stops)) / 2
        for stop in stops:
            size = _size(stop)
            yield y + size / 2 - ROW / 2
            y += size

    def _room(self, stops: list[Stop]) -> float:
        return sum(map(_size, stops))


def _route(lower: str, upper: str, level: Mapping[str, int]) -> tuple[Stop, ...]:
    """From one quantity to another that reads it, with a stop at every level between."""
    passed: list[Stop] = [(lower, upper, at) for at in range(level[lower] + 1, level[upper])]
    return (lower, *passed, upper)


def _size(stop: Stop) -> float:
    return ROW if isinstance(stop, str) else ROW * BY_A_CIRCLE


def _levels(program: Program, keys: list[str]) -> dict[str, int]:
    """The level of each quantity; a given value moves up to just below the first step that reads it."""
    level = dict.fromkeys(keys, 0)
    for step in program.steps:
        read = [level[arg] for term in step.terms for arg in term.args if arg in level]
        level[step.key] = max(read, default=-1) + 1
    for key in keys:
        if key not in program.by_key:
            level[key] = min(level[user] for user in program.users(key)) - 1
    return level
