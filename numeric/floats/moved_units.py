"""The cost as each weight moves the one z that it feeds: plain values, and a bound for every unit.

A weight w[l][j, k] moves by h to either side what its unit reads, and from there on

    z[l][j]  <-  z[l][j] +- h a[l-1][k]

moves the cost (`plain_moves`). Every weight is moved by itself, in float64 without
bounds, in blocks that stay in the processor's cache:

    dC/dw = (C(w + h) - C(w - h)) / 2h

By how much rounding and truncation may put that off is known from passes of its unit, whose
z goes at least as far (`unit_reach`). Where a unit's reach crosses a kink, or C does not bend
there as a smooth function, its weights are moved with bounds and three secants of
their own, one by one; and so are those of a small network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from derive.problem import Network, Problem
from numeric.floats.moved_parameters import Base, moved_decay, moved_z
from numeric.floats.network import output_places
from numeric.floats.plain_moves import plain_cost
from numeric.floats.prepared import Indices, once, uses_of
from numeric.floats.rounding import Bools, Floats, Rounded
from numeric.floats.secants import Secants, Slopes, blocks, claims_of, power_of_two, search, slopes
from numeric.floats.unit_reach import bound_of

SIDES = np.array([1.0, -1.0])
"""Where C is evaluated for each weight, in steps."""

FEW = 1 << 11
"""So few numbers are moved with bounds of their own, which is quicker than to bound their units."""

BLOCK = 1 << 17
"""Numbers of z that are moved at a time without bounds."""


@dataclass(frozen=True)
class Places:
    """Where a layer's parameters stand that are used once: unit by unit, its bias behind its weights."""

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
        at = unit * (m + 1) + inputs
        read = [j * (m + 1) + k for j, k in _read_by_output(problem, network, l)]
        order = np.argsort(at, kind="stable")
        order = order[~np.isin(at[order], read)]
        found[l] = Places(owner[order], unit[order], inputs[order])
    return found


def _read_by_output(problem: Problem, network: Network, l: int) -> list[tuple[int, int]]:
    """Unit and input of the weights and biases of layer l that an output's formula reads itself."""
    if network.output is None:
        return []
    m = len(network.layer(l).weights[0])
    places = output_places(problem, network.output).values()
    return [(i[0], i[1] if letter == "w" else m) for letter, of, i in places if letter in "wb" and of == l]


@dataclass(frozen=True)
class Layer:
    """The uses of layer l by parameters that have no other: each moves z[l][unit] by h below[l][inputs].

    scale  the power of two that makes the largest move of a step 1 to 2
    still  whether the weight's input is 0 for sure, so that it moves nothing
    """

    l: int
    owner: Indices
    unit: Indices
    inputs: Indices
    scale: Floats
    still: Bools

    @classmethod
    def of(cls, base: Base, l: int) -> Layer:
        at, below = _places(base.problem)[l], base.below[l]
        still = ((below.value == 0) & (below.error == 0)).all(axis=0)
        scale = power_of_two(np.abs(below.value).max(axis=0))
        return cls(l, at.owner, at.unit, at.inputs, scale[at.inputs], still[at.inputs])

    def only(self, points: Indices) -> Layer:
        """Some of its parameters, in their order."""
        if len(points) == len(self.owner):
            return self
        return Layer(
            l=self.l,
            owner=self.owner[points],
            unit=self.unit[points],
            inputs=self.inputs[points],
            scale=self.scale[points],
            still=self.still[points],
        )


def unit_slopes(base: Base, layer: Layer) -> Slopes:
    """Claims for the parameters of a layer that are used once."""
    size = 6 * len(base.problem.x) * max(base.network.widths[layer.l :])

    def probe(exponent: int, points: Indices) -> Slopes:
        part = layer.only(points)
        h = part.scale * 2.0**exponent
        return (_with_bounds if size * len(h) <= FEW else _plainly)(base, part, h)

    return search(len(layer.unit), probe)


def _with_bounds(base: Base, layer: Layer, h: Floats) -> Slopes:
    """By three secants of each weight."""
    found = moved_z(base, layer.l, layer.unit, layer.inputs, h)
    error = np.where(layer.still[:, None], 0.0, found.cost.error)
    cost, decay = Rounded(found.cost.value, error), moved_decay(base, layer.owner, h)
    return claims_of(Secants(cost if decay is None else cost + decay, h, found.crossed))


def _plainly(base: Base, layer: Layer, h: Floats) -> Slopes:
    """By one secant of each weight, under the bounds of its unit."""
    value, bound = _values(base, layer, h), bound_of(base, layer.l, layer.unit, layer.inputs, h)
    error = np.where(layer.still, 0.0, bound.error)
    decay = moved_decay(base, layer.owner, h, SIDES)
    with np.errstate(all="ignore"):
        if decay is not None:
            cost = Rounded(value.T, np.stack([error, error], axis=1)) + decay
            value, error = cost.value.T, cost.error.max(axis=1)
        change = value[0] - value[1]
        slope = change / (2 * h)
        noise = (error + 2.0**-53 * np.abs(change)) / h
    found = slopes(slope, bound.bend, noise, h, {}, {})
    if not bound.apart.any():
        return found
    apart = np.flatnonzero(bound.apart)
    return found.but(apart, _with_bounds(base, layer.only(apart), h[apart]))


# -- values ----------------------------------------------------------------------------------------


def _values(base: Base, layer: Layer, h: Floats) -> Floats:
    """C without its L2 term at both sides, (2, P), from values alone."""
    z, below = base.run.z[layer.l].value, base.below[layer.l].value
    costs = np.empty((2, len(h)))
    with np.errstate(all="ignore"):
        for block in blocks(len(h), 2 * len(z), BLOCK):
            unit = layer.unit[block]
            here, t = z[:, unit], below[:, layer.inputs[block]] * h[block]
            costs[:, block] = plain_cost(base, layer.l, unit, np.stack([here + t, here - t], axis=1))
    return costs
