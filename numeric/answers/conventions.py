"""Derivatives at a kink, where the value is a convention and another one is as good.

At z = 0 the slope of relu is 0 by convention: (a - y)*(z >= 0) is the derivative wherever there is
one, and at z = 0 it takes the other side. Nobody's answer is wrong for that; which derivatives are
conventions the referee tells, by the cost's values on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from derive.problem import Problem
from derive.steps import Program
from numeric.answers.explain import Asked
from numeric.answers.number import Measure
from numeric.answers.numerals import Numerals
from numeric.answers.target import Target
from numeric.balls.enclosure import settle
from numeric.balls.referee import Referee, kink_note
from numeric.balls.tape import Tape
from numeric.balls.truths import Numbers
from numeric.deciding.compare import Difference
from numeric.deciding.updates import first_batch


@dataclass(eq=False)
class Conventions:
    """The derivatives of one problem that are conventions at its own numbers, each looked at once."""

    problem: Problem
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.problem)

    def of_numbers(self, target: Target, given: Numerals, truths: Numerals, measure: Measure) -> str:
        """Which convention numbers that are not all right differ by; "" where one that is wrong is none."""
        if given.shape != truths.shape:
            return ""
        if given.size == 1:
            return self._of(target, [0])
        pairs = zip(given.flat, truths.flat, strict=True)
        wrong = [place for place, (one, truth) in enumerate(pairs) if not one.fulfils(measure, truth)]
        return self._of(target, wrong)

    def of_formula(self, target: Target, where: Difference) -> str:
        """Which convention a formula differs by that is right but in one entry here."""
        asked = _slopes(target)
        shape = (len(asked.by),) if asked is not None and len(where.index) == 1 else target.read.shape or ()
        place = int(np.ravel_multi_index(where.index, shape)) if where.index else 0
        return self._of(target, [place])

    def _of(self, target: Target, places: Iterable[int]) -> str:
        asked = _slopes(target)
        if asked is None:
            return ""
        notes = [self._note(asked.of, asked.by[place]) for place in places]
        return notes[0] if notes and all(notes) else ""

    def _note(self, of: str, by: str) -> str:
        if (of, by) not in self._known:
            self._known[of, by] = next(self._notes(of, by), "")
        return self._known[of, by]

    def _notes(self, of: str, by: str) -> Iterator[str]:
        """What sits at a kink when `by` moves, a given number or a step whose value is then given."""
        numbers = self._numbers
        program, given = numbers.program.only([of]), dict(numbers.given)
        if by not in given and by in program.by_key:
            given[by] = settle(Tape.of(program, given), given, [by])[by]
            program = Program(tuple(step for step in program.steps if step.key != by))
        if by not in given or of not in program.by_key:
            return
        ruling = Referee.of(program, given, (of,)).rule(of, by)
        found = numbers.derivatives([(of, by)])
        if ruling.is_convention(next(iter(found.values.values()))):
            yield f"{kink_note(self.problem, ruling.kinks[0])}."


def _slopes(target: Target) -> Asked | None:
    """The derivatives that are asked for, or by which the parameters change that are."""
    problem = target.problem
    if target.updated and first_batch(problem) is None:
        return Asked(problem.objectives[0], target.updated)
    return target.derivatives
