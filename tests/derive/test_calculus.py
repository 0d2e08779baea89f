"""Differentiating step by step: each rule of the table, and every step equal to SymPy's derivative."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sympy as sp

from derive.calculus import RULES, defined, pending, strides
from derive.identities import proved
from derive.whole_functions import unspecified

Z, Y = sp.symbols("z y")
E = sp.exp(-Z)

FORMULAS = (
    Z**3 + 5 * Z + Y,
    3 * Z * Y,
    Z * sp.exp(Z) * sp.log(Z),
    (Z + 1) / (Z**2 + 1),
    1 / (1 + E),
    sp.log(1 + sp.exp(Z)),
    sp.sin(Z) * sp.cos(2 * Z),
    sp.tanh(Z**2),
    Z * (1 + sp.erf(Z / sp.sqrt(2))) / 2,
    sp.sqrt(1 + Z**2),
    2**Z,
)


def reasons(expr: sp.Expr) -> list[str]:
    return [stride.because for stride in strides(expr, Z)]


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_every_step_is_sympys_derivative(expr):
    """A step that is not would be a wrong line of a textbook."""
    assert all(proved(stride.expr, sp.diff(expr, Z)) for stride in strides(expr, Z))


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_the_last_step_has_no_derivative_to_be_taken(expr):
    """A derivation that stops on its way derives nothing."""
    *_, last = strides(expr, Z)
    assert not pending(last.expr)


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_each_step_differs_from_the_one_before(expr):
    """A rule that changes nothing is no step."""
    steps = [stride.expr for stride in strides(expr, Z)]
    assert all(left != right for left, right in pairwise(steps))


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        (sp.Integer(3), ["a constant has no slope"]),
        (Z, ["a straight line"]),
        (Z**2, ["by definition", "power rule"]),
        (Y * Z**2, ["by definition", "constant factor", "power rule"]),
        (Z**2 + Y, ["by definition", "sum rule; the constant drops out", "power rule"]),
        (Z**2 + Z, ["by definition", "sum rule", "power rule"]),
        (Z * sp.exp(Z), ["by definition", "product rule", "exponential function"]),
        (Z / (1 + Z), ["by definition", "quotient rule", "sum rule; the constant drops out"]),
        (sp.exp(-Z), ["by definition", "exponential function, chain rule", "constant factor"]),
        (sp.log(Z), ["by definition", "logarithm"]),
    ],
    ids=str,
)
def test_a_step_names_its_rule(expr, names):
    """In the words of a textbook, and the chain rule only where it is used."""
    assert reasons(expr) == names


def test_the_sigmoid_is_differentiated_as_books_do_it():
    """Power, sum, exponential, constant factor: one rule a line."""
    assert reasons(1 / (1 + E)) == [
        "by definition",
        "power rule, chain rule",
        "sum rule; the constant drops out",
        "exponential function, chain rule",
        "constant factor",
    ]


def test_tanh_by_itself_is_differentiated_from_its_definition():
    """To cite tanh′ = 1 − tanh² on tanh's own sheet would be to assume what is to be shown."""
    assert not defined(sp.tanh(Z)).has(sp.tanh)
    assert defined(Z * sp.tanh(Z)) == Z * sp.tanh(Z)


def test_the_slope_of_an_unspecified_function_keeps_its_name():
    """Nothing is known of φ, so φ′ is where its derivation ends."""
    phi = unspecified("phi")
    assert [stride.expr for stride in strides(phi(Z), Z)] == [sp.Derivative(phi(Z), Z)]


def test_a_class_without_a_rule_is_named():
    """Rather than differentiated by some other rule."""
    with pytest.raises(TypeError, match="gamma"):
        list(strides(sp.gamma(Z), Z))


def test_the_tables_of_functions_are_not_taken_on_trust():
    """Every row that differentiates a function of one argument gives SymPy's derivative of it."""
    for cls in RULES.keys() - {sp.Add, sp.Mul, sp.Pow}:
        *_, last = strides(cls(Z / 3), Z)
        assert proved(last.expr, sp.diff(cls(Z / 3), Z)), cls
