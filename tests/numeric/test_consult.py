"""Outside witnesses: another library's own differentiation of what a problem states."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from derive import load_problem
from derive.formula.nodes import ARRAY_OPERATIONS, OPERATIONS
from derive.rules import ACTIVATIONS, COSTS
from numeric import consult, verify
from numeric.outside import library as shelf
from numeric.outside.stated import SHAPED
from tests.kinds import every
from tests.sources import ROOT

LIBRARIES = tuple(shelf.TABLES)
KNOWN = [name for name in ACTIVATIONS if name != "general"]
LAST = {
    "cross_entropy": "softmax",
    "kullback_leibler": "softmax",
    "binary_cross_entropy": "sigmoid",
    "poisson": "softplus",
}


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) for name in LIBRARIES])
def witness(request):
    """The name of a library, where it is installed; to load one takes seconds."""
    pytest.importorskip(request.param)
    return request.param


def verdicts(problem, witness):
    """The verdict of every entry, by key; all rows of the evidence have one."""
    evidence = verify(problem)
    found = consult(evidence, witness).by_entry
    assert set(found) == {row.entry for row in evidence} != set()
    return {entry: judged.verdict for entry, judged in found.items()}


def test_every_operation_has_a_row(witness):
    """A rule or an operation that is not yet written must not wait for somebody to ask for it."""
    table = shelf.library(witness)
    assert set(table.activations) == set(KNOWN)
    assert set(table.costs) == set(COSTS)
    assert set(table.entrywise) == set(OPERATIONS)
    assert {*table.along, *SHAPED} == set(ARRAY_OPERATIONS)


TWINS = [(name, "squared_error") for name in KNOWN] + [("tanh", name) for name in COSTS]


@pytest.mark.slow
@pytest.mark.parametrize(("hidden", "cost"), TWINS, ids=["-".join(pair) for pair in TWINS])
def test_every_rule_has_the_same_gradient_there(hidden, cost, random_problem, draw_rule, witness):
    """Batches, decay and shared biases among them, within the bound of stable float64."""
    rng = np.random.default_rng(21)
    more = {"samples": 3, "reduction": "mean", "l2": "0.3", "shared": True}
    activations = [draw_rule(rng, ACTIVATIONS, hidden), LAST.get(cost, "sigmoid")]
    problem = random_problem(rng, [2, 3, 2], activations, draw_rule(rng, COSTS, cost), **more)
    assert set(verdicts(problem, witness).values()) <= {"agree", "imprecise"}


ENTRYWISE = [
    "y = x + w - x*w/(2 + w^2) + (-x)^3 + x^w",
    "y = exp(x)*log(w) + sqrt(x) + sin(x)*cos(w) + tan(x)",
    "y = sinh(x) + cosh(w)*tanh(x) + erf(w) + abs(x - w)",
    "y = max(x, w, 1/3)*min(x, 2*w) + identity(x) + step(x)*w + relu(x - w)",
    "y = sigmoid(x) + softplus(w) + softsign(x - w) + silu(x) + gelu(w)",
]


@pytest.mark.parametrize("line", every(ENTRYWISE, 5))
def test_every_operation_on_numbers_has_the_same_slope_there(line, graph, witness):
    """Each of the grammar's, at a point clear of kinks."""
    problem = graph([line], {"x": "0.7", "w": "1.3"})
    assert set(verdicts(problem, witness).values()) == {"agree"}


ARRAYS = {
    "products": ["Z = X @ W.T + b", "y = sum(outer(b, b) * (W @ W.T))", "L = sum(Z @ b) + y + b @ b"],
    "along": ["S = softmax(X, axis=0) * log_softmax(X)", "v = var(X, axis=1) + mean(X, axis=1)", "L = sum(S) + sum(v * b)"],
    "joined": ["J = concat(X, W, axis=0)", "r = row(J, 2)*row(W, 1) + sum(rows(J, 1, 1, 3), axis=0)", "L = sum(r^3) + entry(J, 4, 2)^2"],
    "slid": ["c = conv1d(X, b)", "L = sum(c*c) + sum(conv1d(row(W, 1), b))"],
}  # fmt: skip


@pytest.mark.parametrize("lines", every(ARRAYS.values(), 4))
def test_every_operation_on_arrays_has_the_same_slope_there(lines, graph, witness):
    """Products, axes, windows and single rows, entry by entry."""
    values = {
        "X": [["0.2", "-0.4", "0.9"], ["1.1", "0.3", "-0.6"]],
        "W": [["0.5", "0.1", "-0.2"], ["0.7", "-0.3", "0.4"]],
        "b": ["0.6", "-0.8"],
    }
    used = {name: value for name, value in values.items() if any(name in line for line in lines)}
    assert set(verdicts(graph(lines, used, "L"), witness).values()) == {"agree"}


def test_outputs_with_gradients_from_upstream_are_one_sum_there(graph, witness):
    """As the problem's own objective is."""
    problem = graph(["p = x*w", "q = x + w"], {"x": 2, "w": 3}, ["p", "q"], upstream={"p": 1, "q": -2})
    assert set(verdicts(problem, witness).values()) == {"agree"}


def test_an_unspecified_function_is_differentiated_there_as_often_as_the_text_asks(witness):
    """phi'' in a formula, and its slope phi''': at every point a stand-in of another form."""
    problem = load_problem(
        {"graph": {"steps": ["y = phi''(x)*phi'(x) + phi(x)"], "output": "y", "functions": ["phi"]}}
    )
    assert set(verdicts(problem, witness).values()) == {"agree"}


def test_an_output_is_differentiated_there_in_place_of_a_cost(network, layer, witness):
    """A formula in activations, inputs and weights, summed over the samples; a formula rule below it."""
    layers = [layer("z/(1 + abs(z))", [["0.4", "q"]], ["q"]), layer("sigmoid", [["0.7"]])]
    x = [["0.3", "-0.2"], ["0.8", "0.5"]]
    problem = network(layers, x, output="a2[1]*x[1] + w2[1,1]^2 + z1[1]", values={"q": "0.9"}, l2="0.1")
    assert set(verdicts(problem, witness).values()) == {"agree"}


def test_a_convention_at_a_kink_is_no_fault_of_theirs(witness):
    """PyTorch shares the slope of a tied max, ours goes to the first: undecided, not wrong."""
    problem = load_problem({"graph": {"steps": ["y = max(x, w)"], "output": "y"}, "values": {"x": 1, "w": 1}})
    assert set(verdicts(problem, witness).values()) == {"undecided"}


def test_a_wrong_slope_of_theirs_is_wrong_and_ours_still_agree(monkeypatch, network, layer, witness):
    """A library whose tanh has half its slope: each entry below it is named, none above."""
    table = shelf.library(witness)
    broken = replace(
        table, activations={**table.activations, "tanh": lambda z: table.entrywise["tanh"](z / 2)}
    )
    monkeypatch.setattr("numeric.outside.consult.library", lambda _: broken)
    evidence = verify(network([layer("tanh", [["0.5"]])], [["0.3"]], [["0.9"]]))
    testimony = consult(evidence, witness)
    assert [entry.name for entry in testimony.wrong] == ["dC/dw1[1,1]"]
    assert evidence.verdict == "agree"


def test_a_library_that_is_missing_says_how_to_install_it(monkeypatch):
    """By the name of the extra."""
    monkeypatch.setattr(shelf, "find_spec", lambda _: None)
    with pytest.raises(shelf.MissingLibraryError, match=r"pip install 'backproof\[torch\]'"):
        shelf.library("torch")


@pytest.mark.slow
def test_no_library_is_loaded_before_it_is_asked_for():
    """PyTorch alone takes seconds; a plain `verify` must not pay for it, nor need it."""
    script = "import sys; from reports.cli import main\ntry: main(['verify', 'micrograd-readme'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "numeric.evidence" in loaded
    assert {"numeric.outside.consult", *LIBRARIES} & loaded == set()
