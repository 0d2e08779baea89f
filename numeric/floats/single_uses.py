"""The weights and biases that are used once, layer by layer, and how far each is moved.

Such a parameter moves one z of every sample,

    z[l][j]  <-  z[l][j] +- h a[l-1][k]        a bias as the weight of an input of 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from derive.problem import Network, Problem
from numeric.floats.network import output_places
from numeric.floats.prepared import Indices, once, uses_of
from numeric.floats.rounding import Bools, Floats
from numeric.floats.secants import power_of_two
from numeric.floats.standing import Base


@dataclass(frozen=True)
class Places:
    """Where a layer's parameters stand that are used once: W row by row and then b."""

    owner: Indices
    unit: Indices
    inputs: Indices


@once
def _places(problem: Problem) -> Mapping[int, Places]:
    network, uses = problem.body, uses_of(problem)
    assert isinstance(network, Network)
    found, first = dict[int, Places](), 0
    for l, layer in enumerate(network.layers, 1):
        rows, m = len(layer.weights), len(layer.weights[0])
        count = rows * m + len(layer.biases or ())
        places, owner = uses.single(first, count)
        first += count
        is_bias = places >= rows * m
        unit = np.where(is_bias, places - rows * m, places // m)
        inputs = np.where(is_bias, m, places % m)
        read = [j * (m + 1) + k for j, k in _read_by_output(problem, network, l)]
        free = ~np.isin(unit * (m + 1) + inputs, read)
        found[l] = Places(owner[free], unit[free], inputs[free])
    return found


def _read_by_output(problem: Problem, network: Network, l: int) -> list[tuple[int, int]]:
    """Unit and input of the weights and biases of layer l that an output's formula reads itself."""
    if network.output is None:
        return []
    m = len(network.layer(l).weights[0])
    places = output_places(problem, network.output).values()
    return [(i[0], i[1] if letter == "w" else m) for letter, of, i in places if letter in "wb" and of == l]


@dataclass(frozen=True)
class Moves:
    """Parameters of layer l that have no other use, moved to either side: z[l][unit] by h below[l][inputs].

    owner  the parameter's place among all of the problem's
    step   (inputs + 1,): h of those that read an input
    """

    l: int
    owner: Indices
    unit: Indices
    inputs: Indices
    step: Floats

    @classmethod
    def of(cls, base: Base, l: int) -> Moves:
        """All of a layer's, whose steps are powers of two with moves of 1 to 2 at the most."""
        at, below = _places(base.problem)[l], base.below[l].value
        return cls(l, at.owner, at.unit, at.inputs, power_of_two(np.abs(below).max(axis=0)))

    def __len__(self) -> int:
        return len(self.owner)

    def part(self, points: Indices | slice) -> Moves:
        """Some of them, in their order."""
        if not isinstance(points, slice) and len(points) == len(self):
            return self
        return Moves(self.l, self.owner[points], self.unit[points], self.inputs[points], self.step)

    def times(self, factor: float) -> Moves:
        """The same with longer or shorter steps."""
        return replace(self, step=self.step * factor)

    @cached_property
    def h(self) -> Floats:
        """(P,)"""
        return np.asarray(self.step[self.inputs])

    def still(self, base: Base) -> Bools:
        """Which multiply what is 0 for sure, so that they move nothing."""
        below = base.below[self.l]
        zero = ((below.value == 0) & (below.error == 0)).all(axis=0)
        return np.asarray(zero[self.inputs])
