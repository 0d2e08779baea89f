"""Tokens, once words have their meaning: the signs and brackets that a text leaves unsaid."""

from __future__ import annotations

from collections.abc import Sequence, Set

from derive.formula.tokens import Token

STROKE, EXPONENT = "stroke", "exponent"
"""The choices of 1/2a and of e^2x."""

OPERAND_ENDS = frozenset({"NUMBER", "CONSTANT", "LETTER", "CLOSE", "CLOSE_LIST", "TRANSPOSE"})
_STARTS = frozenset(
    {
        "CONSTANT",
        "LETTER",
        "FUNCTION",
        "ACTIVATION",
        "DIFFERENTIATED",
        "DIFFERENTIATING",
        "OPEN",
        "OPEN_LIST",
        "SUMMATION",
    }
)
_LOOSE = frozenset(
    {"PLUS", "MINUS", "TIMES", "DIVIDE", "MATMUL", "DOT", "CROSS", "HADAMARD", "ENTRYWISE", "COMMA", "EQUALS"}
    | {"COMPARE", "IF", "ELSE", "AND", "SUMMATION"}
)

_TERM_ENDS = frozenset(
    {"PLUS", "MINUS", "CLOSE", "CLOSE_LIST", "COMMA", "EQUALS", "COMPARE", "IF", "ELSE", "AND"}
)
"""What ends a product; PLUS and MINUS behind an operand alone."""


def products(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with brackets around the whole product that an operator d/dx takes."""
    if "DIFFERENTIATING" not in {token.kind for token in tokens}:
        return [*tokens]
    found: list[Token] = []
    depth, open_at = 0, list[int]()
    for token in tokens:
        is_sign = token.kind in ("PLUS", "MINUS") and found[-1:] and found[-1].kind not in OPERAND_ENDS
        while open_at and open_at[-1] == depth and token.kind in _TERM_ENDS and not is_sign:
            found.append(Token("CLOSE", ")", ")", token.column))
            depth -= 1
            open_at.pop()
        depth += token.kind in ("OPEN", "OPEN_LIST")
        depth -= token.kind in ("CLOSE", "CLOSE_LIST")
        if token.kind == "DIFFERENTIATING":
            found += (token._replace(kind="DIFFERENTIATED"), Token("OPEN", "(", token.text, token.column))
            depth += 1
            open_at.append(depth)
        else:
            found.append(token)
    return found + [Token("CLOSE", ")", ")", found[-1].column) for _ in open_at]


def joined(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with a sign between factors that stand side by side."""
    joined: list[Token] = []
    before = ""
    for at, token in enumerate(tokens):
        kind = token.kind
        if before in OPERAND_ENDS and (kind in _STARTS or (kind == "NUMBER" and _is_coefficient(tokens, at))):
            joined.append(Token("BESIDE", "", "", token.column))
        joined.append(token)
        before = kind
    return joined


def _is_coefficient(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number behind a bracket belongs to the letter at its end: cos(a)2x, and not (a - y)2."""
    if not 0 < at < len(tokens) - 1:
        return False
    before, number, after = tokens[at - 1 : at + 2]
    return (
        before.kind == "CLOSE" and after.kind in _STARTS and after.column == number.column + len(number.text)
    )


def grouped(tokens: Sequence[Token], chosen: Set[str]) -> tuple[list[Token], set[str]]:
    """The tokens with 1/2a as 1/(2a) and e^2x as e^(2x), where that is chosen; and what was to choose."""
    met: set[str] = set()
    if "BESIDE" not in {token.kind for token in tokens}:
        return [*tokens], met
    found: list[Token] = []
    closes: dict[int, int] = {}
    for at, token in enumerate(tokens):
        found.append(token)
        kind = STROKE if token.kind == "DIVIDE" else EXPONENT if token.kind == "POWER" else ""
        if kind == EXPONENT and not (at and tokens[at - 1].kind == "CONSTANT" and _is_bare(tokens, at + 1)):
            kind = ""
        if kind:
            end = _factor_end(tokens, at + 1)
            if any(tokens[k].kind == "BESIDE" for k in _outermost(tokens, at + 1, end)):
                met.add(kind)
                if kind in chosen:
                    found.append(Token("OPEN", "(", "(", token.column))
                    closes[end - 1] = closes.get(end - 1, 0) + 1
        found.extend(Token("CLOSE", ")", ")", token.column) for _ in range(closes.pop(at, 0)))
    return found, met


def _is_bare(tokens: Sequence[Token], at: int) -> bool:
    """Whether an exponent stands without brackets of its own: e^2x, and not e^{2}x."""
    return at < len(tokens) and tokens[at].kind != "OPEN"


def _factor_end(tokens: Sequence[Token], at: int) -> int:
    """Where factors that stand side by side end."""
    depth = 0
    start = at
    while at < len(tokens):
        kind = tokens[at].kind
        depth += kind in ("OPEN", "OPEN_LIST")
        depth -= kind in ("CLOSE", "CLOSE_LIST")
        leading = at == start and kind in ("MINUS", "PLUS")
        if depth < 0 or (depth == 0 and kind in _LOOSE and not leading):
            break
        at += 1
    return at


def _outermost(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    """The places from start to end that stand in none of their brackets."""
    places, depth = [], 0
    for at in range(start, end):
        kind = tokens[at].kind
        depth -= kind in ("CLOSE", "CLOSE_LIST")
        if depth == 0:
            places.append(at)
        depth += kind in ("OPEN", "OPEN_LIST")
    return places
