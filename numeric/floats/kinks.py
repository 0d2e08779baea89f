"""Which kinks lie between a network where it stands and where it was moved to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numeric.floats.network import Arrays, Pass, objective_margins, unit_rule
from numeric.floats.rounding import Bools, Rounded
from numeric.floats.standing import Base


def crossings(base: Base, arrays: Arrays, run: Pass, P: int) -> dict[int, str]:
    """For each of P points the first kink between its six values and the unmoved network, where there is one.

    run.z[l] : (P, 6, samples, n[l]), of the first of the points where others move later layers
        only, or without leading axes where nothing moved
    """
    found: dict[int, str] = {}
    for text, here, moved in margins_of(base, arrays, run):
        points = len(moved.value) if moved.ndim > here.ndim else P
        passed = crossed(here, moved.broadcast_to((points, 6, *here.shape))).any(axis=1).reshape(points, -1)
        for p in np.flatnonzero(passed.any(axis=1)).tolist():
            unit = int(passed[p].argmax()) % max(here.shape[-1:], default=1) + 1
            found.setdefault(p, text.format(unit=unit))
    return found


def margins_of(base: Base, arrays: Arrays, run: Pass) -> Iterator[tuple[str, Rounded, Rounded]]:
    """What changes sign at each kink: how a message puts it, unmoved, and moved."""
    for l, z in run.z.items():
        if z is base.run.z[l]:
            continue
        rule = unit_rule(base.network.layer(l).activation)
        text = f"z{l}[{{unit}}] is within the step of {rule.name}'s kink"
        for before, after in zip(rule.margins(base.run.z[l]), rule.margins(z), strict=True):
            yield text, before, after
    unmoved = objective_margins(base.problem, base.network, base.arrays, base.run)
    moved = objective_margins(base.problem, base.network, arrays, run)
    for (text, before), (_, after) in zip(unmoved, moved, strict=True):
        yield f"the cost: {text} 0 within the step", before, after


def crossed(here: Rounded, moved: Rounded) -> Bools:
    """Where a margin that moved may be 0 or of another sign than before."""
    still = (moved.value == here.value) & (moved.error == here.error)
    sure = (np.sign(moved.value) == np.sign(here.value)) & (np.abs(moved.value) > moved.error)
    return np.asarray(~(still | sure))
