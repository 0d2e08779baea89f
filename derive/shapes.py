"""Shapes, as NumPy has them: () of a number, (n,) of a vector, (m, n) of a matrix.

    (m, n) @ (n, k) = (m, k)      (m, n) @ (n,) = (m,)      (n,) @ (n, k) = (k,)      (n,) @ (n,) = ()
    (m, n).T = (n, m)             (n,).T = (n,)             outer((m,), (n,)) = (m, n)
    sum((m, n), axis=0) = (n,)    sum((m, n), axis=1) = (m,)    sum((m, n)) = ()
    row((m, n), i) = (n,)         rows((m, n), i, j) = (2, n)   entry((m, n), i, j) = ()
    conv1d((n,), (k,)) = (n - k + 1,), for each row of either   concat((m,), (n,)) = (m + n,)

Everything else works entry by entry: equal sizes meet, a size of 1 stretches,
and a vector beside a matrix is a row. One thing that NumPy does is refused: a
vector beside a matrix of one column would become a table of all pairs, which
nobody means who subtracts targets from outputs.

Source: Harris et al. (2020), Array programming with NumPy, Nature 585.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from itertools import product as combinations
from types import MappingProxyType

from derive.errors import AnswerError
from derive.formula.nodes import Apply, Name, Node, Unspecified, walk
from derive.formula.text import text_of

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a formula, with its shape."""

    node: Node
    shape: Shape

    def __str__(self) -> str:
        return text_of(self.node)


def sized(shape: Shape) -> str:
    """`a number`, `a vector of 3`, `4×3`"""
    if not shape:
        return "a number"
    return f"a vector of {shape[0]}" if len(shape) == 1 else f"{shape[0]}×{shape[1]}"


def indices(shape: Shape) -> Iterator[tuple[int, ...]]:
    """The index of every entry, from 1 as on the page, row by row; of a number the empty one."""
    return combinations(*(range(1, size + 1) for size in shape))


def entry(name: str, index: tuple[int, ...]) -> str:
    """The key of one entry: `W1[2,1]`; of a number the name itself."""
    return f"{name}[{','.join(map(str, index))}]" if index else name


@lru_cache(maxsize=64)
def entries(name: str, shape: Shape) -> tuple[str, ...]:
    """The keys of all entries, row by row."""
    return tuple(entry(name, index) for index in indices(shape))


def infer(node: Node, shapes: Mapping[str, Shape]) -> tuple[Shape | None, list[AnswerError]]:
    """The shape of a formula, from those of its names; None where a name's is unknown or a part has none.

    Each mistake is met once: what holds a part without a shape says nothing more.
    """
    mistakes: list[AnswerError] = []
    stack: list[Shape | None] = []
    for part in walk(node):
        if not isinstance(part, Apply | Unspecified):
            stack.append(shapes.get(part.base) if isinstance(part, Name) else ())
            continue
        operands = [stack.pop() for _ in part.args][::-1]
        known = [
            Part(arg, shape) for arg, shape in zip(part.args, operands, strict=True) if shape is not None
        ]
        stack.append(None)
        if len(known) == len(operands):
            try:
                stack[-1] = shape_of(part, known)
            except AnswerError as error:
                mistakes.append(error)
    return stack.pop(), mistakes


def shape_of(node: Apply | Unspecified, parts: list[Part]) -> Shape:
    """The shape of an operation on parts of these shapes. Raises AnswerError where they do not fit."""
    if isinstance(node, Unspecified):
        return parts[0].shape
    rule = _RULES.get(node.operation)
    if rule is not None:
        return rule(node, *parts)
    shape = parts[0].shape
    for before, part in pairwise(parts):
        found = met(shape, part.shape)
        if found is None or _is_a_table(shape, part.shape):
            raise AnswerError(_about_meeting(node, Part(before.node, shape), part), node.column)
        shape = found
    return shape


def axes_of(node: Apply, rank: int) -> tuple[int, ...]:
    """The axes, counted from 0, that an operation of these runs along: all, or for softmax the last."""
    if node.axis is not None:
        return (node.axis % rank,)
    return (rank - 1,) if node.operation in ALONG_THE_LAST else tuple(range(rank))


ALONG_THE_LAST = frozenset({"softmax", "log_softmax"})


def joined_axis(node: Apply, rank: int) -> int:
    """The axis, counted from 0, along which operands are put one after another: unless stated the first."""
    return (node.axis or 0) % rank


# -- entry by entry --------------------------------------------------------------------------------


def met(u: Shape, v: Shape) -> Shape | None:
    """NumPy's broadcasting: sizes are compared from the last axis, and 1 stretches; None: no fit."""
    rank = max(len(u), len(v))
    pairs = zip((1,) * (rank - len(u)) + u, (1,) * (rank - len(v)) + v, strict=True)
    sizes = [max(m, n) if m == n or 1 in (m, n) else 0 for m, n in pairs]
    return None if 0 in sizes else tuple(sizes)


def _is_a_table(u: Shape, v: Shape) -> bool:
    """Whether a vector meets one column of several rows, which NumPy would make a table of all pairs."""
    vector, matrix = sorted((u, v), key=len)
    return len(vector) == 1 and len(matrix) == 2 and vector[0] > 1 and matrix[1] == 1 and matrix[0] > 1


def _about_meeting(node: Apply, u: Part, v: Part) -> str:
    vector, matrix = sorted((u, v), key=lambda part: len(part.shape))
    if len(vector.shape) == 1 and len(matrix.shape) == 2:
        return _about_a_row(vector, matrix)
    if len(u.shape) == len(v.shape) == 1:
        return f"{u} has {u.shape[0]} numbers and {v} has {v.shape[0]}: they do not meet entry by entry"
    text = f"{u} is {sized(u.shape)} and {v} is {sized(v.shape)}: they do not meet entry by entry"
    if node.operation == "multiply" and u.shape[1] == v.shape[0]:
        return f"{text}; the matrix product is written {text_of(Apply('matmul', (u.node, v.node)))}"
    turned = [part for part, other in ((v, u), (u, v)) if met(part.shape[::-1], other.shape) is not None]
    return f"{text}; {_transposed(turned[0])} would be {sized(turned[0].shape[::-1])}" if turned else text


def _about_a_row(vector: Part, matrix: Part) -> str:
    n, (rows, columns) = vector.shape[0], matrix.shape
    computed = isinstance(vector.node, Apply) and vector.node.operation in ("sum", "mean")
    as_column = (
        f"keep it a column with {text_of(vector.node)[:-1]}, keepdims=true)"
        if computed
        else f"make {vector} a column, {rows}×1: [[1], [2], …] in [values], keepdims=true in a sum"
    )
    if _is_a_table(vector.shape, matrix.shape):
        return (
            f"{vector} is a vector of {n}, a row beside the column {matrix}, {rows}×1:"
            f" NumPy would make a {rows}×{n} table of all pairs;"
            f" {as_column}"
        )
    text = f"{vector} has {n} numbers and the rows of {matrix}, {rows}×{columns}, have {columns}"
    return f"{text}; for one number a row, {as_column}" if n == rows else text


# -- operations of their own -----------------------------------------------------------------------


def _matmul(node: Apply, u: Part, v: Part) -> Shape:
    for part in (u, v):
        if not part.shape:
            raise AnswerError(
                f"{part} is a number, and '@' multiplies vectors and matrices; write *", node.column
            )
    shape = product(u.shape, v.shape)
    if shape is None:
        raise AnswerError(_about_product(u, v), node.column)
    return shape


def product(u: Shape, v: Shape) -> Shape | None:
    """The shape of u @ v; None where there is no such product."""
    inner = v[0]
    return u[:-1] + v[1:] if u[-1] == inner else None


def _about_product(u: Part, v: Part) -> str:
    left = f"{u} is {sized(u.shape)}" if len(u.shape) == 2 else f"{u} has {u.shape[0]} numbers"
    right = f"{v} has {v.shape[0]} {'rows' if len(v.shape) == 2 else 'numbers'}"
    text = f"{left} and {right}: the product {text_of(Apply('matmul', (u.node, v.node)))} does not exist"
    if len(u.shape) == len(v.shape) == 1:
        return f"{text}; outer({u}, {v}) does"
    turns = ((u, _turned(v)), (_turned(u), v), (v, u), (_turned(u), _turned(v)))
    fits = [pair for pair in turns if product(pair[0].shape, pair[1].shape) is not None]
    return f"{text}; {text_of(Apply('matmul', (fits[0][0].node, fits[0][1].node)))} does" if fits else text


def _turned(part: Part) -> Part:
    """The transpose; of a transpose what it was."""
    node = part.node
    if len(part.shape) < 2:
        return part
    back = isinstance(node, Apply) and node.operation == "transpose"
    turned = node.args[0] if isinstance(node, Apply) and back else Apply("transpose", (node,))
    return Part(turned, part.shape[::-1])


def _transposed(part: Part) -> str:
    return str(_turned(part))


def _transpose(node: Apply, u: Part) -> Shape:
    _need_an_array(node, u, "has no transpose")
    return u.shape[::-1]


def _reduced(node: Apply, u: Part) -> Shape:
    _need_an_array(node, u, f"leaves nothing to {_REDUCING[node.operation]}")
    _check_axis(node, u)
    axes = axes_of(node, len(u.shape))
    kept = [(1 if axis in axes else size, axis) for axis, size in enumerate(u.shape)]
    return tuple(size for size, axis in kept if node.keepdims or axis not in axes)


_REDUCING = MappingProxyType({"sum": "add up", "mean": "average", "var": "average"})


def _softmax(node: Apply, u: Part) -> Shape:
    _need_an_array(node, u, f"has no {node.operation}")
    _check_axis(node, u)
    if node.keepdims:
        raise AnswerError(f"{node.operation} keeps its operand's shape; leave keepdims out", node.column)
    return u.shape


def _outer(node: Apply, u: Part, v: Part) -> Shape:
    for part in (u, v):
        if len(part.shape) != 1:
            raise AnswerError(f"outer multiplies two vectors, and {part} is {sized(part.shape)}", node.column)
    return u.shape + v.shape


def _conv1d(node: Apply, x: Part, w: Part) -> Shape:
    """Each place where the whole of w lies on x; rows meet as entries do."""
    for part in (x, w):
        _need_an_array(node, part, "has no places to slide along")
    n, k = x.shape[-1], w.shape[-1]
    if k > n:
        found = (
            f"{_length(w)} and {_length(x)}: the second, the filter, slides along the first and is shorter"
        )
        raise AnswerError(f"{found}; conv1d({w}, {x}) would fit", node.column)
    rows = met(x.shape[:-1], w.shape[:-1])
    if rows is None:
        raise AnswerError(
            f"{x} has {x.shape[0]} rows and {w} has {w.shape[0]}: conv1d slides row on row,"
            " or one row for all; apply each filter in a step of its own",
            node.column,
        )
    return (*rows, n - k + 1)


def _length(part: Part) -> str:
    n = part.shape[-1]
    return f"{part} has {n} number{'s' if n > 1 else ''}{' a row' if len(part.shape) == 2 else ''}"


def _concat(node: Apply, first: Part, *others: Part) -> Shape:
    for part in (first, *others):
        _need_an_array(node, part, "cannot be joined to others")
        _check_axis(node, part)
    if node.keepdims:
        raise AnswerError("concat keeps its operands' axes; leave keepdims out", node.column)
    axis = joined_axis(node, len(first.shape))
    beside = first.shape[:axis] + first.shape[axis + 1 :]
    for part in others:
        if len(part.shape) != len(first.shape) or part.shape[:axis] + part.shape[axis + 1 :] != beside:
            raise AnswerError(_about_joining(first, part, axis), node.column)
    return (*first.shape[:axis], sum(part.shape[axis] for part in (first, *others)), *first.shape[axis + 1 :])


def _about_joining(u: Part, v: Part, axis: int) -> str:
    text = f"{u} is {sized(u.shape)} and {v} is {sized(v.shape)}"
    if len(u.shape) != len(v.shape):
        return f"{text}: a vector and a matrix are not joined; a row kept as a matrix is rows(A, 1)"
    other = 1 - axis
    fits = f"; axis={other} would join them" if u.shape[axis] == v.shape[axis] else ""
    way = "one below the other" if axis == 0 else "side by side"
    return f"{text}: they do not join {way}, along axis {axis}{fits}"


def _row(node: Apply, u: Part) -> Shape:
    _need_places(node, u)
    return u.shape[1:]


def _rows(node: Apply, u: Part) -> Shape:
    _need_places(node, u)
    return (len(node.places), *u.shape[1:])


def _need_places(node: Apply, u: Part) -> None:
    """A matrix that has all the rows that are taken of it."""
    _need_an_array(node, u, "has no rows")
    if len(u.shape) == 1:
        found = f"{u} is {sized(u.shape)}, not a matrix of rows; entry({u}, 1) is the first of its numbers"
        raise AnswerError(found, node.column)
    _check_places(node, u, (u.shape[0],) * len(node.places), ("row",) * len(node.places))


def _entry_of(node: Apply, u: Part) -> Shape:
    _need_an_array(node, u, "is its own only entry")
    if len(node.places) != len(u.shape):
        one = f"entry({u}, 1, 2), in row 1 and column 2" if len(u.shape) == 2 else f"entry({u}, 1)"
        raise AnswerError(f"{u} is {sized(u.shape)}; one of its numbers is {one}", node.column)
    _check_places(node, u, u.shape, ("row", "column") if len(u.shape) == 2 else ("entry",))
    return ()


def _check_places(node: Apply, u: Part, sizes: Sequence[int], words: Sequence[str]) -> None:
    for place, size, word in zip(node.places, sizes, words, strict=True):
        if place > size:
            raise AnswerError(
                f"{u} is {sized(u.shape)}: there is no {word} {place}, counted from 1 to {size}", node.column
            )


def _need_an_array(node: Apply, part: Part, what: str) -> None:
    if not part.shape:
        hint = f"; a vector's or matrix's shape is given in [graph.shapes]: {part} = [5, 2]"
        raise AnswerError(
            f"{part} is a number, which {what}{hint if isinstance(part.node, Name) else ''}", node.column
        )


def _check_axis(node: Apply, part: Part) -> None:
    rank = len(part.shape)
    if node.axis is not None and not -rank <= node.axis < rank:
        allowed = "only axis 0" if rank == 1 else "the axes 0 and 1"
        raise AnswerError(
            f"{part} is {sized(part.shape)} and has {allowed}; there is no axis {node.axis}", node.column
        )


_RULES: Mapping[str, Callable[..., Shape]] = MappingProxyType(
    {
        "matmul": _matmul,
        "transpose": _transpose,
        "sum": _reduced,
        "mean": _reduced,
        "var": _reduced,
        "softmax": _softmax,
        "log_softmax": _softmax,
        "outer": _outer,
        "conv1d": _conv1d,
        "concat": _concat,
        "row": _row,
        "rows": _rows,
        "entry": _entry_of,
    }
)
