"""The error of an output layer whose targets sum to 1: what the sum over its routes comes to.

    dC/dz_j = sum over k of dC/da_k da_k/dz_j = a_j sum over k of y_k - y_j = a_j - y_j

A softmax and its cross-entropy have a route through each output. The targets'
sum is what the cost states of them; where those of a file have another one, it
is not used.

Source: Goodfellow et al. (2016), sec. 6.2.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sympy as sp

from derive.problem import Network, Problem
from derive.rules import A, Y
from derive.special.pairs import Pair
from derive.steps import activation_keys

NONE: Mapping[Any, sp.Expr] = MappingProxyType({})


@dataclass(frozen=True)
class Settled:
    """errors  dC/dz of each output unit, by the key of z; targets  the keys whose sum is 1"""

    errors: Mapping[str, sp.Expr] = field(default_factory=lambda: NONE)
    targets: tuple[str, ...] = ()

    def of(self, of: str, by: str) -> sp.Expr | None:
        """The derivative of one quantity by another, where it is known so."""
        return self.errors.get(by) if of == "C" else None

    @property
    def last(self) -> Mapping[sp.Symbol, sp.Expr]:
        """The last target as 1 less the others."""
        if not self.targets:
            return NONE
        *others, last = map(sp.Symbol, self.targets)
        return {last: 1 - sp.Add(*others)}


NOTHING = Settled()


def settled(problem: Problem) -> Settled:
    """The output errors of one sample; none where the cost assumes nothing of its targets' sum."""
    network = problem.body
    if not isinstance(network, Network) or network.cost is None:
        return NOTHING
    rule = network.layers[-1].activation
    if not rule.couples or not Pair.is_possible(rule, network.cost):
        return NOTHING
    pair = Pair(rule, network.cost)
    given = [row for row in problem.y if None not in row]
    if not pair.is_assumed or any(sum(filter(None, row)) != 1 for row in given):
        return NOTHING
    error = pair.result
    if error.other != 0 or error.own.free_symbols != {A, Y}:
        return NOTHING
    outputs = activation_keys(network, network.depth, "")
    targets = tuple(f"y[{j}]" for j in range(1, len(outputs) + 1))
    return Settled(
        {
            f"z{network.depth}[{j}]": error.own.xreplace({A: sp.Symbol(a), Y: sp.Symbol(y)})
            for j, (a, y) in enumerate(zip(outputs, targets, strict=True), 1)
        },
        targets,
    )
