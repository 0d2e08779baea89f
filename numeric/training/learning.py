"""How training goes on: cost and parameters after each update, and what a perceptron meets at each sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from derive.problem import Network, Problem
from derive.steps import activation_keys, program_of
from derive.training.update import trained, update_program
from numeric.balls.enclosure import Enclosure, enclosure, settle
from numeric.balls.tape import Tape
from numeric.balls.training import Course, batches, follow, start
from numeric.judging.published import moments_of_figures
from numeric.training.predictions import moments_of_predictions

MOST_OPERATIONS = 5_000_000
"""Of a training that is followed for its curve: a few seconds' work."""

POINTS = 60
"""Of that curve, about."""


@dataclass(frozen=True)
class Visit:
    """One update of a rule that reads a single sample.

    number  of the update, from 1
    sample  its suffix
    values  z, a and y of every unit, before the update, by key without the sample
    after   the parameters that it leaves, by key
    tied    whether some z sat exactly where its activation jumps
    """

    number: int
    sample: str
    values: Mapping[str, Enclosure]
    after: Mapping[str, Enclosure]
    tied: bool

    def is_right(self, units: int) -> bool:
        """Whether every unit gave its target, so that nothing was changed."""
        return all(self.values[f"a1[{j}]"] == self.values[f"y[{j}]"] for j in range(1, units + 1))


@dataclass(frozen=True)
class Moment:
    """Where a training stands after so many updates: the whole cost, and the parameters that it trains."""

    after: int
    cost: Enclosure
    parameters: Mapping[str, Enclosure]


def followed(problem: Problem) -> Course:
    """The training in one run for all that `verify` asks of it: published figures and predictions.

    As far as these reach, the moments of the curve come along: a page then has no training to run.
    """
    if problem.is_free:
        return Course({})
    asked = moments_of_figures(problem) | moments_of_predictions(problem)
    latest = max(asked)
    return follow(problem, asked | {n for n in moments_of_curve(problem) if n <= latest} if latest else asked)


def moments_of_curve(problem: Problem) -> tuple[int, ...]:
    """The updates, first and last included, after which a training's cost is drawn.

    Of a training that is too long to follow, the first part; none of one without a cost or an update.
    """
    training = problem.training
    if training is None or training.rule.sample or not problem.objectives or not trained(problem):
        return ()
    tape = Tape.of(update_program(problem, next(iter(batches(problem)))), start(problem))
    last = max(1, min(training.steps, MOST_OPERATIONS // max(len(tape.code), 1)))
    count = min(POINTS, last)
    return tuple(sorted({round(place * last / count) for place in range(count + 1)}))


def along_curve(problem: Problem, course: Course) -> Course:
    """A course that has the moments of the curve: the one that is known, or another run."""
    chosen = set(moments_of_curve(problem))
    return course if course.states.keys() >= chosen else follow(problem, chosen)


def curve(problem: Problem, course: Course) -> tuple[Moment, ...]:
    """A training at the moments of its curve. Raises DivergenceError."""
    chosen, course = moments_of_curve(problem), along_curve(problem, course)
    objective, keys = problem.objectives[0], trained(problem)
    tape = Tape.of(program_of(problem).only((objective,)), start(problem))

    def moment(n: int) -> Moment:
        values = course.at(n).values
        cost = settle(tape, values, (objective,))[objective]
        return Moment(n, enclosure(cost), {key: enclosure(values[key]) for key in keys})

    return tuple(map(moment, chosen))


def visits(problem: Problem, most: int) -> tuple[Visit, ...]:
    """The first updates of a training that reads one sample at a time, as many as it has, or `most`."""
    assert problem.training is not None and isinstance(problem.body, Network)
    network = problem.body
    count = min(problem.training.steps, most)
    found = follow(problem, range(count + 1))
    program = program_of(problem)
    tape = Tape.of(program, start(problem))
    rows = []
    for number, batch in enumerate(islice(batches(problem), count), 1):
        (sample,) = batch or problem.samples
        before, after = found.at(number - 1).values, found.at(number).values
        outputs = activation_keys(network, network.depth, sample)
        keys = [*(f"z1[{j}]{sample}" for j in range(1, len(outputs) + 1)), *outputs]
        run = settle(tape, before, keys)
        values = {key.removesuffix(sample): enclosure(run[key]) for key in keys}
        values |= {f"y[{j}]": enclosure(before[f"y[{j}]{sample}"]) for j in range(1, network.sizes[-1] + 1)}
        moved = {key: enclosure(after[key]) for key in trained(problem)}
        rows.append(Visit(number, sample, values, moved, bool(run.tied & set(outputs))))
    return tuple(rows)
