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

from collections.abc import Mapping, Sequence

import numpy as np

from numeric.floats.joined_pass import onward, rounds, whole
from numeric.floats.kinks import crossings
from numeric.floats.moved_parameters import moved_decay
from numeric.floats.plain_moves import plain_cost
from numeric.floats.prepared import Indices
from numeric.floats.rounding import Floats, Rounded
from numeric.floats.secants import OFFSETS, Secants, Slopes, claims_of, joined, search, side_by_side
from numeric.floats.single_uses import Moves
from numeric.floats.standing import Base
from numeric.floats.unit_reach import Bound, bounds_of

SIDES = np.array([1.0, -1.0])
"""Where C is evaluated for each weight, in steps."""

FEW = 1 << 13
"""So few numbers are moved with bounds of their own, which is quicker than to bound their units."""


def unit_slopes(base: Base, layers: Sequence[Moves]) -> Slopes:
    """Claims for the parameters of some layers that are used once, one layer after another."""
    starts = np.cumsum([0, *map(len, layers)])

    def probe(exponent: int, points: Indices) -> Slopes:
        cut = np.split(points, np.searchsorted(points, starts[1:-1]))
        parts = [layer.part(at - first) for layer, at, first in zip(layers, cut, starts, strict=False)]
        moves = [part.times(2.0**exponent) for part in parts if len(part)]
        size = len(OFFSETS) * len(base.problem.x) * max(base.network.widths[moves[0].l :])
        return (_with_bounds if size * len(points) <= FEW else _plainly)(base, moves)

    return search(int(starts[-1]), probe, base.round_off)


def _with_bounds(base: Base, moves: Sequence[Moves]) -> Slopes:
    """By three secants of each weight."""
    found, owner = moved_z(base, moves), np.concatenate([layer.owner for layer in moves])
    still = np.concatenate([layer.still(base) for layer in moves])
    error = np.where(still[:, None], 0.0, found.cost.error)
    cost, decay = Rounded(found.cost.value, error), moved_decay(base, owner, found.h)
    return claims_of(Secants(cost if decay is None else cost + decay, found.h, found.crossed))


def _plainly(base: Base, moves: Sequence[Moves]) -> Slopes:
    """By one secant of each weight, under the bounds of its unit."""
    bounds = bounds_of(base, moves)
    found = side_by_side([_secants(base, layer, bound) for layer, bound in zip(moves, bounds, strict=True)])
    own = [layer.part(bound.apart) for layer, bound in zip(moves, bounds, strict=True) if len(bound.apart)]
    if not own:
        return found
    starts = np.cumsum([0, *map(len, moves)])
    apart = np.concatenate([first + bound.apart for first, bound in zip(starts, bounds, strict=False)])
    return found.but(apart, _with_bounds(base, own))


def _secants(base: Base, moves: Moves, bound: Bound) -> Slopes:
    """Those of one layer."""
    value, error, h = _values(base, moves), bound.error, moves.h
    decay = moved_decay(base, moves.owner, h, SIDES)
    with np.errstate(all="ignore"):
        if decay is not None:
            cost = Rounded(value.T, np.stack([error, error], axis=1)) + decay
            value, error = cost.value.T, cost.error.max(axis=1)
        change = value[0] - value[1]
        noise = (error + 2.0**-53 * np.abs(change)) / h
        return Slopes(change / (2 * h), bound.bend + noise, bound.bent, h, {}).unless({})


# -- values ----------------------------------------------------------------------------------------


def _values(base: Base, moves: Moves) -> Floats:
    """C without its L2 term at both sides, (2, P), from values alone."""
    z, t = base.run.z[moves.l].value, base.below[moves.l].value * moves.step

    def moved(run: slice) -> Floats:
        by = t.take(moves.inputs[run], axis=1)[:, None] * SIDES[:, None]
        by += z.take(moves.unit[run], axis=1)[:, None]
        return np.asarray(by)

    return plain_cost(base, moves.l, moves.unit, len(SIDES), moved)


# -- values with bounds ----------------------------------------------------------------------------


def moved_z(base: Base, moves: Sequence[Moves]) -> Secants:
    """C without its L2 term as each parameter moves, one layer after another."""
    parts, kinks, P = list[Rounded](), dict[int, str](), 0
    for cut in rounds(base, [(layer.l, len(layer)) for layer in moves]):
        layers = [moves[place].part(points) for place, points in cut]
        joining: Mapping[int, list[Rounded]] = {layer.l: [_moved(base, layer)] for layer in layers}
        run, count = onward(base, joining), sum(map(len, layers))
        parts.append(base.cost(run).broadcast_to((count, len(OFFSETS))))
        kinks |= {P + p: text for p, text in crossings(base, base.arrays, run, count).items()}
        P += count
    return Secants(joined(parts), np.concatenate([layer.h for layer in moves]), kinks)


def _moved(base: Base, moves: Moves) -> Rounded:
    """z[l] of points at the six places of each, (P, 6, samples, rows of W[l])."""
    steps = Rounded.exact(moves.h[:, None] * OFFSETS)
    below = base.below[moves.l].T[moves.inputs]
    z = base.run.z[moves.l].T[moves.unit]
    return whole(base, moves.l, moves.unit, z[:, None, :] + steps[:, :, None] * below[:, None, :])
