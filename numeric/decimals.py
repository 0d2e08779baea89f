"""Exact numbers as decimal text: only digits that are certain, and bounds that are rounded outward."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

BOUND_DIGITS = 25
"""Digits of a printed bound: nine more than float64 has."""

_WIDE = Context(prec=9000, Emin=-999_999_999, Emax=999_999_999)


def rounded(value: Fraction, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The fraction to so many significant digits; the quotient is rounded once."""
    context = Context(prec=digits, rounding=rounding, Emin=-999_999_999, Emax=999_999_999)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


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


def fraction(text: str) -> Fraction:
    """The exact value of a printed figure, with the typographic minus and times sign understood."""
    return Fraction(normal(text))


def normal(text: str) -> str:
    """A printed figure in ASCII: `−1.2×10^-3` is `-1.2e-3`."""
    ascii_text = text.strip().replace("\N{MINUS SIGN}", "-").replace(" ", "")
    for times in ("\N{MULTIPLICATION SIGN}10^", "*10^", "x10^"):
        ascii_text = ascii_text.replace(times, "e")
    return ascii_text


def half_unit(text: str) -> Fraction:
    """Half a unit in the last place that a figure prints."""
    return Fraction(10) ** last_place(text) / 2


def last_place(text: str) -> int:
    """The power of ten of a figure's last digit: -3 for 0.524, 0 for 7 and for "3."."""
    exponent = Decimal(normal(text).rstrip(".")).as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def digit_count(text: str) -> int:
    """How many significant digits a figure prints; the zeros after the point count, those before do not."""
    digits = Decimal(normal(text).rstrip(".")).as_tuple().digits
    return len("".join(map(str, digits)).lstrip("0"))
