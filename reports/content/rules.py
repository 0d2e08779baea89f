"""The rules of a network on its page: formula, parameters, where it is defined, conventions, source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from derive.expressions import Formula
from derive.functions import function_names
from derive.notation import of_any_layer, setting_names
from derive.problem import Network, Notation, Problem
from derive.rules import A, Activation, Cost, Kink, Y, Z
from derive.steps import settings_of
from derive.writing.from_nodes import tree_of_node
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import Call, Tree, equals, related
from reports.content.desk import elided
from reports.content.page import Column, Prose, Table
from reports.content.training.section import update_equations
from reports.content.wording import capitalised
from reports.numbers import number_tree

A_1 = sp.Symbol("a_1")
"""The first unit's activation, where a formula reads those of the others too."""


def rules_table(problem: Problem, network: Network) -> Table:
    """All rules of a network, each once."""
    letters = Letters(problem.notation)
    rows: list[tuple[Prose, ...]] = []
    names = function_names(network, problem.notation)
    first = {name: l for l, name in reversed(list(enumerate(names, 1)))}
    for l in sorted(first.values()):
        layer, name = network.layer(l), names[l - 1]
        rule = layer.activation
        left = letters(A_1) if rule.couples else letters.activation
        called = () if name == rule.letter else (Call(spell(name), (letters(Z),)),)
        settings = _settings(network, rule, l)
        shown = letters.equation((left, *called), rule, rule.formula(layer.size), settings)
        shown = of_any_layer(problem, shown)
        rows.append(((capitalised(rule.words), *_parameters(rule, settings)), (shown,), (rule.source,)))
    if network.cost is not None:
        cost = network.cost
        name = capitalised(cost.words)
        left = letters.first_cost if cost.couples else letters.cost
        settings = _settings(network, cost)
        shown = letters.equation((left,), cost, cost.over(network.sizes[-1]), settings)
        shown = of_any_layer(problem, shown)
        assumed = [part for words in _assumed(cost, letters) for part in ("; ", *words)]
        rows.append(((name, *_parameters(cost, settings)), (shown, *assumed), (cost.source,)))
    if problem.training is not None:
        update = problem.training.rule
        rows.append(((capitalised(update.words),), (update_equations(update)[-1],), (update.source,)))
    columns = (Column(("rule",), 0.22), Column(("formula",), 0.4), Column(("source",), 0.38))
    return Table("rules", "rules and their sources", columns, tuple(rows))


def conventions(problem: Problem, network: Network) -> Iterator[Prose]:
    """What each rule takes as its slope where it has none."""
    letters = Letters(problem.notation)
    activations = dict.fromkeys(layer.activation for layer in network.layers)
    yield from dict.fromkeys(
        (f"{rule.words} has no slope at ", *_convention(kink), ", by convention.")
        for rule in activations
        for kink in rule.kinks
    )
    if network.cost is not None:
        for kink in network.cost.kinks:
            name = network.cost.words
            where = equals(letters.activation, tree_of(kink.at, letters))
            yield (
                f"{name} has no slope at ",
                where,
                "; here it is ",
                _number(kink.slope),
                ", by convention.",
            )


def _convention(kink: Kink) -> Prose:
    return (kink.words,) if kink.words else (_number(kink.at), "; here it is ", _number(kink.slope))


class Letters:
    """How a rule's own symbols are written: z, a and y in the problem's letters, one output's cost as C_k."""

    def __init__(self, notation: Notation) -> None:
        self.activation, self.cost = spell(notation.activation), spell(f"{notation.cost}_k")
        self.first_cost = spell(f"{notation.cost}_1")
        self._own = {"z": notation.weighted_input, "a": notation.activation, "y": notation.target}

    def __call__(self, symbol: sp.Symbol) -> Tree:
        head, _, index = symbol.name.partition("_")
        name = self._own.get(head, head)
        return spell(f"{name}_{index}" if index else name)

    def equation(
        self, left: tuple[Tree, ...], rule: Activation | Cost, formula: Formula, settings: tuple[str, ...]
    ) -> Tree:
        """a = phi(z), with the names of its parameters"""
        if rule.node is not None:
            return equals(*left, tree_of_node(rule.node, lambda name: self(sp.Symbol(str(name)))))
        written = zip(rule.written, settings, strict=True)
        own = {parameter.symbol: sp.Symbol(name) for (parameter, _), name in written}
        if rule.couples or (isinstance(rule, Activation) and rule.pieces > 1):
            own |= {Z: sp.Symbol("z_1"), A: A_1, Y: sp.Symbol("y_1")}
        return equals(*left, elided(tree_of(formula.expr.xreplace(own), self)))


def _settings(network: Network, rule: Activation | Cost, layer: int = 0) -> tuple[str, ...]:
    """The names of a rule's parameters on the page, of those that formulas read."""
    names = setting_names(network)
    return tuple(names[setting.key] for setting in settings_of(rule, layer))


def _parameters(rule: Activation | Cost, settings: tuple[str, ...]) -> Prose:
    """, α = 0.01"""
    found: Prose = ()
    for (_, value), name in zip(rule.written, settings, strict=True):
        found += (", ", equals(spell(name), number_tree(value, 12)))
    return found


def _assumed(cost: Cost, letters: Letters) -> Iterator[Prose]:
    """What a cost assumes of outputs and targets, where it assumes anything: 0 < a ≤ 1; y ≥ 0."""
    if isinstance(cost.outputs, sp.Interval) and cost.outputs != sp.S.Reals:
        low, high = cost.outputs.inf, cost.outputs.sup
        sides = (letters.activation,) if high == sp.oo else (letters.activation, tree_of(high, letters))
        signs = ["<" if is_open else "≤" for is_open in (cost.outputs.left_open, cost.outputs.right_open)]
        bounds = tree_of(low, letters)
        for sign, side in zip(signs, sides, strict=False):
            bounds = related(bounds, sign, side)
        yield (bounds,)
    if cost.targets.values != sp.S.Reals:
        sentence = str(cost.targets).replace("<=", "≤").replace(">=", "≥").replace("-", "−")
        before, *others = re.split(r"\by\b", sentence)
        yield (before, *(part for words in others for part in (letters(Y), words)))


def _number(value: sp.Expr) -> Tree:
    return number_tree(Fraction(int(value.p), int(value.q)))
