"""The cost from values alone, where one z of a layer has moved: of many points side by side.

    da_j    =  phi(z[l][j] moved) - a[l][j]
    z[l+1]  <-  z[l+1] + W[l+1][:, j] da_j

then full products up to the cost. Where the activation couples its layer, and in the
last layer, the layer is taken whole.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from numeric.floats.network import weighted_input
from numeric.floats.prepared import Indices
from numeric.floats.rounding import Floats, Plain, Rounded, quietly
from numeric.floats.secants import blocks
from numeric.floats.standing import Base

BLOCK = 3 << 14
"""Numbers of one layer that are moved at a time."""


def taken_whole(base: Base, l: int) -> bool:
    """Whether all of z[l] is wanted to go on from where one entry moved."""
    network = base.network
    rule = network.layer(l).activation
    return l == network.depth or rule.couples or rule.pieces > 1 or network.output is not None


def plain_cost(base: Base, l: int, unit: Indices, M: int, moved: Callable[[slice], Floats]) -> Floats:
    """C without its L2 term, (M, P), where z[l][unit] of P points is moved to M places each.

    moved  where to, (samples, M, points), of a run of the points
    """
    onward = _whole if taken_whole(base, l) else _rank_one
    costs = np.empty((M, len(unit)))
    with quietly():
        for run in _in_the_cache(base, l, len(unit), M):
            found = onward(base, l, unit[run], moved(run))
            costs[:, run] = found.broadcast_to((M * len(unit[run]),)).value.reshape(M, -1)
    return costs


def _in_the_cache(base: Base, l: int, points: int, M: int) -> list[slice]:
    """Runs of points that the processor's cache has room for."""
    width = max(base.network.widths[l if taken_whole(base, l) else l + 1 :])
    return blocks(points, len(base.problem.x) * M * width, BLOCK)


def _changes(base: Base, l: int, unit: Indices, moved: Floats) -> Floats:
    """da, (samples, M, P)"""
    here = base.run.a[l].value.take(unit, axis=1)[:, None]
    return np.asarray(base.rules[l].value(Plain(moved)).value - here)


def _rank_one(base: Base, l: int, unit: Indices, moved: Floats) -> Rounded:
    """z[l+1] + W[l+1][:, j] da_j"""
    change = _changes(base, l, unit, moved)[:, None]
    W, z = base.arrays.W[l + 1].value, base.run.z[l + 1].value
    after = W.take(unit, axis=1)[:, None] * change
    after += z[..., None, None]
    return _cost(base, l + 1, Plain(after.reshape(*z.shape, -1).transpose(2, 0, 1)))


def _whole(base: Base, l: int, unit: Indices, moved: Floats) -> Rounded:
    here = base.run.z[l].value.T
    z = np.broadcast_to(here[:, :, None, None], (len(here), *moved.shape)).copy()
    z[unit, :, :, np.arange(len(unit))] = moved.transpose(2, 0, 1)
    return _cost(base, l, Plain(z.reshape(*z.shape[:2], -1).T))


def _cost(base: Base, l: int, z: Plain) -> Rounded:
    """C without its L2 term from z[l] : (M P, samples, units) on, whose points lie side by side in memory."""
    network, arrays = base.network, base.plain
    if network.output is not None:
        return base.cost(base.run_from(l, z))
    last: Rounded = z
    for i in range(l, network.depth):
        last = weighted_input(arrays, i + 1, base.rules[i].value(last))
    assert arrays.Y is not None
    return reduced(base, base.total(last, arrays.Y))


def reduced(base: Base, costs: Rounded) -> Rounded:
    """The samples' costs, (..., samples), as C without its L2 term takes them together."""
    total = costs.sum(axis=-1)
    return total / Fraction(len(base.problem.x)) if base.network.reduction == "mean" else total
