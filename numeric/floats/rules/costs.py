"""Costs, part by part, and their slopes.

Those of a residual r = a - y alone are written in r, so that `outputs` can hand
them a residual that was not rounded to 0 on its way through a saturated unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import sub
from types import MappingProxyType

import numpy as np

from numeric.floats.rounding import (
    Rounded,
    exp,
    is_zero,
    log,
    log1p,
    select,
    sigmoid_less,
    sign,
    squares,
    weigh,
    where,
)
from numeric.floats.rules.activations import gaps, others_of, softmax, softplus
from numeric.floats.rules.kinds import Cost, Margins, Numbers, after, smooth


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """A cost of r = a - y : (..., K), with its slope in r."""

    name: str
    parts: Numbers
    slope: Numbers
    at_once: Numbers | None = None
    margins: Margins = smooth

    @property
    def cost(self) -> Cost:
        """The same cost in a and y."""
        return Cost(
            name=self.name,
            parts=after(sub, self.parts),
            slope=after(sub, self.slope),
            at_once=self.at_once and after(sub, self.at_once),
            margins=after(sub, self.margins),
            kink="a - y is",
        )


def _huber(r: Rounded, delta: Rounded) -> Rounded:
    size = abs(r)
    return select(size - delta, delta * (size - delta / 2), r * r / 2)


def _huber_slope(r: Rounded, delta: Rounded) -> Rounded:
    return select(abs(r) - delta, delta * sign(r), r)


RESIDUALS: Mapping[str, Residual] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Residual(
                name="half_squared_error",
                parts=lambda r: r**2 / 2,
                at_once=lambda r: squares(r) / 2,
                slope=lambda r: r,
            ),
            Residual(name="squared_error", parts=lambda r: r**2, at_once=squares, slope=lambda r: 2 * r),
            Residual(
                name="mean_squared_error",
                parts=lambda r: r**2 / r.shape[-1],
                at_once=lambda r: squares(r) / r.shape[-1],
                slope=lambda r: 2 * r / r.shape[-1],
            ),
            Residual(
                name="half_mean_squared_error",
                parts=lambda r: r**2 / (2 * r.shape[-1]),
                at_once=lambda r: squares(r) / (2 * r.shape[-1]),
                slope=lambda r: r / r.shape[-1],
            ),
            Residual(name="absolute_error", parts=abs, slope=sign, margins=lambda r: (r,)),
            Residual(name="huber", parts=_huber, slope=_huber_slope),
        )
    }
)


def on_logits(z: Rounded, y: Rounded) -> Rounded:
    """y_k (ln sum_j e^{z_j} - z_k), as y_k (ln(1 + sum of the others' e^gap) - gap_k)."""
    gap, is_top = gaps(z)
    others = where(is_top, 0.0, exp(gap)).sum(axis=-1, keepdims=True)
    return y * (log1p(others) - gap)


def on_logits_slope(z: Rounded, y: Rounded) -> Rounded:
    """sum over k != j of (a_j y_k - a_k y_j), which is a_j - y_j where the targets add up to 1."""
    a = softmax(z)
    return a * others_of(y) - y * others_of(a)


def _binary_slope(a: Rounded, y: Rounded) -> Rounded:
    """(a - y) / (a (1 - a)), and at the ends of the targets what is left of it: 1/(1 - a) or -1/a."""
    at_an_end = is_zero(y) | is_zero(1 - y)
    return where(at_an_end, weigh(1 - y, 1 / (1 - a)) - weigh(y, 1 / a), (a - y) / (a * (1 - a)))


def binary_on_logits(z: Rounded, y: Rounded) -> Rounded:
    """-y ln sigma(z) - (1 - y) ln sigma(-z)"""
    return y * softplus(-z) + (1 - y) * softplus(z)


def divergence(y: Rounded, a: Rounded) -> Rounded:
    """ln(y/a), by ln(1 + (y - a)/a) where the two are near."""
    near = np.abs(y.value - a.value) < a.value / 2
    return where(near, log1p((y - a) / a), log(y / a))


def _margin(a: Rounded, y: Rounded) -> Rounded:
    """1 - y a, where a product by 1 or -1 is not rounded."""
    known = y.error == 0
    product = where(known & (y.value == 1), a, where(known & (y.value == -1), -a, y * a))
    return 1 - product


COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            *(residual.cost for residual in RESIDUALS.values()),
            Cost(
                name="hinge",
                parts=lambda a, y: select(_margin(a, y), _margin(a, y), 0.0),
                slope=lambda a, y: select(_margin(a, y), -y, 0.0).broadcast_to(a.shape),
                margins=lambda a, y: (_margin(a, y),),
                kink="1 - y a is",
            ),
            Cost(
                name="binary_cross_entropy",
                parts=lambda a, y: weigh(y, -log(a)) + weigh(1 - y, -log1p(-a)),
                slope=_binary_slope,
            ),
            Cost(name="binary_cross_entropy_on_logits", parts=binary_on_logits, slope=sigmoid_less),
            Cost(
                name="cross_entropy",
                parts=lambda a, y: weigh(y, -log(a)),
                slope=lambda a, y: weigh(y, -1 / a),
            ),
            Cost(name="cross_entropy_on_logits", parts=on_logits, slope=on_logits_slope),
            Cost(
                name="kullback_leibler",
                parts=lambda a, y: weigh(y, divergence(y, a)),
                slope=lambda a, y: weigh(y, -1 / a),
            ),
            Cost(
                name="poisson",
                parts=lambda a, y: a - weigh(y, log(a)),
                slope=lambda a, y: (a - y) / a,
            ),
        )
    }
)
