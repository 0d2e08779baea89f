"""A graph's lines as matrix-valued steps.

    Z = X @ W + b              Z = X W + 1 b^T
    n = sum(Z, axis=1)         n = Z 1
    L = mean((A - Y)^2)        L = 1/(mn) 1^T (A - Y)^2 1

A vector is a column. Where NumPy stretches an axis of size 1, the product with a
column of ones says so, and where it takes a vector for a row, a transpose does;
so every operation is one of matrices of fitting shapes.

Source: Harris et al. (2020), Array programming with NumPy, Nature 585.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import prod
from types import MappingProxyType

import sympy as sp

from derive.composed import applied_last
from derive.expressions import CONSTANTS, SYMPY, Formula
from derive.formula.nodes import Apply, Constant, Name, Node, Number, Unspecified
from derive.matrix.expr import (
    SCALAR,
    Array,
    Chosen,
    Coupled,
    CoupledRule,
    Entrywise,
    Expr,
    Held,
    Index,
    Ones,
    Unit,
    coefficient_of,
    hadamard,
    inner,
    plus,
    product,
    scaled,
    total,
    transposed,
)
from derive.matrix.expr import Shape as MatrixShape
from derive.matrix.sweep import MatrixProgram, MatrixStep
from derive.problem import Graph, Problem
from derive.rules import ACTIVATIONS, Activation
from derive.shapes import Part, Shape, axes_of, joined_axis, shape_of
from derive.steps import UPSTREAM, stand_ins_of
from derive.whole_functions import P, unspecified


@dataclass(frozen=True, slots=True)
class Read:
    """A part of a formula as an expression of matrices, with the shape that NumPy gives it."""

    node: Node
    expr: Expr
    shape: Shape


def graph_program(problem: Problem) -> MatrixProgram:
    """The lines of a graph, and the number that upstream gradients make of its outputs."""
    graph = problem.body
    assert isinstance(graph, Graph), "a network has layers"
    names = (*problem.given_names, *graph.defined)
    arrays = {name: Array(name, columns(graph.shape(name))) for name in names}
    means = {name: mean for name in graph.defined if (mean := graph.mean_beside(name))}
    reading = _Reading(arrays, graph.shapes, stand_ins_of(problem), means)
    steps = [
        MatrixStep(arrays[line.name], reading.read(line.node, arrays[line.name]).expr, "definition")
        for line in graph.steps
    ]
    given = [arrays[name] for name in problem.given_names]
    if graph.upstream:
        weighted = dict.fromkeys(key.partition("[")[0] for key in graph.upstream)
        weights = {name: Array(f"{UPSTREAM}{name}", arrays[name].shape) for name in weighted}
        whole = plus(*(inner(arrays[name], weights[name]) for name in weighted))
        steps.append(MatrixStep(Array(problem.upstream_key, SCALAR), whole, "gradients from upstream"))
        given += weights.values()

    def key(name: str, row: Index, column: Index) -> str:
        shape = graph.shape(name.removeprefix(UPSTREAM))
        listed = ",".join(map(str, (row, column)[: len(shape)]))
        return f"{name}[{listed}]" if listed else name

    return MatrixProgram(tuple(steps), tuple(given), key)


def place_of(entry: str) -> tuple[str, int, int]:
    """The array of an entry, and its row and column, by the key that the scalar steps give it."""
    name, _, listed = entry.partition("[")
    row, column = (*map(int, filter(None, listed.removesuffix("]").split(","))), 1, 1)[:2]
    return name, row, column


def columns(shape: Shape) -> MatrixShape:
    """NumPy's shape as a matrix's: a vector is a column, a number 1×1."""
    rows, across = (*shape, 1, 1)[:2]
    return (rows, across)


@dataclass(frozen=True)
class _Reading:
    """Reads formulas as expressions of these arrays.

    means  of steps that are variances the steps that are the means of the same numbers
    """

    arrays: Mapping[str, Array]
    shapes: Mapping[str, Shape]
    stand_ins: Mapping[str, sp.Expr]
    means: Mapping[str, str]

    def read(self, node: Node, result: Array | None = None) -> Read:
        if isinstance(node, Name):
            return Read(node, self.arrays[node.base], self.shapes.get(node.base, ()))
        if isinstance(node, Number):
            number = sp.Rational(node.value.numerator, node.value.denominator)
            return Read(node, scaled(number, Ones(SCALAR)), ())
        if isinstance(node, Constant):
            return Read(node, scaled(CONSTANTS[node.name], Ones(SCALAR)), ())
        assert isinstance(node, Apply | Unspecified), "derivatives are no part of a graph's lines"
        parts = tuple(self.read(arg) for arg in node.args)
        shape = shape_of(node, [Part(part.node, part.shape) for part in parts])
        if isinstance(node, Unspecified):
            function = unspecified(node.function, node.order, self.stand_ins.get(node.function))
            return Read(node, Entrywise(Formula(function(P), (P,)), (parts[0].expr,), columns(shape)), shape)
        rule = _RULES.get(node.operation)
        if node.operation == "var":
            mean = self.means.get(result.key) if result else None
            return Read(node, _variance(node, parts[0], self.arrays[mean] if mean else None), shape)
        expr = rule(node, *parts) if rule else _entry_by_entry(node, parts, shape, result)
        if isinstance(expr, Coupled) and result is not None:
            expr = Coupled(expr.rule, expr.arg, expr.extra, expr.shape, expr.rows, result)
        return Read(node, expr, shape)


def _stretched(part: Read, shape: Shape) -> Expr:
    """The part as large as `shape`; a number stays one."""
    if columns(part.shape) == SCALAR or part.shape == shape:
        return part.expr
    row = len(part.shape) < len(shape) or part.shape[0] == 1 != shape[0]
    expr = transposed(part.expr) if len(part.shape) < len(shape) else part.expr
    ones = Ones((shape[0 if row else 1], 1))
    return product(ones, expr) if row else product(expr, transposed(ones))


def _entry_by_entry(node: Apply, parts: tuple[Read, ...], shape: Shape, result: Array | None) -> Expr:
    """An operation of numbers, on arrays of one shape and on numbers."""
    args = tuple(_stretched(part, shape) for part in parts)
    linear = _LINEAR.get(node.operation)
    if linear is not None:
        return linear(*args)
    by = parts[-1].node
    if node.operation == "divide" and isinstance(by, Number) and by.value:
        return scaled(sp.Rational(by.value.denominator, by.value.numerator), args[0])
    symbols = sp.symbols(f"u1:{len(args) + 1}")
    numbers = {s: coefficient_of(arg)[0] for s, arg in zip(symbols, args, strict=True) if _is_number(arg)}
    read = {s: arg for s, arg in zip(symbols, args, strict=True) if s not in numbers}
    if not read:
        return scaled(SYMPY[node.operation](*numbers.values()), Ones(SCALAR))
    rule = ACTIVATIONS.get(node.operation)
    function = _function(rule) if rule else SYMPY[node.operation]
    known = rule.formula(1) if rule else _in_own_value(node)
    stated = (known, (*read.values(), result)) if known and result else None
    formula = Formula(function(*symbols).subs(numbers), tuple(read))
    return Entrywise(formula, tuple(read.values()), columns(shape), stated)


def _in_own_value(node: Apply) -> Formula | None:
    """The function, where its slope is known in its own value: e^u, sqrt(u), 1/u of an operand u."""
    outer, argument = applied_last(node) or (None, None)
    return outer if argument in node.args else None


def _is_number(expr: Expr) -> bool:
    """Whether it is a number that stands in the text."""
    return coefficient_of(expr)[1] == Ones(SCALAR)


def _function(rule: Activation) -> Callable[..., sp.Expr]:
    """An activation, kept whole: its slope is written sigma'."""
    return unspecified(rule.letter, 0, rule.phi(P, (P,)).subs(rule.numbers))


def _product(_: Apply, u: Read, v: Read) -> Expr:
    """u @ v: of two vectors u^T v, of a vector and a matrix V^T u."""
    if len(u.shape) == 1:
        return product(transposed(v.expr), u.expr) if len(v.shape) == 2 else inner(u.expr, v.expr)
    return product(u.expr, v.expr)


def _sum(node: Apply, u: Read) -> Expr:
    """U 1 along the columns; along the rows 1^T U, or U^T 1 where the result is a vector, a column."""
    axes = axes_of(node, len(u.shape))
    if len(axes) == len(u.shape):
        return total(u.expr)
    ones = Ones((u.shape[axes[0]], 1))
    if axes == (1,):
        return product(u.expr, ones)
    return product(transposed(ones), u.expr) if node.keepdims else product(transposed(u.expr), ones)


def _mean(node: Apply, u: Read) -> Expr:
    count = prod(u.shape[axis] for axis in axes_of(node, len(u.shape)))
    return scaled(sp.Rational(1, count), _sum(node, u))


def _variance(node: Apply, u: Read, mean: Expr | None) -> Expr:
    """The mean of (U - M)^2, where M has in each place the mean that U is compared with there."""
    spread = _over_again(mean or _mean(node, u), node, u)
    apart = plus(u.expr, scaled(sp.S.NegativeOne, Held(spread, spread.shape)))
    return _mean(node, Read(u.node, Entrywise(Formula(P**2, (P,)), (apart,), u.expr.shape), u.shape))


def _over_again(mean: Expr, node: Apply, u: Read) -> Expr:
    """What a reduction leaves, in every place that it was reduced from."""
    if mean.shape == SCALAR:
        return mean
    (axis,) = axes_of(node, len(u.shape))
    ones = Ones((u.shape[axis], 1))
    if axis == 1:
        return product(mean, transposed(ones))
    return product(ones, mean if node.keepdims else transposed(mean))


def _chosen(u: Read, places: Iterable[int]) -> Expr:
    """S, which takes these rows."""
    taken = tuple(places)
    return Chosen((len(taken), u.shape[0]), taken)


def _entry(node: Apply, u: Read) -> Expr:
    """e_i^T U e_j"""
    units = [Unit((size, 1), place) for size, place in zip(u.shape, node.places, strict=True)]
    return product(transposed(units[0]), u.expr, *units[1:])


def _joined(node: Apply, *parts: Read) -> Expr:
    """Each part put where it belongs by the transpose of what would take it from there."""
    across = joined_axis(node, len(parts[0].shape)) == 1
    sizes = [part.shape[1 if across else 0] for part in parts]
    ends = tuple(accumulate(sizes))
    terms = []
    for part, size, end in zip(parts, sizes, ends, strict=True):
        put = Chosen((size, ends[-1]), tuple(range(end - size + 1, end + 1)))
        terms.append(product(part.expr, put) if across else product(transposed(put), part.expr))
    return plus(*terms)


def _correlated(_: Apply, x: Read, w: Read) -> Expr:
    """Σ_j w_j S_j x, with S_j x the entries of x that w_j meets; several signals or filters are rows."""
    length, size = w.shape[-1], x.shape[-1] - w.shape[-1] + 1
    terms = []
    for j in range(1, length + 1):
        met, unit = Chosen((size, x.shape[-1]), tuple(range(j, j + size))), Unit((length, 1), j)
        signals = product(x.expr, transposed(met)) if len(x.shape) == 2 else product(met, x.expr)
        weights = product(w.expr, unit) if len(w.shape) == 2 else product(transposed(unit), w.expr)
        if len(w.shape) == 1:
            terms.append(hadamard(weights, signals))
        elif len(x.shape) == 1:
            terms.append(product(weights, transposed(signals)))
        else:
            rows = max(x.shape[0], w.shape[0])
            spread = product(weights, transposed(Ones((size, 1))))
            terms.append(hadamard(_repeated(spread, w.shape[0], rows), _repeated(signals, x.shape[0], rows)))
    return plus(*terms)


def _repeated(expr: Expr, rows: int, wanted: int) -> Expr:
    """A single row for all, where others are many."""
    return expr if rows == wanted else product(Ones((wanted, 1)), expr)


def _coupled(node: Apply, u: Read) -> Expr:
    """softmax and log_softmax, along an axis."""
    (axis,) = axes_of(node, len(u.shape))
    size = u.shape[axis]
    rule = ACTIVATIONS[node.operation]

    def reads(j: int) -> tuple[int, ...]:
        return (j, *(k for k in range(1, size + 1) if k != j))

    coupled = CoupledRule(rule.letter, partial(rule.formula, size), size, (), reads)
    return Coupled(coupled, u.expr, (), columns(u.shape), rows=axis == 1)


_RULES: Mapping[str, Callable[..., Expr]] = MappingProxyType(
    {
        "matmul": _product,
        "transpose": lambda _, u: transposed(u.expr) if len(u.shape) == 2 else u.expr,
        "sum": _sum,
        "mean": _mean,
        "row": lambda node, u: product(transposed(u.expr), Unit((u.shape[0], 1), node.places[0])),
        "rows": lambda node, u: product(_chosen(u, node.places), u.expr),
        "entry": _entry,
        "concat": _joined,
        "conv1d": _correlated,
        "outer": lambda _, u, v: product(u.expr, transposed(v.expr)),
        "softmax": _coupled,
        "log_softmax": _coupled,
    }
)
"""Operations of arrays."""

_LINEAR: Mapping[str, Callable[..., Expr]] = MappingProxyType(
    {
        "add": plus,
        "subtract": lambda u, v: plus(u, scaled(sp.S.NegativeOne, v)),
        "negate": lambda u: scaled(sp.S.NegativeOne, u),
        "multiply": hadamard,
        "identity": lambda u: u,
    }
)
"""Operations entry by entry that are linear in each operand."""
