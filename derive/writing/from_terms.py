"""A term of a step as a formula tree, with each quantity as its letter or its number.

A formula is stated for one unit, with the quantities of the others behind; on
the page the quantities of a layer keep their own order:

    a_2 = e^{z_2} / (e^{z_1} + e^{z_2} + e^{z_3})        of every unit alike
    a   = alpha z                                        a rule's parameter is a coefficient
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from derive.steps import Term, is_setting
from derive.writing.from_nodes import tree_of_node
from derive.writing.from_sympy import Order, natural_text, tree_of
from derive.writing.tree import Tree, negated, plus, product


def tree_of_term(term: Term, leaf: Callable[[str], Tree]) -> Tree:
    """The term's formula, `leaf` showing each quantity by its key; an author's text as it was written."""
    formula = term.formula
    shown = {formal.name: leaf(arg) for formal, arg in zip(formula.formals, term.args, strict=True)}
    if formula.node is not None:
        return tree_of_node(formula.node, lambda name: shown[str(name)])
    names = [formal.name for formal in formula.formals]
    as_summand = dict(zip(names, _alike_in_order(term.args), strict=True))
    as_factor = {
        name: (not is_setting(arg), k) for k, (name, arg) in enumerate(zip(names, term.args, strict=True))
    }
    return tree_of(
        formula.expr,
        lambda symbol: shown[symbol.name],
        Order(lambda symbol: as_summand[symbol.name], lambda symbol: as_factor[symbol.name]),
    )


def tree_of_terms(terms: Sequence[Term], leaf: Callable[[str], Tree]) -> Tree:
    """The sum of terms; of multiples of letters the number that they share stands before it: ½(x − μ)."""
    parts = [term.formula.expr.as_coeff_Mul() for term in terms]
    number, *others = {abs(number) for number, _ in parts} or {sp.S.One}
    trees = [tree_of_term(term, leaf) for term in terms]
    letters = all(rest.is_Symbol and factor.is_Rational for factor, rest in parts)
    if len(terms) == 1 or others or number == 1 or not letters:
        return plus(*trees)
    places = [term.formula.formals.index(rest) for term, (_, rest) in zip(terms, parts, strict=True)]
    shown = [leaf(term.args[place]) for term, place in zip(terms, places, strict=True)]
    signed = (negated(one) if factor < 0 else one for one, (factor, _) in zip(shown, parts, strict=True))
    return product(tree_of(number, lambda symbol: leaf(symbol.name)), plus(*signed))


def _alike_in_order(keys: Sequence[str]) -> list[int]:
    """For each key its place, entries of one array sharing theirs in the order of their indices."""
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(_array(key), []).append(place)
    found = list(range(len(keys)))
    for own in places.values():
        for place, key_place in zip(own, sorted(own, key=lambda k: natural_text(keys[k])), strict=True):
            found[key_place] = place
    return found


def _array(key: str) -> str:
    """z2@3 of z2[1]@3; any other key itself."""
    base, bracket, rest = key.partition("[")
    return base + rest.partition("]")[2] if bracket else key
