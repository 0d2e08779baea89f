"""Which question an answer is to: one of the file's, or a quantity of the problem itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from derive.errors import AnswerError, did_you_mean
from derive.problem import Graph, Problem, Question
from numeric.answers.judge import Examiner
from numeric.answers.judged import Judged
from reports.answers.revealing import Right, right_answer
from reports.answers.sheets import Given

MOST_LISTED = 20


@dataclass(frozen=True)
class Marked:
    """An answer with its verdict, and the right one where it is to be shown."""

    given: Given
    question: Question
    judged: Judged
    right: Right | None = None


@dataclass(eq=False)
class Marker:
    """Judges answers to one problem, each student's to each question once.

    reveal  the right answers are shown, and reasons tell what belongs in a wrong place
    """

    problem: Problem
    reveal: bool = False
    _rights: dict[Question, Right] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def examiner(self) -> Examiner:
        return Examiner(self.problem)

    @property
    def most(self) -> Fraction:
        """What all questions of the file are worth."""
        return sum((question.points for question in self.problem.questions), Fraction(0))

    def mark(self, given: Given) -> Marked:
        """The verdict on one answer. Raises AnswerError for one to no question, or given before."""
        question = question_of(self.examiner, given.question)
        if given.student is not None:
            if (given.student, question.id) in self._seen:
                raise AnswerError(
                    f"{given.student} has answered {question.id} before, and that answer was judged; keep one"
                )
            self._seen.add((given.student, question.id))
        judged = self.examiner.judge(question, given.text)
        if not self.reveal:
            return Marked(given, question, judged.hinted)
        return Marked(given, question, judged, self._right(question))

    def _right(self, question: Question) -> Right:
        if question not in self._rights:
            self._rights[question] = right_answer(self.examiner, question)
        return self._rights[question]


def split_claim(arguments: Sequence[str]) -> tuple[str | None, str]:
    """The problem's name, if one is given, and the equation. Raises AnswerError for anything else."""
    if len(arguments) > 2:
        found = f"{len(arguments)} arguments"
        raise AnswerError(f"{found}; a claim is [PROBLEM] EQUATION, with the equation in quotes")
    *name, equation = arguments
    if not name and "=" not in equation:
        raise AnswerError(f"'{equation}' is no equation; a claim is [PROBLEM] EQUATION, such as 'a = b'")
    return (name[0] if name else None), equation


def question_of(examiner: Examiner, name: str) -> Question:
    """The question of an id, or one that asks for the quantity of this name. Raises AnswerError."""
    questions = {question.id: question for question in examiner.problem.questions}
    if name in questions:
        # What the file may ask in its grammar, answers may not name: then the file is to blame.
        examiner.target(questions[name].ask)
        return questions[name]
    try:
        target = examiner.target(name)
    except AnswerError as error:
        raise AnswerError(_unknown(examiner.problem, name, error)) from None
    return Question(id=name, ask=name, form="matrix" if target.size > 1 else "expression")


def how_to_ask(problem: Problem) -> str:
    """What `check` needs, said to somebody who gave it no answer."""
    if not problem.questions:
        return f"this problem has no [[questions]]; {_by_quantity(problem)}"
    asked = "".join(f"\n    {one.id}: {one.ask}, as {one.form}" for one in problem.questions[:MOST_LISTED])
    more = f"\n    … and {len(problem.questions) - MOST_LISTED} more" * (len(problem.questions) > MOST_LISTED)
    first = problem.questions[0].id
    return f'give a file of answers, or answer one question, as in --question {first} "…":{asked}{more}'


def _unknown(problem: Problem, name: str, error: AnswerError) -> str:
    if not problem.questions:
        return f"no question '{name}': {error}; this problem has no [[questions]]: {_by_quantity(problem)}"
    known = [question.id for question in problem.questions]
    near = did_you_mean(name, known)
    listed = ", ".join(known[:MOST_LISTED]) + (", …" if len(known) > MOST_LISTED else "")
    return f"there is no question '{name}'{near}; the questions are {listed}, and it is no quantity: {error}"


def _by_quantity(problem: Problem) -> str:
    return f'ask for a quantity by its name, as in --question {_example(problem)} "…", or add [[questions]]'


def _example(problem: Problem) -> str:
    """A quantity of the problem that an answer can be given to."""
    body = problem.body
    if isinstance(body, Graph):
        return f"d{body.outputs[0]}/d{body.wrt[0]}" if body.wrt else body.defined[-1]
    if not problem.objectives or not problem.parameters:
        return f"a{body.depth}[1]"
    return f"d{problem.notation.cost}/d{problem.parameters[0].name}"
