"""The grammar's rules that answers alone have: links, conditions, sums, matrices, methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import cast

from lark import Token as Terminal
from lark import v_args

from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.builder import FormulaRules, Part, applied, keyed, number_part
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

_SIGNS: Mapping[str, str] = MappingProxyType(
    {"BESIDE": "juxtapose", "DOT": "dot", "CROSS": "cross", "HADAMARD": "hadamard", "ENTRYWISE": "hadamard"}
)

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


@dataclass(frozen=True, slots=True)
class _List(Part):
    """Items between square brackets, which may turn out to be a row."""

    items: tuple[Part, ...] = ()


@v_args(inline=True)
class EveryRule(FormulaRules):
    """One method for each rule and alias of grammar.lark."""

    def links(self, *sides: Part | Terminal) -> tuple[Part, ...]:
        return tuple(part for part in sides if isinstance(part, Part))

    def letter(self, word: Terminal) -> Part:
        return Part(word.value.meant, limits.NAME)

    def binary(self, left: Part, sign: Terminal, right: Part) -> Part:
        token: Token = sign.value
        if sign.type in _SIGNS:
            operation = "outer" if token.value == "outer" else _SIGNS[sign.type]
            return applied(operation, (left, right), token)
        return super().binary(left, sign, right)

    def activation(self, word: Terminal, _open: Terminal, operand: Part, _close: Terminal) -> Part:
        token: Token = word.value
        head = cast(Head, token.meant)
        size = limits.size_of_operation("unspecified", [operand.size], token.column)
        args = (operand.node,)
        if head.function:
            return Part(Unspecified(head.function, head.order, args), size)
        return Part(Activation(head.layer, head.order, args), size)

    def differentiated(self, word: Terminal, _open: Terminal, operand: Part, _close: Terminal) -> Part:
        return self.differentiating(word, operand)

    def differentiating(self, word: Terminal, operand: Part) -> Part:
        token: Token = word.value
        size = limits.size_of_operation("slope", [operand.size], token.column)
        return Part(Slope(operand.node, cast(tuple[Letter, ...], token.meant)), size)

    def summed(self, sign: Terminal, body: Part) -> Part:
        token: Token = sign.value
        over = cast(Running, token.meant)
        size = limits.size_of_operation("sum", [body.size], token.column)
        return Part(Sum(over.letter, body.node, over.lower, over.upper), size)

    def choice(self, value: Part, sign: Terminal, condition: Part, _else: Terminal, other: Part) -> Part:
        return applied("cases", (value, condition, other), sign.value)

    def comparison(self, first: Part, *rest: Part | Terminal) -> Part:
        left, found = first, list[tuple[Part, Token]]()
        for sign, right in zip(rest[::2], rest[1::2], strict=True):
            token = cast(Token, cast(Terminal, sign).value)
            sides = (left, cast(Part, right))
            found.append((applied(_COMPARISONS[token.value], sides, token), token))
            left = cast(Part, right)
        whole, *others = found
        part = whole[0]
        for other, token in others:
            part = applied("both", (part, other), token)
        return part

    def both(self, left: Part, sign: Terminal, right: Part) -> Part:
        return applied("both", (left, right), sign.value)

    def vector(self, bracket: Terminal, *inner: Part | Terminal) -> Part:
        entries = [part for part in inner if isinstance(part, Part)]
        return _matrix([[entry] for entry in entries], bracket.value)

    def listed(self, bracket: Terminal, *inner: Part | Terminal) -> Part:
        items = tuple(part for part in inner if isinstance(part, Part))
        if all(isinstance(item, _List) for item in items):
            rows = [cast(_List, item).items for item in items]
            return _matrix(rows, bracket.value)
        if len(items) == 1:
            return _List(items[0].node, items[0].size, items)  # [a - y] is a bracket
        column = _matrix([[item] for item in items], bracket.value)
        return _List(column.node, column.size, items)

    def call(self, function: Terminal, *bracketed: Part | Terminal) -> Part:
        token: Token = function.value
        spelled = _SPELLED.get(token.value)
        if spelled is None:
            return super().call(function, *bracketed)
        found = tuple(part for part in bracketed if isinstance(part, Part))
        if not spelled.count <= len(found) <= spelled.most:
            plural = "" if spelled.count == 1 else "s"
            said = f"'{token.text}' takes {spelled.count} operand{plural}, not {len(found)}"
            raise AnswerError(said, token.column)
        keywords = [part.value for part in bracketed if isinstance(part, Terminal) and part.type == "KEYWORD"]
        return keyed(spelled.make(found, token), keywords, token)

    def method(self, subject: Part, function: Terminal, *bracketed: Part | Terminal) -> Part:
        return self.call(function, subject, *bracketed)


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
    make: Callable[[tuple[Part, ...], Token], Part]
    further: int = 0

    @property
    def most(self) -> int:
        return self.count + self.further


def _as(operation: str, count: int) -> _Spelled:
    return _Spelled(count, lambda parts, at: applied(operation, parts, at))


def _constant(number: int) -> Part:
    return number_part(Number(Fraction(number), str(number)))


def _log(base: int) -> _Spelled:
    def make(parts: tuple[Part, ...], at: Token) -> Part:
        return applied("divide", (applied("log", parts, at), applied("log", (_constant(base),), at)), at)

    return _Spelled(1, make)


def _heaviside(parts: tuple[Part, ...], at: Token) -> Part:
    """np.heaviside(u, v): 0 below 0, v at 0, 1 above."""
    u, v = parts
    zero = _constant(0)
    below, above = applied("less", (u, zero), at), applied("greater", (u, zero), at)
    return applied("cases", (zero, below, _constant(1), above, v), at)


def _sign(parts: tuple[Part, ...], at: Token) -> Part:
    """sgn(u): -1, 0 or 1."""
    zero, one = _constant(0), _constant(1)
    below, above = applied("less", (*parts, zero), at), applied("greater", (*parts, zero), at)
    return applied("cases", (applied("negate", (one,), at), below, one, above, zero), at)


def _ratio(above: str, below: str) -> _Spelled:
    """A quotient of two functions of one operand, or of 1 and a function."""

    def make(parts: tuple[Part, ...], at: Token) -> Part:
        over = applied(above, parts, at) if above else _constant(1)
        return applied("divide", (over, applied(below, parts, at)), at)

    return _Spelled(1, make)


def _ones(parts: tuple[Part, ...], at: Token) -> Part:
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


def _length(parts: tuple[Part, ...], at: Token) -> Part:
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
