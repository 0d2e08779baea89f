"""Formulas as people type them, in forms that lose nothing.

    1/(1 + e^-u)   is  sigma(u)           where e^1000 would overflow
    1 - sigma(u)   is  sigma(-u)          where 1 - 1 is left of e^-40
    ln sigma(u)    is  -softplus(-u)      where ln 0 is left of -800

Each row is an identity in its letters, which stand for any formulas. A formula is rewritten
from its operands up, so that ln(1 - 1/(1 + e^-u)) comes out as -softplus(u). Only float64
needs this: the formula that is differentiated by SymPy stays as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from derive.formula import parse
from derive.formula.nodes import ARRAY_FUNCTIONS, FUNCTIONS, Apply, Name, Node, Number, Unspecified, walk
from derive.formula.tokens import Scope

LETTERS = frozenset({"u", "v"})

IDENTITIES = (
    ("e^u", "exp(u)"),
    ("1/(1+exp(u))", "sigmoid(-u)"),
    ("exp(u)/(1+exp(u))", "sigmoid(u)"),
    ("v/(1+exp(u))", "v*sigmoid(-u)"),
    ("1-sigmoid(u)", "sigmoid(-u)"),
    ("(exp(u)-exp(-u))/(exp(u)+exp(-u))", "tanh(u)"),
    ("2*sigmoid(2*u)-1", "tanh(u)"),
    ("log(1+exp(u))", "softplus(u)"),
    ("log(sigmoid(u))", "-softplus(-u)"),
    ("log(softmax(u))", "log_softmax(u)"),
)
"""The first row that fits is taken."""

COSTS = (
    ("(y-a)^2/2", "half_squared_error"),
    ("(a-y)^2/2", "half_squared_error"),
    ("1/2*(y-a)^2", "half_squared_error"),
    ("1/2*(a-y)^2", "half_squared_error"),
    ("(y-a)^2", "squared_error"),
    ("(a-y)^2", "squared_error"),
    ("-y*log(a)-(1-y)*log(1-a)", "binary_cross_entropy"),
    ("-(y*log(a)+(1-y)*log(1-a))", "binary_cross_entropy"),
    ("-y*log(a)", "cross_entropy"),
    ("-(y*log(a))", "cross_entropy"),
)
"""Costs of one output a and its target y that are rows of the table of costs."""

COMMUTE = frozenset({"add", "multiply"})

Bound = dict[str, Node]


def stable(node: Node) -> Node:
    """The formula with every part that has a stable form in that form."""
    stack: list[Node] = []
    for part in walk(node):
        if not isinstance(part, Apply | Unspecified):
            stack.append(part)
            continue
        first = len(stack) - len(part.args)
        args = tuple(stack[first:])
        del stack[first:]
        same = all(arg is own for arg, own in zip(args, part.args, strict=True))
        stack.append(_rewritten(part if same else replace(part, args=args)))
    (found,) = stack
    return found


def named_cost(node: Node) -> str | None:
    """The row that a cost's formula spells out, if it does."""
    return next((name for pattern, name in _cost_rows() if _fits(pattern, node, {})), None)


@cache
def _cost_rows() -> tuple[tuple[Node, str], ...]:
    scope = Scope(frozenset({"a", "y"}))
    return tuple((parse(pattern, scope), name) for pattern, name in COSTS)


def _rewritten(node: Apply | Unspecified) -> Node:
    rows = _rows().get(node.operation, ()) if isinstance(node, Apply) else ()
    for pattern, form in rows:
        bound: Bound = {}
        if _fits(pattern, node, bound):
            return _filled(form, bound, node)
    return node


@cache
def _rows() -> Mapping[str, Sequence[tuple[Apply, Node]]]:
    """The rows by the operation that their pattern applies last."""
    scope = Scope(LETTERS, FUNCTIONS | ARRAY_FUNCTIONS)
    rows: dict[str, list[tuple[Apply, Node]]] = {}
    for written, form in IDENTITIES:
        pattern = parse(written, scope)
        assert isinstance(pattern, Apply)
        rows.setdefault(pattern.operation, []).append((pattern, parse(form, scope)))
    return rows


def _fits(pattern: Node, node: Node, bound: Bound) -> bool:
    """Whether the node is the pattern for some formulas in place of its letters, which are noted."""
    if isinstance(pattern, Name) and pattern.base in LETTERS:
        return bound.setdefault(pattern.base, node) == node
    if isinstance(pattern, Number):
        return isinstance(node, Number) and node.value == pattern.value
    if not isinstance(pattern, Apply):
        return pattern == node
    if not isinstance(node, Apply) or node.operation != pattern.operation or node.places:
        return False
    orders = (node.args, node.args[::-1]) if node.operation in COMMUTE else (node.args,)
    for args in orders:
        attempt = dict(bound)
        if all(_fits(part, arg, attempt) for part, arg in zip(pattern.args, args, strict=True)):
            bound.update(attempt)
            return True
    return False


def _filled(form: Node, bound: Mapping[str, Node], node: Node) -> Node:
    """The form with the formulas that its letters stand for; along the axis of what it replaces."""
    if isinstance(form, Name):
        return bound[form.base]
    if not isinstance(form, Apply):
        return form
    filled = tuple(_filled(part, bound, node) for part in form.args)
    if form.operation != "log_softmax":
        return replace(form, args=filled)
    assert isinstance(node, Apply)
    assert isinstance(node.args[0], Apply)
    return replace(form, args=filled, axis=node.args[0].axis)
