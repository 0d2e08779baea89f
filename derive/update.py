"""One update of gradient descent, as steps: w' = w - eta dC/dw.

The update's lines follow the forward pass and the sweep in one program, so a
slip in the order of things is an edit of that program like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from derive.expressions import Formula
from derive.problem import Problem
from derive.steps import Program, Step, Term, program_of
from derive.sweep import adjoint, sweep

W, ETA, G = sp.symbols("w eta g")

DESCENT = Formula(W - ETA * G, (W, ETA, G))


def updated(key: str) -> str:
    """The key of a parameter's value after one update."""
    return f"{key}'"


def trained(problem: Problem) -> tuple[str, ...]:
    """The parameters that an update changes."""
    return tuple(parameter.key for parameter in problem.parameters if not parameter.frozen)


def update_program(problem: Problem, batch: Sequence[str] | None = None, *, usual: bool = False) -> Program:
    """Forward pass, sweep and update of every trained parameter.

    batch  the suffixes of the samples that this update reads; None for all
    """
    program = program_of(problem, batch=batch).only(("C",))
    keys = trained(problem)
    steps = sweep(program, "C", keys, usual=usual)
    descent = (
        Step(updated(key), (Term(DESCENT, (key, "eta", adjoint("C", key))),), "gradient step") for key in keys
    )
    return program.plus((*steps, *descent))
