"""Lines of a derivation checked by number: both sides in balls, at points of the branch.

A proof says that a line is right; a number that the proof says so of the right
formulas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import inf

import sympy as sp

from derive.branches import Branch
from derive.expressions import Formula
from derive.sheet import Derived, Sheet
from derive.steps import Program, Step, Term
from numeric.balls.enclosure import Enclosure, balls_of, enclose, relative_digits

CHECKED = tuple(Fraction(p, q) for p, q in ((-9, 4), (-1, 3), (1, 5), (2, 3), (7, 4), (11, 3), (-23, 4)))
ENOUGH_DIGITS = 30

WIDE = 4
"""How far from its only end a set without other points is looked into."""


@dataclass(frozen=True, slots=True)
class Check:
    """The points at which a line was evaluated, and the digits in which it is SymPy's derivative at all."""

    points: int
    digits: float


def checks(sheet: Sheet, derived: Derived) -> tuple[Check, ...]:
    """A check of every line of a derivation, in their order."""
    if not derived.lines:
        return ()
    formals = sheet.formula.formals
    points = tuple(_points(sheet, derived))
    keys = tuple(symbol.name for symbol in formals)
    sides = (derived.slope, *(line.expr for line in derived.lines))
    steps = tuple(
        Step(f"line {place}", (Term(Formula(side, formals), keys),), "line")
        for place, side in enumerate(sides)
    )
    worst = [inf if points else -inf] * len(derived.lines)
    for point in points:
        given = balls_of({symbol.name: value for symbol, value in point.items()})
        found = enclose(Program(steps), given, [step.key for step in steps])
        for place in range(len(worst)):
            worst[place] = min(worst[place], agreed(found["line 0"], found[f"line {place + 1}"]))
    return tuple(Check(len(points), digits) for digits in worst)


def agreed(left: Enclosure, right: Enclosure) -> float:
    """Digits in which two enclosed values surely agree; none where they are apart or not known."""
    if left.lo is None or left.hi is None or right.lo is None or right.hi is None:
        return -inf
    return relative_digits(max(left.hi, right.hi) - min(left.lo, right.lo), abs(left.mid))


def _points(sheet: Sheet, derived: Derived) -> Iterator[Mapping[sp.Symbol, Fraction]]:
    """Values of all arguments: that of the derivative's within its branch, parameters as they are set."""
    by = sheet.formula.formals[derived.by]
    others = [symbol for symbol in sheet.formula.formals if symbol != by and symbol not in sheet.values]
    shifts = (0,) if derived.branch.where is not None else range(len(CHECKED))
    for shift, (place, value) in product(shifts, enumerate(_inside(derived.branch.where))):
        drawn = {
            symbol: CHECKED[(place + shift + 2 * k) % len(CHECKED)] for k, symbol in enumerate(others, 1)
        }
        point = {by: value, **drawn, **sheet.values}
        tied = value in drawn.values()  # |a - y| has a kink there
        if derived.branch.where is not None or (not tied and _counts(derived.branch, point)):
            yield point


def _inside(where: sp.Set | None) -> Iterator[Fraction]:
    """Some rational numbers of a set; where it is small or far off, some between its ends."""
    if where is None:
        yield from CHECKED
        return
    found = [point for point in CHECKED if sp.Rational(point.numerator, point.denominator) in where]
    if len(found) > 1:
        yield from found
        return
    if where.inf.is_finite:
        low = Fraction(str(where.inf))
        high = Fraction(str(where.sup)) if where.sup.is_finite else low + WIDE
    else:
        high = Fraction(str(where.sup))
        low = high - WIDE
    yield from (low + (high - low) * Fraction(k, 7) for k in (1, 2, 4, 6))


def _counts(branch: Branch, point: Mapping[sp.Symbol, Fraction]) -> bool:
    """Whether the branch's condition holds there, and none before it."""
    numbers = {symbol: sp.Rational(value.numerator, value.denominator) for symbol, value in point.items()}
    earlier = any(condition.subs(numbers) == sp.true for condition in branch.before)
    return bool(branch.when.subs(numbers) == sp.true) and not earlier
