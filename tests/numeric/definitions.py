"""The textbook definitions of all activations and costs in mpmath, which differentiates them numerically."""

from __future__ import annotations

import mpmath as mp

from derive.rules import COSTS as COST_ROWS


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def softmax(z):
    e = [mp.exp(z_k - max(z)) for z_k in z]
    return [e_k / mp.fsum(e) for e_k in e]


def silent(weight, term):
    return weight * term() if weight else mp.mpf(0)


def exponential_unit(z, alpha):
    return z if z > 0 else alpha * mp.expm1(z)


PHI = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": mp.tanh,
    "relu": lambda z: max(z, mp.mpf(0)),
    "leaky_relu": lambda z, alpha: z if z > 0 else alpha * z,
    "elu": exponential_unit,
    "selu": lambda z, scale, alpha: scale * exponential_unit(z, alpha),
    "softplus": lambda z, beta: mp.log1p(mp.exp(beta * z)) / beta,
    "softsign": lambda z: z / (1 + abs(z)),
    "silu": lambda z, beta: z * sigmoid(beta * z),
    "gelu": lambda z: z * mp.ncdf(z) if z > -(10**6) else mp.mpf(0),  # mpmath cannot reach 10^(-10^11)
    "gelu_tanh": lambda z: (
        z * sigmoid(2 * mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * min(z, mp.mpf(10**6)) ** 3))
        if z > -(10**6)
        else mp.mpf(0)
    ),
    "hard_sigmoid": lambda z, slope, offset: min(max(slope * z + offset, mp.mpf(0)), mp.mpf(1)),
    "hard_tanh": lambda z: min(max(z, mp.mpf(-1)), mp.mpf(1)),
    "step": lambda z: mp.mpf(z > 0),
}


def phi_of(row):
    """The definition with the row's parameters, as exact as mpmath is."""
    return lambda z: PHI[row.name](z, **parameters_of(row))


def parameters_of(row):
    return {p.name: mp.mpf(v.numerator) / v.denominator for p, v in row.settings}


def log_sum_exp(a):
    return max(a) + mp.log(mp.fsum(mp.exp(a_k - max(a)) for a_k in a))


PARTS = {
    "half_squared_error": lambda a, y, K: (y - a) ** 2 / 2,
    "squared_error": lambda a, y, K: (y - a) ** 2,
    "mean_squared_error": lambda a, y, K: (y - a) ** 2 / K,
    "binary_cross_entropy": lambda a, y, K: (
        -silent(y, lambda: mp.log(a)) - silent(1 - y, lambda: mp.log(1 - a))
    ),
    "cross_entropy": lambda a, y, K: -silent(y, lambda: mp.log(a)),
    "half_mean_squared_error": lambda a, y, K: (y - a) ** 2 / (2 * K),
    "absolute_error": lambda a, y, K: abs(y - a),
    "huber": lambda a, y, K, delta: (
        (y - a) ** 2 / 2 if abs(y - a) <= delta else delta * (abs(y - a) - delta / 2)
    ),
    "hinge": lambda a, y, K: max(1 - y * a, mp.mpf(0)),
    "binary_cross_entropy_on_logits": lambda a, y, K: mp.log1p(mp.exp(a)) - y * a,
    "kullback_leibler": lambda a, y, K: silent(y, lambda: y * mp.log(y / a) / y),
    "poisson": lambda a, y, K: a - silent(y, lambda: mp.log(a)),
}
WHOLE = {
    "cross_entropy_on_logits": lambda a, y: [
        y_k * (log_sum_exp(a) - a_k) for a_k, y_k in zip(a, y, strict=True)
    ]
}
LAYER = {
    "sigmoid": lambda z: [sigmoid(z_k) for z_k in z],
    "tanh": lambda z: [mp.tanh(z_k) for z_k in z],
    "softmax": softmax,
}


def numbers(row):
    return [mp.mpf(number) for number in row]


def parts_of(cost, a, y):
    """The parts of a cost, given by its name or by a row with parameters."""
    row = COST_ROWS[cost] if isinstance(cost, str) else cost
    if row.name in WHOLE:
        return WHOLE[row.name](a, numbers(y))
    values = parameters_of(row)
    return [PARTS[row.name](a_k, mp.mpf(y_k), len(a), **values) for a_k, y_k in zip(a, y, strict=True)]
