"""The names that texts are read with in the tests of the grammar, and what is said of a text that is refused."""

from __future__ import annotations

import pytest

from derive.errors import AnswerError
from derive.formula import Scope, parse
from derive.formula.answer_rules import Running
from derive.formula.nodes import Apply, Constant, Letter, Node, Number
from derive.formula.tokens import Token

ALIASES = {"sigma": "sigmoid", "ln": "log"}
NETWORK = Scope(
    frozenset(
        {"x", "y", "w1", "w2", "b1", "z1", "z2", "a1", "a2", "a", "C", "E", "w5", "w6", "h1", "a_h1"}
        | {"net_o1", "J", "d", "b", "g2", "d3", "delta2"}
    ),
    aliases=ALIASES,
    quantities=True,
)
GRAPH = Scope(frozenset({"a", "b", "d", "n", "x", "dx"}), aliases=ALIASES)


SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "^"}


def bracketed(node: Node) -> str:
    """A formula with every operation in brackets."""
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Constant):
        return node.name
    if not isinstance(node, Apply):
        return str(node)
    operands = [bracketed(operand) for operand in node.args]
    if node.operation in SIGNS:
        return f"({operands[0]} {SIGNS[node.operation]} {operands[1]})"
    if node.operation == "negate":
        return f"(-{operands[0]})"
    return f"{node.operation}({', '.join(operands)})"


def refusal(text: str, scope: Scope = NETWORK) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        parse(text, scope)
    return caught.value


# precedence


_VALUES = {"FUNCTION": "max", "COMPARE": "<"}
_MEANT = {"LETTER": Letter("w"), "SUMMATION": Running("k")}


def tokens_of(kinds: str) -> tuple[Token, ...]:
    """The tokens of an answer that has such kinds of signs, each a column wide."""
    return tuple(
        Token(kind, _VALUES.get(kind, ""), kind, column, _MEANT.get(kind))
        for column, kind in enumerate(kinds.split(), 1)
    )
