"""The one table of malformed files: what is wrong, the file, and what its message must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bad_input.fields import (
    BYTES,
    GRAPH,
    GRAPH_MISTAKES,
    LEFT_OUT,
    NETWORK,
    NETWORK_MISTAKES,
    PERCEPTRON,
    PERCEPTRON_MISTAKES,
    TEXTS,
    changed,
)
from tests.bad_input.files import FILES, UNDEFINED
from tests.bad_input.toml import toml_of, value_of
from tests.commands import Ran, run

BAD_INPUT, UNDECIDED = 2, 3
LONGEST_SHOWN = 70


@dataclass(frozen=True)
class BadFile:
    """A malformed problem file.

    wrong  what is wrong with it, in a few words
    data   the whole file
    says   parts of the message
    code   the exit code
    """

    wrong: str
    data: bytes
    says: tuple[str, ...]
    code: int = BAD_INPUT

    def verified(self, folder: Path) -> Ran:
        """What `backproof verify FILE` makes of it."""
        path = folder / "net.toml"
        path.write_bytes(self.data)
        return run("verify", path)


def _of_fields(base: Mapping[str, Any], rows: list[tuple[dict[str, Any], list[str]]]) -> Iterator[BadFile]:
    for change, says in rows:
        try:
            text = toml_of(changed(base, **change))
        except TypeError:
            continue  # only a program can state this
        wrong = "; ".join(f"{_place(where)} {_shown(value)}" for where, value in change.items())
        yield BadFile(wrong, text.encode(), tuple(says))


def _place(where: str) -> str:
    first, *rest = where.split("__")
    return first + "".join(f"[{int(key) + 1}]" if key.isdigit() else f".{key}" for key in rest)


def _shown(value: object) -> str:
    if value is LEFT_OUT or value is None:
        return "left out"
    return f"= {short(value_of(value))}"


def short(text: str) -> str:
    """A text that fits on a line."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


TABLE = (
    *_of_fields(NETWORK, NETWORK_MISTAKES),
    *_of_fields(GRAPH, GRAPH_MISTAKES),
    *_of_fields(PERCEPTRON, PERCEPTRON_MISTAKES),
    *(
        BadFile(short(text).replace("\n", " ⏎ ") or "nothing", text.encode(), tuple(says))
        for text, says in TEXTS
    ),
    *(BadFile(short(repr(data)), data, (says,)) for data, says in BYTES),
    *(BadFile(wrong, _as_bytes(text), tuple(says)) for wrong, text, says in FILES),
    *(BadFile(wrong, text.encode(), tuple(says), UNDECIDED) for wrong, text, says in UNDEFINED),
)
