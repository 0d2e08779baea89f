"""The parameters of a network from the entries of its matrices.

    W[l] : (n[l], n[l-1])    b[l] : (n[l],)    l = 1..L

Under an activation of p pieces both have p rows for each unit: n[l] p in all.
An entry is a number, a name or left open. Entries that bear one name are one
parameter, wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from derive.errors import did_you_mean
from derive.files.build_rules import pieces_of
from derive.files.mistakes import Mistakes, counted, listed, path, shown
from derive.files.schema import LayerTable, NetworkTable, SourceTable
from derive.problem import Parameter

Stated = Fraction | str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a weight matrix or a bias vector.

    place   canonical name of this use
    array   canonical name of the matrix or vector
    where   its path in the file
    layer   its layer
    stated  a number, a name, or None where left open
    """

    place: str
    array: str
    where: str
    layer: int
    stated: Stated

    @property
    def own(self) -> str | None:
        return self.stated if isinstance(self.stated, str) else None


def sizes_of(table: NetworkTable) -> tuple[int, ...]:
    """n[0], n[1], ..., n[L]."""
    return (len(table.inputs), *(len(layer.units) for layer in table.layers))


def widths_of(table: NetworkTable) -> tuple[int, ...]:
    """The inputs, then how many rows W[1], ..., W[L] have; as many as stated where that is not known."""
    return (len(table.inputs), *map(_width, table.layers))


def _width(layer: LayerTable) -> int:
    pieces = pieces_of(layer.activation)
    if pieces is not None:
        return len(layer.units) * pieces
    return len(layer.weights) if isinstance(layer.weights, list) else len(layer.units)


def units_words(layer: LayerTable) -> str:
    """`3 units`, `2 units of 2 pieces`"""
    pieces = pieces_of(layer.activation) or 1
    return counted(len(layer.units), "unit") + (f" of {pieces} pieces" if pieces > 1 else "")


def entries_of(table: NetworkTable) -> tuple[Entry, ...]:
    """All entries in the order of the file: layer by layer, weights row by row, then biases."""
    sizes, widths = sizes_of(table), widths_of(table)
    return tuple(
        entry
        for l, layer in enumerate(table.layers, 1)
        for entry in _layer_entries(l, layer, widths[l], sizes[l - 1])
    )


def _layer_entries(l: int, layer: LayerTable, width: int, inputs: int) -> Iterator[Entry]:
    stated_weights, stated_biases = _written(layer.weights), _written(layer.biases)
    weights: Sequence[Sequence[Stated]] = stated_weights or [[None] * inputs] * width
    biases: Sequence[Stated] = [None] * width if stated_biases is None else stated_biases
    where, array = path("network", "layers", l - 1, "weights"), f"W{l}"
    for j, row in enumerate(weights, 1):
        for k, stated in enumerate(row, 1):
            yield Entry(f"w{l}[{j},{k}]", array, f"{where}[{j}][{k}]", l, stated)
    where, array = path("network", "layers", l - 1, "biases"), f"b{l}"
    for j, stated in enumerate(biases, 1):
        yield Entry(f"b{l}[{j}]", array, f"{where}[{j}]", l, stated)


Array = TypeVar("Array")


def _written(array: Array | SourceTable | None) -> Array | None:
    """An array's entries, which `outside.brought_in` has written out by now."""
    assert not isinstance(array, SourceTable)
    return array


def check_shapes(table: NetworkTable, mistakes: Mistakes) -> None:
    """W[l] has a row for each weighted input with a number for each input, b[l] a number for each."""
    sizes, widths = sizes_of(table), widths_of(table)
    for l, layer in enumerate(table.layers, 1):
        inputs, width, units = sizes[l - 1], widths[l], units_words(layer)
        each = "unit" if width == sizes[l] else "piece of each unit"
        weights, biases = _written(layer.weights), _written(layer.biases)
        lengths = [inputs] * width if weights is None else [len(row) for row in weights]
        if lengths != [inputs] * width:
            turned = width != inputs and lengths == [width] * inputs
            mistakes.add(
                path("network", "layers", l - 1, "weights"),
                f"W{l} has {_rows(lengths)}",
                f"{counted(width, 'row')} of {inputs}: layer {l} has {units} and {counted(inputs, 'input')}",
                fix=f"turn the matrix round: a row holds the weights into one {each}" if turned else "",
            )
        if biases and len(biases) != width:
            mistakes.add(
                path("network", "layers", l - 1, "biases"),
                f"b{l} has {counted(len(biases), 'number')}; layer {l} has {units}",
                f"a number or name for each {each}, or false for none",
            )


def right_shaped(table: NetworkTable) -> NetworkTable:
    """The table with arrays as units and inputs ask: cut where too long, left open where too short.

    So what does not hang on a matrix can be judged although its shape is a mistake.
    """
    sizes, widths = sizes_of(table), widths_of(table)
    layers = [_right_shaped(layer, widths[l], sizes[l - 1]) for l, layer in enumerate(table.layers, 1)]
    return table.model_copy(update={"layers": layers})


def _right_shaped(layer: LayerTable, width: int, inputs: int) -> LayerTable:
    weights, biases = _written(layer.weights), _written(layer.biases)
    fitted: dict[str, object] = {}
    if weights is not None:
        fitted["weights"] = [_of_length(row, inputs) for row in [*weights, *[[]] * width][:width]]
    if biases:
        fitted["biases"] = _of_length(biases, width)
    return layer.model_copy(update=fitted)


def _of_length(row: Sequence[Stated], length: int) -> list[Stated]:
    return [*row, *[None] * length][:length]


def loses_names(table: NetworkTable) -> bool:
    """Whether a name stands only where no unit or input is, so that a formula may ask for it in vain."""
    stated: set[Stated] = set()
    kept: set[Stated] = set()
    for layer, inputs, width in zip(table.layers, sizes_of(table), widths_of(table)[1:], strict=False):
        # What a seed or a file would bring has no names, and may not be drawn yet.
        weights = layer.weights if isinstance(layer.weights, list) else []
        biases = layer.biases if isinstance(layer.biases, list) else []
        stated.update(*weights, biases)
        kept.update(*(row[:inputs] for row in weights[:width]), biases[:width])
    return any(isinstance(lost, str) for lost in stated - kept)


def _rows(lengths: Sequence[int]) -> str:
    """`2 rows of 3 numbers`; of uneven ones `3 rows, with 2, 3 and 2 numbers`."""
    rows = counted(len(lengths), "row")
    if len(set(lengths)) <= 1:
        return f"{rows} of {counted(lengths[0], 'number')}" if lengths else "no rows"
    return f"{rows}, with {', '.join(map(str, lengths[:-1]))} and {lengths[-1]} numbers"


def check_values(
    table: NetworkTable, entries: Sequence[Entry], values: Mapping[str, Fraction] | None, mistakes: Mistakes
) -> None:
    """Every name has a value and every value a name, or there is no [values] and all are free."""
    if values is None:
        return
    first = first_uses(entries)
    unused = [name for name in values if name not in first]
    for name, entry in first.items():
        if name not in values:
            found = f"'{name}' has no value{did_you_mean(name, unused)}"
            mistakes.add(entry.where, found, fix=f"add {name} = … to [values]")
    for name in unused:
        found = f"no weight or bias is named {shown(name)}{did_you_mean(name, first)}"
        is_input = name in table.inputs
        fix = "give an input's values in [data] x" if is_input else "name it in weights or biases, or drop it"
        mistakes.add(path("values", name), found, fix=fix)


def first_uses(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """The author's names in the order of the file, each with the first entry that bears it."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.own is not None:
            first.setdefault(entry.own, entry)
    return first


def frozen_places(table: NetworkTable, entries: Sequence[Entry], mistakes: Mistakes) -> frozenset[str]:
    """The uses that are not trained: `frozen` lists own names, places (w1[1,2]) and whole arrays (W1)."""
    frozen: set[str] = set()
    for l, layer in enumerate(table.layers, 1):
        mine = [entry for entry in entries if entry.layer == l]
        if layer.frozen is None:
            frozen.update(entry.place for entry in mine)
            continue
        arrays = _places((entry.array, entry) for entry in mine)
        single = _places((entry.place, entry) for entry in mine)
        # Own names last, because they win: b1 may be one number of the vector b1.
        owned = _places((entry.own, entry) for entry in mine if entry.own is not None)
        places = arrays | single | owned
        for i, name in enumerate(layer.frozen):
            if name not in places:
                found = f"layer {l} has no parameter {shown(name)}{did_you_mean(name, places)}"
                allowed = f"true, or names such as {listed(list(owned or arrays))}"
                mistakes.add(path("network", "layers", l - 1, "frozen", i), found, allowed)
            frozen.update(places.get(name, ()))
    return frozenset(frozen)


def _places(named: Iterable[tuple[str, Entry]]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for name, entry in named:
        places.setdefault(name, []).append(entry.place)
    return places


def parameters_of(
    entries: Sequence[Entry], values: Mapping[str, Fraction], frozen: frozenset[str]
) -> tuple[Parameter, ...]:
    """One parameter for each name and for each entry without one; frozen if any of its uses is."""
    uses: dict[str, list[Entry]] = {}
    for entry in entries:
        uses.setdefault(entry.own or entry.place, []).append(entry)
    return tuple(
        Parameter(
            key=f"shared {name}" if len(same) > 1 else same[0].place,
            own=same[0].own,
            value=same[0].stated if isinstance(same[0].stated, Fraction) else values.get(name),
            frozen=any(entry.place in frozen for entry in same),
            places=tuple(entry.place for entry in same),
        )
        for name, same in uses.items()
    )
