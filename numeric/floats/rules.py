"""Values and slopes of activations and costs, written by hand in forms that lose nothing.

Textbook forms such as a(1 - a) and 1 - a^2 subtract nearly equal numbers where a unit
saturates. Here every exponent is negative or 0, and sums run over positive terms:

    sigma'(z) = q / (1 + q)^2              q = e^{-|z|}
    tanh'(z)  = 4 q / (1 + q)^2            q = e^{-2|z|}
    ln(1 + e^z) = max(z, 0) + ln(1 + q)    q = e^{-|z|}
    a_j = e^{z_j - z_top} / sum_k e^{z_k - z_top}

|z| and z_top are chosen by the values z has, and for any choice these are identities; so
claims hold whatever z is within its own.

Conventions: relu's slope at exactly 0 is 0; step is 0 at 0 and its slope 0 everywhere.

No symbolic derivative is read here: agreement with one is evidence.

Source: Higham (2002), ch. 1; Goodfellow et al. (2016), sec. 4.1, 6.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from numeric.floats.rounding import Bools, Rounded, exp, log, log1p, select, sigmoid, tanh, weigh, where

Unary = Callable[[Rounded], Rounded]
Binary = Callable[[Rounded, Rounded], Rounded]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """How a layer of units answers its weighted inputs z : (..., units).

    value(z)    a = phi(z)
    pull(z, g)  J^T g, J = da/dz: what a slope g in a is worth in z
    slope(z)    phi'(z), where each unit answers its own z only
    margin(z)   what changes sign at a kink, where there is one
    """

    name: str
    value: Unary
    pull: Binary
    slope: Unary | None = None
    margin: Unary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A cost that is a sum over outputs: parts(a, y) and their slopes d(sum of parts)/da, all (..., K)."""

    name: str
    parts: Binary
    slope: Binary


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A cost straight from the last z, past an activation that would saturate: parts(z, y), delta = dC/dz."""

    activation: str
    cost: str
    parts: Binary
    delta: Binary


@dataclass(frozen=True, slots=True, kw_only=True)
class Textbook:
    """J^T g as textbooks write it, from a alone: the claim of pull(a, g) says what `form` may lose."""

    name: str
    form: str
    stable: str
    pull: Binary


# -- activations -----------------------------------------------------------------------------------


def _decay(z: Rounded) -> Rounded:
    """e^{-|z|}, where |z| is z or -z as its value decides."""
    return exp(-abs(z))


def _sigmoid_slope(z: Rounded) -> Rounded:
    q = _decay(z)
    return q / (1 + q) ** 2


def _tanh_slope(z: Rounded) -> Rounded:
    q = _decay(z + z)
    return 4 * q / (1 + q) ** 2


def softplus(z: Rounded) -> Rounded:
    """ln(1 + e^z)."""
    tail = log1p(_decay(z))
    return where(z.value > 0, z + tail, tail)


def _gaps(z: Rounded) -> tuple[Rounded, Bools]:
    """z_k - z_top, which is exactly 0 for the top unit itself, and where that is."""
    index = z.value.argmax(axis=-1, keepdims=True)
    top = Rounded(np.take_along_axis(z.value, index, axis=-1), np.take_along_axis(z.error, index, axis=-1))
    is_top = np.arange(z.shape[-1]) == index
    return where(is_top, 0.0, z - top), is_top


def _softmax(z: Rounded) -> Rounded:
    gap, _ = _gaps(z)
    e = exp(gap)
    return e / e.sum(axis=-1, keepdims=True)


def _softmax_pull(z: Rounded, g: Rounded) -> Rounded:
    """a_j sum_k a_k (g_j - g_k), with g_j - g_j = 0 exactly."""
    a = _softmax(z)
    same = np.eye(z.shape[-1], dtype=np.bool_)
    difference = where(same, 0.0, g[..., :, None] - g[..., None, :])
    return a * (a[..., None, :] * difference).sum(axis=-1)


def _constant(number: float) -> Unary:
    return lambda z: Rounded.exact(np.full(z.shape, number))


def _unitwise(name: str, value: Unary, slope: Unary, margin: Unary | None = None) -> Activation:
    """An activation whose Jacobian is diagonal: J^T g = g phi'(z)."""
    return Activation(name=name, value=value, slope=slope, margin=margin, pull=lambda z, g: g * slope(z))


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            _unitwise("identity", lambda z: z, _constant(1.0)),
            _unitwise("sigmoid", sigmoid, _sigmoid_slope),
            _unitwise("tanh", tanh, _tanh_slope),
            _unitwise("relu", lambda z: select(z, z, 0.0), lambda z: select(z, 1.0, 0.0), margin=lambda z: z),
            _unitwise("step", lambda z: select(z, 1.0, 0.0), _constant(0.0), margin=lambda z: z),
            Activation(name="softmax", value=_softmax, pull=_softmax_pull),
        )
    }
)


# -- costs -----------------------------------------------------------------------------------------

COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Cost(
                name="half_squared_error",
                parts=lambda a, y: (y - a) ** 2 / 2,
                slope=lambda a, y: a - y,
            ),
            Cost(
                name="squared_error",
                parts=lambda a, y: (y - a) ** 2,
                slope=lambda a, y: 2 * (a - y),
            ),
            Cost(
                name="mean_squared_error",
                parts=lambda a, y: (y - a) ** 2 / a.shape[-1],
                slope=lambda a, y: 2 * (a - y) / a.shape[-1],
            ),
            Cost(
                name="binary_cross_entropy",
                parts=lambda a, y: weigh(y, -log(a)) + weigh(1 - y, -log1p(-a)),
                slope=lambda a, y: weigh(1 - y, 1 / (1 - a)) - weigh(y, 1 / a),
            ),
            Cost(
                name="cross_entropy",
                parts=lambda a, y: weigh(y, -log(a)),
                slope=lambda a, y: weigh(y, -1 / a),
            ),
        )
    }
)


# -- a cost straight from z ------------------------------------------------------------------------


def _softmax_parts(z: Rounded, y: Rounded) -> Rounded:
    """y_k (ln sum_j e^{z_j} - z_k), as y_k (ln(1 + sum of the others' e^gap) - gap_k)."""
    gap, is_top = _gaps(z)
    others = where(is_top, 0.0, exp(gap)).sum(axis=-1, keepdims=True)
    return y * (log1p(others) - gap)


def _softmax_delta(z: Rounded, y: Rounded) -> Rounded:
    """sum over k != j of (a_j y_k - a_k y_j), which is a_j - y_j where the targets add up to 1."""
    a = _softmax(z)
    others = Rounded.exact(1 - np.eye(z.shape[-1]))
    return a * (y @ others) - y * (a @ others)


OUTPUTS: Mapping[tuple[str, str], Output] = MappingProxyType(
    {
        (rule.activation, rule.cost): rule
        for rule in (
            Output(
                activation="sigmoid",
                cost="binary_cross_entropy",
                parts=lambda z, y: y * softplus(-z) + (1 - y) * softplus(z),
                delta=lambda z, y: (1 - y) * sigmoid(z) - y * sigmoid(-z),
            ),
            Output(
                activation="softmax",
                cost="cross_entropy",
                parts=_softmax_parts,
                delta=_softmax_delta,
            ),
        )
    }
)


# -- as textbooks write it -------------------------------------------------------------------------

TEXTBOOK: Mapping[str, Textbook] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Textbook(
                name="sigmoid",
                form="a(1-a)",
                stable="e^{-|z|}/(1+e^{-|z|})^2",
                pull=lambda a, g: g * (a * (1 - a)),
            ),
            Textbook(
                name="tanh",
                form="1-a^2",
                stable="4e^{-2|z|}/(1+e^{-2|z|})^2",
                pull=lambda a, g: g * (1 - a * a),
            ),
            Textbook(
                name="softmax",
                form="a_j(g_j - Σ a_k g_k)",
                stable="a_j Σ a_k (g_j - g_k)",
                pull=lambda a, g: a * (g - (a * g).sum(axis=-1, keepdims=True)),
            ),
        )
    }
)
