"""Products, sums and transposes of vectors and matrices in Rounded arithmetic, and their slopes.

One row of `ARRAY_RULES` for each operation of the formula grammar that is not entry by
entry. With G the slope of C = op(A, B, ...) in what is differentiated,

    C = A B              G_A = G B^T            G_B = A^T G
    C = A^T              G_A = G^T
    c = sum of A         G_A = c's slope, in every entry that was added
    C = u v^T            g_u = G v              g_v = G^T u
    C = softmax(A)       J^T G, and of its logarithm G - a sum(G), by rows of `numeric.floats.rules`

Values may have further axes in front, of points that are computed side by side: an
operation knows the rank of each operand, and works on so many axes from the end. Slopes
are those of a single point.

Source: Giles (2008), An extended collection of matrix derivative results, sec. 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType

from derive.formula.nodes import Apply
from derive.shapes import axes_of
from numeric.floats.rounding import Rounded
from numeric.floats.rules import ACTIVATIONS, Activation

Operands = tuple[Rounded, ...]
Ranks = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """An operation as it stands in a formula, with the rank of each operand."""

    node: Apply
    ranks: Ranks

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes that it runs along, counted from the end."""
        return tuple(axis - self.ranks[0] for axis in axes_of(self.node, self.ranks[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRule:
    """One operation on vectors and matrices.

    value(use, *x)    the result
    pull(use, g, *x)  the slope in every operand, of a slope g in the result
    rank(use)         the rank of the result
    """

    value: Callable[..., Rounded]
    pull: Callable[..., Operands]
    rank: Callable[[Use], int]


# -- the rows --------------------------------------------------------------------------------------


def _as_matrices(use: Use, x: Rounded, y: Rounded) -> Operands:
    """A vector on the left as a row, one on the right as a column."""
    row = x if use.ranks[0] == 2 else x[..., None, :]
    column = y if use.ranks[1] == 2 else y[..., :, None]
    return row, column


def _product(use: Use, x: Rounded, y: Rounded) -> Rounded:
    row, column = _as_matrices(use, x, y)
    found = row @ column
    found = found if use.ranks[1] == 2 else found[..., 0]
    if use.ranks[0] == 2:
        return found
    return found[..., 0, :] if use.ranks[1] == 2 else found[..., 0]


def _product_pull(use: Use, g: Rounded, x: Rounded, y: Rounded) -> Operands:
    row, column = _as_matrices(use, x, y)
    slope = g.reshape(row.shape[0], column.shape[1])
    return (slope @ column.T).reshape(*x.shape), (row.T @ slope).reshape(*y.shape)


def _transpose(use: Use, x: Rounded) -> Rounded:
    return x.swapaxes(-1, -2) if use.ranks[0] == 2 else x


def _sum(use: Use, x: Rounded) -> Rounded:
    return x.sum(axis=use.axes, keepdims=use.node.keepdims)


def _sum_pull(use: Use, g: Rounded, x: Rounded) -> Operands:
    """The slope of the sum is that of every entry in it."""
    along = {axis % x.ndim for axis in use.axes}
    kept = (1 if axis in along else size for axis, size in enumerate(x.shape))
    return (g.reshape(*kept).broadcast_to(x.shape),)


def _count(use: Use, x: Rounded) -> float:
    return float(prod(x.shape[axis] for axis in use.axes))


def _outer(_: Use, u: Rounded, v: Rounded) -> Rounded:
    return u[..., :, None] * v[..., None, :]


def _outer_pull(_: Use, g: Rounded, u: Rounded, v: Rounded) -> Operands:
    return g @ v, g.T @ u


def along(use: Use, function: Callable[..., Rounded], *x: Rounded) -> Rounded:
    """A function of the last axis, along the axis that is asked for."""
    (axis,) = use.axes
    return function(*(operand.swapaxes(axis, -1) for operand in x)).swapaxes(axis, -1)


def _reduced_rank(use: Use) -> int:
    return use.ranks[0] if use.node.keepdims else use.ranks[0] - len(use.axes)


def _same_rank(use: Use) -> int:
    return use.ranks[0]


def _of_layer(rule: Activation) -> ArrayRule:
    """The row of an activation that couples a layer, along one axis."""
    return ArrayRule(
        value=lambda use, z: along(use, rule.value, z),
        pull=lambda use, g, z: (along(use, rule.pull, z, g),),
        rank=_same_rank,
    )


ARRAY_RULES: Mapping[str, ArrayRule] = MappingProxyType(
    {
        "matmul": ArrayRule(value=_product, pull=_product_pull, rank=lambda use: sum(use.ranks) - 2),
        "transpose": ArrayRule(
            value=_transpose, pull=lambda use, g, _: (_transpose(use, g),), rank=_same_rank
        ),
        "sum": ArrayRule(value=_sum, pull=_sum_pull, rank=_reduced_rank),
        "mean": ArrayRule(
            value=lambda use, x: _sum(use, x) / _count(use, x),
            pull=lambda use, g, x: _sum_pull(use, g / _count(use, x), x),
            rank=_reduced_rank,
        ),
        "outer": ArrayRule(value=_outer, pull=_outer_pull, rank=lambda _: 2),
        "softmax": _of_layer(ACTIVATIONS["softmax"]),
        "log_softmax": _of_layer(ACTIVATIONS["log_softmax"]),
    }
)
