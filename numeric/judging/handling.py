"""What was done to a right gradient: arrays set to 0, multiplied, put in another order or another's place.

    theirs = c g      theirs = P g      theirs = g^T      theirs = the share of sample s      ...

A row says what an array becomes; it holds where it gives all of it that is wrong
and spoils nothing. A slip of the derivation that comes to the same keeps its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from types import MappingProxyType

import numpy as np

from derive.slips import MISTAKES, layer_in_words
from numeric.judging.handed import Array, Floats, Handed

Words = Mapping[str, object]
Done = tuple[Floats, Words]
"""What an array becomes, with the words for the row's sentence."""

Doing = Callable[[Handed, Array], Iterator[Done]]

ALL, BELOW, ONE = SCOPES = ("all", "below", "one")
"""The whole gradient, that of the layers up to one, that by one array."""

NO_WORDS: Words = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that is done to a gradient.

    name, text  as in the list of slips; with {words} of `done`
    scopes      to how much of the gradient at once it is done
    least       so many entries other than 0 must show it
    concerns    the arrays to which it can be done
    placed      whether the sentence leaves open where it was done
    """

    name: str
    text: str
    done: Doing
    scopes: tuple[str, ...] = (ONE,)
    least: int = 1
    concerns: Callable[[Array], bool] = lambda _: True
    placed: bool = True


@dataclass(frozen=True)
class Handling:
    """A row, done to some arrays.

    arrays  those that have it, with what they become
    """

    name: str
    text: str
    arrays: Mapping[str, Floats]


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


def _samples(power: int) -> Callable[[Handed], float | None]:
    return lambda handed: float(len(handed.problem.x)) ** power if handed.network else None


def _outputs(power: int) -> Callable[[Handed], float | None]:
    return lambda handed: float(handed.network.sizes[-1]) ** power if handed.network else None


def _rate(sign: int) -> Callable[[Handed], float | None]:
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


def _rolled(by: int, right: Floats, axis: int) -> Floats:
    return np.roll(right, by, axis)


def _lines(array: Array, axis: int) -> Words:
    what = ("rows", "columns")[axis] if array.is_weights else "entries"
    return {"what": what, "What": what.capitalize()}


def exchanged(order: Order) -> Words | None:
    moved = [i + 1 for i, place in enumerate(order) if i != place]
    return {"i": moved[0], "j": moved[1]} if len(moved) == 2 else None


def permuted(order: Order) -> Words | None:
    i = next(i for i, place in enumerate(order) if i != place)
    return {"i": i + 1, "j": order[i] + 1}


def is_square(array: Array) -> bool:
    return array.is_weights and len(set(array.right.shape)) == 1


def transposed(_: Handed, array: Array) -> Iterator[Done]:
    yield array.right.T, NO_WORDS


def reshaped(_: Handed, array: Array) -> Iterator[Done]:
    """The entries of the transpose, read row by row into the shape of the array; or the other way round."""
    shape = array.right.shape
    yield array.right.T.reshape(shape), NO_WORDS
    yield array.right.reshape(shape[::-1]).T, NO_WORDS


def rows_left(handed: Handed, array: Array) -> Iterator[Done]:
    """Some rows, or columns, at 0."""
    del handed
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


# -- the table -------------------------------------------------------------------------------------


def known(name: str, done: Doing, *scopes: str, concerns: Callable[[Array], bool] = lambda _: True) -> Row:
    """A slip of the derivation that comes to the same."""
    return Row(name=name, text="", done=done, scopes=scopes, concerns=concerns)


ROWS = (
    Row(
        name="all zero",
        text="Every number is 0: the sweep never ran, or what it found was not stored.",
        done=zero,
        scopes=(ALL,),
        least=0,
    ),
    Row(
        name="sweep stopped",
        text="All gradients are 0 from here down: the sweep did not come so far.",
        done=zero,
        scopes=(BELOW,),
        least=0,
    ),
    Row(
        name="never assigned",
        text="All entries are 0: this gradient was never assigned, or to another name.",
        done=zero,
        least=0,
    ),
    known("sign", times(lambda _: -1.0), ALL),
    known("factor 2", times(lambda _: 2.0), ALL),
    known("factor 1/2", times(lambda _: 0.5), ALL),
    known("missing 1/n", times(_samples(1)), ALL),
    known("extra 1/n", times(_samples(-1)), ALL),
    known("missing 1/K", times(_outputs(1)), ALL),
    known("extra 1/K", times(_outputs(-1)), ALL),
    Row(
        name="rate in the gradient",
        text="The rate is multiplied in: this is eta times the gradient, as a step has it.",
        done=times(_rate(1)),
        scopes=(ALL, ONE),
    ),
    Row(
        name="step for the gradient",
        text="This is the step, -eta times the gradient.",
        done=times(_rate(-1)),
        scopes=(ALL, ONE),
    ),
    known("sign on the way", times(lambda _: -1.0), BELOW, ONE),
    known("factor 2 on the way", times(lambda _: 2.0), BELOW, ONE),
    known("factor 1/2 on the way", times(lambda _: 0.5), BELOW, ONE),
    known("transposed", transposed, ALL, ONE, concerns=is_square),
    Row(
        name="reshaped for transposed",
        text="The entries are those of the transpose, read in its order: reshape does not transpose.",
        done=reshaped,
    ),
    Row(
        name="{what} exchanged",
        text="{What} {i} and {j} are exchanged.",
        done=ordered(exchanged),
    ),
    Row(
        name="{what} reversed",
        text="The {what} stand in reverse order.",
        done=turned(np.flip),
    ),
    *(
        Row(
            name="{what} shifted",
            text=f"The {{what}} are shifted by one, {end}: see where their numbers begin.",
            done=turned(partial(_rolled, by)),
        )
        for by, end in ((1, "the last around to the first"), (-1, "the first around to the last"))
    ),
    Row(
        name="{what} in another order",
        text="The {what} stand in another order: in place {i} stands number {j}.",
        done=ordered(permuted),
    ),
    Row(
        name="{what} left at 0",
        text="{rows} 0 and the others right: see where the loop begins and ends.",
        done=rows_left,
        least=0,
    ),
    Row(
        name="{one} and {other} exchanged",
        text="{one} and {other} stand in each other's place.",
        done=exchanged_arrays,
        placed=False,
    ),
    Row(
        name="another gradient",
        text="{other} stands in its place.",
        done=another_array,
    ),
    known("first sample only", only_sample(0), ALL, ONE),
    known("last sample only", only_sample(-1), ALL, ONE),
    Row(
        name="one sample's own gradient",
        text="This is the gradient of sample {sample} alone; that of the batch is the mean over all samples.",
        done=own_sample,
        scopes=(ALL, ONE),
    ),
    Row(
        name="a sample left out",
        text="Sample {sample} is left out; the gradient adds over all samples.",
        done=forgotten,
        scopes=(ALL, ONE),
    ),
    Row(
        name="summed over the units",
        text="delta was added up over the units; a bias's gradient adds over the samples.",
        done=summed(lambda delta: delta.sum(axis=1)),
    ),
    Row(
        name="summed over samples and units",
        text="delta was added up over all axes; a bias's gradient adds over the samples alone.",
        done=summed(np.sum),
    ),
    Row(
        name="averaged over samples and units",
        text="This is the mean of delta over all axes; a bias's gradient adds over the samples alone.",
        done=summed(np.mean),
    ),
    Row(
        name="averaged over the units",
        text="This is the mean of delta over the units; a bias's gradient adds over the samples.",
        done=summed(lambda delta: delta.mean(axis=1)),
    ),
    known("missing 1/n on the way", times(_samples(1)), ONE),
    known("extra 1/n on the way", times(_samples(-1)), ONE),
)
"""In the order in which they are tried, of one scope; the wider scopes first."""

UNLISTED = (
    Row(
        name="common factor",
        text="Every entry is {factor} times what it should be: one factor is common to all.{sizes}",
        done=common_factor,
        scopes=SCOPES,
        least=3,
    ),
)
"""What any wrong number could be, were it alone: tried where no slip is found."""

_MISTAKES = MappingProxyType({mistake.name: mistake for mistake in MISTAKES})


def handlings(handed: Handed, rows: Sequence[Row] = ROWS) -> Iterator[Handling]:
    """What was done to the arrays that are wrong, each of them explained once."""
    left = {name: array for name, array in handed.arrays.items() if array.wrong.any()}
    for scope in SCOPES:
        for row in rows:
            concerned = {name: array for name, array in handed.arrays.items() if row.concerns(array)}
            for names, where in _SPLITS[scope](concerned, left) if scope in row.scopes else ():
                arrays = [left[name] for name in names if name in left]
                if len(arrays) == len(names) and (made := _made(row, handed, arrays)):
                    words, values = made
                    yield Handling(*_named(handed, row, scope, where, words), values)
                    left = {name: array for name, array in left.items() if name not in names}


def _made(row: Row, handed: Handed, arrays: Sequence[Array]) -> tuple[Words, Mapping[str, Floats]] | None:
    """What the arrays become, if one thing was done to all of them."""
    if sum(array.telling for array in arrays) < row.least:
        return None
    found: Words | None = None
    values = dict[str, Floats]()
    for array in arrays:
        done = next((done for done in row.done(handed, array) if array.holds(done[0])), None)
        if done is None or (found is not None and done[1] != found):
            return None
        values[array.name], found = done
    return None if found is None else (found, values)


Arrays = Mapping[str, Array]
Parts = Iterator[tuple[Sequence[str], str]]


def _all(arrays: Arrays, left: Arrays) -> Parts:
    """Every array that is not 0 throughout, all of them wrong."""
    names = [name for name, array in arrays.items() if name in left or array.right.any()]
    if names and all(name in left for name in names):
        yield names, ""


def _below(arrays: Arrays, left: Arrays) -> Parts:
    """All of the layers up to one below the last, from the highest on."""
    layers = sorted({array.layer for array in arrays.values()})
    for l in layers[-2::-1]:
        names = [name for name, array in arrays.items() if array.layer <= l]
        if all(name in left for name in names):
            yield names, f"z{l}"


def _one(arrays: Arrays, left: Arrays) -> Parts:
    return (([name], name) for name in arrays if name in left)


_SPLITS = MappingProxyType({ALL: _all, BELOW: _below, ONE: _one})


def _named(handed: Handed, row: Row, scope: str, where: str, words: Words) -> tuple[str, str]:
    """The name and the sentence of a row at a place, those of the slip that comes to the same."""
    mistake = _MISTAKES.get(row.name)
    name = row.name.format_map(words)
    text = row.text.format_map(words) if mistake is None else mistake.said(handed.problem, handed.of)
    if scope == ALL or not row.placed:
        return name, text
    here = f"{layer_in_words(handed.problem, handed.of, where)} only"
    if mistake is None and scope == BELOW and where != "z1":
        here = f"in the layers 1 to {where[1:]}"
    return f"{name} in d{handed.of}/d{where}", f"{text} Here it is so {here}."
