"""The derivations of a problem, and each of them in the views that tell it.

derivation["dC/dw1[2,1]"].steps         line by line, from the cost down
derivation["dC/dw1[2,1]"].view("closed").expression
derivation["d2C/dw1[1,1]dw2[1,2]"]      a derivative of a derivative, in the same way
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from derive.errors import AnswerError, did_you_mean
from derive.notation import total_sign
from derive.problem import Problem
from derive.quantities import Quantity, read
from derive.steps import Program, one_sample
from derive.sweep import adjoints
from derive.views.closed import MOST_OPERATIONS, ClosedForm
from derive.views.hessian import Hessian
from derive.views.higher import Swept
from derive.views.layers import LayerView
from derive.views.letters import NONE, Letters, derivative_tree
from derive.views.lines import WIDTH, Line, Shown, View, aligned
from derive.views.listing import listed, listed_latex
from derive.views.reduction import Reduction, of_sample, unsampled
from derive.views.routes import Factor, Route, Routes, Stage
from derive.views.telling import REASONS, definitions, in_letters, put_in, telling
from derive.views.whole import ArrayGradient
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.tree import TOTAL, Num, Op, Tree, equals

__all__ = [
    "REASONS",
    "VIEWS",
    "Derivation",
    "Factor",
    "Gradient",
    "Line",
    "Route",
    "Stage",
    "derive_gradient",
    "slope",
    "substituted",
]


@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Shown):
    """Every derivative of a problem, on request.

    With several samples it is one sample's cost that is derived; `total` adds
    the samples and the L2 term.

    by_use  the steps read each use of a shared parameter by its own name, so
            that one use's share can be derived
    """

    problem: Problem
    by_use: bool = False
    _swept: dict[tuple[str, ...], Swept] = field(default_factory=dict, init=False, repr=False)
    _read: dict[str, Gradient] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def program(self) -> Program:
        """The steps that are derived: those of one sample."""
        return one_sample(self.problem, by_use=self.by_use)

    @cached_property
    def routes(self) -> Routes:
        """The routes through these steps."""
        return Routes(self.program)

    @cached_property
    def uses(self) -> Derivation:
        """The derivation that tells the uses of a shared parameter apart."""
        return self if self.by_use else replace(self, by_use=True)

    @property
    def batched(self) -> bool:
        """Whether the cost is a sum over several samples, each derived alike."""
        return len(self.problem.x) > 1

    def __getitem__(self, name: str) -> Gradient | ArrayGradient:
        """The derivation of a derivative, by any of its names; of dC/dW1 the equation in matrices.

        Raises AnswerError for other names.
        """
        if not isinstance(name, str):
            raise AnswerError(f"{name!r} is no name of a derivative; one is dC/dw1[1,1]")
        if name not in self._read:
            try:
                quantity = read(self.problem, name)
            except AnswerError:
                whole = ArrayGradient.named(self.problem, name)
                if whole is None:
                    raise
                return whole
            if not quantity.by:
                raise AnswerError(f"'{name}' is no derivative; one is dC/dw1[1,1]")
            self._read[name] = self.gradient(quantity.of, *quantity.by)
        return self._read[name]

    def __iter__(self) -> Iterator[Gradient]:
        """The gradients: each objective by each parameter or given name."""
        for of in self.problem.objectives:
            for by in self.problem.wrt:
                yield self.gradient(of, by)

    def __len__(self) -> int:
        return len(self.problem.objectives) * len(self.problem.wrt)

    def __repr__(self) -> str:
        return f"<derivation of {self.problem.name or 'a problem'}: {len(self):,} gradients>"

    def __bool__(self) -> bool:
        """A derivation of no gradient is still one: of a forward pass, say."""
        return True

    def gradient(self, of: str, *by: str) -> Gradient:
        """The derivation of the derivative of `of` by each of `by` in turn, all keys of the whole problem."""
        parameters = ((key, self.problem.parameter.get(key)) for key in by)
        one_use = any(parameter is not None and parameter.key != key for key, parameter in parameters)
        return Gradient(self.uses if one_use else self, Quantity(of, by))

    def hessian(self, of: str = "", wrt: Collection[str] = ()) -> Hessian:
        """The matrix of second derivatives, of the cost and by all parameters unless others are named."""
        objective = read(self.problem, of).of if of else next(iter(self.problem.objectives), "")
        if not objective:
            raise AnswerError("this problem has no cost; name what is to be differentiated: hessian('a1[1]')")
        keys = tuple(read(self.problem, name).of for name in wrt) or self.problem.wrt
        return Hessian(self, objective, keys)

    def swept(self, of: str, by: tuple[str, ...]) -> Swept:
        """The steps with those of a derivative of `of` by each of `by`, swept once for each."""
        if not by:
            return Swept(self.routes, of)
        if (of, *by) not in self._swept:
            self._swept[of, *by] = self.swept(of, by[:-1]).by(by[-1])
        return self._swept[of, *by]

    def shared(self) -> dict[str, sp.Expr]:
        """Every derivative of the sweep, each in terms of those above it: the shortest form of them all."""
        of_each = (adjoints(self.program, of, self.problem.wrt) for of in self.problem.objectives)
        return {key: expr for found in of_each for key, expr in found}

    def stage(self, of: str, by: str) -> Stage:
        """d of / d by as a sum over routes, each up to the next stage."""
        return self.routes.stage(of, by)

    def factor(self, of: str, by: str) -> Factor:
        """The local slope of one step by a quantity that it reads."""
        return self.routes.factor(of, by)

    def text(self, width: int = WIDTH) -> str:
        return listed(self, width)

    @property
    def latex(self) -> str:
        """The gradients below one another, the first of many."""
        return listed_latex(self)


@dataclass(frozen=True, eq=False, repr=False)
class Gradient(Shown):
    """One derivative along the routes of the chain rule: its steps, factors, routes, expression and LaTeX.

    That is its "chain" view; `view` gives it in another one.
    """

    derivation: Derivation
    quantity: Quantity

    @property
    def problem(self) -> Problem:
        return self.derivation.problem

    @property
    def order(self) -> int:
        """2 for a second derivative."""
        return len(self.quantity.by)

    @cached_property
    def reduction(self) -> Reduction:
        """How the whole cost's derivative comes from that of one sample, which is derived."""
        return Reduction(self.problem, self.quantity.of, self.quantity.by)

    @cached_property
    def apart(self) -> bool:
        """Whether the quantities belong to different samples, so that the derivative is 0."""
        return self.reduction.apart

    @cached_property
    def swept(self) -> Swept:
        """The steps with what the last derivative is taken of among them."""
        of, *by = (unsampled(key) for key in (self.quantity.of, *self.quantity.by[:-1]))
        return self.derivation.swept(of, tuple(by))

    @property
    def of(self) -> str:
        """The key of what is differentiated; in a higher order of the derivative below it."""
        return self.quantity.of if self.apart else self.swept.key

    @property
    def by(self) -> str:
        """The key of what it is differentiated by, at last."""
        return self.quantity.by[-1] if self.apart else unsampled(self.quantity.by[-1])

    @cached_property
    def stage(self) -> Stage:
        """The derivative itself, up to the next stage above it."""
        return Stage(self.of, self.by, ()) if self.apart else self.swept.routes.stage(self.of, self.by)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage it rests on, from the cost down, itself last."""
        return (self.stage,) if self.apart else self.swept.routes.stages(self.of, self.by)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes down from the cost, or from the nearest quantity with a stage of its own."""
        return self.stage.routes

    @property
    def paths(self) -> Iterator[tuple[Factor, ...]]:
        """Every route all the way from the cost, as its slopes in order; made one at a time."""
        return iter(()) if self.apart else self.swept.routes.paths(self.of, self.by)

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of all routes, each once."""
        return self.stage.factors

    @cached_property
    def expression(self) -> sp.Expr:
        """The derivative in named quantities; one with a stage of its own stands as d of/d it.

        Of a batch each sample's quantities are symbols of their own: a2[1]@3, dC@3/da1[2]@3.
        """
        one, reduction = self.stage.expression, self.reduction
        if not self.total:
            return of_sample(one, reduction.each, reduction.marked)
        return reduction.expression(lambda sample: of_sample(one, sample, reduction.marked))

    def view(self, name: str) -> View:
        """The derivative in one of VIEWS: "chain", "closed", …"""
        if name not in VIEWS:
            raise AnswerError(f"'{name}' is no view{did_you_mean(name, VIEWS)}; there are {', '.join(VIEWS)}")
        return VIEWS[name](self)

    def closed_form(self, limit: int = MOST_OPERATIONS) -> ClosedForm:
        """The derivative in weights and data alone. Raises TooLargeError beyond so many operations."""
        return ClosedForm.of(self, limit)

    def forward_form(self, limit: int = MOST_OPERATIONS) -> ClosedForm:
        """The derivative in quantities of the forward pass: every derivative put in, z and a kept."""
        return ClosedForm.of(self, limit, self.derivation.program.by_key)

    @cached_property
    def letters(self) -> Letters:
        """How its quantities are written: of the sample that is asked for, else without a mark."""
        return self._letters(self.reduction.mark, self.reduction.each)

    def _letters(self, mark: str, each: str) -> Letters:
        """Those of a sample, its cost and what is its own."""
        same = self.apart or self.of == self.by
        by = tuple(self.quantity.by if self.apart else map(unsampled, self.quantity.by))
        marked = frozenset() if same else self.reduction.marked
        taken = NONE if self.apart else self.swept.taken
        routes = None if self.apart else self.swept.routes
        return Letters(self.problem, taken, by, mark, marked, each, routes)

    @property
    def lhs(self) -> Tree:
        """The derivative's own letters; of one sample, where that is what is derived."""
        if self.apart and self.order > 1:
            return self.whole
        return self.letters.total(self.of, self.by)

    def __repr__(self) -> str:
        return f"<derivation of {self.name}>"

    @property
    def name(self) -> str:
        """The derivative in a line of text."""
        return plain(self.named)

    @property
    def named(self) -> Tree:
        """Its letters: the whole cost's where samples or an L2 term are added."""
        return self.whole if self.total else self.lhs

    @property
    def rhs(self) -> Tree:
        """What it comes to: every factor's formula put in, what cancels left out, the samples added."""
        return self._reduced(self._comes_to)

    def _reduced(self, one: Callable[[Letters], Tree]) -> Tree:
        """What `one` writes of a sample, in its own letters, added up where the whole cost is asked for."""
        if not self.total:
            return one(self.letters)
        reduction = self.reduction
        return reduction.tree(lambda mark: one(self._letters(mark, mark if reduction.batched else "")))

    def _comes_to(self, letters: Letters) -> Tree:
        if self.routes:
            return letters.simplified(self.stage) or letters.substituted(self.stage)
        return Num("1" if self.of == self.by else "0")

    @cached_property
    def steps(self) -> tuple[Line, ...]:
        """The derivation line by line, from the cost down to this derivative."""
        return (*dict.fromkeys((*self._below, *self._own)), *self.total)

    @cached_property
    def _below(self) -> Iterable[Line]:
        """What is differentiated, in a higher order."""
        return () if self.order == 1 or self.apart else definitions(self.swept, self.letters)

    @cached_property
    def _own(self) -> tuple[Line, ...]:
        return tuple(line for stage in self.stages for line in telling(self._lines(stage)))

    def _lines(self, stage: Stage) -> Iterator[Line]:
        lhs = self.lhs if stage is self.stages[-1] else self.letters.total(stage.of, stage.by)
        if self.order == 1 or self.apart:
            return in_letters(stage, lhs, self.letters)
        return put_in(stage, lhs, self.letters, self.swept)

    @property
    def total(self) -> tuple[Line, ...]:
        """The line that adds the samples and the L2 term; none where there is nothing to add."""
        if not self.reduction.needed or self.apart or self.of == self.by:
            return ()
        return (Line(self.whole, self.reduction.tree(self._one), self.reduction.because),)

    @property
    def whole(self) -> Tree:
        """The letters of the whole cost's derivative, in the samples that were asked for."""
        return derivative_tree(self.problem, self.quantity.of, self.quantity.by, self._sign)

    def _one(self, mark: str) -> Tree:
        """One sample's derivative."""
        return derivative_tree(self.problem, self.quantity.of + mark, self.quantity.by, self._sign)

    @property
    def _sign(self) -> Op:
        """d where ∂ is kept for the slope of one step."""
        return TOTAL if not self.apart and self.swept.total(self.by) else total_sign(self.problem)

    @property
    def latex(self) -> str:
        """The chain rule and what it comes to, as one LaTeX formula; of a batch the sum over its samples."""
        if self.total:
            return latex(equals(self.whole, *dict.fromkeys((self.total[0].rhs, self.rhs))))
        if not self.routes:
            return latex(equals(self.lhs, self.rhs))
        chain = (self.letters.chain(self.stage),) if self.order == 1 else ()
        sides = (*chain, self.letters.substituted(self.stage), self.rhs)
        return latex(equals(self.lhs, *dict.fromkeys(sides)))

    def text(self, width: int = WIDTH) -> str:
        return aligned(self.steps, width)


VIEWS: Mapping[str, Callable[[Gradient], View]] = MappingProxyType(
    {
        "chain": lambda gradient: gradient,
        "forward": lambda gradient: gradient.forward_form(),
        "closed": lambda gradient: gradient.closed_form(),
        "index": lambda gradient: LayerView.of(gradient.problem, gradient.quantity, letters=True),
        "matrix": lambda gradient: LayerView.of(gradient.problem, gradient.quantity, letters=False),
    }
)
"""The ways of telling a derivative. A new one is a new row."""


def slope(problem: Problem, factor: Factor) -> Tree:
    """A factor's formula in the problem's letters."""
    return Letters(problem).formula(factor)


def substituted(problem: Problem, stage: Stage) -> Tree:
    """The chain rule with each factor's formula put in; a factor 1 is not written."""
    return Letters(problem).substituted(stage)


def derive_gradient(problem: Problem) -> Derivation:
    """The derivation of every gradient of a problem; nothing is computed before it is asked for."""
    return Derivation(problem)
