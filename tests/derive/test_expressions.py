"""Formulas as SymPy sees them: every operation, its slope, and what a route carries."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from derive.expressions import (
    ADJOINT,
    CONSTANTS,
    SYMPY,
    Formula,
    carried,
    expression,
    formula_of,
    slope,
    tidied,
)
from derive.formula import Scope, parse
from derive.formula.nodes import OPERATIONS, Apply, Constant, Name, Number
from derive.formula.tokens import is_identifier
from derive.whole_functions import Larger, Smaller
from derive.writing.from_sympy import tree_of
from derive.writing.plain import plain
from derive.writing.spelling import spell

P, Q, R = sp.symbols("p q r")
SCOPE = Scope(names=frozenset({"p", "q", "r", "adjoint"}))


def formula(text: str) -> Formula:
    return formula_of(parse(text, SCOPE))[0]


def at(expr: sp.Expr, **values: object) -> sp.Expr:
    """The value at a rational point."""
    return expr.xreplace({sp.Symbol(name): sp.Rational(value) for name, value in values.items()})


def test_every_operation_of_the_grammar_has_a_meaning():
    """A text that can be read can be differentiated."""
    assert SYMPY.keys() == OPERATIONS.keys()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("p + q", P + Q),
        ("p - q", P - Q),
        ("p*q", P * Q),
        ("p/q", P / Q),
        ("p^q", P**Q),
        ("-p", -P),
        ("exp(p)", sp.exp(P)),
        ("log(p)", sp.log(P)),
        ("sqrt(p)", sp.sqrt(P)),
        ("sin(p)", sp.sin(P)),
        ("cos(p)", sp.cos(P)),
        ("tanh(p)", sp.tanh(P)),
        ("identity(p)", P),
        ("sigmoid(p)", 1 / (1 + sp.exp(-P))),
        ("0.1*p", P / 10),
        ("e^p + pi", sp.exp(P) + sp.pi),
    ],
)
def test_an_operation_means_what_sympy_means(text, meaning):
    """Decimals are exact; e and pi are the constants."""
    assert formula(text).expr == meaning


@pytest.mark.parametrize(
    ("text", "below", "on", "above"),
    [
        ("abs(p)", -1, 0, 1),
        ("relu(p)", 0, 0, 1),
        ("step(p)", 0, 0, 0),
        ("max(p, 0)", 0, 1, 1),
        ("max(0, p)", 0, 0, 1),
        ("min(p, 0)", 1, 1, 0),
        ("min(0, p)", 1, 0, 0),
    ],
)
def test_the_slope_beside_and_at_a_kink(text, below, on, above):
    """At a tie the first argument counts; |p| has slope 0 there, as relu has."""
    derived = slope(formula(text), 0).expr
    assert [at(derived, p=value) for value in (-2, 0, 3)] == [below, on, above]


@pytest.mark.parametrize(
    ("point", "slopes"),
    [
        ((3, 2, 1), (1, 0, 0)),
        ((1, 3, 2), (0, 1, 0)),
        ((1, 2, 3), (0, 0, 1)),
        ((2, 2, 2), (1, 0, 0)),
        ((1, 2, 2), (0, 1, 0)),
    ],
)
def test_the_maximum_of_several_hands_its_slope_to_one(point, slopes):
    """The first of the largest takes all of it: SymPy's Max would share a tie."""
    largest = formula("max(p, q, r)")
    values = dict(zip("pqr", point, strict=True))
    assert tuple(at(slope(largest, k).expr, **values) for k in range(3)) == slopes


@pytest.mark.parametrize(("kind", "chosen"), [(Larger, 3), (Smaller, 2)])
def test_the_maximum_of_two_numbers_is_a_number(kind, chosen):
    """SymPy compares max(3, 2) with 1 for ever when it stays a function."""
    assert kind(sp.Integer(3), sp.Integer(2)) == kind(sp.Integer(2), sp.Integer(3)) == chosen
    assert sp.Piecewise((P, kind(sp.Integer(3), sp.Integer(2)) >= 1), (Q, True)) == P


def test_formals_follow_the_order_of_appearance():
    """A term names its arguments in the order in which the text reads them."""
    made, leaves = formula_of(parse("q*p + q^2*r", SCOPE))
    assert made.formals == (Q, P, R)
    assert [str(leaf) for leaf in leaves] == ["q", "p", "r"]


def test_a_formula_keeps_the_author_s_text():
    """So that it is shown as it was written."""
    node = parse("q + p", SCOPE)
    assert formula_of(node)[0].node == node


@pytest.mark.parametrize(
    "text", ["p^3*q", "exp(p*q)/q", "log(p + q^2)", "p^q", "sqrt(p)*sin(q)", "tanh(p - q)"]
)
def test_a_slope_is_sympy_s_derivative(text):
    """By each formal, in the same formals."""
    made = formula(text)
    for position, formal in enumerate(made.formals):
        assert slope(made, position) == Formula(sp.diff(made.expr, formal), made.formals)


def test_a_route_carries_the_adjoint_times_the_slope():
    """What the sweep hands back: dC/ds · ds/dp."""
    handed = carried(formula("p^2*q"), 0, usual=False)
    assert handed.formals == (ADJOINT, P, Q)
    assert handed.expr == 2 * ADJOINT * P * Q


def test_a_usual_route_may_also_read_the_results():
    """a(1 − a) is written in a, which is known once the step is done."""
    z, a = sp.symbols("z a")
    exponential = Formula(sp.exp(z), (z,), (a,), (a,))
    assert carried(exponential, 0, usual=True) == Formula(ADJOINT * a, (ADJOINT, z, a))
    assert carried(exponential, 0, usual=False) == Formula(ADJOINT * sp.exp(z), (ADJOINT, z))


def test_no_name_can_be_taken_for_the_adjoint():
    """A quantity called adjoint would otherwise be multiplied by itself."""
    assert not is_identifier(ADJOINT.name)
    handed = carried(formula("adjoint^2"), 0, usual=False)
    assert handed.expr == 2 * ADJOINT * sp.Symbol("adjoint")
    assert len(set(handed.formals)) == 2


def test_a_route_over_a_route_has_an_adjoint_of_its_own():
    """A second derivative sweeps over steps that carry the first one's adjoint already."""
    once = carried(formula("p^3"), 0, usual=False)
    twice = carried(once, once.formals.index(P), usual=False)
    assert len(set(twice.formals)) == len(twice.formals) == 3
    assert twice.expr == 6 * P * ADJOINT * twice.formals[0]


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_is_no_formal(name):
    """Nothing is differentiated by e or pi."""
    made, leaves = formula_of(Constant(name))
    assert (made.formals, leaves) == ((), ())


def test_a_formula_may_be_deep():
    """Its nodes are walked, not recursed into: 3,000 brackets are no hazard here."""
    node = Name("p")
    for _ in range(3000):
        node = Apply("negate", (node,))
    assert expression(node, {"p": P}) == P


def test_a_decimal_is_its_exact_fraction():
    """0.1 is 1/10, not the float beside it."""
    assert expression(Number(Fraction("0.1"), "0.1"), {}) == sp.Rational(1, 10)


def test_a_formula_without_roles_is_a_step_of_its_own():
    """Its slopes are called local."""
    assert formula("p*q").role(1) == "local"
    assert Formula(P * Q, (P, Q), roles=("weight", "input")).role(1) == "input"


NESTED = {
    "relu(relu(p) - 1)": 1,
    "abs(abs(p) - 1)": 1,
    "relu(relu(relu(relu(p) - 1/2) - 1/2) - 1/4)": 1,
    "max(abs(p), relu(p - 1), p^2)": 5,
    "step(relu(p) - 1)*p": 1,
}


@pytest.mark.parametrize("text", NESTED)
def test_a_kink_within_a_kink_is_differentiated_and_printed(text):
    """Pieces written out into pieces would multiply, and end as conditions that nothing can print."""
    derived = slope(formula(text), 0).expr
    assert at(derived, p="5/2") == NESTED[text]
    assert plain(tree_of(derived, lambda symbol: spell(symbol.name)))


def test_the_slope_of_a_long_sum_is_sympys():
    """A sum of twenty is taken out before SymPy differentiates, and put back: nothing else may change."""
    letters = sp.symbols("u1:21")
    powers = sp.Add(*map(sp.exp, letters))
    for expr in (powers, sp.exp(letters[0]) / powers, letters[3] * sp.Add(*letters) ** 2 - sp.log(powers)):
        formula = Formula(expr, letters)
        for position in (0, 3, 19):
            found, expected = slope(formula, position).expr, sp.diff(expr, letters[position])
            assert sp.expand(found - expected) == 0 != found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(p - q)^2", "2·(p − q)"),
        ("(p - q)^2/4", "1/2·(p − q)"),
        ("p/(1 + abs(p))", "1/(1 + |p|)²"),
        ("p*abs(p)", "2·|p|"),
        ("p/q", "1/q"),
        ("-(log(p)*q + log(1 - p)*(1 - q))", "(p − q)/(p·(1 − p))"),
        ("p/(p + q)", "q/(p + q)²"),
        ("abs(p)", "{1 if p > 0; −1 if p < 0; 0 otherwise}"),
        ("p*exp(p)", "(p + 1)·e^p"),
    ],
)
def test_a_slope_is_put_over_one_bar_and_its_common_factor_taken_out(text, shown):
    """As books print it, and never longer than SymPy has it; p sign p is |p|, and a sign alone stays."""
    assert plain(tree_of(tidied(slope(formula(text), 0).expr), lambda symbol: spell(symbol.name))) == shown
