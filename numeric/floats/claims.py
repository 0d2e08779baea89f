"""What a floating-point witness says: a value, and the error it can claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Entry = tuple[str, str]
"""A gradient entry: the keys of what is differentiated and of what it is differentiated by."""


@dataclass(frozen=True, slots=True)
class Claim:
    """|truth - value| <= error; an infinite error claims nothing, and `why` says what is in the way.

    step  the step of a difference, None for other witnesses
    """

    value: float
    error: float
    why: str = ""
    step: float | None = None


Claims = Mapping[Entry, Claim]
