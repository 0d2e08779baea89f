"""Functions that a graph leaves unspecified, and what takes their place where numbers are wanted.

    phi(z),  phi'(z) = d phi(z)/dz,  phi''(z) = d phi'(z)/dz

What is derived holds for every differentiable phi. It is verified with phi
standing in turn for three that have little in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from derive.assumptions import written
from derive.expressions import expression
from derive.formula import Scope, parse
from derive.formula.nodes import Node
from derive.whole_functions import P

FORMS: Mapping[str, str] = MappingProxyType(
    {"tanh": "tanh(z)", "softplus": "log(1 + exp(z))", "cubic": "{}*z^3 - {}*z^2 + {}*z"}
)
"""What a stand-in is, by name; its coefficients stand in the braces."""


@dataclass(frozen=True)
class StandIn:
    """One function of `FORMS`, with numbers for its coefficients."""

    name: str
    coefficients: tuple[Fraction, ...] = ()

    @property
    def node(self) -> Node:
        """Its formula in z."""
        text = FORMS[self.name].format(*(f"({written(number)})" for number in self.coefficients))
        return parse(text, Scope(names=frozenset({"z"})))

    @property
    def expr(self) -> sp.Expr:
        """The same as SymPy differentiates it."""
        return expression(self.node, {"z": P})
