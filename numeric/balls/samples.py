"""One sample after another through the same steps, which are compiled once.

    z = W a + b,  a = phi(z),  ...,  C        for sample 1, then for sample 2, ...

From sample to sample only the inputs and the targets differ, so memory holds the
steps of one, however many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from derive.problem import Problem
from derive.steps import one_sample
from numeric.balls.enclosure import Enclosures, settled_at
from numeric.balls.operations import Ball
from numeric.balls.tape import Tape

Number = TypeVar("Number")


def of_sample(given: Mapping[str, Number], names: Iterable[str], suffix: str) -> dict[str, Number]:
    """These numbers as one sample reads them: its own inputs and targets under their unmarked names."""
    marked = ((name, f"{name}{suffix}") for name in names)
    return {name: given[own if own in given else name] for name, own in marked}


def unmarked(keys: Iterable[str]) -> frozenset[str]:
    """The names of quantities in the steps of one sample: z1[3] of z1[3]@2."""
    return frozenset(key.partition("@")[0] for key in keys)


@dataclass(frozen=True)
class OneSample:
    """Some quantities of any one sample or test input: a2[1], or C, its own cost before any reduction."""

    tape: Tape
    keys: tuple[str, ...]

    @classmethod
    def of(cls, problem: Problem, keys: Iterable[str], known: Collection[str] = ()) -> OneSample:
        """Test inputs have no targets, so nothing that reads these can be asked of them.

        known  the steps whose values are handed in with the numbers
        """
        wanted = tuple(keys)
        program = one_sample(problem).without(known).only(wanted)
        read = dict.fromkeys(arg for step in program.steps for term in step.terms for arg in term.args)
        return cls(Tape.of(program, [arg for arg in read if arg not in program.by_key]), wanted)

    def at(self, suffix: str, given: Mapping[str, Ball]) -> Enclosures:
        """The quantities of the sample with this suffix, by their unmarked keys."""
        return settled_at(self.tape, of_sample(given, self.tape.given, suffix), self.keys)
