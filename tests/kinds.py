"""What the quick loop takes of a long list: one of each kind, and the slow one all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pytest

RULES = frozenset(
    {
        "sigmoid",
        "relu",
        "gelu",
        "elu",
        "softmax",
        "maxout",
        "general",
        "huber",
        "hinge",
        "binary_cross_entropy",
    }
)
"""Smooth, a kink, a long formula, a parameter, coupled units, several pieces, no numbers; of costs likewise."""

EXAMPLES = frozenset(
    {"csdi-forward-2-3-2-1", "dlai-propagate-columns", "embedding", "hours-of-study", "nnfs-crossentropy"}
    | {
        "mazur-copy-basic-intro",
        "micrograd-readme",
        "perceptron-and",
        "seed004-alice",
        "seed004-cosine-graph",
    }
)
"""Forward only, a batch, matrices, a regression, classes, shared biases, a graph, no gradient, names, one letter."""


def thinned(rows: Iterable[Any], kept: Collection[str]) -> list[Any]:
    """Every row; one that is not kept, by itself or by its name, is slow."""
    return [
        row if getattr(row, "name", row) in kept else pytest.param(row, marks=pytest.mark.slow)
        for row in rows
    ]


def every(values: Iterable[Any], nth: int) -> list[Any]:
    """Every value of one argument; all but one in so many are slow."""
    return every_row(((value,) for value in values), nth)


def every_row(rows: Iterable[Sequence[Any]], nth: int) -> list[Any]:
    """Every row of several arguments; all but one in so many are slow."""
    return [
        pytest.param(*row, marks=pytest.mark.slow if place % nth else ()) for place, row in enumerate(rows)
    ]
