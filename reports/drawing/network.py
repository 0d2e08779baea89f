"""A network's drawing: inputs, layers and cost in columns, weights on the lines.

A layer of more than eight units shows its first and last ones, with dots for
the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from derive.notation import write
from derive.problem import Network, Problem
from derive.steps import activation_keys
from derive.writing.plain import plain
from derive.writing.tree import Row, Text, Tree, equals
from numeric.balls.worked import Worked
from reports.content.values import short, short_gradient
from reports.drawing.diagram import (
    CHARACTER,
    RADIUS,
    Box,
    Diagram,
    Heading,
    Point,
    Spot,
    Wire,
    between,
    label_box,
    letters,
    spread,
)
from reports.numbers import number_tree, typeset

MOST_UNITS = 8
SHORT_LABEL = 10
"""Letters of a label that stands well between two layers: w₅ 0.45."""

MOST_LABELS = 9
"""More weights than this between two layers are drawn without their numbers."""

ROW, TOP, LEFT, SUBTITLE = 150, 104, 42, 24


def draw_network(
    problem: Problem, network: Network, worked: Worked | None, cost: Tree | None, targets: Mapping[str, str]
) -> Diagram:
    """The drawing, with one sample's values where numbers are known.

    cost     the letter of the cost's circle; None for a network that only runs forward
    targets  the id of each parameter's section, by key
    """
    return _Drawing(problem, network, worked, cost, targets).diagram()


def drawn_weights(network: Network) -> Iterator[str]:
    """The keys of the weights whose lines are drawn."""
    for l, (below, above) in enumerate(pairwise(map(_shown, network.sizes)), 1):
        yield from (key for k in below for j in above if k and j for key in _between(network, l, k, j))


def _between(network: Network, l: int, k: int, j: int) -> list[str]:
    """The keys of the weights to unit j of layer l from unit k of the layer below."""
    layer = network.layer(l)
    return [layer.weights[i - 1][k - 1] for i in layer.read_by(j)]


@dataclass(frozen=True)
class _Drawing:
    problem: Problem
    network: Network
    worked: Worked | None
    cost: Tree | None
    targets: Mapping[str, str]

    def diagram(self) -> Diagram:
        shown = [_shown(size) for size in self.network.sizes]
        top = TOP + (SUBTITLE if any(formula for _, formula in self.titles()) else 0)
        height = max(ROW * (max(map(len, shown)) - 1), ROW / 2)
        columns = self.columns()
        places = {
            (l, unit): (columns[l], round(top + y, 1))
            for l, units in enumerate(shown)
            for unit, y in zip(units, spread(len(units), height, ROW), strict=True)
        }
        middle = (columns[-1], round(top + height / 2, 1))
        units = [spot for place, at in places.items() if place[1] for spot in (self.unit(*place, at),)]
        wires = [wire for l in range(1, self.network.depth + 1) for wire in self.weights(l, shown, places)]
        if self.cost is not None:
            units.append(Spot("C", middle, self.cost, self.value("C"), kind="cost"))
            last = self.network.depth
            wires += [Wire(between(places[last, j], middle), kind="cost") for j in shown[last] if j]
        dots = [Heading(at, "⋮", kind="dots") for (_, unit), at in places.items() if not unit]
        titles = [
            Heading((x, 24), words, formula)
            for x, (words, formula) in zip(columns, self.titles(), strict=False)
        ]
        sizes = " to ".join(map(str, self.network.sizes))
        return Diagram(
            size=(columns[-1] + LEFT, top + height + RADIUS + 30),
            spots=tuple(units),
            wires=tuple(wires),
            headings=(*titles, *dots),
            label=f"Network diagram, {sizes} units. Each weight is a link to its derivation.",
            wide=len(columns) > 4,
        )

    def columns(self) -> list[float]:
        """Where each layer stands; more weights between two layers, and longer labels, ask for more room."""
        places = [float(LEFT)]
        for l, (below, above) in enumerate(pairwise(self.network.sizes), 1):
            room: float = 170 if below * above <= 4 else 215
            keys = {key for row in self.network.layer(l).weights for key in row}
            if len(keys) <= MOST_LABELS:
                longest = max(letters(self.label(key)) for key in keys)
                room += CHARACTER * max(0, longest - SHORT_LABEL)
            places.append(places[-1] + room)
        return [*places, places[-1] + 128] if self.cost is not None else places

    def titles(self) -> list[tuple[str, Tree | None]]:
        names = ["inputs", *_layer_names(self.network.depth)]
        shared: list[Tree | None] = [None, *(self.shared_bias(l) for l in range(1, self.network.depth + 1))]
        return [*zip(names, shared, strict=True), *([("cost", None)] if self.cost is not None else [])]

    def shared_bias(self, l: int) -> Tree | None:
        """bias b₁ 0.35 in a column's title, where a whole layer shares it."""
        biases = self.network.layer(l).biases
        if biases is None or len(set(biases)) > 1 or len(biases) == 1:
            return None
        return Row((Text("bias "), *_items(self.named(biases[0]))))

    def named(self, key: str) -> Tree:
        """b = 0.35, or the letter alone where it is free."""
        value = self.problem.parameter[key].value
        letter = write(self.problem, key)
        return letter if value is None else equals(letter, number_tree(value, 4))

    def unit(self, l: int, unit: int, at: Point) -> Spot:
        key = activation_keys(self.network, l, "")[unit - 1]
        label = write(self.problem, key)
        if l == 0:
            return Spot(key, at, label, self.value(key), kind="input")
        biases = self.network.layer(l).biases
        own = biases if biases is not None and self.shared_bias(l) is None else ()
        bias = [own[i - 1] for i in self.network.layer(l).read_by(unit) if own]
        return Spot(
            key, at, label, self.value(key), self.gradient(key),
            note=_side_by_side([self.named(key) for key in bias]),
            note_target=self.targets.get(bias[0], "") if bias else "",
        )  # fmt: skip

    def value(self, key: str) -> str:
        return short(self.worked.values[key]) if self.worked and key in self.worked.values else ""

    def gradient(self, key: str) -> str:
        found = self.worked.totals.get(("C", key)) if self.worked else None
        return short_gradient(found) if found is not None else ""

    def weights(
        self, l: int, shown: Sequence[Sequence[int]], places: Mapping[tuple[int, int], Point]
    ) -> list[Wire]:
        """The lines into layer l, labelled while there are few; one for all weights between two units."""
        pairs = [(k, j) for k in shown[l - 1] for j in shown[l] if k and j]
        taken = [
            Box(places[column, unit], 2 * RADIUS - 20, 2 * RADIUS + 30)
            for column, unit in places
            if column in (l - 1, l)
        ]
        wires = []
        for k, j in sorted(pairs, key=lambda pair: pair[0] != pair[1]):
            keys = _between(self.network, l, k, j)
            points = between(places[l - 1, k], places[l, j])
            title = "; ".join(map(self.title, keys))
            wire = Wire(points, target=self.targets.get(keys[0], ""), title=title)
            label = _side_by_side([self.label(key) for key in keys])
            few = label is not None and len(pairs) * len(keys) <= MOST_LABELS
            box = label_box(label, places[l - 1, k], places[l, j], taken) if label and few else None
            if box is not None:
                taken.append(box)
                wire = replace(wire, label=label, label_at=box.at, label_width=box.width)
            wires.append(wire)
        return wires

    def label(self, key: str) -> Tree:
        """w₅ 0.40: the letter and the number side by side."""
        value = self.problem.parameter[key].value
        letter = write(self.problem, key)
        return letter if value is None else Row((letter, Text(" "), number_tree(value, 3)))

    def title(self, key: str) -> str:
        value: Fraction | None = self.problem.parameter[key].value
        gradient = self.worked.totals.get(("C", key)) if self.worked else None
        words = [f"weight {plain(write(self.problem, key))}"]
        words += [f"= {typeset(value)}"] if value is not None else []
        words += [f", gradient {short_gradient(gradient)}"] if gradient is not None else []
        return " ".join(words).replace(" ,", ",")


def _side_by_side(trees: Sequence[Tree]) -> Tree | None:
    """w₁ 0.40, w₂ 0.45; None of nothing."""
    items = [item for tree in trees for item in (Text(", "), *_items(tree))]
    return Row(tuple(items[1:])) if len(trees) > 1 else next(iter(trees), None)


def _items(tree: Tree) -> tuple[Tree, ...]:
    return tree.items if isinstance(tree, Row) else (tree,)


def _layer_names(depth: int) -> list[str]:
    hidden = ["hidden"] if depth == 2 else [f"layer {l}" for l in range(1, depth)]
    return [*hidden, "outputs"]


def _shown(size: int) -> tuple[int, ...]:
    """The units that are drawn; 0 stands for those that are left out."""
    if size <= MOST_UNITS:
        return tuple(range(1, size + 1))
    return (1, 2, 3, 0, size)
