"""The referee: a central difference to 60 digits, in ball arithmetic.

Where float64's difference cannot decide, the same secants are taken with a
step of 2^-110, at 512 bits and where those are too few at 4,096. The secants of
the two sides tell a kink: their distance shrinks with h where C is smooth.
It reads values of the cost and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from flint import arb, ctx, fmpq

from derive.formula.nodes import Apply, Node, walk
from derive.problem import Graph, Network, Problem
from derive.rules import Kink
from derive.steps import Program
from derive.whole_functions import CONVENTIONS
from numeric.balls.enclosure import Enclosure, enclosure
from numeric.balls.operations import Ball, ball
from numeric.balls.tape import Run, Tape
from numeric.balls.truths import Numbers

if TYPE_CHECKING:
    from numeric.balls.layers import LayerGradient

PRECISIONS = (512, 4096)
LAST = ((512, True), (1 << 14, False))
"""Where the cost has no value at those, or a branch is not decided: first with numbers in parts."""

NO_VALUE = "the cost has no value here"
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

    program: Callable[[], Program]
    given: Mapping[str, Ball]
    objectives: Sequence[str]
    layers: LayerGradient | None = None
    here: dict[tuple[int, bool], Run] = field(default_factory=dict)
    """The run at the point itself, by its precision and whether it is in parts: the same for every move."""

    @classmethod
    def of(cls, program: Program, given: Mapping[str, Ball], objectives: Sequence[str]) -> Referee:
        """Of these steps."""
        return cls(lambda: program, given, objectives)

    @classmethod
    def at(cls, numbers: Numbers) -> Referee:
        """Of a problem's objectives at its own point, by whole layers where these do."""
        return cls(lambda: numbers.program, numbers.given, numbers.problem.objectives, numbers.layers)

    @cached_property
    def tape(self) -> Tape:
        """The scalar steps, which are made only where whole layers do not do."""
        return Tape.of(self.program().only(self.objectives), self.given)

    def rule(self, objective: str, by: str) -> Ruling:
        """d objective / d by, from seven values of the objective."""
        for bits in PRECISIONS:
            with ctx.workprec(bits):
                ruling, known = self._in_layers(by, bits) or _ruled(self._sides(by, bits), objective)
            if known >= SHARP_BITS:
                return ruling
        for bits, in_parts in LAST:
            if known or not ruling.why:
                break
            with ctx.workprec(bits):
                ruling, known = _ruled(self._sides(by, bits, in_parts), objective)
        return ruling

    def _in_layers(self, by: str, bits: int) -> tuple[Ruling, int] | None:
        """The ruling by whole layers, where the move comes to no edge."""
        if self.layers is None or by not in self.layers.keys:
            return None
        h = _scale(self.given[by]) / fmpq(2) ** STEP
        here = self.given[by]
        costs = self.layers.costs(by, [here, *(here + move for move in _moves(h))], bits)
        if costs is None:
            return None
        return _secants(h, list(map(ball, costs)), Still())

    def _sides(self, by: str, bits: int, in_parts: bool = False) -> Sides:
        h = _scale(self.given[by]) / fmpq(2) ** STEP
        if (bits, in_parts) not in self.here:
            run = self.tape.run_in_parts if in_parts else self.tape.run
            self.here[bits, in_parts] = run(self.given, bits)
        here, values = self.here[bits, in_parts], [self.given[by] + move for move in _moves(h)]
        runs = list(self.tape.moved(here, by, values, bits))
        return Sides(h, here, runs[:3], runs[3:])


def _scale(value: Ball) -> fmpq:
    """The power of two just above a number; 1 for 0."""
    if value == 0:
        return fmpq(1)
    mantissa, exponent = abs(ball(value)).mid().man_exp()
    return fmpq(2) ** (int(exponent) + int(mantissa).bit_length())


def _moves(h: fmpq) -> tuple[fmpq, ...]:
    return (h / 2, h, 2 * h, -h / 2, -h, -2 * h)


@dataclass(frozen=True)
class Still:
    """The steps at an edge: those that could not be decided, that a move leaves, and that stay."""

    straddled: Sequence[str] = ()
    kinks: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()


def _ruled(sides: Sides, objective: str) -> tuple[Ruling, int]:
    straddled = sorted({key for run in sides.runs for key in run.straddled})
    still = frozenset.intersection(*(run.ties for run in sides.runs))
    kinks, stays = (tuple(sorted({key for key, _ in ties})) for ties in (sides.here.ties - still, still))
    costs = [ball(run[objective]) for run in sides.runs]
    return _secants(sides.h, costs, Still(straddled, kinks, stays))


def _secants(h: fmpq, costs: Sequence[arb], still: Still) -> tuple[Ruling, int]:
    """The ruling, and to how many bits its difference is known.

    Secants that do not settle need no more of them; what lies this near a kink, or near the edge
    of where the cost has a value, may be told apart with more.

    costs  at the point itself, at the three steps ahead and at the three behind
    """
    here, up, down = costs[0], costs[1:4], costs[4:]
    fine, near, far = ((u - d) / w for u, d, w in zip(up, down, (h, 2 * h, 4 * h), strict=True))
    bends = [abs((u - here) - (here - d)) / w for u, d, w in zip(up, down, (h / 2, h, 2 * h), strict=True)]
    claim, change = enclosure(near), enclosure(abs(far - near))
    step = float(Fraction(int(h.p), int(h.q)))
    known = SHARP_BITS
    if still.straddled:
        why, known = f"{still.straddled[0]} is within the step of a kink", 0
    elif not (fine.is_finite() and claim.defined and change.hi is not None):
        why, known = NO_VALUE, 0
    elif bends[0] > bends[1] * 3 / 4:
        why = "the slopes on both sides differ"
    elif not _settles(fine, near, far):
        why = "the secants do not settle"
    else:
        why = ""
    if why:
        return Ruling(Fraction(0), Fraction(0), step, why, still.kinks, still.stays), known
    assert change.hi is not None
    # With changes that shrink by a quarter or more, at most three times the last one is left.
    ruling = Ruling(claim.mid, 3 * change.hi + claim.radius, step, "", still.kinks, still.stays)
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
