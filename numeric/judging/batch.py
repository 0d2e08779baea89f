"""What a slip gives of a batch: every sample's sweep is alike, so one is edited for all side by side.

    dC/dw = sum over s of dC_s/dw / n

What concerns the sum itself (its 1/n, a sample left out, the L2 term beside it) is
none of these slips: whole arrays show it. The lines of one array are alike as well; a line that is a
product is evaluated for all entries in one array of NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from flint import arb, ctx, fmpq

from derive.problem import Network, Problem
from derive.slips import Made, Sweep, swept
from derive.slips.changes import lean
from derive.slips.kinds import parts_of
from derive.steps import Program
from derive.sweep import adjoint
from numeric.balls.enclosure import PRECISIONS
from numeric.balls.operations import Ball, ball, exact, multiply
from numeric.balls.tape import Tape
from numeric.balls.truths import Numbers
from numeric.judging.alike import is_sharp, line_of, place_of

Columns = Mapping[str, Sequence[Ball]]
"""Values of every sample, by key."""

EPSILON = 2.0**-50
LOST = 2.0**-36
"""So much of a number that is compared in nine digits may be lost in its sum; of none that is 0."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The values of some adjoints, summed over samples, under one slip after another.

    sweep     of the first sample and its share of C
    given     the numbers of all samples
    suffixes  of the samples
    decay     the L2 term of each adjoint that has one
    values    of all that is computed in the right sweep
    """

    sweep: Sweep
    keys: tuple[str, ...]
    given: Mapping[str, Ball]
    suffixes: Sequence[str]
    decay: Mapping[str, Ball] = field(default_factory=dict)
    values: dict[str, Sequence[Ball]] = field(default_factory=dict)

    @classmethod
    def of(cls, numbers: Numbers, of: str, by: Sequence[str]) -> Batch | None:
        """Down to these parameters; None where a sample's cost is not all there is, or comes to an edge."""
        problem, network = numbers.problem, numbers.problem.body
        if numbers.layers is None or not isinstance(network, Network):
            return None
        known = numbers.first_sums
        sweep = swept(problem, of, by, thin=bool(known), alone=True)
        keys = tuple(adjoint(of, key) for key in by)
        between = (key for key in sweep.adjoints if (parts_of(key) or ("", ""))[1] in sweep.forward.by_key)
        steps = sweep.forward.plus(sweep.adjoints.values())
        program = steps.only((*keys, *between, *sweep.forward.by_key)).without(known)
        decay = {adjoint(of, key): value for key, value in decay_of(problem, numbers.given)}
        found = cls(sweep, keys, numbers.given | known, problem.samples, decay)
        values = found._run(program)
        return None if values is None else replace(found, values=dict(values))

    def column(self, key: str) -> Sequence[Ball]:
        """A value in the right sweep of every sample."""
        if key not in self.values:
            first = self.suffixes[0]
            name = key.removesuffix(first) if first else key
            own = self.suffixes if name != key else [""] * len(self.suffixes)
            self.values[key] = [self.given[f"{name}{suffix}"] for suffix in own]
        return self.values[key]

    def under(self, made: Made, keys: Iterable[str] | None = None) -> dict[str, Ball]:
        """What the adjoints are with the mistake in them, those alone that it changes."""
        found = self._by_samples(made, self.keys if keys is None else keys) or {}
        with ctx.workprec(PRECISIONS[0]):
            totals = {key: sum(column, self.decay.get(key, fmpq(0))) for key, column in found.items()}
        return {key: total for key, total in totals.items() if is_sharp(total)}

    def _by_samples(self, made: Made, keys: Iterable[str]) -> Columns | None:
        """What changes of these adjoints of every sample; None where a branch sits on an edge."""
        wanted = tuple(keys)
        found = self._run(made.affected(self.sweep, wanted))
        return None if found is None else {key: found[key] for key in wanted if key in found}

    def _run(self, program: Program) -> Columns | None:
        """What is computed for every sample; None where a branch sits on an edge."""
        own = {step.key for step in program.steps}
        read = {arg for step in program.steps for term in step.terms for arg in term.args} - own
        given = {key: self.column(key) for key in read}
        with ctx.workprec(PRECISIONS[0]):
            found, is_on_edge = Tape.of(program, given).side_by_side(given, len(self.suffixes))
        return None if is_on_edge else {key: found[key] for key in own}

    def whole(self, made: Made, of: str, keys: Sequence[str], seen: Sequence[str]) -> dict[str, Ball]:
        """The derivatives by entries of one array, as far as a line tells them; `seen` are its examples."""
        line, adjoints = line_of(self.sweep, made, of, seen), self.sweep.adjoints
        if line is None:
            return {}
        line = replace(line, terms=tuple(map(lean, line.terms)))
        args = {arg for term in line.terms for arg in term.args}
        tape = Tape.of(Program((line,)), args)
        places = [place_of(key) for key in keys]
        named = {arg: [arg.format(*place) for place in places] for arg in args}
        row = {
            key: i for i, key in enumerate(dict.fromkeys(key for column in named.values() for key in column))
        }
        spoilt = self._by_samples(made, (key for key in row if key in adjoints))
        if spoilt is None or any(function is not multiply for function, _, _ in tape.code):
            return {}
        numbers = _table(spoilt.get(key) or self.column(key) for key in row)
        slots = {tape.index[arg]: numbers[[row[key] for key in column]] for arg, column in named.items()}
        slots |= {slot: _table([[constant()]]) for slot, constant in tape.constants}
        for _, slot, (left, right) in tape.code:
            slots[slot] = slots[left] * slots[right]
        shares = np.broadcast_to(slots[tape.index[line.key]], (len(keys), len(self.suffixes)))
        decay = _floats([self.decay.get(adjoint(of, key), fmpq(0)) for key in keys])
        total, size = shares.sum(axis=1) + decay, np.abs(shares).sum(axis=1) + np.abs(decay)
        is_told = np.isfinite(size) & (len(self.suffixes) * EPSILON * size <= LOST * np.abs(total))
        told = zip(keys, total.tolist(), is_told.tolist(), strict=True)
        return {key: arb(value) for key, value, is_known in told if is_known}


def decay_of(problem: Problem, given: Mapping[str, Ball]) -> Iterator[tuple[str, Ball]]:
    """lambda/n w for each weight; of one sample the sweep itself has it."""
    assert isinstance(problem.body, Network), "a graph has no L2 term"
    if problem.body.l2 and len(problem.x) > 1:
        rate = exact(problem.body.l2 / len(problem.x))
        own = (parameter.key for parameter in problem.parameters if parameter.is_weight)
        yield from ((key, multiply(rate, given[key])) for key in own)


def _floats(column: Iterable[Ball]) -> npt.NDArray[np.float64]:
    return np.array([float(ball(value).mid()) for value in column])


def _table(columns: Iterable[Iterable[Ball]]) -> npt.NDArray[np.float64]:
    return np.array([_floats(column) for column in columns])
