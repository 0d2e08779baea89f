"""Whole trainings against PyTorch's own optimisers: each rule, batch, reduction and decay that a file may state."""

from itertools import pairwise, product

import numpy as np
import pytest

from derive.files.load import load_problem
from numeric.balls.enclosure import enclosure
from numeric.balls.training import follow

SIZES, SAMPLES, STEPS = (2, 3, 2), 5, 100
RULES = {
    "gradient_descent": {},
    "momentum": {"momentum": "0.8"},
    "momentum averaged": {"momentum": "0.8", "convention": "averaged"},
    "adam": {"beta1": "0.8", "epsilon": "0.001"},
    "adam inside": {"epsilon": "0.001", "epsilon_place": "inside"},
}
BATCHES = {"all": {}, "online": {}, "2": {"batch": 2}, "3 shuffled": {"batch": 3, "seed": 5}}
COSTS = (("0", "sum"), ("0.7", "mean"))
COMBINATIONS = [(rule, batch, *cost) for rule, batch, cost in product(RULES, BATCHES, COSTS)]


def numbers(seed):
    """W, b of each layer, x and y, in decimals of three digits."""
    rng = np.random.default_rng(seed)

    def drawn(*shape):
        return np.round(rng.uniform(-1, 1, shape), 3)

    layers = [(drawn(n, m), drawn(n)) for m, n in pairwise(SIZES)]
    return layers, drawn(SAMPLES, SIZES[0]), np.abs(drawn(SAMPLES, SIZES[-1]))


def texts(array):
    return [[str(v) for v in row] for row in array] if array.ndim == 2 else [str(v) for v in array]


def stated(rule, batch, l2, reduction, rate="0.05"):
    layers, x, y = numbers(3)
    return load_problem(
        {
            "network": {
                "inputs": SIZES[0],
                "cost": "half_squared_error",
                "reduction": reduction,
                "l2": l2,
                "layers": [
                    {"units": len(b), "activation": activation, "weights": texts(W), "biases": texts(b)}
                    for (W, b), activation in zip(layers, ("tanh", "sigmoid"), strict=True)
                ],
            },
            "data": {"x": texts(x), "y": texts(y)},
            "training": {
                "rule": rule.split()[0],
                "rate": rate,
                **({"batch": batch} if batch in ("all", "online") else BATCHES[batch]),
                **RULES[rule],
            },
        }
    )


def orders(batch):
    """The samples of each update, from NumPy's generator as the contract names it."""
    size = {"all": SAMPLES, "online": 1, "2": 2, "3 shuffled": 3}[batch]
    shuffle = np.random.default_rng(5)
    while True:
        order = shuffle.permutation(SAMPLES) if "shuffled" in batch else np.arange(SAMPLES)
        yield from (order[i : i + size] for i in range(0, SAMPLES, size))


class AdamInside:
    """Adam with epsilon under the root, which PyTorch does not have."""

    def __init__(self, torch, parameters, rate):
        self.torch, self.parameters, self.rate = torch, parameters, rate
        self.m = [torch.zeros_like(p) for p in parameters]
        self.v = [torch.zeros_like(p) for p in parameters]
        self.t = 0

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    def step(self):
        self.t += 1
        with self.torch.no_grad():
            for p, m, v in zip(self.parameters, self.m, self.v, strict=True):
                m.lerp_(p.grad, 0.1)
                v.lerp_(p.grad**2, 0.001)
                p.sub_(self.rate * (m / (1 - 0.9**self.t)) / (v / (1 - 0.999**self.t) + 0.001).sqrt())


def optimiser(torch, rule, parameters, rate):
    if rule == "adam":
        return torch.optim.Adam(parameters, lr=rate, betas=(0.8, 0.999), eps=1e-3)
    if rule == "adam inside":
        return AdamInside(torch, parameters, rate)
    if rule == "gradient_descent":
        return torch.optim.SGD(parameters, lr=rate)
    made = torch.optim.SGD(parameters, lr=rate, momentum=0.8, dampening=0.8 * rule.endswith("averaged"))
    for p in parameters:  # PyTorch leaves the first update undamped; a buffer of 0 does not
        made.state[p]["momentum_buffer"] = torch.zeros_like(p)
    return made


def trained_by_pytorch(torch, rule, batch, l2, reduction, rate=0.05):
    """W and b of each layer after the last update, flat."""
    layers, x, y = numbers(3)
    parameters = [torch.tensor(array, requires_grad=True) for pair in layers for array in pair]
    x, y = torch.tensor(x), torch.tensor(y)
    made = optimiser(torch, rule, parameters, rate)
    for _, rows in zip(range(STEPS), orders(batch), strict=False):
        made.zero_grad()
        W1, b1, W2, b2 = parameters
        a = torch.sigmoid(torch.tanh(x[rows] @ W1.T + b1) @ W2.T + b2)
        cost = ((a - y[rows]) ** 2).sum() / 2 / (len(rows) if reduction == "mean" else 1)
        (cost + float(l2) / (2 * SAMPLES) * sum((W**2).sum() for W in (W1, W2))).backward()
        made.step()
    return torch.cat([p.detach().reshape(-1) for p in parameters]).numpy()


@pytest.mark.slow
@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_a_hundred_updates_are_pytorch_s(combination):
    """In float64 to the drift of its rounding; weight decay by the file's n, a mean by the batch's m."""
    torch = pytest.importorskip("torch")
    problem = stated(*combination)
    values = follow(problem, [STEPS]).at(STEPS).values
    ours = [float(enclosure(values[parameter.key]).mid) for parameter in problem.parameters]
    assert ours == pytest.approx(trained_by_pytorch(torch, *combination), rel=1e-10, abs=1e-13)
