"""The matrix form proved entry by entry: each form, written out, is what the scalar sweep gives.

    (((W^2)^T δ^2) ⊙ σ'(z^1))_1  =  (w^2_11 δ^2_1 + w^2_21 δ^2_2) σ'(z^1_1)

The scalar side knows nothing of matrices: it is SymPy's derivative of each
step, carried back along every edge.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import sympy as sp

from derive.expressions import UnspecifiedFunction
from derive.identities import proved
from derive.matrix.equations import MatrixView
from derive.matrix.expr import Shape
from derive.matrix.indexed import Entries
from derive.problem import Network, Problem
from derive.steps import Program, Step, program_of, rule_settings
from derive.sweep import adjoint, sweep

MOST_OPERATIONS = 150
"""Longer differences that do not vanish at once are left to the check by number."""

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
    numbers = {sp.Symbol(key): sp.Rational(n.numerator, n.denominator) for key, n in _settings(problem)}
    numbers |= {sp.Symbol(step.key): sp.S.Zero for step in scalars[0].steps if not step.terms}
    results = {sp.Symbol(step.key): _formula(step) for step in program.steps}
    found: dict[tuple[str, int], int] = {}
    for equation in view.backward:
        assert equation.by is not None, "what is carried back is a derivative by something"
        places = _corners(named[equation.by.key])
        for number, form in enumerate(equation.forms):
            tried = [
                _equal(
                    entries.of(form.expr, *_turned(at, form.expr.shape, equation.by.shape)).xreplace(numbers),
                    [_carried(one, adjoint(output, key), kept).xreplace(numbers) for one in scalars],
                    results,
                )
                for at, key in places.items()
            ]
            if all(tried):
                found[equation.array.key, number] = len(tried)
    return found


def _turned(at: tuple[int, int], shape: Shape, by: Shape) -> tuple[int, int]:
    """The place in an adjoint of the entry at a place of its quantity: in numerator layout it lies."""
    return at if shape == by else at[::-1]


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


def _settings(problem: Problem) -> Iterator[tuple[str, Fraction]]:
    """The parameters of rules, which the functions of the matrix form have as numbers."""
    network = problem.body
    return ((s.key, s.value) for s in rule_settings(network)) if isinstance(network, Network) else iter(())


def _equal(left: sp.Expr, scalars: Sequence[sp.Expr], results: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether the two are the same sum of products, the scalar one with SymPy's slopes or the usual ones.

    The usual slopes have been proved where the scalar steps print them. What is
    written otherwise is proved here, with a = phi(z) put in for an a that the
    scalar side does not know.
    """
    written = _named_out(left)
    if any(sp.expand(written - _named_out(right)) == 0 for right in scalars):
        return True
    exact = _named_out(scalars[0])
    known = {
        symbol: results[symbol] for symbol in written.free_symbols - exact.free_symbols if symbol in results
    }
    difference = written.xreplace(known) - exact
    return bool(difference.count_ops() <= MOST_OPERATIONS and proved(difference, sp.S.Zero))


def _named_out(expr: sp.Expr) -> sp.Expr:
    """The expression with what a named function stands for; one that is unspecified stays."""
    return expr.replace(
        lambda part: isinstance(part, UnspecifiedFunction) and part.stand_in is not None,
        lambda part: part.body.xreplace({part.formals[0]: part.args[0]}),
    )
