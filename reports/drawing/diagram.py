"""A network or a graph as a drawing: circles with a value and a gradient in them, and lines between.

    inputs, units and the cost stand in columns; a graph's quantities in levels,
    each to the right of all that it reads.

Only places are decided here. `reports.drawing.svg` draws them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.writing.plain import plain
from derive.writing.tree import Tree

RADIUS = 34
LABEL_HEIGHT, CHARACTER = 26, 7.4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A circle: its name above, in it the value and below that the gradient that comes back.

    note     what stands under the circle, such as a bias
    target   id of the section that derives by the circle's quantity, or ""; note_target likewise
    """

    key: str
    at: Point
    label: Tree
    value: str = ""
    gradient: str = ""
    note: Tree | None = None
    target: str = ""
    note_target: str = ""
    kind: str = "unit"


@dataclass(frozen=True, slots=True)
class Wire:
    """A line through points, from one circle's edge to another's.

    label   what it carries, at `label_at`; None: no room or nothing to say
    target  id of the section that derives it, or ""
    title   the same in words
    """

    points: tuple[Point, ...]
    label: Tree | None = None
    label_at: Point = (0, 0)
    label_width: float = 0
    target: str = ""
    title: str = ""
    kind: str = "weight"


@dataclass(frozen=True, slots=True)
class Heading:
    """Words above a column, or dots for circles that are left out."""

    at: Point
    words: str
    formula: Tree | None = None
    kind: str = "column"


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything that is drawn; `label` says it in words, `wide` asks for a whole line of the page."""

    size: tuple[float, float]
    spots: tuple[Spot, ...]
    wires: tuple[Wire, ...]
    headings: tuple[Heading, ...]
    label: str
    wide: bool = False


def between(start: Point, end: Point) -> tuple[Point, Point]:
    """The line between two circles, from edge to edge, with room for the arrow's head."""
    (x1, y1), (x2, y2) = start, end
    length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 1.0)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    return (
        (round(x1 + RADIUS * dx, 1), round(y1 + RADIUS * dy, 1)),
        (round(x2 - (RADIUS + 5) * dx, 1), round(y2 - (RADIUS + 5) * dy, 1)),
    )


def along(start: Point, end: Point, part: float) -> Point:
    """The point at so great a part of the way."""
    return (
        round(start[0] + part * (end[0] - start[0]), 1),
        round(start[1] + part * (end[1] - start[1]), 1),
    )


PARTS = (0.5, 0.36, 0.64, 0.28, 0.72, 0.43, 0.57)
"""Where along a line its label may stand, the best place first."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place that is taken: its middle, width and height."""

    at: Point
    width: float
    height: float

    def covers(self, other: Box) -> bool:
        return (
            abs(self.at[0] - other.at[0]) * 2 < self.width + other.width
            and abs(self.at[1] - other.at[1]) * 2 < self.height + other.height
        )


def label_box(label: Tree, start: Point, end: Point, taken: Sequence[Box]) -> Box | None:
    """The first place on a line where a label covers nothing; None where there is none.

    A level line is labelled in its middle; slanted ones cross there.
    """
    width = 14 + CHARACTER * letters(label)
    level = abs(start[1] - end[1]) < 1
    parts = PARTS[:1] if level else PARTS[1:]
    boxes = (Box(along(start, end, part), width, LABEL_HEIGHT) for part in parts)
    return next((box for box in boxes if not any(map(box.covers, taken))), None)


def letters(label: Tree) -> int:
    """How many letters of a label are seen: not the signs that mark an index in plain text."""
    return sum(letter not in "_^()" for letter in plain(label))


def spread(count: int, height: float, spacing: float) -> Iterator[float]:
    """The heights of `count` circles below each other, about the middle."""
    top = (height - (count - 1) * spacing) / 2
    return (top + place * spacing for place in range(count))
