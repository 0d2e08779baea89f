"""Words that a page uses in more than one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from derive.problem import Problem
from derive.writing.tree import Ident

if TYPE_CHECKING:  # a terminal shows these words too, and no page
    from reports.content.page import Part, Prose

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spelled(count: int) -> str:
    """Small numbers in words: two routes, but 12 routes."""
    return _SMALL[count] if count < len(_SMALL) else f"{count:,}"


def counted(count: int, noun: str) -> str:
    """one route, two routes; one quantity, two quantities; two arrays"""
    if count == 1:
        return f"{spelled(count)} {noun}"
    changes = noun.endswith("y") and noun[-2] not in "aeiou"
    return f"{spelled(count)} {noun.removesuffix('y')}ies" if changes else f"{spelled(count)} {noun}s"


def said(words: str, **parts: Part | Prose) -> Prose:
    """Words with formulas in their places: said("For {L} layers and any {phi}", phi=...).

    A single letter that is not given stands for itself.
    """
    pieces = re.split(r"\{(\w+)\}", words)
    said_: list[Part] = []
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            said_ += [piece] if piece else []
        elif len(piece) == 1 and piece not in parts:
            said_.append(Ident(piece))
        else:
            part = parts[piece]
            said_ += part if isinstance(part, tuple) else (part,)
    return tuple(said_)


def left_open(problem: Problem) -> str:
    """Why a page has letters only."""
    if problem.has_no_numbers:
        return "no numbers are given"
    return "not every number is given" if problem.has_free_numbers else "a function is left unspecified"


def listed(items: Sequence[Prose], last: str = " and ", between: str = ", ") -> Prose:
    """a, b and c"""
    words: list[Part] = []
    for place, item in enumerate(items):
        if place:
            words.append(last if place == len(items) - 1 else between)
        words.extend(item)
    return tuple(words)


def capitalised(text: str) -> str:
    """The text with a capital letter, and nothing else changed."""
    return text[:1].upper() + text[1:]
