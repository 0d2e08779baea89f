"""What the letters of an answer stand for: a quantity, or the entries of its array.

w2_12      the quantity w2[1,2]
W2, delta2 their entries, shaped as the answer reads them
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from derive.answers import MOST_PARTS, instantiate, quantity_of, range_of
from derive.answers.letters import BATCHES
from derive.errors import AnswerError
from derive.formula.nodes import Letter, Node, Slope, Sum, operands
from derive.problem import Network, Problem
from derive.quantities import Quantity

SAMPLED = frozenset("xyza") | {"delta"}
"""Letters of what each sample has one of."""


def quantity_at(problem: Problem, letter: Letter, sample: str = "") -> Quantity:
    """The quantity of a letter; one that leaves its sample open has that of a sample, or of the first."""
    is_open = letter.letter in SAMPLED and letter.sample is None and len(problem.x) > 1
    if is_open and isinstance(problem.body, Network):
        letter = replace(letter, sample=sample or "1")
    return quantity_of(problem, letter)


def entries_of(problem: Problem, letter: Letter) -> tuple[tuple[int, ...], list[Letter]]:
    """The shape of a letter as answers have it, and its entries in that order."""
    body = problem.body
    if letter.index:
        return (), [letter]
    if not isinstance(body, Network):
        shape = body.shape(letter.letter)
        places = np.ndindex(shape)
        return shape, [replace(letter, index=tuple(i + 1 for i in place)) for place in places]
    found = _grid(problem, body, letter)
    if found is None:
        return (), [letter]
    grid = list(zip(*found, strict=True)) if problem.notation.samples == "rows" else found
    return (len(grid), len(grid[0])), [entry for row in grid for entry in row]


def _grid(problem: Problem, network: Network, letter: Letter) -> list[list[Letter]] | None:
    """The entries row by row, with samples as columns; None where it is one number."""
    small = BATCHES.get(letter.letter, letter.letter)
    if small not in ("x", "y", "w", "b", "z", "a", "delta"):
        return None
    layer = letter.layer
    assert isinstance(layer, int), f"{letter} is open"
    if not 0 <= layer <= network.depth or (layer == 0) != (small in ("x", "y")):
        raise AnswerError(f"there is no layer {layer}: layers are 1 to {network.depth}")
    own = {"x": network.sizes[0], "y": network.sizes[-1], "a": network.sizes[layer]}.get(
        small, network.widths[layer]
    )
    if letter.letter == "w":
        return [[replace(letter, index=(1, k))] for k in range(1, network.sizes[0] + 1)]
    if letter.letter == "W":
        below = range(1, network.sizes[layer - 1] + 1)
        return [[replace(letter, letter="w", index=(j, k)) for k in below] for j in range(1, own + 1)]
    samples = (
        [str(i) for i in range(1, len(problem.x) + 1)]
        if letter.letter in BATCHES and len(problem.x) > 1
        else [letter.sample]
    )
    return [[replace(letter, letter=small, index=(j,), sample=s) for s in samples] for j in range(1, own + 1)]


def look_up(problem: Problem, nodes: Iterable[Node], known: set[Letter] | None = None) -> None:
    """Raises AnswerError for the first quantity in some formulas that does not exist.

    known  letters that are known to exist, which grows; it serves all formulas of one problem
    """
    known = set() if known is None else known
    found = chain.from_iterable(with_sums(problem, node) for node in nodes)
    for count, part in enumerate(found, 1):
        if count > MOST_PARTS:
            raise AnswerError(f"written out, its sums have more than {MOST_PARTS:,} parts")
        if isinstance(part, Letter | Slope):
            for letter in part.by if isinstance(part, Slope) else (part,):
                if letter not in known:
                    _check_exists(problem, letter)
                    known.add(letter)


def _check_exists(problem: Problem, letter: Letter) -> None:
    _check_updates(problem, letter)
    for entry in entries_of(problem, letter)[1]:
        if all(isinstance(place, int) for place in (entry.layer, *entry.index)):
            quantity_at(problem, entry)


def _check_updates(problem: Problem, letter: Letter) -> None:
    if letter.primes > 1:
        raise AnswerError(f"'{letter}' is a value after {letter.primes} updates; write one after one update")
    if letter.primes and problem.training is None:
        raise AnswerError(
            f"'{letter}' is a value after an update, and this problem has no training;"
            " a problem's file states it under [training], with its rate"
        )


def with_sums(problem: Problem, node: Node) -> Iterator[Node]:
    """Every part of a formula, that of a sum once for each term, which is made when its turn comes."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Sum):
            for place in range_of(problem, part):
                yield from with_sums(problem, instantiate(part.body, {part.letter: place}))
        else:
            waiting += operands(part)[::-1]
