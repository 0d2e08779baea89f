"""Derivations by the chain rule, as a textbook prints them.

    dC/dq = sum over routes of  dC/ds * ... * (slope) * (slope)

A route follows a quantity while only one step reads it. Where several do, it
stops: the derivative by that quantity is a stage of its own, derived once and
used by all that lies below it. So a derivation stays as short as the network
is deep, and every factor is a formula in quantities that have names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import sympy as sp

from derive.errors import AnswerError
from derive.notation import write, write_derivative, write_total
from derive.problem import Graph, Network, Problem
from derive.quantities import Quantity, read
from derive.steps import Program, Term, one_sample
from derive.sweep import slopes_of
from derive.writing.from_sympy import tree_of
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.tree import Ident, Num, Tree, equals, plus, product, quotient, summed


@dataclass(frozen=True, slots=True)
class Factor:
    """One local slope of a route: d of / d by, with its formula.

    slopes  terms whose sum it is; more than one where a step reads the quantity several times
    role    what the page calls it: cost, activation, weight, input, ...
    """

    of: str
    by: str
    slopes: tuple[Term, ...]
    role: str

    @property
    def expression(self) -> sp.Expr:
        """The slope as SymPy holds it, in symbols named by the quantities' keys."""
        return sp.Add(*(_named(term) for term in self.slopes))


@dataclass(frozen=True, slots=True)
class Route:
    """A product of slopes, from the cost down to the quantity.

    head  the quantity with a stage of its own at which the route begins; None: at the cost
    """

    head: str | None
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """d of / d by as a sum over routes; no route: the derivative is 0."""

    of: str
    by: str
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation: lhs = rhs, because of a named rule."""

    lhs: Tree
    rhs: Tree
    because: str

    @property
    def latex(self) -> str:
        return latex(equals(self.lhs, self.rhs))

    def __str__(self) -> str:
        return f"{plain(equals(self.lhs, self.rhs))}    ({self.because})"


def _named(term: Term) -> sp.Expr:
    names = dict(zip(term.formula.formals, map(sp.Symbol, term.args), strict=True))
    return term.formula.expr.xreplace(names)


@dataclass(frozen=True, eq=False)
class Derivation:
    """Every derivative of a problem, on request.

    With several samples it is one sample's cost that is derived; `total` adds
    the samples and the L2 term.

    by_use  the steps read each use of a shared parameter by its own name, so
            that one use's share can be derived
    """

    problem: Problem
    by_use: bool = False
    _ancestors: dict[str, set[str]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def program(self) -> Program:
        """The steps that are derived: those of one sample."""
        return one_sample(self.problem, by_use=self.by_use)

    @property
    def batched(self) -> bool:
        """Whether the cost is a sum over several samples, each derived alike."""
        return len(self.problem.x) > 1

    def __getitem__(self, name: str) -> Gradient:
        """The derivation of a derivative, by any of its names. Raises AnswerError for other names."""
        quantity = read(self.problem, name)
        if len(quantity.by) != 1:
            raise AnswerError(f"'{name}' is no first derivative; one is dC/dw1[1,1]")
        return self.gradient(quantity.of, quantity.by[0])

    def __iter__(self) -> Iterator[Gradient]:
        """The gradients: each objective by each parameter or given name."""
        for of in self.problem.objectives:
            for by in self.problem.wrt:
                yield self.gradient(of, by)

    def gradient(self, of: str, by: str) -> Gradient:
        """The derivation of d of / d by, both keys of the whole problem."""
        parameter = self.problem.parameter.get(by)
        one_use = parameter is not None and parameter.key != by
        return Gradient(replace(self, by_use=True) if one_use else self, Quantity(of, (by,)))

    def stage(self, of: str, by: str) -> Stage:
        """d of / d by as a sum over routes, each up to the next stage."""
        behind = self._behind(of)
        routes = (self._route(of, by, user, behind) for user in self.program.users(by) if user in behind)
        return Stage(of, by, tuple(routes))

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

    def factor(self, of: str, by: str) -> Factor:
        """The local slope of one step by a quantity that it reads."""
        found = list(slopes_of(self.program, of, by))
        role = found[0][0].term.formula.role(found[0][0].position)
        return Factor(of, by, tuple(term for _, term in found), role)

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

    def letter(self, key: str) -> str:
        """The key by which a step is printed: one sample's cost is C@i in a batch, C@1 beside an L2 term."""
        body = self.problem.body
        if isinstance(body, Graph) or not key.startswith("C"):
            return key
        return f"{key}@i" if self.batched else f"{key}@1" if key == "C" and body.l2 else key


def _heads(stage: Stage) -> Iterator[str]:
    return (route.head for route in stage.routes if route.head)


@dataclass(frozen=True, eq=False)
class Gradient:
    """The derivation of one derivative: its steps, factors, routes, expression and LaTeX."""

    derivation: Derivation
    quantity: Quantity

    @property
    def of(self) -> str:
        return self.quantity.of if self.apart else _unsampled(self.quantity.of)

    @property
    def by(self) -> str:
        return self.quantity.by[0] if self.apart else _unsampled(self.quantity.by[0])

    @cached_property
    def apart(self) -> bool:
        """Whether the two belong to different samples, so that neither is computed from the other."""
        problem, (by,) = self.derivation.problem, self.quantity.by
        if isinstance(problem.body, Graph) or by in problem.parameter:
            return False
        of, _, sample = self.quantity.of.partition("@")
        whole = of.startswith("C") and (not sample or not self.derivation.batched)
        return _suffix(by) not in (problem.samples if whole else (_suffix(self.quantity.of),))

    @cached_property
    def stage(self) -> Stage:
        """The derivative itself, up to the next stage above it."""
        return self.derivation.stage(self.of, self.by)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage it rests on, from the cost down, itself last."""
        return self.derivation.stages(self.of, self.by)

    @property
    def routes(self) -> tuple[Route, ...]:
        return self.stage.routes

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of all routes, each once."""
        return tuple(dict.fromkeys(factor for route in self.routes for factor in route.factors))

    @property
    def expression(self) -> sp.Expr:
        """The derivative in named quantities; one with a stage of its own stands as d of/d it."""
        return sp.Add(*(self._product(route) for route in self.routes), int(self.of == self.by))

    def _product(self, route: Route) -> sp.Expr:
        head = [sp.Symbol(f"d{self.of}/d{route.head}")] if route.head else []
        return sp.Mul(*head, *(factor.expression for factor in route.factors))

    @cached_property
    def steps(self) -> tuple[Line, ...]:
        """The derivation line by line, from the cost down to this derivative."""
        return tuple(line for stage in self.stages for line in self._lines(stage)) + self.total

    def _lines(self, derived: Stage) -> Iterator[Line]:
        show, stage = self.derivation.problem, self._lettered(derived)
        lhs = write_total(show, stage.of, stage.by)
        because = "sum over routes" if len(stage.routes) > 1 else "chain rule"
        if not stage.routes:
            itself = stage.of == stage.by
            yield Line(lhs, Num("1" if itself else "0"), "itself" if itself else "independent")
            return
        yield Line(lhs, chain(show, stage), because)
        for factor in dict.fromkeys(factor for route in stage.routes for factor in route.factors):
            yield Line(
                write_derivative(show, factor.of, factor.by), slope(show, factor), REASONS[factor.role]
            )
        yield Line(lhs, substituted(show, stage), "substitution")

    def _lettered(self, stage: Stage) -> Stage:
        """The same stage in the letters that it is printed in."""
        if self.apart or self.of == self.by:
            return stage
        letter = self.derivation.letter
        routes = (
            replace(route, factors=tuple(replace(factor, of=letter(factor.of)) for factor in route.factors))
            for route in stage.routes
        )
        return Stage(letter(stage.of), letter(stage.by), tuple(routes))

    @property
    def total(self) -> tuple[Line, ...]:
        """The line that adds the samples and the L2 term; none where there is nothing to add."""
        problem, body = self.derivation.problem, self.derivation.problem.body
        of, (by,) = self.quantity.of, self.quantity.by
        if isinstance(body, Graph) or "@" in of or self._lettered(self.stage).of == of:
            return ()
        terms = [_over_samples(problem, body, of, by)]
        parameter = problem.parameter.get(by)
        # The L2 term holds the shared weight itself, not its uses.
        if body.l2 and of == "C" and parameter and parameter.is_weight and by == parameter.key:
            terms.append(_decay(problem, by))
        because = "derivative of a sum" if self.derivation.batched else "the cost has an L2 term"
        return (Line(write_total(problem, of, by), plus(*terms), because),)

    @property
    def latex(self) -> str:
        """The chain rule and what it comes to, as one LaTeX formula."""
        show, stage = self.derivation.problem, self._lettered(self.stage)
        lhs = write_total(show, stage.of, stage.by)
        if not stage.routes:
            return latex(equals(lhs, Num("1" if stage.of == stage.by else "0")))
        return latex(equals(lhs, chain(show, stage), substituted(show, stage)))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def __str__(self) -> str:
        return "\n".join(map(str, self.steps))


REASONS = {
    "cost": "derivative of the cost",
    "activation": "derivative of the activation",
    "weight": "the weighted input is linear in the activation",
    "input": "the weighted input is linear in the weight",
    "local": "derivative of the step",
    "parameter": "derivative by a parameter of the rule",
    "upstream": "gradient from upstream",
}


def chain(problem: Problem, stage: Stage) -> Tree:
    """The chain rule with each factor as a derivative."""
    return plus(
        *(
            product(
                *([write_total(problem, stage.of, route.head)] if route.head else []),
                *(write_derivative(problem, factor.of, factor.by) for factor in route.factors),
                sign="·",
            )
            for route in stage.routes
        )
    )


def slope(problem: Problem, factor: Factor) -> Tree:
    """A factor's formula in the problem's letters."""
    return plus(*(slope_tree(problem, term) for term in factor.slopes))


def slope_tree(problem: Problem, term: Term) -> Tree:
    """One term of a slope in the problem's letters."""
    letters = {
        formal: write(problem, arg) for formal, arg in zip(term.formula.formals, term.args, strict=True)
    }
    return tree_of(term.formula.expr, letters.__getitem__)


def substituted(problem: Problem, stage: Stage) -> Tree:
    """The chain rule with each factor's formula put in; a factor 1 is not written."""
    routes = []
    for route in stage.routes:
        factors = [write_total(problem, stage.of, route.head)] if route.head else []
        factors += [tree for tree in (slope(problem, factor) for factor in route.factors) if tree != Num("1")]
        routes.append(product(*factors, sign="·") if factors else Num("1"))
    return plus(*routes)


def _unsampled(key: str) -> str:
    return key.partition("@")[0]


def _suffix(key: str) -> str:
    return key.removeprefix(_unsampled(key))


def _over_samples(problem: Problem, network: Network, of: str, by: str) -> Tree:
    """(1/n) Σ_i ∂C_i/∂w, of which one sample's own quantity has one term: (1/n) ∂C_3/∂z_3"""
    only = by if by not in problem.parameter else problem.samples[0] if len(problem.x) == 1 else None
    if only is None:
        total: Tree = summed(write_total(problem, f"{of}@i", by), Ident("i"))
    else:
        total = write_total(problem, f"{of}{_suffix(only) or '@1'}", by)
    mean = network.reduction == "mean" and len(problem.x) > 1
    return product(quotient(Num("1"), Ident("n")), total) if mean else total


def _decay(problem: Problem, by: str) -> Tree:
    """(λ/n) w"""
    return product(quotient(write(problem, "lambda"), write(problem, "n")), write(problem, by))


def derive_gradient(problem: Problem) -> Derivation:
    """The derivation of every gradient of a problem; nothing is computed before it is asked for."""
    return Derivation(problem)
