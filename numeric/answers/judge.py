"""Judging answers: correct, incorrect, unreadable or undecided, with the proof and the reason.

    correct     the same as what is asked for, as a formula of the problem's quantities; or, where
                it is not, at the problem's own numbers, which is said
    incorrect   different, with a counterexample; or an equality of a chain is false
    unreadable  it could not be read, or it has two readings of which one is right
    undecided   it has a value at too few points

Each reading of an answer is judged, and each equality in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property

import numpy as np

from derive.answers import Reader, TooManyIndicesError, Understood, quantity_of
from derive.errors import AnswerError
from derive.formula.nodes import Letter, Node, Slope
from derive.problem import Problem, Question
from numeric.answers.counterexample import counterexample, small_worlds
from numeric.answers.evaluate import Evaluator, entries_of
from numeric.answers.explain import Asked, Explainer
from numeric.answers.number import Measure, printed_number, value_of, what_is_wrong
from numeric.answers.reasons import Reason
from numeric.deciding.compare import InWorld, compare, same_here
from numeric.deciding.nodes import Array
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import Subject, World

ORDER = ("incorrect", "undecided", "correct")
"""Of the verdicts on the equalities of one answer, the one that counts is the first of these."""

OWN_NUMBERS = "with your numbers"


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


@dataclass(eq=False)
class Examiner:
    """Judges answers to the questions of one problem; what it learns serves all of them."""

    problem: Problem
    _explainers: dict[str, Explainer | None] = field(default_factory=dict)
    _questions: dict[str, Understood] = field(default_factory=dict)
    _truths: dict[str, InWorld] = field(default_factory=dict)

    @cached_property
    def subject(self) -> Subject:
        return Subject(self.problem)

    @cached_property
    def _small(self) -> tuple[World, ...]:
        return small_worlds(self.subject)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.problem)

    def judge(self, question: Question, text: str) -> Judged:
        """The verdict on a text as the answer to a question."""
        try:
            reading = self._reader.read(text, ask=question.ask, form=question.form)
        except AnswerError as error:
            return Judged("unreadable", why=(Reason("unreadable", str(error)),), where=_where(error))
        judged = [self._understood(question, one) for one in reading.readings]
        return _together(judged, question)

    # -- one reading -------------------------------------------------------------------------------

    def _understood(self, question: Question, one: Understood) -> Judged:
        if isinstance(one.mistake, TooManyIndicesError):
            return Judged(
                "unreadable", None, one, (Reason("unreadable", str(one.mistake)),), _where(one.mistake)
            )
        if one.mistake is not None:
            return Judged("incorrect", None, one, (Reason("shape", str(one.mistake)),), _where(one.mistake))
        asked = self._asked(question.ask)
        verdicts = [self._link(question, asked, link) for link in self._links(asked, one)]
        worst = min(verdicts, key=lambda judged: ORDER.index(judged.verdict))
        notes = tuple(Reason("reading", note) for note in one.notes)
        return replace(worst, meant=one, why=(*worst.why, *notes))

    def _links(self, asked: Understood, one: Understood) -> Iterator[Node]:
        """The sides of the equalities, without what is asked for where it only stands in front."""
        links = one.links
        yield from links[1:] if len(links) > 1 and links[0] == asked.node else links

    def _asked(self, ask: str) -> Understood:
        if ask not in self._questions:
            self._questions[ask] = self._reader.read(ask).readings[0]
        return self._questions[ask]

    def _truth(self, ask: str) -> InWorld:
        if ask not in self._truths:
            self._truths[ask] = self._in_world(self._asked(ask).node)
        return self._truths[ask]

    def _link(self, question: Question, asked: Understood, link: Node) -> Judged:
        """One side of an equality against what is asked for."""
        printed = printed_number(link)
        if printed is not None and _size(asked) == 1 and self.subject.own is not None:
            return self._number(question, asked, printed)
        truth, answer = self._truth(question.ask), self._in_world(link)
        found = compare(self.subject, truth, answer)
        if found.same:
            return Judged("correct", found.proof)
        if self._equal_here(truth, answer):
            return Judged("correct", "identity", why=(Reason(OWN_NUMBERS, OWN_NUMBERS_TEXT),))
        if found.same is None:
            return Judged("undecided", None, why=(Reason("undecided", found.why.capitalize() + "."),))
        return Judged("incorrect", found.proof, why=self._why(question.ask, asked, link, answer))

    def _in_world(self, node: Node) -> InWorld:
        """The value in any world, computed there once."""
        return cache(lambda world: squeezed(Evaluator(world)(node)))

    def _equal_here(self, truth: InWorld, answer: InWorld) -> bool:
        own = self.subject.own
        return own is not None and same_here(own, truth, answer)

    def _why(self, ask: str, asked: Understood, link: Node, answer: InWorld) -> tuple[Reason, ...]:
        explainer = self._explainer(ask, asked)
        reasons = () if explainer is None else explainer.why(answer, link)
        return reasons or tuple(counterexample(self._small, self._truth(ask), answer, link))

    def _explainer(self, ask: str, asked: Understood) -> Explainer | None:
        if ask not in self._explainers:
            about = _derivatives(self.problem, asked.node)
            self._explainers[ask] = None if about is None else Explainer(self.subject, about)
        return self._explainers[ask]

    # -- numbers -----------------------------------------------------------------------------------

    def _number(self, question: Question, asked: Understood, printed: str) -> Judged:
        """A number against the value at the problem's own numbers."""
        own = self.subject.own
        assert own is not None
        try:
            truth = value_of(Evaluator(own)(asked.node).item())
        except UnluckyError:
            return Judged(
                "undecided", None, why=(Reason("undecided", "What is asked for has no value here."),)
            )
        measure = Measure(question.digits, question.tolerance)
        if not truth.defined:
            return Judged("undecided", None, why=(Reason("undecided", truth.why),))
        if measure.accepts(printed, truth):
            return Judged("correct", "identity")
        slip = what_is_wrong(printed, truth, measure)
        return Judged("incorrect", "counterexample", why=() if slip is None else (Reason(*slip),))


OWN_NUMBERS_TEXT = (
    "It is right with the numbers of this problem; as a formula of the quantities it is another one."
)


def _together(judged: list[Judged], question: Question) -> Judged:
    """The verdict on an answer with several readings: theirs, where they have the same one."""
    verdicts = {one.verdict for one in judged}
    if len(verdicts) > 1:
        ways = " or ".join(one.read for one in judged)
        text = f"It can be read as {ways}, and only one of these is right; write brackets."
        return Judged("unreadable", None, judged[0].meant, (Reason("two readings", text),))
    first = judged[0]
    return replace(first, points=question.points if first.verdict == "correct" else Fraction(0))


def squeezed(array: Array) -> Array:
    """The array without its axes of one entry: a vector may lie or stand."""
    return array.squeeze()


def _size(asked: Understood) -> int:
    return int(np.prod(asked.shape or ()))


def _where(error: AnswerError) -> tuple[int, str] | None:
    return (error.column, str(error)) if error.column else None


def _derivatives(problem: Problem, node: Node) -> Asked | None:
    """The derivatives that a question asks for, where it asks for first derivatives of one quantity."""
    if isinstance(node, Slope) and len(node.by) == 1 and isinstance(node.of, Letter):
        shape, sources = entries_of(problem, node.of)
        if shape:
            return None
        of = quantity_of(problem, sources[0])
        by = tuple(quantity_of(problem, entry).of for entry in entries_of(problem, node.by[0])[1])
        return None if of.by else Asked(of.of, by)
    if isinstance(node, Letter):
        found = [quantity_of(problem, entry) for entry in entries_of(problem, node)[1]]
        if all(len(one.by) == 1 and one.of == found[0].of for one in found):
            return Asked(found[0].of, tuple(one.by[0] for one in found))
    return None
