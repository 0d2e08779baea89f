"""Updates of points: the tape of an update, made ready to be run ten thousand times.

Nothing here is rational, and an instruction has two operands, whatever it had on
the tape. What an update makes of a point is a ball around the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from flint import arb

from derive.whole_functions import MeanRoot
from numeric.balls.float_balls import FloatBalls
from numeric.balls.operations import BARE, FUNCTIONS, UNDEFINED, Ball, ball
from numeric.balls.repeated import of_two
from numeric.balls.tape import Instruction, Tape

SPARE_BITS = 64
"""What an update works with beyond the bits that are known."""

State = Mapping[str, Ball]
Two = Callable[[Ball, Ball], Ball]

WITHOUT_RATIONALS: Mapping[Callable[..., Ball], Two] = MappingProxyType(
    {**BARE, FUNCTIONS[MeanRoot]: lambda u, _: ball(u).sqrt()}
)
"""Operations that look for rational numbers, or for 0, and what is left of them here."""


@dataclass(frozen=True, eq=False)
class Update:
    """One update: its tape, and what it alone reads, by key."""

    tape: Tape
    given: State


@dataclass(frozen=True, eq=False)
class Machine:
    """A tape for points.

    instructions     those of the tape that the results need, but for what no update changes
    code             the same, of two operands each
    slots            what the code reads and writes
    fixed            what no update changes, as balls of floats, by slot
    inputs, results  the slots of what one update hands to the next
    watched          the slots of what else is asked for
    """

    tape: Tape
    instructions: list[Instruction]
    code: list[tuple[Two, int, int, int]]
    slots: list[Ball]
    fixed: Mapping[int, FloatBalls]
    inputs: list[int]
    results: list[int]
    watched: list[int]

    @classmethod
    def of(
        cls,
        tape: Tape,
        given: State,
        handed_on: Mapping[str, str],
        watched: Iterable[str],
        own: Iterable[str],
    ) -> Machine:
        """At the precision that is set. Raises LimitError.

        own  what each update has of its own
        """
        fixed = {tape.index[key]: given[key] for key in tape.given if key not in handed_on}
        fixed |= {slot: constant() for slot, constant in tape.constants}
        unchanged = fixed.keys() - {tape.index[key] for key in own}
        instructions = list[Instruction]()
        for function, slot, args in tape.code_behind(handed_on.values()):
            if unchanged.issuperset(args):
                unchanged.add(slot)
                fixed[slot] = function(*[fixed[arg] for arg in args])
            else:
                instructions.append((function, slot, args))
        slots: list[Ball] = [UNDEFINED] * tape.size
        for slot, value in fixed.items():
            slots[slot] = ball(value)
        two = [(_of_two(function, args, slots), slot, args) for function, slot, args in instructions]
        read = {arg for _, _, args in instructions for arg in args}
        return cls(
            tape,
            instructions,
            [(function, slot, args[0], args[1 % len(args)]) for function, slot, args in two],
            slots,
            {slot: FloatBalls.of([value]) for slot, value in fixed.items() if slot in read},
            [tape.index[key] for key in handed_on],
            [tape.index[key] for key in handed_on.values()],
            [tape.index[key] for key in watched if key in tape.index],
        )

    def update(self, point: Sequence[arb], given: State) -> tuple[list[arb], list[arb]]:
        """What an update makes of a point, and what is watched, at the precision that is set."""
        slots, index = self.slots, self.tape.index
        for key, value in given.items():
            slots[index[key]] = ball(value)
        for slot, coordinate in zip(self.inputs, point, strict=True):
            slots[slot] = coordinate
        for function, slot, left, right in self.code:
            slots[slot] = function(slots[left], slots[right])
        return [ball(slots[slot]) for slot in self.results], [ball(slots[slot]) for slot in self.watched]


def _of_two(function: Callable[..., Ball], args: tuple[int, ...], slots: list[Ball]) -> Two:
    if len(args) <= 2 and function in WITHOUT_RATIONALS:
        return WITHOUT_RATIONALS[function]
    return of_two(function, args, slots)
