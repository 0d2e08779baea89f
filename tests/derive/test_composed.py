"""A step that applies a rule last has the rule's usual slope, at any inside."""

from __future__ import annotations

import pytest
import sympy as sp

from derive import derive_gradient, load_problem
from derive.composed import RESULT, step_formula
from derive.expressions import results_of, slope, usual_slope
from derive.formula import Scope, parse
from derive.formula.nodes import FUNCTIONS
from derive.gradient import slope as slope_tree
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
@pytest.mark.parametrize("rule", every(RULES, 3))
def test_the_usual_slope_of_a_step_has_sympy_s_value(rule, inside, position):
    """h (1 - h) x at h = sigma(w x + b) is what SymPy makes of the whole."""
    formula = stated(f"{rule}({inside})")
    point = {symbol: POINT[symbol.name] for symbol in formula.formals}
    usual = usual_slope(formula, position)
    result = {RESULT: written_out(formula.expr).subs(point)}
    derived = value(slope(formula, position).expr, point)
    assert abs(value(usual.expr, point | result) - derived) < sp.Float("1e-25")


@pytest.mark.parametrize("text", ["w*x + b", "sigmoid(w*x) + b", "(w*x)^2", "max(w, x)"])
def test_a_step_that_applies_no_rule_last_has_no_result(text):
    """Its slope is SymPy's own."""
    formula = stated(text)
    assert formula.inside is None
    assert usual_slope(formula, 0) == slope(formula, 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("exp(w*x)", "x·r"),
        ("e^(w*x)", "x·r"),
        ("2^w", "r·ln(2)"),
        ("sqrt(w^2 + b)", "w/r"),
        ("(w + b)^(1/3)", "1/(3·r²)"),
        ("tan(w)", "r² + 1"),
        ("1/(w + b)", "−r²"),
        ("3/w", "−1/3·r²"),
        ("1/(1 + exp(-w*x))", "r·(1 − r)·x"),
        ("1/(e^w + 1)", "−r·(1 − r)"),
        ("sigmoid(w*x)", "r·(1 − r)·x"),
    ],
)
def test_a_slope_that_holds_the_step_itself_is_written_in_its_name(text, shown):
    """dr/dw of r = text: what is computed already is not computed again; proved, and so on the page."""
    graph = {"steps": [f"r = {text}", "J = r^3"], "output": "J"}
    factor = derive_gradient(load_problem({"graph": graph})).routes.factor("r", "w")
    assert plain(slope_tree(load_problem({"graph": graph}), factor)) == shown
    assert factor.proved


@pytest.mark.parametrize("rule", every(["softmax", "log_softmax"], 2))
def test_a_softmax_of_a_formula_has_its_slopes_in_its_own_entries(rule):
    """P1(1 − P1)A by the U of its own column, −P1 P2 A by that of the other; as SymPy has them."""
    graph = {"steps": [f"P = {rule}(A @ U, axis=1)", "L = sum(P^2)"], "output": "L"}
    graph["shapes"] = {"A": [1, 2], "U": [2, 3]}
    routes = derive_gradient(load_problem({"graph": graph})).routes
    for by in ("U[2,1]", "U[2,3]", "A[1,2]"):
        factor = routes.factor("P[1,1]", by)
        (use,) = factor.uses
        results = dict(zip(use.term.formula.results, results_of(use.term.formula), strict=True))
        derived = slope(use.term.formula, use.position).expr
        assert factor.proved
        assert factor.expression.free_symbols & set(sp.symbols("P[1\\,1] P[1\\,2] P[1\\,3]"))
        shown = usual_slope(use.term.formula, use.position).expr.xreplace(results)
        assert sp.simplify(shown - derived) == 0


def test_a_page_prints_the_slope_in_the_step_s_own_name():
    """h(1 - h)x, not e^{-wx-b} over a square, as every book has it."""
    graph = {"steps": ["h = sigmoid(w*x + b)", "J = (h - 1)^2"], "output": "J"}
    lines = derive_gradient(load_problem({"graph": graph}))["dJ/dw"].steps
    assert "h·(1 − h)·x" in [plain(line.rhs) for line in lines]
