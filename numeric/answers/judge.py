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
from functools import cached_property, partial
from itertools import islice, pairwise
from types import MappingProxyType

from derive.answers import Reader, Reading, TooManyIndicesError, Understood, same_shape
from derive.answers.instances import open_letters
from derive.answers.shaped import Shaped, described
from derive.errors import AnswerError
from derive.formula.nodes import Letter, Node, Slope
from derive.problem import Problem, Question
from derive.shapes import Shape
from numeric.answers.conventions import Conventions
from numeric.answers.counterexample import counterexample, small_worlds
from numeric.answers.equation import about, about_reading, false_equality
from numeric.answers.evaluate import TooMuchWorkError
from numeric.answers.explain import Explainer
from numeric.answers.judged import (
    MOST_SAID,
    NO_POINTS,
    Judged,
    explained_by,
    joined,
    place_of,
    together,
    unread,
)
from numeric.answers.kinks import ON_AN_EDGE, UNSEEN, across, apart, elsewhere
from numeric.answers.number import Measure
from numeric.answers.numerals import (
    NumberExplainer,
    Numerals,
    enclosures,
    fulfils,
    is_consistent,
    is_sum_of,
    numerals,
)
from numeric.answers.own_numbers import lettered
from numeric.answers.passes import PassExplainer
from numeric.answers.quantities import look_up
from numeric.answers.reasons import Later, Reason, Why, at_once
from numeric.answers.remarks import CONSTANT, NUMBER_WITH_OWN, ONE_SIDE, OWN_NUMBERS, ZERO_HERE
from numeric.answers.taken_for import TakenFor
from numeric.answers.target import Target, reads_beside
from numeric.answers.telling import BUILT_ON, GIVEN_AWAY, NEIGHBOUR, RESTATED, VOID, not_told
from numeric.answers.updates import UpdateExplainer
from numeric.answers.working import Working
from numeric.balls.enclosure import Enclosure
from numeric.deciding.compare import Difference, compare, is_void, is_void_here, same_here
from numeric.deciding.nodes import Array, number
from numeric.deciding.values import UnluckyError
from numeric.deciding.worlds import Subject, World

AnyExplainer = Explainer | UpdateExplainer | PassExplainer

ORDER = ("incorrect", "undecided", "correct")
"""Of the verdicts on the equalities of one answer, the one that counts is the first of these."""

FORMULAS = frozenset({"expression", "code", "equation"})
"""Forms in which a number is right only with the numbers of the problem."""

MOST_REMEMBERED = 1_000
"""Answers whose verdicts an examiner keeps: those that were asked for last."""

CORRECT: Mapping[str, str] = MappingProxyType(
    {"true": "correct", "false": "incorrect", "undecided": "undecided", "unreadable": "unreadable"}
)
"""The verdict on an answer that is a claim."""

LONGEST_OFFERED = 120
"""Characters in which a formula is completed."""


@dataclass(frozen=True)
class _Link:
    """The verdict on one side of an equality; `general` where it holds whatever the numbers are."""

    verdict: str
    proof: str | None = None
    why: Why = tuple
    general: bool = True


@dataclass(eq=False)
class Examiner:
    """Judges answers to the questions of one problem; what it learns serves all of them."""

    problem: Problem
    _targets: dict[str, Target] = field(default_factory=dict)
    _explainers: dict[str, AnyExplainer | None] = field(default_factory=dict)
    _asked: dict[str, Working] = field(default_factory=dict)
    _enclosed: dict[str, Numerals] = field(default_factory=dict)
    _existing: set[Letter] = field(default_factory=set)
    _judged: dict[tuple[Question, str], Judged] = field(default_factory=dict)

    @cached_property
    def subject(self) -> Subject:
        return Subject(self.problem)

    @cached_property
    def numbers(self) -> NumberExplainer:
        return NumberExplainer(self.problem)

    @cached_property
    def conventions(self) -> Conventions:
        return Conventions(self.problem)

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
        key = (question, text)
        known = self._judged.pop(key, None) or self._verdict(question, text)
        self._judged[key] = known
        if len(self._judged) > MOST_REMEMBERED:
            del self._judged[next(iter(self._judged))]
        return known

    def _verdict(self, question: Question, text: str) -> Judged:
        if question.form == "equation":
            return self._equation(question, text)
        try:
            reading = self._reader.read(text, ask=question.ask, form=question.form)
            sides = [self._sides(one) for one in reading.readings]
        except AnswerError as error:
            return unread(error)
        try:
            found = together([*map(partial(self._understood, question), reading.readings, sides)])
        except TooMuchWorkError as error:
            return unread(error)
        turned = self._turned(question, reading) if found.verdict == "incorrect" else iter(())
        return explained_by(found, turned)

    def _turned(self, question: Question, reading: Reading) -> Iterator[Judged]:
        """The verdicts on the unusual ways of reading an answer."""
        for one in reading.turns:
            try:
                sides = self._sides(one)
            except AnswerError:
                continue
            yield self._understood(question, one, sides)

    # -- one reading -------------------------------------------------------------------------------

    def _sides(self, one: Understood) -> list[Working]:
        """The sides of its equalities. Raises AnswerError for a quantity that does not exist."""
        sides = [*map(Working, one.links)]
        leaves = [leaf for side in sides for leaf in side.rational.leaves]
        if not self._existing.issuperset(leaves):
            look_up(self.problem, leaves, self._existing)
        return sides

    def _understood(self, question: Question, one: Understood, sides: Sequence[Working]) -> Judged:
        if isinstance(one.mistake, TooManyIndicesError):
            return unread(one.mistake, one)
        if one.mistake is not None:
            reasons = Later(at_once(Reason("shape", str(one.mistake))))
            return Judged("incorrect", None, one, reasons, place_of(one.mistake))
        defined = self._defined(one)
        if defined is not None:
            return defined
        found = self._chain(question, self.target(question.ask), one, sides)
        reasons = Later(partial(_noted, found.why, one.notes))
        points = question.points if found.verdict == "correct" else NO_POINTS
        return Judged(found.verdict, found.proof, one, reasons, None, points)

    def _defined(self, one: Understood) -> Judged | None:
        """The verdict on an answer whose definitions of the problem's quantities are not all true."""
        for given in one.given:
            try:
                claimed = about_reading(self.subject, "", given)
            except AnswerError as error:
                return unread(error, one)
            if claimed.verdict == "false":
                said = Reason("false equality", f"The definition is false: {given.plain}.")
                reasons = Later(partial(joined, at_once(said, *claimed.why)))
                return Judged("incorrect", "counterexample", one, reasons)
            if claimed.verdict == "undecided":
                return Judged("undecided", None, one, Later(at_once(*claimed.why)))
        return None

    def _chain(
        self, question: Question, target: Target, one: Understood, workings: Sequence[Working]
    ) -> _Link:
        """The sides of the equalities one after the other, up to the first that is false."""
        sides = [*enumerate(workings)]
        if len(sides) > 1 and target.is_itself(sides[0][1].node):
            del sides[0]
        named = self._named_alone(target, [side for _, side in sides])
        if named is not None:
            return _Link("incorrect", None, at_once(named))
        false = self._false_sum(sides)
        if false is not None:
            return _Link("incorrect", "counterexample", partial(false_equality, one, false))
        found: list[_Link] = []
        for place, side in sides:
            is_last = place == sides[-1][0]
            shape = one.shapes[place]
            judged = self._link(question, target, side, shape, is_last=is_last, share=len(sides))
            if judged.verdict == "incorrect":
                return _after_an_equality(judged, one, place) if place and len(sides) > 1 else judged
            found.append(judged)
        worst = min(found, key=lambda judged: ORDER.index(judged.verdict))
        general = [judged for judged in found if judged.general]
        if worst.verdict == "correct" and general:
            proof = "sampled" if "sampled" in {judged.proof for judged in general} else "identity"
            return _Link("correct", proof, partial(joined, *(judged.why for judged in general)))
        return worst

    def _named_alone(self, target: Target, sides: Sequence[Working]) -> Reason | None:
        """What is said of an answer whose sides only name what is asked for, or what is as far from it."""
        if all(map(target.is_beside_itself, sides)):
            return NEIGHBOUR
        if all(target.restates(side) or self._is_unworked(target, side) for side in sides):
            stepped = next(filter(None, (target.stepped(side.node) for side in sides)), None)
            is_bare = any(target.is_itself(side.node) or self._is_equal(target, side) for side in sides)
            return _after_a_step(stepped) if stepped is not None else RESTATED if is_bare else BUILT_ON
        is_beside = all(target.is_beside(side.node) and self._is_equal(target, side) for side in sides)
        return GIVEN_AWAY if is_beside else None

    def _false_sum(self, sides: Sequence[tuple[int, Working]]) -> int | None:
        """The first equality of plain numbers that is false as arithmetic; None where there is none."""
        own = self.subject.own
        if own is None:
            return None
        for (_, left), (place, right) in pairwise(sides):
            if left.is_numeric and right.is_numeric and not is_sum_of(left.node, right.node, own):
                return place
        return None

    def _is_equal(self, target: Target, side: Working) -> bool:
        return compare(self.subject, self._truth(target), side).same is True

    def _is_unworked(self, target: Target, side: Working) -> bool:
        """Whether a side is d/dw of something that is left to be worked out, by what is asked for."""
        asked = target.derivatives
        slopes = target.unworked(side)
        if asked is None or not slopes:
            return False

        def differentiated(world: World) -> Array:
            return number(world[asked.of])

        closed = (slope.of for slope in slopes if not open_letters(slope.of))  # a term is never the whole
        wholes = (compare(self.subject, differentiated, Working(formula)).same for formula in closed)
        return not reads_beside(side.node, slopes) or any(wholes)

    def _link(
        self,
        question: Question,
        target: Target,
        side: Working,
        shape: Shape | None,
        *,
        is_last: bool,
        share: int = 1,
    ) -> _Link:
        """One side of an equality, one of so many, against what is asked for."""
        if shape is not None and not same_shape(shape, target.read.shape or ()):
            return _Link("incorrect", None, partial(_misshapen, self.problem, Shaped(side.node, shape)))
        if side.is_numeric and self.subject.own is not None:
            return self._number(question, target, side.node, is_last=is_last)
        found = self._formula(target, side, is_last=is_last, share=share)
        if question.form == "number" and is_last and self.subject.own is not None:
            return _Link("incorrect", None, partial(_no_number, found))
        return found

    def _formula(self, target: Target, answer: Working, *, is_last: bool, share: int) -> _Link:
        truth = self._truth(target)
        found = compare(self.subject, truth, answer, everywhere=True)
        is_sampled = found.same is True and found.proof == "sampled"
        beyond = across(self.subject, target.node, answer.node, share) if is_sampled else None
        found = beyond or found
        own = self.subject.own
        if found.same:
            edge = apart(own, target.node, answer.node) if is_sampled else None
            right = _Link("correct", found.proof, partial(self._void_here, truth, answer))
            return right if edge is None else self._on_an_edge(target, answer, edge)
        if own is not None and same_here(own, truth, answer):
            return self._with_own_numbers(target, answer, ONE_SIDE if found.why == UNSEEN else OWN_NUMBERS)
        stated = self.subject.stated
        if stated is not None and compare(stated, truth, answer, everywhere=True).same:
            return _Link("correct", "sampled", at_once(OWN_NUMBERS), general=False)
        if own is not None and not is_last and is_consistent(answer.node, own, self._truths(target)):
            return _Link("correct", "identity", general=False)
        if found.same is None:
            return self._without_value(answer, truth) or _undecided(f"{found.why.capitalize()}.")
        is_rare = beyond is not None and beyond.where is not None
        why = partial(elsewhere, found) if is_rare else partial(self._why, target, answer)
        return _Link("incorrect", found.proof, why)

    def _void_here(self, truth: Working, answer: Working) -> Iterator[Reason]:
        """That a formula has no value at the problem's own numbers, where what is asked for has one."""
        own = self.subject.own
        if own is not None and is_void_here(own, answer) and not is_void_here(own, truth):
            yield ZERO_HERE

    def _without_value(self, answer: Working, truth: Working) -> _Link | None:
        is_it = is_void(self.subject, answer) and not is_void(self.subject, truth)
        return _Link("incorrect", "counterexample", at_once(VOID)) if is_it else None

    def _with_own_numbers(self, target: Target, answer: Working, said: Reason) -> _Link:
        """A formula that is right at one point: the numbers of the problem, or a few among them."""
        for other, reason in lettered(self.problem, answer.node, is_update=bool(target.updated)):
            if compare(self.subject, self._truth(target), Working(other)).same is True:
                return _Link("correct", "identity", at_once(reason), general=False)
        return _Link("correct", "sampled", at_once(said), general=False)

    def _on_an_edge(self, target: Target, answer: Working, where: Difference) -> _Link:
        """A formula that is right but where a comparison falls on its edge, as at the own numbers.

        A slope is a convention there; a value is none.
        """
        if target.derivatives is not None or target.updated or isinstance(target.node, Slope):
            return _undecided(self.conventions.of_formula(target, where) or f"{ON_AN_EDGE.capitalize()}.")
        why = partial(counterexample, (), where.world, self._truth(target), answer, answer.node)
        return _Link("incorrect", "counterexample", why)

    def _truth(self, target: Target) -> Working:
        if target.ask not in self._asked:
            self._asked[target.ask] = Working(target.node)
        return self._asked[target.ask]

    def _why(self, target: Target, answer: Working) -> tuple[Reason, ...]:
        if answer.is_numeric:
            return (CONSTANT,)
        truth, explainer = self._truth(target), self._explainer(target)
        taken = tuple(islice(TakenFor(self.subject, truth, answer.node).reasons(), 1))
        reasons = taken or (() if explainer is None else explainer.why(answer))
        return reasons or tuple(counterexample(self._small, self.subject.own, truth, answer, answer.node))

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
            here = (NUMBER_WITH_OWN,) if question.form in FORMULAS else ()
            further = partial(self.numbers.further, target.names, given, truths, measure)
            proof = "sampled" if here else "identity"
            return _Link("correct", proof, partial(joined, at_once(*here), further), general=False)
        convention = self.conventions.of_numbers(target, given, truths, measure)
        if convention:
            return _undecided(convention)
        why = partial(self.numbers.why, target.names, given, truths, measure)
        return _Link("incorrect", "counterexample", why)

    def _truths(self, target: Target) -> Numerals:
        """What is asked for, in numbers, enclosed once. Raises UnluckyError where it has none."""
        assert self.subject.own is not None
        if target.ask not in self._enclosed:
            self._enclosed[target.ask] = enclosures(self._truth(target)(self.subject.own))
        return self._enclosed[target.ask]

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
        found = about(self.subject, text, target.node)
        verdict, proof, why = CORRECT[found.verdict], found.proof, at_once(*found.why)
        number = self._number_told(question, target, found.meant)
        if number is not None:
            notes = (reason for reason in found.why if reason.slip == "reading")
            verdict, proof, why = number.verdict, number.proof, partial(joined, number.why, at_once(*notes))
        elif verdict == "incorrect":
            why = partial(joined, partial(self._slips_of, question, target, text), why)
        elif verdict == "unreadable" and "=" not in text:
            why = at_once(*(self._sided(question, text) or found.why))
        elif verdict == "correct":
            missing = not_told(target, found.links)
            verdict, why = ("incorrect", at_once(*missing)) if missing else (verdict, why)
        points = question.points if verdict == "correct" else NO_POINTS
        return Judged(verdict, proof, found.meant, Later(why), found.where, points)

    def _number_told(self, question: Question, target: Target, meant: Understood | None) -> _Link | None:
        """The verdict on the number of `w = 0.3`, which needs its digits as one without `w =` does."""
        if meant is None or meant.mistake is not None or len(meant.links) != 2 or self.subject.own is None:
            return None
        sides = [*map(Working, meant.links)]
        places = [place for place, side in enumerate(sides) if side.is_numeric]
        if len(places) != 1 or not target.is_itself(meant.links[1 - places[0]]):
            return None
        (place,) = places
        return self._link(question, target, sides[place], meant.shapes[place], is_last=True)

    def _slips_of(self, question: Question, target: Target, text: str) -> Iterator[Reason]:
        """What is wrong with the right side of a false equation whose left side is what is asked for."""
        try:
            one = self._reader.read(text, ask=question.ask).readings[0]
            sides = self._sides(one)
        except AnswerError:
            return
        if one.mistake is None and target.is_itself(one.links[0]):
            named = self._understood(replace(question, form="expression"), one, sides)
            is_chain = len(one.links) > 2
            shown = {"counterexample"} if is_chain else {"counterexample", "false equality"}
            yield from (reason for reason in named.reasons.found if reason.slip not in shown)

    def _sided(self, question: Question, text: str) -> tuple[Reason, ...]:
        """That a formula alone is no equation, with the side that is missing."""
        try:
            self._reader.read(text, ask=question.ask)
        except AnswerError:
            return ()
        said = f"an equation is asked for; write {question.ask} = {text.strip()}"
        return (Reason("unreadable", said if len(said) < LONGEST_OFFERED else said.partition(";")[0]),)


def _noted(why: Why, notes: Sequence[str]) -> tuple[Reason, ...]:
    """With what was read otherwise than it is written."""
    return (*why(), *(Reason("reading", note) for note in notes))[:MOST_SAID]


def _after_an_equality(found: _Link, one: Understood, place: int) -> _Link:
    """The verdict on a side that is wrong, which first of all is not what stands before it."""
    return replace(found, why=lambda: (*false_equality(one, place), *found.why()))


def _misshapen(problem: Problem, shaped: Shaped) -> tuple[Reason, ...]:
    return (Reason("shape", f"{described(problem, shaped)}."),)


def _no_number(found: _Link) -> Iterator[Reason]:
    """That a formula is no number, and what else is wrong with it."""
    is_right = found.verdict == "correct"
    yield Reason("no number", f"{'The formula is right, but a' if is_right else 'A'} number is asked for.")
    if not is_right:
        yield from (one for one in found.why() if one.slip != "counterexample")  # it may hold the number


def _after_a_step(name: str) -> Reason:
    return Reason("value after the update", f"This is {name} after a step; its gradient is asked for.")


def _undecided(why: str) -> _Link:
    return _Link("undecided", None, at_once(Reason("undecided", why)))
