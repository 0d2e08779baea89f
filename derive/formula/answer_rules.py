"""What answers alone are made of: conditions, sums, matrices, functions of other languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import cast

from derive.errors import AnswerError
from derive.formula import builder, limits
from derive.formula.builder import Part, applied, keyed, number_part
from derive.formula.nodes import (
    Activation,
    Apply,
    Counted,
    Letter,
    Matrix,
    Node,
    Number,
    Slope,
    Sum,
    Unspecified,
)
from derive.formula.tokens import Token

_COMPARISONS: Mapping[str, str] = MappingProxyType(
    {
        "<": "less",
        ">": "greater",
        "<=": "less_equal",
        ">=": "greater_equal",
        "=": "equal",
        "!=": "unequal",
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """What is called with one operand: an activation or a named function, differentiated `order` times.

    function  empty for the activation of `layer`
    """

    function: str
    layer: Counted | None
    order: int


@dataclass(frozen=True, slots=True)
class Running:
    """Over what a Σ runs: its letter, and its limits where they are written."""

    letter: str
    lower: Node | None = None
    upper: Node | None = None


def letter(word: Token) -> Part:
    """A quantity that is looked up already."""
    return Part(cast(Letter, word.meant), limits.NAME)


def cross(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """u × v, and u ⊗ v."""
    (sign,) = tokens
    return applied("outer" if sign.value == "outer" else "cross", operands, sign)


def comparison(tokens: Sequence[Token], sides: Sequence[Part]) -> Part:
    """a < b <= c, each side with the next."""
    whole, *others = [
        applied(_COMPARISONS[sign.value], pair, sign)
        for sign, pair in zip(tokens, pairwise(sides), strict=True)
    ]
    for sign, other in zip(tokens[1:], others, strict=True):
        whole = applied("both", (whole, other), sign)
    return whole


def activation(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """The activation of a layer or a named function, or its derivative, of one operand."""
    (word,), (operand,) = tokens, operands
    head = cast(Head, word.meant)
    size = limits.size_of_operation("unspecified", [operand.size], word.column)
    args = (operand.node,)
    if head.function:
        return Part(Unspecified(head.function, head.order, args), size)
    return Part(Activation(head.layer, head.order, args), size)


def differentiated(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """d(u)/dw, and d/dw u."""
    (word,), (operand,) = tokens, operands
    size = limits.size_of_operation("slope", [operand.size], word.column)
    return Part(Slope(operand.node, cast(tuple[Letter, ...], word.meant)), size)


def summed(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """Σ over a running letter."""
    (sign,), (body,) = tokens, operands
    over = cast(Running, sign.meant)
    size = limits.size_of_operation("sum", [body.size], sign.column)
    return Part(Sum(over.letter, body.node, over.lower, over.upper), size)


def bracketed(tokens: Sequence[Token], inner: Sequence[Part]) -> Part:
    """(a), or the vector (a, b)."""
    return inner[0] if len(inner) == 1 else _matrix([[entry] for entry in inner], tokens[0])


def listed(tokens: Sequence[Token], inner: Sequence[Part]) -> Part:
    """[a, b], or a matrix as the list of its rows."""
    (bracket,) = tokens
    items = tuple(inner)
    if all(item.items for item in items):
        return _matrix([item.items for item in items], bracket)
    if len(items) == 1:
        return items[0]._replace(items=items)  # [a - y] is a bracket
    return _matrix([[item] for item in items], bracket)._replace(items=items)


def call(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """A function of its operands, in whatever language it is spelled."""
    function, *keywords = tokens
    spelled = _SPELLED.get(function.value)
    if spelled is None:
        return builder.call(tokens, operands)
    if not spelled.count <= len(operands) <= spelled.most:
        plural = "" if spelled.count == 1 else "s"
        said = f"'{function.text}' takes {spelled.count} operand{plural}, not {len(operands)}"
        raise AnswerError(said, function.column)
    return keyed(spelled.make(operands, function), keywords, function)


def _matrix(rows: Sequence[Sequence[Part]], bracket: Token) -> Part:
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        found = " and ".join(map(str, sorted(widths)))
        raise AnswerError(f"the rows of this matrix have {found} entries; all have as many", bracket.column)
    if len(rows) > MOST_ROWS or max(widths) > MOST_ROWS:
        raise AnswerError(f"a matrix has at most {MOST_ROWS} rows and columns here", bracket.column)
    node = Matrix(tuple(tuple(part.node for part in row) for row in rows))
    sizes = [part.size for row in rows for part in row]
    return Part(node, limits.size_of_operation("array", sizes, bracket.column))


MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A function of another language by what it is here; it has `count` operands, and `further` at most."""

    count: int
    make: Callable[[Sequence[Part], Token], Part]
    further: int = 0

    @property
    def most(self) -> int:
        return self.count + self.further


def _as(operation: str, count: int) -> _Spelled:
    return _Spelled(count, lambda parts, at: applied(operation, parts, at))


def _constant(number: int) -> Part:
    return number_part(Number(Fraction(number), str(number)))


def _log(base: int) -> _Spelled:
    def make(parts: Sequence[Part], at: Token) -> Part:
        return applied("divide", (applied("log", parts, at), applied("log", (_constant(base),), at)), at)

    return _Spelled(1, make)


def _heaviside(parts: Sequence[Part], at: Token) -> Part:
    """np.heaviside(u, v): 0 below 0, v at 0, 1 above."""
    u, v = parts
    zero = _constant(0)
    below, above = applied("less", (u, zero), at), applied("greater", (u, zero), at)
    return applied("cases", (zero, below, _constant(1), above, v), at)


def _sign(parts: Sequence[Part], at: Token) -> Part:
    """sgn(u): -1, 0 or 1."""
    zero, one = _constant(0), _constant(1)
    below, above = applied("less", (*parts, zero), at), applied("greater", (*parts, zero), at)
    return applied("cases", (applied("negate", (one,), at), below, one, above, zero), at)


def _ratio(above: str, below: str) -> _Spelled:
    """A quotient of two functions of one operand, or of 1 and a function."""

    def make(parts: Sequence[Part], at: Token) -> Part:
        over = applied(above, parts, at) if above else _constant(1)
        return applied("divide", (over, applied(below, parts, at)), at)

    return _Spelled(1, make)


def _ones(parts: Sequence[Part], at: Token) -> Part:
    """np.ones(3), np.ones((4, 1)), ones(4, 1)"""
    nodes = [part.node for part in parts]
    if isinstance(nodes[0], Matrix) and len(nodes) == 1:
        nodes = [row[0] for row in nodes[0].rows]
    sizes = tuple(
        node.value.numerator for node in nodes if isinstance(node, Number) and node.value.denominator == 1
    )
    if not 1 <= len(sizes) == len(nodes) <= 2 or not all(1 <= size <= MOST_ROWS for size in sizes):
        raise AnswerError(
            f"'{at.text}' takes one or two sizes from 1 to {MOST_ROWS}, as in np.ones((4, 1))", at.column
        )
    return Part(Apply("ones", (), places=sizes), limits.CONSTANT)


def _length(parts: Sequence[Part], at: Token) -> Part:
    """len(Y), Y.shape[1]"""
    array, *axis = parts
    number = axis[0].node if axis else Number(Fraction(0), "0")
    if not isinstance(number, Number) or number.value not in (0, 1):
        raise AnswerError("an array has the axes 0 and 1", at.column)
    return Part(Apply("length", (array.node,), axis=int(number.value), column=at.column), limits.CONSTANT)


_SPELLED: Mapping[str, _Spelled] = MappingProxyType(
    {
        "array": _Spelled(1, lambda parts, _: parts[0]),
        "add": _as("add", 2),
        "subtract": _as("subtract", 2),
        "multiply": _as("hadamard", 2),
        "divide": _as("divide", 2),
        "power": _as("power", 2),
        "negative": _as("negate", 1),
        "dot": _as("dot", 2),
        "transpose": _as("transpose", 1),
        "trace": _as("trace", 1),
        "square": _Spelled(1, lambda parts, at: applied("power", (*parts, _constant(2)), at)),
        "reciprocal": _Spelled(1, lambda parts, at: applied("divide", (_constant(1), *parts), at)),
        "log1p": _Spelled(
            1, lambda parts, at: applied("log", (applied("add", (_constant(1), *parts), at),), at)
        ),
        "expm1": _Spelled(
            1, lambda parts, at: applied("subtract", (applied("exp", parts, at), _constant(1)), at)
        ),
        "log2": _log(2),
        "log10": _log(10),
        "where": _Spelled(3, lambda parts, at: applied("cases", (parts[1], parts[0], parts[2]), at)),
        "heaviside": _Spelled(2, _heaviside),
        "sign": _Spelled(1, _sign),
        "sech": _ratio("", "cosh"),
        "csch": _ratio("", "sinh"),
        "coth": _ratio("cosh", "sinh"),
        "sec": _ratio("", "cos"),
        "csc": _ratio("", "sin"),
        "cot": _ratio("cos", "sin"),
        "ones": _Spelled(1, _ones, further=1),
        "ones_like": _as("ones", 1),
        "len": _Spelled(1, _length),
        "shape": _Spelled(1, _length, further=1),
    }
)

SPELLED = frozenset(_SPELLED)
"""Functions of other languages that are operations here."""
