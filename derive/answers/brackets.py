"""Places in a text by its brackets: where each closes, what stands in none, and what signs part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derive.answers.lexemes import CLOSER, Lexeme
from derive.errors import AnswerError
from derive.formula import limits


def partners(lexemes: Sequence[Lexeme]) -> dict[int, int]:
    """The place of each bracket's closing one. Raises AnswerError where one has none."""
    opened: list[int] = []
    partner: dict[int, int] = {}
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind == "OPEN":
            opened.append(at)
            limits.check_brackets(len(opened), lexeme.column)
        elif lexeme.kind == "CLOSE":
            if not opened:
                raise AnswerError(f"the '{lexeme.text}' closes nothing: no bracket is open", lexeme.column)
            opener = lexemes[opened[-1]]
            if CLOSER.get(opener.value, opener.value) != CLOSER.get(lexeme.value, lexeme.value):
                raise AnswerError(
                    f"the '{lexeme.text}' cannot close the '{opener.text}' at column {opener.column}",
                    lexeme.column,
                )
            partner[opened.pop()] = at
    if opened:
        opener = lexemes[opened[-1]]
        raise AnswerError(f"the '{opener.text}' at column {opener.column} is never closed", opener.column)
    return partner


def outermost(partner: Mapping[int, int], at: int, end: int) -> Iterator[int]:
    """The places that stand in none of the brackets between."""
    while at < end:
        yield at
        at = partner.get(at, at) + 1


def split(lexemes: Sequence[Lexeme], span: range, kind: str, partner: Mapping[int, int]) -> list[range]:
    """The parts of a span between signs of a kind that stand in none of its brackets."""
    parts: list[range] = []
    start = at = span.start
    while at < span.stop:
        if lexemes[at].kind == kind:
            parts.append(range(start, at))
            start = at + 1
        at = partner.get(at, at) + 1
    if start < span.stop:
        parts.append(range(start, span.stop))
    return parts
