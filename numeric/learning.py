"""How training goes on: cost and parameters after each update, and what a perceptron meets at each sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from derive.problem import Network, Problem
from derive.steps import activation_keys, program_of
from derive.update import trained, update_program
from numeric.balls.enclosure import Enclosure, enclosure, settle
from numeric.balls.tape import Tape
from numeric.balls.training import batches, start, states

MOST_OPERATIONS = 5_000_000
"""Of a training that is followed for its curve: a few seconds' work."""


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


def moments(problem: Problem, points: int) -> tuple[Moment, ...]:
    """A training after so many updates, at about so many of them, first and last included.

    Of a training that is too long to follow, the first part. Raises DivergenceError.
    """
    assert problem.training is not None
    objective, keys = problem.objectives[0], trained(problem)
    program = program_of(problem).only((objective,))
    given = start(problem)
    work = len(Tape.of(update_program(problem, next(iter(batches(problem)))), given).code)
    last = max(1, min(problem.training.steps, MOST_OPERATIONS // max(work, 1)))
    chosen = sorted({round(place * last / min(points, last)) for place in range(min(points, last) + 1)})
    found = states(problem, chosen)
    tape = Tape.of(program, given)
    return tuple(
        Moment(
            n,
            enclosure(settle(tape, found[n].values, (objective,))[objective]),
            {key: enclosure(found[n].values[key]) for key in keys},
        )
        for n in chosen
    )


def visits(problem: Problem, most: int) -> tuple[Visit, ...]:
    """The first updates of a training that reads one sample at a time, as many as it has, or `most`."""
    assert problem.training is not None and isinstance(problem.body, Network)
    network = problem.body
    count = min(problem.training.steps, most)
    found = states(problem, range(count + 1))
    program = program_of(problem)
    tape = Tape.of(program, start(problem))
    rows = []
    for number, batch in enumerate(islice(batches(problem), count), 1):
        (sample,) = batch or problem.samples
        before, after = found[number - 1].values, found[number].values
        outputs = activation_keys(network, network.depth, sample)
        keys = [*(f"z1[{j}]{sample}" for j in range(1, len(outputs) + 1)), *outputs]
        run = settle(tape, before, keys)
        values = {key.removesuffix(sample): enclosure(run[key]) for key in keys}
        values |= {f"y[{j}]": enclosure(before[f"y[{j}]{sample}"]) for j in range(1, network.sizes[-1] + 1)}
        moved = {key: enclosure(after[key]) for key in trained(problem)}
        rows.append(Visit(number, sample, values, moved, bool(run.tied & set(outputs))))
    return tuple(rows)
