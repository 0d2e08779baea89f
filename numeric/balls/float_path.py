"""A training in float64, as anybody's program runs it: numbers without a proof.

    x[n+1] = F(x[n]) with every operation rounded

Updates may enlarge what a rounding moved, and over many nothing is left of the
true path: then paths that are an ulp apart after the first update end far from
one another, and so do two programs that add in another order.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

import numpy as np
from flint import arb, fmpq

from derive.problem import Problem
from derive.training.update import carried_over, setting, trained
from derive.training.update_rules import NUMBER
from derive.whole_functions import MeanRoot
from numeric.balls.enclosure import nearest
from numeric.balls.operations import (
    FUNCTIONS,
    METHODS,
    Ball,
    Branch,
    add,
    identity,
    multiply,
    power,
    reciprocal,
    square_root,
)
from numeric.balls.points import Update
from numeric.balls.repeated import of_two
from numeric.balls.tape import Tape
from numeric.balls.training import Course, Edit, State, start, unchanged, updates

FLOAT_BITS = 53

ULP = 2.0**-52

IN_FLOATS: Mapping[Callable[..., Ball], Callable[..., float]] = MappingProxyType(
    {
        add: operator.add,
        multiply: operator.mul,
        reciprocal: lambda u: 1 / u,
        power: math.pow,
        square_root: math.sqrt,
        identity: lambda u: u,
        FUNCTIONS[MeanRoot]: math.sqrt,
        **{FUNCTIONS[function]: getattr(math, function.__name__) for function in METHODS},
    }
)
"""Every operation of a tape but its branches."""


PATHS = 4
"""Trainings that tell how far rounding alone may lead."""

LOOKS = 64
"""Moments on the way at which they are compared."""

PARTED = 2.0**-26
"""Half of float64's digits; paths that are not led apart stay within a few units of the last."""


@dataclass(frozen=True)
class Paths:
    """A training in float64, several times, an ulp apart after the first update.

    parted  the first moment looked at from which on some parameter keeps less than half of its digits
    """

    courses: tuple[Course, ...]
    parted: int | None

    @classmethod
    def of(cls, problem: Problem, after: Iterable[int]) -> Paths:
        """At these moments, as far as each comes."""
        wanted = set(after)
        looks = {max(wanted) * look // LOOKS for look in range(1, LOOKS + 1)}
        courses = tuple(float_path(problem, wanted | looks, path=path) for path in range(PATHS))
        common = set.intersection(*(set(course.states) for course in courses))
        parted = next((n for n in sorted(common) if _are_parted(problem, courses, n)), None)
        return cls(courses, parted)


def _are_parted(problem: Problem, courses: Iterable[Course], after: int) -> bool:
    states = [course.at(after).values for course in courses]
    columns = ([nearest(values[key]) for values in states] for key in trained(problem))
    return any(max(c) - min(c) > PARTED * max(1, *map(abs, c)) for c in columns)


def float_path(problem: Problem, after: Iterable[int], edit: Edit = unchanged, *, path: int = 0) -> Course:
    """The training in float64 at these moments, up to the last before it leaves float64's range.

    path  0 as the numbers are; of each other one the first update's results are moved by up to an ulp
    """
    wanted, begun, handed_on = sorted(set(after)), start(problem), carried_over(problem)
    point, machines = [nearest(begun[key]) for key in handed_on], dict[int, _Machine]()
    found = {0: State(dict(begun), FLOAT_BITS)} if 0 in wanted else {}
    for made, update in enumerate(islice(updates(problem, edit), wanted[-1]), 1):
        if id(update.tape) not in machines:
            machines[id(update.tape)] = _Machine.of(update.tape, begun, handed_on, update.given)
        try:
            point = machines[id(update.tape)].run(point, update)
        except (ZeroDivisionError, OverflowError, ValueError):
            break
        if path and made == 1:
            ulps = np.random.default_rng(path).integers(-1, 2, len(point)).tolist()
            point = [value * (1 + n * ULP) for value, n in zip(point, ulps, strict=True)]
        if made in wanted:
            if not all(map(math.isfinite, point)):
                break
            handed = dict(zip(handed_on, map(arb, point), strict=True))
            found[made] = State({**begun, **handed, setting(NUMBER): fmpq(made + 1)}, FLOAT_BITS)
    return Course(found)


@dataclass(frozen=True, eq=False)
class _Machine:
    """A tape for floats, but for what no update changes; an operation of one operand reads it twice."""

    index: Mapping[str, int]
    code: list[tuple[Callable[..., float], int, int, int]]
    slots: list[float]
    inputs: list[int]
    results: list[int]

    @classmethod
    def of(
        cls, tape: Tape, given: Mapping[str, Ball], handed_on: Mapping[str, str], own: Iterable[str]
    ) -> _Machine:
        """own  the keys of what each update has of its own."""
        slots = [math.nan] * tape.size
        for key in tape.given:
            slots[tape.index[key]] = nearest(given[key])
        for slot, constant in tape.constants:
            slots[slot] = nearest(constant())
        inputs = [tape.index[key] for key in handed_on]
        results = [tape.index[key] for key in handed_on.values()]
        moving, code = {*inputs, *(tape.index[key] for key in own)}, []
        for function, slot, args in tape.code_behind(handed_on.values()):
            in_floats = _chosen(function) if isinstance(function, Branch) else IN_FLOATS[function]
            if moving.isdisjoint(args):
                slots[slot] = in_floats(*[slots[arg] for arg in args])
            else:
                moving.add(slot)
                code.append((of_two(in_floats, args, slots), slot, args[0], args[1 % len(args)]))
        return cls(tape.index, code, slots, inputs, results)

    def run(self, point: list[float], update: Update) -> list[float]:
        """What an update makes of a point."""
        slots = self.slots
        for key, value in update.given.items():
            slots[self.index[key]] = nearest(value)
        for place, coordinate in zip(self.inputs, point, strict=True):
            slots[place] = coordinate
        for function, slot, one, other in self.code:
            slots[slot] = function(slots[one], slots[other])
        return [slots[slot] for slot in self.results]


def _chosen(branch: Branch) -> Callable[..., float]:
    holds: Callable[..., bool] = branch.holds
    return lambda left, right, then, otherwise: then if holds(left, right) else otherwise
