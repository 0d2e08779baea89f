"""Both sides of the edge of every comparison, as close to it as numbers get.

    z > 0.001  and  z > 0       fall alike at every point but those between 0 and 0.001

Two formulas that choose by different comparisons differ on one side of an edge of one of them, however
small the region is in which they do. So the edge is sought on a line between two points at which the
comparison falls differently, by secants, until both points are next to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b

from flint import arb

from derive.problem import Network
from numeric.deciding import values
from numeric.deciding.formulas import Formulas
from numeric.deciding.tower import tower
from numeric.deciding.values import PRECISIONS, UnluckyError, Value
from numeric.deciding.worlds import HEIGHT, Subject, World

FINEST_BITS = 1_100
"""How close to an edge points are, in bits of the line: closer than the smallest float is to 0."""

FIRST_MARGIN_BITS, MOST_ROUNDS = 8, 60

AWAY_BITS = (2, 3, 4, 6, 8, 11, 15, 20, 30, 45)
"""How far from an edge a point may be shown, in bits of the line, the farthest first."""

Numbers = Mapping[str, Fraction]

Gap = Callable[[World], Value]
"""By whose sign a comparison falls."""


def is_bound(subject: Subject, key: str) -> bool:
    """Whether a number is a target, of which a cost may assume something, or belongs to a rule."""
    return isinstance(subject.problem.body, Network) and (key.startswith("y[") or key == "lambda")


def world_at(subject: Subject, place: int, numbers: Numbers) -> World:
    """The random world of this place with other numbers in it."""
    seed = blake2b(f"{place} {numbers}".encode(), digest_size=32).digest()
    formulas = Formulas(tower(HEIGHT), seed)
    point = subject.point(place)

    def free(_: int, key: str) -> Value:
        exact = numbers[key] if key in numbers else point.numbers[key]
        return values.free(formulas.fields, key, formulas.seed, lambda bits: values.near(exact, bits))

    return World.at(subject, formulas, place, free)


@dataclass(frozen=True)
class Line:
    """From the point of one world towards another's numbers."""

    subject: Subject
    place: int
    start: Numbers
    end: Numbers

    @classmethod
    def between(cls, subject: Subject, place: int, start: Numbers, other: int, end: Numbers) -> Line:
        """From the point of one place with some numbers of its own to that of another."""
        keys = [key for key in sorted(subject.free_keys) if not is_bound(subject, key)]
        first, last = ({**subject.point(at).numbers, **own} for at, own in ((place, start), (other, end)))
        return cls(subject, place, *({key: point[key] for key in keys} for point in (first, last)))

    def at(self, t: Fraction) -> World:
        """The world at a part of the way from 0 to 1."""
        pairs = ((key, self.start[key], end) for key, end in self.end.items())
        return world_at(self.subject, self.place, {key: low + (high - low) * t for key, low, high in pairs})

    def edge(self, gap: Gap) -> tuple[Fraction, Fraction] | None:
        """Parts of the way right before an edge of a comparison and right behind it; None without one."""
        low, high = Fraction(0), Fraction(1)
        before, behind = self._gap(gap, low), self._gap(gap, high)
        margin_bits, finest = FIRST_MARGIN_BITS, Fraction(1, 1 << FINEST_BITS)
        for _ in range(MOST_ROUNDS):
            if not before or not behind or (before > 0) == (behind > 0):
                return None
            width = high - low
            if width <= finest:
                return low, high
            guess = low + width * Fraction(before, before - behind)
            margin = width / (1 << margin_bits)
            for tried in (guess - margin, guess + margin, (low + high) / 2):
                t = Fraction(round(tried * (4 << FINEST_BITS)), 4 << FINEST_BITS)
                if not low < t < high or high - low < width / 4:
                    continue
                found = self._gap(gap, t)
                low, before, high, behind = (
                    (t, found, high, behind) if (found > 0) == (before > 0) else (low, before, t, found)
                )
            is_near = high - low <= 2 * margin
            margin_bits = 2 * margin_bits if is_near else FIRST_MARGIN_BITS
        return None

    def _gap(self, gap: Gap, t: Fraction) -> Fraction:
        """The value by whose sign the comparison falls. Raises UnluckyError where it has none."""
        ball = gap(self.at(t)).near(PRECISIONS[-1])
        if not ball.is_finite():
            raise UnluckyError
        return _exact(ball)

    def beside(self, edge: Fraction, side: int) -> Iterator[World]:
        """Worlds on one side of an edge, the farthest first."""
        for bits in AWAY_BITS:
            t = edge + Fraction(side, 1 << bits)
            if 0 <= t <= 1:
                yield self.at(t)
        yield self.at(edge)


def _exact(ball: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
