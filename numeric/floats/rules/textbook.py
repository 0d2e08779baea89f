"""Slopes as textbooks write them, with claims that say what those forms may lose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from numeric.floats.rounding import Rounded, clip, erf, exp, select, tanh
from numeric.floats.rules.activations import CUBIC, FAR, ROOT_OF_2_OVER_PI, ROOT_OF_2_PI, SQRT_HALF
from numeric.floats.rules.kinds import Textbook


def _gelu(z: Rounded, _: Rounded, g: Rounded) -> Rounded:
    near = clip(z, -FAR, FAR)
    return g * ((1 + erf(z * SQRT_HALF)) / 2 + near * exp(-near * near / 2) / ROOT_OF_2_PI)


def _gelu_tanh(z: Rounded, _: Rounded, g: Rounded) -> Rounded:
    near = clip(z, -FAR, FAR)
    t = tanh(ROOT_OF_2_OVER_PI * (near * (1 + CUBIC * (near * near))))
    inner = ROOT_OF_2_OVER_PI * (1 + 3 * CUBIC * (near * near))
    return g * ((1 + t) / 2 + near / 2 * (1 - t * t) * inner)


TEXTBOOK: Mapping[str, Textbook] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Textbook(
                name="sigmoid",
                form="a(1-a)",
                stable="e^{-|z|}/(1+e^{-|z|})^2",
                pull=lambda _, a, g: g * (a * (1 - a)),
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
                pull=lambda _, a, g: g - exp(a) * g.sum(axis=-1, keepdims=True),
            ),
            Textbook(
                name="elu",
                form="a+α",
                stable="α e^z",
                pull=lambda z, a, g, alpha: g * select(z, 1.0, a + alpha),
            ),
            Textbook(
                name="selu",
                form="a+λα",
                stable="λα e^z",
                pull=lambda z, a, g, scale, alpha: (
                    g * select(z, scale.broadcast_to(z.shape), a + scale * alpha)
                ),
            ),
            Textbook(
                name="softplus",
                form="1-e^{-βa}",
                stable="1/(1+e^{-βz})",
                pull=lambda _, a, g, beta: g * (1 - exp(-(beta * a))),
            ),
            Textbook(
                name="gelu",
                form="(1+erf(z/√2))/2 + zφ(z)",
                stable="erfc(-z/√2)/2 + zφ(z)",
                pull=_gelu,
            ),
            Textbook(
                name="gelu_tanh",
                form="(1+tanh u)/2 + z(1-tanh^2 u)u'/2",
                stable="s(1 + 2zu'(1-s)), s = 1/(1+e^{-2u}), 1-s = 1/(1+e^{2u})",
                pull=_gelu_tanh,
            ),
        )
    }
)
