"""The index form proved: each line, at numbers for its letters, is the entry of the equation in matrices.

    δ_j = φ'(z_j) Σ_k w_kj δ_k   at j = 1   is   ((W^T δ) ⊙ φ'(z))_1

What an equation in matrices comes to entry by entry is proved on the scalar side;
here it is held against what is printed with running letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from derive.matrix.equations import Equation, finder
from derive.matrix.expr import Coupled, Index
from derive.matrix.indexed import Entries
from derive.matrix.placed import Placed
from derive.matrix.proof import all_places, corners, vanishes
from derive.matrix.reading import Reading

Place = tuple[int, int]


@dataclass(frozen=True)
class EntryLine:
    """One line of the index form at one place.

    number   which of the equation's forms it is
    key      the scalar steps' name of the left side there
    entry    the line as it is printed, with numbers for its letters
    written  the entry of the form in matrices
    """

    equation: Equation
    number: int
    at: Place
    key: str
    entry: sp.Expr
    written: sp.Expr

    @property
    def holds(self) -> bool:
        """Whether the line is proved to be the entry."""
        return vanishes(self.entry - self.written)


@dataclass(frozen=True)
class EntryLines:
    """The lines of one problem's index form, each at the corners of its array."""

    reading: Reading

    def __iter__(self) -> Iterator[EntryLine]:
        for equation in self.reading.view.equations:
            letters = self.reading.at(equation)
            for number, entry in self.reading.in_letters(equation):
                for at in self._corners(equation):
                    yield self._line(equation, number, at, entry, letters)

    def _line(
        self, equation: Equation, number: int, at: Place, entry: sp.Expr, letters: tuple[Index, Index]
    ) -> EntryLine:
        pairs = zip(letters, at, strict=True)
        placed = self._placed(entry, {letter: k for letter, k in pairs if isinstance(letter, str)})
        slopes = {one: self._slope(one.name) for one in placed.free_symbols if self._is_slope(one)}
        key = self._written.name(equation.array, *at).name
        written = self._written.of(equation.forms[number].expr, *at)
        return EntryLine(equation, number, at, key, placed.xreplace(slopes), written)

    def _corners(self, equation: Equation) -> Iterator[Place]:
        places = all_places(self.reading.view, equation.array.shape)
        return iter(corners(dict.fromkeys(places, "")))

    @cached_property
    def _written(self) -> Entries:
        return Entries(self.reading.view.program, letters=False)

    @cached_property
    def _placed(self) -> Placed:
        return Placed(Entries(self.reading.view.program, letters=True))

    @cached_property
    def _find(self) -> Callable[[str], tuple[str, int, int]]:
        return finder(self.reading.problem)

    def _is_slope(self, symbol: sp.Symbol) -> bool:
        """Whether it is ∂a_m/∂z_j, of a rule that couples its entries."""
        of, is_derivative, _ = symbol.name.removeprefix("d").partition("/d")
        return bool(is_derivative) and isinstance(self._step(of), Coupled)

    def _step(self, key: str) -> object:
        step = self.reading.view.program.by_key.get(self._find(key)[0])
        return step.expr if step else None

    def _slope(self, name: str) -> sp.Expr:
        """What stands for ∂a_m/∂z_j."""
        of, _, by = name.removeprefix("d").partition("/d")
        rule = self._step(of)
        assert isinstance(rule, Coupled), "only such a rule has slopes of its own"
        (_, *above), (_, *below) = self._find(of), self._find(by)
        own, line = (1, 0) if rule.rows else (0, 1)
        return self._written.local_slope(rule, above[own], below[own], above[line])


def index_proofs(reading: Reading) -> Mapping[tuple[str, int], bool]:
    """Whether each line is proved at all of its corners, by its array's key and its form's place."""
    found: dict[tuple[str, int], bool] = {}
    for line in EntryLines(reading):
        place = line.equation.array.key, line.number
        found[place] = found.get(place, True) and line.holds
    return found
