"""How a number becomes text, for every page, table and message.

A number that a short decimal states exactly is shown as it was given: 0.05
stays 0.05 and 3 stays 3. Any other is rounded to so many significant digits,
half to even, from its exact value and with its zeros kept: 0.175510. Nothing is
ever rounded twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from derive.writing.plain import plain
from derive.writing.tree import Ident, Num, Text, Tree, negated

SMALLEST_PLAIN = -4
"""0.0001 is the least power of ten that is written without an exponent."""

LONGEST_PLAIN = 7
"""Whole numbers of more figures than this get an exponent."""

_INFINITE = Ident("∞")
_NO_NUMBERS: Mapping[str, Tree] = MappingProxyType(
    {"inf": _INFINITE, "-inf": negated(_INFINITE), "nan": Text("undefined")}
)

Real = Fraction | Decimal | float | int


def number(value: Real, digits: int = 6) -> str:
    """The value to `digits` significant digits, in ASCII: `0.000438568`, `-2.50000e-11`.

    `inf`, `-inf` and `nan` where a float is no number.
    """
    try:
        exact = Fraction(value)
    except (ValueError, OverflowError):  # what Fraction says of nan and of the infinities
        return str(float(value))
    if exact == 0:
        return "0"
    sign, size = "-" if exact < 0 else "", abs(exact)
    whole = size.denominator == 1 and size < 10**LONGEST_PLAIN
    n, exponent = _significant(size, max(digits, LONGEST_PLAIN) if whole else digits)
    given = n * Fraction(10) ** exponent == size
    last = int(value.as_tuple().exponent) if isinstance(value, Decimal) else math.inf  # 0.10 keeps its zero
    while given and n % 10 == 0 and exponent < last:
        n, exponent = n // 10, exponent + 1
    # zeros put in front of the point would pass for digits, unless the number is exact
    may_be_plain = given or exponent <= 0
    return sign + _laid_out(str(n), exponent, may_be_plain)


def _significant(size: Fraction, digits: int) -> tuple[int, int]:
    """(n, e) with n × 10^e nearest to size, n of exactly so many digits; half to even."""
    exponent = _magnitude(size) - digits + 1
    n = round(size / Fraction(10) ** exponent)
    return (n // 10, exponent + 1) if n == 10**digits else (n, exponent)


def _magnitude(size: Fraction) -> int:
    """The power of ten of the leading digit."""
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    power = math.floor(bits * math.log10(2)) - 1  # never above it, at most a step or two below
    while size >= Fraction(10) ** (power + 1):
        power += 1
    return power


def _laid_out(figures: str, exponent: int, may_be_plain: bool) -> str:
    """figures × 10^exponent as a plain decimal, or with an exponent where it is too small or too large."""
    point = len(figures) + exponent
    if not may_be_plain or not SMALLEST_PLAIN < point <= LONGEST_PLAIN:
        mantissa = f"{figures[0]}.{figures[1:]}".rstrip(".")
        return f"{mantissa}e{point - 1}"
    if exponent >= 0:
        return figures + "0" * exponent
    return f"{figures[:point]}.{figures[point:]}" if point > 0 else f"0.{'0' * -point}{figures}"


def number_tree(value: Real, digits: int = 6) -> Tree:
    """The same number as a formula, with × 10ⁿ for the exponent."""
    text = number(value, digits)
    return _NO_NUMBERS.get(text, Num(text))


def typeset(value: Real, digits: int = 6) -> str:
    """The same number as text for a reader, with a real minus sign: −0.217072, 1.2 × 10⁻¹¹."""
    return plain(number_tree(value, digits))


def agreeing(reference: str, text: str) -> tuple[str, str]:
    """`text` in two: the leading part whose digits are the reference's, and the rest.

    0.08216704056|31858 against 0.0821670405642307. The reference must be exact, or
    have at least as many digits. Nothing agrees where the signs, the places of the
    point or the exponents differ, nor where only leading zeros do.
    """
    known, shown = (side.replace("−", "-") for side in (reference, text))
    known_digits, _, known_exponent = known.partition("e")
    shown_digits, _, shown_exponent = shown.partition("e")
    if known_exponent != shown_exponent or _whole(known_digits) != _whole(shown_digits):
        return "", text
    if "." not in known_digits:
        known_digits += "."
    padded = known_digits.ljust(len(shown_digits), "0")
    length = next(
        (place for place, digit in enumerate(shown_digits) if digit != padded[place]), len(shown_digits)
    )
    if length == len(shown_digits):
        return text, ""
    return (text[:length], text[length:]) if shown_digits[:length].strip("-0.") else ("", text)


def _whole(digits: str) -> int:
    """How many characters stand before the point."""
    return len(digits.partition(".")[0])
