"""What is to be said beside an equation that is true: where a side has no value, or an edge is left out.

log(x^2) = 2 log(x)     of negative x the left side alone has a value
relu'(z) = [z >= 0]     at z = 0 the sides differ, where the slope is what is agreed on

Without a derivative sides that differ on an edge make an equation false: sign(z) = 2[z > 0] - 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from derive.formula.nodes import Activation, Apply, Node, Number, Slope, Unspecified, walk
from derive.problem import Graph
from numeric.answers.edges import world_at
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.kinks import apart
from numeric.answers.reasons import Reason
from numeric.deciding import values
from numeric.deciding.compare import Difference
from numeric.deciding.formulas import Formulas
from numeric.deciding.tower import tower
from numeric.deciding.values import PRECISIONS, TooDeepError, UnluckyError, Value
from numeric.deciding.worlds import HEIGHT, Subject, World

PARTLY_DEFINED = frozenset({"log", "sqrt"})
"""Functions that have no value at some numbers; and powers that are no whole ones."""

MOST_POINTS, MOST_EDGES = 4, 24

DOMAIN = Reason("domain", "It holds where both sides have a value; at some points only one of them has one.")


def caveats(subject: Subject, links: Sequence[Node], *, is_sampled: bool) -> Iterator[Reason]:
    """Of a chain of equalities that is true at random points."""
    if any(map(_is_partly_defined, (part for link in links for part in walk(link)))) and any(
        len({_has_value(link, world) for link in links}) > 1 for world in _of_both_signs(subject)
    ):
        yield DOMAIN
    found = on_an_edge(subject, links) if is_sampled and has_slopes(links) else None
    if found is not None:
        yield Reason("edge", f"It does not hold everywhere: with {found.at} the sides differ.")


class OnAnEdge(NamedTuple):
    """Where sides that agree at random points differ: `z = 0`, the two sides, and their values."""

    at: str
    sides: tuple[Node, Node]
    where: Difference


def on_an_edge(subject: Subject, links: Sequence[Node]) -> OnAnEdge | None:
    """The first number at which two sides differ, both having a value there; None where none does."""
    if not isinstance(subject.problem.body, Graph):
        return None
    for at, world in _on_edges(subject, links):
        for sides in pairwise(links):
            where = apart(world, *sides)
            if where is not None:
                return OnAnEdge(at, sides, where)
    return None


def has_slopes(links: Sequence[Node]) -> bool:
    """Whether a side has a derivative in it, which has no value on an edge but by agreement."""
    parts = [part for link in links for part in walk(link)]
    return any(
        isinstance(part, Slope) or (isinstance(part, Activation | Unspecified) and part.order > 0)
        for part in parts
    )


def _is_partly_defined(part: Node) -> bool:
    if isinstance(part, Unspecified):
        return part.function in PARTLY_DEFINED
    if not isinstance(part, Apply):
        return False
    exponent = part.args[1] if part.operation == "power" else None
    is_root = isinstance(exponent, Number) and exponent.value.denominator > 1
    return is_root or part.operation in PARTLY_DEFINED


def _of_both_signs(subject: Subject) -> Iterator[World]:
    for place in range(MOST_POINTS):
        yield subject.world(place)
        drawn = subject.point(place).numbers
        if isinstance(subject.problem.body, Graph):
            yield world_at(subject, place, {key: -drawn[key] for key in subject.free_keys})


def _has_value(node: Node, world: World) -> bool:
    try:
        found = squeezed(Evaluator(world)(node))
        return all(value.near(PRECISIONS[0]).is_finite() for value in found.flat)
    except (UnluckyError, TooDeepError):
        return False


def _on_edges(subject: Subject, links: Sequence[Node]) -> Iterator[tuple[str, World]]:
    """Worlds in which one number is exactly 0, or one that the equation names."""
    named = {part.value for link in links for part in walk(link) if isinstance(part, Number)}
    pairs = [(key, number) for number in sorted({Fraction(0), *named}) for key in sorted(subject.free_keys)]
    for key, number in pairs[:MOST_EDGES]:
        yield f"{key} = {number}", _exactly(subject, key, number)


def _exactly(subject: Subject, key: str, number: Fraction) -> World:
    formulas = Formulas(tower(HEIGHT), f"{key} = {number}".encode())
    point = subject.point(0)

    def free(_: int, name: str) -> Value:
        if name == key:
            return formulas.constant(number)
        return values.free(formulas.fields, name, formulas.seed, point.ball(name))

    return World.at(subject, formulas, 0, free)
