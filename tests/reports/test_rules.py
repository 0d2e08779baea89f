"""Every rule on its page: formula, parameters, conventions and source, read from its row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from derive.files.load import load_problem
from derive.notation import write
from derive.problem import Network, Problem
from derive.rules import ACTIVATIONS, COSTS
from derive.steps import rule_settings
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.tree import Tree
from reports.content.rules import conventions, rules_table


def problem_with(*activations: Any, cost: Any = "half_squared_error") -> Problem:
    layers = [
        {"units": 2, "activation": rule, "weights": {"seed": 0}, "biases": False} for rule in activations
    ]
    row = COSTS.get(cost["rule"] if isinstance(cost, dict) else cost)
    few = isinstance(row.targets.values, sp.FiniteSet) if row else False
    network = {"inputs": 2, "cost": cost, "layers": layers}
    return load_problem({"network": network, "data": {"x": [[1, 2]], "y": [[1, -1 if few else 0]]}})


def network_of(problem: Problem) -> Network:
    assert isinstance(problem.body, Network)
    return problem.body


def text(words: Any) -> str:
    return "".join(plain(part) if isinstance(part, Tree) else str(part) for part in words)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_stands_in_the_table_with_its_formula(name: str) -> None:
    """In LaTeX and in plain text alike."""
    problem = problem_with(name)
    words, formula, source = rules_table(problem, network_of(problem)).rows[0]
    assert text(words).lower().startswith(ACTIVATIONS[name].words.lower())
    one = ACTIVATIONS[name].couples
    assert text(formula).startswith("a1 = " if one else "a = ")
    assert latex(formula[0]).startswith("a_{1} = " if one else "a = ")
    assert source == (ACTIVATIONS[name].source,)


def test_what_a_cost_assumes_has_the_letters_of_the_page() -> None:
    """0 < h < 1; 0 ≤ t ≤ 1 beside t and h."""
    problem = problem_with("sigmoid", cost="binary_cross_entropy")
    notation = replace(problem.notation, activation="h", target="t")
    _, formula, _ = rules_table(replace(problem, notation=notation), network_of(problem)).rows[-1]
    assert text(formula).endswith("; 0 < h < 1; 0 ≤ t ≤ 1")


@pytest.mark.parametrize("name", COSTS)
def test_every_cost_stands_in_the_table_with_what_it_assumes(name: str) -> None:
    """Of its targets in the row's own sentence."""
    problem = problem_with("sigmoid", cost=name)
    words, formula, source = rules_table(problem, network_of(problem)).rows[-1]
    assert text(words).lower().startswith(COSTS[name].words.lower())
    assert latex(formula[0]).startswith("C_{1} = " if COSTS[name].couples else "C_{k} = ")
    assumes = COSTS[name].targets.values != sp.S.Reals
    stated = str(COSTS[name].targets).replace("<=", "≤").replace(">=", "≥").replace("-", "−")
    assert (stated in text(formula)) == assumes
    assert source == (COSTS[name].source,)


def test_a_rule_that_reads_its_whole_layer_is_stated_of_the_first_unit() -> None:
    """Where z_2 and z_3 stand, the unit's own z has its index too."""
    problem = problem_with("softmax", cost="cross_entropy_on_logits")
    activation, cost = (row[1] for row in rules_table(problem, network_of(problem)).rows)
    assert text(activation) == "a1 = e^(z1)/(e^(z1) + e^(z2))"
    assert text(cost).startswith("C1 = y1·(ln(e^(a1) + e^(a2)) − a1)")


@pytest.mark.parametrize("name", [name for name, rule in ACTIVATIONS.items() if rule.given().kinks])
def test_every_kink_s_convention_is_said(name: str) -> None:
    """One sentence a kink, with its place and the slope that counts."""
    problem = problem_with(name)
    said = [text(words) for words in conventions(problem, network_of(problem))]
    assert len(said) == len(ACTIVATIONS[name].given().kinks)
    assert all(" has no slope at " in sentence and "by convention." in sentence for sentence in said)


def test_a_parameter_is_shown_with_its_number() -> None:
    """The formula reads alpha, and beside the name stands what it is."""
    problem = problem_with({"rule": "leaky_relu", "alpha": 0.25}, cost={"rule": "huber", "delta": 0.5})
    table = rules_table(problem, network_of(problem))
    assert text(table.rows[0][0]) == "Leaky relu, α = 0.25"
    assert text(table.rows[-1][0]) == "Huber cost, δ_H = 0.5"
    assert text(next(iter(conventions(problem, network_of(problem))))).endswith(
        "here it is 0.25, by convention."
    )


@pytest.mark.parametrize(("second", "letters"), [("0.1", ["α", "α"]), ("0.2", ["α1", "α2"])])
def test_layers_that_differ_in_a_parameter_differ_in_its_letter(second: str, letters: list[str]) -> None:
    """One letter for two numbers would be a slip on the page."""
    problem = problem_with({"rule": "leaky_relu", "alpha": "0.1"}, {"rule": "leaky_relu", "alpha": second})
    found = [plain(write(problem, setting.key)) for setting in rule_settings(network_of(problem))]
    assert found == letters
