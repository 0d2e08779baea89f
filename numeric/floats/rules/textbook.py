"""Values and slopes as textbooks write them, with claims that say what those forms may lose.

TEXTBOOK          an activation's value, and J^T g, by a(1 - a) and the like
TEXTBOOK_COSTS    a cost's slope in a
RESIDUALS_OF_A    the residual a - y of an activation's rounded output
TEXTBOOK_OUTPUTS  both at once, p - y: what is left of dC/da phi'(z) where 1 - a cancels,
                  whether it was cancelled on paper or is divided by and multiplied with
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from numeric.floats.rounding import Rounded, clip, erf, exp, log, select, sigmoid, tanh, weigh, where
from numeric.floats.rules.activations import (
    CUBIC,
    FAR,
    ROOT_OF_2_OVER_PI,
    ROOT_OF_2_PI,
    SQRT_HALF,
    gaps,
    softmax,
    softplus,
)
from numeric.floats.rules.kinds import Textbook, TextbookCost, TextbookOutput, TextbookResidual

STEEP = 700.0
"""Beyond it e^z is written by nobody: it overflows."""

OVERFLOW = -709.78
"""Below it e^-z does, and 1/(1 + e^-z) is 0."""


def _exponential_unit(z: Rounded, alpha: Rounded) -> Rounded:
    return select(z, z, alpha * (exp(clip(z, -FAR, 1.0)) - 1))


def _softplus(z: Rounded, beta: Rounded) -> Rounded:
    near = log(1 + exp(clip(beta * z, -FAR, STEEP))) / beta
    return where(z.value * beta.value < STEEP, near, softplus(beta * z) / beta)


def _logistic(z: Rounded) -> Rounded:
    """1/(1 + e^-z), which is 0 where e^-z overflows: any part of it may be lost there."""
    s = sigmoid(z)
    return where(z.value > OVERFLOW, s, s * Rounded(np.ones(1), np.ones(1)))


def _sigmoid(z: Rounded, _: Rounded, g: Rounded) -> Rounded:
    s = _logistic(z)
    return g * (s * (1 - s))


def _silu(z: Rounded, a: Rounded, g: Rounded, beta: Rounded) -> Rounded:
    """s + u s(1 - s), u = beta z, in its form that loses most: s(1 + u(1 - s)) loses no more."""
    s = _logistic(beta * z)
    return g * (beta * a + s * (1 - beta * a))


def _gelu_value(z: Rounded) -> Rounded:
    return z * ((1 + erf(z * SQRT_HALF)) / 2)


def _gelu(z: Rounded, _: Rounded, g: Rounded) -> Rounded:
    near = clip(z, -FAR, FAR)
    return g * ((1 + erf(z * SQRT_HALF)) / 2 + near * exp(-near * near / 2) / ROOT_OF_2_PI)


def _tanh_inside(near: Rounded) -> Rounded:
    return tanh(ROOT_OF_2_OVER_PI * (near * (1 + CUBIC * (near * near))))


def _gelu_tanh_value(z: Rounded) -> Rounded:
    return z / 2 * (1 + _tanh_inside(clip(z, -FAR, FAR)))


def _gelu_tanh(z: Rounded, _: Rounded, g: Rounded) -> Rounded:
    near = clip(z, -FAR, FAR)
    t = _tanh_inside(near)
    inner = ROOT_OF_2_OVER_PI * (1 + 3 * CUBIC * (near * near))
    return g * ((1 + t) / 2 + near / 2 * (1 - t * t) * inner)


def _softsign(z: Rounded, _: Rounded, g: Rounded) -> Rounded:
    size = 1 + abs(z)
    return g * (1 / size - abs(z) / (size * size))


def _log_softmax(z: Rounded) -> Rounded:
    gap, _ = gaps(z)
    return gap - log(exp(gap).sum(axis=-1, keepdims=True))


TEXTBOOK: Mapping[str, Textbook] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Textbook(
                name="sigmoid",
                form="a(1-a)",
                stable="e^{-|z|}/(1+e^{-|z|})^2",
                value=_logistic,
                pull=_sigmoid,
            ),
            Textbook(
                name="tanh",
                form="1-a^2",
                stable="4e^{-2|z|}/(1+e^{-2|z|})^2",
                pull=lambda _, a, g: g * (1 - a * a),
            ),
            Textbook(
                name="softmax",
                form="a_j(g_j - Σ a_k g_k)",
                stable="a_j Σ a_k (g_j - g_k)",
                pull=lambda _, a, g: a * (g - (a * g).sum(axis=-1, keepdims=True)),
            ),
            Textbook(
                name="log_softmax",
                form="g_j - e^{a_j} Σ g_k",
                stable="Σ (p_k g_j - p_j g_k) over k ≠ j",
                value=_log_softmax,
                pull=lambda _, a, g: g - exp(a) * g.sum(axis=-1, keepdims=True),
            ),
            Textbook(
                name="elu",
                form="α(e^z-1), a+α",
                stable="α expm1(z), α e^z",
                value=_exponential_unit,
                pull=lambda z, a, g, alpha: g * select(z, 1.0, a + alpha),
            ),
            Textbook(
                name="selu",
                form="λα(e^z-1), a+λα",
                stable="λα expm1(z), λα e^z",
                value=lambda z, scale, alpha: scale * _exponential_unit(z, alpha),
                pull=lambda z, a, g, scale, alpha: (
                    g * select(z, scale.broadcast_to(z.shape), a + scale * alpha)
                ),
            ),
            Textbook(
                name="softplus",
                form="ln(1+e^{βz})/β, 1-e^{-βa}",
                stable="log1p(e^{βz})/β, 1/(1+e^{-βz})",
                value=_softplus,
                pull=lambda _, a, g, beta: g * (1 - exp(-(beta * a))),
            ),
            Textbook(
                name="softsign",
                form="1/(1+|z|) - |z|/(1+|z|)^2",
                stable="1/(1+|z|)^2",
                pull=_softsign,
            ),
            Textbook(
                name="silu",
                form="s(1 + z(1-s)), a + s(1-a)",
                stable="s(1 + zσ(-z))",
                value=lambda z, beta: z * _logistic(beta * z),
                pull=_silu,
            ),
            Textbook(
                name="gelu",
                form="(1+erf(z/√2))/2 + zφ(z)",
                stable="erfc(-z/√2)/2 + zφ(z)",
                value=_gelu_value,
                pull=_gelu,
            ),
            Textbook(
                name="gelu_tanh",
                form="(1+tanh u)/2 + z(1-tanh^2 u)u'/2",
                stable="s(1 + 2zu'(1-s)), s = 1/(1+e^{-2u}), 1-s = 1/(1+e^{2u})",
                value=_gelu_tanh_value,
                pull=_gelu_tanh,
            ),
        )
    }
)

TEXTBOOK_COSTS: Mapping[str, TextbookCost] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            TextbookCost(
                name="binary_cross_entropy",
                form="-y/a + (1-y)/(1-a)",
                stable="(a-y)/(a(1-a))",
                slope=lambda a, y: weigh(1 - y, 1 / (1 - a)) - weigh(y, 1 / a),
            ),
            TextbookCost(
                name="binary_cross_entropy_on_logits",
                form="σ(z)-y",
                stable="(1-y)σ(z) - yσ(-z)",
                slope=lambda a, y: sigmoid(a) - y,
            ),
            TextbookCost(
                name="cross_entropy_on_logits",
                form="p-y",
                stable="p_j Σ y_k - y_j Σ p_k over k ≠ j",
                slope=lambda a, y: softmax(a) * y.sum(axis=-1, keepdims=True) - y,
            ),
            TextbookCost(
                name="poisson",
                form="1-y/a",
                stable="(a-y)/a",
                slope=lambda a, y: 1 - weigh(y, 1 / a),
            ),
        )
    }
)


RESIDUALS_OF_A: Mapping[str, TextbookResidual] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            TextbookResidual(name="sigmoid", form="a-y", stable="(1-y)σ(z) - yσ(-z)"),
            TextbookResidual(name="tanh", form="a-y", stable="(1-y)σ(2z) - (1+y)σ(-2z)"),
            TextbookResidual(name="softmax", form="a-y", stable="(1-y_j)a_j - y_j Σ a_k over k ≠ j"),
        )
    }
)


def _classes(cost: str) -> TextbookOutput:
    return TextbookOutput(
        activation="softmax",
        cost=cost,
        form="p-y",
        stable="p_j Σ y_k - y_j Σ p_k over k ≠ j",
        delta=lambda a, y: a * y.sum(axis=-1, keepdims=True) - y,
    )


def _shares(cost: str) -> TextbookOutput:
    return TextbookOutput(
        activation="sigmoid",
        cost=cost,
        form="-y(1-a)",
        stable="-yσ(-z)",
        delta=lambda a, y: -y * (1 - a),
    )


TEXTBOOK_OUTPUTS: Mapping[tuple[str, str], TextbookOutput] = MappingProxyType(
    {
        (rule.activation, rule.cost): rule
        for rule in (
            TextbookOutput(
                activation="sigmoid",
                cost="binary_cross_entropy",
                form="a-y",
                stable="(1-y)σ(z) - yσ(-z)",
                delta=lambda a, y: (1 - y) * a - y * (1 - a),
            ),
            _shares("cross_entropy"),
            _shares("kullback_leibler"),
            TextbookOutput(
                activation="sigmoid",
                cost="poisson",
                form="(a-y)(1-a)",
                stable="((1-y)σ(z) - yσ(-z)) σ(-z)",
                delta=lambda a, y: ((1 - y) * a - y * (1 - a)) * (1 - a),
            ),
            _classes("cross_entropy"),
            _classes("kullback_leibler"),
            _classes("poisson"),
        )
    }
)
