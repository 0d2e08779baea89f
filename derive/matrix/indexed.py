"""The index form: one entry of an expression of matrices, by running letters or by numbers.

    (W a + b)_j      = Σ_k w_jk a_k + b_j
    (W^T δ ⊙ φ'(z))_j = Σ_k w_kj δ_k φ'(z_j)

With letters a sum of symbolic length stays a sum; with numbers it is written
out, and its letters are the keys of the scalar steps. So both are read off one
expression, and the second proves the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from derive.expressions import Summed, slope
from derive.matrix.coupled import ENTRY
from derive.matrix.expr import (
    SCALAR,
    Array,
    Chosen,
    Coupled,
    Entrywise,
    Expr,
    Hadamard,
    Index,
    Jacobian,
    Ones,
    Plus,
    Product,
    Scaled,
    Shape,
    Size,
    Spread,
    Transposed,
    Unit,
)
from derive.matrix.sweep import MatrixProgram
from derive.sweep import adjoint

SAMPLES: Size = "n"
SAMPLE_LETTERS = ("i", "s")
UNIT_LETTERS = ("k", "m", "q", "r", "t", "u", "v")


@dataclass(frozen=True)
class Entries:
    """Reads entries off expressions of one program.

    letters  whether sums stay sums; else they are written out
    """

    program: MatrixProgram
    letters: bool

    def of(self, expr: Expr, row: Index, column: Index) -> sp.Expr:
        """The entry at (row, column), in symbols named by the keys of the scalar steps.

        Raises KeyError where letters are asked for and there is no formula in them:
        of a coupled rule such as maxout, of a Jacobian of what has no name, and of
        rows that are chosen by number.
        """
        return _RULES[type(expr)](self, expr, row, column)

    def name(self, array: Array, row: Index, column: Index) -> sp.Symbol:
        """The entry of a quantity that has a name; of dC/dW2 it is dC/dw2[j,k].

        An adjoint in numerator layout lies: its rows are its quantity's columns.
        """
        output, of_adjoint, by = array.key.removeprefix("d").partition("/d")
        entry = self.program.entry
        if not of_adjoint:
            return sp.Symbol(entry(array.key, row, column))
        lies = array.shape != self.program.arrays.get(by, array).shape
        return sp.Symbol(adjoint(output, entry(by, column, row) if lies else entry(by, row, column)))

    def summed(self, size: Size, body: Callable[[Index], sp.Expr], used: tuple[Index, ...]) -> sp.Expr:
        """Σ body(k) for k from 1 to size."""
        count = self.program.size(size)
        if count == 1:
            return body(1)
        if not self.letters:
            return sp.Add(*(body(k) for k in range(1, count + 1)))
        letters = SAMPLE_LETTERS if size == SAMPLES else UNIT_LETTERS
        letter = next(letter for letter in letters if letter not in used)
        return _sum_over(body(letter), letter, size)

    def along(self, factors: tuple[Expr, ...], row: Index, column: Index, used: tuple[Index, ...]) -> sp.Expr:
        """An entry of a matrix product, Σ_k u_jk v_ki, from the left; a unit column picks one k."""
        first, *rest = factors
        if not rest:
            return self.of(first, row, column)

        def term(k: Index) -> sp.Expr:
            return self.of(first, row, k) * self.along(tuple(rest), k, column, (*used, k))

        picked = _picked(first, rest[0])
        return term(picked) if picked else self.summed(first.shape[1], term, (*used, row, column))


def _sum_over(body: sp.Expr, letter: str, size: Size) -> sp.Expr:
    """Σ body, with what does not run along before it, and the samples' sum outside."""
    running = (symbol for symbol in body.free_symbols if letter in (symbol.name, *_indices(symbol.name)))
    apart, along = body.as_independent(*running, as_Add=False)
    if along == 1:
        return apart * (sp.Integer(size) if isinstance(size, int) else sp.Symbol(size))
    if isinstance(along, Summed) and along.args[2] == sp.Symbol(str(SAMPLES)):
        inner, over, samples = along.args
        return _multiple(apart, Summed(_sum_over(inner, letter, size), over, samples))
    return _multiple(apart, Summed(along, sp.Symbol(letter), sp.Symbol(str(size))))


def _indices(key: str) -> Sequence[str]:
    """What stands behind brackets, commas and @ in the key of an entry."""
    return re.split(r"[\[\],@/]", key)[1:]


def _multiple(coefficient: sp.Expr, entry: sp.Expr) -> sp.Expr:
    """coefficient * entry; a number stays before a sum, where SymPy would multiply it out."""
    keeps = coefficient.is_Rational and coefficient != 1 and isinstance(entry, sp.Add)
    return sp.Mul(coefficient, entry, evaluate=not keeps)


def _picked(left: Expr, right: Expr) -> int:
    """The k that a unit column on either side picks; 0 where there is none."""
    inside = left.arg if isinstance(left, Transposed) else None
    unit = inside if isinstance(inside, Unit) else right
    return unit.place if isinstance(unit, Unit) else 0


def _arg_at(entries: Entries, arg: Expr, shape: Shape, row: Index, column: Index) -> sp.Expr:
    """An argument's entry; a number is the same for all."""
    return entries.of(arg, 1, 1) if arg.shape == SCALAR != shape else entries.of(arg, row, column)


def _unit(_: Entries, unit: Unit, row: Index, __: Index) -> sp.Expr:
    if isinstance(row, int):
        return sp.Integer(row == unit.place)
    return sp.KroneckerDelta(sp.Symbol(row), unit.place)


def _chosen(_: Entries, chosen: Chosen, row: Index, column: Index) -> sp.Expr:
    if not isinstance(row, int):
        raise KeyError(chosen.places)
    place = chosen.places[row - 1]
    return (
        sp.Integer(column == place)
        if isinstance(column, int)
        else sp.KroneckerDelta(sp.Symbol(column), place)
    )


def _hadamard(entries: Entries, expr: Hadamard, row: Index, column: Index) -> sp.Expr:
    return sp.Mul(*(entries.of(factor, row, column) for factor in expr.factors))


def _entrywise(entries: Entries, expr: Entrywise, row: Index, column: Index) -> sp.Expr:
    args = (_arg_at(entries, arg, expr.shape, row, column) for arg in expr.args)
    return expr.formula.expr.xreplace(dict(zip(expr.formula.formals, args, strict=True)))


def _coupled(entries: Entries, expr: Coupled, row: Index, column: Index) -> sp.Expr:
    if not entries.letters:
        return expr.rule.formula.expr.xreplace(_read(entries, expr, row, column))
    of = expr.arg
    size = of.shape[1 if expr.rows else 0]
    extra = (entries.of(one, row, column) for one in expr.extra)

    def over(function: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
        def term(k: Index) -> sp.Expr:
            return function(entries.of(of, row, k) if expr.rows else entries.of(of, k, column))

        return entries.summed(size, term, (row, column))

    return ENTRY[expr.rule.letter](entries.of(of, row, column), over, *extra)


def _read(entries: Entries, expr: Coupled, row: Index, column: Index) -> dict[sp.Symbol, sp.Expr]:
    """What one entry of a coupled rule reads, by the formals of its formula."""
    own = column if expr.rows else row
    assert isinstance(own, int), "written out, an entry has numbers"
    found = {
        formal: entries.of(expr.arg, *((row, place) if expr.rows else (place, column)))
        for formal, place in zip(expr.rule.column, expr.rule.reads(own), strict=True)
    }
    return found | {
        formal: entries.of(one, row, column) for formal, one in zip(expr.rule.extra, expr.extra, strict=True)
    }


def _jacobian(entries: Entries, expr: Jacobian, row: Index, column: Index) -> sp.Expr:
    """Σ_m ∂f_m/∂u_j g_m, and with the two exchanged Σ_m ∂f_j/∂u_m x_m."""
    of, rule = expr.of, expr.of.rule
    size = (of if expr.back else of.arg).shape[1 if of.rows else 0]
    own = column if of.rows else row

    def term(m: Index) -> sp.Expr:
        above, below = (m, own) if expr.back else (own, m)
        place = (row, m) if of.rows else (m, column)
        return _slope(above, below) * entries.of(expr.arg, *place)

    def _slope(above: Index, below: Index) -> sp.Expr:
        if entries.letters:
            if of.result is None or not isinstance(of.arg, Array):
                raise KeyError(rule.letter)
            upper, lower = (
                entries.name(array, *((row, m) if of.rows else (m, column)))
                for array, m in ((of.result, above), (of.arg, below))
            )
            return sp.Symbol(adjoint(upper.name, lower.name))
        assert isinstance(above, int), "written out, an entry has numbers"
        places = rule.reads(above)
        if below not in places:
            return sp.S.Zero
        position = rule.formula.formals.index(rule.column[places.index(below)])
        at = (row, above) if of.rows else (above, column)
        return slope(rule.formula, position).expr.xreplace(_read(entries, of, *at))

    return entries.summed(size, term, (row, column))


_RULES: Mapping[type, Callable[..., sp.Expr]] = MappingProxyType(
    {
        Array: Entries.name,
        Ones: lambda *_: sp.S.One,
        Unit: _unit,
        Chosen: _chosen,
        Transposed: lambda entries, expr, row, column: entries.of(expr.arg, column, row),
        Product: lambda entries, expr, row, column: entries.along(expr.factors, row, column, ()),
        Hadamard: _hadamard,
        Plus: lambda entries, expr, *at: sp.Add(*(entries.of(term, *at) for term in expr.terms)),
        Scaled: lambda entries, expr, *at: _multiple(expr.coefficient, entries.of(expr.arg, *at)),
        Spread: lambda entries, expr, *at: entries.of(expr.scale, 1, 1) * entries.of(expr.arg, *at),
        Entrywise: _entrywise,
        Coupled: _coupled,
        Jacobian: _jacobian,
    }
)
