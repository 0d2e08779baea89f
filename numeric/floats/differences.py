"""The gradient by central differences: from values of the cost and nothing else.

    dC/dw = (C(w + h) - C(w - h)) / 2h,   with an error of about h^2 C'''/6

What such values can claim is told in `numeric.floats.secants`. Of a network each
weight is moved in `numeric.floats.moved_units`, as the change of the one z that it
feeds; a shared parameter moves everywhere at once (`moved_parameters`). Of a
graph each entry of each name is moved here.

Source: Press et al. (2007), Numerical Recipes, sec. 5.7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.problem import Graph, Network, Problem
from numeric.floats.claims import Claims, Columns, Entry
from numeric.floats.graph import graph_values, meaning_of, moved_values, objective_seeds
from numeric.floats.kinks import crossed
from numeric.floats.moved_parameters import everywhere
from numeric.floats.moved_units import unit_slopes
from numeric.floats.nodes import Meaning, has_kinks, largest, margins
from numeric.floats.prepared import Indices
from numeric.floats.rounding import Bools, Floats, Rounded
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
from numeric.floats.single_uses import Moves
from numeric.floats.standing import Base


def differences(problem: Problem) -> Claims:
    """A central difference for every gradient of a problem in which all numbers are known."""
    if isinstance(problem.body, Graph):
        return _graph_differences(problem, problem.body)
    return _network_differences(problem, problem.body) if problem.objectives else {}


def _network_differences(problem: Problem, network: Network) -> Claims:
    base = Base.of(problem, network)
    entries = base.uses.entries
    left = np.ones(len(entries), dtype=np.bool_)
    found = list[tuple[Indices, Slopes]]()
    layers = [Moves.of(base, l) for l in range(1, network.depth + 1)]
    if layers := [layer for layer in layers if len(layer)]:
        owner = np.concatenate([layer.owner for layer in layers])
        found.append((owner, unit_slopes(base, layers)))
        left[owner] = False
    if left.any():
        others = np.flatnonzero(left)
        found.append((others, everywhere(base, others)))
    return _columns(entries, found)


def _columns(entries: Sequence[Entry], found: Sequence[tuple[Indices, Slopes]]) -> Columns:
    """All claims in the order of the entries; each group of slopes with the entries' places."""
    value, error, step = np.empty((3, len(entries)))
    why: dict[int, str] = {}
    for places, slopes in found:
        value[places], error[places], step[places] = slopes.value, slopes.error, slopes.step
        why |= {int(places[point]): text for point, text in slopes.why.items()}
    return Columns(tuple(entries), value, error, step, why)


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
    entries, found = list[Entry](), list[tuple[Indices, Slopes]]()
    for objective, parts in objective_seeds(problem, graph).items():
        for name in graph.wrt:
            keys = graph.keys(name)
            found.append((len(entries) + np.arange(len(keys)), _name_slopes(stand, name, parts)))
            entries += [(objective, key) for key in keys]
    return _columns(entries, found)


def _name_slopes(stand: Stand, name: str, parts: Mapping[str, Rounded]) -> Slopes:
    entries = stand.here[name].reshape(-1)
    scale = 1 / power_of_two(np.abs(entries.value))

    def probe(exponent: int, points: Indices) -> Slopes:
        h = np.ldexp(scale[points], exponent)
        costs, kinks = list[Rounded](), dict[int, str]()
        for block in blocks(len(points), 6 * stand.largest):
            found = _moved_entries(stand, name, parts, h[block], points[block])
            costs.append(found.cost)
            kinks |= {block.start + p: text for p, text in found.crossed.items()}
        return claims_of(Secants(joined(costs), h, kinks))

    return search(len(scale), probe, lambda: float(_weighted(stand, parts, stand.here).error))


def _moved_entries(
    stand: Stand,
    name: str,
    parts: Mapping[str, Rounded],
    h: Floats,
    points: Indices,
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


def _graph_crossings(stand: Stand, moved: Mapping[str, Rounded], P: int) -> dict[int, str]:
    """The first kink between the six values of each of P points and the unmoved graph, where there is one."""
    found: dict[int, str] = {}
    for line in stand.graph.steps:
        if line.name not in stand.margins or moved[line.name] is stand.here[line.name]:
            continue
        after = margins(line.node, moved, stand.meaning)
        for (text, before), (_, margin) in zip(stand.margins[line.name], after, strict=True):
            passed = crossed(before, margin.broadcast_to((P, 6, *before.shape)))
            for p in np.flatnonzero(passed.reshape(P, -1).any(axis=1)).tolist():
                key = _entry_at(stand.graph, line.name, np.asarray(passed[p].any(axis=0)))
                found.setdefault(p, f"{key}: {text} 0 within the step")
    return found


def _entry_at(graph: Graph, name: str, passed: Bools) -> str:
    """The key of the first entry where this holds; the name itself where the shape is that of a part."""
    if passed.shape != graph.shape(name):
        return name
    return graph.keys(name)[int(passed.argmax())]
