"""Why a wrong formula is wrong: what was done to the derivation or to the answer, proved where it is judged.

    a slip     the derivation with one mistake in it gives exactly the answer
    an edit    one letter, sign, prime or number of the answer changed gives exactly the truth
    a factor   answer / truth is a number or a quantity; or answer - truth is one
    two slips  both made in one derivation
    a factor of the only route that the answer, a product, has not; last

Equality is that of residues in several worlds, so nothing is said that is not so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations, islice

import numpy as np

from derive.notation import write_total
from derive.slips import EVERYWHERE, MadeBoth, PlacedSlip, Sweep, slips_of, swept
from derive.steps import Step, given_values, is_setting
from derive.sweep import adjoint
from derive.writing.plain import pasted
from numeric.answers.atoms import Atom, arrays_of, atoms_of, route_of
from numeric.answers.averages import as_mean, averages
from numeric.answers.edits import NUMBERS, Edited, Names, key_of
from numeric.answers.factors import extra_term, factors, first_that_differs, missing_term, scaled, terms
from numeric.answers.indices import indices
from numeric.answers.inside import Inside
from numeric.answers.places import Worked
from numeric.answers.reasons import Reason, one_of_each, told
from numeric.answers.residues import (
    Everywhere,
    Signature,
    common_ratio,
    each_world,
    of_array,
    of_number,
    prime_of,
    signature,
    sure,
)
from numeric.answers.working import Working
from numeric.deciding.compare import InWorld
from numeric.deciding.values import UnluckyError, Value, powered
from numeric.deciding.worlds import Subject, World, takes_few

SMOOTH, BRANCHED = 2, 8
"""In how many worlds what is said is checked: where nothing chooses between formulas, and where a
comparison does, or a target takes one of a few values."""

MOST_TRIED = 24
MOST_SLOPES = 60
"""Derivatives beside the one asked for that an answer may be."""

MOST_SLIPS = 2_000
MOST_REASONS = 2
MOST_COMMON, MOST_STEPS = 10, 60
"""Slips of which any two are tried, in a derivation of so many lines."""

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


@dataclass(eq=False)
class Explainer:
    """Finds what was done to one derivation; what it learns of the slips serves all answers."""

    subject: Subject
    asked: Asked

    def why(self, answer: InWorld) -> tuple[Reason, ...]:
        """Reasons, the surest first; none where nothing is proved."""
        bench = self._smooth
        chosen = (value.branched for world in bench.worlds for value in sure(answer, world))
        return (self._branched if bench.is_branched or any(chosen) else bench).why(answer)

    @cached_property
    def _smooth(self) -> Bench:
        return Bench(self.subject, self.asked, SMOOTH)

    @cached_property
    def _branched(self) -> Bench:
        return Bench(self.subject, self.asked, BRANCHED)


@dataclass(frozen=True)
class Wrong:
    """An answer that is not right.

    found    its residues in each world, and where the truth is 0
    written  the answer with its parts, where the edits of it are to be looked for
    """

    found: tuple[Signature, ...]
    where_zero: tuple[Signature, ...]
    written: Working | None = None

    @property
    def vanishes(self) -> bool:
        """Whether it is 0 where the truth is: else no factor makes one of the other."""
        return not any(any(residues) for residues in self.where_zero)


@dataclass(eq=False)
class Bench:
    """A number of worlds in which answers to one question are explained."""

    subject: Subject
    asked: Asked
    count: int

    def why(self, answer: InWorld) -> tuple[Reason, ...]:
        wrong = self._wrong(answer)
        if wrong is None:
            return ()
        edited = self._edited(wrong)
        looks: tuple[Callable[[], Iterator[Reason]], ...] = (
            lambda: self._slips(wrong),
            edited.small if edited else lambda: iter(()),
            lambda: iter(()) if edited is None else indices(edited),
            lambda: self._inside(wrong),
            lambda: self._another(wrong, edited),
            lambda: self._as_a_whole(wrong, factors),
            lambda: self._terms(wrong),
            lambda: self._pairs(wrong),
            edited.large if edited else lambda: iter(()),
            lambda: self._as_a_whole(wrong, scaled),
            lambda: self._any_pair(wrong),
            lambda: self._first(edited),
        )
        for look, most in zip(looks, (MOST_REASONS, *[1] * len(looks)), strict=False):
            reasons = tuple(islice(look(), most))
            if reasons:
                return reasons
        return ()

    def _wrong(self, answer: InWorld) -> Wrong | None:
        found = [known for world in self.worlds if (known := signature(sure(answer, world))) is not None]
        zeros = [known for world in self._zeros if (known := signature(sure(answer, world))) is not None]
        count = len(self.worlds) + len(self._zeros)
        if not found or sum(len(one) == len(self.asked.by) for one in (*found, *zeros)) < count:
            return None  # it has no value in one of them, or other entries
        return Wrong(tuple(found), tuple(zeros), answer if isinstance(answer, Working) else None)

    @cached_property
    def _tried(self) -> tuple[tuple[World, Signature], ...]:
        """Worlds in which the truth has a value, with it: some where it is 0 among them."""
        found: list[tuple[World, Signature]] = []
        alive = 0
        for number in range(MOST_TRIED):
            world = self.subject.world(number)
            known = self._read(world)
            if known is not None and (any(known) or self.count > SMOOTH):
                found.append((world, known))
                alive += any(known)
            if alive == self.count:
                break
        return tuple(found)

    @cached_property
    def worlds(self) -> tuple[World, ...]:
        """Those where the truth is not 0 throughout."""
        return tuple(world for world, truth in self._tried if any(truth))

    @cached_property
    def _zeros(self) -> tuple[World, ...]:
        return tuple(world for world, truth in self._tried if not any(truth))

    @cached_property
    def _truths(self) -> tuple[Signature, ...]:
        return tuple(truth for _, truth in self._tried if any(truth))

    @cached_property
    def is_branched(self) -> bool:
        """Whether the truth is one formula here and another there."""
        chosen = any(world[key].branched for world in self.worlds for key in self.asked.keys)
        return chosen or takes_few(self.subject.problem)

    def _read(self, world: World) -> Signature | None:
        """What is asked for, in a world that may hold a mistake."""
        return signature(world[key] for key in self.asked.keys)

    # -- one slip ----------------------------------------------------------------------------------

    def _slips(self, wrong: Wrong) -> Iterator[Reason]:
        is_mean = wrong.written is not None and averages(self.subject.problem, wrong.written.node)
        found = (
            (slip.family, self._told(slip, is_mean=is_mean))
            for slip in self._by_first_entry.get(wrong.found[0][0], ())
            if self._elsewhere(slip, self.worlds[0]) == wrong.found[0] and self._gives(slip, wrong)
        )
        yield from one_of_each(found)

    def _told(self, slip: PlacedSlip, *, is_mean: bool) -> Reason:
        problem, mean = self.subject.problem, as_mean(slip) if is_mean else None
        if mean is None:
            return told(problem, slip.name, slip.text)
        return told(problem, mean.name, mean.said(problem, self.asked.of))

    def _gives(self, slip: PlacedSlip, wrong: Wrong) -> bool:
        """Whether a slip gives the answer in the other worlds too."""
        others = (*self.worlds[1:], *self._zeros)
        found = (*wrong.found[1:], *wrong.where_zero)
        return all(self._elsewhere(slip, world) == own for world, own in zip(others, found, strict=True))

    def _elsewhere(self, slip: PlacedSlip, world: World) -> Signature | None:
        """What a slip gives in a world, worked out once."""
        at = id(slip), world
        if at not in self._made_elsewhere:
            self._made_elsewhere[at] = self._under(slip, world)
        return self._made_elsewhere[at]

    @cached_property
    def _made_elsewhere(self) -> dict[tuple[int, World], Signature | None]:
        return {}

    @cached_property
    def _sweep(self) -> Sweep:
        return swept(self.subject.problem, self.asked.of, self.asked.by, self.subject.batch)

    @cached_property
    def _all_slips(self) -> tuple[PlacedSlip, ...]:
        return tuple(islice(slips_of(self._sweep, self.asked.keys), MOST_SLIPS))

    @cached_property
    def _by_first_entry(self) -> Mapping[int, Sequence[PlacedSlip]]:
        """Every slip by what it makes of the first entry in the first world, in the order of the list."""
        known: dict[int, list[PlacedSlip]] = {}
        key, world = self.asked.keys[0], self.worlds[0]
        for slip in self._all_slips:
            steps = slip.made.affected(slip.sweep, self.asked.keys).steps
            try:
                made = signature([world.lazily(steps)[key]])
            except UnluckyError:
                continue
            if made is not None:
                known.setdefault(made[0], []).append(slip)
        return known

    @cached_property
    def _throughout(self) -> tuple[tuple[PlacedSlip, Signature], ...]:
        """The slips made throughout, with what they give in the first world."""
        wide = (slip for slip in self._all_slips if slip.grain == EVERYWHERE)
        first = self.worlds[0]
        return tuple((slip, made) for slip in wide if (made := self._elsewhere(slip, first)) is not None)

    def _under(self, slip: PlacedSlip, world: World) -> Signature | None:
        return self._with(slip.made.affected(slip.sweep, self.asked.keys).steps, world)

    def _with(self, steps: Sequence[Step], world: World) -> Signature | None:
        """What is asked for, with other steps in the derivation."""
        try:
            return self._read(world.under(steps))
        except UnluckyError:
            return None

    # -- one place of the answer -------------------------------------------------------------------

    def _edited(self, wrong: Wrong) -> Edited | None:
        if wrong.written is None or not wrong.vanishes:
            return None
        worked, node = Worked.out(wrong.written, self.worlds), wrong.written.node
        values = None if worked is None else worked.of(node)
        if worked is None or values is None or values[0].size != len(self.asked.by):
            return None
        shape = values[0].shape
        wanted = tuple(_array(truth).reshape(shape) for truth in self._truths)
        return Edited(self.subject.problem, worked, self._names, node, wanted)

    @cached_property
    def _names(self) -> Names:
        problem = self.subject.problem
        scalars = {residues: atom for atom, residues in reversed(self._by_name)}
        arrays = {}
        for name, value in reversed(list(arrays_of(problem))):
            residues = tuple(of for world in self.worlds if (of := _values(value, world)) is not None)
            if len(residues) == len(self.worlds):
                arrays[key_of(residues)] = name
        numbers = {of_number(self.worlds, number): number for number in reversed(NUMBERS)}
        return Names(scalars, arrays, numbers, frozenset(map(key_of, self._both_signs)))

    @property
    def _both_signs(self) -> tuple[Everywhere, ...]:
        truths = tuple(map(_array, self._truths))
        negated = (-truth % prime_of(world) for truth, world in zip(truths, self.worlds, strict=True))
        return truths, tuple(negated)

    def _inside(self, wrong: Wrong) -> Iterator[Reason]:
        if wrong.written is None:
            return iter(())
        truths = (*self._truths, *((0,) * len(self.asked.by) for _ in self._zeros))
        worlds = (*self.worlds, *self._zeros)
        return Inside(self.subject.problem, wrong.written.node, worlds, truths).reasons()

    # -- another quantity --------------------------------------------------------------------------

    def _another(self, wrong: Wrong, edited: Edited | None) -> Iterator[Reason]:
        """A quantity or a derivative that has a name, and is not the one that is asked for."""
        if len(self.asked.by) > 1:
            values = None if edited is None else edited.worked.of(edited.node)
            name = None if values is None else self._names.of(values)
            if name is not None:
                yield Reason("another quantity", f"This is {name}, and not what is asked for.")
            return
        found = tuple(residue for (residue,) in wrong.found)
        zeros = tuple(residue for (residue,) in wrong.where_zero)
        alike = (atom for atom, own in self._by_name if own == found)
        same = (atom.name for atom in alike if each_world(atom.value, self._zeros) == zeros)
        name = next(same, None) or self._slope(wrong)
        if name is not None:
            asked = pasted(write_total(self.subject.problem, self.asked.of, self.asked.by[0]))
            yield Reason("another quantity", f"This is {name}; {asked} is asked for.")

    def _slope(self, wrong: Wrong) -> str | None:
        """The name of another derivative of what is differentiated, by a parameter or by a step."""
        problem, of = self.subject.problem, self.asked.of
        found = tuple(residue for (residue,) in (*wrong.found, *wrong.where_zero))
        forward = self._sweep.forward
        for key in islice((*given_values(problem), *forward.by_key), MOST_SLOPES):
            if key == of or key.startswith("y[") or is_setting(key) or of not in forward.after([key]):
                continue
            if each_world(partial(_total, of, key), (*self.worlds, *self._zeros)) == found:
                return pasted(write_total(problem, of, key))
        return None

    # -- a factor, or a term -----------------------------------------------------------------------

    @cached_property
    def _atoms(self) -> tuple[tuple[Atom, Signature], ...]:
        """The parts of the derivation with their residues, one for each world."""
        return tuple(self._valued(atoms_of(self.subject.problem, self._sweep, self.asked.keys)))

    @cached_property
    def _by_name(self) -> tuple[tuple[Atom, Signature], ...]:
        """The same, the quantities that have a letter first."""
        return tuple(sorted(self._atoms, key=lambda pair: not pair[0].key))

    def _valued(self, atoms: Iterator[Atom]) -> Iterator[tuple[Atom, Signature]]:
        for atom in atoms:
            residues = each_world(atom.value, self.worlds)
            if residues is not None and residues not in self._numbers:
                yield atom, residues

    @cached_property
    def _numbers(self) -> frozenset[Signature]:
        """Of 0, 1 and -1: what is always one of these has no part in an answer."""
        return frozenset(of_number(self.worlds, Fraction(number)) for number in (0, 1, -1))

    def _ratio(self, wrong: Wrong) -> Signature | None:
        """answer / truth in each world, where it is the same for all entries."""
        ratios = [
            common_ratio(own, truth, prime_of(world))
            for own, truth, world in zip(wrong.found, self._truths, self.worlds, strict=True)
        ]
        return None if None in ratios else tuple(ratio for ratio in ratios if ratio is not None)

    def _as_a_whole(self, wrong: Wrong, look: Callable[..., Iterator[Reason]]) -> Iterator[Reason]:
        ratio = self._ratio(wrong) if wrong.vanishes else None
        if ratio is not None:
            yield from look(ratio, self._atoms, self.worlds)

    def _terms(self, wrong: Wrong) -> Iterator[Reason]:
        if not wrong.vanishes:
            return
        gaps = [
            (_array(found) - _array(truth)) % prime_of(world)
            for found, truth, world in zip(wrong.found, self._truths, self.worlds, strict=True)
        ]
        if len(self.asked.by) == 1:
            yield from terms(tuple(gap.item() for gap in gaps), self._atoms, self.worlds)
            return
        negated = [-gap % prime_of(world) for gap, world in zip(gaps, self.worlds, strict=True)]
        extra, missing = self._names.of(tuple(gaps)), self._names.of(tuple(negated))
        if extra is not None:
            yield extra_term(extra)
        if missing is not None:
            yield missing_term(missing)

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
        if ratio is None or not wrong.vanishes:
            return
        known = {of_slip: slip for slip, of_slip in reversed(self._wide)}
        for slip, of_slip in self._wide:
            other = known.get(ratio[0] * powered(of_slip, -1, prime) % prime)
            if other is not None and other is not slip and self._both(slip, other, wrong):
                name, text = f"{slip.name}; {other.name}", f"Two things at once. {slip.text} {other.text}"
                yield told(self.subject.problem, name, text)

    def _any_pair(self, wrong: Wrong) -> Iterator[Reason]:
        """Two of the commonest slips, which need not be factors of the whole."""
        for first, second in combinations(self._commonest, 2):
            if self._pair_gives(first, second) == wrong.found[0] and self._both(first, second, wrong):
                name, text = f"{first.name}; {second.name}", f"Two things at once. {first.text} {second.text}"
                yield told(self.subject.problem, name, text)

    @cached_property
    def _commonest(self) -> Sequence[PlacedSlip]:
        steps = len(self._sweep.reached(self.asked.keys))
        wide = (slip for slip, _ in self._throughout)
        return tuple(islice(wide, MOST_COMMON if steps <= MOST_STEPS else 0))

    def _pair_gives(self, first: PlacedSlip, second: PlacedSlip) -> Signature | None:
        at = first.name, second.name
        if at not in self._of_pairs:
            steps = MadeBoth(first.made, second.made).affected(self._sweep, self.asked.keys).steps
            self._of_pairs[at] = self._with(steps, self.worlds[0])
        return self._of_pairs[at]

    @cached_property
    def _of_pairs(self) -> dict[tuple[str, str], Signature | None]:
        return {}

    @cached_property
    def _wide(self) -> Sequence[tuple[PlacedSlip, int]]:
        """Slips made throughout, each with its factor."""
        prime = prime_of(self.worlds[0])
        wide = ((slip, common_ratio(made, self._truths[0], prime)) for slip, made in self._throughout)
        return list(islice(((slip, ratio) for slip, ratio in wide if ratio), MOST_PAIRED))

    def _both(self, first: PlacedSlip, second: PlacedSlip, wrong: Wrong) -> bool:
        """Whether the derivation with both mistakes in it gives the answer in every world."""
        steps = MadeBoth(first.made, second.made).affected(self._sweep, self.asked.keys).steps
        pairs = zip((*self.worlds, *self._zeros), (*wrong.found, *wrong.where_zero), strict=True)
        return all(self._with(steps, world) == found for world, found in pairs)


def _array(residues: Signature) -> np.ndarray:
    made = np.empty(len(residues), dtype=object)
    made[:] = residues
    return made


def _total(of: str, by: str, world: World) -> Value:
    return world.derivative(of, (by,))


def _values(value: InWorld, world: World) -> np.ndarray | None:
    try:
        return of_array(value(world))
    except UnluckyError:
        return None
