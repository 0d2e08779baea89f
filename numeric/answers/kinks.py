"""Both sides of every comparison in an answer: max(0, w - 1000) is 0 wherever |w| is small.

Formulas that random points cannot tell apart are the same there; where one of them chooses by a
comparison, that says nothing of a side that no point was on. So points are sought at which each
comparison falls the other way: one number at a time is put beyond and between the numbers that the
comparisons name, then all that is free is made large or small together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from hashlib import blake2b
from itertools import islice, pairwise, product

import numpy as np

from derive.formula.nodes import Activation, Apply, Letter, Node, Number, Slope, Unspecified, walk
from derive.problem import Network, Problem
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.quantities import entries_of, quantity_at, with_sums
from numeric.answers.ranges import range_of_values
from numeric.answers.reasons import Reason
from numeric.answers.working import Working
from numeric.deciding import values
from numeric.deciding.compare import BRANCHED, Comparison, Difference, difference_at
from numeric.deciding.formulas import Formulas
from numeric.deciding.nodes import Array
from numeric.deciding.tower import tower
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value
from numeric.deciding.worlds import HEIGHT, Subject, World

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "both"})
CHOICES = frozenset({"max", "min"})
AT_ZERO = frozenset({"abs", "relu", "step", "softsign"})
"""Operations that choose by whether a condition holds, by which of several is larger, and by a sign."""

SCALES = (Fraction(10), Fraction(1, 1000), Fraction(10**4), Fraction(10**8), Fraction(1, 10**8))
MOST_BETWEEN, MOST_ALONE = 40, 90
"""Points that are tried for one answer in which one number is changed."""

ON_AN_EDGE = "with the numbers of this problem a comparison falls on its edge, and there the two differ"
UNSEEN = "it chooses by a comparison that falls the same way at every point that was tried"


@dataclass(frozen=True)
class _Kink:
    """A comparison: by the sign of u - v for each pair of its operands, or by its own value, 1 or 0."""

    node: Node
    pairs: tuple[tuple[Node, Node | None], ...] = ()

    def is_settled(self, problem: Problem) -> bool:
        """Whether it falls one way whatever is free; of |u| both ways are one at 0, of u > 0 not."""
        pairs, strictly = self.pairs, not self.pairs or _operation(self.node) == "step"
        if not pairs and isinstance(self.node, Apply) and self.node.operation != "both":
            pairs = ((self.node.args[0], self.node.args[1]),)
        ranges = (range_of_values(problem, _gap(left, right)) for left, right in pairs)
        return bool(pairs) and all(found.has_side(strictly=strictly) for found in ranges)

    def sides(self, world: World) -> Iterator[tuple[tuple[int, ...], int]]:
        """Each entry of each pair, with the side on which it is; of both at once where they meet."""
        if not self.pairs:
            yield from self._each(0, squeezed(Evaluator(world)(self.node)), shift=Fraction(1, 2))
        for place, gap in enumerate(self._gaps):
            yield from self._each(place, gap.once(world))

    @cached_property
    def _gaps(self) -> tuple[Working, ...]:
        return tuple(Working(_gap(left, right)) for left, right in self.pairs)

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


def across(subject: Subject, left: Node, right: Node) -> Comparison | None:
    """What is known of two formulas, equal at random points, on the other sides of their comparisons.

    None where every comparison was seen to fall both ways, and they are equal there too.
    """
    found = (kink for side in (left, right) for kink in _kinks(subject, side))
    kinks = [kink for kink in found if not kink.is_settled(subject.problem)]
    if not kinks:
        return None
    ledger, sides = _Ledger(kinks), (Working(left), Working(right))
    for number in range(BRANCHED):
        ledger.note(ledger.sides(subject.world(number)))
    for world, is_between in _farther(subject, kinks):
        if not is_between and ledger.is_full:
            break
        fallen = ledger.sides(world)
        if not is_between and ledger.knows(fallen):
            continue
        try:
            where = difference_at(world, *(squeezed(side.once(world)) for side in sides))
        except (UnluckyError, TooDeepError):
            continue
        if where is not None:
            return Comparison(False, "counterexample", where)
        ledger.note(fallen)
    return None if ledger.is_full else Comparison(None, None, why=UNSEEN)


def elsewhere(where: Difference) -> tuple[Reason, ...]:
    """A sentence on an answer that is right but for numbers like these."""
    subject = where.world.subject
    if not subject.free_keys:
        return (Reason("counterexample", "It is right for some numbers alone."),)
    named = {parameter.key: parameter.name for parameter in subject.problem.parameters}
    numbers, usual = (
        {key: float(world[key].near(PRECISIONS[0]).mid()) for key in sorted(subject.free_keys)}
        for world in (where.world, subject.world(0))
    )
    key = max(numbers, key=lambda one: (numbers[one] != usual[one], abs(numbers[one])))
    at = f"{named.get(key, key)} = {numbers[key]:.6g}"
    return (Reason("counterexample", f"It is right for many numbers, but with {at} it is another one."),)


def apart(world: World | None, left: Node, right: Node) -> Difference | None:
    """Where two formulas differ for sure in a world; None where they do not, or one has no value."""
    try:
        return None if world is None else difference_at(world, _at(left, world), _at(right, world))
    except (UnluckyError, TooDeepError):
        return None


def _at(node: Node, world: World) -> Array:
    return squeezed(Evaluator(world)(node))


def _gap(left: Node, right: Node | None) -> Node:
    """By whose sign a comparison falls."""
    return left if right is None else Apply("subtract", (left, right))


Fallen = tuple[tuple[int, tuple[int, ...]], int]
"""A kink by its place, an entry of one of its pairs, and the side on which that is."""


@dataclass
class _Ledger:
    """On which sides of its kinks an answer was compared."""

    kinks: Sequence[_Kink]
    _seen: dict[tuple[int, tuple[int, ...]], set[int]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return all(len(sides) == 2 for sides in self._seen.values())

    def note(self, fallen: Sequence[Fallen]) -> None:
        for key, side in fallen:
            self._seen.setdefault(key, set()).add(side)

    def knows(self, fallen: Sequence[Fallen]) -> bool:
        return all(side in self._seen.get(key, ()) for key, side in fallen)

    def sides(self, world: World) -> list[Fallen]:
        """How the comparisons fall in a world; nothing of one that has no value there."""
        found: list[Fallen] = []
        for place, kink in enumerate(self.kinks):
            try:
                found += [((place, index), side) for index, side in kink.sides(world)]
            except (UnluckyError, TooDeepError):
                continue
        return found


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


def _farther(subject: Subject, kinks: Sequence[_Kink]) -> Iterator[tuple[World, bool]]:
    """Each number that is free alone at others, then all made larger or smaller together.

    With each whether it lies between numbers that are named, where two comparisons may hold at once.
    """
    read = set(_read(subject.problem, kinks))
    open_keys = (key for key in subject.free_keys if not _is_bound(subject, key))
    free = sorted(open_keys, key=lambda key: (key not in read, key))
    between, beyond = _numbers(kinks)
    for number, key in islice(product(between, free), MOST_BETWEEN):
        yield _world(subject, 0, ((key, number, Fraction(1)),)), True
    for number, key in islice(product((*beyond, Fraction(10**6), Fraction(-(10**6))), free), MOST_ALONE):
        yield _world(subject, 0, ((key, number, Fraction(1)),)), False
    scales = (*SCALES, *(number for number in beyond if number > 2))
    for place, (scale, sign) in enumerate(product(scales, (1, -1))):
        yield _world(subject, place, tuple((key, None, scale * sign) for key in free)), False


def _read(problem: Problem, kinks: Sequence[_Kink]) -> Iterator[str]:
    """The quantities that comparisons read."""
    leaves = {part for kink in kinks for part in walk(kink.node) if isinstance(part, Letter)}
    yield from (quantity_at(problem, entry).of for leaf in leaves for entry in entries_of(problem, leaf)[1])


def _numbers(kinks: Sequence[_Kink]) -> tuple[list[Fraction], list[Fraction]]:
    """Between the numbers that comparisons name, and beyond them."""
    named = {part.value for kink in kinks for part in walk(kink.node) if isinstance(part, Number)}
    placed = sorted({number for value in named for number in (value, -value)})
    between = [(low + high) / 2 for low, high in pairwise(placed) if named - {0, 1}]
    return [number for number in between if number], sorted({2 * number for number in placed} - {0}, key=abs)


def _is_bound(subject: Subject, key: str) -> bool:
    """Whether a number is a target, of which a cost may assume something, or belongs to a rule."""
    return isinstance(subject.problem.body, Network) and (key.startswith("y[") or key == "lambda")


Choice = tuple[str, Fraction | None, Fraction]
"""A key, with its number, or None for the one that is drawn, and the factor of it."""


def _world(subject: Subject, place: int, chosen: tuple[Choice, ...]) -> World:
    """A random world with these numbers in it."""
    seed = blake2b(f"{place} {chosen}".encode(), digest_size=32).digest()
    formulas = Formulas(tower(HEIGHT), seed)
    point = subject.point(place)
    own = {key: (number, factor) for key, number, factor in chosen}

    def free(_: int, key: str) -> Value:
        number, factor = own.get(key, (None, Fraction(1)))
        exact = (point.numbers[key] if number is None else number) * factor
        return values.free(formulas.fields, key, formulas.seed, lambda bits: values.near(exact, bits))

    return World.at(subject, formulas, place, free)
