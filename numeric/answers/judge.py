"""The verdict on somebody's answer to a question, with a reason for what is wrong.

    correct     equal to what is asked for: as a formula, or as a number to the digits asked for
    incorrect   different for sure, or not what is asked for
    unreadable  no formula; or readings that differ in verdict
    undecided   neither is sure

In a chain of equalities A = B = C each side is judged, and the first that is false is named.
A formula that is right only with the numbers of the problem is correct, and told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

from derive.answers import Reader, Reading, TooManyIndicesError, Understood, open_letters, same_shape
from derive.answers.shaped import Shaped, described
from derive.errors import AnswerError
from derive.formula.nodes import Letter, Node, Slope, walk
from derive.problem import Problem, Question
from derive.shapes import Shape
from numeric.answers.counterexample import counterexample, small_worlds
from numeric.answers.equation import about, about_reading, false_equality
from numeric.answers.evaluate import Evaluator, Working, squeezed
from numeric.answers.explain import Explainer
from numeric.answers.kinks import UNSEEN, across, elsewhere
from numeric.answers.number import Measure
from numeric.answers.numerals import (
    NumberExplainer,
    Numerals,
    enclosures,
    fulfils,
    is_consistent,
    is_numeric,
    is_sum_of,
    numerals,
)
from numeric.answers.passes import PassExplainer
from numeric.answers.quantities import look_up
from numeric.answers.reasons import Reason
from numeric.answers.target import Target, reads_beside
from numeric.answers.updates import UpdateExplainer
from numeric.balls.enclosure import Enclosure
from numeric.deciding.compare import compare, same_here
from numeric.deciding.nodes import Array, number
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import Subject, World

AnyExplainer = Explainer | UpdateExplainer | PassExplainer

ORDER = ("incorrect", "undecided", "correct")
"""Of the verdicts on the equalities of one answer, the one that counts is the first of these."""

MOST_REMEMBERED = 1_000
"""Answers whose verdicts an examiner keeps: those that were asked for last."""

CORRECT: Mapping[str, str] = MappingProxyType(
    {"true": "correct", "false": "incorrect", "undecided": "undecided", "unreadable": "unreadable"}
)
"""The verdict on an answer that is a claim."""

OWN_NUMBERS = Reason(
    "with your numbers",
    "It is right with the numbers of this problem; as a formula of the quantities it is another one.",
)
ONE_SIDE = Reason(
    "with your numbers",
    "It is right with the numbers of this problem, and wherever it was tried; but it chooses by a comparison"
    " that fell the same way everywhere.",
)
NUMBER_WITH_OWN = Reason("with your numbers", "It is right with the numbers of this problem.")
CONSTANT = Reason(
    "a number", "This is a number; what is asked for changes with the quantities that it reads."
)
RESTATED = Reason("restated", "That only names what is asked for once more; say what it comes to.")
UNKNOWN = Reason("unknown", "No slip that is known here gives it.")
MOST_SAID = 3
"""Sentences about one answer."""

LONGEST_OFFERED = 120
"""Characters in which a formula is completed."""


@dataclass(frozen=True)
class Judged:
    """The verdict on one answer.

    proof   identity, sampled, counterexample, or None
    meant   the answer as it was understood
    why     what is wrong, the surest reason first; of a correct answer what is to be said of it
    where   the column, and what is the matter there
    points  what it is worth
    """

    verdict: str
    proof: str | None = None
    meant: Understood | None = None
    why: tuple[Reason, ...] = ()
    where: tuple[int, str] | None = None
    points: Fraction = Fraction(0)

    @property
    def read(self) -> str:
        """The answer as it was understood, in LaTeX; "" of what could not be read."""
        return "" if self.meant is None else self.meant.latex

    @property
    def echo(self) -> str:
        """The same as a line of Unicode."""
        return "" if self.meant is None else self.meant.plain


@dataclass(frozen=True)
class _Link:
    """The verdict on one side of an equality; `general` where it holds whatever the numbers are."""

    verdict: str
    proof: str | None = None
    why: tuple[Reason, ...] = ()
    general: bool = True


@dataclass(eq=False)
class Examiner:
    """Judges answers to the questions of one problem; what it learns serves all of them."""

    problem: Problem
    _targets: dict[str, Target] = field(default_factory=dict)
    _explainers: dict[str, AnyExplainer | None] = field(default_factory=dict)
    _asked: dict[str, Working] = field(default_factory=dict)
    _existing: set[Letter] = field(default_factory=set)
    _judged: dict[tuple[Question, str], Judged] = field(default_factory=dict)

    @cached_property
    def subject(self) -> Subject:
        return Subject(self.problem)

    @cached_property
    def numbers(self) -> NumberExplainer:
        return NumberExplainer(self.problem)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.problem)

    @cached_property
    def _small(self) -> tuple[World, ...]:
        return small_worlds(self.subject.stated or self.subject)

    def target(self, ask: str) -> Target:
        """What a question asks for. Raises AnswerError where the problem has no such thing."""
        if ask not in self._targets:
            self._targets[ask] = Target.of(self.problem, ask)
        return self._targets[ask]

    def judge(self, question: Question, text: str) -> Judged:
        """The verdict on a text as the answer to a question; the same answer is judged once."""
        known = self._judged.pop((question, text), None) or _explained(self._verdict(question, text))
        self._judged[question, text] = known
        if len(self._judged) > MOST_REMEMBERED:
            del self._judged[next(iter(self._judged))]
        return known

    def _verdict(self, question: Question, text: str) -> Judged:
        if question.form == "equation":
            return self._equation(question, text)
        try:
            reading = self._reader.read(text, ask=question.ask, form=question.form)
            for one in reading.readings:
                look_up(self.problem, one.links, self._existing)
        except AnswerError as error:
            return Judged("unreadable", why=(Reason("unreadable", str(error)),), where=_where(error))
        found = _together([self._understood(question, one) for one in reading.readings], question)
        turned = self._turned(question, reading) if found.verdict == "incorrect" else None
        return found if turned is None else replace(turned, points=question.points)

    def _turned(self, question: Question, reading: Reading) -> Judged | None:
        """The verdict on an unusual way of reading an answer that is right; None where there is none."""
        for one in reading.turns:
            try:
                look_up(self.problem, one.links, self._existing)
            except AnswerError:
                continue
            found = self._understood(question, one)
            if found.verdict == "correct":
                return found
        return None

    # -- one reading -------------------------------------------------------------------------------

    def _understood(self, question: Question, one: Understood) -> Judged:
        read = Judged("incorrect", None, one)
        if isinstance(one.mistake, TooManyIndicesError):
            why = (Reason("unreadable", str(one.mistake)),)
            return replace(read, verdict="unreadable", why=why, where=_where(one.mistake))
        if one.mistake is not None:
            return replace(read, why=(Reason("shape", str(one.mistake)),), where=_where(one.mistake))
        defined = self._defined(read)
        if defined is not None:
            return defined
        found = self._chain(question, self.target(question.ask), one)
        notes = tuple(Reason("reading", note) for note in one.notes)
        said = (*found.why, *notes)[:MOST_SAID]
        return replace(read, verdict=found.verdict, proof=found.proof, why=said)

    def _defined(self, read: Judged) -> Judged | None:
        """The verdict on an answer whose definitions of the problem's quantities are not all true."""
        for given in read.meant.given if read.meant is not None else ():
            try:
                claimed = about_reading(self.subject, "", given)
            except AnswerError as error:
                why = (Reason("unreadable", str(error)),)
                return replace(read, verdict="unreadable", why=why, where=_where(error))
            if claimed.verdict == "false":
                said = Reason("false equality", f"The definition is false: {given.plain}.")
                return replace(read, proof="counterexample", why=(said, *claimed.why)[:MOST_SAID])
            if claimed.verdict == "undecided":
                return replace(read, verdict="undecided", why=claimed.why)
        return None

    def _chain(self, question: Question, target: Target, one: Understood) -> _Link:
        """The sides of the equalities one after the other, up to the first that is false."""
        links = list(enumerate(one.links))
        if len(links) > 1 and target.is_itself(links[0][1]):
            del links[0]
        if all(target.restates(link) or self._is_unworked(target, link) for _, link in links):
            stepped = next(filter(None, (target.stepped(link) for _, link in links)), None)
            return _Link("incorrect", None, (RESTATED if stepped is None else _after_a_step(stepped),))
        false = self._false_sum(one, links)
        if false:
            return _Link("incorrect", "counterexample", false)
        found: list[_Link] = []
        for place, link in links:
            is_last = place == links[-1][0]
            judged = self._link(question, target, link, one.shapes[place], is_last=is_last)
            if judged.verdict == "incorrect":
                false = false_equality(one, place) if place and len(links) > 1 else ()
                return replace(judged, why=(*false, *judged.why))
            found.append(judged)
        worst = min(found, key=lambda judged: ORDER.index(judged.verdict))
        if worst.verdict == "correct" and any(judged.general for judged in found):
            proofs = {judged.proof for judged in found}
            return _Link("correct", "sampled" if "sampled" in proofs else "identity")
        return worst

    def _false_sum(self, one: Understood, links: Sequence[tuple[int, Node]]) -> tuple[Reason, ...]:
        """The first equality of plain numbers that is false as arithmetic; nothing where there is none."""
        own = self.subject.own
        if own is None:
            return ()
        for (_, left), (place, right) in pairwise(links):
            if is_numeric(left) and is_numeric(right) and not is_sum_of(left, right, own):
                return false_equality(one, place)
        return ()

    def _is_unworked(self, target: Target, link: Node) -> bool:
        """Whether a side is d/dw of something that is left to be worked out, by what is asked for."""
        asked = target.derivatives
        slopes = target.unworked(link)
        if asked is None or not slopes:
            return False

        def differentiated(world: World) -> Array:
            return number(world[asked.of])

        wholes = (compare(self.subject, differentiated, Working(slope.of)).same for slope in slopes)
        return not reads_beside(link, slopes) or any(wholes)

    def _link(
        self, question: Question, target: Target, link: Node, shape: Shape | None, *, is_last: bool
    ) -> _Link:
        """One side of an equality against what is asked for."""
        if shape is not None and not same_shape(shape, target.read.shape or ()):
            return _Link(
                "incorrect", None, (Reason("shape", described(self.problem, Shaped(link, shape)) + "."),)
            )
        if is_numeric(link) and self.subject.own is not None:
            return self._number(question, target, link, is_last=is_last)
        found = self._formula(target, link, is_last=is_last)
        if question.form == "number" and is_last and self.subject.own is not None:
            right = "The formula is right, but a" if found.verdict == "correct" else "A"
            reason = Reason("no number", f"{right} number is asked for.")
            said = () if found.verdict == "correct" else found.why
            why = (one for one in said if one.slip != "counterexample")  # it may hold the number
            return _Link("incorrect", None, (reason, *why))
        return found

    def _formula(self, target: Target, link: Node, *, is_last: bool) -> _Link:
        truth, answer = self._truth(target), Working(link)
        found = compare(self.subject, truth, answer, everywhere=True)
        is_sampled = found.same is True and found.proof == "sampled"
        beyond = across(self.subject, target.node, link) if is_sampled else None
        found = beyond or found
        if found.same:
            return _Link("correct", found.proof)
        own = self.subject.own
        if own is not None and same_here(own, truth, answer):
            said = OWN_NUMBERS if found.why != UNSEEN else ONE_SIDE
            return _Link("correct", "identity", (said,), general=False)
        stated = self.subject.stated
        if stated is not None and compare(stated, truth, answer, everywhere=True).same:
            return _Link("correct", "identity", (OWN_NUMBERS,), general=False)
        if own is not None and not is_last and is_consistent(link, own, self._truths(target)):
            return _Link("correct", "identity", general=False)
        if found.same is None:
            return _Link("undecided", None, (Reason("undecided", found.why.capitalize() + "."),))
        where = None if beyond is None else beyond.where
        why = self._why(target, answer) if where is None else (elsewhere(where),)
        return _Link("incorrect", found.proof, why)

    def _truth(self, target: Target) -> Working:
        if target.ask not in self._asked:
            self._asked[target.ask] = Working(target.node)
        return self._asked[target.ask]

    def _why(self, target: Target, answer: Working) -> tuple[Reason, ...]:
        if is_numeric(answer.node):
            return (CONSTANT,)
        explainer = self._explainer(target)
        reasons = () if explainer is None else explainer.why(answer)
        return reasons or tuple(
            counterexample(self._small, self.subject.own, self._truth(target), answer, answer.node)
        )

    def _explainer(self, target: Target) -> AnyExplainer | None:
        if target.ask not in self._explainers:
            made: AnyExplainer | None = None
            if target.updated:
                made = UpdateExplainer(self.subject, target.updated)
            elif target.derivatives is not None:
                made = Explainer(self.subject, target.derivatives)
            elif target.values:
                made = PassExplainer(self.subject, target.values)
            self._explainers[target.ask] = made
        return self._explainers[target.ask]

    # -- numbers -----------------------------------------------------------------------------------

    def _number(self, question: Question, target: Target, link: Node, *, is_last: bool) -> _Link:
        """Numbers against the values at the problem's own."""
        own = self.subject.own
        assert own is not None
        if target.is_of_any_sample:
            return _undecided("The question does not say of which sample a number is asked for.")
        measure = Measure(question.digits, question.tolerance)
        try:
            truths = self._truths(target)
            undefined = next((truth.why for truth in truths.flat if not truth.defined), None)
            given = numerals(link, own)
        except UnluckyError:
            return _undecided("One of the two has no value at the numbers of this problem.")
        if undefined is not None:
            return _undecided(undefined)
        is_right = fulfils(given, truths, measure) or (not is_last and is_consistent(link, own, truths))
        if is_right:
            said = (NUMBER_WITH_OWN,) if question.form in ("expression", "code") else ()
            further = self.numbers.further(target.names, given, truths, measure)
            return _Link("correct", "identity", (*said, *further), general=False)
        return _Link("incorrect", "counterexample", self.numbers.why(target.names, given, truths, measure))

    def _truths(self, target: Target) -> Numerals:
        """What is asked for, in numbers."""
        assert self.subject.own is not None
        return enclosures(squeezed(Evaluator(self.subject.own)(target.node)))

    def value(self, ask: str) -> Enclosure | None:
        """The right number of a question that asks for one; None where some numbers are open."""
        target = self.target(ask)
        if self.subject.own is None or target.size != 1 or target.is_of_any_sample:
            return None
        try:
            truth: Enclosure = self._truths(target).item()
        except UnluckyError:
            return None
        return truth

    # -- equations ---------------------------------------------------------------------------------

    def _equation(self, question: Question, text: str) -> Judged:
        """An equation is right where it is true, and says what the quantity is that is asked for."""
        target = self.target(question.ask)
        found = about(self.subject, text)
        verdict, why = CORRECT[found.verdict], found.why
        if verdict == "incorrect":
            why = tuple(dict.fromkeys((*self._slips_of(question, target, text), *why)))[:MOST_SAID]
        elif verdict == "unreadable" and "=" not in text:
            why = self._sided(question, text) or why
        elif verdict == "correct":
            missing = _not_told(target, found.links)
            verdict, why = ("incorrect", missing) if missing else (verdict, why)
        points = question.points if verdict == "correct" else Fraction(0)
        return Judged(verdict, found.proof, found.meant, why, found.where, points)

    def _slips_of(self, question: Question, target: Target, text: str) -> Iterator[Reason]:
        """What is wrong with the right side of a false equation whose left side is what is asked for."""
        try:
            one = self._reader.read(text, ask=question.ask).readings[0]
        except AnswerError:
            return
        if one.mistake is None and target.is_itself(one.links[0]):
            named = self._understood(replace(question, form="expression"), one)
            is_chain = len(one.links) > 2
            shown = {"counterexample"} if is_chain else {"counterexample", "false equality"}
            yield from (reason for reason in named.why if reason.slip not in shown)

    def _sided(self, question: Question, text: str) -> tuple[Reason, ...]:
        """That a formula alone is no equation, with the side that is missing."""
        try:
            self._reader.read(text, ask=question.ask)
        except AnswerError:
            return ()
        said = f"an equation is asked for; write {question.ask} = {text.strip()}"
        return (Reason("unreadable", said if len(said) < LONGEST_OFFERED else said.partition(";")[0]),)


_TOLD = "The equation is true, but it does not say what {} is."


def _not_told(target: Target, links: tuple[Node, ...]) -> tuple[Reason, ...]:
    """Why an equation does not say what is asked for; nothing where one side is that, another tells."""
    sides = [_is_kind(target, link) for link in links]
    others = [link for link, is_own in zip(links, sides, strict=True) if not is_own]
    if not any(sides) or not others:
        return (Reason("another equation", _TOLD.format(target.read.plain)),)
    named = {link for link, is_own in zip(links, sides, strict=True) if is_own}
    again = all(any(part in named for part in walk(other)) for other in others)
    return (RESTATED,) if again or (sides[0] and sides[-1]) else ()


def _is_kind(target: Target, link: Node) -> bool:
    """Whether a side is what is asked for, some of its entries, or that of any layer or entry."""
    asked = target.node
    if isinstance(asked, Slope) and isinstance(link, Slope):
        is_like = link.of == asked.of and [one.letter for one in link.by] == [one.letter for one in asked.by]
    else:
        is_like = isinstance(asked, Letter) and isinstance(link, Letter) and link.letter == asked.letter
    return is_like and (bool(open_letters(link) | open_letters(asked)) or target.shares_entries(link))


def _explained(judged: Judged) -> Judged:
    """With a reason where it is wrong, if only that none is known."""
    is_told = judged.verdict != "incorrect" or any(reason.slip != "reading" for reason in judged.why)
    return judged if is_told else replace(judged, why=(UNKNOWN, *judged.why))


def _after_a_step(name: str) -> Reason:
    return Reason("value after the update", f"This is {name} after a step; its gradient is asked for.")


def _undecided(why: str) -> _Link:
    return _Link("undecided", None, (Reason("undecided", why),))


def _together(judged: list[Judged], question: Question) -> Judged:
    """The verdict on an answer with several readings: theirs, where they have the same one."""
    verdicts = {one.verdict for one in judged}
    if len(verdicts) > 1:
        ways = " or ".join(one.echo for one in judged)
        text = f"It can be read as {ways}, and only one of these is right; write brackets."
        first = judged[0]
        return Judged("unreadable", None, first.meant, (Reason("two readings", text),))
    first = judged[0]
    return replace(first, points=question.points if first.verdict == "correct" else Fraction(0))


def _where(error: AnswerError) -> tuple[int, str] | None:
    return (error.column, str(error)) if error.column else None
