"""How long it takes to learn whether a right gradient is right, for each checker and network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.benchmarks.peers import ours, precise
from tests.benchmarks.peers.clock import best
from tests.benchmarks.peers.kinds import Checker, here
from tests.benchmarks.peers.nets import SIZES, Net, sigmoids
from tests.benchmarks.peers.rows import ENGINES, TIMED
from tests.benchmarks.peers.tables import Table, seconds

SLOWEST = "PyTorch gradcheck"
GOAL = ("backproof, differences", SLOWEST, 400, 1000)
"""Every weight really moved: so many times faster at least, and as we aim."""

PROVEN = ("ours, proven", "mpmath 60", 15)


def measure(*, quick: bool) -> Iterator[Table]:
    """The checks, and the gradients alone."""
    patience = 0.5 if quick else 3.0
    nets = [sigmoids(*sizes) for sizes in SIZES]
    checkers = here(TIMED)
    times = {c.name: [_check(c, net, patience, quick=quick) for net in nets] for c in checkers}
    yield Table(
        "time of a check of every gradient entry", _heads(nets), times, seconds, _ratios(times, checkers)
    )
    made = {e.name: ours.certified if e.gradient is ours.enclosed else e.gradient for e in here(ENGINES)}
    known = {c.name for c in checkers if quick and c.most < nets[-1].theta.size}
    taken = {
        name: [None if net is nets[-1] and name in known else best(gradient(net), patience) for net in nets]
        for name, gradient in made.items()
    }
    ratio = taken[PROVEN[1]][-1] / taken[PROVEN[0]][-1]
    note = f"proven gradient of {nets[-1].name}: {ratio:.0f} times faster than mpmath at {precise.DIGITS} digits (goal {PROVEN[2]})"
    yield Table("time of a gradient", _heads(nets), taken, seconds, [note])


def _heads(nets: Sequence[Net]) -> list[str]:
    return [net.name for net in nets]


def _check(checker: Checker, net: Net, patience: float, *, quick: bool) -> float | None:
    if quick and net.theta.size > checker.most:
        return None
    accepts = checker.accepts(net)
    right = precise.rounded(net)
    return best(lambda: accepts(right), patience)


def _ratios(times, checkers: Sequence[Checker]) -> list[str]:
    """How many times faster ours are on the largest network than each that looks at every entry."""
    if SLOWEST not in times:
        return ["PyTorch is not installed, so there is nothing that the goal is measured by"]
    name, against, least, aim = GOAL
    ratio = times[against][-1] / times[name][-1]
    own = [c.name for c in checkers if c.ours]
    lines = [f"{name} against {against}: {ratio:.0f} times faster (goal {least}, aim {aim})"]
    for rival in (c.name for c in checkers if not c.ours):
        if times[rival][-1] is not None:
            parts = ", ".join(f"{times[rival][-1] / times[mine][-1]:.3g} x {mine}" for mine in own)
            lines.append(f"{rival}: {parts}")
    return lines
