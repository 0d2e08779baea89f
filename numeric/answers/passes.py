"""Why a value of the forward pass is wrong: a slip of the pass that gives it, or another quantity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from derive.formula.nodes import Node
from derive.notation import write
from derive.slips import FORWARD_SLIPS, Slip
from derive.steps import is_setting, program_of
from derive.writing.plain import pasted
from numeric.answers.explain import MOST_TRIED, SMOOTH
from numeric.answers.reasons import Reason, told
from numeric.answers.updates import is_same, values_of, values_under
from numeric.deciding.compare import InWorld
from numeric.deciding.nodes import Array
from numeric.deciding.worlds import Subject, World

MOST_OTHERS = 60


@dataclass(eq=False)
class PassExplainer:
    """Explains answers to what some quantities of the forward pass are.

    keys  of the quantities, in the order of what is asked for
    """

    subject: Subject
    keys: tuple[str, ...]

    def why(self, answer: InWorld, _: Node | None = None) -> tuple[Reason, ...]:
        """The surest reason; none where nothing is proved."""
        looks = (self._slips, self._turned, self._others)
        return next((found for look in looks if (found := tuple(islice(look(answer), 1)))), ())

    @cached_property
    def _worlds(self) -> tuple[World, ...]:
        tried = (self.subject.world(number) for number in range(MOST_TRIED))
        return tuple(islice((world for world in tried if values_of(world, self.keys) is not None), SMOOTH))

    def _slips(self, answer: InWorld) -> Iterator[Reason]:
        for slip, made in self._slipped:
            if is_same(self._worlds, answer, made):
                yield told(self.subject.problem, slip.name, slip.text)

    @cached_property
    def _slipped(self) -> tuple[tuple[Slip, Sequence[Array | None]], ...]:
        """Each slip of the pass, with what it gives in each world."""
        problem = self.subject.problem
        program = program_of(problem).only(self.keys)
        edited = ((slip, slip.edit(problem, program)) for slip in FORWARD_SLIPS.values())
        return tuple(
            (slip, [values_under(world, other.steps, self.keys) for world in self._worlds])
            for slip, other in edited
            if other != program
        )

    def _turned(self, answer: InWorld) -> Iterator[Reason]:
        """Everything with the other sign: a cost without the minus before its logarithm."""
        values = [values_of(world, self.keys) for world in self._worlds]
        if is_same(self._worlds, answer, [None if found is None else -found for found in values]):
            yield Reason("sign", "The sign is turned.")

    def _others(self, answer: InWorld) -> Iterator[Reason]:
        """Another quantity of the pass, where one is asked for."""
        problem = self.subject.problem
        for key in islice(program_of(problem).by_key, MOST_OTHERS) if len(self.keys) == 1 else ():
            if key not in self.keys and not is_setting(key):
                made = [values_of(world, (key,)) for world in self._worlds]
                if is_same(self._worlds, answer, made):
                    name, asked = (pasted(write(problem, one)) for one in (key, *self.keys))
                    yield Reason("another quantity", f"This is {name}; {asked} is asked for.")
