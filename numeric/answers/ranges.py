"""Between what numbers a formula lies, whatever is free: a sigmoid's output between 0 and 1.

What is not known to be bounded may be any number. So |a| = a of a sigmoid's output needs no point at
which a is negative: there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from types import MappingProxyType

import sympy as sp

from derive.formula.nodes import Activation, Apply, Letter, Node, Number
from derive.problem import Network, Problem
from derive.rules import ACTIVATIONS

Bound = Fraction | float
"""A number, or one of the infinities."""


@dataclass(frozen=True)
class Range:
    """From low to high; `closed` where the bounds themselves may be values."""

    low: Bound = -inf
    high: Bound = inf
    closed: bool = True

    def has_side(self, *, strictly: bool) -> bool:
        """Whether all of it is on one side of 0; not strictly, 0 may be among it."""
        if strictly and self.closed:
            return self.low > 0 or self.high < 0
        return self.low >= 0 or self.high <= 0

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.closed)

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high, self.closed and other.closed)


ANY = Range()
POSITIVE = Range(Fraction(0), inf, closed=False)
NOT_NEGATIVE = Range(Fraction(0), inf)

OF_FUNCTIONS: Mapping[str, Range] = MappingProxyType(
    {
        **dict.fromkeys(("abs", "sqrt"), NOT_NEGATIVE),
        **dict.fromkeys(("sin", "cos"), Range(Fraction(-1), Fraction(1))),
        "exp": POSITIVE,
        "cosh": Range(Fraction(1), inf),
    }
)
"""What functions return that are the rule of no layer."""


def range_of_values(problem: Problem, node: Node) -> Range:
    """What a node's entries may be."""
    rule = _NODES.get(type(node))
    return ANY if rule is None else rule(problem, node)


def _of_letter(problem: Problem, letter: Letter) -> Range:
    return _of_layer(problem, letter.layer) if letter.letter in ("a", "A") else ANY


def _of_activation(problem: Problem, node: Activation) -> Range:
    return ANY if node.order else _of_layer(problem, node.layer)


def _of_operation(problem: Problem, node: Apply) -> Range:
    if node.operation == "power" and isinstance(node.args[1], Number) and node.args[1].value % 2 == 0:
        return NOT_NEGATIVE
    rule = _RULES.get(node.operation)
    if rule is not None:
        return rule(*(range_of_values(problem, arg) for arg in node.args))
    return OF_FUNCTIONS.get(node.operation) or _of_rule(node.operation)


def _of_layer(problem: Problem, layer: object) -> Range:
    body = problem.body
    if not isinstance(body, Network) or not isinstance(layer, int) or not layer:
        return ANY
    return _of_rule(body.layer(layer).activation.name)


def _of_rule(name: str) -> Range:
    """What a named rule states of itself, where its bounds are numbers."""
    rule = ACTIVATIONS.get(name)
    values = None if rule is None else rule.range
    if not isinstance(values, sp.Interval) or not (
        values.inf.is_extended_real and values.sup.is_extended_real
    ):
        return ANY
    low, high = (_bound(end) for end in (values.inf, values.sup))
    return Range(low, high, not (values.left_open and values.right_open))


def _bound(end: sp.Expr) -> Bound:
    if end.is_Rational:
        return Fraction(int(end.p), int(end.q))
    return inf if end is sp.oo else -inf


def _product(u: Range, v: Range) -> Range:
    """Of what is above 0 on both sides; nothing is said of others."""
    if min(u.low, v.low) < 0:
        return ANY
    return Range(u.low * v.low if inf not in (u.low, v.low) else u.low, inf, u.closed or v.closed)


_RULES: Mapping[str, Callable[..., Range]] = MappingProxyType(
    {
        "add": Range.__add__,
        "subtract": lambda u, v: u + -v,
        "negate": Range.__neg__,
        "multiply": _product,
        "hadamard": _product,
    }
)

_NODES: Mapping[type, Callable[..., Range]] = MappingProxyType(
    {
        Number: lambda _, node: Range(node.value, node.value),
        Letter: _of_letter,
        Activation: _of_activation,
        Apply: _of_operation,
    }
)
