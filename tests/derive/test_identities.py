"""Proofs of equality: what is equal in several ways of writing, and what only looks so."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.identities import proved

Z, Y = sp.symbols("z y")
E = sp.exp(-Z)
SIGMA = 1 / (1 + E)

EQUAL = (
    (E / (1 + E) ** 2, SIGMA * (1 - SIGMA)),
    (1 - SIGMA, 1 / (1 + sp.exp(Z))),
    (sp.exp(2 * Z + Y), sp.exp(Z) ** 2 * sp.exp(Y)),
    (sp.tanh(Z), (sp.exp(Z) - E) / (sp.exp(Z) + E)),
    (sp.tanh(Z), 2 / (1 + sp.exp(-2 * Z)) - 1),
    (sp.exp(-(Z**2) / 2), 1 / sp.sqrt(sp.exp(Z**2))),
    (sp.Derivative(Z**2, Z) * Z, 2 * Z**2),
    (sp.sqrt(2) * sp.erf(Z) / 2, sp.erf(Z) / sp.sqrt(2)),
)
DIFFERENT = (
    (SIGMA * (1 + SIGMA), SIGMA * (1 - SIGMA)),
    (sp.exp(Z + Y), sp.exp(Z) + sp.exp(Y)),
    (sp.tanh(Z), sp.tanh(-Z)),
    (E, E + sp.Rational(1, 10**30)),
    (sp.erf(Z), sp.erf(2 * Z)),
    (sp.Derivative(Z**2, Z), Z),
)


@pytest.mark.parametrize(("left", "right"), EQUAL, ids=str)
def test_equal_formulas_are_proved_equal(left, right):
    """A line that is right but not proved is lost to the page."""
    assert proved(left, right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT, ids=str)
def test_different_formulas_are_not(left, right):
    """However near they are: a proof has no tolerance."""
    assert not proved(left, right)
