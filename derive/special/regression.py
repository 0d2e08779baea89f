"""Linear regression: one layer without a bend and a cost that is a multiple of squared errors.

    C      = sum over the samples of (y - w x)^2
    dC/dw  = 2 (a - y) x for one sample,   2 X^T (X w - y) for all
    0      = X^T X w - X^T y                                      the normal equations

X has a row for each sample, and behind it a 1 where there is a bias, whose weight
that is. X^T X has no direction along which the cost bends down, v^T X^T X v =
|X v|^2, so where the gradient is 0 the cost is as small as it can be. With an L2
term X^T X has a multiple of 1 added on the diagonal of the weights.

Source: Hastie, Tibshirani and Friedman (2009), sec. 3.2 and 3.4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from derive.identities import proved
from derive.problem import Network, Problem, Value
from derive.rules import A, Y, Z
from derive.rules.kinds import K, rational

X_K, W_K, REST = sp.symbols("x_k w_k rest")


@dataclass(frozen=True)
class Normal:
    """The normal equations of a problem with their solution, in exact numbers.

    gram      X^T X, with what the L2 term adds                       (m, m)
    right     X^T y, a column for each output                         (m, K)
    ridge     what the L2 term adds on the diagonal of the weights
    solution  w; None where X^T X is singular                         (m, K)
    free      a v other than 0 with X^T X v = 0; None where there is none
    """

    gram: sp.ImmutableMatrix
    right: sp.ImmutableMatrix
    ridge: sp.Rational
    solution: sp.ImmutableMatrix | None
    free: sp.ImmutableMatrix | None


def error_slope(network: Network) -> sp.Rational | None:
    """c where dC/da = c (a - y) for one sample, by SymPy; None where the network is no linear regression."""
    cost = network.cost
    if network.depth != 1 or cost is None or cost.couples:
        return None
    rule = network.layer(1).activation
    if rule.pieces != 1 or rule.couples or rule.formula(1).expr != Z:
        return None
    part = cost.formula.expr.subs(K, network.sizes[-1])
    factor = sp.cancel(sp.diff(part, A) / (A - Y))
    return factor if factor.is_Rational and factor > 0 and _is_proved(part, factor) else None


def _is_proved(part: sp.Expr, factor: sp.Rational) -> bool:
    """Whether c (a - y) x_k is SymPy's derivative by one weight of many."""
    a = W_K * X_K + REST
    return proved(sp.diff(part.subs(A, a), W_K), factor * (a - Y) * X_K)


def unknowns(network: Network) -> int:
    """m: the weights of one output, and its bias."""
    return network.sizes[0] + (network.layer(1).biases is not None)


def normal(problem: Problem) -> Normal | None:
    """The equations with the numbers of the data; None where some are open."""
    network = problem.body
    assert isinstance(network, Network)
    factor = error_slope(network)
    assert factor is not None, "no linear regression"
    if not problem.x or any(value is None for row in (*problem.x, *problem.y) for value in row):
        return None
    y = _matrix(problem.y)
    X = _matrix(problem.x)
    if network.layer(1).biases is not None:
        X = X.row_join(sp.ones(X.rows, 1))
    # The mean of the costs has the L2 term's 1/n before it, too.
    ridge = rational(network.l2) / factor / (1 if network.reduction == "mean" else X.rows)
    decay = sp.diag(*(ridge if k < network.sizes[0] else 0 for k in range(X.cols)))
    gram, right = X.T * X + decay, X.T * y
    null = gram.nullspace()
    return Normal(
        gram.as_immutable(),
        right.as_immutable(),
        ridge,
        None if null else gram.LUsolve(right).as_immutable(),
        null[0].as_immutable() if null else None,
    )


def _matrix(rows: Sequence[Sequence[Value]]) -> sp.Matrix:
    return sp.Matrix([[rational(value) for value in row if value is not None] for row in rows])


def placed(problem: Problem, normal: Normal) -> Problem:
    """The problem with the solution's numbers in the place of its weights and biases."""
    network, solution = problem.body, normal.solution
    assert isinstance(network, Network) and solution is not None, "no one solution"
    layer = network.layer(1)
    columns = (*zip(*layer.weights, strict=True), *((layer.biases,) if layer.biases is not None else ()))
    found = {key: solution[k, j] for k, keys in enumerate(columns) for j, key in enumerate(keys)}
    parameters = tuple(
        replace(one, value=Fraction(int(found[one.key].p), int(found[one.key].q)))
        for one in problem.parameters
    )
    return replace(problem, parameters=parameters)
