"""The gradient in mpmath at so many digits: the four equations in lists of numbers.

At 60 digits this is the peer of our enclosures, and proves nothing; at 1,000 it is what all
errors are measured against.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

from tests.benchmarks.peers.nets import Net

DIGITS = 60
TRUTH = 1000
"""1 - sigma(1000) has its first digit at place 435."""

MANY = 10_000
"""Parameters of a network that is not worked to so many digits: none of its units is saturated."""

SMALLEST = mpf(5e-324)


def _softmax(z):
    e = [mpmath.exp(u) for u in z]
    whole = mpmath.fsum(e)
    return [u / whole for u in e]


def _pulled_through_softmax(a, g):
    mean = mpmath.fdot(a, g)
    return [u * (v - mean) for u, v in zip(a, g, strict=True)]


def _each(slope):
    return lambda a, g: [v * slope(u) for u, v in zip(a, g, strict=True)]


PHI = {
    "identity": lambda z: z,
    "sigmoid": lambda z: [1 / (1 + mpmath.exp(-u)) for u in z],
    "tanh": lambda z: [mpmath.tanh(u) for u in z],
    "relu": lambda z: [u if u > 0 else mpf(0) for u in z],
    "softmax": _softmax,
}
PULL = {
    "identity": _each(lambda a: 1),
    "sigmoid": _each(lambda a: a * (1 - a)),
    "tanh": _each(lambda a: 1 - a * a),
    "relu": _each(lambda a: 1 if a > 0 else 0),
    "softmax": _pulled_through_softmax,
}
SLOPE = {
    "half_squared_error": lambda a, y: a - y,
    "squared_error": lambda a, y: 2 * (a - y),
    "cross_entropy": lambda a, y: -y / a,
    "binary_cross_entropy": lambda a, y: (a - y) / (a * (1 - a)),
}


def gradient_of(net: Net, digits: int = DIGITS) -> Callable[[], list[mpf]]:
    """The gradient of one sample's cost; the numbers are made beforehand."""

    def numbers(array: np.ndarray) -> list[list[mpf]]:
        return [[mpf(v) for v in row] for row in array.tolist()]

    (x,), (y,) = numbers(net.X), numbers(net.Y)
    layers = [
        (unit, numbers(W), None if b is None else numbers(b)[0]) for unit, W, b in net.layers(net.parts)
    ]

    def gradient() -> list[Any]:
        with mpmath.workdps(digits):
            a = [x]
            for unit, W, b in layers:
                z = [mpmath.fdot(row, a[-1]) for row in W]
                a.append(PHI[unit](z if b is None else [u + v for u, v in zip(z, b, strict=True)]))
            g = [SLOPE[net.cost](u, t) for u, t in zip(a[-1], y, strict=True)]
            found: list[Any] = []
            for l in range(len(layers) - 1, -1, -1):
                unit, W, b = layers[l]
                delta = PULL[unit](a[l + 1], g)
                found = [d * u for d in delta for u in a[l]] + ([] if b is None else delta) + found
                g = [mpmath.fdot(column, delta) for column in zip(*W, strict=True)] if l else []
            return found

    return gradient


def worst(found: np.ndarray, truth: list[mpf]) -> float:
    """The largest error of an entry, relative to it; inf where a true 0 is missed, nan beside no number.

    What lies below float64 is 0 there, and nobody is blamed for it.
    """
    if not np.isfinite(found).all():
        return float("nan")
    return float(max(_off(mpf(v), t) for v, t in zip(found.tolist(), truth, strict=True)))


def _off(value: mpf, truth: mpf) -> mpf:
    gap = abs(value - truth)
    if gap <= SMALLEST:
        return mpf(0)
    return gap / abs(truth) if truth else mpf("inf")


def rounded(net: Net) -> np.ndarray:
    """The right gradient: correctly rounded."""
    return np.array([float(v) for v in gradient_of(net, TRUTH if net.theta.size < MANY else DIGITS)()])
