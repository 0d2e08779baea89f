"""Float64 numbers that carry the error they may have: running error analysis.

A `Rounded` says of every entry |true - value| <= error, where `true` is what exact real
arithmetic gives on any operands that lie within their own claims. With u = 2^-53:

    fl(x op y) = (x op y)(1 + d), |d| <= u         for + - * / and sqrt (IEEE 754)
    |f_computed - f| <= 4 ulp <= 8 u |f|           for exp, log, sin, ... (assumed of NumPy's libm)
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
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

U = 2.0**-53
LIBM = 8 * U
TINY = 2.0**-1074
UNDERFLOW = 8 * TINY
GROW = 1 + 1e-10
GRID = 2.0**12
EXACT_BELOW = 2.0**28  # multiples of 2^-24 up to here fill at most 52 of 53 bits

_quiet = np.errstate(all="ignore")


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """Numbers with claims: |true - value| <= error, entry by entry; both arrays have one shape."""

    value: Floats
    error: Floats

    # An array on the left of + - * / @ leaves the operation to this class.
    __array_ufunc__ = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", np.asarray(self.value, dtype=np.float64))
        object.__setattr__(self, "error", np.asarray(self.error, dtype=np.float64))
        if self.value.shape != self.error.shape:
            raise ValueError(f"values have shape {self.value.shape}, their errors {self.error.shape}")

    @classmethod
    def of(cls, numbers: Any) -> Rounded:
        """The nearest floats of exact numbers (Fraction, int, Decimal), or nested sequences of them."""
        numbers = np.array(numbers, dtype=object)
        claims = np.array([_nearest(number) for number in numbers.ravel()], dtype=np.float64).reshape(-1, 2)
        return cls(claims[:, 0].reshape(numbers.shape), claims[:, 1].reshape(numbers.shape))

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
        return Rounded(np.broadcast_to(self.value, shape), np.broadcast_to(self.error, shape))

    def __getitem__(self, index: Any) -> Rounded:
        return Rounded(self.value[index], self.error[index])

    # -- arithmetic ----------------------------------------------------------------------------

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.error)

    def __abs__(self) -> Rounded:
        """||t| - |x|| <= |t - x|, so the error stays."""
        return Rounded(np.abs(self.value), self.error)

    @_quiet
    def __add__(self, other: Operand) -> Rounded:
        """Two-sum: `lost` is exactly what rounding took from x + y."""
        other = _lift(other)
        x, y = self.value, other.value
        total = x + y
        y_kept = total - x
        lost = (x - (total - y_kept)) + (y - y_kept)
        return _claim(total, np.abs(lost) + (self.error + other.error))

    def __radd__(self, other: Operand) -> Rounded:
        return _lift(other) + self

    def __sub__(self, other: Operand) -> Rounded:
        return self + (-_lift(other))

    def __rsub__(self, other: Operand) -> Rounded:
        return _lift(other) + (-self)

    @_quiet
    def __mul__(self, other: Operand) -> Rounded:
        """|t s - x y| <= |x| e_y + (|y| + e_y) e_x."""
        other = _lift(other)
        product = self.value * other.value
        size = np.abs(product)
        bound = U * size + np.abs(self.value) * other.error + (np.abs(other.value) + other.error) * self.error
        small = _on_grid(self) & _on_grid(other) & (size <= EXACT_BELOW)
        return _claim(product, bound, exact=small | is_zero(self) | is_zero(other))

    def __rmul__(self, other: Operand) -> Rounded:
        return _lift(other) * self

    @_quiet
    def __truediv__(self, other: Operand) -> Rounded:
        """With q = x/y: |t/s - q| = |(t - x) - q (s - y)| / |s| <= (e_x + |q| e_y) / (|y| - e_y)."""
        other = _lift(other)
        x, y = self.value, other.value
        quotient = x / y
        rounding = U * np.abs(quotient) + TINY
        clear = np.abs(y) - other.error
        propagated = self.error / clear + (np.abs(quotient) + rounding) * (other.error / clear)
        bound = np.where(clear > 0, rounding + propagated, np.inf)
        known = Rounded(quotient, np.broadcast_to(self.error, quotient.shape))
        divides = _on_grid(known) & _on_grid(other) & (quotient * y == x) & (np.abs(x) <= EXACT_BELOW)
        return _claim(quotient, bound, exact=divides | is_zero(self))

    def __rtruediv__(self, other: Operand) -> Rounded:
        return _lift(other) / self

    def __pow__(self, exponent: Operand) -> Rounded:
        """x^p; one exactly known integer p is repeated squaring, good for every x; else x > 0 is needed."""
        power = _lift(exponent)
        n = _one_integer(power)
        return _general_power(self, power) if n is None else _integer_power(self, n)

    @_quiet
    def __matmul__(self, other: Rounded | Floats) -> Rounded:
        """Matrix products over the last two axes; the others broadcast.

        Only products of entries that are not 0 can underflow, and `terms` counts them.
        """
        B = _lift(other)
        if B.ndim == 1:
            return (self @ B[:, None])[..., 0]
        if self.ndim == 1:
            return (self[None, :] @ B)[..., 0, :]
        gamma = _gamma(self.shape[-1])
        abs_B = np.abs(B.value)
        bound = gamma * (np.abs(self.value) @ (abs_B + B.error / gamma)) + self.error @ (abs_B + B.error)
        terms = _may_differ_from_zero(self) @ _may_differ_from_zero(B)
        row_and_column = _on_grid(self).all(axis=-1, keepdims=True) & _on_grid(B).all(axis=-2, keepdims=True)
        exact = (terms == 0) | (row_and_column & (bound <= gamma * EXACT_BELOW))
        return _claim(self.value @ B.value, bound * (1 + 2 * gamma) + 3 * TINY * terms, exact=exact)

    def __rmatmul__(self, other: Floats) -> Rounded:
        return _lift(other) @ self

    @_quiet
    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Rounded:
        """Adding m numbers other than 0, in any order, rounds m - 1 times: gamma_{m-1} sum |x|."""
        total = np.asarray(self.value.sum(axis=axis, keepdims=keepdims))
        size = np.abs(self.value).sum(axis=axis, keepdims=keepdims)
        errors = self.error.sum(axis=axis, keepdims=keepdims)
        count = (self.value != 0).sum(axis=axis, keepdims=keepdims)
        gamma = _gamma(np.maximum(count - 1, 0))
        small = _on_grid(self).all(axis=axis, keepdims=keepdims) & (size <= EXACT_BELOW)
        bound = (gamma * size + errors) * (1 + 2 * _gamma(self.value.size // max(total.size, 1)))
        return _claim(total, bound, exact=(errors == 0) & (small | (count <= 1)))


Operand = Rounded | float | Fraction | Floats


# -- functions of one number -----------------------------------------------------------------------


@_quiet
def exp(x: Rounded) -> Rounded:
    """|e^t - e^x| <= e^x (e^|t-x| - 1)."""
    value = np.exp(x.value)
    return _claim(value, LIBM * value + (value * GROW + UNDERFLOW) * np.expm1(x.error), exact=is_zero(x))


@_quiet
def expm1(x: Rounded) -> Rounded:
    """e^x - 1 without its cancellation near 0."""
    value = np.expm1(x.value)
    spread = (np.exp(x.value) * GROW + UNDERFLOW) * np.expm1(x.error)
    return _claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_quiet
def log(x: Rounded) -> Rounded:
    """|ln t - ln x| <= -ln(1 - e/x), the nearer to 0 the worse; claims nothing where t <= 0 is possible."""
    value = np.log(x.value)
    bound = LIBM * np.abs(value) + _log_spread(x.value, x.error)
    return _claim(value, bound, exact=(x.value == 1) & (x.error == 0))


@_quiet
def log1p(x: Rounded) -> Rounded:
    """ln(1 + x) without its cancellation near 0; needs x > -1."""
    value = np.log1p(x.value)
    return _claim(value, LIBM * np.abs(value) + _log_spread(1 + x.value, x.error), exact=is_zero(x))


@_quiet
def sqrt(x: Rounded) -> Rounded:
    """|sqrt t - sqrt x| <= e / (sqrt x + sqrt(x - e)); claims nothing where t < 0 is possible."""
    value = np.sqrt(x.value)
    spread = np.where(x.error == 0, 0.0, x.error / (value + np.sqrt(x.value - x.error)))
    return _claim(value, U * value + spread, exact=is_zero(x))


@_quiet
def sin(x: Rounded) -> Rounded:
    """|sin t - sin x| <= |cos x| e + e^2/2."""
    value = np.sin(x.value)
    spread = (np.abs(np.cos(x.value)) + x.error / 2) * x.error
    return _claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_quiet
def cos(x: Rounded) -> Rounded:
    """|cos t - cos x| <= |sin x| e + e^2/2."""
    value = np.cos(x.value)
    spread = (np.abs(np.sin(x.value)) + x.error / 2) * x.error
    return _claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_quiet
def tanh(x: Rounded) -> Rounded:
    """|tanh t - tanh x| <= e times the slope at the point of the claim that is nearest 0."""
    value = np.tanh(x.value)
    q = np.exp(-2 * np.maximum(np.abs(x.value) - x.error, 0))
    steepest = 4 * q / (1 + q) ** 2 + UNDERFLOW
    return _claim(value, LIBM * np.abs(value) + steepest * x.error, exact=is_zero(x))


@_quiet
def sigmoid(x: Rounded) -> Rounded:
    """1/(1 + e^-x) or e^x/(1 + e^x), so that no exponent is positive; as steep as where nearest 0.

    A relative error of the exponential is one of sigma times 1 - sigma.
    """
    size = np.abs(x.value)
    q = np.exp(-size)
    value, rest = (np.where(side, 1.0, q) / (1 + q) for side in (x.value > 0, x.value <= 0))
    q = np.exp(-np.maximum(size - x.error, 0))
    steepest = q / (1 + q) ** 2 + UNDERFLOW
    return _claim(value, (LIBM * rest + 2 * U) * value + steepest * x.error, exact=is_zero(x))


@_quiet
def tan(x: Rounded) -> Rounded:
    """tan(x + d) - tan x = tan d (1 + tan^2 x) / (1 - tan x tan d), up to the pole and not beyond."""
    value = np.tan(x.value)
    moved, steep = np.tan(np.minimum(x.error, 1.0)) * GROW, np.abs(value) * GROW
    clear = (x.error < 1) & (steep * moved < 1)
    spread = np.where(clear, moved * (1 + steep * steep) / (1 - steep * moved), np.inf)
    return _claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_quiet
def sinh(x: Rounded) -> Rounded:
    """sinh(x + d) - sinh x = sinh x (cosh d - 1) + cosh x sinh d."""
    value = np.sinh(x.value)
    half = np.sinh(x.error / 2)
    spread = np.abs(value) * (2 * half * half) + np.cosh(x.value) * np.sinh(x.error)
    return _claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_quiet
def cosh(x: Rounded) -> Rounded:
    """cosh(x + d) - cosh x = cosh x (cosh d - 1) + sinh x sinh d."""
    value = np.cosh(x.value)
    half = np.sinh(x.error / 2)
    spread = value * (2 * half * half) + np.abs(np.sinh(x.value)) * np.sinh(x.error)
    return _claim(value, LIBM * value + spread, exact=is_zero(x))


@_quiet
def erf(x: Rounded) -> Rounded:
    """(2/sqrt pi) times the integral of e^(-t^2) from 0 to x."""
    value = _ERF(x.value)
    return _claim(value, LIBM * np.abs(value) + _bell(x) * x.error, exact=is_zero(x))


@_quiet
def erfc(x: Rounded) -> Rounded:
    """1 - erf x without its cancellation where x is large: e^-400 is there too."""
    value = _ERFC(x.value)
    return _claim(value, 2 * LIBM * value + _bell(x) * x.error, exact=is_zero(x))


# NumPy has neither; the C library's are good to 1 and to 5 ulp (glibc's manual, "Known maximum errors").
_ERF = np.vectorize(math.erf, otypes=[np.float64])
_ERFC = np.vectorize(math.erfc, otypes=[np.float64])


def _bell(x: Rounded) -> Floats:
    """The slope of erf at the point of the claim that is nearest 0, where it is steepest."""
    nearest = np.maximum(np.abs(x.value) - x.error, 0)
    slope: Floats = 2 / math.sqrt(math.pi) * np.exp(-nearest * nearest) + UNDERFLOW
    return slope


def clip(x: Rounded, low: float, high: float) -> Rounded:
    """The nearest number between two bounds; it moves no more than x does, so the error stays."""
    return Rounded(np.clip(x.value, low, high), x.error)


def sign(x: Rounded) -> Rounded:
    """1, -1, or 0 at exactly 0; where the sign is in doubt the claim covers both."""
    return where(is_zero(x), 0.0, select(x, 1.0, -1.0))


# -- choices ---------------------------------------------------------------------------------------


def where(condition: Bools, x: Operand, y: Operand) -> Rounded:
    """x where the condition holds, else y; the condition itself is beyond doubt."""
    x, y = _lift(x), _lift(y)
    return Rounded(np.where(condition, x.value, y.value), np.where(condition, x.error, y.error))


@_quiet
def select(margin: Rounded, above: Operand, below: Operand) -> Rounded:
    """`above` where margin > 0, else `below`; where the margin's sign is in doubt the error covers both."""
    above, below = _lift(above), _lift(below)
    positive = margin.value > 0
    chosen, doubt = where(positive, above, below), in_doubt(margin)
    if not doubt.any():
        return chosen
    other = where(positive, below, above)
    either = np.maximum(chosen.error, np.abs(chosen.value - other.value) + other.error)
    error = np.where(doubt, either, chosen.error)
    return _claim(chosen.value, np.where(margin.error < np.inf, error, np.inf))


def weigh(weight: Rounded, term: Rounded) -> Rounded:
    """weight * term, where a weight of exactly 0 silences even an undefined term: 0 ln 0 = 0."""
    return where(is_zero(weight), 0.0, weight * term)


def is_zero(x: Rounded) -> Bools:
    """Where x is 0 and nothing else."""
    return np.asarray((x.value == 0) & (x.error == 0))


def in_doubt(margin: Rounded) -> Bools:
    """Where the claim holds 0 beside other numbers, so that the sign is not known."""
    return np.asarray(~(np.abs(margin.value) > margin.error) & (margin.error > 0))


# -- how claims are made ---------------------------------------------------------------------------


def _claim(value: Floats, bound: Floats, exact: Bools | np.bool_ | None = None) -> Rounded:
    """The claim with its bound grown for the bound's own rounding; inf where anything is not finite.

    `exact` says where value is the true one; all else may have underflowed. Without it
    no underflow is possible, as in a sum.
    """
    error = bound * GROW
    if exact is not None:
        error = np.where(exact & (bound < np.inf), 0.0, error + UNDERFLOW)
    return Rounded(value, np.where(np.abs(value) + error < np.inf, error, np.inf))


def _lift(number: Operand) -> Rounded:
    if isinstance(number, Rounded):
        return number
    return Rounded.of(number) if isinstance(number, int | Fraction) else Rounded.exact(number)


def _nearest(number: Any) -> tuple[float, float]:
    """The nearest float of an exact number and how far off it may be: half a unit, or 0."""
    try:
        nearest = float(number)
    except OverflowError:
        return (math.inf if number > 0 else -math.inf), math.inf
    if number.as_integer_ratio() == nearest.as_integer_ratio():
        return nearest, 0.0
    return nearest, max(math.ulp(nearest) / 2, TINY)


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


def _log_spread(x: Floats, error: Floats) -> Floats:
    spread: Floats = -np.log1p(-(error / x * GROW))
    return spread


def _one_integer(x: Rounded) -> int | None:
    """The integer that every entry of x is known to be, if there is one."""
    if x.value.size == 0 or x.error.any():
        return None
    first = float(x.value.flat[0])
    return int(first) if first.is_integer() and (x.value == first).all() else None


def _integer_power(x: Rounded, n: int) -> Rounded:
    """x^n by repeated squaring; x^0 = 1, also at 0."""
    if n == 0:
        return Rounded.exact(np.ones(x.shape))
    base = power = x if n > 0 else 1 / x
    for bit in f"{abs(n):b}"[1:]:
        power = power * power
        if bit == "1":
            power = power * base
    return power


@_quiet
def _general_power(x: Rounded, p: Rounded) -> Rounded:
    """x^p = e^(p ln x), x > 0: the exponent moves by at most e_p |ln x| + (|p| + e_p) spread(ln x)."""
    value = np.power(x.value, p.value)
    moved = p.error * np.abs(np.log(x.value)) + (np.abs(p.value) + p.error) * _log_spread(x.value, x.error)
    return _claim(value, LIBM * value + (value * GROW + UNDERFLOW) * np.expm1(moved), exact=np.False_)
