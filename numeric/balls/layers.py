"""The symbolic gradient of a network, layer by layer: all entries of a matrix together.

    dC/dW[l] = delta[l] a[l-1]^T,    dC/db[l] = delta[l] 1

The matrices are those that `derive.matrix` derives from the steps; every slope is
SymPy's, Jacobians too, and no closed form of a book is put in. Precision is raised
for those entries alone that need it, and what a matrix cannot settle (a kink, an
exact zero that only cancels, a matrix rational in part) is left to the scalar tape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import sympy as sp
from flint import ctx

from derive.matrix.differentials import Change, ThroughJacobian
from derive.matrix.expr import (
    Array,
    Expr,
    Jacobian,
    Plus,
    Product,
    Scaled,
    Transposed,
    all_ones,
    arrays_in,
    plus,
    scaled,
)
from derive.matrix.network import network_program
from derive.matrix.sweep import Adjoint, MatrixProgram, matrix_sweep
from derive.problem import Network, Problem
from numeric.balls.double_words import DoubleWords
from numeric.balls.enclosure import PRECISIONS, settled
from numeric.balls.loaded import Loaded
from numeric.balls.matrices import Balls, Walk, matrix
from numeric.balls.operations import Ball

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Equations:
    """What is computed, in an order in which it can be: each array with its expression.

    gradients  what they end in: dC/dW1, dC/db1, dC/dW2, ...
    """

    program: MatrixProgram
    steps: tuple[tuple[Array, Expr], ...]
    gradients: tuple[tuple[Array, Expr], ...]

    @property
    def forward(self) -> tuple[tuple[Array, Expr], ...]:
        """Up to the cost."""
        return self.steps[: len(self.program.steps)]

    @classmethod
    def of(cls, problem: Problem, network: Network) -> Equations:
        program = network_program(problem, batch=len(problem.x) > 1)
        wanted = [key for l in range(1, network.depth + 1) for key in _parameters(network, l)]
        adjoints = matrix_sweep(program, "C", wanted)
        steps = [(step.array, step.expr) for step in program.steps]
        back = [(one.array, _carried(one)) for one in adjoints]
        count = len(adjoints) - len(wanted)
        return cls(program, (*steps, *back[:count]), tuple(back[count:]))


def _parameters(network: Network, l: int) -> tuple[str, ...]:
    return (f"W{l}",) if network.layer(l).biases is None else (f"W{l}", f"b{l}")


def _carried(adjoint: Adjoint) -> Expr:
    if not adjoint.shares:
        return scaled(sp.S.Zero, all_ones(adjoint.array.shape))
    return plus(*(_back(share.change, share.gradient) for share in adjoint.shares))


def _back(change: Change, gradient: Expr) -> Expr:
    """What a gradient hands on, through the Jacobian of SymPy's slopes where a rule couples."""
    for linear in reversed(change.maps):
        if isinstance(linear, ThroughJacobian):
            gradient = Jacobian(linear.of, gradient, True, linear.of.arg.shape)
        else:
            gradient = linear.adjoint(gradient)
    return gradient


@dataclass(frozen=True)
class LayerGradient:
    """The cost and its gradient by every parameter of a network.

    equations  the matrices, in an order in which each can be computed
    keys       of the parameters, in the order of the entries: W1 row by row, b1, W2, ...
    arrays     the given matrices: W1, b1, ..., x or X, y or Y
    given      every given number, by its key
    """

    equations: Equations
    keys: tuple[str, ...]
    arrays: Mapping[str, Loaded]
    given: Mapping[str, Ball]
    _walks: dict[int, Walk] = field(default_factory=dict, init=False, repr=False)
    _passes: dict[int, Walk] = field(default_factory=dict, init=False, repr=False)
    _whole: dict[tuple[int, int], list[Ball]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, problem: Problem, given: Mapping[str, Ball]) -> LayerGradient | None:
        """None for a graph, an output formula, and parameters that are used several times."""
        network = problem.body
        if not isinstance(network, Network) or network.cost is None or not network.layers:
            return None
        if any(parameter.shared for parameter in problem.parameters):
            return None
        equations = Equations.of(problem, network)
        arrays = {key: Loaded(u) for key, u in _loaded(problem, network, equations.program, given)}
        return cls(equations, tuple(_keys(network)), arrays, given)

    def walk(self, bits: int) -> Walk:
        """All arrays on the way, at this precision."""
        if bits not in self._walks:
            walk = self._walk()
            self._compute(walk, self.equations.steps, bits)
            self._walks[bits] = walk
        return self._walks[bits]

    def _walk(self) -> Walk:
        """Nothing but what is given."""
        known = {key: array.matrix for key, array in self.arrays.items()}
        return Walk(self.equations.program.sizes, known, self.given, self.arrays)

    @property
    def holds(self) -> bool:
        """Whether no step sat on an edge or was rational in part only, which the scalar tape tells apart."""
        walk = self.walk(PRECISIONS[0])
        return not (walk.edge or walk.mixed)

    @cached_property
    def cost(self) -> Ball:
        """C at the least precision that settles it, or at the last."""
        return self._settled(lambda bits: self.walk(bits).known["C"][0, 0])

    @cached_property
    def nearest(self) -> Floats:
        """The float64 that each entry surely rounds to; nan where double words cannot tell."""
        walk = self.walk(PRECISIONS[0])
        words = _Words(walk)
        with ctx.workprec(PRECISIONS[0]):
            found = [words(expr).nearest() for _, expr in self.equations.gradients]
        return np.concatenate([part.ravel() for part in found])

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where each gradient's entries start in the columns."""
        program = self.equations.program
        sizes = [
            program.size(array.shape[0]) * program.size(array.shape[1])
            for array, _ in self.equations.gradients
        ]
        return [0, *np.cumsum(sizes).tolist()]

    def entry(self, i: int) -> Ball:
        """One entry at the least precision that settles it, or at the last."""
        place = int(np.searchsorted(self.starts, i, side="right")) - 1
        return self._settled(lambda bits: self._entries(place, bits)[i - self.starts[place]])

    def _entries(self, place: int, bits: int) -> list[Ball]:
        """All entries of one gradient at one precision."""
        if (place, bits) not in self._whole:
            walk = self.walk(bits)
            with ctx.workprec(bits):
                self._whole[place, bits] = list(walk(self.equations.gradients[place][1]).entries())
        return self._whole[place, bits]

    def costs(self, key: str, values: Sequence[Ball], bits: int) -> list[Ball] | None:
        """C with each of these values for one parameter; None where some step comes to an edge on the way.

        Only what rests on the parameter's own layer is computed again.
        """
        i = self.keys.index(key)
        place = int(np.searchsorted(self.starts, i, side="right")) - 1
        name = self.equations.gradients[place][0].key.removeprefix("dC/d")
        forward = self.equations.forward
        first = next(k for k, (_, expr) in enumerate(forward) if name in {a.key for a in arrays_in(expr)})
        here, costs = self._forward(bits), list[Ball]()
        for value in values:
            walk = Walk(here.sizes, dict(here.known), here.constants, edge=here.edge)
            moved: list[Ball] = [*walk.known[name].entries()]
            moved[i - self.starts[place]] = value
            walk.known[name] = matrix(walk.known[name].nrows(), walk.known[name].ncols(), moved)
            self._compute(walk, forward[first:], bits)
            if walk.edge:
                return None
            costs.append(walk.known["C"][0, 0])
        return costs

    def _forward(self, bits: int) -> Walk:
        """The forward pass alone, at this precision."""
        if bits not in self._passes:
            walk = self._walk()
            self._compute(walk, self.equations.forward, bits)
            self._passes[bits] = walk
        return self._passes[bits]

    def _compute(self, walk: Walk, steps: Sequence[tuple[Array, Expr]], bits: int) -> None:
        with ctx.workprec(bits):
            for array, expr in steps:
                walk.known[array.key] = walk(expr)

    def _settled(self, at: Callable[[int], Ball]) -> Ball:
        for bits in PRECISIONS:
            value = at(bits)
            if settled(value):
                break
        return value


def _keys(network: Network) -> Iterator[str]:
    for layer in network.layers:
        for row in layer.weights:
            yield from row
        yield from layer.biases or ()


def _loaded(
    problem: Problem, network: Network, program: MatrixProgram, given: Mapping[str, Ball]
) -> Iterator[tuple[str, Balls]]:
    """The arrays that the steps start from, exactly."""
    for l, layer in enumerate(network.layers, 1):
        yield f"W{l}", _filled([[given[key] for key in row] for row in layer.weights])
        if layer.biases is not None:
            yield f"b{l}", _filled([[given[key]] for key in layer.biases])
    batch = len(problem.x) > 1
    for letter, size in (("x", network.sizes[0]), ("y", network.sizes[-1])):
        rows = [[given[f"{letter}[{k}]{suffix}"] for suffix in problem.samples] for k in range(1, size + 1)]
        yield letter.upper() if batch else letter, _filled(rows)
    for array in program.given:
        if array.key in given:
            yield array.key, _filled([[given[array.key]]])


def _filled(rows: list[list[Ball]]) -> Balls:
    return matrix(len(rows), len(rows[0]), [value for row in rows for value in row])


class _Words:
    """The last equations in double words: sums of products of arrays that are known as balls."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.known = walk, dict[Expr, DoubleWords]()

    def __call__(self, expr: Expr) -> DoubleWords:
        rule = _RULES.get(type(expr))
        if rule is not None:
            return rule(self, expr)
        if isinstance(expr, Array) and expr.key in self.walk.loaded:
            return self.walk.loaded[expr.key].words
        if expr not in self.known:
            self.known[expr] = DoubleWords.of(self.walk(expr))
        return self.known[expr]

    def product(self, expr: Product) -> DoubleWords:
        return reduce(lambda left, right: left @ right, map(self, expr.factors))

    def plus(self, expr: Plus) -> DoubleWords:
        return reduce(add, map(self, expr.terms))

    def scaled(self, expr: Scaled) -> DoubleWords:
        number = self.walk.number(expr.coefficient)
        return self(expr.arg) * DoubleWords.of(self.walk.filled((1, 1), [number]))


_RULES: Mapping[type, Callable[..., DoubleWords]] = MappingProxyType(
    {
        Product: _Words.product,
        Plus: _Words.plus,
        Scaled: _Words.scaled,
        Transposed: lambda words, expr: words(expr.arg).T,
    }
)
