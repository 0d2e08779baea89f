"""A graph's values: the assignments evaluated in order, each with its rounding error.

Names have arrays of their own shape, (m, n), (n,) or (); where some are moved,
axes in front of these hold the points that they are moved to.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.formula.nodes import names_in
from derive.problem import Graph, Problem
from numeric.floats.nodes import Meaning, evaluate
from numeric.floats.rounding import Rounded


def meaning_of(graph: Graph) -> Meaning:
    """The ranks of a graph's vectors and matrices, and what stands in for its unspecified functions."""
    return Meaning({name: len(shape) for name, shape in graph.shapes.items()}, graph.functions)


def graph_values(problem: Problem, graph: Graph) -> dict[str, Rounded]:
    """Every name's value."""
    given = {
        name: Rounded.of([problem.given[key] for key in graph.keys(name)]).reshape(*graph.shape(name))
        for name in problem.given_names
    }
    return _through(graph, given, {*given})


def moved_values(
    graph: Graph, here: Mapping[str, Rounded], moved: Mapping[str, Rounded]
) -> dict[str, Rounded]:
    """Every name's value with some of the given ones `moved`; only what depends on them is computed."""
    return _through(graph, {**here, **moved}, {*moved})


def _through(graph: Graph, values: dict[str, Rounded], changed: set[str]) -> dict[str, Rounded]:
    """The values after all lines that read something changed, or are not known yet."""
    meaning = meaning_of(graph)
    for line in graph.steps:
        if line.name not in values or any(name.base in changed for name in names_in(line.node)):
            values[line.name] = evaluate(line.node, values, meaning)
            changed.add(line.name)
    return values


def objective_seeds(problem: Problem, graph: Graph) -> dict[str, dict[str, Rounded]]:
    """For each objective the outputs that make it up, with the gradients that arrive from upstream."""
    if graph.upstream:
        weights = {
            name: Rounded.of([graph.upstream[key] for key in graph.keys(name)]).reshape(*graph.shape(name))
            for name in graph.outputs
        }
        return {problem.upstream_key: weights}
    ones = {name: Rounded.exact(1.0).reshape(*graph.shape(name)) for name in graph.outputs}
    return {key: {name: one} for name, one in ones.items() for key in graph.keys(name)}
