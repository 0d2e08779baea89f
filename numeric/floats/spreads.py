"""Errors that keep their signs from layer to layer: claims that stay sharp in deep networks.

A running claim adds up sizes. With e[l] what z[l] may be off by, S the slope of the secant of phi
between the number at hand and the true one, and r[l] what layer l itself rounds,

    e[l] = W[l] S e[l-1] + r[l]        |e[l]| <= |W[l]| |S| |e[l-1]| + |r[l]|

and with depth the products of |W| grow, though those of W do not. Here an error stays a combination
of all that was rounded on the way (a zonotope),

    e[l] = sum over i of G[l]_i eps_i,   |eps_i| <= 1        G[l] = (W[l] S G[l-1], diag r[l])

so only the last step takes sizes: |e[l]| <= sum over i of |G[l]_i|. By the mean value theorem S is
one of the slopes that phi' has within the claim of z, so phi' of a claimed z holds it; what it
leaves open, and what rounds in the products, is part of r[l]. Backwards the same holds of delta,
which the four equations take linearly: what they do to delta, they do to each of its errors.

Source: Kühn (1998), Rigorously computed orbits of dynamical systems without the wrapping effect,
Computing 61; de Figueiredo and Stolfi (2004), Affine arithmetic, Numerical Algorithms 37.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from derive.problem import Network
from numeric.floats.network import Arrays, Pass, activation_value, unit_rule, weighted_input
from numeric.floats.rounded import claim, quiet
from numeric.floats.rounding import Bools, Floats, Rounded, in_doubt, where

MOST = 2**20
"""Numbers in all ways together; beyond, the errors so far are taken as sizes and start afresh."""


def is_deep(network: Network, samples: int) -> bool:
    """Whether an error comes to some unit in several ways, which may cancel, and these can be told apart."""
    return network.depth > 2 and samples * max(network.widths[1:]) ** 2 <= MOST


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """value + the sum over i of ways[i] eps_i with |eps_i| <= 1, other eps for each sample.

    value  (samples, n)
    ways   (m, samples, n)
    """

    value: Floats
    ways: Floats

    @classmethod
    @quiet
    def of(cls, center: Rounded, ways: Rounded | None = None) -> Self:
        """Of a center and its ways; what these may be off by is one more way for each unit."""
        own = center.error if ways is None else center.error + ways.error.sum(axis=0)
        fresh = _apart(own)
        if ways is None:
            return cls(center.value, fresh)
        found = cls(center.value, np.concatenate((ways.value, fresh)))
        return found if found.ways.size <= MOST else cls(center.value, _apart(found.known.error))

    @property
    @quiet
    def known(self) -> Rounded:
        """The same as a claim."""
        return claim(self.value, np.abs(self.ways).sum(axis=0))


def _apart(error: Floats) -> Floats:
    """Every unit's error as a way of its own, grown for the roundings of sums; (n, samples, n)."""
    grown = error * (1 + 1e-9)
    return np.where(np.eye(error.shape[-1], dtype=np.bool_)[:, None, :], grown, 0.0)


def forward_spread(network: Network, arrays: Arrays, *, textbook: bool = False) -> Pass:
    """The pass over all layers, with claims from errors that keep their signs."""
    spread = Spread.of(weighted_input(arrays, 1, arrays.X))
    zs, activations = {1: spread.known}, {0: arrays.X}
    for l in range(1, network.depth + 1):
        activations[l] = activation_value(network.layer(l).activation, zs[l], textbook=textbook)
        if l < network.depth:
            spread = _onward(network, arrays, l, spread, activations[l], textbook)
            zs[l + 1] = spread.known
    return Pass(zs, activations)


def _onward(network: Network, arrays: Arrays, l: int, spread: Spread, a: Rounded, textbook: bool) -> Spread:
    """z[l+1] from z[l]; a unit near a kink, or of a layer that is no row of units, starts afresh from a[l].

    A slope of 0 on both sides says nothing of a jump between them, as step has one.
    """
    rule, z = network.layer(l).activation, spread.known
    row = unit_rule(rule)
    if row.slope is None:
        return Spread.of(weighted_input(arrays, l + 1, a))
    here = activation_value(rule, Rounded.exact(spread.value), textbook=textbook)
    moved = row.pull(z, Rounded.exact(spread.ways))
    afresh: Bools = np.zeros(z.shape, dtype=np.bool_)
    for margin in row.margins(z):
        afresh = afresh | in_doubt(margin)
    center = weighted_input(arrays, l + 1, where(afresh, a, here))
    return Spread.of(center, where(afresh, 0.0, moved) @ arrays.W[l + 1].swapaxes(-1, -2))
