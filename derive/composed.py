"""A step's formula, with its slopes as a book would print them.

    h = sigma(w x + b)        dh/dw = sigma'(w x + b) x = h (1 - h) x
    q = e^(x y)               dq/dx = q y
    P = softmax(A U)          dP_1/dU_11 = P_1 (1 - P_1) A_1
    J = (h - y)^2             dJ/dh = 2 (h - y)

SymPy would write sigma' out in w, x and b again, and multiply 2 (h - y) out. The
usual slope of the function that is applied last is proved once, and what stands
inside is differentiated by SymPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import sympy as sp

from derive.expressions import NONE, Formula, Inside, expression, formula_of
from derive.formula.nodes import Apply, Constant, Derivative, Name, Node, Number, leaves_in
from derive.rules import ACTIVATIONS
from derive.rules.kinds import A, Z

FEW = 4
"""A formula of more letters than these keeps SymPy's own slopes: looking for factors takes long."""

RESULT = sp.Symbol("the step itself")
"""The step's own value in a slope; no text can name a quantity so."""

Applied = tuple[Formula, Node]
"""A function of one argument, with its usual slope in its own value A, and what it is applied to."""


def step_formula(
    node: Node, stand_ins: Mapping[str, sp.Expr] = NONE
) -> tuple[Formula, tuple[Name | Derivative, ...]]:
    """The formula of a step and what it reads, in order.

    stand_ins  of unspecified functions, those that have one
    """
    formula, leaves = formula_of(node, stand_ins=stand_ins)
    last = applied_last(node)
    if last is None:
        return replace(formula, tidy=len(formula.formals) <= FEW), leaves
    outer, argument = last
    inner = expression(argument, _symbols(formula, leaves), stand_ins)
    return replace(formula, results=(RESULT,), inside=Inside(outer, (inner,))), leaves


def coupled_formula(
    operation: str, node: Node, arguments: Sequence[Node], stand_ins: Mapping[str, sp.Expr] = NONE
) -> tuple[Formula, tuple[Name | Derivative, ...]]:
    """That of one entry of a softmax: `arguments` are its own first, then those beside it.

    node  the entry written out, which they stand in
    """
    formula, leaves = formula_of(node, stand_ins=stand_ins)
    outer = ACTIVATIONS[operation].formula(len(arguments))
    symbols = _symbols(formula, leaves)
    inner = tuple(expression(argument, symbols, stand_ins) for argument in arguments)
    results = (RESULT, *(sp.Symbol(f"{RESULT} {k}") for k in range(2, len(arguments) + 1)))
    return replace(formula, results=results, inside=Inside(outer, inner)), leaves


def _symbols(formula: Formula, leaves: Sequence[Name | Derivative]) -> dict[str, sp.Symbol]:
    return {str(leaf): symbol for leaf, symbol in zip(leaves, formula.formals, strict=True)}


# -- the function that is applied last -------------------------------------------------------------


def applied_last(node: Node) -> Applied | None:
    """The function that a formula applies last, where its slope is known in its own value."""
    if not isinstance(node, Apply):
        return None
    split = _SPLIT.get(node.operation)
    return split(node) if split else None


@cache
def _in_own_value(phi: sp.Expr, usual: sp.Expr) -> Formula:
    return Formula(phi, (Z,), (A,), (usual,))


def _row(phi: sp.Expr, usual: sp.Expr) -> Callable[[Apply], Applied]:
    return lambda node: (_in_own_value(phi, usual), node.args[0])


def _rule(name: str) -> Callable[[Apply], Applied]:
    return lambda node: (ACTIVATIONS[name].formula(1), node.args[0])


def _quotient(node: Apply) -> Applied | None:
    """c/u, and 1/(1 + e^-u), which is the sigmoid."""
    above, below = _number(node.args[0]), node.args[1]
    if not above or not leaves_in(below):
        return None
    exponent = _logistic_exponent(below) if above == 1 else None
    if exponent is not None:
        return ACTIVATIONS["sigmoid"].formula(1), exponent
    return _in_own_value(above / Z, -(A**2) / above), below


def _logistic_exponent(node: Node) -> Node | None:
    """u of 1 + e^-u, and of e^-u + 1."""
    if not isinstance(node, Apply) or node.operation != "add":
        return None
    ones = [_number(arg) == 1 for arg in node.args]
    power = node.args[ones.index(True) - 1] if any(ones) else None
    exponent = _exponent(power) if power is not None else None
    if exponent is None:
        return None
    negated = isinstance(exponent, Apply) and exponent.operation == "negate"
    return exponent.args[0] if negated and isinstance(exponent, Apply) else Apply("negate", (exponent,))


def _exponent(node: Node) -> Node | None:
    """u of e^u, however it is written."""
    if not isinstance(node, Apply):
        return None
    if node.operation == "exp":
        return node.args[0]
    return node.args[1] if node.operation == "power" and node.args[0] == Constant("e") else None


def _power(node: Apply) -> Applied | None:
    """c^u, and u^(1/m) of a whole number m: the others have longer slopes in their own value."""
    base, exponent = map(_number, node.args)
    if base is not None and base.is_positive and leaves_in(node.args[1]):
        return _in_own_value(base**Z, A * sp.log(base)), node.args[1]
    if exponent is None or not exponent.is_Rational or abs(exponent.p) != 1 or exponent == 1:
        return None
    return _in_own_value(Z**exponent, exponent * A ** (1 - 1 / exponent)), node.args[0]


def _number(node: Node) -> sp.Expr | None:
    """The number that stands in a text."""
    if isinstance(node, Number | Constant) or (isinstance(node, Apply) and not leaves_in(node)):
        return expression(node, {})
    return None


_SPLIT: Mapping[str, Callable[[Apply], Applied | None]] = MappingProxyType(
    {
        **{
            name: _rule(name)
            for name, rule in ACTIVATIONS.items()
            if rule.usual is not None and not rule.couples
        },
        "exp": _row(sp.exp(Z), A),
        "sqrt": _row(sp.sqrt(Z), 1 / (2 * A)),
        "tan": _row(sp.tan(Z), 1 + A**2),
        "divide": _quotient,
        "power": _power,
    }
)
"""By operation; what is not here has a slope that does not contain it."""
