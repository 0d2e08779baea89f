"""All peers and ours, in the order of the tables."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.peers import differencing, ours, precise, with_torch, with_traces
from tests.benchmarks.peers.calculus import backprop_of
from tests.benchmarks.peers.differencing import EACH
from tests.benchmarks.peers.kinds import Checker, Engine, compared


def by_mpmath(net):
    """60 digits, rounded to float64."""
    gradient = precise.gradient_of(net)
    return lambda: np.array([float(v) for v in gradient()])


CHECKERS = (
    *with_torch.CHECKERS,
    *with_traces.CHECKERS,
    *differencing.CHECKERS,
    Checker(name=f"mpmath, {precise.DIGITS} digits", accepts=compared(by_mpmath), looks_at=EACH),
    *ours.CHECKERS,
)
ENGINES = (
    Engine(name="NumPy", gradient=backprop_of),
    *with_torch.ENGINES,
    *with_traces.ENGINES,
    *differencing.ENGINES,
    Engine(name="mpmath 60", gradient=by_mpmath),
    *ours.ENGINES,
)
TIMED = (*CHECKERS, ours.WHOLE)
