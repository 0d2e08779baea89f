"""Proven enclosures: the symbolic gradient's values, with the error they can claim.

Precision is raised until each value is known to 30 digits and both ends of its
ball round to the same float64. A ball that still holds 0 at the last precision
reads "0 to N digits".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, isnan, log10, nan

from flint import arb, ctx, fmpq

from derive.problem import Value
from derive.steps import Program
from numeric.balls.operations import Ball, exact
from numeric.balls.tape import Run, Tape
from numeric.decimals import certain, outward

PRECISIONS = (128, 256, 512, 1024, 2048, 4096)
IN_PARTS = PRECISIONS[2:]
"""Those of numbers in parts, where one piece has no value: 4,096 bits leave of ln(1 - sigma(5000)) ln 0."""
DEEP = 1 << 14
"""Beyond them, in one piece, where parts have no value either."""

NO_VALUE = f"the formula has no value here, or none that {DEEP:,} bits can tell"

ENOUGH_BITS = 100

REACH = 1 << 16
"""Nothing is said of numbers beyond 2^REACH, and of those below 2^-REACH only that they are as small."""

TOO_LARGE = "beyond 10^19728"

END_BITS = 160
"""At which a ball's ends are read, rounded outward, before they are rounded to float64."""

NORMAL = (2.0**-900, 2.0**900)
"""Between these a float64 has all its digits, and so have its products with numbers near 1."""


@dataclass(frozen=True)
class Enclosure:
    """lo <= value <= hi, proven; both None where the value does not exist, with the reason in `why`."""

    lo: Fraction | None
    hi: Fraction | None
    why: str = ""

    @property
    def defined(self) -> bool:
        return self.lo is not None

    @property
    def mid(self) -> Fraction:
        assert self.lo is not None and self.hi is not None
        return (self.lo + self.hi) / 2

    @property
    def radius(self) -> Fraction:
        assert self.lo is not None and self.hi is not None
        return (self.hi - self.lo) / 2

    @property
    def holds_zero(self) -> bool:
        return self.lo is not None and self.hi is not None and self.lo <= 0 <= self.hi

    @property
    def zero_digits(self) -> int | None:
        """N of "0 to N digits"; None where the value is exactly 0 or not 0."""
        if not self.holds_zero or self.radius == 0:
            return None
        return -_log10_ceiling(self.radius)

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """Both ends as decimals, rounded outward, less than a float64 unit apart.

        Raises ValueError, with the reason, where the value does not exist.
        """
        if self.lo is None or self.hi is None:
            raise ValueError(self.why or NO_VALUE)
        return outward(self.lo, self.hi)

    def text(self, most: int = 30) -> str:
        """Every digit that is certain, `most` at the most."""
        assert self.lo is not None and self.hi is not None
        return certain(self.lo, self.hi, most)


def _log10_ceiling(value: Fraction) -> int:
    return _first_place(value.numerator) - _first_place(value.denominator) + 1


def _first_place(number: int) -> int:
    """The power of ten of a number's first digit; `str` would refuse more than 4,300 digits."""
    return Decimal(number).adjusted()


def enclosure(value: Ball, why: str = "") -> Enclosure:
    """What a ball claims, as exact fractions."""
    if isinstance(value, fmpq):
        number = Fraction(int(value.p), int(value.q))
        return Enclosure(number, number)
    if not value.is_finite():
        return Enclosure(None, None, why or NO_VALUE)
    if _top_bit(value) > REACH:
        return Enclosure(None, None, TOO_LARGE)
    smallest = Fraction(1, 1 << REACH)
    if _top_bit(value) <= -REACH:
        return Enclosure(-smallest, smallest)
    m, p = _dyadic(value.mid())
    r, q = _dyadic(value.rad()) if _top_bit(value.rad()) > -REACH else (1, REACH)
    places = max(p, q)
    mid, radius = m << (places - p), r << (places - q)
    return Enclosure(Fraction(mid - radius, 1 << places), Fraction(mid + radius, 1 << places))


def _top_bit(value: arb) -> int:
    """The power of two just above a ball; 0 for the ball of 0 alone."""
    mantissa, exponent = value.abs_upper().man_exp()
    return int(exponent) + int(mantissa).bit_length()


def _dyadic(point: arb) -> tuple[int, int]:
    """m and p of a point m/2^p, with p >= 0."""
    mantissa, exponent = map(int, point.man_exp())
    return (mantissa << exponent, 0) if exponent >= 0 else (mantissa, -exponent)


def nearest_float(value: Fraction) -> float:
    """The float64 next to a fraction; infinite beyond its range."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def settled(value: Ball) -> bool:
    """Whether more precision would change nothing that is shown."""
    if isinstance(value, fmpq) or not value.is_finite():
        return isinstance(value, fmpq)
    if value.is_exact():
        return True
    if value.rel_accuracy_bits() < ENOUGH_BITS:
        return False
    if not isnan(nearest(value)):
        return True
    claim = enclosure(value)
    if claim.lo is None or claim.hi is None:
        return True
    return nearest_float(claim.lo) == nearest_float(claim.hi)


def nearest(value: Ball) -> float:
    """The float64 that all of a value rounds to; nan where there are two, or where its range ends."""
    if isinstance(value, fmpq):
        rounded = nearest_float(Fraction(int(value.p), int(value.q)))
        return rounded if value == 0 or NORMAL[0] < abs(rounded) < NORMAL[1] else nan
    with ctx.workprec(END_BITS):
        below, above = float(value.lower()), float(value.upper())
    if below == above and (value == 0 or NORMAL[0] < abs(below) < NORMAL[1]):
        return below
    return nan


@dataclass(frozen=True)
class Enclosures:
    """Enclosures by key, each made when it is asked for.

    why        why there is none, where a ball has no value
    tied       the steps that sat on a kink
    straddled  those that could not be decided
    """

    balls: Mapping[str, Ball]
    why: str
    tied: frozenset[str]
    straddled: frozenset[str]

    def __getitem__(self, key: str) -> Enclosure:
        return enclosure(self.balls[key], self.why)

    @property
    def values(self) -> Mapping[str, Enclosure]:
        """All of them."""
        return {key: self[key] for key in self.balls}


def balls_of(given: Mapping[str, Value]) -> dict[str, Ball]:
    """Exact rationals from exact values."""
    return {key: exact(value) for key, value in given.items() if value is not None}


def enclose(program: Program, given: Mapping[str, Ball], wanted: Iterable[str]) -> Enclosures:
    """Evaluate until every wanted value is settled, or precision is at its end."""
    keys = tuple(wanted)
    return settled_at(Tape.of(program.only(keys), given), given, keys)


def settled_at(tape: Tape, given: Mapping[str, Ball], keys: Sequence[str]) -> Enclosures:
    """The enclosures of a compiled program's values at these numbers."""
    run = settle(tape, given, keys)
    why = f"no value in {', '.join(sorted(run.straddled))}" if run.straddled else ""
    return Enclosures({key: run[key] for key in keys}, why, run.tied, run.straddled)


def settle(tape: Tape, given: Mapping[str, Ball], keys: Iterable[str]) -> Run:
    """The run at the least precision that settles all keys, or the last one.

    Where some have no value there, or a branch could not be decided, numbers are kept in parts.
    """
    wanted = tuple(keys)
    for bits in PRECISIONS:
        run = tape.run(given, bits)
        if all(settled(run[key]) for key in wanted):
            return run
    if not _unknown(run, wanted):
        return run
    runs = [run]
    for bits in IN_PARTS:
        runs.append(tape.run_in_parts(given, bits))
        if _unknown(runs[-1], wanted) or all(settled(runs[-1][key]) for key in wanted):
            break
    if _unknown(runs[-1], wanted):
        runs.append(tape.run(given, DEEP))
    return min(reversed(runs), key=lambda run: _unknown(run, wanted))


def _unknown(run: Run, wanted: Iterable[str]) -> int:
    """How many of a run's values do not exist, or rest on a branch that could not be decided."""
    return len(run.straddled) + sum(not _is_finite(run[key]) for key in wanted)


def _is_finite(value: Ball) -> bool:
    return isinstance(value, fmpq) or bool(value.is_finite())


def relative_digits(gap: Fraction, size: Fraction) -> float:
    """How many decimal digits of `size` a gap leaves proven; infinite for none."""
    if gap == 0:
        return float("inf")
    if size == 0:
        return float("-inf")
    ratio = gap / size
    shift = _first_place(ratio.numerator) - _first_place(ratio.denominator)
    return -(shift + log10(float(ratio / Fraction(10) ** shift)))
