"""The update in one line, on a page: its letters, its numbers and its check."""

from __future__ import annotations

from typing import Any

import pytest

from derive import load_problem
from derive.problem import Network
from derive.training.update_lines import W, written_out
from derive.writing.plain import plain
from numeric.proofs.lines import agreed
from numeric.training.first_update import first_update, line_values
from reports.content.page import Lines, Section, Strides
from reports.content.training.update_line import update_line_section


def stated(l2: float = 0, **training: Any) -> dict[str, Any]:
    layer = {"units": 1, "activation": "sigmoid", "weights": [["0.3", "-0.2"]], "biases": ["0.1"]}
    net = {"inputs": 2, "cost": "half_squared_error", "l2": l2, "layers": [layer]}
    data = {"x": [[1, 2], [0.5, -1]], "y": [[1], [0]]}
    return {"title": "t", "network": net, "data": data, "training": {"rate": "0.5", **training}}


def section(l2: float = 0, **training: Any) -> Section | None:
    problem = load_problem(stated(l2, **training))
    first = first_update(problem)
    assert first is not None
    return update_line_section(problem, first)


@pytest.mark.parametrize(
    ("training", "count"),
    [
        ({"rule": "momentum"}, 3),
        ({"rule": "momentum", "convention": "averaged"}, 3),
        ({"rule": "adam"}, 5),
        ({"rule": "adam", "epsilon_place": "inside"}, 4),
        ({"rule": "gradient_descent", "l2": 0.1}, 3),
    ],
)
def test_every_line_holds_at_the_problem_s_numbers(training: dict[str, Any], count: int) -> None:
    """A line that did not give what the update gave would be missing."""
    found = section(**training)
    assert found is not None
    (strides,) = (block for block in found.blocks if isinstance(block, Strides))
    assert len(strides.lines) == count


def test_weight_decay_has_its_numbers() -> None:
    """1 − 0.5 × 0.1/2 = 0.975."""
    found = section(l2=0.1)
    assert found is not None
    (lines,) = (block for block in found.blocks if isinstance(block, Lines))
    assert lines.lines[0].formula is not None
    assert plain(lines.lines[0].formula) == "w1·(1 − η·λ/n) − η·∂C0/∂w1"


def test_a_rule_of_one_line_needs_no_section() -> None:
    """Gradient descent without an L2 term is one line already."""
    assert section() is None


def test_a_wrong_line_does_not_hold() -> None:
    """The check can fail: momentum without its minus."""
    problem = load_problem(stated(rule="momentum"))
    first = first_update(problem)
    assert first is not None and problem.training is not None and isinstance(problem.body, Network)
    right = written_out(problem.training.rule)[1].expr
    wrong = right.subs(W, 2 * W)
    made = first.value("w1[1,1]'")
    by_right, by_wrong = line_values(problem, first, "w1[1,1]", (right, wrong))
    assert agreed(made, by_right) > 30 and agreed(made, by_wrong) < 2
