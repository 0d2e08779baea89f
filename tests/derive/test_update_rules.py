"""The rules of an update as rows: what each computes in exact numbers, and what it keeps."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from derive.files.load import load_problem
from derive.slips import EPSILON_ELSEWHERE, MOMENTUM_EXCHANGED, NO_BIAS_CORRECTION, UPDATE_SLIPS
from derive.steps import given_values
from derive.training.update import carried_over, key_of, update_program
from derive.training.update_rules import (
    ADAM,
    ADAM_INSIDE,
    AVERAGED,
    CLASSICAL,
    SYMBOLS,
    UPDATE_RULES,
    formula_in,
    uncorrected,
)

F = Fraction
VALUES = {"w": F(3), "g": F(1, 2), "v": F(4), "m": F(5), "eta": F(1, 10), "mu": F(9, 10), "t": F(2)}
VALUES |= {"beta1": F(1, 2), "beta2": F(3, 4), "epsilon": F(1, 100), "y": F(1), "a": F(0), "x": F(-2)}


def one_update(rule, **changes):
    """A rule's lines worked by SymPy from some values before the update."""
    known = {name: sp.Rational(value) for name, value in (VALUES | changes).items()}
    for new, text in rule.lines:
        formula, letters = formula_in(text)
        known[new] = formula.expr.subs(
            {formal: known[letter] for formal, letter in zip(formula.formals, letters, strict=True)}
        )
    return known


def squared(root):
    return root.replace(lambda part: part.func.__name__ == "MeanRoot", lambda part: sp.sqrt(part.args[0]))


@pytest.mark.parametrize("rule", UPDATE_RULES, ids=lambda rule: rule.words)
def test_a_rule_ends_with_the_new_parameter(rule):
    """What is handed on must have been computed, and each rule has a source."""
    computed = [new for new, _ in rule.lines]
    assert computed[-1] == "w'"
    assert {new for _, new in rule.states} <= set(computed)
    assert rule.source


def test_no_two_rules_are_chosen_alike():
    """A file's words name one row."""
    names = [(rule.name, rule.variant) for rule in UPDATE_RULES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", UPDATE_RULES, ids=lambda rule: rule.words)
def test_a_rule_reads_nothing_that_it_does_not_declare(rule):
    """Every letter is a quantity, a state, a line before, or one of the rule's settings."""
    known = {"w", "g", "eta", "t"} | {old for old, _ in rule.states}
    known |= {SYMBOLS[key] for key, _ in rule.settings}
    for new, text in rule.lines:
        assert set(formula_in(text)[1]) <= known
        known.add(new)


def test_classical_momentum_is_a_velocity_that_is_added():
    """v' = 0.9 · 4 − 0.1 · 0.5 and w' = 3 + v', by Polyak and Sutskever."""
    after = one_update(CLASSICAL)
    assert (after["v'"], after["w'"]) == (sp.Rational(71, 20), sp.Rational(131, 20))


def test_averaged_momentum_is_a_mean_of_gradients():
    """v' = 0.9 · 4 + 0.1 · 0.5 and w' = 3 − 0.1 v'."""
    after = one_update(AVERAGED)
    assert (after["v'"], after["w'"]) == (sp.Rational(73, 20), sp.Rational(527, 200))


def test_adam_corrects_both_means_for_their_start_at_0():
    """m̂ = 2.75/(1 − 1/4) and v̂ = 3.0625/(1 − 9/16) at t = 2."""
    after = one_update(ADAM)
    assert (after["mhat"], after["vhat"]) == (sp.Rational(11, 3), 7)
    step = sp.Rational(1, 10) * sp.Rational(11, 3) / (sp.sqrt(7) + sp.Rational(1, 100))
    assert sp.simplify(squared(after["w'"]) - (3 - step)) == 0


def test_epsilon_inside_stands_under_the_root():
    """√(v̂ + ε) is not √v̂ + ε."""
    step = sp.Rational(1, 10) * sp.Rational(11, 3) / sp.sqrt(7 + sp.Rational(1, 100))
    assert sp.simplify(squared(one_update(ADAM_INSIDE)["w'"]) - (3 - step)) == 0


@pytest.mark.parametrize("rule", [ADAM, ADAM_INSIDE], ids=lambda rule: rule.words)
def test_adam_without_correction_takes_the_means_as_they_are(rule):
    """The slip is the row with nothing divided by 1 − βᵗ."""
    after = one_update(uncorrected(rule))
    assert (after["mhat"], after["vhat"]) == (after["m'"], after["v'"])


TRAINED = {
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "layers": [{"units": 1, "activation": "identity", "weights": [[2]], "biases": [1]}],
    },
    "data": {"x": [[1]], "y": [[0]]},
}


def problem(rule, **training):
    return load_problem(TRAINED | {"training": {"rule": rule, "rate": "0.1", **training}})


@pytest.mark.parametrize(
    ("rule", "states"), [("gradient_descent", 0), ("momentum", 1), ("adam", 2), ("perceptron", None)]
)
def test_every_state_is_handed_to_the_next_update(rule, states):
    """For each of the two parameters, besides its own new value."""
    if states is None:
        stated = load_problem("perceptron-and")
        assert len(carried_over(stated)) == 3
        return
    stated = problem(rule)
    assert len(carried_over(stated)) == 2 * (1 + states)
    assert set(carried_over(stated).values()) <= update_program(stated).by_key.keys()


def test_the_keys_of_a_rule_can_be_no_names_of_a_graph():
    """A graph may have an eta, a t and a v of its own."""
    graph = {"graph": {"steps": ["J = eta*t + v^2"], "output": "J"}, "values": {"eta": 1, "t": 2, "v": 3}}
    stated = load_problem(graph | {"training": {"rule": "adam", "rate": "0.1"}})
    keys = {key_of(stated, letter, "v") for letter in ("eta", "t", "m", "v", "mhat")}
    assert not keys & given_values(stated).keys()


@pytest.mark.parametrize(
    ("slip", "rule", "variant"),
    [
        (MOMENTUM_EXCHANGED, "momentum", {"convention": "averaged"}),
        (EPSILON_ELSEWHERE, "adam", {"epsilon_place": "inside"}),
    ],
)
def test_an_exchange_gives_the_program_of_the_other_variant(slip, rule, variant):
    """In both directions, and only of rules that have one."""
    one, other = problem(rule), problem(rule, **variant)
    assert slip.edit(one, update_program(one)) == update_program(other)
    assert slip.edit(other, update_program(other)) == update_program(one)


@pytest.mark.parametrize("slip", [MOMENTUM_EXCHANGED, EPSILON_ELSEWHERE, NO_BIAS_CORRECTION])
def test_a_slip_of_another_rule_changes_nothing(slip):
    """Nobody exchanges a convention that gradient descent does not have."""
    stated = problem("gradient_descent")
    assert slip.edit(stated, update_program(stated)) == update_program(stated)


@pytest.mark.parametrize("rule", ["momentum", "adam"])
@pytest.mark.parametrize("slip", UPDATE_SLIPS.values(), ids=lambda slip: slip.name)
def test_every_slip_leaves_an_update_that_can_be_computed(slip, rule):
    """Each step after all that it reads, and the same quantities."""
    stated = problem(rule)
    program = slip.edit(stated, update_program(stated))
    known = {
        arg for step in program.steps for term in step.terms for arg in term.args
    } - program.by_key.keys()
    for step in program.steps:
        assert {arg for term in step.terms for arg in term.args} <= known
        known.add(step.key)
    assert program.by_key.keys() == update_program(stated).by_key.keys()
