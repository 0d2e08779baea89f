"""Logistic regression: the likelihood, the gradient, the Hessian, on the page and by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive import load_problem
from derive.problem import Network, Problem
from derive.rules import A, Y
from derive.special.logistic import is_logistic, is_proved, likelihood
from derive.writing.plain import plain
from numeric.evidence import verify
from numeric.proofs.logistic import hessian
from reports.content.compose import compose
from reports.content.page import Chain, Section, Strides

X = [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.3]]
Y_ROWS = [[1], [0], [1]]


def problem(activation: str = "sigmoid", *, l2: float = 0, reduction: str = "mean") -> Problem:
    layer: dict[str, Any] = {"units": 1, "activation": activation, "weights": [[0.4, -0.3]], "biases": [0.1]}
    network = {
        "inputs": 2,
        "cost": "binary_cross_entropy",
        "reduction": reduction,
        "l2": l2,
        "layers": [layer],
    }
    return load_problem({"title": "t", "network": network, "data": {"x": X, "y": Y_ROWS}})


def section(stated: Problem) -> Section | None:
    return next((s for s in compose(stated, verify(stated)).sections if s.id == "logistic"), None)


def test_gradient_and_hessian_are_sympys() -> None:
    """(a − y) x_k and a(1 − a) x_j x_k."""
    assert is_proved()


def test_the_cost_is_the_likelihoods_logarithm() -> None:
    """a^y (1 − a)^(1 − y), at targets of 0 and 1."""
    chance, _ = likelihood()
    assert [chance.subs(Y, y) for y in (0, 1)] == [1 - A, A]


@pytest.mark.parametrize(("l2", "reduction"), [(0, "mean"), (0, "sum"), (0.6, "mean")])
def test_the_hessian_is_that_of_differences(l2: float, reduction: str) -> None:
    """Second differences of a cost written here in NumPy; the bias last, and without an L2 term."""
    x, y = np.array(X), np.array(Y_ROWS)[:, 0]

    def cost(v: np.ndarray) -> float:
        a = 1 / (1 + np.exp(-(x @ v[:2] + v[2])))
        parts = -y * np.log(a) - (1 - y) * np.log(1 - a)
        return float((parts.mean() if reduction == "mean" else parts.sum()) + l2 / 6 * (v[:2] ** 2).sum())

    v, h, e = np.array([0.4, -0.3, 0.1]), 1e-4, np.eye(3)
    expected = [
        [
            sum(s * t * cost(v + h * (s * e[j] + t * e[k])) for s in (1, -1) for t in (1, -1)) / (4 * h * h)
            for k in range(3)
        ]
        for j in range(3)
    ]
    found = [[float(entry.mid) for entry in row] for row in hessian(problem(l2=l2, reduction=reduction))]
    assert np.array(found) == pytest.approx(np.array(expected), abs=1e-6)


def test_the_page_ends_at_a_sum_of_squares() -> None:
    """vᵀHv ≥ 0."""
    found = section(problem())
    assert found is not None
    chains = [block for block in found.blocks if isinstance(block, Chain)]
    assert any(chain.pieces[-1].sign == "≥" for chain in chains)
    strides = [block for block in found.blocks if isinstance(block, Strides)]
    assert plain(strides[1].lines[-1].formula).startswith("(a")


def test_another_activation_has_no_such_section() -> None:
    """Only the sigmoid's slope cancels."""
    stated = problem("hard_sigmoid")
    assert isinstance(stated.body, Network) and not is_logistic(stated.body)
