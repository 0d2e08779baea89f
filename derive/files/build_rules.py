"""Activations and costs as a file states them: a row's name, with its parameters, or a formula.

activation = "sigmoid"
activation = {rule = "leaky_relu", alpha = 0.1}
cost       = "(y - a)^2"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

import sympy as sp

from derive.errors import did_you_mean
from derive.files.build_formula import is_word, rule_formula
from derive.files.elsewhere import ACTIVATION_WORDS, COST_WORDS, Words, meant, same
from derive.files.mistakes import Mistakes, path, shown
from derive.files.schema import RuleTable
from derive.formula.nodes import FUNCTIONS, Node
from derive.rules import ACTIVATIONS, COSTS, Activation, Cost, RuleParameter, activation_of, cost_of

_CALLED = re.compile(r"(?P<module>(?:[A-Za-z_]\w*\.)*)(?P<word>[A-Za-z_]\w*)\s*(?:\((?P<operands>[^()]*)\))?")

Rule = TypeVar("Rule", Activation, Cost)


@dataclass(frozen=True)
class Kind(Generic[Rule]):
    """What a place of the file takes: rows by name, or a formula in `letters`.

    formula    how messages describe that
    elsewhere  what other programs call the rows
    """

    noun: str
    rows: Mapping[str, Rule]
    letters: Set[str]
    formula: str
    of_node: Callable[[Node], Rule]
    elsewhere: Words

    def names(self) -> dict[str, Rule]:
        """The rows by all their names."""
        names: dict[str, Rule] = dict(self.rows)
        for rule in self.rows.values():
            names |= dict.fromkeys(rule.aliases, rule)
        return names


ACTIVATION = Kind("activation", ACTIVATIONS, {"z"}, "a formula in z", activation_of, ACTIVATION_WORDS)
COST = Kind("cost", COSTS, {"a", "y"}, "a formula of one output in a and y", cost_of, COST_WORDS)


def activation_from(where: str, table: RuleTable, mistakes: Mistakes) -> Activation | None:
    """The activation of one layer, with its parameters' numbers."""
    return _rule(ACTIVATION, where, table, mistakes)


def pieces_of(table: RuleTable) -> int | None:
    """How many weighted inputs a unit of this activation has; None where the file's number cannot be."""
    row = ACTIVATION.names().get(table.rule)
    if row is None or not row.parameters:
        return 1
    settled = _with_parameters(row, "", table.parameters, Mistakes())
    return settled.pieces if settled else 1 if row.own == 1 else None


def cost_from(where: str, table: RuleTable, mistakes: Mistakes) -> Cost | None:
    """The cost, with its parameters' numbers."""
    return _rule(COST, where, table, mistakes)


def _rule(kind: Kind[Rule], where: str, table: RuleTable, mistakes: Mistakes) -> Rule | None:
    named = kind.names()
    if table.rule in named:
        return _with_parameters(named[table.rule], where, table.parameters, mistakes)
    word = _named(table.rule, kind)
    if word is not None:
        ours = meant(word, named, kind.elsewhere)
        found = f"{shown(table.rule)} is no {kind.noun}{ours.asked if ours else ''}"
        mistakes.add(where, found, f"{', '.join(kind.rows)}, or {kind.formula}", ours.note if ours else "")
        return None
    for name in table.parameters:
        mistakes.add(path_below(where, name), "a formula has no parameters", fix="write the number into it")
    node = rule_formula(where, table.rule, kind.letters, kind.formula, mistakes)
    return None if node is None else kind.of_node(node)


def _named(text: str, kind: Kind[Rule]) -> str | None:
    """The word in `rleu`, `nn.ReLU()` or `leaky_relu(z)`, which are meant as names; None for a formula."""
    if is_word(text, kind.letters):
        return text
    read = _CALLED.fullmatch(text.strip())
    if read is None or (read["word"] in FUNCTIONS and read["operands"] and not read["module"]):
        return None
    return read["word"] if same(read["word"], kind.names(), kind.elsewhere) else None


def _with_parameters(row: Rule, where: str, given: Mapping[str, Fraction], mistakes: Mistakes) -> Rule | None:
    before = len(mistakes)
    known = {parameter.name: parameter for parameter in row.parameters}
    for name, value in given.items():
        place = path_below(where, name)
        if name not in known:
            found = f"{row.name} has no parameter '{name}'{did_you_mean(name, known)}"
            mistakes.add(place, found, ", ".join(known), "" if known else "leave it out: it has none")
        elif not known[name].allows(value):
            found = f"{row.name}'s {name} is {value}: {known[name].meaning}"
            mistakes.add(place, found, allowed_words(known[name]))
    return row.given(given) if len(mistakes) == before else None


def path_below(where: str, name: str) -> str:
    """The place of a key within a table."""
    return f"{where}.{path(name)}"


def allowed_words(parameter: RuleParameter) -> str:
    """What a parameter may be: `a number above 0`, `a number from 0 to 1`, `1.05… only`."""
    allowed = parameter.allowed
    if parameter.fixed:
        return f"its published value {float(parameter.default)}…, so leave it out"
    low, high = allowed.inf, allowed.sup
    if parameter.whole:
        return f"a whole number from {low} to {high}"
    if high == sp.oo:
        return f"a number above {low}" if allowed.left_open else f"{low} or more"
    return f"a number from {low} to {high}"
