"""The problem's own rate and strength of L2, that stand as numbers in an answer.

    w - 0.5 dC/dw           for w - eta dC/dw
    Delta A^T + 0.025 W     for Delta A^T + lambda/m W

An answer that is right whatever the numbers are once these have their letters is told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from derive.answers import exchanged
from derive.formula.nodes import Apply, Letter, Node, Number, walk
from derive.problem import Network, Problem
from derive.training.update_rules import RATE
from numeric.answers.reasons import Reason
from numeric.answers.remarks import OWN_L2, OWN_RATE

LAMBDA, SAMPLES = Letter("lambda"), Letter("n")


def lettered(problem: Problem, node: Node, *, is_update: bool) -> Iterator[tuple[Node, Reason]]:
    """The formula with letters for such numbers, and what is said where it is right so."""
    body, training = problem.body, problem.training
    rates: dict[Fraction, Node] = {}
    strengths: dict[Fraction, Node] = {}
    if is_update and training is not None:
        rates[training.rate] = Letter(RATE)
    if isinstance(body, Network) and body.l2:
        strengths[body.l2 / max(len(problem.x), 1)] = Apply("divide", (LAMBDA, SAMPLES))
        strengths[body.l2] = LAMBDA
    for letters, reason in ((rates, OWN_RATE), (strengths, OWN_L2), (rates | strengths, OWN_L2)):
        other = _with(node, letters)
        if other != node:
            yield other, reason


def _with(node: Node, letters: Mapping[Fraction, Node]) -> Node:
    numbers = dict.fromkeys(part for part in walk(node) if isinstance(part, Number))
    return exchanged(node, [(part, letters[part.value]) for part in numbers if part.value in letters])
