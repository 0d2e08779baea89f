"""Training in ball arithmetic: the exact parameters after N updates, proven.

Each update is a run of the update's program, its results handed to the next.
Balls widen a little with every update: by many bits each while the parameters
move fast, and by ever the same few later on. So a run that goes wrong tells
which precision will do, the better the further it came. Where that is much, a
path of points with the truth beside it comes as far with a few hundred bits.
What would take much longer than anybody waits is not begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from math import ceil

import numpy as np
from flint import ctx, fmpq

from derive.problem import Problem, Training
from derive.steps import Program, given_values
from derive.sweep import adjoint
from derive.training.update import carried_over, setting, trained, update_program
from derive.training.update_rules import NUMBER, RATE, SYMBOLS
from derive.whole_functions import MeanRoot
from numeric.balls.enclosure import ENOUGH_BITS, balls_of
from numeric.balls.operations import FUNCTIONS, Ball, ball, exact
from numeric.balls.points import SPARE_BITS, Update
from numeric.balls.repeated import Repeated
from numeric.balls.tape import Tape

Edit = Callable[[Program], Program]

FIRST_BITS = 256
LAST_BITS = 16_384
FASTEST = 4
"""By how much precision is raised at once: what the first updates lose says little of the later ones."""

TELLING = 10
"""A run that came through less than this part of the updates says little of the others."""

MARGIN = Fraction(11, 10)
CHECK_EVERY = 16

SOME = 512
"""Updates that tell how many bits the others will lose."""

MADE_PLAINLY = 32
"""Updates before the first point: in them the states of a rule come to be other than 0."""

ROOTED_BITS = 896
"""Of the first points under a rule that divides by the root of past squares.

As the gradients vanish, so does the root, and the steps are as long as ever, until they overshoot: from
there on the truth itself doubles what it is moved by, at nearly every update, till a spike restores the
root. The exact path goes on between the slopes of its valley for the longer, the less it was moved before.
"""

MOST_OF_POINTS = 4096
"""Bits of points; a path that loses more is chaos."""


MOST_WORK = 6 * 10**10
"""Operations of an update times bits, for one training: ten seconds or so of an idle core."""

DERIVATIVE = 100
"""What one derivative of an operation over its boxes takes, in such operations times bits."""


GAMBLE = 2
"""How many times the work of a plain run has to be left for it: it may well need more bits than it seemed."""


class DivergenceError(ArithmeticError):
    """The parameters cannot be enclosed: training runs away, or no precision in reach suffices."""


@dataclass(frozen=True)
class State:
    """All that the next update reads at one moment of training, and the precision that it is known at."""

    values: Mapping[str, Ball]
    bits: int


@dataclass(frozen=True)
class Course:
    """A training at some moments, as far as it can be enclosed: run once, for all that ask of it.

    end  where moments are missing, how many updates could be followed, about
    """

    states: Mapping[int, State]
    end: int = 0

    def at(self, after: int) -> State:
        """All that is read after so many updates. Raises DivergenceError."""
        if after not in self.states:
            known = f"the proof ends after about {self.end}"
            raise DivergenceError(f"the parameters after {after} updates cannot be enclosed; {known}")
        return self.states[after]


def unchanged(program: Program) -> Program:
    """No slip: the program as it is."""
    return program


def follow(problem: Problem, after: Iterable[int], edit: Edit = unchanged) -> Course:
    """The given values after each of these numbers of updates, up to the last that can be enclosed.

    First as far as plain balls of some precision come, then along points with the
    truth beside them, and where neither can say, in plain balls of all they need.
    """
    wanted = sorted(set(after))
    if wanted == [0]:
        return Course({0: State(start(problem), FIRST_BITS)})
    run = _Run(problem, edit)
    found, lost = run.attempt(wanted, FIRST_BITS, hasty=True)
    if lost is not None and wanted[-1] > MADE_PLAINLY:
        found |= run.along_points([n for n in wanted if n not in found])
    bits = FIRST_BITS
    while lost is not None and len(found) < len(wanted):
        bits = max(2 * bits, min(_enough(lost, wanted[-1]), _most(bits, lost, wanted[-1])))
        if bits > LAST_BITS or run.followed_plainly(GAMBLE * bits) < min(set(wanted) - found.keys()):
            break
        plain, lost = run.attempt(wanted, bits)
        found |= plain
    return Course(found, run.end)


def updates(problem: Problem, edit: Edit = unchanged) -> Iterator[Update]:
    """The updates of a training, one after another, without end."""
    return _Run(problem, edit).updates()


Lost = Sequence[tuple[int, int]]
"""How many bits were lost by so many updates, from none on."""


def _most(bits: int, lost: Lost, updates: int) -> int:
    """As far as precision may be raised after a run that came so far: a short one says too little."""
    return FASTEST * bits if TELLING * lost[-1][0] < updates else LAST_BITS


def _enough(lost: Lost, updates: int) -> int:
    """The precision at which `updates` updates should leave enough, if they go on as the last half did."""
    return min(LAST_BITS, SPARE_BITS + ceil(_expected(lost, updates) * MARGIN))


def _expected(lost: Lost, updates: int) -> int:
    """The bits that are known in the end, and those that are lost on the way there."""
    made, gone = lost[-1]
    before, gone_before = lost[len(lost) // 2 - 1]
    rate = Fraction(gone - gone_before, made - before)
    return ENOUGH_BITS + ceil(gone + rate * (updates - made))


@dataclass
class _Run:
    """A training that is run at one precision or another, from its beginning.

    tapes    of the first batch of each size; shuffled ones are nearly all different, and share it
    known    the update of each batch, which reads its samples in the place of those of that first one
    counted  whether an update reads its own number
    left     of the work that may be done
    end      how many updates could be followed, about
    """

    problem: Problem
    edit: Edit
    tapes: dict[int | None, Tape] = field(default_factory=dict)
    known: dict[tuple[str, ...] | None, Update] = field(default_factory=dict)
    counted: bool = False
    left: int = field(default_factory=lambda: MOST_WORK)
    end: int = 0

    def __post_init__(self) -> None:
        self.start, self.handed_on = start(self.problem), carried_over(self.problem)
        self.trained = trained(self.problem)

    def updates(self) -> Iterator[Update]:
        """One after another, without end."""
        for number, batch in enumerate(batches(self.problem), 1):
            if batch not in self.known:
                self.known[batch] = self._compiled(batch)
            update = self.known[batch]
            if self.counted:
                update = Update(update.tape, {**update.given, setting(NUMBER): fmpq(number)})
            yield update

    def _compiled(self, batch: tuple[str, ...] | None) -> Update:
        size = _size(batch)
        first = None if batch is None else self.problem.samples[: len(batch)]
        if size not in self.tapes:
            # What the next update reads and nothing else: C itself is asked for at a few moments only.
            update = self.edit(update_program(self.problem, first)).only(self.handed_on.values())
            tape = self.tapes[size] = Tape.of(update, [*self.start])
            self.counted = tape.reads(setting(NUMBER))
        suffixes = dict(zip(first or (), batch or (), strict=True))
        parted = ((key, key.partition("@")) for key in self.start)
        named = ((key, name, at + tail) for key, (name, at, tail) in parted if at)
        given = {key: self.start[name + suffixes[own]] for key, name, own in named if own in suffixes}
        return Update(self.tapes[size], given)

    @property
    def _operations(self) -> int:
        """Of the longest update."""
        return max(len(tape.code) for tape in self.tapes.values() or [next(self.updates()).tape])

    def followed_plainly(self, bits: int) -> int:
        """How many updates there is work left for, at a precision."""
        return self.left // (self._operations * bits)

    def followed_by_points(self) -> int:
        """How many updates there is work left for, if all are differentiated."""
        return self.left // (self._operations * len(self.handed_on) * DERIVATIVE)

    def attempt(
        self, wanted: Sequence[int], bits: int, *, hasty: bool = False
    ) -> tuple[dict[int, State], Lost | None]:
        """The states from one precision; where it fails, the bits that were lost on the way.

        hasty  give up where this precision will hardly do to the end

        What is lost is not carried along: an update works with the bits that are still known, and some.
        """
        point, found = [self.start[key] for key in self.handed_on], dict[int, State]()
        if 0 in wanted:
            found[0] = State(dict(self.start), bits)
        updates, made, known, lost = self.updates(), 0, bits, [(0, 0)]
        machines = dict[int, Repeated]()
        with ctx.workprec(bits):
            for moment in _looked_at(wanted):
                for update in islice(updates, moment - made):
                    if id(update.tape) not in machines:
                        machines[id(update.tape)] = Repeated.of(update.tape, self.start, self.handed_on)
                    point = machines[id(update.tape)].run(point, update.given)
                self.left -= (moment - made) * self._operations * bits
                made = moment
                values = dict(zip(self.handed_on, point, strict=True))
                known = self._known_bits(values, bits)
                lost.append((made, bits - known))
                if known < ENOUGH_BITS or self.left < 0:
                    return found, lost
                self.end = max(self.end, made)
                if hasty and made % SOME == 0 and _expected(lost, wanted[-1]) > bits:
                    return found, lost
                if made in wanted:
                    found[made] = State(self._after(made, values), bits)
                ctx.prec = min(bits, known + SPARE_BITS)
        return found, None

    def _after(self, made: int, handed: Mapping[str, Ball]) -> dict[str, Ball]:
        """All that the next update reads, after so many."""
        return {**self.start, **handed, setting(NUMBER): fmpq(made + 1)}

    def along_points(self, wanted: Sequence[int]) -> dict[int, State]:
        """The states that a path of points says enough of; the first updates are made plainly."""
        from numeric.balls.float_balls import LimitError  # few trainings are so long
        from numeric.balls.shadowing import shadowed

        bits, found = ROOTED_BITS if self._rooted() else FIRST_BITS, dict[int, State]()
        while (most := self.followed_by_points()) > 0:
            near = [n for n in wanted if n <= most]
            if found.keys() >= set(near):
                self.end = max(self.end, most)
                break
            begun, failed = self.attempt([MADE_PLAINLY], 2 * bits)
            if failed is not None:
                break
            try:
                shadow = shadowed(
                    begun[MADE_PLAINLY].values,
                    islice(self.updates(), MADE_PLAINLY, None),
                    self.handed_on,
                    [adjoint(self.problem.objectives[0], key) for key in self.trained],
                    [n - MADE_PLAINLY for n in near],
                    bits,
                )
            except LimitError:
                break
            made = shadow.lost[-1][0]
            self.end = max(self.end, MADE_PLAINLY + made)
            self.left -= made * self._operations * len(self.handed_on) * DERIVATIVE
            for n, handed in shadow.states.items():
                made = n + MADE_PLAINLY
                values = self._after(made, handed)
                if self._known_bits(values, bits) >= ENOUGH_BITS:
                    found[made] = State(values, bits)
            if len(found) == len(wanted) or bits == MOST_OF_POINTS:
                break
            bits = min(MOST_OF_POINTS, max(3 * bits, _enough(shadow.lost, wanted[-1])))
        return found

    def _rooted(self) -> bool:
        """Whether an update divides by a root of past squares."""
        return any(step[0] is FUNCTIONS[MeanRoot] for tape in self.tapes.values() for step in tape.code)

    def _known_bits(self, values: Mapping[str, Ball], bits: int) -> int:
        return min((_known_bits(values[key]) for key in self.trained), default=bits)


def _looked_at(wanted: Sequence[int]) -> list[int]:
    """The moments, in order: those that are asked for, but the start, and every sixteenth update."""
    return sorted({*range(CHECK_EVERY, wanted[-1], CHECK_EVERY), *wanted} - {0})


def _size(batch: tuple[str, ...] | None) -> int | None:
    return None if batch is None else len(batch)


def _known_bits(value: Ball) -> int:
    """Bits after the point, or of the number where it is large: a 0 needs no relative accuracy."""
    if isinstance(value, fmpq):
        return LAST_BITS
    point = ball(value)
    return point.rel_one_accuracy_bits() if point.is_finite() else 0


def start(problem: Problem) -> dict[str, Ball]:
    """What the first update reads: the given values, the training's own numbers, every state 0.

    Without a training, the given values alone.
    """
    if problem.training is None:
        return balls_of(given_values(problem))
    training = problem.training
    numbers = {setting(SYMBOLS[key]): exact(value) for key, value in training.settings.items()}
    return {
        **dict.fromkeys(carried_over(problem), fmpq(0)),
        **balls_of(given_values(problem)),
        **numbers,
        setting(RATE): exact(training.rate),
        setting(NUMBER): fmpq(1),
    }


def _training(problem: Problem) -> Training:
    assert problem.training is not None, "a state after training needs [training]"
    return problem.training


def batches(problem: Problem) -> Iterable[tuple[str, ...] | None]:
    """The samples that each update reads, without end; None for all.

    An epoch visits every sample once, in file order or, with a seed, in that of
    the next `permutation` of one `numpy.random.default_rng(seed)`. Its last batch
    holds what is left, and is as much smaller.
    """
    training = _training(problem)
    if training.batch is None:
        while True:
            yield None
    order = np.arange(len(problem.samples))
    shuffle = None if training.seed is None else np.random.default_rng(training.seed)
    while True:
        if shuffle is not None:
            order = shuffle.permutation(len(problem.samples))
        for start in range(0, len(order), training.batch):
            yield tuple(problem.samples[i] for i in order[start : start + training.batch])
