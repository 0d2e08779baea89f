"""Activations and costs: everything that is true of a rule is one row here.

SymPy differentiates `phi` and `part`. What a row states as its usual slope is
what books print; nobody believes it before `expressions.prove` did. The
numbers' side keeps its own table of slopes, written by hand, and the two meet
only in the tests and in the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula, expression
from derive.formula.nodes import Node

Z, A, Y, K = sp.symbols("z a y K")


@dataclass(frozen=True, kw_only=True)
class Kink:
    """A point where the derivative does not exist, and the value that convention gives it."""

    at: int
    slope: int


@dataclass(frozen=True, kw_only=True)
class Form:
    """The derivative rewritten, on its way to the usual form; shown only after it was proved.

    expr     in z and a; factors that are to stand apart in an unevaluated product
    because  what is done
    since    both sides of an identity that it rests on, proved likewise
    """

    expr: sp.Expr
    because: str
    since: tuple[sp.Expr, sp.Expr] | None = None


@dataclass(frozen=True, kw_only=True)
class Activation:
    """a = phi(z).

    phi      of a unit's own weighted input and of those of its whole layer
    usual    phi' as books print it, in z and a: by the unit's own z
    cross    the same by another unit's z, where `couples`; its activation is Y here
    forms    of phi' by the unit's own z, from SymPy's to the usual one, in this order
    couples  whether each unit reads the whole layer (softmax)
    letter   how the function is written: a Greek name or a word
    domain   the z at which phi is defined; `kinks` where phi' is a convention
    range    the values that phi takes, or None where phi is not known
    limits   of phi as z goes to -oo and to oo, the other units' z held fixed, or None likewise
    node     the author's text, for a formula rule
    """

    name: str
    letter: str
    phi: Callable[[sp.Expr, tuple[sp.Expr, ...]], sp.Expr]
    source: str
    usual: sp.Expr | None = None
    cross: sp.Expr | None = None
    forms: tuple[Form, ...] = ()
    couples: bool = False
    kinks: tuple[Kink, ...] = ()
    domain: sp.Set = sp.S.Reals
    range: sp.Set | None = None
    limits: tuple[sp.Expr, sp.Expr] | None = None
    node: Node | None = None

    def formula(self, units: int) -> Formula:
        """phi for the first of `units` units; the others follow in the formals when it couples."""
        return _activation_formula(self, units if self.couples else 1)


@cache
def _activation_formula(rule: Activation, units: int) -> Formula:
    zs = (Z, *sp.symbols(f"z_2:{units + 1}"))
    results = (A, *sp.symbols(f"a_2:{units + 1}"))
    cross = (None if rule.cross is None else rule.cross.subs(Y, other) for other in results[1:])
    return Formula(
        rule.phi(Z, zs), zs, results, (rule.usual, *cross), ("activation",) * units, node=rule.node
    )


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The cost of one sample is the sum of `part` over the K outputs.

    part     of an activation a, its target y and K
    usual    d part / da as books print it
    forms    of it, from SymPy's to the usual one, in this order
    outputs  the a at which it is defined; `targets` what it assumes of y
    shown_targets  some y that it is drawn and measured for
    """

    name: str
    part: sp.Expr
    source: str
    usual: sp.Expr | None = None
    forms: tuple[Form, ...] = ()
    outputs: sp.Set = sp.S.Reals
    targets: str = "any number"
    shown_targets: tuple[int, ...] = (0, 1)
    node: Node | None = None

    @property
    def formula(self) -> Formula:
        return _cost_formula(self)


@cache
def _cost_formula(rule: Cost) -> Formula:
    formals = (A, Y, K) if rule.part.has(K) else (A, Y)
    usual = (rule.usual, *(None,) * (len(formals) - 1))
    roles = ("cost", "cost", "cost")[: len(formals)]
    return Formula(rule.part, formals, usual=usual, roles=roles, node=rule.node)


def _twice(difference: sp.Expr) -> sp.Expr:
    # SymPy would multiply 2(a - y) out to 2a - 2y, which no book prints.
    return sp.Mul(2, difference, evaluate=False)


def _apart(*factors: sp.Expr) -> sp.Expr:
    # SymPy would multiply the two fractions to one.
    return sp.Mul(*factors, evaluate=False)


E = sp.exp(-Z)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Activation(
                name="identity",
                letter="id",
                phi=lambda z, _: z,
                usual=sp.Integer(1),
                range=sp.S.Reals,
                limits=(-sp.oo, sp.oo),
                source="Goodfellow et al. (2016), sec. 6.2.2.1",
            ),
            Activation(
                name="sigmoid",
                letter="sigma",
                phi=lambda z, _: 1 / (1 + sp.exp(-z)),
                usual=A * (1 - A),
                forms=(
                    Form(expr=_apart(1 / (1 + E), E / (1 + E)), because="as two factors"),
                    Form(
                        expr=A * (1 - A),
                        because="in terms of the function itself",
                        since=(1 - A, E / (1 + E)),
                    ),
                ),
                range=sp.Interval.open(0, 1),
                limits=(sp.S.Zero, sp.S.One),
                source="Nielsen (2015), ch. 1, eq. 3",
            ),
            Activation(
                name="tanh",
                letter="tanh",
                phi=lambda z, _: sp.tanh(z),
                usual=1 - A**2,
                forms=(Form(expr=1 - ((sp.exp(Z) - E) / (sp.exp(Z) + E)) ** 2, because="divided out"),),
                range=sp.Interval.open(-1, 1),
                limits=(sp.S.NegativeOne, sp.S.One),
                source="Goodfellow et al. (2016), sec. 6.3.2",
            ),
            Activation(
                name="relu",
                letter="relu",
                # sp.Max would give slope 1/2 at 0
                phi=lambda z, _: sp.Piecewise((z, z > 0), (0, True)),
                kinks=(Kink(at=0, slope=0),),
                range=sp.Interval(0, sp.oo),
                limits=(sp.S.Zero, sp.oo),
                source="Goodfellow et al. (2016), sec. 6.3.1",
            ),
            Activation(
                name="softmax",
                letter="softmax",
                phi=lambda z, layer: sp.exp(z) / sp.Add(*(sp.exp(u) for u in layer)),
                usual=A * (1 - A),
                cross=-A * Y,
                forms=(Form(expr=A - A**2, because="divided out"),),
                couples=True,
                range=sp.Interval.open(0, 1),
                limits=(sp.S.Zero, sp.S.One),
                source="Goodfellow et al. (2016), sec. 6.2.2.3",
            ),
            Activation(
                name="step",
                letter="step",
                phi=lambda z, _: sp.Piecewise((1, z > 0), (0, True)),
                kinks=(Kink(at=0, slope=0),),
                range=sp.FiniteSet(0, 1),
                limits=(sp.S.Zero, sp.S.One),
                source="Rosenblatt (1958); slope 0 wherever it exists",
            ),
            Activation(
                name="general",
                letter="phi",
                phi=lambda z, _: sp.Function("phi")(z),
                source="an unspecified differentiable function",
            ),
        )
    }
)

COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Cost(
                name="half_squared_error",
                part=(Y - A) ** 2 / 2,
                usual=A - Y,
                source="Nielsen (2015), ch. 1, eq. 6",
            ),
            Cost(
                name="squared_error",
                part=(Y - A) ** 2,
                usual=_twice(A - Y),
                source="Bishop (2006), sec. 1.1",
            ),
            Cost(
                name="mean_squared_error",
                part=(Y - A) ** 2 / K,
                usual=sp.Mul(2, A - Y, 1 / K, evaluate=False),
                source="Goodfellow et al. (2016), sec. 5.1.4",
            ),
            Cost(
                name="binary_cross_entropy",
                part=-Y * sp.log(A) - (1 - Y) * sp.log(1 - A),
                usual=(A - Y) / (A * (1 - A)),
                outputs=sp.Interval.open(0, 1),
                targets="0 <= y <= 1",
                source="Nielsen (2015), ch. 3, eq. 57",
            ),
            Cost(
                name="cross_entropy",
                part=-Y * sp.log(A),
                usual=-Y / A,
                outputs=sp.Interval.Lopen(0, 1),
                targets="y >= 0 with sum 1",
                source="Goodfellow et al. (2016), sec. 6.2.2.3",
            ),
        )
    }
)


def activation_of(node: Node) -> Activation:
    """A rule from a formula in z: `z/(1 + abs(z))`."""
    return Activation(
        name="formula",
        letter="phi",
        phi=lambda z, _: expression(node, {"z": z}),
        source="the problem's own formula",
        node=node,
    )


def cost_of(node: Node) -> Cost:
    """A rule from a formula of one output in a and y: `(y - a)^2`."""
    return Cost(
        name="formula",
        part=expression(node, {"a": A, "y": Y}),
        source="the problem's own formula",
        node=node,
    )
