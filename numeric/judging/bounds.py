"""What float64 backprop may be off by at each entry, and beside which numbers that is little."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite

import numpy as np
import numpy.typing as npt

from derive.problem import Problem
from numeric.balls.truths import Truths
from numeric.floats.backprop import backprop, use_claims
from numeric.floats.claims import Claims, Columns, Entry
from numeric.floats.lossy import advice, peculiarities, way_round


@dataclass(frozen=True)
class Bounds:
    """What float64 backprop may be off by at each of these entries, in stable forms and in the textbook's."""

    problem: Problem
    truths: Truths

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.truths.entries

    @cached_property
    def scale(self) -> npt.NDArray[np.float64]:
        """The largest gradient of the same quantity, or 1 where all are 0: a 0 is known beside it."""
        largest = self._largest([of for of, _ in self.entries])
        return np.where(largest == 0, 1.0, largest)

    @cached_property
    def beside(self) -> npt.NDArray[np.float64]:
        """The largest gradient in the same array; 0 where all are 0."""
        return self._largest([(of, by.partition("[")[0]) for of, by in self.entries])

    def _largest(self, groups: Sequence[Hashable]) -> npt.NDArray[np.float64]:
        """The largest truth in each entry's group that is within float64's range, or 0."""
        number = {group: i for i, group in enumerate(dict.fromkeys(groups))}
        of = np.array([number[group] for group in groups], dtype=np.intp)
        largest = np.zeros(len(number))
        np.maximum.at(largest, of, np.nan_to_num(np.abs(self.truths.nearest)))
        return largest[of]

    def scale_of(self, entry: Entry) -> Fraction:
        """The scale of one entry."""
        return Fraction(float(self.scale[self.truths.position[entry]]))

    def loosest(self, entry: Entry) -> Fraction:
        """The wider of the two bounds that is finite."""
        claims = (self.stable.get(entry), self.textbook.get(entry))
        errors = (Fraction(claim.error) for claim in claims if claim and isfinite(claim.error))
        return max(errors, default=Fraction(0))

    def beside_of(self, entry: Entry) -> Fraction:
        """The largest gradient in its array."""
        return Fraction(float(self.beside[self.truths.position[entry]]))

    @cached_property
    def stable(self) -> Claims:
        return self._claims(textbook=False)

    @cached_property
    def textbook(self) -> Claims:
        return self._claims(textbook=True)

    def _claims(self, *, textbook: bool) -> Claims:
        """By every parameter, or by every single use where such are asked for."""
        claims = backprop(self.problem, textbook=textbook)
        known = claims.position if isinstance(claims, Columns) else claims
        if all(entry in known for entry in self.entries):
            return claims
        return use_claims(self.problem, textbook=textbook)

    @cached_property
    def allowed(self) -> npt.NDArray[np.float64]:
        """The stable bound of each entry; 0 where there is none."""
        return self._errors(self.stable, np.zeros(len(self.entries)))

    @cached_property
    def loose(self) -> npt.NDArray[np.float64]:
        """The textbook's bound of each entry; the stable one where there is none."""
        return self._errors(self.textbook, self.allowed)

    def _errors(self, claims: Claims, otherwise: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if isinstance(claims, Columns) and len(claims) == len(self.entries):
            return claims.error[[claims.position[entry] for entry in self.entries]]
        found = zip(map(claims.get, self.entries), otherwise, strict=True)
        return np.array([error if claim is None else claim.error for claim, error in found])

    @cached_property
    def forms(self) -> str:
        """The forms in which digits are lost, and what to write."""
        return advice(self.problem)

    @cached_property
    def lesser_forms(self) -> str:
        """Those in which anything is lost, be it less than a digit: many terms may come to more."""
        return advice(self.problem, times=1)

    @cached_property
    def way_round(self) -> str:
        """How to come round what is not finite in a textbook's form."""
        return way_round(self.problem)

    @cached_property
    def libraries(self) -> str:
        """What libraries are known to compute otherwise."""
        return peculiarities(self.problem)
