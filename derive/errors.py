"""What can be wrong with a text, said to the person who wrote it.

The class tells who will read the message; the text tells the place, what was
found, what is allowed and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and the way out.

    where    the field's path (`network.layers[2].weights`) or `line 3, column 7`
    found    what stands there
    allowed  what could stand there
    fix      what to do; may be empty where `allowed` says it all
    within   the formula in which it stands
    """

    where: str
    found: str
    allowed: str = ""
    fix: str = ""
    within: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.found}" if self.where else self.found]
        if self.within:
            parts.append(f"    in: {self.within}")
        if self.allowed:
            parts.append(f"    allowed: {self.allowed}")
        if self.fix:
            parts.append(f"    fix: {self.fix}")
        return "\n".join(parts)


class StatementError(ValueError):
    """The author's problem or network cannot be what was meant.

    All mistakes that were found are in `mistakes`, in the order of the file.
    """

    def __init__(self, mistakes: Sequence[Mistake], source: str = "") -> None:
        self.mistakes = tuple(mistakes)
        self.source = source
        count = f"{len(self.mistakes)} mistakes" if len(self.mistakes) > 1 else "1 mistake"
        head = f"{source}: {count}\n" if source else ""
        super().__init__(head + "\n".join(str(mistake) for mistake in self.mistakes))


class AnswerError(ValueError):
    """A formula or the name of a quantity cannot be read; shown to its writer as it stands.

    `column` counts from 1 within the text that was read; 0 where no place is to blame.
    """

    def __init__(self, message: str, column: int = 0) -> None:
        self.column = column
        super().__init__(message)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'sigmoid'?` where a known word is near, else nothing."""
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""


def near_names(word: str, known: Iterable[str]) -> list[str]:
    """Known names that a slip of the pen or two make of a word, the likeliest first; few, or none.

    One slip is allowed from three letters on, two from five: of shorter words every other one
    would be near. The number behind a letter counts only where letters are left open.
    """
    letters, number = _parted(word)
    most = 2 if len(letters) > 4 else 1 if len(letters) > 2 else 0
    found = []
    for name in dict.fromkeys(known):
        own, other = _parted(name)
        distance = slips_between(letters, own)
        if letters and (distance == 0 or (distance <= most and number == other)):
            found.append((distance, -_common(letters, own), name))
    least = min((distance for distance, _, _ in found), default=0)
    return [name for distance, _, name in sorted(found) if distance == least][:MOST_NEAR]


MOST_NEAR = 3


def _common(word: str, name: str) -> int:
    """How many letters two words begin with in common."""
    pairs = enumerate(zip(word, name, strict=False))
    return next((i for i, (one, other) in pairs if one != other), min(len(word), len(name)))


def _parted(word: str) -> tuple[str, str]:
    """The letters of a word, and the number behind them: delta and 2 of delta2."""
    letters = word.lstrip("\\").rstrip("0123456789")
    return letters, word.lstrip("\\")[len(letters) :]


def slips_between(word: str, name: str) -> int:
    """Letters left out, put in, changed, or exchanged with their neighbour (Damerau and Levenshtein)."""
    before: list[int] = []
    last = list(range(len(name) + 1))
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, other in enumerate(name, 1):
            steps = [last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other)]
            if i > 1 and j > 1 and (letter, word[i - 2]) == (name[j - 2], other):
                steps.append(before[j - 2] + 1)
            row.append(min(steps))
        before, last = last, row
    return last[-1]


def one_of_these(names: Sequence[str]) -> str:
    """`; did you mean 'tan' or 'tanh'?`, nothing where there are none."""
    return f"; did you mean {_quoted(names)}?" if names else ""


def _quoted(names: Sequence[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that one with a slip of the pen is most like."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.62)), None)
