"""Three witnesses agree on whatever network or graph can be stated, to three digits and more."""

from fractions import Fraction

import numpy as np
import pytest

from derive.formula.nodes import OPERATIONS
from derive.rules import ACTIVATIONS, COSTS
from numeric.evidence import LEAST_DIGITS, verify
from numeric.floats.network import arrays_of, forward
from tests.kinds import every

DEEP = ([3, 4, 1, 2], [1, 2, 2, 3, 2])
HIDDEN = [name for name in ACTIVATIONS if name != "general"]
GENERAL = "general"
PAIRS = [
    (activation, cost, shape)
    for i, activation in enumerate(HIDDEN)
    for j, cost in enumerate(COSTS)
    for shape in ([2, 1], [2, 2, 2], DEEP[(i + j) % 2])
]
"""Every pair in small networks, and in a deep one: every activation and every cost meets both of these."""


def in_domain(problem):
    """Whether every output lies where the cost's row says that it is defined."""
    run = forward(problem.body, arrays_of(problem, problem.body))
    last = run.a[problem.body.depth].value
    return all(Fraction(float(a)) in problem.body.cost.outputs for a in last.ravel())


def draw_in_domain(random_problem, rng, *args, **more):
    problem = random_problem(rng, *args, **more)
    for _ in range(200):
        if in_domain(problem):
            return problem
        problem = random_problem(rng, *args, **more)
    return None


def assert_agree(problem):
    evidence = verify(problem)
    assert [(row.name, row.note) for row in evidence if row.verdict != "agree"] == []
    assert evidence.agree
    assert min(row.digits for row in evidence) >= LEAST_DIGITS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "cost", "shape"),
    PAIRS,
    ids=lambda part: part if isinstance(part, str) else "-".join(map(str, part)),
)
def test_every_activation_and_cost_agree(random_problem, activation, cost, shape):
    """In every layer, also the last where the cost is defined on what it gives."""
    rng = np.random.default_rng(7)
    depth = len(shape) - 1
    problem = draw_in_domain(random_problem, rng, shape, [activation] * depth, cost)
    if problem is None:  # outputs such as step's 0 and 1, where a logarithm is not defined
        assert not in_domain(random_problem(rng, shape, [activation] * depth, cost))
        problem = random_problem(rng, shape, [activation] * (depth - 1) + ["sigmoid"], cost)
    assert_agree(problem)


@pytest.mark.parametrize("samples", every([4, 1], 2))
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("l2", [0, "0.7"])
@pytest.mark.parametrize(("bias", "shared"), [(False, False), (True, False), (True, True)])
def test_batches_reductions_decay_and_shared_parameters_agree(
    random_problem, samples, reduction, l2, bias, shared
):
    """Each doubles or divides something that a witness could forget."""
    rng = np.random.default_rng(11)
    more = {"samples": samples, "reduction": reduction, "l2": l2, "bias": bias, "shared": shared}
    assert_agree(random_problem(rng, [3, 3, 2], ["tanh", "sigmoid"], "squared_error", **more))


FORMULA_RULES = (
    "log(1 + exp(z))",
    "z/(1 + abs(z))",
    "max(z, 0.1*z)",
    "min(max(z, -1), 1)",
    "z*sigmoid(z)",
    "sin(z) + z^2",
    "exp(-z^2)",
    "sqrt(1 + z^2)",
    "relu(abs(z) - 0.1)",
    "2",
)


@pytest.mark.parametrize("formula", every(FORMULA_RULES, 3))
def test_an_activation_given_by_a_formula_agrees(random_problem, formula):
    """Its slope is the table of nodes' on one side and SymPy's on the other."""
    rng = np.random.default_rng(3)
    assert_agree(random_problem(rng, [2, 3, 2], [formula, formula], "squared_error", samples=2))


@pytest.mark.parametrize(
    "formula", ["(y - a)^4", "abs(y - a)", "log(1 + exp(-y*a))", "max(0, 1 - y*a)", "y^2"]
)
def test_a_cost_given_by_a_formula_agrees(random_problem, formula):
    """Summed over outputs and samples like a named one."""
    rng = np.random.default_rng(4)
    assert_agree(random_problem(rng, [2, 3, 2], ["tanh", "sigmoid"], formula, samples=2, reduction="mean"))


@pytest.mark.parametrize(
    "output",
    ["a2[1]", "a2[1]*w1[1,1] + z1[2]*x[1]", "w2[1,1]^2", "exp(a1[1])*b2[1]", "max(a1[1], a1[2])", "3"],
)
@pytest.mark.parametrize("samples", every([3, 1], 2))
def test_an_output_in_place_of_a_cost_agrees(random_problem, output, samples):
    """It may read any quantity, parameters among them, and is summed over the samples."""
    rng = np.random.default_rng(5)
    assert_agree(random_problem(rng, [2, 2, 2], ["tanh", "sigmoid"], output=output, samples=samples))


def test_an_output_may_read_a_shared_parameter_by_its_name(network, layer):
    """dC/dq is then the sum of its uses and of the output's own."""
    layers = [layer("sigmoid", [["q"]], ["-0.25"]), layer("tanh", [["q"]], ["r"])]
    more = {"output": "a2[1]*q + a1[1]^2", "l2": "0.3", "reduction": "mean"}
    assert_agree(network(layers, [["0.5"], ["0.7"]], values={"q": "0.3", "r": "0.2"}, **more))


def test_a_parameter_shared_by_a_weight_and_a_bias_agrees(network, layer):
    """The decay counts it once, because a weight is among its uses."""
    layers = [layer("sigmoid", [["r"]], ["q"]), layer("tanh", [["q"]], ["r"])]
    values = {"q": "0.3", "r": "0.2"}
    assert_agree(network(layers, [["0.5"], ["0.7"]], [["0.1"], ["0.2"]], l2="0.3", values=values))


CALLS = [row.name for row in OPERATIONS.values() if row.call]


@pytest.mark.parametrize("function", every(CALLS, 3))
def test_a_graph_over_every_function_agrees(graph, function):
    """Each inside a product and a sum, so that its slope is weighed and added."""
    args = ", ".join(["u", "y", "x"][: OPERATIONS[function].least])
    steps = ["u = x*y + 0.1", f"v = {function}({args})", "z = v*x + u^2/y - v"]
    assert_agree(graph(steps, {"x": "0.7", "y": "1.3"}))


@pytest.mark.parametrize("step", ["z = x + y", "z = x - y", "z = x*y", "z = x/y", "z = x^y", "z = -x"])
def test_a_graph_over_every_operator_agrees(graph, step):
    """Both operands, the exponent too."""
    assert_agree(graph([step], {"x": "0.7", "y": "1.3"}))


def test_several_outputs_and_gradients_from_upstream_agree(graph):
    """Each output has rows of its own; upstream makes one weighted sum of them."""
    steps, values = ["p = x*y", "q = exp(x) - y"], {"x": "0.7", "y": "1.3"}
    assert_agree(graph(steps, values, ["p", "q"]))
    evidence = verify(graph(steps, values, ["p", "q"], upstream={"p": 1, "q": -2}))
    assert evidence.agree
    assert float(evidence["dC/dy"].symbolic.mid) == pytest.approx(0.7 + 2)


def test_relabelling_hidden_units_permutes_the_gradient(random_problem, network, layer):
    """The order of units is only a name."""
    W1, W2 = [["0.5", "-0.2"], ["0.1", "0.9"]], [["0.3", "-0.7"]]
    x, y = [["1", "0.5"]], [["0.2"]]
    here = verify(network([layer("tanh", W1), layer("sigmoid", W2)], x, y))
    there = verify(network([layer("tanh", W1[::-1]), layer("sigmoid", [W2[0][::-1]])], x, y))
    for j in (1, 2):
        for k in (1, 2):
            assert here[f"dC/dw1[{j},{k}]"].symbolic.mid - there[f"dC/dw1[{3 - j},{k}]"].symbolic.mid < 1e-25
    assert here["dC/dw1[1,1]"].symbolic.mid != here["dC/dw1[2,1]"].symbolic.mid
