"""Backprop as a textbook's reader types it: plain NumPy, a(1 - a), p - y, and a cost's own dC/da.

What it returns is right as mathematics. In float64 it loses digits wherever units saturate,
and where 1 - a or a is rounded to 0 it is inf or nan.
"""

from __future__ import annotations

import math

import numpy as np

erf = np.vectorize(math.erf, otypes=[float])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def normal(z):
    return (1 + erf(z / np.sqrt(2))) / 2


def tanh_inside(z):
    return np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))


def gelu_tanh_slope(z):
    t = tanh_inside(z)
    return (1 + t) / 2 + z / 2 * (1 - t**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)


def silu_slope(z, beta):
    s = sigmoid(beta * z)
    return s + beta * z * s * (1 - s)


PHI = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z, alpha: np.where(z > 0, z, alpha * z),
    "elu": lambda z, alpha: np.where(z > 0, z, alpha * (np.exp(z) - 1)),
    "selu": lambda z, scale, alpha: scale * np.where(z > 0, z, alpha * (np.exp(z) - 1)),
    "softplus": lambda z, beta: np.log(1 + np.exp(beta * z)) / beta,
    "softsign": lambda z: z / (1 + np.abs(z)),
    "silu": lambda z, beta: z * sigmoid(beta * z),
    "gelu": lambda z: z * normal(z),
    "gelu_tanh": lambda z: z / 2 * (1 + tanh_inside(z)),
    "hard_sigmoid": lambda z, slope, offset: np.clip(slope * z + offset, 0, 1),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "maxout": lambda z, pieces: z.reshape(len(z), -1, int(pieces)).max(axis=2),
}
"""phi(z), samples in rows."""

SLOPE = {
    "identity": lambda z, a: np.ones_like(z),
    "sigmoid": lambda z, a: a * (1 - a),
    "tanh": lambda z, a: 1 - a**2,
    "relu": lambda z, a: (z > 0) * 1.0,
    "leaky_relu": lambda z, a, alpha: np.where(z > 0, 1.0, alpha),
    "elu": lambda z, a, alpha: np.where(z > 0, 1.0, a + alpha),
    "selu": lambda z, a, scale, alpha: np.where(z > 0, scale, a + scale * alpha),
    "softplus": lambda z, a, beta: sigmoid(beta * z),
    "softsign": lambda z, a: 1 / (1 + np.abs(z)) ** 2,
    "silu": lambda z, a, beta: silu_slope(z, beta),
    "gelu": lambda z, a: normal(z) + z * density(z),
    "gelu_tanh": lambda z, a: gelu_tanh_slope(z),
    "hard_sigmoid": lambda z, a, slope, offset: np.where((a > 0) & (a < 1), slope, 0.0),
    "hard_tanh": lambda z, a: np.where(np.abs(z) < 1, 1.0, 0.0),
}
"""phi' from z and a."""

PULL = {
    "softmax": lambda a, g: a * (g - (a * g).sum(axis=1, keepdims=True)),
    "log_softmax": lambda a, g: g - np.exp(a) * g.sum(axis=1, keepdims=True),
}
"""J^T g of a layer whose units are coupled."""

COST_SLOPE = {
    "half_squared_error": lambda a, y: a - y,
    "squared_error": lambda a, y: 2 * (a - y),
    "mean_squared_error": lambda a, y: 2 * (a - y) / a.shape[1],
    "half_mean_squared_error": lambda a, y: (a - y) / a.shape[1],
    "absolute_error": lambda a, y: np.sign(a - y),
    "huber": lambda a, y, delta: np.clip(a - y, -delta, delta),
    "hinge": lambda a, y: np.where(y * a < 1, -y, 0.0),
    "binary_cross_entropy": lambda a, y: (a - y) / (a * (1 - a)),
    "cross_entropy": lambda a, y: -y / a,
    "kullback_leibler": lambda a, y: -y / a,
    "poisson": lambda a, y: 1 - y / a,
    "binary_cross_entropy_on_logits": lambda a, y: sigmoid(a) - y,
    "cross_entropy_on_logits": lambda a, y: softmax(a) * y.sum(axis=1, keepdims=True) - y,
}
"""dC/da, output by output."""

FUSED = {
    ("sigmoid", "binary_cross_entropy"): lambda a, y: a - y,
    ("softmax", "cross_entropy"): lambda a, y: a * y.sum(axis=1, keepdims=True) - y,
    ("softmax", "kullback_leibler"): lambda a, y: a * y.sum(axis=1, keepdims=True) - y,
}
"""delta of the last layer at once, as every course derives it."""


def parameters_of(rule):
    return {parameter.name: float(value) for parameter, value in rule.settings}


def maxout_pull(z, g, pieces):
    parts = z.reshape(len(z), -1, int(pieces))
    top = np.arange(parts.shape[2]) == parts.argmax(axis=2)[..., None]
    return (top * g[..., None]).reshape(z.shape)


def pulled(rule, z, a, g):
    """The slope in z of a slope g in a."""
    values = parameters_of(rule)
    if rule.name == "maxout":
        return maxout_pull(z, g, **values)
    return PULL[rule.name](a, g) if rule.name in PULL else g * SLOPE[rule.name](z, a, **values)


def plain_backprop(network, *, fused=True):
    """The function that somebody would hand to `check`; with `fused`, p - y where courses have it."""
    rules, cost = [layer.activation for layer in network.layers], network.cost
    at_once = FUSED.get((rules[-1].name, cost.name)) if fused else None

    def backprop(x, y, weights, biases):
        a, z = [x], [None]
        for rule, W, b in zip(rules, weights, biases, strict=True):
            z.append(a[-1] @ W.T + (0 if b is None else b))
            a.append(PHI[rule.name](z[-1], **parameters_of(rule)))
        n = len(x) if network.reduction == "mean" else 1
        grad_W, grad_b = [None] * len(weights), [None] * len(weights)
        g = None if at_once else COST_SLOPE[cost.name](a[-1], y, **parameters_of(cost)) / n
        for l in range(len(weights), 0, -1):
            delta = at_once(a[-1], y) / n if g is None else pulled(rules[l - 1], z[l], a[l], g)
            grad_W[l - 1] = delta.T @ a[l - 1] + float(network.l2) / len(x) * weights[l - 1]
            grad_b[l - 1] = delta.sum(axis=0)
            g = delta @ weights[l - 1]
        return grad_W, grad_b

    return backprop
