"""Why a wrong formula is wrong: what was done to the derivation, proved in the worlds where it is judged.

    a slip     the derivation with one mistake in it gives exactly the answer
    a factor   answer / truth is a number, a quantity, or one quantity over another
    a term     answer - truth is plus or minus one quantity
    two slips  both made in one derivation, last

Equality is that of residues in two worlds, so nothing is said that is not so.

Source: the catalogue of factors goes back to the answer hints of STACK and mitx,
which a teacher writes by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice

from derive.slips import EVERYWHERE, PlacedSlip, Sweep, slips_of, swept
from derive.sweep import adjoint
from numeric.answers.atoms import Atom, atoms_of
from numeric.deciding.compare import InWorld
from numeric.deciding.values import TooDeepError, UnluckyError, Value, constant
from numeric.deciding.worlds import Subject, World

Signature = tuple[int, ...]
"""The residues of all entries of an answer in one world."""

WORLDS = 2
"""What is said is checked in so many."""

MOST_TRIED = 12
MOST_SLIPS = 2_000
MOST_REASONS = 3
MOST_PAIRED = 40
"""Slips of which two at once are tried."""

FACTORS = tuple(map(Fraction, ("-1", "2", "1/2", "-2", "-1/2", "3", "1/3", "4", "1/4")))


@dataclass(frozen=True)
class Reason:
    """What is wrong, with a sentence for whoever wrote it.

    slip  a name that programs may compare; `text` the sentence
    """

    slip: str
    text: str


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
        found = [known for world in self.worlds if (known := signature(_sure(answer, world))) is not None]
        if len(found) < WORLDS or len(found[0]) != len(self.asked.by):
            return ()
        for look in (self._slips, self._factors, self._terms, self._pairs):
            reasons = tuple(islice(look(found), MOST_REASONS))
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

    def _slips(self, found: Sequence[Signature]) -> Iterator[Reason]:
        for slip in self._by_signature.get(found[0], ()):
            if self._under(slip, self.worlds[1]) == found[1]:
                yield Reason(slip.name, slip.text)

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

    # -- a factor, or a term -----------------------------------------------------------------------

    @cached_property
    def _atoms(self) -> tuple[tuple[Atom, Signature], ...]:
        """The parts of the derivation with their residues, one for each world."""
        atoms = atoms_of(self.subject.problem, self._sweep, self.asked.keys)
        known = ((atom, _everywhere(atom, self.worlds)) for atom in atoms)
        return tuple((atom, residues) for atom, residues in known if residues is not None)

    def _ratios(self, found: Sequence[Signature]) -> Signature | None:
        """answer / truth in each world, where it is the same for all entries."""
        ratios = [
            _common_ratio(own, truth, _prime(world))
            for own, truth, world in zip(found, self._truths, self.worlds, strict=True)
        ]
        return None if None in ratios else tuple(ratio for ratio in ratios if ratio is not None)

    def _factors(self, found: Sequence[Signature]) -> Iterator[Reason]:
        """A number or a quantity too many, one that is missing, or one in place of another."""
        ratios = self._ratios(found)
        if ratios is None:
            return
        for number in FACTORS:
            if tuple(constant(world.formulas.fields, number).at(0) for world in self.worlds) == ratios:
                yield Reason("constant factor", f"Your answer is {number} times the right one.")
                return
        for atom, own in self._atoms:
            if own == ratios:
                yield Reason("extra factor", f"The factor {atom.name} does not belong in it.")
            elif self._times(own, ratios) == (1,) * WORLDS:
                yield Reason("missing factor", f"The factor {atom.name} is missing.")
        known = {own: atom for atom, own in reversed(self._atoms)}
        for right, own in self._atoms:
            stands = known.get(self._times(own, ratios))
            if stands is not None:
                yield Reason("wrong factor", f"{stands.name} stands in the place of {right.name}.")

    def _terms(self, found: Sequence[Signature]) -> Iterator[Reason]:
        """A quantity added to the truth, or taken from it."""
        if len(self.asked.by) != 1:
            return
        gaps = tuple(
            (own[0] - truth[0]) % _prime(world)
            for own, truth, world in zip(found, self._truths, self.worlds, strict=True)
        )
        for atom, own in self._atoms:
            if own == gaps:
                yield Reason("extra term", f"The term {atom.name} does not belong in it.")
            elif tuple(_prime(w) - r for w, r in zip(self.worlds, own, strict=True)) == gaps:
                yield Reason("missing term", f"The term {atom.name} is missing, or has the wrong sign.")

    def _times(self, left: Signature, right: Signature) -> Signature:
        """Products, world by world."""
        primes = map(_prime, self.worlds)
        return tuple(u * v % p for u, v, p in zip(left, right, primes, strict=True))

    # -- two slips at once -------------------------------------------------------------------------

    def _pairs(self, found: Sequence[Signature]) -> Iterator[Reason]:
        """Two slips whose factors multiply to the answer's, made one after the other in one derivation."""
        ratios, prime = self._ratios(found), _prime(self.worlds[0])
        if ratios is None:
            return
        wide = [
            (slip, ratio)
            for slip, made in self._made
            if slip.grain == EVERYWHERE
            and (ratio := _common_ratio(made, self._truths[0], prime)) not in (None, 0)
        ][:MOST_PAIRED]
        known = {ratio: slip for slip, ratio in reversed(wide)}
        for slip, ratio in wide:
            other = known.get(ratios[0] * pow(ratio or 1, -1, prime) % prime)
            if other is not None and other is not slip and self._both(slip, other) == found:
                yield Reason(f"{slip.name}; {other.name}", f"Two things at once. {slip.text} {other.text}")
                return

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


# -- residues --------------------------------------------------------------------------------------


def signature(values: Iterable[Value]) -> Signature | None:
    """The residues of all entries; None where one has no value in its world."""
    try:
        return tuple(value.at(0) for value in values)
    except (UnluckyError, TooDeepError):
        return None


def _sure(answer: InWorld, world: World) -> list[Value]:
    try:
        return list(answer(world).flat)
    except UnluckyError:
        return []


def _everywhere(atom: Atom, worlds: Sequence[World]) -> Signature | None:
    try:
        return tuple(atom.value(world).at(0) for world in worlds)
    except (UnluckyError, TooDeepError):
        return None


def _common_ratio(answer: Signature, truth: Signature, prime: int) -> int | None:
    """answer / truth, where it is the same for all entries."""
    if not all(truth):
        return None
    ratios = {own * pow(true, -1, prime) % prime for own, true in zip(answer, truth, strict=True)}
    return ratios.pop() if len(ratios) == 1 else None


def _prime(world: World) -> int:
    return world.formulas.fields[0].prime
