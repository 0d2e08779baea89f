"""A tape that is run again and again: the updates of a training, each with what the last one handed on.

What no update changes is computed once, and an operation is looked at once: of
operands that are balls nothing has to be asked any more. A fraction that a ball
is added to or multiplied by would be made a ball each time; here it is one beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from flint import arb

from numeric.balls.operations import BARE, UNDEFINED, Ball, ball
from numeric.balls.tape import Tape

T = TypeVar("T")

Quick = tuple[Callable[[Ball, Ball], Ball], int, int, int]
"""An operation of two operands; one of a single operand reads it twice."""


@dataclass(eq=False)
class Repeated:
    """A tape with all that its runs share.

    inputs, results  the slots of what one run hands to the next
    """

    tape: Tape
    slots: list[Ball]
    inputs: list[int]
    results: list[int]
    _quick: dict[tuple[type[Ball], ...], list[Quick]] = field(default_factory=dict)
    _as_balls: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tape: Tape, given: Mapping[str, Ball], handed_on: Mapping[str, str]) -> Repeated:
        """At the precision that is set; none of a run may be higher.

        handed_on  what a run reads, and the result that the next one reads in its place
        """
        slots: list[Ball] = [UNDEFINED] * tape.size
        for key in tape.given:
            slots[tape.index[key]] = given[key]
        for slot, constant in tape.constants:
            slots[slot] = constant()
        inputs = [tape.index[key] for key in handed_on]
        return cls(tape, slots, inputs, [tape.index[key] for key in handed_on.values()])

    def run(self, point: Sequence[Ball], given: Mapping[str, Ball]) -> list[Ball]:
        """The results at a point, at the precision that is set; `given` is what else the runs differ in."""
        slots, index = self.slots, self.tape.index
        for key, value in given.items():
            slots[index[key]] = value
            if index[key] in self._as_balls:
                slots[self._as_balls[index[key]]] = ball(value)
        for slot, value in zip(self.inputs, point, strict=True):
            slots[slot] = value
        kinds = tuple(map(type, point))
        if (quick := self._quick.get(kinds)) is not None:
            for operation, slot, one, other in quick:
                slots[slot] = operation(slots[one], slots[other])
        else:
            for function, slot, args in self.tape.code:
                slots[slot] = function(*[slots[arg] for arg in args])
            self._quick[kinds] = list(self._specialised(given))
        return [slots[slot] for slot in self.results]

    def _specialised(self, given: Mapping[str, Ball]) -> Iterator[Quick]:
        """The operations for inputs of these kinds, but for those whose operands no run changes.

        What is made of a ball is a ball, and nothing has to be asked of it.
        """
        slots = self.slots
        changed, computed = {self.tape.index[key] for key in given}, set(self.inputs)
        balls = {slot for slot in self.inputs if isinstance(slots[slot], arb)}
        for function, slot, args in self.tape.code:
            if changed.isdisjoint(args) and computed.isdisjoint(args):
                continue
            computed.add(slot)
            if function not in BARE or balls.isdisjoint(args):
                yield of_two(function, args, slots), slot, args[0], args[1 % len(args)]
                continue
            balls.add(slot)
            read = [arg if arg in computed else self._as_ball(arg) for arg in args]
            yield BARE[function], slot, read[0], read[-1]

    def _as_ball(self, slot: int) -> int:
        """The slot of a ball of what stands in this one."""
        if slot not in self._as_balls:
            self._as_balls[slot] = len(self.slots)
            self.slots.append(ball(self.slots[slot]))
        return self._as_balls[slot]


def of_two(function: Callable[..., T], args: tuple[int, ...], slots: list[T]) -> Callable[..., T]:
    """The function of the first two operands, or of the only one twice."""
    if len(args) > 2:
        rest = args[2:]
        return lambda u, v: function(u, v, *(slots[arg] for arg in rest))
    return function if len(args) == 2 else lambda u, _: function(u)
