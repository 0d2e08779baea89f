"""What can be done to one array of a right gradient, each with what the array becomes.

c g      P g      g P      g^T      g of another array      the share of one sample
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from numeric.judging.handed import Array, Floats, Handed

Words = Mapping[str, object]
Done = tuple[Floats, Words]
"""What an array becomes, with the words for the row's sentence."""

Doing = Callable[[Handed, Array], Iterator[Done]]

NO_WORDS: Words = MappingProxyType({})


# -- multiplied ------------------------------------------------------------------------------------


def times(factor: Callable[[Handed], float | None]) -> Doing:
    """All of it times a number of the problem; not where that is 1."""

    def done(handed: Handed, array: Array) -> Iterator[Done]:
        by = factor(handed)
        if by is not None and by != 1:
            yield by * array.right, NO_WORDS

    return done


def zero(_: Handed, array: Array) -> Iterator[Done]:
    """Nothing was ever stored in it."""
    yield np.zeros_like(array.right), NO_WORDS


def samples(power: int) -> Callable[[Handed], float | None]:
    """n^power."""
    return lambda handed: float(len(handed.problem.x)) ** power if handed.network else None


def outputs(power: int) -> Callable[[Handed], float | None]:
    """n[L]^power."""
    return lambda handed: float(handed.network.sizes[-1]) ** power if handed.network else None


def rate(sign: int) -> Callable[[Handed], float | None]:
    """eta, or -eta."""
    return lambda handed: sign * float(handed.problem.training.rate) if handed.problem.training else None


CHANCE = 1e-3


def common_factor(handed: Handed, array: Array) -> Iterator[Done]:
    """One number for all entries, found at one of them; so far from 1 that nine digits show it."""
    at = array.largest
    by = float(array.theirs[at] / array.right[at]) if array.right[at] else 0.0
    if by and CHANCE * abs(by - 1) > 1e-9:
        yield by * array.right, {"factor": _said(by), "sizes": _sizes(handed, array, by)}


def _said(factor: float) -> str:
    """As a fraction where it is a simple one."""
    simple = Fraction(factor).limit_denominator(1000)
    is_simple = abs(float(simple) - factor) <= 1e-9 * abs(factor)
    return str(simple) if is_simple else f"{factor:.9g}"


def _sizes(handed: Handed, array: Array, factor: float) -> str:
    """What there are so many of."""
    network = handed.network
    if network is None:
        return ""
    numbers = {len(handed.problem.x): "samples", array.right.size: "entries of an array"}
    numbers |= {network.sizes[l]: f"units of layer {l}" for l in range(network.depth, 0, -1)}
    numbers |= {network.sizes[0]: "inputs"}
    for count, name in numbers.items():
        if count > 1 and min(abs(abs(factor) * count - 1), abs(abs(factor) / count - 1)) < 1e-9:
            return f" There are {count} {name}."
    return ""


# -- in another order ------------------------------------------------------------------------------

Order = tuple[int, ...]
"""Which row of the right array stands in each place."""


def ordered(test: Callable[[Order], Words | None]) -> Doing:
    """The rows, or the columns, in an order of a certain kind."""

    def done(_: Handed, array: Array) -> Iterator[Done]:
        for axis in range(array.right.ndim):
            theirs, right = np.moveaxis(array.theirs, axis, 0), np.moveaxis(array.right, axis, 0)
            order = _order(theirs.reshape(len(theirs), -1), right.reshape(len(right), -1))
            if order is not None and (words := test(order)) is not None:
                yield np.take(array.right, order, axis), {**_lines(array, axis), **words}

    return done


def _order(theirs: Floats, right: Floats) -> Order | None:
    """The order that may have been made: of rows, each known by one number; None where none was."""
    weights = np.cos(np.arange(right.shape[1]))
    theirs, right = theirs @ weights, right @ weights
    moved = np.flatnonzero(np.abs(theirs - right) > 1e-9 * np.abs(right))
    places = np.arange(len(right))
    places[moved[np.argsort(theirs[moved], kind="stable")]] = moved[np.argsort(right[moved], kind="stable")]
    return tuple(places.tolist()) if np.any(places[moved] != moved) else None


def turned(turn: Callable[[Floats, int], Floats], **words: object) -> Doing:
    """The rows, or the columns, in a known order."""

    def done(_: Handed, array: Array) -> Iterator[Done]:
        for axis in range(array.right.ndim):
            yield turn(array.right, axis), {**_lines(array, axis), **words}

    return done


def rolled(by: int, right: Floats, axis: int) -> Floats:
    """Each row in the place of one further on."""
    return np.roll(right, by, axis)


def _lines(array: Array, axis: int) -> Words:
    what = ("rows", "columns")[axis] if array.is_weights else "entries"
    return {"what": what, "What": what.capitalize()}


def exchanged(order: Order) -> Words | None:
    """Two in each other's place."""
    moved = [i + 1 for i, place in enumerate(order) if i != place]
    return {"i": moved[0], "j": moved[1]} if len(moved) == 2 else None


def permuted(order: Order) -> Words | None:
    """Any other order."""
    i = next(i for i, place in enumerate(order) if i != place)
    return {"i": i + 1, "j": order[i] + 1}


def is_square(array: Array) -> bool:
    """Whether a matrix has as many rows as columns."""
    return array.is_weights and len(set(array.right.shape)) == 1


def transposed(_: Handed, array: Array) -> Iterator[Done]:
    """The transpose, where it has the same shape."""
    yield array.right.T, NO_WORDS


def reshaped(_: Handed, array: Array) -> Iterator[Done]:
    """The entries of the transpose, read row by row into the shape of the array; or the other way round."""
    shape = array.right.shape
    yield array.right.T.reshape(shape), NO_WORDS
    yield array.right.reshape(shape[::-1]).T, NO_WORDS


def rows_left(_: Handed, array: Array) -> Iterator[Done]:
    """Some rows, or columns, at 0."""
    if not array.is_weights:
        return
    for axis, what in enumerate(("row", "column")):
        empty = ~array.theirs.any(axis=1 - axis) & array.wrong.any(axis=1 - axis)
        if empty.any():
            values = np.where(np.expand_dims(empty, 1 - axis), 0.0, array.right)
            yield values, {"what": f"{what}s", "rows": _listed(what, np.flatnonzero(empty) + 1)}


SHOWN = 4


def _listed(what: str, numbers: Iterable[int]) -> str:
    """Row 2; Rows 2, 3 and 5; Rows 1, 2, 3, 4 and 7 more"""
    names = [str(int(i)) for i in numbers]
    if len(names) == 1:
        return f"{what.capitalize()} {names[0]} is"
    last = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else [names.pop()]
    return f"{what.capitalize()}s {', '.join(names[:SHOWN])} and {last[0]} are"


# -- in another's place ----------------------------------------------------------------------------


def exchanged_arrays(handed: Handed, array: Array) -> Iterator[Done]:
    """Two of one shape, each in the other's place."""
    for other in _others(handed, array):
        if other.holds(array.right):
            names = sorted((array.name, other.name))
            yield other.right, {"one": f"d{array.of}/d{names[0]}", "other": f"d{array.of}/d{names[1]}"}


def another_array(handed: Handed, array: Array) -> Iterator[Done]:
    """Another one of the same shape."""
    for other in _others(handed, array):
        yield other.right, {"other": f"d{array.of}/d{other.name}"}


def _others(handed: Handed, array: Array) -> Iterator[Array]:
    same = (other for other in handed.arrays.values() if other.right.shape == array.right.shape)
    return (other for other in same if other is not array)


# -- by samples ------------------------------------------------------------------------------------


def only_sample(number: int) -> Doing:
    """The share of one sample for the sum over all."""

    def done(handed: Handed, array: Array) -> Iterator[Done]:
        if handed.samples and (n := len(handed.problem.x)) > 1:
            yield handed.samples.part(array, number % n) + handed.samples.rest(array), NO_WORDS

    return done


def own_sample(handed: Handed, array: Array) -> Iterator[Done]:
    """The gradient of one sample's own cost, for the mean over all."""
    found, network = handed.samples, handed.network
    if found and network and network.reduction == "mean" and (n := len(handed.problem.x)) > 1:
        rest = found.rest(array)
        at = n * found.at(array) + rest[array.largest]
        yield from ((n * found.part(array, s) + rest, {"sample": s + 1}) for s in _like(array, at))


def forgotten(handed: Handed, array: Array) -> Iterator[Done]:
    """All samples but one."""
    if (found := handed.samples) and len(handed.problem.x) > 2:
        at = array.right[array.largest] - found.at(array)
        yield from ((array.right - found.part(array, s), {"sample": s + 1}) for s in _like(array, at))


def _like(array: Array, values: Floats) -> list[int]:
    """Which of these are what was handed in."""
    theirs = array.theirs[array.largest]
    found: list[int] = np.flatnonzero(np.abs(values - theirs) <= 1e-6 * np.abs(theirs)).tolist()
    return found


def summed(along: Callable[[Floats], Floats]) -> Doing:
    """A bias's gradient alone, of the delta of all samples and units."""

    def done(handed: Handed, array: Array) -> Iterator[Done]:
        weights = handed.arrays.get(f"w{array.layer}")
        if handed.samples and not array.is_weights and not (weights and weights.wrong.any()):
            found = along(handed.samples.delta(array))
            if found.shape in ((), array.right.shape):
                yield np.broadcast_to(found, array.right.shape), NO_WORDS

    return done
