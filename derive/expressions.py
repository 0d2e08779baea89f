"""Formulas as SymPy sees them.

A formula is stated once in formal symbols and differentiated once by SymPy;
the many steps of a network that use it only name their arguments. So a layer
of 784 x 30 connections costs one derivative of w*a, not 23,520.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from types import MappingProxyType

import sympy as sp

from derive.formula.nodes import Apply, Constant, Derivative, Name, Node, Number, leaves_in, walk

ADJOINT = sp.Symbol("d/d step")
"""The derivative by a step, in the slopes that carry it on; no text can name a quantity so."""


@dataclass(frozen=True)
class Formula:
    """An expression in formal symbols.

    expr     in `formals`
    formals  the arguments, in the order in which a term names them
    results  symbols of quantities that are known once the step is done: a for sigma(z)
    usual    for each formal the derivative as books print it, in formals and
             results, or None; shown only after `prove` found it equal to SymPy's
    roles    for each formal what its derivative is called on the page
    node     the author's own text, where there is one, so that it is shown as written
    """

    expr: sp.Expr
    formals: tuple[sp.Symbol, ...]
    results: tuple[sp.Symbol, ...] = ()
    usual: tuple[sp.Expr | None, ...] = ()
    roles: tuple[str, ...] = ()
    node: Node | None = None

    def role(self, position: int) -> str:
        return self.roles[position] if self.roles else "local"


@cache
def slope(formula: Formula, position: int) -> Formula:
    """The partial derivative by one formal, by SymPy's own differentiation."""
    return Formula(sp.diff(formula.expr, formula.formals[position]), formula.formals)


@cache
def usual_slope(formula: Formula, position: int) -> Formula:
    """The same derivative in its usual form: sigma' = a(1 - a), where one is stated and proved."""
    if not formula.usual or not prove(formula, position):
        return slope(formula, position)
    return Formula(formula.usual[position], formula.formals + formula.results)


@cache
def prove(formula: Formula, position: int) -> bool:
    """Whether SymPy's derivative equals the usual form, with every result put in.

    Each exp(u) becomes a free symbol, after which both sides are rational and
    `cancel` decides.
    """
    stated = formula.usual[position]
    if stated is None:
        return False
    results = dict(zip(formula.results, results_of(formula), strict=True))
    difference = slope(formula, position).expr - stated.subs(results, simultaneous=True)
    free = {symbol: sp.Dummy(positive=True) for symbol in formula.formals}
    rational = difference.replace(
        lambda e: isinstance(e, sp.exp) and e.exp.as_coeff_Mul()[1] in free,
        lambda e: free[e.exp.as_coeff_Mul()[1]] ** e.exp.as_coeff_Mul()[0],
    )
    return bool(sp.cancel(sp.together(rational)) == 0)


def results_of(formula: Formula) -> list[sp.Expr]:
    """What each result stands for: the formula itself, with another formal in the first place.

    A rule that couples a layer (softmax) is stated for the first unit; the
    result of unit k is the same expression with the two exchanged.
    """
    first = formula.formals[0]
    return [
        formula.expr.subs({first: formal, formal: first}, simultaneous=True)
        for formal in formula.formals[: len(formula.results)]
    ]


@cache
def carried(formula: Formula, position: int, usual: bool) -> Formula:
    """adjoint * slope: what a route hands back to the argument at `position`."""
    local = (usual_slope if usual else slope)(formula, position)
    adjoint = ADJOINT
    while adjoint in local.formals:  # of a second sweep, over steps that carry the first one's
        adjoint = sp.Symbol(f"{adjoint.name}'")
    return Formula(adjoint * local.expr, (adjoint, *local.formals))


P, Q = sp.symbols("p q")


class Kinked(sp.Function):
    """A function in pieces, kept whole: SymPy differentiates `piecewise` and nothing is written out.

    SymPy's own Max would have slope 1/2 at a tie; and pieces written out into
    pieces, for max(a, b, c, ...) or relu(relu(x) - 1), multiply with every one.
    """

    piecewise: sp.Piecewise
    formals: tuple[sp.Symbol, ...] = (P,)

    @classmethod
    def eval(cls, *args: sp.Expr) -> sp.Expr | None:
        """Of numbers the piece that counts: SymPy goes round in circles over max(3, 2) >= 1."""
        known = all(arg.is_number and arg.is_extended_real for arg in args)
        return cls.piecewise.xreplace(dict(zip(cls.formals, args, strict=True))) if known else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """SymPy's derivative of the pieces, at these arguments."""
        derived = sp.diff(self.piecewise, self.formals[argindex - 1])
        return derived.subs(dict(zip(self.formals, self.args, strict=True)), simultaneous=True)


class Larger(Kinked):
    """max(p, q) = p where p >= q, else q: at a tie the first argument counts, and its slope."""

    nargs = 2
    formals = (P, Q)
    piecewise = sp.Piecewise((P, P >= Q), (Q, True))


class Smaller(Kinked):
    """min(p, q) = p where p <= q, else q."""

    nargs = 2
    formals = (P, Q)
    piecewise = sp.Piecewise((P, P <= Q), (Q, True))


class Magnitude(Kinked):
    """|p|, with slope 0 at 0."""

    nargs = 1
    piecewise = sp.Piecewise((P, P > 0), (-P, P < 0), (0, True))


class Rectified(Kinked):
    """relu(p) = p where p > 0, else 0, with slope 0 at 0."""

    nargs = 1
    piecewise = sp.Piecewise((P, P > 0), (0, True))


class Jump(Kinked):
    """step(p) = 1 where p > 0, else 0; its slope is 0 wherever it exists, and 0 by convention."""

    nargs = 1
    piecewise = sp.Piecewise((1, P > 0), (0, True))


SYMPY: Mapping[str, Callable[..., sp.Expr]] = MappingProxyType(
    {
        "add": lambda u, v: u + v,
        "subtract": lambda u, v: u - v,
        "multiply": lambda u, v: u * v,
        "divide": lambda u, v: u / v,
        "power": lambda u, v: u**v,
        "negate": lambda u: -u,
        "exp": sp.exp,
        "log": sp.log,
        "sqrt": sp.sqrt,
        "sin": sp.sin,
        "cos": sp.cos,
        "tanh": sp.tanh,
        "abs": Magnitude,
        "max": lambda *us: reduce(Larger, us),
        "min": lambda *us: reduce(Smaller, us),
        "identity": lambda u: u,
        "sigmoid": lambda u: 1 / (1 + sp.exp(-u)),
        "relu": Rectified,
        "step": Jump,
    }
)

CONSTANTS: Mapping[str, sp.Expr] = MappingProxyType({"e": sp.E, "pi": sp.pi})


def expression(node: Node, symbols: Mapping[str, sp.Symbol]) -> sp.Expr:
    """The SymPy expression of a formula; `symbols` maps the text of each name."""
    made: list[sp.Expr] = []
    for part in walk(node):
        if isinstance(part, Number):
            made.append(sp.Rational(part.value.numerator, part.value.denominator))
        elif isinstance(part, Constant):
            made.append(CONSTANTS[part.name])
        elif isinstance(part, Apply):
            count = len(part.args)
            args = made[-count:]
            del made[-count:]
            made.append(SYMPY[part.operation](*args))
        else:
            made.append(symbols[str(part)])
    return made.pop()


def formula_of(node: Node, *, roles: tuple[str, ...] = ()) -> tuple[Formula, tuple[Name | Derivative, ...]]:
    """A text's formula, with one formal for each quantity that it reads, in order of appearance."""
    leaves = leaves_in(node)
    symbols = {str(leaf): sp.Symbol(str(leaf)) for leaf in leaves}
    return Formula(expression(node, symbols), tuple(symbols.values()), roles=roles, node=node), leaves
