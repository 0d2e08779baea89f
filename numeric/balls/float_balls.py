"""Balls of floats, many at once: arrays of midpoints and of radii that provably hold every value.

    (a ± r) + (b ± s) = (a + b) ± (r + s)
    (a ± r) (b ± s)   = a b ± (|a| s + r (|b| + s))
    1/(a ± r)         = 1/a ± r/(|a| (|a| - r)),     |a| > r
    (a ± r)^(1/2)     = a^(1/2) ± r/a^(1/2),         a >= r

Each radius also takes half a unit of its midpoint, and is itself rounded up. That
holds as long as nothing is rounded to a subnormal: this, like every number that
floats do not hold, is a LimitError. A product with exactly 0 is exactly 0.

Source: Rump (1999), Fast and parallel interval arithmetic, BIT 39(3).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from flint import arb, ctx

from numeric.balls.operations import Ball

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

UNIT = 2.0**-53
"""What rounding to the nearest float may change a number by, relative to itself."""

UP = 1 + 2.0**-40
"""Takes a formula of some thousand roundings, of numbers none of which is below 0, above its true value."""

SMALLEST = 2.0**-900
"""Far enough above the subnormal numbers."""

ARB_BITS = 64


class LimitError(ArithmeticError):
    """Balls of floats cannot say: a pole in a ball, an `if` that it straddles, a number out of range."""


@contextmanager
def within_limits() -> Iterator[None]:
    """Raises LimitError for whatever floats do not hold: what overflows, or is rounded to a subnormal."""
    try:
        with np.errstate(all="raise"):
            yield
    except FloatingPointError as error:
        raise LimitError(str(error)) from error


@dataclass(frozen=True, slots=True)
class FloatBalls:
    """mid ± rad, entry by entry: (n,), or () for one ball in the place of n."""

    mid: Floats
    rad: Floats

    @classmethod
    def exactly(cls, number: float) -> FloatBalls:
        """One float, and nothing beside it."""
        return cls(np.asarray(number), np.asarray(0.0))

    @classmethod
    def of(cls, values: Sequence[Ball]) -> FloatBalls:
        """Balls of any precision. Raises LimitError."""
        with ctx.workprec(ARB_BITS):
            mid, rad = np.array([_parts(arb(value)) for value in values]).T
        return cls(mid, rad)

    @property
    def is_zero(self) -> bool:
        """Whether all are exactly 0."""
        return not (self.mid.any() or self.rad.any())

    def __add__(self, other: FloatBalls) -> FloatBalls:
        mid = self.mid + other.mid
        return FloatBalls(mid, (self.rad + other.rad + UNIT * np.abs(mid)) * UP)

    def __mul__(self, other: FloatBalls) -> FloatBalls:
        mid, a, b = self.mid * other.mid, np.abs(self.mid), np.abs(other.mid)
        return FloatBalls(mid, (a * other.rad + self.rad * (b + other.rad) + UNIT * np.abs(mid)) * UP)

    def __neg__(self) -> FloatBalls:
        return FloatBalls(-self.mid, self.rad)

    def __sub__(self, other: FloatBalls) -> FloatBalls:
        return self + -other

    def reciprocal(self) -> FloatBalls:
        """1/u. Raises LimitError where a ball holds 0."""
        far = np.abs(self.mid)
        near = far / UP - self.rad
        if np.any(near <= 0):
            raise LimitError("a ball that is divided by holds 0")
        mid = 1 / self.mid
        return FloatBalls(mid, (self.rad / (far * near) + UNIT * np.abs(mid)) * UP)

    def root(self) -> FloatBalls:
        """√u. Raises LimitError where a ball holds a negative number."""
        if np.any(self.mid / UP < self.rad):
            raise LimitError("a ball of which the root is taken holds a negative number")
        mid = np.sqrt(self.mid)
        return FloatBalls(mid, (self.rad / np.where(mid == 0, 1, mid) + UNIT * mid) * UP)


def entrywise(function: Callable[..., arb], *balls: FloatBalls) -> FloatBalls:
    """A function of arb's, entry by entry. Raises LimitError where it has no value."""
    ends = [end for one in balls for end in (one.mid, one.rad)]
    columns = [column.ravel().tolist() for column in np.broadcast_arrays(*ends)]
    with ctx.workprec(ARB_BITS):
        if len(balls) == 1:  # nearly always, and there are many
            found = [_parts(function(arb(m, r))) for m, r in zip(*columns, strict=True)]
        else:
            rows = zip(*columns, strict=True)
            found = [_parts(function(*map(arb, row[::2], row[1::2]))) for row in rows]
    mid, rad = np.array(found).T
    shape = np.broadcast_shapes(*(end.shape for end in ends))
    return FloatBalls(mid.reshape(shape), rad.reshape(shape))


def _parts(value: arb) -> tuple[float, float]:
    """The midpoint as a float, and how far the ball reaches from there."""
    if value == 0:
        return 0.0, 0.0
    mid, rad = float(value), float(value.rad())
    reach = abs(mid) + rad
    if reach < SMALLEST:
        return 0.0, SMALLEST
    if reach < 1 / SMALLEST:
        return mid, (rad + 2 * UNIT * abs(mid)) * UP
    raise LimitError("a formula has no value within a ball, or one that floats do not hold")


SURELY: Mapping[Callable[[Ball, Ball], bool], Callable[[FloatBalls], Truths]] = MappingProxyType(
    {
        operator.gt: lambda gap: gap.mid > gap.rad,
        operator.ge: lambda gap: gap.mid >= gap.rad,
        operator.lt: lambda gap: -gap.mid > gap.rad,
        operator.le: lambda gap: -gap.mid >= gap.rad,
        operator.eq: lambda gap: (gap.mid == 0) & (gap.rad == 0),
        operator.ne: lambda gap: np.abs(gap.mid) > gap.rad,
    }
)
"""Whether u - v says for sure that u and v compare so."""
