"""What is left of an error after many linear maps: an ellipsoid, and a box for what floats lose of it.

    e[n+1] = J[n] e[n] + r[n],       |r[n]| <= rounding
    e[n]   = A z + s,                |z| <= 1 (Euclid's length),  |s| <= slack (entry by entry)

A box widens by all that a map merely turns ("wrapping"), in axes that turn with
it still by a little at each turn, and ten thousand turns make that a thousand
bits. An ellipsoid is mapped to an ellipsoid: J A holds all of it, however much J
turns, shears or is measured in unequal units. What is added to it, all of it
faint, is gathered in the box, and now and then the two are taken together:

    A z + s = S u,     S = [ a A    diag(b slack) ],     |u|^2 <= 1/a^2 + sum(1/b^2) = 1
    S = L W            W with orthonormal rows: L z is the new ellipsoid

with a little more than 1 while the box is faint: each of its sides has a b of
its own, so one that is long beside a flat ellipsoid widens no other. What floats
leave of S - L W is the new box; neither L nor W has to be exact.

Source: Lohner (1987), Enclosing the solutions of ordinary initial and boundary value problems, sec. 3;
Neumaier (1993), The wrapping effect, ellipsoid arithmetic, stability and confidence regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numeric.balls.float_balls import SMALLEST, UNIT, UP, Floats, LimitError

FAR = 2.0**900
"""Errors that floats will not hold much longer."""

FAINT, STEEP = 2.0**-6, 2.0**12
"""What a box may be of its ellipsoid, and what maps may enlarge it by, before it is taken into it."""

LEAST, MOST = 2.0**-16, 2.0**-6
"""What (a/b)^2 may be, side by side: 1 + sum((a/b)^2) is the square of what all is made wider by."""

SKEW = 2.0**-12
"""What |W u|^2 may come to beyond |u|^2: all is made as much wider."""


@dataclass(frozen=True, eq=False)
class ErrorSet:
    """All e = axes z + s with |z| <= 1 and, entry by entry, |s| <= slack.

    axes : (D, D)    slack : (D,)
    """

    axes: Floats
    slack: Floats

    @classmethod
    def around(cls, extent: Floats) -> ErrorSet:
        """The ellipsoid around the box of all errors that are, entry by entry, not larger than these."""
        return cls(np.diag(len(extent) ** 0.5 * UP * extent), np.zeros(len(extent)))

    @property
    def reach(self) -> Floats:
        """What the entries of an error are not larger than."""
        return _reach(_lengths(self.axes), self.slack)

    def scaled(self, factor: Floats) -> ErrorSet:
        """Each entry of the errors times a power of two."""
        return ErrorSet(factor[:, np.newaxis] * self.axes, factor * self.slack)

    def lifted(self, exponent: int) -> ErrorSet:
        """The errors times 2^exponent."""
        with np.errstate(under="ignore"):
            return ErrorSet(np.ldexp(self.axes, exponent), np.ldexp(self.slack, exponent) + SMALLEST)

    def gathered(self) -> ErrorSet:
        """An ellipsoid that holds the set, but for what floats lose."""
        size, lengths = len(self.slack), _lengths(self.axes)
        share = np.clip(self.slack / (lengths + SMALLEST), LEAST, MOST)
        wide = (1 + SKEW) * (1 + share.sum()) ** 0.5
        both = np.hstack([wide * self.axes, np.diag(wide * self.slack / np.sqrt(share))])
        rows, lower = (factor.T for factor in np.linalg.qr(both.T))
        gamma = (2 * size + 2) * UNIT
        if not np.abs(rows @ rows.T).sum(axis=1).max() + 2 * size * gamma < 1 + SKEW:
            raise LimitError("axes that are not orthogonal")
        lost = _lengths(both - lower @ rows) + gamma * 2 * size**0.5 * (_lengths(lower) + _lengths(both))
        return ErrorSet(lower, lost * UP)


def propagated(errors: ErrorSet, maps: Floats, off: Floats, rounding: Floats) -> tuple[ErrorSet, Floats]:
    """The errors after all maps, and what they are not larger than after each: (N, D).

    maps      J[n], about                                                    (N, D, D)
    off       what the entries of a row are off by at most                   (N, D)
    rounding  what the added vectors are not larger than                     (N, D)

    From where they are FAR on, nothing is said.
    """
    count, size = rounding.shape
    gamma = (size + 2) * UNIT
    reaches = np.full((count, size), np.inf)
    # SMALLEST is far more than what underflows; what overflows is FAR.
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        steep, enlarged = np.abs(maps), 1.0
        steepness = np.maximum(steep.sum(axis=2).max(axis=1), 1).tolist()
        lengths = _lengths(errors.axes)
        for n in range(count):
            moved = steep[n] @ (errors.slack + gamma * lengths)
            blurred = off[n] * (lengths + errors.slack).sum()
            errors = ErrorSet(maps[n] @ errors.axes, (moved + blurred + rounding[n] + SMALLEST) * UP)
            lengths = _lengths(errors.axes)
            reach = _reach(lengths, errors.slack)
            if not reach.max() < FAR:
                break
            reaches[n] = reach
            enlarged *= steepness[n]
            if enlarged > STEEP or (errors.slack > FAINT * reaches[n]).any():
                errors, enlarged = errors.gathered(), 1.0
                lengths = _lengths(errors.axes)
    return errors, reaches


def _reach(lengths: Floats, slack: Floats) -> Floats:
    reach: Floats = (lengths + slack) * UP
    return reach


def _lengths(rows: Floats) -> Floats:
    """Of each row, at most; of rows that floats hold, though not their squares."""
    peak = np.abs(rows).max() + SMALLEST
    with np.errstate(under="ignore"):
        scaled = rows / peak
        bound: Floats = peak * (np.sqrt((scaled * scaled).sum(axis=1) + SMALLEST) * UP)
    return bound
