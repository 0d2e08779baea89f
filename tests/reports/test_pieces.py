"""Pages of networks and of a rule whose units have several weighted inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.files.load import load_problem
from derive.problem import Problem
from reports import render

LAYER = {
    "units": 2,
    "activation": {"rule": "maxout", "pieces": 3},
    "weights": {"seed": 1},
    "biases": {"seed": 1},
}


@pytest.fixture(scope="module")
def problem() -> Problem:
    layers = [LAYER, {**LAYER, "activation": "maxout"}, {**LAYER, "units": 1, "activation": "sigmoid"}]
    network = {"inputs": 2, "cost": "half_squared_error", "layers": layers}
    return load_problem({"network": network, "data": {"x": [["0.5", -1]], "y": [[1]]}})


@pytest.fixture(scope="module")
def page(problem: Problem, tmp_path_factory: pytest.TempPathFactory) -> str:
    return render(problem, tmp_path_factory.mktemp("page") / "page.md").read_text(encoding="utf-8")


def test_the_forward_pass_shows_every_weighted_input_and_one_max_a_unit(page: str) -> None:
    """max of three pieces is one max, not one within another."""
    assert r"$z_{6}^{1}$" in page
    assert r"\max(z_{4}^{1}, z_{5}^{1}, z_{6}^{1})" in page
    assert r"\max(\max(" not in page


def test_a_unit_feeds_the_pieces_above_it_by_their_letters(page: str) -> None:
    """Two units of two pieces are four weighted inputs, not units."""
    assert "feeds $z_{1}^{2}$, $z_{2}^{2}$, $z_{3}^{2}$ and $z_{4}^{2}$. So there are four routes" in page


def test_the_convention_at_a_tie_is_said_once(page: str) -> None:
    """Two layers of other pieces have the same one."""
    assert page.count("maxout has no slope at a tie of a unit's largest pieces") == 1


def test_the_drawing_says_all_weights_of_a_line(problem: Problem, tmp_path: Path) -> None:
    """Between two units of three pieces there are three weights, and one line."""
    html = render(problem, tmp_path / "page.html").read_text(encoding="utf-8")
    label = html.partition('aria-label="weight w')[2].partition('"')[0]
    assert label.count("; weight w") == 2
