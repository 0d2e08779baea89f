"""What three witnesses prove together, entry by entry, and of many entries at once.

    agree      each pair of claims overlaps and proves at least three digits
    disagree   two claims are apart, and the referee confirms it
    undecided  something is in the way, and it is named

No tolerance is chosen anywhere: every claim brings its own error. Verdicts are
taken in exact fractions; where float64 arithmetic with a margin shows the same,
as it does for nearly all entries, columns of it decide and no fraction is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor, inf, isfinite, nextafter
from sys import float_info
from typing import overload

import numpy as np
import numpy.typing as npt

from derive.problem import Problem
from numeric.balls.enclosure import Enclosure, nearest_float, relative_digits
from numeric.balls.referee import Referee, Ruling, kink_note
from numeric.balls.truths import Numbers, Truths
from numeric.floats.claims import Claim, Claims, Columns, Entry

LEAST_DIGITS = 3
MOST_DIGITS = 60
"""Digits that are reported where claims coincide exactly."""

SMALLEST = Fraction(float_info.min)
BELOW = "below float64's range"
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row says in the end, without its numbers."""

    entry: Entry
    verdict: str
    digits: int | None
    note: str = ""

    @classmethod
    def of(cls, row: Row) -> Outcome:
        return cls(row.entry, row.verdict, row.digits, row.note)


@dataclass(frozen=True, eq=False)
class Bench(Sequence[Row]):
    """All entries with their claims, judged; a row of those that are clear is made when it is asked for."""

    problem: Problem
    numbers: Numbers
    truths: Truths
    pushed: Claims
    moved: Claims
    _made: dict[int, Row] = field(default_factory=dict, init=False, repr=False)

    def judge(self) -> None:
        """Decide all that is not clear now, which may need the referee, and not when it is read."""
        for i in np.flatnonzero(self.clear < 0).tolist():
            self._made[i] = self._row(i)

    @cached_property
    def verdicts(self) -> frozenset[str]:
        """Those that occur."""
        hard = {self[i].verdict for i in np.flatnonzero(self.clear < 0).tolist()}
        return frozenset(hard | {"agree"} if (self.clear >= 0).any() else hard)

    def __len__(self) -> int:
        return len(self.truths.entries)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        i = range(len(self))[index]
        if self.clear[i] >= 0:  # of thousands that are clear none is kept
            return self._row(i)
        if i not in self._made:
            self._made[i] = self._row(i)
        return self._made[i]

    def __iter__(self) -> Iterator[Row]:
        return (self[i] for i in range(len(self)))

    def _row(self, i: int) -> Row:
        digits = int(self.clear[i])
        if digits < 0:
            return _row(self, i)
        return replace(self.unjudged(i, "agree", digits), note=self._note(i))

    def _note(self, i: int) -> str:
        """What is to be said of a clear entry."""
        return BELOW if not self.truths.nearest[i] and self.truths.at(i).mid else ""

    @property
    def outcomes(self) -> Iterator[Outcome]:
        """Those of all rows; of a clear one the row is not made."""
        for i, (entry, digits) in enumerate(zip(self.truths.entries, self.clear.tolist(), strict=True)):
            yield Outcome(entry, "agree", digits, self._note(i)) if digits >= 0 else Outcome.of(self[i])

    def unjudged(self, i: int, verdict: str = "undecided", digits: int | None = None) -> Row:
        """The entry with its names and claims."""
        entry = self.truths.entries[i]
        claims = self.pushed[entry], self.moved[entry]
        return Row(entry, *names_of(self.problem, entry), self.truths.at(i), *claims, verdict, digits)

    @cached_property
    def referee(self) -> Referee:
        return Referee.at(self.numbers)

    @cached_property
    def objectives(self) -> Mapping[str, Enclosure]:
        return self.numbers.objectives()

    @cached_property
    def scale(self) -> Mapping[str, Fraction]:
        """The largest gradient of each objective: digits of a 0 are counted from it, or from the
        point where all are 0.
        """
        found = dict.fromkeys(self.problem.objectives, Fraction(1))
        for of in found:
            own = np.array([entry[0] == of for entry in self.truths.entries])
            unknown = np.isnan(self.truths.nearest)
            sizes = np.where(own & ~unknown, np.abs(self.truths.nearest), 0.0)
            candidates = np.flatnonzero(own & (unknown | (sizes == np.max(sizes, initial=0.0))))
            known = (self.truths.at(i) for i in candidates.tolist())
            exact = [abs(one.mid) for one in known if one.defined and not one.holds_zero]
            found[of] = max(exact, default=Fraction(1))
        return found

    @cached_property
    def clear(self) -> npt.NDArray[np.int64]:
        """The digits that an entry's claims prove where they clearly agree; -1 for the others."""
        entries = self.truths.entries
        scale = {of: nearest_float(size) for of, size in self.scale.items()}
        defined = {of: self.objectives[of].defined for of in scale}
        zero = np.array([scale[of] if defined[of] else np.nan for of, _ in entries])
        pushed, moved = _columns(self.pushed, entries), _columns(self.moved, entries)
        return _clear_digits(self.truths.nearest, zero, pushed, moved)


def _columns(claims: Claims, entries: tuple[Entry, ...]) -> Columns:
    """The same claims side by side, in this order."""
    if isinstance(claims, Columns) and claims.entries == entries:
        return claims
    found = [claims[entry] for entry in entries]
    value, error = (np.array([getattr(one, part) for one in found]) for part in ("value", "error"))
    return Columns(entries, value, error)


MARGIN = 1 + 2.0**-40
"""More than a few roundings of float64 can change, relative to what they round."""

LOG_MARGIN = 1e-9
"""More than the error of a logarithm's digits."""


def _clear_digits(
    truth: npt.NDArray[np.float64], scale: npt.NDArray[np.float64], pushed: Columns, moved: Columns
) -> npt.NDArray[np.int64]:
    """Digits that are proven where both claims surely hold all that rounds to `truth`; -1 elsewhere.

    The hull of the claims is then theirs alone, and as each holds the truth, its ends are on
    both sides of it: their distances from it lose nothing to cancellation.
    """
    with np.errstate(all="ignore"):
        half = np.where(truth == 0, 0.0, np.spacing(np.abs(truth)) / 2)
        off = [claims.value - truth for claims in (pushed, moved)]
        errors = [claims.error for claims in (pushed, moved)]
        holds = [(np.abs(gap) + half) * MARGIN <= error for gap, error in zip(off, errors, strict=True)]
        ends = [(gap - error, gap + error) for gap, error in zip(off, errors, strict=True)]
        width = np.maximum(ends[0][1], ends[1][1]) - np.minimum(ends[0][0], ends[1][0])
        size = np.where(truth == 0, scale, np.abs(truth))
        digits = np.where(width == 0, np.inf, -np.log10(width / size))
        digits = np.minimum(digits, MOST_DIGITS)
        sure = np.floor(digits - LOG_MARGIN) == np.floor(digits + LOG_MARGIN)
        sure |= width == 0
        in_range = (width == 0) | ((width > RANGE[0]) & (size > RANGE[0]) & (size < RANGE[1]))
        clear = holds[0] & holds[1] & sure & in_range & ~np.isnan(scale) & (digits >= LEAST_DIGITS)
        return np.where(clear, np.floor(np.where(clear, digits, 0.0)), -1).astype(np.int64)


RANGE = (1e-150, 1e150)
"""Between these a quotient of two float64 is one."""


def _row(bench: Bench, i: int) -> Row:
    """The row of an entry that is not clear: in exact fractions, before the referee where they say so."""
    row = _judged(bench, i)
    if row.verdict != "agree" and row.symbolic.defined:
        row = _refereed(bench, row, bench.referee.rule(*row.entry))
    return _with_a_value(row, bench.objectives[row.entry[0]])


def _with_a_value(row: Row, objective: Enclosure) -> Row:
    """A row of an objective that has no value here proves nothing, whatever its slopes come to."""
    if objective.defined or row.verdict == "undecided":
        return row
    note = f"{row.entry[0]} has no value here: {objective.why}"
    return replace(row, verdict="undecided", digits=None, note=note)


def _judged(bench: Bench, i: int) -> Row:
    row = bench.unjudged(i)
    if not row.symbolic.defined:
        return replace(row, note=row.symbolic.why)
    float_claims = (row.backprop, row.difference)
    missing = next((claim.why or "overflow" for claim in float_claims if not isfinite(claim.error)), "")
    if missing:
        return replace(row, note=missing)
    known = [interval for interval in (_interval(row.symbolic), *map(_claimed, float_claims)) if interval]
    return _compared(row, known, bench.scale[row.entry[0]])


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
    note = _zero_note(row.symbolic) or f"{BELOW}: a 60-digit difference was the referee"
    return replace(row, verdict="agree", digits=digits, note=note)


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
