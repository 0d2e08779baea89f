"""What each slip would have given: the right sweep is evaluated once, then only what a slip spoils."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import ctx

from derive.slips import Made, Sweep
from derive.slips.kinds import parts_of
from derive.steps import Program
from numeric.balls.enclosure import PRECISIONS, settle
from numeric.balls.operations import Ball
from numeric.balls.tape import Tape
from numeric.judging.alike import is_sharp, line_of, place_of

CHANCE = Fraction(1, 1000)
"""So probable may a chance match be among all slips that were tried."""


@dataclass(frozen=True, eq=False)
class Slipped:
    """The values of some adjoints under one slip after another.

    values  of everything in the right sweep that a slip may read, by key
    """

    sweep: Sweep
    keys: tuple[str, ...]
    values: Mapping[str, Ball]

    @classmethod
    def of(cls, sweep: Sweep, given: Mapping[str, Ball], keys: Iterable[str]) -> Slipped:
        """Evaluate the right sweep at these numbers, as far as slips of these adjoints can read it.

        given  besides what the steps start from, steps whose values are known
        """
        wanted = tuple(keys)
        between = (key for key in sweep.adjoints if (parts_of(key) or ("", ""))[1] in sweep.forward.by_key)
        # The whole forward pass: a slip may read what the right derivative does not.
        whole = sweep.forward.plus(sweep.adjoints.values()).only((*wanted, *between, *sweep.forward.by_key))
        program = whole.without(given)
        run = settle(Tape.of(program, given), given, wanted)
        return cls(sweep, wanted, dict(given) | {step.key: run[step.key] for step in program.steps})

    def under(self, made: Made, keys: Iterable[str] | None = None) -> dict[str, Ball]:
        """What the adjoints are with the mistake in them, those alone that it changes."""
        wanted = self.keys if keys is None else tuple(keys)
        program = made.affected(self.sweep, wanted)
        known = {step.key for step in program.steps}
        needed = {arg for step in program.steps for term in step.terms for arg in term.args} - known
        given = {key: self.values[key] for key in needed}
        changed = [key for key in wanted if key in known]
        run = settle(Tape.of(program, given), given, changed)
        return {key: run[key] for key in changed}

    def whole(self, made: Made, of: str, keys: Sequence[str], seen: Sequence[str]) -> dict[str, Ball]:
        """The derivatives by entries of one array with the mistake in them, as far as a line tells them.

        seen  `examples` of the array, whose lines are in the sweep
        """
        adjoints = self.sweep.adjoints
        line = line_of(self.sweep, made, of, seen)
        if line is None:
            return {}
        args = {arg for term in line.terms for arg in term.args}
        places = [place_of(key) for key in keys]
        columns = {arg: [arg.format(*place) for place in places] for arg in args}
        read = dict.fromkeys(key for column in columns.values() for key in column)
        values = {**self.values, **self.under(made, (key for key in read if key in adjoints))}
        if not all(key in values for key in read):
            return {}
        with ctx.workprec(PRECISIONS[0]):
            tape = Tape.of(Program((line,)), args)
            inputs = {arg: [values[key] for key in column] for arg, column in columns.items()}
            found, is_on_edge = tape.side_by_side(inputs, len(keys))
        balls = zip(keys, found[line.key], strict=True)
        return {} if is_on_edge else {key: ball for key, ball in balls if is_sharp(ball)}


def is_beyond_chance(tried: int, width: Fraction, value: Fraction) -> bool:
    """Whether so few slips were tried, for a number so exact, that no chance match is to be expected."""
    return tried * width < CHANCE * abs(value)
