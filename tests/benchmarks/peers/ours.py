"""Ours: the verdict on a gradient, and each witness by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from numeric.balls.truths import Numbers
from numeric.evidence import verify
from numeric.floats.backprop import backprop
from numeric.floats.differences import differences
from numeric.judging import checking
from tests.benchmarks.peers.differencing import EACH
from tests.benchmarks.peers.kinds import Accepts, Checker, Engine
from tests.benchmarks.peers.nets import Net


def accepts(net: Net) -> Accepts:
    """`check`, as a mapping of arrays is given to it."""
    problem, names = net.problem, net.names
    shapes = [
        part.shape if name[0] == "W" else part.shape[1:] for name, part in zip(names, net.parts, strict=True)
    ]

    def check(theirs: np.ndarray) -> bool:
        parts = zip(net.apart(theirs), shapes, strict=True)
        arrays = dict(zip(names, (part.reshape(shape) for part, shape in parts), strict=True))
        return bool(checking.check(arrays, problem))

    return check


def within_differences(net: Net) -> Accepts:
    """Every weight really moved, and each number held against what its difference claims."""
    problem, place = net.problem, differences(net.problem).position
    at = np.array([place["C", key] for key in keys(net)])

    def check(theirs: np.ndarray) -> bool:
        moved = differences(problem)
        return bool((np.abs(moved.value[at] - theirs) <= moved.error[at]).all())

    return check


def agreed(net: Net) -> Accepts:
    """`verify`: three witnesses to every entry, and their verdicts; theirs is not asked for."""
    return lambda _: verify(net.problem).agree


def enclosed(net: Net) -> Callable[[], np.ndarray]:
    """The float64 that each proven enclosure rounds to."""
    numbers, order = net.problem, keys(net)

    def gradient() -> np.ndarray:
        truths = Numbers(numbers).gradient()
        known = truths.nearest[[truths.position["C", key] for key in order]]
        exact = [
            float(truths["C", key].mid) if np.isnan(v) else v for key, v in zip(order, known, strict=True)
        ]
        return np.array(exact)

    return gradient


def certified(net: Net) -> Callable[[], np.ndarray]:
    """The same by whole layers, with the numbers made beforehand as mpmath has them."""
    layers = Numbers(net.problem).layers
    assert layers is not None

    def gradient() -> np.ndarray:
        fresh = replace(layers)
        assert fresh.holds
        return fresh.nearest

    return gradient


def pushed_back(net: Net) -> Callable[[], np.ndarray]:
    """Stable backpropagation in float64."""
    problem, place = net.problem, backprop(net.problem).position
    at = np.array([place["C", key] for key in keys(net)])
    return lambda: backprop(problem).value[at]


def keys(net: Net) -> list[str]:
    """The entries of a gradient's vector, as we call them."""
    found = []
    for name, part in zip(net.names, net.parts, strict=True):
        rows, columns = part.shape
        letter, l = name[0].lower(), name[1:]
        if letter == "w":
            found += [f"w{l}[{j},{k}]" for j in range(1, rows + 1) for k in range(1, columns + 1)]
        else:
            found += [f"b{l}[{j}]" for j in range(1, columns + 1)]
    return found


CHECKERS = (
    Checker(name="backproof check", accepts=accepts, looks_at=EACH, ours=True),
    Checker(name="backproof, differences", accepts=within_differences, looks_at=EACH, ours=True),
)
WHOLE = Checker(name="backproof verify", accepts=agreed, looks_at="three witnesses to every entry", ours=True)
"""Asks nobody for a gradient, so there is nothing for it to detect."""

ENGINES = (
    Engine(name="ours, float64", gradient=pushed_back, ours=True),
    Engine(name="ours, proven", gradient=enclosed, ours=True),
)
