"""A cost straight from the last z, where the activation would saturate on the way.

At z = 30 sigma(z) - 1 is -1e-13, of which float64 keeps three digits. With

    sigma(z) - y    = (1 - y) sigma(z) - y sigma(-z)
    tanh z - y      = (1 - y) sigma(2z) - (1 + y) sigma(-2z)
    a_j - y_j       = (1 - y_j) a_j - y_j sum of the other a_k        (softmax)

nothing is lost where y is 0 or 1 (or -1 for tanh). All three are identities in y, and a - y
itself is taken where that is known better. The hinge's margin is

    1 - y a         = (1 - y) (1 + y) - y (a - y)

Under softmax the logarithm of 1 - a_k goes by the shares of the other units,

    s_jk = e^{z_j} / sum of e^{z_i} over i != k        1 - a_k = sum of a_i over i != k

of which none leaves 0..1, where a_j / (1 - a_k) would be 0/0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from numeric.floats.rounding import (
    Rounded,
    better,
    exp,
    log,
    log1p,
    select,
    sigmoid,
    sigmoid_less,
    sigmoid_residual,
    weigh,
    where,
)
from numeric.floats.rules.activations import ACTIVATIONS, gaps, log_softmax, others_of, softmax, softplus
from numeric.floats.rules.costs import (
    RESIDUALS,
    Residual,
    binary_on_logits,
    on_logits,
    on_logits_slope,
)
from numeric.floats.rules.kinds import Output, after

Binary = Callable[[Rounded, Rounded], Rounded]


def _softmax_residual(z: Rounded, y: Rounded) -> Rounded:
    a = softmax(z)
    return (1 - y) * a - y * others_of(a)


FROM_Z: Mapping[str, Binary] = MappingProxyType(
    {
        "sigmoid": sigmoid_less,
        "tanh": lambda z, y: (1 - y) * sigmoid(z + z) - (1 + y) * sigmoid(-(z + z)),
        "softmax": _softmax_residual,
    }
)
"""a - y from z and y, by activation."""

AT_ONCE: Mapping[str, Binary] = MappingProxyType({"sigmoid": sigmoid_residual})
"""Where a itself, for the other form, comes with it."""


def _residual(activation: str) -> Binary:
    """a - y, by the form that is known better at each output."""
    if activation in AT_ONCE:
        return AT_ONCE[activation]
    rule, from_z = ACTIVATIONS[activation], FROM_Z[activation]

    def residual(z: Rounded, y: Rounded) -> Rounded:
        return better(lambda: from_z(z, y), lambda: rule.value(z) - y)

    return residual


def _with_residual(activation: str, cost: Residual) -> Output:
    residual, pull = _residual(activation), ACTIVATIONS[activation].pull

    def delta(z: Rounded, y: Rounded, **parameters: Rounded) -> Rounded:
        return pull(z, cost.slope(residual(z, y), **parameters))

    return Output(
        activation=activation,
        cost=cost.name,
        parts=after(residual, cost.parts),
        at_once=cost.at_once and after(residual, cost.at_once),
        delta=delta,
    )


def _with_hinge(activation: str) -> Output:
    residual, pull = _residual(activation), ACTIVATIONS[activation].pull

    def margin(z: Rounded, y: Rounded) -> Rounded:
        return (1 - y) * (1 + y) - y * residual(z, y)

    def parts(z: Rounded, y: Rounded) -> Rounded:
        return select(margin(z, y), margin(z, y), 0.0)

    def delta(z: Rounded, y: Rounded) -> Rounded:
        return pull(z, select(margin(z, y), -y, 0.0).broadcast_to(z.shape))

    return Output(activation=activation, cost="hinge", parts=parts, delta=delta)


def _others_shares(z: Rounded) -> tuple[Rounded, Rounded]:
    """s[..., k, j] = s_jk, with s_kk = 0, and ln(1 - a_k) where unit k is ahead of all others."""
    K = z.shape[-1]
    itself = np.eye(K, dtype=np.bool_)
    rows = z[..., None, :].broadcast_to((*z.shape, K))
    ahead = np.where(itself, -np.inf, rows.value).argmax(axis=-1, keepdims=True)
    top = rows.take_along(ahead)
    e = where(itself, 0.0, exp(where(np.arange(K) == ahead, 0.0, rows - top)))
    total = e.sum(axis=-1, keepdims=True)
    left = log_softmax(z) + (top[..., 0] - z) + log(total[..., 0])
    return where(itself, 0.0, e / total), left


def _softmax_binary(z: Rounded, y: Rounded) -> Rounded:
    """-y_k ln a_k - (1 - y_k) ln(1 - a_k)"""
    _, is_top = gaps(z)
    _, left = _others_shares(z)
    return on_logits(z, y) + weigh(1 - y, -where(is_top, left, log1p(-softmax(z))))


def _softmax_binary_slope(z: Rounded, y: Rounded) -> Rounded:
    """on_logits_slope, and a_j (1 - y_j) - sum over k != j of a_k (1 - y_k) s_jk"""
    a, (shares, _) = softmax(z), _others_shares(z)
    lost = a * (1 - y)
    return on_logits_slope(z, y) + (lost - (lost[..., None, :] @ shares)[..., 0, :])


def _rows() -> Iterator[Output]:
    for activation in FROM_Z:
        for residual in RESIDUALS.values():
            yield _with_residual(activation, residual)
        yield _with_hinge(activation)
    yield Output(
        activation="sigmoid",
        cost="binary_cross_entropy",
        parts=binary_on_logits,
        delta=sigmoid_less,
    )
    yield Output(
        activation="sigmoid",
        cost="cross_entropy",
        parts=lambda z, y: y * softplus(-z),
        delta=lambda z, y: -y * sigmoid(-z),
    )
    yield Output(
        activation="sigmoid",
        cost="kullback_leibler",
        parts=lambda z, y: weigh(y, log(y)) + y * softplus(-z),
        delta=lambda z, y: -y * sigmoid(-z),
    )
    yield Output(
        activation="sigmoid",
        cost="poisson",
        parts=lambda z, y: sigmoid(z) + y * softplus(-z),
        delta=lambda z, y: _residual("sigmoid")(z, y) * sigmoid(-z),
    )
    yield Output(activation="softmax", cost="cross_entropy", parts=on_logits, delta=on_logits_slope)
    yield Output(
        activation="softmax",
        cost="binary_cross_entropy",
        parts=_softmax_binary,
        delta=_softmax_binary_slope,
    )
    yield Output(
        activation="softmax",
        cost="poisson",
        parts=lambda z, y: softmax(z) + on_logits(z, y),
        delta=on_logits_slope,
    )
    yield Output(
        activation="softmax",
        cost="kullback_leibler",
        parts=lambda z, y: weigh(y, log(y)) + on_logits(z, y),
        delta=on_logits_slope,
    )


OUTPUTS: Mapping[tuple[str, str], Output] = MappingProxyType(
    {(rule.activation, rule.cost): rule for rule in _rows()}
)
