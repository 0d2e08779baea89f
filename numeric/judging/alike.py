"""What a slip gives at thousands of entries: the lines of one array are alike, so one is read as all.

    dC/dw1[30,784] = dC/dz1[30] x[784]    as    dC/dw1[j,k] = dC/dz1[j] x[k]

An index that is the entry's own row or column stands for that of every other entry.
Whether it does is seen at further lines of the array; where these say otherwise,
nothing is claimed. The one line is then evaluated for all entries side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from flint import fmpq

from derive.slips import Made, Sweep
from derive.steps import Step, Term
from derive.sweep import adjoint
from numeric.balls.operations import Ball

Place = tuple[str, ...]
"""The indices of an entry: j and k of a weight, j of a bias."""

INDICES = re.compile(r"(?<=\[)[\d,]+(?=\])")
ACCURATE = 60
"""Bits of a value that is compared in nine digits."""


def by_array(keys: Iterable[str]) -> Mapping[str, list[str]]:
    """The entries of each array."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(key.partition("[")[0], []).append(key)
    return found


def examples(keys: Sequence[str]) -> tuple[str, ...]:
    """The entry of an array whose line is read, and those at which it is tried.

    Its own indices differ from each other, and at one of the others all are different, where there are such.
    """
    model = next(filter(_is_telling, reversed(keys)), keys[-1])
    own, first = {*place_of(model)}, next(filter(_is_telling, keys), keys[0])
    apart = next((key for key in filter(_is_telling, keys) if not {*place_of(key)} & own), first)
    return tuple(dict.fromkeys((model, apart, keys[0], keys[-1])))


def _is_telling(key: str) -> bool:
    place = place_of(key)
    return len({*place}) == len(place)


def line_of(sweep: Sweep, made: Made, of: str, seen: Sequence[str]) -> Step | None:
    """The one line of an array with the mistake in it, with {0} and {1} for the entry's own indices."""
    steps = [made.step(sweep, sweep.adjoints[adjoint(of, key)]) for key in seen]
    line = _template(steps[0], place_of(seen[0]))
    alike = (_at(line, place_of(key)) == step.terms for key, step in zip(seen, steps, strict=True))
    return line if all(alike) else None


def is_sharp(value: Ball) -> bool:
    """Whether a value is known well enough to be compared."""
    return isinstance(value, fmpq) or (bool(value.is_finite()) and value.rel_accuracy_bits() >= ACCURATE)


def place_of(key: str) -> Place:
    """30 and 784 of w1[30,784]."""
    found = INDICES.search(key)
    return tuple(found[0].split(",")) if found else ()


def _template(step: Step, own: Place) -> Step:
    """A step whose arguments have {0} and {1} for the indices of its own entry."""
    marks = {index: f"{{{axis}}}" for axis, index in enumerate(own)}

    def marked(arg: str) -> str:
        return INDICES.sub(lambda found: ",".join(marks.get(i, i) for i in found[0].split(",")), arg)

    return replace(
        step, terms=tuple(replace(term, args=tuple(map(marked, term.args))) for term in step.terms)
    )


def _at(line: Step, place: Place) -> tuple[Term, ...]:
    """The terms that a line gives for an entry."""
    return tuple(replace(term, args=tuple(arg.format(*place) for arg in term.args)) for term in line.terms)
