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
from functools import lru_cache
from hashlib import blake2b

import sympy as sp
from flint import arb
from sympy.core.relational import Relational

from derive.problem import Network
from derive.steps import program_of
from derive.whole_functions import Whole
from numeric.deciding import values
from numeric.deciding.formulas import Formulas
from numeric.deciding.tower import tower
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value
from numeric.deciding.worlds import HEIGHT, Subject, World

FINEST, SCALE = Fraction(1, 1 << 1_100), 1 << 1_110
"""How close to an edge points are, as a part of the line: closer than the smallest float is to 0."""

MOST_ROUNDS = 60

MOST_REMEMBERED = 64
"""Worlds of which it is known where the problem chooses."""

AWAY_BITS = (2, 3, 4, 6, 8, 11, 15, 20, 30, 45)
"""How far from an edge a point may be shown, in bits of the line, the farthest first."""

Numbers = Mapping[str, Fraction]

Seen = tuple[int, Numbers]
"""The place of a random point, and the numbers that are others there."""

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


def turn_of(subject: Subject, gap: Gap) -> int | None:
    """What comparisons that turn at the same points have in common; None of one without a value."""
    world = subject.world(0)
    try:
        return _unsigned(world, gap(world))
    except (UnluckyError, TooDeepError):
        return None


def _unsigned(world: World, gap: Value) -> int:
    """The residue of a difference, whichever is taken from the other."""
    residue = gap.at(0)
    return min(residue, world.formulas.fields[0].prime - residue)


def turns_of(subject: Subject) -> frozenset[int]:
    """Where the problem itself turns, so that no point lies between it and what turns there too."""
    return _turns(subject.world(0))


@lru_cache(maxsize=MOST_REMEMBERED)
def _turns(world: World) -> frozenset[int]:
    """Of left minus right of the conditions by which the problem's own steps choose."""
    found = set[int]()
    for step in program_of(world.subject.problem).steps:
        for term in step.terms:
            letters = dict(zip(term.formula.formals, term.args, strict=True))
            for condition in _conditions(term.formula.expr):
                try:
                    read = {formal: world[arg] for formal, arg in letters.items()}
                    found.add(_unsigned(world, world.formulas(condition.lhs - condition.rhs, read)))
                except (UnluckyError, TooDeepError):
                    continue
    return frozenset(found)


def _conditions(expr: sp.Expr) -> set[Relational]:
    """By which a formula chooses, within the functions of it as well."""
    found = {
        part
        for piece in expr.atoms(sp.Piecewise)
        for _, test in piece.args
        for part in test.atoms(Relational)
    }
    for whole in expr.atoms(Whole):
        found |= _conditions(whole.body.xreplace(dict(zip(whole.formals, whole.args, strict=True))))
    return found


@dataclass(frozen=True)
class Line:
    """From one point to another that differs from it in one number, so that most edges are met by a secant.

    numbers  those that are others than at the random point of this place
    """

    subject: Subject
    place: int
    numbers: Numbers
    key: str
    start: Fraction
    end: Fraction

    @classmethod
    def across(cls, subject: Subject, start: Seen, end: Seen, gap: Gap) -> Line | None:
        """Where a comparison turns as one number after the other becomes that of the other point."""
        # Of a point at which few numbers are others these alone, so that all else may be as it is here.
        place, other = start[0], end[1] or subject.point(end[0]).numbers
        own = {**subject.point(place).numbers, **start[1]}
        keys = [
            key for key in sorted(own) if own[key] != other.get(key, own[key]) and not is_bound(subject, key)
        ]

        def numbers_after(count: int) -> Numbers:
            return {**start[1], **{key: other[key] for key in keys[:count]}}

        def side_after(count: int) -> int:
            return values.sign(gap(world_at(subject, place, numbers_after(count))))

        before, behind = 0, len(keys)
        side = side_after(before)
        if side_after(behind) == side:
            return None
        while behind - before > 1:
            middle = (before + behind) // 2
            before, behind = (middle, behind) if side_after(middle) == side else (before, middle)
        key = keys[before]
        return cls(subject, place, numbers_after(before), key, own[key], other[key])

    def at(self, t: Fraction) -> World:
        """The world at a part of the way from 0 to 1."""
        number = self.start + (self.end - self.start) * t
        return world_at(self.subject, self.place, {**self.numbers, self.key: number})

    def edge(self, gap: Gap) -> tuple[Fraction, Fraction] | None:
        """Parts of the way right before an edge of a comparison and right behind it; None without one."""
        low, high = Fraction(0), Fraction(1)
        before, behind = self._gap(gap, low), self._gap(gap, high)
        margin = FINEST
        for _ in range(MOST_ROUNDS):
            if not before or not behind or (before > 0) == (behind > 0):
                return None
            width = high - low
            if width <= 4 * FINEST:
                return low, high
            guess = low + width * before / (before - behind)
            for tried in (guess - margin, guess + margin, (low + high) / 2):
                t = Fraction(round(tried * SCALE), SCALE)
                if low < t < high and high - low > width / 4:
                    found = self._gap(gap, t)
                    if (found > 0) == (before > 0):
                        low, before = t, found
                    else:
                        high, behind = t, found
            # The secant of a smooth comparison is off by the square of the width.
            margin = max(FINEST, min((high - low) / 8, 8 * (high - low) ** 2))
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
