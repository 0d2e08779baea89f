"""The evidence for a problem: three witnesses to each gradient, and what its figures come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from derive.problem import Problem
from derive.quantities import read
from derive.unspecified import FORMS
from numeric.balls.enclosure import Enclosure
from numeric.balls.training import Course
from numeric.balls.truths import Numbers
from numeric.floats.backprop import backprop
from numeric.floats.differences import differences
from numeric.judging.published import Judgement, judge_all
from numeric.judging.rows import LEAST_DIGITS, MOST_DIGITS, Bench, Outcome, Row
from numeric.sampling import concrete
from numeric.training.learning import followed
from numeric.training.predictions import Predictions, predict

if TYPE_CHECKING:
    from numeric.training.first_update import FirstUpdate

__all__ = ["LEAST_DIGITS", "MOST_DIGITS", "Evidence", "Outcome", "Row", "verify"]


@dataclass(frozen=True)
class Evidence:
    """All rows of a problem, its cost, the verdicts on its published figures, and what it predicts.

    points  the concrete instances at which a problem was verified that leaves something free
    course  the training at the moments that figures and predictions read, for whoever asks more of it
    """

    problem: Problem
    rows: Sequence[Row]
    cost: Enclosure | None
    published: tuple[Judgement, ...] = ()
    note: str = ""
    points: tuple[Problem, ...] = ()
    predictions: tuple[Predictions, ...] = ()
    course: Course = field(default=Course({}), repr=False, compare=False)

    @property
    def agree(self) -> bool:
        """Whether there is something to compare and every entry agrees."""
        return self.verdict == "agree"

    @property
    def values_note(self) -> str:
        """The note, and of a problem that leaves something free that the values are those of one point."""
        return f"{self.note}; the values are those of one" if self.points else self.note

    @cached_property
    def first_update(self) -> FirstUpdate | None:
        """What the first update moves and does to the cost, predicted and actual; None without training."""
        from numeric.training.first_update import first_update

        return first_update(self.problem)

    @property
    def verdict(self) -> str | None:
        """agree, disagree or undecided; None where nothing is differentiated."""
        found = self.rows.verdicts if isinstance(self.rows, Bench) else {row.verdict for row in self.rows}
        return next((verdict for verdict in ("disagree", "undecided", "agree") if verdict in found), None)

    def __getitem__(self, name: str) -> Row:
        """The row of a gradient, by any of its names. Raises AnswerError; KeyError where it has no row."""
        quantity = read(self.problem, name)
        return self.row_of(quantity.of, *quantity.by)

    def row_of(self, of: str, *by: str) -> Row:
        """The row of the derivative of `of` by `by`, all keys. Raises KeyError where it has none."""
        return self.rows[self.position[of, *by]]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What each row says in the end, in their order."""
        return tuple(self.rows.outcomes if isinstance(self.rows, Bench) else map(Outcome.of, self.rows))

    @cached_property
    def position(self) -> Mapping[tuple[str, ...], int]:
        """Where the row of a derivative stands, by what is differentiated and by what."""
        judged = (
            self.rows.truths.entries if isinstance(self.rows, Bench) else [row.entry for row in self.rows]
        )
        return {entry: i for i, entry in enumerate(judged)}


Tell = Callable[[str], None]
"""Told what is being done, by whoever waits for it."""


def _untold(_: str) -> None:
    """Nobody is watching."""


def verify(problem: Problem, *, tell: Tell = _untold) -> Evidence:
    """The evidence for a problem; a symbolic one is verified at random points.

    tell  is called with the name of each stage before it begins, for a long problem's progress
    """
    if problem.is_free:
        return _at_random_points(problem, tell)
    numbers = Numbers(problem)
    tell("the symbolic gradient")
    truths = numbers.gradient()
    tell("backpropagation")
    pushed = backprop(problem)
    tell("finite differences")
    moved = differences(problem)
    bench = Bench(problem, numbers, truths, pushed, moved)
    tell("verdicts")
    bench.judge()
    tell("training and published figures" if problem.training or problem.published else "predictions")
    course = followed(problem)
    return Evidence(
        problem,
        bench if len(bench) else (),
        bench.objectives[problem.objectives[0]] if problem.objectives else None,
        judge_all(problem, course),
        predictions=predict(problem, course),
        course=course,
    )


def _at_random_points(problem: Problem, tell: Tell) -> Evidence:
    """Verified at three random points; a row holds where it holds at each."""
    instances = concrete(problem)
    points = [verify(point, tell=tell) for point in instances]
    first = points[0]
    worst = ("disagree", "undecided", "agree")
    rows = tuple(
        min(rows, key=lambda row: worst.index(row.verdict))
        for rows in zip(*(p.rows for p in points), strict=True)
    )
    note, turns = _free_note(problem, len(points))
    return (
        Evidence(problem, rows, None, tuple(judge_all(problem)), note + turns, instances)
        if first.rows
        else Evidence(problem, (), None)
    )


def _free_note(problem: Problem, count: int) -> tuple[str, str]:
    """What is free and where it was verified, and what stood for unspecified functions."""
    names = problem.open_functions
    functions = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} unspecified" if names else ""
    numbers = "some numbers are free" if problem.has_free_numbers else ""
    where = f"at {count} random points" if numbers else f"{count} times"
    *most, last = FORMS
    stand_ins = f", {', '.join(most)} and a {last} standing in turn for {' and '.join(names)}"
    return f"{' and '.join(filter(None, (numbers, functions)))}: verified {where}", stand_ins if names else ""
