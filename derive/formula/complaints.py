"""What to say where no rule of the grammar fits: why a token, or the end, cannot stand where it does."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

from derive.formula.tokens import Token, quoted


class _Row(NamedTuple):
    """A sentence for a terminal that was found where it cannot stand.

    place     a terminal that could have stood there, which tells the places apart; empty for any
    before    kinds of what stands before it; empty for any
    found     kinds of the terminal itself; empty for any
    """

    place: str
    before: Set[str]
    found: Set[str]
    sentence: str


_ANY: frozenset[str] = frozenset()
_OPERAND = frozenset(
    {"NUMBER", "CONSTANT", "FUNCTION", "UNSPECIFIED", "SLOPE", "NAME", "DIFFERENTIAL", "HIGHER", "OPEN"}
)
_DIFFERENTIALS = frozenset({"DIFFERENTIAL", "HIGHER"})
_WORDS = frozenset({"NUMBER", "CONSTANT", "NAME"})
EXPECTED = "a number, a name, a function or '(' is expected"

_COMPLAINTS = (
    # where an operand should begin
    _Row("NUMBER", {"OPEN"}, {"KEYWORD"}, "{found} stands after what is added up, as in sum(u, axis=0)"),
    _Row("NUMBER", {"OPEN"}, {"CLOSE"}, f"nothing stands between the brackets; {EXPECTED}"),
    _Row("NUMBER", {"START"}, _ANY, f"{{found}} cannot begin a formula; {EXPECTED}"),
    _Row("NUMBER", _ANY, {"END"}, f"the formula ends after {{before}}; {EXPECTED}"),
    _Row("NUMBER", _ANY, _ANY, f"{{found}} cannot follow {{before}}; {EXPECTED}"),
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
    _Row("EQUALS", _ANY, {"COMMA"}, "',' separates operands, as in max(2, 3), and has none to separate here"),
    _Row("DIFFERENTIAL", _ANY, _ANY, "below '{half}' stands a differential, as in {half}/dx, not {found}"),
    # within conditions, lists and links, which answers alone have
    _Row("", _ANY, {"END"}, "the formula ends too early, after {before}"),
    _Row("", _ANY, _ANY, "{found} cannot follow {before}"),
)


def complaint(tokens: Sequence[Token], position: int, place: str) -> str:
    """Why the token at `position` cannot stand there; the last one is the end."""
    before = tokens[position - 1].kind if position else "START"
    found = tokens[position].kind
    row = next(
        row
        for row in _COMPLAINTS
        if row.place in ("", place)
        and (not row.before or before in row.before)
        and (not row.found or found in row.found)
    )
    left = tokens[position - 1].text if position else ""
    right = _written(tokens, position)
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
