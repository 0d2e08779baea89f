"""Logistic regression: one layer, the sigmoid, and cross-entropy, which is a likelihood.

    P(y | x) = a^y (1 - a)^(1 - y)             a = sigma(w x + b)
    C        = -ln P = -y ln a - (1 - y) ln(1 - a)
    dC/dw_k            = (a - y) x_k
    d2C/dw_j dw_k      = a (1 - a) x_j x_k
    v^T H v            = the sum of a (1 - a) (v x)^2, nowhere below 0

so the cost is convex: where the gradient is 0 it has its least value. A bias is
the weight of an input that is always 1.

Source: Bishop (2006), sec. 4.3.2 and 4.3.3.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from derive.identities import proved
from derive.problem import Network
from derive.rules import ACTIVATIONS, COSTS, A, Y, Z

X_J, X_K, W_J, W_K, REST = sp.symbols("x_j x_k w_j w_k rest")

GRADIENT = (A - Y) * X_K
HESSIAN = A * (1 - A) * X_J * X_K


def is_logistic(network: Network) -> bool:
    """One layer of sigmoid units with binary cross-entropy."""
    rules = ACTIVATIONS["sigmoid"], COSTS["binary_cross_entropy"]
    return network.depth == 1 and (network.layers[0].activation, network.cost) == rules


def likelihood() -> tuple[sp.Expr, sp.Expr]:
    """P and its negative logarithm, which is the cost; a and 1 - a are above 0."""
    share, other = sp.symbols("a b", positive=True)  # b for 1 - a
    target = sp.Symbol("y", real=True)
    logarithm = sp.expand_log(-sp.log(share**target * other ** (1 - target)))
    part = COSTS["binary_cross_entropy"].part.subs({A: share, Y: target}).subs(1 - share, other)
    assert sp.expand(logarithm - part) == 0, "the cost is not this likelihood's"
    return A**Y * (1 - A) ** (1 - Y), COSTS["binary_cross_entropy"].part


@cache
def is_proved() -> bool:
    """Whether gradient and Hessian are SymPy's derivatives of the cost in two weights of many."""
    z = W_J * X_J + W_K * X_K + REST
    a = ACTIVATIONS["sigmoid"].formula(1).expr.subs(Z, z)
    cost = COSTS["binary_cross_entropy"].part.subs(A, a)
    gradient, hessian = GRADIENT.subs(A, a), HESSIAN.subs(A, a)
    return proved(sp.diff(cost, W_K), gradient) and proved(sp.diff(cost, W_J, W_K), hessian)
