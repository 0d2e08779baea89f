"""Equations of matrices as a reader sees them: in letters of the problem, whole and entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from derive.matrix.equations import Equation, MatrixView
from derive.matrix.expr import Array, Expr, Index
from derive.matrix.indexed import SAMPLES, Entries
from derive.notation import write_array, write_entry
from derive.problem import Graph, Problem
from derive.writing.from_matrices import tree_of_matrix
from derive.writing.from_sympy import Order, natural_text, tree_of
from derive.writing.tree import Tree

IN_NETWORK, IN_GRAPH = ("j", "k"), ("i", "j")
"""The running letters of an entry's row and column; a sample is i."""


@dataclass(frozen=True)
class Reading:
    """The equations of one problem in its own letters."""

    problem: Problem
    view: MatrixView

    def letter(self, key: str) -> Tree:
        """A whole array."""
        return write_array(self.problem, key)

    def whole(self, expr: Expr) -> Tree:
        """An expression of whole arrays."""
        return tree_of_matrix(expr, self.letter)

    def entry(self, expr: sp.Expr) -> Tree:
        """An expression of entries, by the keys of the scalar steps."""
        return tree_of(expr, lambda symbol: write_entry(self.problem, symbol.name), Order(_rank, _rank))

    def place(self, array: Array) -> tuple[Index, Index]:
        """The running letters of an entry; where there is only one row or column, its number."""
        units = iter(IN_GRAPH if isinstance(self.problem.body, Graph) else IN_NETWORK)
        at: list[Index] = []
        for size in array.shape:
            one = self.view.program.size(size) == 1 and size != SAMPLES
            at.append(1 if one else "i" if size == SAMPLES else next(units))
        return at[0], at[1]

    def at(self, equation: Equation) -> tuple[Index, Index]:
        """The same of an equation's left side; in numerator layout an adjoint lies."""
        array = equation.by or equation.array
        at = self.place(array)
        return at if array.shape == equation.array.shape else at[::-1]

    def in_letters(self, equation: Equation) -> Iterator[sp.Expr]:
        """Each form's entry in running letters; none of a rule that has no formula in them (maxout)."""
        entries = Entries(self.view.program, letters=True)
        for form in equation.forms:
            try:
                yield entries.of(form.expr, *self.at(equation))
            except KeyError:
                return

    def left(self, equation: Equation, *, letters: bool, at: tuple[Index, Index]) -> sp.Symbol:
        """The entry of the left side."""
        return Entries(self.view.program, letters=letters).name(equation.array, *at)

    def written_out(self, equation: Equation, at: tuple[Index, Index]) -> sp.Expr:
        """One entry by numbers, with every sum written out."""
        return Entries(self.view.program, letters=False).of(equation.forms[-1].expr, *at)


def _rank(symbol: sp.Symbol) -> tuple[int, tuple[int | str, ...]]:
    """Numbers first, then weights, errors, activations, all else; as a book orders w δ and δ a."""
    name = symbol.name
    if name.startswith("d") and "/d" in name:
        return 1, natural_text(name)
    return (_ORDER.get(name[0], 3) if "[" in name else 0), natural_text(name)


_ORDER: Mapping[str, int] = MappingProxyType({"w": 0, "W": 0, "z": 2, "a": 2, "x": 2, "y": 3})
