"""The grammar's rules as nodes, each with its cost: one method for a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

from lark import Token as Terminal
from lark import Transformer, v_args

from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.nodes import (
    AXIS_FUNCTIONS,
    EVERY_OPERATION,
    OPERATIONS,
    Apply,
    Constant,
    Derivative,
    Name,
    Node,
    Number,
    Operation,
    Unspecified,
)
from derive.formula.text import text_of
from derive.formula.tokens import Token, quoted

_BINARY = MappingProxyType(
    {
        "PLUS": "add",
        "MINUS": "subtract",
        "TIMES": "multiply",
        "DIVIDE": "divide",
        "MATMUL": "matmul",
        "POWER": "power",
    }
)

MOST_PLACE = 10**9
"""Of a row or an entry; no array is so long."""

MOST_PRIMES = 2
"""Of a call in a text; what is derived from it may have more."""


@dataclass(frozen=True, slots=True)
class Part:
    """A node and what it costs."""

    node: Node
    size: limits.Size


@v_args(inline=True)
class FormulaRules(Transformer[Terminal, Part]):
    """One method for each rule and alias that a file's formulas need."""

    def number(self, literal: Terminal) -> Part:
        return number_part(limits.literal(literal.value.text, literal.value.column))

    def constant(self, word: Terminal) -> Part:
        return Part(Constant(word.value.value), limits.CONSTANT)

    def name(self, quantity: Name) -> Part:
        return Part(quantity, limits.NAME)

    def binary(self, left: Part, sign: Terminal, right: Part) -> Part:
        return applied(_BINARY[sign.type], (left, right), sign.value)

    def negate(self, sign: Terminal, operand: Part) -> Part:
        return applied("negate", (operand,), sign.value)

    def plus(self, _: Terminal, operand: Part) -> Part:
        return operand

    def superscript(self, base: Part, raised: Terminal) -> Part:
        token: Token = raised.value
        exponent = number_part(limits.literal(token.value.removeprefix("-"), token.column))
        if token.value.startswith("-"):
            exponent = applied("negate", (exponent,), token)
        return applied("power", (base, exponent), token)

    def transpose(self, operand: Part, mark: Terminal) -> Part:
        return applied("transpose", (operand,), mark.value)

    def group(self, _open: Terminal, inner: Part, _close: Terminal) -> Part:
        return inner

    def call(self, function: Terminal, *bracketed: Part | Terminal) -> Part:
        token: Token = function.value
        row = EVERY_OPERATION[token.value]
        operands = tuple(part for part in bracketed if isinstance(part, Part))
        keywords = [part.value for part in bracketed if isinstance(part, Terminal) and part.type == "KEYWORD"]
        if row.places:
            return keyed(_placed(row, operands, token), keywords, token)
        if not row.least <= len(operands) <= row.most:
            allowed = str(row.least) if row.least == row.most else f"{row.least} to {row.most}"
            plural = "" if row.most == 1 else "s"
            raise AnswerError(
                f"'{token.text}' takes {allowed} operand{plural}, not {len(operands)}", token.column
            )
        return keyed(applied(row.name, operands, token), keywords, token)

    def unspecified(self, function: Terminal, *bracketed: Part | Terminal) -> Part:
        token: Token = function.value
        operands = tuple(part for part in bracketed if isinstance(part, Part))
        if len(operands) != 1:
            raise AnswerError(f"'{token.text}' takes 1 operand, not {len(operands)}", token.column)
        primes = next((str(mark) for mark in bracketed if getattr(mark, "type", "") == "PRIMES"), "")
        order = len(primes) + (token.kind == "SLOPE")
        if order > MOST_PRIMES:
            found = f"'{token.value}' with {order} primes; derivatives are called up to {token.value}''"
            raise AnswerError(found, token.column)
        size = limits.size_of_operation("unspecified", [operands[0].size], token.column)
        return Part(Unspecified(token.value, order, (operands[0].node,)), size)

    def index(self, *bracketed: Terminal) -> tuple[int, ...]:
        return tuple(int(terminal) for terminal in bracketed if terminal.type == "INTEGER")

    def quantity(self, name: Terminal, *marks: tuple[int, ...] | Terminal) -> Name:
        index = next((mark for mark in marks if isinstance(mark, tuple)), ())
        signs = {mark.type: str(mark) for mark in marks if isinstance(mark, Terminal)}
        token: Token = name.value
        return Name(token.value, index, signs.get("SAMPLE"), len(signs.get("PRIMES", "")), token.column)

    def derivative(self, *words: Terminal | Name) -> Part:
        above = cast(Terminal, words[0]).value
        names: list[Name] = []
        for word in words:
            if isinstance(word, Name):
                names.append(word)
            elif word.type == "AGAIN":
                names += names[-1:] * (int(word.value.value) - 1)
        of, *by = names
        if len(by) != int(above.value):
            raise AnswerError(
                f"'{above.text}{of.base}' takes {above.value} differentials below the stroke, not {len(by)}",
                above.column,
            )
        return Part(Derivative(of, tuple(by)), limits.NAME)


def number_part(number: Number) -> Part:
    """A number with its size."""
    return Part(number, limits.size_of_number(number.value))


def applied(operation: str, operands: tuple[Part, ...], at: Token) -> Part:
    """An operation on operands, where it costs no more than is allowed."""
    size = limits.size_of_operation(operation, [part.size for part in operands], at.column)
    return Part(Apply(operation, tuple(part.node for part in operands), column=at.column), size)


def _placed(row: Operation, bracketed: Sequence[Part], function: Token) -> Part:
    """An operand with the places that are taken of it: row(E, 3), rows(E, 3, 1, 3)."""
    operand, *named = bracketed
    if not 1 <= len(named) <= row.places:
        allowed = "1 number" if row.places == 1 else f"1 to {row.places} numbers"
        raise AnswerError(
            f"'{function.text}' takes {allowed} after its operand, not {len(named)}: {_first(function)}",
            function.column,
        )
    call = applied(row.name, (operand,), function)
    places = tuple(_place(part.node, function) for part in named)
    return replace(call, node=replace(cast(Apply, call.node), places=places))


def _place(node: Node, function: Token) -> int:
    """A whole number from 1, as it stands in the text."""
    if isinstance(node, Number) and node.value.denominator == 1 and 1 <= node.value <= MOST_PLACE:
        return node.value.numerator
    found = quoted(text_of(node))
    raise AnswerError(
        f"{found} is no place: {_first(function)}, and others are whole numbers", function.column
    )


def _first(function: Token) -> str:
    return f"{function.text}(E, 1) is the first"


def keyed(call: Part, keywords: Sequence[Token], function: Token) -> Part:
    """A call with its `axis` and `keepdims`."""
    node = call.node
    for keyword in keywords:
        word, value = keyword.value.split(" ")
        if not isinstance(node, Apply) or node.operation not in AXIS_FUNCTIONS:
            why = "works entry by entry and " if function.value in OPERATIONS else ""
            raise AnswerError(f"'{function.text}' {why}takes no {word}", keyword.column)
        if word == "keepdims":
            node = replace(node, keepdims=bool(value))
        elif node.axis is None:
            node = replace(node, axis=int(value))
        else:
            raise AnswerError(f"'{function.text}' takes one axis", keyword.column)
    return replace(call, node=node)
