"""Gradients against programs that share nothing with ours: mpmath and PyTorch."""

import mpmath as mp
import numpy as np
import pytest

from numeric.evidence import verify
from numeric.floats.backprop import backprop

PHI = {
    "identity": lambda z: z,
    "sigmoid": lambda z: [1 / (1 + mp.exp(-u)) for u in z],
    "tanh": lambda z: [mp.tanh(u) for u in z],
    "relu": lambda z: [max(u, mp.mpf(0)) for u in z],
    "softmax": lambda z: [mp.exp(u) / mp.fsum(mp.exp(v) for v in z) for u in z],
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
            biases = layer.biases or [None] * layer.size
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
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "identity"])
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


def pytorch_gradients(torch, problem):
    """dC/dw by PyTorch's autograd in float64, by parameter key."""
    network = problem.body
    leaves = {
        p.key: torch.tensor(float(p.value), dtype=torch.float64, requires_grad=True)
        for p in problem.parameters
    }
    a = torch.tensor([[float(v) for v in row] for row in problem.x], dtype=torch.float64)
    y = torch.tensor([[float(v) for v in row] for row in problem.y], dtype=torch.float64)
    phi = {
        "identity": lambda z: z,
        "softmax": lambda z: torch.softmax(z, dim=1),
        **{name: getattr(torch, name) for name in ("sigmoid", "tanh", "relu")},
    }
    cost = {
        "half_squared_error": lambda a: ((y - a) ** 2).sum() / 2,
        "squared_error": lambda a: ((y - a) ** 2).sum(),
        "mean_squared_error": lambda a: ((y - a) ** 2).sum() / a.shape[1],
        "cross_entropy": lambda a: -(y * a.log()).sum(),
        "binary_cross_entropy": lambda a: -(y * a.log() + (1 - y) * (1 - a).log()).sum(),
    }
    for layer in network.layers:
        W = torch.stack([torch.stack([leaves[key] for key in row]) for row in layer.weights])
        a = a @ W.T
        if layer.biases:
            a = a + torch.stack([leaves[key] for key in layer.biases])
        a = phi[layer.activation.name](a)
    C = cost[network.cost.name](a) / (len(problem.x) if network.reduction == "mean" else 1)
    decay = sum(leaves[p.key] ** 2 for p in problem.parameters if p.is_weight)
    (C + float(network.l2) / (2 * len(problem.x)) * decay).backward()
    return {key: 0.0 if leaf.grad is None else float(leaf.grad) for key, leaf in leaves.items()}


@pytest.mark.slow
@pytest.mark.parametrize("cost", COST)
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "identity"])
def test_pytorch_has_the_same_gradient(cost, hidden, random_problem, torch):
    """In float64, to its accuracy."""
    rng = np.random.default_rng(13)
    more = {"samples": 3, "reduction": "mean", "l2": "0.3"}
    problem = random_problem(rng, [3, 4, 4, 2], [hidden, "tanh", LAST.get(cost, "sigmoid")], cost, **more)
    ours = {key: claim.value for (_, key), claim in backprop(problem).items()}
    assert pytorch_gradients(torch, problem) == pytest.approx(ours, rel=1e-11, abs=1e-15)
