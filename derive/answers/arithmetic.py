"""Arithmetic of single numbers, which has no shapes: every product is one of numbers.

    u v    u · v    u × v    u ⊙ v    u @ v        u * v

Most answers are that, and one walk over them settles it. Whatever else an answer holds (whole
arrays, transposes, sums, letters that are left open, powers of e) is left to `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from types import MappingProxyType

from derive.answers.sizes import is_number
from derive.formula.nodes import OPERATIONS, Activation, Apply, Letter, Node, Number, Slope, Unspecified
from derive.problem import Problem

PRODUCTS = frozenset({"multiply", "juxtapose", "dot", "cross", "hadamard", "matmul", "outer", "inner"})
"""How a product may be spelled."""

_OF_NUMBERS: Mapping[str, str] = MappingProxyType(
    {name: name for name in OPERATIONS.keys() - {"exp"}} | dict.fromkeys(PRODUCTS, "multiply")
)
"""What an operation is on numbers alone; of 2 exp(-3), as of a power of e, there is more to say."""


def settled(problem: Problem, nodes: tuple[Node, ...]) -> tuple[Node, ...] | None:
    """The formulas with their products settled; None where one of them is more than arithmetic.

    They are the same objects where nothing was to be settled.
    """
    found: list[Node] = []
    for node in nodes:
        rule = _RULES.get(type(node))
        one = rule(problem, node) if rule is not None else None
        if one is None:
            return None
        found.append(one)
    return nodes if all(map(is_, found, nodes)) else tuple(found)


def _number(_: Problem, number: Number) -> Node:
    return number


def _letter(problem: Problem, letter: Letter) -> Node | None:
    is_open = str in map(type, (letter.layer, *letter.index))
    is_running = letter.sample is not None and letter.sample.isalpha()
    return None if is_open or is_running or not is_number(problem, letter) else letter


def _slope(problem: Problem, slope: Slope) -> Node | None:
    letters = (slope.of, *slope.by)
    return slope if all(isinstance(one, Letter) and _letter(problem, one) for one in letters) else None


def _apply(problem: Problem, node: Apply) -> Node | None:
    operation = _OF_NUMBERS.get(node.operation)
    args = settled(problem, node.args) if operation is not None else None
    if operation is None or args is None:
        return None
    is_settled = args is node.args and operation == node.operation
    return node if is_settled else Apply(operation, args, column=node.column)


def _activation(problem: Problem, node: Activation) -> Node | None:
    args = None if isinstance(node.layer, str) else settled(problem, node.args)
    return None if args is None else Activation(node.layer, node.order, args)


def _unspecified(problem: Problem, node: Unspecified) -> Node | None:
    args = settled(problem, node.args)
    return None if args is None else Unspecified(node.function, node.order, args)


_RULES: Mapping[type, Callable[..., Node | None]] = MappingProxyType(
    {
        Number: _number,
        Letter: _letter,
        Slope: _slope,
        Apply: _apply,
        Activation: _activation,
        Unspecified: _unspecified,
    }
)
