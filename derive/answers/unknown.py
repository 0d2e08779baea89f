"""What to say of a word that means nothing in a problem: what may have been meant, if that is near."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.answers.suggestions import in_full, kin, other_cost, undoubled, unread
from derive.answers.vocabulary import CALLED, DERIVED, Vocabulary
from derive.errors import near_names, one_of_these
from derive.formula.tokens import LATIN_TWINS
from derive.problem import Network


def about(words: Vocabulary, word: str, text: str, *, called: bool) -> str:
    """What to say of a word that means nothing here."""
    latin = text.translate(LATIN_TWINS)
    if latin != text and words.is_piece(latin, last=True, called=True):
        return f"'{text}' is written with Greek letters; did you mean '{latin}' in Latin ones?"
    sloped = DERIVED.fullmatch(word)
    base = (sloped["before"] or sloped["after"]) if sloped else word
    layers = [head for head in words.heads if re.fullmatch(f"{re.escape(base)}[0-9]+", head)]
    if layers:
        layers = [f"{head}'" for head in layers] if sloped else layers
        return f"'{text}': the layers have different activations; write {' or '.join(layers[:3])}"
    if word.startswith("d") and word[1:] and words.is_piece(word[1:], last=True, called=False):
        return f"'{text}' begins a derivative, which is written in full: {in_full(words.problem, word, text)}"
    near_kin = kin(word) or undoubled(word)
    if near_kin and words.is_piece(near_kin, last=True, called=called):
        return f"'{text}' is not in this problem; did you mean '{near_kin}'?"
    near = unread(word) or other_cost(words.problem, word) or one_of_these(_near(words, word, called=called))
    if near:
        return f"'{text}' is not in this problem{near}"
    shown = list(dict.fromkeys(_listed(words)))[:10]
    return f"'{text}' is not in this problem; its names are {', '.join(shown)}"


def _near(words: Vocabulary, word: str, *, called: bool) -> list[str]:
    """What may have been meant: a function before a bracket, a quantity elsewhere, if one is near."""
    functions, quantities = (*words.heads, *CALLED), [*_listed(words)]
    kinds = (functions, quantities) if called else ([*quantities, *words.heads], functions)
    return next(filter(None, (near_names(word, kind) for kind in kinds)), [])


def _listed(words: Vocabulary) -> Iterator[str]:
    """The words that a message may offer."""
    yield from words.problem.own_names
    body = words.problem.body
    if isinstance(body, Network):
        yield from (
            "x",
            "y",
            *(
                f"{letter}{l}"
                for l in range(1, body.depth + 1)
                for letter in ("w", "b", "z", "a", "delta", "W")
            ),
        )
    yield from words.heads
