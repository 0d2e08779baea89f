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

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from numeric.floats.joined_pass import onward, rounds, whole
from numeric.floats.kinks import crossed, margins_of
from numeric.floats.network import sample_costs
from numeric.floats.plain_moves import plain_cost, reduced, taken_whole
from numeric.floats.prepared import Indices
from numeric.floats.rounded import claim
from numeric.floats.rounding import TINY, Bools, Floats, Rounded, U
from numeric.floats.secants import OFFSETS, shrinking
from numeric.floats.single_uses import Moves
from numeric.floats.standing import Base

USUAL_BLUR = 16 * U
"""What a reach of 1 is off by where an input was rounded a few times: every unit's bound allows for it."""

NO_POINTS = np.arange(0)


@dataclass(frozen=True)
class Bound:
    """By point how far off C may be where its weight is moved to, and how far off its difference.

    error  of C
    bend   of the difference by truncation
    bent   what of that is no round-off for sure
    apart  the points whose unit cannot speak for them: its reach crosses a kink, or C does
           not bend there as a smooth function
    """

    error: Floats
    bend: Floats
    bent: Floats
    apart: Indices


@dataclass(frozen=True)
class Reach:
    """How far z of some units of layer l goes, and what that is off by at the most."""

    l: int
    units: Indices
    reach: float
    blur: float

    def __len__(self) -> int:
        return len(self.units)

    def part(self, points: slice) -> Reach:
        """That of some of the units."""
        return replace(self, units=self.units[points])


@dataclass(frozen=True)
class Found:
    """A bound by unit; bend and bent, (units, samples), are those of each sample's share of C by z.

    All else is (units,).
    """

    error: Floats
    bend: Floats
    bent: Floats
    apart: Bools


@dataclass(frozen=True)
class Spread:
    """How the moves of one layer lie within the reach of their units.

    units     those that have points
    size      (samples, inputs + 1): of what each sample's weights read
    farthest  (inputs + 1,): how far z goes at the most by a weight that reads this
    blur      (inputs + 1,): what that may be off by
    """

    moves: Moves
    units: Indices
    size: Floats
    farthest: Floats
    blur: Floats

    @classmethod
    def of_moves(cls, base: Base, moves: Moves) -> Spread:
        below = base.below[moves.l]
        size = np.abs(below.value) + below.error
        return cls(
            moves=moves,
            units=np.flatnonzero(np.bincount(moves.unit)),
            size=size,
            farthest=moves.step * size.max(axis=0),
            blur=moves.step * below.error.max(axis=0),
        )

    @property
    def reaches(self) -> list[Reach]:
        """Its units' with the usual blur; and where some point has more, with the most."""
        farthest, most = float(self.farthest.max()), float(self.blur.max())
        usual = USUAL_BLUR * farthest
        return [Reach(self.moves.l, self.units, farthest, blur) for blur in (usual, most) if blur >= usual]

    def bound(self, found: Sequence[Found]) -> Bound:
        """Every point's, from what was found at the units' reaches.

        A weight of an input that is 0 for sure moves nothing: of its C both sides are one number.
        """
        usual, most = found[0], self.size.max(axis=0)
        with np.errstate(all="ignore"):
            error = np.repeat(usual.error[:, None], len(most), axis=1)
            for worst in found[1:]:
                error += (worst.error - usual.error)[:, None] * (self.blur / self.blur.max())
            error[:, most == 0] = 0.0
            # size^2 / max size without the square, which may underflow
            reading = self.size * (self.size / np.maximum(most, TINY))
            reading *= self.farthest / self.farthest.max()
            bend, bent = (part @ reading for part in (usual.bend, usual.bent))
        row = np.cumsum(np.bincount(self.units, minlength=1)) - 1
        entry = (row * len(most))[self.moves.unit] + self.moves.inputs
        apart = np.flatnonzero(usual.apart[row][self.moves.unit]) if usual.apart.any() else NO_POINTS
        return Bound(error.take(entry), bend.take(entry), bent.take(entry), apart)


def bounds_of(base: Base, layers: Sequence[Moves]) -> list[Bound]:
    """What holds where the parameters of each layer are moved, unit by unit."""
    spreads = [Spread.of_moves(base, moves) for moves in layers]
    reaches = [reach for spread in spreads for reach in spread.reaches]
    found = iter(_at_reaches(base, reaches))
    return [spread.bound([next(found) for _ in spread.reaches]) for spread in spreads]


def _at_reaches(base: Base, reaches: Sequence[Reach]) -> list[Found]:
    """What is found at each, its units in their order."""
    parts = [
        _at(base, [reaches[place].part(points) for place, points in cut])
        for cut in rounds(base, [(reach.l, len(reach)) for reach in reaches])
    ]
    ends = np.cumsum([len(reach) for reach in reaches])[:-1]
    columns = [
        np.concatenate([getattr(p, column) for p in parts]) for column in ("error", "bend", "bent", "apart")
    ]
    return [Found(*rows) for rows in zip(*(np.split(column, ends) for column in columns), strict=True)]


def _at(base: Base, reaches: Sequence[Reach]) -> Found:
    """By one pass for the units of all layers."""
    joining, plain, kinks = dict[int, list[Rounded]](), list[Floats](), list[Bools]()
    M, P = len(OFFSETS), sum(map(len, reaches))
    for r in reaches:
        t, z = r.reach * OFFSETS[:, None], base.run.z[r.l].T[r.units][:, None, :]
        value = z.value + t
        moved = Rounded(value, z.error + U * (3 * np.abs(t) + 4 * np.abs(value)) + r.blur)
        if taken_whole(base, r.l):
            joining.setdefault(r.l, []).append(whole(base, r.l, r.units, moved))
            kinks.append(np.zeros(len(r), dtype=np.bool_))
        else:
            joining.setdefault(r.l + 1, []).append(_one_rank_on(base, r, moved))
            kinks.append(_own_kinks(base, r, moved))
        plain.append(_plain_costs(base, r, value))
    run = onward(base, joining, reordered=True)
    costs = sample_costs(base.problem, base.network, base.arrays, run)
    costs = costs.broadcast_to((P, M, len(base.problem.x)))
    most = Rounded(np.abs(costs.value).max(axis=1), costs.error.max(axis=1))
    reach = np.repeat([r.reach for r in reaches], [*map(len, reaches)])[:, None]
    with np.errstate(all="ignore"):
        off = np.abs(np.concatenate(plain, axis=1).T - reduced(base, costs).value).max(axis=1)
        found = shrinking(costs.swapaxes(0, 1), reach)
    share = len(base.problem.x) if base.network.reduction == "mean" else 1
    apart = np.concatenate(kinks) | ~found.settled.all(axis=1)
    for _, before, after in margins_of(base, base.arrays, run):
        points = len(after.value) if after.ndim > before.ndim else P
        passed = crossed(before, after.broadcast_to((points, M, *before.shape)))
        apart[:points] |= passed.reshape(points, -1).any(axis=1)
    return Found(reduced(base, most).error + off, found.bend / share, found.bent / share, apart)


def _plain_costs(base: Base, r: Reach, value: Floats) -> Floats:
    """C without its L2 term, (M, units), where z[l] of each has moved to `value` : (units, M, samples)."""
    return plain_cost(base, r.l, r.units, len(OFFSETS), lambda run: value[run].transpose(2, 1, 0))


def _own_kinks(base: Base, r: Reach, moved: Rounded) -> Bools:
    """Which units cross a kink of their own activation."""
    rule, here = base.rules[r.l], base.run.z[r.l].T[r.units][:, None, :]
    kinks = np.zeros(len(r), dtype=np.bool_)
    for before, after in zip(rule.margins(here), rule.margins(moved), strict=True):
        kinks |= crossed(before, after).reshape(len(r), -1).any(axis=1)
    return kinks


def _one_rank_on(base: Base, r: Reach, moved: Rounded) -> Rounded:
    """z[l+1] as far as one a_j moved it, where z[l][j] has moved to (units, M, samples).

        z[l+1] + W[l+1][:, j] (a_j - a[l][j]),   where z[l+1] was off by this and a_j is off by that

    W a[l] drops out of z[l+1], which was computed from that very a[l]: all that is added
    is W times what the moved a_j is off by, and the roundings of three operations.
    """
    z, a = base.run.z[r.l + 1], base.rules[r.l].value(moved)
    a = Rounded(a.value[..., None], a.error[..., None])
    W = base.arrays.W[r.l + 1].T[r.units][:, None, None, :]
    change = W.value * (a.value - base.run.a[r.l].value.T[r.units][:, None, :, None])
    value = z.value + change
    off = np.abs(W.value) * a.error + W.error * (np.abs(a.value) + a.error)
    return claim(value, z.error + off + U * (4 * np.abs(change) + 2 * np.abs(value)) + TINY)
