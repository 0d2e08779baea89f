"""Whether two formulas are the same, in one world after another.

    identity        equal residues: a difference would show with all but a chance below 2^-100
    sampled         equal in every world that was tried, where a comparison chooses between formulas,
                    or where balls had to decide
    counterexample  different residues of rational functions of exponentials, or disjoint balls

Source: Gonnet (1984); Schwartz (1980) and Zippel (1979) for the chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numeric.deciding.nodes import Array
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value
from numeric.deciding.worlds import HEIGHT, Subject, World

InWorld = Callable[[World], Array]


class GapError(UnluckyError):
    """The right one of two formulas has no value where the left one has one."""


SMOOTH, BRANCHED, BY_BALLS = 2, 24, 20
"""In how many worlds two formulas must be equal: where no comparison chooses, where one does, and where
residues cannot tell them apart for sure."""

MOST_WORLDS, HOPELESS = 60, 30
"""That are tried; where none of so many has a value, no more are."""

MOST_WORLDS_OF_FEW, FEW = 240, 12_000
"""Of a problem of few steps, whose worlds take little time: at most so many, and of so many steps in all."""

TALLER = 3 * HEIGHT


@dataclass(frozen=True)
class Difference:
    """Where two formulas differ: the world, and the index of the entry."""

    world: World
    index: tuple[int, ...]
    left: Value
    right: Value


@dataclass(frozen=True)
class Comparison:
    """What is known of two formulas.

    same   whether they are equal; None where that cannot be told, and `why`
    proof  "identity", "sampled", "counterexample", or None
    """

    same: bool | None
    proof: str | None
    where: Difference | None = None
    why: str = ""


def compare(subject: Subject, left: InWorld, right: InWorld, *, everywhere: bool = False) -> Comparison:
    """Compare two formulas of the same shape in random worlds.

    everywhere  whether they are the same only if the right one has a value wherever the left one has
    """
    try:
        return _compared(subject, left, right, HEIGHT, everywhere=everywhere)
    except TooDeepError:
        return _compared(subject, left, right, TALLER, everywhere=everywhere)


def _compared(
    subject: Subject, left: InWorld, right: InWorld, height: int, *, everywhere: bool
) -> Comparison:
    equal, wanted, proof, has_gaps = 0, SMOOTH, "identity", False
    for number in range(_most(subject)):
        if number == HOPELESS and not equal:
            break
        world = subject.world(number, height)
        try:
            pairs = _pairs(left(world), _right(right, world))
            is_branched, is_sure = False, True
            for index, (one, other) in pairs.items():
                relation = _relation(one, other, strict=height == HEIGHT)
                if relation is None:
                    return Comparison(False, "counterexample", Difference(world, index, one, other))
                is_branched = is_branched or one.branched or other.branched
                is_sure = is_sure and relation
        except GapError:
            has_gaps = everywhere
            continue
        except UnluckyError:
            continue
        equal += 1
        if is_branched:
            wanted, proof = max(wanted, BRANCHED), "sampled"
        if not is_sure:
            wanted, proof = max(wanted, BY_BALLS), "sampled"
        if equal >= wanted:
            gap = "it has no value at points where what is asked for has one" if has_gaps else ""
            return Comparison(None, None, why=gap) if has_gaps else Comparison(True, proof)
    return Comparison(None, None, why="it has a value at too few points")


def _most(subject: Subject) -> int:
    """In how many worlds a value is looked for: units that are not active often leave none."""
    return min(max(MOST_WORLDS, FEW // len(subject.program.steps)), MOST_WORLDS_OF_FEW)


def is_void(subject: Subject, formula: InWorld) -> bool:
    """Whether a formula has no value whatever is free: in each of many worlds it divides by 0."""
    try:
        return all(_divides(formula(subject.world(number))) for number in range(HOPELESS))
    except (UnluckyError, TooDeepError):
        return False


def is_void_here(world: World, formula: InWorld) -> bool:
    """Whether a formula divides by 0 in one world."""
    try:
        return _divides(formula(world))
    except TooDeepError:
        return False
    except UnluckyError:
        return True


def _divides(array: Array) -> bool:
    return any(map(divides_by_zero, array.flat))


def divides_by_zero(value: Value) -> bool:
    """Whether a value divides by what is 0 whatever the free numbers are. Raises TooDeepError."""
    try:
        value.at(0)
    except UnluckyError:
        return True
    return False


def same_here(world: World, left: InWorld, right: InWorld) -> bool:
    """Whether two formulas are equal in one world."""
    for height in (True, False):
        try:
            pairs = _pairs(left(world), right(world)).values()
            return all(_relation(*pair, strict=height) is not None for pair in pairs)
        except TooDeepError:
            continue
        except UnluckyError:
            return False
    return False


def difference_at(world: World, left: Array, right: Array) -> Difference | None:
    """Where two arrays differ for sure, or None. Raises UnluckyError where one has no value."""
    for index, pair in _pairs(left, right).items():
        if _relation(*pair, strict=False) is None:
            return Difference(world, index, *pair)
    return None


def _right(right: InWorld, world: World) -> Array:
    try:
        return right(world)
    except UnluckyError:
        raise GapError from None


def _pairs(left: Array, right: Array) -> dict[tuple[int, ...], tuple[Value, Value]]:
    if not left.ndim:
        return {(): (left.item(), right.item())}
    return {index: (left.item(index), right.item(index)) for index in np.ndindex(left.shape)}


def _relation(left: Value, right: Value, *, strict: bool) -> bool | None:
    """True where two values are equal, False where no more than balls say so, None where they differ.

    strict  a tower that is too low is an error; else nothing is known of residues then
    """
    sure, equal = left.sure and right.sure, None
    try:
        residue = left.at(0)
        equal = residue == _residue(right)
    except TooDeepError:
        if strict:
            raise
    if sure and equal is not None:
        return equal or None
    for bits in PRECISIONS:
        one, other = left.near(bits), right.near(bits)
        if not (one.is_finite() and other.is_finite()):
            raise GapError if one.is_finite() else UnluckyError
        if equal:
            return True  # and it has a value: log(-1) - log(-1) has none
        if not one.overlaps(other):
            return None
    return False


def _residue(right: Value) -> int:
    try:
        return right.at(0)
    except UnluckyError:
        raise GapError from None
