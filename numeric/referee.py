"""The referee: a central difference to 60 digits, in ball arithmetic.

Where float64's difference cannot decide, the same secants are taken with a
step of 2^-110 at 512 bits. It reads values of the cost and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from derive.steps import Program
from numeric.balls import Ball, Run, Tape, ball
from numeric.enclosure import enclosure

BITS = 512
STEP = 110


@dataclass(frozen=True, slots=True)
class Ruling:
    """The difference's value and claimed error, exactly; or why it cannot say anything."""

    value: Fraction
    error: Fraction
    step: float
    why: str = ""


@dataclass(frozen=True)
class Referee:
    """Differences of the objectives of one program at one point."""

    tape: Tape
    given: Mapping[str, Ball]

    @classmethod
    def of(cls, program: Program, given: Mapping[str, Ball], objectives: Sequence[str]) -> Referee:
        return cls(Tape.of(program.only(objectives), given), given)

    def rule(self, objective: str, by: str) -> Ruling:
        """d objective / d by, from six values of the objective."""
        size = abs(ball(self.given[by]))
        scale = fmpq(1) if size == 0 else fmpq(2) ** _exponent(size)
        h = scale / fmpq(2) ** STEP
        runs = {k: (self._at(by, h * k), self._at(by, -h * k)) for k in (fmpq(1, 2), fmpq(1), fmpq(2))}
        fine, near, far = (
            (ball(up[objective]) - ball(down[objective])) / (2 * h * k) for k, (up, down) in runs.items()
        )
        step = float(Fraction(int(h.p), int(h.q)))
        ends = [run for pair in runs.values() for run in pair]
        undecided = sorted({key for run in ends for key in run.straddled})
        if undecided:
            return Ruling(Fraction(0), Fraction(0), step, f"{undecided[0]} is within the step of a kink")
        if not (near.is_finite() and far.is_finite() and fine.is_finite()):
            return Ruling(Fraction(0), Fraction(0), step, "the cost has no value here")
        return _claim(fine, near, far, step, ends)

    def _at(self, key: str, move: fmpq) -> Run:
        return self.tape.run({**self.given, key: self.given[key] + move}, BITS)


def _exponent(size: arb) -> int:
    mantissa, exponent = size.mid().man_exp()
    return int(exponent) + int(mantissa).bit_length()


def _claim(fine: arb, near: arb, far: arb, step: float, ends: Sequence[Run]) -> Ruling:
    """Truncation from secants that must shrink fourfold; round-off is in the balls."""
    inner, outer = abs(near - fine), abs(far - near)
    settles = bool((outer <= 8 * inner) or outer.contains(0) or outer < 2 * inner.rad()) and bool(
        not inner > outer / 2 or inner.contains(0)
    )
    claim = enclosure(near)
    truncation = enclosure(outer)
    assert truncation.hi is not None
    if not settles:
        tied = sorted({key for run in ends for key in run.tied})
        why = f"{tied[0]} is at a kink" if tied else "the secants do not settle"
        return Ruling(claim.mid, Fraction(0), step, why)
    return Ruling(claim.mid, truncation.hi / 2 + claim.radius, step)
