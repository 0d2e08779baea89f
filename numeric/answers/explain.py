"""Why a wrong formula is wrong: what was done to the derivation or to the answer, proved where it is judged.

    a slip     the derivation with one mistake in it gives exactly the answer
    an edit    one letter, sign, prime or number of the answer changed gives exactly the truth
    a factor   answer / truth is a number or a quantity; or answer - truth is one
    two slips  both made in one derivation
    a factor of the only route that the answer, a product, has not; last

Equality is that of residues in two worlds, so nothing is said that is not so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from derive.formula.nodes import Node
from derive.slips import EVERYWHERE, PlacedSlip, Sweep, slips_of, swept
from derive.sweep import adjoint
from numeric.answers.atoms import Atom, arrays_of, atoms_of, route_of
from numeric.answers.edits import Edited, Names, key_of
from numeric.answers.factors import factors, first_that_differs, scaled, terms
from numeric.answers.places import Worked
from numeric.answers.reasons import Reason, one_of_each
from numeric.answers.residues import (
    Everywhere,
    Signature,
    common_ratio,
    each_world,
    of_array,
    prime_of,
    signature,
    sure,
)
from numeric.deciding.compare import InWorld
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import Subject, World

WORLDS = 2
"""What is said is checked in so many."""

MOST_TRIED = 12
MOST_SLIPS = 2_000
MOST_REASONS = 2
MOST_PAIRED = 40
"""Slips of which two at once are tried."""


@dataclass(frozen=True)
class Asked:
    """The derivatives that a question asks for: one, or an array's entries.

    of    what is differentiated
    by    by what, entry by entry in the order of the array
    """

    of: str
    by: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(adjoint(self.of, by) for by in self.by)


@dataclass(frozen=True)
class Wrong:
    """An answer that is not right.

    found  its residues in each world
    node   what was written, where the edits of it are to be looked for
    """

    found: tuple[Signature, ...]
    node: Node | None = None


@dataclass(eq=False)
class Explainer:
    """Finds what was done to one derivation; what it learns of the slips serves all answers."""

    subject: Subject
    asked: Asked

    def why(self, answer: InWorld, node: Node | None = None) -> tuple[Reason, ...]:
        """Reasons, the surest first; none where nothing is proved."""
        found = [known for world in self.worlds if (known := signature(sure(answer, world))) is not None]
        if len(found) < WORLDS or len(found[0]) != len(self.asked.by):
            return ()
        wrong = Wrong(tuple(found), node)
        edited = self._edited(wrong)
        looks: tuple[Callable[[], Iterator[Reason]], ...] = (
            lambda: self._slips(wrong),
            edited.small if edited else lambda: iter(()),
            lambda: self._as_a_whole(wrong, factors),
            lambda: self._terms(wrong),
            edited.large if edited else lambda: iter(()),
            lambda: self._pairs(wrong),
            lambda: self._as_a_whole(wrong, scaled),
            lambda: self._first(edited),
        )
        for look, most in zip(looks, (MOST_REASONS, *[1] * len(looks)), strict=False):
            reasons = tuple(islice(look(), most))
            if reasons:
                return reasons
        return ()

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """Worlds in which the truth has a value."""
        tried = (self.subject.world(number) for number in range(MOST_TRIED))
        return tuple(islice((world for world in tried if self._read(world) is not None), WORLDS))

    @cached_property
    def _truths(self) -> tuple[Signature, ...]:
        return tuple(known for world in self.worlds if (known := self._read(world)) is not None)

    def _read(self, world: World) -> Signature | None:
        """What is asked for, in a world that may hold a mistake."""
        return signature(world[key] for key in self.asked.keys)

    # -- one slip ----------------------------------------------------------------------------------

    def _slips(self, wrong: Wrong) -> Iterator[Reason]:
        found = (
            (slip.family, Reason(slip.name, slip.text))
            for slip in self._by_signature.get(wrong.found[0], ())
            if self._under(slip, self.worlds[1]) == wrong.found[1]
        )
        yield from one_of_each(found)

    @cached_property
    def _sweep(self) -> Sweep:
        return swept(self.subject.problem, self.asked.of, self.asked.by)

    @cached_property
    def _made(self) -> tuple[tuple[PlacedSlip, Signature], ...]:
        """Every slip with what it gives in the first world, in the order of the list."""
        slips = islice(slips_of(self._sweep, self.asked.keys), MOST_SLIPS)
        first = self.worlds[0]
        return tuple((slip, made) for slip in slips if (made := self._under(slip, first)) is not None)

    @cached_property
    def _by_signature(self) -> Mapping[Signature, Sequence[PlacedSlip]]:
        known: dict[Signature, list[PlacedSlip]] = {}
        for slip, made in self._made:
            known.setdefault(made, []).append(slip)
        return known

    def _under(self, slip: PlacedSlip, world: World) -> Signature | None:
        try:
            return self._read(world.under(slip.made.affected(slip.sweep, self.asked.keys).steps))
        except UnluckyError:
            return None

    # -- one place of the answer -------------------------------------------------------------------

    def _edited(self, wrong: Wrong) -> Edited | None:
        worked = None if wrong.node is None else Worked.out(wrong.node, self.worlds)
        values = None if worked is None or wrong.node is None else worked.of(wrong.node)
        if worked is None or wrong.node is None or values is None or values[0].size != len(self.asked.by):
            return None
        shape = values[0].shape
        wanted = tuple(_array(truth).reshape(shape) for truth in self._truths)
        return Edited(self.subject.problem, worked, self._names, wrong.node, wanted)

    @cached_property
    def _names(self) -> Names:
        problem = self.subject.problem
        scalars = {residues: atom.name for atom, residues in reversed(self._by_name)}
        arrays = {}
        for name, value in reversed(list(arrays_of(problem))):
            residues = tuple(of for world in self.worlds if (of := _values(value, world)) is not None)
            if len(residues) == WORLDS:
                arrays[key_of(residues)] = name
        return Names(scalars, arrays, frozenset(map(key_of, self._both_signs)))

    @property
    def _both_signs(self) -> tuple[Everywhere, ...]:
        truths = tuple(map(_array, self._truths))
        negated = (-truth % prime_of(world) for truth, world in zip(truths, self.worlds, strict=True))
        return truths, tuple(negated)

    # -- a factor, or a term -----------------------------------------------------------------------

    @cached_property
    def _atoms(self) -> tuple[tuple[Atom, Signature], ...]:
        """The parts of the derivation with their residues, one for each world."""
        return tuple(self._valued(atoms_of(self.subject.problem, self._sweep, self.asked.keys)))

    @cached_property
    def _by_name(self) -> tuple[tuple[Atom, Signature], ...]:
        """The same, the quantities that have a letter first."""
        return tuple(sorted(self._atoms, key=lambda pair: not pair[0].is_quantity))

    def _valued(self, atoms: Iterator[Atom]) -> Iterator[tuple[Atom, Signature]]:
        for atom in atoms:
            residues = each_world(atom.value, self.worlds)
            if residues is not None:
                yield atom, residues

    def _ratio(self, wrong: Wrong) -> Signature | None:
        """answer / truth in each world, where it is the same for all entries."""
        ratios = [
            common_ratio(own, truth, prime_of(world))
            for own, truth, world in zip(wrong.found, self._truths, self.worlds, strict=True)
        ]
        return None if None in ratios else tuple(ratio for ratio in ratios if ratio is not None)

    def _as_a_whole(self, wrong: Wrong, look: Callable[..., Iterator[Reason]]) -> Iterator[Reason]:
        ratio = self._ratio(wrong)
        if ratio is not None:
            yield from look(ratio, self._atoms, self.worlds)

    def _terms(self, wrong: Wrong) -> Iterator[Reason]:
        if len(self.asked.by) == 1:
            gap = tuple(
                (own[0] - truth[0]) % prime_of(world)
                for own, truth, world in zip(wrong.found, self._truths, self.worlds, strict=True)
            )
            yield from terms(gap, self._atoms, self.worlds)

    def _first(self, edited: Edited | None) -> Iterator[Reason]:
        if edited is not None and len(self.asked.by) == 1:
            yield from first_that_differs(edited.worked, edited.node, self._route, self.worlds)

    @cached_property
    def _route(self) -> tuple[tuple[Atom, Signature], ...]:
        """The factors of the derivation, where it has one route."""
        return tuple(self._valued(route_of(self.subject.problem, self._sweep, self.asked.keys)))

    # -- two slips at once -------------------------------------------------------------------------

    def _pairs(self, wrong: Wrong) -> Iterator[Reason]:
        """Two slips whose factors multiply to the answer's, made one after the other in one derivation."""
        ratio, prime = self._ratio(wrong), prime_of(self.worlds[0])
        if ratio is None:
            return
        known = {of_slip: slip for slip, of_slip in reversed(self._wide)}
        for slip, of_slip in self._wide:
            other = known.get(ratio[0] * pow(of_slip, -1, prime) % prime)
            if other is not None and other is not slip and self._both(slip, other) == list(wrong.found):
                yield Reason(f"{slip.name}; {other.name}", f"Two things at once. {slip.text} {other.text}")

    @cached_property
    def _wide(self) -> Sequence[tuple[PlacedSlip, int]]:
        """Slips made throughout, each with its factor."""
        prime = prime_of(self.worlds[0])
        wide = (
            (slip, common_ratio(made, self._truths[0], prime))
            for slip, made in self._made
            if slip.grain == EVERYWHERE
        )
        return list(islice(((slip, ratio) for slip, ratio in wide if ratio), MOST_PAIRED))

    def _both(self, first: PlacedSlip, second: PlacedSlip) -> list[Signature | None]:
        """What the derivation gives with both mistakes in it, in each world."""
        problem, sweep = self.subject.problem, self._sweep
        program = sweep.forward.plus(sweep.adjoints.values())
        spoiled = Sweep.of(problem, first.made(problem, program))
        made = []
        for world in self.worlds:
            once = world.under(spoiled.adjoints.values())
            made.append(self._read(once.under(second.made.affected(spoiled, self.asked.keys).steps)))
        return made


def _array(residues: Signature) -> np.ndarray:
    made = np.empty(len(residues), dtype=object)
    made[:] = residues
    return made


def _values(value: InWorld, world: World) -> np.ndarray | None:
    try:
        return of_array(value(world))
    except UnluckyError:
        return None
