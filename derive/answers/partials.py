r"""∂w/∂x in a graph whose step w reads x itself and through others: its own slope, or the total.

    v = exp(x),  w = v + x^2:   ∂w/∂x = 2x with v held,   dw/dx = e^x + 2x

The chain rule of textbooks has the first as a factor and the second on its left, and letters do not
tell them apart: either is meant by ∂ as by d.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from derive.answers.spoken import spoken
from derive.formula.nodes import Letter, Node, Slope, names_in, walk
from derive.problem import Graph, Problem

MOST_SLOPES = 3
"""Of one answer that are read both ways."""


def own_slopes(links: tuple[Node, ...], problem: Problem) -> Iterator[tuple[Slope, ...]]:
    """The derivatives of a formula that may be a step's own slope, in every choice of them."""
    if not isinstance(problem.body, Graph):
        return
    met = dict.fromkeys([part for link in links for part in walk(link) if isinstance(part, Slope)])
    slopes = [slope for slope in met if _has_two_readings(problem.body, slope)][:MOST_SLOPES]
    for count in range(1, len(slopes) + 1):
        yield from combinations(slopes, count)


def said_of(problem: Problem, slopes: tuple[Slope, ...]) -> Iterator[str]:
    """How these were read."""
    for slope in slopes:
        said = spoken(problem, slope)
        yield f"{said} is read as the slope of {slope.of}'s own formula, with what else it reads held"


def _has_two_readings(graph: Graph, slope: Slope) -> bool:
    """Whether a step reads a number itself, and through others that it reads."""
    if not isinstance(slope.of, Letter) or len(slope.by) != 1:
        return False
    of, by = slope.of.letter, slope.by[0].letter
    if graph.shape(of) or graph.shape(by):
        return False
    reads = {line.name: {name.base for name in names_in(line.node)} for line in graph.steps}
    direct = reads.get(of, set())
    return by in direct and any(_depends(reads, name, by) for name in direct - {by})


def _depends(reads: dict[str, set[str]], name: str, by: str) -> bool:
    waiting, known = [name], set[str]()
    while waiting:
        current = waiting.pop()
        if by in reads.get(current, ()):
            return True
        waiting += reads.get(current, set()) - known
        known |= reads.get(current, set())
    return False
