"""How numbers become text: rounded once, from the exact value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.writing.tree import Num
from reports.numbers import agreeing, number, number_tree, typeset

NUMBERS = [
    (Fraction(1, 20), 6, "0.05"),
    (Decimal("0.10"), 6, "0.10"),
    (Decimal("0.40"), 6, "0.40"),
    (3, 6, "3"),
    (0, 6, "0"),
    (-0.0, 6, "0"),
    (Fraction(-1, 8), 6, "-0.125"),
    (Fraction(1, 3), 6, "0.333333"),
    (Fraction(2, 3), 3, "0.667"),
    (0.1755100534, 6, "0.175510"),
    (0.05, 6, "0.0500000"),
    (0.05, 17, "0.050000000000000003"),
    (Decimal("0.000438567734474347"), 6, "0.000438568"),
    (Fraction(1, 10000), 6, "0.0001"),
    (9.9999999e-5, 6, "0.000100000"),
    (9.9999999e-6, 6, "1.00000e-5"),
    (Fraction(1, 100000), 6, "1e-5"),
    (Fraction(-12345678, 10**19), 6, "-1.23457e-12"),
    (1234567, 6, "1234567"),
    (3_000_000, 6, "3000000"),
    (10**7, 6, "1e7"),
    (12345678, 6, "1.23457e7"),
    (123456.7, 6, "123457"),
    (1234567.8, 6, "1.23457e6"),
    (999999.5, 6, "1.00000e6"),
    (5e-324, 3, "4.94e-324"),
    (10**400, 6, "1e400"),
    (float("inf"), 6, "inf"),
    (float("-inf"), 6, "-inf"),
    (float("nan"), 6, "nan"),
]


@pytest.mark.parametrize(("value", "digits", "text"), NUMBERS, ids=lambda value: repr(value)[:30])
def test_a_number_is_written_as_this_text(value, digits, text):
    """Given decimals as given, computed ones to so many digits with their zeros."""
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(25, 1000), "0.02"), (Fraction(35, 1000), "0.04"), (0.025, "0.03")], ids=str
)
def test_a_half_is_rounded_to_even_and_only_a_true_half(value, text):
    """The float 0.025 lies above 1/40, so it is not a half and goes up."""
    assert number(value, 1) == text


@given(st.fractions(), st.integers(1, 20))
def test_the_text_is_within_half_a_unit_of_its_last_digit(value, digits):
    """A printed figure is an interval, and the value it stands for lies in it."""
    error = abs(Fraction(number(value, digits)) - value)
    assert error <= abs(value) * Fraction(1, 2) / 10 ** (digits - 1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_seventeen_digits_give_the_float_back(value):
    """Nothing is lost on the way to a JSON file and back."""
    assert float(number(value, 17)) == value


def test_a_tree_holds_the_same_digits():
    """The formula and the table cannot show two numbers."""
    assert number_tree(Fraction(-1, 3), 4) == Num("-0.3333")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.2170715, "−0.217072"),
        (1.2e-11, "1.20000 × 10⁻¹¹"),
        (float("-inf"), "−∞"),
        (float("nan"), "undefined"),
    ],
)
def test_a_reader_sees_a_real_minus_and_a_power_of_ten(value, text):
    """`1.2e-11` is a programmer's spelling."""
    assert typeset(value) == text


AGREEING = [
    ("0.0821670405642307", "0.0821670405631858", ("0.08216704056", "31858")),
    ("0.0821670405642307", "0.0821670405642307", ("0.0821670405642307", "")),
    ("0.0821670405642307", "0.08217", ("0.0821", "7")),
    ("0.5", "0.500000000001", ("0.50000000000", "1")),
    ("3", "3.0001", ("3.000", "1")),
    ("-0.02260", "−0.02261", ("−0.0226", "1")),
    ("1.2345e-9", "1.2399e-9", ("1.23", "99e-9")),
    ("1.2345e-9", "1.2345e-8", ("", "1.2345e-8")),
    ("0.0999", "0.1001", ("", "0.1001")),
    ("0.5", "-0.5", ("", "-0.5")),
    ("12.5", "125.0", ("", "125.0")),
    ("0", "0", ("0", "")),
]


@pytest.mark.parametrize(("reference", "text", "parts"), AGREEING)
def test_only_digits_in_the_same_place_agree(reference, text, parts):
    """The marked digits are the page's evidence, so leading zeros or a shifted point must not count."""
    assert agreeing(reference, text) == parts
