"""The random points at which a problem was verified that leaves numbers or functions free, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from derive.assumptions import written
from derive.problem import Graph, Problem
from derive.steps import given_values
from derive.unspecified import StandIn
from derive.writing.from_nodes import tree_of_node
from derive.writing.plain import plain
from derive.writing.tree import Ident

MOST_VALUES = 8
"""Numbers of one point that are listed; a network has thousands."""


def point_words(problem: Problem, point: Problem, most: int = MOST_VALUES) -> str:
    """x = 0.532, w = 0.8, phi(z) = tanh(z)"""
    values = list(_drawn(problem, point))
    words = [f"{name} = {value}" for name, value in islice(values, most)]
    words += [f"and {len(values) - most:,} more values"] if len(values) > most else []
    return ", ".join([*_functions(problem, point), *words])


def _drawn(problem: Problem, point: Problem) -> Iterator[tuple[str, str]]:
    """The numbers that were open, by the author's names."""
    names = {parameter.key: parameter.name for parameter in problem.parameters}
    before = given_values(problem)
    for key, value in given_values(point).items():
        if value is not None and before.get(key) is None:
            yield names.get(key, key), written(value)


def _functions(problem: Problem, point: Problem) -> Iterator[str]:
    """What stands for each unspecified function."""
    if isinstance(problem.body, Graph) and isinstance(point.body, Graph):
        stand_ins = [(name, point.body.functions[name]) for name in problem.open_functions]
        yield from (f"{name}(z) = {_formula(stand_in)}" for name, stand_in in stand_ins if stand_in)
        return
    assert not isinstance(point.body, Graph)
    assert not isinstance(problem.body, Graph)
    found: dict[str, str] = {}
    for layer, concrete in zip(problem.body.layers, point.body.layers, strict=True):
        if layer.activation.open:
            node = concrete.activation.node
            formula = (
                plain(tree_of_node(node, _leaf)) if node is not None else f"{concrete.activation.name}(z)"
            )
            found[layer.activation.letter] = formula
    yield from (f"{letter}(z) = {formula}" for letter, formula in found.items())


def _formula(stand_in: StandIn) -> str:
    return plain(tree_of_node(stand_in.node, _leaf))


def _leaf(_: object) -> Ident:
    return Ident("z")
