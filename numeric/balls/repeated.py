"""A tape that is run again and again: the updates of a training, each with what the last one handed on.

What no update changes keeps its slot, and an operation is looked at once: of
operands that are balls nothing has to be asked any more. A fraction that a ball
is added to or multiplied by would be made a ball each time; here it is one beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flint import arb, fmpq

from numeric.balls.operations import BARE, UNDEFINED, Ball, ball
from numeric.balls.tape import Tape

Quick = tuple[Callable[[Ball, Ball], Ball], int, int, int]
"""An operation of two operands; one of a single operand reads it twice."""


@dataclass(frozen=True, eq=False)
class Repeated:
    """A tape with all that its runs share.

    inputs, results  the slots of what one run hands to the next
    as_balls         the slot of the ball of a number that is given or constant, by its own slot
    """

    tape: Tape
    slots: list[Ball]
    inputs: list[int]
    results: list[int]
    as_balls: Mapping[int, int]
    _quick: dict[tuple[type[Ball], ...], list[Quick]] = field(default_factory=dict)

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
        numbers = [slot for slot, value in enumerate(slots) if isinstance(value, fmpq)]
        as_balls = {slot: place for place, slot in enumerate(numbers, len(slots))}
        slots += [arb(slots[slot]) for slot in numbers]
        return cls(tape, slots, inputs, [tape.index[key] for key in handed_on.values()], as_balls)

    def run(self, point: Sequence[Ball], given: Mapping[str, Ball]) -> list[Ball]:
        """The results at a point, at the precision that is set; `given` is what this run alone reads."""
        slots, index = self.slots, self.tape.index
        for key, value in given.items():
            slots[index[key]] = value
            slots[self.as_balls[index[key]]] = ball(value)
        for slot, value in zip(self.inputs, point, strict=True):
            slots[slot] = value
        kinds = tuple(map(type, point))
        if kinds in self._quick:
            for operation, slot, one, other in self._quick[kinds]:
                slots[slot] = operation(slots[one], slots[other])
        else:
            for function, slot, args in self.tape.code:
                slots[slot] = function(*[slots[arg] for arg in args])
            self._quick[kinds] = list(self._specialised())
        return [slots[slot] for slot in self.results]

    def _specialised(self) -> Iterator[Quick]:
        """The operations for inputs of these kinds: what came out as a ball needs no bound.

        Without branches, that is, which may give a fraction in one run and a ball in the next.
        """
        slots, fixed = self.slots, self.as_balls.keys() - self.inputs
        for function, slot, args in self.tape.code:
            if not self.tape.branching and function in BARE and isinstance(slots[slot], arb):
                read = tuple(self.as_balls[arg] if arg in fixed else arg for arg in args)
                yield of_two(BARE[function], read, slots), slot, read[0], read[-1]
            else:
                yield of_two(function, args, slots), slot, args[0], args[1 % len(args)]


def of_two(function: Callable[..., Ball], args: tuple[int, ...], slots: list[Ball]) -> Callable[..., Ball]:
    """The function of the first two operands, or of the only one twice."""
    if len(args) > 2:
        rest = args[2:]
        return lambda u, v: function(u, v, *(slots[arg] for arg in rest))
    return function if len(args) == 2 else lambda u, _: function(u)
