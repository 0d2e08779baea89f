"""A number as an answer: the digits that were asked for, and what is wrong with others.

Right is what the true value rounds to: at the digits asked for, or where none are, at all that
the answer has. A cut-off number is not a rounded one, and is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN
from fractions import Fraction

from derive.formula.nodes import Apply, Node, Number
from numeric.balls.enclosure import Enclosure, enclosure
from numeric.deciding.compare import InWorld
from numeric.deciding.values import PRECISIONS, UnluckyError, Value
from numeric.deciding.worlds import World
from numeric.decimals import as_decimal, digit_count, fraction, half_unit, rounded

USUAL_DIGITS = 3
"""Significant digits that a number must have at least where the question does not say."""

MOST_DIGITS = 12
"""Of a number that has more, the others are not looked at: they are what a program prints of a float."""


@dataclass(frozen=True)
class Measure:
    """What a number must fulfil: so many significant digits, or a relative error."""

    digits: int | None = None
    tolerance: Fraction | None = None

    def accepts(self, printed: str, truth: Enclosure) -> bool:
        """Whether a number, as written, is the true value as closely as was asked for."""
        value = fraction(printed)
        low, high = _ends(truth)
        if low == high == value:
            return True
        if self.tolerance is not None:
            return max(abs(value - low), abs(value - high)) <= self.tolerance * min(abs(low), abs(high))
        wanted = self.digits or USUAL_DIGITS
        if value == 0 or low <= 0 <= high or digit_count(printed) < wanted:
            return False
        own = half_unit(printed)
        if value - own <= low and high <= value + own:
            return True
        looked_at = self.digits or min(digit_count(printed), MOST_DIGITS)
        return len({rounded(number, looked_at) for number in (low, high, value)}) == 1

    def is_true_throughout(self, printed: str, truth: Enclosure) -> bool:
        """Whether further digits than those that were asked for are true as well."""
        return replace(self, digits=None).accepts(printed, truth) or digit_count(printed) <= USUAL_DIGITS

    def holds(self, value: Enclosure, truth: Enclosure) -> bool:
        """Whether the exact value of an expression is the true one as closely as was asked for."""
        ends = (*_ends(value), *_ends(truth))
        if len(set(ends)) == 1:
            return True
        least, most, low, high = ends
        if self.tolerance is not None:
            return max(abs(most - low), abs(high - least)) <= self.tolerance * min(abs(low), abs(high))
        if least <= 0 <= most or low <= 0 <= high:
            return False
        return len({rounded(end, self.digits or USUAL_DIGITS) for end in ends}) == 1


def _ends(truth: Enclosure) -> tuple[Fraction, Fraction]:
    assert truth.lo is not None and truth.hi is not None
    return truth.lo, truth.hi


LAST_DIGIT = "last digit"


@dataclass(frozen=True)
class _Case:
    """A wrong number beside the true one."""

    printed: str
    value: Fraction
    truth: Fraction
    wanted: int
    count: int


def what_is_wrong(printed: str, truth: Enclosure, measure: Measure) -> tuple[str, str] | None:
    """The name of a slip in writing a number down, and its sentence; None where it is simply another one."""
    low, high = _ends(truth)
    wanted = measure.digits or USUAL_DIGITS
    case = _Case(printed, fraction(printed), (low + high) / 2, wanted, digit_count(printed))
    if low <= 0 <= high:
        return None
    return next(((name, text) for name, holds, text in _rows(case) if holds(case)), None)


def _rows(case: _Case) -> Iterator[tuple[str, Callable[[_Case], bool], str]]:
    """Slips in writing a number, the surest first."""
    digits = "digit" if case.wanted == 1 else "digits"
    yield (
        "too few digits",
        lambda c: c.count < c.wanted and _rounds_to(c, c.count),
        f"The digits are right, but {case.wanted} significant {digits} are asked for.",
    )
    yield (
        "cut off",
        _is_cut_off,
        "The digits are those of the exact value, cut off: the next digit is 5 or more, so the last one is"
        " rounded up.",
    )
    yield (
        "sign",
        lambda c: Measure(c.wanted).accepts(c.printed.lstrip("+-−"), _exact(abs(c.truth))),
        "The number is right but for its sign.",
    )
    yield (
        "digits exchanged",
        _is_exchanged,
        "Two neighbouring digits are exchanged.",
    )
    yield (
        "decimal point",
        _is_shifted,
        "The digits are right, but the decimal point is in the wrong place.",
    )
    yield (
        LAST_DIGIT,
        lambda c: c.count > 1 and _off_by_units(c) <= 2,
        "Only the last digit is off: an intermediate result was rounded before the end.",
    )


def _exact(value: Fraction) -> Enclosure:
    return Enclosure(value, value)


def _rounds_to(case: _Case, digits: int) -> bool:
    return digits > 0 and Fraction(rounded(case.truth, digits)) == case.value


def _is_cut_off(case: _Case) -> bool:
    """Whether it is the true value rounded towards 0 at its own digits."""
    if case.count < min(2, case.wanted):
        return False
    return Fraction(rounded(case.truth, case.count, ROUND_DOWN)) == case.value


def _is_exchanged(case: _Case) -> bool:
    """Whether two neighbouring digits in the other order make the number right."""
    text = case.printed
    pairs = (i for i in range(len(text) - 1) if text[i].isdigit() and text[i + 1].isdigit())
    turned = (f"{text[:i]}{text[i + 1]}{text[i]}{text[i + 2 :]}" for i in pairs if text[i] != text[i + 1])
    return case.count > 2 and any(Measure(case.count).accepts(one, _exact(case.truth)) for one in turned)


def _is_shifted(case: _Case) -> bool:
    """Whether a power of ten other than 1 makes the number right."""
    if case.value == 0 or case.value * case.truth < 0:
        return False
    power = round(rounded(abs(case.value / case.truth), 15).log10())
    if power == 0:
        return False
    moved = str(as_decimal(case.printed).scaleb(-power))
    return Measure(min(case.wanted, case.count)).accepts(moved, _exact(case.truth))


def _off_by_units(case: _Case) -> Fraction:
    """By how many units of its last place a number is off."""
    return abs(case.value - case.truth) / (2 * half_unit(case.printed))


def rounds_to(world: World, side: InWorld, printed: str) -> bool:
    """Whether a formula's value in a world rounds to a printed number."""
    try:
        (value,) = side(world).flat
    except (UnluckyError, ValueError):
        return False
    truth = value_of(value)
    if truth.lo is None or truth.hi is None:
        return False
    number, half = fraction(printed), half_unit(printed)
    return number - half <= truth.lo and truth.hi <= number + half


def value_of(value: Value) -> Enclosure:
    """What is proven of a value at its world's point."""
    return _exact(value.number) if value.number is not None else enclosure(value.near(PRECISIONS[-1]))


def printed_number(node: Node) -> str | None:
    """The text of an answer that is a number as it is printed, with its sign; None where it is none."""
    sign = ""
    while isinstance(node, Apply) and node.operation == "negate":
        sign, node = "" if sign else "-", node.args[0]
    return f"{sign}{node.text}" if isinstance(node, Number) else None
