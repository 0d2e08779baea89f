"""What a network of two inputs answers over a rectangle around its samples, in plain float64.

    a[L](x1, x2) on a grid, before training and after it

A picture's resolution is far below float64's error, so nothing here is proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import sympy as sp

from derive.problem import Network, Problem
from numeric.balls.enclosure import enclosure
from numeric.balls.training import Course
from numeric.floats.network import arrays_of, forward
from numeric.floats.rounding import Rounded
from numeric.training.predictions import class_names

Array = npt.NDArray[np.float64]

LEAST_SAMPLES = 3
"""Fewer say nothing of a boundary between them."""

POINTS = 49
"""Of the grid, along each axis."""

MARGIN = Fraction(1, 4)
"""What the rectangle has beyond the samples, as a share of their extent."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The outputs over the grid after so many updates.

    outputs  a[L], a row for each x2 and a column for each x1                       (N, N, K)
    above    of a single unit that jumps, how far its z is above the jump; else None    (N, N)
    """

    after: int
    outputs: Array
    above: Array | None = None


@dataclass(frozen=True, eq=False)
class Landscape:
    """The answers of a network, as it is given and after its training.

    x1, x2     the grid's coordinates, rising                            (N,)
    threshold  of a single output the value between its two classes; None where it has no two
    classes    of several outputs the names that the largest one chooses among; none of a single output
    """

    x1: Array
    x2: Array
    moments: tuple[Answers, ...]
    threshold: float | None = None
    classes: tuple[str, ...] = ()


def landscape(problem: Problem, course: Course) -> Landscape | None:
    """The answers at the start and at the last moment of a course.

    None where a picture would make no sense: other than two inputs, fewer than three samples, several
    outputs that are no classes, or free numbers.
    """
    network = problem.body
    if not isinstance(network, Network) or network.sizes[0] != 2 or problem.is_free:
        return None
    classes = class_names(problem, network)
    if len(problem.x) < LEAST_SAMPLES or (network.sizes[-1] > 1 and not classes):
        return None
    x1, x2 = (_axis([row[k] or Fraction(0) for row in (*problem.x, *problem.tests)]) for k in (0, 1))
    moments = [_answers(problem, network, 0, x1, x2)]
    if last := max(course.states, default=0):
        moments.append(_answers(_trained(problem, course, last), network, last, x1, x2))
    if not all(np.isfinite(moment.outputs).all() for moment in moments):
        return None
    if network.sizes[-1] > 1:
        return Landscape(x1, x2, tuple(moments), classes=classes)
    return Landscape(x1, x2, tuple(moments), threshold=0.5 if classes else _between(problem))


def _axis(values: Sequence[Fraction]) -> Array:
    """From a little below the least value to a little above the largest."""
    low, high = min(values), max(values)
    room = MARGIN * (high - low) or Fraction(1)
    return np.linspace(float(low - room), float(high + room), POINTS)


def _between(problem: Problem) -> float | None:
    """The middle of two targets, -1 and 1; None of other numbers of targets."""
    targets = {row[0] for row in problem.y if row[0] is not None}
    return float(sum(targets)) / 2 if len(targets) == 2 else None


def _trained(problem: Problem, course: Course, after: int) -> Problem:
    """The problem with its parameters as they are after so many updates."""
    values = course.at(after).values
    parameters = ((parameter, enclosure(values[parameter.key])) for parameter in problem.parameters)
    moved = (replace(p, value=value.mid if value.defined else p.value) for p, value in parameters)
    return replace(problem, parameters=tuple(moved))


def _answers(problem: Problem, network: Network, after: int, x1: Array, x2: Array) -> Answers:
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    run = forward(network, replace(arrays_of(problem, network), X=Rounded.exact(grid)))
    z, a = (table[network.depth].value.reshape(len(x2), len(x1), -1) for table in (run.z, run.a))
    rule = network.layer(network.depth).activation
    jumps = isinstance(rule.range, sp.FiniteSet) and len(rule.kinks) == 1 and network.sizes[-1] == 1
    return Answers(after, a, z[..., 0] - float(rule.kinks[0].at) if jumps else None)
