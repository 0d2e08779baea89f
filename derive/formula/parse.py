"""Tokens to nodes: the grammar's rules, and what to say where none fits.

The LALR parser is built once, when the first formula is read. Its callbacks
make the nodes as it reduces, bottom-up and without recursion, and the cost of
every node is settled before it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import cast

from lark import Lark, UnexpectedToken
from lark import Token as Terminal
from lark.lexer import Lexer, LexerState

from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.answer_rules import EveryRule
from derive.formula.builder import Part
from derive.formula.complaints import EXPECTED, complaint
from derive.formula.nodes import FUNCTIONS, Node
from derive.formula.tokens import KEYWORD, Scope, Token, is_identifier, quoted, tokenise


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
        raise AnswerError(f"the formula is empty; {EXPECTED}", start + 1)
    return cast(Part, _parsed(tokens, len(text) + 1, "start")).node


def parse_links(tokens: Sequence[Token], end: int) -> tuple[Node, ...]:
    """The links of an answer A = B = C from its tokens; `end` is the column behind its text.

    Raises AnswerError, with the column, for anything that is not a chain of formulas.
    """
    parts = cast(tuple[Part, ...], _parsed(tokens, end, "claim"))
    return tuple(part.node for part in parts)


def _parsed(tokens: Sequence[Token], end: int, start: str) -> object:
    try:
        return _parser().parse(tokens, start=start)
    except UnexpectedToken as error:
        ends = error.token.type == "$END"
        position = len(tokens) if ends else tokens.index(error.token.value)
        column = end if ends else tokens[position].column
        raise AnswerError(complaint(tokens, position, error.expected), column) from None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark.open_from_package(
        "derive.formula",
        "grammar.lark",
        parser="lalr",
        lexer=_Given,
        transformer=EveryRule(),
        start=["start", "claim"],
    )


class _Given(Lexer):
    """Hands lark the tokens that are made already; each terminal carries its own."""

    __future_interface__ = 1

    def __init__(self, _: object) -> None:
        """lark offers the grammar's terminals, which are all declared and have no pattern."""

    def lex(self, lexer_state: LexerState, _parser_state: object) -> Iterator[Terminal]:
        for token in cast(Sequence[Token], lexer_state.text):
            yield Terminal(token.kind, token, column=token.column)
