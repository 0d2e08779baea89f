"""A derivative of higher order: the steps of the sweep for the one below it, swept again.

    d2C/dw dv = d(dC/dw)/dv     where dC/dw is a step like any other

Source: Griewank and Walther (2008), Evaluating Derivatives, sec. 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.expressions import bare
from derive.steps import Step, Term
from derive.sweep import adjoint, sweep
from derive.views.letters import NONE, Taken
from derive.views.routes import Routes


@dataclass(frozen=True, eq=False)
class Swept:
    """What a derivative is taken of, as one of the steps behind `routes`.

    taken  the steps that are derivatives: what of, and by what
    """

    routes: Routes
    key: str
    taken: Taken = field(default_factory=lambda: NONE)

    def total(self, by: str) -> bool:
        """Whether the derivative by a quantity is to be told from the slope of one step: written with d."""
        return bool(self.taken) and self.routes.reads_both(self.key, by)

    def by(self, name: str) -> Swept:
        """The derivative by a quantity as a step, in the usual forms of all slopes."""
        program = self.routes.program
        known = program.by_key
        steps = [step for step in sweep(program, self.key, (name,), usual=True) if step.key not in known]
        derived = {adjoint(self.key, at): (self.key, at) for at in {name, *program.before((self.key,))}}
        taken = {**self.taken, **{step.key: derived[step.key] for step in steps}}
        return Swept(Routes(program.plus(map(_bare, steps))), adjoint(self.key, name), taken)


def _bare(step: Step) -> Step:
    """The step with only what its formulas read, so that no route leads through a slope of 0."""
    return Step(step.key, tuple(map(_read_only, step.terms)), step.because)


def _read_only(term: Term) -> Term:
    formula = bare(term.formula)
    args = dict(zip(term.formula.formals, term.args, strict=False))
    return Term(formula, tuple(args[formal] for formal in formula.formals))
