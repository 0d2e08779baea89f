"""Somebody's gradient against ours, entry by entry, with the likely slip.

    agree      within the bound that stable backprop claims
    imprecise  beyond that, but within what a textbook form may lose in float64
    undecided  the truth is a convention here, or nothing can be claimed
    wrong      anything else

No tolerance is chosen: both bounds come from running error analysis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite

from derive.errors import AnswerError
from derive.problem import Problem
from derive.steps import given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import Enclosure, balls_of, enclose, nearest_float
from numeric.balls.referee import Referee, kink_note
from numeric.floats.backprop import use_claims
from numeric.floats.claims import Claim, Entry
from numeric.floats.lossy import advice, way_round
from numeric.floats.rounding import TINY
from numeric.judging.explaining import TRANSPOSED, Wrong, explain
from numeric.judging.theirs import Given, Gradient, entries_of
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
    """The result of a check; true only if every entry agrees."""

    entries: tuple[CheckedEntry, ...]
    accepted: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.entries) and all(entry.verdict in self.accepted for entry in self.entries)

    def __iter__(self) -> Iterator[CheckedEntry]:
        return iter(self.entries)

    @property
    def failures(self) -> tuple[CheckedEntry, ...]:
        return tuple(entry for entry in self.entries if entry.verdict not in self.accepted)

    def __str__(self) -> str:
        return report(self)

    def __repr__(self) -> str:
        return f"<Checked: {report(self).splitlines()[0]}>"


def check(theirs: Gradient, problem: Problem, *, samples: str = "rows", rtol: float | None = None) -> Checked:
    """Judge a gradient: a callable, or a mapping from names to numbers or arrays.

    samples  what a callable is called with: "rows" x is (samples, inputs),
             "columns" its transpose, "single" one sample at a time
    rtol     accept imprecise entries, and others within this relative error

    Raises AnswerError where names or shapes of results mean nothing here, and where a
    function is unspecified: nobody's numbers can be right or wrong then.
    """
    if problem.open_functions:
        names = ", ".join(problem.open_functions)
        raise AnswerError(f"not specified: {names}; numbers can only be checked where every function is")
    points = concrete(problem) if problem.is_free else (problem,)
    judged = [entry for point in points for entry in _judge(theirs, point, samples, rtol)]
    return Checked(tuple(judged), frozenset({"agree"} if rtol is None else {"agree", "imprecise"}))


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


def _judge(theirs: Gradient, problem: Problem, samples: str, rtol: float | None) -> list[CheckedEntry]:
    found = entries_of(theirs, problem, samples)
    wanted = [given.entry for given in found if given.entry]
    truths = _truths(problem, wanted)
    bounds = Bounds.of(problem)
    judged = [_entry(given, truths, bounds, rtol) for given in found]
    return _explained(problem, found, truths, _at_kinks(problem, found, truths, judged))


def _at_kinks(
    problem: Problem,
    found: Sequence[Given],
    truths: Mapping[Entry, Enclosure],
    judged: list[CheckedEntry],
) -> list[CheckedEntry]:
    """Wrong entries whose truth is a convention are undecided: another convention is as good."""
    program, given = program_of(problem), balls_of(given_values(problem))
    if not enclose(program, given, problem.objectives).tied:
        return judged
    referee = Referee.of(program, given, problem.objectives)
    for i, (theirs, entry) in enumerate(zip(found, judged, strict=True)):
        if entry.verdict == "wrong" and theirs.entry and theirs.entry[1] in given:
            ruling = referee.rule(*theirs.entry)
            if ruling.is_convention(truths[theirs.entry]):
                judged[i] = replace(entry, verdict="undecided", note=kink_note(problem, ruling.kinks[0]))
    return judged


def _truths(problem: Problem, entries: Sequence[Entry]) -> Mapping[Entry, Enclosure]:
    program = program_of(problem)
    by_objective: dict[str, list[str]] = {}
    for of, by in dict.fromkeys(entries):
        by_objective.setdefault(of, []).append(by)
    steps = [step for of, names in by_objective.items() for step in sweep(program, of, names)]
    known = enclose(
        program.plus(steps), balls_of(given_values(problem)), [adjoint(*entry) for entry in entries]
    )
    return {entry: known[adjoint(*entry)] for entry in entries}


@dataclass(frozen=True)
class Bounds:
    """What float64 backprop may be off by, in stable forms and in the textbook's, at each entry."""

    stable: Mapping[Entry, Claim]
    textbook: Mapping[Entry, Claim]
    forms: str
    way_round: str

    @classmethod
    def of(cls, problem: Problem) -> Bounds:
        forms = (advice(problem), way_round(problem))
        return cls(use_claims(problem), use_claims(problem, textbook=True), *forms)


def _entry(
    given: Given, truths: Mapping[Entry, Enclosure], bounds: Bounds, rtol: float | None
) -> CheckedEntry:
    if given.entry is None:
        slip, why = (TRANSPOSED.name, TRANSPOSED.why) if given.transposed else (None, "")
        truth = Enclosure(None, None)
        return CheckedEntry(given.name, given.value, truth, 0.0, "wrong", slip, given.shape, why)
    truth = truths[given.entry]
    stable = bounds.stable.get(given.entry)
    allowed = stable.error if stable else 0.0
    make = CheckedEntry(given.name, given.value, truth, allowed, "wrong")
    if not truth.defined:
        return replace(make, verdict="undecided", note=truth.why)
    textbook = bounds.textbook.get(given.entry, Claim(given.value, allowed))
    if not isfinite(given.value):
        instead = bounds.way_round or bounds.forms
        return replace(make, note="; ".join(filter(None, ("not a finite number", instead))))
    return _within(make, textbook, bounds.forms, rtol)


def _within(entry: CheckedEntry, textbook: Claim, forms: str, rtol: float | None) -> CheckedEntry:
    """The verdict on a finite number whose truth is known.

    Where a textbook form divides by what may be 0 it can claim nothing; then only the number that
    it does give is its own.
    """
    error = abs(Fraction(entry.value) - entry.truth.mid) - entry.truth.radius
    if error <= max(ROUNDED * abs(entry.truth.mid), Fraction(TINY)):
        return replace(entry, verdict="agree")
    if not isfinite(entry.allowed):
        return replace(entry, verdict="undecided", note="at a kink, or out of float64's range")
    if error <= Fraction(entry.allowed):
        proven = entry.truth.holds_zero or Fraction(entry.allowed) <= ENOUGH * abs(entry.truth.mid)
        return replace(entry, verdict="agree") if proven else replace(entry, verdict="undecided", note=LOST)
    if error <= Fraction(textbook.error) if isfinite(textbook.error) else entry.value == textbook.value:
        return replace(entry, verdict="imprecise", note=forms)
    return _off(entry, error, rtol)


SINGLE_PRECISION = Fraction(1, 10**4)
ROUNDED = Fraction(1, 2**52)
"""The true value rounded to float64 is right, whatever float64 arithmetic may lose."""

ENOUGH = Fraction(1, 10**3)
LOST = "cancellation leaves float64 fewer than three digits here"


def _off(entry: CheckedEntry, error: Fraction, rtol: float | None) -> CheckedEntry:
    """Beyond every bound of float64; a small relative error may be float32's."""
    size = abs(entry.truth.mid)
    if rtol is not None and error <= Fraction(rtol) * size:
        return replace(entry, verdict="imprecise", note=f"within rtol = {rtol:g}")
    if error <= SINGLE_PRECISION * size:
        return replace(
            entry, note="near the truth, but not to float64's accuracy; for float32 pass rtol=1e-4"
        )
    return entry


# -- which slip ------------------------------------------------------------------------------------


def _explained(
    problem: Problem,
    found: Sequence[Given],
    truths: Mapping[Entry, Enclosure],
    judged: list[CheckedEntry],
) -> list[CheckedEntry]:
    """Each wrong entry with the slip that produces it, where one does."""
    wrong = {
        i: Wrong(entry, Fraction(made.value), made.truth)
        for i, made in enumerate(judged)
        if made.verdict == "wrong"
        and (entry := found[i].entry)
        and made.truth.defined
        and isfinite(made.value)
    }
    agreed = [entry for i, made in enumerate(judged) if made.verdict == "agree" and (entry := found[i].entry)]
    right = {entry: truths[entry] for entry in agreed}
    slips = explain(problem, [*wrong.values()], right, truths) if wrong else []
    for i, slip in zip(wrong, slips, strict=True):
        if slip is not None:
            judged[i] = replace(judged[i], slip=slip.name, why=slip.why)
    return judged


# -- what a failure says ---------------------------------------------------------------------------

SHOWN = 12


def report(result: Checked) -> str:
    """The failing entries as a table, the likely slips with their sentences, and the counts."""
    failures = result.failures
    if not failures:
        return f"all {len(result.entries)} gradient entries agree"
    lines = [f"{len(failures)} of {len(result.entries)} gradient entries do not agree", ""]
    lines += [line for entry in failures[:SHOWN] for line in _lines(entry)]
    if len(failures) > SHOWN:
        lines.append(f"  … and {len(failures) - SHOWN} more")
    slips = {entry.slip: entry.why for entry in failures if entry.slip}
    lines += ["", *(f"likely slip: {name}. {why}" for name, why in slips.items())] if slips else []
    return "\n".join(lines)


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
