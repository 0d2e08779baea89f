"""The index form by number: every line of it, at places of its array, against the scalar derivatives.

A line is evaluated as it is printed, with numbers for its running letters, in
balls; what it should be is computed by the scalar steps, which know no letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

import sympy as sp

from derive.expressions import Formula
from derive.matrix.equations import matrix_view
from derive.matrix.index_proof import EntryLines
from derive.matrix.network import PENALTY, penalty
from derive.matrix.reading import Reading
from derive.matrix.shared import Shared
from derive.problem import Network, Problem
from derive.steps import Step, Term, given_values, program_of
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import balls_of, enclose
from numeric.proofs.matrices import agreed, instances
from numeric.sampling import concrete

Place = tuple[str, int]
"""The key of a left side, and which of its lines."""

Line = tuple[Place, str, sp.Expr]
"""What a line is known by, the scalar derivative or step that it should be, and what it says."""


def check_entries(problem: Problem, output: str = "C") -> Mapping[Place, float]:
    """The digits in which each line is the scalar derivative, at the worst, by its array's key and its place.

    At the numbers at which the matrix form is checked. A line that is nowhere
    defined there has no digits.
    """
    return _worst(
        digits
        for instance in instances(problem)
        for digits in _checked(instance, output, list(_entries(instance, output)))
    )


def check_shared(problem: Problem, output: str, shared: Iterable[Shared]) -> Mapping[Place, float]:
    """The same of the derivatives by shared parameters, by the derivative's key and the line's place."""
    lines = [
        ((one.key, place), one.key, line.entry) for one in shared for place, line in enumerate(one.lines)
    ]
    return _worst(digits for instance in concrete_of(problem) for digits in _checked(instance, output, lines))


def concrete_of(problem: Problem) -> tuple[Problem, ...]:
    """The problem itself, or with numbers where these are free."""
    return concrete(problem) if problem.is_free else (problem,)


def _entries(problem: Problem, output: str) -> Iterator[Line]:
    shared = {sp.Symbol(PENALTY): penalty(problem)} if isinstance(problem.body, Network) else {}
    for line in EntryLines(Reading(problem, matrix_view(problem, output))):
        yield (line.equation.array.key, line.number), line.key, line.entry.xreplace(shared)


def _worst(found: Iterable[tuple[Place, float]]) -> Mapping[Place, float]:
    worst: dict[Place, float] = {}
    for place, digits in found:
        worst[place] = min(worst.get(place, inf), digits)
    return worst


def _checked(problem: Problem, output: str, lines: Sequence[Line]) -> Iterator[tuple[Place, float]]:
    steps = [_step(f"line {number}", entry) for number, (_, _, entry) in enumerate(lines)]
    read = [key for step in steps for term in step.terms for key in term.args]
    wanted = [key for step, (_, key, _) in zip(steps, lines, strict=True) for key in (step.key, key)]
    prefix = adjoint(output, "")
    derived = (key.removeprefix(prefix) for key in (*read, *wanted) if key.startswith(prefix))
    program = program_of(problem)
    program = program.plus(sweep(program, output, dict.fromkeys(derived))).plus(steps)
    found = enclose(program, balls_of(given_values(problem)), wanted)
    for step, (place, key, _) in zip(steps, lines, strict=True):
        yield place, agreed(found[step.key], found[key])


def _step(key: str, expr: sp.Expr) -> Step:
    symbols = tuple(sorted(expr.free_symbols, key=str))
    return Step(key, (Term(Formula(expr, symbols), tuple(symbol.name for symbol in symbols)),), "line")
