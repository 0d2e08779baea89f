"""What the float witnesses read of a network again and again, made once for each problem.

A problem is frozen, and so are these: nobody can write into the arrays.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from derive.problem import Network, Problem
from numeric.floats.claims import Entry
from numeric.floats.rounding import Rounded

Indices = npt.NDArray[np.intp]
T = TypeVar("T")
P = ParamSpec("P")


def once(make: Callable[Concatenate[Problem, P], T]) -> Callable[Concatenate[Problem, P], T]:
    """`make`, called once for each problem; what it made goes when the problem goes."""
    made: dict[int, T] = {}

    @wraps(make)
    def found(problem: Problem, /, *more: P.args, **others: P.kwargs) -> T:
        key = id(problem)
        if key not in made:
            made[key] = make(problem, *more, **others)
            weakref.finalize(problem, made.pop, key, None)
        return made[key]

    return found


def unwritable(numbers: Rounded) -> Rounded:
    """The same numbers, which nobody can change any more."""
    for part in (numbers.value, numbers.error):
        part.flags.writeable = False
    return numbers


@dataclass(frozen=True, eq=False)
class Uses:
    """The parameters of a network, and where they stand.

    entries  (parameters,), in the problem's order
    owner    (uses,): the parameter at each use, layer by layer, W row by row and then b
    shared   (parameters,): whether there are several uses
    weights  (parameters,): which are weights somewhere, whose squares an L2 term adds
    decaying (parameters,): their numbers, 0 for biases; None without an L2 term
    """

    entries: tuple[Entry, ...]
    owner: Indices
    shared: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.bool_]
    decaying: Rounded | None

    def single(self, first: int, count: int) -> tuple[Indices, Indices]:
        """Of `count` uses those by parameters with no other: their places from `first` on, and owners."""
        owner = self.owner[first : first + count]
        places = np.flatnonzero(~self.shared[owner])
        return places, owner[places]


@once
def uses_of(problem: Problem) -> Uses:
    """The uses of a network's parameters."""
    network = problem.body
    assert isinstance(network, Network)
    place = {parameter.key: i for i, parameter in enumerate(problem.parameters)}
    keys = (key for layer in network.layers for row in (*layer.weights, layer.biases or ()) for key in row)
    owner = np.array([place[key] for key in keys], dtype=np.intp)
    decaying = None
    if network.l2:
        decaying = Rounded.of([p.value if p.is_weight else Fraction(0) for p in problem.parameters])
    return Uses(
        entries=tuple(("C", parameter.key) for parameter in problem.parameters),
        owner=owner,
        shared=np.bincount(owner, minlength=len(place)) > 1,
        weights=np.array([parameter.is_weight for parameter in problem.parameters], dtype=np.bool_),
        decaying=decaying,
    )
