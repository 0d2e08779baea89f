"""The cost as each weight moves the one z that it feeds: plain values, and a bound for every unit.

A weight w[l][j, k] moves by t/h = offset what its unit reads, and from there on

    z[l][j]  <-  z[l][j] + t,                t = offset h a[l-1][k]
    da_j      =  phi(z[l][j] + t) - a[l][j]
    z[l+1]   <-  z[l+1] + W[l+1][:, j] da_j

then full products up to the cost. Every weight is moved by itself, in float64
without bounds, in blocks that stay in the processor's cache. Where the activation
couples its layer, and in the last layer, the layer is taken whole.

The bound. All weights of a unit move the same z[l][j], none farther than the unit's
reach: by step and scale all go about as far. Passes with running bounds at its ends say
what float64 may lose there, for each sample; the largest of these holds between
them, since a running bound is a sum of magnitudes and steepnesses of the pass: these
change no faster than C itself, and a claim is made only where secants at h/2, h and
2h say that C hardly bends there. Added to it at every layer is what
a plain pass may round otherwise than the bounded one: the product h a, the two sums,
da_j, and the product by W; and by how much both passes really differ at those
points, should a formula choose another form where it knows no errors.

What a itself may be off by is known better than the worst in its layer: the bound
grows ever faster with such a blur of the move, so it lies below the straight line
between little and the worst, where a weight has its place.

Where a unit's reach crosses a kink, its weights are moved with bounds, one by one; and so
are those of a small network.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numeric.floats.moved_parameters import Base, crossed, margins_of, moved_decay, moved_z
from numeric.floats.network import (
    Pass,
    output_places,
    sample_costs,
    weighted_input,
)
from numeric.floats.prepared import Indices
from numeric.floats.rounded import claim
from numeric.floats.rounding import TINY, Bools, Floats, Plain, Rounded, U
from numeric.floats.secants import OFFSETS, Secants, Slopes, blocks, power_of_two, search

ENDS = np.array([1.0, -1.0, 0.0])
"""Where a unit's round-off is bounded: at the ends of its reach and in the middle."""

USUAL_BLUR = 16 * U
"""What a reach of 1 is off by where an input was rounded a few times: every unit's bound allows for it."""

FEW = 1 << 11
"""So few numbers are moved with bounds of their own, which is quicker than to bound their units."""

BLOCK = 1 << 16
"""Numbers of one layer that are moved at a time without bounds."""


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
        sizes = [W.value.size + len(base.network.layer(i).biases or ()) for i, W in base.arrays.W.items()]
        places, owner = base.uses.single(sum(sizes[: l - 1]), sizes[l - 1])
        rows, m = base.arrays.W[l].shape
        is_bias = places >= rows * m
        unit = np.where(is_bias, places - rows * m, places // m)
        inputs = np.where(is_bias, m, places % m)
        read = _read_by_output(base, l)
        if read:
            kept = ~np.isin(unit * (m + 1) + inputs, [j * (m + 1) + k for j, k in read])
            owner, unit, inputs = owner[kept], unit[kept], inputs[kept]
        below = base.below[l]
        still = ((below.value == 0) & (below.error == 0)).all(axis=0)
        scale = power_of_two(np.abs(below.value).max(axis=0))
        return cls(l, owner, unit, inputs, scale[inputs], still[inputs])


def _read_by_output(base: Base, l: int) -> list[tuple[int, int]]:
    """Unit and input of the weights and biases of layer l that an output's formula reads itself."""
    if base.network.output is None:
        return []
    m = base.arrays.W[l].shape[1]
    places = output_places(base.problem, base.network.output).values()
    return [(i[0], i[1] if letter == "w" else m) for letter, of, i in places if letter in "wb" and of == l]


def unit_slopes(base: Base, layer: Layer) -> Slopes:
    """Claims for the parameters of a layer that are used once."""

    size = 6 * len(base.problem.x) * max(base.network.widths[layer.l :])

    def probe(exponent: int, points: Indices) -> Secants:
        unit, inputs = layer.unit[points], layer.inputs[points]
        h = np.ldexp(layer.scale[points], exponent)
        few = size * len(points) <= FEW
        found = (moved_z if few else _moved_plainly)(base, layer.l, unit, inputs, h)
        error = np.where(layer.still[points, None], 0.0, found.cost.error)
        cost, decay = Rounded(found.cost.value, error), moved_decay(base, layer.owner[points], h)
        return Secants(cost if decay is None else cost + decay, h, found.crossed)

    return search(len(layer.unit), probe)


def _moved_plainly(base: Base, l: int, unit: Indices, inputs: Indices, h: Floats) -> Secants:
    """As `moved_z`: values from plain passes and bounds of the units; with its own near a kink."""
    value = _values(base, l, unit, inputs, h)
    bound = _bound(base, l, unit, inputs, h)
    error = np.repeat(bound.error[:, None], 6, axis=1)
    near = np.flatnonzero(bound.crossed)
    if not len(near):
        return Secants(Rounded(value, error), h, {})
    found = moved_z(base, l, unit[near], inputs[near], h[near])
    value[near], error[near] = found.cost.value, found.cost.error
    return Secants(Rounded(value, error), h, {int(near[p]): text for p, text in found.crossed.items()})


# -- values ----------------------------------------------------------------------------------------


def _values(base: Base, l: int, unit: Indices, inputs: Indices, h: Floats) -> Floats:
    """C without its L2 term, (P, 6), from values alone."""
    width = base.network.widths[l if _taken_whole(base, l) else l + 1]
    z, below = base.run.z[l].value.T, base.below[l].value.T
    costs = np.empty((6, len(h)))
    with np.errstate(all="ignore"):
        for block in blocks(len(h), 6 * z.shape[1] * width, BLOCK):
            j = unit[block]
            t = below[inputs[block]].T[:, None, :] * (OFFSETS[:, None] * h[block])
            costs[:, block] = _plain_cost(base, l, j, z[j].T[:, None, :] + t).value.reshape(6, -1)
    return costs.T


def _taken_whole(base: Base, l: int) -> bool:
    """Whether all of z[l] is wanted to go on from where one entry moved."""
    network = base.network
    rule = network.layer(l).activation
    return l == network.depth or rule.couples or rule.pieces > 1 or network.output is not None


def _plain_cost(base: Base, l: int, unit: Indices, moved: Floats) -> Rounded:
    """C without its L2 term, (M P,), where z[l][unit] of P points is as `moved` : (samples, M, P) has it."""
    cost = (_whole if _taken_whole(base, l) else _rank_one)(base, l, unit, moved)
    return cost.broadcast_to((moved[0].size,))


def _rank_one(base: Base, l: int, unit: Indices, moved: Floats) -> Rounded:
    a = base.rules[l].value(Plain(moved)).value
    change = a - base.run.a[l].value.T[unit].T[:, None, :]
    W = base.arrays.W[l + 1].value.take(unit, axis=1)  # an index would lay each point's units side by side
    z = W[:, None, None, :] * change
    z += base.run.z[l + 1].value.T[:, :, None, None]
    return _cost(base, l + 1, _side_by_side(z))


def _whole(base: Base, l: int, unit: Indices, moved: Floats) -> Rounded:
    here = base.run.z[l].value.T
    z = np.broadcast_to(here[:, :, None, None], (len(here), *moved.shape)).copy()
    z[unit, :, :, np.arange(len(unit))] = moved.transpose(2, 0, 1)
    return _cost(base, l, _side_by_side(z))


def _side_by_side(z: Floats) -> Plain:
    """(units, samples, M, P) as (M P, samples, units), in memory as it lies."""
    return Plain(z.reshape(*z.shape[:2], -1).T)


def _cost(base: Base, l: int, z: Plain) -> Rounded:
    """C without its L2 term from z[l] on."""
    network, arrays = base.network, base.plain
    if network.output is not None:
        return base.cost(base.run_from(l, z))
    last: Rounded = z
    for i in range(l, network.depth):
        last = weighted_input(arrays, i + 1, base.rules[i].value(last))
    assert arrays.Y is not None
    return _reduced(base, base.parts(last, arrays.Y).sum(axis=-1))


def _reduced(base: Base, costs: Rounded) -> Rounded:
    """The samples' costs, (..., samples), as C without its L2 term takes them together."""
    total = costs.sum(axis=-1)
    return total / Fraction(len(base.problem.x)) if base.network.reduction == "mean" else total


# -- bounds ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bound:
    """By point how far off C may be where it is moved to, and whether its unit's reach crosses a kink."""

    error: Floats
    crossed: Bools


def _bound(base: Base, l: int, unit: Indices, inputs: Indices, h: Floats) -> Bound:
    below = base.below[l]
    blur = 2 * h * below.error.max(axis=0)[inputs]
    reach = float((2 * h * np.abs(below.value).max(axis=0)[inputs]).max())
    present = np.bincount(unit, minlength=base.arrays.W[l].shape[0]) > 0
    units, place = np.flatnonzero(present), (np.cumsum(present) - 1)[unit]
    usual, most = USUAL_BLUR * reach, float(blur.max())
    error, kinks = _at_reach(base, l, reach, units, usual)
    bound = error[place]
    if most > usual:
        blurred, _ = _at_reach(base, l, reach, units, most)
        with np.errstate(all="ignore"):
            bound += (blurred - error)[place] * (blur / most)
    return Bound(np.where(np.isfinite(bound), bound, np.inf), kinks[place])


def _at_reach(base: Base, l: int, reach: float, units: Indices, blur: float) -> tuple[Floats, Bools]:
    """For each unit the bound on C while z[l] of it moves so far, and whether a kink is crossed."""
    t = reach * ENDS
    size = len(t) * len(base.problem.x) * max(base.network.widths[l:])
    parts = [_at(base, l, t, units[block], blur) for block in blocks(len(units), size)]
    errors, kinks = zip(*parts, strict=True)
    return np.concatenate(errors), np.concatenate(kinks)


def _at(base: Base, l: int, t: Floats, units: Indices, blur: float) -> tuple[Floats, Bools]:
    z = base.run.z[l]
    shape, points = (len(units), len(t), *z.shape), np.arange(len(units))
    value, error = (np.broadcast_to(part, shape).copy() for part in (z.value, z.error))
    moved = z.value.T[units][:, None, :] + t[:, None]
    value[points, :, :, units] = moved
    error[points, :, :, units] += U * (3 * np.abs(t[:, None]) + 4 * np.abs(moved)) + blur
    run = _bounded_pass(base, l, units, Rounded(value, error))
    cost = sample_costs(base.problem, base.network, base.arrays, run).broadcast_to(shape[:3])
    sup = Rounded(np.abs(cost.value).max(axis=1), cost.error.max(axis=1))
    total, at_most = _reduced(base, cost), _reduced(base, sup)
    with np.errstate(all="ignore"):
        at = np.repeat(units, len(t))
        plain = _plain_cost(base, l, at, (z.value.T[at].T + np.tile(t, len(units)))[:, None, :])
        off = np.abs(plain.value.reshape(total.shape) - total.value).max(axis=1)
        error = at_most.error + off
    kinks = np.zeros(len(units), dtype=np.bool_)
    for _, before, after in margins_of(base, base.arrays, run):
        passed = crossed(before, after.broadcast_to((*shape[:2], *before.shape)))
        kinks |= passed.reshape(len(units), -1).any(axis=1)
    return error, kinks


def _bounded_pass(base: Base, l: int, units: Indices, z: Rounded) -> Pass:
    """The pass from z[l] : (U, points, samples, rows) on, where the u-th of the units has moved."""
    zs, activations = dict(base.run.z), dict(base.run.a)
    for i in range(l, base.network.depth + 1):
        if i == l:
            zs[i] = z
        elif i == l + 1 and not _taken_whole(base, l):
            zs[i] = _one_rank_on(base, l, units, activations[l])
        else:
            zs[i] = _otherwise(base, i, weighted_input(base.arrays, i, activations[i - 1]))
        activations[i] = base.rules[i].value(zs[i])
    return Pass(zs, activations)


def _one_rank_on(base: Base, l: int, units: Indices, a: Rounded) -> Rounded:
    """z[l+1] + W[l+1][:, j] (a_j - a[l][j]), where z[l+1] was off by this and that a_j is off by that.

    W a[l] drops out of z[l+1], which was computed from that very a[l]: all that is added
    is W times what the moved a_j is off by, and the roundings of three operations.
    """
    points, z = np.arange(len(units)), base.run.z[l + 1]
    moved = a[points, :, :, units][..., None]
    W = base.arrays.W[l + 1].T[units][:, None, None, :]
    change = W.value * (moved.value - base.run.a[l].value.T[units][:, None, :, None])
    value = z.value + change
    off = np.abs(W.value) * moved.error + W.error * (np.abs(moved.value) + moved.error)
    return claim(value, z.error + off + U * (4 * np.abs(change) + 2 * np.abs(value)) + TINY)


def _otherwise(base: Base, l: int, z: Rounded) -> Rounded:
    """z[l] with what the rounding of another order of its terms may be."""
    more = np.where(z.value == base.run.z[l].value, 0.0, 4 * U * np.abs(z.value))
    return Rounded(z.value, z.error + more)
