"""A curve as SVG: a line over two labelled axes, upward in powers of ten where it spans many."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from math import ceil, floor, log10

from derive.writing.plain import plain, printable
from reports.content.page import Curve
from reports.drawing.svg import tspans
from reports.numbers import typeset

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 86, 620, 34, 210

STEEP = 100
"""A curve whose largest value is so many times its least is drawn over powers of ten."""


def plot(curve: Curve) -> str:
    """The curve as one <svg> element; what it says stands in the table beside it."""
    counts, values = [count for count, _ in curve.points], [value for _, value in curve.points]
    power = min(values) > 0 and max(values) > STEEP * min(values)
    ticks = _powers(values) if power else _even(min(*values, 0.0), max(values))

    def measure(value: float) -> float:
        return log10(value) if power else value

    ends = (measure(min(*values, *ticks)), measure(max(*values, *ticks)))

    def across(count: float) -> float:
        return LEFT + (RIGHT - LEFT) * count / max(counts)

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (measure(value) - ends[0]) / (ends[1] - ends[0])

    line = " ".join(f"{across(count):.1f},{up(value):.1f}" for count, value in curve.points)
    parts = [
        f'<text class="up" x="{LEFT}" y="18">{tspans(curve.up)}</text>',
        *(_level(up(tick), typeset(Fraction(repr(tick)), 3)) for tick in ticks),
        *(_count(across(tick), f"{tick:,.0f}") for tick in _even(0, max(counts)) if tick == int(tick)),
        f'<text x="{(LEFT + RIGHT) / 2:g}" y="{BOTTOM + 42}">{_text(curve.across)}</text>',
        f'<polyline class="line" points="{line}"/>',
    ]
    label = _text(f"{plain(curve.up)}: {curve.label}")
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg class="curve" role="img" aria-label="{label}" {size}>{"".join(parts)}</svg>'


def _level(y: float, words: str) -> str:
    rule = f'<path class="rule" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
    return f'{rule}<text class="level" x="{LEFT - 10}" y="{y + 5:.1f}">{_text(words)}</text>'


def _count(x: float, words: str) -> str:
    return f'<text x="{x:.1f}" y="{BOTTOM + 22}">{_text(words)}</text>'


def _text(text: str) -> str:
    return escape(printable(text))


def _even(low: float, high: float) -> Sequence[float]:
    """Round numbers from low to high, three to six of them."""
    span = (high - low) or abs(high) or 1.0
    unit = 10.0 ** floor(log10(span))
    step = next(unit * part for part in (0.2, 0.5, 1, 2) if span / (unit * part) <= 6)
    return [round(k * step, 12) for k in range(floor(low / step), ceil(high / step) + 1)]


def _powers(values: Sequence[float]) -> Sequence[float]:
    """Powers of ten that hold all values, six of them at most."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return [10.0**power for power in range(low, high + 1, max(1, ceil((high - low) / 5)))]
