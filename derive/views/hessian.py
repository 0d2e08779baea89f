"""The Hessian: every second derivative of one quantity.

    H[i, j] = d2C/dw_i dw_j

Each entry is a derivation like any other, made when it is read; the matrix is
symmetric by Schwarz's theorem, and each of a pair is derived by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import sympy as sp

from derive.errors import AnswerError
from derive.views.closed import MOST_OPERATIONS, ClosedForm
from derive.views.lines import WIDTH, Line, Shown, aligned
from derive.views.protocols import DerivationLike, GradientLike
from derive.writing.latex import latex
from derive.writing.tree import Matrix, equals

T = TypeVar("T")

MOST_ROWS = 24
"""576 derivations; larger ones are asked for in parts."""


@dataclass(frozen=True, eq=False)
class Hessian(Shown):
    """The second derivatives of `of` by `keys`, a square matrix."""

    derivation: DerivationLike
    of: str
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.keys) > MOST_ROWS:
            raise AnswerError(
                f"a Hessian by {len(self.keys)} quantities has {len(self.keys) ** 2:,} entries; name at most"
                f" {MOST_ROWS} of them, as in hessian('C', ['w1[1,1]', 'w1[1,2]']), or read one entry"
            )

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.keys), len(self.keys)

    def __getitem__(self, place: tuple[int, int]) -> GradientLike:
        """The derivation of one entry; rows and columns count from 0, as a SymPy matrix has them."""
        row, column = place
        return self.derivation.gradient(self.of, self.keys[row], self.keys[column])

    def _of_entries(self, entry: Callable[[GradientLike], T]) -> tuple[tuple[T, ...], ...]:
        places = range(len(self.keys))
        return tuple(tuple(entry(self[row, column]) for column in places) for row in places)

    @cached_property
    def forms(self) -> tuple[tuple[ClosedForm, ...], ...]:
        """Each entry in quantities of the forward pass."""
        kept = self.derivation.program.by_key
        return self._of_entries(lambda entry: ClosedForm.of(entry, MOST_OPERATIONS, kept))

    @property
    def expression(self) -> sp.ImmutableMatrix:
        """The forms as one SymPy matrix."""
        return sp.ImmutableMatrix([[form.expression for form in row] for row in self.forms])

    def closed_form(self, limit: int = MOST_OPERATIONS) -> sp.ImmutableMatrix:
        """Each entry in weights and data alone. Raises TooLargeError for one beyond so many operations."""
        return sp.ImmutableMatrix(self._of_entries(lambda entry: ClosedForm.of(entry, limit).expression))

    @property
    def steps(self) -> tuple[Line, ...]:
        """What each entry comes to, row by row, what is below the diagonal left out."""
        upper = (form for place, row in enumerate(self.forms) for form in row[place:])
        return tuple(line for form in upper for line in form.steps)

    @property
    def latex(self) -> str:
        letters = Matrix(self._of_entries(lambda entry: entry.whole))
        return latex(equals(letters, Matrix(tuple(tuple(form.tree for form in row) for row in self.forms))))

    def text(self, width: int = WIDTH) -> str:
        return aligned(self.steps, width)
