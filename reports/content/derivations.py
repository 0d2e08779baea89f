"""Which derivatives a page derives step by step, in which order, and what stands open.

The order is that of backpropagation: the output layer, whose derivations are
short, and then layer by layer down to the inputs, each resting on the one
before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from derive.notation import KEY, write
from derive.problem import Graph, Network, Problem
from reports import names
from reports.content.desk import Desk
from reports.content.gradients import Told, derive_section
from reports.content.page import Derivation, Prose

MOST_DERIVATIONS = 24
"""Derivatives that are derived in full; the table lists all."""

MOST_OPEN = 3
"""So many derivations all stand open; of more the first one does, the rest show their results."""


def derivations_of(desk: Desk) -> Iterator[Derivation]:
    """The derivations in order, each with its group."""
    told = Told({})
    for place, (of, by) in enumerate(desk.sections):
        derived = derive_section(desk, desk.derivation.gradient(of, by), told)
        folded = len(desk.sections) > MOST_OPEN and place > 0
        yield replace(derived, group=_group(desk.problem, of, by), folded=folded)


def sections_of(problem: Problem) -> Mapping[tuple[str, str], str]:
    """The derivatives that are shown in full, with an id for each."""
    several = len(problem.objectives) > 1
    ids: dict[tuple[str, str], str] = {}
    for of in problem.objectives:
        for by in sorted(_chosen(problem), key=lambda by: -_layer_of(problem, by)):
            parameter = problem.parameter.get(by)
            name = parameter.name if parameter else by
            words = f"{of}-by-{name}" if several else f"by-{name}"
            slug = re.sub(r"\W+", "-", words).strip("-")
            ids[of, by] = slug if slug not in ids.values() else f"{slug}-{len(ids) + 1}"
    return ids


def _chosen(problem: Problem) -> tuple[str, ...]:
    """All parameters; of many the first ones of each layer's weights and biases.

    Of a vector or matrix of a graph one entry: its others follow the same lines, and the
    matrix form has them all.
    """
    wrt = problem.wrt
    most = MOST_DERIVATIONS // max(len(problem.objectives), 1)
    of_arrays = isinstance(problem.body, Graph) and bool(problem.body.shapes)
    if len(wrt) <= most and not of_arrays:
        return wrt
    places = {key: names.array_of(problem, key) for key in wrt}
    groups = [tuple(keys) for _, keys in groupby(sorted(wrt, key=places.__getitem__), places.__getitem__)]
    each = 1 if of_arrays else max(1, most // len(groups))
    chosen = {key for keys in groups for key in keys[:each]}
    return tuple(key for key in wrt if key in chosen)[:most]


def _layer_of(problem: Problem, key: str) -> int:
    """The layer whose parameter it is, of one shared by several the last; 0 in a graph."""
    parameter = problem.parameter.get(key)
    if parameter is None or not isinstance(problem.body, Network):
        return 0
    return max(int(match[2]) for place in parameter.places if (match := KEY.fullmatch(place)))


def _group(problem: Problem, of: str, by: str) -> Prose:
    """The layer in words; of several outputs the output."""
    if len(problem.objectives) > 1:
        return ("Derivatives of ", write(problem, of))
    if not isinstance(problem.body, Network) or problem.body.depth == 1:
        return ()
    layer, depth = _layer_of(problem, by), problem.body.depth
    if layer == depth:
        return ("Output layer",)
    return ("Hidden layer",) if depth == 2 else (f"Layer {layer}",)
