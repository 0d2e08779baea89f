"""Which slip makes somebody's wrong numbers: the one that gives most of them, and each of them exactly.

A number is a slip's where it agrees with what the slip gives to nine digits and
is a thousand times nearer to that than to the truth. Every slip is first tried
on a few of the numbers, spread over all; only one that makes some of these is
tried on the rest. So a layer of 784 x 30 costs no more than one of 5 x 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import nan

import numpy as np
import numpy.typing as npt
from flint import fmpq

from derive.problem import Graph, Network, Problem
from derive.slips import EVERYWHERE, HIDDEN, LAYER, LINE, TERM, Made, slips_of, swept
from derive.slips.changes import read_key
from derive.slips.kinds import parts_of
from derive.sweep import adjoint
from numeric.balls.enclosure import Enclosure, enclosure, nearest_float
from numeric.balls.operations import Ball, exact
from numeric.balls.truths import Numbers, Truths
from numeric.floats.claims import Entry
from numeric.judging.alike import by_array, examples
from numeric.judging.batch import Batch
from numeric.judging.handed import Handed, Theirs
from numeric.judging.handling import ROWS, UNLISTED, Row, handlings
from numeric.judging.singles import FEW, singles
from numeric.judging.slipped import Slipped

Flags = npt.NDArray[np.bool_]

RELATIVE = Fraction(1, 10**9)
NEARER = 1000

TINY = 1e-5
"""Where nothing is off by more than so much of itself, no slip made it."""

FEW_LINES = 60
"""So many wrong numbers, and lines that they come from, are tried with slips of single lines and terms."""

MOST_TERMS = 40_000
"""About what is evaluated, over all slips, in a second; the commonest slips are tried in any case."""

FEW_LAYERS = 6
FEW_ARRAYS = 2 * FEW_LAYERS
HIGHEST = 3
"""Of more wrong arrays slips are tried on so many layers; the sweep down to them is short."""

LEAST_TRIED = 12
MOST_TRIED_ON_ALL = 3
"""Each on the numbers that those before it left unexplained."""


@dataclass(frozen=True, eq=False)
class Wrong:
    """Numbers that are not the derivatives they should be, side by side.

    entries  (n,) the derivatives
    values   (n,) finite
    truths   enclosures of these derivatives, all of them defined
    """

    entries: Sequence[Entry]
    values: npt.NDArray[np.float64]
    truths: Truths

    def __len__(self) -> int:
        return len(self.entries)

    def at(self, places: Sequence[int]) -> Wrong:
        """Those at these places."""
        return Wrong([self.entries[i] for i in places], self.values[places], self.truths)

    def only(self, flags: Flags) -> Wrong:
        """Those that are flagged."""
        return self.at(np.flatnonzero(flags).tolist())

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where each stands among the truths."""
        position = self.truths.position
        return np.array([position[entry] for entry in self.entries], dtype=np.int64)

    def of(self, source: str) -> Wrong:
        """The derivatives of one quantity."""
        return self.only(np.array([of == source for of, _ in self.entries], dtype=np.bool_))

    def made_by(self, slipped: Mapping[Entry, Ball]) -> Flags:
        """Which of them a slip makes that gives these values.

        Float64 shows it for nearly all, with room for the rounding of the value, of the truth and of
        both differences; exact fractions decide the others.
        """
        found = [slipped.get(entry) for entry in self.entries]
        truth = self.truths.nearest[self.places]
        value = np.array([nan if ball is None else _nearest(ball) for ball in found])
        with np.errstate(all="ignore"):
            size, gap, far = np.abs(value), np.abs(self.values - value), np.abs(self.values - truth)
            room, wide = 2 * np.spacing(size), 2 * np.spacing(np.abs(truth))
            near = float(RELATIVE) * size
            surely: Flags = (gap + room < near - room) & (NEARER * (gap + room) < far - wide)
            never = (gap - room > near + room) | (NEARER * (gap - room) > far + wide)
        for i in np.flatnonzero(~surely & ~never).tolist():
            surely[i] = (ball := found[i]) is not None and self._is_made(i, enclosure(ball))
        return surely

    def _is_made(self, i: int, slipped: Enclosure) -> bool:
        if not slipped.defined:
            return False
        value = Fraction(float(self.values[i]))
        gap = abs(value - slipped.mid)
        return gap <= RELATIVE * abs(slipped.mid) and NEARER * gap <= abs(
            value - self.truths[self.entries[i]].mid
        )

    def is_beyond(self, part: float) -> bool:
        """Whether any is off by more than this part of itself."""
        truth = self.truths.nearest[self.places]
        return bool(np.any(~(np.abs(self.values - truth) <= part * np.abs(truth))))

    def count(self, made: Flags) -> int:
        """How many a slip makes; a 0 is nobody's mark, and none are made without another."""
        return int(made.sum()) if self.values[made].any() else 0


def _nearest(value: Ball) -> float:
    """The float64 next to a ball's midpoint; nan where it has none."""
    if isinstance(value, fmpq):
        return nearest_float(Fraction(int(value.p), int(value.q)))
    return float(value.mid()) if value.is_finite() else nan


@dataclass(frozen=True, eq=False)
class Explanation:
    """A slip, with its sentence, and what it gives at the entries that it changes.

    here  where it was made, as a sentence ends; "" where `why` says it
    """

    name: str
    why: str
    values: Mapping[Entry, Ball] = field(default_factory=dict)
    here: str = ""

    def placed(self, *, only: bool) -> Explanation:
        """With its place in its sentence; `only` where it makes all that is wrong."""
        here = f" Here it is so {self.here}{' only' * only}."
        return replace(self, why=f"{self.why}{here}") if self.here else self

    def spoils(self, right: Mapping[Entry, float]) -> bool:
        """Whether it would have given another number where what was handed in is right."""
        values = ((right[entry], enclosure(self.values[entry])) for entry in self.values if entry in right)
        return any(
            value.defined and abs(value.mid - Fraction(given)) > RELATIVE * abs(value.mid)
            for given, value in values
        )


TRANSPOSED = Explanation(
    "transposed",
    "The array is the transpose of the gradient, which has the shape of what it is taken by.",
)


def explain(numbers: Numbers, wrong: Wrong, right: Mapping[Entry, float]) -> list[Explanation | None]:
    """For each number what was done to the right one, or the slip that makes it.

    right  those that agree, which refute a slip that would have spoiled them
    """
    best: list[Explanation | None] = [None] * len(wrong)
    for explained in (_handled(ROWS), _slipped, _single, _handled(UNLISTED)):
        left = [i for i, found in enumerate(best) if found is None]
        if left:
            for i, found in zip(left, explained(numbers, wrong.at(left), right), strict=True):
                best[i] = found
    return _placed(best)


def _placed(found: Sequence[Explanation | None]) -> list[Explanation | None]:
    """Each with its place in its sentence: "only" there where it makes all that is wrong."""
    times = Counter(found)
    placed = {one: one.placed(only=times[one] == len(found)) for one in times if one is not None}
    return [one and placed[one] for one in found]


Explaining = Callable[[Numbers, Wrong, Mapping[Entry, float]], Sequence[Explanation | None]]


def _handled(rows: Sequence[Row]) -> Explaining:
    """What was done to whole arrays."""

    def explained(
        numbers: Numbers, wrong: Wrong, right: Mapping[Entry, float]
    ) -> Sequence[Explanation | None]:
        truths, found = wrong.truths, list[Explanation | None]([None])
        which = np.zeros(len(truths), dtype=np.int64)
        theirs = Theirs.beside(truths, wrong.places, wrong.values, right)
        for of in dict.fromkeys(of for of, _ in wrong.entries):
            handed = Handed.of_objective(numbers.problem, of, theirs)
            for handling in handlings(handed, rows):
                for name in handling.arrays:
                    array = handed.arrays[name]
                    which[handed.places[name][array.wrong]] = len(found)
                found.append(Explanation(handling.name, handling.text, here=handling.here))
        # An entry that was handed in twice stands in its array once.
        which = np.where(theirs.theirs[wrong.places] == wrong.values, which[wrong.places], 0)
        return [found[k] for k in which.tolist()]

    return explained


def _single(numbers: Numbers, wrong: Wrong, right: Mapping[Entry, float]) -> Sequence[Explanation | None]:
    """What was done to a few entries of arrays that are right otherwise."""
    theirs, found = Theirs.beside(wrong.truths, wrong.places, wrong.values, right), dict[int, Explanation]()
    for of in dict.fromkeys(of for of, _ in wrong.entries if len(wrong) <= FEW):
        handed = Handed.of_objective(numbers.problem, of, theirs)
        for single in singles(handed):
            told = Explanation(single.name, single.text)
            found |= {int(handed.places[name][index]): told for name, index in single.places}
    return [found.get(place) for place in wrong.places.tolist()]


def _slipped(numbers: Numbers, wrong: Wrong, right: Mapping[Entry, float]) -> Sequence[Explanation | None]:
    """For each number the slip that makes it, of those that do the one that fits all numbers best."""
    if not wrong.is_beyond(TINY):
        return [None] * len(wrong)
    sources = dict.fromkeys(of for of, _ in wrong.entries)
    found = [made for of in sources for made in _candidates(numbers, of, wrong.of(of), right)]
    found.append(_transposed(numbers.problem, wrong))
    found = [candidate for candidate in found if not candidate.spoils(right)]
    made = [wrong.made_by(candidate.values) for candidate in found]
    counts = list(map(wrong.count, made))
    best: list[Explanation | None] = [None] * len(wrong)
    for k in sorted((k for k in range(len(found)) if counts[k]), key=lambda k: (counts[k], -k)):
        for i in np.flatnonzero(made[k]).tolist():
            best[i] = found[k]
    return best


def _candidates(
    numbers: Numbers, of: str, wrong: Wrong, right: Mapping[Entry, float]
) -> Iterator[Explanation]:
    """The slips that make some of the probes, with what they give at all entries."""
    agreed = spread([entry for entry in right if entry[0] == of], FEW_LINES)
    arrays = by_array(by for _, by in wrong.entries)
    is_wide = _is_wide(numbers.problem, len(wrong))
    told = (key for keys in arrays.values() for key in examples(keys))
    read = list({(of, key): None for key in told}) if is_wide else wrong.entries
    slipped = _sweep_of(numbers, of, [*read, *agreed], is_wide=is_wide)
    sweep = slipped.sweep
    is_small = (
        not is_wide
        and len(wrong) <= FEW_LINES
        and len(sweep.reached(adjoint(*entry) for entry in read)) <= FEW_LINES
    )
    probes = dict.fromkeys(spread(_highest(wrong.entries, arrays), FEW_LINES if is_small else 0))
    top = _right_above(numbers.problem, wrong.entries) if is_wide else None
    keys = [adjoint(*entry) for entry in (*probes, *(agreed if top is None else ()))]
    needed = sweep.reached(adjoint(*entry) for entry in probes)
    reached = [key for key in needed if top is None or _layer((parts_of(key) or key)[1]) <= top]
    terms = sum(len(sweep.adjoints[key].terms) for key in reached)
    probed = wrong.only(np.array([entry in probes for entry in wrong.entries], dtype=np.bool_))
    tried = []
    grains = (EVERYWHERE, HIDDEN, LAYER) if top is None else (LAYER,)
    slips = slips_of(sweep, keys, (*grains, LINE, TERM) if is_small else grains)
    possible = (slip for slip in slips if top is None or _layer(f"{slip.made.layer}[1]") <= top)
    for slip in islice(possible, max(LEAST_TRIED, MOST_TERMS // max(terms, 1))):
        hits = probed.count(probed.made_by(_under(slipped, slip.made, probed.entries)))
        if hits and not Explanation(slip.name, slip.text, _under(slipped, slip.made, agreed)).spoils(right):
            tried.append((hits, slip))
    left = wrong
    for _, slip in sorted(tried, key=lambda row: -row[0])[: None if is_small else MOST_TRIED_ON_ALL]:
        if len(left):
            values = _under(slipped, slip.made, agreed if is_wide else [*left.entries, *agreed])
            if is_wide:
                values |= _under_whole(numbers, slipped, of, slip.made, left.entries, arrays)
            yield Explanation(slip.name, slip.sentence, values, slip.here)
            left = left if is_small else left.only(~left.made_by(values))


def _highest(entries: Sequence[Entry], arrays: Collection[str]) -> Sequence[Entry]:
    """Of many arrays those of the highest layers: a slip in a lower one leaves them as they are."""
    if len(arrays) <= FEW_ARRAYS:
        return entries
    layers = [_layer(by) for _, by in entries]
    kept = {*sorted({*layers}, reverse=True)[:HIGHEST]}
    return [entry for entry, layer in zip(entries, layers, strict=True) if layer in kept]


def _right_above(problem: Problem, entries: Sequence[Entry]) -> int | None:
    """The highest wrong layer of a deep network that is right above it, so that the slip is no higher."""
    top, body = max(_layer(by) for _, by in entries), problem.body
    depth = body.depth if isinstance(body, Network) else 0
    return top if depth > FEW_LAYERS and top < depth - 1 else None


def _layer(key: str) -> int:
    found = read_key(key)
    return 0 if found is None else found.layer


def _under(slipped: Slipped | Batch, made: Made, entries: Sequence[Entry]) -> dict[Entry, Ball]:
    """What a slip gives at the entries that it changes."""
    named = {adjoint(*entry): entry for entry in entries}
    return {named[key]: value for key, value in slipped.under(made, named).items()}


def _under_whole(
    numbers: Numbers,
    slipped: Slipped | Batch,
    of: str,
    made: Made,
    entries: Sequence[Entry],
    arrays: Mapping[str, Sequence[str]],
) -> dict[Entry, Ball]:
    """What a slip gives at the entries of whole arrays: by one line of each, and singly where none tells."""
    found: dict[Entry, Ball] = {}
    for name, keys in by_array(by for _, by in entries).items():
        values = slipped.whole(made, of, keys, examples(arrays[name]))
        found |= {(of, key): value for key, value in values.items()}
    left = [entry for entry in entries if entry not in found]
    return found | (_under(_sweep_of(numbers, of, left, is_wide=True), made, left) if left else {})


def _is_wide(problem: Problem, wrong: int) -> bool:
    """Of a network with so many numbers, or lines that each comes from, that arrays are told by examples."""
    body, n = problem.body, len(problem.x)
    return isinstance(body, Network) and max(wrong, 2 * n * body.sizes[-1], n * body.depth) > FEW_LINES


def _sweep_of(numbers: Numbers, of: str, entries: Sequence[Entry], *, is_wide: bool) -> Slipped | Batch:
    """The right sweep of these derivatives with its values; of a network whose z1 is known, no more of it."""
    by = [by for _, by in entries]
    if is_wide and (batch := Batch.of(numbers, of, by)):
        return batch
    known = numbers.first_sums
    sweep = swept(numbers.problem, of, by, thin=bool(known))
    return Slipped.of(sweep, numbers.given | known, [adjoint(of, key) for key in by])


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


def _transposed(problem: Problem, wrong: Wrong) -> Explanation:
    """What a graph's square arrays would be, transposed; a network's are in the list of slips."""
    if not isinstance(problem.body, Graph):
        return TRANSPOSED
    swapped = {entry: (entry[0], _swapped(problem.body, entry[1])) for entry in wrong.entries}
    truths = wrong.truths
    known = {entry: truths[other] for entry, other in swapped.items() if other in truths and other != entry}
    values = {entry: exact(truth.mid) for entry, truth in known.items() if truth.defined}
    return Explanation(TRANSPOSED.name, TRANSPOSED.why, values)


def _swapped(graph: Graph, key: str) -> str:
    """The key of an entry in the transpose of a square array; its own where there is none."""
    name, _, index = key.removesuffix("]").partition("[")
    row, comma, column = index.partition(",")
    return f"{name}[{column},{row}]" if comma and len(set(graph.shape(name))) == 1 else key
