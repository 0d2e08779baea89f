"""Expressions of matrices are built so that nothing trivial stands in them, and have the right shape."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.expressions import Formula
from derive.matrix.entrywise import cancelled
from derive.matrix.expr import (
    SCALAR,
    Array,
    Entrywise,
    Expr,
    Ones,
    Spread,
    all_ones,
    hadamard,
    inner,
    plus,
    product,
    put_in,
    scaled,
    total,
    transposed,
)
from derive.matrix.sums import before_the_sum

W, V = Array("W", ("n_2", "n_1")), Array("V", ("n_2", "n_1"))
X, s = Array("X", ("n_1", "n")), Array("s", SCALAR)
a, y = Array("a", ("n_2", 1)), Array("y", ("n_2", 1))
ONE = Ones(SCALAR)
U = sp.Symbol("u")
RECIPROCAL = Entrywise(Formula(1 / U, (U,)), (a,), a.shape)


@pytest.mark.parametrize(
    ("built", "plain"),
    [
        (transposed(transposed(W)), W),
        (transposed(s), s),
        (transposed(product(W, X)), product(transposed(X), transposed(W))),
        (transposed(product(plus(W, V), X)), product(transposed(X), transposed(plus(W, V)))),
        (transposed(product(s, W)), product(s, transposed(W))),
        (product(product(s, W), X), product(s, product(W, X))),
        (product(scaled(sp.S(2), W), X), scaled(sp.S(2), product(W, X))),
        (product(product(W, X), Ones(("n", 1))), product(W, X, Ones(("n", 1)))),
        (product(s, W), Spread(s, W, W.shape)),
        (product(ONE, W), W),
        (hadamard(W, all_ones(W.shape)), W),
        (hadamard(W, scaled(sp.S(-1), V)), scaled(sp.S(-1), hadamard(W, V))),
        (hadamard(s, W), product(s, W)),
        (plus(W, V, W), plus(scaled(sp.S(2), W), V)),
        (plus(W, scaled(sp.S(-1), W)), scaled(sp.S(0), all_ones(W.shape))),
        (plus(W, ONE), plus(W, all_ones(W.shape))),
        (inner(a, y), product(transposed(a), y)),
        (inner(all_ones(W.shape), W), total(W)),
        (put_in(plus(W, V), {"V": scaled(sp.S(-1), W)}), scaled(sp.S(0), all_ones(W.shape))),
        (cancelled(hadamard(a, RECIPROCAL, y)), y),
        (cancelled(hadamard(a, y)), hadamard(a, y)),
    ],
)
def test_what_is_trivial_is_left_out(built: Expr, plain: Expr) -> None:
    """What is the same is written the same, so that like terms meet and a proof is a comparison."""
    assert built == plain
    assert built.shape == plain.shape


@pytest.mark.parametrize(
    ("built", "shape"),
    [
        (product(W, X), ("n_2", "n")),
        (product(a, transposed(y)), ("n_2", "n_2")),
        (total(W), SCALAR),
        (inner(W, V), SCALAR),
        (all_ones(("n_2", "n")), ("n_2", "n")),
        (plus(s, W), W.shape),
    ],
)
def test_the_shape_is_that_of_the_mathematics(built: Expr, shape: tuple[object, object]) -> None:
    """A number is 1×1 and a vector a column, whatever the sizes are."""
    assert built.shape == shape


def test_a_sum_of_copies_alone_is_so_many_times_what_is_copied():
    """(v 1^T) 1 is v times the number of columns, and no v twice; where nothing is a copy nothing is moved."""
    columns = Ones(("n_1", 1))
    v, u = Array("v", ("n_2", 1)), Array("U", ("n_2", "n_1"))
    copies = product(v, transposed(columns))
    assert before_the_sum(product(hadamard(copies, copies), columns)) == hadamard(
        v, v, product(all_ones(u.shape), columns)
    )
    assert before_the_sum(product(hadamard(u, W), columns)) == product(hadamard(u, W), columns)
    assert before_the_sum(product(hadamard(u, copies), columns)) == hadamard(v, product(u, columns))
