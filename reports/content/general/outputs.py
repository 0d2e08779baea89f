"""Output layers in the general theory: softmax without a Jacobian in letters, and the errors of usual pairs.

da_k/dz_j = a_k ([k = j] - a_j)
dC/dz_j   = sum over k of dC/da_k da_k/dz_j = ... = a_j - y_j        with cross-entropy, where sum of y = 1
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import sympy as sp

from derive.files.load import load_problem
from derive.identities import proved
from derive.problem import Notation, Problem
from derive.rules import ACTIVATIONS, COSTS
from derive.rules import A as A_J
from derive.special.jacobian import A_K, jacobian
from derive.special.pair_lines import Letters
from derive.special.pairs import Pair
from derive.theory.cases import case_rule
from derive.writing.spelling import spell
from derive.writing.tree import Fence, Ident, Num, Tree, bracketed, equals, plus, product, summed
from numeric.proofs.theory import Checked
from reports.content.page import Block, Chain, Paragraph, Piece, Strides
from reports.content.sheets.pair import derived, strides

SAME = sp.Symbol("[k = j]")
"""1 for k = j, 0 for any other k."""

PAIR = Pair(ACTIVATIONS["softmax"], COSTS["cross_entropy"])

ON_LOGITS = (
    ("softmax", "cross_entropy", "softmax with cross-entropy"),
    ("identity", "cross_entropy_on_logits", "softmax cross-entropy on logits"),
    ("identity", "binary_cross_entropy_on_logits", "binary cross-entropy on logits"),
)
"""Activation and cost of output layers whose error is told, with their words."""


def softmax_blocks(notation: Notation) -> Iterator[Block]:
    """The Jacobian resolved, and with cross-entropy what comes of it."""
    letters = _letters(notation)
    slope = letters.slope(notation.activation, notation.weighted_input, at="k")
    yield Chain((Piece("", slope), Piece("=", _resolved(letters))), ("both cases in one, proved:",))
    yield Paragraph(
        ("Here ", _same(), " is 1 for ", equals(Ident("k"), Ident("j")), " and else 0. With cross-entropy:")
    )
    yield _derived(notation)
    targets = summed(letters.of(notation.target, "k"), Ident("k"))
    yield Paragraph(("Only the last line needs ", equals(targets, Num("1")), "."))


def softmax_lines(notation: Notation) -> tuple[Checked, ...]:
    """What was found of each line of the derivation with cross-entropy."""
    found = derived(PAIR, _letters(notation))
    return tuple(Checked(True, check.digits, check.points) for _, check in found if check is not None)


def _derived(notation: Notation) -> Strides:
    letters = _letters(notation)
    return strides(letters, derived(PAIR, letters))


def _letters(notation: Notation) -> Letters:
    return Letters(
        cost=spell(notation.cost),
        activation=notation.activation,
        weighted_input=notation.weighted_input,
        target=notation.target,
    )


@cache
def resolved() -> sp.Expr:
    """a_k ([k = j] - a_j), proved to be the slope for k = j and for any other k."""
    found = jacobian(ACTIVATIONS["softmax"])
    assert found is not None, "softmax reads its whole layer"
    one = A_K * (SAME - A_J)
    same, other = one.subs({SAME: 1, A_K: A_J}), one.subs(SAME, 0)
    assert proved(same, found.own) and proved(other, found.cross), "no slope of softmax"
    return one


def _resolved(letters: Letters) -> Tree:
    """The factor of unit k first, and within the bracket the case."""
    a_k, bracket = resolved().args if resolved().args[0] == A_K else resolved().args[::-1]
    minus = bracket - SAME
    return product(letters.write(a_k), bracketed(plus(_same(), letters.write(minus))))


def _same() -> Tree:
    return Fence("[", equals(Ident("k"), Ident("j")), "]")


def output_rules(notation: Notation, letter: str) -> Iterator[Block]:
    """The rule by cases for output layers whose activation and cost come together."""
    for activation, cost, words in ON_LOGITS:
        rule = case_rule(_problem(activation, cost, notation, letter))
        assert rule is not None, "a network with such a cost has a rule"
        assumed = _assumed(notation) if rule.total == 1 else ()
        yield Chain((Piece("", rule.left), Piece("=", rule.tree)), (words, *assumed))


def _assumed(notation: Notation) -> tuple[str | Tree, ...]:
    total = summed(_letters(notation).of(notation.target, "k"), Ident("k"))
    return (", for targets with ", equals(total, Num("1")))


def _problem(activation: str, cost: str, notation: Notation, letter: str) -> Problem:
    """Two layers, the first of any activation."""
    layers = [{"units": 2, "activation": "general"}, {"units": 2, "activation": activation}]
    stated = {"network": {"inputs": 2, "cost": cost, "layers": layers}}
    return replace(load_problem(stated), notation=replace(notation, function=letter))
