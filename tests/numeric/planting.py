"""Faults planted in right gradients: one row a kind, and what must be said of each.

A fault counts where the planted number is not itself what a correct backward pass may
return. That is proved, from the enclosure and from backprop's bound: a number further from
the truth than the stable bound must not be accepted, and one further than the textbook
form's bound must be called wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite

import numpy as np

from derive.problem import Network, Problem
from numeric.balls.enclosure import Enclosure
from numeric.evidence import Evidence, verify
from numeric.floats.backprop import backprop
from numeric.floats.claims import Claim
from numeric.floats.network import place_of
from numeric.judging.checking import Checked, check

Numbers = dict[str, float]
"""A gradient by the parameters' keys."""

HALF_UNIT = Fraction(1, 2**52)
SMALLEST = Fraction(5e-324)


@dataclass(frozen=True)
class Ground:
    """A network with its proven gradient and the bounds of both kinds of backward pass."""

    name: str
    problem: Problem

    @cached_property
    def evidence(self) -> Evidence:
        return verify(self.problem)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each entry is called, shared parameters by their own names."""
        return {row.entry[1]: row.name for row in self.evidence}

    @cached_property
    def truths(self) -> Mapping[str, Enclosure]:
        assert self.evidence.agree, f"{self.name}: {self.evidence.verdict}"
        return {row.entry[1]: row.symbolic for row in self.evidence}

    @cached_property
    def right(self) -> Numbers:
        """Correctly rounded."""
        return {key: float(truth.mid) for key, truth in self.truths.items()}

    @cached_property
    def stable(self) -> Mapping[str, Claim]:
        return {key: claim for (_, key), claim in backprop(self.problem).items()}

    @cached_property
    def plain(self) -> Mapping[str, Claim]:
        return {key: claim for (_, key), claim in backprop(self.problem, textbook=True).items()}

    def check(self, gradient: Numbers) -> Checked:
        return check({self.names[key]: value for key, value in gradient.items()}, self.problem)

    def is_beyond(self, key: str, value: float, claims: Mapping[str, Claim]) -> bool:
        """Whether a number is proved not to be what a backward pass with these claims may return."""
        truth, bound = self.truths[key], claims[key].error
        off = abs(Fraction(value) - truth.mid) - truth.radius
        if off <= max(HALF_UNIT * abs(truth.mid), SMALLEST):
            return False
        return off > Fraction(bound) if isfinite(bound) else value != claims[key].value

    def verdict_on(self, key: str, value: float) -> str:
        """What must be said of a number: nothing of one that may be right."""
        if not self.is_beyond(key, value, self.stable):
            return ""
        return "wrong" if self.is_beyond(key, value, self.plain) else "imprecise"


@dataclass(frozen=True)
class Fault:
    """A gradient with a fault in some of its entries."""

    kind: str
    gradient: Numbers
    changed: tuple[str, ...]


Planter = Callable[[Ground, np.random.Generator], Numbers]
"""The numbers to plant, by entry; none where there is nothing to plant them in."""


def scaled(factor: float) -> Planter:
    def plant(ground: Ground, rng: np.random.Generator) -> Numbers:
        key = str(rng.choice([*ground.right]))
        return {key: ground.right[key] * factor}

    return plant


def exchanged(ground: Ground, rng: np.random.Generator) -> Numbers:
    """Two entries in each other's place."""
    keys = [*ground.right]
    if len(keys) < 2:
        return {}
    one, other = rng.choice(keys, size=2, replace=False)
    return {str(one): ground.right[str(other)], str(other): ground.right[str(one)]}


def everywhere(factor: float) -> Planter:
    return lambda ground, _: {key: value * factor for key, value in ground.right.items()}


def first_layer(factor: float) -> Planter:
    return lambda ground, _: {
        p.key: ground.right[p.key] * factor
        for p in ground.problem.parameters
        if place_of(p.places[0])[1] == 1
    }


def transposed(ground: Ground, _: np.random.Generator) -> Numbers:
    """Every square W of the gradient, mirrored; another one would not even have the right shape."""
    body = ground.problem.body
    assert isinstance(body, Network)
    square = [layer.weights for layer in body.layers if len(layer.weights) == len(layer.weights[0])]
    pairs = [
        pair
        for W in square
        for row, column in zip(W, zip(*W, strict=True), strict=True)
        for pair in zip(row, column, strict=True)
    ]
    return {key: ground.right[mirrored] for key, mirrored in pairs}


KINDS: Mapping[str, Planter] = {
    "one x (1 + 1e-6)": scaled(1 + 1e-6),
    "one x 1.01": scaled(1.01),
    "one negated": scaled(-1.0),
    "one zeroed": scaled(0.0),
    "two exchanged": exchanged,
    "all zero": everywhere(0.0),
    "all negated": everywhere(-1.0),
    "all x (1 + 1e-6)": everywhere(1 + 1e-6),
    "transposed": transposed,
    "first layer zero": first_layer(0.0),
    "first layer x 1.01": first_layer(1.01),
}


def plant(ground: Ground, kind: str, rng: np.random.Generator) -> Fault | None:
    """A fault of a kind; None where it changes no number at all."""
    numbers = KINDS[kind](ground, rng)
    changed = tuple(key for key, value in numbers.items() if value != ground.right[key])
    return Fault(kind, {**ground.right, **numbers}, changed) if changed else None


@dataclass(frozen=True)
class Found:
    """What `check` made of a fault.

    counts  whether any planted number is beyond what a correct backward pass may return
    missed  the entries of which less was said than must be
    spoilt  untouched entries that were not accepted
    """

    counts: bool
    imprecise: bool
    missed: tuple[str, ...]
    spoilt: tuple[str, ...]


def judge(ground: Ground, fault: Fault) -> Found:
    result = ground.check(fault.gradient)
    said = dict(zip(fault.gradient, (entry.verdict for entry in result), strict=True))
    due = {key: ground.verdict_on(key, fault.gradient[key]) for key in fault.changed}
    missed = tuple(key for key, verdict in due.items() if not enough(said[key], verdict))
    spoilt = tuple(key for key in ground.right if key not in fault.changed and said[key] != "agree")
    if any(due.values()) and result:
        missed = fault.changed
    return Found(any(due.values()), "wrong" not in due.values(), missed, spoilt)


def enough(said: str, due: str) -> bool:
    """A number beyond every bound is wrong; one beyond the stable bound is not accepted."""
    return said == "wrong" if due == "wrong" else said != "agree" if due else True
