"""The operands that a formula is made of, as nodes, each with its cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple, cast

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

MOST_PLACE = 10**9
"""Of a row or an entry; no array is so long."""

MOST_PRIMES = 2
"""Of a call in a text; what is derived from it may have more."""


class Part(NamedTuple):
    """A node and what it costs; and the items, where it is a list in square brackets."""

    node: Node
    size: limits.Size
    items: tuple[Part, ...] = ()


Make = Callable[[Sequence[Token], Sequence[Part]], Part]
"""What makes one operand of others: the first token is the sign or the function that does."""


def applied(operation: str, operands: Sequence[Part], at: Token) -> Part:
    """An operation on operands, where it costs no more than is allowed."""
    size = limits.size_of_operation(operation, [part.size for part in operands], at.column)
    return Part(Apply(operation, tuple([part.node for part in operands]), column=at.column), size)


def operation(name: str) -> Make:
    """A sign that is one operation."""
    return lambda tokens, operands: applied(name, operands, tokens[0])


def number_part(number: Number) -> Part:
    """A number with its size."""
    return Part(number, limits.size_of_number(number.value))


_USUAL: Mapping[str, Part] = MappingProxyType(
    {text: number_part(limits.literal(text, 0)) for text in map(str, range(101))}
)
"""The numbers that most formulas have."""


def number(literal: Token) -> Part:
    """0.10, exactly 1/10."""
    return _USUAL.get(literal.text) or number_part(limits.literal(literal.text, literal.column))


def constant(word: Token) -> Part:
    """e or pi."""
    return Part(Constant(word.value), limits.CONSTANT)


def quantity(name: Name) -> Part:
    """A name that is not looked up yet."""
    return Part(name, limits.NAME)


def superscript(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """The ² and ⁻¹ of x² and x⁻¹."""
    (raised,) = tokens
    exponent = number_part(limits.literal(raised.value.removeprefix("-"), raised.column))
    if raised.value.startswith("-"):
        exponent = applied("negate", (exponent,), raised)
    return applied("power", (*operands, exponent), raised)


def call(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """A function of its operands, with the keywords that follow it among the tokens."""
    function, *keywords = tokens
    row = EVERY_OPERATION[function.value]
    if row.places:
        return keyed(_placed(row, operands, function), keywords, function)
    if not row.least <= len(operands) <= row.most:
        allowed = str(row.least) if row.least == row.most else f"{row.least} to {row.most}"
        plural = "" if row.most == 1 else "s"
        raise AnswerError(
            f"'{function.text}' takes {allowed} operand{plural}, not {len(operands)}", function.column
        )
    return keyed(applied(row.name, operands, function), keywords, function)


def unspecified(tokens: Sequence[Token], operands: Sequence[Part]) -> Part:
    """phi(u), phi''(u) and dphi(u); the primes follow the function among the tokens."""
    function, *primes = tokens
    if len(operands) != 1:
        raise AnswerError(f"'{function.text}' takes 1 operand, not {len(operands)}", function.column)
    order = sum(len(mark.value) for mark in primes) + (function.kind == "SLOPE")
    if order > MOST_PRIMES:
        found = f"'{function.value}' with {order} primes; derivatives are called up to {function.value}''"
        raise AnswerError(found, function.column)
    (operand,) = operands
    size = limits.size_of_operation("unspecified", [operand.size], function.column)
    return Part(Unspecified(function.value, order, (operand.node,)), size)


def derivative(above: Token, of: Name, by: Sequence[Name]) -> Part:
    """dC/dw, or d2C/dxdy with each name as often as it is differentiated by."""
    if len(by) != int(above.value):
        raise AnswerError(
            f"'{above.text}{of.base}' takes {above.value} differentials below the stroke, not {len(by)}",
            above.column,
        )
    return Part(Derivative(of, tuple(by)), limits.NAME)


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
    return call._replace(node=replace(cast(Apply, call.node), places=places))


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
    return call._replace(node=node)
