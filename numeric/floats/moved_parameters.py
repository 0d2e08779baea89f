"""The cost with parameters moved in all their places at once, every number with its bound.

So are those moved that are used several times, or that an output's formula reads itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.problem import Parameter
from numeric.floats.kinks import crossings
from numeric.floats.network import Arrays, cost_of, forward, place_of
from numeric.floats.prepared import Indices
from numeric.floats.rounding import Floats, Rounded
from numeric.floats.secants import (
    OFFSETS,
    Secants,
    Slopes,
    blocks,
    claims_of,
    joined,
    power_of_two,
    search,
)
from numeric.floats.standing import Base


def everywhere(base: Base, parameters: Indices) -> Slopes:
    """Claims for parameters that are used in several places, or read by the output itself."""
    stated = [base.problem.parameters[i] for i in parameters]
    scale = power_of_two(np.array([_largest_move(base, parameter) for parameter in stated]))
    size = 6 * max(
        len(base.problem.x) * max(base.network.widths), *(W.value.size for W in base.arrays.W.values())
    )

    def probe(exponent: int, points: Indices) -> Slopes:
        h = np.ldexp(scale[points], exponent)
        parts, kinks = list[Rounded](), dict[int, str]()
        for block in blocks(len(points), size):
            P = len(h[block])
            steps = Rounded.exact(h[block, None] * OFFSETS)
            moved = _moved_arrays(base.arrays, [stated[p] for p in points[block]], steps)
            run = forward(base.network, moved)
            cost = cost_of(base.problem, base.network, moved, run).broadcast_to((P, 6))
            decay = moved_decay(base, parameters[points[block]], h[block])
            parts.append(cost if decay is None else cost + decay)
            kinks |= {block.start + p: text for p, text in crossings(base, moved, run, P).items()}
        return claims_of(Secants(joined(parts), h, kinks))

    return search(len(stated), probe, base.round_off)


def _largest_move(base: Base, parameter: Parameter) -> float:
    """By how much a step of 1 moves any z that the parameter feeds."""
    places = [place_of(place) for place in parameter.places]
    below = {l: np.abs(a.value).max(axis=0) for l, a in base.run.a.items()}
    return max(float(below[l - 1][index[1]]) if letter == "w" else 1.0 for letter, l, index in places)


def _moved_arrays(arrays: Arrays, parameters: Sequence[Parameter], steps: Rounded) -> Arrays:
    """W and b with the axes of the steps, (P, 6), in front: each parameter moved in all its places."""
    tables: dict[str, dict[int, Rounded | None]] = {"w": dict(arrays.W), "b": dict(arrays.b)}
    for p, parameter in enumerate(parameters):
        for letter, l, index in map(place_of, parameter.places):
            array = tables[letter][l]
            assert array is not None
            if array.ndim == len(index):
                shape = (*steps.shape, *array.shape)
                array = Rounded(*(np.broadcast_to(part, shape).copy() for part in (array.value, array.error)))
                tables[letter][l] = array
            entry: tuple[int | slice, ...] = (p, slice(None), *index)
            moved = array[entry] + steps[p]
            array.value[entry], array.error[entry] = moved.value, moved.error
    W = {l: array for l, array in tables["w"].items() if array is not None}
    return Arrays(arrays.X, arrays.Y, W, tables["b"])


def moved_decay(base: Base, parameters: Indices, h: Floats, offsets: Floats = OFFSETS) -> Rounded | None:
    """What the L2 term adds when each parameter moves, (P, offsets): only its own square changes."""
    if base.uses.decaying is None:
        return None
    share = Rounded.of([base.network.l2 / (2 * len(base.problem.x))])
    weights = base.uses.decaying[parameters][:, None]
    counted = base.uses.weights[parameters, None].astype(np.float64)
    steps = Rounded.exact(h[:, None] * offsets)
    return ((weights + steps) ** 2 * counted - weights * weights) * share
