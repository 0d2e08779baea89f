"""Terms in a layer's own order: no unit comes first because it is the one that is stated."""

from __future__ import annotations

import pytest

from derive.files.load import load_problem
from derive.gradient import derive_gradient
from derive.notation import write
from derive.problem import Problem
from derive.steps import one_sample
from derive.writing.from_terms import tree_of_term
from derive.writing.plain import plain


def layer_of(activation: object) -> Problem:
    layer = {"units": 3, "activation": activation, "weights": {"seed": 0}, "biases": False}
    network = {"inputs": 2, "cost": "half_squared_error", "layers": [layer]}
    return load_problem({"network": network, "notation": {"style": "names"}})


def formula(problem: Problem, key: str) -> str:
    (term,) = one_sample(problem).by_key[key].terms
    return plain(tree_of_term(term, lambda name: write(problem, name)))


@pytest.mark.parametrize("unit", [1, 2, 3])
def test_every_unit_of_a_softmax_has_the_same_denominator(unit: int) -> None:
    """A book prints the sum in the order of the units, whichever unit is meant."""
    total = "(e^(z1) + e^(z2) + e^(z3))"
    assert formula(layer_of("softmax"), f"a1[{unit}]") == f"e^(z{unit})/{total}"
    assert formula(layer_of("log_softmax"), f"a1[{unit}]") == f"z{unit} − ln{total}"


def test_a_slope_names_the_unit_itself_before_the_other() -> None:
    """As in −a_j a_k, of which only the first factor is the step's own."""
    problem = layer_of("softmax")
    factors = derive_gradient(problem)["dC/dw1[1,1]"].stages[0].routes
    slopes = [
        plain(tree_of_term(f.slopes[0], lambda name: write(problem, name)))
        for r in factors
        for f in r.factors
    ]
    assert "−a2·a1" in slopes


def test_a_parameter_of_a_rule_stands_before_the_letter_that_it_multiplies() -> None:
    """It is a coefficient: α z, as in the rule's own definition."""
    assert (
        formula(layer_of({"rule": "leaky_relu", "alpha": 0.1}), "a1[2]") == "{z2 if z2 > 0; α·z2 otherwise}"
    )
    assert formula(layer_of({"rule": "softplus", "beta": 3}), "a1[2]") == "ln(1 + e^(β·z2))/β"
