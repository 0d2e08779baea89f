"""A derivation's numbers: every quantity, slope and stage of one sample, to certified digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from derive.gradient import Derivation, Factor
from derive.problem import Graph, Value
from derive.steps import Step, given_values
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import Enclosure, Enclosures, balls_of, enclosure, settled_at
from numeric.balls.first_layer import first_sums
from numeric.balls.operations import Ball
from numeric.balls.samples import of_sample, unmarked
from numeric.balls.tape import Tape

Key = TypeVar("Key")


Entry = tuple[str, str]


@dataclass(frozen=True)
class Named(Mapping[Key, Enclosure]):
    """Some of the enclosures, by names of their own; each is made when it is asked for."""

    found: Enclosures
    names: Mapping[Key, str]

    def __getitem__(self, name: Key) -> Enclosure:
        return self.found[self.names[name]]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Quantities(Mapping[str, Enclosure]):
    """The quantities of one sample: what was computed, and the problem's numbers, which all samples share.

    suffix  the mark of the sample's own inputs and targets among these
    """

    found: Enclosures
    given: Mapping[str, Ball]
    suffix: str
    names: tuple[str, ...]

    def __getitem__(self, name: str) -> Enclosure:
        if name in self.found.balls:
            return self.found[name]
        own = f"{name}{self.suffix}"
        return enclosure(self.given[own if own in self.given else name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Worked:
    """The values that stand beside a derivation, for one sample.

    values  of each quantity, by key
    totals  of each derivative of the objective, by the key that it is taken by
    locals  of each local slope, by (of, by)
    """

    values: Mapping[str, Enclosure]
    totals: Mapping[Entry, Enclosure]
    locals: Mapping[Entry, Enclosure]

    def slope(self, factor: Factor) -> Enclosure:
        return self.locals[factor.of, factor.by]


@dataclass(frozen=True)
class Worksheet:
    """What a derivation prints, compiled once for every sample.

    The problem's numbers must all be known. Of a batch each sample has its own
    values and its own cost, without reduction and without the L2 term.

    given  the problem's numbers, those of all samples among them, and sums that are known
    """

    tape: Tape
    samples: tuple[str, ...]
    given: Mapping[str, Ball]
    quantities: tuple[str, ...]
    totals: Mapping[Entry, str]
    slopes: Mapping[Entry, str]

    @classmethod
    def of(cls, derivation: Derivation, by: Iterable[str] | None = None) -> Worksheet:
        """All values, and the derivatives by every step's quantity and by what is given.

        by  those of the given names, where not all of them are asked for: of a large network
            that is the less by far
        """
        problem, program = derivation.problem, derivation.program
        own = given_of(derivation, 1)
        steps = [step.key for step in program.steps]
        asked = dict.fromkeys((*(own if by is None else by), *steps))
        slopes = {(of, by): f"slope d{of}/d{by}" for by in asked for of in program.users(by)}
        factors = [(derivation.factor(of, by), key) for (of, by), key in slopes.items()]
        local_steps = [Step(key, factor.slopes, "slope") for factor, key in factors]
        totals = {(of, by): adjoint(of, by) for of in problem.objectives for by in asked}
        adjoints = [step for of in problem.objectives for step in sweep(program, of, asked)]
        numbers = balls_of(given_values(problem))
        sums = first_sums(problem, numbers)
        known = unmarked(sums)
        lines = program.without(known).plus((*local_steps, *adjoints))
        read = {arg for step in lines.steps for term in step.terms for arg in term.args}
        tape = Tape.of(lines, [key for key in (*own, *known) if key in read])
        return cls(tape, problem.samples, numbers | sums, (*own, *steps), totals, slopes)

    def at(self, sample: int) -> Worked:
        """The numbers put in for one sample (counted from 1)."""
        suffix = self.samples[sample - 1] if self.samples else ""
        given = of_sample(self.given, self.tape.given, suffix)
        computed = [key for key in self.quantities if key in self.tape.index and key not in given]
        found = settled_at(self.tape, given, (*computed, *self.slopes.values(), *self.totals.values()))
        values = Quantities(found, self.given, suffix, self.quantities)
        return Worked(values, Named(found, self.totals), Named(found, self.slopes))


def given_of(derivation: Derivation, sample: int) -> dict[str, Value]:
    """The given values, with the sample's inputs and targets under their unmarked keys."""
    problem = derivation.problem
    values = given_values(problem)
    if isinstance(problem.body, Graph):
        return dict(values)
    suffix = problem.samples[sample - 1]
    own = {
        key.removesuffix(suffix): value for key, value in values.items() if suffix and key.endswith(suffix)
    }
    return {key: value for key, value in values.items() if "@" not in key} | own
