"""Answers that are numbers: printed ones, exact expressions such as 1/3 or 0.1*0.2, and matrices of these.

A printed number is as good as its digits. A wrong one is explained by how it was written
down, then as a published figure is: by a slip of the derivation that makes all of its
digits, or by intermediate results that were rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from derive.files.exact import TOO_LARGE, decimal_of
from derive.formula.nodes import Matrix, Node
from derive.problem import Network, Problem
from numeric.answers.evaluate import Evaluator, squeezed
from numeric.answers.mistaken import Mistaken, figure_of, mistaken
from numeric.answers.miswritten import LAST_DIGIT, ONE_DIGIT, what_differs, what_is_wrong
from numeric.answers.number import Measure, printed_number, value_of
from numeric.answers.reasons import Reason, told
from numeric.balls.enclosure import Enclosure
from numeric.deciding.nodes import Array
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import World
from numeric.decimals import digit_count, fraction, half_unit, plain, rounded, with_digits
from numeric.judging.published import LEAST_SLIP_DIGITS, judge_all, matches
from numeric.judging.slipped import is_beyond_chance

Numerals = npt.NDArray[Any]
"""Numerals, or the enclosures of what they should be, as a NumPy array; a single one has shape ()."""

SURE = frozenset({"too few digits", "cut off"})
"""What is said of a number's writing before any slip of its derivation is looked for."""

UNSURE = frozenset({LAST_DIGIT, ONE_DIGIT})
"""What is said after a slip that may have given the number."""

SHOWN_DIGITS = 8
"""Of an expression of numbers, where it is compared with what a slip gives."""

MOST_ENTRIES = 6

HINT = Fraction(1, 10)
"""So many chance matches are to be expected, at most, among the mistakes by which a number is guessed at."""

MOST_HINTS = 2
MOST_GUESSED = 12
"""Mistakes by which an exact number is guessed at."""

NEARLY = Fraction(1, 50)
"""How far off, relatively, a number may be that was rounded too early."""


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


_PROVEN = np.frompyfunc(value_of, 1, 1)
_WORKED_OUT = np.frompyfunc(Numeral, 1, 1)


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
    return np.asarray(_WORKED_OUT(values), dtype=object)


def enclosures(values: Array) -> Numerals:
    """What is proven of values at their world's point."""
    return np.asarray(_PROVEN(values), dtype=object)


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
    _tried: dict[str, tuple[list[Mistaken], Iterator[Mistaken]]] = field(default_factory=dict)

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
        """What is to be said of a right number with fewer digits than asked for, or wrong further ones."""
        number = given.item() if given.ndim == 0 else None
        if number is None or number.printed is None or measure.digits is None:
            return ()
        if 0 < digit_count(number.printed) < measure.digits:
            written = with_digits(number.printed, measure.digits)
            return (Reason("fewer digits", f"It is exact; with {measure.digits} digits it is {written}."),)
        if measure.is_true_throughout(number.printed, truths.item()):
            return ()
        digits = "digit" if measure.digits == 1 else f"{measure.digits} digits"
        text = f"It is right to the {digits} asked for; not all of the others are."
        proved, _ = self._as_mistake(asks[0], number.printed)
        proved = proved or self._as_rounded(asks[0], number.printed, truths.item())
        return (Reason("further digits", text), *proved)

    def _one(self, ask: str, given: Numeral, truth: Enclosure, measure: Measure) -> tuple[Reason, ...]:
        if not given.value.defined:
            return (Reason("no value", "Your number has no value."),)
        if given.is_far:
            return (Reason("size", f"Your number comes to {given.text}."),)
        written = what_is_wrong(given.text, truth, measure)
        if given.printed is None and written is not None and written[0] in SURE:
            written = None  # an expression has all its digits
        if written is not None and written[0] in SURE:
            return (Reason(*written),)
        exact = truth.lo == truth.hi and digit_count(given.text) < measure.wanted
        proved, maybe = self._as_mistake(ask, given.text, exact=exact)
        if proved:
            return proved
        if written is not None and written[0] not in UNSURE:
            return (Reason(*written),)
        other = Reason(*written) if written is not None else self._other(given, truth, measure)
        return self._as_rounded(ask, given.text, truth) or maybe or (other,)

    def _other(self, given: Numeral, truth: Enclosure, measure: Measure) -> Reason:
        """What is said of a number that is just another one."""
        slip, text = what_differs(given.text, truth, measure, self._samples)
        has = 0 if given.printed is None else digit_count(given.printed)
        if not 0 < has < measure.wanted or measure.tolerance is not None or truth.lo == truth.hi:
            return Reason(slip, text)
        demand = "" if measure.digits is None else f"; {measure.demand}"
        return Reason("too few digits to explain", f"{text} It has too few digits to say more{demand}.")

    @property
    def _samples(self) -> int:
        body = self.problem.body
        is_mean = isinstance(body, Network) and body.reduction == "mean"
        return len(self.problem.samples) if is_mean else 1

    def _as_mistake(
        self, ask: str, printed: str, *, exact: bool = False
    ) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """The mistake that gives a number, where chance is ruled out, and those that it is consistent with.

        Every mistake that was tried before counts against a match.

        exact  the number is meant as it is written, as where what is asked for is a 6: then
               only the commonest mistakes are guessed at
        """
        width, number = 2 * half_unit(printed), fraction(printed)
        many = digit_count(printed) >= LEAST_SLIP_DIGITS
        maybe: list[Mistaken] = []
        for tried, one in enumerate(self._mistakes(ask), 1):
            if tried > MOST_GUESSED if exact else not tried * width < HINT * abs(number):
                break
            if one.value.defined and (one.is_exactly(number) if exact else matches(one.value, printed)):
                if many and is_beyond_chance(tried, width, number):
                    return (told(self.problem, one.name, one.text),), ()
                maybe.append(one)
        unlike = [one for i, one in enumerate(maybe) if not any(map(one.is_as_good_as, maybe[:i]))]
        text = _hint([one.text for one in unlike[:MOST_HINTS]])
        return (), (told(self.problem, CONSISTENT, text),) if unlike else ()

    def _mistakes(self, ask: str) -> Iterator[Mistaken]:
        """What each mistake gives, found once for all answers, as far as one of them looks."""
        if ask not in self._tried:
            self._tried[ask] = ([], mistaken(self.problem, ask))
        known, rest = self._tried[ask]
        for number in count():
            if number == len(known):
                one = next(rest, None)
                if one is None:
                    return
                known.append(one)
            yield known[number]

    def _as_rounded(self, ask: str, printed: str, truth: Enclosure) -> tuple[Reason, ...]:
        """Whether a number that is nearly right can come out with rounded intermediates."""
        reasons = self._known.get((ask, printed))
        if reasons is None:
            reasons = tuple(self._rounded(ask, printed, truth))
            if len(self._known) < MOST_REMEMBERED:
                self._known[ask, printed] = reasons
        return reasons

    def _rounded(self, ask: str, printed: str, truth: Enclosure) -> Iterator[Reason]:
        figure = figure_of(self.problem, ask, printed)
        gap = abs(fraction(printed) - truth.mid)
        if figure is None or digit_count(printed) < 2 or gap > NEARLY * abs(truth.mid):
            return
        (judged,) = judge_all(replace(self.problem, published=(figure,)))
        if judged.verdict == "rounding":
            how = judged.note.removeprefix("reached with ").replace("the figure's", "your number's")
            yield Reason("rounded too early", f"It can come out with {how}; round the result alone.")

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
            yield reason.behind(f"Entry {_place(first)}: ")


CONSISTENT = "also consistent with"


def _hint(texts: Sequence[str]) -> str:
    """What may have been done, said as no more than that."""
    return f"It may be chance, but this mistake gives your number: {' Or this one: '.join(texts)}"


def _place(index: tuple[int, ...]) -> str:
    place = ", ".join(str(i + 1) for i in index)
    return place if len(index) == 1 else f"({place})"


def _all_fulfil(given: Numerals, truths: Numerals, measure: Measure) -> bool:
    return all(one.fulfils(measure, truth) for one, truth in zip(given.flat, truths.flat, strict=True))


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


def is_sum_of(before: Node, after: Node, world: World) -> bool:
    """Whether one number is what another comes to, to the digits that are written: 0.741*0.19 = 0.141.

    A decimal of fewer digits than the result is exact, as 0.5 is; one of as many may have been rounded.
    """
    printed = printed_number(after)
    digits = 0 if printed is None else digit_count(printed)
    try:
        found = squeezed(Evaluator(world, as_printed=True, digits=digits)(before))
        result = squeezed(Evaluator(world, as_printed=True)(after))
        if found.size != 1 or result.size != 1:
            return True
        value, truth = value_of(found.item()), value_of(result.item())
    except UnluckyError:
        return True
    if printed is None or value.lo is None or value.hi is None:
        return _meet(value, truth)
    number, half = fraction(printed), half_unit(printed)
    return value.lo <= number + half and number - half <= value.hi


def _meet(value: Enclosure, truth: Enclosure) -> bool:
    if value.lo is None or value.hi is None or truth.lo is None or truth.hi is None:
        return False
    return value.lo <= truth.hi and truth.lo <= value.hi
