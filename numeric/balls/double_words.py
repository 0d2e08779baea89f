"""Which float64 each entry of a matrix rounds to, for all entries at once and proven.

An entry is kept as h + l, two float64 of which the second starts where the first
ends, with a bound on what is left out. Products and sums of such pairs are exact
but for the bound (p + e = x y and s + b = x + y without error), so that 23,520
entries of an outer product cost a few passes of NumPy and no object each.

Source: Dekker (1971), A floating-point technique for extending the available precision;
Joldes, Muller and Popescu (2017), Tight and rigorous error bounds for basic building
blocks of double-word arithmetic, ACM TOMS 44(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from flint import arb_mat, ctx, fmpq_mat

from numeric.balls.enclosure import END_BITS, NORMAL

Floats = npt.NDArray[np.float64]

SPLITTER = 2.0**27 + 1
SMALLEST, LARGEST = NORMAL
"""Between these no product below loses digits to underflow, and none overflows."""

UNIT = 2.0**-106
"""The square of float64's unit: what is left out of one product, relative to it, is a few of these."""


QUIET = np.errstate(over="ignore", under="ignore", invalid="ignore")
"""What leaves float64's range gets an infinite error or an undefined one, and is told nothing."""


@dataclass(frozen=True)
class DoubleWords:
    """A matrix: each entry is within `error` of high + low; an infinite or undefined error says nothing."""

    high: Floats
    low: Floats
    error: Floats

    @classmethod
    @QUIET
    def of(cls, matrix: arb_mat | fmpq_mat) -> DoubleWords:
        """The two leading float64 of each entry."""
        with ctx.workprec(END_BITS):
            balls = arb_mat(matrix).entries() if isinstance(matrix, fmpq_mat) else matrix.entries()
            high = list(map(float, balls))
            low = [float(value - h) for value, h in zip(balls, high, strict=True)]
        known = np.array([value.rel_accuracy_bits() for value in balls], dtype=np.float64)
        shape = (matrix.nrows(), matrix.ncols())
        leading = np.array(high)
        error = np.abs(leading) * (2 * UNIT + np.exp2(1 - np.clip(known, -500, 500)))
        # `!= 0` would be false of a ball around 0, which is not surely anything else either
        lost = [i for i in np.flatnonzero(leading == 0) if not balls[i].is_zero()]
        error[lost] = np.inf
        return cls(*(part.reshape(shape) for part in (leading, np.array(low), error)))

    @property
    def T(self) -> DoubleWords:
        return DoubleWords(self.high.T, self.low.T, self.error.T)

    @QUIET
    def __add__(self, other: DoubleWords) -> DoubleWords:
        high, carried = _two_sum(self.high, other.high)
        small = np.abs(self.low) + np.abs(other.low) + np.abs(carried)
        low = self.low + other.low + carried
        return DoubleWords(high, low, self.error + other.error + small * 2.0**-51)

    @QUIET
    def __mul__(self, other: DoubleWords) -> DoubleWords:
        """Entry by entry, of shapes that NumPy stretches to one."""
        x, y = self.high, other.high
        high, left = _two_product(x, y)
        cross = x * other.low + self.low * y
        size = np.abs(high)
        out_of_range = ((size < SMALLEST) & (x != 0) & (y != 0)) | ~(size < LARGEST)
        error = 1.01 * (np.abs(x) * other.error + np.abs(y) * self.error + self.error * other.error)
        error = np.where(out_of_range, np.inf, error + 16 * UNIT * size)
        return DoubleWords(high, left + cross, error)

    def __matmul__(self, other: DoubleWords) -> DoubleWords:
        """The matrix product, one outer product after the other."""
        left, right = self.columns(), other.T.columns()
        total, *rest = (column * row.T for column, row in zip(left, right, strict=True))
        for term in rest:
            total = total + term
        return total

    def columns(self) -> list[DoubleWords]:
        parts = (self.high, self.low, self.error)
        return [DoubleWords(*(part[:, [k]] for part in parts)) for k in range(self.high.shape[1])]

    @QUIET
    def nearest(self) -> Floats:
        """The float64 next to each entry; nan where the bound leaves two of them, or the range is left."""
        rounded, rest = _two_sum(self.high, self.low)
        size = np.abs(rounded)
        half = (size - np.nextafter(size, 0)) / 2
        sure = (np.abs(rest) + self.error) * (1 + 2.0**-40) < half
        sure &= (size > SMALLEST) & (size < LARGEST)
        zero = (size == 0) & (self.error == 0)
        return np.where(sure | zero, rounded, np.nan)


def _two_sum(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """s + b = x + y exactly, with s their float64 sum (Knuth)."""
    s = x + y
    t = s - x
    return s, (x - (s - t)) + (y - t)


def _two_product(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """p + e = x y exactly, with p their float64 product (Dekker)."""
    p = x * y
    (x_high, x_low), (y_high, y_low) = _halves(x), _halves(y)
    return p, ((x_high * y_high - p) + x_high * y_low + x_low * y_high) + x_low * y_low


def _halves(x: Floats) -> tuple[Floats, Floats]:
    """x as a sum of two numbers of 26 bits (Veltkamp)."""
    t = SPLITTER * x
    high = t - (t - x)
    return high, x - high
