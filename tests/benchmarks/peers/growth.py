"""How the time of ours grows: with the width of the hidden layers, and with their number.

Twice as wide has about four times the weights, twice as deep twice as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from numeric.floats.backprop import backprop
from tests.benchmarks.peers import ours, precise
from tests.benchmarks.peers.clock import best
from tests.benchmarks.peers.nets import Net, sigmoids
from tests.benchmarks.peers.tables import Table, seconds

WIDTHS = (8, 16, 32, 64, 128)
DEPTHS = (2, 4, 8, 16, 32)


def _checked(net: Net) -> Callable[[], object]:
    accepts, right = ours.accepts(net), precise.rounded(net)
    return lambda: accepts(right)


def _moved(net: Net) -> Callable[[], object]:
    accepts, right = ours.within_differences(net), precise.rounded(net)
    return lambda: accepts(right)


PARTS: dict[str, Callable[[Net], Callable[[], object]]] = {
    "check": _checked,
    "differences": _moved,
    "proven": ours.certified,
    "backprop": lambda net: lambda: backprop(net.problem),
}


def measure(*, quick: bool) -> Iterator[Table]:
    """By width and by depth: times, and below them how many times longer the largest doubling takes."""
    cut = 4 if quick else 5
    wide = {f"8-{n}-{n}-4": sigmoids(8, n, n, 4) for n in WIDTHS[:cut]}
    deep = {f"{d} layers of 8": sigmoids(*[8] * (d + 1)) for d in DEPTHS[:cut]}
    for word, nets in (("width", wide), ("depth", deep)):
        rows = {name: [best(make(net), 0.3) for make in PARTS.values()] for name, net in nets.items()}
        yield Table(f"growth with {word}", [*PARTS], rows, seconds, [_ratios(word, [*rows.values()])])


def _ratios(word: str, rows: Sequence[Sequence[float]]) -> str:
    ratios = [[after / before for before, after in zip(*pair, strict=True)] for pair in pairwise(rows)]
    columns = zip(PARTS, zip(*ratios, strict=True), strict=True)
    said = ", ".join(f"{name} {' '.join(f'{ratio:.2g}' for ratio in row)}" for name, row in columns)
    return f"times longer per doubling of the {word}: {said}"
