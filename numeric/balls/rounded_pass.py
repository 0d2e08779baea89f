"""A pass worked with rounded intermediates, as somebody with a calculator works it.

Each way of rounding widens what it rounds by half a unit; numbers that it would
leave as they are stay exact. An interval that reaches a printed figure shows
that rounding alone can explain it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flint import arb, fmpq

from derive.steps import Program
from numeric.balls.operations import Ball, ball
from numeric.balls.tape import Tape
from numeric.decimals import digit_count, last_place

BITS = 160

Widen = Callable[[Ball], Ball]


@dataclass(frozen=True)
class Rounding:
    """A way of rounding, and how a note names it.

    each  of every single operation
    step  of every named intermediate
    """

    name: str
    each: Widen | None = None
    step: Widen | None = None


def _float64(value: Ball) -> Ball:
    middle = ball(value)
    return middle + arb(0, 1) * abs(middle) * arb(2) ** -53


FLOAT64 = Rounding("every operation rounded to float64", each=_float64)

LEAST_DIGITS = 2
"""No page is taken to round more coarsely than to two significant digits."""


def _to_place(place: int) -> Widen:
    """Half a unit of the decimal 10^place, and never coarser than two significant digits."""

    def widen(value: Ball) -> Ball:
        return _widened(value, min(place, _leading_place(value) - LEAST_DIGITS + 1))

    return widen


def _to_digits(digits: int) -> Widen:
    """Half a unit of the last of so many significant digits."""
    return lambda value: _widened(value, _leading_place(value) - max(digits, LEAST_DIGITS) + 1)


def _widened(value: Ball, place: int) -> Ball:
    unit = fmpq(10) ** place
    if isinstance(value, fmpq) and (value / unit).q == 1:
        return value
    return ball(value) + arb(0, 1) * arb(unit) / 2


def _leading_place(value: Ball) -> int:
    """The power of ten of the first digit."""
    size = abs(ball(value)).mid()
    return (
        0
        if size == 0 or not size.is_finite()
        else int((size.log() / arb(10).log()).floor().unique_fmpz() or 0)
    )


def roundings(printed: str, coarsest: int | None) -> Iterator[Rounding]:
    """The ways to try for a figure, finest first.

    coarsest  place of the coarsest figure of the problem that is right and inexact
    """
    yield FLOAT64
    place = last_place(printed)
    yield Rounding(
        f"intermediates rounded to the figure's own last decimal, 10^{place}", step=_to_place(place)
    )
    digits = max(digit_count(printed), LEAST_DIGITS)
    yield Rounding(
        f"intermediates rounded to the figure's own {digits} significant digits", step=_to_digits(digits)
    )
    if coarsest is not None:
        yield Rounding(
            f"intermediates rounded to 10^{coarsest}, as other figures of this problem are",
            step=_to_place(coarsest),
        )


def rounded_value(program: Program, key: str, given: Mapping[str, Ball], rounding: Rounding) -> Ball:
    """The interval that one quantity can take; its own rounding counts only where each operation's does."""
    needed = program.only((key,))
    tape = Tape.of(needed, given, marked=True)
    tape.steps.discard(tape.index[key])
    return tape.run(given, BITS, each=rounding.each, widen=rounding.step)[key]
