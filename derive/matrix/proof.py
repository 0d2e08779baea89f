"""The matrix form proved entry by entry: each form, written out, is what the scalar sweep gives.

    (((W^2)^T δ^2) ⊙ σ'(z^1))_1  =  (w^2_11 δ^2_1 + w^2_21 δ^2_2) σ'(z^1_1)

The scalar side knows nothing of matrices: it is SymPy's derivative of each
step, carried back along every edge.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp

from derive.identities import proved
from derive.matrix.equations import MatrixView
from derive.matrix.expr import Array, Shape
from derive.matrix.indexed import Entries
from derive.matrix.network import PENALTY, penalty
from derive.matrix.shared import Shared
from derive.problem import Graph, Network, Problem
from derive.steps import Program, Step, program_of, rule_settings
from derive.sweep import adjoint, sweep
from derive.whole_functions import UnspecifiedFunction

MOST_OPERATIONS = 150
"""Longer differences that do not vanish at once are left to the check by number."""

MOST_ENTRIES = 4
"""Of a larger array the corners are proved: entries differ in their indices alone."""


def proofs(problem: Problem, view: MatrixView, output: str) -> Mapping[tuple[str, int], int]:
    """For each form of the backward equations, by its array's key and its place, how many entries are proved.

    A form of which some entry that was tried could not be proved is left out.
    """
    entries = Entries(view.program, letters=False)
    named = {
        equation.by.key: {
            at: entries.name(equation.by, *at).name for at in all_places(view, equation.by.shape)
        }
        for equation in view.backward
        if equation.by
    }
    scalar = _Scalar.of(problem, output, [key for names in named.values() for key in names.values()])
    assumed = {} if isinstance(problem.body, Graph) else dict(_last_targets(problem, problem.body.sizes[-1]))
    found: dict[tuple[str, int], int] = {}
    for equation in view.backward:
        assert equation.by is not None, "what is carried back is a derivative by something"
        places = corners(named[equation.by.key])
        for number, form in enumerate(equation.forms):
            if all(
                scalar.is_derivative(
                    key,
                    entries.of(form.expr, *_turned(at, form.expr.shape, equation.by.shape)),
                    assumed if form.sums_to_one else {},
                )
                for at, key in places.items()
            ):
                found[equation.array.key, number] = len(places)
    return found


def shared_proofs(problem: Problem, view: MatrixView, output: str, shared: Iterable[Shared]) -> set[str]:
    """The shared parameters of whose derivatives every line is proved, by their keys."""
    known = [name for one in view.backward if one.by for name in _names(view, one.by).values()]
    equations = tuple(shared)
    scalar = _Scalar.of(problem, output, [*known, *(one.parameter.key for one in equations)])
    return {
        one.parameter.key
        for one in equations
        if all(scalar.is_derivative(one.parameter.key, line.entry, {}) for line in one.lines)
    }


def forward_proofs(problem: Problem, view: MatrixView) -> Collection[str]:
    """The arrays of the forward pass whose entries, of a large one the corners, are the scalar steps'."""
    entries, program = Entries(view.program, letters=False), program_of(problem)
    results = {sp.Symbol(step.key): _formula(step) for step in program.steps}
    named = {name for one in view.forward for name in _names(view, one.array).values()}
    numbers = {sp.Symbol(key): sp.Rational(n.numerator, n.denominator) for key, n in _settings(problem)}
    places = {sp.Symbol(place) for one in problem.parameters if one.shared for place in one.places}
    kept = places | set(map(sp.Symbol, named))
    apart = {symbol: expr for symbol, expr in results.items() if symbol not in kept}

    def is_step(key: str, written: sp.Expr) -> bool:
        step = results[sp.Symbol(key)].xreplace(apart)
        # A line may read what its step does not, by the name it has: a variance the mean.
        others = written.free_symbols - step.free_symbols
        known = {symbol: results[symbol].xreplace(apart) for symbol in others if symbol in results}
        if isinstance(problem.body, Network):
            known[sp.Symbol(PENALTY)] = penalty(problem)
        return vanishes(_named_out((written.xreplace(known) - step).xreplace(numbers)))

    found = set()
    for equation in view.forward:
        (form,) = equation.forms
        keys = corners(_names(view, equation.array))
        if all(is_step(key, entries.of(form.expr, *at)) for at, key in keys.items()):
            found.add(equation.array.key)
    return found


@dataclass(frozen=True)
class _Scalar:
    """What the scalar sweep gives.

    output   what is differentiated
    sweeps   with SymPy's slopes, and with the usual ones
    kept     the adjoints that have a name in the matrix form
    numbers  symbols that stand for a number: parameters of rules, and adjoints that are 0
    results  what each step of the forward pass computes
    """

    output: str
    sweeps: tuple[Program, Program]
    kept: Container[str]
    numbers: Mapping[sp.Symbol, sp.Expr]
    results: Mapping[sp.Symbol, sp.Expr]

    @classmethod
    def of(cls, problem: Problem, output: str, wrt: Sequence[str]) -> _Scalar:
        program = program_of(problem)
        exact, usual = (Program(sweep(program, output, wrt, usual=usual)) for usual in (False, True))
        kept = {adjoint(output, key) for key in wrt}
        numbers = {sp.Symbol(key): sp.Rational(n.numerator, n.denominator) for key, n in _settings(problem)}
        zeros = {sp.Symbol(key): sp.S.Zero for key in kept if not exact.by_key[key].terms}
        results = {sp.Symbol(step.key): _formula(step) for step in program.steps}
        return cls(output, (exact, usual), kept, numbers | zeros, results)

    def is_derivative(self, key: str, written: sp.Expr, assumed: Mapping[sp.Symbol, sp.Expr]) -> bool:
        """Whether the expression is proved to be the derivative by `key`.

        Either it is the same sum of products, with SymPy's slopes or with the usual
        ones, which have been proved where the scalar steps print them. Or what only
        one side knows is put in: dC/da on the scalar side, a = phi(z) on the other.
        """
        written = _named_out(written.xreplace(self.numbers))
        sides = [_named_out(self._carried(way, adjoint(self.output, key))) for way in self.sweeps]
        if any(sp.expand(written - side) == 0 for side in sides):
            return True
        sides = [self._with_inner(side, written).xreplace(assumed) for side in sides]
        written = written.xreplace(assumed)
        if any(sp.expand(written - side) == 0 for side in sides):
            return True
        exact = sides[0]
        apart = written.free_symbols - exact.free_symbols
        known = {symbol: self.results[symbol] for symbol in apart if symbol in self.results}
        difference = written.xreplace(known) - exact
        return vanishes(difference)

    def _carried(self, way: Program, key: str) -> sp.Expr:
        """An adjoint, in adjoints that have a name in the matrix form."""
        expr = _formula(way.by_key[key])
        inner = {
            symbol: self._carried(way, symbol.name)
            for symbol in expr.free_symbols
            if symbol.name in way.by_key and symbol.name not in self.kept
        }
        return expr.xreplace(inner).xreplace(self.numbers)

    def _with_inner(self, side: sp.Expr, written: sp.Expr) -> sp.Expr:
        """The scalar side with those adjoints put in that the matrix form has put in."""
        inner = {
            symbol: _named_out(self._carried(self.sweeps[1], symbol.name))
            for symbol in side.free_symbols - written.free_symbols
            if symbol.name in self.kept
        }
        return side.xreplace(inner)


def vanishes(difference: sp.Expr) -> bool:
    """Whether a difference is proved to be 0: at once, or where it is not too long."""
    if sp.expand(difference) == 0:
        return True
    return bool(difference.count_ops() <= MOST_OPERATIONS and proved(difference, sp.S.Zero))


def _turned(at: tuple[int, int], shape: Shape, by: Shape) -> tuple[int, int]:
    """The place in an adjoint of the entry at a place of its quantity: in numerator layout it lies."""
    return at if shape == by else at[::-1]


def _names(view: MatrixView, array: Array) -> dict[tuple[int, int], str]:
    """The keys of the scalar steps for an array's entries, by their places."""
    entries = Entries(view.program, letters=False)
    return {at: entries.name(array, *at).name for at in all_places(view, array.shape)}


def all_places(view: MatrixView, shape: Shape) -> Iterator[tuple[int, int]]:
    """The places of an array, row by row, counted from 1."""
    rows, columns = (range(1, view.program.size(size) + 1) for size in shape)
    return product(rows, columns)


def corners(places: Mapping[tuple[int, int], str]) -> Mapping[tuple[int, int], str]:
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


def _last_targets(problem: Problem, outputs: int) -> Iterator[tuple[sp.Symbol, sp.Expr]]:
    """y_K = 1 - y_1 - ... of each sample, for targets that sum to 1."""
    for suffix in problem.samples:
        *others, last = (sp.Symbol(f"y[{k}]{suffix}") for k in range(1, outputs + 1))
        yield last, 1 - sp.Add(*others)


def _settings(problem: Problem) -> Iterator[tuple[str, Fraction]]:
    """The parameters of rules, which the functions of the matrix form have as numbers."""
    network = problem.body
    return ((s.key, s.value) for s in rule_settings(network)) if isinstance(network, Network) else iter(())


def _named_out(expr: sp.Expr) -> sp.Expr:
    """The expression with what a named function stands for; one that is unspecified stays."""
    return expr.replace(
        lambda part: isinstance(part, UnspecifiedFunction) and part.stand_in is not None,
        lambda part: part.body.xreplace({part.formals[0]: part.args[0]}),
    )
