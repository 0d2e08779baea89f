"""Exact numbers out of what a file or a caller gives.

A decimal text stands for itself: 0.15 is 3/20. A float of Python or NumPy
stands for its exact binary value: 0.1 is 3602879701896397/2**55.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

MOST_DIGITS = 400
"""Of a number written out, and of its power of ten in either direction."""

TOO_LARGE = 10**MOST_DIGITS

TOO_LONG = f"a number of more than {MOST_DIGITS} digits"
TOO_FAR = f"a number beyond 10^{MOST_DIGITS} or below 10^-{MOST_DIGITS}"

STAND_IN_POWER = 10 * MOST_DIGITS
"""The power of ten of a number whose own is too large even for Decimal."""

MOST_SHOWN = 12
"""Digits of a number that a message repeats."""

UNUSABLE = "which is not a number that one can compute with"

NUMBER_PATTERN = (
    r"\s*([+\-−]?)\s*([0-9]+\.?[0-9]*|\.[0-9]+)"  # sign, digits
    r"(?:(?:[eE]|\s*[×*]\s*10(?:\^|\*\*))(?:([+\-−]?[0-9]+)|\{([+\-−]?[0-9]+)\}))?\s*"  # power of ten
)
"""A number written as text, in what Python's patterns share with those of a JSON Schema."""

_DECIMAL = re.compile(NUMBER_PATTERN)


def decimal_of(text: str) -> Decimal | None:
    """The number that a text prints: `3.`, `.50`, `−1e-5`, `1.20×10^-3`; None where it prints none.

    Every printed digit is kept, so the Decimal's exponent is the text's last
    place. Raises ValueError for a number too large to compute with.
    """
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return Decimal(text)
    read = _DECIMAL.fullmatch(text)
    if read is None:
        return None
    sign, digits, *powers = ((part or "").replace("−", "-") for part in read.groups())
    power = next(filter(None, powers), "0")
    if len(digits) > MOST_DIGITS + 1:
        raise ValueError(too_long(text.strip()))
    # The power is read only where it is short: Decimal overflows on a very long one.
    if len(power.lstrip("+-0")) > len(str(MOST_DIGITS)):
        raise ValueError(f"{beginning(text.strip())}, {TOO_FAR}")
    return _within(Decimal(f"{sign}{digits}e{power}"))


def too_long(text: str) -> str:
    """What is wrong with a number of very many digits."""
    return f"{beginning(text)}, {TOO_LONG}"


def beginning(text: str) -> str:
    """A number's first digits."""
    return text if len(text) <= 2 * MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def exact(value: object) -> Fraction | None:
    """The fraction that a value stands for; None where it is no number at all.

    Raises ValueError for nan, inf and numbers too large to compute with.
    """
    if isinstance(value, str):
        written = decimal_of(value)
        return None if written is None else Fraction(written)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        return None
    if isinstance(value, Decimal):
        return Fraction(_within(value))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value}, {UNUSABLE}")
    number = Fraction(value)
    if max(abs(number.numerator), number.denominator) >= TOO_LARGE:
        raise ValueError(too_long(f"{Decimal(number.numerator)}") if number.denominator == 1 else TOO_LONG)
    return number


def _within(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(f"{float(number)}, {UNUSABLE}")
    if len(number.as_tuple().digits) > MOST_DIGITS:
        raise ValueError(too_long(f"{number}"))
    if max(abs(number.adjusted()), abs(int(number.as_tuple().exponent))) > MOST_DIGITS:
        # What stands in for a power of ten beyond Decimal's own is not what the file says.
        named = f"{beginning(f'{number}')}, " if number.adjusted() < STAND_IN_POWER else ""
        raise ValueError(f"{named}{TOO_FAR}")
    return number
