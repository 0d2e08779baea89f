"""What was done to a right gradient: arrays set to 0, multiplied, put in another order or another's place.

    theirs = c g      theirs = P g      theirs = g^T      theirs = the share of sample s      ...

A row says what an array becomes; it holds where it gives all of it that is wrong
and spoils nothing. A slip of the derivation that comes to the same keeps its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from types import MappingProxyType

import numpy as np

from derive.slips import MISTAKES, layer_in_words
from numeric.judging.doings import (
    Doing,
    Done,
    Words,
    another_array,
    common_factor,
    decay_added,
    decay_alone,
    decayed,
    exchanged,
    exchanged_arrays,
    forgotten,
    is_square,
    is_weights,
    listed,
    only_sample,
    ordered,
    outputs,
    own_sample,
    permuted,
    rate,
    reshaped,
    rolled,
    rows_times,
    samples,
    share_of_sample,
    some_turned,
    summed,
    times,
    transposed,
    turned,
    zero,
)
from numeric.judging.handed import Array, Floats, Handed
from numeric.judging.singles import FEW

ALL, MOST, BELOW, SOME = SCOPES = ("all", "most", "below", "some")
"""The whole gradient, all of it but a few arrays, that of the layers up to one, that by single arrays."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that is done to a gradient.

    name, text  with {words} of `done`; without a text that of the slip of this name
    scopes      to how much of the gradient at once it is done
    least       so many entries other than 0 must show it
    concerns    the arrays to which it can be done
    placed      whether the sentence leaves open where it was done
    """

    name: str
    text: str
    done: Doing
    scopes: tuple[str, ...] = (SOME,)
    least: int = 1
    concerns: Callable[[Array], bool] = lambda _: True
    placed: bool = True


@dataclass(frozen=True)
class Handling:
    """A row, done to some arrays.

    here    where that is, as a sentence ends; "" where the text says it, or it is everywhere
    arrays  those that have it, with what they become
    """

    name: str
    text: str
    here: str
    arrays: Mapping[str, Floats]


# -- the table -------------------------------------------------------------------------------------


def known(name: str, done: Doing, *scopes: str, concerns: Callable[[Array], bool] = lambda _: True) -> Row:
    """A slip of the derivation that comes to the same."""
    return Row(name=name, text="", done=done, scopes=scopes, concerns=concerns)


def on_the_way(name: str, said: str, factor: Callable[[Handed], float | None]) -> tuple[Row, Row]:
    """A factor that all layers up to one have, and one that single arrays have."""
    done = times(factor)
    return known(name, done, BELOW), Row(name=name, text=said, done=done)


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
        name="L2 term alone",
        text="Nothing but the L2 term is left: the sweep never ran, or what it found was not stored.",
        done=decay_alone,
        scopes=(ALL,),
    ),
    Row(
        name="sweep stopped",
        text="From here down nothing but the L2 term is left: the sweep did not come so far.",
        done=decay_alone,
        scopes=(BELOW,),
    ),
    Row(
        name="never assigned",
        text="All entries are 0: this gradient was never assigned, or to another name.",
        done=zero,
        least=0,
    ),
    Row(
        name="L2 term alone",
        text="Nothing but the L2 term is left: what the data give was never added.",
        done=decay_alone,
        concerns=is_weights,
    ),
    known("sign", times(lambda _: -1.0), ALL, MOST),
    known("factor 2", times(lambda _: 2.0), ALL, MOST),
    known("factor 1/2", times(lambda _: 0.5), ALL, MOST),
    known("missing 1/n", times(samples(1)), ALL, MOST),
    known("extra 1/n", times(samples(-1)), ALL, MOST),
    known("missing 1/K", times(outputs(1)), ALL, MOST),
    known("extra 1/K", times(outputs(-1)), ALL, MOST),
    known("missing L2 term", decayed(lambda _: 0.0), ALL, SOME, concerns=is_weights),
    known("L2 term doubled", decayed(lambda _: 2.0), ALL, SOME, concerns=is_weights),
    known("L2 term halved", decayed(lambda _: 0.5), ALL, SOME, concerns=is_weights),
    known("sign of the L2 term", decayed(lambda _: -1.0), ALL, SOME, concerns=is_weights),
    known("L2 without 1/n", decayed(samples(1)), ALL, SOME, concerns=is_weights),
    known("L2 term on a bias", decay_added, ALL, SOME, concerns=lambda array: not array.is_weights),
    Row(
        name="L2 term in each use",
        text="The share of one use of a shared weight has no L2 term, which belongs to the total once.",
        done=decay_added,
        scopes=(ALL, SOME),
        concerns=is_weights,
    ),
    Row(
        name="rate in the gradient",
        text="The rate is multiplied in: this is eta times the gradient, as a step has it.",
        done=times(rate(1)),
        scopes=(ALL, MOST, SOME),
    ),
    Row(
        name="step for the gradient",
        text="This is the step, -eta times the gradient.",
        done=times(rate(-1)),
        scopes=(ALL, MOST, SOME),
    ),
    *on_the_way("sign on the way", "Every entry has the sign turned.", lambda _: -1.0),
    *on_the_way("factor 2 on the way", "Every entry is twice what it should be.", lambda _: 2.0),
    *on_the_way("factor 1/2 on the way", "Every entry is half of what it should be.", lambda _: 0.5),
    known("transposed", transposed, ALL, SOME, concerns=is_square),
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
        done=rows_times(0.0),
        least=0,
    ),
    *(
        Row(name=f"{{what}} {done}", text=f"{{rows}} {done} and the others right.", done=rows_times(by))
        for done, by in (("turned in sign", -1.0), ("doubled", 2.0), ("halved", 0.5))
    ),
    Row(
        name="sign of some entries",
        text="The sign is turned in {some} of {all} entries and the others are right.",
        done=some_turned,
        least=FEW + 1,
    ),
    Row(
        name="{both} exchanged",
        text="{both} stand in each other's place.",
        done=exchanged_arrays,
        placed=False,
    ),
    Row(
        name="another gradient",
        text="{other} stands in its place.",
        done=another_array,
    ),
    known("first sample only", only_sample(0), ALL, SOME),
    known("last sample only", only_sample(-1), ALL, SOME),
    Row(
        name="one sample only",
        text="This is the share of sample {sample} alone; the gradient adds over all samples.",
        done=share_of_sample,
        scopes=(ALL, SOME),
    ),
    Row(
        name="one sample's own gradient",
        text="This is the gradient of sample {sample} alone; that of the batch is the mean over all samples.",
        done=own_sample,
        scopes=(ALL, SOME),
    ),
    Row(
        name="a sample left out",
        text="Sample {sample} is left out; the gradient adds over all samples.",
        done=forgotten,
        scopes=(ALL, SOME),
    ),
    known("extra 1/n on the way", times(samples(-1)), SOME),
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
    known("missing 1/n on the way", times(samples(1)), SOME),
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
            for found in _SPLITS[scope](row, handed, concerned, left) if scope in row.scopes else ():
                yield _named(handed, row, scope, found)
                left = {name: array for name, array in left.items() if name not in found.arrays}


Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Made:
    """What some arrays become under a row, with the words for its sentence.

    where  z2 where it was done to all layers up to this
    rest   the arrays beside these that are wrong too, where it was done to most
    """

    words: Words
    arrays: Mapping[str, Floats]
    where: str = ""
    rest: Sequence[str] = ()


def _made(row: Row, handed: Handed, arrays: Sequence[Array]) -> Iterator[Made]:
    """What the arrays become, if one thing was done to all of them."""
    if sum(array.telling for array in arrays) < row.least:
        return
    found = list(takewhile(bool, (list(_holding(row, handed, array)) for array in arrays)))
    for _, words in found[0] if len(found) == len(arrays) else ():
        same = [next((values for values, said in done if said == words), None) for done in found]
        values = {array.name: v for array, v in zip(arrays, same, strict=True) if v is not None}
        if len(values) == len(arrays):
            yield Made(words, values)
            return


def _holding(row: Row, handed: Handed, array: Array) -> Iterator[Done]:
    return (done for done in row.done(handed, array) if array.holds(done[0]))


def _all(row: Row, handed: Handed, arrays: Arrays, left: Arrays) -> Iterator[Made]:
    """Every array, all of them wrong but those that would stay as they are."""
    wrong = [left[name] for name in arrays if name in left]
    if wrong and all(name in left or _stays(row, handed, array) for name, array in arrays.items()):
        yield from _made(row, handed, wrong)


def _stays(row: Row, handed: Handed, array: Array) -> bool:
    """Whether it would leave an array as it is: one that is 0, or next to nothing but the L2 term."""
    return not array.right.any() or any(array.keeps(values) for values, _ in row.done(handed, array))


def _telling(arrays: Arrays, left: Arrays) -> list[str]:
    return [name for name, array in arrays.items() if name in left or array.right.any()]


def _most(row: Row, handed: Handed, arrays: Arrays, left: Arrays) -> Iterator[Made]:
    """More than half of all arrays, where all are wrong: something else was done to the others."""
    names = _telling(arrays, left)
    for made in _some(row, handed, arrays, left) if all(name in left for name in names) else ():
        if 2 * len(made.arrays) > len(names) > 2:
            yield replace(made, rest=[name for name in names if name not in made.arrays])


def _below(row: Row, handed: Handed, arrays: Arrays, left: Arrays) -> Iterator[Made]:
    """All of the layers up to one below the last, from the highest on."""
    done = set[str]()
    for l in sorted({array.layer for array in arrays.values()})[-2::-1]:
        names = [name for name, array in arrays.items() if array.layer <= l and name not in done]
        if names and all(name in left for name in names):
            for made in _made(row, handed, [left[name] for name in names]):
                done |= {*names}
                yield replace(made, where=f"z{l}")


def _some(row: Row, handed: Handed, arrays: Arrays, left: Arrays) -> Iterator[Made]:
    """Single arrays, those together to which the same was done."""
    groups: dict[frozenset[tuple[str, object]], Made] = {}
    for name in arrays:
        for made in _made(row, handed, [left[name]]) if name in left else ():
            alike = frozenset(made.words.items())
            others = groups[alike].arrays if alike in groups else {}
            groups[alike] = replace(made, arrays={**others, **made.arrays})
    yield from groups.values()


_SPLITS = MappingProxyType({ALL: _all, MOST: _most, BELOW: _below, SOME: _some})


def _named(handed: Handed, row: Row, scope: str, made: Made) -> Handling:
    """A row at its place, with the sentence of the slip that comes to the same where it has none."""
    mistake = _MISTAKES.get(row.name)
    name = row.name.format_map(made.words)
    text = row.text.format_map(made.words) or (mistake.said(handed.problem, handed.of) if mistake else "")
    here = ""
    if scope == MOST:
        here = f"in all but {_listed(handed, made.rest)}"
    elif scope != ALL and row.placed:
        where = made.where or next(iter(made.arrays))
        here = layer_in_words(handed.problem, handed.of, where)
        if row.text and scope == BELOW and where != "z1":
            here = f"in the layers 1 to {where[1:]}"
        if len(made.arrays) > 1 and scope == SOME:
            where = _listed(handed, [*made.arrays])
            name, here = f"{name} in {where}", f"in {where}"
        else:
            name = f"{name} in d{handed.of}/d{where}"
    return Handling(name, text, here, made.arrays)


def _listed(handed: Handed, names: Sequence[str]) -> str:
    """dC/dw1, dC/dw2 and dC/db2"""
    return listed([f"d{handed.of}/d{name}" for name in names])
