"""Time the matrix form: all gradients of a network in whole layers, derived from its statement.

Beside it CasADi's MX, where it is installed, builds the same gradient graph: by
each parameter in turn, and by one long vector of all in a single reverse pass.
Run it alone:

    PYTHONPATH=. python tests/benchmarks/matrix_form.py

A program of the same sizes in a C++ engine is a yardstick, not a rival: it gives
a graph to evaluate, and no equations to read.

Source: Andersson, Gillis, Horn, Rawlings, Diehl (2019), CasADi, Math. Prog. Comp. 11(1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from time import perf_counter
from typing import Any

from derive import load_problem
from derive.matrix.network import network_program
from derive.matrix.sweep import matrix_sweep
from derive.problem import Network, Problem

ROUNDS = 30
NAMED = (784, 30, 10)
WIDTHS = (4, 64, 1024, 4096)
DEPTHS = (2, 8, 32, 64)


def best(function: Callable[[], object]) -> float:
    """The shortest of some runs, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return 1000 * min(times)


def network(sizes: Sequence[int]) -> Problem:
    """A network of sigmoid layers; widths are put in afterwards, so that no million names are made."""
    layers = [{"units": 2, "activation": "sigmoid"} for _ in sizes[1:]]
    problem = load_problem({"network": {"inputs": 2, "cost": "half_squared_error", "layers": layers}})
    body = problem.body
    assert isinstance(body, Network)
    wide = tuple(
        replace(layer, units=(None,) * n, weights=(("w",) * m,) * n, biases=("b",) * n)
        for layer, (m, n) in zip(body.layers, pairwise(sizes), strict=True)
    )
    return replace(problem, body=replace(body, inputs=(None,) * sizes[0], layers=wide))


def matrix_form(problem: Problem) -> object:
    """The forward steps in matrices, and the gradients by every W and b."""
    program = network_program(problem, batch=False)
    return matrix_sweep(program, "C", [array.key for array in program.given if array.key[0] in "Wb"])


def casadi_each(casadi: Any, sizes: Sequence[int]) -> object:
    """CasADi MX: a gradient by each W and b."""
    x, y = casadi.MX.sym("x", sizes[0]), casadi.MX.sym("y", sizes[-1])
    a, parameters = x, []
    for m, n in pairwise(sizes):
        w, b = casadi.MX.sym("W", n, m), casadi.MX.sym("b", n)
        parameters += [w, b]
        a = 1 / (1 + casadi.exp(-(casadi.mtimes(w, a) + b)))
    cost = casadi.sumsqr(y - a) / 2
    return [casadi.gradient(cost, parameter) for parameter in parameters]


def casadi_at_once(casadi: Any, sizes: Sequence[int]) -> object:
    """CasADi MX: one gradient by all parameters as a vector."""
    count = sum(n * (m + 1) for m, n in pairwise(sizes))
    x, y, p = (casadi.MX.sym(letter, n) for letter, n in (("x", sizes[0]), ("y", sizes[-1]), ("p", count)))
    a, start = x, 0
    for m, n in pairwise(sizes):
        w, b = casadi.reshape(p[start : start + m * n], n, m), p[start + m * n : start + m * n + n]
        start += m * n + n
        a = 1 / (1 + casadi.exp(-(casadi.mtimes(w, a) + b)))
    return casadi.gradient(casadi.sumsqr(y - a) / 2, p)


def rows() -> Iterator[tuple[str, float]]:
    named = network(NAMED)
    yield "784-30-10, matrix form", best(lambda: matrix_form(named))
    if find_spec("casadi"):
        casadi = import_module("casadi")
        yield "784-30-10, CasADi MX, each", best(lambda: casadi_each(casadi, NAMED))
        yield "784-30-10, CasADi MX, at once", best(lambda: casadi_at_once(casadi, NAMED))
    for width in WIDTHS:
        wide = network((width, width, width))
        yield f"two layers of {width}", best(lambda wide=wide: matrix_form(wide))
    for depth in DEPTHS:
        deep = network((2,) * (depth + 1))
        yield f"{depth} layers, a layer", best(lambda deep=deep: matrix_form(deep)) / depth


if __name__ == "__main__":
    for words, milliseconds in rows():
        print(f"{words:32}{milliseconds:10.3f} ms")
