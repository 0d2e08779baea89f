"""Graphs: linear steps as one map, the update of descent in one line, and a perceptron's by cases."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from derive import load_problem
from derive.special.composition import composition
from derive.training.update_rules import PERCEPTRON
from derive.writing.plain import plain
from numeric.evidence import verify
from reports.content.compose import compose
from reports.content.page import Block, Chain, Section, Strides
from reports.content.training.cases import change_by


def page(source: Any) -> dict[str, Section]:
    problem = load_problem(source)
    return {section.id: section for section in compose(problem, verify(problem)).sections}


def told(section: Section) -> list[str]:
    """The last line of every derivation in it."""
    return [
        f"{plain(b.lhs)} = {plain(b.lines[-1].formula)}" for b in section.blocks if isinstance(b, Strides)
    ]


def graph(steps: list[str], wrt: list[str], **more: Any) -> dict[str, Any]:
    return {"graph": {"steps": steps, "output": "c", "wrt": wrt}, **more}


def test_two_linear_maps_are_one_on_their_page():
    """g(f(x)) = 3(2x + 1) − 2 = 6x + 1."""
    section = page("seed000-linear-composition")["collapse"]
    last = [block for block in section.blocks if isinstance(block, Strides)][-1]
    assert [plain(line.formula) for line in last.lines] == ["3·f − 2", "3·(2·x + 1) − 2", "6·x + 1"]


def test_the_composition_is_what_the_steps_come_to_in_letters():
    """Along two routes: c = (b a x + d)/2 − a x, told of the name with the most steps above it, x before a."""
    found = composition(load_problem(graph(["u = a*x", "v = b*u + d", "c = v/2 - u"], ["a", "x", "d"])))
    a, b, d, x = sp.symbols("a b d x")
    assert found is not None
    assert (found.by, found.is_chain) == ("x", False)
    assert sp.expand(found.steps[-1].expr(x) - ((b * a * x + d) / 2 - a * x)) == 0
    assert sp.expand(found.steps[-1].nested - found.steps[-1].expr(x)) == 0


@pytest.mark.parametrize("steps", [["u = a*x", "c = u^2"], ["u = a*x", "c = u*x"], ["c = a*x"]])
def test_a_bend_or_a_single_step_is_no_composition(steps):
    """There is nothing that collapses."""
    assert composition(load_problem(graph(steps, ["x"]))) is None


DESCENT = graph(
    ["z = w*x + b", "a = sigmoid(z)", "c = (a - y)^2"],
    ["w", "b"],
    values={"w": 0.5, "b": 0.1, "x": 2, "y": 1},
    training={"rule": "gradient_descent", "rate": 0.5},
)


def test_a_graph_s_update_has_the_chain_put_in():
    """w′ = w − η 2(a − y) a(1 − a) x, checked against the update that the sweep gave."""
    section = page(DESCENT)["update-line"]
    assert told(section) == ["w′ = w − η·2·a·x·(1 − a)·(a − y)", "b′ = b − η·2·a·(1 − a)·(a − y)"]
    checks = [
        line.check[-1] for block in section.blocks if isinstance(block, Strides) for line in block.lines
    ]
    assert all("30 digits" in str(check) or "exactly" in str(check) for check in checks[1::2])


def cases(blocks: tuple[Block, ...]) -> list[str]:
    return [plain(block.pieces[-1].body) for block in blocks if isinstance(block, Chain)]


def test_a_perceptron_s_update_is_told_by_cases():
    """Nothing where it is right; else the input is added, or taken away."""
    found = cases(page("perceptron-and")["training"].blocks)
    assert "{w if a = y; w + η·x if a = 0 and y = 1; w − η·x if a = 1 and y = 0}" in found


def test_the_cases_are_the_rule_at_each_pair_of_values():
    """η(y − a)x of activations 1 and −1, too."""
    eta, x = sp.symbols("eta x")
    assert [change_by(PERCEPTRON, *map(sp.Integer, pair)) for pair in ((1, 1), (-1, 1), (1, -1))] == [
        0,
        2 * eta * x,
        -2 * eta * x,
    ]
