"""The letters of activation functions: one letter for one function, wherever it is written."""

from __future__ import annotations

from typing import Any

import pytest

from derive import derive_gradient, load_problem
from derive.functions import any_layer_name, function_names, logistic_name
from derive.problem import Network, Problem
from tests.kinds import every

Rules = tuple[Any, ...]

SMALL, LARGE = ({"rule": "leaky_relu", "alpha": alpha} for alpha in (0.1, 0.2))


def problem(*activations: Any, function: str = "") -> Problem:
    layers = [{"units": 1, "activation": activation} for activation in activations]
    notation = {"function": function} if function else {}
    body = {"inputs": 1, "cost": "half_squared_error", "layers": layers}
    return load_problem({"notation": notation, "network": body})


def names(of: Problem) -> tuple[str, ...]:
    assert isinstance(of.body, Network)
    return function_names(of.body, of.notation)


@pytest.mark.parametrize(
    ("activations", "function", "called"),
    [
        (("sigmoid", "tanh", "sigmoid"), "", ("sigma", "tanh", "sigma")),
        (("z^3", "sigmoid"), "", ("phi", "sigma")),
        (("z^3", "z^3"), "", ("phi", "phi")),
        (("z/(1 + abs(z))", "tanh", "z^3"), "", ("phi_1", "tanh", "phi_3")),
        ((SMALL, LARGE), "", ("LReLU_1", "LReLU_2")),
        ((SMALL, SMALL), "", ("LReLU", "LReLU")),
        (("general", "general"), "", ("phi", "phi")),
        (("general", "z^3"), "", ("phi", "phi_2")),
        (("tanh", "tanh"), "f", ("f", "f")),
        (("tanh", "sigmoid"), "f", ("f_1", "f_2")),
        (("tanh", "identity"), "f", ("f", "id")),
        (("general", "softmax"), "f", ("f", "softmax")),
    ],
    ids=str,
)
def test_two_functions_have_two_names(activations: Rules, function: str, called: tuple[str, ...]) -> None:
    """Layers that share a function share its letter, and others do not."""
    assert names(problem(*activations, function=function)) == called


@pytest.mark.parametrize(
    ("activations", "function", "called"),
    [
        (("sigmoid", "sigmoid", "tanh"), "", "sigma"),
        (("sigmoid", "tanh", "tanh"), "", "phi_l"),
        (("sigmoid", "tanh", "tanh"), "f", "f_l"),
        ((SMALL, LARGE), "", "LReLU_l"),
        (("z^3", "tanh"), "", "phi"),
    ],
    ids=str,
)
def test_what_holds_of_any_layer_is_said_of_a_function_of_its_own(
    activations: Rules, function: str, called: str
) -> None:
    """Where hidden layers share one it is that; else each has its own."""
    of = problem(*activations, function=function)
    assert isinstance(of.body, Network)
    assert any_layer_name(of.body, of.notation) == called


@pytest.mark.parametrize("view", every(["closed", "matrix", "index"], 3))
@pytest.mark.parametrize(
    ("activations", "letter"), [(("sigmoid", "sigmoid"), "f("), (("sigmoid", "tanh"), "f1(")], ids=str
)
def test_every_view_has_the_letter_of_notation(view: str, activations: Rules, letter: str) -> None:
    """Also the closed form, which abbreviates 1/(1 + e^-z)."""
    text = derive_gradient(problem(*activations, function="f"))["dC/dw1"].view(view).text()
    assert letter in text.replace("′", "")
    assert "σ" not in text


def test_sigma_is_no_abbreviation_where_it_is_another_function() -> None:
    """σ(z) cannot be z/(1 + e^-z) in one line and 1/(1 + e^-z) in the next."""
    of = problem("z/(1 + exp(-z))", "z/(1 + exp(-z))", function="sigma")
    assert isinstance(of.body, Network)
    assert logistic_name(of.body, of.notation) is None
    assert "σ" not in derive_gradient(of)["dC/dw1"].view("closed").text()
