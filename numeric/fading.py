"""How large the errors of a network's layers are, from the output back, over all samples.

    |Delta[l]| <= max |phi'(Z[l])| |W[l+1]| |Delta[l+1]|        Delta[l] = dC/dZ[l]

Delta has a column for each sample, with the 1/n of a cost that averages; |.| is
the root of the sum of squared entries, which is no less than what W can stretch
a vector by. The largest slope is that of any unit at any sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    error    |Delta[l]|
    ratio    |Delta[l]| / |Delta[l+1]|; None where the error above is 0
    slope    the largest |phi'(Z[l])|
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


def fading(
    network: Network, samples: Sequence[Worked], count: int
) -> tuple[Fraction, tuple[Faded, ...]] | None:
    """|Delta[L]|, and the layers below from L - 1 down; None where some value does not exist.

    Delta has the columns of these samples, out of `count` in all.
    """
    depth = network.depth
    errors = {
        l: [worked.totals["C", z] for worked in samples for _, z in _units(network, l)]
        for l in range(1, depth + 1)
    }
    slopes = {
        l: [worked.locals[unit] for worked in samples for unit in _units(network, l)] for l in range(1, depth)
    }
    if not all(value.defined for values in (*errors.values(), *slopes.values()) for value in values):
        return None
    share = Fraction(1, count if network.reduction == "mean" else 1)
    sizes = {l: _root((share * _size(value)) ** 2 for value in values) for l, values in errors.items()}
    found = []
    for l in range(depth - 1, 0, -1):
        keys = (key for row in network.layer(l + 1).weights for key in row)
        weights = _root(samples[0].values[key].mid ** 2 for key in keys)
        slope = max(map(_size, slopes[l]), default=Fraction(0))
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
