"""Bounds of slopes: proved, and never exceeded."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.identities import proved
from derive.rules import ACTIVATIONS, A, Activation
from derive.sheet import sheet_of
from derive.special.vanishing import slope_bound
from tests.kinds import RULES, every_row, thinned

BOUNDS = {
    "sigmoid": "1/4",
    "tanh": "1",
    "relu": "1",
    "elu": "1",
    "softplus": "1",
    "softsign": "1",
    "hard_sigmoid": "1/6",
    "step": "0",
}


@pytest.mark.parametrize(("name", "most"), every_row(BOUNDS.items(), 3))
def test_the_bound_is_the_books(name: str, most: str) -> None:
    """|σ′| ≤ ¼ is why deep sigmoid networks learn slowly."""
    bound = slope_bound(ACTIVATIONS[name].given())
    assert bound is not None and bound.most == sp.Rational(most)


@pytest.mark.parametrize("rule", thinned(ACTIVATIONS.values(), RULES), ids=lambda rule: rule.name)
def test_no_slope_exceeds_its_bound(rule: Activation) -> None:
    """By number, on every branch: a bound that is too small would be seen."""
    settled = rule.given()
    bound = slope_bound(settled)
    if bound is None:
        return
    sheet = sheet_of(settled)
    z = sheet.formula.formals[0]
    for derived in sheet.derived:
        slope = derived.slope.subs(settled.numbers)
        for at in (-7, -2, -0.3, 0.1, 0.8, 3, 9):
            if derived.branch.where is None or at in derived.branch.where:
                assert abs(float(slope.subs(z, at))) <= float(bound.most) * (1 + 1e-12)


def test_the_gap_below_the_bound_is_a_square() -> None:
    """¼ − a(1 − a) = (a − ½)²."""
    bound = slope_bound(ACTIVATIONS["sigmoid"])
    assert bound is not None and bound.slope is not None and bound.at == sp.Rational(1, 2)
    assert proved(bound.most - bound.slope, bound.gap) and bound.gap == (A - sp.Rational(1, 2)) ** 2


def test_a_slope_that_is_constant_on_each_branch_has_its_values() -> None:
    """relu neither rises nor falls in its slope; elu does."""
    relu, elu = (slope_bound(ACTIVATIONS[name].given()) for name in ("relu", "elu"))
    assert relu is not None and set(relu.steps) == {0, 1}
    assert elu is not None and elu.steps == ()


@pytest.mark.parametrize("name", ["silu", "gelu", "softmax", "general", "maxout"])
def test_nothing_is_claimed_without_a_proof(name: str) -> None:
    """Where the largest slope has no closed form, or the function is unknown, no bound is shown."""
    assert slope_bound(ACTIVATIONS[name].given()) is None
