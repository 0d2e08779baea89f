"""A network where it stands, from which whatever is moved starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.problem import Network, Problem
from numeric.floats.network import Arrays, Pass, arrays_of, cost_of, forward, plainly, total_from, unit_rule
from numeric.floats.prepared import Uses, uses_of
from numeric.floats.rounded import product_rounded_once
from numeric.floats.rounding import Rounded
from numeric.floats.rules import Activation


@dataclass(frozen=True)
class Base:
    """A network where it stands: its arrays and its unmoved pass."""

    problem: Problem
    network: Network
    arrays: Arrays
    run: Pass

    @classmethod
    def of(cls, problem: Problem, network: Network) -> Base:
        arrays = arrays_of(problem, network)
        return cls(problem, network, arrays, _closely(network, arrays))

    @property
    def uses(self) -> Uses:
        return uses_of(self.problem)

    def run_from(self, l: int, z: Rounded) -> Pass:
        """The pass with this z[l], (..., samples, rows of W[l]); what stands before it is unmoved."""
        return self.unmoved_but(forward(self.network, self.arrays, start=l, z=z))

    def unmoved_but(self, moved: Pass) -> Pass:
        """What a pass has of the network, and of all else what stands here."""
        return Pass({**self.run.z, **moved.z}, {**self.run.a, **moved.a})

    def cost(self, run: Pass) -> Rounded:
        """C without its L2 term, of each pass in the leading axes."""
        return cost_of(self.problem, self.network, self.arrays, run)

    def round_off(self) -> float:
        """What C without its L2 term may be off by here."""
        return float(self.cost(self.run).error)

    @cached_property
    def plain(self) -> Arrays:
        """The arrays without their errors."""
        return plainly(self.arrays)

    @cached_property
    def rules(self) -> Mapping[int, Activation]:
        """The hand-written row of each layer's activation."""
        return {l: unit_rule(layer.activation) for l, layer in enumerate(self.network.layers, 1)}

    @cached_property
    def total(self) -> Callable[[Rounded, Rounded], Rounded]:
        """Each sample's cost from the last weighted input and the targets."""
        return total_from(self.network)

    @cached_property
    def below(self) -> Mapping[int, Rounded]:
        """For each layer a[l-1] and behind it the 1 that a bias multiplies: (samples, n[l-1] + 1)."""
        return {l: _with_ones(self.run.a[l - 1]) for l in self.arrays.W}


def _closely(network: Network, arrays: Arrays) -> Pass:
    """The forward pass with sums that are rounded once: whatever is moved starts from here."""
    zs, activations = dict[int, Rounded](), {0: arrays.X}
    for l, layer in enumerate(network.layers, 1):
        product, bias = product_rounded_once(activations[l - 1], arrays.W[l].T), arrays.b[l]
        zs[l] = product if bias is None else product + bias
        activations[l] = unit_rule(layer.activation).value(zs[l])
    return Pass(zs, activations)


def _with_ones(a: Rounded) -> Rounded:
    one = np.ones((a.shape[0], 1))
    return Rounded(np.hstack([a.value, one]), np.hstack([a.error, np.zeros_like(one)]))
