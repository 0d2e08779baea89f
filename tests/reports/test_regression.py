"""Linear regression: the normal equations, their solution, and what the page says of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from derive import load_problem
from derive.problem import Problem
from derive.special.regression import error_slope, normal
from derive.writing.plain import plain
from numeric.evidence import verify
from numeric.proofs.regression import gradient_there
from reports.content.compose import compose
from reports.content.page import Chain, Paragraph, Section

X = [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.3], [2.0, 0.25]]
Y = [[1.0], [0.5], [-2.0], [0.75]]
Y_PAIRS = [[1.0, 2.0], [0.5, -1.0], [-2.0, 0.25], [0.75, 0.0]]


def problem(
    *, x: Any = X, y: Any = Y, biases: bool = True, activation: str = "identity", **network: Any
) -> Problem:
    outputs = len(y[0])
    layer: dict[str, Any] = {
        "units": outputs,
        "activation": activation,
        "weights": [[0] * len(x[0])] * outputs,
        "biases": [0] * outputs if biases else False,
    }
    stated = {"inputs": len(x[0]), "cost": "half_squared_error", "layers": [layer], **network}
    return load_problem({"title": "t", "network": stated, "data": {"x": x, "y": y}})


def section(stated: Problem) -> Section | None:
    return next((s for s in compose(stated, verify(stated)).sections if s.id == "regression"), None)


def chains(found: Section | None) -> list[str]:
    assert found is not None
    shown = [block for block in found.blocks if isinstance(block, Chain)]
    return [
        "".join(f" {piece.sign} " * bool(piece.sign) + plain(piece.body) for piece in one.pieces)
        for one in shown
    ]


def floats(matrix: sp.ImmutableMatrix) -> np.ndarray:
    return np.array(matrix.tolist(), dtype=float)


@pytest.mark.parametrize("biases", [True, False])
def test_the_solution_is_numpys_least_squares(biases: bool) -> None:
    """LAPACK's, with a column of ones where there is a bias, and a column for each output."""
    found = normal(problem(y=Y_PAIRS, biases=biases))
    assert found is not None and found.solution is not None
    columns = np.column_stack([np.array(X), np.ones(len(X))]) if biases else np.array(X)
    expected, *_ = np.linalg.lstsq(columns, np.array(Y_PAIRS), rcond=None)
    assert floats(found.solution) == pytest.approx(expected, rel=1e-12)


KINDS: list[dict[str, Any]] = [
    {"cost": "squared_error"},
    {"cost": "mean_squared_error", "y": Y_PAIRS, "reduction": "mean"},
    {"l2": 0.6, "reduction": "mean"},
    {"l2": 0.6, "cost": "squared_error", "y": Y_PAIRS},
    {"cost": "3*(y - a)^2", "biases": False},
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_gradient_is_exactly_0_where_the_equations_hold(kind: dict[str, Any]) -> None:
    """By the evaluator of all gradients, with whatever factor, mean and L2 term the cost has."""
    stated = problem(**kind)
    found = normal(stated)
    assert found is not None
    there = gradient_there(stated, found)
    assert {(value.lo, value.hi) for key, value in there.items() if key != "C"} == {(0, 0)}
    here = verify(stated)
    assert here.cost is not None and there["C"].hi is not None and here.cost.lo is not None
    assert there["C"].hi < here.cost.lo


def test_the_page_prints_the_equations_and_the_fractions() -> None:
    """XᵀX w = Xᵀy, and what a reader finds by hand for 1, 2, 3 and 1, 2, 2: y = x/2 + 2/3."""
    shown = chains(section(problem(x=[[1], [2], [3]], y=[[1], [2], [2]])))
    assert "Xᵀ·X·w = Xᵀ·y" in shown
    assert "Xᵀ·X = [14, 6; 6, 3]" in shown
    assert shown[-1].startswith("[w; b] = (Xᵀ·X)⁻¹·Xᵀ·y = [1/2; 2/3]")


def test_a_singular_product_is_said_to_be_so() -> None:
    """Twice the same column, or fewer samples than numbers: no inverse, and the direction that is free."""
    for x, y in (([[1, 2], [2, 4], [3, 6]], [[1], [2], [2]]), ([[1, 3]], [[2]])):
        found = section(problem(x=x, y=y, biases=False))
        assert found is not None
        words = " ".join(
            str(part) for block in found.blocks if isinstance(block, Paragraph) for part in block.words
        )
        assert "singular" in words
        assert any(line.startswith("X·v = 0") for line in chains(found))
        free = normal(problem(x=x, y=y, biases=False))
        assert free is not None and free.free is not None
        assert sp.Matrix(x) * free.free == sp.zeros(len(x), 1) and any(free.free)


@pytest.mark.parametrize(
    "kind",
    [
        {"activation": "relu"},
        {"cost": "absolute_error"},
        {"cost": "huber"},
        {"cost": "cross_entropy_on_logits", "y": [[1, 0]] * 4},
    ],
)
def test_no_other_network_has_normal_equations(kind: dict[str, Any]) -> None:
    """A bend, or an error that is not squared, leaves nothing linear to solve."""
    body = problem(**kind).body
    assert error_slope(body) is None
