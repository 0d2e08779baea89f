"""What a problem supposes: functions that it does not specify, and equations between given values."""

from __future__ import annotations

from collections.abc import Iterator

from derive.assumptions import Assumption
from derive.formula.nodes import Name
from derive.notation import write
from derive.problem import Graph, Problem
from derive.writing.from_nodes import tree_of_node
from derive.writing.spelling import spell
from derive.writing.tree import Tree, equals
from reports.content.page import Part, Prose
from reports.content.wording import listed
from reports.numbers import number_tree


def supposed(problem: Problem) -> Prose:
    """Sentences for the head of the page, each with a blank before it; nothing for most problems."""
    body = problem.body
    if not isinstance(body, Graph):
        return ()
    return (*_functions(problem), *_assumptions(problem, body))


def _functions(problem: Problem) -> Iterator[Part]:
    letters: list[Prose] = [(spell(name),) for name in problem.open_functions]
    if letters:
        kind = " is an unspecified differentiable function" if len(letters) == 1 else None
        yield " Here "
        yield from listed(letters)
        yield kind or " are unspecified differentiable functions"
        yield ": what is derived holds for any."


def _assumptions(problem: Problem, graph: Graph) -> Iterator[Part]:
    if not graph.assumptions:
        return
    yield " Assumed of the given values: "
    yield from listed([tuple(_assumption(problem, assumption)) for assumption in graph.assumptions])
    yield ". The derivatives do not follow them: each moves one value and holds the others."


def _assumption(problem: Problem, assumption: Assumption) -> Iterator[Part]:
    """p + q = 1 (so q = 0.7)"""

    def leaf(name: Name) -> Tree:
        return write(problem, str(name))

    yield equals(tree_of_node(assumption.left, leaf), tree_of_node(assumption.right, leaf))
    value = problem.given.get(assumption.fixes) if assumption.fixes else None
    if assumption.fixes and value is not None:
        yield " (so "
        yield equals(write(problem, assumption.fixes), number_tree(value))
        yield ")"
