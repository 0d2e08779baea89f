r"""Braces and scripts as LaTeX has them: a letter in braces is the letter, an unbraced script is one token.

{x}_1    {\delta}^{2}_1      x_1    \delta^2_1
w^Tx    X^TXw    x_jw_j      w^T x    X^T Xw    x_j w_j
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from derive.answers.lexemes import Lexeme
from derive.answers.vocabulary import Vocabulary

RUNNING = re.compile("[ijklmnpqrs]")
"""A letter that an index may run by."""

SPELLED_OUT = MappingProxyType({"del": "PARTIAL", "partial": "PARTIAL", "frac": "FRAC", "hat": "ACCENT"})
"""Signs in ASCIIMath, and what is left of LaTeX without its backslashes."""

_MARKS = frozenset({"SUB", "SUP", "PRIMES", "RAISED", "LOWERED"})
_HOLDERS = frozenset({"SUB", "SUP", "ROOT"})
"""What braces belong to: they are its argument."""

_LETTERS_ABOVE = re.compile("[TlL]")


def apart(words: Vocabulary, lexemes: Sequence[Lexeme]) -> Iterator[Lexeme]:
    """The lexemes with x_jw_j as x_j w_j: below stands j alone, and w begins another factor."""
    last, own = len(lexemes) - 1, words.problem.own_names
    skipped = -1
    for at, lexeme in enumerate(lexemes):
        if at <= skipped:
            continue
        if lexeme.text == "{" and last - at - 2 > 0 and _holds_a_letter(lexemes, at):
            yield lexemes[at + 1]
            skipped = at + 2
        elif lexeme.kind != "WORD" or len(lexeme.text) == 1:
            yield lexeme
        elif lexeme.text in SPELLED_OUT and lexeme.text not in own:
            under = _under(lexemes[at + 1 : at + 4])
            if lexeme.text != "hat":
                yield lexeme._replace(kind=SPELLED_OUT[lexeme.text], value="")
            elif under is None:
                yield lexeme
            else:
                yield under._replace(
                    value=f"{under.value}hat", text=f"hat {under.text}", column=lexeme.column
                )
                skipped = at + (1 if lexemes[at + 1] is under else 3)
        elif at and _begins_a_factor(words, lexemes, at):
            head, rest = lexeme.text[:1], lexeme.text[1:]
            yield lexeme._replace(value=head, text=head)
            yield Lexeme("WORD", lexeme.value[1:], rest, lexeme.column + 1)
        else:
            yield lexeme


def _under(lexemes: Sequence[Lexeme]) -> Lexeme | None:
    """The word in ASCIIMath's hat y and hat(y)."""
    if lexemes and lexemes[0].text == "(":
        lexemes = lexemes[1:2] if [one.text for one in lexemes[2:]] == [")"] else ()
    return lexemes[0] if lexemes and lexemes[0].kind == "WORD" else None


def _holds_a_letter(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether braces hold one letter, which has marks behind them."""
    return (
        lexemes[at + 1].kind == "WORD"
        and lexemes[at + 2].text == "}"
        and lexemes[at + 3].kind in _MARKS
        and not (at and lexemes[at - 1].kind in _HOLDERS)
    )


def _begins_a_factor(words: Vocabulary, lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a word behind ^ or _ is a mark of one letter, and then another word."""
    sign, word = lexemes[at - 1], lexemes[at].value
    head, rest = word[0], word[1:]
    if sign.kind not in ("SUB", "SUP") or lexemes[at].text[0] != head or rest.isdigit():
        return False
    own = words.problem.own_names
    before = lexemes[at - 2].value if at > 1 else ""
    if word in own or f"{before}_{word}" in own or f"{before}{word}" in own:
        return False
    if sign.kind == "SUP" and head == "T":
        return True
    if at > 1 and lexemes[at - 2].kind in ("PARTIAL", "NABLA"):
        return (
            bool(words.quantity(head, ())) and not words.quantity(word, ()) and bool(words.quantity(rest, ()))
        )
    letters = RUNNING if sign.kind == "SUB" else _LETTERS_ABOVE
    if not letters.fullmatch(head) or all(map(RUNNING.fullmatch, rest)):
        return False
    return rest.rstrip("0123456789") in words.letters or rest in own or words.function(rest) is not None
