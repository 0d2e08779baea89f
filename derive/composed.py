"""A step's formula, with its slopes as a book would print them.

    h = sigma(w x + b)        dh/dw = sigma'(w x + b) x = h (1 - h) x
    J = (h - y)^2             dJ/dh = 2 (h - y)

SymPy would write sigma' out in w, x and b again, and multiply 2 (h - y) out. The
usual slope of the rule that is applied last is proved once, and what stands
inside is differentiated by SymPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from derive.expressions import NONE, Formula, Inside, expression, formula_of
from derive.formula.nodes import Apply, Derivative, Name, Node
from derive.rules import ACTIVATIONS

FEW = 4
"""A formula of more letters than these keeps SymPy's own slopes: looking for factors takes long."""

RESULT = sp.Symbol("the step itself")
"""The step's own value in a slope; no text can name a quantity so."""


def step_formula(
    node: Node, stand_ins: Mapping[str, sp.Expr] = NONE
) -> tuple[Formula, tuple[Name | Derivative, ...]]:
    """The formula of a step and what it reads, in order.

    stand_ins  of unspecified functions, those that have one
    """
    formula, leaves = formula_of(node, stand_ins=stand_ins)
    rule = ACTIVATIONS.get(node.operation) if isinstance(node, Apply) else None
    if not isinstance(node, Apply) or rule is None or rule.usual is None or rule.couples:
        return replace(formula, tidy=len(formula.formals) <= FEW), leaves
    outer = rule.formula(1)
    symbols = {str(leaf): symbol for leaf, symbol in zip(leaves, formula.formals, strict=True)}
    inner = expression(node.args[0], symbols, stand_ins)
    return replace(formula, results=(RESULT,), inside=Inside(outer, inner)), leaves
