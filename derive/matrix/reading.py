"""Equations of matrices as a reader sees them: in letters of the problem, whole and entry by entry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from derive.matrix.equations import Equation, MatrixView
from derive.matrix.expr import Array, Expr, Index, as_read
from derive.matrix.indexed import SAMPLES, Entries
from derive.matrix.placed import Placed
from derive.notation import write_array, write_entry
from derive.problem import Graph, Network, Problem
from derive.writing.from_matrices import tree_of_matrix
from derive.writing.from_sympy import Order, natural_text, tree_of
from derive.writing.plain import plain
from derive.writing.tree import Tree

IN_NETWORK, IN_GRAPH = ("j", "k"), ("i", "j")
"""The running letters of an entry's row and column; a sample is i."""


@dataclass(frozen=True)
class Reading:
    """The equations of one problem in its own letters."""

    problem: Problem
    view: MatrixView
    _lettered: dict[str, tuple[tuple[int, sp.Expr], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def lettered(self) -> Problem:
        """The problem in one notation for arrays and entries: own names, which arrays lack, stand aside."""
        notation = self.problem.notation
        return (
            replace(self.problem, notation=replace(notation, style="superscript"))
            if self.aside
            else self.problem
        )

    @property
    def aside(self) -> bool:
        """Whether own names are not written here that are written elsewhere."""
        return self.problem.notation.style == "names" and isinstance(self.problem.body, Network)

    def letter(self, key: str) -> Tree:
        """A whole array."""
        return write_array(self.lettered, key)

    def told(self, because: str) -> tuple[str | Tree, ...]:
        """A reason with the letters of the arrays that it names: the weighted input is linear in W¹."""
        pieces = re.split(r"\{([^{}]+)\}", because)
        told = (self.letter(piece) if place % 2 else piece for place, piece in enumerate(pieces))
        return tuple(piece for piece in told if piece != "")

    def spoken(self, because: str) -> str:
        """The same as a line of text."""
        return "".join(part if isinstance(part, str) else plain(part) for part in self.told(because))

    def whole(self, expr: Expr) -> Tree:
        """An expression of whole arrays."""
        return tree_of_matrix(expr, self.letter)

    def entry(self, expr: sp.Expr) -> Tree:
        """An expression of entries, by the keys of the scalar steps."""
        return tree_of(expr, self._leaf, AS_IN_BOOKS)

    def shown(self, equation: Equation, number: int) -> Tree:
        """A form's entry in running letters, its terms and factors in the order of the form in matrices."""
        expr = equation.forms[number].expr
        return self._in_order(expr, Entries(self.view.program, letters=True).terms(expr, *self.at(equation)))

    def first_shown(self, equation: Equation) -> Tree:
        """The last line's first entry, with every sum written out."""
        lettered = list(self.in_letters(equation))
        if not lettered:
            expr = equation.forms[-1].expr
            return self._in_order(expr, Entries(self.view.program, letters=False).terms(expr, 1, 1))
        entries, letters = Entries(self.view.program, letters=True), self.at(equation)
        expr = equation.forms[lettered[-1][0]].expr
        at_first = {letter: 1 for letter in letters if isinstance(letter, str)}
        terms = (Placed(entries)(term, at_first) for term in entries.terms(expr, *letters))
        return self._in_order(expr, tuple(terms))

    def _in_order(self, expr: Expr, terms: Sequence[sp.Expr]) -> Tree:
        return self._added(terms, self._order(expr))

    def added(self, terms: Sequence[sp.Expr]) -> Tree:
        """A sum of entries whose terms are in order."""
        return self._added(terms, AS_IN_BOOKS)

    def _added(self, terms: Sequence[sp.Expr], order: Order) -> Tree:
        places = {part: k for k, term in enumerate(terms) for part in sp.Add.make_args(term)}
        return tree_of(sp.Add(*terms), self._leaf, replace(order, of_terms=places))

    def _leaf(self, symbol: sp.Symbol) -> Tree:
        return write_entry(self.lettered, symbol.name)

    def _order(self, expr: Expr) -> Order:
        """In a network as books have it; in a graph as its author wrote it, with numbers in front."""
        if isinstance(self.problem.body, Network):
            return AS_IN_BOOKS
        places = {array.key: place for place, array in reversed(list(enumerate(as_read(expr))))}
        last = len(places)

        def summand(symbol: sp.Symbol) -> tuple[int, tuple[int | str, ...]]:
            return places.get(symbol.name.partition("[")[0], last), natural_text(symbol.name)

        def factor(symbol: sp.Symbol) -> tuple[bool, int, tuple[int | str, ...]]:
            return "[" in symbol.name, *summand(symbol)

        return Order(summand, factor)

    def place(self, array: Array) -> tuple[Index, Index]:
        """The running letters of an entry; where there is only one row or column, its number.

        In a network j is the unit that a weight leads to, whichever way W lies; in a
        graph i is the row and j the column, and j too where a vector has an entry for each column.
        """
        sizes = [self.view.program.size(size) for size in array.shape]
        if isinstance(self.problem.body, Graph):
            row, column = (letter if size > 1 else 1 for letter, size in zip(IN_GRAPH, sizes, strict=True))
            return (IN_GRAPH[1] if row == IN_GRAPH[0] and array.key in self.of_columns else row), column
        rows = self.problem.notation.samples == "rows" and SAMPLES not in array.shape
        units, at = iter(IN_NETWORK), list[Index]()
        for letter, size in list(zip(array.shape, sizes, strict=True))[:: -1 if rows else 1]:
            at.append("i" if letter == SAMPLES else 1 if size == 1 else next(units))
        first, second = at
        return (second, first) if rows else (first, second)

    @cached_property
    def of_columns(self) -> frozenset[str]:
        """A graph's vectors that have an entry for each column of what reads them: m_j in Z_ij - m_j."""
        entries, found = Entries(self.view.program, letters=True), set[str]()
        for step in reversed(self.view.program.steps):
            rows, columns = map(self.view.program.size, step.array.shape)
            lone = columns == 1 or rows == 1
            if lone and step.array.key not in found:
                continue
            at = (IN_GRAPH[1], 1) if lone else IN_GRAPH
            try:
                entry = entries.of(step.expr, *at)
            except KeyError:
                continue
            read = {one.name.partition("[")[::2] for one in entry.free_symbols}
            by_row = {key for key, index in read if index == f"{IN_GRAPH[0]}]"}
            found |= {key for key, index in read if index == f"{IN_GRAPH[1]}]"} - by_row
        return frozenset(found)

    def at(self, equation: Equation) -> tuple[Index, Index]:
        """The same of an equation's left side; in numerator layout an adjoint lies."""
        array = equation.by or equation.array
        at = self.place(array)
        return at if array.shape == equation.array.shape else at[::-1]

    def in_letters(self, equation: Equation) -> Iterator[tuple[int, sp.Expr]]:
        """Each form's place and entry in running letters, where it has one and it is not the last one again.

        A rule such as maxout has no formula in running letters.
        """
        key = equation.array.key
        if key not in self._lettered:
            self._lettered[key] = tuple(self._read_in_letters(equation))
        yield from self._lettered[key]

    def _read_in_letters(self, equation: Equation) -> Iterator[tuple[int, sp.Expr]]:
        entries = Entries(self.view.program, letters=True)
        last: sp.Expr | None = None
        for place, form in enumerate(equation.forms):
            try:
                entry = entries.of(form.expr, *self.at(equation))
            except KeyError:
                continue
            if entry != last:
                yield place, entry
            last = entry

    def left(self, equation: Equation, *, letters: bool, at: tuple[Index, Index]) -> sp.Symbol:
        """The entry of the left side."""
        return Entries(self.view.program, letters=letters).name(equation.array, *at)

    def written_out(self, equation: Equation, at: tuple[Index, Index]) -> sp.Expr:
        """One entry by numbers, with every sum written out, in the last form that assumes nothing."""
        *_, form = (form for form in equation.forms if not form.sums_to_one)
        return shared_apart(Entries(self.view.program, letters=False).of(form.expr, *at))


def shared_apart(expr: sp.Expr) -> sp.Expr:
    """The expression with what all terms of a factor share before it, as where the sum has a letter.

    -1/(2 s) (u/s^2 + v/s^2) = -(u + v)/(2 s^3)
    """
    if isinstance(expr, sp.Add):
        return sp.Add(*map(shared_apart, expr.args))
    apart = [part for factor in sp.Mul.make_args(expr) for part in _shared(factor)]
    sums = [part for part in apart if isinstance(part, sp.Add)]
    if len(apart) == len(sp.Mul.make_args(expr)):
        return expr
    rest = sp.Mul(*(part for part in apart if not isinstance(part, sp.Add)))
    return sp.Mul(*sp.Mul.make_args(rest), *sums, evaluate=False)


def _shared(factor: sp.Expr) -> Iterator[sp.Expr]:
    """What all terms of a sum have as a factor, and the sum of what is left of each."""
    if not isinstance(factor, sp.Add):
        yield factor
        return
    terms = [dict(term.as_powers_dict()) for term in factor.args]
    shared = {base: power for base, power in terms[0].items() if all(t.get(base) == power for t in terms)}
    yield from (base**power for base, power in shared.items())
    left = ({base: power for base, power in term.items() if base not in shared} for term in terms)
    rests = [sp.Mul(*(base**power for base, power in term.items())) for term in left]
    yield sp.Add(*rests, evaluate=False) if shared else factor


def _rank(symbol: sp.Symbol) -> tuple[int, tuple[int | str, ...]]:
    """Numbers first, then weights, errors, activations, all else; as a book orders w δ and δ a."""
    name = symbol.name
    if ERROR.match(name):
        return 1, natural_text(name)
    return (_ORDER.get(name[0], 3) if "[" in name else 0), natural_text(name)


ERROR = re.compile(r"d.*/d|delta[lL]")
"""A derivative, or in the general theory an entry of an error by its own name."""

_ORDER: Mapping[str, int] = MappingProxyType({"w": 0, "W": 0, "z": 2, "a": 2, "x": 2, "y": 3})

AS_IN_BOOKS = Order(_rank, _rank)
"""The order of factors and summands on every page."""
