"""What stands in for an unspecified function, with its first three derivatives written by hand.

    tanh      t,  s,  -2 t s,  2 s (2 t^2 - s)            t = tanh z,  s = t' = 4q/(1 + q)^2
    softplus  ln(1 + e^z),  a,  a',  -a' tanh(z/2)        a = sigmoid z
    cubic     p z^3 - q z^2 + r z,  3p z^2 - 2q z + r,  6p z - 2q,  6p

A text calls derivatives up to the second, so slopes are wanted up to the third.
No symbolic derivative is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from derive.unspecified import StandIn
from numeric.floats.rounding import Rounded, sigmoid, tanh
from numeric.floats.rules import ACTIVATIONS
from numeric.floats.rules.activations import softplus

Orders = tuple[Callable[..., Rounded], ...]
"""The function and its derivatives, each of z and the coefficients."""


def _slope(name: str) -> Callable[[Rounded], Rounded]:
    slope = ACTIVATIONS[name].slope
    assert slope is not None
    return slope


_TANH_SLOPE, _SIGMOID_SLOPE = _slope("tanh"), _slope("sigmoid")


def _tanh_third(z: Rounded) -> Rounded:
    t, s = tanh(z), _TANH_SLOPE(z)
    return 2 * s * (2 * t * t - s)


ORDERS: Mapping[str, Orders] = MappingProxyType(
    {
        "tanh": (tanh, _TANH_SLOPE, lambda z: -2 * tanh(z) * _TANH_SLOPE(z), _tanh_third),
        "softplus": (softplus, sigmoid, _SIGMOID_SLOPE, lambda z: -_SIGMOID_SLOPE(z) * tanh(z / 2)),
        "cubic": (
            lambda z, p, q, r: ((p * z - q) * z + r) * z,
            lambda z, p, q, r: (3 * p * z - 2 * q) * z + r,
            lambda z, p, q, _: 6 * p * z - 2 * q,
            lambda _, p, *__: 6 * p,
        ),
    }
)


def derivative(stand_in: StandIn, order: int, z: Rounded) -> Rounded:
    """The derivative of some order (0: the function itself) at z, in z's shape."""
    coefficients = [Rounded.of(number) for number in stand_in.coefficients]
    return ORDERS[stand_in.name][order](z, *coefficients).broadcast_to(z.shape)
