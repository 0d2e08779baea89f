"""A graph's values: the assignments evaluated in order, each with its rounding error."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derive.problem import Graph, Problem
from numeric.floats.nodes import evaluate
from numeric.floats.rounding import Rounded

NOTHING: Mapping[str, Rounded] = MappingProxyType({})


def graph_values(
    problem: Problem, graph: Graph, moved: Mapping[str, Rounded] = NOTHING
) -> dict[str, Rounded]:
    """Every name's value, with some of the given ones `moved` elsewhere; their shapes broadcast."""
    values = {name: Rounded.of(value) for name, value in problem.given.items()} | dict(moved)
    for line in graph.steps:
        values[line.name] = evaluate(line.node, values, graph.functions)
    return values


def objective_seeds(problem: Problem, graph: Graph) -> dict[str, dict[str, Rounded]]:
    """For each objective the outputs that make it up, with the gradients that arrive from upstream."""
    if graph.upstream:
        return {problem.upstream_key: {name: Rounded.of(weight) for name, weight in graph.upstream.items()}}
    return {output: {output: Rounded.exact(1.0)} for output in graph.outputs}
