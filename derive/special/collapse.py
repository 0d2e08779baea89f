"""Layers without a bend collapse to one: W = W[L] ... W[1], and a bias likewise.

    z[2] = W[2] (W[1] x + b[1]) + b[2]
         = W[2] W[1] x + (W[2] b[1] + b[2])

Whatever the depth, the weighted input of the last layer is one affine map of
the input as long as every activation before it is the identity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from derive.problem import Layer, Network, Problem
from derive.rules import Z

Rows = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Collapsed:
    """z[L] = W x + b, exactly.

    weights  W[L] ... W[1]                                    (n[L], n[0])
    bias     the sum over l of W[L] ... W[l+1] b[l]           (n[L], 1)
    """

    weights: Rows
    bias: Rows

    def at(self, x: Rows) -> Rows:
        """W x + b for a column x."""
        return _added(_times(self.weights, x), self.bias)


def is_linear(network: Network) -> bool:
    """Whether several layers collapse: no activation before the last bends."""
    hidden = [layer.activation for layer in network.layers[:-1]]
    return bool(hidden) and all(rule.pieces == 1 and rule.formula(1).expr == Z for rule in hidden)


def collapse(problem: Problem) -> Collapsed | None:
    """The one map of a linear network; None where some parameter is free."""
    network = problem.body
    assert isinstance(network, Network) and is_linear(network), "layers that bend do not collapse"
    if any(parameter.value is None for parameter in problem.parameters):
        return None
    (first, *rest) = (_layer(problem, layer) for layer in network.layers)
    weights, bias = first
    for W, b in rest:
        weights, bias = _times(W, weights), _added(_times(W, bias), b)
    return Collapsed(weights, bias)


def _layer(problem: Problem, layer: Layer) -> tuple[Rows, Rows]:
    weights = tuple(tuple(_value(problem, key) for key in row) for row in layer.weights)
    biases = tuple((_value(problem, key),) for key in layer.biases or ())
    return weights, biases or tuple((Fraction(0),) for _ in weights)


def _value(problem: Problem, key: str) -> Fraction:
    value = problem.parameter[key].value
    assert value is not None
    return value


def _times(left: Rows, right: Rows) -> Rows:
    columns = tuple(zip(*right, strict=True))
    return tuple(tuple(sum(map(_product, row, column), Fraction(0)) for column in columns) for row in left)


def _product(left: Fraction, right: Fraction) -> Fraction:
    return left * right


def _added(left: Rows, right: Rows) -> Rows:
    return tuple(tuple(a + b for a, b in zip(*rows, strict=True)) for rows in zip(left, right, strict=True))


@dataclass(frozen=True)
class Lines:
    """z[l] for one layer: with the layer below put in, and multiplied out.

    linear, constant  W[l] ... W[1], and the terms of the bias as products of layers' letters:
                      ((2,), 1) is W[2] b[1]
    """

    layer: int
    linear: tuple[int, ...]
    constant: tuple[tuple[tuple[int, ...], int], ...]


def lines_of(network: Network) -> Iterator[Lines]:
    """The lines for layers 2..L of a linear network; each is proved by SymPy's matrix algebra."""
    n = sp.Symbol("n", integer=True, positive=True)
    x = sp.MatrixSymbol("x", n, 1)
    W = {l: sp.MatrixSymbol(f"W{l}", n, n) for l in range(1, network.depth + 1)}
    b = {l: sp.MatrixSymbol(f"b{l}", n, 1) for l in W if network.layer(l).biases is not None}
    nothing = sp.ZeroMatrix(n, 1)
    below = W[1] * x + b.get(1, nothing)
    for l in range(2, network.depth + 1):
        linear = tuple(range(l, 0, -1))
        constant = tuple((tuple(range(l, k, -1)), k) for k in b if k <= l)
        nested = W[l] * below + b.get(l, nothing)
        terms = (sp.MatMul(*(W[i] for i in factors), b[k]) if factors else b[k] for factors, k in constant)
        stated = sp.MatAdd(sp.MatMul(*(W[k] for k in linear), x), *terms)
        assert sp.expand(nested).doit() == stated.doit(), "a line that does not follow"
        yield Lines(l, linear, constant)
        below = stated
