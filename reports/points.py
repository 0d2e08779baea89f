"""The random points at which a problem was verified that leaves numbers or functions free, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.assumptions import written
from derive.notation import write
from derive.problem import Graph, Problem
from derive.steps import given_values
from derive.unspecified import StandIn
from derive.writing.from_nodes import tree_of_node
from derive.writing.plain import plain
from derive.writing.spelling import spell
from derive.writing.tree import Call, Ident, Num, Tree, equals

IN_A_LINE, ON_A_PAGE = 8, 40
"""Numbers of one point that are listed; a network has thousands."""


def point_words(problem: Problem, point: Problem) -> str:
    """x = 0.532, w = 0.8, phi(z) = tanh(z), by the names that a file has for them"""
    names = {parameter.key: parameter.name for parameter in problem.parameters}
    functions = (f"{name}(z) = {plain(formula)}" for name, formula in _functions(problem, point))
    values = [f"{names.get(key, key)} = {value}" for key, value in _drawn(problem, point)]
    return ", ".join([*functions, *values[:IN_A_LINE], *_more(values, IN_A_LINE)])


def point_formulas(problem: Problem, point: Problem) -> Iterator[Tree | str]:
    """The same in the letters of a page."""
    for name, formula in _functions(problem, point):
        yield equals(Call(spell(name), (Ident("z"),)), formula)
    drawn = list(_drawn(problem, point))
    yield from (equals(write(problem, key), Num(value)) for key, value in drawn[:ON_A_PAGE])
    yield from _more(drawn, ON_A_PAGE)


def _more(values: Sequence[object], most: int) -> Iterator[str]:
    if len(values) > most:
        yield f"and {len(values) - most:,} more values"


def _drawn(problem: Problem, point: Problem) -> Iterator[tuple[str, str]]:
    """The numbers that were open, by their keys."""
    before = given_values(problem)
    for key, value in given_values(point).items():
        if value is not None and before.get(key) is None:
            yield key, written(value)


def _functions(problem: Problem, point: Problem) -> Iterator[tuple[str, Tree]]:
    """What stands for each unspecified function, by its letter."""
    if isinstance(problem.body, Graph) and isinstance(point.body, Graph):
        stand_ins = [(name, point.body.functions[name]) for name in problem.open_functions]
        yield from ((name, _formula(stand_in)) for name, stand_in in stand_ins if stand_in)
        return
    assert not isinstance(point.body, Graph)
    assert not isinstance(problem.body, Graph)
    found: dict[str, Tree] = {}
    for layer, concrete in zip(problem.body.layers, point.body.layers, strict=True):
        if layer.activation.open:
            node = concrete.activation.node
            known = Call(Ident(concrete.activation.name, upright=True), (Ident("z"),))
            found[layer.activation.letter] = tree_of_node(node, _leaf) if node is not None else known
    yield from found.items()


def _formula(stand_in: StandIn) -> Tree:
    return tree_of_node(stand_in.node, _leaf)


def _leaf(_: object) -> Ident:
    return Ident("z")
