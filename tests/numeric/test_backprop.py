"""Backprop is the four equations in floats, and reads nobody's symbolic derivative."""

import ast
from pathlib import Path

import numpy as np
import pytest

from numeric.floats.backprop import backprop, layer_gradients, use_claims
from numeric.floats.differences import differences

ROOT = Path(__file__).parents[2]
SYMBOLIC = {"derive.sweep", "derive.gradient", "derive.slips", "derive.training.update"}
SLOPES = {"slope", "usual_slope", "carried", "bare", "prove", "holds"}


def imports_of(module):
    """(module, name) pairs of a project module's own imports."""
    path = ROOT / (module.replace(".", "/") + ".py")
    if not path.exists():
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def everything_read_by(module):
    seen, pairs, stack = set(), set(), [module]
    while stack:
        current = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        for source, name in imports_of(current):
            pairs.add((source, name))
            stack += [source, f"{source}.{name}"]
    return seen, pairs


@pytest.mark.parametrize("module", ["numeric.floats.backprop", "numeric.floats.differences"])
def test_a_float_witness_reads_no_symbolic_derivative(module):
    """Not even through another module: agreement would mean nothing."""
    seen, pairs = everything_read_by(module)
    assert not seen & SYMBOLIC
    assert not any(name.startswith("derive.views") for name in seen)
    assert not {name for source, name in pairs if source == "derive.expressions"} & SLOPES
    assert "numeric.balls.tape" not in seen


def test_the_float_witnesses_do_not_read_each_other():
    """Each could be wrong alone."""
    assert "numeric.floats.differences" not in everything_read_by("numeric.floats.backprop")[0]
    assert "numeric.floats.backprop" not in everything_read_by("numeric.floats.differences")[0]


def test_the_symbolic_witness_reads_no_hand_written_slope():
    """Its numbers come from SymPy's derivative in balls."""
    seen, _ = everything_read_by("derive.sweep")
    assert not {module for module in seen if module.startswith("numeric")}
    assert not everything_read_by("numeric.balls.enclosure")[0] & {
        "numeric.floats.rules",
        "numeric.floats.nodes",
        "numeric.floats.backprop",
    }


def test_a_difference_reads_values_only():
    """No pull and no slope is ever called on its way."""
    text = (ROOT / "numeric" / "floats" / "differences.py").read_text(encoding="utf-8")
    attributes = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    assert not attributes & {"pull", "slope", "delta"}


def test_layer_gradients_have_the_shapes_of_weights_and_biases(random_problem):
    """(n[l], n[l-1]) and (n[l],)."""
    problem = random_problem(np.random.default_rng(1), [3, 4, 2], ["tanh", "sigmoid"], samples=5)
    layers = layer_gradients(problem, problem.body)
    assert {l: W.shape for l, W in layers.W.items()} == {1: (4, 3), 2: (2, 4)}
    assert {l: b.shape for l, b in layers.b.items()} == {1: (4,), 2: (2,)}


def test_a_shared_parameters_gradient_is_the_sum_over_its_uses(random_problem):
    """Each use has its own share in use_claims."""
    rng = np.random.default_rng(2)
    problem = random_problem(rng, [2, 3, 2], ["tanh", "sigmoid"], samples=3, shared=True)
    uses = use_claims(problem)
    for parameter in problem.parameters:
        shares = sum(uses["C", place].value for place in parameter.places)
        assert shares == pytest.approx(backprop(problem)["C", parameter.key].value, rel=1e-13)


def test_the_textbook_form_claims_more_error_at_saturation(network, layer):
    """The same gradient by a(1 - a), with the bound that this form has at z = 30."""
    problem = network([layer("sigmoid", [["0.5"]], [30])], [["0.5"]], [["0.7"]])
    stable, textbook = backprop(problem), backprop(problem, textbook=True)
    for entry in stable:
        assert textbook[entry].error > 1e6 * stable[entry].error


@pytest.mark.parametrize("witness", [backprop, differences])
def test_a_witness_has_a_claim_for_every_parameter(witness, random_problem):
    """And none for anything else."""
    problem = random_problem(np.random.default_rng(3), [2, 3, 2], ["tanh", "sigmoid"], shared=True)
    assert set(witness(problem)) == {("C", p.key) for p in problem.parameters}
