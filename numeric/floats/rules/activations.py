"""Activations in forms that lose nothing.

Textbook forms such as a(1 - a) and 1 - a^2 subtract nearly equal numbers where a unit
saturates. Here every exponent is negative or 0, and sums run over positive terms:

    sigma'(z) = q / (1 + q)^2              q = e^{-|z|}
    tanh'(z)  = 4 q / (1 + q)^2            q = e^{-2|z|}
    ln(1 + e^z) = max(z, 0) + ln(1 + q)    q = e^{-|z|}
    a_j = e^{z_j - z_top} / sum_k e^{z_k - z_top}
    Phi(z) = erfc(-z / sqrt 2) / 2         not (1 + erf) / 2
    (1 + tanh u) / 2 = sigma(2u)

|z| and z_top are chosen by the values z has, and for any choice these are identities; so
claims hold whatever z is within its own.

Conventions: the slope at exactly a kink is that of the left for relu, leaky_relu, elu and
selu, 0 for hard_sigmoid and hard_tanh; step is 0 at 0 and its slope 0 everywhere; of tied
pieces of a maxout the first has the slope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from numeric.floats.rounding import (
    Bools,
    Rounded,
    clip,
    erfc,
    exp,
    expm1,
    is_zero,
    log1p,
    select,
    sigmoid,
    tanh,
    where,
)
from numeric.floats.rules.kinds import Activation, Margins, Numbers, smooth

SQRT_HALF = Rounded.of(Fraction("0.7071067811865475244008443621048490392848"))
ROOT_OF_2_PI = Rounded.of(Fraction("2.5066282746310005024157652848110452530070"))
ROOT_OF_2_OVER_PI = Rounded.of(Fraction("0.7978845608028653558798921198687637369517"))
CUBIC = Rounded.of(Fraction("0.044715"))

FAR = 1000.0
"""Beyond it e^{-z^2/2} and the like are far below the smallest float, which every claim allows for."""


def decay(z: Rounded) -> Rounded:
    """e^{-|z|}, where |z| is z or -z as its value decides."""
    return exp(-abs(z))


def _sigmoid_slope(z: Rounded) -> Rounded:
    q = decay(z)
    return q / (1 + q) ** 2


def _tanh_slope(z: Rounded) -> Rounded:
    q = decay(z + z)
    return 4 * q / (1 + q) ** 2


def softplus(z: Rounded) -> Rounded:
    """ln(1 + e^z)."""
    tail = log1p(decay(z))
    return where(z.value > 0, z + tail, tail)


def _silu_slope(z: Rounded, beta: Rounded) -> Rounded:
    """sigma (1 + u (1 - sigma)), u = beta z, with 1 - sigma(u) = sigma(-u)."""
    u = beta * z
    return sigmoid(u) * (1 + u * sigmoid(-u))


def normal(z: Rounded) -> Rounded:
    """Phi(z)"""
    return erfc(-z * SQRT_HALF) / 2


def gelu_slope(z: Rounded) -> Rounded:
    """Phi(z) + z e^{-z^2/2} / sqrt(2 pi)"""
    near = clip(z, -FAR, FAR)
    return normal(z) + near * exp(-near * near / 2) / ROOT_OF_2_PI


def _tanh_argument(z: Rounded) -> Rounded:
    """2u, u = sqrt(2/pi) (z + 0.044715 z^3), of the z that count."""
    return 2 * ROOT_OF_2_OVER_PI * (z * (1 + CUBIC * (z * z)))


def _gelu_tanh(z: Rounded) -> Rounded:
    return z * sigmoid(_tanh_argument(clip(z, -FAR, FAR)))


def gelu_tanh_slope(z: Rounded) -> Rounded:
    """sigma(2u) (1 + 2z u' (1 - sigma(2u)))"""
    near = clip(z, -FAR, FAR)
    double = _tanh_argument(near)
    moved = 2 * ROOT_OF_2_OVER_PI * (near * (1 + 3 * CUBIC * (near * near)))
    return sigmoid(double) * (1 + moved * sigmoid(-double))


def _exponential_unit(z: Rounded, alpha: Rounded) -> Rounded:
    return select(z, z, alpha * expm1(_left(z)))


def _exponential_slope(z: Rounded, alpha: Rounded) -> Rounded:
    return select(z, 1.0, alpha * exp(_left(z)))


def _left(z: Rounded) -> Rounded:
    """z where it counts on the left of 0; on the right e^z would overflow, and is not read."""
    return clip(z, -np.inf, 1.0)


def _ramp(z: Rounded, slope: Rounded, offset: Rounded) -> Rounded:
    return slope * z + offset


def _between(low: Rounded, high: Rounded, inside: Rounded | float, above: float) -> Rounded:
    """0 where low <= 0, `above` where high >= 0, else `inside`; both edges belong to the outside."""
    return select(low, select(-high, inside, above), 0.0)


def _hard_sigmoid_edges(z: Rounded, slope: Rounded, offset: Rounded) -> tuple[Rounded, Rounded]:
    ramp = _ramp(z, slope, offset)
    return ramp, ramp - 1


def _hard_tanh(z: Rounded) -> Rounded:
    return select(z + 1, select(1 - z, z, 1.0), -1.0)


# -- whole layers ----------------------------------------------------------------------------------


def gaps(z: Rounded) -> tuple[Rounded, Bools]:
    """z_k - z_top, which is exactly 0 for the top unit itself, and where that is."""
    index = z.value.argmax(axis=-1, keepdims=True)
    is_top = np.arange(z.shape[-1]) == index
    return where(is_top, 0.0, z - z.take_along(index)), is_top


def softmax(z: Rounded) -> Rounded:
    """e^gap over its sum."""
    gap, _ = gaps(z)
    e = exp(gap)
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(z: Rounded) -> Rounded:
    """gap - ln(1 + sum of the others' e^gap)"""
    gap, is_top = gaps(z)
    others = where(is_top, 0.0, exp(gap)).sum(axis=-1, keepdims=True)
    return gap - log1p(others)


def others_of(a: Rounded) -> Rounded:
    """For each unit the sum over the other ones."""
    return a @ Rounded.exact(1 - np.eye(a.shape[-1]))


def _softmax_pull(z: Rounded, g: Rounded) -> Rounded:
    """a_j sum_k a_k (g_j - g_k), with g_j - g_j = 0 exactly."""
    a = softmax(z)
    same = np.eye(z.shape[-1], dtype=np.bool_)
    difference = where(same, 0.0, g[..., :, None] - g[..., None, :])
    return a * (a[..., None, :] * difference).sum(axis=-1)


def _log_softmax_pull(z: Rounded, g: Rounded) -> Rounded:
    """g_j - p_j sum_k g_k, as the sum over k != j of (p_k g_j - p_j g_k)."""
    p = softmax(z)
    return g * others_of(p) - p * others_of(g)


# -- units of several pieces -----------------------------------------------------------------------


def _pieces_of(z: Rounded, pieces: Rounded) -> list[Rounded]:
    """z : (..., n p) as p arrays (..., n): the first piece of every unit, the second, ..."""
    p = int(pieces.value)
    return [z[..., place::p] for place in range(p)]


def _unit_by_unit(parts: Sequence[Rounded]) -> Rounded:
    """p arrays (..., n) as one (..., n p)."""
    value, error = (np.stack([getattr(part, name) for part in parts], axis=-1) for name in ("value", "error"))
    return Rounded(value, error).reshape(*value.shape[:-2], -1)


def _largest(parts: Sequence[Rounded]) -> Rounded:
    top = parts[0]
    for part in parts[1:]:
        top = select(part - top, part, top)
    return top


def _maxout(z: Rounded, pieces: Rounded) -> Rounded:
    """The largest piece of every unit."""
    return _largest(_pieces_of(z, pieces))


def _maxout_pull(z: Rounded, g: Rounded, pieces: Rounded) -> Rounded:
    """g for the largest piece, the first of several, and 0 for the others."""
    first, *others = _pieces_of(z, pieces)
    top, shares = first, [g]
    for part in others:
        ahead = part - top
        shares = [*(select(ahead, 0.0, share) for share in shares), select(ahead, g, 0.0)]
        top = select(ahead, part, top)
    return _unit_by_unit(shares)


def _maxout_margins(z: Rounded, pieces: Rounded) -> tuple[Rounded, ...]:
    """How far each piece is above the largest other one of its unit."""
    parts = _pieces_of(z, pieces)
    others = ([*parts[:place], *parts[place + 1 :]] for place in range(len(parts)))
    return (_unit_by_unit([part - _largest(rest) for part, rest in zip(parts, others, strict=True)]),)


# -- the rows --------------------------------------------------------------------------------------


def _constant(number: float) -> Numbers:
    return lambda z: Rounded.exact(np.full(z.shape, number))


def _unitwise(name: str, value: Numbers, slope: Numbers, margins: Margins = smooth) -> Activation:
    """An activation whose Jacobian is diagonal: J^T g = g phi'(z)."""

    def pull(z: Rounded, g: Rounded, **parameters: Rounded) -> Rounded:
        return g * slope(z, **parameters)

    return Activation(name=name, value=value, slope=slope, margins=margins, pull=pull)


def _at_0(z: Rounded, **_: Rounded) -> tuple[Rounded, ...]:
    return (z,)


def _unless_straight(z: Rounded, alpha: Rounded) -> tuple[Rounded, ...]:
    """alpha = 1 continues the slope 1 of the right."""
    return () if is_zero(alpha - 1) else (z,)


_ROWS = (
    _unitwise("identity", lambda z: z, _constant(1.0)),
    _unitwise("sigmoid", sigmoid, _sigmoid_slope),
    _unitwise("tanh", tanh, _tanh_slope),
    _unitwise("relu", lambda z: select(z, z, 0.0), lambda z: select(z, 1.0, 0.0), _at_0),
    _unitwise(
        "leaky_relu",
        lambda z, alpha: select(z, z, alpha * z),
        lambda z, alpha: select(z, 1.0, alpha.broadcast_to(z.shape)),
        _unless_straight,
    ),
    _unitwise("elu", _exponential_unit, _exponential_slope, _unless_straight),
    _unitwise(
        "selu",
        lambda z, scale, alpha: scale * _exponential_unit(z, alpha),
        lambda z, scale, alpha: scale * _exponential_slope(z, alpha),
        _at_0,
    ),
    _unitwise(
        "softplus",
        lambda z, beta: softplus(beta * z) / beta,
        lambda z, beta: sigmoid(beta * z),
    ),
    _unitwise(
        "softsign",
        lambda z: z / (1 + abs(z)),
        lambda z: (1 / (1 + abs(z))) ** 2,
    ),
    _unitwise("silu", lambda z, beta: z * sigmoid(beta * z), _silu_slope),
    _unitwise("gelu", lambda z: z * normal(z), gelu_slope),
    _unitwise("gelu_tanh", _gelu_tanh, gelu_tanh_slope),
    _unitwise(
        "hard_sigmoid",
        lambda z, slope, offset: _between(
            *_hard_sigmoid_edges(z, slope, offset), inside=_ramp(z, slope, offset), above=1.0
        ),
        lambda z, slope, offset: _between(
            *_hard_sigmoid_edges(z, slope, offset), inside=slope.broadcast_to(z.shape), above=0.0
        ),
        _hard_sigmoid_edges,
    ),
    _unitwise(
        "hard_tanh",
        _hard_tanh,
        lambda z: _between(z + 1, z - 1, inside=1.0, above=0.0),
        lambda z: (z + 1, z - 1),
    ),
    _unitwise("step", lambda z: select(z, 1.0, 0.0), _constant(0.0), _at_0),
    Activation(name="softmax", value=softmax, pull=_softmax_pull),
    Activation(name="log_softmax", value=log_softmax, pull=_log_softmax_pull),
    Activation(name="maxout", value=_maxout, pull=_maxout_pull, margins=_maxout_margins),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({rule.name: rule for rule in _ROWS})
