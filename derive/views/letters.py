"""A derivation in the problem's letters.

dC/dw = dC/da da/dz dz/dw          each factor as a derivative
      = (a - y) a(1 - a) x         each factor's formula put in
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import sympy as sp

from derive.notation import total_sign, write, write_derivative, write_total
from derive.problem import Problem
from derive.steps import Step, Term
from derive.sweep import adjoint
from derive.views.reduction import OWN
from derive.views.routes import Factor, Route, Routes, Stage
from derive.writing.from_sympy import tree_of
from derive.writing.from_terms import tree_of_term, tree_of_terms
from derive.writing.tree import (
    PARTIAL,
    TOTAL,
    Frac,
    Num,
    Op,
    Row,
    Tree,
    bracketed,
    partial,
    plus,
    product,
)

Taken = Mapping[str, tuple[str, str]]
NONE: Taken = MappingProxyType({})


@dataclass(frozen=True)
class Letters:
    """How the quantities of one derivation are written.

    taken   the quantities that are themselves derivatives, for those of higher order: what of, and by what
    ends    what a derivative is asked by; any other is only met on the way
    sample  marks one sample's cost: "@i" in a batch, "@1" beside an L2 term, else ""
    marked  the costs that carry the mark
    each    marks all else that a sample has of its own, where a formula is of one of several
    routes  through the steps that are derived, for those of higher order
    """

    problem: Problem
    taken: Taken = field(default_factory=lambda: NONE)
    ends: tuple[str, ...] = ()
    sample: str = ""
    marked: frozenset[str] = frozenset()
    each: str = ""
    routes: Routes | None = None

    def key(self, key: str) -> str:
        """The key by which a quantity is printed."""
        if key in self.marked:
            return key + self.sample
        return key + self.each if self.each and OWN.fullmatch(key) else key

    def quantity(self, key: str) -> Tree:
        """A quantity's letter; of one that is a derivative the fraction."""
        return self.total(*self.taken[key]) if key in self.taken else write(self.problem, self.key(key))

    def slope(self, of: str, by: str) -> Tree:
        """The slope of one step: ∂of/∂by"""
        if of in self.taken:
            return self._nested(of, by)
        return write_derivative(self.problem, self.key(of), self.key(by))

    def total(self, of: str, by: str) -> Tree:
        """The derivative over all routes; ∂²C/∂w∂v where all that it is by was asked for.

        Where a step reads a quantity itself and through others, ∂ is kept for its slope.
        """
        if of not in self.taken:
            return write_total(self.problem, self.key(of), self.key(by))
        first, names = of, [by]
        while first in self.taken:
            first, name = self.taken[first]
            names.insert(0, name)
        both = self.routes is not None and self.routes.reads_both(of, by)
        sign = TOTAL if both else total_sign(self.problem)
        if set(names) <= set(self.ends):
            return derivative_tree(self.problem, self.key(first), list(map(self.key, names)), sign)
        return self._nested(of, by, sign)

    def _nested(self, of: str, by: str, sign: Op = PARTIAL) -> Tree:
        """∂(∂C/∂w)/∂a, with strokes inside, where bars would be too small to read."""
        return Frac(Row((sign, self._stroked(of))), Row((sign, self._stroked(by))))

    def _stroked(self, key: str) -> Tree:
        tree = self.quantity(key)
        return bracketed(Row((tree.over, Op("/"), tree.under))) if isinstance(tree, Frac) else tree

    # -- the chain rule ----------------------------------------------------------------------------

    def chain(self, stage: Stage) -> Tree:
        """The chain rule with each factor as a derivative."""
        return plus(*(self._factors(stage, route) for route in stage.routes))

    def _factors(self, stage: Stage, route: Route) -> Tree:
        head = [self.total(stage.of, route.head)] if route.head else []
        return product(*head, *(self.slope(factor.of, factor.by) for factor in route.factors), sign="·")

    def formula(self, factor: Factor) -> Tree:
        """A factor's formula."""
        return tree_of_terms(factor.slopes, self.quantity)

    def term(self, term: Term) -> Tree:
        """One term of a slope."""
        return tree_of_term(term, self.quantity)

    def step(self, step: Step) -> Tree:
        """What a step comes to: the sum of its terms."""
        return plus(*map(self.term, step.terms)) if step.terms else Num("0")

    def substituted(self, stage: Stage) -> Tree:
        """The chain rule with each factor's formula put in; a factor 1 is not written."""
        return plus(*(self._put_in(stage, route) for route in stage.routes))

    def simplified(self, stage: Stage) -> Tree | None:
        """What that comes to, where something cancels: (a − y) x; None where nothing does."""
        if not stage.is_shorter:
            return None
        heads = {adjoint(stage.of, route.head): route.head for route in stage.routes if route.head}

        def letter(symbol: sp.Symbol) -> Tree:
            head = heads.get(symbol.name)
            return self.total(stage.of, head) if head else self.quantity(symbol.name)

        return tree_of(numbers_apart(stage.expression), letter)

    def _put_in(self, stage: Stage, route: Route) -> Tree:
        factors = [self.total(stage.of, route.head)] if route.head else []
        factors += [tree for tree in map(self.formula, route.factors) if tree != Num("1")]
        return product(*factors, sign="·") if factors else Num("1")


def numbers_apart(expr: sp.Expr) -> sp.Expr:
    """The expression with the number that all terms of a factor share before it: 2x(a - y).

    SymPy multiplies it out, x(2a - 2y); of what comes back nothing is to be computed on.
    """
    if isinstance(expr, sp.Add):
        terms = [numbers_apart(term) for term in expr.args]
        return expr if terms == list(expr.args) else sp.Add(*terms, evaluate=False)
    apart = [factor.primitive() if factor.is_Add else (sp.S.One, factor) for factor in sp.Mul.make_args(expr)]
    number = sp.Mul(*(own for own, _ in apart))
    if number == 1:
        return expr
    coefficient, rest = sp.Mul(number, *(f for _, f in apart if f.is_Rational)), [f for _, f in apart]
    return sp.Mul(coefficient, *(f for f in rest if not f.is_Rational), evaluate=False)


def derivative_tree(problem: Problem, of: str, by: Sequence[str], sign: Op = PARTIAL) -> Tree:
    """∂C/∂w, or ∂²C/∂w∂v by several in turn; with d in place of ∂ where that is the sign."""
    if len(by) == 1:
        return write_total(problem, of, *by)
    return partial(write(problem, of), *(write(problem, key) for key in by), sign=sign)
