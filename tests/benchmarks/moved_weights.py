"""Time the float witnesses: every weight moved, and backpropagation with its bound.

Beside them PyTorch's `gradcheck`, where it is installed, moves every weight of the
same network twice, in the same process and on one thread. Run it alone:

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONPATH=. python tests/benchmarks/moved_weights.py

Networks are of sigmoid units under the half squared error; arrays are made before
the clock starts, on both sides.

Source: torch.autograd.gradcheck, slow mode (PyTorch's notes, "Gradcheck mechanics").
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from time import process_time

import numpy as np

from derive import load_problem
from derive.problem import Problem
from numeric.floats.backprop import backprop
from numeric.floats.differences import differences
from numeric.floats.network import arrays_of

CASES = [
    (sizes, samples)
    for sizes in ((2, 2, 2), (4, 8, 8, 3), (8, 16, 16, 4), (784, 30, 10))
    for samples in (1, 32)
]


def best(function: Callable[[], object], rounds: int) -> float:
    """The shortest of some runs, in milliseconds of the processor: a busy machine is no slower."""
    times = []
    for _ in range(rounds):
        start = process_time()
        function()
        times.append(process_time() - start)
    return 1000 * min(times)


def megabytes(function: Callable[[], object]) -> float:
    """The most memory that a run holds at once."""
    tracemalloc.start()
    function()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def network(sizes: Sequence[int], samples: int) -> Problem:
    rng = np.random.default_rng(0)
    layers = [
        {
            "units": n,
            "activation": "sigmoid",
            "weights": (rng.standard_normal((n, m)) / np.sqrt(m)).tolist(),
            "biases": rng.standard_normal(n).tolist(),
        }
        for m, n in pairwise(sizes)
    ]
    data = {"x": rng.random((1, sizes[0])).tolist(), "y": rng.random((1, sizes[-1])).tolist()}
    stated = {"inputs": sizes[0], "cost": "half_squared_error", "layers": layers}
    problem = load_problem({"network": stated, "data": data})
    return replace(problem, x=_drawn(rng, samples, sizes[0]), y=_drawn(rng, samples, sizes[-1]))


def _drawn(rng: np.random.Generator, *shape: int) -> tuple[tuple[Fraction, ...], ...]:
    """Put in afterwards: a file may not ask for so much."""
    return tuple(tuple(map(Fraction, row)) for row in rng.random(shape).tolist())


def gradcheck(problem: Problem) -> Callable[[], bool]:
    """PyTorch's own check of its gradient of the same cost by every W and b."""
    import torch

    arrays = arrays_of(problem, problem.body)
    x, y = (torch.tensor(array.value) for array in (arrays.X, arrays.Y))
    parts = [
        torch.tensor(part.value, requires_grad=True) for l in arrays.W for part in (arrays.W[l], arrays.b[l])
    ]

    def cost(*parameters):
        a = x
        for W, b in zip(parameters[::2], parameters[1::2], strict=True):
            a = torch.sigmoid(a @ W.T + b)
        return ((a - y) ** 2).sum() / 2

    return lambda: torch.autograd.gradcheck(cost, parts)


def main() -> None:
    rival = find_spec("torch") is not None
    print(
        f"{'':18}{'samples':>8}{'differences':>14}{'memory':>10}{'backprop':>11}{'gradcheck':>13}{'ratio':>8}"
    )
    for sizes, samples in CASES:
        problem = network(sizes, samples)
        small = sizes[0] < 100
        moved, pushed = (lambda p=problem: differences(p)), (lambda p=problem: backprop(p))
        moved(), pushed()
        ours, back = best(moved, 30 if small else 7), best(pushed, 30)
        theirs = best(gradcheck(problem), 3 if small else 1) if rival and (small or samples == 1) else np.nan
        name = "-".join(map(str, sizes))
        print(
            f"{name:18}{samples:8}{ours:11.3f} ms{megabytes(moved):7.1f} MB{back:8.3f} ms"
            f"{theirs:10.1f} ms{theirs / ours:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
