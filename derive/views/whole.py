"""The derivative by a whole array: ∂C/∂W¹ = δ¹ xᵀ, in matrices or for one entry in running letters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import sympy as sp

from derive.errors import AnswerError, did_you_mean
from derive.matrix.equations import Equation, matrix_view
from derive.matrix.indexed import Entries
from derive.problem import Graph, Problem
from derive.quantities import Quantity, read
from derive.views.layers import LayerView
from derive.views.lines import WIDTH, Line, Shown, aligned
from derive.writing.latex import latex
from derive.writing.tree import Num, Tree, equals

OF_AN_ARRAY = re.compile(r"d(\w+)/d(\w+)")

VIEWS = ("matrix", "index")


@dataclass(frozen=True, eq=False, repr=False)
class ArrayGradient(Shown):
    """The gradient of a cost by a layer's array or a graph's.

    array    W1, b1, z1, a1, x of a network, the name of a graph's vector or matrix
    letters  whether lines are of one entry in running letters, and not of whole arrays
    """

    problem: Problem
    of: str
    array: str
    letters: bool = False

    @classmethod
    def named(cls, problem: Problem, name: str) -> ArrayGradient | None:
        """What dC/dW1 names; None of what names no array."""
        match = OF_AN_ARRAY.fullmatch(name)
        if match is None or (isinstance(problem.body, Graph) and not problem.body.shapes):
            return None
        try:
            of = read(problem, match[1]).of
        except AnswerError:
            return None
        known = matrix_view(problem).program.arrays if of in problem.objectives else {}
        array = next((key for key in (match[2], match[2].capitalize()) if key in known), None)
        return None if array is None else cls(problem, of, array)

    def view(self, name: str) -> ArrayGradient:
        """In matrices, or by index."""
        if name not in VIEWS:
            raise AnswerError(
                f"a whole array has no view '{name}'{did_you_mean(name, VIEWS)}; "
                f"there are {', '.join(VIEWS)}; one entry's derivative has all"
            )
        return replace(self, letters=name == "index")

    @property
    def _layers(self) -> LayerView:
        """The view of the first entry, whose equations are these."""
        program = matrix_view(self.problem).program
        return LayerView(
            self.problem, Quantity(self.of, (program.entry(self.array, 1, 1),)), letters=self.letters
        )

    @property
    def equation(self) -> Equation:
        """The array's own equation."""
        ((equation, _), *_) = self._layers.own
        return equation

    @property
    def steps(self) -> tuple[Line, ...]:
        """The equations that lead to it, from the cost down, its own at last."""
        return self._layers.told

    @property
    def expression(self) -> sp.ImmutableDenseMatrix:
        """The matrix of all entries, in the errors and activations that they are made of."""
        layers, equation = self._layers, self.equation
        rows, columns = map(layers.reading.view.program.size, equation.array.shape)
        entries = Entries(layers.reading.view.program, letters=False)
        forms = [form.expr for form in equation.forms if not form.sums_to_one][-1:]
        return sp.ImmutableDenseMatrix(
            rows, columns, lambda j, k: sum((entries.of(expr, j + 1, k + 1) for expr in forms), sp.S.Zero)
        )

    @property
    def _sides(self) -> tuple[Tree, ...]:
        own = [line for line in self.steps if line.lhs == self.steps[-1].lhs]
        return (own[-1].lhs, *dict.fromkeys(line.rhs for line in own)) if own else (Num("0"),)

    @property
    def latex(self) -> str:
        return latex(equals(*self._sides))

    def text(self, width: int = WIDTH) -> str:
        return aligned(self.steps, width)

    def __repr__(self) -> str:
        return f"<derivation of d{self.of}/d{self.array}>"
