"""What a problem file takes from elsewhere, written out: arrays of npz archives, seeds, CSV files.

    weights = {npz = "file.npz", key = "W1"}    or {seed = 0}
    [data]    csv = "file.csv"

Nothing is opened here: `fetch` gives a file's bytes by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

from derive.errors import StatementError
from derive.files.build_parameters import sizes_of, units_words, widths_of
from derive.files.limits import MOST_WEIGHTS, weights_in
from derive.files.mistakes import Mistakes, path, shown
from derive.files.npz import biases_of, weights_of
from derive.files.schema import LayerTable, NetworkTable, SourceTable
from derive.files.seeds import drawn_biases, drawn_weights

Fetch = Callable[[str], bytes]
"""From a file's name to its bytes. Raises StatementError."""

Array = TypeVar("Array", list[list[Fraction]], list[Fraction])


def written_out(network: NetworkTable, fetch: Fetch, mistakes: Mistakes) -> NetworkTable:
    """The network's table with every array in it; one that cannot be had is left open."""
    sizes, widths = sizes_of(network), widths_of(network)
    if weights_in(sizes, widths) > MOST_WEIGHTS:
        return network  # which is refused for that
    desk = Desk(cache(fetch), mistakes)
    layers = [_layer(l, layer, widths[l], sizes[l - 1], desk) for l, layer in enumerate(network.layers, 1)]
    return network.model_copy(update={"layers": layers})


def _layer(l: int, layer: LayerTable, rows: int, inputs: int, desk: Desk) -> LayerTable:
    units = units_words(layer)
    found: dict[str, Any] = {}
    if isinstance(layer.weights, SourceTable):
        found["weights"] = desk.array(
            path("network", "layers", l - 1, "weights"),
            layer.weights,
            lambda data, key: weights_of(data, key, units, rows, inputs),
            lambda seed: drawn_weights(seed, l, rows, inputs),
        )
    if isinstance(layer.biases, SourceTable):
        found["biases"] = desk.array(
            path("network", "layers", l - 1, "biases"),
            layer.biases,
            lambda data, key: biases_of(data, key, units, rows),
            lambda seed: drawn_biases(seed, l, rows, inputs),
        )
    return layer.model_copy(update=found)


@dataclass(frozen=True)
class Desk:
    """Where files are asked for and mistakes collected."""

    fetch: Fetch
    mistakes: Mistakes

    def array(
        self,
        where: str,
        source: SourceTable,
        read: Callable[[bytes, str], Array],
        draw: Callable[[int], Array],
    ) -> Array | None:
        """The array that a source states; None and a mistake more where there is none."""
        if (source.npz is None) == (source.seed is None):
            found = "both npz and seed" if source.npz else "neither npz nor seed"
            self.mistakes.add(where, found, '{npz = "file.npz", key = "W1"} or {seed = 0}')
        elif source.seed is not None:
            if source.key is None:
                return draw(source.seed)
            self.mistakes.add(f"{where}.key", "a key beside a seed", fix="leave it out")
        elif source.npz is not None and source.key is None:
            self.mistakes.add(f"{where}.key", "missing", 'the name of an array in the archive, such as "W1"')
        elif source.npz is not None and source.key is not None:
            return self._read(where, source.npz, source.key, read)
        return None

    def _read(self, where: str, name: str, key: str, read: Callable[[bytes, str], Array]) -> Array | None:
        try:
            return read(self.fetch(name), key)
        except StatementError as error:
            for mistake in error.mistakes:
                self.mistakes.add(where, f"{shown(name)}: {mistake.found}", mistake.allowed, mistake.fix)
        return None
