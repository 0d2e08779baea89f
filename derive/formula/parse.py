"""Text to nodes: one formula, an assignment, an equation, or the links of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.complaints import EXPECTED
from derive.formula.grammar import CLAIM, FORMULA
from derive.formula.nodes import FUNCTIONS, Node
from derive.formula.precedence import operands_of
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
    (whole,) = operands_of(tokens, len(text) + 1, FORMULA)
    return whole.node


def parse_links(tokens: Sequence[Token], end: int) -> tuple[Node, ...]:
    """The links of an answer A = B = C from its tokens; `end` is the column behind its text.

    Raises AnswerError, with the column, for anything that is not a chain of formulas.
    """
    return tuple(part.node for part in operands_of(tokens, end, CLAIM))
