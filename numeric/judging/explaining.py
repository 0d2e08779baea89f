"""Which slip makes somebody's wrong numbers: the one that gives most of them, and each of them exactly.

A number is a slip's where it agrees with what the slip gives to nine digits and
is a thousand times nearer to that than to the truth. Every slip is first tried
on a few of the numbers, spread over all; only one that makes some of these is
tried on the rest. So a layer of 784 x 30 costs no more than one of 5 x 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from math import isfinite

from derive.problem import Graph, Problem
from derive.slips import EVERYWHERE, GRAINS, LAYER, Made, slips_of, swept
from derive.sweep import adjoint
from numeric.balls.enclosure import Enclosure, enclosure, nearest_float
from numeric.balls.truths import Numbers
from numeric.floats.claims import Entry
from numeric.judging.slipped import Slipped

RELATIVE = Fraction(1, 10**9)
NEARER = 1000

FEW_LINES = 60
"""So many wrong numbers, and lines that they come from, are tried with slips of single lines and terms."""

MOST_TERMS = 40_000
"""About what is evaluated, over all slips, in a second; the commonest slips are tried in any case."""

LEAST_TRIED = 12
MOST_TRIED_ON_ALL = 3
"""Each on the numbers that those before it left unexplained."""


@dataclass(frozen=True)
class Wrong:
    """A number that is not the derivative it should be, beside that."""

    entry: Entry
    value: Fraction
    truth: Enclosure

    def is_made_by(self, slipped: Fraction | None) -> bool:
        """Whether a slip that gives this makes the number."""
        if slipped is None or self._is_far_from(slipped):
            return False
        gap = abs(self.value - slipped)
        return gap <= RELATIVE * abs(slipped) and NEARER * gap <= abs(self.value - self.truth.mid)

    def _is_far_from(self, slipped: Fraction) -> bool:
        """Whether float64 shows already that they are no match: most are none."""
        other = nearest_float(slipped)
        return isfinite(other) and abs(nearest_float(self.value) - other) > 2 * float(RELATIVE) * abs(other)


@dataclass(frozen=True)
class Explanation:
    """A slip, with its sentence, and what it gives at the entries that it changes."""

    name: str
    why: str
    values: Mapping[Entry, Fraction] = field(default_factory=dict)

    def makes(self, wrong: Wrong) -> bool:
        return wrong.is_made_by(self.values.get(wrong.entry))

    def count(self, wrong: Sequence[Wrong]) -> int:
        """How many of the numbers it makes."""
        return _count([self.makes(number) for number in wrong], wrong)

    def spoils(self, right: Collection[Entry], truths: Mapping[Entry, Enclosure]) -> int:
        """How many numbers that are right it would have made wrong."""
        return sum(
            abs(value - truths[entry].mid) > RELATIVE * abs(value)
            for entry, value in self.values.items()
            if entry in right
        )


TRANSPOSED = Explanation(
    "transposed",
    "The array is the transpose of the gradient, which has the shape of what it is taken by.",
)


def explain(
    numbers: Numbers,
    wrong: Sequence[Wrong],
    right: Collection[Entry],
    truths: Mapping[Entry, Enclosure],
) -> list[Explanation | None]:
    """For each number the slip that makes it, of those that do the one that fits all numbers best.

    right   those that agree, which speak against a slip that would have spoiled them
    truths  of all entries that were handed in
    """
    sources = dict.fromkeys(number.entry[0] for number in wrong)
    found = [made for of in sources for made in _candidates(numbers, of, _of(wrong, of), right, truths)]
    found.append(_transposed(numbers.problem, wrong, truths))
    made = [[candidate.makes(number) for number in wrong] for candidate in found]
    counts = [_count(makes, wrong) for makes in made]
    scores = [count - candidate.spoils(right, truths) for count, candidate in zip(counts, found, strict=True)]
    ranked = [k for k in sorted(range(len(found)), key=lambda k: -scores[k]) if counts[k]]
    best = [next((k for k in ranked if made[k][i]), None) for i in range(len(wrong))]
    return [None if k is None else found[k] for k in best]


def _count(makes: Sequence[bool], wrong: Sequence[Wrong]) -> int:
    """How many numbers are made; a 0 is nobody's mark, and none are made without another."""
    marked = any(number.value for number, one in zip(wrong, makes, strict=True) if one)
    return sum(makes) if marked else 0


def _of(wrong: Sequence[Wrong], source: str) -> list[Wrong]:
    return [number for number in wrong if number.entry[0] == source]


def _candidates(
    numbers: Numbers,
    of: str,
    wrong: Sequence[Wrong],
    right: Collection[Entry],
    truths: Mapping[Entry, Enclosure],
) -> Iterator[Explanation]:
    """The slips that make some of the probes, with what they give at all entries."""
    agreed = spread([entry for entry in right if entry[0] == of], FEW_LINES)
    all_wrong = [number.entry for number in wrong]
    sweep = swept(numbers.problem, of, [by for _, by in (*all_wrong, *agreed)])
    few = sweep.reached(adjoint(*entry) for entry in all_wrong[: FEW_LINES + 1])
    is_small = len(wrong) <= FEW_LINES and len(few) <= FEW_LINES
    probes = spread(all_wrong, FEW_LINES if is_small else 0)
    keys = [adjoint(*entry) for entry in (*probes, *agreed)]
    terms = sum(len(sweep.adjoints[key].terms) for key in sweep.reached(keys))
    slipped = Slipped.of(sweep, numbers.given, keys)
    probed = set(probes)
    tried_on, tried = [number for number in wrong if number.entry in probed], []
    slips = slips_of(sweep, keys, GRAINS if is_small else (EVERYWHERE, LAYER))
    for slip in islice(slips, max(LEAST_TRIED, MOST_TERMS // max(terms, 1))):
        candidate = Explanation(slip.name, slip.text, _under(slipped, slip.made, probes))
        if hits := candidate.count(tried_on):
            elsewhere = Explanation(slip.name, slip.text, _under(slipped, slip.made, agreed))
            tried.append((hits - elsewhere.spoils(right, truths), slip))
    left = list(wrong)
    for _, slip in sorted(tried, key=lambda row: -row[0])[: None if is_small else MOST_TRIED_ON_ALL]:
        if left:
            entries = [*(number.entry for number in left), *agreed]
            candidate = Explanation(slip.name, slip.text, _under(slipped, slip.made, entries))
            yield candidate
            left = left if is_small else [number for number in left if not candidate.makes(number)]


def _under(slipped: Slipped, made: Made, entries: Sequence[Entry]) -> dict[Entry, Fraction]:
    """What a slip gives at the entries that it changes, where it has a value."""
    named = {adjoint(*entry): entry for entry in entries}
    values = {named[key]: enclosure(value) for key, value in slipped.under(made, named).items()}
    return {entry: value.mid for entry, value in values.items() if value.defined}


def spread(entries: Sequence[Entry], most: int) -> list[Entry]:
    """All entries if they are few, else the first and the last of every array."""
    if len(entries) <= most:
        return list(entries)
    ends: dict[str, list[Entry]] = {}
    for entry in entries:
        own = ends.setdefault(entry[1].partition("[")[0], [entry])
        own[1:] = [entry]
    return list(dict.fromkeys(entry for own in ends.values() for entry in own))


# -- whole arrays of a graph -----------------------------------------------------------------------


def _transposed(problem: Problem, wrong: Sequence[Wrong], truths: Mapping[Entry, Enclosure]) -> Explanation:
    """What a graph's square arrays would be, transposed; a network's are in the list of slips."""
    swapped = {number.entry: (number.entry[0], _swapped(problem, number.entry[1])) for number in wrong}
    known = {entry: truths[other] for entry, other in swapped.items() if other in truths and other != entry}
    values = {entry: truth.mid for entry, truth in known.items() if truth.defined}
    return Explanation(TRANSPOSED.name, TRANSPOSED.why, values)


def _swapped(problem: Problem, key: str) -> str:
    """The key of an entry in the transpose of a square array; its own where there is none."""
    name, _, index = key.removesuffix("]").partition("[")
    row, comma, column = index.partition(",")
    shape = problem.body.shape(name) if isinstance(problem.body, Graph) else ()
    return f"{name}[{column},{row}]" if comma and len(set(shape)) == 1 else key
