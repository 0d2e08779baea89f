"""Formulas that people write, as values of a world: numbers, or arrays of them.

One row for each operation of the grammar. What a function of one number is, the
symbolic side states (`derive.expressions.SYMPY`); only the operations of arithmetic
and those on whole arrays are written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial, reduce
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from derive.expressions import SYMPY
from derive.formula.nodes import Apply, Constant, Derivative, Name, Node, Number, Unspecified, walk
from derive.shapes import axes_of, joined_axis
from numeric.deciding import values
from numeric.deciding.formulas import Formulas
from numeric.deciding.values import Value

Array = npt.NDArray[Any]
"""Values as a NumPy array of objects; a single one has shape ()."""

LookUp = Callable[[Name | Derivative], Array]


def number(value: Value) -> Array:
    """A single value as an array of no axes."""
    made = np.empty((), dtype=object)
    made[()] = value
    return made


def evaluate(node: Node, formulas: Formulas, look_up: LookUp) -> Array:
    """The value of a formula; `look_up` has those of its names. Raises UnluckyError where it has none."""
    made: list[Array] = []
    for part in walk(node):
        if isinstance(part, Apply):
            args = made[-len(part.args) :]
            del made[-len(part.args) :]
            made.append(applied(formulas, part, args))
        elif isinstance(part, Unspecified):
            function = partial(formulas.any_function, part.function, part.order)
            made.append(entrywise(function, made.pop()))
        elif isinstance(part, Number):
            made.append(number(formulas.constant(part.value)))
        elif isinstance(part, Constant):
            made.append(number(CONSTANTS[part.name](formulas)))
        elif isinstance(part, Name | Derivative):
            made.append(look_up(part))
        else:
            raise TypeError(f"a problem's formula holds no {type(part).__name__}")
    return made.pop()


def applied(formulas: Formulas, node: Apply, args: Sequence[Array]) -> Array:
    """One operation on its operands."""
    if node.operation in ENTRYWISE:
        return entrywise(partial(ENTRYWISE[node.operation], formulas), *args)
    if node.operation in WHOLE:
        return np.asarray(WHOLE[node.operation](formulas, node, *args), dtype=object)
    return entrywise(partial(_stated, formulas, node.operation), *args)


def entrywise(function: Callable[..., Value], *args: Array) -> Array:
    """The function of each entry, as NumPy broadcasts."""
    if not any(arg.ndim for arg in args):
        return number(function(*(arg[()] for arg in args)))
    return np.asarray(np.frompyfunc(function, len(args), 1)(*args), dtype=object)


def _stated(formulas: Formulas, operation: str, *args: Value) -> Value:
    """A function of numbers by SymPy's statement of it."""
    expr, symbols = _statement(operation, len(args))
    return formulas(expr, dict(zip(symbols, args, strict=True)))


@cache
def _statement(operation: str, count: int) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    symbols = sp.symbols(f"u1:{count + 1}")
    return SYMPY[operation](*symbols), symbols


CONSTANTS: Mapping[str, Callable[[Formulas], Value]] = MappingProxyType(
    {"e": lambda formulas: values.exponential(formulas.constant(1)), "pi": lambda formulas: formulas.pi}
)

ENTRYWISE: Mapping[str, Callable[..., Value]] = MappingProxyType(
    {
        "add": lambda _, u, v: u + v,
        "subtract": lambda _, u, v: u - v,
        "multiply": lambda _, u, v: u * v,
        "divide": lambda _, u, v: u / v,
        "negate": lambda _, u: -u,
        "power": lambda formulas, u, v: formulas.power(u, v),
        "exp": lambda _, u: values.exponential(u),
        "identity": lambda _, u: u,
    }
)
"""Arithmetic on single values."""


# -- vectors and matrices --------------------------------------------------------------------------


def _sum(_: Formulas, node: Apply, x: Array) -> Array:
    axes = axes_of(node, x.ndim)
    return np.asarray(x.sum(axis=axes, keepdims=node.keepdims), dtype=object) if axes else x


def _mean(formulas: Formulas, node: Apply, x: Array) -> Array:
    count = reduce(int.__mul__, (x.shape[axis] for axis in axes_of(node, x.ndim)), 1)
    share = formulas.constant(Fraction(1, count))
    return entrywise(lambda u: u * share, np.asarray(_sum(formulas, node, x), dtype=object))


def _variance(formulas: Formulas, node: Apply, x: Array) -> Array:
    axes = axes_of(node, x.ndim)
    count = formulas.constant(Fraction(1, reduce(int.__mul__, (x.shape[axis] for axis in axes), 1)))
    off = x - x.sum(axis=axes, keepdims=True) * count
    return np.asarray((off * off).sum(axis=axes, keepdims=node.keepdims) * count, dtype=object)


def _softmax(_: Formulas, node: Apply, x: Array) -> Array:
    powers = entrywise(values.exponential, x)
    return np.asarray(powers / powers.sum(axis=axes_of(node, x.ndim), keepdims=True), dtype=object)


def _log_softmax(formulas: Formulas, node: Apply, x: Array) -> Array:
    total = entrywise(values.exponential, x).sum(axis=axes_of(node, x.ndim), keepdims=True)
    return np.asarray(
        x - entrywise(partial(values.transcendental, "log", formulas.seed), total), dtype=object
    )


def _conv1d(_: Formulas, __: Apply, x: Array, w: Array) -> Array:
    width = w.shape[-1]
    starts = np.arange(x.shape[-1] - width + 1)
    return np.asarray((x[..., starts[:, None] + np.arange(width)] * w).sum(axis=-1), dtype=object)


def _entry(_: Formulas, node: Apply, x: Array) -> Array:
    return number(x[tuple(place - 1 for place in node.places)])


WHOLE: Mapping[str, Callable[..., Array]] = MappingProxyType(
    {
        "matmul": lambda _, __, x, y: x @ y,
        "transpose": lambda _, __, x: x.T,
        "sum": _sum,
        "mean": _mean,
        "var": _variance,
        "softmax": _softmax,
        "log_softmax": _log_softmax,
        "outer": lambda _, __, u, v: np.multiply.outer(u, v),
        "conv1d": _conv1d,
        "concat": lambda _, node, *x: np.concatenate(x, joined_axis(node, x[0].ndim)),
        "row": lambda _, node, x: x[node.places[0] - 1],
        "rows": lambda _, node, x: x[np.array(node.places) - 1],
        "entry": _entry,
    }
)
"""Operations on whole arrays."""
