"""The samples of a network, written out in the file or as columns of a CSV file.

A column is named as in the first row of the CSV file, or numbered from 1; where
all are numbered there is no row of names. Every number is the exact decimal
that stands there. A column of class names becomes targets: of classes c_1..c_K
and K outputs y_j = 1 for the row's own class and 0 for the others; of two
classes and one output 0 for the first and 1 for the second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from derive.errors import Mistake, StatementError, did_you_mean
from derive.files.csv_columns import Book, ReadText, Rows, number_of
from derive.files.csv_sheet import Sheet
from derive.files.fields import LONGEST_LABEL
from derive.files.mistakes import Mistakes, counted, key_shown, listed, path, shown
from derive.files.schema import DataTable, TestTable

NAME_THE_CLASSES = 'where these are classes, list them: classes = ["cat", "dog"]'


@dataclass(frozen=True)
class Samples:
    """x, y, tests: samples by numbers, y None where there are none; targets: where y was stated."""

    x: Rows
    y: Rows | None
    tests: Rows
    labels: list[str]
    classes: list[str]
    targets: str = "data.y"


def samples_of(
    table: DataTable, inputs: int, outputs: int, read: ReadText, mistakes: Mistakes
) -> Samples | None:
    """The samples that a table states, for so many inputs and outputs; None where a file has mistakes."""
    before = len(mistakes)
    _check_keys(table, mistakes)
    _check_classes(table.classes, outputs, mistakes)
    tests = _tests(table, inputs, read, mistakes)
    if table.csv is None:
        labels = table.labels if isinstance(table.labels, list) else []
        stated = Samples(table.x, table.y, tests, labels, table.classes)
        return stated if len(mistakes) == before else None
    if table.inputs is None or len(mistakes) > before:
        return None
    book = Book(table.csv, "data", mistakes)
    label = [] if isinstance(table.labels, list) else [table.labels]
    sheet = book.sheet(read, [*table.inputs, *(table.targets or ()), *label])
    if sheet is None:
        return None
    x = book.samples(sheet, "inputs", table.inputs, inputs, partial(number_of, fix=""))
    y = None if table.targets is None else _targets(book, sheet, table, table.targets, outputs)
    labels = table.labels if isinstance(table.labels, list) else _labels(book, sheet, table.labels)
    return Samples(x, y, tests, labels, table.classes, "data.targets") if len(mistakes) == before else None


def _check_keys(table: DataTable, mistakes: Mistakes) -> None:
    """Numbers are written out, or they are columns of a CSV file."""
    if table.csv is None:
        if not table.x:
            mistakes.add(
                "data.x", "missing", 'samples such as [[0.05, 0.10]], or csv = "file.csv" with inputs'
            )
        for key, columns in (("inputs", table.inputs), ("targets", table.targets)):
            if columns is not None:
                mistakes.add(path("data", key), "columns, but no CSV file", fix='add csv = "file.csv"')
        if not isinstance(table.labels, list):
            found = f"the column {key_shown(str(table.labels))}, but no CSV file"
            mistakes.add("data.labels", found, 'a list of names, or a column beside csv = "file.csv"')
        return
    for key, rows in (("x", table.x), ("y", table.y)):
        if rows:
            mistakes.add(path("data", key), "samples written out beside csv", "one of the two")
    if table.inputs is None:
        mistakes.add("data.inputs", "missing", 'columns of the file, such as ["width", "height"] or [1, 2]')


def _check_classes(classes: Sequence[str], outputs: int, mistakes: Mistakes) -> None:
    """A name for each output; of a single one for 0 and for 1."""
    wanted = 2 if outputs == 1 else outputs
    if classes and len(classes) != wanted:
        found = f"{counted(len(classes), 'name')}; the network has {counted(outputs, 'output')}"
        allowed = "two, for 0 and for 1" if outputs == 1 else f"{wanted}, one an output"
        mistakes.add("data.classes", found, allowed)
    for i, name in enumerate(classes):
        if name in classes[:i]:
            mistakes.add(path("data", "classes", i), f"{shown(name)} is listed twice", "names that differ")


def _tests(table: DataTable, inputs: int, read: ReadText, mistakes: Mistakes) -> Rows:
    """Test inputs, which come from the columns of the samples unless they say otherwise."""
    test = table.test
    if not isinstance(test, TestTable):
        return test
    columns = test.inputs or table.inputs
    if columns is None:
        mistakes.add(
            "data.test.inputs", "missing", 'columns of the file, such as ["width", "height"] or [1, 2]'
        )
        return []
    book = Book(test.csv, "data.test", mistakes)
    sheet = book.sheet(read, columns)
    return [] if sheet is None else book.samples(sheet, "inputs", columns, inputs, partial(number_of, fix=""))


def _targets(book: Book, sheet: Sheet, table: DataTable, columns: Sequence[str | int], outputs: int) -> Rows:
    """Targets from a column of class names, or from a column of numbers for each output."""
    if table.classes and len(columns) == 1:
        read = partial(_target_of, _targets_by_class(table.classes, outputs))
        return [target for row in book.cells(sheet, columns, read) for target in row]
    return book.samples(sheet, "targets", columns, outputs, partial(number_of, fix=NAME_THE_CLASSES))


def _targets_by_class(classes: Sequence[str], outputs: int) -> Mapping[str, list[Fraction]]:
    """y of each class: a row of the identity matrix; 0 and 1 for one output, by name or as they are."""
    if outputs == 1:
        zero_and_one = ([Fraction(0)], [Fraction(1)])
        return dict(zip(("0", "1"), zero_and_one, strict=True)) | dict(
            zip(classes, zero_and_one, strict=True)
        )
    return {name: [Fraction(i == j) for j in range(outputs)] for i, name in enumerate(classes)}


def _target_of(by_class: Mapping[str, list[Fraction]], text: str) -> list[Fraction]:
    if text not in by_class:
        found = f"{shown(text)} is none of the classes{did_you_mean(text, by_class)}"
        raise StatementError([Mistake("", found, listed([shown(name) for name in by_class]))])
    return by_class[text]


def _labels(book: Book, sheet: Sheet, column: str | int) -> list[str]:
    return [label for row in book.cells(sheet, [column], _label_of) for label in row]


def _label_of(text: str) -> str:
    if not 0 < len(text) <= LONGEST_LABEL:
        found = f"a name of {len(text):,} characters" if text else "an empty cell"
        raise StatementError([Mistake("", found, f"a sample's name of at most {LONGEST_LABEL} characters")])
    return text
