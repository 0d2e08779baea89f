"""A graph of linear steps on its page: they collapse to one map, whose slope is the product of theirs."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from derive.notation import write, write_total
from derive.special.composition import Composed, Composition, composition
from derive.writing.from_sympy import tree_of
from derive.writing.tree import Tree, equals
from reports.content.desk import Desk
from reports.content.page import Block, Paragraph, Section, Stride, Strides, Toned

MOST_STEPS = 8


def composition_section(desk: Desk) -> Section | None:
    """The section of a graph whose steps are all affine in a given name; None for others."""
    found = composition(desk.problem)
    if found is None or len(found.steps) > MOST_STEPS:
        return None
    return Section("collapse", ("The steps collapse to one",), tuple(_blocks(desk, found)))


def _blocks(desk: Desk, found: Composition) -> Iterator[Block]:
    problem = desk.problem
    x, last = write(problem, found.by), found.steps[-1]
    yield Paragraph(
        (
            "No step bends: each is a multiple of ",
            x,
            " and a constant, so all of them together are one such map of ",
            x,
            ".",
        )
    )
    for step in found.steps:
        yield Strides(write(problem, step.key), tuple(_lines(desk, found, step)), f"{step.key} as one map")
    slope = write_total(problem, last.key, found.by)
    product = "the product of the slopes"
    if not found.is_chain:
        product = "the sum over the routes of the products of the slopes"
    yield Paragraph(
        (
            f"Its slope is {product}, as the chain rule has it: ",
            equals(slope, _tree(desk, last.slope)),
            ", whatever ",
            x,
            " is.",
        )
    )


def _lines(desk: Desk, found: Composition, step: Composed) -> Iterator[Stride]:
    """The step, what is below it put in, and one multiple of x and a constant."""
    told = (
        (step.own, "the step"),
        (step.nested, "the steps below put in"),
        (step.expr(sp.Symbol(found.by)), "multiplied out"),
    )
    seen: list[Tree] = []
    for expr, because in told:
        tree = _tree(desk, expr)
        if tree not in seen:
            seen.append(tree)
            yield Stride(tree, (because,), (Toned("good", ("proved",)),))


def _tree(desk: Desk, expr: sp.Expr) -> Tree:
    return tree_of(expr, lambda symbol: write(desk.problem, symbol.name))
