"""The sheet of every rule: derived to the end, every line proved, and a planted error not printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from derive.expressions import slope
from derive.facts import Growth, Symmetry, growth, symmetry
from derive.identities import proved
from derive.rules import ACTIVATIONS, COSTS, A, Form, Z
from derive.sheet import sheet_of
from tests import kinds
from tests.kinds import every, thinned

RULES = (*ACTIVATIONS.values(), *COSTS.values())
STATED = [rule for rule in RULES if rule.usual is not None and not rule.usual.has(sp.Piecewise)]
SIGMOID, TANH, RELU = (ACTIVATIONS[name] for name in ("sigmoid", "tanh", "relu"))


def by_name(rule):
    return rule.name


def texts(rule) -> list[str]:
    return [str(line.line) for derived in sheet_of(rule).derived for line in derived.lines]


@pytest.mark.parametrize(
    "rule", thinned([rule for rule in RULES if rule.name != "general"], kinds.RULES), ids=by_name
)
def test_every_rule_is_derived_to_the_end(rule):
    """The last line holds no derivative that is still to be taken, on any branch."""
    for derived in sheet_of(rule).derived:
        assert derived.lines, derived.branch
        assert not derived.lines[-1].expr.has(sp.Derivative)


@pytest.mark.parametrize("rule", every(RULES, 4), ids=by_name)
def test_every_line_is_the_derivative_of_the_branch(rule):
    """Proved again here, from SymPy's derivative of the piece."""
    sheet = sheet_of(rule)
    for derived in sheet.derived:
        by = sheet.formula.formals[derived.by]
        assert all(proved(line.expr, sp.diff(derived.branch.expr, by)) for line in derived.lines)


@pytest.mark.parametrize("rule", every(STATED, 3), ids=by_name)
def test_the_last_line_is_the_usual_form(rule):
    """What the row states is what the derivation arrives at; it is proved, so it is never dropped."""
    sheet = sheet_of(rule)
    assert sheet.derived[0].lines[-1].line.rhs == sheet.write(sheet.formula.usual[0])


def test_the_sigmoid_is_told_in_seven_lines():
    """From the definition to σ(1 − σ), as Nielsen's readers are left to do it."""
    assert texts(SIGMOID) == [
        "σ′(z) = d/dz(1/(1 + e^(−z)))    (by definition)",
        "σ′(z) = −1/(1 + e^(−z))²·d/dz(1 + e^(−z))    (power rule, chain rule)",
        "σ′(z) = −1/(1 + e^(−z))²·d/dz(e^(−z))    (sum rule; the constant drops out)",
        "σ′(z) = −e^(−z)/(1 + e^(−z))²·d/dz(−z)    (exponential function, chain rule)",
        "σ′(z) = e^(−z)/(1 + e^(−z))²    (constant factor)",
        "σ′(z) = 1/(1 + e^(−z))·e^(−z)/(1 + e^(−z))    (as two factors)",
        "σ′(z) = σ(z)·(1 − σ(z))    (in terms of the function itself)",
    ]


@pytest.mark.parametrize(
    "wrong", [A * (1 + A), A * (A - 1), A - A**2 / 2, sp.exp(-Z)], ids=["sign", "turned", "factor", "term"]
)
def test_a_wrong_usual_form_falls_out(wrong):
    """Nobody's word is printed as a line of a proof."""
    right = texts(replace(SIGMOID, forms=()))
    assert texts(replace(SIGMOID, usual=wrong, forms=())) == right[:-1]


def test_a_wrong_form_on_the_way_falls_out_and_the_rest_stands():
    """The other lines do not rest on it: each is proved by itself."""
    wrong = Form(expr=1 / (1 + sp.exp(-Z)), because="a slip")
    assert texts(replace(SIGMOID, forms=(wrong, *SIGMOID.forms))) == texts(SIGMOID)


def test_a_form_that_rests_on_a_wrong_identity_falls_out():
    """Right by chance is no derivation."""
    first, last = SIGMOID.forms
    lame = replace(last, since=(1 - A, sp.exp(-Z)), because="a slip")
    assert not any("a slip" in text for text in texts(replace(SIGMOID, forms=(first, lame))))


def test_a_kink_has_the_limits_of_both_sides_and_the_convention():
    """relu: 0 on the left, 1 on the right, and 0 by convention; step is broken as well."""
    (corner,) = sheet_of(RELU).corners
    assert (corner.slope.left, corner.slope.right, corner.counts) == (0, 1, 0)
    (corner,) = sheet_of(ACTIVATIONS["step"]).corners
    assert (corner.value.left, corner.value.right) == (0, 1)


@pytest.mark.parametrize("rule", [rule for rule in ACTIVATIONS.values() if rule.couples], ids=by_name)
def test_a_coupled_rule_has_an_entry_on_the_diagonal_and_one_off_it(rule):
    """∂a₁/∂z₁ and ∂a₁/∂z₂ say all, since any unit may be called the first."""
    sheet = sheet_of(rule)
    assert [derived.by for derived in sheet.derived] == [0, 1]
    for derived in sheet.derived:
        assert proved(derived.lines[-1].expr, slope(sheet.formula, derived.by).expr)


# -- facts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "runs", "mirrored"),
    [
        ("identity", Growth.RISES, Symmetry.ODD),
        ("sigmoid", Growth.RISES, Symmetry.TURNED),
        ("tanh", Growth.RISES, Symmetry.ODD),
        ("relu", Growth.NEVER_FALLS, None),
        ("softmax", Growth.RISES, None),
        ("step", Growth.NEVER_FALLS, None),
        ("general", None, None),
    ],
)
def test_what_is_proved_of_the_shape_is_true(name, runs, mirrored):
    """Known of each from the books; None where nothing can be said."""
    sheet = sheet_of(ACTIVATIONS[name])
    assert (growth(sheet), symmetry(sheet)) == (runs, mirrored)


@pytest.mark.parametrize(
    ("phi", "runs", "mirrored"),
    [
        (lambda z, _: -z, Growth.FALLS, Symmetry.ODD),
        (lambda z, _: z**2, None, Symmetry.EVEN),
        (lambda z, _: sp.exp(-z), Growth.FALLS, None),
        (lambda z, _: sp.Integer(2), Growth.CONSTANT, Symmetry.EVEN),
        (lambda z, _: z + 1, Growth.RISES, Symmetry.TURNED),
        (lambda z, _: sp.sin(z) + z, None, Symmetry.ODD),
    ],
)
def test_a_shape_is_claimed_only_where_it_is_proved(phi, runs, mirrored):
    """z² falls and rises; z + sin z never falls, but a cosine's sign does not show."""
    sheet = sheet_of(replace(SIGMOID, phi=phi, usual=None, forms=()))
    assert (growth(sheet), symmetry(sheet)) == (runs, mirrored)
