"""The gradient of a linear regression where its normal equations hold, by the evaluator of all gradients."""

from __future__ import annotations

from collections.abc import Mapping

from derive.problem import Problem
from derive.special.regression import Normal, placed
from derive.steps import given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import Enclosure, balls_of, enclose


def gradient_there(problem: Problem, normal: Normal) -> Mapping[str, Enclosure]:
    """C by its key, and dC/dw by that of each weight and bias, at the solution."""
    there = placed(problem, normal)
    program = program_of(there)
    found = enclose(
        program.plus(sweep(program, "C", there.wrt)),
        balls_of(given_values(there)),
        ("C", *(adjoint("C", key) for key in there.wrt)),
    )
    return {"C": found["C"]} | {key: found[adjoint("C", key)] for key in there.wrt}
