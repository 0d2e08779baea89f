"""A rule of samples by cases: what one sample does to a weight, for each pair of activation and target.

w' = w          if a = y
     w + eta x  if a = 0 and y = 1
     w - eta x  if a = 1 and y = 0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product as pairs

import sympy as sp

from derive.problem import Network, Problem
from derive.training.update_rules import RATE, UpdateRule, formula_in
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import Cases, Row, Text, Tree, equals, plus
from reports.content.page import Block, Chain, Paragraph, Piece
from reports.content.training.update_line import rule_letter


def sample_cases(problem: Problem, rule: UpdateRule) -> Iterator[Block]:
    """The cases of units that take a few values only."""
    network = problem.body
    assert isinstance(network, Network), "a rule of samples trains a network"
    values = network.layer(1).activation.range
    if not isinstance(values, sp.FiniteSet):
        return
    letters = {"a": problem.notation.activation, "y": problem.notation.target}
    activation, target = (spell(letters[letter]) for letter in "ay")
    rows: list[tuple[Tree, Tree | None]] = [(rule_letter("w"), equals(activation, target))]
    for y, a in pairs(sorted(values, reverse=True), sorted(values)):
        change = change_by(rule, a, y)
        if change != 0:
            both = Row((equals(activation, _number(a)), Text(" and "), equals(target, _number(y))))
            rows.append((plus(rule_letter("w"), tree_of(change, _letter)), both))
    yield Paragraph(("For one sample: a unit that is right changes nothing.",))
    yield Chain((Piece("", rule_letter("w'")), Piece("=", Cases(tuple(rows)))))
    if network.layer(1).biases is not None:
        yield Paragraph(("A bias is the weight of an input that is always 1.",), quiet=True)


def change_by(rule: UpdateRule, a: sp.Expr, y: sp.Expr) -> sp.Expr:
    """What a sample with this activation and target adds to a weight, in eta and x."""
    formula, letters = formula_in(rule.sample)
    known: Mapping[str, sp.Expr] = {"a": a, "y": y}
    names = {
        formal: known.get(letter, sp.Symbol(letter))
        for formal, letter in zip(formula.formals, letters, strict=True)
    }
    return formula.expr.subs(names)


def _number(value: sp.Expr) -> Tree:
    return tree_of(value, _letter)


def _letter(symbol: sp.Symbol) -> Tree:
    return rule_letter(symbol.name) if symbol.name == RATE else spell(symbol.name)
