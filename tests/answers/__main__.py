"""Prints the accepted answers, the wrong ones and the figures as Markdown: `python -m tests.answers`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.answers.rows import WHERE
from tests.answers.table import BLOCKS, figures
from tests.reading.__main__ import cell


def lines() -> Iterator[str]:
    yield "# How answers are judged\n"
    for block in BLOCKS:
        yield f"\n## {block.title}: {cell(block.ask)}\n"
        yield f"In {WHERE[block.where][0]}.\n"
        yield "| answer | verdict | because |\n|---|---|---|"
        for row in block.rows():
            yield f"| {cell(row.text)} | {row.verdict} | {cell(row.note)} |"


def summary() -> Iterator[str]:
    yield "\n## Figures\n"
    yield "| rows | number |\n|---|---|"
    yield from (f"| {name} | {count} |" for name, count in figures().items())


if __name__ == "__main__":
    print("\n".join((*lines(), *summary())))
