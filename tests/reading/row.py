"""A row of the table of how texts are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One text.

    where    the problem in which it stands, of problems.WHERE
    read     what it is read as; empty where it is refused
    refused  what is said instead, and `column` where
    mistake  what is said where its shapes do not fit
    note     what is said beside it
    """

    where: str
    text: str
    read: str = ""
    refused: str = ""
    column: int = 0
    mistake: str = ""
    note: str = ""
    ask: str | None = None
    form: str = "expression"
