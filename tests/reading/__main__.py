"""Prints the accepted notation as Markdown: `python -m tests.reading`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reading.problems import WHERE
from tests.reading.row import Row
from tests.reading.table import ROWS


def cell(text: str) -> str:
    """A text in a cell of a table, as it stands."""
    shown = "".join(character if character.isprintable() else f"U+{ord(character):04X}" for character in text)
    return f"`{shown}`".replace("|", "\\|") if shown else ""


def meaning(row: Row) -> str:
    """What becomes of a text."""
    if row.refused:
        return f"refused: {cell(row.refused)[1:-1]}"
    said = f"; {row.mistake or row.note}" if row.mistake or row.note else ""
    return f"{cell(row.read)}{said}"


def lines() -> Iterator[str]:
    yield "# How texts are read\n"
    for where, (about, _) in WHERE.items():
        rows = [row for row in ROWS if row.where == where]
        yield f"\n## {where}: {about}\n"
        yield "| text | read as |\n|---|---|"
        for row in rows:
            yield f"| {cell(row.text)} | {meaning(row)} |"


if __name__ == "__main__":
    print("\n".join(lines()))
