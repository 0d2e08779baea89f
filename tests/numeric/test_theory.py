"""Every line of the general theory by symbols and by number, and slips that numbers find."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy.matrices.exceptions import ShapeError

from derive import load_problem
from derive.matrix.expr import Hadamard
from derive.theory.equations import fundamental
from derive.theory.product import long_product
from derive.theory.scheme import SCHEMES, Label, Scheme, parameters
from derive.theory.worked import Place
from numeric.proofs import products
from numeric.proofs.products import check_product
from numeric.proofs.theory import (
    ENOUGH_DIGITS,
    Checked,
    Measuring,
    Point,
    Verified,
    Witness,
    verify_equation,
    verify_product,
)

OTHERS = [
    (name, one.name) for name, scheme in SCHEMES.items() for one in fundamental(scheme) if name != "plain"
]


def lines(found: Verified) -> tuple[Checked, ...]:
    return (found.equation, found.usual, *found.by_entries, *found.by_differentials)


@pytest.mark.parametrize("name", ["BP1", "BP2", "BP4"])
@pytest.mark.slow
def test_every_line_of_both_proofs_holds(name):
    """Proved for a general phi and cost, and to 30 digits by differences of values."""
    found = lines(verify_equation("plain", SCHEMES["plain"], name, ("entries", "differentials")))
    assert len(found) > 8
    assert all(line.holds for line in found)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "name"), OTHERS)
def test_every_line_of_another_step_s_proof_holds(scheme, name):
    """The engine's differentials, of whatever step."""
    found = lines(verify_equation(scheme, SCHEMES[scheme], name, ("differentials",)))
    assert all(line.holds for line in found)


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.slow
def test_the_long_product_is_the_gradient_at_every_depth(softmax):
    """Diagonal matrices, and a Jacobian where the last layer couples."""
    assert verify_product(Scheme(softmax=softmax)).holds


def test_a_difference_of_values_finds_a_missing_slope():
    """No symbolic derivative is needed to see it: delta^L = ∇_aC has no digit in common."""
    right = next(one for one in fundamental(Scheme()) if one.name == "BP1")
    place = Place(Scheme(), (1, 2, 2), 1)
    measuring = Measuring(Point(place, 1), right.fragment)
    assert isinstance(right.expr, Hadamard)
    gradient, _ = right.expr.factors
    digits = [min(map(measuring.digits, place.of_equation(right, expr))) for expr in (right.expr, gradient)]
    assert digits[0] > ENOUGH_DIGITS
    assert digits[1] < 2


def test_the_gradient_of_another_layer_does_not_hold():
    """dC/dW^l is not what BP4 gives for the layer above."""
    right = next(one for one in fundamental(Scheme()) if one.name == "BP4")
    above = next(one for one in fundamental(Scheme(), Label("l", 1)) if one.name == "BP4")
    place = Place(Scheme(), (2, 2, 2), 1)
    witness = Witness(place, parameters(Scheme()))
    assert witness(place.of_equation(right, right.expr)).holds
    assert not witness(place.of_equation(replace(right, expr=above.expr), above.expr)).holds


@pytest.mark.parametrize(
    "activations", [("sigmoid", "softmax"), ("identity", "tanh", "log_softmax"), ("maxout", "sigmoid")]
)
@pytest.mark.parametrize("layout", ["denominator", "numerator"])
@pytest.mark.parametrize("samples", ["columns", "rows"])
@pytest.mark.slow
def test_a_problem_s_product_is_its_gradient(activations, layout, samples):
    """Every layer of every kind, in the shapes that are shown, against the scalar sweep."""
    layers = [{"units": 2, "activation": name} for name in activations]
    network = {"inputs": 3, "cost": "half_squared_error", "layers": layers}
    problem = load_problem({"network": network, "notation": {"layout": layout, "samples": samples}})
    assert all(check_product(problem, l) >= ENOUGH_DIGITS for l in range(1, len(layers) + 1))


def test_factors_in_another_order_are_not_multiplied(monkeypatch):
    """Those of columns do not fit where samples are rows."""
    layers = [{"units": units, "activation": "tanh"} for units in (3, 4)]
    network = {"inputs": 2, "cost": "half_squared_error", "layers": layers}
    problem = load_problem({"network": network, "notation": {"samples": "rows"}})
    right = long_product(problem)
    wrong = replace(right, factors=right.factors[::-1])
    monkeypatch.setattr(products, "long_product", lambda *_: wrong)
    with pytest.raises(ShapeError):
        check_product(problem, 1)
