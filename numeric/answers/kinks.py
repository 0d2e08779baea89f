"""Both sides of every comparison in an answer: max(0, w - 1000) is 0 wherever |w| is small.

Formulas that random points cannot tell apart are the same there; where one of them chooses by a
comparison, that says nothing of a side that no point was on. So points are sought at which each
comparison falls the other way: one number at a time is put beyond the numbers that the comparisons
name, then all that is free is made large or small together. Between two points on either side of a
comparison its edge is sought, and both are compared right beside it.

    relu(z) behind a - y log(a)     dC/dw divides by 0 wherever z < 0: no point of that side is to be had

Where the problem itself turns, and on the other side both formulas divide by what is 0 there throughout,
as the residue tells, there is nothing on that side in which they could differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise, product, zip_longest

import numpy as np

from derive.formula.nodes import Activation, Apply, Letter, Node, Number, Slope, Unspecified, walk
from derive.problem import Problem
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.edges import Gap, Line, Numbers, Seen, is_bound, turn_of, turns_of, world_at
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.quantities import entries_of, quantity_at, with_sums
from numeric.answers.ranges import range_of_values
from numeric.answers.reasons import Reason
from numeric.answers.working import Working
from numeric.deciding import nodes, values
from numeric.deciding.compare import BRANCHED, Comparison, Difference, difference_at, divides_by_zero
from numeric.deciding.nodes import Array
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value
from numeric.deciding.worlds import Subject, World

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "both"})
CHOICES = frozenset({"max", "min"})
AT_ZERO = frozenset({"abs", "relu", "step", "softsign"})
"""Operations that choose by whether a condition holds, by which of several is larger, and by a sign."""

SCALES = (Fraction(10), Fraction(1, 1000), Fraction(10**4), Fraction(10**8), Fraction(1, 10**8))
MOST_ALONE = 90
"""Points that are tried for one answer in which one number is changed."""

FEWEST, MOST_TRIED, MOST_PARTS = 12, 12_000, 1_000
"""Points that are tried for any formula, parts of one answer that are worked out at all points together,
and parts that it may have."""

MOST_LINES, MOST_EDGES = 6, 24
"""On which an edge is sought: of one comparison, and of one answer."""

OF_AN_EDGE, BESIDE, MOST_SOUGHT = 50, 4, 25_000
"""How often the comparison and the whole answer are worked out for an edge, and parts for all edges."""

ON_AN_EDGE = "with the numbers of this problem a comparison falls on its edge, and there the two differ"
UNSEEN = "it chooses by a comparison that falls the same way at every point that was tried"

UNSOUGHT = "it chooses by more comparisons than can be tried"


class TooManyEdgesError(Exception):
    """More edges than are sought of one answer."""


@dataclass(frozen=True)
class _Kink:
    """A comparison: by the sign of u - v for each pair of its operands, or by its own value, 1 or 0."""

    node: Node
    pairs: tuple[tuple[Node, Node | None], ...] = ()

    def is_settled(self, problem: Problem) -> bool:
        """Whether it falls one way whatever is free; of |u| both ways are one at 0, of u > 0 not."""
        pairs, strictly = self.pairs or self._compared, not self.pairs or _operation(self.node) == "step"
        ranges = (range_of_values(problem, _gap(left, right)) for left, right in pairs)
        return bool(pairs) and all(found.has_side(strictly=strictly) for found in ranges)

    def sides(self, world: World, parts: dict[int, Array]) -> Iterator[tuple[tuple[int, ...], int]]:
        """Each entry of each pair, with the side on which it is; of both at once where they meet.

        parts  that are known in this world, by their identity
        """
        if not self.pairs:
            chosen = squeezed(Evaluator(world, parts=parts)(self.node))
            yield from self._each(0, chosen, shift=Fraction(1, 2))
            return
        for place, gap in enumerate(self._gaps):
            yield from self._each(place, gap.once(world, parts))

    @cached_property
    def _gaps(self) -> tuple[Working, ...]:
        return tuple(Working(_gap(left, right)) for left, right in self.pairs or self._compared)

    def gap(self, place: int, index: tuple[int, ...]) -> Gap | None:
        """By whose sign an entry falls; None of conditions that hold at once, each of which has an edge."""
        if not self._gaps:
            return None
        own = self._gaps[place]
        return lambda world: _entry(own.once(world) if self.pairs else squeezed(own.once(world)), index)

    @cached_property
    def size(self) -> int:
        return sum(1 for _ in walk(self.node))

    @property
    def _compared(self) -> tuple[tuple[Node, Node], ...]:
        """The operands of u > v."""
        if self.pairs or not isinstance(self.node, Apply) or self.node.operation == "both":
            return ()
        left, right = self.node.args
        return ((left, right),)

    def _each(
        self, place: int, gaps: Array, shift: Fraction = Fraction(0)
    ) -> Iterator[tuple[tuple[int, ...], int]]:
        for index in np.ndindex(gaps.shape):
            gap: Value = gaps.item(index)
            if shift:
                yield (place, *index), 1 if gap.at(0) else -1
            elif gap.number is None:
                sign = values.sign(gap)
                yield from (((place, *index), side) for side in ((sign,) if sign else (1, -1)))


def across(subject: Subject, left: Node, right: Node, share: int = 1) -> Comparison | None:
    """What is known of two formulas, equal at random points, on the other sides of their comparisons.

    None where every comparison was seen to fall both ways, and they are equal there too, and beside
    the edges between.

    share  among how many formulas of one answer the work is divided
    """
    found = (kink for side in (left, right) for kink in _kinks(subject, side))
    kinks = [kink for kink in found if not kink.is_settled(subject.problem)]
    if not kinks:
        return None
    ledger, sides = _Ledger(kinks), (Working(left), Working(right))
    size = share * sum(1 for part in (left, right) for _ in with_sums(subject.problem, part))
    if size > MOST_PARTS:
        return Comparison(None, None, why=UNSOUGHT)
    for number in range(BRANCHED):
        ledger.note(ledger.sides(subject.world(number), {}, range(len(kinks))), number, {})
    for place, numbers in islice(_farther(subject, kinks), max(FEWEST, MOST_TRIED // size)):
        if ledger.is_full:
            break
        world, parts = world_at(subject, place, numbers), dict[int, Array]()
        fallen = ledger.sides(world, parts, ledger.open)
        if ledger.knows(fallen):
            continue
        try:
            where = difference_at(world, *(squeezed(side.once(world, parts)) for side in sides))
        except (UnluckyError, TooDeepError):
            ledger.leave(fallen, is_void=_are_void(world, sides))
            continue  # not all was compared there
        if where is not None:
            return Comparison(False, "counterexample", where)
        ledger.note(fallen, place, numbers)
    is_seen = ledger.is_full or ledger.is_void_beyond(subject)
    return _beside(subject, ledger, sides, size) or (None if is_seen else Comparison(None, None, why=UNSEEN))


def _are_void(world: World, sides: Sequence[Working]) -> bool:
    """Whether two formulas divide by 0 in the same entries, and are equal in all others."""
    try:
        left, right = (squeezed(side.once(world)) for side in sides)
        each = [(left.item(index), right.item(index)) for index in np.ndindex(left.shape)]
        valued = [pair for pair in each if not all(map(divides_by_zero, pair))]
        return all(difference_at(world, *map(nodes.number, pair)) is None for pair in valued)
    except (UnluckyError, TooDeepError):
        return False


def _beside(subject: Subject, ledger: _Ledger, sides: Sequence[Working], size: int) -> Comparison | None:
    """A difference next to an edge of a comparison; None where there is none."""
    try:
        crossings = [*ledger.crossings(subject, size)]
    except TooManyEdgesError:
        return Comparison(None, None, why=UNSOUGHT)
    for kink, gap, start, end in crossings:
        try:
            line = Line.across(subject, start, end, gap)
            edges = None if line is None else line.edge(gap)
        except (UnluckyError, TooDeepError):
            continue
        if line is None or edges is None:
            continue
        for side, edge in zip((-1, 1), edges, strict=True):
            if _apart(line.at(edge), sides) is not None:
                worlds = line.beside(edge, side)
                where = next(found for world in worlds if (found := _apart(world, sides)) is not None)
                return Comparison(False, "counterexample", where, why=_on_edge_of(subject, kink))
    return None


def _apart(world: World, sides: Sequence[Working]) -> Difference | None:
    try:
        left, right = (squeezed(side.once(world)) for side in sides)
        return difference_at(world, left, right)
    except (UnluckyError, TooDeepError):
        return None


def _on_edge_of(subject: Subject, kink: _Kink) -> str:
    shown = pasted(tree_of_links(subject.problem, (kink.node,)))
    return f"It is right for many numbers, but next to where {shown} turns it is another one."


def elsewhere(found: Comparison) -> tuple[Reason, ...]:
    """A sentence on an answer that is right but for numbers like these."""
    if found.why or found.where is None:
        return (Reason("counterexample", found.why),)
    world = found.where.world
    subject = world.subject
    if not subject.free_keys:
        return (Reason("counterexample", "It is right for some numbers alone."),)
    named = {parameter.key: parameter.name for parameter in subject.problem.parameters}
    numbers, usual = (
        {key: float(one[key].near(PRECISIONS[0]).mid()) for key in sorted(subject.free_keys)}
        for one in (world, subject.world(0))
    )
    key = max(numbers, key=lambda one: (numbers[one] != usual[one], abs(numbers[one])))
    at = f"{named.get(key, key)} = {numbers[key]:.6g}"
    return (Reason("counterexample", f"It is right for many numbers, but with {at} it is another one."),)


def apart(world: World | None, left: Node, right: Node) -> Difference | None:
    """Where two formulas differ for sure in a world; None where they do not, or one has no value."""
    try:
        return (
            None
            if world is None
            else difference_at(world, *(squeezed(Evaluator(world)(side)) for side in (left, right)))
        )
    except (UnluckyError, TooDeepError):
        return None


def _gap(left: Node, right: Node | None) -> Node:
    """By whose sign a comparison falls."""
    return left if right is None else Apply("subtract", (left, right))


Key = tuple[int, tuple[int, ...]]
"""A kink by its place, and an entry of one of its pairs."""

Fallen = tuple[Key, int]
"""With the side on which that is."""

_Crossing = tuple[_Kink, Gap, Seen, Seen]
"""A kink, by whose sign an entry of it falls, and a point on either side."""


@dataclass
class _Ledger:
    """On which sides of its kinks an answer was compared, and where."""

    kinks: Sequence[_Kink]
    _seen: dict[Key, dict[int, list[Seen]]] = field(default_factory=dict)
    _void: dict[Fallen, bool] = field(default_factory=dict)

    @property
    def open(self) -> list[int]:
        """The places of the kinks of which some entry was not seen on both sides."""
        full: dict[int, bool] = {}
        for (place, _), sides in self._seen.items():
            full[place] = full.get(place, True) and len(sides) == 2
        return [place for place in range(len(self.kinks)) if not full.get(place)]

    @property
    def is_full(self) -> bool:
        return all(len(sides) == 2 for sides in self._seen.values())

    def note(self, fallen: Sequence[Fallen], place: int, numbers: Numbers) -> None:
        for key, side in fallen:
            self._seen.setdefault(key, {}).setdefault(side, []).append((place, numbers))

    def leave(self, fallen: Sequence[Fallen], *, is_void: bool) -> None:
        """Note a point at which not all was compared: because there is nothing to compare, or not."""
        self._void |= {one: is_void and self._void.get(one, True) for one in fallen}

    def is_void_beyond(self, subject: Subject) -> bool:
        """Whether every side that was not seen is one of the problem's own, without a value throughout."""
        unseen = ((key, side) for key, seen in self._seen.items() for side in {1, -1} - {*seen})
        return all(self._void.get(one, False) and self._is_own(subject, one[0]) for one in unseen)

    def _is_own(self, subject: Subject, key: Key) -> bool:
        gap = self._gap(key)
        return gap is not None and turn_of(subject, gap) in turns_of(subject)

    def knows(self, fallen: Sequence[Fallen]) -> bool:
        return all(side in self._seen.get(key, ()) for key, side in fallen)

    def crossings(self, subject: Subject, size: int) -> Iterator[_Crossing]:
        """Points on both sides of every edge, one pair of each before the second of any.

        size  the parts of the answer

        Raises TooManyEdgesError where not every edge can be looked at.
        """
        by_edge: dict[object, list[_Crossing]] = {}
        for key, found in self._seen.items():
            gap = self._gap(key)
            if gap is not None and len(found) == 2:
                edge = turn_of(subject, gap) or key
                by_edge.setdefault(edge, []).extend(self._pairs(key, gap))
        each = [pairs[:MOST_LINES] for edge, pairs in by_edge.items() if edge not in turns_of(subject)]
        work = sum(OF_AN_EDGE * pairs[0][0].size + BESIDE * size for pairs in each)
        if work > MOST_SOUGHT or len(each) > MOST_EDGES:
            raise TooManyEdgesError
        by_turns = (pair for pairs in zip_longest(*each) for pair in pairs if pair is not None)
        yield from islice(by_turns, MOST_EDGES)

    def _gap(self, key: Key) -> Gap | None:
        number, (pair, *index) = key
        return self.kinks[number].gap(pair, tuple(index))

    def _pairs(self, key: Key, gap: Gap) -> Iterator[_Crossing]:
        few, many = sorted(self._seen[key].values(), key=len)
        yield from (
            (self.kinks[key[0]], gap, start, few[place % len(few)]) for place, start in enumerate(many)
        )

    def sides(self, world: World, parts: dict[int, Array], places: Sequence[int]) -> list[Fallen]:
        """How the kinks at these places fall in a world; nothing of one that has no value there.

        parts  that are known in this world, by their identity
        """
        found: list[Fallen] = []
        for place in places:
            try:
                found += [((place, index), side) for index, side in self.kinks[place].sides(world, parts)]
            except (UnluckyError, TooDeepError):
                continue
        return found


def _entry(values_of: Array, index: tuple[int, ...]) -> Value:
    value: Value = values_of[index] if index else values_of.item()
    return value


def _operation(node: Node) -> str:
    return node.operation if isinstance(node, Apply) else ""


def _kinks(subject: Subject, node: Node) -> Iterator[_Kink]:
    for part in dict.fromkeys(with_sums(subject.problem, node)):
        if not any(isinstance(leaf, Letter | Slope) for leaf in walk(part)):
            continue
        if isinstance(part, Apply) and part.operation in COMPARISONS:
            yield _Kink(part)
        elif isinstance(part, Apply) and part.operation in CHOICES:
            yield _Kink(part, tuple(pairwise(part.args)))
        elif _is_at_zero(part):
            yield _Kink(part, ((_operand(part), None),))


def _is_at_zero(part: Node) -> bool:
    if isinstance(part, Apply):
        return part.operation in AT_ZERO or (part.operation == "sqrt" and _operand(part) is not part.args[0])
    if isinstance(part, Activation):  # of a layer's z all sides are seen as they are of the truth
        return not isinstance(part.args[0], Letter)
    return isinstance(part, Unspecified) and part.function in AT_ZERO


def _operand(part: Node) -> Node:
    """u of |u|, and of √(u²)."""
    assert isinstance(part, Apply | Unspecified | Activation)
    inner = part.args[0]
    is_square = isinstance(inner, Apply) and inner.operation == "power" and isinstance(inner.args[1], Number)
    if isinstance(part, Apply) and part.operation == "sqrt" and is_square:
        assert isinstance(inner, Apply)
        return inner.args[0]
    return inner


# -- points ----------------------------------------------------------------------------------------


def _farther(subject: Subject, kinks: Sequence[_Kink]) -> Iterator[Seen]:
    """Each number that is free alone at others, then all made larger or smaller together."""
    read = set(_read(subject.problem, kinks))
    open_keys = (key for key in subject.free_keys if not is_bound(subject, key))
    free = sorted(open_keys, key=lambda key: (key not in read, key))
    beyond = _beyond(kinks)
    for number, key in islice(product((*beyond, Fraction(10**6), Fraction(-(10**6))), free), MOST_ALONE):
        yield 0, {key: number}
    scales = (*SCALES, *(number for number in beyond if number > 2))
    for place, (scale, sign) in enumerate(product(scales, (1, -1))):
        drawn = subject.point(place).numbers
        yield place, {key: drawn[key] * scale * sign for key in free}


def _read(problem: Problem, kinks: Sequence[_Kink]) -> Iterator[str]:
    """The quantities that comparisons read."""
    leaves = {part for kink in kinks for part in walk(kink.node) if isinstance(part, Letter)}
    yield from (quantity_at(problem, entry).of for leaf in leaves for entry in entries_of(problem, leaf)[1])


def _beyond(kinks: Sequence[_Kink]) -> list[Fraction]:
    """Beyond the numbers that comparisons name."""
    named = {part.value for kink in kinks for part in walk(kink.node) if isinstance(part, Number)}
    return sorted({2 * number for value in named for number in (value, -value)} - {0}, key=abs)
