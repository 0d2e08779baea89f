"""One pass for points of all layers side by side: each joins at the layer whose z it moves.

    z[i]  =  [ W[i] a[i-1] + b[i]  of the points that are under way;  the z[i] of those that join ]

So a network of any depth costs as many operations on arrays as one forward pass.
The points of earlier layers stand first, and z[i] has those of layers up to i.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from numeric.floats.network import Pass, weighted_input
from numeric.floats.prepared import Indices
from numeric.floats.rounding import Rounded, U
from numeric.floats.secants import OFFSETS, blocks, joined
from numeric.floats.standing import Base

Cut = list[tuple[int, slice]]
"""Some groups by their place, and which of their points."""


def rounds(base: Base, groups: Sequence[tuple[int, int]]) -> Iterator[Cut]:
    """What goes through the network at a time, of groups of (layer, points): as much as memory is for.

    What an output's formula reads may stand before a point has joined; there each group goes by itself.
    """
    ends = np.cumsum([count for _, count in groups]).tolist()
    starts = [0, *ends[:-1]]
    numbered = [*enumerate(zip(starts, ends, strict=True))]
    for together in [[one] for one in numbered] if base.network.output is not None else [numbered]:
        layer, first, last = groups[together[0][0]][0], together[0][1][0], together[-1][1][1]
        size = len(OFFSETS) * len(base.problem.x) * max(base.network.widths[layer:])
        for block in blocks(last - first, size):
            start, stop = first + block.start, first + block.stop
            yield [
                (place, slice(max(start - begin, 0), min(stop, end) - begin))
                for place, (begin, end) in together
                if start < end and begin < stop
            ]


def onward(base: Base, joining: Mapping[int, Sequence[Rounded]], *, reordered: bool = False) -> Pass:
    """The pass of points that join with these z[l], each (points, M, samples, rows of W[l]).

    reordered  whether to allow for another order of the terms of each later z
    """
    zs, activations = dict[int, Rounded](), dict[int, Rounded]()
    for i in range(min(joining), base.network.depth + 1):
        parts = [*joining.get(i, ())]
        if i - 1 in activations:
            following = weighted_input(base.arrays, i, activations[i - 1])
            parts.insert(0, _in_any_order(base, i, following) if reordered else following)
        zs[i] = joined(parts)
        activations[i] = base.rules[i].value(zs[i])
    return base.unmoved_but(Pass(zs, activations))


def _in_any_order(base: Base, l: int, z: Rounded) -> Rounded:
    """With what its sums may round otherwise, where they are others than the unmoved ones."""
    more = np.where(z.value == base.run.z[l].value, 0.0, 4 * U * np.abs(z.value))
    return Rounded(z.value, z.error + more)


def whole(base: Base, l: int, unit: Indices, moved: Rounded) -> Rounded:
    """All of z[l], (points, M, samples, rows of W[l]), of points whose z[l][unit] is (points, M, samples)."""
    z, points = base.run.z[l], np.arange(len(unit))
    shape = (*moved.shape, z.shape[-1])
    value, error = (np.broadcast_to(part, shape).copy() for part in (z.value, z.error))
    value[points, :, :, unit], error[points, :, :, unit] = moved.value, moved.error
    return Rounded(value, error)
