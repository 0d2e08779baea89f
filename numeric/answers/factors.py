"""What a wrong answer and the right one have to do with each other as a whole.

    a factor   answer / truth is a number, a quantity, or one quantity over another
    a term     answer - truth is plus or minus one quantity
    factors    truth = f1 f2 ... fm along one route: which of them the answer's product has not

Source: the catalogue of factors goes back to the answer hints of STACK and mitx,
which a teacher writes by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice

from derive.formula.nodes import Node
from derive.problem import Network
from numeric.answers.atoms import Atom
from numeric.answers.places import Worked, factors_of
from numeric.answers.reasons import Reason
from numeric.answers.residues import Signature, of_number, over, prime_of, times
from numeric.deciding.worlds import Subject, World

FACTORS = tuple(map(Fraction, ("-1", "2", "1/2", "-2", "-1/2", "3", "1/3", "4", "1/4")))

Known = Sequence[tuple[Atom, Signature]]
"""Parts of a derivation with their residues, one for each world."""

MOST_FACTORS, MOST_TOGETHER = 12, 3
"""Of an answer that is a product; so many of them may make one factor of the derivation."""


def factors(ratio: Signature, atoms: Known, worlds: Sequence[World]) -> Iterator[Reason]:
    """A number or a quantity too many, one that is missing, or one in place of another."""
    for number, slip, said in (*_of_samples(worlds[0].subject), *_CONSTANT):
        if of_number(worlds, number) == ratio:
            yield Reason(slip, f"Your answer is {number} times the right one{said}.")
            return
    inverse = over((1,) * len(worlds), ratio, worlds)
    for atom, own in atoms:
        if own == inverse:
            hint = f"A factor is missing{atom.of_kind}"
            yield Reason("missing factor", f"The factor {atom.name} is missing.", hint)
        elif own == ratio:
            yield Reason("extra factor", f"The factor {atom.name} does not belong in it.")
    known = {own: atom for atom, own in reversed(atoms)}
    for right, own in atoms:
        stands = known.get(times(own, ratio, worlds))
        if stands is not None:
            text = f"{stands.name} stands in the place of"
            yield Reason("wrong factor", f"{text} {right.name}.", f"{text} another factor{right.of_kind}")


_CONSTANT = tuple((number, "constant factor", "") for number in FACTORS)


def _of_samples(subject: Subject) -> Iterator[tuple[Fraction, str, str]]:
    """The number of samples, where the cost is their mean, or its inverse, where it is their sum."""
    problem = subject.problem
    body, count = problem.body, len(problem.x if subject.batch is None else subject.batch)
    if not isinstance(body, Network) or count < 2:
        return
    if body.reduction == "mean":
        yield Fraction(count), "missing 1/n", f": the cost is a mean of {count} samples, and 1/n is missing"
    else:
        yield Fraction(1, count), "extra 1/n", ": the cost is a sum over the samples, and no mean"


def scaled(ratio: Signature, atoms: Known, worlds: Sequence[World]) -> Iterator[Reason]:
    """A quantity and a number at once."""
    for number in FACTORS:
        rest = over(ratio, of_number(worlds, number), worlds)
        inverse = over(of_number(worlds, number), ratio, worlds)
        for atom, own in atoms:
            if own == inverse:
                text = f"{{}} is missing, and there is a factor {number} too many."
                yield Reason(
                    "missing factor", text.format(f"The factor {atom.name}"), text.format("A factor")
                )
            elif rest == own:
                text = f"The factors {atom.name} and {number} do not belong in it."
                yield Reason("extra factor", text)


def terms(gap: Signature, atoms: Known, worlds: Sequence[World]) -> Iterator[Reason]:
    """A quantity added to the truth, or taken from it."""
    negated = tuple(-residue % prime_of(world) for residue, world in zip(gap, worlds, strict=True))
    for atom, own in atoms:
        if own == gap:
            yield extra_term(atom.name)
        elif own == negated:
            yield missing_term(atom.name)


def extra_term(name: str) -> Reason:
    """A term of the whole that is to be left out."""
    return Reason("extra term", f"The term {name} does not belong in it.")


def missing_term(name: str) -> Reason:
    """A term that is to be added to the whole."""
    said = "is missing, or has the wrong sign."
    return Reason("missing term", f"The term {name} {said}", f"A term {said}")


def first_that_differs(
    worked: Worked, node: Node, derivation: Known, worlds: Sequence[World]
) -> Iterator[Reason]:
    """Which factor of the only route an answer that is a product has not; those before it are right."""
    found = [_residues(worked, part) for part in islice(factors_of(node), MOST_FACTORS + 1)]
    own = [residues for residues in found if residues is not None]
    if not 1 < len(own) <= MOST_FACTORS or len(own) < len(found) or len(derivation) < 2:
        return
    made = set(_products(own, worlds))
    right = [atom.name for atom, residues in derivation if residues in made]
    missing = next((atom for atom, residues in derivation if residues not in made), None)
    if missing is not None and right:
        has = " and ".join(filter(None, (", ".join(right[:-1]), right[-1])))
        verb = "is" if len(right) == 1 else "are"
        hint = f"{has} {verb} in it; another factor is not{missing.of_kind}"
        yield Reason("first factor", f"{has} {verb} in it; the factor {missing.name} is not.", hint)


def _residues(worked: Worked, part: Node) -> Signature | None:
    values = worked.of(part)
    if values is None or values[0].size != 1:
        return None
    return tuple(array.item() for array in values)


def _products(own: Sequence[Signature], worlds: Sequence[World]) -> Iterator[Signature]:
    """The products of one, two or three factors, alone and times a number."""
    numbers = [of_number(worlds, number) for number in (Fraction(1), *FACTORS)]
    for count in range(1, MOST_TOGETHER + 1):
        for chosen in combinations(own, count):
            product = chosen[0]
            for other in chosen[1:]:
                product = times(product, other, worlds)
            yield from (times(product, number, worlds) for number in numbers)
