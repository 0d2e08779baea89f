"""The referee: a central difference to 60 digits, in ball arithmetic.

Where float64's difference cannot decide, the same secants are taken with a
step of 2^-110, at 512 bits and where those are too few at 4,096. The secants of
the two sides tell a kink: their distance shrinks with h where C is smooth.
It reads values of the cost and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, ctx, fmpq

from derive.expressions import CONVENTIONS
from derive.formula.nodes import Apply, Node, walk
from derive.problem import Graph, Network, Problem
from derive.rules import Kink
from derive.steps import Program
from numeric.balls.enclosure import Enclosure, enclosure
from numeric.balls.tape import Ball, Run, Tape, ball

PRECISIONS = (512, 4096)
STEP = 110
SHARP_BITS = 60
"""A difference that is known to so many bits needs no more precision."""

ACTIVATION = re.compile(r"a(\d+)(\[.*)")


@dataclass(frozen=True, slots=True)
class Ruling:
    """The difference's value and claimed error, exactly; or why it cannot say anything.

    kinks  the steps that sit exactly at a kink which the move leaves
    stays  those at a tie that moves along: the slope is one, whichever side is taken
    """

    value: Fraction
    error: Fraction
    step: float
    why: str = ""
    kinks: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()

    def is_convention(self, slope: Enclosure) -> bool:
        """Whether a slope is what the conventions at kinks make it: no difference confirms it.

        relu(x) - relu(-x) has slope 1 at 0, and with both slopes taken as 0 it comes out as 0.
        """
        if not self.kinks or slope.lo is None or slope.hi is None:
            return False
        apart = slope.hi < self.value - self.error or self.value + self.error < slope.lo
        return bool(self.why) or apart


@dataclass(frozen=True)
class Sides:
    """C on both sides of a point, at steps h/2, h and 2h."""

    h: fmpq
    here: Run
    up: Sequence[Run]
    down: Sequence[Run]

    @property
    def runs(self) -> tuple[Run, ...]:
        return (self.here, *self.up, *self.down)


@dataclass(frozen=True)
class Referee:
    """Differences of the objectives of one program at one point."""

    tape: Tape
    given: Mapping[str, Ball]
    here: dict[int, Run] = field(default_factory=dict)
    """The run at the point itself, by its precision: the same for every move."""

    @classmethod
    def of(cls, program: Program, given: Mapping[str, Ball], objectives: Sequence[str]) -> Referee:
        return cls(Tape.of(program.only(objectives), given), given)

    def rule(self, objective: str, by: str) -> Ruling:
        """d objective / d by, from seven values of the objective."""
        for bits in PRECISIONS:
            with ctx.workprec(bits):
                ruling, known = _ruled(self._sides(by, bits), objective)
            if known >= SHARP_BITS:
                break
        return ruling

    def _sides(self, by: str, bits: int) -> Sides:
        h = _scale(self.given[by]) / fmpq(2) ** STEP
        if bits not in self.here:
            self.here[bits] = self.tape.run(self.given, bits)
        moves = (h / 2, h, 2 * h, -h / 2, -h, -2 * h)
        here, values = self.here[bits], [self.given[by] + move for move in moves]
        runs = list(self.tape.moved(here, by, values, bits))
        return Sides(h, here, runs[:3], runs[3:])


def _scale(value: Ball) -> fmpq:
    """The power of two just above a number; 1 for 0."""
    if value == 0:
        return fmpq(1)
    mantissa, exponent = abs(ball(value)).mid().man_exp()
    return fmpq(2) ** (int(exponent) + int(mantissa).bit_length())


def _ruled(sides: Sides, objective: str) -> tuple[Ruling, int]:
    """The ruling, and to how many bits its difference is known.

    Secants that do not settle need no more of them; what lies this near a kink, or near the edge
    of where the cost has a value, may be told apart with more.
    """
    h = sides.h
    here, *moved = (ball(run[objective]) for run in sides.runs)
    up, down = moved[:3], moved[3:]
    fine, near, far = ((u - d) / w for u, d, w in zip(up, down, (h, 2 * h, 4 * h), strict=True))
    bends = [abs((u - here) - (here - d)) / w for u, d, w in zip(up, down, (h / 2, h, 2 * h), strict=True)]
    claim, change = enclosure(near), enclosure(abs(far - near))
    step = float(Fraction(int(h.p), int(h.q)))
    straddled = sorted({key for run in sides.runs for key in run.straddled})
    known = SHARP_BITS
    if straddled:
        why, known = f"{straddled[0]} is within the step of a kink", 0
    elif not (fine.is_finite() and claim.defined and change.hi is not None):
        why, known = "the cost has no value here", 0
    elif bends[0] > bends[1] * 3 / 4:
        why = "the slopes on both sides differ"
    elif not _settles(fine, near, far):
        why = "the secants do not settle"
    else:
        why = ""
    still = frozenset.intersection(*(run.ties for run in sides.runs))
    kinks, stays = (tuple(sorted({key for key, _ in ties})) for ties in (sides.here.ties - still, still))
    if why:
        return Ruling(Fraction(0), Fraction(0), step, why, kinks, stays), known
    assert change.hi is not None
    # With changes that shrink by a quarter or more, at most three times the last one is left.
    ruling = Ruling(claim.mid, 3 * change.hi + claim.radius, step, "", kinks, stays)
    return ruling, near.rel_accuracy_bits()


def _settles(fine: arb, near: arb, far: arb) -> bool:
    """Whether the secants shrink, as far as the balls can tell: fourfold where C is smooth, twofold
    where its second derivative jumps, and by a quarter at least.
    """
    inner, outer = abs(near - fine), abs(far - near)
    return not outer > 8 * inner + outer.rad() and not inner > outer * 3 / 4


def kink_note(problem: Problem, key: str) -> str:
    """What sits at a kink, and the slope that convention gives it."""
    body = problem.body
    if isinstance(body, Graph):
        name = key.partition("[")[0]
        return _formula_note(key, next((line.node for line in body.steps if line.name == name), None))
    unit = ACTIVATION.fullmatch(key)
    if unit is None:
        return _cost_note(body, key)
    rule = body.layer(int(unit[1])).activation
    where = f"z{unit[1]}{unit[2]} is exactly at {'the ' if rule.node else ''}{rule.name}'s kink"
    if rule.kinks and rule.kinks[0].words:
        return f"{key} is exactly at {rule.name}'s kink, {rule.kinks[0].words}: a convention, not a limit"
    return f"{where}; {_slope_words(rule.kinks)} is a convention, not a limit"


def _cost_note(network: Network, key: str) -> str:
    cost = network.cost
    if cost is None or cost.node is not None:
        return _formula_note(key, network.output if cost is None else cost.node)
    return f"{key} is exactly at {cost.words}'s kink; {_slope_words(cost.kinks)} is a convention, not a limit"


def _slope_words(kinks: Sequence[Kink]) -> str:
    known = kinks and kinks[0].slope.is_number
    return f"its slope {float(kinks[0].slope):.6g} there" if known else "its slope there"


def _formula_note(key: str, node: Node | None) -> str:
    """Of a formula, the conventions of all functions that it applies."""
    applied = [part.operation for part in walk(node) if isinstance(part, Apply)] if node is not None else []
    stated = [CONVENTIONS[name] for name in dict.fromkeys(applied) if name in CONVENTIONS]
    where = f"{key} is exactly at a kink or a tie; its slope there is a convention, not a limit"
    return ": ".join((where, "; ".join(stated))) if stated else where
