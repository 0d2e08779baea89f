"""Verdicts on the figures that a source prints.

A figure is an interval of half a unit in its last place.

    right     the true value rounds to it
    wrong     a slip of the derivation reproduces all of five or more digits
    rounding  it is reached when the pass is worked with rounded intermediates, or all updates in float64
    unknown   it could not be evaluated, or a training in float64 may end anywhere
    wrong     anything else
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import islice

from derive.expressions import formula_of
from derive.formula.nodes import Derivative, Name
from derive.problem import Figure, Problem
from derive.quantities import Quantity, resolve
from derive.slips import EVERYWHERE, GRADIENT_SLIPS, READ_EARLY, UPDATE_SLIPS, Slip, slips_of, swept
from derive.steps import Program, Step, Term, program_of
from derive.sweep import adjoint, derivative
from derive.training.update import trained, update_program, updated
from numeric.balls.enclosure import Enclosure, enclose, enclosure, settle
from numeric.balls.float_path import Paths, float_path
from numeric.balls.operations import Ball
from numeric.balls.referee import Referee, kink_note
from numeric.balls.rounded_pass import FLOAT64, Rounding, rounded_value, roundings
from numeric.balls.tape import Tape
from numeric.balls.training import Course, State, batches, follow
from numeric.decimals import digit_count, fraction, half_unit, last_place
from numeric.judging.slipped import Slipped, is_beyond_chance

LEAST_SLIP_DIGITS = 5
"""Fewer printed digits could match a slip by chance."""

FIGURE = "the figure"

UNEXPLAINED = "no slip that is known gives this figure, and no rounding on the way reaches it"

UNTRIED = "no rounding on the way reaches this figure; so long a training is not worked again with each slip"

FLOATED = "reached with every operation of every update rounded to float64"

FEW = 32
"""Updates that are followed at once in proven balls, whatever slip is in them."""

APART = 1024
"""How many times as far as these paths, and the truth, are from one another another program may end."""

NEAR = Fraction(1, 10**6)
"""How close a slip's training in float64 comes to a figure that it makes."""

MOST_STEPS_FLOATED = 25 * 10**6
"""Of trainings in float64, one with each slip."""


@dataclass(frozen=True)
class Judgement:
    """One figure's verdict: the truth, and where it is wrong or rounded, how it came about."""

    figure: Figure
    truth: Enclosure
    verdict: str
    slip: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Leaf:
    """A quantity that a figure's formula reads, and the number of updates before it was read."""

    quantity: Quantity
    after: int


@dataclass(frozen=True)
class Reader:
    """Evaluates quantities of one problem at any moment of its training, each state computed once.

    course   of the right training
    slipped  of trainings with a slip, by its name, as far as figures needed them
    floated  the same in float64, without a proof
    """

    problem: Problem
    program: Program
    course: Course
    slipped: dict[str, Course] = field(default_factory=dict)
    floated: dict[str, Course] = field(default_factory=dict)

    def slip(self, slip: Slip, after: Iterable[int]) -> Course:
        """The training with a slip in every update, at these moments."""
        known = self.slipped.get(slip.name, Course({})).states
        missing = set(after) - known.keys()
        if missing:
            found = follow(self.problem, missing, partial(slip.edit, self.problem)).states
            self.slipped[slip.name] = Course({**known, **found})
        return self.slipped[slip.name]

    def slip_in_float64(self, slip: Slip, after: Set[int]) -> Course:
        """The same in float64: run once, for all that figures read up to the last of these moments."""
        if not set(after) <= self.floated.get(slip.name, Course({})).states.keys():
            moments = {n for n in moments_of_figures(self.problem) if n <= max(after)} | set(after)
            edit = partial(slip.edit, self.problem)
            self.floated[slip.name] = float_path(self.problem, moments, edit)
        return self.floated[slip.name]

    @cached_property
    def in_float64(self) -> Paths:
        """The training in float64 at the moments that all figures read."""
        return Paths.of(self.problem, moments_of_figures(self.problem))

    def extended(self, quantity: Quantity, *, usual: bool = False) -> tuple[Program, str]:
        """The program with the steps of a quantity's derivative, and its key."""
        return derivative(self.program, quantity.of, quantity.by, usual=usual)


def judge_all(problem: Problem, course: Course | None = None) -> tuple[Judgement, ...]:
    """A verdict on every published figure, in the order of the file.

    course  the training at `moments_of_figures`, where it has been run already
    """
    if not problem.published:
        return ()
    if problem.is_free:
        functions = f"not specified: {', '.join(problem.open_functions)}"
        why = "some numbers of the problem are free" if problem.has_free_numbers else functions
        unknown = Enclosure(None, None, why)
        return tuple(Judgement(figure, unknown, "unknown", note=unknown.why) for figure in problem.published)
    reader = Reader(problem, program_of(problem), course or follow(problem, moments_of_figures(problem)))
    firsts = [_first(reader, figure) for figure in problem.published]
    coarsest = _coarsest(firsts)
    return tuple(
        judgement if judgement.verdict != "wrong" else _explained(reader, judgement, coarsest)
        for judgement in firsts
    )


def moments_of_figures(problem: Problem) -> frozenset[int]:
    """The updates after which the published figures and their rounding read the training."""
    leaves = [leaf for figure in problem.published for leaf in leaves_of(problem, figure)]
    return frozenset({0}) | {n for leaf in leaves if leaf.after for n in (leaf.after, leaf.after - 1)}


def leaves_of(problem: Problem, figure: Figure) -> list[Leaf]:
    """What a figure's formula reads; a prime is one update."""
    _, parts = formula_of(figure.node)
    return [Leaf(resolve(problem, part), figure.after + _primes(part)) for part in parts]


def _primes(part: Name | Derivative) -> int:
    return part.primes if isinstance(part, Name) else part.of.primes


def _first(reader: Reader, figure: Figure) -> Judgement:
    """Right, unknown, or wrong for now."""
    leaves = leaves_of(reader.problem, figure)
    if any(leaf.after not in reader.course.states for leaf in leaves):
        end = f"the proof ends after about {reader.course.end} updates"
        why = f"the training cannot be enclosed in balls; it runs away or is too long: {end}"
        return Judgement(figure, Enclosure(None, None, why), "unknown", note=why)
    truth = _figure_value(figure, [_value(reader, leaf, reader.course) for leaf in leaves])
    if not truth.defined:
        return Judgement(figure, truth, "unknown", note=truth.why)
    return Judgement(figure, truth, "right" if matches(truth, figure.printed) else "wrong")


def _value(reader: Reader, leaf: Leaf, course: Course) -> Ball:
    program, key = reader.extended(leaf.quantity)
    return _ball(program, key, course.at(leaf.after))


def _ball(program: Program, key: str, state: State) -> Ball:
    if key in state.values:
        return state.values[key]
    tape = Tape.of(program.only((key,)), state.values)
    return settle(tape, state.values, (key,))[key]


def _figure_value(figure: Figure, values: Sequence[Ball]) -> Enclosure:
    """The figure's formula at the values of what it reads."""
    program, given = _figure_program(figure, values)
    return enclose(program, given, (FIGURE,))[FIGURE]


def _figure_program(figure: Figure, values: Sequence[Ball]) -> tuple[Program, dict[str, Ball]]:
    formula, parts = formula_of(figure.node)
    names = tuple(map(str, parts))
    step = Step(FIGURE, (Term(formula, names),), "published")
    return Program((step,)), dict(zip(names, values, strict=True))


def matches(truth: Enclosure, printed: str) -> bool:
    """Whether the whole enclosure rounds to the figure; a tie rounds either way."""
    assert truth.lo is not None and truth.hi is not None
    value, half = fraction(printed), half_unit(printed)
    return value - half <= truth.lo and truth.hi <= value + half


def _reaches(interval: Enclosure, printed: str) -> bool:
    if interval.lo is None or interval.hi is None:
        return False
    value, half = fraction(printed), half_unit(printed)
    return interval.lo <= value + half and value - half <= interval.hi


def _coarsest(judgements: Sequence[Judgement]) -> int | None:
    """The place of the coarsest figure that is right without being exact."""
    places = [
        last_place(judgement.figure.printed)
        for judgement in judgements
        if judgement.verdict == "right" and judgement.truth.mid != fraction(judgement.figure.printed)
    ]
    return max(places, default=None)


def _explained(reader: Reader, judgement: Judgement, coarsest: int | None) -> Judgement:
    """A figure that is not right: by a convention, by a slip, by rounding, or simply wrong."""
    figure = judgement.figure
    convention = _convention(reader, judgement)
    if convention:
        return replace(judgement, verdict="unknown", note=convention)
    slip, others = _matched(reader, figure)
    if slip is not None:
        return replace(judgement, slip=slip.name, note=slip.text)
    for rounding in roundings(figure.printed, coarsest):
        if _reaches(_rounded(reader, figure, rounding), figure.printed):
            return replace(judgement, verdict="rounding", note=f"reached with {rounding.name}")
    verdict, note = _in_float64(reader, judgement)
    if verdict == "wrong" and others:
        note = f"also consistent with: {'; '.join(others)}"
    return replace(judgement, verdict=verdict, note=note)


def _in_float64(reader: Reader, judgement: Judgement) -> tuple[str, str]:
    """What a figure deserves that may come of a whole training in float64, and why; else wrong.

    A first update is judged by its own roundings: what it starts from is exact. Where paths an ulp apart
    part, no bound is known of where another program ends.
    """
    leaves = leaves_of(reader.problem, judgement.figure)
    latest = max((leaf.after for leaf in leaves), default=0)
    if latest < 2:
        return "wrong", UNEXPLAINED
    unexplained = UNTRIED if _is_too_long(update_program(reader.problem), latest) else UNEXPLAINED
    ends = _ends_in_float64(reader, judgement.figure, leaves)
    if not ends:
        return "wrong", unexplained
    low, high = min(ends), max(ends)
    assert judgement.truth.lo is not None and judgement.truth.hi is not None
    margin = APART * (max(high, judgement.truth.hi) - min(low, judgement.truth.lo))
    is_reached = _reaches(Enclosure(low - margin, high + margin), judgement.figure.printed)
    parted = reader.in_float64.parted
    if parted is None or parted > latest:
        return ("rounding", FLOATED) if is_reached else ("wrong", unexplained)
    apart = f"float64 keeps no digit after about {parted} updates: trainings an ulp apart"
    apart += f" end between {float(low):.3g} and {float(high):.3g}"
    if is_reached:
        return "rounding", f"{apart}, and another order of sums gives another number"
    return "unknown", f"{apart}, none of them near this figure"


def _ends_in_float64(reader: Reader, figure: Figure, leaves: Sequence[Leaf]) -> list[Fraction]:
    """The ends of what a figure is after each training in float64 that comes so far."""
    courses = reader.in_float64.courses
    complete = [course for course in courses if all(leaf.after in course.states for leaf in leaves)]
    values = [_rounded(replace(reader, course=course), figure, FLOAT64) for course in complete]
    return [end for value in values for end in (value.lo, value.hi) if end is not None]


def trials(problem: Problem, figure: Figure) -> Iterator[Trial]:
    """What a figure is under each slip that could have made it; those made everywhere come first."""
    moments = moments_of_figures(replace(problem, published=(figure,)))
    reader = Reader(problem, program_of(problem), follow(problem, moments))
    if all(leaf.after in reader.course.states for leaf in leaves_of(problem, figure)):
        yield from _slipped(reader, figure)


MOST_NAMED = 3
"""Of the slips that a figure is consistent with by chance, perhaps."""


def _matched(reader: Reader, figure: Figure) -> tuple[Slip | None, list[str]]:
    """The slip that makes the figure, where chance is ruled out; else the names of those that would make it.

    Every slip that was tried before counts against a match. Once chance cannot be ruled out any more,
    only those that are made everywhere are tried on.
    """
    if digit_count(figure.printed) < LEAST_SLIP_DIGITS:
        return None, []
    width, printed = 2 * half_unit(figure.printed), fraction(figure.printed)
    others: list[str] = []
    for tried, (slip, value, is_wide) in enumerate(_slipped(reader, figure), 1):
        proves = is_beyond_chance(tried, width, printed)
        if not proves and not is_wide:
            break
        if value.defined and matches(value, figure.printed):
            if proves:
                return slip, []
            others.append(slip.name)
    return None, others[:MOST_NAMED]


def _convention(reader: Reader, judgement: Judgement) -> str:
    """Why a first derivative of an objective is a convention here, where it is: another is as good."""
    leaves = leaves_of(reader.problem, judgement.figure)
    if not isinstance(judgement.figure.node, Derivative) or leaves[0].after:
        return ""
    of, by = leaves[0].quantity.of, leaves[0].quantity.by
    given = reader.course.at(0).values
    if of not in reader.problem.objectives or len(by) != 1 or by[0] not in given:
        return ""
    ruling = Referee.of(reader.program, given, (of,)).rule(of, by[0])
    return kink_note(reader.problem, ruling.kinks[0]) if ruling.is_convention(judgement.truth) else ""


def _rounded(reader: Reader, figure: Figure, rounding: Rounding) -> Enclosure:
    """The values that the figure can take when the pass before it is rounded."""
    values = [_rounded_leaf(reader, leaf, rounding) for leaf in leaves_of(reader.problem, figure)]
    program, given = _figure_program(figure, values)
    return enclosure(rounded_value(program, FIGURE, given, rounding))


def _rounded_leaf(reader: Reader, leaf: Leaf, rounding: Rounding) -> Ball:
    """Given numbers and trained weights are exact; a parameter is the outcome of its last update."""
    parameter = reader.problem.parameter.get(leaf.quantity.of)
    key = leaf.quantity.of if parameter is None else parameter.key
    if leaf.after and not leaf.quantity.by and key in trained(reader.problem):
        batch = next(islice(batches(reader.problem), leaf.after - 1, None))
        program = update_program(reader.problem, batch, usual=True)
        return rounded_value(program, updated(key), reader.course.at(leaf.after - 1).values, rounding)
    if leaf.after and parameter is not None and not leaf.quantity.by:
        return reader.course.at(leaf.after).values[key]
    program, key = reader.extended(leaf.quantity, usual=True)
    given = reader.course.at(leaf.after).values
    return given[key] if key in given else rounded_value(program, key, given, rounding)


Trial = tuple[Slip, Enclosure, bool]
"""A slip, the value that it gives, and whether it is made everywhere."""


def _slipped(reader: Reader, figure: Figure) -> Iterator[Trial]:
    """The figure's value under each slip that could have made it."""
    leaves = leaves_of(reader.problem, figure)
    latest = max((leaf.after for leaf in leaves), default=0)
    if latest:
        yield from _update_slips(reader, figure, leaves, latest)
    else:
        yield from _gradient_slips(reader, figure, leaves)


MOST_STEPS = 2_000
"""Of an update that is worked again with each slip of its gradient."""


def _update_slips(reader: Reader, figure: Figure, leaves: Sequence[Leaf], latest: int) -> Iterator[Trial]:
    """Slips of the update; of the first one, if it is short, those of its gradient too."""
    early = [replace(leaf, after=leaf.after - 1) if leaf.after else leaf for leaf in leaves]
    yield READ_EARLY, _figure_value(figure, [_value(reader, leaf, reader.course) for leaf in early]), True
    right = update_program(reader.problem)
    if _is_too_long(right, latest):
        return
    deeper = GRADIENT_SLIPS.values() if latest == 1 and len(right.steps) <= MOST_STEPS else ()
    for slip in (*UPDATE_SLIPS.values(), *deeper):
        if slip.edit(reader.problem, right) == right:
            continue
        if not _may_make(reader, figure, leaves, slip):
            yield slip, Enclosure(None, None, "float64 is led elsewhere"), True
            continue
        course = reader.slip(slip, {leaf.after for leaf in leaves})
        if all(leaf.after in course.states for leaf in leaves):
            yield slip, _figure_value(figure, [_value(reader, leaf, course) for leaf in leaves]), True


def _is_too_long(update: Program, latest: int) -> bool:
    return latest > FEW and latest * len(update.steps) * len(UPDATE_SLIPS) > MOST_STEPS_FLOATED


def _may_make(reader: Reader, figure: Figure, leaves: Sequence[Leaf], slip: Slip) -> bool:
    """Whether a slip's training is worth a proof: over many updates, if it comes near in float64."""
    after = {leaf.after for leaf in leaves}
    if max(after) <= FEW:
        return True
    course = reader.slip_in_float64(slip, after)
    if not after <= course.states.keys():
        return True
    value, printed = _figure_value(figure, [_value(reader, leaf, course) for leaf in leaves]), figure.printed
    if not value.defined:
        return True
    return abs(value.mid - fraction(printed)) <= half_unit(printed) + NEAR * abs(fraction(printed))


def _gradient_slips(reader: Reader, figure: Figure, leaves: Sequence[Leaf]) -> Iterator[Trial]:
    """Slips of the sweep, for a figure that reads first derivatives of one quantity."""
    keys = [adjoint(leaf.quantity.of, *leaf.quantity.by) if _is_slope(leaf) else "" for leaf in leaves]
    slopes = [leaf.quantity for leaf in leaves if _is_slope(leaf)]
    sources = {slope.of for slope in slopes}
    if len(sources) != 1:
        return
    sweep = swept(reader.problem, sources.pop(), [slope.by[0] for slope in slopes])
    wanted = [key for key in keys if key]
    slipped = Slipped.of(sweep, reader.course.at(0).values, wanted)
    right = [_value(reader, leaf, reader.course) for leaf in leaves]
    for slip in slips_of(sweep, wanted):
        changed = slipped.under(slip.made)
        values = [changed.get(key, value) for key, value in zip(keys, right, strict=True)]
        yield slip, _figure_value(figure, values), slip.grain == EVERYWHERE


def _is_slope(leaf: Leaf) -> bool:
    return len(leaf.quantity.by) == 1
