"""The reverse sweep against SymPy's derivative of the whole cost, substituted at once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
import sympy as sp

from derive.files.load import load_problem
from derive.problem import Problem
from derive.quantities import read
from derive.rules import COSTS
from derive.steps import Program, given_values, program_of
from derive.sweep import adjoint, derivative, sweep
from tests.kinds import RULES as RULES_KEPT
from tests.kinds import every, thinned
from tests.substituted import (
    RULES,
    SHARED,
    SHARED_LAYERS,
    assert_same,
    evaluate,
    gradient,
    graph,
    network,
    rationals,
    swept,
    truth,
    whole_cost,
    whole_graph,
)

# -- every rule with every cost --------------------------------------------------------------------


# Every cost above a sigmoid, which suits them all, and above a softmax; every rule below one cost.
FITTING = [("sigmoid", cost) for cost in COSTS if cost != "squared_error"] + [
    (rule.name, "squared_error") for rule in RULES
]
KINDS = RULES_KEPT - {"sigmoid", "gelu", "elu", "hinge"}
ABOVE_SOFTMAX = [("softmax", cost) for cost in COSTS if cost != "squared_error"]
CASES = [
    pytest.param(
        *pair, id="-".join(pair), marks=() if pair in FITTING and set(pair) & KINDS else pytest.mark.slow
    )
    for pair in (*FITTING, *ABOVE_SOFTMAX)
]


@pytest.mark.parametrize(("rule", "cost"), CASES)
def test_the_sweep_is_the_derivative_of_the_substituted_cost(rule, cost):
    """The chain rule over named steps and one great expression must agree, in every parameter."""
    problem = network(2, 1, 2, rules=["tanh", rule], cost=cost)
    expected = gradient(problem)
    assert_same(swept(problem, "C", problem.wrt), expected)


@pytest.mark.parametrize("rule", thinned([rule.name for rule in RULES], {"relu", "softmax", "elu"}))
def test_a_hidden_layer_may_have_any_rule(rule):
    """Two units above each other, so that the slope is taken at the right layer."""
    problem = network(2, 2, 1, rules=[rule, "sigmoid"], seed=5)
    expected = gradient(problem)
    assert_same(swept(problem, "C", problem.wrt), expected)


@pytest.mark.parametrize("cost", thinned(COSTS, RULES_KEPT))
def test_a_derivative_by_an_input_or_target_is_swept_alike(cost):
    """x and y are quantities like any other."""
    problem = network(2, 2, rules=["sigmoid"], cost=cost)
    keys = ("x[1]", "x[2]", "y[1]", "y[2]")
    assert_same(swept(problem, "C", keys), gradient(problem, keys))


@pytest.mark.parametrize(("rule", "cost"), CASES)
def test_usual_slopes_change_no_derivative(rule, cost):
    """a(1 − a) is another way of writing, never another value."""
    problem = network(2, 3, rules=[rule], cost=cost)
    assert_same(swept(problem, "C", problem.wrt, usual=True), swept(problem, "C", problem.wrt))


def test_a_formula_rule_and_a_formula_cost_are_swept_alike():
    """The author's own φ and cost need no row."""
    problem = network(2, 2, 1, rules=["z/(1 + abs(z))", "log(1 + exp(z))"], cost="(y - a)^4")
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


@pytest.mark.parametrize("depth", [1, 2, *(pytest.param(depth, marks=pytest.mark.slow) for depth in (3, 4))])
def test_the_sweep_holds_at_any_depth(depth):
    """Each layer's adjoint rests on that of the layer above."""
    problem = network(*(2, 2, 1, 2, 1)[: depth + 1], rules=["tanh", "sigmoid"] * 2, seed=depth)
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


# -- reductions, batches, L2 -----------------------------------------------------------------------


@pytest.mark.parametrize("l2", ["0", "0.3"])
@pytest.mark.parametrize("samples", every([3, 1], 2))
@pytest.mark.parametrize("reduction", every(["mean", "sum"], 2))
@pytest.mark.slow
def test_samples_and_decay_are_added_as_the_problem_says(reduction, samples, l2):
    """(1/n) belongs to the mean only, λ/n to the decay always."""
    problem = network(2, 2, 1, samples=samples, reduction=reduction, l2=l2)
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


@pytest.mark.parametrize("reduction", every(["mean", "sum"], 2))
def test_one_sample_s_cost_is_undivided_and_without_decay(reduction):
    """C@2 is that of a problem which has this sample alone."""
    problem = network(2, 2, 2, samples=3, reduction=reduction, l2="0.3")
    alone = replace(problem, x=problem.x[1:2], y=problem.y[1:2], body=replace(problem.body, l2=Fraction(0)))
    assert_same(swept(problem, "C@2", problem.wrt), gradient(alone))


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_outputs_costs_add_up_to_the_cost_without_decay(reduction):
    """C[1] and C[2] split the reduced cost."""
    problem = network(2, 2, 2, samples=3, reduction=reduction)
    parts = zip(swept(problem, "C[1]", problem.wrt), swept(problem, "C[2]", problem.wrt), strict=True)
    assert_same([one + other for one, other in parts], swept(problem, "C", problem.wrt))


def test_one_output_s_cost_does_not_depend_on_the_other_output():
    """dC[1]/dw of the second output unit is 0."""
    assert_same(swept(network(2, 2), "C[1]", ("w1[2,1]", "b1[2]")), [0, 0])


def test_the_error_of_one_sample_holds_its_share_of_the_mean():
    """dC/dz@3 belongs to the whole C, dC@3/dz@3 to the sample's own."""
    problem = network(2, 2, 1, samples=3, reduction="mean")
    (whole,), (own,) = (swept(problem, of, ("z1[2]@3",)) for of in ("C", "C@3"))
    assert_same([3 * whole], [own])
    assert own != 0


def test_samples_do_not_read_each_other():
    """da@1/dz@2 = 0."""
    assert swept(network(2, 2, 1, samples=2), "a2[1]@1", ("z1[1]@2",)) == [0]


# -- shared parameters -----------------------------------------------------------------------------


@pytest.mark.parametrize("l2", ["0", "0.4"])
def test_a_shared_parameter_s_derivative_runs_over_all_its_uses(l2):
    """Within a layer and across layers; decay counts it once."""
    problem = replace(SHARED, body=replace(SHARED.body, l2=Fraction(l2)))
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


@pytest.mark.parametrize("name", ["u", "v", "b"])
def test_the_shares_of_the_uses_add_up_to_the_whole(name):
    """dC/dw1[1,1] is one use's share, dC/du their sum."""
    key = f"shared {name}"
    shares = swept(SHARED, "C", SHARED.parameter[key].places)
    assert len(set(shares)) == len(shares) > 1
    assert_same([sum(shares)], swept(SHARED, "C", (key,)))


def test_a_parameter_that_is_bias_and_weight_decays_as_a_weight():
    """The L2 term holds every weight, wherever else the number is used."""
    layers = [
        {"units": 1, "activation": "tanh", "weights": [["0.3"]], "biases": ["s"]},
        {"units": 1, "activation": "tanh", "weights": [["s"]], "biases": ["0.1"]},
    ]
    problem = network(1, 1, 1, layers=layers, values={"s": "0.6"}, l2="0.5")
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


# -- an output instead of a cost -------------------------------------------------------------------


@pytest.mark.parametrize("samples", [pytest.param(1, marks=pytest.mark.slow), 2])
@pytest.mark.parametrize(
    "formula",
    thinned(
        [
            "a2[1]",
            "a2[1]^2 - a2[2]",
            "a2[1]*a1[2] + z1[1]",
            "w1[1,1]*a2[1] + b2[2]^2",
            "x[1]*a2[2]",
            "a2[1]*y[1]",
        ],
        {"a2[1]*a1[2] + z1[1]", "w1[1,1]*a2[1] + b2[2]^2"},
    ),
)
def test_an_output_formula_is_differentiated_instead_of_a_cost(formula, samples):
    """It may read any quantity of the forward pass, parameters among them, at each sample."""
    problem = network(2, 2, 2, samples=samples, output=formula)
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


def test_an_output_formula_may_read_a_shared_parameter_and_one_of_its_uses():
    """Both lead to the same number."""
    problem = network(
        2,
        2,
        2,
        layers=SHARED_LAYERS,
        values={"u": "0.35", "v": "-0.8", "b": "0.15"},
        output="a2[1]*b + b1[2]^2",
    )
    assert_same(swept(problem, "C", problem.wrt), gradient(problem))


# -- graphs ----------------------------------------------------------------------------------------

GRAPHS = {
    "chain": ["a = x*y", "b = sin(a)", "J = exp(b)"],
    "fork": ["a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)"],
    "reused": ["a = x*y", "b = a*a + a", "c = b*a", "J = c/(1 + b^2) + a"],
    "diamond of diamonds": [
        "a = x + y",
        "b = a*x",
        "c = a*y",
        "d = b*c",
        "f = d*b",
        "g = d*c",
        "J = f*g + d",
    ],
    "read twice in a step": ["a = x*x + y", "J = a^a*x + a"],
    "named adjoint": ["adjoint = 3*x", "q = adjoint^2", "J = sin(q)*y"],
    "every operation": [
        "a = tanh(x) + sigmoid(y)",
        "b = sqrt(a^2 + 1)",
        "c = log(b) - exp(-b)",
        "J = abs(y)*relu(x)*c/b",
    ],
    "largest": ["a = max(x, y, x*y)", "b = min(x, y)", "J = a*b"],
    "unused step": ["a = x*y", "b = x^3", "J = a^2"],
}


@pytest.mark.parametrize("steps", every(GRAPHS.values(), 2), ids=GRAPHS)
@pytest.mark.parametrize("usual", every([False, True], 2))
def test_a_graph_s_derivative_runs_over_all_routes(steps, usual):
    """Forks, reused quantities and names that look like ours."""
    problem = graph(steps)
    expected = [truth(problem, whole_graph(problem, "J"), key) for key in problem.wrt]
    assert_same(swept(problem, "J", problem.wrt, usual=usual), expected)


def test_each_of_several_outputs_is_differentiated_by_itself():
    """p and q have gradients of their own."""
    problem = graph(["p = x^2*y", "q = p*y + x"], ["p", "q"])
    for output in ("p", "q"):
        expected = [truth(problem, whole_graph(problem, output), key) for key in problem.wrt]
        assert_same(swept(problem, output, problem.wrt), expected)


def test_gradients_from_upstream_weigh_the_outputs():
    """One of them may itself feed the other."""
    problem = graph(["p = x^2*y", "q = p*y + x"], ["p", "q"], upstream={"p": 3, "q": "-0.5"})
    cost = 3 * whole_graph(problem, "p") - whole_graph(problem, "q") / 2
    assert problem.objectives == ("C",)
    assert_same(swept(problem, "C", problem.wrt), [truth(problem, cost, key) for key in problem.wrt])


def test_a_graph_with_a_quantity_called_c_keeps_it():
    """The upstream sum then has a name of its own."""
    problem = graph(["C = x*y", "q = C^2"], ["C", "q"], upstream={"C": 1, "q": 2})
    cost = whole_graph(problem, "C") + 2 * whole_graph(problem, "q")
    (objective,) = problem.objectives
    assert objective != "C"
    assert_same(swept(problem, objective, problem.wrt), [truth(problem, cost, key) for key in problem.wrt])


# -- between any two quantities --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "by"), [("a1[1]", "a1[2]"), ("z1[1]", "C"), ("w1[1,1]", "x[1]"), ("a1[1]", "w2[1,1]"), ("C", "b9")]
)
def test_the_derivative_by_what_is_not_read_is_zero(of, by):
    """Independent is an answer, not an error."""
    program = program_of(network(2, 2, 2))
    (step,) = (step for step in sweep(program, of, (by,)) if step.key == adjoint(of, by))
    assert (step.terms, step.because) == ((), "independent")


@pytest.mark.parametrize("key", ["C", "a1[1]", "w1[1,2]", "x[1]"])
@pytest.mark.parametrize("usual", [False, True])
def test_the_derivative_of_a_quantity_by_itself_is_one(key, usual):
    """Of a step and of a given number alike."""
    assert_same(swept(network(2, 2, 2), key, (key,), usual=usual), [1])


def test_the_derivative_of_one_softmax_output_ends_there():
    """The other outputs are only what its slope is printed in; nothing else need read them."""
    problem = network(2, 2, rules=["softmax"], output="a1[1]")
    program = program_of(problem)
    assert {step.key for step in sweep(program, "a1[1]", ("z1[2]",))} == {"da1[1]/dz1[2]"}
    values = evaluate(program, rationals(problem))
    assert_same(swept(problem, "a1[1]", ("z1[2]",)), [-values["a1[1]"] * values["a1[2]"]])
    assert_same(swept(problem, "a1[1]", ("z1[2]",), usual=True), [-values["a1[1]"] * values["a1[2]"]])


@cache
def second(rule: str, cost: str) -> tuple[Problem, sp.Expr]:
    problem = network(2, 2, 1, rules=[rule, "sigmoid"], cost=cost)
    return problem, whole_cost(problem)


PAIRS = [
    ("w1[1,1]", "w2[1,2]"),
    ("w1[1,1]", "w1[1,1]"),
    ("b1[2]", "w2[1,2]"),
    ("w2[1,1]", "b2[1]"),
    ("x[1]", "w1[2,1]"),
]


@pytest.mark.slow
@pytest.mark.parametrize("usual", [False, True])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("rule", ["tanh", "softmax"])
def test_a_second_derivative_is_sympy_s_and_symmetric(rule, pair, usual):
    """A second sweep over the first, through usual forms as well."""
    problem, cost = second(rule, "binary_cross_entropy")
    found = []
    for by in (pair, pair[::-1]):
        program, key = derivative(program_of(problem), "C", by, usual=usual)
        found.append(evaluate(program, rationals(problem))[key])
    assert_same(found, [truth(problem, cost, *pair)] * 2)


def test_a_third_derivative_is_one_more_sweep():
    """Any order is read by the same means."""
    problem = graph(["a = x^2", "b = sin(a)", "J = a*b"])
    program, key = derivative(program_of(problem), "J", ("x", "x", "x"))
    assert_same(
        [evaluate(program, rationals(problem))[key]],
        [truth(problem, whole_graph(problem, "J"), "x", "x", "x")],
    )


def test_the_second_derivative_of_a_shared_parameter_counts_every_pair_of_uses():
    """The uses are mixed: 4 terms for two uses."""
    program, key = derivative(program_of(SHARED), "C", ("shared u", "shared u"))
    expected = truth(SHARED, whole_cost(SHARED), "shared u", "shared u")
    assert_same([evaluate(program, rationals(SHARED))[key]], [expected])


def test_a_named_derivative_leads_to_its_value():
    """From the text to the number, by one key."""
    problem = network(2, 2, 1)
    quantity = read(problem, "d2C/dw1[1,1]dw2[1,2]")
    program, key = derivative(program_of(problem), quantity.of, quantity.by)
    expected = truth(problem, whole_cost(problem), "w1[1,1]", "w2[1,2]")
    assert_same([evaluate(program, rationals(problem))[key]], [expected])


# -- the size of a derivation ----------------------------------------------------------------------


def terms(program: Program) -> int:
    return sum(len(step.terms) for step in program.steps)


def edges(program: Program, output: str) -> int:
    behind = program.before((output,))
    return sum(len(term.args) for step in program.steps if step.key in behind for term in step.terms)


@pytest.mark.parametrize("sizes", [(3, 3, 3), (3,) * 8, (3,) * 30, (12, 9, 7, 1), (1,) * 100])
def test_a_sweep_has_no_more_terms_than_the_steps_have_edges(sizes):
    """The intermediates keep their names, so nothing doubles with depth."""
    problem = load_problem(
        {"network": {"inputs": sizes[0], "cost": "squared_error", "layers": [{"units": n, "activation": "tanh"} for n in sizes[1:]]}}
    )  # fmt: skip
    program = program_of(problem)
    assert terms(Program(sweep(program, "C", problem.wrt))) <= edges(program, "C")


def test_a_sweep_visits_only_what_lies_between():
    """For the last layer's weights nothing below it is derived."""
    problem = network(2, 2, 2, 1)
    keys = {step.key for step in sweep(program_of(problem), "C", ("w3[1,1]",))}
    assert keys == {"dC/da3[1]", "dC/dz3[1]", "dC/dw3[1,1]"}


def test_every_adjoint_is_computed_after_those_it_reads():
    """The steps can be evaluated in the order in which they stand."""
    program = program_of(SHARED)
    both = program.plus(sweep(program, "C", SHARED.wrt, usual=True))
    known = set(given_values(SHARED))
    for step in both.steps:
        assert {arg for term in step.terms for arg in term.args} <= known, step.key
        known.add(step.key)
