"""Tokens to nodes: the grammar's rules, and what to say where none fits.

The LALR parser is built once, when the first formula is read. Its callbacks
make the nodes as it reduces, bottom-up and without recursion, and the cost of
every node is settled before it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, cast

from lark import Lark, Transformer, UnexpectedToken, v_args
from lark import Token as Terminal
from lark.lexer import Lexer, LexerState

from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.nodes import (
    AXIS_FUNCTIONS,
    EVERY_OPERATION,
    FUNCTIONS,
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
from derive.formula.tokens import KEYWORD, Scope, Token, is_identifier, quoted, tokenise

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


def parse(text: str, scope: Scope) -> Node:
    """The formula that a text states within a scope.

    Raises AnswerError, with the column, for anything that is not one formula.
    """
    limits.check_length(text)
    return _formula(text, scope)


def parse_assignment(text: str, scope: Scope) -> tuple[str, Node]:
    """The name and the formula of `name = formula`.

    The name is a plain word, which the scope need not hold.

    Raises AnswerError, with the column, for anything that is not one assignment.
    """
    limits.check_length(text)
    left, equals, _ = text.partition("=")
    target = left.strip()
    column = len(left) - len(left.lstrip()) + 1
    if not target and not equals:
        raise AnswerError("the step is empty; it is written like a = x^2", 1)
    if not equals:
        raise AnswerError("no '=' stands here; a step is written like a = x^2", len(text) + 1)
    others = [i for i in _equals_signs(text, scope) if i > len(left)]
    if others:
        raise AnswerError("a step has one '=', as in a = x^2; here is another", others[0] + 1)
    if not is_identifier(target):
        raise AnswerError(f"left of '=' stands one plain name, not {quoted(target)}", column)
    if target in FUNCTIONS:
        raise AnswerError(f"'{target}' is a function; choose another name left of '='", column)
    return target, _formula(text, scope, start=len(left) + 1)


def parse_equation(text: str, scope: Scope) -> tuple[Node, Node]:
    """Both sides of `formula = formula`.

    Raises AnswerError, with the column, for anything that is not one equation.
    """
    limits.check_length(text)
    signs = _equals_signs(text, scope)
    if not signs:
        raise AnswerError("no '=' stands here; an equation is written like p + q = 1", len(text) + 1)
    if len(signs) > 1:
        raise AnswerError("an equation has one '='; here is another", signs[1] + 1)
    return _formula(text[: signs[0]], scope), _formula(text, scope, start=signs[0] + 1)


def _equals_signs(text: str, scope: Scope) -> list[int]:
    """Where '=' stands between formulas; the one of sum(u, axis=0) does not."""
    bare = KEYWORD.sub(lambda keyword: " " * len(keyword[0]), text) if scope.arrays else text
    return [i for i, sign in enumerate(bare) if sign == "="]


def _formula(text: str, scope: Scope, start: int = 0) -> Node:
    tokens = tokenise(text, scope, start)
    if not tokens:
        raise AnswerError(f"the formula is empty; {_EXPECTED}", start + 1)
    try:
        return cast(_Part, _parser().parse(tokens)).node
    except UnexpectedToken as error:
        ends = error.token.type == "$END"
        position = len(tokens) if ends else tokens.index(error.token.value)
        column = len(text) + 1 if ends else tokens[position].column
        raise AnswerError(_complaint(tokens, position, error.expected), column) from None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark.open_from_package(
        "derive.formula", "grammar.lark", parser="lalr", lexer=_Given, transformer=_Builder()
    )


class _Given(Lexer):
    """Hands lark the tokens that are made already; each terminal carries its own."""

    __future_interface__ = 1

    def __init__(self, _: object) -> None:
        """lark offers the grammar's terminals, which are all declared and have no pattern."""

    def lex(self, lexer_state: LexerState, _parser_state: object) -> Iterator[Terminal]:
        for token in cast(Sequence[Token], lexer_state.text):
            yield Terminal(token.kind, token, column=token.column)


@dataclass(frozen=True, slots=True)
class _Part:
    """A node and what it costs."""

    node: Node
    size: limits.Size


@v_args(inline=True)
class _Builder(Transformer[Terminal, _Part]):
    """One method for each rule and alias of grammar.lark."""

    def number(self, literal: Terminal) -> _Part:
        return _number(limits.literal(literal.value.text, literal.value.column))

    def constant(self, word: Terminal) -> _Part:
        return _Part(Constant(word.value.value), limits.CONSTANT)

    def name(self, quantity: Name) -> _Part:
        return _Part(quantity, limits.NAME)

    def binary(self, left: _Part, sign: Terminal, right: _Part) -> _Part:
        return _apply(_BINARY[sign.type], (left, right), sign.value)

    def negate(self, sign: Terminal, operand: _Part) -> _Part:
        return _apply("negate", (operand,), sign.value)

    def plus(self, _: Terminal, operand: _Part) -> _Part:
        return operand

    def superscript(self, base: _Part, raised: Terminal) -> _Part:
        token: Token = raised.value
        exponent = _number(limits.literal(token.value.removeprefix("-"), token.column))
        if token.value.startswith("-"):
            exponent = _apply("negate", (exponent,), token)
        return _apply("power", (base, exponent), token)

    def transpose(self, operand: _Part, mark: Terminal) -> _Part:
        return _apply("transpose", (operand,), mark.value)

    def group(self, _open: Terminal, inner: _Part, _close: Terminal) -> _Part:
        return inner

    def call(self, function: Terminal, *bracketed: _Part | Terminal) -> _Part:
        token: Token = function.value
        row = EVERY_OPERATION[token.value]
        operands = tuple(part for part in bracketed if isinstance(part, _Part))
        keywords = [part.value for part in bracketed if isinstance(part, Terminal) and part.type == "KEYWORD"]
        if row.places:
            return _keyed(_placed(row, operands, token), keywords, token)
        if not row.least <= len(operands) <= row.most:
            allowed = str(row.least) if row.least == row.most else f"{row.least} to {row.most}"
            plural = "" if row.most == 1 else "s"
            raise AnswerError(
                f"'{token.text}' takes {allowed} operand{plural}, not {len(operands)}", token.column
            )
        return _keyed(_apply(row.name, operands, token), keywords, token)

    def unspecified(self, function: Terminal, *bracketed: _Part | Terminal) -> _Part:
        token: Token = function.value
        operands = tuple(part for part in bracketed if isinstance(part, _Part))
        if len(operands) != 1:
            raise AnswerError(f"'{token.text}' takes 1 operand, not {len(operands)}", token.column)
        primes = next((str(mark) for mark in bracketed if getattr(mark, "type", "") == "PRIMES"), "")
        order = len(primes) + (token.kind == "SLOPE")
        if order > MOST_PRIMES:
            found = f"'{token.value}' with {order} primes; derivatives are called up to {token.value}''"
            raise AnswerError(found, token.column)
        size = limits.size_of_operation("unspecified", [operands[0].size], token.column)
        return _Part(Unspecified(token.value, order, (operands[0].node,)), size)

    def index(self, *bracketed: Terminal) -> tuple[int, ...]:
        return tuple(int(terminal) for terminal in bracketed if terminal.type == "INTEGER")

    def quantity(self, name: Terminal, *marks: tuple[int, ...] | Terminal) -> Name:
        index = next((mark for mark in marks if isinstance(mark, tuple)), ())
        signs = {mark.type: str(mark) for mark in marks if isinstance(mark, Terminal)}
        token: Token = name.value
        return Name(token.value, index, signs.get("SAMPLE"), len(signs.get("PRIMES", "")), token.column)

    def derivative(self, *words: Terminal | Name) -> _Part:
        of, *by = (word for word in words if isinstance(word, Name))
        above = cast(Terminal, words[0]).value
        if len(by) != int(above.value):
            raise AnswerError(
                f"'{above.text}{of.base}' takes {above.value} differentials below the stroke, not {len(by)}",
                above.column,
            )
        return _Part(Derivative(of, tuple(by)), limits.NAME)


def _number(number: Number) -> _Part:
    return _Part(number, limits.size_of_number(number.value))


def _apply(operation: str, operands: tuple[_Part, ...], at: Token) -> _Part:
    size = limits.size_of_operation(operation, [part.size for part in operands], at.column)
    return _Part(Apply(operation, tuple(part.node for part in operands), column=at.column), size)


def _placed(row: Operation, bracketed: Sequence[_Part], function: Token) -> _Part:
    """An operand with the places that are taken of it: row(E, 3), rows(E, 3, 1, 3)."""
    operand, *named = bracketed
    if not 1 <= len(named) <= row.places:
        allowed = "1 number" if row.places == 1 else f"1 to {row.places} numbers"
        raise AnswerError(
            f"'{function.text}' takes {allowed} after its operand, not {len(named)}: {_first(function)}",
            function.column,
        )
    call = _apply(row.name, (operand,), function)
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


def _keyed(call: _Part, keywords: Sequence[Token], function: Token) -> _Part:
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


class _Row(NamedTuple):
    """A sentence for a terminal that was found where it cannot stand.

    possible  a terminal that could have stood there, which tells the places apart
    before    kinds of what stands before it; empty for any
    found     kinds of the terminal itself; empty for any
    """

    possible: str
    before: Set[str]
    found: Set[str]
    sentence: str


_ANY: frozenset[str] = frozenset()
_OPERAND = frozenset(
    {"NUMBER", "CONSTANT", "FUNCTION", "UNSPECIFIED", "SLOPE", "NAME", "DIFFERENTIAL", "HIGHER", "OPEN"}
)
_DIFFERENTIALS = frozenset({"DIFFERENTIAL", "HIGHER"})
_WORDS = frozenset({"NUMBER", "CONSTANT", "NAME"})
_EXPECTED = "a number, a name, a function or '(' is expected"

_COMPLAINTS = (
    # where an operand should begin
    _Row("NUMBER", {"OPEN"}, {"KEYWORD"}, "{found} stands after what is added up, as in sum(u, axis=0)"),
    _Row("NUMBER", {"OPEN"}, {"CLOSE"}, f"nothing stands between the brackets; {_EXPECTED}"),
    _Row("NUMBER", {"START"}, _ANY, f"{{found}} cannot begin a formula; {_EXPECTED}"),
    _Row("NUMBER", _ANY, {"END"}, f"the formula ends after {{before}}; {_EXPECTED}"),
    _Row("NUMBER", _ANY, _ANY, f"{{found}} cannot follow {{before}}; {_EXPECTED}"),
    # where an operand is complete
    _Row("PLUS", {"NUMBER"}, {"NUMBER"}, "an operator is missing between the numbers {before} and {found}"),
    _Row("PLUS", {"NAME"}, {"OPEN"}, "{before} is not a function; for a product write {left}*(…)"),
    _Row(
        "PLUS",
        {"NAME", "CLOSE_INDEX", "SAMPLE", "PRIMES"},
        {"DIFFERENTIAL"},
        "an operator is missing between {before} and {found}; a second derivative is written d2C/dxdy",
    ),
    _Row("PLUS", _WORDS, {"OPEN"}, "for a product write {left}*(…)"),
    _Row(
        "PLUS",
        _WORDS,
        _OPERAND,
        "{before} and {found} stand side by side; for a product write {left}*{right}",
    ),
    _Row("PLUS", _ANY, _OPERAND, "an operator is missing between {before} and {found}; '*' makes a product"),
    _Row("PLUS", _ANY, {"COMMA"}, "',' separates operands, as in max(2, 3), and has none to separate here"),
    _Row("PLUS", _ANY, {"KEYWORD"}, "{found} belongs within the brackets of sum or mean, after a comma"),
    _Row("PLUS", _ANY, _ANY, "{found} marks a quantity's name and cannot follow {before}"),
    # within a call, an index, a derivative
    _Row("OPEN", {"PRIMES"}, _ANY, "a function's operand stands in brackets: '(' is expected, not {found}"),
    _Row("OPEN", _ANY, _ANY, "{before} is a function: '(' follows it, not {found}"),
    _Row("INTEGER", _ANY, _ANY, "{found} is not an index: indices are whole numbers from 1"),
    _Row("CLOSE_INDEX", _ANY, _ANY, "{found} cannot stand in an index: it holds whole numbers and commas"),
    _Row("DIVIDE", _ANY, _ANY, "'{half}' is half of a derivative, which is written in full: {half}/dx"),
    _Row("DIFFERENTIAL", _ANY, _ANY, "below '{half}' stands a differential, as in {half}/dx, not {found}"),
)


def _complaint(tokens: Sequence[Token], position: int, possible: Set[str]) -> str:
    """Why the token at `position`, or the end, cannot stand there."""
    before = tokens[position - 1].kind if position else "START"
    found = tokens[position].kind if position < len(tokens) else "END"
    row = next(
        row
        for row in _COMPLAINTS
        if row.possible in possible
        and (not row.before or before in row.before)
        and (not row.found or found in row.found)
    )
    left = tokens[position - 1].text if position else ""
    right = _written(tokens, position) if position < len(tokens) else ""
    halves = [k for k, token in enumerate(tokens[:position]) if token.kind in _DIFFERENTIALS]
    return row.sentence.format(
        before=quoted(left),
        found=quoted(right) if right else "the end",
        left=left,
        right=right,
        half=_written(tokens, halves[-1]) if halves else "",
    )


def _written(tokens: Sequence[Token], position: int) -> str:
    """A token as written, a differential with the name that is joined to it."""
    token = tokens[position]
    return token.text + (tokens[position + 1].text if token.kind in _DIFFERENTIALS else "")
