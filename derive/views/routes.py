"""The chain rule along routes.

    dC/dq = sum over routes of  dC/ds * ... * (slope) * (slope)

A route follows a quantity while only one step reads it. Where several do, it
stops: the derivative by that quantity is a stage of its own, derived once and
used by all that lies below it. So a derivation stays as short as the network
is deep, and every factor is a formula in quantities that have names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import sympy as sp

from derive.expressions import added, at, holds
from derive.steps import Program, Term, Use
from derive.sweep import adjoint, slopes_of


@dataclass(frozen=True)
class Factor:
    """One local slope of a route: d of / d by, with its formula.

    slopes  terms whose sum it is; more than one where a step reads the quantity several times
    role    what the page calls it: cost, activation, weight, input, ...
    uses    where the step reads the quantity, use by use
    """

    of: str
    by: str
    slopes: tuple[Term, ...]
    role: str
    uses: tuple[Use, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def expression(self) -> sp.Expr:
        """The slope as SymPy holds it, in symbols named by the quantities' keys."""
        return added([at(term.formula, [sp.Symbol(key) for key in term.args]) for term in self.slopes])

    @property
    def proved(self) -> bool:
        """Whether the formula is proved equal to SymPy's own derivative of the step."""
        return all(holds(use.term.formula, use.position) for use in self.uses)


@dataclass(frozen=True, slots=True)
class Route:
    """A product of slopes, from the cost down to the quantity.

    head  the quantity with a stage of its own at which the route begins; None: at the cost
    """

    head: str | None
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """d of / d by as a sum over routes; no route: the derivative is 0, or 1 by itself."""

    of: str
    by: str
    routes: tuple[Route, ...]

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of all routes, each once."""
        return tuple(dict.fromkeys(factor for route in self.routes for factor in route.factors))

    @property
    def expression(self) -> sp.Expr:
        """The derivative in named quantities; one with a stage of its own stands as d of/d it."""
        terms = [self._product(route) for route in self.routes]
        return added([*terms, sp.S.One] if self.of == self.by else terms)

    @property
    def is_shorter(self) -> bool:
        """Whether SymPy puts together what the factors write out: (a - y)/(a(1 - a)) a(1 - a)."""
        written = sum(factor.expression.count_ops() for route in self.routes for factor in route.factors)
        signs = sum(len(route.factors) - (route.head is None) for route in self.routes) + len(self.routes) - 1
        units = sum(factor.expression == 1 for route in self.routes for factor in route.factors)
        return bool(self.expression.count_ops() < written + signs - units)

    def _product(self, route: Route) -> sp.Expr:
        head = [sp.Symbol(adjoint(self.of, route.head))] if route.head else []
        return sp.Mul(*head, *(factor.expression for factor in route.factors))


@dataclass(frozen=True, eq=False)
class Routes:
    """The routes through a list of steps, found when they are asked for."""

    program: Program
    _ancestors: dict[str, set[str]] = field(default_factory=dict, init=False, repr=False)
    _known: dict[tuple[str, str], Factor] = field(default_factory=dict, init=False, repr=False)

    def stage(self, of: str, by: str) -> Stage:
        """d of / d by as a sum over routes, each up to the next stage."""
        behind = self._behind(of)
        routes = (self._route(of, by, user, behind) for user in self.program.users(by) if user in behind)
        return Stage(of, by, tuple(routes))

    def paths(self, of: str, by: str) -> Iterator[tuple[Factor, ...]]:
        """Every way from a quantity to another without a stop, its slopes from the top down, one at a time.

        There may be as many as the widths of all layers between multiplied.
        """
        behind = self._behind(of)
        for user in self.program.users(by):
            if user == of:
                yield (self.factor(of, by),)
            elif user in behind:
                slope = self.factor(user, by)
                yield from ((*above, slope) for above in self.paths(of, user))

    def _behind(self, of: str) -> set[str]:
        """What a quantity is computed from, found once for each."""
        if of not in self._ancestors:
            self._ancestors[of] = self.program.before((of,))
        return self._ancestors[of]

    def _route(self, of: str, by: str, user: str, behind: set[str]) -> Route:
        path = [by, user]
        while path[-1] != of:
            users = [key for key in self.program.users(path[-1]) if key in behind]
            if len(users) != 1:
                break
            path.append(users[0])
        factors = tuple(self.factor(upper, lower) for lower, upper in pairwise(path))
        return Route(None if path[-1] == of else path[-1], factors[::-1])

    def reads_both(self, of: str, by: str) -> bool:
        """Whether a step reads a quantity itself and through others: its slope is not the derivative."""
        users = [user for user in self.program.users(by) if user in self._behind(of)]
        return of in users and len(users) > 1

    def factor(self, of: str, by: str) -> Factor:
        """The local slope of one step by a quantity that it reads, found once for each."""
        if (of, by) not in self._known:
            found = list(slopes_of(self.program, of, by))
            role = found[0][0].term.formula.role(found[0][0].position)
            uses, slopes = zip(*found, strict=True)
            self._known[of, by] = Factor(of, by, slopes, role, uses)
        return self._known[of, by]

    def stages(self, of: str, by: str) -> tuple[Stage, ...]:
        """All stages that d of / d by rests on, from the cost down; itself last."""
        order: dict[str, Stage] = {}
        last = self.stage(of, by)
        waiting = [(last, _heads(last))]
        while waiting:
            stage, heads = waiting[-1]
            head = next(heads, None)
            if head is None:
                order[stage.by] = stage
                waiting.pop()
            elif head not in order:
                above = self.stage(of, head)
                waiting.append((above, _heads(above)))
        return tuple(order.values())


def _heads(stage: Stage) -> Iterator[str]:
    return (route.head for route in stage.routes if route.head)
