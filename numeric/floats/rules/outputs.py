"""A cost straight from the last z, where the activation would saturate on the way.

At z = 30 sigma(z) - 1 is -1e-13, of which float64 keeps three digits. With

    sigma(z) - y    = (1 - y) sigma(z) - y sigma(-z)
    tanh z - y      = (1 - y) sigma(2z) - (1 + y) sigma(-2z)
    a_j - y_j       = (1 - y_j) a_j - y_j sum of the other a_k        (softmax)

nothing is lost where y is 0 or 1 (or -1 for tanh), and no more than elsewhere otherwise.
All three are identities in y.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from numeric.floats.rounding import Rounded, log, sigmoid, weigh
from numeric.floats.rules.activations import ACTIVATIONS, others_of, softmax, softplus
from numeric.floats.rules.costs import (
    RESIDUALS,
    Residual,
    binary_on_logits,
    binary_on_logits_slope,
    on_logits,
    on_logits_slope,
)
from numeric.floats.rules.kinds import Output

Binary = Callable[[Rounded, Rounded], Rounded]


def _softmax_residual(z: Rounded, y: Rounded) -> Rounded:
    a = softmax(z)
    return (1 - y) * a - y * others_of(a)


FROM_Z: Mapping[str, Binary] = MappingProxyType(
    {
        "sigmoid": binary_on_logits_slope,
        "tanh": lambda z, y: (1 - y) * sigmoid(z + z) - (1 + y) * sigmoid(-(z + z)),
        "softmax": _softmax_residual,
    }
)
"""a - y from z and y, by activation."""


def _with_residual(activation: str, cost: Residual) -> Output:
    residual, pull = FROM_Z[activation], ACTIVATIONS[activation].pull

    def parts(z: Rounded, y: Rounded, **parameters: Rounded) -> Rounded:
        return cost.parts(residual(z, y), **parameters)

    def delta(z: Rounded, y: Rounded, **parameters: Rounded) -> Rounded:
        return pull(z, cost.slope(residual(z, y), **parameters))

    return Output(activation=activation, cost=cost.name, parts=parts, delta=delta)


def _rows() -> Iterator[Output]:
    for activation in FROM_Z:
        for residual in RESIDUALS.values():
            yield _with_residual(activation, residual)
    yield Output(
        activation="sigmoid",
        cost="binary_cross_entropy",
        parts=binary_on_logits,
        delta=binary_on_logits_slope,
    )
    yield Output(
        activation="sigmoid",
        cost="cross_entropy",
        parts=lambda z, y: y * softplus(-z),
        delta=lambda z, y: -y * sigmoid(-z),
    )
    yield Output(activation="softmax", cost="cross_entropy", parts=on_logits, delta=on_logits_slope)
    yield Output(
        activation="softmax",
        cost="kullback_leibler",
        parts=lambda z, y: weigh(y, log(y)) + on_logits(z, y),
        delta=on_logits_slope,
    )


OUTPUTS: Mapping[tuple[str, str], Output] = MappingProxyType(
    {(rule.activation, rule.cost): rule for rule in _rows()}
)
