"""What is known of a peer: one row each, made where its library is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from tests.benchmarks.peers.nets import Net

Accepts = Callable[[np.ndarray], bool]
"""Whether a check finds nothing wrong with a gradient, given as one vector."""


@dataclass(frozen=True, kw_only=True)
class Checker:
    """A way to ask whether a gradient is right.

    accepts   makes the question for one network: what can be made beforehand is
    looks_at  what is compared, in a few words
    most      parameters of the largest network that a quick run waits for
    """

    name: str
    accepts: Callable[[Net], Accepts]
    looks_at: str
    needs: str = "numpy"
    most: int = 10**9
    ours: bool = False


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A way to compute a gradient, as one float64 vector."""

    name: str
    gradient: Callable[[Net], Callable[[], np.ndarray]]
    needs: str = "numpy"
    ours: bool = False


def here(rows):
    """Those of the rows whose library is installed."""
    return [row for row in rows if find_spec(row.needs)]


def missing(rows) -> list[str]:
    """The libraries that rows need and that are not installed."""
    return sorted({row.needs for row in rows if not find_spec(row.needs)})


def compared(gradient: Callable[[Net], Callable[[], np.ndarray]]) -> Callable[[Net], Accepts]:
    """A check as people make one of an engine: `numpy.testing.assert_allclose`, with its defaults."""

    def accepts(net: Net) -> Accepts:
        ours = gradient(net)

        def check(theirs: np.ndarray) -> bool:
            try:
                np.testing.assert_allclose(theirs, ours())
            except AssertionError:
                return False
            return True

        return check

    return accepts
