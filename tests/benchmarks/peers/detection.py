"""Which planted faults a checker refuses, and which right gradients.

Faults are those of the suite, of which each is proved to be beyond what a correct backward
pass may return; a right gradient is either correctly rounded or what stable float64 gives.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from tests.benchmarks.peers import ours
from tests.benchmarks.peers.accuracy import networks
from tests.benchmarks.peers.kinds import here
from tests.benchmarks.peers.rows import CHECKERS
from tests.benchmarks.peers.tables import Table
from tests.numeric.planting import Ground, Numbers, judge, plant

KINDS = {
    "one x 1.01": 4,
    "one x (1 + 1e-6)": 4,
    "one negated": 4,
    "one zeroed": 4,
    "first layer zero": 1,
    "all zero": 1,
}
"""How many of each are planted in a network; a quick run plants one."""

RIGHT = "right, refused"
ALONE = "our differences alone claim little where a cost cancels, and check asks the enclosures instead"


def measure(*, quick: bool) -> Iterator[Table]:
    """Shares by kind of fault, and of right gradients."""
    checkers, seen = here(CHECKERS), defaultdict(list)
    for net in networks():
        ground = Ground(net.name, net.problem)
        named = [*_faults(ground, quick=quick), *((RIGHT, gradient) for gradient in _right(ground))]
        cases = [(kind, np.array([gradient[key] for key in ours.keys(net)])) for kind, gradient in named]
        for checker in checkers:
            accepts = checker.accepts(net)
            for kind, gradient in cases:
                seen[checker.name, kind].append(not _asked(accepts, gradient))
    kinds = (*KINDS, RIGHT)
    rows = {c.name: [_share(seen[c.name, kind]) for kind in kinds] for c in checkers}
    planted = {kind: len(seen[checkers[0].name, kind]) for kind in kinds}
    note = "planted: " + ", ".join(f"{count} {kind}" for kind, count in planted.items())
    yield Table(
        "share that is refused", kinds, rows, "{:.2f}".format, [note, _faultless(seen, checkers), ALONE]
    )


def _faults(ground: Ground, *, quick: bool) -> Iterator[tuple[str, Numbers]]:
    rng = np.random.default_rng(1)
    for kind, count in KINDS.items():
        for _ in range(1 if quick else count):
            fault = plant(ground, kind, rng)
            if fault and judge(ground, fault).counts:
                yield kind, fault.gradient


def _right(ground: Ground) -> Iterator[Numbers]:
    yield ground.right
    yield {key: claim.value for key, claim in ground.stable.items()}


def _asked(accepts: Callable[[np.ndarray], bool], gradient: np.ndarray) -> bool:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return accepts(gradient)


def _share(refused: list[bool]) -> float:
    return sum(refused) / len(refused)


def _faultless(seen, checkers) -> str:
    """Who refuses every fault and nothing else."""
    names = [
        c.name for c in checkers if all(all(seen[c.name, k]) for k in KINDS) and not any(seen[c.name, RIGHT])
    ]
    return f"without a miss or a false alarm: {', '.join(names) or 'nobody'}"
