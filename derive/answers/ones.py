r"""The vector of ones, which is what it meets: 1 entry by entry, and in a product of matrices a sum.

    1 - a, np.ones_like(a) - a          1 minus each entry
    A 1, A @ np.ones((n, 1))            the sum of each row
    1^T A                               the sum of each column
    b 1^T                               b for each sample, as in W A + b

\mathbf 1 has as many entries as fit; np.ones(3) has three.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

from derive.formula.nodes import Apply, Matrix, Node, Number
from derive.shapes import Shape

ONE = Number(Fraction(1), "1")

PRODUCTS_OF_MATRICES = frozenset({"juxtapose", "dot", "cross", "matmul"})


def is_ones(node: Node) -> bool:
    """Whether a node is the vector of ones, lying or standing."""
    return isinstance(node, Apply) and (
        node.operation == "ones" or (node.operation == "transpose" and is_ones(node.args[0]))
    )


def lies(node: Node, shape: Shape) -> bool:
    """Whether it is a row: transposed where it is of any size, or of one row."""
    if not shape:
        return cast(Apply, node).operation == "transpose"
    return len(shape) == 1 or (shape[0] == 1 and shape[1] > 1)


def added_up(part: Node, shape: Shape, axis: int, *, keeps: bool) -> tuple[Node, Shape]:
    """The sum of each row, along axis 1, or of each column; `keeps`: columns stay columns."""
    if len(shape) == 1:
        return Apply("sum", (part,)), ()
    left = shape[1 - axis]
    kept = ((1, left) if axis == 0 else (left, 1)) if keeps else (left,)
    return Apply("sum", (part,), axis=axis, keepdims=keeps), kept


def written_out(shape: Shape) -> Matrix:
    """Ones of a shape, entry by entry."""
    rows, columns = (*shape, 1)[:2]
    return Matrix(((ONE,) * columns,) * rows)
