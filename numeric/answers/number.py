"""A number as an answer: the digits that were asked for, and what is wrong with others.

Right is what the true value rounds to: at the digits asked for, or where none are, at all that
the answer has. A cut-off number is not a rounded one, and is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from derive.formula.nodes import Apply, Matrix, Node, Number
from numeric.balls.enclosure import Enclosure, enclosure
from numeric.deciding.compare import InWorld
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value, residue_of
from numeric.deciding.worlds import World
from numeric.decimals import digit_count, fraction, half_unit, rounded

USUAL_DIGITS = 3
"""Significant digits that a number must have at least where the question does not say."""

MOST_DIGITS = 12
"""Of a number that has more, the others are not looked at: they are what a program prints of a float."""

MOST_DENOMINATOR = 10**40
"""Of a ratio that a value is recognised as; a ball of 2048 bits holds hardly one of these by chance."""


@dataclass(frozen=True)
class Measure:
    """What a number must fulfil: so many significant digits, or a relative error."""

    digits: int | None = None
    tolerance: Fraction | None = None

    @property
    def wanted(self) -> int:
        """Significant digits that a number must have."""
        return self.digits or USUAL_DIGITS

    @property
    def demand(self) -> str:
        """The same as the end of a sentence."""
        if self.digits is None:
            return f"a number that is not exact needs at least {USUAL_DIGITS} significant ones"
        ones = "digit is" if self.digits == 1 else "digits are"
        return f"{self.digits} significant {ones} asked for"

    def accepts(self, printed: str, truth: Enclosure) -> bool:
        """Whether a number, as written, is the true value as closely as was asked for."""
        value = fraction(printed)
        low, high = ends(truth)
        if low == high == value:
            return True
        if self.tolerance is not None:
            return max(abs(value - low), abs(value - high)) <= self.tolerance * min(abs(low), abs(high))
        if value == 0 or low <= 0 <= high or digit_count(printed) < self.wanted:
            return False
        own = half_unit(printed)
        if value - own <= low and high <= value + own:
            return True
        looked_at = self.digits or min(digit_count(printed), MOST_DIGITS)
        return len({rounded(number, looked_at) for number in (low, high, value)}) == 1

    def is_true_throughout(self, printed: str, truth: Enclosure) -> bool:
        """Whether further digits than those that were asked for are true as well."""
        digits = min(digit_count(printed), MOST_DIGITS)
        return digits <= self.wanted or replace(self, digits=digits).accepts(printed, truth)

    def holds(self, value: Enclosure, truth: Enclosure) -> bool:
        """Whether the exact value of an expression is the true one as closely as was asked for."""
        least, most, low, high = (*ends(value), *ends(truth))
        bounds = {least, most, low, high}
        if len(bounds) == 1:
            return True
        if self.tolerance is not None:
            return max(abs(most - low), abs(high - least)) <= self.tolerance * min(abs(low), abs(high))
        if least <= 0 <= most or low <= 0 <= high:
            return False
        return len({rounded(end, self.wanted) for end in bounds}) == 1


def ends(truth: Enclosure) -> tuple[Fraction, Fraction]:
    """Both ends of what is proven of a value that has one."""
    assert truth.lo is not None and truth.hi is not None
    return truth.lo, truth.hi


def exact(value: Fraction) -> Enclosure:
    """A value of which nothing is open."""
    return Enclosure(value, value)


def rounds_to(world: World, side: InWorld, printed: Sequence[str]) -> bool:
    """Whether each entry of a formula in a world rounds to the number that is printed for it."""
    try:
        truths = [value_of(value) for value in side(world).flat]
    except UnluckyError:
        return False
    return len(truths) == len(printed) and all(map(_rounds, truths, printed))


def _rounds(truth: Enclosure, printed: str) -> bool:
    if truth.lo is None or truth.hi is None:
        return False
    number, half = fraction(printed), half_unit(printed)
    return number - half <= truth.lo and truth.hi <= number + half


def value_of(value: Value) -> Enclosure:
    """What is proven of a value at its world's point; the number itself where it is a ratio."""
    if value.number is not None:
        return exact(value.number)
    found = enclosure(value.near(PRECISIONS[-1]))
    ratio = _ratio_of(value, found) if found.defined else None
    return found if ratio is None else exact(ratio)


def _ratio_of(value: Value, found: Enclosure) -> Fraction | None:
    """The simple ratio that a value is, as its residue shows: the rest of its ball has other residues."""
    low, high = ends(found)
    ratio = found.mid.limit_denominator(MOST_DENOMINATOR)
    if not low <= ratio <= high:
        return None
    try:
        is_it = value.at(0) == residue_of(ratio, value.fields[0].prime)
    except (UnluckyError, TooDeepError):
        return None
    return ratio if is_it else None


def printed_numbers(node: Node) -> list[str]:
    """The texts of an answer that is a number as it is printed, or a matrix of such; none of others."""
    rows = node.rows if isinstance(node, Matrix) else ((node,),)
    found = [printed_number(entry) for row in rows for entry in row]
    return [text for text in found if text is not None] if None not in found else []


def printed_number(node: Node) -> str | None:
    """The text of an answer that is a number as it is printed, with its sign; None where it is none."""
    sign = ""
    while isinstance(node, Apply) and node.operation == "negate":
        sign, node = "" if sign else "-", node.args[0]
    return f"{sign}{node.text}" if isinstance(node, Number) else None
