"""What is known of the cost while one z of a layer goes as far as the farthest of its weights' moves.

All weights of a unit move the same z[l][j], none farther than the reach T: by step and
scale all go about as far. Passes with running bounds at T/2, T and 2T to either side say,
for each sample,

    error  what float64 may lose: the largest of the six holds between them, since a
           running bound is a sum of magnitudes and steepnesses of the pass: these change
           no faster than C itself, and a claim is made only where these secants say that
           C hardly bends there;
    bend   how far the secant over T may be off the slope in z[l][j] (`secants.shrinking`);
           over t it is off by bend t/T at most, since it shrinks at least in proportion. Of a
           weight that reads a_s in sample s, t_s = h |a_s| and the difference may be off by

               sum over s of |a_s| bend_s t_s/T

Added to the error at every layer is what a plain pass may round otherwise than the bounded
one: the product h a, the two sums, da_j, and the product by W; and by how much both passes
really differ at those points, should a formula choose another form where it knows no errors.

What a itself may be off by is known better than the worst in its layer: the bound
grows ever faster with such a blur of the move, so it lies below the straight line
between little and the worst, where a weight has its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numeric.floats.moved_parameters import Base, crossed, margins_of
from numeric.floats.network import Pass, sample_costs, weighted_input
from numeric.floats.plain_moves import plain_cost, reduced, taken_whole
from numeric.floats.prepared import Indices
from numeric.floats.rounded import claim
from numeric.floats.rounding import TINY, Bools, Floats, Rounded, U
from numeric.floats.secants import OFFSETS, blocks, shrinking

USUAL_BLUR = 16 * U
"""What a reach of 1 is off by where an input was rounded a few times: every unit's bound allows for it."""


@dataclass(frozen=True)
class Bound:
    """By point how far off C may be where its weight is moved to, and how far off its difference.

    error  of C
    bend   of the difference by truncation
    apart  whether its unit cannot speak for it: the reach crosses a kink, or C does not
           bend there as a smooth function
    """

    error: Floats
    bend: Floats
    apart: Bools


def bound_of(base: Base, l: int, unit: Indices, inputs: Indices, h: Floats) -> Bound:
    """What holds where w[l][unit, inputs] of P points, unit by unit, are moved by h to either side."""
    below = base.below[l]
    size = np.abs(below.value) + below.error
    farthest = h * size.max(axis=0)[inputs]
    reach = float(farthest.max())
    blur, usual = h * below.error.max(axis=0)[inputs], USUAL_BLUR * reach
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    units, counts = unit[first], np.diff(first, append=len(unit))
    found = _at_reach(base, l, reach, units, usual)
    error, most = np.repeat(found.error, counts), float(blur.max())
    with np.errstate(all="ignore"):
        if most > usual:
            more = _at_reach(base, l, reach, units, most).error - found.error
            error += np.repeat(more, counts) * (blur / most)
        # size^2 / max size without the square, which may underflow
        bends = found.bend @ (size * (size / np.maximum(size.max(axis=0), TINY)))
        bend = bends[np.repeat(np.arange(len(units)), counts), inputs] * (farthest / reach)
    return Bound(error, bend, np.repeat(found.apart, counts))


@dataclass(frozen=True)
class Reach:
    """The same by unit: bend (units, samples) is that of each sample's share of C by z, all else (units,)."""

    error: Floats
    bend: Floats
    apart: Bools


def _at_reach(base: Base, l: int, reach: float, units: Indices, blur: float) -> Reach:
    size = len(OFFSETS) * len(base.problem.x) * max(base.network.widths[l:])
    parts = [_at(base, l, reach, units[block], blur) for block in blocks(len(units), size)]
    return Reach(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Reach.__dataclass_fields__)
    )


def _at(base: Base, l: int, reach: float, units: Indices, blur: float) -> Reach:
    t, z = reach * OFFSETS[:, None], base.run.z[l].T[units][:, None, :]
    value = z.value + t
    moved = Rounded(value, z.error + U * (3 * np.abs(t) + 4 * np.abs(value)) + blur)
    run, kinks = (_whole if taken_whole(base, l) else _one_rank_on)(base, l, units, moved)
    shape = moved.shape
    costs = sample_costs(base.problem, base.network, base.arrays, run).broadcast_to(shape)
    most = Rounded(np.abs(costs.value).max(axis=1), costs.error.max(axis=1))
    with np.errstate(all="ignore"):
        M = len(OFFSETS)
        plain = plain_cost(base, l, units, value.transpose(2, 1, 0))
        off = np.abs(plain.T - reduced(base, costs).value).max(axis=1)
        found = shrinking(Rounded(costs.value.swapaxes(0, 1), costs.error.swapaxes(0, 1)), reach)
    share = len(base.problem.x) if base.network.reduction == "mean" else 1
    for _, before, after in margins_of(base, base.arrays, run):
        passed = crossed(before, after.broadcast_to((len(units), M, *before.shape)))
        kinks |= passed.reshape(len(units), -1).any(axis=1)
    kinks |= ~found.settled.all(axis=1)
    return Reach(reduced(base, most).error + off, found.bend / share, kinks)


def _whole(base: Base, l: int, units: Indices, moved: Rounded) -> tuple[Pass, Bools]:
    """The pass from z[l] on, where the u-th of the units has moved to (U, M, samples); none at a kink yet."""
    z, points = base.run.z[l], np.arange(len(units))
    shape = (*moved.shape[:2], *z.shape)
    value, error = (np.broadcast_to(part, shape).copy() for part in (z.value, z.error))
    value[points, :, :, units], error[points, :, :, units] = moved.value, moved.error
    return _onward(base, l, Rounded(value, error)), np.zeros(len(units), dtype=np.bool_)


def _one_rank_on(base: Base, l: int, units: Indices, moved: Rounded) -> tuple[Pass, Bools]:
    """The pass from z[l+1] on, as far as one a_j moved it; and which units cross a kink of their own.

        z[l+1] + W[l+1][:, j] (a_j - a[l][j]),   where z[l+1] was off by this and a_j is off by that

    W a[l] drops out of z[l+1], which was computed from that very a[l]: all that is added
    is W times what the moved a_j is off by, and the roundings of three operations.
    """
    rule, z = base.rules[l], base.run.z[l + 1]
    here = base.run.z[l].T[units][:, None, :]
    kinks = np.zeros(len(units), dtype=np.bool_)
    for before, after in zip(rule.margins(here), rule.margins(moved), strict=True):
        kinks |= crossed(before, after).reshape(len(units), -1).any(axis=1)
    a = rule.value(moved)
    a = Rounded(a.value[..., None], a.error[..., None])
    W = base.arrays.W[l + 1].T[units][:, None, None, :]
    change = W.value * (a.value - base.run.a[l].value.T[units][:, None, :, None])
    value = z.value + change
    off = np.abs(W.value) * a.error + W.error * (np.abs(a.value) + a.error)
    after = claim(value, z.error + off + U * (4 * np.abs(change) + 2 * np.abs(value)) + TINY)
    return _onward(base, l + 1, after), kinks


def _onward(base: Base, l: int, z: Rounded) -> Pass:
    """The pass from this z[l] on, each later z with what another order of its terms may round."""
    zs, activations = {l: z}, {0: base.run.a[0], l: base.rules[l].value(z)}
    for i in range(l + 1, base.network.depth + 1):
        following = weighted_input(base.arrays, i, activations[i - 1])
        more = np.where(following.value == base.run.z[i].value, 0.0, 4 * U * np.abs(following.value))
        zs[i] = Rounded(following.value, following.error + more)
        activations[i] = base.rules[i].value(zs[i])
    return Pass(zs, activations)
