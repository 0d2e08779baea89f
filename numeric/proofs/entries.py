"""The index form by number: every line of it, at places of its array, against the scalar derivatives.

A line is evaluated as it is printed, with numbers for its running letters, in
balls; what it should be is computed by the scalar steps, which know no letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

import sympy as sp

from derive.expressions import Formula
from derive.matrix.equations import matrix_view
from derive.matrix.index_proof import EntryLines
from derive.matrix.network import PENALTY, penalty
from derive.matrix.reading import Reading
from derive.problem import Network, Problem
from derive.steps import Step, Term, given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import balls_of, enclose
from numeric.proofs.matrices import agreed, instances


def check_entries(problem: Problem, output: str = "C") -> Mapping[tuple[str, int], float]:
    """The digits in which each line is the scalar derivative, at the worst, by its array's key and its place.

    At the numbers at which the matrix form is checked. A line that is nowhere
    defined there has no digits.
    """
    worst: dict[tuple[str, int], float] = {}
    for instance in instances(problem):
        for place, digits in _checked(instance, output):
            worst[place] = min(worst.get(place, inf), digits)
    return worst


def _checked(problem: Problem, output: str) -> Iterator[tuple[tuple[str, int], float]]:
    lines = tuple(EntryLines(Reading(problem, matrix_view(problem, output))))
    shared = {sp.Symbol(PENALTY): penalty(problem)} if isinstance(problem.body, Network) else {}
    steps = [_step(f"line {place}", line.entry.xreplace(shared)) for place, line in enumerate(lines)]
    read = {key for step in steps for term in step.terms for key in term.args}
    prefix = adjoint(output, "")
    derived = [
        key.removeprefix(prefix) for key in (*read, *(line.key for line in lines)) if key.startswith(prefix)
    ]
    program = program_of(problem)
    program = program.plus(sweep(program, output, dict.fromkeys(derived))).plus(steps)
    wanted = [key for step, line in zip(steps, lines, strict=True) for key in (step.key, line.key)]
    found = enclose(program, balls_of(given_values(problem)), wanted)
    for step, line in zip(steps, lines, strict=True):
        yield (line.equation.array.key, line.number), agreed(found[step.key], found[line.key])


def _step(key: str, expr: sp.Expr) -> Step:
    symbols = tuple(sorted(expr.free_symbols, key=str))
    return Step(key, (Term(Formula(expr, symbols), tuple(symbol.name for symbol in symbols)),), "line")
