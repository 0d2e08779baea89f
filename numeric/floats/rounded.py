"""Float64 numbers that carry the error they may have: running error analysis.

A `Rounded` says of every entry |true - value| <= error, where `true` is what exact real
arithmetic gives on any operands that lie within their own claims. With u = 2^-53:

    fl(x op y) = (x op y)(1 + d), |d| <= u         for + - * / and sqrt (IEEE 754)
    |fl(A B) - A B| <= gamma_n |A| |B|             gamma_n = n u / (1 - n u), in any order of summation

Each operation adds its own rounding to what its operands' errors can do, second-order
terms included. The rounding of + and - is not bounded but known (Knuth's two-sum).
Bounds are themselves computed in float64, so each is grown by 1e-10, and by a few
subnormals where a product could underflow.

What is exact stays exact, since a kink hit exactly is a convention and not a doubt:
0 x = 0, x + 0 = x, and multiples of 2^-12 have exact sums and products while small.

What overflows or may be undefined has error inf and value inf or nan, and so has all
that is computed from it. Nothing here warns.

Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), ch. 3 and 4.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

U = 2.0**-53
LIBM = 8 * U
TINY = 2.0**-1074
NORMAL = 2.0**-1022
UNDERFLOW = 8 * TINY
GROW = 1 + 1e-10
GRID = 2.0**12
EXACT_BELOW = 2.0**28  # multiples of 2^-24 up to here fill at most 52 of 53 bits

NOWHERE = np.False_
"""No entry is exact."""

quiet = np.errstate(all="ignore")


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Rounded:
    """Numbers with claims: |true - value| <= error, entry by entry; both arrays have one shape."""

    value: Floats
    error: Floats

    # An array on the left of + - * / @ leaves the operation to this class.
    __array_ufunc__ = None

    def __init__(self, value: npt.ArrayLike, error: npt.ArrayLike) -> None:
        values, errors = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64)
        if values.shape != errors.shape:
            raise ValueError(f"values have shape {values.shape}, their errors {errors.shape}")
        object.__setattr__(self, "value", values)
        object.__setattr__(self, "error", errors)

    @classmethod
    def of(cls, numbers: Any) -> Rounded:
        """The nearest floats of exact numbers (Fraction, int, Decimal), or nested sequences of them."""
        numbers = np.array(numbers, dtype=object)
        ratios = [number.as_integer_ratio() for number in numbers.flat]
        value = np.array([_nearest(n, d) for n, d in ratios], dtype=np.float64).reshape(numbers.shape)
        # In lowest terms a float's denominator is a power of two.
        exact = [
            d & (d - 1) == 0 and _equals(number, (n, d))
            for number, (n, d) in zip(value.flat, ratios, strict=True)
        ]
        return cls(value, np.where(np.reshape(exact, numbers.shape), 0.0, _half_unit(value)))

    @classmethod
    def exact(cls, numbers: npt.ArrayLike) -> Rounded:
        """Floats that stand for their own binary values; an inf or nan claims nothing."""
        value = np.asarray(numbers, dtype=np.float64)
        return cls(value, np.where(np.isfinite(value), 0.0, np.inf))

    # -- shape ---------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def T(self) -> Rounded:
        return Rounded(self.value.T, self.error.T)

    def swapaxes(self, first: int, second: int) -> Rounded:
        return Rounded(self.value.swapaxes(first, second), self.error.swapaxes(first, second))

    def reshape(self, *shape: int) -> Rounded:
        return Rounded(self.value.reshape(shape), self.error.reshape(shape))

    def broadcast_to(self, shape: tuple[int, ...]) -> Rounded:
        if shape == self.shape:
            return self
        return Rounded(np.broadcast_to(self.value, shape), np.broadcast_to(self.error, shape))

    def take_along(self, index: npt.NDArray[np.intp]) -> Rounded:
        """One entry of each row of the last axis, where `index` : (..., 1) says."""
        value, error = (np.take_along_axis(part, index, axis=-1) for part in (self.value, self.error))
        return Rounded(value, error)

    def __getitem__(self, index: Any) -> Rounded:
        return Rounded(self.value[index], self.error[index])

    # -- arithmetic ----------------------------------------------------------------------------

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.error)

    def __abs__(self) -> Rounded:
        """||t| - |x|| <= |t - x|, so the error stays."""
        return Rounded(np.abs(self.value), self.error)

    @quiet
    def __add__(self, other: Operand) -> Rounded:
        """Two-sum: `lost` is exactly what rounding took from x + y."""
        other = lift(other)
        x, y = self.value, other.value
        total = x + y
        y_kept = total - x
        lost = (x - (total - y_kept)) + (y - y_kept)
        return claim(total, np.abs(lost) + (self.error + other.error))

    def __radd__(self, other: Operand) -> Rounded:
        return lift(other) + self

    def __sub__(self, other: Operand) -> Rounded:
        """x - x of one and the same number is exactly 0, however little is known of it."""
        if other is self:
            known = np.isfinite(self.value)
            return Rounded(np.where(known, 0.0, np.nan), np.where(known, 0.0, np.inf))
        return self + (-lift(other))

    def __rsub__(self, other: Operand) -> Rounded:
        return lift(other) + (-self)

    @quiet
    def __mul__(self, other: Operand) -> Rounded:
        """|t s - x y| <= |x| e_y + (|y| + e_y) e_x."""
        other = lift(other)
        product = self.value * other.value
        size = np.abs(product)
        bound = U * size + np.abs(self.value) * other.error + (np.abs(other.value) + other.error) * self.error
        zero = is_zero(self) | is_zero(other) if _any(product == 0) else NOWHERE
        gridded = _on_grid(self)
        if not _any(gridded):
            return claim(product, bound, exact=zero)
        return claim(product, bound, exact=zero | gridded & _on_grid(other) & (size <= EXACT_BELOW))

    def __rmul__(self, other: Operand) -> Rounded:
        return lift(other) * self

    @quiet
    def __truediv__(self, other: Operand) -> Rounded:
        """With q = x/y: |t/s - q| = |(t - x) - q (s - y)| / |s| <= (e_x + |q| e_y) / (|y| - e_y).

        By a power of two nothing is rounded but what underflows.
        """
        other = lift(other)
        x, y = self.value, other.value
        if other.ndim == 0 and other.error == 0 and (factor := exact_reciprocal(float(y))):
            value = x * factor
            return claim(value, self.error * abs(factor), exact=(self.error == 0) & (value * y == x))
        quotient = x / y
        rounding = U * np.abs(quotient) + TINY
        clear = np.abs(y) - other.error
        propagated = self.error / clear + (np.abs(quotient) + rounding) * (other.error / clear)
        bound = np.where(clear > 0, rounding + propagated, np.inf)
        known = Rounded(quotient, np.broadcast_to(self.error, quotient.shape))
        divides = _on_grid(known) & _on_grid(other) & (quotient * y == x) & (np.abs(x) <= EXACT_BELOW)
        return claim(quotient, bound, exact=divides | is_zero(self))

    def __rtruediv__(self, other: Operand) -> Rounded:
        return lift(other) / self

    def __pow__(self, exponent: Operand) -> Rounded:
        """x^p; one exactly known integer p is repeated squaring, good for every x; else x > 0 is needed."""
        n = one_integer(exponent)
        return _general_power(self, lift(exponent)) if n is None else integer_power(self, n)

    @quiet
    def __matmul__(self, other: Rounded | Floats) -> Rounded:
        """Matrix products over the last two axes; the others broadcast.

        Only products of entries that are not 0 can underflow, and `terms` counts them.
        """
        B = lift(other)
        if B.ndim == 1:
            return (self @ B[:, None])[..., 0]
        if self.ndim == 1:
            return (self[None, :] @ B)[..., 0, :]
        if B.ndim == 2 and self.ndim > 2:  # one product and not many small ones
            rows = self.reshape(-1, self.shape[-1]) @ B
            return rows.reshape(*self.shape[:-1], B.shape[-1])
        gamma = _gamma(self.shape[-1])
        abs_B = np.abs(B.value)
        bound = gamma * (np.abs(self.value) @ (abs_B + B.error / gamma)) + self.error @ (abs_B + B.error)
        terms = _may_differ_from_zero(self) @ _may_differ_from_zero(B)
        row_and_column = _on_grid(self).all(axis=-1, keepdims=True) & _on_grid(B).all(axis=-2, keepdims=True)
        exact = (terms == 0) | (row_and_column & (bound <= gamma * EXACT_BELOW))
        return claim(self.value @ B.value, bound * (1 + 2 * gamma) + 3 * TINY * terms, exact=exact)

    def __rmatmul__(self, other: Floats) -> Rounded:
        return lift(other) @ self

    @quiet
    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Rounded:
        """Adding m numbers other than 0, in any order, rounds m - 1 times: gamma_{m-1} sum |x|."""
        if isinstance(axis, int) and self.shape[axis] == 1:  # nothing is added
            return (
                self
                if keepdims
                else Rounded(*(np.asarray(x.take(0, axis)) for x in (self.value, self.error)))
            )
        total = np.asarray(self.value.sum(axis=axis, keepdims=keepdims))
        size = np.abs(self.value).sum(axis=axis, keepdims=keepdims)
        errors = self.error.sum(axis=axis, keepdims=keepdims)
        count = (self.value != 0).sum(axis=axis, keepdims=keepdims)
        gamma = _gamma(np.maximum(count - 1, 0))
        bound = (gamma * size + errors) * (1 + 2 * _gamma(self.value.size // max(total.size, 1)))
        if not _any(errors == 0):
            return claim(total, bound, exact=NOWHERE)
        small = _on_grid(self).all(axis=axis, keepdims=keepdims) & (size <= EXACT_BELOW)
        return claim(total, bound, exact=(errors == 0) & (small | (count <= 1)))


Operand = Rounded | float | Fraction | Floats


def is_zero(x: Rounded) -> Bools:
    """Where x is 0 and nothing else."""
    return np.asarray((x.value == 0) & (x.error == 0))


def in_doubt(margin: Rounded) -> Bools:
    """Where the claim holds 0 beside other numbers, so that the sign is not known."""
    return np.asarray(~(np.abs(margin.value) > margin.error) & (margin.error > 0))


@quiet
def product_rounded_once(A: Rounded, B: Rounded) -> Rounded:
    """A B of two matrices, its sums in long double where the machine has one.

    What the operands may be off by is left, and one rounding of the result, whatever
    the number of terms.
    """
    value = (A.value.astype(np.longdouble) @ B.value.astype(np.longdouble)).astype(np.float64)
    n, unit = A.shape[-1], float(np.finfo(np.longdouble).eps)
    abs_A, abs_B = np.abs(A.value), np.abs(B.value)
    sums = 2 * n * unit * (abs_A @ abs_B) + 3 * n * TINY
    bound = sums + abs_A @ B.error + A.error @ (abs_B + B.error)
    once = claim(value, U * np.abs(value) + bound * (1 + 2 * _gamma(n)))
    if not (_on_grid(A).all(axis=-1).any() or is_zero(B).all(axis=0).any()):  # no sum is exact
        return once
    exact = A @ B
    better = exact.error < once.error
    return Rounded(np.where(better, exact.value, once.value), np.where(better, exact.error, once.error))


# -- how claims are made ---------------------------------------------------------------------------


def claim(value: Floats, bound: Floats, exact: Bools | np.bool_ | None = None) -> Rounded:
    """The claim with its bound grown for the bound's own rounding; inf where anything is not finite.

    `exact` says where value is the true one; all else may have underflowed. Without it
    no underflow is possible, as in a sum.
    """
    error = np.asarray(bound * GROW)
    if exact is not None:
        error += UNDERFLOW
        if exact is not NOWHERE:
            error = np.where(exact & (bound < np.inf), 0.0, error)
    farthest = np.abs(value) + error
    if np.maximum.reduce(farthest, axis=None, initial=0.0) < np.inf:
        return Rounded(value, error)
    return Rounded(value, np.where(np.isfinite(farthest), error, np.inf))


def lift(number: Operand) -> Rounded:
    """Any operand with its error; an array stands for its own binary values."""
    if isinstance(number, Rounded):
        return number
    return Rounded.exact(number) if isinstance(number, np.ndarray) else _constant(number)


@lru_cache(maxsize=256)
def _constant(number: float | Fraction) -> Rounded:
    """One number of a formula, made once; nobody can write into it."""
    made = Rounded.of(number) if isinstance(number, int | Fraction) else Rounded.exact(number)
    made.value.flags.writeable = made.error.flags.writeable = False
    return made


def exact_reciprocal(divisor: float) -> float | None:
    """1/divisor of a power of two, which loses nothing; of all else None."""
    is_power = abs(math.frexp(divisor)[0]) == 0.5
    return 1 / divisor if is_power and abs(divisor) >= NORMAL else None


def _any(found: Bools) -> bool:
    """As the array's own `any`, for as little as NumPy can do it."""
    return bool(np.logical_or.reduce(found, axis=None))


def _nearest(numerator: int, denominator: int) -> float:
    """The nearest float of a fraction."""
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def _equals(number: float, ratio: tuple[int, int]) -> bool:
    return math.isfinite(number) and float(number).as_integer_ratio() == ratio


def _half_unit(nearest: Floats) -> Floats:
    """How far off a nearest float may be; inf where there is none."""
    size = np.abs(nearest)
    finite = size < np.inf
    return np.where(finite, np.maximum(np.spacing(np.where(finite, size, 0.0)) / 2, TINY), np.inf)


def _gamma(n: Any) -> Any:
    return n * U / (1 - n * U)


def _on_grid(x: Rounded) -> Bools:
    """Where x is known to be a multiple of 2^-12."""
    known = x.error == 0
    if not known.any():
        return np.asarray(known)
    scaled = x.value * GRID
    return np.asarray(known & (scaled == np.rint(scaled)))


def _may_differ_from_zero(x: Rounded) -> Floats:
    return np.where(is_zero(x), 0.0, 1.0)


def log_spread(x: Floats, error: Floats) -> Floats:
    """-ln(1 - e/x): how far ln moves from x by an error e; nan where that reaches 0."""
    spread: Floats = -np.log1p(-(error / x * GROW))
    return spread


def one_integer(x: Operand) -> int | None:
    """The integer that every entry of x is known to be, if there is one."""
    if isinstance(x, int):
        return x
    x = lift(x)
    if x.value.size == 0 or x.error.any():
        return None
    first = float(x.value.flat[0])
    return int(first) if first.is_integer() and (x.value == first).all() else None


def integer_power(x: Rounded, n: int) -> Rounded:
    """x^n by repeated squaring; x^0 = 1, also at 0."""
    if n == 0:
        return Rounded.exact(np.ones(x.shape))
    base = power = x if n > 0 else 1 / x
    for bit in f"{abs(n):b}"[1:]:
        power = power * power
        if bit == "1":
            power = power * base
    return power


@quiet
def _general_power(x: Rounded, p: Rounded) -> Rounded:
    """x^p = e^(p ln x), x > 0: the exponent moves by at most e_p |ln x| + (|p| + e_p) spread(ln x)."""
    value = np.power(x.value, p.value)
    moved = p.error * np.abs(np.log(x.value)) + (np.abs(p.value) + p.error) * log_spread(x.value, x.error)
    return claim(value, LIBM * value + (value * GROW + UNDERFLOW) * np.expm1(moved), exact=NOWHERE)
