"""Proven values as they stand on a page."""

from __future__ import annotations

from fractions import Fraction

from derive.writing.tree import Num, Text, Tree, negated, plus
from numeric.balls.enclosure import Enclosure
from reports.content.page import Marked
from reports.numbers import agreeing, number, number_tree, typeset

FACTOR_DIGITS = 6
RESULT_DIGITS = 9
MOST_IN_A_CIRCLE = 8
FULL_DIGITS = 16
"""As many significant digits as float64 carries."""


def value_tree(value: Enclosure, digits: int = FACTOR_DIGITS) -> Tree:
    """The value rounded once from its enclosure; one that still holds 0 is 0 to all digits that are known."""
    if not value.defined:
        return Text("undefined")
    return Num("0") if value.holds_zero else number_tree(value.mid, digits)


def product_tree(*values: Enclosure, digits: int = FACTOR_DIGITS) -> Tree:
    """The product of enclosed values, rounded once."""
    if not all(value.defined for value in values):
        return Text("undefined")
    size = Fraction(1)
    for value in values:
        size *= Fraction(0) if value.holds_zero else value.mid
    return number_tree(size, digits)


def added(*values: Tree) -> Tree:
    """Numbers added up: 0.0553994 − 0.0190491, without a bracket around a negative one."""
    return plus(*map(_with_sign_apart, values))


def _with_sign_apart(value: Tree) -> Tree:
    if isinstance(value, Num) and value.text.startswith("-"):
        return negated(Num(value.text[1:]))
    return value


def exact_text(value: Enclosure, digits: int = FULL_DIGITS) -> str:
    """The value to as many digits as a floating-point witness prints."""
    if not value.defined:
        return "undefined"
    return "0" if value.holds_zero else number(value.mid, digits)


def marked(reference: str, text: str) -> Marked:
    """A number's text with the digits that agree with the reference set apart."""
    agreed, rest = agreeing(reference, text)
    agreed, _, first = agreed.partition("e")
    rest, _, second = rest.partition("e")
    return Marked(signed(agreed), signed(rest), signed(first or second))


def signed(text: str) -> str:
    """With a real minus sign."""
    return text.replace("-", "−")


def short(value: Enclosure) -> str:
    """The value as it stands in a circle of a diagram: four digits, three where there is an exponent."""
    if not value.defined:
        return "?"
    if value.holds_zero:
        return "0"
    text = typeset(value.mid, 4)
    return typeset(value.mid, 2) if len(text) > MOST_IN_A_CIRCLE else text


def short_gradient(value: Enclosure) -> str:
    """The same with its sign, which tells a gradient from a value where colours cannot be seen."""
    text = short(value)
    return text if text[0] in "−?" or text == "0" else f"+{text}"
