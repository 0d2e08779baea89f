"""The gradient by central differences: from values of the cost and nothing else.

    dC/dw = (C(w + h) - C(w - h)) / 2h,   with an error of about h^2 C'''/6

C is evaluated with a running error bound. Secants at h/2, h and 2h must shrink
about fourfold, or lie below that round-off; only then is anything claimed.
Moving a weight is propagated as the change of the one z that it feeds; a
shared parameter moves everywhere at once.

Source: Press et al. (2007), Numerical Recipes, sec. 5.7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from derive.problem import Graph, Network, Parameter, Problem
from numeric.floats.claims import Claim, Claims, Entry
from numeric.floats.graph import graph_values, meaning_of, moved_values, objective_seeds
from numeric.floats.network import (
    Arrays,
    Pass,
    arrays_of,
    cost_of,
    forward,
    objective_margins,
    place_of,
    unit_rule,
)
from numeric.floats.nodes import Meaning, has_kinks, largest, margins
from numeric.floats.rounding import Bools, Floats, Rounded

OFFSETS = np.array([0.5, -0.5, 1.0, -1.0, 2.0, -2.0])
EXPONENTS = (-17, -13, -21, -9, -25, -5)
"""Steps are tried at these powers of two of a parameter's scale, the balanced cube root of eps first."""

LARGEST_EXPONENT = 1000

GOOD = 1e-6
"""A claim this tight, relative to its value, ends the search for a better step."""

CHUNK = 1 << 20
"""Numbers of one layer that are moved at a time."""


@dataclass(frozen=True)
class Secants:
    """Values of C around each of P points: (P, 6) in the order of OFFSETS, for steps h : (P,).

    crossed  for each point the kink between the outermost two, or nothing
    """

    cost: Rounded
    h: Floats
    crossed: Sequence[str]


def differences(problem: Problem) -> Claims:
    """A central difference for every gradient of a problem in which all numbers are known."""
    if isinstance(problem.body, Graph):
        return _graph_differences(problem, problem.body)
    return _network_differences(problem, problem.body) if problem.objectives else {}


def claims_of(secants: Secants) -> list[Claim]:
    """What each point's secants can claim."""
    with np.errstate(all="ignore"):
        halves = secants.cost.value.reshape(-1, 3, 2)
        errors = secants.cost.error.reshape(-1, 3, 2)
        width = 2 * secants.h[:, None] * np.array([0.5, 1.0, 2.0])
        slope = (halves[..., 0] - halves[..., 1]) / width
        noise = (errors.sum(axis=-1) + 2.0**-52 * np.abs(halves[..., 0] - halves[..., 1])) / width
        fine, near, far = slope.T
        inner, outer = np.abs(near - fine), np.abs(far - near)
        inner_noise, outer_noise = noise[:, 0] + noise[:, 1], noise[:, 1] + noise[:, 2]
        # Fourfold, give or take a factor of two and what round-off can hide.
        fourfold = (outer <= 8 * (inner + inner_noise) + outer_noise) & (
            inner <= outer / 2 + outer_noise + inner_noise
        )
        error = outer + outer_noise + noise[:, 1]
        finite = np.isfinite(near) & np.isfinite(error)
    return [
        _claim(near[p], error[p], bool(fourfold[p]), bool(finite[p]), secants.crossed[p], float(secants.h[p]))
        for p in range(len(near))
    ]


def _claim(value: float, error: float, fourfold: bool, finite: bool, crossed: str, h: float) -> Claim:
    reason = crossed or ("" if finite else "the cost is not finite here") or ("" if fourfold else UNSETTLED)
    return Claim(float(value), float("inf") if reason else float(error), reason, h)


UNSETTLED = "the secants do not settle"


def _search(
    scale: Floats, probe: Callable[[Floats, np.ndarray[tuple[int], np.dtype[np.intp]]], Secants]
) -> list[Claim]:
    """The best claim for each point over the steps that are tried; `probe(h, points)` evaluates."""
    best = [Claim(float("nan"), float("inf"), UNSETTLED)] * len(scale)
    points = np.arange(len(scale))
    for exponent in EXPONENTS:
        found = claims_of(probe(2.0**exponent * scale[points], points))
        for point, claim in zip(points, found, strict=True):
            if claim.error < best[point].error or (best[point].error == np.inf and exponent == EXPONENTS[0]):
                best[point] = claim
        points = np.array([p for p in points if not _good(best[p])], dtype=np.intp)
        if not len(points):
            break
    return best


def _good(claim: Claim) -> bool:
    return claim.error <= GOOD * abs(claim.value)


def _power_of_two(size: Floats) -> Floats:
    """The power of two just above 1/size, so that a step and its halves are exact.

    It is 1 for size 0 and for one beyond float64; of subnormal ones it would overflow.
    """
    exponent = -np.floor(np.log2(np.where((size > 0) & np.isfinite(size), size, 1.0)))
    return np.ldexp(1.0, np.minimum(exponent, LARGEST_EXPONENT).astype(np.intp))


# -- networks --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    """A network where it stands: its arrays and its unmoved pass."""

    problem: Problem
    network: Network
    arrays: Arrays
    run: Pass


def _network_differences(problem: Problem, network: Network) -> Claims:
    arrays = arrays_of(problem, network)
    base = Base(problem, network, arrays, forward(network, arrays))
    found: dict[Entry, Claim] = {}
    for l in range(1, network.depth + 1):
        single = [p for p in problem.parameters if not p.shared and place_of(p.places[0])[1] == l]
        found |= {("C", p.key): claim for p, claim in zip(single, _single_uses(base, l, single), strict=True)}
    for parameter in problem.parameters:
        if parameter.shared:
            found["C", parameter.key] = _everywhere(base, parameter)
    return {("C", parameter.key): found["C", parameter.key] for parameter in problem.parameters}


def _single_uses(base: Base, l: int, parameters: Sequence[Parameter]) -> list[Claim]:
    """Parameters of layer l, each of which moves one z[l][j] of every sample, by h a[l-1][k] or by h."""
    places = [place_of(parameter.places[0]) for parameter in parameters]
    unit = np.array([index[0] for _, _, index in places], dtype=np.intp)
    below = base.run.a[l - 1]
    ones = Rounded.exact(np.ones((1, below.shape[0])))
    columns = [below.T[index[1]].reshape(1, -1) if letter == "w" else ones for letter, _, index in places]
    if not columns:
        return []
    moves = Rounded(np.concatenate([c.value for c in columns]), np.concatenate([c.error for c in columns]))
    scale = _power_of_two(np.abs(moves.value).max(axis=1))
    rows = max(1, CHUNK // (6 * below.shape[0] * max(base.network.widths[l:])))
    if base.network.cost is None:  # an output may read any parameter itself
        return [_everywhere(base, parameter) for parameter in parameters]

    def probe(h: Floats, points: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Secants:
        blocks = [slice(i, i + rows) for i in range(0, len(points), rows)]
        parts = [
            _moved_z(base, l, unit[points[b]], moves[points[b]], h[b], [parameters[p] for p in points[b]])
            for b in blocks
        ]
        return Secants(
            Rounded(
                np.concatenate([p.cost.value for p in parts]), np.concatenate([p.cost.error for p in parts])
            ),
            h,
            [text for part in parts for text in part.crossed],
        )

    return _search(scale, probe)


def _moved_z(
    base: Base,
    l: int,
    unit: np.ndarray[tuple[int], np.dtype[np.intp]],
    moves: Rounded,
    h: Floats,
    parameters: Sequence[Parameter],
) -> Secants:
    """C with z[l][unit] moved by offset * h * moves: moves (P, samples), result (P, 6)."""
    P, S = moves.shape
    z = base.run.z[l]
    steps = Rounded.exact(h[:, None] * OFFSETS)
    column = z.T[unit][:, None, :] + steps.reshape(P, 6, 1) * moves.reshape(P, 1, S)
    shape = (P, 6, S, z.shape[-1])
    value, error = (np.broadcast_to(part, shape).copy() for part in (z.value, z.error))
    points = np.arange(P)
    value[points, :, :, unit], error[points, :, :, unit] = column.value, column.error
    run = forward(base.network, base.arrays, start=l, z=Rounded(value, error))
    cost = cost_of(base.problem, base.network, base.arrays, run) + _moved_decay(base, parameters, steps)
    return Secants(cost.broadcast_to((P, 6)), h, _crossings(base, base.arrays, run, P))


def _moved_decay(base: Base, parameters: Sequence[Parameter], steps: Rounded) -> Rounded:
    """What the L2 term adds when each parameter moves; only its own square changes."""
    network = base.network
    if not network.l2:
        return Rounded.exact(0.0)
    share = Rounded.of([network.l2 / (2 * len(base.problem.x))])
    weights = Rounded.of([p.value if p.is_weight else Fraction(0) for p in parameters])
    counted = Rounded.exact([float(p.is_weight) for p in parameters])
    return ((weights[:, None] + steps) ** 2 * counted[:, None] - (weights * weights)[:, None]) * share


def _everywhere(base: Base, parameter: Parameter) -> Claim:
    """A parameter that is used several times, moved in every place at once."""
    places = [place_of(place) for place in parameter.places]
    sizes = [
        np.abs(base.run.a[l - 1].value[:, index[1]]).max() if letter == "w" else 1.0
        for letter, l, index in places
    ]

    def probe(h: Floats, points: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Secants:
        del points
        steps = Rounded.exact(h[:, None] * OFFSETS)
        moved = _moved_arrays(base.arrays, places, steps)
        run = forward(base.network, moved)
        cost = cost_of(base.problem, base.network, moved, run) + _moved_decay(base, [parameter], steps)
        return Secants(cost.broadcast_to((1, 6)), h, _crossings(base, moved, run, 1))

    return _search(_power_of_two(np.array([max(sizes)])), probe)[0]


def _moved_arrays(
    arrays: Arrays, places: Sequence[tuple[str, int, tuple[int, ...]]], steps: Rounded
) -> Arrays:
    """W and b with the axes of the steps in front, the parameter moved in all its places."""
    tables: dict[str, dict[int, Rounded | None]] = {"w": dict(arrays.W), "b": dict(arrays.b)}
    for letter, l, index in places:
        array = tables[letter][l]
        assert array is not None
        shape = (*steps.shape, *array.shape[-len(index) :])
        value, error = (np.broadcast_to(part, shape).copy() for part in (array.value, array.error))
        entry = array[(..., *index)] + steps
        for steps_first, moved in ((value, entry.value), (error, entry.error)):
            np.moveaxis(steps_first, (0, 1), (-2, -1))[index] = moved
        tables[letter][l] = Rounded(value, error)
    W = {l: array for l, array in tables["w"].items() if array is not None}
    return Arrays(arrays.X, arrays.Y, W, tables["b"])


def _crossings(base: Base, arrays: Arrays, run: Pass, P: int) -> list[str]:
    """For each of P points the first kink between its six values and the unmoved network, or nothing.

    run.z[l] : (P, 6, samples, n[l]), or without leading axes where nothing moved
    """
    found = [""] * P
    for text, here, moved in _margins(base, arrays, run):
        crossed = _crossed(here, moved.broadcast_to((P, 6, *here.shape))).any(axis=1).reshape(P, -1)
        for p in np.flatnonzero(crossed.any(axis=1)):
            unit = int(crossed[p].argmax()) % max(here.shape[-1:], default=1) + 1
            found[p] = found[p] or text.format(unit=unit)
    return found


def _margins(base: Base, arrays: Arrays, run: Pass) -> Iterator[tuple[str, Rounded, Rounded]]:
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


def _crossed(here: Rounded, moved: Rounded) -> Bools:
    """Where a margin that moved may be 0 or of another sign than before."""
    still = (moved.value == here.value) & (moved.error == here.error)
    sure = (np.sign(moved.value) == np.sign(here.value)) & (np.abs(moved.value) > moved.error)
    return np.asarray(~(still | sure))


# -- graphs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stand:
    """A graph where it stands: its values, and the margins of its kinks by line."""

    graph: Graph
    here: Mapping[str, Rounded]
    meaning: Meaning
    margins: Mapping[str, Sequence[tuple[str, Rounded]]]
    largest: int

    @classmethod
    def of(cls, problem: Problem, graph: Graph) -> Stand:
        here, meaning = graph_values(problem, graph), meaning_of(graph)
        kinks = {line.name: margins(line.node, here, meaning) for line in graph.steps if has_kinks(line.node)}
        sizes = (largest(line.node, here, meaning) for line in graph.steps)
        return cls(graph, here, meaning, kinks, max(sizes, default=1))


def _graph_differences(problem: Problem, graph: Graph) -> Claims:
    """Each entry of each name moved by itself, many side by side."""
    stand = Stand.of(problem, graph)
    found: dict[Entry, Claim] = {}
    for objective, parts in objective_seeds(problem, graph).items():
        for name in graph.wrt:
            claims = _name_claims(stand, name, parts)
            found |= {(objective, key): claim for key, claim in zip(graph.keys(name), claims, strict=True)}
    return found


def _name_claims(stand: Stand, name: str, parts: Mapping[str, Rounded]) -> list[Claim]:
    entries = stand.here[name].reshape(-1)
    rows = max(1, CHUNK // (6 * stand.largest))

    def probe(h: Floats, points: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Secants:
        blocks = [slice(i, i + rows) for i in range(0, len(points), rows)]
        found = [_moved_entries(stand, name, parts, h[block], points[block]) for block in blocks]
        cost = Rounded(
            np.concatenate([part.cost.value for part in found]),
            np.concatenate([part.cost.error for part in found]),
        )
        return Secants(cost, h, [text for part in found for text in part.crossed])

    return _search(1 / _power_of_two(np.abs(entries.value)), probe)


def _moved_entries(
    stand: Stand,
    name: str,
    parts: Mapping[str, Rounded],
    h: Floats,
    points: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> Secants:
    """The objective with one entry moved at each of P points: the name's value is (P, 6, *shape)."""
    P, entries = len(points), stand.here[name].reshape(-1)
    value, error = (
        np.broadcast_to(part, (P, 6, entries.shape[0])).copy() for part in (entries.value, entries.error)
    )
    column = entries[points][:, None] + Rounded.exact(h[:, None] * OFFSETS)
    value[np.arange(P), :, points], error[np.arange(P), :, points] = column.value, column.error
    shape = (P, 6, *stand.graph.shape(name))
    moved = moved_values(stand.graph, stand.here, {name: Rounded(value, error).reshape(*shape)})
    cost = _weighted(stand, parts, moved).broadcast_to((P, 6))
    return Secants(cost, h, _graph_crossings(stand, moved, P))


def _weighted(stand: Stand, parts: Mapping[str, Rounded], values: Mapping[str, Rounded]) -> Rounded:
    """The sum of the outputs' entries, each with its weight."""
    total = Rounded.exact(0.0)
    for name, weight in parts.items():
        axes = tuple(range(-stand.meaning.ranks.get(name, 0), 0))
        share = weight * values[name]
        total = total + (share.sum(axis=axes) if axes else share)
    return total


def _graph_crossings(stand: Stand, moved: Mapping[str, Rounded], P: int) -> list[str]:
    """For each of P points the first kink between its six values and the unmoved graph, or nothing."""
    found = [""] * P
    for line in stand.graph.steps:
        if line.name not in stand.margins or moved[line.name] is stand.here[line.name]:
            continue
        after = margins(line.node, moved, stand.meaning)
        for (text, before), (_, margin) in zip(stand.margins[line.name], after, strict=True):
            crossed = _crossed(before, margin.broadcast_to((P, 6, *before.shape)))
            for p in np.flatnonzero(crossed.reshape(P, -1).any(axis=1)):
                key = _entry_at(stand.graph, line.name, np.asarray(crossed[p].any(axis=0)))
                found[p] = found[p] or f"{key}: {text} 0 within the step"
    return found


def _entry_at(graph: Graph, name: str, crossed: Bools) -> str:
    """The key of the first entry where this holds; the name itself where the shape is that of a part."""
    if crossed.shape != graph.shape(name):
        return name
    return graph.keys(name)[int(crossed.argmax())]
