"""Networks and graphs as one ordered list of named steps."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from derive.files.load import bundled, load_problem
from derive.problem import Network, Problem
from derive.steps import SAME, Program, Step, Term, given_values, one_sample, program_of
from tests.kinds import EXAMPLES, thinned

DATA = {
    "x": [["0.5", "-1"], ["0.2", "0.4"], ["1", "2"]],
    "y": [["0.3"], ["0.9"], ["0.1"]],
    "test": [["0", "1"]],
}


def network(data: Any = None, **body: Any) -> Problem:
    """Two inputs, two relu units with a shared weight, one identity unit: rational from end to end."""
    layers = [
        {
            "units": 2,
            "activation": "relu",
            "weights": [["u", "0.5"], ["-0.25", "u"]],
            "biases": ["0.1", "0.2"],
        },
        {"units": 1, "activation": "identity", "weights": [["2", "-1.5"]], "biases": False},
    ]
    if "output" not in body:
        body.setdefault("cost", "squared_error")
    return load_problem(
        {"network": {"inputs": 2, "layers": layers, **body}, "values": {"u": "0.75"}, "data": data or DATA}
    )


def evaluate(problem: Problem, program: Program, **more: int) -> Mapping[str, sp.Expr]:
    values = {
        k: sp.Rational(v.numerator, v.denominator) for k, v in given_values(problem).items() if v is not None
    }
    values |= {key: sp.Integer(value) for key, value in more.items()}
    for step in program.steps:
        terms = (
            term.formula.expr.xreplace(
                dict(zip(term.formula.formals, map(values.__getitem__, term.args), strict=True))
            )
            for term in step.terms
        )
        values[step.key] = sp.Add(*terms)
    return values


def by_hand(x1: Fraction, x2: Fraction) -> Fraction:
    """The network's output, worked out in fractions."""
    u = Fraction("0.75")
    h1 = max(u * x1 + Fraction("0.5") * x2 + Fraction("0.1"), Fraction(0))
    h2 = max(Fraction("-0.25") * x1 + u * x2 + Fraction("0.2"), Fraction(0))
    return 2 * h1 - Fraction("1.5") * h2


def parts() -> list[Fraction]:
    return [
        (Fraction(y) - by_hand(Fraction(x1), Fraction(x2))) ** 2
        for (x1, x2), (y,) in zip(DATA["x"], DATA["y"], strict=True)
    ]


@pytest.mark.parametrize("i", [1, 2, 3])
def test_the_forward_pass_is_that_of_the_book(i):
    """z = W a + b, a = φ(z), of every sample exactly."""
    x1, x2 = map(Fraction, DATA["x"][i - 1])
    values = evaluate(network(), program_of(network()))
    assert Fraction(str(values[f"a2[1]@{i}"])) == by_hand(x1, x2)
    assert Fraction(str(values[f"C@{i}"])) == parts()[i - 1]


def test_a_test_input_is_predicted_and_costs_nothing():
    """It has activations, and C does not read them."""
    program = program_of(network())
    values = evaluate(network(), program)
    assert Fraction(str(values["a2[1]@t1"])) == by_hand(Fraction(0), Fraction(1))
    assert not any(key.endswith("@t1") for key in program.before(("C",)))


@pytest.mark.parametrize(("reduction", "divisor"), [("sum", 1), ("mean", 3)])
@pytest.mark.parametrize("l2", ["0", "0.6"])
def test_the_cost_adds_samples_and_decay(reduction, divisor, l2):
    """Σ or (1/n)Σ of C@i, plus λ/(2n) Σ w², the shared weight once."""
    problem = network(reduction=reduction, l2=l2)
    weights = [Fraction(w) for w in ("0.75", "0.5", "-0.25", "2", "-1.5")]
    decay = Fraction(l2) / 6 * sum(w**2 for w in weights)
    assert Fraction(str(evaluate(problem, program_of(problem))["C"])) == sum(parts()) / divisor + decay


def test_a_batch_reads_its_samples_and_divides_by_its_own_size():
    """m for the samples, n for the decay: n stays the number in the file."""
    problem = network(reduction="mean", l2="0.6")
    program = program_of(problem, batch=("@1", "@3"))
    costs = parts()
    decay = Fraction("0.6") / 6 * sum(Fraction(w) ** 2 for w in ("0.75", "0.5", "-0.25", "2", "-1.5"))
    assert Fraction(str(evaluate(problem, program, m=2)["C"])) == (costs[0] + costs[2]) / 2 + decay
    assert not any(key.endswith("@2") for key in program.before(("C",)))


def test_a_batch_of_one_sample_is_still_a_batch():
    """C reads C@2, and no other sample."""
    problem = network(reduction="mean")
    program = program_of(problem, batch=("@2",))
    assert Fraction(str(evaluate(problem, program, m=1)["C"])) == parts()[1]


def test_the_mean_over_outputs_divides_by_their_number():
    """K is the width of the last layer."""
    problem = load_problem(
        {
            "network": {"inputs": 1, "cost": "mean_squared_error", "layers": [{"units": 2, "activation": "identity", "weights": [[1], [2]], "biases": [0, 0]}]},
            "data": {"x": [[3]], "y": [[1, 1]]},
        }
    )  # fmt: skip
    assert evaluate(problem, program_of(problem))["C"] == sp.Rational((3 - 1) ** 2 + (6 - 1) ** 2, 2)


def test_one_output_s_cost_is_its_reduced_part():
    """C[k] over all samples, without decay."""
    problem = network(reduction="mean", l2="0.6")
    assert Fraction(str(evaluate(problem, program_of(problem))["C[1]"])) == sum(parts()) / 3


def test_an_output_formula_is_summed_over_the_samples():
    """With parameters in it, which every sample shares."""
    problem = network(output="a2[1]*w2[1,1] + u")
    expected = sum(2 * by_hand(*map(Fraction, row)) + Fraction("0.75") for row in DATA["x"])
    assert Fraction(str(evaluate(problem, program_of(problem))["C"])) == expected


@pytest.mark.parametrize("name", thinned(bundled(), EXAMPLES))
def test_every_step_reads_what_is_known_by_then(name):
    """Each evaluator runs through the list once."""
    problem = load_problem(name)
    for program in (program_of(problem), program_of(problem).ordered()):
        known = set(given_values(problem))
        for step in program.steps:
            assert {arg for term in step.terms for arg in term.args} <= known
            known.add(step.key)


@pytest.mark.parametrize("name", thinned(bundled(), EXAMPLES))
def test_no_quantity_is_defined_twice(name):
    """A key means one thing."""
    keys = [step.key for step in program_of(load_problem(name)).steps]
    assert len(set(keys)) == len(keys)


def step(key: str, *reads: str, results: tuple[str, ...] = ()) -> Step:
    return Step(key, tuple(Term(SAME, (read,), results) for read in reads), "")


DIAMOND = Program((step("b", "a"), step("c", "a"), step("d", "b", "c", "b"), step("e", "c")))


def test_users_are_named_once_each():
    """d reads b twice."""
    assert DIAMOND.users("b") == ("d",)
    assert DIAMOND.users("c") == ("d", "e")
    assert DIAMOND.users("e") == ()


def test_before_and_after_include_the_quantity_itself():
    """What d is computed from, and what is computed from c."""
    assert DIAMOND.before(("d",)) == {"a", "b", "c", "d"}
    assert DIAMOND.after(("c",)) == {"c", "d", "e"}


def test_only_what_is_needed_is_kept_in_order():
    """e is left out."""
    assert [s.key for s in DIAMOND.only(("d",)).steps] == ["b", "c", "d"]


def test_steps_can_be_put_in_order():
    """However they stood before."""
    ordered = [s.key for s in Program(DIAMOND.steps[::-1]).ordered().steps]
    assert sorted(ordered) == ["b", "c", "d", "e"]
    assert ordered.index("d") > max(ordered.index("b"), ordered.index("c"))


COUPLED = Program((step("p", "z", results=("p", "q")), step("q", "z", results=("q", "p")), step("r", "p")))


def test_a_result_is_not_what_a_quantity_is_computed_from():
    """A softmax output is printed in the others, and depends on none of them."""
    assert COUPLED.before(("p",)) == {"p", "z"}


def test_steps_that_are_printed_in_each_other_have_an_order():
    """Two softmax outputs do not wait for each other for ever."""
    assert [s.key for s in COUPLED.ordered().steps] == ["p", "q", "r"]


def test_what_a_slope_is_printed_in_is_kept_with_it():
    """q is needed to write p's slope."""
    assert [s.key for s in COUPLED.only(("r",)).steps] == ["p", "q", "r"]


def test_one_sample_s_derivation_reads_shared_parameters_directly():
    """So that each use is a route; or by use, through the places."""
    direct, by_use = (one_sample(network(), by_use=by_use) for by_use in (False, True))
    assert set(direct.users("shared u")) == {"z1[1]", "z1[2]"}
    assert by_use.users("shared u") == ("w1[1,1]", "w1[2,2]")


@pytest.mark.parametrize("l2", ["0", "0.5"])
def test_one_sample_s_derivation_knows_no_samples(l2):
    """Its keys have no marks, and its cost neither reduction nor decay."""
    program = one_sample(network(reduction="mean", l2=l2))
    assert not any("@" in step.key for step in program.steps)
    assert program.by_key["C"].because == "cost"


def test_a_graph_s_steps_are_its_own_lines():
    """And the sum that upstream makes of its outputs."""
    problem = load_problem(
        {
            "graph": {"steps": ["p = x^2", "q = p*x"], "output": ["p", "q"], "upstream": {"p": 2, "q": -1}},
            "values": {"x": 3},
        }
    )
    assert [s.key for s in program_of(problem).steps] == ["p", "q", "C"]
    assert evaluate(problem, program_of(problem))["C"] == 2 * 9 - 27


def test_a_free_problem_has_keys_without_values():
    """None stands for a number that is drawn later."""
    problem = load_problem(
        {"network": {"inputs": 1, "cost": "squared_error", "layers": [{"units": 1, "activation": "tanh"}]}}
    )
    values = given_values(problem)
    assert {key for key, value in values.items() if value is None} == {"w1[1,1]", "b1[1]", "x[1]", "y[1]"}


def test_a_parameter_used_as_weight_and_bias_is_a_weight():
    """Whichever of its uses stands first in the file."""
    layers = [
        {"units": 1, "activation": "tanh", "biases": ["s"]},
        {"units": 1, "activation": "tanh", "weights": [["s"]]},
    ]
    problem = load_problem({"network": {"inputs": 1, "cost": "squared_error", "layers": layers}})
    assert problem.parameter["shared s"].is_weight
    assert not problem.parameter["b2[1]"].is_weight


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_coupled_activation_reads_its_own_unit_first(width):
    """Then the others, each once."""
    problem = load_problem(
        {
            "network": {
                "inputs": 1,
                "cost": "cross_entropy",
                "layers": [{"units": width, "activation": "softmax"}],
            }
        }
    )
    assert isinstance(problem.body, Network)
    for j in range(1, width + 1):
        (term,) = program_of(problem).by_key[f"a1[{j}]"].terms
        assert term.args[0] == f"z1[{j}]"
        assert sorted(term.args) == [f"z1[{k}]" for k in range(1, width + 1)]
        assert [arg.replace("z", "a") for arg in term.args] == list(term.results)
