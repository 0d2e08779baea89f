"""Why a value after an update is wrong: a slip of the update itself, or of the gradient that it reads.

w - g, w + eta g, -eta g    the update with a slip in it gives exactly the answer
(w - answer)/eta            of gradient descent, the gradient that was put in; explained as one

An answer that reads eta is looked at for any rate; one that has a number in its place at the
rate of the problem, where that number means something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from types import MappingProxyType

import numpy as np

from derive.formula.nodes import Letter, Node, walk
from derive.problem import Problem
from derive.slips import READ_EARLY, UPDATE_PAIRS, UPDATE_SLIPS
from derive.steps import Program, Step
from derive.training.update import rule_of, setting, update_program, updated
from derive.training.update_rules import AVERAGED, CLASSICAL, GRADIENT_DESCENT, RATE, Lines
from numeric.answers.explain import MOST_TRIED, SMOOTH, Asked, Explainer
from numeric.answers.reasons import Reason, told
from numeric.answers.working import Working
from numeric.balls.training import batches
from numeric.deciding.compare import InWorld, same_here
from numeric.deciding.nodes import Array
from numeric.deciding.updates import first_batch
from numeric.deciding.values import UnluckyError, Value
from numeric.deciding.worlds import Subject, World

MOMENTUM = setting("mu")
STEP: Mapping[Lines, Callable[[World, Value], Value]] = MappingProxyType(
    {
        GRADIENT_DESCENT.lines: lambda _, eta: eta,
        CLASSICAL.lines: lambda _, eta: eta,
        AVERAGED.lines: lambda world, eta: eta * (world.formulas.constant(1) - world[MOMENTUM]),
    }
)
"""By what the first update multiplies the gradient, where it is proportional to it."""


Slipped = dict[str, tuple[str, Sequence[Array | None]]]
"""Each slip's sentence, and what the parameters are in each world by an update with it."""

TWICE = "rate applied twice"

MOST_BATCHES = 8
"""Whose gradients an update may have been taken with."""

MOST_STEPS = 300
"""Of an update that is worked again with any two slips."""


@dataclass(eq=False)
class UpdateExplainer:
    """Explains answers to what some parameters are after one update.

    keys  of the parameters, in the order of what is asked for
    """

    subject: Subject
    keys: tuple[str, ...]

    def why(self, answer: Working) -> tuple[Reason, ...]:
        """The surest reason; none where nothing is proved."""
        training = self.subject.problem.training
        reads_rate = any(map(_is_rate, walk(answer.node)))
        bench = self._any_rate if reads_rate or training is None else self._own_rate
        looks = bench.slips, bench.gradients, bench.pairs
        found = next(filter(None, (tuple(islice(look(answer), 1)) for look in looks)), ())
        return (
            found if reads_rate or training is None else tuple(_of_rate(one, training.rate) for one in found)
        )

    @cached_property
    def _any_rate(self) -> _Bench:
        return _Bench(self.subject, self.keys, lambda world: world)

    @cached_property
    def _own_rate(self) -> _Bench:
        return _Bench(self.subject, self.keys, _at_own_rate)


def _of_rate(reason: Reason, rate: Fraction) -> Reason:
    """That the rate was multiplied in twice, where another number of the answer may be the same as it."""
    if reason.slip != TWICE:
        return reason
    return Reason(TWICE, f"The gradient was multiplied by {rate} twice; the learning rate is that once.")


def _is_rate(node: Node) -> bool:
    return isinstance(node, Letter) and node.letter == RATE


def _at_own_rate(world: World) -> World:
    """The world at the rate of the problem."""
    training = world.subject.problem.training
    assert training is not None
    eta = world.formulas.constant(training.rate)
    rates = {key: eta for key in (setting(RATE), RATE) if key in world.given}
    return World(world.subject, world.formulas, {**world.given, **rates})


@dataclass(eq=False)
class _Bench:
    """Some worlds in which answers to one question are explained; `at` says at which rate."""

    subject: Subject
    keys: tuple[str, ...]
    at: Callable[[World], World]

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """Worlds in which the truth has a value."""
        tried = (self.at(self.subject.world(number)) for number in range(MOST_TRIED))
        return tuple(islice((world for world in tried if self._has_value(world)), SMOOTH))

    def _has_value(self, world: World) -> bool:
        try:
            return all(world.value(key, after=True).near(64).is_finite() for key in self.keys)
        except UnluckyError:
            return False

    def slips(self, answer: InWorld) -> Iterator[Reason]:
        """Each slip of the update that gives the answer, the commonest first."""
        return self._matched(answer, self._slipped)

    def pairs(self, answer: InWorld) -> Iterator[Reason]:
        """Two slips of the update that give the answer together."""
        return self._matched(answer, self._slipped_twice)

    def _matched(self, answer: InWorld, slipped: Slipped) -> Iterator[Reason]:
        for name, (text, made) in slipped.items():
            if is_same(self.worlds, answer, made):
                yield told(self.subject.problem, name, text)

    @cached_property
    def _slipped(self) -> Slipped:
        """Each slip's sentence, and what the parameters are in each world by an update with it."""
        problem = self.subject.problem
        batch = first_batch(problem)
        right = update_program(problem, batch)
        found: Slipped = {
            READ_EARLY.name: (_old(problem), [values_of(world, self.keys) for world in self.worlds])
        }
        for name, slip in UPDATE_SLIPS.items():
            if name != READ_EARLY.name and (edited := slip.edit(problem, right)) != right:
                found[name] = (slip.text, self._by(edited))
        if batch is not None:
            for name, read, other in _other_samples(problem, batch):
                own = f"the first update reads the cost of {_samples(batch)} alone"
                text = f"The gradient is that of {read}; {own}."
                found[name] = (text, self._by(update_program(problem, other)))
        return found

    @cached_property
    def _slipped_twice(self) -> Slipped:
        problem = self.subject.problem
        right = update_program(problem, first_batch(problem))
        if len(right.steps) > MOST_STEPS:
            return {}
        made = ((slip, slip.edit(problem, right)) for slip in UPDATE_PAIRS)
        return {slip.name: (slip.text, self._by(edited)) for slip, edited in made if edited != right}

    def _by(self, program: Program) -> Sequence[Array | None]:
        steps = program.only(map(updated, self.keys)).steps
        after = tuple(map(updated, self.keys))
        return [values_under(world, steps, after) for world in self.worlds]

    def gradients(self, answer: InWorld) -> tuple[Reason, ...]:
        """What is wrong with the answer's gradient, where the first update subtracts a multiple of it."""
        problem = self.subject.problem
        factor = STEP.get(rule_of(problem).lines)
        if factor is None:
            return ()

        def gradient(world: World) -> Array:
            # What the answer calls C is the cost of all samples.
            world = self.at(World(self.subject, world.formulas, world.given))
            after = answer(world)
            before = np.array([world[key] for key in self.keys], dtype=object).reshape(after.shape)
            return np.asarray((before - after) / factor(world, world[RATE]), dtype=object)

        batch = first_batch(problem)
        of_batch = "" if batch is None else f" of {_samples(batch)} alone"
        where = f"In the gradient{of_batch}: "
        return tuple(reason.behind(where) for reason in self._of_gradient.why(gradient))

    @cached_property
    def _of_gradient(self) -> Explainer:
        """Explains what is wrong with the gradient of the samples that the first update reads."""
        problem = self.subject.problem
        asked = Asked(problem.objectives[0], self.keys)
        return Explainer(Subject(problem, batch=first_batch(problem)), asked)


def _old(problem: Problem) -> str:
    many = problem.training is not None and problem.training.steps > 1
    return READ_EARLY.text if many else "This is the value before the update; the step was not taken."


def values_of(world: World, keys: Sequence[str]) -> Array | None:
    """Quantities in a world; None where one has no value there."""
    found = np.empty(len(keys), dtype=object)
    try:
        found[:] = [world[key] for key in keys]
    except UnluckyError:
        return None
    return found


def values_under(world: World, steps: Sequence[Step], keys: Sequence[str]) -> Array | None:
    """The same with some steps replaced."""
    try:
        return values_of(world.under(steps), keys)
    except UnluckyError:
        return None


def is_same(worlds: Sequence[World], answer: InWorld, made: Sequence[Array | None]) -> bool:
    """Whether an answer is, in each of enough worlds, what a mistake gives; a vector may lie or stand."""
    pairs = zip(worlds, made, strict=True)
    return len(worlds) == SMOOTH and all(
        found is not None and _is_same(world, answer, found) for world, found in pairs
    )


def _is_same(world: World, answer: InWorld, found: Array) -> bool:
    def own(here: World) -> Array:
        return np.asarray(answer(here).reshape(found.shape))

    try:
        return answer(world).size == found.size and same_here(world, own, lambda _: found)
    except UnluckyError:
        return False


def _other_samples(
    problem: Problem, batch: tuple[str, ...]
) -> Iterator[tuple[str, str, tuple[str, ...] | None]]:
    """The samples that an update may have read instead, with the name of that and theirs: all, or others."""
    yield "all samples", "all samples", None
    for other in dict.fromkeys(islice(batches(problem), 1, MOST_BATCHES)):
        if other is not None and other != batch:
            yield f"another batch: {_samples(other)}", _samples(other), other


def _samples(batch: Sequence[str]) -> str:
    read = ", ".join(suffix.removeprefix("@") for suffix in batch)
    return f"sample{'s' * (len(batch) > 1)} {read}"
