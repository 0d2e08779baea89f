"""Somebody's gradient against ours, entry by entry, with the likely slip.

    agree      within the bound that stable backprop claims
    imprecise  beyond that, but within what a textbook form may lose in float64
    undecided  the truth is a convention here, or nothing can be claimed
    wrong      anything else

No tolerance is chosen: both bounds come from running error analysis.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isfinite
from textwrap import wrap
from typing import overload

import numpy as np
import numpy.typing as npt

from derive.errors import AnswerError
from derive.problem import Problem
from numeric.balls.enclosure import Enclosure, enclose, nearest_float
from numeric.balls.referee import Referee, kink_note
from numeric.balls.truths import Numbers, Truths
from numeric.floats.claims import Claim, Entry
from numeric.floats.rounding import TINY
from numeric.judging.bounds import Bounds
from numeric.judging.explaining import TRANSPOSED, Explanation, Wrong, explain
from numeric.judging.rows import BELOW, MARGIN, SMALLEST
from numeric.judging.theirs import Given, Gradient, Handed, entries_of
from numeric.sampling import concrete


class Disagreement(AssertionError):
    """Routes to a gradient differ beyond their error."""


@dataclass(frozen=True)
class CheckedEntry:
    """One number of theirs beside the truth.

    allowed  the error that stable backprop may have at this entry
    slip     the name of the slip that produces exactly this number, if one does; `why` its sentence
    """

    name: str
    value: float
    truth: Enclosure
    allowed: float
    verdict: str
    slip: str | None = None
    note: str = ""
    why: str = ""


@dataclass(frozen=True, repr=False)
class Checked:
    """The result of a check; true only if every entry agrees.

    passing  the verdicts that an entry may have: agree, and under an `rtol` imprecise
    """

    judged: tuple[Judged, ...]
    passing: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.judged) and not self.failing

    @property
    def accepted(self) -> bool:
        """The same in a word."""
        return bool(self)

    @cached_property
    def entries(self) -> tuple[CheckedEntry, ...]:
        """All of them, at one point after another where the problem leaves something free."""
        return tuple(entry for one in self.judged for entry in one)

    def __iter__(self) -> Iterator[CheckedEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return sum(map(len, self.judged))

    @cached_property
    def failing(self) -> tuple[tuple[Judged, int], ...]:
        """Where those that are not accepted stand; what clearly agrees is none of them."""
        return tuple((one, i) for one in self.judged for i in one.failing(self.passing))

    @cached_property
    def failures(self) -> tuple[CheckedEntry, ...]:
        """Those that are not accepted."""
        return tuple(one[i] for one, i in self.failing)

    def __str__(self) -> str:
        return report(self)

    def __repr__(self) -> str:
        return f"<Checked: {report(self).splitlines()[0]}>"


def check(theirs: Gradient, problem: Problem, *, samples: str = "rows", rtol: float | None = None) -> Checked:
    """Judge a gradient: a callable, or a mapping from names to numbers or arrays.

    samples  what a callable is called with: "rows" x is (samples, inputs),
             "columns" its transpose, "single" one sample at a time: it returns the gradient of that
             sample's own cost, without 1/n and without the L2 term; they are averaged (or summed, as
             the problem says) and the L2 term is added here. A result that has it in it already,
             under a mean, comes out with the slip "L2 term doubled".
    rtol     accept imprecise entries, and others within this relative error; what lies within
             float32's own bound may be so far off in parts of the largest entry of its array

    Raises AnswerError where names or shapes of results mean nothing here, and where a
    function is unspecified: nobody's numbers can be right or wrong then.
    """
    if problem.open_functions:
        names = ", ".join(problem.open_functions)
        raise AnswerError(f"not specified: {names}; numbers can only be checked where every function is")
    points = concrete(problem) if problem.is_free else (problem,)
    found = tuple(_judge(theirs, point, samples, rtol) for point in points)
    return Checked(found, frozenset({"agree"} if rtol is None else {"agree", "imprecise"}))


def assert_gradients_agree(
    theirs: Gradient, problem: Problem, *, samples: str = "rows", rtol: float | None = None
) -> None:
    """Raise Disagreement, naming each wrong entry, its true value and the likely slip.

    For tests of a hand-written backward pass; parameters as `check` takes them.
    """
    __tracebackhide__ = True
    result = check(theirs, problem, samples=samples, rtol=rtol)
    if not result:
        raise Disagreement(report(result))


@dataclass(frozen=True, eq=False)
class Judged(Sequence[CheckedEntry]):
    """Their numbers at one point, beside the truth; each is made an entry when it is asked for.

    near   those that exact fractions decided, by their places
    far    the places of those that are surely wrong
    slips  what makes wrong ones, by their places
    """

    found: Handed
    truths: Truths
    bounds: Bounds
    near: Mapping[int, CheckedEntry]
    far: frozenset[int]
    slips: Mapping[int, Explanation]

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> CheckedEntry: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[CheckedEntry, ...]: ...

    def __getitem__(self, index: int | slice) -> CheckedEntry | tuple[CheckedEntry, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        i = range(len(self))[index]
        slip = self.slips.get(i)
        return self._plain(i) if slip is None else replace(self._plain(i), slip=slip.name, why=slip.why)

    def _plain(self, i: int) -> CheckedEntry:
        if i in self.near:
            return self.near[i]
        given = self.found[i]
        if i in self.far and given.entry is not None:
            return _made(given, given.entry, self.truths, self.bounds)
        return _entry(given, self.truths, self.bounds, None)

    def failing(self, passing: Collection[str]) -> list[int]:
        """The places of those whose verdict is none of these."""
        return sorted(self.far.union(i for i, entry in self.near.items() if entry.verdict not in passing))

    def likely(self, i: int) -> tuple[str, str] | None:
        """The slip of a wrong one, with its sentence."""
        if i in self.slips:
            return self.slips[i].name, self.slips[i].why
        near = self.near.get(i)
        return (near.slip, near.why) if near is not None and near.slip else None


def _judge(theirs: Gradient, problem: Problem, samples: str, rtol: float | None) -> Judged:
    return judged(problem, entries_of(theirs, problem, samples), rtol)


def judged(problem: Problem, found: Handed, rtol: float | None = None) -> Judged:
    """A verdict on each number of theirs, where every number of the problem is known."""
    numbers = Numbers(problem)
    wanted = tuple(dict.fromkeys(entry for entry in found.entries if entry))
    truths = numbers.truths(wanted)
    bounds = Bounds(problem, truths)
    off = Off.of(found, truths, bounds, rtol)
    near = {i: _entry(found[i], truths, bounds, rtol) for i in np.flatnonzero(off.near).tolist()}
    near |= _alone(off, near, bounds)
    one = Judged(found, truths, bounds, near, frozenset(np.flatnonzero(off.far).tolist()), {})
    conventions = _at_kinks(numbers, one, off.wide, rtol)
    one = replace(one, near=near | conventions, far=one.far.difference(conventions))
    return replace(one, slips=_slips(numbers, one))


@dataclass(frozen=True)
class Off:
    """Where each of their numbers clearly stands, by float64 with a margin.

    far   surely wrong, beyond every bound
    near  neither that nor surely right, so that exact fractions decide
    agreed  how many are surely right and no 0
    wide  surely right, but by a bound that may span the jump of a slope: they are not the truth to rounding
    """

    far: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]
    wide: npt.NDArray[np.bool_]
    agreed: int

    @classmethod
    def of(cls, found: Handed, truths: Truths, bounds: Bounds, rtol: float | None) -> Off:
        """The truth is at most half a unit from the float64 that it rounds to."""
        nowhere = len(truths.entries)
        at = np.array([nowhere if entry is None else truths.position[entry] for entry in found.entries])
        nearest = np.append(truths.nearest, np.nan)[at]
        allowed = np.append(bounds.allowed, np.nan)[at]
        scale = np.append(bounds.scale, np.nan)[at]
        with np.errstate(all="ignore"):
            size = np.abs(nearest)
            half = np.where(size == 0, 0.0, np.spacing(size) / 2)
            gap = np.abs(found.values - nearest)
            proven = allowed * MARGIN <= float(ENOUGH) * np.where(size == 0, scale, size)
            within = ((gap + half) * MARGIN <= allowed) & proven & np.isfinite(allowed)
            agrees = (found.values == nearest) | within
            reach = np.maximum(np.maximum(allowed, TINY), max(float(SINGLE_PRECISION), rtol or 0.0) * size)
            if rtol is not None:
                reach = np.maximum(reach, rtol * np.append(bounds.beside, np.nan)[at])
            far = ~agrees & np.isfinite(gap) & (gap > MARGIN * (reach + half))
            if far.any():
                far &= gap > MARGIN * (np.append(bounds.loose, np.nan)[at] + half)
            wide = agrees & (gap > float(TO_ROUNDING) * size)
        return cls(far, ~agrees & ~far, wide, int((agrees & (size > 0)).sum()))


def _at_kinks(
    numbers: Numbers, one: Judged, wide: npt.NDArray[np.bool_], rtol: float | None
) -> dict[int, CheckedEntry]:
    """Entries are undecided whose truth is a convention that they do not follow: another is as good.

    The bound of backprop is no help there: it spans all that the slope may be on either side.
    """
    problem, given = numbers.problem, numbers.given
    if numbers.layers is not None:  # whole layers are computed clear of every edge
        return {}
    follows = max(TO_ROUNDING, Fraction(rtol or 0))
    doubtful = sorted(one.far.union(one.near, np.flatnonzero(wide).tolist()))
    doubtful = [i for i in doubtful if not _is_near(one[i], follows)]
    if not doubtful or not enclose(numbers.program, given, problem.objectives).tied:
        return {}
    referee, undecided = Referee.at(numbers), dict[int, CheckedEntry]()
    for i in doubtful:
        place = one.found.entries[i]
        if place and place[1] in given:
            ruling = referee.rule(*place)
            if ruling.is_convention(one.truths[place]):
                note = kink_note(problem, ruling.kinks[0])
                undecided[i] = replace(one[i], verdict="undecided", note=note)
    return undecided


def _is_near(entry: CheckedEntry, relative: Fraction) -> bool:
    """Whether a number is the truth within this relative error, or has none beside it."""
    if not entry.truth.defined:
        return True
    return isfinite(entry.value) and _error(entry) <= relative * abs(entry.truth.mid)


def _error(entry: CheckedEntry) -> Fraction:
    """How far a finite number is from all that its truth may be."""
    return abs(Fraction(entry.value) - entry.truth.mid) - entry.truth.radius


def _entry(
    given: Given, truths: Mapping[Entry, Enclosure], bounds: Bounds, rtol: float | None
) -> CheckedEntry:
    if given.entry is None:
        slip, why = (TRANSPOSED.name, TRANSPOSED.why) if given.transposed else (None, "")
        truth = Enclosure(None, None)
        return CheckedEntry(given.name, given.value, truth, 0.0, "wrong", slip, given.shape, why)
    make = _made(given, given.entry, truths, bounds)
    if not make.truth.defined:
        return replace(make, verdict="undecided", note=make.truth.why)
    if not isfinite(given.value):
        instead = bounds.way_round or bounds.forms
        return replace(make, note=_joined("not a finite number", instead))
    return _within(make, given.entry, bounds, rtol)


def _made(given: Given, key: Entry, truths: Mapping[Entry, Enclosure], bounds: Bounds) -> CheckedEntry:
    """Their number beside the truth and the bound, as long as nothing else is known: wrong."""
    stable = bounds.stable.get(key)
    return CheckedEntry(given.name, given.value, truths[key], stable.error if stable else 0.0, "wrong")


def _within(entry: CheckedEntry, key: Entry, bounds: Bounds, rtol: float | None) -> CheckedEntry:
    """The verdict on a finite number whose truth is known.

    Where a textbook form divides by what may be 0 it can claim nothing; then only the number that
    it does give is its own.
    """
    error = _error(entry)
    if error <= max(ROUNDED * abs(entry.truth.mid), Fraction(TINY)):
        return replace(entry, verdict="agree")
    if not isfinite(entry.allowed):
        return replace(entry, verdict="undecided", note="at a kink, or out of float64's range")
    if error <= Fraction(entry.allowed):
        return _allowed(entry, bounds.scale_of(key))
    textbook = bounds.textbook.get(key, Claim(entry.value, entry.allowed))
    if error <= Fraction(textbook.error) if isfinite(textbook.error) else entry.value == textbook.value:
        note = bounds.forms or bounds.lesser_forms or MORE_THAN_STABLE
        is_lost = not textbook.error < abs(entry.truth.mid)
        return replace(entry, verdict="imprecise", note=_joined(note, NO_DIGIT if is_lost else ""))
    return _off(entry, key, error, bounds, rtol)


def _allowed(entry: CheckedEntry, scale: Fraction) -> CheckedEntry:
    """The verdict within the bound, which must leave three digits: of the truth, or of the scale by a 0.

    Where it leaves fewer, the enclosure knows the truth, and a number that is the truth to rounding is right.
    """
    size = scale if entry.truth.holds_zero else abs(entry.truth.mid)
    if Fraction(entry.allowed) <= ENOUGH * size:
        return replace(entry, verdict="agree")
    if max(abs(entry.truth.mid), abs(Fraction(entry.value))) < SMALLEST:
        return replace(entry, verdict="agree", note=BELOW)
    if _error(entry) <= TO_ROUNDING * abs(entry.truth.mid):
        return replace(entry, verdict="agree", note=KEPT)
    return replace(entry, verdict="undecided", note=LOST)


SINGLE_PRECISION = Fraction(1, 10**4)
ROUNDED = Fraction(1, 2**52)
"""The true value rounded to float64 is right, whatever float64 arithmetic may lose."""

TO_ROUNDING = Fraction(1, 2**40)
"""A truth, or a convention, is met by a number that differs from it as sums of thousands of numbers may."""

ENOUGH = Fraction(1, 10**3)
TO_SINGLE = 2**29
"""What float32 rounds by, in units of float64's rounding."""

NEARLY = "near the truth, but not to float64's accuracy; for float32 pass rtol=1e-4"
UNLIKE_OTHERS = "near the truth, but not to float64's accuracy, as the others are"
NO_DIGIT = "no digit of the truth is left here"
MORE_THAN_STABLE = "beyond what stable forms lose in float64, and within what textbook forms may lose"
NOT_WRONG = frozenset({"agree", "imprecise", "undecided"})
LOST = "cancellation leaves float64 fewer than three digits here"
KEPT = "the truth to rounding, where float64 can promise fewer than three digits"


def _off(
    entry: CheckedEntry, key: Entry, error: Fraction, bounds: Bounds, rtol: float | None
) -> CheckedEntry:
    """The verdict beyond every bound of float64; a small relative error may be float32's."""
    if rtol is not None and (note := _tolerance(entry, key, error, bounds, rtol)):
        return replace(entry, verdict="imprecise", note=note)
    if error <= SINGLE_PRECISION * abs(entry.truth.mid):
        return replace(entry, note=_joined(NEARLY, bounds.libraries))
    return entry


def _tolerance(entry: CheckedEntry, key: Entry, error: Fraction, bounds: Bounds, rtol: float) -> str:
    """Why an error beyond every bound of float64 is accepted under an rtol, if it is.

    What cancels in float32 is known beside the largest entry of its array, within float32's own bound.
    """
    if error <= Fraction(rtol) * abs(entry.truth.mid):
        return f"within rtol = {rtol:g}"
    if error <= min(TO_SINGLE * bounds.loosest(key), Fraction(rtol) * bounds.beside_of(key)):
        return f"within float32's own bound, and rtol = {rtol:g} of the largest entry of its array"
    return ""


def _alone(off: Off, near: Mapping[int, CheckedEntry], bounds: Bounds) -> dict[int, CheckedEntry]:
    """Entries that are nearly right where more of the others are right: those are no float32."""
    wrong = ((i, entry) for i, entry in near.items() if entry.verdict == "wrong" and entry.truth.defined)
    nearly = [i for i, entry in wrong if _is_near(entry, SINGLE_PRECISION)]
    right = sum(entry.verdict == "agree" and entry.value != 0 for entry in near.values())
    if len(nearly) >= off.agreed + right:
        return {}
    return {i: replace(near[i], note=_joined(UNLIKE_OTHERS, bounds.libraries)) for i in nearly}


def _joined(*sentences: str) -> str:
    return "; ".join(filter(None, sentences))


# -- which slip ------------------------------------------------------------------------------------


def _slips(numbers: Numbers, one: Judged) -> dict[int, Explanation]:
    """What makes the wrong entries, by their places, where a slip does."""
    entries, values = one.found.entries, one.found.values
    places = [i for i in one.failing(NOT_WRONG) if _is_number(one, i)]
    if not places:
        return {}
    unsure = {i for i, entry in one.near.items() if entry.verdict != "agree"}
    right = {e: float(values[i]) for i, e in enumerate(entries) if e and i not in one.far and i not in unsure}
    wrong = Wrong([e for i in places if (e := entries[i])], values[places], one.truths)
    found = zip(places, explain(numbers, wrong, right), strict=True)
    return {i: slip for i, slip in found if slip is not None}


def _is_number(one: Judged, i: int) -> bool:
    """Whether a wrong entry is a number beside a truth."""
    if i in one.far:
        return True
    entry = one.near[i]
    return one.found.entries[i] is not None and entry.truth.defined and isfinite(entry.value)


# -- what a failure says ---------------------------------------------------------------------------

SHOWN = 12

WIDTH, INDENT = 79, 6
"""Columns of a message, and where a line goes on that has no label."""

_LABEL = re.compile("likely slip: ")


def report(result: Checked) -> str:
    """The failing entries as a table, the likely slips with their sentences, and the counts."""
    return "\n".join(line for whole in paragraphs(result) for line in _wrapped(whole))


def paragraphs(result: Checked) -> Iterator[str]:
    """The lines of a report, each however long it is."""
    failing = result.failing
    if not failing:
        yield f"all {len(result)} gradient entries agree"
        return
    yield f"{len(failing)} of {len(result)} gradient entries do not agree"
    yield ""
    for one, i in failing[:SHOWN]:
        yield from _lines(one[i])
    if len(failing) > SHOWN:
        yield f"  … and {len(failing) - SHOWN} more"
    slips = dict(slip for one, i in failing if (slip := one.likely(i)))
    if slips:
        yield ""
    yield from (f"likely slip: {name}. {why}" for name, why in slips.items())


def _wrapped(line: str) -> list[str]:
    """A line as several of a message, of which the further ones stand under the text behind its label."""
    label = _LABEL.match(line)
    margin = " " * (INDENT if label is None else label.end())
    return wrap(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False) or [""]


def _lines(entry: CheckedEntry) -> Iterator[str]:
    if not entry.truth.defined:
        yield f"  {entry.name}: {entry.verdict}: {entry.note}"
        return
    gap = abs(entry.value - nearest_float(entry.truth.mid))
    slip = f"    slip: {entry.slip}" if entry.slip else ""
    yield f"  {entry.name}: {entry.verdict}{slip}"
    yield f"      yours {entry.value!r}, true {entry.truth.text(17)}"
    yield f"      off by {gap:.3g}, allowed {entry.allowed:.3g}"
    if entry.note:
        yield f"      {entry.note}"
