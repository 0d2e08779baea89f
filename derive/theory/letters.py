"""How statements about any layer are written: W^{l+1}, w^{l+1}_{kj}, δ^l_j, by the reader's notation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derive.matrix.expr import Array, Expr
from derive.matrix.indexed import SAMPLES
from derive.matrix.reading import AS_IN_BOOKS
from derive.matrix.sweep import ONE
from derive.notation import CONSTANTS, LETTERS, STYLES
from derive.problem import Notation
from derive.theory.names import ENTRY
from derive.theory.proofs import Pair, Reason
from derive.writing.from_matrices import tree_of_matrix
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import TOTAL, Fence, Ident, Op, Row, Script, Tree, partial, plus

COLUMN = "1"
"""The second index of an entry of a column."""


@dataclass(frozen=True)
class Letters:
    """One notation; `rows` where samples are rows and W is [in][out]."""

    notation: Notation
    rows: bool = False

    def matrix(self, expr: Expr) -> Tree:
        """An expression of whole arrays."""
        return tree_of_matrix(expr, self.array)

    def entries(self, expr: sp.Basic) -> Tree:
        """An expression of entries."""
        return tree_of(expr, lambda symbol: self.entry(symbol.name), AS_IN_BOOKS)

    def pairs(self, side: tuple[Pair, ...]) -> Tree:
        """<U, V> + <U, V>; <1, V> of a number is V."""
        return plus(*map(self._pair, side))

    def _pair(self, pair: Pair) -> Tree:
        u, v = map(self.matrix, pair)
        return v if pair[0] == ONE else Fence("⟨", Row((u, Op(","), v)), "⟩")

    def reason(self, because: Reason) -> tuple[str | Tree, ...]:
        """Words with their formulas."""
        return tuple(
            part if isinstance(part, str) else self.entries(part) if isinstance(part, sp.Basic)
            else self.matrix(part)
            for part in because
        )  # fmt: skip

    def array(self, key: str) -> Tree:
        """W^l, δ^l, ∇_aC, ∂C/∂W^l, dz^l, or a number that a coefficient names."""
        of, is_gradient, by = key.removeprefix("d").partition("/d")
        if is_gradient:
            return self._gradient(by)
        if key in CONSTANTS:
            return CONSTANTS[key]
        if key == "C":
            return spell(self.notation.cost)
        if key.startswith("d"):
            return Row((TOTAL, self.array(of)))
        return self._placed(self._letter(key[0]), key[1:])

    def _gradient(self, by: str) -> Tree:
        if by[0] in "zZ":
            return self._placed(Ident("δ" if by[0] == "z" else "Δ"), by[1:])
        cost = self.array("C")
        if by[0] in "aA":
            return Row((Script(Ident("∇"), sub=self._letter(by[0])), cost))
        return partial(cost, self.array(by))

    def _letter(self, letter: str) -> Tree:
        if letter.lower() not in LETTERS:
            return Ident(letter)
        written = spell(LETTERS[letter.lower()](self.notation))
        if letter.islower() or not isinstance(written, Ident):
            return written
        return Ident(written.text.upper())

    def _placed(
        self, base: Tree, label: str, indices: tuple[int | str, ...] = (), sample: str | None = None
    ) -> Tree:
        if not label and not indices:
            return base
        if not label:
            listed = STYLES["superscript"](base, 0, indices, None)
            assert isinstance(listed, Script), "a letter with indices"
            return Script(base, listed.sub)
        return STYLES[self.notation.style](base, int(label) if label.isdecimal() else label, indices, sample)

    def entry(self, name: str) -> Tree:
        """w^l_{jk}, δ^l_j, ∂C/∂a^l_j, ∂a^l_j/∂z^l_k; of a batch with the sample's index."""
        of, is_slope, by = name.removeprefix("d").partition("/d")
        if is_slope:
            return partial(self.entry(of), self.entry(by))
        match = ENTRY.fullmatch(name)
        if match is None:
            return self.array(name) if name in {*CONSTANTS, "C"} else Ident(name)
        letter, label, row, column = match.groups()
        base = Ident("δ") if letter == "delta" else self._letter(letter.lower())
        indices: tuple[str, ...] = (row, column)
        if letter == "W":
            to_from = indices[::-1] if self.rows else indices
            indices = to_from[::-1] if self.notation.index == "from_to" else to_from
            return self._placed(base, label, _numbers(indices))
        unit, sample = (column, row) if self.rows and letter != "b" else (row, column)
        return self._placed(base, label, _numbers((unit,)), None if sample == COLUMN else sample)

    def unplaced(self, letter: str, *indices: str | None) -> Tree:
        """δ_j, w_{kj}: an entry of whatever layer the unit is in; `letter` as keys have it, or `delta`."""
        known = tuple(index for index in indices if index)
        if letter == "w" and self.notation.index == "from_to":
            known = known[::-1]
        return self._placed(Ident("δ") if letter == "delta" else self._letter(letter), "", _numbers(known))

    def shape(self, array: Array) -> Tree:
        """n_l × n_{l-1}, the sizes of an array; samples are n."""
        sizes = [spell(str(size)) if size != SAMPLES else Ident("n") for size in array.shape]
        return Row((sizes[0], Op("×"), sizes[1]))


def _numbers(indices: tuple[str, ...]) -> tuple[int | str, ...]:
    return tuple(int(index) if index.isdecimal() else index for index in indices)
