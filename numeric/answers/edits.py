"""One-place edits of an answer that make it right.

A place says what would have to stand there (numeric.answers.places). A row says what else
could: another quantity, the same function with a prime more, another sign between the same
operands. Where that has the wanted residues in both worlds, the answer is right but for
this one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from itertools import combinations, islice

import numpy as np

from derive.formula.nodes import Activation, Apply, Constant, Letter, Node, Number, Slope, operands, walk
from derive.problem import Network, Problem
from derive.slips.changes import read_key
from derive.slips.kinds import parts_of
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted
from numeric.answers.atoms import Atom
from numeric.answers.places import Place, Worked, factors_of, quotient
from numeric.answers.quantities import entries_of, quantity_at
from numeric.answers.reasons import Reason, quoted
from numeric.answers.residues import Everywhere, Signature, prime_of
from numeric.deciding.nodes import Array
from numeric.deciding.worlds import World

MOST_PARTS = 250
"""Of an answer in which an edit is looked for."""

MOST_FACTORS = 12
"""Of a product in which a sum is looked for."""

NUMBERS = tuple(
    Fraction(sign * over_, under) for under in (1, 2, 3, 4) for over_ in range(6) for sign in (1, -1)
)
EXPONENTS = (1, 2, 3, -1, -2, 4)

Key = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Names:
    """What residues belong to: the quantities of a problem, and the slopes of one derivation.

    scalars  quantities and slopes by the residue in each world
    arrays   names by the residues of all entries
    numbers  the plain ones of an answer, by theirs
    answer   what is asked for, which nothing may give away
    """

    scalars: Mapping[Signature, Atom]
    arrays: Mapping[Key, str]
    numbers: Mapping[Signature, Fraction]
    answer: frozenset[Key]

    def of(self, values: Everywhere) -> str | None:
        key = key_of(values)
        if key in self.answer:
            return None
        if values[0].size > 1:
            return self.arrays.get(key)
        found = self.scalars.get(_single(key))
        return None if found is None else found.name


def _differs(problem: Problem, node: Node, right: Atom | None) -> str:
    """In what a quantity is not the right one, without a word on which that is."""
    if not isinstance(node, Letter) or not isinstance(problem.body, Network) or right is None:
        return "another quantity belongs"
    quantity = quantity_at(problem, entries_of(problem, node)[1][0])
    of, key = (quantity.of, quantity.by[0]) if quantity.by else ("", quantity.of)
    wanted, right_key = parts_of(right.slope) or ("", right.key)
    if of == wanted and key.partition("[")[0] == right_key.partition("[")[0]:
        return "another one of its kind belongs: look at its index"
    own, other = read_key(key), read_key(right_key)
    if of != wanted or own is None or other is None or own.letter != other.letter:
        return "a quantity of another kind belongs"
    parts = {"layer": own.layer != other.layer, "index": own.index != other.index}
    look = " and its ".join(part for part, is_other in parts.items() if is_other)
    return f"another one of its kind belongs: look at its {look or 'sample'}"


def key_of(values: Everywhere) -> Key:
    """The residues as something to look up by; a vector may lie or stand."""
    size = (max(values[0].shape, default=1),) if min(values[0].shape, default=1) == 1 else values[0].shape
    return (size, *(tuple(array.flat) for array in values))


def _single(key: Key) -> Signature:
    return tuple(residues[0] for residues in key[1:])


@dataclass(frozen=True)
class Edited:
    """One wrong answer whose places are looked at."""

    problem: Problem
    worked: Worked
    names: Names
    node: Node
    wanted: Everywhere

    @property
    def worlds(self) -> tuple[World, ...]:
        return self.worked.worlds

    @cached_property
    def places(self) -> tuple[Place, ...]:
        if len(tuple(islice(walk(self.node), MOST_PARTS))) == MOST_PARTS:
            return ()
        return tuple(self.worked.places(self.node, self.wanted))

    def small(self) -> Iterator[Reason]:
        """Edits of one letter, number or sign."""
        return self._found(_SMALL)

    def large(self) -> Iterator[Reason]:
        """A factor or term that is missing in one part, or a part in the place of a quantity."""
        return self._found(_LARGE)

    def _found(self, rows: Sequence[_Row]) -> Iterator[Reason]:
        for row in rows:
            found = (reason for place in self.places for reason in row(self, place))
            yield from islice(found, 1)

    def said(self, node: Node) -> str:
        return pasted(tree_of_links(self.problem, (node,)))

    def quoted(self, node: Node) -> str:
        """What stands in the answer, a quantity as it is written there."""
        return quoted(node, self.said(node))

    def fits(self, place: Place, other: Node) -> bool:
        """Whether another formula in this place makes the answer right."""
        for number, wanted in enumerate(place.wanted):
            try:
                found = self.worked.made(other, number)
            except ValueError:
                return False
            if found is None or found.shape != wanted.shape or not np.array_equal(found, wanted):
                return False
        return True

    def each(self, made: Callable[[int, Array, Array], Array | None], place: Place) -> Everywhere | None:
        """A combination of what stands in a place and what is wanted there, world by world."""
        found = [
            made(prime_of(world), *pair)
            for world, *pair in zip(self.worlds, place.values, place.wanted, strict=True)
        ]
        whole = tuple(array for array in found if array is not None)
        return whole if len(whole) == len(found) else None


_Row = Callable[[Edited, Place], Iterator[Reason]]


# -- a letter, a number, a function ----------------------------------------------------------------


def _quantity(answer: Edited, place: Place) -> Iterator[Reason]:
    if place.within and isinstance(place.node, Letter | Slope):
        name = answer.names.of(place.wanted)
        if name is not None:
            stands = f"{answer.quoted(place.node)} stands where"
            right = answer.names.scalars.get(_single(key_of(place.wanted)))
            hint = _differs(answer.problem, place.node, right)
            text, hint = f"{stands} {name} belongs.", f"{stands} {hint}."
            yield Reason("wrong quantity", text, hint)


def _prime(answer: Edited, place: Place) -> Iterator[Reason]:
    node = place.node
    if not isinstance(node, Activation):
        return
    for step, slip in ((1, "missing prime"), (-1, "extra prime")):
        other = replace(node, order=node.order + step)
        if other.order >= 0 and answer.fits(place, other):
            stands = answer.said(node)
            hint = f"{stands} is not what belongs there: look at its primes."
            yield Reason(slip, f"{stands} stands where {answer.said(other)} belongs.", hint)


def _argument(answer: Edited, place: Place) -> Iterator[Reason]:
    node = place.node
    if not isinstance(node, Activation) or not isinstance(node.args[0], Letter):
        return
    own = node.args[0]
    for layer in _layers(answer.problem):
        for letter in ("z", "a"):
            other = replace(own, letter=letter, layer=layer)
            try:
                is_right = other != own and answer.fits(place, replace(node, args=(other,)))
            except (LookupError, ValueError):
                continue
            if is_right:
                hint = f"{answer.said(node)} is taken at the wrong place"
                text = f"{hint}; it belongs at {answer.said(other)}."
                yield Reason("wrong argument", text, f"{hint}.")


def _layers(problem: Problem) -> range:
    sizes = getattr(problem.body, "sizes", ())
    return range(1, len(sizes))


def _number(answer: Edited, place: Place) -> Iterator[Reason]:
    if not place.within or not isinstance(place.node, Number | Constant) or place.values[0].size != 1:
        return
    wanted = tuple(array.item() for array in place.wanted)
    number = answer.names.numbers.get(wanted)
    belongs = answer.names.of(place.wanted) if number is None else str(number)
    if belongs is not None:
        stands = answer.said(place.node)
        hint = f"The number {stands} is not what belongs there."
        yield Reason("wrong number", f"{stands} stands where {belongs} belongs.", hint)


# -- a sign ----------------------------------------------------------------------------------------

_SIGNS = {"add": "+", "subtract": "−", "multiply": "·", "hadamard": "⊙"}


def _sign(answer: Edited, place: Place) -> Iterator[Reason]:
    """+ for −, or a sum for a product."""
    node = place.node
    if not isinstance(node, Apply) or node.operation not in ("add", "subtract"):
        return
    for other in ("subtract", "add", "hadamard"):
        if other != node.operation and answer.fits(place, replace(node, operation=other)):
            sign, belongs = _SIGNS[node.operation], _SIGNS["multiply" if _is_number(place) else other]
            belongs = _SIGNS[other] if other != "hadamard" else belongs
            slip = "sum for a product" if other == "hadamard" else "wrong sign"
            whole = f"In {answer.said(node)} the {sign}"
            yield Reason(slip, f"{whole} should be a {belongs}.", f"{whole} is not what belongs there.")


def _is_number(place: Place) -> bool:
    return place.values[0].size == 1


def _parted(answer: Edited, place: Place) -> Iterator[Reason]:
    """A product whose first factors and the others should be added."""
    node = place.node
    if not isinstance(node, Apply) or node.operation != "multiply" or place.within == "multiply":
        return
    factors = list(factors_of(node))
    if len(factors) > MOST_FACTORS:
        return
    for first, second in combinations(range(len(factors)), 2):
        left, right = (_multiplied(part) for part in (factors[first:second], factors[second:]))
        total: Node = Apply("add", (left, right))
        # h + (1 - h) is 1: what makes such a pair right is that it is left out.
        if first and answer.fits(place, _multiplied(factors[:first])):
            continue
        if answer.fits(place, _multiplied([*factors[:first], total])):
            both = f"{answer.said(left)} and {answer.said(right)}"
            hint = f"Look at how {both} belong together: a product is not what belongs there."
            yield Reason("product for a sum", f"{both} are added, not multiplied.", hint)


def _multiplied(factors: Sequence[Node]) -> Node:
    return reduce(lambda left, right: Apply("multiply", (left, right)), factors)


def _turned(answer: Edited, place: Place) -> Iterator[Reason]:
    """−u for u."""
    turned = answer.each(lambda prime, is_, _: np.asarray(-is_ % prime, dtype=object), place)
    if not place.within or turned is None or key_of(turned) != key_of(place.wanted):
        return
    # In a product every factor could be the one; a difference, or a term of a sum, is meant.
    is_difference = isinstance(place.node, Apply) and place.node.operation == "subtract"
    if is_difference or place.within in ("add", "subtract"):
        yield Reason("wrong sign", f"The sign of {answer.said(place.node)} is turned.")


def _inverted(answer: Edited, place: Place) -> Iterator[Reason]:
    """u/v for u v, or the other way round."""
    node = place.node
    if not isinstance(node, Apply) or node.operation not in ("multiply", "hadamard", "divide"):
        return
    left, right = node.args
    ways = [("divide", (right, left)), ("multiply", (left, right))]
    if node.operation != "divide":
        ways = [("divide", (left, right)), ("divide", (right, left))]
    for operation, args in ways:
        if answer.fits(place, replace(node, operation=operation, args=args)):
            wrong = right if args[0] is left else left
            where = "numerator" if operation == "multiply" else "denominator"
            text = f"The factor {answer.quoted(wrong)} belongs in the {where}."
            hint = f"The factor {answer.quoted(wrong)} belongs in the answer, but not where it stands."
            if node.operation == "divide" and operation == "divide":
                text, hint = f"The fraction {answer.said(node)} is upside down.", ""
            yield Reason("inverted factor", text, hint)


def _exponent(answer: Edited, place: Place) -> Iterator[Reason]:
    node = place.node
    if isinstance(node, Apply) and node.operation == "power" and isinstance(node.args[1], Number):
        for exponent in EXPONENTS:
            other = Number(Fraction(exponent), str(exponent))
            if answer.fits(place, replace(node, args=(node.args[0], other))):
                base = f"The exponent of {answer.quoted(node.args[0])}"
                text, hint = f"{base} should be {exponent}.", f"{base} is not what belongs there."
                yield Reason("wrong exponent", text, hint)
        return
    square = answer.each(lambda prime, is_, _: np.asarray(is_ * is_ % prime, dtype=object), place)
    if place.within and square is not None and key_of(square) == key_of(place.wanted):
        stands = answer.quoted(node)
        hint = f"{stands} is not to the power that belongs there."
        yield Reason("wrong exponent", f"The square of {stands} belongs there.", hint)


# -- products of arrays ----------------------------------------------------------------------------


def _product(answer: Edited, place: Place) -> Iterator[Reason]:
    """A transpose more or less, the factors exchanged, or another product."""
    node = place.node
    if not isinstance(node, Apply) or node.operation not in ("matmul", "hadamard", "transpose"):
        return
    if node.operation == "transpose":
        if answer.fits(place, node.args[0]):
            hint = f"{answer.said(node)} is not what belongs there: look at the transposes."
            yield Reason("extra transpose", f"{answer.said(node.args[0])} belongs there untransposed.", hint)
        return
    left, right = node.args
    for args, wrong in (((_turn(left), right), left), ((left, _turn(right)), right)):
        if answer.fits(place, Apply("matmul", args)):
            name = "wrong transpose" if isinstance(wrong, Apply) else "missing transpose"
            whole, part = answer.said(node), answer.said(wrong)
            hint = f"In {whole} look at the transposes: {part} is not what belongs there."
            yield Reason(name, f"In {whole} the transpose of {part} belongs.", hint)
    if answer.fits(place, Apply("matmul", (right, left))):
        yield Reason("wrong order", f"The factors of {answer.said(node)} are in the wrong order.")
    hint = f"In {answer.said(node)} this kind of product is not what belongs there."
    if node.operation == "matmul" and answer.fits(place, Apply("hadamard", node.args)):
        text = f"In {answer.said(node)} entries are multiplied one by one: ⊙."
        yield Reason("matrix product for ⊙", text, hint)
    if node.operation == "hadamard" and answer.fits(place, Apply("matmul", node.args)):
        text = f"{answer.said(node)} is a product of matrices, not ⊙."
        yield Reason("⊙ for the matrix product", text, hint)


def _turn(node: Node) -> Node:
    is_turned = isinstance(node, Apply) and node.operation == "transpose"
    return operands(node)[0] if is_turned else Apply("transpose", (node,))


# -- a part ----------------------------------------------------------------------------------------


def _not_there(answer: Edited, place: Place) -> Iterator[Reason]:
    """A term or a factor that does not belong."""
    if not place.within:
        return
    unit = {"add": 0, "subtract": 0, "multiply": 1, "hadamard": 1, "divide": 1}.get(place.within)
    if place.within == "subtract" and place.side == 0:
        unit = None
    if unit is not None and all(entry == unit for array in place.wanted for entry in array.flat):
        what = "factor" if unit else "term"
        yield Reason(f"extra {what}", f"The {what} {answer.quoted(place.node)} does not belong in it.")


def _factor(answer: Edited, place: Place) -> Iterator[Reason]:
    """A quantity by which one part is to be multiplied, or divided."""
    if not place.within or isinstance(place.node, Number):
        return
    ratio = answer.each(lambda prime, is_, wanted: quotient(prime, wanted, is_), place)
    name = None if ratio is None else _common(answer, ratio)
    if name is not None:
        where = f"Where {answer.quoted(place.node)} stands"
        text, hint = f"{where}, the factor {name} is missing.", f"{where}, a factor is missing."
        yield Reason("missing factor", text, hint)


def _common(answer: Edited, ratio: Everywhere) -> str | None:
    """The name of what a part is to be multiplied by: a number where all entries have the same ratio."""
    if all(len(set(array.flat)) == 1 for array in ratio):
        single = tuple(array.item(0) for array in ratio)
        number = answer.names.numbers.get(single)
        if number not in (None, 1):
            return str(number)
        found = answer.names.scalars.get(single)
        return None if found is None else found.name
    return answer.names.arrays.get(key_of(ratio))


def _divisor(answer: Edited, place: Place) -> Iterator[Reason]:
    """A quantity that one part holds and should not."""
    ratio = answer.each(quotient, place)
    name = None if ratio is None or not place.within else _common(answer, ratio)
    if name is not None and not name.lstrip("-")[:1].isdigit():
        yield Reason("extra factor", f"In {answer.said(place.node)} the factor {name} is too many.")


def _term(answer: Edited, place: Place) -> Iterator[Reason]:
    """A quantity that is to be added to one part."""
    gap = answer.each(lambda prime, is_, wanted: np.asarray((wanted - is_) % prime, dtype=object), place)
    name = None if gap is None or not place.within else answer.names.of(gap)
    if name is not None:
        where = f"Where {answer.quoted(place.node)} stands"
        text, hint = f"{where}, the term {name} is missing.", f"{where}, a term is missing."
        yield Reason("missing term", text, hint)


def _part(answer: Edited, place: Place) -> Iterator[Reason]:
    """A whole part in the place of a quantity or a slope."""
    if place.within and isinstance(place.node, Apply | Activation):
        name = answer.names.of(place.wanted)
        if name is not None:
            stands = f"{answer.said(place.node)} stands where"
            yield Reason("wrong part", f"{stands} {name} belongs.", f"{stands} another quantity belongs.")


_SMALL: tuple[_Row, ...] = (
    _quantity, _prime, _argument, _sign, _product, _exponent, _inverted, _number, _turned, _parted,
)  # fmt: skip
"""The most natural first."""

_LARGE: tuple[_Row, ...] = (_not_there, _part, _factor, _divisor, _term)
