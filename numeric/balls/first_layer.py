"""The weighted inputs of a network's first layer, exactly, for all samples in one product of integers.

    z1 = W1 x + b1

Of a network with many inputs that is nearly all of the forward pass, and it is rational.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq, fmpq_mat

from derive.problem import Network, Problem
from numeric.balls.loaded import Integers, Loaded
from numeric.balls.operations import Ball

WIDE = 64
"""Inputs from which on the product is worth the detour."""


def first_sums(problem: Problem, given: Mapping[str, Ball]) -> dict[str, Ball]:
    """z1 of every unit, sample and test input, by its key: z1[3]@2.

    Nothing of a graph, of few inputs, where a number is open, and where the numbers have no short
    denominator in common.
    """
    network = problem.body
    if not isinstance(network, Network) or not network.layers or network.sizes[0] < WIDE or not problem.x:
        return {}
    layer, suffixes = network.layer(1), (*problem.samples, *problem.tested)
    inputs = [[given.get(f"x[{k}]{suffix}") for suffix in suffixes] for k in range(1, network.sizes[0] + 1)]
    weights, columns = _integers([list(map(given.get, row)) for row in layer.weights]), _integers(inputs)
    named = layer.biases
    biases = [fmpq(0)] * layer.width if named is None else [given[key] for key in named if key in given]
    if weights is None or columns is None or len(biases) < layer.width:
        return {}
    rows = enumerate(zip((weights @ columns).table(), biases, strict=True), 1)
    return {
        f"z1[{j}]{suffix}": total + bias
        for j, (row, bias) in rows
        for suffix, total in zip(suffixes, row, strict=True)
    }


def _integers(rows: list[list[Ball | None]]) -> Integers | None:
    """A matrix of rational numbers; None where one is open, or they have no short denominator in common."""
    exact = [value for row in rows for value in row if isinstance(value, fmpq)]
    if len(exact) != len(rows) * len(rows[0]):
        return None
    return Loaded(fmpq_mat(len(rows), len(rows[0]), exact)).integers
