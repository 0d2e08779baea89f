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
from derive.shapes import Shape


def sliced(problem: Problem, reader: LetterReader | None, whole: Letter, cut: Script) -> list[list[Letter]]:
    """A column or a row of an array by its entries, as rows; a sample of a batch is one letter.

    Raises AnswerError for what has no such column or row.
    """
    first, second = cut.content.split(",")
    axis = 0 if first == ":" else 1
    place = second if axis == 0 else first
    shape = _shape(problem, whole, cut)
    name = whole.written or str(whole)
    if place.isdigit() and int(place) > shape[1 - axis]:
        last = f"{shape[0]},:" if axis else f":,{shape[1]}"
        raise AnswerError(
            f"'{name}({cut.content})' does not exist; the last one is {name}({last})", cut.column
        )
    of_samples = 0 if problem.notation.samples == "rows" else 1
    is_batch = reader is not None and whole.letter in BATCHES and whole.letter != "W"
    if reader is not None and is_batch and axis != of_samples:
        return [[reader.made(BATCHES[whole.letter], whole.layer, (), place, name)]]
    counted: Counted = int(place) if place.isdigit() else place
    made: list[Letter] = []
    for number in range(1, shape[axis] + 1):
        index = (counted, number) if axis else (number, counted)
        if reader is None:
            made.append(Letter(whole.letter, 0, index))
        else:
            own = index if whole.letter in BATCHES else index[:1]  # a vector has one index
            made.append(reader.made(whole.letter, whole.layer, own, whole.sample, name))
    return [made] if axis else [[entry] for entry in made]


def _shape(problem: Problem, whole: Letter, cut: Script) -> Shape:
    """Rows and columns of what is cut. Raises AnswerError where it has none."""
    name = whole.written or str(whole)
    shape = () if isinstance(whole.layer, str) or whole.primes else shape_of_letter(problem, whole)
    if len(shape) != 2:
        raise AnswerError(f"'{name}' has no rows and columns; '{cut.content}' takes one of those", cut.column)
    if problem.notation.samples == "rows" and whole.letter not in BATCHES.keys() - {"W"}:
        raise AnswerError(
            f"'{name}({cut.content})' can be meant in two ways where samples are rows; write out the entries",
            cut.column,
        )
    return shape
