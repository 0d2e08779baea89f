"""The matrix form proved entry by entry: each form, written out, is what the scalar sweep gives.

    (((W^2)^T δ^2) ⊙ σ'(z^1))_1  =  (w^2_11 δ^2_1 + w^2_21 δ^2_2) σ'(z^1_1)

The scalar side knows nothing of matrices: it is SymPy's derivative of each
step, carried back along every edge.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import product

import sympy as sp

from derive.expressions import UnspecifiedFunction
from derive.matrix.equations import MatrixView
from derive.matrix.expr import Shape
from derive.matrix.indexed import Entries
from derive.problem import Problem
from derive.steps import Program, Step, program_of
from derive.sweep import adjoint, sweep

MOST_ENTRIES = 4
"""Of a larger array the corners are proved: entries differ in their indices alone."""


def proofs(problem: Problem, view: MatrixView, output: str) -> Mapping[tuple[str, int], int]:
    """For each form of the backward equations, by its array's key and its place, how many entries are proved.

    A form of which some entry that was tried could not be proved is left out.
    """
    program = program_of(problem)
    entries = Entries(view.program, letters=False)
    named = {
        equation.by.key: {at: entries.name(equation.by, *at).name for at in _all(view, equation.by.shape)}
        for equation in view.backward
        if equation.by
    }
    wrt = [key for names in named.values() for key in names.values()]
    scalars = [Program(sweep(program, output, wrt, usual=usual)) for usual in (False, True)]
    kept = {adjoint(output, key) for key in wrt}
    found: dict[tuple[str, int], int] = {}
    for equation in view.backward:
        assert equation.by is not None, "what is carried back is a derivative by something"
        places = _corners(named[equation.by.key])
        for number, form in enumerate(equation.forms):
            tried = [
                _equal(
                    entries.of(form.expr, *(at if form.expr.shape == equation.by.shape else at[::-1])),
                    [_carried(scalar, adjoint(output, key), kept) for scalar in scalars],
                )
                for at, key in places.items()
            ]
            if all(tried):
                found[equation.array.key, number] = len(tried)
    return found


def _all(view: MatrixView, shape: Shape) -> Iterator[tuple[int, int]]:
    rows, columns = (range(1, view.program.size(size) + 1) for size in shape)
    return product(rows, columns)


def _corners(places: Mapping[tuple[int, int], str]) -> Mapping[tuple[int, int], str]:
    """All places of a small array, of a larger one those at its corners."""
    if len(places) <= MOST_ENTRIES:
        return places
    ends = [{min(line), max(line)} for line in zip(*places, strict=True)]
    return {at: places[at] for at in product(*map(sorted, ends))}


def _formula(step: Step) -> sp.Expr:
    """What a scalar step computes, in symbols named by keys."""
    return sp.Add(
        *(
            term.formula.expr.xreplace(
                dict(zip(term.formula.formals, map(sp.Symbol, term.args), strict=True))
            )
            for term in step.terms
        )
    )


def _carried(scalar: Program, key: str, kept: Container[str]) -> sp.Expr:
    """What the scalar sweep gives for an adjoint, in adjoints that have a name in the matrix form."""
    expr = _formula(scalar.by_key[key])
    inner = {
        symbol: _carried(scalar, symbol.name, kept)
        for symbol in expr.free_symbols
        if symbol.name in scalar.by_key and symbol.name not in kept
    }
    return expr.xreplace(inner)


def _equal(left: sp.Expr, scalars: Sequence[sp.Expr]) -> bool:
    """Whether the two are the same sum of products, the scalar one with SymPy's slopes or the usual ones.

    The usual slopes have been proved where the scalar steps print them.
    """
    written = _named_out(left)
    return any(sp.expand(written - _named_out(right)) == 0 for right in scalars)


def _named_out(expr: sp.Expr) -> sp.Expr:
    """The expression with what a named function stands for; one that is unspecified stays."""
    return expr.replace(
        lambda part: isinstance(part, UnspecifiedFunction) and part.stand_in is not None,
        lambda part: part.body.xreplace({part.formals[0]: part.args[0]}),
    )
