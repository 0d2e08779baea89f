"""Shared parameters: one number that stands at several places, whose derivative adds up its uses.

    w_11 = w_22 = u      dC/du = dC/dw_11 + dC/dw_22 + (λ/n) u

With a name of its own it is no entry of any array, so that its L2 term, which counts
it once, is none either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from derive.matrix.equations import Equation, finder
from derive.matrix.expr import Array
from derive.matrix.indexed import Entries
from derive.matrix.reading import Reading
from derive.problem import Network, Parameter
from derive.steps import LAMBDA, N
from derive.sweep import adjoint


@dataclass(frozen=True, slots=True)
class SharedLine:
    """One right side of the derivative, in the keys of the scalar steps, and the rule that gives it."""

    terms: tuple[sp.Expr, ...]
    because: str

    @property
    def entry(self) -> sp.Expr:
        return sp.Add(*self.terms)


@dataclass(frozen=True)
class Shared:
    """The derivative of one output by one shared parameter: key = line = line."""

    parameter: Parameter
    key: str
    lines: tuple[SharedLine, ...]


def shared_parameters(reading: Reading, output: str) -> Iterator[Shared]:
    """Each shared parameter that is derived, with its uses added up and then with what these are put in."""
    problem = reading.problem
    entries = Entries(reading.view.program, letters=False)
    by_array = {one.by.key: one for one in reading.view.backward if one.by}
    for parameter in problem.parameters:
        if not parameter.shared or parameter.key not in problem.wrt:
            continue
        assert isinstance(problem.body, Network), "a graph's names have one place each"
        share = decay_of(problem.body, parameter)
        decay = () if share == 0 else (share,)
        shares = [sp.Symbol(adjoint(output, place)) for place in parameter.places]
        written = [_written(by_array, entries, *finder(problem)(place)) for place in parameter.places]
        because = "sum over its uses" + (", and its L2 term, which counts it once" if decay else "")
        lines = (
            SharedLine((*shares, *decay), because),
            SharedLine((*written, *decay), "each use’s own entry put in"),
        )
        yield Shared(parameter, adjoint(output, parameter.key), lines)


def decay_of(network: Network, parameter: Parameter) -> sp.Expr:
    """(λ/n) w of a weight under L2, else 0."""
    return LAMBDA / N * sp.Symbol(parameter.key) if network.l2 and parameter.is_weight else sp.S.Zero


def places_in(reading: Reading, array: Array) -> dict[tuple[int, int], str]:
    """The parameter that stands at each place of an array, by its key."""
    program = reading.view.program
    rows, columns = map(program.size, array.shape)
    names = {
        (row, column): program.entry(array.key, row, column)
        for row in range(1, rows + 1)
        for column in range(1, columns + 1)
    }
    return {at: reading.problem.parameter[name].key for at, name in names.items()}


def _written(by_array: dict[str, Equation], entries: Entries, array: str, row: int, column: int) -> sp.Expr:
    """The entry of a gradient at a parameter's place; in numerator layout it lies."""
    equation = by_array[array]
    if not equation.forms:
        return sp.S.Zero
    lies = equation.by is not None and equation.by.shape != equation.array.shape
    return entries.of(equation.forms[-1].expr, *((column, row) if lies else (row, column)))
