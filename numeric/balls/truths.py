"""The symbolic gradient of a problem in columns: proven, and each enclosure made when it is asked for.

A network is evaluated in whole layers; a graph, and what the layers leave open, on
the scalar tape. Either way a column says which float64 each entry surely rounds to,
so that whoever judges thousands of entries needs no fraction for most of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derive.problem import Network, Problem
from derive.steps import Program, given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import Enclosure, Enclosures, balls_of, enclose, enclosure, nearest, settled
from numeric.balls.first_layer import first_sums
from numeric.balls.operations import Ball

if TYPE_CHECKING:
    from numeric.balls.layers import LayerGradient

Entry = tuple[str, str]


def _in_layers(problem: Problem) -> bool:
    """Of no graph, no output formula, and no parameter that is used several times."""
    network = problem.body
    if not isinstance(network, Network) or network.cost is None or not network.layers:
        return False
    return not any(parameter.shared for parameter in problem.parameters)


@dataclass(frozen=True)
class Numbers:
    """A problem's given numbers and its scalar steps, which are made only where somebody reads them."""

    problem: Problem

    @cached_property
    def given(self) -> dict[str, Ball]:
        return balls_of(given_values(self.problem))

    @cached_property
    def program(self) -> Program:
        return program_of(self.problem)

    @cached_property
    def layers(self) -> LayerGradient | None:
        """The gradient in whole layers, where that is all there is to it."""
        if not _in_layers(self.problem):
            return None
        from numeric.balls.layers import LayerGradient

        found = LayerGradient.of(self.problem, self.given)
        return found if found.holds else None

    @cached_property
    def first_sums(self) -> dict[str, Ball]:
        """z1 of a network with many inputs."""
        return first_sums(self.problem, self.given)

    def derivatives(self, entries: Sequence[Entry]) -> Enclosures:
        """Enclosures of these derivatives by the scalar tape, over one sweep an objective."""
        by_objective: dict[str, list[str]] = {}
        for of, by in dict.fromkeys(entries):
            by_objective.setdefault(of, []).append(by)
        steps = [step for of, names in by_objective.items() for step in sweep(self.program, of, names)]
        return enclose(self.program.plus(steps), self.given, [adjoint(*entry) for entry in entries])

    def objectives(self) -> Mapping[str, Enclosure]:
        """What is differentiated."""
        if self.layers is not None and settled(self.layers.cost):
            return {"C": enclosure(self.layers.cost)}
        return enclose(self.program, self.given, self.problem.objectives).values

    def gradient(self) -> Truths:
        """Every objective by every parameter, or given name."""
        return self.truths([(of, by) for of in self.problem.objectives for by in self.problem.wrt])

    def truths(self, entries: Sequence[Entry]) -> Truths:
        """These derivatives: in layers as far as these hold them, the others by the scalar tape."""
        order, known = [-1] * len(entries), np.full(len(entries), np.nan)
        if self.layers is not None:
            place = {("C", key): i for i, key in enumerate(self.layers.keys)}
            order = [place.get(entry, -1) for entry in entries]
            known = np.where(np.array(order) < 0, np.nan, self.layers.nearest[order])
            for i in np.flatnonzero(np.isnan(known)).tolist():
                value = self.layers.entry(order[i]) if order[i] >= 0 else None
                if value is not None and settled(value):
                    known[i] = nearest(value)
                else:
                    order[i] = -1
        left = [i for i, at in enumerate(order) if at < 0]
        found = self.derivatives([entries[i] for i in left]) if left else NOTHING
        known[left] = [nearest(found.balls[adjoint(*entries[i])]) for i in left]
        return Truths(tuple(entries), known, found, self.layers, order)


@dataclass(frozen=True, eq=False)
class Truths(Mapping[Entry, Enclosure]):
    """Enclosures of many derivatives.

    entries  (n,)
    nearest  (n,) the float64 that all of an enclosure rounds to, 0 where it is exactly 0;
             nan where there are two of them, where it holds 0 with others, and outside float64's range
    tape     what the scalar tape enclosed of them
    order    (n,) the others' places among those of the layers; -1
    """

    entries: tuple[Entry, ...]
    nearest: npt.NDArray[np.float64]
    tape: Enclosures
    layers: LayerGradient | None
    order: Sequence[int]
    _made: dict[int, Enclosure] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def position(self) -> Mapping[Entry, int]:
        return {entry: i for i, entry in enumerate(self.entries)}

    def at(self, i: int) -> Enclosure:
        """The enclosure of entry i."""
        if i not in self._made:
            if self.layers is None or self.order[i] < 0:
                self._made[i] = self.tape[adjoint(*self.entries[i])]
            else:
                self._made[i] = enclosure(self.layers.entry(self.order[i]))
        return self._made[i]

    def __getitem__(self, entry: Entry) -> Enclosure:
        return self.at(self.position[entry])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.position)

    def __len__(self) -> int:
        return len(self.position)


NOTHING = Enclosures({}, "", frozenset(), frozenset())
