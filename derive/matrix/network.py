"""A network's layers as matrix-valued steps.

    z = W a + b                     one sample: x, z, a, y are columns
    Z = W A + b 1^T                 a batch, samples as columns
    Z = A W + 1 b^T                 a batch, samples as rows; W is [in][out]

Sizes are letters: n_l units in layer l, p_l weighted inputs where a unit has
several, n samples.

Source: Nielsen (2015), ch. 2; Ng, Katanforoosh (2018), CS229 notes on backpropagation, sec. 3 (batches).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial, reduce

import sympy as sp

from derive.expressions import Formula, formula_of
from derive.formula.nodes import Name
from derive.functions import function_names
from derive.matrix.expr import (
    SCALAR,
    Array,
    Coupled,
    CoupledRule,
    Entrywise,
    Expr,
    Index,
    Ones,
    Shape,
    Unit,
    plus,
    product,
    scaled,
    total,
    transposed,
    turned,
)
from derive.matrix.sweep import MatrixProgram, MatrixStep
from derive.problem import Layer, Network, Problem
from derive.quantities import at_sample
from derive.rules import Activation, K
from derive.rules.kinds import A, Y, Z
from derive.steps import rule_settings, settings_of
from derive.whole_functions import P, unspecified

PLACED = re.compile(r"(w|b|z|a|x|y)(\d*)\[(\d+)(?:,(\d+))?\](?:@(\w+))?")
"""The key of one entry: letter, layer, unit, origin, sample."""

WHOLE = re.compile(r"([WbzaxyZAXY])(\d*)")
"""The key of an array: letter and layer."""

N, LAMBDA = sp.symbols("n lambda")

PENALTY = "R"
"""The key of the L2 term of the weights that are shared."""


@dataclass(frozen=True)
class Layers:
    """The arrays of a network by their letters, for one sample or for all of them.

    batch  all samples at once: X, Z1, A1, ..., Y
    rows   samples are rows, and W is [in][out]
    """

    network: Network
    samples: int
    batch: bool
    rows: bool = False

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The numbers of the letters in shapes."""
        network = self.network
        letters = {f"n_{l}": size for l, size in enumerate(network.sizes)}
        pairs = zip(network.sizes, network.widths, strict=True)
        letters |= {f"p_{l}": width for l, (size, width) in enumerate(pairs) if size != width}
        return letters | ({"n": self.samples} if self.batch else {})

    def width(self, l: int) -> str:
        """The letter of the number of weighted inputs of a layer."""
        layer = self.network.layer(l)
        return f"n_{l}" if layer.width == layer.size else f"p_{l}"

    def array(self, letter: str, l: int = 0) -> Array:
        """W, b, z or a of layer l; x, y."""
        if letter == "a" and l == 0:
            letter = "x"
        key = f"{letter.upper() if self.batch or letter == 'w' else letter}{l if letter in 'wbza' else ''}"
        if letter == "b":
            return Array(f"b{l}", (self.width(l), 1))
        if letter == "w":
            shape: Shape = (self.width(l), f"n_{l - 1}")
            return Array(f"W{l}", turned(shape) if self.rows else shape)
        size = self.width(l) if letter == "z" else f"n_{self.network.depth if letter == 'y' else l}"
        shape = (size, "n" if self.batch else 1)
        return Array(key, turned(shape) if self.rows else shape)

    def place(self, key: str) -> tuple[str, int, int]:
        """The array of an entry, and its row and column, by the key that the scalar steps give it."""
        match = PLACED.fullmatch(key)
        if match is None:
            return key, 1, 1
        letter, layer, first, second, sample = match.groups()
        array = self.array(letter, int(layer or 0))
        column = int(second) if second else int(sample or 1) if letter not in "wb" else 1
        places = (int(first), column)
        return (array.key, *(places[::-1] if self.rows and letter != "b" else places))

    def entry(self, key: str) -> Expr:
        """One entry of an array as e_j^T A e_i, by the key that the scalar steps give it."""
        match = PLACED.fullmatch(key)
        assert match is not None, f"{key} is an entry of a layer"
        array = self.array(match[1], int(match[2] or 0))
        _, *places = self.place(key)
        units = [Unit((size, 1), place) for size, place in zip(array.shape, places, strict=True)]
        left, right = (None if unit.shape == SCALAR else unit for unit in units)
        factors = (None if left is None else transposed(left), array, right)
        return product(*(factor for factor in factors if factor is not None))

    def key(self, key: str, row: Index, column: Index) -> str:
        """The scalar steps' key of an entry of an array."""
        match = WHOLE.fullmatch(key)
        if match is None:
            return key
        letter, number = match[1].lower(), match[2]
        if letter == "b":
            return f"b{number}[{row}]"
        j, k = (column, row) if self.rows else (row, column)
        if letter == "w":
            return f"w{number}[{j},{k}]"
        sample = f"@{k}" if self.batch and self.samples > 1 else ""
        return f"{letter}{number}[{j}]{sample}"


def layers_of(problem: Problem, *, batch: bool, rows: bool = False) -> Layers:
    """The arrays of a network."""
    network = problem.body
    assert isinstance(network, Network), "a graph has no layers"
    return Layers(network, len(problem.x), batch, rows)


def network_program(problem: Problem, *, batch: bool, rows: bool = False) -> MatrixProgram:
    """The forward pass of a network, of one sample or of all, with the cost.

    batch  all samples as one matrix, else the problem's only one as a column

    The L2 term holds each shared weight once, which no formula in W can say: that part
    of it is a number that is given, R, and ∂C/∂W is there what one use hands back.
    """
    layers = layers_of(problem, batch=batch, rows=rows)
    network = layers.network
    names = enumerate(function_names(network, problem.notation), 1)
    steps = [step for l, name in names for step in _layer(layers, l, name)]
    if problem.objectives:
        steps += _cost(problem, layers)
    letters = [("a", 0), *((letter, l) for l in range(1, network.depth + 1) for letter in "wb")]
    given = [layers.array(*place) for place in letters if place[0] != "b" or network.layer(place[1]).biases]
    given += [layers.array("y")] if network.cost else []
    numbers = ["K", *(setting.key for setting in rule_settings(network))]
    numbers += [PENALTY] if network.l2 and _shares_weights(problem) else []
    given += [Array(key, SCALAR) for key in numbers]
    return MatrixProgram(tuple(steps), tuple(given), layers.key, layers.sizes)


def _layer(layers: Layers, l: int, name: str) -> Iterator[MatrixStep]:
    layer = layers.network.layer(l)
    below = layers.array("a", l - 1)
    w, z, a = (layers.array(letter, l) for letter in "wza")
    terms = [product(below, w) if layers.rows else product(w, below)]
    if layer.biases is not None:
        b = layers.array("b", l)
        ones = Ones(("n", 1))
        spread = product(ones, transposed(b)) if layers.rows else product(b, transposed(ones))
        terms.append(spread if layers.batch else transposed(b) if layers.rows else b)
    yield MatrixStep(z, plus(*terms), "weighted input")
    yield MatrixStep(a, activation(layer, l, z, a, name, rows=layers.rows), "activation")


def activation(layer: Layer, l: int, z: Array, a: Array, name: str, *, rows: bool) -> Expr:
    """phi(Z), entry by entry or, where the rule couples, column by column; `name` is phi's on the page."""
    rule = layer.activation
    if rule.couples or rule.pieces > 1:
        return Coupled(_coupled(layer), z, (), a.shape, rows=rows, result=a)
    if rule.name == "identity":
        return z
    parameters = tuple(Array(setting.key, SCALAR) for setting in settings_of(rule, l))
    return Entrywise(named(rule, name), (z,), z.shape, stated=(rule.formula(1), (z, *parameters, a)))


@cache
def named(rule: Activation, name: str) -> Formula:
    """phi(z) by the function's name; what SymPy differentiates stands behind it."""
    function = unspecified(name, 0, None if rule.open else rule.phi(P, (P,)).subs(rule.numbers))
    return Formula(function(Z), (Z,))


def _coupled(layer: Layer) -> CoupledRule:
    rule = layer.activation
    width = layer.width if rule.couples else rule.pieces

    def reads(j: int) -> tuple[int, ...]:
        own = layer.read_by(j)
        return (*own, *(k for k in range(1, layer.width + 1) if rule.couples and k not in own))

    return CoupledRule(rule.letter, partial(rule.formula, layer.size), width, (), reads)


def _cost(problem: Problem, layers: Layers) -> Iterator[MatrixStep]:
    """C, a number: the sum over outputs and samples, reduced, with its L2 term."""
    network, whole = layers.network, Array("C", SCALAR)
    # With one sample and no L2 term, C is that sample's cost: nothing is reduced.
    reduced = layers.batch or network.l2
    reduction = 1 / N if reduced and network.reduction == "mean" else sp.S.One
    cost = scaled(reduction, _of_outputs(problem, layers))
    decay = _decay(problem, layers) if network.l2 else ()
    yield MatrixStep(whole, plus(cost, *decay), "cost")


def _of_outputs(problem: Problem, layers: Layers) -> Expr:
    network = layers.network
    if network.cost is None:
        return _output(problem, layers)
    a, y = layers.array("a", network.depth), layers.array("y")
    if not network.cost.couples:
        formula = network.cost.formula
        settings = (Array(setting.key, SCALAR) for setting in settings_of(network.cost))
        letters = (parameter.symbol for parameter, _ in network.cost.written)
        known = {A: a, Y: y, K: Array("K", SCALAR), **dict(zip(letters, settings, strict=True))}
        args = tuple(known[symbol] for symbol in formula.formals)
        return total(Entrywise(formula, args, a.shape, stated=(formula, args)))
    outputs = network.sizes[-1]
    rule = CoupledRule(
        network.cost.words,
        partial(network.cost.over, outputs),
        outputs,
        (Y,),
        lambda j: (j, *(k for k in range(1, outputs + 1) if k != j)),
    )
    return total(Coupled(rule, a, (y,), a.shape, rows=layers.rows))


def _output(problem: Problem, layers: Layers) -> Expr:
    """The formula that is differentiated instead of a cost, summed over the samples."""
    assert layers.network.output is not None
    formula, leaves = formula_of(layers.network.output)
    suffixes = problem.samples if layers.batch else ("",)
    parts = []
    for suffix in suffixes:
        keys = (at_sample(problem, name, suffix) for name in leaves if isinstance(name, Name))
        args = tuple(layers.entry(_place(problem, key)) for key in keys)
        parts.append(args[0] if formula.expr == formula.formals[0] else Entrywise(formula, args, SCALAR))
    return reduce(plus, parts)


def _place(problem: Problem, key: str) -> str:
    """The first place of a shared parameter; any other key is its own."""
    parameter = problem.parameter.get(key)
    return parameter.places[0] if parameter else key


def _decay(problem: Problem, layers: Layers) -> Iterator[Expr]:
    """lambda/(2n) times the squares of all weights, with R for those that are shared."""
    shared = {parameter.key for parameter in problem.parameters if parameter.shared}
    if _shares_weights(problem):
        yield Array(PENALTY, SCALAR)
    for l, layer in enumerate(layers.network.layers, 1):
        whole = layers.array("w", l)
        if not any(shared.intersection(row) for row in layer.weights):
            yield _square(whole)
            continue
        for j, row in enumerate(layer.weights, 1):
            own = (k for k, key in enumerate(row, 1) if key not in shared)
            yield from (_square(layers.entry(f"w{l}[{j},{k}]")) for k in own)


def _square(w: Expr) -> Expr:
    """lambda/(2n) times the sum of the squares of the entries."""
    return scaled(LAMBDA / (2 * N), total(Entrywise(Formula(A**2, (A,)), (w,), w.shape)))


def _shares_weights(problem: Problem) -> bool:
    return any(_shared_weights(problem))


def _shared_weights(problem: Problem) -> Iterator[sp.Symbol]:
    return (sp.Symbol(one.key) for one in problem.parameters if one.is_weight and one.shared)


def penalty(problem: Problem) -> sp.Expr:
    """R, the L2 term of the weights that are shared: lambda/(2n) times their squares, each once."""
    return LAMBDA / (2 * N) * sp.Add(*(w**2 for w in _shared_weights(problem)))
