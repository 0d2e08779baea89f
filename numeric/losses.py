"""Where float64 loses a rule's digits, measured against proven enclosures.

A formula as it is printed and the stable form beside it are computed in float64
at many points, and both are held against the ball in which the exact value lies:

    digits = -log10 (|float - exact| / |exact|)

Where the exact value is near the end of float64's range no form can hold it or
its factors, and nothing is counted. Where it crosses 0 between two float64 its
terms cancel, in any form that adds them in float64: such places are measured by
themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import isfinite

import numpy as np
import sympy as sp

from derive.calculus import defined
from derive.expressions import Formula, results_of, slope, usual_slope
from derive.rules import Activation, Cost, K, Y
from derive.rules.kinds import rational
from derive.sheet import Sheet
from derive.steps import Program, Step, Term
from numeric.balls.enclosure import Enclosure, balls_of, enclosure, relative_digits, settle
from numeric.balls.tape import Tape
from numeric.floats.as_written import as_written
from numeric.floats.rounding import Floats, Rounded
from numeric.floats.rules import ACTIVATIONS, COSTS
from numeric.floats.rules import Activation as ActivationRow
from numeric.floats.rules import Cost as CostRow

FULL = 16.0
"""No float64 is counted as right to more digits than this."""

HALF, NONE = 8.0, 0.0
"""With so many digits left half are lost, and all."""

SMALLEST = Fraction(10) ** -300
"""A little above the least number that float64 holds with all its digits, so that factors have them too."""

TINY = tuple(Fraction(2.0**-k / 3) for k in range(60))
"""Toward 0; of powers of two e^z would be right by chance."""
NEAR = tuple(Fraction(k / 5) for k in range(5 * 40))
"""Of quarters, which float64 adds without rounding, 1 + tanh(u) would keep digits by chance."""
FAR = tuple(map(Fraction, sorted({*range(40, 128, 4), *range(128, 1001, 32), 700, *range(704, 720), 1000})))
"""Outward, closer where e^z overflows."""

OUTWARD = tuple(map(Fraction, (*range(1, 21), 25, 30, 36, 37, 40, 60, 100, 400, 700, 1000)))
BETWEEN = (Fraction(3, 8), Fraction(3, 4), Fraction(3))
"""Targets that are no end of their set, those of them that a cost takes; float64 holds them."""
STEPS = tuple(Fraction(10) ** -k for k in range(1, 17))
"""a = y (1 ± step): logarithms and differences of near numbers cancel."""

HALVINGS = 1100
"""More than it takes to shrink any interval of float64 to two neighbours."""

OUTPUTS = 2
"""The K of a cost that reads it."""


@dataclass(frozen=True, slots=True)
class Point:
    """The number that is moved along, the target where there is one, and the values of all arguments."""

    at: Fraction
    target: Fraction | None
    values: Mapping[sp.Symbol, Fraction]


@dataclass(frozen=True, slots=True)
class Computed:
    """A float64 and how many of its digits are right."""

    value: float
    digits: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One point: the exact value, what the printed formula gives, and the stable form.

    counts  whether float64 can hold the exact value with all its digits
    """

    point: Point
    truth: Enclosure
    printed: Computed
    stable: Computed
    counts: bool


@dataclass(frozen=True, slots=True)
class Loss:
    """Where the printed formula has lost digits, on one side of 0.

    half, all  going outward, the first numbers where half of them and all are lost
    inward     going in from 1/4 toward 0, the first number where half are lost
    """

    half: Fraction | None
    all: Fraction | None
    inward: Fraction | None

    @property
    def any(self) -> bool:
        """Whether half of the digits are lost anywhere."""
        return self.half is not None or self.inward is not None

    @property
    def turned(self) -> Loss:
        """The same on the other side."""
        return Loss(*(None if at is None else -at for at in (self.half, self.all, self.inward)))


@dataclass(frozen=True, kw_only=True)
class Study:
    """A rule's value, or its slope by one argument, in float64.

    place    of the argument; None for the value
    printed  the formula that was computed as printed, in formals and results
    rows     in the order of the numbers
    zeros    the float64 on both sides of each place between them where it is 0
    """

    place: int | None
    printed: sp.Expr
    rows: tuple[Measured, ...]
    zeros: tuple[Measured, ...] = ()

    @property
    def worst_printed(self) -> float:
        """The fewest right digits of the printed formula."""
        return min((row.printed.digits for row in self.rows if row.counts), default=FULL)

    @property
    def worst_stable(self) -> float:
        """The fewest right digits of the stable form."""
        return min((row.stable.digits for row in self.rows if row.counts), default=FULL)

    @property
    def loses(self) -> bool:
        """Whether half of the printed formula's digits are lost somewhere."""
        return self.worst_printed < HALF

    @property
    def worst(self) -> Measured | None:
        """Where the printed formula has the fewest right digits."""
        return min((row for row in self.rows if row.counts), key=lambda row: row.printed.digits, default=None)

    def loss(self, side: int) -> Loss:
        """Where digits are lost on the side of positive (1) or negative (-1) numbers."""
        rows = [row for row in self.rows if row.counts and row.point.at * side > 0]
        rows.sort(key=lambda row: abs(row.point.at))
        outward = [row for row in rows if abs(row.point.at) > TINY[0]]
        inward = [row for row in reversed(rows) if abs(row.point.at) <= TINY[0]]
        return Loss(_first(outward, HALF), _first(outward, NONE), _first(inward, HALF))


def _first(rows: list[Measured], least: float) -> Fraction | None:
    return next((row.point.at for row in rows if row.printed.digits <= least), None)


def studies(sheet: Sheet) -> tuple[Study, ...]:
    """The value's study and that of each derivative; none for a rule that has no numbers."""
    form = stable_form(sheet)
    if form is None:
        return ()
    points = tuple(_points(sheet))
    places: tuple[int | None, ...] = (None, *dict.fromkeys(derived.by for derived in sheet.derived))
    return tuple(_study(sheet, points, place, form) for place in places)


def _study(sheet: Sheet, points: tuple[Point, ...], place: int | None, form: Stable) -> Study:
    formula = sheet.formula
    exact = formula if place is None else slope(formula, place)
    shown = replace(formula, expr=defined(formula.expr)) if place is None else usual_slope(formula, place)

    def measured(points: tuple[Point, ...]) -> tuple[Measured, ...]:
        truths = _truths(exact, formula, points)
        forms = (_as_printed(formula, shown, points), form(points, place))
        return tuple(
            Measured(point, truth, _computed(mine, truth), _computed(kept, truth), _counts(truth))
            for point, truth, mine, kept in zip(points, truths, *forms, strict=True)
            if truth.defined
        )

    rows = measured(points)
    beside_zeros = tuple(_beside_zeros(sheet, rows, exact))
    zeros = measured(beside_zeros) if beside_zeros else ()
    return Study(place=place, printed=shown.expr, rows=rows, zeros=zeros)


def _beside_zeros(sheet: Sheet, rows: Sequence[Measured], exact: Formula) -> Iterator[Point]:
    """By bisection between points where the sign is surely another, down to neighbouring float64."""
    for left, right in pairwise(rows):
        if left.point.target != right.point.target or _sign(left.truth) * _sign(right.truth) >= 0:
            continue
        low, high, target = float(left.point.at), float(right.point.at), left.point.target
        for _ in range(HALVINGS):
            middle = low + (high - low) / 2
            if middle in (low, high):
                break
            (truth,) = _truths(exact, sheet.formula, (point_at(sheet, Fraction(middle), target),))
            low, high = (middle, high) if _sign(truth) == _sign(left.truth) else (low, middle)
        for end in (low, high):
            yield point_at(sheet, Fraction(end), target)


def _sign(truth: Enclosure) -> int:
    """1 or -1 where it is sure, else 0."""
    if truth.lo is None or truth.hi is None:
        return 0
    return (truth.lo > 0) - (truth.hi < 0)


# -- points ----------------------------------------------------------------------------------------


def point_at(sheet: Sheet, at: Fraction, target: Fraction | None = None) -> Point:
    """All arguments where the first is `at`: other units at 0, parameters as they are set."""
    others = dict.fromkeys(sheet.inputs[1:], Fraction(0))
    read = {Y: target, K: Fraction(OUTPUTS)} if target is not None else {}
    given = {sheet.inputs[0]: at, **others, **read, **sheet.values}
    return Point(at, target, {symbol: given[symbol] for symbol in sheet.formula.formals})


def shown_targets(rule: Cost) -> tuple[Fraction, ...]:
    """Targets for which a cost is drawn: 0 and 1, or all where they are few."""
    values = rule.targets.values
    few = sorted(values) if isinstance(values, sp.FiniteSet) else [n for n in (0, 1) if n in values]
    return tuple(Fraction(int(value)) for value in few)


def _targets(rule: Cost) -> Iterator[Fraction]:
    """Those that are shown, and some within the set."""
    yield from shown_targets(rule)
    yield from (y for y in BETWEEN if rational(y) in rule.targets.values)


def _points(sheet: Sheet) -> Iterator[Point]:
    """Along an activation's own z with the others at 0; along a cost's a for each of its targets."""
    rule = sheet.rule
    if isinstance(rule, Activation):
        line = sorted({sign * size for size in (*TINY, *NEAR, *FAR) for sign in (1, -1)})
        for z in line:
            if rule.domain == sp.S.Reals or rational(z) in rule.domain:
                yield point_at(sheet, z)
        return
    for y in _targets(rule):
        for a in sorted(
            a for a in {*_toward_the_ends(rule.outputs), *_toward(y)} if rational(a) in rule.outputs
        ):
            yield point_at(sheet, a, y)


def _toward(target: Fraction) -> Iterator[Fraction]:
    """The target, and float64 ever nearer to it on both sides; toward 0 they are near by themselves."""
    yield target
    for step in STEPS:
        yield from (Fraction(float((target or 1) * sign * step + target)) for sign in (1, -1))


def _toward_the_ends(outputs: sp.Set) -> Iterator[Fraction]:
    """Numbers of an interval, ever nearer to its ends or ever farther out; each of them a float64."""
    for end, inward in ((outputs.inf, 1), (outputs.sup, -1)):
        if end.is_finite:
            yield from (Fraction(float(end) + inward * 10.0**-k) for k in range(1, 21))
        else:
            yield from (-inward * size for size in OUTWARD)
    yield Fraction(1, 2)


# -- values ----------------------------------------------------------------------------------------


def _truths(exact: Formula, formula: Formula, points: tuple[Point, ...]) -> Iterator[Enclosure]:
    keys = tuple(symbol.name for symbol in formula.formals)
    tape = Tape.of(Program((Step("value", (Term(exact, keys),), "value"),)), keys)
    for point in points:
        given = balls_of({symbol.name: value for symbol, value in point.values.items()})
        yield enclosure(settle(tape, given, ["value"])["value"])


def _as_printed(formula: Formula, shown: Formula, points: tuple[Point, ...]) -> Floats:
    values = {symbol: _column(points, symbol) for symbol in formula.formals}
    results = {
        symbol: as_written(expr, values)
        for symbol, expr in zip(formula.results, results_of(formula), strict=True)
    }
    return as_written(shown.expr, values | results)


def _column(points: Sequence[Point], symbol: sp.Symbol) -> Floats:
    return np.array([float(point.values[symbol]) for point in points])


Stable = Callable[[Sequence[Point], int | None], Floats]
"""From points to the values there, or to the slopes by the argument in this place."""


def stable_form(sheet: Sheet) -> Stable | None:
    """The values and slopes of numeric's own table; None for a rule that has no numbers."""
    rule = sheet.rule
    parameters = {parameter.name: Rounded.of(value) for parameter, value in rule.settings}
    if isinstance(rule, Cost):
        return _cost_form(sheet, COSTS[rule.name].given(parameters)) if rule.name in COSTS else None
    row = ACTIVATIONS.get(rule.name)
    return _activation_form(sheet, row.given(parameters)) if row else None


def _activation_form(sheet: Sheet, row: ActivationRow) -> Stable:
    """The first unit's value, and its slope by the weighted input of any."""

    def form(points: Sequence[Point], place: int | None) -> Floats:
        z = Rounded.exact(np.stack([_column(points, symbol) for symbol in sheet.inputs], axis=-1))
        if place is None:
            return row.value(z).value[:, 0]
        first = np.zeros(z.shape)
        first[:, 0] = 1.0
        return row.pull(z, Rounded.exact(first)).value[:, sheet.inputs.index(sheet.formula.formals[place])]

    return form


def _cost_form(sheet: Sheet, row: CostRow) -> Stable:
    """The first output's part of the cost, and its slopes.

    Where outputs read each other the others' targets are 0, so that the first
    one's part is the whole cost; else they are all alike.
    """

    def form(points: Sequence[Point], place: int | None) -> Floats:
        y = _column(points, Y)
        columns = [_column(points, symbol) for symbol in sheet.inputs]
        if sheet.inputs[1:]:
            a, targets = columns, [y, *(0 * y for _ in columns[1:])]
        else:
            a, targets = columns * OUTPUTS, [y] * OUTPUTS
        arguments = (Rounded.exact(np.stack(each, axis=-1)) for each in (a, targets))
        if place is None:
            return row.parts(*arguments).value[:, 0]
        return row.slope(*arguments).value[:, sheet.inputs.index(sheet.formula.formals[place])]

    return form


# -- digits ----------------------------------------------------------------------------------------


def _counts(truth: Enclosure) -> bool:
    exactly_zero = truth.lo == truth.hi == 0
    return truth.defined and (abs(truth.mid) >= SMALLEST or exactly_zero)


def _computed(value: float, truth: Enclosure) -> Computed:
    """The digits that are right for sure: the gap is to the far end of the enclosure."""
    number = float(value)
    if truth.lo is None or truth.hi is None or not isfinite(number):
        return Computed(number, 0.0)
    exact = Fraction(number)
    gap = max(abs(exact - truth.lo), abs(exact - truth.hi))
    digits = relative_digits(gap, abs(truth.mid))
    return Computed(number, min(max(0.0, digits), FULL))
