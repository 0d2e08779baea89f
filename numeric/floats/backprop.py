"""The gradient by backpropagation, with a running bound on its error.

    delta[L] = dC/da[L] * phi'(z[L])                   (BP1)
    delta[l] = (W[l+1]^T delta[l+1]) * phi'(z[l])      (BP2)
    dC/db[l] = delta[l]                                (BP3)
    dC/dW[l] = delta[l] a[l-1]^T                       (BP4)

A graph's lines are swept in reverse in the same way. Slopes are those of
`numeric.floats.rules` and `numeric.floats.nodes`, written by hand; no symbolic derivative is
read here.

Source: Nielsen (2015), ch. 2, BP1-BP4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from derive.problem import Graph, Network, Problem
from numeric.floats.claims import Claim, Claims, Columns
from numeric.floats.graph import graph_values, meaning_of, objective_seeds
from numeric.floats.network import (
    Arrays,
    Pass,
    arrays_of,
    cost_rule,
    forward,
    output_places,
    output_rule,
    output_values,
    pieces_apart,
    slopes_of,
    textbook_cost_slope,
    textbook_output,
    textbook_rule,
    unit_rule,
)
from numeric.floats.nodes import pull
from numeric.floats.prepared import uses_of
from numeric.floats.rounding import Rounded, where
from numeric.floats.spreads import Spread, forward_spread, is_deep

NINE_DIGITS = 1e-9
"""What claims are to leave of an entry: where they run along and leave less, sharper ones are taken."""


def use_claims(problem: Problem, *, textbook: bool = False) -> Claims:
    """The gradient by every single use of a parameter, by canonical places, and by every parameter.

    Of a graph the gradient by every name, given or defined.
    """
    network = problem.body
    if isinstance(network, Graph):
        names = (*problem.given_names, *network.defined)
        return _graph_gradients(problem, network, names, textbook=textbook)
    if not problem.objectives:
        return backprop(problem, textbook=textbook)
    layers = layer_gradients(problem, network, textbook=textbook)
    claims: dict[tuple[str, str], Claim] = {}
    for letter, arrays in (("w", layers.W), ("b", layers.b)):
        for l, array in arrays.items():
            for index in np.ndindex(array.shape):
                place = f"{letter}{l}[{','.join(str(i + 1) for i in index)}]"
                claims["C", place] = Claim(float(array.value[index]), float(array.error[index]))
    return claims | dict(backprop(problem, textbook=textbook))


@dataclass(frozen=True)
class LayerGradients:
    """dC/dW[l] and dC/db[l], shaped like W[l] and b[l], without the L2 term.

    delta[l] : (n, widths[l])    a[l] : (n, units[l]), what they are made of, by samples
    """

    W: Mapping[int, Rounded]
    b: Mapping[int, Rounded]
    delta: Mapping[int, Rounded]
    a: Mapping[int, Rounded]

    @property
    def dull(self) -> bool:
        """Whether a claim leaves any entry fewer than nine digits."""
        arrays = (*self.W.values(), *self.b.values())
        return any((part.error > NINE_DIGITS * np.abs(part.value)).any() for part in arrays)

    def sharpened(self, other: LayerGradients) -> LayerGradients:
        """Entry by entry what is known better, of the other's delta and a."""
        return replace(
            other,
            W={l: where(W.error <= other.W[l].error, W, other.W[l]) for l, W in self.W.items()},
            b={l: where(b.error <= other.b[l].error, b, other.b[l]) for l, b in self.b.items()},
        )


def backprop(problem: Problem, *, textbook: bool = False) -> Claims:
    """Every gradient of a problem in which all numbers are known.

    textbook  use the slopes as textbooks write them, a(1 - a), in place of the
              stable ones: the bound then says what plain float64 may lose
    """
    if isinstance(problem.body, Graph):
        return _graph_gradients(problem, problem.body, problem.body.wrt, textbook=textbook)
    if not problem.objectives:
        return {}
    network = problem.body
    layers = layer_gradients(problem, network, textbook=textbook)
    flat = gather(problem, network, layers)
    return Columns(uses_of(problem).entries, flat.value, flat.error)


def layer_gradients(problem: Problem, network: Network, *, textbook: bool = False) -> LayerGradients:
    """The four equations over all samples at once, with sharper claims where a deep network needs them."""
    arrays = arrays_of(problem, network)
    equations = Equations(problem, network, forward(network, arrays, textbook=textbook), textbook)
    running = equations.gradients(equations.running())
    if not (is_deep(network, len(problem.x)) and running.dull):
        return running
    equations = replace(equations, run=forward_spread(network, arrays, textbook=textbook))
    return running.sharpened(equations.gradients(equations.spread()))


@dataclass(frozen=True)
class Equations:
    """The four equations after one pass; textbook: with slopes as textbooks write them."""

    problem: Problem
    network: Network
    run: Pass
    textbook: bool

    @cached_property
    def arrays(self) -> Arrays:
        return arrays_of(self.problem, self.network)

    @cached_property
    def given(self) -> Slopes:
        return _given_slopes(self.problem, self.network, self.arrays, self.run, textbook=self.textbook)

    def running(self) -> Deltas:
        """With claims that run along."""
        delta = {self.network.depth: self._last()}
        for l in range(self.network.depth - 1, 0, -1):
            delta[l] = self._and_given(l, delta[l + 1])
        return delta

    def spread(self) -> Deltas:
        """With claims from errors that keep their signs."""
        spread = Spread.of(self._last())
        delta = {self.network.depth: spread.known}
        for l in range(self.network.depth - 1, 0, -1):
            center = self._and_given(l, Rounded.exact(spread.value))
            spread = Spread.of(center, self._below(l, Rounded.exact(spread.ways)))
            delta[l] = spread.known
        return delta

    def _last(self) -> Rounded:
        L = self.network.depth
        return self._pull(L, self.given["a", L]) + self.given["z", L]  # BP1

    def _below(self, l: int, delta: Rounded) -> Rounded:
        return self._pull(l, delta @ self.arrays.W[l + 1])  # BP2

    def _and_given(self, l: int, delta: Rounded) -> Rounded:
        """The same with what the cost or output reads of layer l itself."""
        return self._pull(l, self.given["a", l] + delta @ self.arrays.W[l + 1]) + self.given["z", l]

    def _pull(self, l: int, slope: Rounded) -> Rounded:
        through = _textbook_pull if self.textbook else _stable_pull
        return through(self.problem, self.network, l, self.run, slope)

    def gradients(self, delta: Deltas) -> LayerGradients:
        """What the errors delta of the layers make of it."""
        a, given = self.run.a, self.given
        return LayerGradients(
            W={l: delta[l].T @ a[l - 1] + given["w", l] for l in delta},                       # BP4
            b={l: delta[l].sum(axis=0) + given["b", l] for l in delta},                        # BP3
            delta=delta,
            a=a,
        )  # fmt: skip


def _stable_pull(problem: Problem, network: Network, l: int, run: Pass, slope: Rounded) -> Rounded:
    rule = network.layer(l).activation
    z = run.z[l] if rule.pieces == 1 else pieces_apart(problem, network, l, run.a[l - 1])
    return unit_rule(rule).pull(z, slope)


def _textbook_pull(problem: Problem, network: Network, l: int, run: Pass, slope: Rounded) -> Rounded:
    row = textbook_rule(network.layer(l).activation)
    return row.pull(run.z[l], run.a[l], slope) if row else _stable_pull(problem, network, l, run, slope)


Slopes = dict[tuple[str, int], Rounded]
Deltas = dict[int, Rounded]


def _given_slopes(problem: Problem, network: Network, arrays: Arrays, run: Pass, *, textbook: bool) -> Slopes:
    """dC by a, z, W and b of each layer, where the cost or output reads them directly; 0 elsewhere."""
    L, share = network.depth, _share(problem, network)
    slopes = {(letter, l): Rounded.exact(0.0) for letter in "azwb" for l in range(1, L + 1)}
    slopes |= {("a", l): Rounded.exact(np.zeros(run.a[l].shape)) for l in range(1, L + 1)}
    if network.cost is None:
        return slopes | _output_slopes(problem, network, arrays, run, share)
    assert arrays.Y is not None
    if textbook and (plain := textbook_output(network)):
        return slopes | {("z", L): plain.delta(run.a[L], arrays.Y) * share}
    if textbook:
        return slopes | {("a", L): textbook_cost_slope(network.cost, run.a[L], arrays.Y) * share}
    if fused := output_rule(network):
        return slopes | {("z", L): fused.delta(run.z[L], arrays.Y) * share}
    return slopes | {("a", L): cost_rule(network.cost).slope(run.a[L], arrays.Y) * share}


def _output_slopes(problem: Problem, network: Network, arrays: Arrays, run: Pass, share: Rounded) -> Slopes:
    """The slopes of an `output` formula at each quantity that it reads."""
    assert network.output is not None
    values = output_values(problem, network.output, arrays, run)
    ones = Rounded.exact(np.ones(len(problem.x)))
    shapes = {("a", l): run.a[l].shape for l in run.z} | {("z", l): run.z[l].shape for l in run.z}
    shapes |= {("w", l): arrays.W[l].shape for l in run.z} | {("b", l): (network.widths[l],) for l in run.z}
    places = output_places(problem, network.output)
    found: Slopes = {}
    for name, slope in slopes_of(network.output, values, ones * share).items():
        letter, layer, index = places[name]
        if (letter, layer) not in shapes:
            continue
        by_sample = letter in "az"
        value, error = np.zeros(shapes[letter, layer]), np.zeros(shapes[letter, layer])
        part = slope if by_sample else slope.sum()
        at = (slice(None), index[0]) if by_sample else index
        value[at], error[at] = part.value, part.error
        grown = Rounded(value, error)
        found[letter, layer] = found[letter, layer] + grown if (letter, layer) in found else grown
    return found


def _share(problem: Problem, network: Network) -> Rounded:
    """What a sample's cost counts for in C: 1, or 1/n."""
    return Rounded.of([Fraction(1, len(problem.x) if network.reduction == "mean" else 1)])[0]


def gather(problem: Problem, network: Network, layers: LayerGradients) -> Rounded:
    """The gradient by each parameter: the sum over its uses, and the L2 term's lambda/n w."""
    parts = [
        part
        for l, layer in enumerate(network.layers, 1)
        for part in (layers.W[l].reshape(-1), *([] if layer.biases is None else [layers.b[l]]))
    ]
    value = np.concatenate([part.value for part in parts])
    error = np.concatenate([part.error for part in parts])
    uses = uses_of(problem)
    total, bound = np.zeros(len(uses.entries)), np.zeros(len(uses.entries))
    total[uses.owner], bound[uses.owner] = value, error
    for i in np.flatnonzero(uses.shared):
        of_one = uses.owner == i
        summed = Rounded(value[of_one], error[of_one]).sum()
        total[i], bound[i] = summed.value, summed.error
    flat = Rounded(total, bound)
    if uses.decaying is None:
        return flat
    return flat + uses.decaying * Rounded.of([network.l2 / len(problem.x)])


def _graph_gradients(problem: Problem, graph: Graph, names: Sequence[str], *, textbook: bool) -> Claims:
    """Each objective swept back to these names, entry by entry."""
    values = graph_values(problem, graph)
    claims: dict[tuple[str, str], Claim] = {}
    for objective, seeds in objective_seeds(problem, graph).items():
        adjoint = _sweep(graph, values, seeds, textbook)
        for name in names:
            slope = adjoint.get(name, Rounded.exact(np.zeros(graph.shape(name))))
            numbers = zip(graph.keys(name), slope.value.flat, slope.error.flat, strict=True)
            claims |= {(objective, key): Claim(float(value), float(error)) for key, value, error in numbers}
    return claims


def _sweep(
    graph: Graph, values: Mapping[str, Rounded], seeds: Mapping[str, Rounded], textbook: bool
) -> dict[str, Rounded]:
    adjoint = dict(seeds)
    meaning = meaning_of(graph)
    for line in reversed(graph.steps):
        if line.name not in adjoint:
            continue
        shares = pull(line.node, values, adjoint[line.name], meaning, textbook=textbook)
        for name, share in shares.items():
            adjoint[name] = adjoint[name] + share if name in adjoint else share
    return adjoint
