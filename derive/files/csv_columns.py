"""Columns of a CSV file read cell by cell, every mistake with its row and column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from derive.errors import Mistake, StatementError
from derive.files.csv_sheet import Sheet, sheet_of
from derive.files.exact import exact
from derive.files.fields import A_NUMBER
from derive.files.mistakes import Mistakes, counted, shown

MOST_CELLS = 10
"""Wrong cells of a file that are listed; the others are counted."""

NAMES_IN_ROW_1 = 'where the first row holds names, call the columns by them: inputs = ["hours"]'

Rows = list[list[Fraction]]
ReadText = Callable[[str], str]
"""From a file's name to its text. Raises StatementError."""

Made = TypeVar("Made")
Columns = Sequence[str | int]


def number_of(text: str, *, fix: str) -> Fraction:
    """The exact decimal that a cell holds. Raises StatementError."""
    try:
        number = exact(text)
        found = f"the text {shown(text)}" if text else "an empty cell"
    except ValueError as error:
        number, found = None, str(error)
    if number is None:
        point = f"write a decimal point: {text.replace(',', '.')}" if _has_decimal_comma(text) else fix
        raise StatementError([Mistake("", found, A_NUMBER, point)])
    return number


def _has_decimal_comma(text: str) -> bool:
    whole, comma, places = text.partition(",")
    return bool(comma) and whole.lstrip("+-").isdecimal() and places.isdecimal() and len(text) < 40


@dataclass(frozen=True)
class Book:
    """A CSV file, and where the problem file names it: `data` or `data.test`."""

    name: str
    where: str
    mistakes: Mistakes

    def sheet(self, read: ReadText, columns: Columns) -> Sheet | None:
        """The file's sheet, whose first row holds names where any column is called by one."""
        try:
            return sheet_of(read(self.name), named=any(isinstance(column, str) for column in columns))
        except StatementError as error:
            self._add(error.mistakes)
        return None

    def samples(
        self, sheet: Sheet, key: str, columns: Columns, width: int, read: Callable[[str], Fraction]
    ) -> Rows:
        """A sample a row, from a column for each input or each output of the network."""
        if len(columns) != width:
            found = f"{counted(len(columns), 'column')}; the network has {counted(width, key.rstrip('s'))}"
            self.mistakes.add(f"{self.where}.{key}", found, counted(width, "column"))
        return self.cells(sheet, columns, read)

    def cells(self, sheet: Sheet, columns: Columns, read: Callable[[str], Made]) -> list[list[Made]]:
        """What `read` makes of each cell of the columns, row by row."""
        places = self._places(sheet, columns)
        rows: list[list[Made]] = []
        wrong: list[Mistake] = []
        for row in sheet.rows:
            rows.append([])
            for column, place in places.items():
                try:
                    rows[-1].append(read(row.fields[place]))
                except StatementError as error:
                    cell = f"row {row.number}, column {column}"
                    wrong += [replace(mistake, where=cell) for mistake in error.mistakes]
            if wrong and row is sheet.rows[0] and not sheet.names:
                wrong = [replace(mistake, fix=mistake.fix or NAMES_IN_ROW_1) for mistake in wrong]
        self._add(wrong[:MOST_CELLS])
        if len(wrong) > MOST_CELLS:
            self._add([Mistake("", f"{len(wrong) - MOST_CELLS:,} more cells that cannot be read")])
        return rows

    def _places(self, sheet: Sheet, columns: Columns) -> dict[str, int]:
        """The columns as messages call them, with where they stand; those that are not there are said."""
        places: dict[str, int] = {}
        for column in columns:
            try:
                places[shown(column) if isinstance(column, str) else str(column)] = sheet.place(column)
            except StatementError as error:
                self._add(error.mistakes)
        return places

    def _add(self, found: Sequence[Mistake]) -> None:
        for mistake in found:
            where = f"{self.where}.csv, {mistake.where}" if mistake.where else f"{self.where}.csv"
            self.mistakes.add(where, f"{shown(self.name)}: {mistake.found}", mistake.allowed, mistake.fix)
