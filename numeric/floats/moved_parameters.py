"""The cost with parameters moved wherever they are used, every number with its bound.

A weight that is used once moves one z of every sample, by h a; what it moves is
computed from that layer on. A parameter that is used several times, or that an
output's formula reads itself, moves in all its places at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.problem import Network, Parameter, Problem
from numeric.floats.network import (
    Arrays,
    Pass,
    arrays_of,
    cost_of,
    forward,
    objective_margins,
    parts_from,
    place_of,
    plainly,
    unit_rule,
)
from numeric.floats.prepared import Indices, Uses, uses_of
from numeric.floats.rounded import product_rounded_once
from numeric.floats.rounding import Bools, Floats, Rounded
from numeric.floats.rules import Activation
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


@dataclass(frozen=True)
class Base:
    """A network where it stands: its arrays and its unmoved pass."""

    problem: Problem
    network: Network
    arrays: Arrays
    run: Pass

    @classmethod
    def of(cls, problem: Problem, network: Network) -> Base:
        arrays = arrays_of(problem, network)
        return cls(problem, network, arrays, _closely(network, arrays))

    @property
    def uses(self) -> Uses:
        return uses_of(self.problem)

    def run_from(self, l: int, z: Rounded) -> Pass:
        """The pass with this z[l], (..., samples, rows of W[l]); what stands before it is unmoved."""
        moved = forward(self.network, self.arrays, start=l, z=z)
        return Pass({**self.run.z, **moved.z}, {**self.run.a, **moved.a})

    def cost(self, run: Pass) -> Rounded:
        """C without its L2 term, of each pass in the leading axes."""
        return cost_of(self.problem, self.network, self.arrays, run)

    @cached_property
    def plain(self) -> Arrays:
        """The arrays without their errors."""
        return plainly(self.arrays)

    @cached_property
    def rules(self) -> Mapping[int, Activation]:
        """The hand-written row of each layer's activation."""
        return {l: unit_rule(layer.activation) for l, layer in enumerate(self.network.layers, 1)}

    @cached_property
    def parts(self) -> Callable[[Rounded, Rounded], Rounded]:
        """Each output's part of the cost from the last weighted input and the targets."""
        return parts_from(self.network)

    @cached_property
    def below(self) -> Mapping[int, Rounded]:
        """For each layer a[l-1] and behind it the 1 that a bias multiplies: (samples, n[l-1] + 1)."""
        return {l: _with_ones(self.run.a[l - 1]) for l in self.arrays.W}


def _closely(network: Network, arrays: Arrays) -> Pass:
    """The forward pass with sums that are rounded once: whatever is moved starts from here."""
    zs, activations = dict[int, Rounded](), {0: arrays.X}
    for l, layer in enumerate(network.layers, 1):
        product, bias = product_rounded_once(activations[l - 1], arrays.W[l].T), arrays.b[l]
        zs[l] = product if bias is None else product + bias
        activations[l] = unit_rule(layer.activation).value(zs[l])
    return Pass(zs, activations)


def _with_ones(a: Rounded) -> Rounded:
    one = np.ones((a.shape[0], 1))
    return Rounded(np.hstack([a.value, one]), np.hstack([a.error, np.zeros_like(one)]))


def moved_decay(base: Base, parameters: Indices, h: Floats, offsets: Floats = OFFSETS) -> Rounded | None:
    """What the L2 term adds when each parameter moves, (P, offsets): only its own square changes."""
    if base.uses.decaying is None:
        return None
    share = Rounded.of([base.network.l2 / (2 * len(base.problem.x))])
    weights = base.uses.decaying[parameters][:, None]
    counted = base.uses.weights[parameters, None].astype(np.float64)
    steps = Rounded.exact(h[:, None] * offsets)
    return ((weights + steps) ** 2 * counted - weights * weights) * share


# -- one z -----------------------------------------------------------------------------------------


def moved_z(base: Base, l: int, unit: Indices, inputs: Indices, h: Floats) -> Secants:
    """C without its L2 term as P weights of layer l move: z[l][unit] by offset h below[l][inputs]."""
    z, below = base.run.z[l], base.below[l]
    S, rows = z.shape
    parts, kinks = list[Rounded](), dict[int, str]()
    for block in blocks(len(h), 6 * S * max(base.network.widths[l:])):
        P = len(h[block])
        steps = Rounded.exact(h[block, None] * OFFSETS)
        moves = below.T[inputs[block]]
        column = z.T[unit[block]][:, None, :] + steps.reshape(P, 6, 1) * moves.reshape(P, 1, S)
        value, error = (np.broadcast_to(part, (P, 6, S, rows)).copy() for part in (z.value, z.error))
        points = np.arange(P)
        value[points, :, :, unit[block]], error[points, :, :, unit[block]] = column.value, column.error
        run = base.run_from(l, Rounded(value, error))
        parts.append(base.cost(run).broadcast_to((P, 6)))
        kinks |= {block.start + p: text for p, text in crossings(base, base.arrays, run, P).items()}
    return Secants(joined(parts), h, kinks)


# -- everywhere ------------------------------------------------------------------------------------


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

    return search(len(stated), probe)


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


# -- kinks -----------------------------------------------------------------------------------------


def crossings(base: Base, arrays: Arrays, run: Pass, P: int) -> dict[int, str]:
    """For each of P points the first kink between its six values and the unmoved network, where there is one.

    run.z[l] : (P, 6, samples, n[l]), or without leading axes where nothing moved
    """
    found: dict[int, str] = {}
    for text, here, moved in margins_of(base, arrays, run):
        passed = crossed(here, moved.broadcast_to((P, 6, *here.shape))).any(axis=1).reshape(P, -1)
        for p in np.flatnonzero(passed.any(axis=1)).tolist():
            unit = int(passed[p].argmax()) % max(here.shape[-1:], default=1) + 1
            found.setdefault(p, text.format(unit=unit))
    return found


def margins_of(base: Base, arrays: Arrays, run: Pass) -> Iterator[tuple[str, Rounded, Rounded]]:
    """What changes sign at each kink: how a message puts it, unmoved, and moved."""
    for l, z in run.z.items():
        rule = unit_rule(base.network.layer(l).activation)
        text = f"z{l}[{{unit}}] is within the step of {rule.name}'s kink"
        for before, after in zip(rule.margins(base.run.z[l]), rule.margins(z), strict=True):
            yield text, before, after
    unmoved = objective_margins(base.problem, base.network, base.arrays, base.run)
    moved = objective_margins(base.problem, base.network, arrays, run)
    for (text, before), (_, after) in zip(unmoved, moved, strict=True):
        yield f"the cost: {text} 0 within the step", before, after


def crossed(here: Rounded, moved: Rounded) -> Bools:
    """Where a margin that moved may be 0 or of another sign than before."""
    still = (moved.value == here.value) & (moved.error == here.error)
    sure = (np.sign(moved.value) == np.sign(here.value)) & (np.abs(moved.value) > moved.error)
    return np.asarray(~(still | sure))
