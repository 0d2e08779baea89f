"""The shape of a letter: () of one number, (n, 1) of a column, (m, n) of a matrix or a batch.

Of a layer that is left open it is a stand-in, which meets no other.
"""

from __future__ import annotations

from derive.answers.letters import BATCHES
from derive.answers.shaped import STEP, stand_in
from derive.errors import AnswerError
from derive.formula.nodes import Counted, Letter
from derive.problem import Graph, Network, Problem
from derive.shapes import Shape

_ARRAYS = frozenset({"x", "y", "w", "b", "z", "a", "delta"})
"""Letters of a network that are whole arrays where no index stands."""


def is_number(problem: Problem, letter: Letter) -> bool:
    """Whether a letter is one number, and no whole array."""
    if letter.index:
        return True
    if isinstance(problem.body, Graph):
        return not problem.body.shape(letter.letter)
    return BATCHES.get(letter.letter, letter.letter) not in _ARRAYS


def shape_of_letter(problem: Problem, letter: Letter) -> Shape:
    """The shape of a letter. Raises AnswerError for a layer that does not exist."""
    if is_number(problem, letter):
        return ()
    body = problem.body
    if isinstance(body, Graph):
        return body.shape(letter.letter)
    small = BATCHES.get(letter.letter, letter.letter)
    own = _size(body, letter.layer if small not in ("x", "y") else 0 if small == "x" else body.depth, small)
    if letter.letter == "w":
        return (_size(body, 0, "a"), 1)
    if letter.letter == "W":
        shape = (own, _size(body, _before(letter.layer), "a"))
    else:
        shape = (own, len(problem.x) if letter.letter in BATCHES else 1)
    return shape[::-1] if problem.notation.samples == "rows" else shape


def _size(network: Network, layer: Counted, small: str) -> int:
    if isinstance(layer, str):
        letter, offset = layer[0], int(layer[1:] or 0)
        if letter != "L":
            return stand_in(letter) + STEP * offset
        layer = network.depth + offset
    sizes = network.sizes if small in ("a", "x", "y") else network.widths
    if not 0 <= layer <= network.depth:
        raise AnswerError(f"there is no layer {layer}: layers are 1 to {network.depth}")
    return sizes[layer]


def _before(layer: Counted) -> Counted:
    """l-1 of l, l of l+1."""
    if isinstance(layer, int):
        return layer - 1
    offset = int(layer[1:] or 0) - 1
    return f"{layer[0]}{offset:+d}" if offset else layer[0]
