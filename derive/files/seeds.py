"""Weights and biases drawn from a seed, the same on every machine.

    r = sqrt(6/(n[l-1] + n[l])),   entries uniform on the decimals -R/10^4, ..., R/10^4 with R = floor(10^4 r)

where n[l] counts the rows of W[l]: the units, or the pieces of all units.

Each is a decimal of at most four places, so that what a page prints is exactly
what is used. Biases are drawn like the weights of their layer. Every array has
a stream of its own: one seed gives other numbers in another layer, and other
ones to W[l] than to b[l].

The numbers come from PCG64's raw 64-bit integers, which NumPy guarantees not to
change (a Generator's methods may), by multiplying and shifting: an entry u of the stream
becomes floor(u (2R + 1) / 2^64) - R. No float is involved.

Source: Glorot and Bengio (2010), eq. 16.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

UNIT = 10**4
"""One over the last decimal place."""

WEIGHTS, BIASES = 0, 1


def drawn_weights(seed: int, l: int, rows: int, inputs: int) -> list[list[Fraction]]:
    """W[l] : (rows, inputs), row by row."""
    flat = _drawn(seed, l, WEIGHTS, rows * inputs, _reach(rows, inputs))
    return [flat[start : start + inputs] for start in range(0, len(flat), inputs)]


def drawn_biases(seed: int, l: int, rows: int, inputs: int) -> list[Fraction]:
    """b[l] : (rows,)"""
    return _drawn(seed, l, BIASES, rows, _reach(rows, inputs))


def _reach(rows: int, inputs: int) -> int:
    """R, from integers alone."""
    return isqrt(6 * UNIT**2 // (inputs + rows))


def _drawn(seed: int, l: int, kind: int, count: int, reach: int) -> list[Fraction]:
    from numpy.random import PCG64, SeedSequence

    stream = PCG64(SeedSequence(seed, spawn_key=(l, kind))).random_raw(count)
    return [Fraction((int(raw) * (2 * reach + 1) >> 64) - reach, UNIT) for raw in stream]
