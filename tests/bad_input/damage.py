"""Right files with random damage, as a hasty editor, a bad copy or a bad joke leaves them.

python -m tests.bad_input.damage SECONDS [SEED] goes on for as long as is asked, and says which was slowest.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from derive import StatementError, load_problem
from tests.commands import run

TEXTS = {
    path.name: path.read_text(encoding="utf-8")
    for folder in ("examples", "patterns")
    for path in sorted((files("derive") / folder).iterdir(), key=lambda entry: entry.name)
    if path.name.endswith(".toml")
}
LONG_TRAINING = {"mazur.toml", "iamtrask-11-lines.toml"}
MOST_VERIFIED = 3000
"""Bytes of a file that is verified as well, where its damage happens to leave it right."""

SIGNS = "[]{}()\"'=,.#\\\n\t -+*/^@_:;|0159eExyawCdé∂²\x00\x1b\u202e\ufeff😀"
VALUES = (
    "true", "0", "-1", "1e999", "nan", "inf", "[]", "[[]]", "{}", "''", "'x'", "1979-05-27", "[[1], [2]]",
    "{rule = 'relu'}", "'z^z'", "'1/0'", "10000", "0.1", "99999999999999999999", "[['w1']]", "'dC/dw1[1,1]'",
    "'softmax'", "'cross_entropy'", "'log(a)'", "['a', 'a']", "'x = x'", "['J = J']", "1_0", "0x10",
)  # fmt: skip
_VALUE = re.compile(r"(?<== )(\S.*)$", re.MULTILINE)
_WORD = re.compile(r"\w+")


def _deleted(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice((1, 1, 2, 8, 60)) :]


def _inserted(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(SIGNS) * chance.choice((1, 1, 1, 3, 300)) + text[at:]


def _swapped(text: str, chance: random.Random) -> str:
    signs = list(text)
    i, j = chance.randrange(len(signs)), chance.randrange(len(signs))
    signs[i], signs[j] = signs[j], signs[i]
    return "".join(signs)


def _line_doubled(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "\n".join(lines)


def _line_lost(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def _retyped(text: str, chance: random.Random) -> str:
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    place = chance.choice(found)
    return text[: place.start()] + chance.choice(VALUES) + text[place.end() :]


def _words_exchanged(text: str, chance: random.Random) -> str:
    found = list(_WORD.finditer(text))
    if not found:
        return text
    one, other = chance.choice(found), chance.choice(found)
    return text[: one.start()] + other[0] + text[one.end() :]


KINDS: tuple[Callable[[str, random.Random], str], ...] = (
    _deleted, _inserted, _swapped, _line_doubled, _line_lost, _retyped, _words_exchanged,
)  # fmt: skip


def damaged(text: str, chance: random.Random) -> str:
    """A text with one to three damages."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        text = chance.choice(KINDS)(text, chance) or "\n"
    return text


def one(path: Path, seed: int, *, verified: bool) -> str:
    """Damages a file by a seed and reads it: `right`, or `refused`; anything else is an exception."""
    chance = random.Random(seed)
    name = chance.choice(list(TEXTS))
    data = damaged(TEXTS[name], chance).encode()
    path.write_bytes(data)
    try:
        load_problem(path)
    except StatementError as error:
        assert error.mistakes, seed
        assert str(path) in str(error), seed
        return "refused"
    if verified and name not in LONG_TRAINING and len(data) < MOST_VERIFIED:
        assert run("verify", path).code in (0, 1, 2, 3), seed
    return "right"


def main() -> None:
    """Damages files for as many seconds as are asked for."""
    seconds, first = float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    counts, slowest, seed, begun = Counter[str](), (0.0, 0), first, time.monotonic()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.toml"
        while time.monotonic() - begun < seconds:
            at = time.monotonic()
            try:
                counts[one(path, seed, verified=True)] += 1
            except Exception as error:
                error.add_note(f"with seed {seed}")
                raise
            slowest = max(slowest, (time.monotonic() - at, seed))
            seed += 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{seed - first} files: {dict(counts)}; slowest {slowest[0]:.2f} s (seed {slowest[1]}); {memory} MB"
    )


if __name__ == "__main__":
    main()
