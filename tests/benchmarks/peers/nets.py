"""The networks that all are asked about: plain float64 arrays, from which everybody makes his own.

W[l] : (n[l], n[l-1])    b[l] : (1, n[l]) or None    X : (samples, n[0])    Y : (samples, n[L])

Our problem is made of the same numbers, each of which stands for its exact binary
value; so does mpmath's. A gradient is one vector: W1 row by row, b1, W2, ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from derive import load_problem
from derive.problem import Problem
from tests.numeric.hard_cases import BY_NAME

UNITS = frozenset({"identity", "sigmoid", "tanh", "relu", "softmax"})
COSTS = frozenset({"half_squared_error", "squared_error", "cross_entropy", "binary_cross_entropy"})
"""What every engine knows, without parameters."""


@dataclass(frozen=True, eq=False)
class Net:
    """A network at its numbers."""

    name: str
    units: tuple[str, ...]
    cost: str
    W: tuple[np.ndarray, ...]
    b: tuple[np.ndarray | None, ...]
    X: np.ndarray
    Y: np.ndarray

    @cached_property
    def problem(self) -> Problem:
        layers = [
            {
                "units": len(W),
                "activation": unit,
                "weights": W.tolist(),
                "biases": False if b is None else b[0].tolist(),
            }
            for unit, W, b in zip(self.units, self.W, self.b, strict=True)
        ]
        stated = {"inputs": self.X.shape[1], "cost": self.cost, "layers": layers}
        data = {"x": self.X.tolist(), "y": self.Y.tolist()}
        return load_problem({"title": self.name, "network": stated, "data": data})

    @property
    def names(self) -> list[str]:
        """Of the arrays of a gradient: W1, b1, W2, ..."""
        rows = enumerate(self.b, 1)
        return [name for l, b in rows for name in ((f"W{l}",) if b is None else (f"W{l}", f"b{l}"))]

    @property
    def parts(self) -> list[np.ndarray]:
        """The parameters, array by array."""
        pairs = zip(self.W, self.b, strict=True)
        return [part for W, b in pairs for part in ((W,) if b is None else (W, b))]

    @cached_property
    def theta(self) -> np.ndarray:
        """All parameters side by side."""
        return flat(self.parts)

    @cached_property
    def places(self) -> list[tuple[slice, tuple[int, int]]]:
        """Where each array stands in such a vector, and its shape."""
        ends = np.cumsum([0, *(part.size for part in self.parts)]).tolist()
        return [(slice(*ends), part.shape) for ends, part in zip(pairwise(ends), self.parts, strict=True)]

    def apart(self, vector):
        """A vector of anybody's array type, as the arrays that it holds."""
        return [vector[place].reshape(shape) for place, shape in self.places]

    def layers(self, parts: Sequence) -> Iterator[tuple]:
        """(activation, W, b) of every layer, b None where it has none."""
        rest = iter(parts)
        for unit, b in zip(self.units, self.b, strict=True):
            yield unit, next(rest), None if b is None else next(rest)


def flat(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Arrays as one vector."""
    return np.concatenate([np.ravel(part) for part in parts])


def sigmoids(*sizes: int) -> Net:
    """Sigmoid units under the half squared error, one sample, nothing saturated."""
    rng = np.random.default_rng(0)
    W = tuple(rng.standard_normal((n, m)) / np.sqrt(m) for m, n in pairwise(sizes))
    b = tuple(rng.standard_normal((1, n)) for n in sizes[1:])
    x, y = rng.random((1, sizes[0])), rng.random((1, sizes[-1]))
    units = ("sigmoid",) * len(W)
    return Net("-".join(map(str, sizes)), units, "half_squared_error", W, b, x, y)


def classes(*sizes: int) -> Net:
    """tanh units under softmax and cross-entropy."""
    plain, hidden = sigmoids(*sizes), ("tanh",) * (len(sizes) - 2)
    y = np.eye(sizes[-1])[:1]
    name = f"{plain.name} softmax"
    return Net(name, (*hidden, "softmax"), "cross_entropy", plain.W, plain.b, plain.X, y)


def hard(name: str) -> Net:
    """A hard case of the suite, its decimals rounded to float64 first."""
    case = BY_NAME[name].problem
    network = case.body
    value = {parameter.key: float(parameter.value) for parameter in case.parameters}
    units = tuple(layer.activation.name for layer in network.layers)
    assert {*units} <= UNITS and network.cost.name in COSTS and len(case.x) == 1
    W = tuple(np.array([[value[key] for key in row] for row in layer.weights]) for layer in network.layers)
    b = tuple(layer.biases and np.array([[value[key] for key in layer.biases]]) for layer in network.layers)
    x, y = (np.array([list(map(float, row)) for row in rows]) for rows in (case.x, case.y))
    return Net(name, units, network.cost.name, W, b, x, y)


SIZES = ((2, 2, 2), (4, 8, 8, 3), (8, 16, 16, 4), (784, 30, 10))

HARD = (
    "hidden sigmoid at 30",
    "hidden sigmoid at 40",
    "hidden tanh at 1000",
    "sigmoid at 30, y = 1, half_squared_error",
    "sigmoid at 40, y = 1, binary_cross_entropy",
    "softmax gap 40, y = 1, 0, 0, half_squared_error",
    "softmax gap 40, y = 1, 0, 0, cross_entropy",
    "softmax gap 800, y = 0, 0, 1, cross_entropy",
    "y within 1e-12 of a sigmoid",
    "z = 1e8 x - 1e8 x'",
    "weights of 1e-8 and 1e8",
    "relu 1e-9 from its kink",
    "a dead relu",
    "x = 0",
)
"""Of the hard cases of the suite those that all engines can state."""
