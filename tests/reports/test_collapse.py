"""Layers without bends collapse to one map, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive import load_problem
from derive.problem import Network, Problem
from derive.special.collapse import collapse, is_linear, lines_of
from derive.writing.plain import plain
from numeric.evidence import verify
from reports.content.compose import compose
from reports.content.page import Section, Strides

W = [[[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]], [[0.1, -0.2, 0.3], [0.4, 0.3, 0.2]], [[2, 3]]]
B = [[0.1, 0.2, 0.3], [0.5, -0.5], [1]]


def network(*activations: str, biases: bool = True) -> Problem:
    layers: list[dict[str, Any]] = [
        {"units": len(w), "activation": a, "weights": w, "biases": b if biases else False}
        for w, b, a in zip(W, B, activations, strict=False)
    ]
    return load_problem(
        {
            "title": "t",
            "network": {"inputs": 2, "cost": "half_squared_error", "layers": layers},
            "data": {"x": [[0.5, -1.0]], "y": [[1] * len(W[len(activations) - 1])]},
        }
    )


def section(problem: Problem) -> Section | None:
    return next((s for s in compose(problem, verify(problem)).sections if s.id == "collapse"), None)


def test_the_collapsed_map_is_numpys_product() -> None:
    """W = W³W²W¹ and b = W³W²b¹ + W³b² + b³."""
    found = collapse(network("identity", "identity", "identity"))
    assert found is not None
    first, second, third = (np.array(w) for w in W)
    b1, b2, b3 = (np.array(b) for b in B)
    assert np.array(found.weights, float) == pytest.approx(third @ second @ first)
    assert np.array(found.bias, float)[:, 0] == pytest.approx(third @ second @ b1 + third @ b2 + b3)


@pytest.mark.parametrize(
    ("activations", "linear"),
    [
        (("identity", "identity"), True),
        (("identity", "sigmoid"), True),
        (("tanh", "identity"), False),
        (("identity", "relu", "identity"), False),
        (("identity",), False),
    ],
)
def test_one_bend_before_the_last_layer_is_enough(activations: tuple[str, ...], linear: bool) -> None:
    """What the last activation does, it does to an affine map."""
    problem = network(*activations)
    assert isinstance(problem.body, Network) and is_linear(problem.body) == linear


def test_the_page_multiplies_out() -> None:
    """Line by line, the constants together."""
    found = section(network("identity", "identity"))
    assert found is not None
    (strides,) = (block for block in found.blocks if isinstance(block, Strides))
    assert [plain(line.formula) for line in strides.lines] == [
        "W²·(W¹·x + b¹) + b²",
        "W²·W¹·x + (W²·b¹ + b²)",
    ]
    assert any("Exactly" in str(block) for block in found.blocks)


def test_without_biases_there_is_no_constant() -> None:
    """W²W¹x alone."""
    problem = network("identity", "identity", biases=False)
    assert isinstance(problem.body, Network)
    assert [line.constant for line in lines_of(problem.body)] == [()]
    assert section(problem) is not None


def test_a_network_that_bends_has_no_such_section() -> None:
    """tanh in the first layer."""
    assert section(network("tanh", "identity")) is None
