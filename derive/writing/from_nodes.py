"""Our own formula nodes as trees: what somebody wrote, in the order they wrote it.

Nothing is sorted or simplified, since this is the echo of how a text was
understood. Brackets stand where precedence demands them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from derive.formula.nodes import Apply, Constant, Derivative, Name, Node, Number, Unspecified
from derive.writing.spelling import unspecified_call
from derive.writing.tree import (
    Call,
    Fence,
    Ident,
    Num,
    Root,
    Tree,
    negated,
    partial,
    plus,
    power,
    product,
    quotient,
)

Leaf = Callable[[Name], Tree]

_CONSTANTS: Mapping[str, str] = MappingProxyType({"e": "e", "pi": "π"})

_FUNCTION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "log": "ln",
        "sin": "sin",
        "cos": "cos",
        "tan": "tan",
        "sinh": "sinh",
        "cosh": "cosh",
        "erf": "erf",
        "max": "max",
        "min": "min",
        "identity": "id",
        "sigmoid": "sigmoid",  # σ is the letter of whatever activation the problem has
        "tanh": "tanh",
        "relu": "ReLU",
        "step": "step",
        "softplus": "softplus",
        "softsign": "softsign",
        "silu": "SiLU",
        "gelu": "GELU",
    }
)

_FORMS: Mapping[str, Callable[..., Tree]] = MappingProxyType(
    {
        "add": plus,
        "subtract": lambda left, right: plus(left, negated(right)),
        "multiply": product,
        "divide": quotient,
        "power": power,
        "negate": negated,
        "exp": lambda exponent: power(Ident("e"), exponent),
        "sqrt": Root,
        "abs": lambda body: Fence("|", body, "|"),
    }
)


def tree_of_node(node: Node, leaf: Leaf) -> Tree:
    """The formula as a tree; `leaf` shows each name, as a letter or as its number."""
    return _RULES[type(node)](node, leaf)


def _apply(node: Apply, leaf: Leaf) -> Tree:
    return applied(node.operation, tuple(tree_of_node(arg, leaf) for arg in node.args))


def applied(operation: str, args: tuple[Tree, ...]) -> Tree:
    """An operation on operands that are trees already."""
    form = _FORMS.get(operation)
    return form(*args) if form else Call(Ident(_FUNCTION_WORDS[operation], upright=True), args)


def _unspecified(node: Unspecified, leaf: Leaf) -> Tree:
    args = tuple(tree_of_node(arg, leaf) for arg in node.args)
    return unspecified_call(node.function, node.order, args)


_RULES: Mapping[type, Callable[..., Tree]] = MappingProxyType(
    {
        Number: lambda number, _: Num(number.text.lower().replace("e+", "e")),
        Constant: lambda constant, _: Ident(_CONSTANTS[constant.name]),
        Name: lambda name, leaf: leaf(name),
        Derivative: lambda node, leaf: partial(leaf(node.of), *map(leaf, node.by)),
        Apply: _apply,
        Unspecified: _unspecified,
    }
)
