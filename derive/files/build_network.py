"""A network from its table: names told apart, rules looked up, shapes compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from derive.files.build_parameters import (
    Entry,
    check_shapes,
    check_values,
    entries_of,
    first_uses,
    frozen_places,
    parameters_of,
    right_shaped,
    sizes_of,
    widths_of,
)
from derive.files.build_rules import activation_from, cost_from
from derive.files.limits import has_too_many_weights
from derive.files.mistakes import Mistakes, path
from derive.files.schema import LayerTable, NetworkTable
from derive.formula.nodes import FUNCTIONS
from derive.problem import Layer, Network, Parameter
from derive.rules import ACTIVATIONS, COSTS, Activation, Cost

STAND_IN_ACTIVATION, STAND_IN_COST = ACTIVATIONS["identity"], COSTS["half_squared_error"]
"""In the place of rules that cannot be read: they take every number and every target."""


def build_network(
    table: NetworkTable, cost_letter: str, values: Mapping[str, Fraction] | None, mistakes: Mistakes
) -> tuple[Network, tuple[Parameter, ...]] | None:
    """The network, still without an output formula, and its parameters.

    Where a shape, a value or a rule is a mistake, something harmless stands in its place, so that
    the samples can be judged. None where the network is too large or its names cannot be told apart.
    """
    sizes = sizes_of(table)
    if has_too_many_weights(sizes, widths_of(table), mistakes):
        return None
    entries = entries_of(table)
    check_shapes(table, mistakes)
    before = len(mistakes)
    _check_names(table, cost_letter, entries, mistakes)
    are_clear = len(mistakes) == before
    check_values(table, entries, values, mistakes)
    frozen = frozen_places(table, entries, mistakes)
    rules, cost = rules_of(table, mistakes)
    if not are_clear:
        return None
    table = right_shaped(table)
    activations = [rule or STAND_IN_ACTIVATION for rule in rules]
    parameters = parameters_of(entries_of(table), values or {}, frozen)
    keys = {place: parameter.key for parameter in parameters for place in parameter.places}
    network = Network(
        inputs=tuple(table.inputs),
        layers=tuple(
            _layer(l, layer, activation, sizes[l - 1], keys)
            for l, (layer, activation) in enumerate(zip(table.layers, activations, strict=True), 1)
        ),
        cost=None if table.cost is None else cost or STAND_IN_COST,
        reduction=table.reduction,
        l2=table.l2,
    )
    return network, parameters


def rules_of(table: NetworkTable, mistakes: Mistakes) -> tuple[list[Activation | None], Cost | None]:
    """The activation of each layer and the cost, None where one cannot be read or there is no cost."""
    activations = [
        activation_from(path("network", "layers", i, "activation"), layer.activation, mistakes)
        for i, layer in enumerate(table.layers)
    ]
    cost = None if table.cost is None else cost_from("network.cost", table.cost, mistakes)
    if table.cost is not None and table.output is not None:
        mistakes.add(
            "network.output", "an output beside a cost", "one of the two, or neither for a forward pass only"
        )
    return activations, cost


def _layer(l: int, table: LayerTable, activation: Activation, inputs: int, keys: Mapping[str, str]) -> Layer:
    rows, before = range(1, len(table.units) * activation.pieces + 1), range(1, inputs + 1)
    return Layer(
        units=tuple(table.units),
        activation=activation,
        weights=tuple(tuple(keys[f"w{l}[{j},{k}]"] for k in before) for j in rows),
        biases=None if table.biases == [] else tuple(keys[f"b{l}[{j}]"] for j in rows),
    )


def _check_names(table: NetworkTable, cost_letter: str, entries: Sequence[Entry], mistakes: Mistakes) -> None:
    """Every name means one thing, and none is what a unit's name brings: h1 brings a_h1, z_h1, delta_h1."""
    owners = {cost_letter: "the cost"}
    for name, owner, where in _names(table, entries):
        if name in FUNCTIONS:
            mistakes.add(where, f"'{name}' is a function", fix="choose another name")
        elif name in owners:
            found = f"'{name}' names both {owners[name]} and {owner}"
            mistakes.add(where, found, fix="give one of the two another name")
        owners.setdefault(name, owner)
    for name, owner, where in _names(table, entries):
        letter, _, unit = name.partition("_")
        if letter in ("a", "z", "delta") and owners.get(unit, "").startswith("unit"):
            found = f"'{name}' names both {owner} and a quantity of {owners[unit]}, '{unit}'"
            mistakes.add(where, found, fix="give one of the two another name")


def _names(table: NetworkTable, entries: Sequence[Entry]) -> Iterator[tuple[str, str, str]]:
    """The author's names, what each names, and where."""
    for k, name in enumerate(table.inputs, 1):
        if name is not None:
            yield name, f"input {k}", path("network", "inputs", k - 1)
    for l, layer in enumerate(table.layers, 1):
        for j, name in enumerate(layer.units, 1):
            if name is not None:
                yield name, f"unit {j} of layer {l}", path("network", "layers", l - 1, "units", j - 1)
    for name, entry in first_uses(entries).items():
        yield name, f"the parameter {entry.place}", entry.where
