"""A step that applies a rule last has the rule's usual slope, at any inside."""

from __future__ import annotations

import pytest
import sympy as sp

from derive import derive_gradient, load_problem
from derive.composed import RESULT, step_formula
from derive.expressions import slope, usual_slope
from derive.formula import Scope, parse
from derive.formula.nodes import FUNCTIONS
from derive.rules import ACTIVATIONS
from derive.whole_functions import written_out
from derive.writing.plain import plain
from tests.kinds import every

LETTERS = ("b", "w", "x")
POINT = {"w": sp.Rational(3, 7), "x": sp.Rational(-11, 10), "b": sp.Rational(2, 5)}
RULES = [
    name
    for name, rule in ACTIVATIONS.items()
    if name in FUNCTIONS and rule.usual is not None and not rule.couples
]


def stated(text: str):
    return step_formula(parse(text, Scope(names=frozenset(LETTERS))))[0]


def value(expr: sp.Expr, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    return written_out(expr).subs(point).evalf(30)


@pytest.mark.parametrize("position", every(range(3), 3))
@pytest.mark.parametrize("inside", ["w*x + b", "w*x^2 - exp(b)"])
@pytest.mark.parametrize("rule", RULES)
def test_the_usual_slope_of_a_step_has_sympy_s_value(rule, inside, position):
    """h (1 - h) x at h = sigma(w x + b) is what SymPy makes of the whole."""
    formula = stated(f"{rule}({inside})")
    point = {symbol: POINT[symbol.name] for symbol in formula.formals}
    usual = usual_slope(formula, position)
    result = {RESULT: written_out(formula.expr).subs(point)}
    derived = value(slope(formula, position).expr, point)
    assert abs(value(usual.expr, point | result) - derived) < sp.Float("1e-25")


@pytest.mark.parametrize("text", ["w*x + b", "sigmoid(w*x) + b", "exp(w*x)", "max(w, x)"])
def test_a_step_that_applies_no_rule_last_has_no_result(text):
    """Its slope is SymPy's own."""
    formula = stated(text)
    assert formula.inside is None
    assert usual_slope(formula, 0) == slope(formula, 0)


def test_a_page_prints_the_slope_in_the_step_s_own_name():
    """h(1 - h)x, not e^{-wx-b} over a square, as every book has it."""
    graph = {"steps": ["h = sigmoid(w*x + b)", "J = (h - 1)^2"], "output": "J"}
    lines = derive_gradient(load_problem({"graph": graph}))["dJ/dw"].steps
    assert "h·(1 − h)·x" in [plain(line.rhs) for line in lines]
