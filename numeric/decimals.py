"""Exact numbers as decimal text: only digits that are certain, and bounds that are rounded outward."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from derive.files.exact import decimal_of

BOUND_DIGITS = 25
"""Digits of a printed bound: nine more than float64 has."""

LONG_BITS = 1 << 14
"""Of a numerator or denominator: longer ones take long to write in tens."""

GUARD = 20

_WIDE = Context(prec=9000, Emin=-999_999_999, Emax=999_999_999)


def rounded(value: Fraction, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The fraction to so many significant digits; the quotient is rounded once.

    Of a fraction of very many digits a bound may be a unit wider, and a tie go either way.
    """
    context = Context(prec=digits, rounding=rounding, Emin=-999_999_999, Emax=999_999_999)
    n, d = value.numerator, value.denominator
    if max(n.bit_length(), d.bit_length()) <= LONG_BITS:
        return context.divide(Decimal(n), Decimal(d))
    near, off = _shortened(n, d, digits)
    below, above = context.subtract(near, off), context.add(near, off)
    return {ROUND_FLOOR: below, ROUND_CEILING: above}.get(rounding, context.plus(near))


def _shortened(n: int, d: int, digits: int) -> tuple[Decimal, Decimal]:
    """n/d to a few more digits than these, and by how much it may be off: most of n and d is left out."""
    kept = 4 * (digits + GUARD)
    over, under = (max(0, number.bit_length() - kept) for number in (n, d))
    context = Context(prec=digits + 2 * GUARD, Emin=-999_999_999, Emax=999_999_999)
    scale = context.power(Decimal(2), Decimal(over - under))
    near = context.multiply(context.divide(Decimal(n >> over), Decimal(d >> under)), scale)
    return near, context.scaleb(abs(near), -(digits + GUARD // 2))


def outward(lo: Fraction, hi: Fraction, digits: int = BOUND_DIGITS) -> tuple[Decimal, Decimal]:
    """Decimals that surely hold both ends."""
    return rounded(lo, digits, ROUND_FLOOR), rounded(hi, digits, ROUND_CEILING)


def certain(lo: Fraction, hi: Fraction, most: int) -> str:
    """The digits in which everything between lo and hi agrees; "0" where it holds 0 only."""
    if lo == hi == 0:
        return "0"
    for digits in range(most, 0, -1):
        low, high = rounded(lo, digits), rounded(hi, digits)
        if low == high:
            return plain(low)
    return "0"


def plain(number: Decimal) -> str:
    """A decimal without needless zeros, in plain notation while that stays short."""
    short = number.normalize(_WIDE)
    if short == 0:
        return "0"
    exponent = short.adjusted()
    return f"{short:f}" if -7 <= exponent <= 40 else f"{short:e}"


def as_decimal(text: str) -> Decimal:
    """The decimal that a figure prints, with its exponent at the last printed place: −1.20×10^-3, "3."."""
    number = decimal_of(text)
    assert number is not None, f"'{text}' prints no number"
    return number


def fraction(text: str) -> Fraction:
    """The exact value of a printed figure."""
    return Fraction(as_decimal(text))


def half_unit(text: str) -> Fraction:
    """Half a unit in the last place that a figure prints."""
    return Fraction(10) ** last_place(text) / 2


def last_place(text: str) -> int:
    """The power of ten of a figure's last digit: -3 for 0.524, 0 for 7 and for "3."."""
    exponent = as_decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def digit_count(text: str) -> int:
    """How many significant digits a figure prints; the zeros after the point count, those before do not."""
    return len("".join(map(str, as_decimal(text).as_tuple().digits)).lstrip("0"))


def with_digits(text: str, digits: int) -> str:
    """A printed figure with the zeros that give it so many significant digits: 0.900 for 0.9."""
    number = as_decimal(text)
    return f"{number.quantize(Decimal(1).scaleb(number.adjusted() - digits + 1), context=_WIDE):f}"
