"""The worst relative error of an entry, by engine, against mpmath at 1,000 digits."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from tests.benchmarks.peers import precise
from tests.benchmarks.peers.kinds import here
from tests.benchmarks.peers.nets import HARD, Net, classes, hard, sigmoids
from tests.benchmarks.peers.rows import ENGINES
from tests.benchmarks.peers.tables import Table

HALF_UNIT = 2.0**-53
"""What correct rounding may be off by."""


def networks() -> list[Net]:
    """Well conditioned ones, and the hard ones."""
    return [sigmoids(2, 2, 2), sigmoids(4, 8, 8, 3), classes(3, 4, 3), *map(hard, HARD)]


def measure(*, quick: bool) -> Iterator[Table]:
    """One column an engine; `quick` makes no difference."""
    engines, rows = here(ENGINES), {}
    for net in networks():
        truth = precise.gradient_of(net, precise.TRUTH)()
        rows[net.name] = [precise.worst(_found(engine.gradient, net), truth) for engine in engines]
    most = max(row[-1] for row in rows.values())
    note = f"ours, proven: correctly rounded on {sum(row[-1] <= HALF_UNIT for row in rows.values())} of {len(rows)} networks, at worst {most:.2g}"
    yield Table("worst relative error of an entry", [e.name for e in engines], rows, _shown, [note, MEANING])


MEANING = "nan: some entry is no number; inf: an entry is not 0 that should be; errors below 5e-324 are none"


def _shown(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _found(gradient, net: Net) -> np.ndarray:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gradient(net)()
