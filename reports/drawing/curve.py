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

MOST_STEPS = 6
STEEP = 100
"""A curve whose largest value is so many times its least is drawn over powers of ten."""


def plot(curve: Curve) -> str:
    """The curve as one <svg> element; what it says stands in the table beside it."""
    counts, values = [count for count, _ in curve.points], [value for _, value in curve.points]
    power = min(values) > 0 and max(values) > STEEP * min(values)
    ticks = _powers(values) if power else _even(min(*values, 0.0), max(values))

    def measure(value: float) -> float:
        return log10(value) if power else value

    held = [*values, *map(float, ticks)]
    ends = (measure(min(held)), measure(max(held)))

    def across(count: float) -> float:
        return LEFT + (RIGHT - LEFT) * count / max(counts)

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (measure(value) - ends[0]) / (ends[1] - ends[0])

    line = " ".join(f"{across(count):.1f},{up(value):.1f}" for count, value in curve.points)
    parts = [
        f'<text class="up" x="{LEFT}" y="18">{tspans(curve.up)}</text>',
        *(_level(up(float(tick)), typeset(tick, 3)) for tick in ticks),
        *(_count(across(count), f"{count:,}") for count in _whole(max(counts))),
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


def _even(low: float, high: float) -> Sequence[Fraction]:
    """Round numbers from low to high, three to seven of them."""
    span = (high - low) or abs(high) or 1.0
    unit = Fraction(10) ** floor(log10(span))
    steps = (unit * part for part in (Fraction(1, 5), Fraction(1, 2), 1, 2))
    step = next(step for step in steps if Fraction(span) / step <= MOST_STEPS)
    first = floor(Fraction(low) / step)
    return [k * step for k in range(first, max(ceil(Fraction(high) / step), first + 1) + 1)]


def _whole(most: int) -> Sequence[int]:
    """Round counts from 0 to the most."""
    return [int(tick) for tick in _even(0, most) if tick == int(tick) and tick <= most]


def _powers(values: Sequence[float]) -> Sequence[Fraction]:
    """Powers of ten from below the least to about the largest, six of them at most."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return [Fraction(10) ** power for power in range(low, high + 1, max(1, ceil((high - low) / 5)))]
