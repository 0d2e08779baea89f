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
from numeric.balls.worked import Worksheet
from numeric.evidence import verify
from numeric.fading import Faded, fading
from reports.content.compose import compose
from reports.content.page import Chain, Figure, Paragraph, Section, Table

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
    found = fading(problem.body, [Worksheet.of(derive_gradient(problem)).at(1)], 1)
    assert found is not None
    return found


def section(spec: dict[str, Any]) -> Section | None:
    problem = load_problem(spec)
    return next((s for s in compose(problem, verify(problem)).sections if s.id == "fading"), None)


def said(block: Paragraph) -> str:
    return "".join(part if isinstance(part, str) else plain(part) for part in block.words)


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


def batch(x: list[list[float]], biases: list[float], **more: Any) -> dict[str, Any]:
    """Two relu layers and an output; a sample is dead where its weighted inputs are all below 0."""
    layers = [
        {"units": 2, "activation": "relu", "weights": W[1], "biases": biases},
        {"units": 2, "activation": "tanh", "weights": W[2], "biases": False},
        {"units": 1, "activation": "identity", "weights": W[3][:1], "biases": False},
    ]
    network = {"inputs": 2, "cost": "half_squared_error", "reduction": "mean", "layers": layers}
    return {"title": "t", "network": network, "data": {"x": x, "y": [[1.0]] * len(x)}, **more}


DEAD = [[-1.0, -1.0], [1.0, -0.5], [0.5, 1.0]]


def test_a_batch_is_measured_over_all_its_samples() -> None:
    """A first sample with dead units does not decide; norms of whole matrices by NumPy, with the mean's 1/n."""
    problem = load_problem(batch(DEAD, [-2.0, 0.1]))
    derivation = derive_gradient(problem)
    assert isinstance(problem.body, Network)
    found = fading(problem.body, [Worksheet.of(derivation).at(i) for i in (1, 2, 3)], 3)
    assert found is not None
    z1 = np.array(W[1]) @ np.array(DEAD).T + np.array([[-2.0], [0.1]])
    a2 = np.tanh(np.array(W[2]) @ np.maximum(z1, 0))
    delta3 = (np.array(W[3][:1]) @ a2 - 1) / 3
    delta2 = (np.array(W[3][:1]).T @ delta3) * (1 - a2**2)
    delta1 = (np.array(W[2]).T @ delta2) * (z1 > 0)
    expected = [np.linalg.norm(delta) for delta in (delta3, delta2, delta1)]
    sizes = [float(size) for size in (found[0], *(row.error for row in found[1]))]
    assert sizes == pytest.approx(expected, rel=1e-13) and np.all(delta1[:, 0] == 0) and expected[2] > 0


def test_the_section_has_the_letters_of_the_page() -> None:
    """Capital ones for a batch, and those of [notation] beside tanh."""
    notation = {"style": "parenthesis", "weighted_input": "s", "activation": "h"}
    found = section(batch(DEAD, [-2.0, 0.1], notation=notation))
    assert found is not None
    words = [said(block) for block in found.blocks if isinstance(block, Paragraph)]
    assert "Δ^(l)=∂C/∂S^(l)" in words[0].replace(" ", "")
    assert "all three samples" in words[1]
    assert any("tanh′(s)=1−h²" in text.replace(" ", "") for text in words)
    assert "The slope of relu is 0 or 1: it is constant on each branch." in words


def test_an_error_of_0_is_said_and_not_drawn() -> None:
    """All samples dead: one bar would stand alone, and a ratio to nothing is none."""
    layers = {1: [[-1.0, 0.0]], 2: [[-1.0]], 3: [[1.0]]}
    spec = stated(layers, [1.0, 0.0], [1.0], "relu")
    spec["network"]["layers"][2]["activation"] = "identity"
    found = section(spec)
    assert found is not None and not any(isinstance(block, Figure) for block in found.blocks)
    (table,) = (block for block in found.blocks if isinstance(block, Table))
    assert table.rows[2][2] == ("–",) and table.rows[1][2] != ("–",)
    last = found.blocks[-1]
    assert isinstance(last, Paragraph) and "the error of layer 2 is 0." in said(last)


def test_one_layer_has_nothing_to_fade() -> None:
    """There is no way back."""
    assert section(stated({1: W[1]}, X, Y, "sigmoid")) is None
