"""What central differences of a function can claim, from values alone.

    f'(w) = (f(w + h) - f(w - h)) / 2h,   with an error of about h^2 f'''/6

Secants at h/2, h and 2h must shrink about fourfold, or lie below the round-off of
f's values; only then is anything claimed. Where they shrink r-fold,

    inner = |near - fine|,  outer = |far - near| = r inner,  |near - f'| = outer / (r - 1)

so outer is three times the error where r = 4. Where the second derivative jumps at w
itself (softsign at 0, the edge of a Huber cost) r is 2 and outer no more than the error:
six times inner is thrice the error there too.

Many points stand side by side.

Source: Press et al. (2007), Numerical Recipes, sec. 5.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from numeric.floats.claims import Claim
from numeric.floats.prepared import Indices
from numeric.floats.rounding import Bools, Floats, Rounded

OFFSETS = np.array([0.5, -0.5, 1.0, -1.0, 2.0, -2.0])
"""Where f is evaluated, in steps."""

EXPONENTS = (-13, -17, -9, -21, -5, -25)
"""Steps are tried at these powers of two of a parameter's scale, the balanced cube root of eps first."""

LARGEST_EXPONENT = 1000

GOOD = 1e-6
"""A claim this tight, relative to its value, ends the search for a better step."""

NOT_FINITE = "the cost is not finite here"
UNSETTLED = "the secants do not settle"


@dataclass(frozen=True)
class Secants:
    """Values of f around each of P points: (P, 6) in the order of OFFSETS, for steps h : (P,).

    crossed  the kink between the outermost two, by point; only where there is one
    """

    cost: Rounded
    h: Floats
    crossed: Mapping[int, str]


@dataclass(frozen=True)
class Slopes:
    """What the secants of P points claim: value, error and step (P,), and by point what is in the way.

    bent  what of the error is truncation for sure
    """

    value: Floats
    error: Floats
    bent: Floats
    step: Floats
    why: Mapping[int, str]

    @property
    def poor(self) -> Bools:
        """Which claims are not tight."""
        return np.asarray(~(self.error <= GOOD * np.abs(self.value)))

    def only(self, points: Indices) -> Slopes:
        """Some of the points, in this order."""
        value, error, bent, step = (column[points] for column in self._columns)
        why = {i: self.why[p] for i, p in enumerate(points.tolist()) if p in self.why}
        return Slopes(value, error, bent, step, why)

    def but(self, points: Indices, others: Slopes) -> Slopes:
        """The same, but at some of the points what these others claim in their order."""
        value, error, bent, step = columns = [column.copy() for column in self._columns]
        for column, other in zip(columns, others._columns, strict=True):
            column[points] = other
        changed = {*points.tolist()}
        why = {p: text for p, text in self.why.items() if p not in changed}
        why |= {int(points[i]): text for i, text in others.why.items()}
        return Slopes(value, error, bent, step, why)

    def unless(self, crossed: Mapping[int, str]) -> Slopes:
        """The same, which claim nothing where something is in the way or a number is not finite."""
        infinite = np.flatnonzero(~(np.isfinite(self.value) & np.isfinite(self.error))).tolist()
        why = {**self.why, **dict.fromkeys(infinite, NOT_FINITE), **crossed}
        if not why:
            return self
        error = self.error.copy()
        error[[*why]] = np.inf
        return replace(self, error=error, why=why)

    @property
    def _columns(self) -> tuple[Floats, ...]:
        return self.value, self.error, self.bent, self.step

    def __getitem__(self, point: int) -> Claim:
        return Claim(
            float(self.value[point]),
            float(self.error[point]),
            self.why.get(point, ""),
            float(self.step[point]),
        )


def side_by_side(groups: Sequence[Slopes]) -> Slopes:
    """Those of some groups of points, one group after another."""
    columns = (np.concatenate(column) for column in zip(*(group._columns for group in groups), strict=True))
    value, error, bent, step = columns
    firsts = np.cumsum([0, *(len(group.value) for group in groups)]).tolist()
    why = {
        first + p: text for first, group in zip(firsts, groups, strict=False) for p, text in group.why.items()
    }
    return Slopes(value, error, bent, step, why)


Probe = Callable[[int, Indices], Slopes]
"""What some of the points claim, for steps of a power of two of their scale."""


@dataclass(frozen=True)
class Shrinking:
    """What three secants show of each point: the middle one's slope, and how far it may be off.

    bend   by truncation
    bent   what of that is no round-off for sure
    noise  by what its own values may be off
    settled  whether the three shrink as those of a smooth function do; else nothing is claimed
    """

    slope: Floats
    bend: Floats
    bent: Floats
    noise: Floats
    settled: Bools


def shrinking(cost: Rounded, h: Floats | float) -> Shrinking:
    """The secants of values (6, ...) in the order of OFFSETS, for steps h."""
    with np.errstate(all="ignore"):
        width = 2 * h * np.array([0.5, 1.0, 2.0]).reshape(3, *[1] * (cost.ndim - 1))
        change = cost.value[0::2] - cost.value[1::2]
        fine, near, far = change / width
        noise = (cost.error[0::2] + cost.error[1::2] + 2.0**-52 * np.abs(change)) / width
        inner, outer = np.abs(near - fine), np.abs(far - near)
        inner_noise, outer_noise = noise[0] + noise[1], noise[1] + noise[2]
        # Fourfold, give or take a factor of two and what round-off can hide.
        fourfold = (outer <= 8 * (inner + inner_noise) + outer_noise) & (
            inner <= outer / 2 + outer_noise + inner_noise
        )
        bend = np.maximum(outer, 6 * inner) + outer_noise
        return Shrinking(near, bend, np.maximum(outer - outer_noise, 0.0), noise[1], fourfold)


def claims_of(secants: Secants) -> Slopes:
    """What each point's secants can claim."""
    found = shrinking(secants.cost.T, secants.h)
    unsettled = dict.fromkeys(np.flatnonzero(~found.settled).tolist(), UNSETTLED)
    claimed = Slopes(found.slope, found.bend + found.noise, found.bent, secants.h, unsettled)
    return claimed.unless(secants.crossed)


def search(count: int, probe: Probe, round_off: Callable[[], float]) -> Slopes:
    """The best claim for each of so many points over the steps that may better it.

    probe      evaluates
    round_off  what f's value may be off by where nothing is moved
    """
    found = probe(EXPONENTS[0], np.arange(count))
    poor = np.flatnonzero(found.poor)
    return found.but(poor, _bettered(found.only(poor), poor, probe, round_off())) if len(poor) else found


def _bettered(best: Slopes, points: Indices, probe: Probe, round_off: float) -> Slopes:
    """The best claims over all steps but those at which more than the best is sure to be claimed.

    Round-off goes with 1/h, and truncation, as it shrinks, grows at least with h. Moved a
    little, f may be off by somewhat less than unmoved: half of that is counted on.
    """
    noise = (round_off / 2 if round_off < np.inf else 0.0) / np.ldexp(best.step, -EXPONENTS[0])
    bent = _at_a_step_of_1(best, EXPONENTS[0])
    for exponent in EXPONENTS[1:]:
        least = np.maximum(np.ldexp(noise, -exponent), np.ldexp(bent, exponent))
        hopeful = np.flatnonzero(best.poor & (least < best.error))
        if len(hopeful):
            found = probe(exponent, points[hopeful])
            better = np.flatnonzero(found.error < best.error[hopeful])
            best = best.but(hopeful[better], found.only(better))
            bent[hopeful] = np.maximum(bent[hopeful], _at_a_step_of_1(found, exponent))
    return best


def _at_a_step_of_1(found: Slopes, exponent: int) -> Floats:
    """The sure truncation of claims; 0 where nothing is claimed."""
    return np.ldexp(np.where(found.error < np.inf, found.bent, 0.0), -exponent)


def power_of_two(size: Floats) -> Floats:
    """The power of two just above 1/size, so that a step and its halves are exact.

    It is 1 for size 0 and for one beyond float64; of subnormal ones it would overflow.
    """
    exponent = -np.floor(np.log2(np.where((size > 0) & np.isfinite(size), size, 1.0)))
    return np.ldexp(1.0, np.minimum(exponent, LARGEST_EXPONENT).astype(np.intp))


CHUNK = 1 << 20
"""Numbers of one layer that are moved at a time, each with its bound."""


def blocks(points: int, size: int, limit: int | None = None) -> list[slice]:
    """Runs of points, of `size` numbers each, that hold no more than CHUNK or `limit` numbers."""
    step = max(1, (limit or CHUNK) // size)
    return [slice(first, min(first + step, points)) for first in range(0, points, step)]


def joined(parts: list[Rounded]) -> Rounded:
    """Blocks of points one after another."""
    if len(parts) == 1:
        return parts[0]
    values, errors = zip(*((part.value, part.error) for part in parts), strict=True)
    return Rounded(np.concatenate(values), np.concatenate(errors))
