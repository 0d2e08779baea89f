"""Certified gradients of 784-30-10, all 23,860 entries: layers of balls against mpmath, in one run.

    python tests/benchmarks/enclosures.py [SAMPLES] [ROUNDS]

mpmath works at 60 digits and proves nothing; of ours every entry is enclosed, and
both of its ends round to the same float64. Each is timed once its numbers are
loaded, and the best of several rounds counts. mpmath's gradient must lie in ours.
"""

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SIZES = (784, 30, 10)
DIGITS = 60


def stated(samples: int) -> dict[str, Any]:
    """A network of sigmoids with normal weights, as numpy draws them."""
    rng = np.random.default_rng(0)
    layers = [
        {
            "units": rows,
            "activation": "sigmoid",
            "weights": (rng.normal(size=(rows, columns)) / np.sqrt(columns)).tolist(),
            "biases": rng.normal(size=rows).tolist(),
        }
        for columns, rows in pairwise(SIZES)
    ]
    x, y = rng.random((samples, SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], samples)]
    network = {"inputs": SIZES[0], "cost": "half_squared_error", "layers": layers}
    return {"network": network, "data": {"x": x.tolist(), "y": y.tolist()}}


def in_matrices(problem: dict[str, Any]) -> Callable[[], Any]:
    """The four equations in mpmath's matrices; its numbers are made beforehand."""
    layers, one = problem["network"]["layers"], mpmath.mpf(1)
    W = [mpmath.matrix(layer["weights"]) for layer in layers]
    b = [mpmath.matrix(layer["biases"]) for layer in layers]
    x, y = (mpmath.matrix(problem["data"][letter]).T for letter in "xy")
    ones = mpmath.matrix([[1] * x.cols])

    def entrywise(u: Any, v: Any) -> Any:
        rows = range(u.rows)
        return mpmath.matrix([[u[i, j] * v[i, j] for j in range(u.cols)] for i in rows])

    def gradient() -> Any:
        a = [x]
        for weights, biases in zip(W, b, strict=True):
            a.append((weights * a[-1] + biases * ones).apply(lambda z: one / (one + mpmath.exp(-z))))
        slopes = [p.apply(lambda v: v * (one - v)) for p in a]
        delta = entrywise(a[2] - y, slopes[2])
        back = entrywise(W[1].T * delta, slopes[1])
        return [*(back * a[0].T), *(back * ones.T), *(delta * a[1].T), *(delta * ones.T)]

    return gradient


def in_sums(problem: dict[str, Any]) -> Callable[[], list[Any]]:
    """The same for one who knows mpmath: lists of numbers, and its fused sums of products."""
    mpf, one = mpmath.mpf, mpmath.mpf(1)
    layers = problem["network"]["layers"]
    W = [[[mpf(w) for w in row] for row in layer["weights"]] for layer in layers]
    b = [[mpf(v) for v in layer["biases"]] for layer in layers]
    x = [[mpf(v) for v in row] for row in problem["data"]["x"]]
    y = [[mpf(v) for v in row] for row in problem["data"]["y"]]

    def gradient() -> list[Any]:
        total: list[Any] = []
        for inputs, targets in zip(x, y, strict=True):
            a = [inputs]
            for rows, biases in zip(W, b, strict=True):
                z = [mpmath.fdot(row, a[-1]) + bias for row, bias in zip(rows, biases, strict=True)]
                a.append([one / (one + mpmath.exp(-v)) for v in z])
            delta = [(p - t) * p * (one - p) for p, t in zip(a[2], targets, strict=True)]
            back = [mpmath.fdot([row[k] for row in W[1]], delta) * p * (one - p) for k, p in enumerate(a[1])]
            parts = (
                [[d * v for v in a[0]] for d in back],
                [back],
                [[d * v for v in a[1]] for d in delta],
                [delta],
            )
            own = [v for part in parts for row in part for v in row]
            total = [u + v for u, v in zip(total, own, strict=True)] if total else own
        return total

    return gradient


def best(call: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """The shortest processor time of a call, and what it gave."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        found = call()
        times.append(time.process_time() - started)
    return min(times), found


def main(samples: int = 1, rounds: int = 30) -> None:
    """Print both times and their ratio, after every entry was compared."""
    from derive import load_problem
    from numeric.balls.enclosure import enclosure
    from numeric.balls.layers import LayerGradient
    from numeric.balls.truths import Numbers

    mpmath.mp.dps = DIGITS
    file = stated(samples)
    loading, problem = best(lambda: load_problem(file), 1)
    numbers = Numbers(problem)
    preparing, layers = best(lambda: LayerGradient.of(problem, numbers.given), 1)
    assert layers is not None

    def certify() -> LayerGradient:
        fresh = LayerGradient(layers.equations, layers.keys, layers.arrays, layers.given)
        assert fresh.holds
        assert not np.isnan(fresh.nearest).any(), "an entry is left to a higher precision"
        return fresh

    first, _ = best(certify, 1)
    ours, found = best(certify, rounds)
    matrices, by_matrices = best(in_matrices(file), max(1, rounds // 10))
    sums, plain = best(in_sums(file), max(1, rounds // 6))
    for i in range(0, len(plain), 97):
        truth = enclosure(found.entry(i))
        assert float(truth.lo) == float(truth.hi) == found.nearest[i]
        assert found.nearest[i] == float(plain[i]) == float(by_matrices[i])
    print(f"{'-'.join(map(str, SIZES))}, {samples} samples, {len(plain):,} gradients")
    print(f"loading {loading:.3f} s, equations and matrices {preparing:.3f} s, a first time {first:.3f} s")
    print(f"certified, once loaded {1e3 * ours:9.2f} ms")
    for name, theirs in (("its matrices", matrices), ("fused sums", sums)):
        words = f"mpmath, {DIGITS} digits, {name}"
        print(f"{words:31} {1e3 * theirs:9.2f} ms: ours is {theirs / ours:.0f} times faster")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
