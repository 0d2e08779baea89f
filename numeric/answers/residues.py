"""Residues of formulas in the worlds where a wrong answer is explained.

What two formulas have in common in two worlds of 127 bits and more, they have everywhere
but for a chance that is nothing. Entries are kept in the order of the array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import numpy as np

from numeric.deciding.compare import InWorld
from numeric.deciding.nodes import Array
from numeric.deciding.values import TooDeepError, UnluckyError, Value, powered, residue_of
from numeric.deciding.worlds import World

Signature = tuple[int, ...]
"""The residues of all entries in one world, or of one value in each world."""

Everywhere = tuple[Array, ...]
"""An array of residues for each world."""


def signature(values: Iterable[Value]) -> Signature | None:
    """The residues of all entries; None where one has no value in its world."""
    try:
        return tuple(value.at(0) for value in values)
    except (UnluckyError, TooDeepError):
        return None


def sure(answer: InWorld, world: World) -> list[Value]:
    """The entries of an answer; none where it has no value."""
    try:
        return list(answer(world).flat)
    except UnluckyError:
        return []


def each_world(value: Callable[[World], Value], worlds: Sequence[World]) -> Signature | None:
    """The residue of one value in each world."""
    try:
        return tuple(value(world).at(0) for world in worlds)
    except (UnluckyError, TooDeepError):
        return None


def of_array(values: Array) -> Array | None:
    """The array of the residues; None where an entry has none."""
    found = signature(values.flat)
    if found is None:
        return None
    made = np.empty(len(found), dtype=object)
    made[:] = found
    return made.reshape(values.shape)


def common_ratio(answer: Signature, truth: Signature, prime: int) -> int | None:
    """answer / truth, where it is the same for all entries that are not 0 in both."""
    pairs = [(own, true) for own, true in zip(answer, truth, strict=True) if own or true]
    if not all(true for _, true in pairs):
        return None
    ratios = {own * powered(true, -1, prime) % prime for own, true in pairs}
    return ratios.pop() if len(ratios) == 1 else None


def prime_of(world: World) -> int:
    """Of the outermost field, in which values are compared."""
    return world.formulas.fields[0].prime


def of_number(worlds: Sequence[World], number: Fraction) -> Signature:
    """A number's residue in each world."""
    return tuple(residue_of(number, prime_of(world)) for world in worlds)


def times(left: Signature, right: Signature, worlds: Sequence[World]) -> Signature:
    """Products, world by world."""
    return tuple(u * v % prime_of(world) for u, v, world in zip(left, right, worlds, strict=True))


def over(left: Signature, right: Signature, worlds: Sequence[World]) -> Signature | None:
    """Quotients, world by world; None where something is divided by 0."""
    if not all(right):
        return None
    pairs = zip(left, right, map(prime_of, worlds), strict=True)
    return tuple(u * powered(v, -1, prime) % prime for u, v, prime in pairs)
