"""A derivation's numbers: every quantity, slope and stage of one sample, to certified digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.gradient import Derivation, Factor
from derive.problem import Graph, Value
from derive.steps import Step, given_values
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import Enclosure, balls_of, enclose


@dataclass(frozen=True)
class Worked:
    """The values that stand beside a derivation, for one sample.

    values  of each quantity, by key
    totals  of each derivative of the objective, by the key that it is taken by
    locals  of each local slope, by (of, by)
    """

    values: Mapping[str, Enclosure]
    totals: Mapping[tuple[str, str], Enclosure]
    locals: Mapping[tuple[str, str], Enclosure]

    def slope(self, factor: Factor) -> Enclosure:
        return self.locals[factor.of, factor.by]


def work(derivation: Derivation, sample: int = 1) -> Worked:
    """All numbers of the derivation, put in for one sample (counted from 1).

    The problem's numbers must all be known. Of a batch each sample has its own
    values and its own cost, without reduction and without the L2 term.
    """
    problem, program = derivation.problem, derivation.program
    given = balls_of(given_of(derivation, sample))
    quantities = (*given, *(step.key for step in program.steps))
    slopes = {(of, by): f"slope d{of}/d{by}" for by in quantities for of in program.users(by)}
    local_steps = [Step(key, derivation.factor(of, by).slopes, "slope") for (of, by), key in slopes.items()]
    totals = {(of, by): adjoint(of, by) for of in problem.objectives for by in quantities}
    adjoints = [step for of in problem.objectives for step in sweep(program, of, quantities)]
    keys = (*quantities, *slopes.values(), *totals.values())
    found = enclose(program.plus((*local_steps, *adjoints)), given, keys)
    return Worked(
        values={key: found[key] for key in quantities},
        totals={entry: found[key] for entry, key in totals.items()},
        locals={entry: found[key] for entry, key in slopes.items()},
    )


def given_of(derivation: Derivation, sample: int) -> dict[str, Value]:
    """The given values, with the sample's inputs and targets under their unmarked keys."""
    problem = derivation.problem
    values = given_values(problem)
    if isinstance(problem.body, Graph):
        return dict(values)
    suffix = problem.samples[sample - 1]
    own = {
        key.removesuffix(suffix): value for key, value in values.items() if suffix and key.endswith(suffix)
    }
    return {key: value for key, value in values.items() if "@" not in key} | own
