"""Functions of numbers that carry their errors, and choices between such numbers.

Each stands once, with its bound (`Rounded`) and with the NumPy function that a number
without one needs (`Plain`). With u = 2^-53,

    |f_computed - f| <= 4 ulp <= 8 u |f|           for exp, log, sin, ... (assumed of NumPy's libm)

What the operand's error can do comes on top, second-order terms included.

Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), ch. 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps

import numpy as np

from numeric.floats.plain import Plain, quietly
from numeric.floats.rounded import (
    GROW,
    LIBM,
    NOWHERE,
    TINY,
    UNDERFLOW,
    Bools,
    Floats,
    Operand,
    Rounded,
    U,
    claim,
    in_doubt,
    is_zero,
    lift,
    log_spread,
    quiet,
)

__all__ = [
    "TINY",
    "UNDERFLOW",
    "Bools",
    "Floats",
    "Operand",
    "Plain",
    "Rounded",
    "U",
    "better",
    "clip",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "in_doubt",
    "is_zero",
    "log",
    "log1p",
    "quietly",
    "select",
    "sigmoid",
    "sigmoid_less",
    "sigmoid_residual",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "squares",
    "tan",
    "tanh",
    "weigh",
    "where",
]

FAR = 700.0
"""Beyond it e^x may overflow."""

# -- functions of one number -----------------------------------------------------------------------


Function = Callable[[Rounded], Rounded]


def _plainly(value: Callable[[Floats], Floats]) -> Callable[[Function], Function]:
    """A function with a bound, that of numbers without one is `value`."""

    def with_both(bounded: Function) -> Function:
        @wraps(bounded)
        def function(x: Rounded) -> Rounded:
            return Plain(value(x.value)) if isinstance(x, Plain) else bounded(x)

        return function

    return with_both


def _sigmoid(x: Floats) -> Floats:
    """e^x/(1 + e^x), by two operations as the bounded one; where that may overflow by e^-|x|."""
    if x.size and float(x.max()) < FAR:
        q = np.asarray(np.exp(x))
        return np.asarray(np.divide(q, q + 1, out=q))
    return _sigmoids(x)[0]


def _sigmoid_less(x: Floats, y: Floats) -> Floats:
    """(1 - y) sigma(x) - y sigma(-x) as ((1 - y) e^x - y) / (1 + e^x), in the two arrays that it takes."""
    if x.size and float(x.max()) < FAR:
        q = np.asarray(np.exp(x))
        less = np.asarray(q * (1 - y))
        less -= y
        q += 1
        less /= q
        return less
    right, left = _sigmoids(x)
    return np.asarray((1 - y) * right - y * left)


def _sigmoids(x: Floats) -> tuple[Floats, Floats]:
    """sigma(x) and sigma(-x) from e^-|x|, which does not overflow."""
    q = np.exp(-np.abs(x))
    near, far = 1 / (1 + q), q / (1 + q)
    return np.where(x > 0, near, far), np.where(x > 0, far, near)


# NumPy has neither; the C library's are good to 1 and to 5 ulp (glibc's manual, "Known maximum errors").
_ERF = np.vectorize(math.erf, otypes=[np.float64])
_ERFC = np.vectorize(math.erfc, otypes=[np.float64])


@_plainly(np.exp)
@quiet
def exp(x: Rounded) -> Rounded:
    """e^x"""
    value = np.exp(x.value)
    return claim(value, LIBM * value + _exp_spread(x, value), exact=is_zero(x))


def _exp_spread(x: Rounded, value: Floats) -> Floats:
    """|e^t - e^x| <= e^x (e^|t-x| - 1), and <= e^t at the upper end, less where that is below 0."""
    spread: Floats = (value * GROW + UNDERFLOW) * np.expm1(x.error)
    if not (x.error > 1).any():
        return spread
    end = x.value + x.error + 4 * U * (np.abs(x.value) + x.error)
    return np.asarray(np.fmin(spread, np.exp(end) * ((1 + LIBM) * GROW) + UNDERFLOW))


@_plainly(np.expm1)
@quiet
def expm1(x: Rounded) -> Rounded:
    """e^x - 1 without its cancellation near 0."""
    value = np.expm1(x.value)
    return claim(value, LIBM * np.abs(value) + _exp_spread(x, np.exp(x.value)), exact=is_zero(x))


@_plainly(np.log)
@quiet
def log(x: Rounded) -> Rounded:
    """|ln t - ln x| <= -ln(1 - e/x), the nearer to 0 the worse; claims nothing where t <= 0 is possible."""
    value = np.log(x.value)
    bound = LIBM * np.abs(value) + log_spread(x.value, x.error)
    return claim(value, bound, exact=(x.value == 1) & (x.error == 0))


@_plainly(np.log1p)
@quiet
def log1p(x: Rounded) -> Rounded:
    """ln(1 + x) without its cancellation near 0; needs x > -1."""
    value = np.log1p(x.value)
    return claim(value, LIBM * np.abs(value) + log_spread(1 + x.value, x.error), exact=is_zero(x))


@_plainly(np.sqrt)
@quiet
def sqrt(x: Rounded) -> Rounded:
    """|sqrt t - sqrt x| <= e / (sqrt x + sqrt(x - e)); claims nothing where t < 0 is possible."""
    value = np.sqrt(x.value)
    spread = np.where(x.error == 0, 0.0, x.error / (value + np.sqrt(x.value - x.error)))
    return claim(value, U * value + spread, exact=is_zero(x))


@_plainly(np.sin)
@quiet
def sin(x: Rounded) -> Rounded:
    """|sin t - sin x| <= |cos x| e + e^2/2."""
    value = np.sin(x.value)
    spread = (np.abs(np.cos(x.value)) + x.error / 2) * x.error
    return claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_plainly(np.cos)
@quiet
def cos(x: Rounded) -> Rounded:
    """|cos t - cos x| <= |sin x| e + e^2/2."""
    value = np.cos(x.value)
    spread = (np.abs(np.sin(x.value)) + x.error / 2) * x.error
    return claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_plainly(np.tanh)
@quiet
def tanh(x: Rounded) -> Rounded:
    """|tanh t - tanh x| <= e times the slope at the point of the claim that is nearest 0."""
    value = np.tanh(x.value)
    q = np.exp(-2 * np.maximum(np.abs(x.value) - x.error, 0))
    steepest = 4 * q / (1 + q) ** 2 + UNDERFLOW
    return claim(value, LIBM * np.abs(value) + steepest * x.error, exact=is_zero(x))


@_plainly(_sigmoid)
def sigmoid(x: Rounded) -> Rounded:
    """1/(1 + e^-x) or e^x/(1 + e^x), so that no exponent is positive."""
    up, down, spread = _sigmoids_of(x)
    return _claimed_sigmoid(x, up, down, spread)


@quiet
def _sigmoids_of(x: Rounded) -> tuple[Floats, Floats, Floats]:
    """sigma(x), sigma(-x), and what x's own error can do to either: as steep as where nearest 0."""
    up, down = _sigmoids(x.value)
    q = np.exp(-np.maximum(np.abs(x.value) - x.error, 0))
    return up, down, (q / (1 + q) ** 2 + UNDERFLOW) * x.error


@quiet
def _claimed_sigmoid(x: Rounded, value: Floats, rest: Floats, spread: Floats) -> Rounded:
    """A relative error of the exponential is one of sigma times 1 - sigma, the `rest`."""
    return claim(value, (LIBM * rest + 2 * U) * value + spread, exact=is_zero(x))


def sigmoid_less(x: Rounded, y: Rounded) -> Rounded:
    """sigma(x) - y by sigma(-x), which is 1 - sigma(x) without its cancellation; y : the last axes of x."""
    if isinstance(x, Plain):
        return Plain(_sigmoid_less(x.value, y.value))
    right, left = _both_sigmoids(x)
    return (1 - y) * right - y * left


def sigmoid_residual(x: Rounded, y: Rounded) -> Rounded:
    """sigma(x) - y by the better of `sigmoid_less` and the difference itself, from one sigma(x).

    Where y is exact and no x is 0 both bounds are written out. What x may be off by moves either form
    as it moves sigma; the rest are the roundings of sigma(x), sigma(-x), 1 - y, and of three operations:

        (1 - y) s - y t    |1 - y| (L t + 4u) s + |y| (L s + 3u) t + u |.|    s, t = sigma(x), sigma(-x)
        s - y              (L t + 2u) s + u |.|

    of which those of the operations drop out where y is 0 or 1.
    """
    if isinstance(x, Plain):
        return sigmoid_less(x, y)
    if y.error.any() or is_zero(x).any():  # what is exact is known by the operations one by one
        right, left = _both_sigmoids(x)
        return better(lambda: (1 - y) * right - y * left, lambda: right - y)
    return _residual_of_exact(x, y.value)


@quiet
def _residual_of_exact(x: Rounded, y: Floats) -> Rounded:
    up, down, spread = _sigmoids_of(x)
    rest, both = 1 - y, LIBM * up * down
    u, u_of_difference = np.where((y == 0) | (y == 1), 0.0, U), np.where(y == 0, 0.0, U)
    stable, direct = rest * up - y * down, up - y
    of_right, of_left = both + (2 * U + 2 * u) * up, both + (2 * U + u) * down
    off = np.abs(rest) * of_right + np.abs(y) * of_left + u * np.abs(stable)
    off_directly = both + 2 * U * up + u_of_difference * np.abs(direct)
    takes_stable = off <= off_directly
    value, bound = np.where(takes_stable, stable, direct), np.where(takes_stable, off, off_directly)
    return claim(value, bound + spread, exact=NOWHERE)


def _both_sigmoids(x: Rounded) -> tuple[Rounded, Rounded]:
    """sigma(x) and sigma(-x)"""
    up, down, spread = _sigmoids_of(x)
    return _claimed_sigmoid(x, up, down, spread), _claimed_sigmoid(x, down, up, spread)


@_plainly(np.tan)
@quiet
def tan(x: Rounded) -> Rounded:
    """tan(x + d) - tan x = tan d (1 + tan^2 x) / (1 - tan x tan d), up to the pole and not beyond."""
    value = np.tan(x.value)
    moved, steep = np.tan(np.minimum(x.error, 1.0)) * GROW, np.abs(value) * GROW
    clear = (x.error < 1) & (steep * moved < 1)
    spread = np.where(clear, moved * (1 + steep * steep) / (1 - steep * moved), np.inf)
    return claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_plainly(np.sinh)
@quiet
def sinh(x: Rounded) -> Rounded:
    """sinh(x + d) - sinh x = sinh x (cosh d - 1) + cosh x sinh d."""
    value = np.sinh(x.value)
    half = np.sinh(x.error / 2)
    spread = np.abs(value) * (2 * half * half) + np.cosh(x.value) * np.sinh(x.error)
    return claim(value, LIBM * np.abs(value) + spread, exact=is_zero(x))


@_plainly(np.cosh)
@quiet
def cosh(x: Rounded) -> Rounded:
    """cosh(x + d) - cosh x = cosh x (cosh d - 1) + sinh x sinh d."""
    value = np.cosh(x.value)
    half = np.sinh(x.error / 2)
    spread = value * (2 * half * half) + np.abs(np.sinh(x.value)) * np.sinh(x.error)
    return claim(value, LIBM * value + spread, exact=is_zero(x))


@_plainly(_ERF)
@quiet
def erf(x: Rounded) -> Rounded:
    """(2/sqrt pi) times the integral of e^(-t^2) from 0 to x."""
    value = _ERF(x.value)
    return claim(value, LIBM * np.abs(value) + _bell(x) * x.error, exact=is_zero(x))


@_plainly(_ERFC)
@quiet
def erfc(x: Rounded) -> Rounded:
    """1 - erf x without its cancellation where x is large: e^-400 is there too."""
    value = _ERFC(x.value)
    return claim(value, 2 * LIBM * value + _bell(x) * x.error, exact=is_zero(x))


def _bell(x: Rounded) -> Floats:
    """The slope of erf at the point of the claim that is nearest 0, where it is steepest."""
    nearest = np.maximum(np.abs(x.value) - x.error, 0)
    slope: Floats = 2 / math.sqrt(math.pi) * np.exp(-nearest * nearest) + UNDERFLOW
    return slope


def clip(x: Rounded, low: float, high: float) -> Rounded:
    """The nearest number between two bounds; it moves no more than x does, so the error stays."""
    if isinstance(x, Plain):
        return Plain(np.clip(x.value, low, high))
    return Rounded(np.clip(x.value, low, high), x.error)


def sign(x: Rounded) -> Rounded:
    """1, -1, or 0 at exactly 0; where the sign is in doubt the claim covers both."""
    return where(is_zero(x), 0.0, select(x, 1.0, -1.0))


# -- choices ---------------------------------------------------------------------------------------


def where(condition: Bools, x: Operand, y: Operand) -> Rounded:
    """x where the condition holds, else y; the condition itself is beyond doubt."""
    x, y = lift(x), lift(y)
    if isinstance(x, Plain) or isinstance(y, Plain):
        return Plain(np.where(condition, x.value, y.value))
    return Rounded(np.where(condition, x.value, y.value), np.where(condition, x.error, y.error))


@quiet
def select(margin: Rounded, above: Operand, below: Operand) -> Rounded:
    """`above` where margin > 0, else `below`; where the margin's sign is in doubt the error covers both."""
    above, below = lift(above), lift(below)
    positive = margin.value > 0
    chosen = where(positive, above, below)
    if isinstance(margin, Plain) or isinstance(chosen, Plain):
        return Plain(chosen.value)
    doubt = in_doubt(margin)
    if not doubt.any():
        return chosen
    other = where(positive, below, above)
    either = np.maximum(chosen.error, np.abs(chosen.value - other.value) + other.error)
    error = np.where(doubt, either, chosen.error)
    return claim(chosen.value, np.where(margin.error < np.inf, error, np.inf))


def squares(x: Rounded) -> Rounded:
    """The sum of m squares: |t^2 - x^2| <= (2 |x| + e) e, and m products and m - 1 sums round."""
    if isinstance(x, Plain):
        return Plain(np.einsum("...k,...k->...", x.value, x.value))
    if not x.error.all():  # what is exact is known by the operations one by one
        return (x * x).sum(axis=-1)
    return _sum_of_squares(x)


@quiet
def _sum_of_squares(x: Rounded) -> Rounded:
    total = np.asarray((x.value * x.value).sum(axis=-1))
    spread = ((2 * np.abs(x.value) + x.error) * x.error).sum(axis=-1)
    m = x.shape[-1]
    return claim(total, (spread + m * U * total) * (1 + 2 * m * U) + m * TINY, exact=NOWHERE)


def better(stable: Callable[[], Rounded], direct: Callable[[], Rounded]) -> Rounded:
    """Of two forms of one number the one that is known better, entry by entry.

    Without bounds that cannot be told, and the stable form is taken, which never loses much.
    """
    first = stable()
    if isinstance(first, Plain):
        return first
    second = direct()
    return where(first.error <= second.error, first, second)


def weigh(weight: Rounded, term: Rounded) -> Rounded:
    """weight * term, where a weight of exactly 0 silences even an undefined term: 0 ln 0 = 0."""
    return where(is_zero(weight), 0.0, weight * term)
