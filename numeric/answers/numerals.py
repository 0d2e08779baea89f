"""Answers that are numbers: printed ones, exact expressions such as 1/3 or 0.1*0.2, and matrices of these.

A printed number is as good as its digits. A wrong one is explained by how it was written
down, then as a published figure is: by a slip of the derivation that makes all of its
digits, or by intermediate results that were rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from derive.errors import AnswerError
from derive.expressions import SYMPY
from derive.files.exact import TOO_LARGE, decimal_of
from derive.formula import parse
from derive.formula.nodes import Index, Letter, Matrix, Node, Slope, Sum, Unspecified, walk
from derive.problem import Figure, Problem
from derive.quantities import check, scope_of
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.number import Measure, printed_number, value_of, what_is_wrong
from numeric.answers.reasons import Reason
from numeric.balls.enclosure import Enclosure
from numeric.deciding.nodes import Array
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import World
from numeric.decimals import plain, rounded
from numeric.judging.published import judge_all

Numerals = npt.NDArray[Any]
"""Numerals, or the enclosures of what they should be, as a NumPy array; a single one has shape ()."""

SURE = frozenset({"too few digits", "cut off"})
"""What is said of a number's writing before any slip of its derivation is looked for."""

SHOWN_DIGITS = 8
"""Of an expression of numbers, where it is compared with what a slip gives."""

MOST_ENTRIES = 6


@dataclass(frozen=True)
class Numeral:
    """One number of an answer, with its text where it is printed and not worked out."""

    value: Enclosure
    printed: str | None = None

    def fulfils(self, measure: Measure, truth: Enclosure) -> bool:
        if not self.value.defined:
            return False
        if self.printed is not None:
            return measure.accepts(self.printed, truth)
        return measure.holds(self.value, truth)

    @property
    def text(self) -> str:
        return self.printed or plain(rounded(self.value.mid, SHOWN_DIGITS))

    @property
    def is_far(self) -> bool:
        """Whether it is larger or smaller than any number of a file."""
        return not (self.value.mid == 0 or 1 / Fraction(TOO_LARGE) <= abs(self.value.mid) <= TOO_LARGE)


def is_numeric(node: Node) -> bool:
    """Whether an answer reads no quantity of the problem."""
    return not any(
        isinstance(part, Letter | Slope | Index | Sum)
        or (isinstance(part, Unspecified) and part.function not in SYMPY)
        for part in walk(node)
    )


def numerals(node: Node, world: World) -> Numerals:
    """The numbers of an answer, in its shape without axes of one entry.

    Raises UnluckyError where one has no value.
    """
    if isinstance(node, Matrix):
        rows = [[_numeral(entry, world) for entry in row] for row in node.rows]
        made = np.empty((len(rows), len(rows[0])), dtype=object)
        made[:] = rows
        return squeezed(made)
    printed = printed_number(node)
    if printed is not None:
        return np.array(_numeral(node, world), dtype=object)
    values = enclosures(squeezed(Evaluator(world)(node)))
    return np.asarray(np.frompyfunc(Numeral, 1, 1)(values), dtype=object)


def enclosures(values: Array) -> Numerals:
    """What is proven of values at their world's point."""
    return np.asarray(np.frompyfunc(value_of, 1, 1)(values), dtype=object)


def _numeral(node: Node, world: World) -> Numeral:
    printed = printed_number(node)
    if printed is not None and decimal_of(printed) is None:
        printed = None  # ½ is exact
    return Numeral(value_of(Evaluator(world)(node).item()), printed)


MOST_REMEMBERED = 1_000
"""Numbers of which it is known what is wrong."""


@dataclass(eq=False)
class NumberExplainer:
    """Why numbers are wrong; what it learns of one serves all answers that have it."""

    problem: Problem
    _known: dict[tuple[str, str], tuple[Reason, ...]] = field(default_factory=dict)

    def why(
        self, asks: Sequence[str], given: Numerals, truths: Numerals, measure: Measure
    ) -> tuple[Reason, ...]:
        """Reasons, the surest first.

        asks  what each entry is, as a file would name it
        """
        if given.ndim == 0:
            return self._one(asks[0], given.item(), truths.item(), measure)
        return tuple(self._many(asks, given, truths, measure))

    def further(
        self, asks: Sequence[str], given: Numerals, truths: Numerals, measure: Measure
    ) -> tuple[Reason, ...]:
        """What is to be said of a right number that has more digits than were asked for, and wrong ones."""
        number = given.item() if given.ndim == 0 else None
        if number is None or number.printed is None or measure.digits is None:
            return ()
        if measure.is_true_throughout(number.printed, truths.item()):
            return ()
        text = f"It is right to the {measure.digits} digits asked for; not all of the others are."
        proved, _ = self._as_figure(asks[0], number.printed)
        return (Reason("further digits", text), *proved)

    def _one(self, ask: str, given: Numeral, truth: Enclosure, measure: Measure) -> tuple[Reason, ...]:
        if not given.value.defined:
            return (Reason("no value", "Your number has no value."),)
        if given.is_far:
            return (Reason("size", f"Your number comes to {given.text}."),)
        written = what_is_wrong(given.text, truth, measure)
        if written is not None and written[0] in SURE:
            return (Reason(*written),)
        proved, maybe = self._as_figure(ask, given.text)
        if proved:
            return proved
        return (*((Reason(*written),) if written else ()), *maybe)

    def _as_figure(self, ask: str, printed: str) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """What is proved of a number as of a published figure, and what it is only consistent with."""
        reasons = self._known.get((ask, printed))
        if reasons is None:
            reasons = tuple(self._judged(ask, printed))
            if len(self._known) < MOST_REMEMBERED:
                self._known[ask, printed] = reasons
        maybe = tuple(reason for reason in reasons if reason.slip == CONSISTENT)
        return tuple(reason for reason in reasons if reason.slip != CONSISTENT), maybe

    def _judged(self, ask: str, printed: str) -> Iterator[Reason]:
        try:
            node = parse(ask, scope_of(self.problem))
            check(self.problem, node)
        except AnswerError:
            return  # a quantity of any sample: nobody prints a figure of it
        figure = Figure(text=ask, node=node, after=0, printed=printed)
        (judged,) = judge_all(replace(self.problem, published=(figure,)))
        if judged.slip is not None:
            yield Reason(judged.slip, judged.note)
        elif judged.verdict == "rounding":
            how = judged.note.removeprefix("reached with ")
            yield Reason("rounded too early", f"It comes out with {how}; round the result alone.")
        elif judged.verdict == "wrong" and judged.note.startswith(CONSISTENT):
            names = judged.note.removeprefix(f"{CONSISTENT}: ")
            text = f"So few digits do not tell what went wrong; they are consistent with: {names}."
            yield Reason(CONSISTENT, text)

    def _many(
        self, asks: Sequence[str], given: Numerals, truths: Numerals, measure: Measure
    ) -> Iterator[Reason]:
        if given.shape == truths.shape[::-1] and _all_fulfil(given.T, truths, measure):
            yield Reason(
                "transposed", "The numbers are right, but the matrix is the transpose of the right one."
            )
            return
        wrong = [
            index
            for index in np.ndindex(given.shape)
            if not given.item(index).fulfils(measure, truths.item(index))
        ]
        shown = ", ".join(_place(index) for index in wrong[:MOST_ENTRIES])
        more = f" and {len(wrong) - MOST_ENTRIES} more" if len(wrong) > MOST_ENTRIES else ""
        are = "is" if len(wrong) == 1 else "are"
        yield Reason("entries", f"{len(wrong)} of {given.size} entries {are} wrong: {shown}{more}.")
        first = wrong[0]
        ask = asks[int(np.ravel_multi_index(first, given.shape))]
        for reason in self._one(ask, given.item(first), truths.item(first), measure):
            yield Reason(reason.slip, f"Entry {_place(first)}: {reason.text}")


CONSISTENT = "also consistent with"


def _place(index: tuple[int, ...]) -> str:
    place = ", ".join(str(i + 1) for i in index)
    return place if len(index) == 1 else f"({place})"


def _all_fulfil(given: Numerals, truths: Numerals, measure: Measure) -> bool:
    return all(given.item(index).fulfils(measure, truths.item(index)) for index in np.ndindex(given.shape))


def fulfils(given: Numerals, truths: Numerals, measure: Measure) -> bool:
    """Whether every number is the true one as closely as was asked for."""
    return given.shape == truths.shape and _all_fulfil(given, truths, measure)


def is_consistent(node: Node, world: World, truths: Numerals) -> bool:
    """Whether a formula is true within the digits of its decimals: 0.7413*0.1868*0.5932 for 0.0822."""
    try:
        found = squeezed(Evaluator(world, as_printed=True)(node))
        values = [value_of(value) for value in found.flat]
    except UnluckyError:
        return False
    return found.shape == truths.shape and all(
        _meet(value, truth) for value, truth in zip(values, truths.flat, strict=True)
    )


def _meet(value: Enclosure, truth: Enclosure) -> bool:
    if value.lo is None or value.hi is None or truth.lo is None or truth.hi is None:
        return False
    return value.lo <= truth.hi and truth.lo <= value.hi
