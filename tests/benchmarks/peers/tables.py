"""A table: lines for the terminal, and the same as a value for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows by name, each with a cell a column; None where nothing was measured.

    show    how a cell is printed
    notes   sentences below it
    """

    title: str
    columns: Sequence[str]
    rows: Mapping[str, Sequence[Any]]
    show: Any
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        cells = {
            name: ["-" if cell is None else self.show(cell) for cell in row]
            for name, row in self.rows.items()
        }
        first = max(map(len, cells), default=0)
        widths = [max(map(len, column)) for column in zip(self.columns, *cells.values(), strict=True)]
        lines = [self.title, "", self._line("", first, self.columns, widths)]
        lines += [self._line(name, first, row, widths) for name, row in cells.items()]
        return "\n".join([*lines, *("" for _ in self.notes[:1]), *self.notes])

    @staticmethod
    def _line(name: str, first: int, cells: Sequence[str], widths: Sequence[int]) -> str:
        return "  ".join(
            [name.ljust(first), *(c.rjust(w) for c, w in zip(cells, widths, strict=True))]
        ).rstrip()

    @property
    def json(self) -> dict[str, Any]:
        """The cells as numbers, by row and column."""
        rows = {name: dict(zip(self.columns, row, strict=True)) for name, row in self.rows.items()}
        return {"title": self.title, "rows": rows, "notes": list(self.notes)}


def seconds(time: float) -> str:
    """With three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if time >= size:
            return f"{time / size:.3g} {unit}"
    return f"{time / 1e-6:.2f} us"
