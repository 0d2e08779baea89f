"""What comes of judging an answer: a verdict, and reasons that are worked out when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from types import MappingProxyType

from derive.answers import Understood
from derive.errors import AnswerError
from numeric.answers.evaluate import TooMuchWorkError
from numeric.answers.reasons import Later, Reason, Why, at_once

ALIKE: Mapping[str, str] = MappingProxyType({"correct": "right", "incorrect": "wrong"})
"""Verdicts on two readings of which a word is said."""

UNKNOWN = Reason("unknown", "No slip that is known here gives it.")
MOST_SAID = 3
"""Sentences about one answer."""


class Echoed:
    """What was understood, where anything was."""

    meant: Understood | None

    @property
    def read(self) -> str:
        """In LaTeX; "" of what could not be read."""
        return "" if self.meant is None else self.meant.latex

    @property
    def echo(self) -> str:
        """The same as a line of Unicode."""
        return "" if self.meant is None else self.meant.plain


@dataclass(frozen=True)
class Judged(Echoed):
    """The verdict on one answer.

    proof   identity, sampled, counterexample, or None
    meant   the answer as it was understood
    reasons what `why` says, which is worked out when it is first read
    where   the column, and what is the matter there
    points  what it is worth
    """

    verdict: str
    proof: str | None = None
    meant: Understood | None = None
    reasons: Later = field(default=Later(tuple), repr=False, compare=False)
    where: tuple[int, str] | None = None
    points: Fraction = Fraction(0)

    @property
    def why(self) -> tuple[Reason, ...]:
        """What is wrong, the surest reason first; of a correct answer what is to be said of it."""
        try:
            found = self.reasons.found
        except TooMuchWorkError:
            found = ()
        is_told = self.verdict != "incorrect" or any(reason.slip != "reading" for reason in found)
        return found if is_told else (UNKNOWN, *found)

    @property
    def hinted(self) -> Judged:
        """The same for whoever may try again: the reasons without what belongs there instead."""
        return replace(self, reasons=Later(lambda: (reason.hinted for reason in self.why)))


UNNAMED = frozenset({"counterexample", "reading"})
"""What is said of an answer without a name for what was done."""


def joined(*whys: Why) -> tuple[Reason, ...]:
    """What is said first, and the rest, each once."""
    return tuple(dict.fromkeys(reason for why in whys for reason in why()))[:MOST_SAID]


def unread(error: AnswerError, meant: Understood | None = None) -> Judged:
    """The verdict on an answer that no formula was made of."""
    reasons = Later(at_once(Reason("unreadable", str(error))))
    return Judged("unreadable", None, meant, reasons, place_of(error))


def together(judged: list[Judged]) -> Judged:
    """The verdict on an answer with several readings: theirs, where they have the same one."""
    first, *others = judged
    if any(one.verdict != first.verdict for one in others):
        ways = " or ".join(one.echo for one in judged)
        text = f"It can be read as {ways}, and only one of these is right; write brackets."
        return Judged("unreadable", None, first.meant, Later(at_once(Reason("two readings", text))))
    if not others:
        return first
    also = partial(_read_too, first.verdict, others)
    return replace(first, reasons=Later(partial(joined, lambda: first.reasons.found, also)))


def explained_by(usual: Judged, others: Iterator[Judged]) -> Judged:
    """The verdict on an answer that has unusual readings too: theirs, where one is right.

    Else the reasons of the first whose are more than a point where the values differ.
    """
    wrong: list[Judged] = []
    for one in others:
        if one.verdict == "correct":
            return one
        wrong.append(one)
    if not wrong:
        return usual

    def reasons() -> Iterator[Reason]:
        found = (one.reasons.found for one in (usual, *wrong) if one.verdict == usual.verdict)
        named = (why for why in found if why and why[0].slip not in UNNAMED)
        yield from next(named, usual.reasons.found)

    return replace(usual, reasons=Later(reasons))


def _read_too(verdict: str, others: list[Judged]) -> Iterator[Reason]:
    """That the verdict is the same however a text is read."""
    if verdict in ALIKE:
        ways = " or ".join(one.echo for one in others)
        yield Reason("reading", f"It can be read as {ways} too, and is {ALIKE[verdict]} so as well.")


def place_of(error: AnswerError) -> tuple[int, str] | None:
    """The column, and what is the matter there."""
    return (error.column, str(error)) if error.column else None
