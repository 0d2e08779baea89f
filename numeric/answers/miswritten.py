"""Slips in writing a number down: what a wrong number has in common with the true one.

    0.0821 for 0.08217   cut off            0.0832 for 0.0823   two digits exchanged
    0.823 for 0.0823     decimal point      0.0824 for 0.0823   the last digit
    0.0723 for 0.0823    one digit          0.247 for 0.0823    three times as much

What is said is so of the digits themselves; how they came about is said with a "perhaps".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN
from fractions import Fraction
from functools import cached_property

from numeric.answers.number import Measure, ends, exact
from numeric.balls.enclosure import Enclosure
from numeric.decimals import as_decimal, digit_count, fraction, half_unit, rounded
from numeric.judging.published import matches

LAST_DIGIT, ONE_DIGIT = "last digit", "one digit"

MOST_UNITS = 2
"""By which the last digit may be off for a result that was rounded on the way."""

LEAST_DIGITS = 3
"""Of a number, for one digit or a factor to be found in it."""

MULTIPLES = tuple(map(Fraction, ("2", "1/2", "3", "1/3", "4", "1/4", "-2", "-1/2")))

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True)
class _Case:
    """A wrong number beside the true one, which is not 0."""

    printed: str
    truth: Enclosure
    measure: Measure

    @cached_property
    def value(self) -> Fraction:
        return fraction(self.printed)

    @cached_property
    def count(self) -> int:
        return digit_count(self.printed)

    @cached_property
    def true(self) -> Fraction:
        low, high = ends(self.truth)
        return (low + high) / 2

    @property
    def is_turned(self) -> bool:
        return self.value * self.true < 0

    @property
    def maybe_rounded(self) -> str:
        """How a last digit may have come about, where there was anything to round."""
        is_exact = self.truth.lo == self.truth.hi
        return "" if is_exact else ": perhaps an intermediate result was rounded before the end"

    @cached_property
    def digits(self) -> tuple[str, str, str]:
        """The digits down to the last place of the number: its own, the true ones rounded, and cut off."""
        unit = 2 * half_unit(self.printed)
        true = abs(self.true) / unit
        return str(int(abs(self.value) / unit)), str(round(true)), str(int(true))

    def places(self, right: str) -> tuple[int, ...]:
        """The places of the digits that are others, from the left; none where there are more or fewer."""
        own = self.digits[0]
        if len(own) != len(right) or self.is_turned:
            return ()
        return tuple(place for place, pair in enumerate(zip(own, right, strict=True)) if len(set(pair)) > 1)


def what_is_wrong(printed: str, truth: Enclosure, measure: Measure) -> tuple[str, str] | None:
    """The name of a slip in writing a number down, and its sentence; None where it is simply another one."""
    low, high = ends(truth)
    return None if low <= 0 <= high else _first(_SLIPS, _Case(printed, truth, measure))


def what_differs(printed: str, truth: Enclosure, measure: Measure, samples: int) -> tuple[str, str]:
    """What can be said of any wrong number: a factor, its sign, its size.

    samples  over how many the cost is a mean
    """
    low, high = ends(truth)
    if low <= 0 <= high:
        return "size", "It is too large in size."
    case = _Case(printed, truth, measure)
    found = _multiple(case, samples) or _first(_DIFFERENCES, case)
    assert found is not None
    return found


_Row = tuple[str, Callable[[_Case], str | None]]


def _first(rows: tuple[_Row, ...], case: _Case) -> tuple[str, str] | None:
    found = ((name, text) for name, said in rows if (text := said(case)) is not None)
    return next(found, None)


# -- how it was written down -----------------------------------------------------------------------


def _too_few(case: _Case) -> str | None:
    is_right = 0 < case.count < case.measure.wanted and _rounds_to(case, case.count)
    return f"The digits are right, but {case.measure.demand}." if is_right else None


def _cut_off(case: _Case) -> str | None:
    """The true value rounded towards 0 at the number's own digits."""
    if case.count < min(2, case.measure.wanted):
        return None
    if Fraction(rounded(case.true, case.count, ROUND_DOWN)) != case.value:
        return None
    return (
        "The digits are those of the exact value, cut off: the next digit is 5 or more, so the last one is"
        " rounded up."
    )


def _sign(case: _Case) -> str | None:
    turned = _scaled(case.truth, Fraction(-1))
    is_right = case.measure.accepts(case.printed, turned)
    return "The number is right but for its sign." if is_right else None


def _exchanged(case: _Case) -> str | None:
    """Two neighbouring digits, which in the other order make the number right."""
    text = case.printed
    pairs = (i for i in range(len(text) - 1) if text[i].isdigit() and text[i + 1].isdigit())
    turned = (f"{text[:i]}{text[i + 1]}{text[i]}{text[i + 2 :]}" for i in pairs if text[i] != text[i + 1])
    true = exact(case.true)
    is_right = case.count > 2 and any(Measure(case.count).accepts(one, true) for one in turned)
    return "Two neighbouring digits are exchanged." if is_right else None


def _shifted(case: _Case) -> str | None:
    """A power of ten other than 1, which makes the number right."""
    true = _without_zeros(case.true)
    if case.is_turned or case.count < min(2, case.measure.wanted, true):
        return None
    power = round(rounded(abs(case.value / case.true), 15).log10()) if case.value else 0
    if power == 0:
        return None
    moved = str(as_decimal(case.printed).scaleb(-power))
    is_right = Measure(min(case.measure.wanted, case.count)).accepts(moved, exact(case.true))
    return "The digits are right, but the decimal point is in the wrong place." if is_right else None


def _without_zeros(true: Fraction) -> int:
    """How many digits a number has, of two that are looked at: 1 of 6 and of 0.3."""
    return 1 if Fraction(rounded(true, 1)) == true else 2


def _last_digit(case: _Case) -> str | None:
    own, right, _ = case.digits
    units = abs(int(own) - int(right))
    if case.is_turned or case.count < 2 or not 0 < units <= MOST_UNITS:
        return None
    is_one = case.places(right) == (len(own) - 1,)
    said = "Only the last digit is off" if is_one else f"It is off by {units} in its last digit"
    return f"{said}{case.maybe_rounded}."


def _further(case: _Case) -> str | None:
    """More digits than those that are right."""
    wanted = case.measure.wanted
    if case.count <= wanted or rounded(case.true, wanted) != rounded(case.value, wanted):
        return None
    return f"It is right to {wanted} digits; those after them are not."


def _one_digit(case: _Case) -> str | None:
    own, right, cut = case.digits
    if case.count < LEAST_DIGITS:
        return None
    for digits, and_so in ((right, ""), (cut, ", and the last one is not rounded")):
        places = case.places(digits)
        if len(places) == 1 and places[0] < len(ORDINALS):
            which = f"the {own[places[0]]}, the {ORDINALS[places[0]]} significant one"
            return f"One digit is wrong: {which}{and_so}."
    return None


def _rounds_to(case: _Case, digits: int) -> bool:
    return Fraction(rounded(case.true, digits)) == case.value


_SLIPS: tuple[_Row, ...] = (
    ("too few digits", _too_few),
    ("cut off", _cut_off),
    ("sign", _sign),
    ("digits exchanged", _exchanged),
    ("decimal point", _shifted),
    (LAST_DIGIT, _last_digit),
    ("further digits", _further),
    (ONE_DIGIT, _one_digit),
)
"""The surest first."""


# -- what differs ----------------------------------------------------------------------------------


def _multiple(case: _Case, samples: int) -> tuple[str, str] | None:
    """A number of times the true value, the number of samples first."""
    if case.count < LEAST_DIGITS:
        return None
    for times in (Fraction(samples), Fraction(1, samples), *MULTIPLES) if samples > 1 else MULTIPLES:
        if matches(_scaled(case.truth, times), case.printed):
            known = {Fraction(samples): "n = ", Fraction(1, samples): "1/n = "}.get(times, "")
            return "constant factor", f"Your number is {known}{times} times the right one."
    return None


def _scaled(truth: Enclosure, times: Fraction) -> Enclosure:
    low, high = sorted(end * times for end in ends(truth))
    return Enclosure(low, high)


def _zero(case: _Case) -> str | None:
    return "The right number is not 0." if case.value == 0 else None


def _turned(case: _Case) -> str | None:
    return "It has the wrong sign, and its digits are others too." if case.is_turned else None


def _size(case: _Case) -> str:
    ratio = abs(case.value / case.true)
    if ratio >= 10:
        return "It is more than ten times too large in size."
    if ratio <= Fraction(1, 10):
        return "It is more than ten times too small in size."
    return f"It is too {'large' if ratio > 1 else 'small'} in size."


_DIFFERENCES: tuple[_Row, ...] = (("zero", _zero), ("sign and digits", _turned), ("size", _size))
