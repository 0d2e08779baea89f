"""The index form: one entry of an expression of matrices, by running letters or by numbers.

    (W a + b)_j      = Σ_k w_jk a_k + b_j
    (W^T δ ⊙ φ'(z))_j = Σ_k w_kj δ_k φ'(z_j)

With letters a sum of symbolic length stays a sum, and terms that differ in a
place alone are one: Σ_k w_k x_{j+k-1}. With numbers all is written out, in
the keys of the scalar steps. So both are read off one expression, and the
second proves the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from derive.expressions import slope
from derive.matrix.coupled import ENTRY
from derive.matrix.expr import (
    SCALAR,
    Array,
    Chosen,
    Coupled,
    Entrywise,
    Expr,
    Hadamard,
    Held,
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
    in_order,
    parts_of,
    rebuilt,
)
from derive.matrix.sweep import MatrixProgram
from derive.sweep import adjoint
from derive.whole_functions import Summed, Within

SAMPLES: Size = "n"
SAMPLE_LETTERS = ("i", "s")
LIST_LETTERS = ("s", "c", "d", "e", "f", "g")
UNIT_LETTERS = ("k", "m", "q", "r", "t", "u", "v")


@dataclass(frozen=True)
class Entries:
    """Reads entries off expressions of one program.

    letters  whether sums stay sums; else they are written out
    busy     letters that a sum outside runs over
    """

    program: MatrixProgram
    letters: bool
    busy: tuple[str, ...] = ()

    def of(self, expr: Expr, row: Index, column: Index) -> sp.Expr:
        """The entry at (row, column), in symbols named by the keys of the scalar steps.

        Raises KeyError where letters are asked for and there is no formula in them:
        of a coupled rule such as maxout, of a Jacobian of what has no name, and of
        more lists of rows than there are letters for.
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
        letter = next(letter for letter in letters if letter not in (*used, *self.busy))
        return _sum_over(body(letter), letter, size)

    def local_slope(self, of: Coupled, above: Index, below: Index, line: Index) -> sp.Expr:
        """∂f_above/∂u_below of a coupled rule, in one of its lines: a row or a column."""
        if self.letters:
            if of.result is None or not isinstance(of.arg, Array):
                raise KeyError(of.rule.letter)
            upper, lower = (
                self.name(array, *((line, m) if of.rows else (m, line)))
                for array, m in ((of.result, above), (of.arg, below))
            )
            return sp.Symbol(adjoint(upper.name, lower.name))
        assert isinstance(above, int), "written out, an entry has numbers"
        places = of.rule.reads(above)
        if below not in places:
            return sp.S.Zero
        position = of.rule.formula.formals.index(of.rule.column[places.index(below)])
        at = (line, above) if of.rows else (above, line)
        return slope(of.rule.formula, position).expr.xreplace(_read(self, of, *at))

    def place_in(self, chosen: Chosen, row: Index) -> Index:
        """Which row a row of the choice takes: r + 1 of S_{2…4}, s_r of S_{3,1,3}."""
        if chosen.shift:
            return _moved(row, chosen.shift, -1)
        if isinstance(row, int):
            return chosen.places[row - 1]
        return _moved(row, chosen.places[0] - 1) if chosen.is_run else f"{self.lists[chosen.places]}_{row}"

    @cached_property
    def lists(self) -> Mapping[tuple[int, ...], str]:
        """A letter for each list of places that do not follow one another, apart from all names."""
        parts = (part for step in self.program.steps for part in parts_of(step.expr, Chosen))
        found = dict.fromkeys(part.places for part in parts if not part.is_run)
        free = (letter for letter in LIST_LETTERS if letter not in self.program.arrays)
        return dict(zip(found, free, strict=False))

    def along(self, factors: tuple[Expr, ...], row: Index, column: Index, used: tuple[Index, ...]) -> sp.Expr:
        """An entry of a matrix product, Σ_k u_jk v_ki, from the left; a unit column picks one k."""
        first, *rest = factors
        if not rest:
            return self.of(first, row, column)

        def term(k: Index) -> sp.Expr:
            return self.of(first, row, k) * self.along(tuple(rest), k, column, (*used, k))

        turned_run = self.letters and _turned_choice(rest[0])
        if turned_run and len(rest) > 1:  # u S^T v, of which each entry takes one of u
            choice = turned_run

            def taken(m: Index) -> sp.Expr:
                left = self.of(first, row, self.place_in(choice, m))
                return left * self.along(tuple(rest[1:]), m, column, (*used, m))

            return self.summed(choice.shape[0], taken, (*used, row, column))
        put = self._put_place(first, tuple(rest), row, column)
        if put is not None:
            place, size = put
            return Within(_place_symbol(place), sp.Integer(size)) * term(place)
        picked = _unit_place(first, rest[0]) or self._chosen_place(first, tuple(rest), row, column)
        return term(picked) if picked else self.summed(first.shape[1], term, (*used, row, column))

    def _put_place(
        self, first: Expr, rest: tuple[Expr, ...], row: Index, column: Index
    ) -> tuple[Index, int] | None:
        """The k at which a run of rows, turned, puts an entry, and how many it has: S^T u, u S."""
        if not self.letters:
            return None
        left = _turned_choice(first)
        choice, place = (left, row) if left else (rest[0], column)
        if not isinstance(choice, Chosen) or (choice is not left and len(rest) > 1):
            return None
        if not choice.is_run and not choice.shift:
            return None
        back = (f"-{choice.shift}", 1) if choice.shift else (1 - choice.places[0],)
        return _moved(place, *back), len(choice.places)

    def _chosen_place(self, first: Expr, rest: tuple[Expr, ...], row: Index, column: Index) -> Index:
        """The k that a choice of rows picks at the left end, or turned at the right end; else 0."""
        if isinstance(first, Chosen):
            return self.place_in(first, row)
        last = rest[0] if len(rest) == 1 else None
        if isinstance(last, Transposed) and isinstance(last.arg, Chosen):
            return self.place_in(last.arg, column)
        return 0

    def terms(self, expr: Expr, row: Index, column: Index) -> tuple[sp.Expr, ...]:
        """The terms that an entry of a sum is made of, in their order; of all else the entry itself."""
        if isinstance(expr, Plus) and self.letters:
            return tuple(self._over_places(group, row, column) for group in _alike(in_order(expr)))
        if isinstance(expr, Plus):
            return tuple(self.of(term, row, column) for term in in_order(expr))
        return (self.of(expr, row, column),)

    def added(self, terms: tuple[Expr, ...], row: Index, column: Index) -> sp.Expr:
        """The sum of terms; with letters those that differ in a place alone as one sum over that."""
        if not self.letters:
            return sp.Add(*(self.of(term, row, column) for term in terms))
        return sp.Add(*(self._over_places(group, row, column) for group in _alike(terms)))

    def _over_places(self, terms: list[Expr], row: Index, column: Index) -> sp.Expr:
        """Σ_k of terms that are one term at the places 1, 2, ...; Σ_k [j = k] u_k is u_j."""
        if len(terms) == 1 or [_own_place(term) for term in terms] != list(range(1, len(terms) + 1)):
            return sp.Add(*(self.of(term, row, column) for term in terms))
        letter = next(one for one in UNIT_LETTERS if one not in (row, column, *self.busy))
        inside = replace(self, busy=(*self.busy, letter))
        body = inside.of(_at_place(terms[0], letter), row, column)
        for own, size in zip((row, column), terms[0].shape, strict=True):
            if size == len(terms) and body.has(sp.KroneckerDelta(_place_symbol(own), sp.Symbol(letter))):
                return self.of(_at_place(terms[0], str(own)), row, column)
        return _sum_over(body, letter, len(terms))


def _alike(terms: Iterable[Expr]) -> Iterable[list[Expr]]:
    """The terms that differ in a place alone, together."""
    found: dict[Expr, list[Expr]] = {}
    for term in terms:
        found.setdefault(_at_place(term, "") if _own_place(term) else term, []).append(term)
    return found.values()


def _own_place(term: Expr) -> int:
    """The place at which all unit columns of a term stand, and all its runs of rows begin; 0 for several."""
    units, runs = parts_of(term, Unit), parts_of(term, Chosen)
    found = {unit.place for unit in units} | {run.places[0] if run.is_run else 0 for run in runs}
    place = found.pop() if len(found) == 1 else 0
    return place if isinstance(place, int) else 0


def _at_place(term: Expr, letter: str) -> Expr:
    """The term at the place `letter`."""

    def leaf(part: Expr) -> Expr:
        if isinstance(part, Unit):
            return replace(part, place=letter)
        if isinstance(part, Chosen):
            return replace(part, places=tuple(range(1, len(part.places) + 1)), shift=letter)
        return part

    return rebuilt(term, leaf)


def _place_symbol(place: Index) -> sp.Expr:
    """3, j, j + k - 1 and s_k as numbers: the last is an entry of a list."""
    if isinstance(place, int):
        return sp.Integer(place)
    parts = re.findall(r"([+-]?)(\w+)", place)
    return sp.Add(*((-1 if sign == "-" else 1) * _one_place(part) for sign, part in parts))


def _one_place(part: str) -> sp.Expr:
    if part.isdecimal():
        return sp.Integer(part)
    name, _, index = part.partition("_")
    return sp.Symbol(f"{name}[{index}]" if index else name)


def _sum_over(body: sp.Expr, letter: str, size: Size) -> sp.Expr:
    """Σ body, with what does not run along before it, and the samples' sum outside."""
    running = (symbol for symbol in body.free_symbols if letter in (symbol.name, *_indices(symbol.name)))
    apart, along = body.as_independent(*running, as_Add=False)
    if along == 1:
        return apart * (sp.Integer(size) if isinstance(size, int) else sp.Symbol(size))
    if isinstance(along, Summed) and along.args[2] == sp.Symbol(str(SAMPLES)):
        inner, over, samples = along.args
        return multiple(apart, Summed(_sum_over(inner, letter, size), over, samples))
    along, ends = _ends(along, sp.Symbol(letter), size)
    return multiple(apart, Summed(along, sp.Symbol(letter), *ends))


def _ends(along: sp.Expr, k: sp.Symbol, size: Size) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """Where a sum over k ends, and begins if not at 1: 1 <= i - k + 1 <= n is said by these."""
    kept, bounds = list[sp.Expr](), list[tuple[sp.Expr, sp.Expr]]()
    for factor in sp.Mul.make_args(along):
        slope = sp.expand(factor.args[0]).coeff(k) if isinstance(factor, Within) else 0
        if slope not in (1, -1):
            kept.append(factor)
            continue
        place, count = factor.args
        low, high = sp.expand(1 - place + slope * k), sp.expand(count - place + slope * k)
        bounds.append((low, high) if slope == 1 else (-high, -low))
    if not bounds:
        return along, (sp.Symbol(str(size)),)
    first, last = (sp.Max(1, *(low for low, _ in bounds)), sp.Min(size, *(high for _, high in bounds)))
    return sp.Mul(*kept), (first, last)


def _indices(key: str) -> Sequence[str]:
    """The letters of the places in the key of an entry, and its sample."""
    listed = re.findall(r"\[([^\]]*)\]|@(\w+)", key)
    return [letter for found in listed for part in found for letter in re.split(r"[,+_-]", part)]


def multiple(coefficient: sp.Expr, entry: sp.Expr) -> sp.Expr:
    """coefficient * entry; a number stays before a sum, where SymPy would multiply it out."""
    keeps = coefficient.is_Rational and coefficient != 1 and isinstance(entry, sp.Add)
    return sp.Mul(coefficient, entry, evaluate=not keeps)


def _turned_choice(u: Expr) -> Chosen | None:
    """S of S^T"""
    return u.arg if isinstance(u, Transposed) and isinstance(u.arg, Chosen) else None


def _unit_place(left: Expr, right: Expr) -> Index:
    """The k that a unit column on either side picks; 0 where there is none."""
    inside = left.arg if isinstance(left, Transposed) else None
    unit = inside if isinstance(inside, Unit) else right
    return unit.place if isinstance(unit, Unit) else 0


def _moved(place: Index, *by: Index) -> Index:
    """j + k - 1 and j - k + 1, of places and numbers: letters in their order, what is taken off behind."""
    counts, number = dict[str, int](), 0
    for one in (place, *by):
        for sign, part in re.findall(r"([+-]?)(\w+)", str(one)):
            step = -1 if sign == "-" else 1
            if part.isdecimal():
                number += step * int(part)
            else:
                counts[part] = counts.get(part, 0) + step
    if not any(counts.values()):
        return number
    letters = [("-" if count < 0 else "+") + letter for letter, count in counts.items() if count]
    letters.sort(key=lambda letter: letter[0] == "-")
    return "".join(letters).removeprefix("+") + (f"{number:+d}" if number else "")


def _arg_at(entries: Entries, arg: Expr, shape: Shape, row: Index, column: Index) -> sp.Expr:
    """An argument's entry; a number is the same for all."""
    return entries.of(arg, 1, 1) if arg.shape == SCALAR != shape else entries.of(arg, row, column)


def _unit(_: Entries, unit: Unit, row: Index, __: Index) -> sp.Expr:
    return sp.KroneckerDelta(_place_symbol(row), _place_symbol(unit.place))


def _chosen(entries: Entries, chosen: Chosen, row: Index, column: Index) -> sp.Expr:
    return sp.KroneckerDelta(_place_symbol(column), _place_symbol(entries.place_in(chosen, row)))


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
    of = expr.of
    size = (of if expr.back else of.arg).shape[1 if of.rows else 0]
    own = column if of.rows else row

    def term(m: Index) -> sp.Expr:
        above, below = (m, own) if expr.back else (own, m)
        at = (row, m) if of.rows else (m, column)
        return entries.local_slope(of, above, below, row if of.rows else column) * entries.of(expr.arg, *at)

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
        Plus: lambda entries, expr, *at: entries.added(expr.terms, *at),
        Scaled: lambda entries, expr, *at: multiple(expr.coefficient, entries.of(expr.arg, *at)),
        Spread: lambda entries, expr, *at: entries.of(expr.scale, 1, 1) * entries.of(expr.arg, *at),
        Entrywise: _entrywise,
        Coupled: _coupled,
        Jacobian: _jacobian,
        Held: lambda entries, expr, *at: entries.of(expr.arg, *at),
    }
)
