"""Products, sums and transposes of vectors and matrices in Rounded arithmetic, and their slopes.

One row of `ARRAY_RULES` for each operation of the formula grammar that is not entry by
entry. With G the slope of C = op(A, B, ...) in what is differentiated,

    C = A B              G_A = G B^T            G_B = A^T G
    C = A^T              G_A = G^T
    c = sum of A         G_A = c's slope, in every entry that was added
    v = variance of A    G_A = 2 (A - mean)/n times v's slope, since A - mean adds up to 0
    c = x slid by w      g_w = sum of c's slopes times what w lay on, g_x = c's slopes slid by w backwards
    C = A, B joined      the part of G that each brought
    C = rows of A        each row of G added to the row that it was; the others have slope 0
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
from itertools import accumulate, pairwise
from math import prod
from types import MappingProxyType

import numpy as np

from derive.formula.nodes import Apply
from derive.shapes import axes_of, joined_axis
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


def _from_the_mean(use: Use, x: Rounded) -> Rounded:
    return x - x.sum(axis=use.axes, keepdims=True) / _count(use, x)


def _variance(use: Use, x: Rounded) -> Rounded:
    return _sum(use, _from_the_mean(use, x) ** 2) / _count(use, x)


def _variance_pull(use: Use, g: Rounded, x: Rounded) -> Operands:
    (slope,) = _sum_pull(use, g / _count(use, x), x)
    return (slope * (2 * _from_the_mean(use, x)),)


def _windows(x: Rounded, width: int) -> Rounded:
    """Every `width` neighbours along the last axis as a row: (..., n) becomes (..., n - width + 1, width)."""
    starts = np.arange(x.shape[-1] - width + 1)
    return x[..., starts[:, None] + np.arange(width)]


def _conv1d(use: Use, x: Rounded, w: Rounded) -> Rounded:
    """c[i] = x[i] w[1] + ... + x[i+k-1] w[k], for each row; no flip and no padding."""
    x, w = (levelled(operand, own, max(use.ranks)) for operand, own in zip((x, w), use.ranks, strict=True))
    return (_windows(x, w.shape[-1]) @ w[..., :, None])[..., 0]


def _conv1d_pull(_: Use, g: Rounded, x: Rounded, w: Rounded) -> Operands:
    k = w.shape[-1]
    margin = Rounded.exact(np.zeros((*g.shape[:-1], k - 1)))
    in_x = _windows(_joined(-1, margin, g, margin), k) @ w[..., ::-1, None]
    in_w = g[..., None, :] @ _windows(x, k)
    return in_x[..., 0], in_w[..., 0, :]


def _joined(axis: int, *x: Rounded) -> Rounded:
    """One after another along an axis counted from the end; axes of points in front broadcast."""
    rank = max(-axis, min(operand.ndim for operand in x))
    points = np.broadcast_shapes(*(operand.shape[: operand.ndim - rank] for operand in x))
    level = [operand.broadcast_to((*points, *operand.shape[operand.ndim - rank :])) for operand in x]
    values, errors = ([getattr(o, part) for o in level] for part in ("value", "error"))
    return Rounded(np.concatenate(values, axis), np.concatenate(errors, axis))


def _concat(use: Use, *x: Rounded) -> Rounded:
    return _joined(joined_axis(use.node, use.ranks[0]) - use.ranks[0], *x)


def _concat_pull(use: Use, g: Rounded, *x: Rounded) -> Operands:
    axis = joined_axis(use.node, use.ranks[0])
    ends = accumulate((operand.shape[axis] for operand in x), initial=0)
    return tuple(g[(slice(None),) * axis + (slice(*span),)] for span in pairwise(ends))


def _row(use: Use, x: Rounded) -> Rounded:
    return x[..., use.node.places[0] - 1, :]


def _rows(use: Use, x: Rounded) -> Rounded:
    return x[..., np.array(use.node.places) - 1, :]


def _rows_pull(use: Use, g: Rounded, x: Rounded) -> Operands:
    """A row that was taken several times has the sum of their slopes."""
    places, (m, n) = np.array(use.node.places), x.shape
    slope = g.reshape(len(places), n)
    value, error = np.zeros((m, n)), np.zeros((m, n))
    for place in set(use.node.places):
        total = slope[places == place].sum(axis=0)
        value[place - 1], error[place - 1] = total.value, total.error
    return (Rounded(value, error),)


def _entry(use: Use, x: Rounded) -> Rounded:
    return x[(..., *_at(use))]


def _entry_pull(use: Use, g: Rounded, x: Rounded) -> Operands:
    value, error = np.zeros(x.shape), np.zeros(x.shape)
    value[_at(use)], error[_at(use)] = g.value, g.error
    return (Rounded(value, error),)


def _at(use: Use) -> tuple[int, ...]:
    return tuple(place - 1 for place in use.node.places)


def levelled(x: Rounded, own: int, rank: int) -> Rounded:
    """A vector of several points beside their matrices: a row of each, (P, n) as (P, 1, n)."""
    points = x.ndim - own
    if own == rank or not points:
        return x
    return x.reshape(*x.shape[:points], *(1,) * (rank - own), *x.shape[points:])


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
        "var": ArrayRule(value=_variance, pull=_variance_pull, rank=_reduced_rank),
        "conv1d": ArrayRule(value=_conv1d, pull=_conv1d_pull, rank=lambda use: max(use.ranks)),
        "concat": ArrayRule(value=_concat, pull=_concat_pull, rank=_same_rank),
        "row": ArrayRule(value=_row, pull=_rows_pull, rank=lambda _: 1),
        "rows": ArrayRule(value=_rows, pull=_rows_pull, rank=lambda _: 2),
        "entry": ArrayRule(value=_entry, pull=_entry_pull, rank=lambda _: 0),
        "outer": ArrayRule(value=_outer, pull=_outer_pull, rank=lambda _: 2),
        "softmax": _of_layer(ACTIVATIONS["softmax"]),
        "log_softmax": _of_layer(ACTIVATIONS["log_softmax"]),
    }
)
