"""Linear steps of a graph collapse to one: g(f(x)) = 3 (2 x + 1) - 2 = 6 x + 1.

    f = c x + d         each step is affine in x, and c, d do not read it
    g = c' f + d'  =  c' (c x + d) + d'  =  c' c x + (c' d + d')

So the composition of affine maps is one affine map, whose slope is the product of
the slopes, or of several routes the sum of such products: what the chain rule says.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derive.expressions import at
from derive.problem import Graph, Problem
from derive.steps import Program, Step, program_of


@dataclass(frozen=True, slots=True)
class Composed:
    """One step as a map of x: as it is, with the steps below it put in, and multiplied out.

    slope, constant  of the last: slope x + constant
    """

    key: str
    own: sp.Expr
    nested: sp.Expr
    slope: sp.Expr
    constant: sp.Expr

    def expr(self, by: sp.Symbol) -> sp.Expr:
        return self.slope * by + self.constant


@dataclass(frozen=True)
class Composition:
    """The steps from `by` to the output, each affine in `by`; by the last one's letters one map."""

    by: str
    steps: tuple[Composed, ...]

    @property
    def is_chain(self) -> bool:
        """Whether each step reads the one before it alone, so that there is one route."""
        moving = [sp.Symbol(self.by), *(sp.Symbol(step.key) for step in self.steps)]
        read = (step.own.free_symbols & {*moving} for step in self.steps)
        return all(found == {before} for found, before in zip(read, moving, strict=False))


def composition(problem: Problem) -> Composition | None:
    """The composition of a graph's only output, of the name with the most steps above it; None where
    some of them bends, or where there are not several.
    """
    body = problem.body
    if not isinstance(body, Graph) or body.shapes or len(body.outputs) != 1 or body.functions:
        return None
    program = program_of(problem)
    (output,) = body.outputs
    found = (_composed(program, output, key) for key in problem.wrt)
    several = [one for one in found if one is not None and len(one.steps) > 1]
    return max(several, key=lambda one: (len(one.steps), one.by == "x"), default=None)


def _composed(program: Program, output: str, by: str) -> Composition | None:
    """The steps above `by` as maps of it; None where one is not affine."""
    route = program.before((output,)) & (program.after((by,)) - {by})
    x = sp.Symbol(by)
    known: dict[sp.Symbol, sp.Expr] = {}
    made = []
    for step in program.steps:
        if step.key not in route:
            continue
        own = _formula(step)
        nested = own.xreplace(known)
        slope = sp.expand(sp.diff(nested, x))
        if slope == 0 or x in slope.free_symbols:
            return None
        constant = sp.expand(nested.xreplace({x: sp.S.Zero}))
        assert sp.expand(nested - slope * x - constant) == 0, "a line that does not follow"
        made.append(Composed(step.key, own, _put_in(own, known), slope, constant))
        known[sp.Symbol(step.key)] = slope * x + constant
    return Composition(by, tuple(made))


def _formula(step: Step) -> sp.Expr:
    return sp.Add(*(at(term.formula, [sp.Symbol(key) for key in term.args]) for term in step.terms))


def _put_in(own: sp.Expr, known: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The formula with brackets around what is put in: 3 (2 x + 1) - 2, which SymPy would multiply out."""
    if own in known:
        return known[own]
    if not own.args:
        return own
    parts = [_put_in(part, known) for part in own.args]
    return own.func(*parts, evaluate=not any(part.is_Add for part in (*parts, own)))
