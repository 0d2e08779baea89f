"""The quantity that a letter of an answer names: delta2[1] is dC/dz2[1]."""

from __future__ import annotations

from derive.errors import AnswerError
from derive.formula.nodes import Letter, Name
from derive.problem import Graph, Problem
from derive.quantities import Quantity, resolve
from derive.shapes import entry

_ALONE = frozenset({"n", "m", "K", "eta", "lambda"})
"""Letters that are keys themselves."""


def quantity_of(problem: Problem, letter: Letter) -> Quantity:
    """The key of one number, or of the derivative that it is. Raises AnswerError where there is none.

    A letter with a layer, an index or a sample that is left open is none yet.
    """
    index = tuple(place for place in letter.index if isinstance(place, int))
    assert len(index) == len(letter.index), f"{letter} is open"
    if isinstance(problem.body, Graph):
        shape = problem.body.shape(letter.letter)
        if any(not 1 <= place <= size for place, size in zip(index, shape, strict=False)):
            last = ",".join(map(str, shape))
            raise AnswerError(f"'{letter}' does not exist; the last one is {letter.letter}[{last}]")
        return Quantity(entry(letter.letter, index))
    if letter.letter in _ALONE or letter.letter in problem.parameter:
        return Quantity(letter.letter)
    return resolve(problem, Name(f"{letter.letter}{letter.layer or ''}", index, letter.sample))
