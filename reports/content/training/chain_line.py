"""The update of a graph in one line: the chain rule, with every slope put in, where the gradient stood.

w' = w - eta dC/dw = w - eta 2 (a - y) a (1 - a) x
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import sympy as sp

from derive.errors import AnswerError
from derive.notation import write, write_total
from derive.problem import Graph
from derive.training.update import rule_of, setting, trained, updated
from derive.training.update_rules import GRADIENT_DESCENT, RATE
from derive.views.closed import ClosedForm
from derive.writing.tree import Tree, negated, plus, product
from numeric.proofs.lines import ENOUGH_DIGITS, agreed
from numeric.training.first_update import FirstUpdate, value_in
from reports.content.desk import Desk
from reports.content.page import Block, Paragraph, Section, Stride, Strides, Toned
from reports.content.training.update_line import rule_letter

MOST_OPERATIONS = 60
"""A longer chain is no line; the derivations have it stage by stage."""

MOST_PARAMETERS = 6


def chain_line_section(desk: Desk, first: FirstUpdate) -> Section | None:
    """The section of a graph that descends; None for other rules, and where no chain is short enough."""
    problem = desk.problem
    if not isinstance(problem.body, Graph) or rule_of(problem) != GRADIENT_DESCENT:
        return None
    blocks = [block for key in trained(problem)[:MOST_PARAMETERS] for block in _blocks(desk, first, key)]
    if not blocks:
        return None
    words = Paragraph(("Every slope of the chain put in where the gradient stood.",), quiet=True)
    return Section("update-line", ("The update in one line",), (words, *blocks))


def _blocks(desk: Desk, first: FirstUpdate, key: str) -> Iterator[Block]:
    problem = desk.problem
    try:
        chain = desk.derivation.gradient(problem.objectives[0], key).forward_form(MOST_OPERATIONS)
    except AnswerError:
        return
    digits = _digits(desk, first, key, chain)
    if digits < ENOUGH_DIGITS:
        return
    how = "exactly" if digits == inf else f"{ENOUGH_DIGITS} digits"
    slopes = (write_total(problem, problem.objectives[0], key), chain.tree)
    reasons = ("the rule", "the chain rule, every slope put in")
    checks = ((Toned("good", ("holds",)), ", by definition"), (Toned("good", ("holds",)), f", {how}"))
    lines = (
        Stride(_descended(desk, key, slope), (because,), check)
        for slope, because, check in zip(slopes, reasons, checks, strict=True)
    )
    yield Strides(write(problem, key, primes=1), tuple(lines), f"the update of {key} line by line")


def _descended(desk: Desk, key: str, slope: Tree) -> Tree:
    """w − η slope"""
    return plus(write(desk.problem, key), negated(product(rule_letter(RATE), slope)))


def _digits(desk: Desk, first: FirstUpdate, key: str, chain: ClosedForm) -> float:
    """In how many digits the line gives what the update gave, whose gradient is that of the sweep."""
    expr = sp.Symbol(key) - sp.Symbol(setting(RATE)) * chain.expression
    return agreed(first.value(updated(key)), value_in(desk.problem, first, expr))
