"""Columns and rows of arrays as the lists of their entries.

W2(:,1)    the column of w2[1,1], w2[2,1], …
X(:,i)     sample i of a batch
"""

from __future__ import annotations

from derive.answers.letters import BATCHES, LetterReader, Script
from derive.answers.sizes import shape_of_letter
from derive.errors import AnswerError
from derive.formula.nodes import Counted, Letter
from derive.problem import Problem


def sliced(
    problem: Problem, reader: LetterReader | None, whole: Letter, cut: Script
) -> tuple[list[Letter], bool]:
    """The entries of a column or of a row, and whether it is a row; of a batch one sample is one letter.

    Raises AnswerError for what has no such column or row.
    """
    first, second = cut.content.split(",")
    is_row = first != ":"
    place = first if is_row else second
    name = whole.written or str(whole)
    height, width = _shape(problem, whole, cut)
    if place.isdigit() and int(place) > (height if is_row else width):
        found = f"'{name}({cut.content})' does not exist"
        last = f"{height},:" if is_row else f":,{width}"
        raise AnswerError(f"{found}; the last one is {name}({last})", cut.column)
    is_batch = reader is not None and whole.letter in BATCHES and whole.letter != "W"
    if reader is not None and is_batch and is_row == (problem.notation.samples == "rows"):
        return [reader.made(BATCHES[whole.letter], whole.layer, (), place, name)], is_row
    counted: Counted = int(place) if place.isdigit() else place
    entries: list[Letter] = []
    for number in range(1, (width if is_row else height) + 1):
        index = (counted, number) if is_row else (number, counted)
        if reader is None:
            entries.append(Letter(whole.letter, 0, index))
        else:
            own = index if whole.letter in BATCHES else index[:1]  # a vector has one index
            entries.append(reader.made(whole.letter, whole.layer, own, whole.sample, name))
    return entries, is_row


def _shape(problem: Problem, whole: Letter, cut: Script) -> tuple[int, int]:
    """Rows and columns of what is cut. Raises AnswerError where it has none."""
    name = whole.written or str(whole)
    if isinstance(whole.layer, str):
        raise AnswerError(
            f"'{name}({cut.content})': the layer is left open, and so is the size; write an entry", cut.column
        )
    shape = () if whole.primes else shape_of_letter(problem, whole)
    if len(shape) != 2:
        raise AnswerError(f"'{name}' has no rows and columns; '{cut.content}' takes one of those", cut.column)
    if problem.notation.samples == "rows" and whole.letter not in BATCHES.keys() - {"W"}:
        raise AnswerError(
            f"'{name}({cut.content})' can be meant in two ways where samples are rows; write out the entries",
            cut.column,
        )
    height, width = shape
    return height, width
