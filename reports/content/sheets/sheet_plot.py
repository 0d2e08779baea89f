"""What a rule's plot shows: the function, its slope, the limits it tends to, its kinks.

Every point is a value of numeric's own stable table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from math import isfinite

import sympy as sp

from derive.rules import Activation, Cost, K, Y
from derive.rules.kinds import rational
from derive.sheet import Corner, Sheet, corners_at
from derive.writing.plain import plain
from derive.writing.tree import Num, Row, Text, Tree, equals, related
from numeric.floats.rounding import Floats
from numeric.losses import OUTPUTS, Stable, point_at, shown_targets, stable_form
from reports.content.desk import in_line
from reports.content.page import Figure
from reports.content.sheets.sheet_facts import break_of
from reports.drawing.plot import Colour, Curve, Dot, Level, Plot, Point
from reports.numbers import number_tree, typeset

POINTS = 120
"""Of a curve, evenly over the window."""

WIDTHS = (3, 4, 6, 8)
CLOSE = 0.01
"""A window is wide enough where each finite limit is as near as this."""

HIGHEST = 5.0
"""Of a cost that grows beyond all bounds."""

EDGE = Fraction(1, 1000)
"""How near to the end of its domain a cost is drawn."""

BEYOND = Fraction(3, 2)
"""How far beyond its targets a cost is drawn."""

DOTS = "A filled dot is the value that counts at a {}, an open one what a side only tends to."

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


Ends = tuple[Fraction, Fraction]
Along = Callable[[list[Fraction], int | None], Floats]
"""Values, or slopes by the argument in a place, at numbers of the first argument."""


def _along(sheet: Sheet, form: Stable, target: Fraction | None = None) -> Along:
    return lambda numbers, place: form([point_at(sheet, x, target) for x in numbers], place)


# -- activations -----------------------------------------------------------------------------------


def _activation_figure(sheet: Sheet, rule: Activation, form: Stable) -> Figure:
    window, along, corners = _window(sheet, rule, form), _along(sheet, form), _corners(sheet)
    letters = {derived.by: derived.letter for derived in sheet.derived}
    slopes = tuple(
        Curve(in_line(letter), tuple(_runs(along, place, window, corners)), colour)
        for (place, letter), colour in zip(letters.items(), SLOPES, strict=False)
    )
    curves = (Curve(sheet.result, tuple(_runs(along, None, window, corners)), VALUE), *slopes)
    limits = tuple(_limits(sheet, rule, _floats(window)))
    dots = tuple(_dots(along, corners, (VALUE, SLOPES[0])))
    low, high = _heights(curves, (*(level.height for level in limits), 0.0))
    across = sheet.write(sheet.inputs[0])
    names = " and ".join(plain(curve.name) for curve in curves)
    label = f"{names} for {plain(across)} from {typeset(window[0])} to {typeset(window[1])}"
    plot = Plot(label, _floats(window), (low, high), across, curves, dots, limits)
    return Figure(plot, tuple(_caption(sheet, limits, dots)))


def _limits(sheet: Sheet, rule: Activation, window: Point) -> Iterator[Level]:
    """Each finite limit, from the window's end where it belongs to the middle."""
    numbers = {symbol: rational(value) for symbol, value in sheet.values.items()}
    middle = sum(window) / 2
    for end, limit in zip(window, rule.limits or (), strict=False):
        if limit.is_finite:
            yield Level((min(end, middle), max(end, middle)), float(limit.subs(numbers)))


def _caption(sheet: Sheet, limits: tuple[Level, ...], dots: tuple[Dot, ...]) -> Iterator[str | Tree]:
    if sheet.inputs[1:]:
        whose = "other units’" if sheet.formula.results[1:] else "unit’s further"
        noun, verb = ("inputs", "are") if sheet.inputs[2:] else ("input", "is")
        yield from (f"The {whose} weighted {noun} ", *_from_to(sheet), f" {verb} 0. ")
    if limits:
        yield "Dashed lines: the limits." if len(limits) > 1 else "Dashed line: the limit."
    yield from _set_to(sheet)
    if dots:
        yield f" {DOTS.format(break_of(sheet))}"


def _from_to(sheet: Sheet) -> Iterator[str | Tree]:
    """z_2 alone, z_2 and z_3, or z_2 to z_5"""
    yield sheet.write(sheet.inputs[1])
    if sheet.inputs[2:]:
        joined = " to " if sheet.inputs[3:] else " and "
        yield from (joined, sheet.write(sheet.inputs[-1]))


def _set_to(sheet: Sheet) -> Iterator[str | Tree]:
    """The parameters' values here."""
    for place, (symbol, value) in enumerate(sheet.values.items()):
        yield ", " if place else " Here "
        yield equals(sheet.write(symbol), number_tree(value))
    yield "." if sheet.values else ""


def _window(sheet: Sheet, rule: Activation, form: Stable) -> Ends:
    """As wide as it takes to show the limits and the kinks."""
    numbers = {symbol: rational(value) for symbol, value in sheet.values.items()}
    kinks = max((abs(as_fraction(corner.at)) for corner in _corners(sheet)), default=Fraction(0))
    tended = [limit.subs(numbers) for limit in rule.limits or ()]
    ends = [(sign, float(limit)) for sign, limit in zip((-1, 1), tended, strict=False) if limit.is_finite]
    for width in map(Fraction, WIDTHS):
        found = form([point_at(sheet, sign * width) for sign, _ in ends], None) if ends else ()
        close = all(abs(value - limit) <= CLOSE for value, (_, limit) in zip(found, ends, strict=True))
        if close and width >= Fraction(4, 3) * kinks:
            break
    low, high = rule.domain.inf, rule.domain.sup
    return (
        max(-width, as_fraction(low) + EDGE) if low.is_finite else -width,
        min(width, as_fraction(high) - EDGE) if high.is_finite else width,
    )


def as_fraction(number: sp.Rational) -> Fraction:
    """A number of SymPy's as Python's."""
    return Fraction(int(number.p), int(number.q))


def _corners(sheet: Sheet) -> tuple[Corner, ...]:
    """The kinks that there are with the parameters' numbers."""
    numbers = {symbol: rational(value) for symbol, value in sheet.values.items()}
    found = [corner.given(numbers) for corner in sheet.corners]
    if not found:
        others = dict.fromkeys(sheet.inputs[1:], sp.S.Zero)
        found = list(corners_at(sheet.rule, sheet.formula, numbers | others))
    return tuple(corner for corner in found if corner.when == sp.true)


def _runs(
    along: Along, place: int | None, window: Ends, corners: tuple[Corner, ...]
) -> Iterator[tuple[Point, ...]]:
    """The curve between one kink and the next, up to what it tends to at either.

    What a slope by a further argument tends to is not known, so it ends a little before.
    """
    low, high = window
    bends = {as_fraction(corner.at): corner for corner in corners}
    for start, end in pairwise([low, *sorted(bends), high]):
        count = max(2, round(POINTS * (end - start) / (high - low)))
        inner = [start + (end - start) * Fraction(k, count) for k in range(count + 1)]
        inner = [x for x in inner if x not in bends]
        run = list(_points(inner, along(inner, place)))
        if start in bends and not place:
            both = bends[start].value if place is None else bends[start].slope
            run.insert(0, (float(start), float(both.right)))
        if end in bends and not place:
            both = bends[end].value if place is None else bends[end].slope
            run.append((float(end), float(both.left)))
        yield tuple(run)


def _points(across: list[Fraction], up: Floats) -> Iterator[Point]:
    for x, y in zip(across, up, strict=True):
        if isfinite(y):
            yield round(float(x), 6), float(f"{y:.6g}")


def _dots(along: Along, corners: tuple[Corner, ...], colours: tuple[Colour, Colour]) -> Iterator[Dot]:
    """At each kink the value and the slope that count, and what their sides tend to where that differs."""
    for corner in corners:
        (value,) = along([as_fraction(corner.at)], None)
        heights = (float(value), float(corner.counts))
        for colour, here, both in zip(colours, heights, (corner.value, corner.slope), strict=True):
            at = float(corner.at)
            tended = {float(both.left), float(both.right)} - {here}
            yield from (Dot((at, height), colour, False) for height in sorted(tended))
            yield Dot((at, here), colour, True)


# -- costs -----------------------------------------------------------------------------------------


def _cost_figure(sheet: Sheet, rule: Cost, form: Stable) -> Figure:
    low, high = rule.outputs.inf, rule.outputs.sup
    targets = shown_targets(rule)
    start = as_fraction(low) + EDGE if low.is_finite else min(targets) - BEYOND
    end = as_fraction(high) - EDGE if high.is_finite else max(targets) + BEYOND
    curves, dots = list[Curve](), list[Dot]()
    for y, colour in zip(targets, TARGETS, strict=False):
        along = _along(sheet, form, y)
        numbers = {symbol: rational(value) for symbol, value in point_at(sheet, start, y).values.items()}
        del numbers[sheet.inputs[0]]
        corners = tuple(corners_at(rule, sheet.formula, numbers))
        for letter, place, dashed in ((sheet.result, None, False), (sheet.derived[0].letter, 0, True)):
            runs = tuple(_runs(along, place, (start, end), corners))
            curves.append(Curve(_at_target(letter, sheet, y), runs, colour, dashed))
        dots += _dots(along, corners, (colour, colour))
    heights = _heights(tuple(curves), (0.0,))
    letter = sheet.write(sheet.inputs[0])
    names = ", ".join(plain(curve.name) for curve in curves)
    label = f"{names} for {plain(letter)} from {typeset(round(start, 2))} to {typeset(round(end, 2))}"
    plot = Plot(label, _floats((start, end)), heights, letter, tuple(curves), tuple(dots))
    return Figure(plot, tuple(_cost_caption(sheet, dots)))


def _cost_caption(sheet: Sheet, dots: list[Dot]) -> Iterator[str | Tree]:
    yield "Solid lines: the cost of one output. Dashed lines: its slope."
    if sheet.inputs[1:]:
        yield from (" The other outputs ", *_from_to(sheet), " are 0.")
    if K in sheet.formula.formals:
        yield from (" There are ", sheet.write(K), f" = {OUTPUTS} outputs.")
    yield from _set_to(sheet)
    if dots:
        yield f" {DOTS.format(break_of(sheet))}"


def _at_target(letter: Tree, sheet: Sheet, y: Fraction) -> Tree:
    """C at y = 1"""
    return Row((in_line(letter), Text(" at "), related(sheet.write(Y), "=", Num(str(y)))))


# -- axes ------------------------------------------------------------------------------------------


def _floats(ends: Ends) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _heights(curves: tuple[Curve, ...], others: tuple[float, ...]) -> tuple[float, float]:
    """From the lowest to the highest point, with a little room, no further than HIGHEST."""
    found = [y for curve in curves for run in curve.runs for _, y in run] + list(others)
    low, high = max(min(found), -HIGHEST), min(max(found), HIGHEST)
    room = 0.05 * (high - low or 1)
    return low - room, high + room
