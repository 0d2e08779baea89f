"""A problem in whole layers or arrays, carried back from one output: its equations, proofs and numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from derive.matrix.equations import Equation, Form, MatrixView, matrix_view
from derive.matrix.index_proof import index_proofs
from derive.matrix.proof import forward_proofs, proofs, shared_proofs
from derive.matrix.reading import Reading
from derive.matrix.shared import Shared, shared_parameters
from derive.problem import Problem
from derive.writing.tree import Tree
from numeric.proofs.entries import check_entries, check_shared
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.matrices import Checked, Numbers, check_forms, instances, is_wide, values_of
from reports.content.arrays import matrix_tree
from reports.content.desk import Desk, elided
from reports.content.page import Prose, Stride, Toned
from reports.content.values import FACTOR_DIGITS, value_tree
from reports.content.wording import listed, said

Place = tuple[str, int]
"""The key of an equation's array, and which of its forms."""


@dataclass(frozen=True)
class Wholes:
    """The equations of one problem, carried back from one output; None: forward only."""

    desk: Desk
    output: str | None

    @property
    def problem(self) -> Problem:
        return self.desk.problem

    @cached_property
    def view(self) -> MatrixView:
        return matrix_view(self.problem, self.output)

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.problem, self.view)

    @cached_property
    def numbers(self) -> Mapping[str, Numbers] | None:
        return values_of(self.problem, self.view) if self.desk.worked else None

    @cached_property
    def _checked(self) -> Mapping[Place, Checked]:
        return check_forms(self.problem, self.output) if self.output else {}

    @cached_property
    def _entries_checked(self) -> Mapping[Place, float]:
        return check_entries(self.problem, self.output) if self.output else {}

    @cached_property
    def _instance(self) -> Reading:
        """The problem itself, or where it is wide what stands for it."""
        if not is_wide(self.problem):
            return self.reading
        narrow = instances(self.problem)[0]
        return Reading(narrow, matrix_view(narrow, self.output))

    @cached_property
    def _proved(self) -> Collection[Place]:
        """The forms that are proved, of the backward pass and of the forward pass."""
        reading = self._instance
        back = proofs(reading.problem, reading.view, self.output) if self.output else {}
        return {*back, *((key, 0) for key in forward_proofs(reading.problem, reading.view))}

    @cached_property
    def _entries_proved(self) -> Collection[Place]:
        """The lines of the index form that are proved to be what the forms in matrices are."""
        return {place for place, holds in index_proofs(self._instance).items() if holds}

    def check(self, equation: Equation, number: int) -> Prose:
        """How a form in matrices was verified."""
        place = equation.array.key, number
        checked = self._checked.get(place)
        return _words(place in self._proved, -1 if checked is None else checked.digits)

    def check_entry(self, equation: Equation, number: int) -> Prose:
        """The same of a line of the index form."""
        place = equation.array.key, number
        return _words(
            place in self._proved and place in self._entries_proved, self._entries_checked.get(place, -1)
        )

    @property
    def is_wide(self) -> bool:
        """Whether a narrower network stands for it, which has no shared parameters."""
        return is_wide(self.problem)

    @cached_property
    def shared(self) -> tuple[Shared, ...]:
        """The derivatives by shared parameters."""
        return (
            () if self.output is None or self.is_wide else tuple(shared_parameters(self.reading, self.output))
        )

    @cached_property
    def _shared_proved(self) -> Collection[str]:
        if self.output is None or not self.shared:
            return ()
        return shared_proofs(self.problem, self.view, self.output, self.shared)

    @cached_property
    def _shared_checked(self) -> Mapping[Place, float]:
        if self.output is None or not self.shared:
            return {}
        return check_shared(self.problem, self.output, self.shared)

    def shared_strides(self, one: Shared) -> tuple[Stride, ...]:
        """The lines of the derivative by a shared parameter."""
        return tuple(
            Stride(
                elided(self.reading.added(line.terms)),
                (line.because,),
                _words(
                    one.parameter.key in self._shared_proved, self._shared_checked.get((one.key, number), -1)
                ),
            )
            for number, line in enumerate(one.lines)
        )

    def shared_value(self, one: Shared) -> Iterator[Tree]:
        """What it comes to, where no number is free."""
        if self.desk.worked and self.output:
            row = self.desk.evidence.row_of(self.output, one.parameter.key)
            yield value_tree(row.symbolic, FACTOR_DIGITS)

    def because(self, form: Form) -> Prose:
        """The rules of a line; of a sum over uses beside the use whose term they give."""
        if not form.uses:
            return self.reading.told(form.because)
        through = [
            (
                *said("through {use}: ", use=self.reading.letter(use.array.key)),
                *self.reading.told(use.because),
            )
            for use in form.uses
        ]
        return ("sum over its uses: ", *listed(through, last="; ", between="; "))

    def matrix(self, numbers: Numbers) -> Tree:
        """The numbers of an array in its shape; one alone without brackets."""
        if numbers.shape == (1, 1):
            return value_tree(numbers.at(1, 1), FACTOR_DIGITS)
        return matrix_tree(numbers.shape, lambda at: value_tree(numbers.at(*at), FACTOR_DIGITS))


def _words(proved: bool, digits: float) -> Prose:
    words: list[str | Toned] = [Toned("good", ("proved",))] if proved else []
    if digits >= ENOUGH_DIGITS:
        words += [", " if words else "", f"{ENOUGH_DIGITS} digits"]
    return tuple(words) or (Toned("open", ("not checked",)),)
