"""One update of gradient descent as steps, and what happens when its order is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from derive.files.load import load_problem
from derive.problem import Problem
from derive.slips import ALREADY_UPDATED, READ_EARLY, UPDATE_SLIPS
from derive.steps import Program, given_values, program_of
from derive.sweep import adjoint
from derive.training.update import setting, trained, update_program, updated
from derive.training.update_rules import RATE
from tests.examples import evidence_of
from tests.kinds import every

DIGITS = 40
CLOSE = sp.Float("1e-30")
MAZUR = load_problem("mazur")


def given(problem: Problem, eta: Fraction = Fraction(1, 2)) -> dict[str, sp.Expr]:
    values = {
        k: sp.Rational(v.numerator, v.denominator) for k, v in given_values(problem).items() if v is not None
    }
    return values | {setting(RATE): sp.Rational(eta.numerator, eta.denominator)}


def evaluate(program: Program, values: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    found = dict(values)
    for step in program.steps:
        terms = (
            term.formula.expr.xreplace(
                dict(zip(term.formula.formals, map(found.__getitem__, term.args), strict=True))
            )
            for term in step.terms
        )
        found[step.key] = sp.Add(*terms).evalf(DIGITS)
    return found


def free(output: str | None = None, rule: str = "tanh", **body: object) -> Problem:
    layers = [
        {"units": 2, "activation": "tanh"},
        {"units": 2, "activation": rule},
        {"units": 2, "activation": rule},
    ]
    what = {"output": output} if output else {"cost": "half_squared_error"}
    return load_problem({"network": {"inputs": 2, "layers": layers, **what, **body}})


def assert_in_order(problem: Problem, program: Program) -> None:
    known = {*given_values(problem), setting(RATE)}
    for step in program.steps:
        assert {arg for term in step.terms for arg in term.args} <= known, step.key
        known.add(step.key)


@pytest.mark.parametrize("usual", [False, True])
def test_an_update_subtracts_the_rate_times_the_gradient(usual):
    """w′ = w − η ∂C/∂w, for every trained parameter."""
    found = evaluate(update_program(MAZUR, usual=usual), given(MAZUR))
    for key in trained(MAZUR):
        assert abs(found[updated(key)] - (found[key] - found[adjoint("C", key)] / 2)) < CLOSE
        assert found[updated(key)] != found[key]


def test_a_frozen_parameter_is_not_updated():
    """Mazur's biases stay as they are, though their gradients exist."""
    assert trained(MAZUR) == tuple(f"w{l}[{j},{k}]" for l in (1, 2) for j in (1, 2) for k in (1, 2))
    assert updated("shared b1") not in update_program(MAZUR).by_key


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        ("w2[1,1]", "0.35891648"),
        ("w2[2,2]", "0.561370121"),
        ("w1[1,1]", "0.149780716"),
        ("w1[2,2]", "0.29950229"),
    ],
)
def test_mazur_s_weights_after_one_step_are_the_article_s(key, printed):
    """To every printed digit."""
    value = evaluate(update_program(MAZUR), given(MAZUR))[updated(key)]
    assert f"{value:.{len(printed) - 2}f}" == printed


def test_every_gradient_belongs_to_the_same_point():
    """No step of the sweep reads an updated weight."""
    program = update_program(MAZUR)
    assert not any(arg.endswith("'") for step in program.steps for term in step.terms for arg in term.args)


def test_a_parameter_that_the_cost_does_not_read_stays_where_it_is():
    """Its gradient is 0, and its update is there."""
    problem = load_problem(
        {
            "network": {"inputs": 1, "output": "a1[1]", "layers": [{"units": 2, "activation": "tanh", "weights": [[1], [2]], "biases": [0, 0]}]},
            "data": {"x": [[1]]},
        }
    )  # fmt: skip
    found = evaluate(update_program(problem), given(problem))
    assert abs(found[updated("w1[2,1]")] - 2) < CLOSE


def test_a_mini_batch_reads_its_own_samples():
    """The update on one sample is that of the problem which has this sample alone."""
    body = {"inputs": 1, "cost": "squared_error", "reduction": "mean", "layers": [{"units": 1, "activation": "tanh", "weights": [["0.3"]], "biases": ["0.1"]}]}  # fmt: skip
    problem = load_problem({"network": body, "data": {"x": [[1], [2]], "y": [[0], [1]]}})
    alone = replace(problem, x=problem.x[1:], y=problem.y[1:])
    batch = evaluate(update_program(problem, ("@2",)), given(problem))
    single = evaluate(update_program(alone), given(alone))
    assert all(abs(batch[updated(key)] - single[updated(key)]) < CLOSE for key in trained(problem))


def cost_after(problem: Problem, program: Program) -> sp.Expr:
    found = evaluate(program, given(problem))
    moved = given(problem) | {key: found[updated(key)] for key in trained(problem)}
    return evaluate(program_of(problem), moved)["C"]


def test_mazur_s_cost_after_one_step_is_not_what_the_article_prints():
    """Exact arithmetic gives 0.291027774."""
    assert f"{cost_after(MAZUR, update_program(MAZUR)):.9f}" == "0.291027774"


@pytest.mark.parametrize("usual", [False, True])
def test_updated_output_weights_in_the_hidden_step_give_mazur_s_figure(usual):
    """0.291027924, to every digit: the article's own slip."""
    slipped = ALREADY_UPDATED.edit(MAZUR, update_program(MAZUR, usual=usual))
    assert f"{cost_after(MAZUR, slipped):.9f}" == "0.291027924"


def test_only_hidden_gradients_are_spoilt_by_updated_weights():
    """The output layer's were taken before."""
    right, wrong = (
        evaluate(program, given(MAZUR))
        for program in (update_program(MAZUR), ALREADY_UPDATED.edit(MAZUR, update_program(MAZUR)))
    )
    changed = {key for key in trained(MAZUR) if right[updated(key)] != wrong[updated(key)]}
    assert changed == {key for key in trained(MAZUR) if key.startswith("w1")}


@pytest.mark.slow
def test_mazur_s_later_figures_are_explained_by_the_same_slips():
    """After 10,000 steps the cost was read one update early, the outputs come of updated weights."""
    slips = {
        (judgement.figure.text, judgement.figure.after): judgement.slip
        for judgement in evidence_of("mazur").published
    }
    assert slips["E", 1] == slips["o1", 10000] == slips["o2", 10000] == ALREADY_UPDATED.name
    assert slips["E", 10000] == READ_EARLY.name
    assert slips["E", 9999] is None


PROBLEMS = {
    "cost": free(),
    "softmax": free(rule="softmax"),
    "output within": free("a3[1]*w1[1,1]*a1[1]"),
    "output with a bias": free("a3[1]*b1[1] + a1[2]*b3[2] + a2[1]*w2[1,2]"),
    "decay": free(l2="0.1"),
}


@pytest.mark.parametrize("slip", UPDATE_SLIPS.values(), ids=lambda slip: slip.name)
@pytest.mark.parametrize("usual", every([False, True], 2))
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_a_slip_of_an_update_can_be_computed(problem, usual, slip):
    """An edit that made a step wait for itself could not be put in order."""
    program = update_program(problem, usual=usual)
    edited = slip.edit(problem, program)
    assert_in_order(problem, edited)
    assert {step.key for step in edited.steps} == {step.key for step in program.steps}


def test_a_weight_that_two_layers_share_has_no_order_and_is_left_alone():
    """Nobody could say which of its updates came first."""
    layers = [{"units": 1, "activation": "tanh", "weights": [["w"]], "biases": ["b"]}] * 3
    problem = load_problem({"network": {"inputs": 1, "cost": "squared_error", "layers": layers}})
    program = update_program(problem)
    assert {step.key: step for step in ALREADY_UPDATED.edit(problem, program).steps} == program.by_key


def test_a_weight_shared_within_a_layer_is_read_updated_at_each_place():
    """As the same number was stored once."""
    layers = [
        {"units": 2, "activation": "tanh"},
        {"units": 1, "activation": "tanh", "weights": [["w", "w"]]},
    ]
    problem = load_problem({"network": {"inputs": 1, "cost": "squared_error", "layers": layers}})
    edited = ALREADY_UPDATED.edit(problem, update_program(problem))
    assert_in_order(problem, edited)
    reads = {arg for j in (1, 2) for term in edited.by_key[f"dC/da1[{j}]"].terms for arg in term.args}
    assert "shared w'" in reads
    assert not {"w2[1,1]", "w2[1,2]"} & reads
