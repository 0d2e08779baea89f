"""How the gradient fades, on a page: lengths, ratios, bounds, the product of a chain."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from derive import derive_gradient, load_problem
from derive.problem import Network
from derive.writing.plain import plain
from numeric.balls.worked import work
from numeric.evidence import verify
from numeric.fading import Faded, fading
from reports.content.compose import compose
from reports.content.page import Chain, Figure, Section, Table

W = {1: [[0.4, -0.7], [0.2, 0.5]], 2: [[0.3, 0.9], [-0.8, 0.1]], 3: [[0.6, -0.2], [0.7, 0.4]]}
X, Y = [0.5, -1.0], [0.0, 1.0]


def stated(weights: dict[int, Any], x: list[float], y: list[float], activation: str) -> dict[str, Any]:
    layers = [
        {"units": len(w), "activation": activation, "weights": w, "biases": False} for w in weights.values()
    ]
    network = {"inputs": len(x), "cost": "half_squared_error", "layers": layers}
    return {"title": "t", "network": network, "data": {"x": [x], "y": [y]}}


@cache
def faded(activation: str = "sigmoid") -> tuple[Fraction, tuple[Faded, ...]]:
    problem = load_problem(stated(W, X, Y, activation))
    assert isinstance(problem.body, Network)
    found = fading(problem.body, [work(derive_gradient(problem))], 1)
    assert found is not None
    return found


def section(spec: dict[str, Any]) -> Section | None:
    problem = load_problem(spec)
    return next((s for s in compose(problem, verify(problem)).sections if s.id == "fading"), None)


def test_the_lengths_are_those_of_numpy() -> None:
    """Backpropagation by hand, norms by NumPy."""
    a, zs = np.array(X), {}
    for l, w in W.items():
        zs[l] = np.array(w) @ a
        a = 1 / (1 + np.exp(-zs[l]))
    slopes = {l: np.exp(-z) / (1 + np.exp(-z)) ** 2 for l, z in zs.items()}
    delta = (a - np.array(Y)) * slopes[3]
    last, rows = faded()
    assert float(last) == pytest.approx(np.linalg.norm(delta), rel=1e-13)
    for row in rows:
        delta = (np.array(W[row.layer + 1]).T @ delta) * slopes[row.layer]
        assert float(row.error) == pytest.approx(np.linalg.norm(delta), rel=1e-13)
        assert float(row.weights) == pytest.approx(np.linalg.norm(W[row.layer + 1]), rel=1e-13)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity"])
def test_no_ratio_exceeds_its_bound(activation: str) -> None:
    """‖δ^l‖ ≤ max |φ′| ‖W^{l+1}‖ ‖δ^{l+1}‖."""
    for row in faded(activation)[1]:
        assert row.ratio is not None and row.ratio <= row.bound * (1 + Fraction(1, 10**30))


def test_a_chain_of_single_units_shows_the_whole_product() -> None:
    """σ′(z¹) w² σ′(z²) w³ ∂C/∂z³, Nielsen's product."""
    found = section(stated({1: [[0.6]], 2: [[-0.4]], 3: [[0.9]]}, [1.0], [0.0], "sigmoid"))
    assert found is not None
    (chain,) = (block for block in found.blocks if isinstance(block, Chain))
    assert plain(chain.pieces[1].body) == "σ′(z¹)·w²·σ′(z²)·w³·∂C/∂z³"
    assert any(isinstance(block, Figure) for block in found.blocks)


def test_the_table_goes_from_the_output_back() -> None:
    """With the proved bound of each hidden layer."""
    found = section(stated(W, X, Y, "sigmoid"))
    assert found is not None
    (table,) = (block for block in found.blocks if isinstance(block, Table))
    assert [row[0] for row in table.rows] == [("3",), ("2",), ("1",)]
    assert [plain(row[4][0]) for row in table.rows[1:] if not isinstance(row[4][0], str)] == ["1/4", "1/4"]


def test_one_layer_has_nothing_to_fade() -> None:
    """There is no way back."""
    assert section(stated({1: W[1]}, X, Y, "sigmoid")) is None
