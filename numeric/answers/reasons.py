"""What is wrong with an answer, said once: of several sentences about the same thing the most natural one.

Whoever may try again is told what stands there and where to look; what belongs there instead is
said to those who ask for the right answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from derive.formula.nodes import Letter, Node
from derive.problem import Problem
from derive.slips.wording import in_letters


@dataclass(frozen=True)
class Reason:
    """What is wrong, with a sentence for whoever wrote it.

    slip  a name that programs may compare; `text` the sentence
    hint  the same without what belongs there instead; "" where the sentence does not tell that
    """

    slip: str
    text: str
    hint: str = ""

    @property
    def hinted(self) -> Reason:
        """What may be said to whoever may try again."""
        return replace(self, text=self.hint or self.text, hint="")

    def behind(self, words: str) -> Reason:
        """The same with words in front that say what it is about."""
        return replace(self, text=f"{words}{self.text}", hint=self.hint and f"{words}{self.hint}")


Why = Callable[[], Iterable[Reason]]
"""Works reasons out: a verdict is known before them, and often all that is asked for."""


def at_once(*reasons: Reason) -> Why:
    """Reasons that are known beforehand."""
    return lambda: reasons


class Later:
    """Reasons that are worked out when they are first read, after which nothing of the work is kept."""

    def __init__(self, why: Why) -> None:
        self._why = why

    @property
    def found(self) -> tuple[Reason, ...]:
        found = tuple(self._why())
        self._why = at_once(*found)
        return found


def told(problem: Problem, name: str, text: str) -> Reason:
    """A slip's sentence in the letters of the problem."""
    return Reason(name, in_letters(problem, text))


def quoted(node: Node, said: str) -> str:
    """A quantity as somebody wrote it, in quotes where that is otherwise than we do; else as we do."""
    own = node.written if isinstance(node, Letter) else ""
    return said if own in ("", said) else f"'{own}'"


FAMILIES: tuple[frozenset[str], ...] = tuple(
    frozenset(re.split(r"\s*,\s*", rows.strip()))
    for rows in (
        "sign, sign on the way, target and output exchanged, minus lost in the derivative,"
        " sign of a derivative of sine or cosine",
        "factor 2, factor 1/2, factor 2 on the way, factor 1/2 on the way, missing 1/n, extra 1/n,"
        " missing 1/n on the way, extra 1/n on the way, missing 1/K, extra 1/K, missing constant factor,"
        " routes averaged, uses averaged, power rule without the exponent, L2 without 1/n, L2 term halved,"
        " L2 term doubled",
        "missing output slope, missing hidden slope, dC/da for delta, error without its slope,"
        " missing local slope, inner derivative left out, outer derivative left out,"
        " first factor of the slope left out,"
        " second factor of the slope left out, third factor of the slope left out, exponent not lowered",
        "phi for phi', slope at the activation, function in place of its derivative,"
        " derivative at the function's value, slope in z instead of a, sigmoid's slope, tanh's slope,"
        " 1 - a for the slope, slope of the layer above, slope of the layer below, slope taken twice",
        "only one route, first route only, one route left out, diagonal of the weights only,"
        " diagonal of the softmax only, first term of the product rule only,"
        " last term of the product rule only",
        "first sample only, last sample only, a sample forgotten, first use only, last use only",
        "bias for weight gradient, input for weight gradient, weight for bias gradient, chain not continued,"
        " missing weight, missing cost slope, cost for its slope, missing upstream gradient",
        "missing transpose, transposed, weights of the layer below",
        "delta of the layer above, delta of the layer below, delta of two layers above, wrong layer",
    )
)
"""Rows of slips that say nearly the same where they give the same."""


def one_of_each(found: Iterable[tuple[str, Reason]]) -> Iterator[Reason]:
    """The reasons, each with the name of its row, without those of a family of which one is there."""
    said: set[object] = set()
    for row, reason in found:
        family = next((rows for rows in FAMILIES if row in rows), row)
        if family not in said:
            said.add(family)
            yield reason
