r"""The vector of ones, which is what it meets: 1 entry by entry, and in a product of matrices a sum.

    1 - a, np.ones_like(a) - a          1 minus each entry
    A 1, A @ np.ones((n, 1))            the sum of each row
    1^T A                               the sum of each column
    b 1^T                               b for each sample, as in W A + b

\mathbf 1 has as many entries as fit; np.ones(3) has three.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from derive.formula.nodes import Apply, Matrix, Node, Number
from derive.shapes import Shape

ONE = Number(Fraction(1), "1")

PRODUCTS_OF_MATRICES = frozenset({"juxtapose", "dot", "cross", "matmul"})


@dataclass(frozen=True, slots=True)
class Ones:
    """What a vector of ones is: its factor, None for 1, and whether it is transposed."""

    factor: Node | None = None
    lies: bool = False


def ones_of(node: Node) -> Ones | None:
    """Whether a node is a vector of ones, lying or standing, or a multiple of one; None: it is not."""
    if not isinstance(node, Apply):
        return None
    if node.operation == "ones":
        return Ones()
    if node.operation == "transpose":
        found = ones_of(node.args[0])
        return found and replace(found, lies=not found.lies)
    if node.operation != "multiply":
        return None
    for factor, part in (node.args, node.args[::-1]):
        found = ones_of(part)
        if found is not None:
            whole = factor if found.factor is None else Apply("multiply", (factor, found.factor))
            return replace(found, factor=whole)
    return None


def added_up(part: Node, shape: Shape, axis: int, *, keeps: bool) -> tuple[Node, Shape]:
    """The sum of each row, along axis 1, or of each column; `keeps`: columns stay columns."""
    if len(shape) == 1 or shape[1 - axis] == 1:
        return Apply("sum", (part,)), ()
    left = shape[1 - axis]
    kept = ((1, left) if axis == 0 else (left, 1)) if keeps else (left,)
    return Apply("sum", (part,), axis=axis, keepdims=keeps), kept


def written_out(shape: Shape) -> Matrix:
    """Ones of a shape, entry by entry."""
    rows, columns = (*shape, 1)[:2]
    return Matrix(((ONE,) * columns,) * rows)
