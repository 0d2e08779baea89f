"""What was done to single entries of an array whose others are right.

    theirs = c g[i]      theirs = g[j]      g[i] and g[j] exchanged

One number fits many a factor, so only those are told that people make: -1, 0, 2, 1/2, n, 1/n.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numeric.judging.doings import listed
from numeric.judging.handed import NEARER, RELATIVE, Handed

FEW = 4
"""Of more entries something was done to the whole."""

Place = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Single:
    """What was done to some entries.

    places  each by its array and its index there
    """

    name: str
    text: str
    places: Sequence[Place]


@dataclass(frozen=True)
class _Entry:
    """A wrong entry beside the truth."""

    key: str
    place: Place
    theirs: float
    right: float

    def is_made_by(self, value: float) -> bool:
        gap = abs(self.theirs - value)
        return gap <= RELATIVE * abs(value) and NEARER * gap < abs(self.theirs - self.right)


def singles(handed: Handed) -> Iterator[Single]:
    """What was done to the few entries that are wrong, each of them explained once."""
    left = list(_wrong(handed))
    if len(left) > FEW:
        return
    for found in (*_exchanged(left), *_scaled(handed, left), *_of_others(handed, left)):
        if all(any(entry.place == place for entry in left) for place in found.places):
            left = [entry for entry in left if entry.place not in found.places]
            yield found


def _wrong(handed: Handed) -> Iterator[_Entry]:
    """The wrong entries of arrays of which others are right."""
    for name, array in handed.arrays.items():
        for place in np.argwhere(array.wrong) if array.sound.any() else ():
            index = tuple(int(i) for i in place)
            key = f"d{array.of}/d{name}[{','.join(str(i + 1) for i in index)}]"
            yield _Entry(key, (name, index), float(array.theirs[index]), float(array.right[index]))


def _exchanged(entries: Sequence[_Entry]) -> Iterator[Single]:
    for i, one in enumerate(entries):
        for other in entries[i + 1 :]:
            if one.is_made_by(other.right) and other.is_made_by(one.right):
                both = f"{one.key} and {other.key}"
                text = f"{both} stand in each other's place."
                yield Single(f"{both} exchanged", text, (one.place, other.place))


def _scaled(handed: Handed, entries: Sequence[_Entry]) -> Iterator[Single]:
    for factor, (done, said) in _factors(handed).items():
        own = [entry for entry in entries if entry.is_made_by(float(factor) * entry.right)]
        if own:
            where = listed([entry.key for entry in own])
            text = f"{said} in {where}; what stands beside is right."
            yield Single(f"{done} in {where}", text, [entry.place for entry in own])


def _factors(handed: Handed) -> Mapping[Fraction, tuple[str, str]]:
    """What a single entry may be multiplied by, as names and sentences say it."""
    n = len(handed.problem.x) if handed.network else 1
    found = {
        Fraction(n): (f"factor {n}", f"There is a factor {n} too many, the number of samples,"),
        Fraction(1, n): (f"factor 1/{n}", f"There is a factor 1/{n} too many, of the {n} samples,"),
        Fraction(-1): ("sign turned", "The sign is turned"),
        Fraction(0): ("left at 0", "There is a 0"),
        Fraction(2): ("factor 2", "There is a factor 2 too many"),
        Fraction(1, 2): ("factor 1/2", "There is a factor 1/2 too many"),
    }
    return {factor: words for factor, words in found.items() if factor != 1}


def _of_others(handed: Handed, entries: Sequence[_Entry]) -> Iterator[Single]:
    """The value of another entry of the same array."""
    for entry in entries:
        name, _ = entry.place
        array = handed.arrays[name]
        for place in np.argwhere(np.abs(array.right - entry.theirs) <= RELATIVE * np.abs(entry.theirs)):
            index = tuple(int(i) for i in place)
            if array.right[index] and entry.is_made_by(float(array.right[index])):
                other = f"d{array.of}/d{name}[{','.join(str(i + 1) for i in index)}]"
                text = f"It has the value of {other}."
                yield Single(f"value of another entry in {entry.key}", text, (entry.place,))
                break
