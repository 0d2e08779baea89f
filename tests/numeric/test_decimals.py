"""Printed numbers: only certain digits, bounds outward, and figures read as they are printed."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pytest

from numeric.decimals import certain, digit_count, fraction, half_unit, last_place, outward, plain, rounded


@pytest.mark.parametrize(
    ("lo", "hi", "text"),
    [
        ("0.12344", "0.12346", "0.123"),
        ("0.999", "1.001", "1"),
        ("0", "0", "0"),
        ("-1e-30", "1e-30", "0"),
        ("-2.5004", "-2.5001", "-2.5"),
        ("1.5e50", "1.5e50", "1.5e+50"),
    ],
)
def test_only_digits_that_both_ends_share_are_printed(lo, hi, text):
    """The next digit is anybody's guess."""
    assert certain(Fraction(lo), Fraction(hi), 4) == text


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(-2, 3), Fraction(1, 7), Fraction(10**40, 3)])
def test_bounds_are_rounded_outward(value):
    """They hold the fraction whatever its digits."""
    low, high = outward(value, value)
    assert Fraction(low) < value < Fraction(high)
    assert Fraction(high) - Fraction(low) <= abs(value) * Fraction(1, 10**23)


def test_a_quotient_is_rounded_once():
    """0.4545 repeating to three digits is 0.455, a half to even 0.2."""
    assert rounded(Fraction(5, 11), 3) == Decimal("0.455")
    assert rounded(Fraction(25, 100), 1) == Decimal("0.2")


FIGURES = [
    ("0.5240", -4, 4),
    ("3.", 0, 1),
    ("7", 0, 1),
    ("-0.00350", -5, 3),
    ("−1.20×10^-3", -5, 3),
    ("1e5", 5, 1),
]


@pytest.mark.parametrize(("text", "place", "digits"), FIGURES)
def test_a_figure_has_a_last_place_and_significant_digits(text, place, digits):
    """As a reader counts them; its half unit is what it leaves open."""
    assert (last_place(text), digit_count(text)) == (place, digits)
    assert half_unit(text) == Fraction(10) ** place / 2


def test_typographic_signs_are_read():
    """A minus and a times sign of the printing house."""
    assert fraction("−1.2×10^-3") == Fraction(-12, 10**4)


@pytest.mark.parametrize(
    ("number", "text"), [("1.500", "1.5"), ("-0.00", "0"), ("1E-9", "1e-9"), ("120", "120")]
)
def test_a_decimal_is_written_without_needless_zeros(number, text):
    """And without an exponent while it is short."""
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize("rounding", [ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_EVEN])
def test_a_fraction_of_very_many_digits_is_rounded_as_a_short_one(rounding):
    """Most of it is left out, and a bound may only be wider for that."""
    value = Fraction(3**20_000 + 1, 7**9_000)
    context = Context(prec=25, rounding=rounding, Emin=-999_999, Emax=999_999)
    exact = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    off = rounded(value, 25, rounding) - exact
    unit = Decimal(1).scaleb(exact.adjusted() - 24)
    allowed = {ROUND_FLOOR: (-unit, 0), ROUND_CEILING: (0, unit), ROUND_HALF_EVEN: (0, 0)}[rounding]
    assert allowed[0] <= off <= allowed[1]
