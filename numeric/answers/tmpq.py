from derive.formula.nodes import Letter, Name
from derive.problem import Graph, Problem
from derive.quantities import Quantity, resolve
from derive.shapes import entry


def quantity_of(problem: Problem, letter: Letter) -> Quantity:
    if isinstance(problem.body, Graph):
        return Quantity(entry(letter.letter, letter.index))
    if letter.letter in ("n", "K", "lambda", "m", "eta") or " " in letter.letter:
        return Quantity(letter.letter)
    base = f"{letter.letter}{letter.layer or ''}"
    return resolve(problem, Name(base, letter.index, letter.sample))
