"""The derivatives of a tape's results by what it is given, over many boxes at once.

    t[q] = sum over the operands u of q of  dq/du * t[u],      t[u] = dq/du for q = u itself

A tangent t[q] has a column for each given number that q rests on. With the values
as balls that hold a whole box, so do the slopes dq/du; what the tangents are off
by is bounded along with them, once for all columns.

Source: Griewank and Walther (2008), Evaluating Derivatives, sec. 3.1; Higham (2002), sec. 3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import sympy as sp
from flint import arb

from derive.whole_functions import MeanRoot
from numeric.balls import operations
from numeric.balls.float_balls import SMALLEST, SURELY, UNIT, UP, FloatBalls, Floats, LimitError, entrywise
from numeric.balls.operations import FUNCTIONS, Branch
from numeric.balls.tape import Instruction

ONE = FloatBalls.exactly(1.0)


@dataclass(frozen=True)
class Operation:
    """What a tape's operation is for balls of floats.

    value   of its operands
    slopes  by each operand, of the operands and the value; None for 1
    """

    value: Callable[..., FloatBalls]
    slopes: tuple[Callable[..., FloatBalls] | None, ...]


Slope = Callable[[FloatBalls, FloatBalls], FloatBalls]


def _function(function: Callable[[arb], arb], slope: Slope) -> Operation:
    """y = f(u), with f' in u and y."""
    return Operation(lambda u: entrywise(function, u), (slope,))


def _from(function: Callable[[FloatBalls], FloatBalls]) -> Slope:
    """A slope that is a function of u alone."""
    return lambda u, _: function(u)


def _of_value(function: Callable[[FloatBalls], FloatBalls]) -> Slope:
    """A slope that is a function of y alone."""
    return lambda _, y: function(y)


def _bell(u: FloatBalls) -> FloatBalls:
    """erf'(u) = 2 e^(-u^2)/sqrt(pi)."""
    return entrywise(lambda p: 2 * (-p * p).exp() / arb.pi().sqrt(), u)


def _by_exponent(*_: FloatBalls) -> FloatBalls:
    raise LimitError("an exponent moves")


_ROOT = Operation(FloatBalls.root, (_of_value(lambda y: (y + y).reciprocal()),))

OPERATIONS: Mapping[Callable[..., object], Operation] = MappingProxyType(
    {
        operations.identity: Operation(lambda u: u, (None,)),
        operations.add: Operation(FloatBalls.__add__, (None, None)),
        operations.multiply: Operation(FloatBalls.__mul__, (lambda *uvy: uvy[1], lambda *uvy: uvy[0])),
        operations.reciprocal: Operation(FloatBalls.reciprocal, (_of_value(lambda y: -(y * y)),)),
        operations.square_root: _ROOT,
        operations.power: Operation(
            lambda u, p: entrywise(arb.__pow__, u, p), (lambda u, p, y: p * y * u.reciprocal(), _by_exponent)
        ),
        FUNCTIONS[MeanRoot]: _ROOT,
        FUNCTIONS[sp.exp]: _function(arb.exp, _of_value(lambda y: y)),
        FUNCTIONS[sp.log]: _function(arb.log, _from(FloatBalls.reciprocal)),
        FUNCTIONS[sp.sin]: _function(arb.sin, _from(lambda u: entrywise(arb.cos, u))),
        FUNCTIONS[sp.cos]: _function(arb.cos, _from(lambda u: -entrywise(arb.sin, u))),
        FUNCTIONS[sp.tan]: _function(arb.tan, _of_value(lambda y: ONE + y * y)),
        FUNCTIONS[sp.sinh]: _function(arb.sinh, _from(lambda u: entrywise(arb.cosh, u))),
        FUNCTIONS[sp.cosh]: _function(arb.cosh, _from(lambda u: entrywise(arb.sinh, u))),
        FUNCTIONS[sp.tanh]: _function(arb.tanh, _of_value(lambda y: ONE - y * y)),
        FUNCTIONS[sp.erf]: _function(arb.erf, _from(_bell)),
        FUNCTIONS[sp.erfc]: _function(arb.erfc, _from(lambda u: -_bell(u))),
    }
)


@dataclass(frozen=True, slots=True)
class Tangent:
    """Derivatives by some of the given numbers.

    columns  which of them                                                   c places
    mid      the derivatives, about                                          (c, n)
    size     what no entry of `mid` is larger than                           (n,)
    error    what no derivative over the box is further away from `mid` than (n,)
    """

    columns: tuple[int, ...]
    mid: Floats
    size: Floats
    error: Floats


Shares = Sequence[tuple[FloatBalls | None, Tangent]]


@dataclass(frozen=True, slots=True)
class Moving:
    """A slot: its values over the boxes, and its tangent; None where it rests on nothing that moves."""

    value: FloatBalls
    tangent: Tangent | None = None


def jacobian(
    code: Iterable[Instruction],
    slots: Mapping[int, FloatBalls],
    moving: Mapping[int, float],
    results: Sequence[int],
    points: Mapping[int, FloatBalls],
    reach: float,
) -> tuple[Floats, Floats]:
    """The derivatives of some slots by others, over each of n boxes: what they are about, and the error.

    slots    what is given, over the boxes
    moving   the slots to differentiate by, each with the unit in which it is measured: 0 where it is still
    results  the slots that are differentiated
    points   values at the middle of each box that floats could not compute as well, by slot: (n,)
    reach    how far from there a box reaches, in each unit

    mid : (n, results, moving)    error : (n, results), the same for a whole row

    Raises LimitError.
    """
    known = {slot: Moving(value) for slot, value in slots.items()}
    for place, (slot, unit) in enumerate(moving.items()):
        if unit:
            seed = Tangent((place,), np.array([[unit]]), np.array([unit]), np.zeros(1))
            known[slot] = Moving(known[slot].value, seed)
    for function, slot, args in code:
        operands = [known[arg] for arg in args]
        known[slot] = (
            _chosen(function, *operands) if isinstance(function, Branch) else _moved(function, operands)
        )
        if slot in points:
            known[slot] = _recentred(known[slot], points[slot], reach)
    count = len(points[results[0]].mid)
    mid, error = np.zeros((count, len(results), len(moving))), np.zeros((count, len(results)))
    for row, slot in enumerate(results):
        if (tangent := known[slot].tangent) is not None:
            mid[:, row, list(tangent.columns)] = tangent.mid.T
            error[:, row] = tangent.error
    if not (np.isfinite(mid).all() and np.isfinite(error).all()):
        raise LimitError("a derivative that floats do not hold")
    return mid, error


def _moved(function: Callable[..., object], operands: Sequence[Moving]) -> Moving:
    operation = OPERATIONS[function]
    values = [operand.value for operand in operands]
    value = operation.value(*values)
    shares = [
        (None if slope is None else slope(*values, value), operand.tangent)
        for slope, operand in zip(operation.slopes, operands, strict=True)
        if operand.tangent is not None
    ]
    return Moving(value, _total(shares))


def _recentred(found: Moving, points: FloatBalls, reach: float) -> Moving:
    """The same slot by the mean value theorem: its value at the point, and what a box may change it by."""
    if found.value.is_zero:
        return found
    rad = points.rad + 2 * UNIT * np.abs(points.mid) + SMALLEST
    if (tangent := found.tangent) is not None:
        rad = rad + len(tangent.columns) * reach * (tangent.size + tangent.error)
    return Moving(FloatBalls(points.mid, rad * UP), found.tangent)


def _total(shares: Shares) -> Tangent | None:
    """The sum of slope times tangent; nothing where every share is exactly 0."""
    if not shares:
        return None
    columns = _union([tangent for _, tangent in shares])
    parts, sizes, errors = zip(*(_share(slope, tangent, columns) for slope, tangent in shares), strict=True)
    size = sum(sizes[1:], start=sizes[0]) * UP
    error = (sum(errors[1:], start=errors[0]) + 2 * UNIT * size) * UP
    if not (size.any() or error.any()):
        return None
    return Tangent(columns, sum(parts[1:], start=parts[0]), size, error)


def _share(
    slope: FloatBalls | None, tangent: Tangent, columns: tuple[int, ...]
) -> tuple[Floats, Floats, Floats]:
    """Slope times tangent: about, and what it is not larger than and not further away than."""
    if slope is None:
        return _in_columns(tangent.mid, tangent.columns, columns), tangent.size, tangent.error
    steep = np.abs(slope.mid)
    error = steep * tangent.error + slope.rad * (tangent.size + tangent.error)
    return _in_columns(slope.mid * tangent.mid, tangent.columns, columns), steep * tangent.size, error


def _union(tangents: Sequence[Tangent]) -> tuple[int, ...]:
    first = tangents[0].columns
    if all(tangent.columns == first for tangent in tangents):
        return first
    return tuple(sorted({place for tangent in tangents for place in tangent.columns}))


def _in_columns(mid: Floats, own: tuple[int, ...], columns: tuple[int, ...]) -> Floats:
    if own == columns:
        return mid
    wide = np.zeros((len(columns), mid.shape[1]))
    wide[[columns.index(place) for place in own]] = mid
    return wide


def _chosen(branch: Branch, left: Moving, right: Moving, then: Moving, otherwise: Moving) -> Moving:
    """One of two slots, box by box. Raises LimitError where a box straddles the condition."""
    gap = FloatBalls.exactly(0.0) if left is right else left.value - right.value
    holds = SURELY[branch.holds](gap)
    if not np.all(holds | SURELY[branch.fails](gap)):
        raise LimitError("a box straddles a kink")
    if holds.all() or not holds.any():
        return then if holds.all() else otherwise
    u, v = then.value, otherwise.value
    value = FloatBalls(np.where(holds, u.mid, v.mid), np.where(holds, u.rad, v.rad))
    on, off = FloatBalls(holds.astype(float), np.zeros(1)), FloatBalls((~holds).astype(float), np.zeros(1))
    sides = ((on, then.tangent), (off, otherwise.tangent))
    return Moving(value, _total([(share, tangent) for share, tangent in sides if tangent is not None]))
