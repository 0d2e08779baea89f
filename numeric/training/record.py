"""The record of a training: cost, parameters and gradient after so many updates, as arrays.

    C,   w,   dC/dw            of the whole cost, whatever batch an update reads
    |dC/dW[l]|,  |Delta[l]|    by layer: how much of the gradient reaches it

Delta[l] = dC/dZ[l] has a column for each sample. Every number is the exact one, rounded to float64: infinite
beyond its range, nan where there is none. |.| is the root of the sum of squared entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import hypot, nan

import numpy as np
import numpy.typing as npt
from flint import fmpq

from derive.problem import Network, Problem
from derive.steps import program_of
from derive.sweep import adjoint, sweep
from derive.training.update import trained
from numeric.balls.enclosure import PRECISIONS, nearest_float
from numeric.balls.operations import Ball
from numeric.balls.tape import Run, Tape
from numeric.balls.training import Course, follow, start
from numeric.training.learning import moments_of_curve

Array = npt.NDArray[np.float64]

BITS = PRECISIONS[1]
"""A training's own precision leaves far more than a float holds of everything that is read off it."""


@dataclass(frozen=True, eq=False)
class Record:
    """A training at some moments, of which there are T.

    after       updates made                                              (T,)
    cost        the whole C, or a graph's output                          (T,)
    keys        of the trained parameters, of which there are P           (P,)
    parameters  their values                                              (T, P)
    gradient    dC/dw of each                                             (T, P)
    slopes      |dC/dW[l]| of each layer, L2 included; frozen weights too (T, L)
    errors      |Delta[l]| of each layer                                  (T, L)

    Of a graph L is 0: it has no layers.
    """

    after: tuple[int, ...]
    cost: Array
    keys: tuple[str, ...]
    parameters: Array
    gradient: Array
    slopes: Array
    errors: Array


def record(problem: Problem, after: Iterable[int] | None = None, *, course: Course | None = None) -> Record:
    """The training of a problem at these moments; unless stated at those of its curve, which a long one
    has fewer of than updates.

    course  the training at these moments, where it has been run already

    Moments that cannot be enclosed are left out, as is everything of a problem that trains nothing by a
    gradient.
    """
    chosen = sorted(set(moments_of_curve(problem) if after is None else after))
    if problem.training is None or problem.training.rule.sample or not problem.objectives:
        chosen = []
    if course is None or not course.states.keys() >= set(chosen):
        course = follow(problem, chosen) if chosen else Course({})
    moments = tuple(n for n in chosen if n in course.states)
    reader = _Reader.of(problem)
    runs = [reader.run(course.at(n).values) for n in moments]

    def table(rows: Sequence[Sequence[str]]) -> Array:
        """A column for each group of keys: the root of its sum of squares."""
        found = [[hypot(*(_number(run[key]) for key in row)) for row in rows] for run in runs]
        return np.array(found).reshape(len(runs), len(rows))

    def columns(keys: Sequence[str]) -> Array:
        return np.array([[_number(run[key]) for key in keys] for run in runs]).reshape(len(runs), len(keys))

    return Record(
        after=moments,
        cost=columns([reader.objective]).reshape(-1) if moments else np.zeros(0),
        keys=reader.keys,
        parameters=columns(reader.keys),
        gradient=columns([adjoint(reader.objective, key) for key in reader.keys]),
        slopes=table(reader.weights),
        errors=table(reader.errors),
    )


@dataclass(frozen=True)
class _Reader:
    """What is read off a state, and the tape that computes it.

    weights, errors  the keys of dC/dW[l] and of Delta[l], layer by layer
    """

    objective: str
    keys: tuple[str, ...]
    weights: tuple[tuple[str, ...], ...]
    errors: tuple[tuple[str, ...], ...]
    tape: Tape

    @classmethod
    def of(cls, problem: Problem) -> _Reader:
        if not problem.objectives:
            return cls("", (), (), (), Tape())
        objective, body = problem.objectives[0], problem.body
        weights, zs = _by_layer(problem, body) if isinstance(body, Network) else ((), ())
        program = program_of(problem).only((objective,))
        wanted = dict.fromkeys((*trained(problem), *(key for row in (*weights, *zs) for key in row)))
        program = program.plus(sweep(program, objective, wanted))
        made = program.by_key

        def adjoints(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
            keys = ([adjoint(objective, key) for key in row] for row in rows)
            return tuple(tuple(key for key in row if key in made) for row in keys)

        tape = Tape.of(program, start(problem))
        return cls(objective, trained(problem), adjoints(weights), adjoints(zs), tape)

    def run(self, values: Mapping[str, Ball]) -> Run:
        return self.tape.run(values, BITS)


def _by_layer(
    problem: Problem, network: Network
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """The parameters of each W[l], a shared one once, and the z of each layer over all samples."""
    weights = tuple(
        tuple(dict.fromkeys(key for row in layer.weights for key in row)) for layer in network.layers
    )
    zs = tuple(
        tuple(f"z{l}[{j}]{suffix}" for suffix in problem.samples for j in range(1, layer.width + 1))
        for l, layer in enumerate(network.layers, 1)
    )
    return weights, zs


def _number(value: Ball) -> float:
    """The float next to the middle of a ball; nan where it has none."""
    if isinstance(value, fmpq):
        return nearest_float(Fraction(int(value.p), int(value.q)))
    return float(value.mid()) if value.is_finite() else nan
