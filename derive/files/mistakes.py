"""Collecting every mistake of a file before any is reported, and the words for them.

Places count from 1, as on the page: `network.layers[2].weights[1][3]` is the
weight of layer 2 to unit 1 from unit 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from types import NoneType, UnionType
from typing import TypeVar

from derive.errors import AnswerError, Mistake
from derive.files.exact import MOST_SHOWN

LONGEST_SHOWN = 60
LONGEST_NUMBER = 40
"""Signs; of longer ones a message repeats the beginning."""

MOST_LISTED = 12
A_NAME = "a name of at most 40 Latin letters, digits and _, such as w5"
NAME_PATTERN = "[A-Za-z_][A-Za-z0-9_]{0,39}"

Read = TypeVar("Read")


class Mistakes(list[Mistake]):
    """The mistakes found so far, in the order in which they were met."""

    def add(self, where: str, found: str, allowed: str = "", fix: str = "") -> None:
        self.append(Mistake(where, found, allowed, fix))

    def concern(self, where: str) -> bool:
        """Whether any is about a place or what stands within it."""
        return any(is_within(mistake.where, where) for mistake in self)

    def reading(self, where: str, text: str, read: Callable[[], Read], allowed: str = "") -> Read | None:
        """What `read` makes of a formula's text, or None and one mistake more."""
        try:
            return read()
        except AnswerError as error:
            self.refused(where, text, error, allowed)
        return None

    def refused(self, where: str, text: str, error: AnswerError, allowed: str = "") -> None:
        """What is wrong with a formula's text, at its column."""
        place = f"{where}, column {error.column}" if error.column else where
        within = around(text, error.column) if text.strip() else ""
        self.append(Mistake(place, str(error), allowed, within=within))


def is_within(inner: str, outer: str) -> bool:
    """Whether a place is another or lies in it: a.b[2].c, and a.b[2], column 7, lie in a.b[2]."""
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}[", f"{outer},"))


def path(*parts: str | int) -> str:
    """`network.layers[2].weights` from its keys and from indices that count from 0."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{key_shown(part)}" if text else key_shown(part)
    return text


def key_shown(key: str) -> str:
    """A key as it may stand in a message: bare where it is a plain word."""
    return key if key.isascii() and key.replace("-", "_").isidentifier() else shown(key)


def shown(text: str) -> str:
    """A text of the file in quotes: short, and control characters spelled out."""
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    mark = '"' if "'" in short else "'"
    return f"{mark}{short}{mark}" if short.isprintable() else repr(short)


def around(text: str, column: int) -> str:
    """The part of a formula in which a column lies, in quotes."""
    start = max(0, min(column - 1 - LONGEST_SHOWN // 2, len(text) - LONGEST_SHOWN))
    return shown(f"…{text[start:]}" if start else text)


KINDS: tuple[tuple[type | UnionType, str], ...] = (
    (int | float | Decimal | Fraction, "a number"),
    (Mapping, "a table"),
    (list | tuple, "a list"),
    (date | time, "a date or a time"),
    (NoneType, "nothing"),
)


def described(value: object) -> str:
    """What stands somewhere, in the words of the file."""
    if isinstance(value, str):
        return f"the text {shown(value)}" if value else "an empty text"
    if value == []:
        return "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return f"the number {number_shown(value)}"
    word = next((word for kind, word in KINDS if isinstance(value, kind)), None)
    return word or f"a value of type {type(value).__name__}"


def number_shown(number: int | float | Decimal) -> str:
    """A number, of a very long one how it begins."""
    # Python writes out no whole number of more than 4,300 digits; Decimal does.
    text = str(Decimal(number) if isinstance(number, int) else number)
    return text if len(text) <= LONGEST_NUMBER else f"{text[:MOST_SHOWN]}… of {len(text):,} signs"


def is_own_name(text: str) -> bool:
    """Whether the author may name something so: it must be typed, printed and told from a formula."""
    return re.fullmatch(NAME_PATTERN, text) is not None


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(words: Sequence[str]) -> str:
    """`a, b or c`; of very many only the first few."""
    if len(words) > MOST_LISTED:
        return f"{', '.join(words[:MOST_LISTED])}, …"
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
