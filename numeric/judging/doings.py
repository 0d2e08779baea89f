"""What can be done to one array of a right gradient, each with what the array becomes.

c g      P g      g P      g^T      g of another array      the share of one sample
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from derive.slips.networks import is_mean_over_outputs
from numeric.judging.handed import Array, Floats, Handed

Words = Mapping[str, object]
Done = tuple[Floats, Words]
"""What an array becomes, with the words for the row's sentence."""

Doing = Callable[[Handed, Array], Iterator[Done]]

NO_WORDS: Words = MappingProxyType({})


# -- multiplied ------------------------------------------------------------------------------------


def times(factor: Callable[[Handed], float | None]) -> Doing:
    """All of it times a number of the problem, or all but the L2 term; not where that is 1."""

    def done(handed: Handed, array: Array) -> Iterator[Done]:
        by = factor(handed)
        if by is not None and by != 1:
            yield by * array.right, NO_WORDS
            for decay in handed.decay(array):
                yield by * (array.right - decay) + decay, NO_WORDS

    return done


def zero(_: Handed, array: Array) -> Iterator[Done]:
    """Nothing was ever stored in it."""
    yield np.zeros_like(array.right), NO_WORDS


def decay_alone(handed: Handed, array: Array) -> Iterator[Done]:
    """What the data give was never stored, though it counts."""
    for decay in handed.decay(array):
        if np.any(np.abs(array.right - decay) > 1e-6 * np.abs(array.right)) or not array.is_weights:
            yield decay, NO_WORDS


# -- the L2 term -----------------------------------------------------------------------------------


def decayed(factor: Callable[[Handed], float | None]) -> Doing:
    """The L2 term times a number."""

    def done(handed: Handed, array: Array) -> Iterator[Done]:
        by = factor(handed)
        if by is not None and by != 1:
            for decay in handed.decay(array):
                yield array.right + (by - 1) * decay, NO_WORDS

    return done


def decay_added(handed: Handed, array: Array) -> Iterator[Done]:
    """lambda/n times the parameter where no L2 term belongs: on a bias, in each use of a shared weight."""
    if (found := handed.samples) and handed.l2:
        yield array.right + found.share[array.name] - found.rest(array), NO_WORDS


def samples(power: int) -> Callable[[Handed], float | None]:
    """n^power."""
    return lambda handed: float(len(handed.problem.x)) ** power if handed.network else None


def outputs(power: int) -> Callable[[Handed], float | None]:
    """n[L]^power; a 1/K can be missing only where the cost has one."""

    def factor(handed: Handed) -> float | None:
        network = handed.network
        is_possible = network is not None and (power < 0 or is_mean_over_outputs(network))
        return float(network.sizes[-1]) ** power if network and is_possible else None

    return factor


def rate(sign: int) -> Callable[[Handed], float | None]:
    """eta, or -eta."""
    return lambda handed: sign * float(handed.problem.training.rate) if handed.problem.training else None


CHANCE = 1e-3


def common_factor(handed: Handed, array: Array) -> Iterator[Done]:
    """One number for all entries, found at one of them; so far from 1 that nine digits show it."""
    at = array.largest
    for decay in (np.zeros_like(array.right), *handed.decay(array)):
        right = array.right - decay
        by = float((array.theirs - decay)[at] / right[at]) if right[at] else 0.0
        if by and CHANCE * abs(by - 1) > 0.5e-9:
            yield by * right + decay, {"factor": _said(by), "sizes": _sizes(handed, by)}


def _said(factor: float) -> str:
    """As a fraction where it is a simple one."""
    simple = Fraction(factor).limit_denominator(1000)
    is_simple = abs(float(simple) - factor) <= 1e-9 * abs(factor)
    return str(simple) if is_simple else f"{factor:.9g}"


def _sizes(handed: Handed, factor: float) -> str:
    """What there are so many of."""
    network = handed.network
    if network is None:
        return ""
    inputs, *units = network.sizes
    numbers = {len(handed.problem.x): "samples"}
    numbers |= {units[l - 1]: f"units of layer {l}" for l in range(network.depth, 0, -1)}
    numbers |= {inputs: "inputs"}
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


def is_weights(array: Array) -> bool:
    """Whether these are a matrix."""
    return array.is_weights


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


def rows_times(factor: float) -> Doing:
    """Some rows, or columns, times a number, and the others right."""

    def done(_: Handed, array: Array) -> Iterator[Done]:
        for axis, what in enumerate(("row", "column") if array.is_weights else ()):
            some = array.wrong.any(axis=1 - axis)
            if some.any():
                values = np.where(np.expand_dims(some, 1 - axis), factor * array.right, array.right)
                yield values, {"what": f"{what}s", "rows": _rows(what, np.flatnonzero(some) + 1)}

    return done


def some_turned(_: Handed, array: Array) -> Iterator[Done]:
    """Some entries with the other sign, and the others right."""
    words = {"some": int(array.wrong.sum()), "all": array.right.size}
    yield np.where(array.wrong, -array.right, array.right), words


SHOWN = 4


def _rows(what: str, numbers: Iterable[int]) -> str:
    """Row 2 is; Rows 2, 3 and 5 are"""
    names = [str(int(i)) for i in numbers]
    several = len(names) > 1
    return f"{what.capitalize()}{'s' * several} {listed(names)} {'are' if several else 'is'}"


def listed(names: Sequence[str]) -> str:
    """2; 2, 3 and 5; 1, 2, 3, 4 and 7 more"""
    if len(names) == 1:
        return names[0]
    more = len(names) - SHOWN - 1
    shown, last = (names[:SHOWN], f"{more + 1} more") if more > 0 else (names[:-1], names[-1])
    return f"{', '.join(shown)} and {last}"


# -- in another's place ----------------------------------------------------------------------------


def exchanged_arrays(handed: Handed, array: Array) -> Iterator[Done]:
    """Two of one shape, each in the other's place; or those of weights and of biases at once."""
    for other in _others(handed, array):
        if array.holds(other.right) and other.holds(array.right):
            layers = sorted((array.layer, other.layer))
            pairs = (tuple(handed.arrays.get(f"{letter}{l}") for l in layers) for letter in "wb")
            if array.layer and all(_are_exchanged(*pair) for pair in pairs):
                yield other.right, {"both": f"the gradients of layers {layers[0]} and {layers[1]}"}
            names = sorted((array.name, other.name))
            yield other.right, {"both": " and ".join(f"d{array.of}/d{name}" for name in names)}


def another_array(handed: Handed, array: Array) -> Iterator[Done]:
    """Another one of the same shape."""
    for other in _others(handed, array):
        yield other.right, {"other": f"d{array.of}/d{other.name}"}


def _are_exchanged(one: Array | None, other: Array | None) -> bool:
    return bool(one and other and one.holds(other.right) and other.holds(one.right))


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


def share_of_sample(handed: Handed, array: Array) -> Iterator[Done]:
    """The share of any one sample for the sum over all."""
    if (found := handed.samples) and len(handed.problem.x) > 2:
        rest = found.rest(array)
        at = found.at(array) + rest[array.largest]
        yield from ((found.part(array, s) + rest, {"sample": s + 1}) for s in _like(array, at))


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
