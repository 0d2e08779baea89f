"""Training in ball arithmetic: the exact parameters after N updates, proven.

Each update is a run of the update's program, its results handed to the next.
Balls widen a little with every update: by many bits each while the parameters
move fast, and by ever the same few later on. So a run that goes wrong tells
which precision will do, the better the further it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import ceil

import numpy as np
from flint import fmpq

from derive.problem import Problem, Training
from derive.steps import Program, given_values
from derive.training.update import carried_over, setting, trained, update_program
from derive.training.update_rules import NUMBER, RATE, SYMBOLS
from numeric.balls.enclosure import ENOUGH_BITS, balls_of
from numeric.balls.tape import Ball, Run, Tape, ball, exact

Edit = Callable[[Program], Program]

FIRST_BITS = 256
LAST_BITS = 16_384
FASTEST = 4
"""By how much precision is raised at once: what the first updates lose says little of the later ones."""

TELLING = 10
"""A run that came through less than this part of the updates says little of the others."""

MARGIN = Fraction(11, 10)
CHECK_EVERY = 16

SPARE_BITS = 64
"""What an update works with beyond the bits that are known."""


class DivergenceError(ArithmeticError):
    """The parameters cannot be enclosed: training runs away, or no precision in reach suffices."""


@dataclass(frozen=True)
class State:
    """All that the next update reads at one moment of training, and the precision that it is known at."""

    values: Mapping[str, Ball]
    bits: int


@dataclass(frozen=True)
class Course:
    """A training at some moments, as far as it can be enclosed: run once, for all that ask of it."""

    states: Mapping[int, State]

    def at(self, after: int) -> State:
        """All that is read after so many updates. Raises DivergenceError."""
        if after not in self.states:
            raise DivergenceError(f"the parameters after {after} updates need more than {LAST_BITS} bits")
        return self.states[after]


def unchanged(program: Program) -> Program:
    """No slip: the program as it is."""
    return program


def follow(problem: Problem, after: Iterable[int], edit: Edit = unchanged) -> Course:
    """The given values after each of these numbers of updates, up to the last that can be enclosed."""
    wanted = sorted(set(after))
    if wanted == [0]:
        return Course({0: State(start(problem), FIRST_BITS)})
    bits = FIRST_BITS
    while bits <= LAST_BITS:
        found, lost = _attempt(problem, wanted, edit, bits)
        if lost is None:
            break
        bits = max(2 * bits, min(_enough(lost, wanted[-1]), _most(bits, lost, wanted[-1])))
    return Course(found)


Lost = list[tuple[int, int]]
"""How many bits were lost by so many updates, from none on."""


def _most(bits: int, lost: Lost, updates: int) -> int:
    """As far as precision may be raised after a run that came so far: a short one says too little."""
    return FASTEST * bits if TELLING * lost[-1][0] < updates else LAST_BITS


def _enough(lost: Lost, updates: int) -> int:
    """The precision at which `updates` updates should leave enough, if they go on as the last half did."""
    made, gone = lost[-1]
    before, gone_before = lost[len(lost) // 2 - 1]
    rate = Fraction(gone - gone_before, made - before)
    return min(LAST_BITS, SPARE_BITS + ENOUGH_BITS + ceil((gone + rate * (updates - made)) * MARGIN))


def _attempt(
    problem: Problem, wanted: list[int], edit: Edit, bits: int
) -> tuple[dict[int, State], Lost | None]:
    """The states from one precision; where it fails, the bits that were lost on the way.

    What is lost is not carried along: an update works with the bits that are still known, and some.
    """
    values, chosen = start(problem), frozenset(wanted)
    found = {0: State(dict(values), bits)} if 0 in chosen else {}
    compiled: dict[tuple[str, ...] | None, BatchTape] = {}
    tapes: dict[int | None, Tape] = {}
    keys, handed_on = trained(problem), carried_over(problem)
    known, lost = bits, [(0, 0)]
    for made, batch in enumerate(islice(batches(problem), max(wanted)), 1):
        if batch not in compiled:
            compiled[batch] = _compiled(problem, batch, edit, values, tapes)
        run = compiled[batch].run(values, min(bits, known + SPARE_BITS))
        values |= {key: run[new] for key, new in handed_on.items()}
        values[setting(NUMBER)] = fmpq(made + 1)
        if made in chosen or made % CHECK_EVERY == 0:
            known = min((_known_bits(values[key]) for key in keys), default=bits)
            lost.append((made, bits - known))
        if known < ENOUGH_BITS:
            return found, lost
        if made in chosen:
            found[made] = State(dict(values), bits)
    return found, None


@dataclass(frozen=True)
class BatchTape:
    """An update by one batch: the tape of the first batch as large, and what stands in for its samples."""

    tape: Tape
    standing_in: Mapping[str, str]

    def run(self, values: Mapping[str, Ball], bits: int) -> Run:
        """The update at these values."""
        samples = {key: values[other] for key, other in self.standing_in.items()}
        return self.tape.run({**values, **samples} if samples else values, bits)


def _compiled(
    problem: Problem,
    batch: tuple[str, ...] | None,
    edit: Edit,
    values: Mapping[str, Ball],
    tapes: dict[int | None, Tape],
) -> BatchTape:
    """Shuffled batches are nearly all different, and those of one size share a tape: that of the first.

    It holds what the next update reads and nothing else: C itself is asked for at a few moments only.
    """
    size = None if batch is None else len(batch)
    first = None if batch is None else problem.samples[: len(batch)]
    if size not in tapes:
        update = edit(update_program(problem, first)).only(carried_over(problem).values())
        tapes[size] = Tape.of(update, [*values])
    suffixes = dict(zip(first or (), batch or (), strict=True))
    parted = ((key, key.partition("@")) for key in values)
    named = ((key, name, at + tail) for key, (name, at, tail) in parted if at)
    return BatchTape(tapes[size], {key: name + suffixes[own] for key, name, own in named if own in suffixes})


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
