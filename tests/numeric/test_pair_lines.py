"""The lines of output pairs by number: against SymPy, and against what nobody here wrote."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from derive import derive_gradient, load_problem
from derive.problem import Network
from derive.rules import ACTIVATIONS, COSTS
from derive.special.pair_lines import derive_pair
from derive.special.pairs import Pair
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.pair_lines import at_units, example, pair_checks

QUICK = (
    "softmax+cross_entropy",
    "sigmoid+huber",
    "softmax+absolute_error",
    "identity+cross_entropy_on_logits",
)
EVERY = [
    Pair(a, c)
    for a in ACTIVATIONS.values()
    for c in COSTS.values()
    if Pair.is_possible(a, c)
    and not a.open
    and (a.name in ("sigmoid", "softmax") or c.name in ("half_squared_error", "binary_cross_entropy"))
]
"""Each activation with two costs, each cost with two activations, one of each kind."""

MARKED = [p if p.name in QUICK else pytest.param(p, marks=pytest.mark.slow) for p in EVERY]


@pytest.mark.parametrize("pair", MARKED, ids=lambda pair: pair.name)
def test_every_line_is_the_slope_of_the_whole_cost(pair: Pair) -> None:
    """Two slopes and the chain rule on one side, one derivative by SymPy on the other."""
    checks = pair_checks(pair, derive_pair(pair))
    assert checks and all(check.points and check.digits >= ENOUGH_DIGITS for check in checks)


def test_a_wrong_line_does_not_hold_by_number() -> None:
    """A line off by one part in 10^20 is seen."""
    pair = Pair(ACTIVATIONS["softmax"], COSTS["cross_entropy"])
    lines = derive_pair(pair)
    wrong = replace(lines[2], expr=lines[2].expr * (1 + Fraction(1, 10**20)))
    assert [check.digits >= ENOUGH_DIGITS for check in pair_checks(pair, (lines[0], wrong))] == [True, False]


def network(cost: str, activation: str, y: list[float]) -> dict[str, Any]:
    return {
        "title": "pair",
        "network": {
            "inputs": 2,
            "cost": cost,
            "layers": [
                {
                    "units": 3,
                    "activation": activation,
                    "weights": [["0.1", "-0.2"], ["0.4", "0.3"], ["-0.5", "0.6"]],
                    "biases": ["0.1", "0.2", "0.3"],
                }
            ],
        },
        "data": {"x": [[0.5, -1.0]], "y": [y]},
    }


@pytest.mark.parametrize("y", [[0, 1, 0], [0.1, 0.8, 0]], ids=["sum 1", "sum 0.9"])
def test_the_slopes_of_a_network_are_pytorchs(y: list[float]) -> None:
    """Cross-entropy with softmax, at targets that add up to 1 and at others."""
    torch = pytest.importorskip("torch")
    problem = load_problem(network("cross_entropy", "softmax", y))
    assert isinstance(problem.body, Network)
    pair = Pair(ACTIVATIONS["softmax"], COSTS["cross_entropy"])
    rows = at_units(derive_gradient(problem), pair, pair.unassumed, (1, 2, 3))
    x = torch.tensor([0.5, -1.0], dtype=torch.float64)
    w = torch.tensor([[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]], dtype=torch.float64)
    z = (w @ x + torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)).requires_grad_()
    torch.nn.functional.cross_entropy(z, torch.tensor(y, dtype=torch.float64)).backward()
    assert [float(row.value.mid) for row in rows] == pytest.approx(z.grad.tolist(), rel=1e-12)
    assert all(row.digits >= ENOUGH_DIGITS for row in rows)


def test_without_its_assumption_the_last_line_is_not_the_slope() -> None:
    """At targets that add up to 0.9, a − y is wrong, and the routes say so."""
    problem = load_problem(network("cross_entropy", "softmax", [0.1, 0.8, 0]))
    pair = Pair(ACTIVATIONS["softmax"], COSTS["cross_entropy"])
    assert all(row.digits < 2 for row in at_units(derive_gradient(problem), pair, pair.result, (1, 2, 3)))


def test_an_example_without_a_value_is_left_out() -> None:
    """The identity's 2 is no probability."""
    assert example(Pair(ACTIVATIONS["identity"], COSTS["binary_cross_entropy"])) is None
    assert example(Pair(ACTIVATIONS["sigmoid"], COSTS["binary_cross_entropy"])) is not None
