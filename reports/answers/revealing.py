"""The right answer to a question: the equations that lead to it, and its number.

A derivative is told in the chain view, its stages from the cost down; an array in matrices;
a value of the forward pass, or after an update, by the step that computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive import derive_gradient
from derive.errors import AnswerError
from derive.notation import write, write_total
from derive.problem import Question
from derive.quantities import Quantity
from derive.slips.kinds import parts_of
from derive.steps import Step, Term, program_of
from derive.training.update import UPDATE, setting, update_program, updated
from derive.training.update_rules import RATE, SYMBOLS
from derive.views.layers import LayerView
from derive.views.lines import Line
from derive.writing.from_sympy import tree_of
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.spelling import spell
from derive.writing.tree import Tree, equals, plus
from numeric.answers.judge import Examiner
from numeric.answers.number import USUAL_DIGITS
from numeric.answers.target import Target
from numeric.balls.enclosure import Enclosure
from numeric.deciding.updates import first_batch

MOST_LINES = 12
DIGITS = 10
"""Significant digits of the right number, and three more than were asked for where these are many."""

OWN = frozenset({"its own entry", "its uses added up"})
"""Why a line of the matrix view is of one entry and not of the whole array."""


@dataclass(frozen=True)
class Right:
    """The right answer: the equations, the last of what is asked for, and the number where it is one."""

    equations: tuple[Tree, ...]
    number: str | None = None

    @property
    def plain(self) -> tuple[str, ...]:
        return tuple(map(plain, self.equations))

    @property
    def latex(self) -> tuple[str, ...]:
        return tuple(map(latex, self.equations))


def right_answer(examiner: Examiner, question: Question) -> Right:
    """What a question's answer should have been."""
    target = examiner.target(question.ask)
    truth = examiner.value(question.ask)
    trees = tuple(_equations(target))
    return Right(trees[-MOST_LINES:], None if truth is None else _digits(truth, question))


def _digits(truth: Enclosure, question: Question) -> str | None:
    if not truth.defined:
        return None
    return truth.text(max(DIGITS, (question.digits or USUAL_DIGITS) + 3))


def _equations(target: Target) -> Iterator[Tree]:
    """The equations of the quantities that are asked for; of a formula those of what it reads."""
    for part in target.parts:
        quantity, after = part.entries[0]
        if after:
            yield from _after(part)
        elif quantity.by and part.size > 1:
            yield from _of_array(part, quantity)
        elif quantity.by:
            yield from _of_one(part, quantity)
        else:
            yield from _forward(part)


def _of_one(part: Target, quantity: Quantity) -> Iterator[Tree]:
    """The stages of one derivative, and its whole where samples are added."""
    gradient = derive_gradient(part.problem).gradient(quantity.of, *quantity.by)
    stages = {plain(gradient.letters.total(stage.of, stage.by)) for stage in gradient.stages}
    yield from _last_forms(gradient.steps, stages | {gradient.name})


def _last_forms(lines: Iterable[Line], wanted: set[str] | None = None) -> Iterator[Tree]:
    """Of the lines with the same left side the last one: the others lead to it."""
    last = {plain(line.lhs): line for line in lines}
    yield from (equals(one.lhs, one.rhs) for name, one in last.items() if wanted is None or name in wanted)


def _of_array(part: Target, quantity: Quantity) -> Iterator[Tree]:
    try:
        view = LayerView.of(part.problem, quantity, letters=False)
    except AnswerError:
        return
    yield from _last_forms(line for line in view.steps if line.because not in OWN)


def _forward(part: Target) -> Iterator[Tree]:
    """The step of each entry."""
    known = program_of(part.problem).by_key
    keys = (quantity.of for quantity, _ in part.entries)
    yield from (_step(part, known[key]) for key in keys if key in known)


def _after(part: Target) -> Iterator[Tree]:
    """The update's lines of each parameter."""
    steps = update_program(part.problem, first_batch(part.problem)).steps
    for quantity, _ in part.entries:
        key = updated(quantity.of)
        yield from (_step(part, step) for step in steps if step.because == UPDATE and _is_of(step.key, key))


def _is_of(key: str, after: str) -> bool:
    return key == after or key.endswith(f" of {after.removesuffix(chr(39))}")


def _step(part: Target, step: Step) -> Tree:
    return equals(_letters(part, step.key), plus(*(_term(part, term) for term in step.terms)))


def _term(part: Target, term: Term) -> Tree:
    names = dict(zip(term.formula.formals, term.args, strict=True))
    return tree_of(term.formula.expr, lambda symbol: _letters(part, names[symbol]))


def _letters(part: Target, key: str) -> Tree:
    """A quantity as the page writes it, a number of the training by its letter."""
    letters = {setting(letter): letter for letter in (RATE, "t", *SYMBOLS.values())}
    if key in letters:
        return spell(letters[key])
    name, _, of = key.partition(" of ")
    if of:
        return spell(name)
    base = key.removesuffix("'")
    parts = parts_of(base)
    if parts is not None:
        return write_total(part.problem, *parts)
    return write(part.problem, base, primes=len(key) - len(base))
