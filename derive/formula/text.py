"""A formula back as text, in the signs of the grammar: how a message names a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derive.formula.nodes import Apply, Node, Number

_SIGNS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "add": (" + ", 1),
        "subtract": (" - ", 1),
        "multiply": ("*", 2),
        "divide": ("/", 2),
        "matmul": (" @ ", 2),
        "power": ("**", 4),
    }
)
"""Each sign, and how tightly it binds; a minus in front binds 3, what has brackets 5."""

_NEGATION, _ATOM = 3, 5


def text_of(node: Node) -> str:
    """The formula with no more brackets than it needs: `(A - Y).T @ X`."""
    return _written(node)[0]


def _written(node: Node) -> tuple[str, int]:
    """The text, and how tightly its outermost operation binds."""
    if isinstance(node, Number):
        return node.text, _ATOM
    if not isinstance(node, Apply):
        return str(node), _ATOM
    if node.operation == "negate":
        return f"-{_bracketed(node.args[0], _NEGATION)}", _NEGATION
    if node.operation == "transpose":
        return f"{_bracketed(node.args[0], _ATOM)}.T", _ATOM
    if node.operation not in _SIGNS:
        keywords = [f"axis={node.axis}"] * (node.axis is not None) + ["keepdims=true"] * node.keepdims
        within = [*map(text_of, node.args), *map(str, node.places), *keywords]
        return f"{node.operation}({', '.join(within)})", _ATOM
    sign, binding = _SIGNS[node.operation]
    left, right = node.args
    # of equals the left one binds first, but x**y**z is x**(y**z)
    first = node.operation == "power"
    return f"{_bracketed(left, binding + first)}{sign}{_bracketed(right, binding + (not first))}", binding


def _bracketed(node: Node, least: int) -> str:
    text, binding = _written(node)
    return text if binding >= least else f"({text})"
