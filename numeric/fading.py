"""How large the errors of a network's layers are, from the output back, at one sample's numbers.

    |delta[l]| <= max_j |phi'(z[l]_j)| |W[l+1]| |delta[l+1]|

|v| is the Euclidean length, |W| the root of the sum of squared entries, which
is no less than what W can stretch a vector by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from derive.problem import Network
from numeric.balls.enclosure import Enclosure
from numeric.balls.worked import Worked

PLACES = 10**40


@dataclass(frozen=True)
class Faded:
    """One layer below the output.

    error    |delta[l]|
    ratio    |delta[l]| / |delta[l+1]|; None where the error above is 0
    slope    the largest |phi'(z[l]_j)|
    weights  |W[l+1]|
    """

    layer: int
    error: Fraction
    ratio: Fraction | None
    slope: Fraction
    weights: Fraction

    @property
    def bound(self) -> Fraction:
        """What the ratio cannot exceed."""
        return self.slope * self.weights


def fading(network: Network, worked: Worked) -> tuple[Fraction, tuple[Faded, ...]] | None:
    """|delta[L]|, and the layers below from L - 1 down; None where some value does not exist."""
    depth = network.depth
    errors = {l: [worked.totals["C", z] for _, z in _units(network, l)] for l in range(1, depth + 1)}
    slopes = {l: [worked.locals[unit] for unit in _units(network, l)] for l in range(1, depth)}
    if not all(value.defined for values in (*errors.values(), *slopes.values()) for value in values):
        return None
    sizes = {l: _root(_size(value) ** 2 for value in values) for l, values in errors.items()}
    found = []
    for l in range(depth - 1, 0, -1):
        weights = _root(worked.values[key].mid ** 2 for row in network.layer(l + 1).weights for key in row)
        slope = max((_size(value) for value in slopes[l]), default=Fraction(0))
        ratio = sizes[l] / sizes[l + 1] if sizes[l + 1] else None
        found.append(Faded(l, sizes[l], ratio, slope, weights))
    return sizes[depth], tuple(found)


def _units(network: Network, layer: int) -> list[tuple[str, str]]:
    """The keys of each unit's activation and weighted input."""
    return [(f"a{layer}[{j}]", f"z{layer}[{j}]") for j in range(1, network.sizes[layer] + 1)]


def _size(value: Enclosure) -> Fraction:
    return Fraction(0) if value.holds_zero else abs(value.mid)


def _root(squares: Iterable[Fraction]) -> Fraction:
    """The root of a sum, to 40 digits or more; what has an exact root keeps it."""
    total = sum(squares, Fraction(0))
    if total == 0:
        return total
    # Numerator and denominator are brought to one size, so that small sums lose no digits.
    shift = max(0, total.denominator.bit_length() - total.numerator.bit_length())
    scale = PLACES << shift
    return Fraction(isqrt(total.numerator * scale**2 // total.denominator), scale)
