"""One derivative in whole layers: the equations that lead to its array, and its own entry of that.

matrix   ∂C/∂W¹ = δ¹ xᵀ, with δ¹ = ((W²)ᵀ δ²) ⊙ σ′(z¹), ...
index    ∂C/∂w_jk = δ_j x_k, with δ_j = σ′(z_j) Σ_k w_kj δ_k, ..., and then for this j and k
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from derive.errors import AnswerError
from derive.matrix.equations import Equation, finder, matrix_view
from derive.matrix.expr import Index, arrays_in
from derive.matrix.reading import Reading
from derive.matrix.shared import decay_of
from derive.notation import write_entry
from derive.problem import Graph, Problem
from derive.quantities import Quantity
from derive.views.lines import WIDTH, Line, Proof, Shown, aligned
from derive.writing.latex import latex
from derive.writing.tree import Num, Tree, equals


@dataclass(frozen=True, eq=False, repr=False)
class LayerView(Shown):
    """A first derivative of the cost, in matrices or by index.

    letters  whether lines are of one entry in running letters, and not of whole arrays
    """

    problem: Problem
    quantity: Quantity
    letters: bool

    @classmethod
    def of(cls, problem: Problem, quantity: Quantity, *, letters: bool) -> LayerView:
        """Raises AnswerError for what is no first derivative of an objective of a problem of arrays."""
        if quantity.of not in problem.objectives or len(quantity.by) != 1:
            raise AnswerError(
                "matrix and index form are of first derivatives of the whole cost, such as"
                ' dC/dw1[1,1]; read this one in view("chain"), "forward" or "closed"'
            )
        if isinstance(problem.body, Graph) and not problem.body.shapes:
            raise AnswerError("this graph has no vectors or matrices; read it in the chain view")
        return cls(problem, quantity, letters)

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The entries that the quantity stands at: a shared parameter at each of its uses."""
        (by,) = self.quantity.by
        parameter = self.problem.parameter.get(by)
        return parameter.places if parameter and parameter.key == by else (by,)

    @cached_property
    def reading(self) -> Reading:
        """The equations of the whole problem, those by this quantity's arrays among them."""
        find = finder(self.problem)
        wrt = tuple(dict.fromkeys(find(place)[0] for place in self.places))
        return Reading(self.problem, matrix_view(self.problem, self.quantity.of, wrt))

    @cached_property
    def own(self) -> tuple[tuple[Equation, tuple[Index, Index]], ...]:
        """The equation of each array that it stands in, and the entry there."""
        by_key = {one.by.key: one for one in self.reading.view.backward if one.by}
        found = []
        for place in self.places:
            array, row, column = finder(self.problem)(place)
            equation = by_key[array]
            lies = equation.by is not None and equation.by.shape != equation.array.shape
            found.append((equation, (column, row) if lies else (row, column)))
        return tuple(found)

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equations that lead to these, from the cost down."""
        by_key = {one.array.key: one for one in self.reading.view.backward}
        needed, stack = set[str](), [equation for equation, _ in self.own]
        while stack:
            equation = stack.pop()
            if equation.array.key not in needed:
                needed.add(equation.array.key)
                read = (array.key for form in equation.forms for array in arrays_in(form.expr))
                stack += (by_key[key] for key in read if key in by_key)
        return tuple(one for one in self.reading.view.backward if one.array.key in needed)

    @property
    def told(self) -> tuple[Line, ...]:
        """Each equation with its forms."""
        tell = self._index_lines if self.letters else self._matrix_lines
        return tuple(line for one in self.equations for line in tell(one))

    @property
    def steps(self) -> tuple[Line, ...]:
        """Each equation with its forms, and at last this derivative's own entry written out."""
        told = self.told
        last = self._last
        repeated = bool(told) and (told[-1].lhs, told[-1].rhs) == (last.lhs, last.rhs)
        named = () if self.lhs == last.lhs else (Line(self.lhs, last.lhs, "the same by its own name"),)
        return (*told, *(() if repeated else (last,)), *named)

    def _matrix_lines(self, equation: Equation) -> Iterator[Line]:
        lhs = self.reading.letter(equation.array.key)
        for number, form in enumerate(equation.forms):
            yield Line(
                lhs, self.reading.whole(form.expr), self.reading.spoken(form.because), PROOFS[number > 0]
            )
        if not equation.forms:
            yield Line(lhs, Num("0"), "independent")

    def _index_lines(self, equation: Equation) -> Iterator[Line]:
        reading = self.reading
        at = reading.at(equation)
        lhs = reading.entry(reading.left(equation, letters=True, at=at))
        for number, _ in reading.in_letters(equation):
            because = reading.spoken(equation.forms[number].because)
            yield Line(lhs, reading.shown(equation, number), because, PROOFS[number > 0])
        if not equation.forms:
            yield Line(lhs, Num("0"), "independent")

    @property
    def _last(self) -> Line:
        because = "its uses added up" if len(self.own) > 1 else "its own entry"
        return Line(self.placed, self.reading.entry(self.expression), because, "substitution")

    @property
    def lhs(self) -> Tree:
        """The derivative's own letters."""
        return write_entry(self.problem, self.symbol.name)

    @property
    def placed(self) -> Tree:
        """The same by its place in the layers, as the lines have it."""
        return self.reading.entry(self.symbol)

    @property
    def symbol(self) -> sp.Symbol:
        return sp.Symbol(f"d{self.quantity.of}/d{self.quantity.by[0]}")

    @property
    def expression(self) -> sp.Expr:
        """The entry in the errors and activations that it is made of; a shared parameter's uses added up."""
        entries = (
            self.reading.written_out(equation, at) if equation.forms else sp.S.Zero
            for equation, at in self.own
        )
        return sp.Add(*entries, self._decay)

    @property
    def _decay(self) -> sp.Expr:
        """(λ/n) w of a shared weight, which no array has as one entry."""
        (by,) = self.quantity.by
        network, parameter = self.problem.body, self.problem.parameter.get(by)
        if isinstance(network, Graph) or parameter is None or not parameter.shared or parameter.key != by:
            return sp.S.Zero
        return decay_of(network, parameter)

    @property
    def latex(self) -> str:
        sides = dict.fromkeys((self.lhs, self.placed))
        return latex(equals(*sides, self.reading.entry(self.expression)))

    def text(self, width: int = WIDTH) -> str:
        return aligned(self.steps, width)


PROOFS: tuple[Proof, Proof] = ("rule", "identity")
"""Of an equation's first form, and of one in the usual slope, which was proved."""
