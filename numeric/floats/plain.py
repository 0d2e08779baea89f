"""Float64 numbers without a bound, for many evaluations whose bound is known from a few.

The operations of `Rounded`, of its value alone: whatever is written for numbers
that carry their errors takes these as well, so a formula stands once. Operands
with errors beside them are read by their values.

The axes of a value keep their order in memory through every operation; a product
by a matrix runs over the last axis and lays that axis outermost, so that of many
points side by side each unit's are neighbours.

Whoever computes with these does so `quietly`: nothing is raised or warned of here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from numeric.floats.rounded import (
    Floats,
    Operand,
    Rounded,
    exact_reciprocal,
    integer_power,
    one_integer,
)

UNTRACKED = np.zeros(())
UNTRACKED.flags.writeable = False


ROW = 256
"""Numbers along the last axis that NumPy may gather before it computes."""


@contextmanager
def quietly() -> Iterator[None]:
    """Without warnings, and with rows taken as they lie: a longer buffer copies what broadcasts.

    Source: numpy.setbufsize, which `errstate` undoes.
    """
    with np.errstate(all="ignore"):
        np.setbufsize(ROW)
        yield


class Plain(Rounded):
    """Numbers as float64 computes them; of their error nothing is said, and `error` is not read."""

    __slots__ = ()

    def __init__(self, value: npt.ArrayLike) -> None:
        object.__setattr__(self, "value", np.asarray(value, dtype=np.float64))
        object.__setattr__(self, "error", UNTRACKED)

    @property
    def T(self) -> Plain:
        return Plain(self.value.T)

    def swapaxes(self, first: int, second: int) -> Plain:
        return Plain(self.value.swapaxes(first, second))

    def reshape(self, *shape: int) -> Plain:
        return Plain(self.value.reshape(shape))

    def broadcast_to(self, shape: tuple[int, ...]) -> Plain:
        return self if shape == self.shape else Plain(np.broadcast_to(self.value, shape))

    def take_along(self, index: npt.NDArray[np.intp]) -> Plain:
        return Plain(np.take_along_axis(self.value, index, axis=-1))

    def __getitem__(self, index: Any) -> Plain:
        return Plain(self.value[index])

    def __neg__(self) -> Plain:
        return Plain(-self.value)

    def __abs__(self) -> Plain:
        return Plain(np.abs(self.value))

    def __add__(self, other: Operand) -> Plain:
        return Plain(self.value + _value(other))

    def __radd__(self, other: Operand) -> Plain:
        return Plain(_value(other) + self.value)

    def __sub__(self, other: Operand) -> Plain:
        return Plain(self.value - _value(other))

    def __rsub__(self, other: Operand) -> Plain:
        return Plain(_value(other) - self.value)

    def __mul__(self, other: Operand) -> Plain:
        return Plain(self.value * _value(other))

    def __rmul__(self, other: Operand) -> Plain:
        return Plain(_value(other) * self.value)

    def __truediv__(self, other: Operand) -> Plain:
        """By a power of two as a product, which is as exact and quicker."""
        divisor = _value(other)
        if isinstance(divisor, float) and (factor := exact_reciprocal(divisor)):
            return Plain(self.value * factor)
        return Plain(self.value / divisor)

    def __rtruediv__(self, other: Operand) -> Plain:
        return Plain(_value(other) / self.value)

    def __pow__(self, exponent: Operand) -> Rounded:
        """As `Rounded`'s: by one integer repeated squaring."""
        n = None if isinstance(exponent, Plain) else one_integer(exponent)
        return Plain(np.power(self.value, _value(exponent))) if n is None else integer_power(self, n)

    def __rpow__(self, base: Operand) -> Plain:
        return Plain(np.power(_value(base), self.value))

    def __matmul__(self, other: Rounded | Floats) -> Plain:
        """As `Rounded`'s; by one matrix, all points at once."""
        x, B = self.value, _value(other)
        if B.ndim != 2 or x.ndim < 2:
            return Plain(x @ B)
        columns = B.T @ x.T.reshape(x.shape[-1], -1)
        return Plain(columns.reshape(-1, *x.T.shape[1:]).T)

    def __rmatmul__(self, other: Rounded | Floats) -> Plain:
        return Plain(_value(other) @ self.value)

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Plain:
        """As `Rounded`'s: of a single number nothing is added."""
        if isinstance(axis, int) and self.shape[axis] == 1 and not keepdims:
            return Plain(self.value.take(0, axis))
        return Plain(self.value.sum(axis=axis, keepdims=keepdims))


def _value(number: Operand) -> Any:
    if isinstance(number, Rounded):
        return number.value
    return number if isinstance(number, np.ndarray) else float(number)
