"""A network's numbers as arrays, and its forward pass.

    z[l] = W[l] a[l-1] + b[l],   a[l] = phi(z[l]),   a[0] = x

Samples are rows: X and a[l] are (samples, units), so a batch is A W^T + b. z[l] is
(samples, rows of W[l]): as many columns as a[l], or p times as many under an activation
of p pieces.
W, b and z are keyed 1..L, a 0..L, as on the page. Every array carries its
rounding error (`Rounded`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive import rules
from derive.formula.nodes import Apply, Name, Node, names_in
from derive.problem import Network, Problem
from derive.quantities import at_sample
from numeric.floats.nodes import evaluate, margins, pull
from numeric.floats.prepared import once, unwritable
from numeric.floats.rounding import Plain, Rounded
from numeric.floats.rules import (
    ACTIVATIONS,
    COSTS,
    OUTPUTS,
    TEXTBOOK,
    TEXTBOOK_COSTS,
    TEXTBOOK_OUTPUTS,
    Activation,
    Cost,
    Output,
    Textbook,
    TextbookOutput,
)
from numeric.floats.stable_forms import named_cost, stable


@dataclass(frozen=True)
class Arrays:
    """The numbers of a problem.

    X (samples, inputs)    Y (samples, outputs)    W[l] (n[l], n[l-1])    b[l] (n[l],)

    Under an activation of p pieces W[l] and b[l] have n[l] p rows, p for each unit in turn.
    """

    X: Rounded
    Y: Rounded | None
    W: Mapping[int, Rounded]
    b: Mapping[int, Rounded | None]


@dataclass(frozen=True)
class Pass:
    """The weighted inputs and activations of a forward pass; leading axes broadcast."""

    z: Mapping[int, Rounded]
    a: Mapping[int, Rounded]


@once
def arrays_of(problem: Problem, network: Network) -> Arrays:
    """The arrays of a problem in which every number is known, made once."""
    value = {parameter.key: parameter.value for parameter in problem.parameters}
    layers = dict(enumerate(network.layers, 1))
    return Arrays(
        X=_array(problem.x),
        Y=_array(problem.y) if problem.y else None,
        W={l: _array([[value[key] for key in row] for row in layer.weights]) for l, layer in layers.items()},
        b={
            l: None if layer.biases is None else _array([value[key] for key in layer.biases])
            for l, layer in layers.items()
        },
    )


def plainly(arrays: Arrays) -> Arrays:
    """The same arrays without their errors."""
    return Arrays(
        X=Plain(arrays.X.value),
        Y=None if arrays.Y is None else Plain(arrays.Y.value),
        W={l: Plain(W.value) for l, W in arrays.W.items()},
        b={l: None if b is None else Plain(b.value) for l, b in arrays.b.items()},
    )


def _array(numbers: Sequence[Any]) -> Rounded:
    return unwritable(Rounded.of(numbers))


def unit_rule(rule: rules.Activation) -> Activation:
    """The hand-written row of an activation; a formula rule's is made from its nodes' rows."""
    node = rule.node
    if node is None:
        return ACTIVATIONS[rule.name].given(_parameters(rule))
    return Activation(
        name=rule.name,
        value=lambda z: evaluate(node, {"z": z}).broadcast_to(z.shape),
        pull=lambda z, g: _slope_of(node, z.broadcast_to(g.shape), g),
        slope=lambda z: _slope_of(node, z, Rounded.exact(1.0)),
        margins=lambda z: tuple(margin.broadcast_to(z.shape) for _, margin in margins(node, {"z": z})),
    )


def _slope_of(node: Node, z: Rounded, g: Rounded) -> Rounded:
    return slopes_of(node, {"z": z}, g).get("z", Rounded.exact([0.0])).broadcast_to(z.shape)


def _parameters(rule: rules.Activation | rules.Cost) -> dict[str, Rounded]:
    """A rule's parameters by name, each with the error of its nearest float."""
    return {parameter.name: Rounded.of(value) for parameter, value in rule.settings}


def textbook_rule(rule: rules.Activation) -> Textbook | None:
    """Value and slope as textbooks write them, where that is another form than the stable one."""
    if rule.node is not None:
        return _formula_as_written(rule.name, rule.node)
    row = TEXTBOOK.get(rule.name)
    return row.given(_parameters(rule)) if row else None


def _formula_as_written(name: str, node: Node) -> Textbook | None:
    """A formula that is a named activation in disguise is read as that one is, a(1 - a)."""
    form = stable(node)
    if isinstance(form, Apply) and form.operation in TEXTBOOK and form.args == (Name("z"),):
        return TEXTBOOK[form.operation].given(_parameters(rules.ACTIVATIONS[form.operation].given()))
    if form == node:
        return None
    return Textbook(
        name=name,
        form="the formula as it is written",
        stable="sigmoid, tanh and softplus where it spells them out",
        value=lambda z: evaluate(node, {"z": z}, textbook=True).broadcast_to(z.shape),
        pull=lambda z, _, g: pull(node, {"z": z.broadcast_to(g.shape)}, g, textbook=True)["z"],
    )


def slopes_of(node: Node, values: Mapping[str, Rounded], g: Rounded) -> Mapping[str, Rounded]:
    """The slopes of a formula in its names; none where it is a constant, which has no shape of its own."""
    return pull(node, values, g) if names_in(node) else {}


def cost_name(rule: rules.Cost) -> str:
    """The name of the row that a cost is; a formula that spells one out is that one."""
    return (rule.node is not None and named_cost(rule.node)) or rule.name


def cost_rule(rule: rules.Cost) -> Cost:
    """The hand-written row of a cost, or one made from its formula's nodes."""
    node = rule.node
    if node is None or cost_name(rule) in COSTS:
        return COSTS[cost_name(rule)].given(_parameters(rule))
    return Cost(
        name=rule.name,
        parts=lambda a, y: evaluate(node, {"a": a, "y": y}).broadcast_to(a.shape),
        slope=lambda a, y: (
            slopes_of(node, {"a": a, "y": y}, Rounded.exact(1.0))
            .get("a", Rounded.exact([0.0]))
            .broadcast_to(a.shape)
        ),
    )


def objective_margins(
    problem: Problem, network: Network, arrays: Arrays, run: Pass
) -> list[tuple[str, Rounded]]:
    """What changes sign at a kink of the cost's or output's formula, as `nodes.margins` tells it."""
    if network.output is not None:
        return margins(network.output, output_values(problem, network.output, arrays, run))
    if network.cost is None:
        return []
    assert arrays.Y is not None
    outputs = run.a[network.depth]
    if network.cost.node is not None:
        return margins(network.cost.node, {"a": outputs, "y": arrays.Y})
    rule = cost_rule(network.cost)
    return [(rule.kink, margin) for margin in rule.margins(outputs, arrays.Y)]


def output_rule(network: Network) -> Output | None:
    """The row that takes the cost straight from the last z, where there is one."""
    if network.cost is None:
        return None
    row = OUTPUTS.get((network.layer(network.depth).activation.name, cost_name(network.cost)))
    return row.given(_parameters(network.cost)) if row else None


def textbook_output(network: Network) -> TextbookOutput | None:
    """dC/dz of the last layer as textbooks write it, where the pair has a form of its own."""
    if network.cost is None:
        return None
    return TEXTBOOK_OUTPUTS.get((network.layer(network.depth).activation.name, cost_name(network.cost)))


def textbook_cost_slope(rule: rules.Cost, a: Rounded, y: Rounded) -> Rounded:
    """dC/da as textbooks write it."""
    row = TEXTBOOK_COSTS.get(cost_name(rule))
    return row.slope(a, y) if row else cost_rule(rule).slope(a, y)


def forward(
    network: Network,
    arrays: Arrays,
    *,
    start: int = 1,
    z: Rounded | None = None,
    textbook: bool = False,
) -> Pass:
    """The pass from layer `start` on; with `z`, from that weighted input of layer `start`.

    z         (..., samples, rows of W[start])
    textbook  activations as textbooks write them
    """
    zs, activations = dict[int, Rounded](), {0: arrays.X}
    for l in range(start, network.depth + 1):
        zs[l] = z if z is not None and l == start else weighted_input(arrays, l, activations[l - 1])
        activations[l] = activation_value(network.layer(l).activation, zs[l], textbook=textbook)
    return Pass(zs, activations)


def activation_value(rule: rules.Activation, z: Rounded, *, textbook: bool) -> Rounded:
    """a = phi(z)"""
    row = textbook_rule(rule) if textbook else None
    return row.value(z) if row and row.value else unit_rule(rule).value(z)


def weighted_input(arrays: Arrays, l: int, below: Rounded) -> Rounded:
    """z[l] = a[l-1] W[l]^T + b[l]"""
    z = below @ arrays.W[l].swapaxes(-1, -2)
    bias = arrays.b[l]
    return z if bias is None else z + (bias if bias.ndim == 1 else bias[..., None, :])


def pieces_apart(problem: Problem, network: Network, l: int, below: Rounded) -> Rounded:
    """How far the pieces of every unit are above its first one: (W - W_1) a + (b - b_1).

    Which piece is the largest depends on these alone. The differences of the parameters are exact
    fractions before they are floats, so pieces that share a bias, above activations of 0, tie for sure.

    below : (samples, n[l-1])    the result : (samples, rows of W[l])
    """
    layer = network.layer(l)
    value = {p.key: p.value for p in problem.parameters if p.value is not None}
    columns = [*zip(*layer.weights, strict=True), *([layer.biases] if layer.biases else [])]
    apart = [_above_first([value[key] for key in column], layer.activation.pieces) for column in columns]
    inputs = len(layer.weights[0])
    z = below @ Rounded.of(apart[:inputs])
    return z + Rounded.of(apart[inputs]) if layer.biases else z


def _above_first(numbers: Sequence[Fraction], pieces: int) -> list[Fraction]:
    """One column of a layer's parameters, less that of each unit's first piece."""
    return [number - numbers[row - row % pieces] for row, number in enumerate(numbers)]


def cost_of(problem: Problem, network: Network, arrays: Arrays, run: Pass) -> Rounded:
    """C without its L2 term, of each pass in the leading axes."""
    per_sample = sample_costs(problem, network, arrays, run)
    total = per_sample.sum(axis=-1)
    return total / Fraction(len(problem.x)) if network.reduction == "mean" else total


def sample_costs(problem: Problem, network: Network, arrays: Arrays, run: Pass) -> Rounded:
    """Each sample's cost or output, (..., samples)."""
    if network.cost is None:
        assert network.output is not None
        value = evaluate(network.output, output_values(problem, network.output, arrays, run))
        return value.broadcast_to((*value.shape[:-1], len(problem.x)))
    if output_rule(network):
        return costs_from(network, arrays, run.z[network.depth])
    assert arrays.Y is not None
    return cost_rule(network.cost).total(run.a[network.depth], arrays.Y)


def costs_from(network: Network, arrays: Arrays, z: Rounded) -> Rounded:
    """Each sample's cost from the last weighted input, (..., samples)."""
    assert arrays.Y is not None
    return total_from(network)(z, arrays.Y)


def total_from(network: Network) -> Callable[[Rounded, Rounded], Rounded]:
    """What makes each sample's cost of the last weighted input and the targets."""
    assert network.cost is not None
    if fused := output_rule(network):
        return fused.total
    phi, cost = unit_rule(network.layer(network.depth).activation).value, cost_rule(network.cost).total
    return lambda z, y: cost(phi(z), y)


def output_values(problem: Problem, output: Node, arrays: Arrays, run: Pass) -> dict[str, Rounded]:
    """The quantities that an `output` formula reads, each (..., samples)."""
    return {name: look_up(arrays, run, *place) for name, place in output_places(problem, output).items()}


def output_places(problem: Problem, output: Node) -> dict[str, tuple[str, int, tuple[int, ...]]]:
    """Where the quantities stand that an `output` formula reads; a shared parameter at its first use."""
    keys = {str(name): at_sample(problem, name, "") for name in names_in(output)}
    shared = {parameter.key: parameter.places[0] for parameter in problem.parameters}
    return {name: place_of(shared.get(key, key)) for name, key in keys.items()}


def place_of(key: str) -> tuple[str, int, tuple[int, ...]]:
    """w2[1,3] as ("w", 2, (0, 2)): letter, layer, indices from 0."""
    head, _, tail = key.partition("[")
    return head[0], int(head[1:] or 0), tuple(int(i) - 1 for i in tail.rstrip("]").split(","))


def look_up(arrays: Arrays, run: Pass, letter: str, layer: int, index: Sequence[int]) -> Rounded:
    """One quantity of a pass, (..., samples); a parameter is the same for each."""
    table: Mapping[str, Mapping[int, Rounded | None]] = {
        **{"x": {0: arrays.X}, "y": {0: arrays.Y}, "w": arrays.W, "b": arrays.b},
        **{"z": run.z, "a": run.a},
    }
    array = table[letter][layer]
    assert array is not None
    entry = array[(..., *index)]
    return entry if letter in "xyza" else entry[..., None].broadcast_to((*entry.shape, arrays.X.shape[0]))
