"""A CSV file as a sheet of texts: its delimiter, its first row, its rows by their numbers.

Fields stand between commas, semicolons or tabs, whichever the first row holds;
quotes may enclose a field (RFC 4180). Rows count from 1 as a spreadsheet shows
them, the row of names and empty rows included.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from derive.errors import Mistake, StatementError, did_you_mean
from derive.files.limits import MOST_TERMS
from derive.files.mistakes import counted, listed, shown

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MOST_ROWS = MOST_TERMS
"""A network can pass no more samples than that."""

MOST_NAMES = 8
LONGEST_NAME = 24
MOST_RAGGED = 5

_FIRST_RECORD = re.compile(r'\s*((?:"[^"]*"|[^"\r\n])*)')
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Row:
    """The fields of one row, without blanks around them."""

    number: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """names: of the columns, from the first row; none where that is a sample already."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        return len(self.names or self.rows[0].fields)

    def place(self, column: str | int) -> int:
        """Where a column stands, counted from 0. Raises StatementError for one that is not there."""
        if isinstance(column, int):
            if column > self.width:
                raise _mistake(f"there is no column {column}", f"1 to {self.width}")
            return column - 1
        if self.names.count(column) > 1:
            raise _mistake(
                f"{self.names.count(column)} columns are named {shown(column)}", fix="give its number instead"
            )
        if column not in self.names:
            found = f"there is no column {shown(column)}{did_you_mean(column, self.names)}"
            names = list(dict.fromkeys(_short(name) for name in self.names))
            raise _mistake(found, listed(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else ""))
        return self.names.index(column)


def sheet_of(text: str, *, named: bool) -> Sheet:
    """The sheet of a file's text; `named` says that its first row holds the names of the columns.

    Raises StatementError with every row of another width, and for what cannot be told apart.
    """
    rows = _rows(text, _delimiter(text))
    if len(rows) <= named:
        raise _mistake("there are no rows under the names" if rows else "the file is empty", "a row a sample")
    width = len(rows[0].fields)
    ragged = [row for row in rows if len(row.fields) != width]
    if ragged:
        raise StatementError(
            [
                Mistake(
                    f"row {row.number}",
                    f"{counted(len(row.fields), 'field')}; row {rows[0].number} has {width}",
                    f"{width} in every row",
                    "put quotes around a field that holds the delimiter" if len(row.fields) > width else "",
                )
                for row in ragged[:MOST_RAGGED]
            ]
        )
    return Sheet(rows[0].fields if named else (), tuple(rows[named:]))


def _delimiter(text: str) -> str:
    """The one delimiter that the first row holds outside quotes; a comma where the row has one field."""
    record = _FIRST_RECORD.match(text)
    first = _QUOTED.sub("", record[1]) if record else ""
    held = [delimiter for delimiter in DELIMITERS if delimiter in first]
    if len(held) > 1:
        found = f"the first row holds {' and '.join(DELIMITERS[delimiter] for delimiter in held)}"
        fix = "save it with one of them between fields, with points in decimals, and other signs in quotes"
        raise _mistake(found, listed(list(DELIMITERS.values())), fix)
    return held[0] if held else ","


def _rows(text: str, delimiter: str) -> Sequence[Row]:
    """All rows that hold anything."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        for number, fields in enumerate(reader, 1):
            stripped = tuple(field.strip() for field in fields)
            if any(stripped):
                rows.append(Row(number, stripped))
            if len(rows) > MOST_ROWS + 1:
                raise _mistake(f"more than {MOST_ROWS:,} rows", fix="take a part of them")
    except csv.Error as error:
        found = f"the fields cannot be told apart: {error}"
        fix = "close every quote, and write a quote within quotes twice"
        raise StatementError([Mistake(f"line {reader.line_num}", found, fix=fix)]) from None
    return rows


def _short(name: str) -> str:
    return shown(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…")


def _mistake(found: str, allowed: str = "", fix: str = "") -> StatementError:
    return StatementError([Mistake("", found, allowed, fix)])
