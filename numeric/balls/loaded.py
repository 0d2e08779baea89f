"""Given matrices, and the forms in which they are multiplied: each is made once, when it is first read.

W x = (N M)/(d e),    W = N/d and x = M/e of integers
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import arb_mat, fmpq, fmpq_mat, fmpz, fmpz_mat

from numeric.balls.double_words import DoubleWords
from numeric.balls.operations import EXACT_BITS


@dataclass(frozen=True)
class Integers:
    """A rational matrix over one denominator: a product of two is one of integers."""

    numerators: fmpz_mat
    denominator: fmpz

    def __matmul__(self, other: Integers) -> fmpq_mat:
        return fmpq_mat(self.numerators * other.numerators) * fmpq(1, self.denominator * other.denominator)


@dataclass(frozen=True, eq=False)
class Loaded:
    """A given matrix."""

    matrix: arb_mat | fmpq_mat

    @cached_property
    def integers(self) -> Integers | None:
        """None of balls, and where the entries have no short denominator in common."""
        if not isinstance(self.matrix, fmpq_mat):
            return None
        numerators, denominator = self.matrix.numer_denom()
        return Integers(numerators, denominator) if denominator.bit_length() <= EXACT_BITS else None

    @cached_property
    def words(self) -> DoubleWords:
        """What each entry is in double words."""
        return DoubleWords.of(self.matrix)
