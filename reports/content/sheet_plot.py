"""What a rule's plot shows: the function, its slope, the limits it tends to, its kinks.

Every point is a value of numeric's own stable table.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import isfinite

from derive.rules import Activation, Cost
from derive.sheet import Sheet
from derive.writing.plain import plain
from derive.writing.tree import Num, Row, Text, Tree, related
from numeric.floats.rounding import Floats
from numeric.losses import OUTPUTS, Stable, stable_form
from reports.content.desk import in_line
from reports.content.page import Figure, Prose
from reports.drawing.plot import Colour, Curve, Dot, Level, Plot, Point
from reports.numbers import typeset

POINTS = 120
"""Of a curve, evenly over the window."""

WIDTHS = (3, 4, 6, 8)
CLOSE = 0.01
"""A window is wide enough where each finite limit is as near as this."""

HIGHEST = 5.0
"""Of a cost that grows beyond all bounds."""

EDGE = Fraction(1, 1000)
"""How near to the end of its domain a cost is drawn."""

VALUE: Colour = "input"
SLOPES: tuple[Colour, ...] = ("cost", "weight")
TARGETS: tuple[Colour, ...] = ("input", "cost", "weight")


def figure(sheet: Sheet) -> Figure | None:
    """The plot of a rule; None for one that has no numbers."""
    form = stable_form(sheet)
    if form is None:
        return None
    if isinstance(sheet.rule, Cost):
        return _cost_figure(sheet, sheet.rule, form)
    return _activation_figure(sheet, sheet.rule, form)


# -- activations -----------------------------------------------------------------------------------


def _activation_figure(sheet: Sheet, rule: Activation, form: Stable) -> Figure:
    window = _window(sheet, rule, form)
    places = dict.fromkeys(derived.by for derived in sheet.derived)
    letters = {derived.by: derived.letter for derived in sheet.derived}
    slopes = tuple(
        Curve(in_line(letters[place]), tuple(_runs(sheet, form, place, window)), colour)
        for place, colour in zip(places, SLOPES, strict=False)
    )
    curves = (Curve(sheet.result, tuple(_runs(sheet, form, None, window)), VALUE), *slopes)
    limits = tuple(_limits(rule, _floats(window)))
    dots = tuple(_dots(sheet, form))
    low, high = _heights(curves, (*(level.height for level in limits), 0.0))
    across = sheet.write(sheet.formula.formals[0])
    names = " and ".join(plain(curve.name) for curve in curves)
    label = f"{names} for {plain(across)} from {typeset(window[0])} to {typeset(window[1])}"
    plot = Plot(label, _floats(window), (low, high), across, curves, dots, limits)
    return Figure(plot, tuple(_caption(sheet, limits)))


def _limits(rule: Activation, window: Point) -> Iterator[Level]:
    """Each finite limit, from the window's end where it belongs to the middle."""
    middle = sum(window) / 2
    for end, limit in zip(window, rule.limits or (), strict=False):
        if limit.is_finite:
            yield Level((min(end, middle), max(end, middle)), float(limit))


def _caption(sheet: Sheet, limits: tuple[Level, ...]) -> Iterator[str | Tree]:
    if len(sheet.formula.formals) > 1:
        others = sheet.formula.formals[1:]
        yield from (
            "The other units’ weighted inputs ",
            sheet.write(others[0]),
            " to ",
            sheet.write(others[-1]),
        )
        yield " are 0. "
    if limits:
        yield "Dashed lines: the limits. " if len(limits) > 1 else "Dashed line: the limit. "
    if sheet.corners:
        yield "A filled dot is the value that counts at a kink, an open one what a side only tends to."


def _window(sheet: Sheet, rule: Activation, form: Stable) -> tuple[Fraction, Fraction]:
    """As wide as it takes to show the limits and the kinks."""
    kinks = max((abs(Fraction(str(kink.at))) for kink in rule.kinks), default=Fraction(0))
    ends = [
        (sign, float(limit))
        for sign, limit in zip((-1, 1), rule.limits or (), strict=False)
        if limit.is_finite
    ]
    for width in map(Fraction, WIDTHS):
        found = form([_at(sheet, sign * width) for sign, _ in ends], None) if ends else ()
        close = all(abs(value - limit) <= CLOSE for value, (_, limit) in zip(found, ends, strict=True))
        if close and width >= 2 * kinks:
            break
    low, high = rule.domain.inf, rule.domain.sup
    return (
        max(-width, Fraction(str(low)) + EDGE) if low.is_finite else -width,
        min(width, Fraction(str(high)) - EDGE) if high.is_finite else width,
    )


def _at(sheet: Sheet, z: Fraction) -> tuple[Fraction, ...]:
    return (z, *(Fraction(0),) * (len(sheet.formula.formals) - 1))


def _runs(
    sheet: Sheet, form: Stable, place: int | None, window: tuple[Fraction, Fraction]
) -> Iterator[tuple[Point, ...]]:
    """The curve between one kink and the next, up to what it tends to at either."""
    low, high = window
    corners = {Fraction(str(corner.kink.at)): corner for corner in sheet.corners}
    stops = [low, *sorted(corners), high]
    for start, end in pairwise(stops):
        count = max(2, round(POINTS * (end - start) / (high - low)))
        inner = [start + (end - start) * Fraction(k, count) for k in range(count + 1)]
        inner = [z for z in inner if z not in corners]
        run = list(_points(inner, form([_at(sheet, z) for z in inner], place)))
        if start in corners:
            sides = corners[start].value if place is None else corners[start].slope
            run.insert(0, (float(start), float(sides.right)))
        if end in corners:
            sides = corners[end].value if place is None else corners[end].slope
            run.append((float(end), float(sides.left)))
        yield tuple(run)


def _points(across: list[Fraction], up: Floats) -> Iterator[Point]:
    for x, y in zip(across, up, strict=True):
        if isfinite(y):
            yield round(float(x), 6), float(f"{y:.6g}")


def _dots(sheet: Sheet, form: Stable) -> Iterator[Dot]:
    """At each kink the value and the slope that count, and what their sides tend to where that differs."""
    for corner in sheet.corners:
        at = Fraction(str(corner.kink.at))
        (value,) = form([_at(sheet, at)], None)
        for colour, here, sides in (
            (VALUE, float(value), corner.value),
            (SLOPES[0], float(corner.kink.slope), corner.slope),
        ):
            tended = {float(sides.left), float(sides.right)} - {here}
            yield from (Dot((float(at), height), colour, False) for height in sorted(tended))
            yield Dot((float(at), here), colour, True)


# -- costs -----------------------------------------------------------------------------------------


def _cost_figure(sheet: Sheet, rule: Cost, form: Stable) -> Figure:
    low, high = rule.outputs.inf, rule.outputs.sup
    targets = tuple(map(Fraction, rule.shown_targets))
    start = Fraction(str(low)) + EDGE if low.is_finite else min(targets) - Fraction(3, 2)
    end = Fraction(str(high)) - EDGE if high.is_finite else max(targets) + Fraction(3, 2)
    across = [start + (end - start) * Fraction(k, POINTS) for k in range(POINTS + 1)]
    curves = tuple(
        Curve(
            _at_target(letter, sheet, y), (tuple(_cost_run(sheet, form, across, y, place)),), colour, dashed
        )
        for y, colour in zip(targets, TARGETS, strict=False)
        for letter, place, dashed in ((sheet.result, None, False), (sheet.derived[0].letter, 0, True))
    )
    heights = _heights(curves, (0.0,))
    letter = sheet.write(sheet.formula.formals[0])
    names = ", ".join(plain(curve.name) for curve in curves)
    label = f"{names} for {plain(letter)} from {typeset(round(start, 2))} to {typeset(round(end, 2))}"
    plot = Plot(label, _floats((start, end)), heights, letter, curves)
    words: Prose = ("Solid lines: the cost of one output. Dashed lines: its slope.",)
    if len(sheet.formula.formals) > 2:
        words = (*words, " There are ", sheet.write(sheet.formula.formals[2]), f" = {OUTPUTS} outputs.")
    return Figure(plot, words)


def _at_target(letter: Tree, sheet: Sheet, y: Fraction) -> Tree:
    """C at y = 1"""
    return Row(
        (in_line(letter), Text(" at "), related(sheet.write(sheet.formula.formals[1]), "=", Num(str(y))))
    )


def _cost_run(
    sheet: Sheet, form: Stable, across: list[Fraction], y: Fraction, place: int | None
) -> Iterator[Point]:
    arguments = [(a, y, Fraction(OUTPUTS))[: len(sheet.formula.formals)] for a in across]
    return _points(across, form(arguments, place))


# -- axes ------------------------------------------------------------------------------------------


def _floats(ends: tuple[Fraction, Fraction]) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _heights(curves: tuple[Curve, ...], others: tuple[float, ...]) -> tuple[float, float]:
    """From the lowest to the highest point, with a little room, no further than HIGHEST."""
    found = [y for curve in curves for run in curve.runs for _, y in run] + list(others)
    low, high = max(min(found), -HIGHEST), min(max(found), HIGHEST)
    room = 0.05 * (high - low or 1)
    return low - room, high + room
