"""Three witnesses to each gradient, and what they prove together.

    agree      each pair of claims overlaps and proves at least three digits
    disagree   two claims are apart, and the referee confirms it
    undecided  something is in the way, and it is named

No tolerance is chosen anywhere: every claim brings its own error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor, inf, isfinite, nextafter
from sys import float_info

from derive.problem import Problem
from derive.quantities import read
from derive.steps import Program, given_values, program_of
from derive.sweep import adjoint, sweep
from derive.unspecified import FORMS
from numeric.balls.enclosure import Enclosure, Enclosures, balls_of, enclose, nearest_float, relative_digits
from numeric.balls.referee import Referee, Ruling, kink_note
from numeric.balls.tape import Ball
from numeric.balls.training import Course
from numeric.floats.backprop import backprop
from numeric.floats.claims import Claim, Entry
from numeric.floats.differences import differences
from numeric.judging.published import Judgement, judge_all
from numeric.sampling import concrete
from numeric.training.first_update import FirstUpdate, first_update
from numeric.training.learning import followed
from numeric.training.predictions import Predictions, predict

LEAST_DIGITS = 3
MOST_DIGITS = 60
"""Digits that are reported where claims coincide exactly."""

SMALLEST = Fraction(float_info.min)
BELOW = "below float64's range: a 60-digit difference was the referee"
CANCELLED = "cancellation leaves fewer than three digits"


@dataclass(frozen=True)
class Row:
    """One gradient entry with its witnesses.

    name     what the author calls it
    places   canonical names of the parameter's uses
    gap      how far apart claims that disagree are, certified
    """

    entry: Entry
    name: str
    places: tuple[str, ...]
    symbolic: Enclosure
    backprop: Claim
    difference: Claim
    verdict: str
    digits: int | None
    note: str = ""
    gap: Fraction | None = None

    @property
    def enclosure(self) -> tuple[Decimal, Decimal]:
        """The proven bounds of the symbolic gradient, rounded outward."""
        return self.symbolic.bounds


@dataclass(frozen=True)
class Evidence:
    """All rows of a problem, its cost, the verdicts on its published figures, and what it predicts.

    points  the concrete instances at which a problem was verified that leaves something free
    course  the training at the moments that figures and predictions read, for whoever asks more of it
    """

    problem: Problem
    rows: tuple[Row, ...]
    cost: Enclosure | None
    published: tuple[Judgement, ...] = ()
    note: str = ""
    points: tuple[Problem, ...] = ()
    predictions: tuple[Predictions, ...] = ()
    course: Course = field(default=Course({}), repr=False, compare=False)

    @property
    def agree(self) -> bool:
        """Whether there is something to compare and every entry agrees."""
        return self.verdict == "agree"

    @property
    def values_note(self) -> str:
        """The note, and of a problem that leaves something free that the values are those of one point."""
        return f"{self.note}; the values are those of one" if self.points else self.note

    @cached_property
    def first_update(self) -> FirstUpdate | None:
        """What the first update moves and does to the cost, predicted and actual; None without training."""
        return first_update(self.problem)

    @property
    def verdict(self) -> str | None:
        """agree, disagree or undecided; None where nothing is differentiated."""
        found = {row.verdict for row in self.rows}
        return next((verdict for verdict in ("disagree", "undecided", "agree") if verdict in found), None)

    def __getitem__(self, name: str) -> Row:
        """The row of a gradient, by any of its names. Raises AnswerError; KeyError where it has no row."""
        quantity = read(self.problem, name)
        return self.by_entry[quantity.of, *quantity.by]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @cached_property
    def by_entry(self) -> Mapping[tuple[str, ...], Row]:
        """Rows by what is differentiated and by what, under each of the parameter's keys."""
        single: dict[tuple[str, ...], Row] = {row.entry: row for row in self.rows}
        places: dict[tuple[str, ...], Row] = {
            (row.entry[0], place): row
            for row in self.rows
            if len(row.places) == 1
            for place in self._uses(row)
        }
        return {**places, **single}

    def _uses(self, row: Row) -> tuple[str, ...]:
        parameter = self.problem.parameter.get(row.entry[1])
        return parameter.places if parameter else ()


def verify(problem: Problem) -> Evidence:
    """The evidence for a problem; a symbolic one is verified at random points."""
    if problem.is_free:
        return _at_random_points(problem)
    program, given = program_of(problem), balls_of(given_values(problem))
    entries = [(of, by) for of in problem.objectives for by in problem.wrt]
    values = enclose(program, given, problem.objectives)
    rows = (_with_a_value(row, values[row.entry[0]]) for row in _rows(problem, program, given, entries))
    cost = values[problem.objectives[0]] if problem.objectives else None
    course = followed(problem)
    return Evidence(
        problem,
        tuple(rows),
        cost,
        judge_all(problem, course),
        predictions=predict(problem, course),
        course=course,
    )


def _with_a_value(row: Row, objective: Enclosure) -> Row:
    """A row of an objective that has no value here proves nothing, whatever its slopes come to."""
    if objective.defined or row.verdict == "undecided":
        return row
    note = f"{row.entry[0]} has no value here: {objective.why}"
    return replace(row, verdict="undecided", digits=None, note=note)


def _rows(
    problem: Problem, program: Program, given: Mapping[str, Ball], entries: Sequence[Entry]
) -> tuple[Row, ...]:
    symbolic = _symbolic(program, given, problem)
    pushed, moved = backprop(problem), differences(problem)
    referee = Referee.of(program, given, problem.objectives)
    scale = {of: _largest(symbolic, [adjoint(of, by) for by in problem.wrt]) for of in problem.objectives}
    bench = Bench(problem, symbolic, referee, scale)
    return tuple(_row(bench, entry, pushed[entry], moved[entry]) for entry in entries)


@dataclass(frozen=True)
class Bench:
    """What every row is judged with.

    scale  the largest gradient of each objective: digits of a 0 are counted from it, or
           from the point where all are 0
    """

    problem: Problem
    symbolic: Enclosures
    referee: Referee
    scale: Mapping[str, Fraction]


def _largest(symbolic: Enclosures, keys: Sequence[str]) -> Fraction:
    sizes = (abs(symbolic[key].mid) for key in keys if symbolic[key].defined and not symbolic[key].holds_zero)
    return max(sizes, default=Fraction(1))


def _symbolic(program: Program, given: Mapping[str, Ball], problem: Problem) -> Enclosures:
    """Enclosures of every derivative that SymPy's slopes give, over one sweep an objective."""
    steps = [step for of in problem.objectives for step in sweep(program, of, problem.wrt)]
    keys = [adjoint(of, by) for of in problem.objectives for by in problem.wrt]
    return enclose(program.plus(steps), given, keys)


def _row(bench: Bench, entry: Entry, pushed: Claim, moved: Claim) -> Row:
    row = _judged(bench, entry, pushed, moved)
    if row.verdict == "agree" or not row.symbolic.defined:
        return row
    return _refereed(bench, row, bench.referee.rule(*entry))


def _judged(bench: Bench, entry: Entry, pushed: Claim, moved: Claim) -> Row:
    name, places = names_of(bench.problem, entry)
    truth = bench.symbolic[adjoint(*entry)]
    make = Row(entry, name, places, truth, pushed, moved, "undecided", None)
    if not truth.defined:
        return replace(make, note=truth.why)
    missing = next((claim.why or "overflow" for claim in (pushed, moved) if not isfinite(claim.error)), "")
    known = [interval for interval in (_interval(truth), _claimed(pushed), _claimed(moved)) if interval]
    return replace(make, note=missing) if missing else _compared(make, known, bench.scale[entry[0]])


def _compared(row: Row, claims: Sequence[Interval], scale: Fraction, note: str = "") -> Row:
    """The verdict on claims that are all there."""
    gap = max(lo for lo, _ in claims) - min(hi for _, hi in claims)
    if gap > 0:
        return replace(row, verdict="disagree", gap=gap, note=f"claims are {nearest_float(gap):.3g} apart")
    digits = _proven(claims, scale)
    if digits < LEAST_DIGITS:
        return replace(row, verdict="undecided", digits=digits, note=_lost_note(row.symbolic))
    return replace(row, verdict="agree", digits=digits, note=note or _zero_note(row.symbolic))


def _lost_note(truth: Enclosure) -> str:
    below = abs(truth.mid) < SMALLEST and not truth.holds_zero
    return "underflow: it is below float64's range" if below else CANCELLED


def _below_range(row: Row, claims: Sequence[Interval], scale: Fraction) -> Row:
    """The verdict where every witness proves a gradient to be too small for float64: there it is a 0.

    Its digits are counted as those of a 0 are, from the largest gradient, or from the smallest
    normal number where that is smaller.
    """
    if row.verdict != "undecided" or not all(-SMALLEST < lo <= hi < SMALLEST for lo, hi in claims):
        return row
    digits = _proven([(Fraction(0), Fraction(0)), *claims], max(scale, SMALLEST))
    if digits < LEAST_DIGITS:
        return row
    return replace(row, verdict="agree", digits=digits, note=_zero_note(row.symbolic) or BELOW)


def _tie_note(key: str) -> str:
    """Why backprop alone proves too little, where both other witnesses know the slope."""
    return f"{key} is exactly at a tie that moves along; float64 cannot tell which side backprop goes through"


def _zero_note(truth: Enclosure) -> str:
    return f"0 to {truth.zero_digits} digits" if truth.zero_digits else ""


def _refereed(bench: Bench, row: Row, ruling: Ruling) -> Row:
    """The verdict with the 60-digit difference in the place of float64's."""
    if ruling.is_convention(row.symbolic):
        return replace(row, verdict="undecided", note=kink_note(bench.problem, ruling.kinks[0]))
    if ruling.why:
        return replace(row, verdict="undecided", note=row.note or ruling.why)
    row = replace(row, difference=_as_claim(ruling))
    pushed = _claimed(row.backprop)
    if pushed is None:
        return replace(
            row, verdict="undecided", note="backprop can claim nothing here: overflow, or a kink in reach"
        )
    exact = (_interval(row.symbolic), (ruling.value - ruling.error, ruling.value + ruling.error))
    note = f"a 60-digit difference was the referee: {row.note}" if row.note else ""
    scale = bench.scale[row.entry[0]]
    judged = _below_range(_compared(row, (*exact, pushed), scale, note), (*exact, pushed), scale)
    lost = judged.verdict == "undecided" and _proven(exact, scale) >= LEAST_DIGITS
    return replace(judged, note=_tie_note(ruling.stays[0])) if lost and ruling.stays else judged


def _as_claim(ruling: Ruling) -> Claim:
    """The ruling as floats can show it: what rounds its value is an error too."""
    value = nearest_float(ruling.value)
    if not isfinite(value):
        return Claim(value, inf, step=ruling.step)
    error = ruling.error + abs(ruling.value - Fraction(value))
    return Claim(value, nextafter(nearest_float(error), inf) if error else 0.0, step=ruling.step)


Interval = tuple[Fraction, Fraction]


def _interval(claim: Enclosure) -> Interval:
    assert claim.lo is not None and claim.hi is not None
    return claim.lo, claim.hi


def _claimed(claim: Claim) -> Interval | None:
    if not isfinite(claim.error) or not isfinite(claim.value):
        return None
    value, error = Fraction(claim.value), Fraction(claim.error)
    return value - error, value + error


def _proven(claims: Sequence[Interval], scale: Fraction) -> int:
    """Digits that all claims prove together: of the value, or for a 0 of the largest gradient beside it."""
    lo, hi = min(lo for lo, _ in claims), max(hi for _, hi in claims)
    low, high = claims[0]
    size = scale if low <= 0 <= high else min(abs(low), abs(high))
    return max(0, floor(min(relative_digits(hi - lo, size), MOST_DIGITS)))


def names_of(problem: Problem, entry: Entry) -> tuple[str, tuple[str, ...]]:
    """What the author calls a gradient, and the canonical names of the parameter's uses."""
    of, by = entry
    parameter = problem.parameter.get(by)
    if parameter is None:
        return f"d{of}/d{by}", (f"d{of}/d{by}",)
    cost = problem.notation.cost if of == "C" else of
    name = f"d{cost}/d{parameter.own}" if parameter.own else f"d{of}/d{by}"
    return name, tuple(f"d{of}/d{place}" for place in parameter.places)


def _at_random_points(problem: Problem) -> Evidence:
    """Verified at three random points; a row holds where it holds at each."""
    instances = concrete(problem)
    points = [verify(point) for point in instances]
    first = points[0]
    worst = ("disagree", "undecided", "agree")
    rows = tuple(
        min(rows, key=lambda row: worst.index(row.verdict))
        for rows in zip(*(p.rows for p in points), strict=True)
    )
    note, turns = _free_note(problem, len(points))
    return (
        Evidence(problem, rows, None, tuple(judge_all(problem)), note + turns, instances)
        if first.rows
        else Evidence(problem, (), None)
    )


def _free_note(problem: Problem, count: int) -> tuple[str, str]:
    """What is free and where it was verified, and what stood for unspecified functions."""
    names = problem.open_functions
    functions = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} unspecified" if names else ""
    numbers = "some numbers are free" if problem.has_free_numbers else ""
    where = f"at {count} random points" if numbers else f"{count} times"
    *most, last = FORMS
    stand_ins = f", {', '.join(most)} and a {last} standing in turn for {' and '.join(names)}"
    return f"{' and '.join(filter(None, (numbers, functions)))}: verified {where}", stand_ins if names else ""
