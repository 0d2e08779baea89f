"""Whether an answer averages over samples, as its text shows: of two samples a mean is a half of the sum."""

from __future__ import annotations

from derive.formula.nodes import Apply, Letter, Node, Number, walk
from derive.problem import Problem
from derive.slips import MISTAKES, PlacedSlip
from derive.slips.kinds import Mistake

COUNTS = frozenset({"n", "m"})
"""The letters of the number of samples, where they have no layer."""

HALF, MEAN = "factor 1/2", "extra 1/n"
"""Slips that are one where there are two samples."""


def averages(problem: Problem, node: Node) -> bool:
    """Whether it takes a mean, or divides by the number of samples: by its letter, or by itself."""
    samples = len(problem.samples)
    return samples > 1 and any(_divides(part, samples) for part in walk(node))


def _divides(part: Node, samples: int) -> bool:
    if not isinstance(part, Apply):
        return False
    if part.operation != "divide":
        return part.operation == "mean"
    over, by = part.args
    if isinstance(by, Letter):
        return by.letter in COUNTS and not by.layer
    is_alone = isinstance(over, Number)  # 1/2 is a half
    return isinstance(by, Number) and by.value == samples and not is_alone


def as_mean(slip: PlacedSlip) -> Mistake | None:
    """The slip by which the mean of two samples was taken, for the half too many that is as good a reason."""
    is_half = slip.name == HALF and len(slip.sweep.problem.samples) == 2
    return next(mistake for mistake in MISTAKES if mistake.name == MEAN) if is_half else None
