"""Gradients against programs that share nothing with ours: mpmath and PyTorch."""

import mpmath as mp
import numpy as np
import pytest

from derive.rules import ACTIVATIONS, COSTS
from numeric.evidence import verify
from numeric.floats.backprop import backprop
from numeric.floats.network import unit_rule
from numeric.floats.rounding import Rounded
from tests.kinds import every

PHI = {
    "identity": lambda z: z,
    "sigmoid": lambda z: [1 / (1 + mp.exp(-u)) for u in z],
    "tanh": lambda z: [mp.tanh(u) for u in z],
    "relu": lambda z: [max(u, mp.mpf(0)) for u in z],
    "softmax": lambda z: [mp.exp(u) / mp.fsum(mp.exp(v) for v in z) for u in z],
    "maxout": lambda z: [max(pair) for pair in zip(z[::2], z[1::2], strict=True)],
}
COST = {
    "half_squared_error": lambda a, y: mp.fsum((t - u) ** 2 for u, t in zip(a, y, strict=True)) / 2,
    "squared_error": lambda a, y: mp.fsum((t - u) ** 2 for u, t in zip(a, y, strict=True)),
    "mean_squared_error": lambda a, y: mp.fsum((t - u) ** 2 for u, t in zip(a, y, strict=True)) / len(a),
    "cross_entropy": lambda a, y: -mp.fsum(t * mp.log(u) for u, t in zip(a, y, strict=True)),
    "binary_cross_entropy": lambda a, y: (
        -mp.fsum(t * mp.log(u) + (1 - t) * mp.log(1 - u) for u, t in zip(a, y, strict=True))
    ),
}
LAST = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}


def number(fraction):
    return mp.mpf(fraction.numerator) / fraction.denominator


def cost_at(problem, values):
    """C by a forward pass of its own, from the parameters' values by key."""
    network, total = problem.body, mp.mpf(0)
    for x, y in zip(problem.x, problem.y, strict=True):
        a = [number(v) for v in x]
        for layer in network.layers:
            biases = layer.biases or [None] * layer.width
            z = [
                mp.fsum(values[key] * u for key, u in zip(row, a, strict=True)) + (values[b] if b else 0)
                for row, b in zip(layer.weights, biases, strict=True)
            ]
            a = PHI[layer.activation.name](z)
        total += COST[network.cost.name](a, [number(v) for v in y])
    weights = mp.fsum(values[p.key] ** 2 for p in problem.parameters if p.is_weight)
    n = len(problem.x)
    return total / (n if network.reduction == "mean" else 1) + number(network.l2) * weights / (2 * n)


@pytest.mark.parametrize("cost", COST)
@pytest.mark.parametrize("hidden", every(["maxout", "sigmoid", "tanh", "relu", "identity"], 5))
def test_mpmath_differentiates_to_the_same_digits(cost, hidden, random_problem):
    """Thirty digits of every entry, batches, decay and shared biases among them."""
    rng = np.random.default_rng(12)
    more = {"samples": 2, "reduction": "mean", "l2": "0.3", "shared": True}
    problem = random_problem(rng, [2, 3, 2], [hidden, LAST.get(cost, "tanh")], cost, **more)
    with mp.workdps(80):
        values = {p.key: number(p.value) for p in problem.parameters}
        for row in verify(problem):
            key = row.entry[1]
            truth = mp.diff(lambda w, key=key: cost_at(problem, values | {key: w}), values[key])
            slack = mp.mpf(10) ** -28 * (1 + abs(truth))
            assert number(row.symbolic.lo) - slack <= truth <= number(row.symbolic.hi) + slack


@pytest.fixture(scope="module")
def torch():
    """PyTorch, where it is installed; its own import warns, which is none of our business."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("torch")


def parameters_of(rule):
    return {parameter.name: float(value) for parameter, value in rule.settings}


def pytorch_rules(torch, y):
    """PyTorch's own activations of z and costs of a, summed over outputs and samples; by hand where it has none."""
    F = torch.nn.functional

    phi = {
        "identity": lambda z: z,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "step": lambda z: (z > 0).to(z) + 0 * z,
        "leaky_relu": lambda z, alpha: F.leaky_relu(z, negative_slope=alpha),
        "elu": F.elu,
        "selu": lambda z, **_: F.selu(z),
        "softplus": lambda z, beta: F.softplus(z, beta, threshold=1e9),
        "softsign": F.softsign,
        "silu": lambda z, beta: F.silu(z) if beta == 1 else z * torch.sigmoid(beta * z),
        "gelu": F.gelu,
        "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
        # F.hardsigmoid's backward pass has the slope 1/6 of float32, also in float64: 3e-8 off
        "hard_sigmoid": lambda z, slope, offset: F.hardtanh(slope * z + offset, 0, 1),
        "hard_tanh": F.hardtanh,
        "softmax": lambda z: torch.softmax(z, dim=1),
        "log_softmax": lambda z: F.log_softmax(z, dim=1),
        "maxout": lambda z, pieces: z.view(len(z), -1, int(pieces)).max(-1).values,
    }
    cost = {
        "half_squared_error": lambda a: F.mse_loss(a, y, reduction="sum") / 2,
        "squared_error": lambda a: F.mse_loss(a, y, reduction="sum"),
        "mean_squared_error": lambda a: F.mse_loss(a, y, reduction="sum") / a.shape[1],
        "half_mean_squared_error": lambda a: F.mse_loss(a, y, reduction="sum") / a.shape[1] / 2,
        "absolute_error": lambda a: F.l1_loss(a, y, reduction="sum"),
        "huber": lambda a, delta: F.huber_loss(a, y, reduction="sum", delta=delta),
        "hinge": lambda a: torch.relu(1 - y * a).sum(),
        "cross_entropy": lambda a: -(y * a.log()).sum(),
        "cross_entropy_on_logits": lambda a: F.cross_entropy(a, y, reduction="sum"),
        "binary_cross_entropy": lambda a: F.binary_cross_entropy(a, y, reduction="sum"),
        "binary_cross_entropy_on_logits": lambda a: F.binary_cross_entropy_with_logits(a, y, reduction="sum"),
        "kullback_leibler": lambda a: F.kl_div(a.log(), y, reduction="sum"),
        "poisson": lambda a: F.poisson_nll_loss(a, y, log_input=False, eps=0, reduction="sum"),
    }
    return phi, cost


def pytorch_cost(torch, problem, leaves):
    """C in PyTorch's float64, of parameters by key."""
    network = problem.body
    a = torch.tensor([[float(v) for v in row] for row in problem.x], dtype=torch.float64)
    y = torch.tensor([[float(v) for v in row] for row in problem.y], dtype=torch.float64)
    phi, cost = pytorch_rules(torch, y)
    for layer in network.layers:
        W = torch.stack([torch.stack([leaves[key] for key in row]) for row in layer.weights])
        a = a @ W.T
        if layer.biases:
            a = a + torch.stack([leaves[key] for key in layer.biases])
        a = phi[layer.activation.name](a, **parameters_of(layer.activation))
    C = cost[network.cost.name](a, **parameters_of(network.cost)) / (
        len(problem.x) if network.reduction == "mean" else 1
    )
    decay = sum(leaves[p.key] ** 2 for p in problem.parameters if p.is_weight)
    return C + float(network.l2) / (2 * len(problem.x)) * decay


def pytorch_gradients(torch, problem):
    """dC/dw by PyTorch's autograd in float64, by parameter key."""
    leaves = {
        p.key: torch.tensor(float(p.value), dtype=torch.float64, requires_grad=True)
        for p in problem.parameters
    }
    pytorch_cost(torch, problem, leaves).backward()
    return {key: 0.0 if leaf.grad is None else float(leaf.grad) for key, leaf in leaves.items()}


RULES = [name for name in ACTIVATIONS if name != "general"]
TWINS = [(name, "squared_error") for name in RULES] + [("tanh", name) for name in COSTS]
# Where a cost has a logarithm, its output layer stays above 0, or between 0 and 1.
LAST |= {"kullback_leibler": "softmax", "poisson": "softplus"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("hidden", "cost"), TWINS, ids=["-".join(pair) for pair in TWINS])
def test_pytorch_has_the_same_gradient(hidden, cost, seed, random_problem, draw_rule, torch):
    """Every activation and cost, with parameters, in float64 to its accuracy."""
    rng = np.random.default_rng([13, seed])
    more = {"samples": 3, "reduction": "mean", "l2": "0.3"}
    activations = [draw_rule(rng, ACTIVATIONS, hidden), "tanh", LAST.get(cost, "sigmoid")]
    problem = random_problem(rng, [3, 4, 4, 2], activations, draw_rule(rng, COSTS, cost), **more)
    ours = {key: claim.value for (_, key), claim in backprop(problem).items()}
    assert pytorch_gradients(torch, problem) == pytest.approx(ours, rel=1e-11, abs=1e-15)


@pytest.mark.slow
def test_pytorch_s_own_hard_sigmoid_has_a_slope_of_float32(torch):
    """Why its twin above is hardtanh: should this be mended there, F.hardsigmoid can take its place."""
    z = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    torch.nn.functional.hardsigmoid(z).backward()
    assert 1e-9 < abs(float(z.grad) - 1 / 6) < 1e-8
    assert unit_rule(ACTIVATIONS["hard_sigmoid"]).slope(Rounded.exact([0.0])).value == pytest.approx(1 / 6)


@pytest.mark.slow
def test_every_rule_has_a_twin_in_pytorch(torch):
    """A rule that nobody else computes would be compared with nothing."""
    phi, cost = pytorch_rules(torch, None)
    assert set(phi) == set(RULES)
    assert set(cost) == set(COSTS)
