"""The index form: the same equations for one entry, each line with its reason and its check.

z_j = Σ_k w_jk a_k + b_j               ∂C/∂w_jk = Σ_i δ_j a_k
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from derive.matrix.equations import Equation
from derive.matrix.reading import Reading
from derive.whole_functions import Summed
from derive.writing.tree import Num, equals
from reports.content.desk import elided
from reports.content.forms.wholes import Wholes
from reports.content.page import Block, Chain, Piece, Stride, Strides


@dataclass(frozen=True)
class IndexForm:
    """Writes the equations for one entry."""

    wholes: Wholes

    @property
    def reading(self) -> Reading:
        return self.wholes.reading

    def where_shared(self) -> Iterator[Block]:
        """w_11 = w_22 = u: the places of each shared parameter."""
        for one in self.wholes.shared:
            places = [self.reading.entry(sp.Symbol(place)) for place in one.parameter.places]
            letter = self.reading.entry(sp.Symbol(one.parameter.key))
            yield Chain((Piece("", elided(equals(*places))), Piece("=", letter)))

    def forward(self) -> Iterator[Block]:
        for equation in self.wholes.view.forward:
            yield self._lines(equation)

    def backward(self) -> Iterator[Block]:
        for equation in self.wholes.view.backward:
            yield self._lines(equation)

    def shared(self) -> Iterator[Block]:
        for one in self.wholes.shared:
            lhs = self.reading.entry(sp.Symbol(one.key))
            yield Strides(lhs, self.wholes.shared_strides(one), "the derivative by a shared parameter")

    def _lines(self, equation: Equation) -> Strides:
        """The entry with running letters, and where it holds sums the first one written out."""
        reading, wholes = self.reading, self.wholes
        lines = [
            Stride(
                reading.shown(equation, number),
                wholes.because(equation.forms[number]),
                wholes.check_entry(equation, number),
            )
            for number, _ in reading.in_letters(equation)
        ]
        if not equation.forms:
            lines.append(Stride(Num("0"), ("independent",), ("exactly",)))
        elif not lines or self._has_sums(equation):
            first = reading.left(equation, letters=False, at=(1, 1))
            told = [number for number, _ in reading.in_letters(equation)]
            last = len(equation.forms) - 1
            check = wholes.check_entry(equation, told[-1]) if told else wholes.check(equation, last)
            entry = elided(reading.first_shown(equation))
            lines.append(Stride(entry, ("written out",), check, lhs=reading.entry(first)))
        lhs = reading.entry(reading.left(equation, letters=True, at=reading.at(equation)))
        return Strides(lhs, tuple(lines), "one entry")

    def _has_sums(self, equation: Equation) -> bool:
        """Whether the last line has a sum, which its first entry shows term by term."""
        *_, (_, last) = self.reading.in_letters(equation)
        return bool(last.has(Summed))
