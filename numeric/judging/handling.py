"""What was done to a right gradient: arrays set to 0, multiplied, put in another order or another's place.

    theirs = c g      theirs = P g      theirs = g^T      theirs = the share of sample s      ...

A row says what an array becomes; it holds where it gives all of it that is wrong
and spoils nothing. A slip of the derivation that comes to the same keeps its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from derive.slips import MISTAKES, layer_in_words
from numeric.judging.doings import (
    Doing,
    Words,
    another_array,
    common_factor,
    exchanged,
    exchanged_arrays,
    forgotten,
    is_square,
    only_sample,
    ordered,
    outputs,
    own_sample,
    permuted,
    rate,
    reshaped,
    rolled,
    rows_left,
    samples,
    summed,
    times,
    transposed,
    turned,
    zero,
)
from numeric.judging.handed import Array, Floats, Handed

ALL, BELOW, ONE = SCOPES = ("all", "below", "one")
"""The whole gradient, that of the layers up to one, that by one array."""


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
    known("missing 1/n", times(samples(1)), ALL),
    known("extra 1/n", times(samples(-1)), ALL),
    known("missing 1/K", times(outputs(1)), ALL),
    known("extra 1/K", times(outputs(-1)), ALL),
    Row(
        name="rate in the gradient",
        text="The rate is multiplied in: this is eta times the gradient, as a step has it.",
        done=times(rate(1)),
        scopes=(ALL, ONE),
    ),
    Row(
        name="step for the gradient",
        text="This is the step, -eta times the gradient.",
        done=times(rate(-1)),
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
            done=turned(partial(rolled, by)),
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
    known("missing 1/n on the way", times(samples(1)), ONE),
    known("extra 1/n on the way", times(samples(-1)), ONE),
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
