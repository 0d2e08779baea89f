"""The cost of a network, written once for every library that has arrays.

    z[l] = a[l-1] W[l]^T + b[l],   a[l] = phi(z[l]),   C = cost(a[L], y)

A library brings its own functions. Where softmax or sigmoid goes into a logarithm it is
given the form that it recommends, straight from z: no engine is made to look worse than
its users would have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.peers.nets import Net, flat

Function = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Functions:
    """What a library calls the functions of a network; arrays have `@`, `.T` and arithmetic.

    total         the sum of all entries
    log_softmax   along the last axis
    softplus      ln(1 + e^z) without overflow
    """

    sigmoid: Function
    tanh: Function
    relu: Function
    softmax: Function
    log_softmax: Function
    softplus: Function
    log: Function
    total: Function

    def unit(self, name: str) -> Function:
        """An activation by its name."""
        return {
            "identity": lambda z: z,
            "sigmoid": self.sigmoid,
            "tanh": self.tanh,
            "relu": self.relu,
            "softmax": self.softmax,
        }[name]

    def cost(self, net: Net, parts: Sequence[Any], X: Any, Y: Any) -> Any:
        """C from the parameters' arrays."""
        z, a, last = None, X, len(net.W)
        for l, (unit, W, b) in enumerate(net.layers(parts), 1):
            z = a @ W.T if b is None else a @ W.T + b
            if l < last or (unit, net.cost) not in FROM_Z:
                a = self.unit(unit)(z)
        from_z = FROM_Z.get((net.units[-1], net.cost))
        return self.total(from_z(self, z, Y) if from_z else FROM_A[net.cost](self, a, Y))


FROM_Z: Mapping[tuple[str, str], Function] = {
    ("softmax", "cross_entropy"): lambda f, z, y: -y * f.log_softmax(z),
    ("sigmoid", "binary_cross_entropy"): lambda f, z, y: f.softplus(z) - y * z,
}
FROM_A: Mapping[str, Function] = {
    "half_squared_error": lambda f, a, y: (a - y) ** 2 / 2,
    "squared_error": lambda f, a, y: (a - y) ** 2,
    "cross_entropy": lambda f, a, y: -y * f.log(a),
    "binary_cross_entropy": lambda f, a, y: -y * f.log(a) - (1 - y) * f.log(1 - a),
}


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


NUMPY = Functions(
    sigmoid=lambda z: 1 / (1 + np.exp(-z)),
    tanh=np.tanh,
    relu=lambda z: np.maximum(z, 0),
    softmax=_softmax,
    log_softmax=_log_softmax,
    softplus=lambda z: np.logaddexp(0, z),
    log=np.log,
    total=np.sum,
)


def cost_of(net: Net) -> Callable[[np.ndarray], float]:
    """C as a function of one vector, in plain NumPy."""
    return lambda theta: float(NUMPY.cost(net, net.apart(theta), net.X, net.Y))


# -- backpropagation as courses print it -----------------------------------------------------------

SLOPES: Mapping[str, Function] = {
    "identity": lambda a, g: g,
    "sigmoid": lambda a, g: g * a * (1 - a),
    "tanh": lambda a, g: g * (1 - a**2),
    "relu": lambda a, g: g * (a > 0),
    "softmax": lambda a, g: a * (g - (a * g).sum(axis=1, keepdims=True)),
}
COST_SLOPES: Mapping[str, Function] = {
    "half_squared_error": lambda a, y: a - y,
    "squared_error": lambda a, y: 2 * (a - y),
}
DELTA: Mapping[tuple[str, str], Function] = {
    ("softmax", "cross_entropy"): lambda a, y: a * y.sum(axis=1, keepdims=True) - y,
    ("sigmoid", "binary_cross_entropy"): lambda a, y: a - y,
}


def backprop_of(net: Net) -> Callable[[], np.ndarray]:
    """The four equations in plain NumPy, with a(1 - a) and a - y."""

    def backprop() -> np.ndarray:
        a = [net.X]
        for unit, W, b in net.layers(net.parts):
            a.append(NUMPY.unit(unit)(a[-1] @ W.T if b is None else a[-1] @ W.T + b))
        whole = DELTA.get((net.units[-1], net.cost))
        if whole:
            delta = whole(a[-1], net.Y)
        else:
            delta = SLOPES[net.units[-1]](a[-1], COST_SLOPES[net.cost](a[-1], net.Y))
        back: list[np.ndarray] = []
        for l in range(len(net.W) - 1, -1, -1):
            own = [delta.T @ a[l]] if net.b[l] is None else [delta.T @ a[l], delta.sum(axis=0)]
            back = own + back
            if l:
                delta = SLOPES[net.units[l - 1]](a[l], delta @ net.W[l])
        return flat(back)

    return backprop
