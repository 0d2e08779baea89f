"""Verdicts on answers and claims in a terminal: what was written, what was understood, and what is wrong.

✗ 1a  incorrect, 0 of 2 points
      (o1 - t1)*h1
      read as  (a_o1 − t1)·a_h1
      phi'(z) of the output layer is missing: delta = dC/da * phi'(z).

Under an answer that cannot be read a ^ stands where reading ended. What people wrote arrives as
text: it can neither command the terminal nor turn the line around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rich.text import Text

from derive.problem import Question
from derive.writing.plain import printable
from numeric.answers.equation import Claimed
from numeric.answers.judged import Judged
from numeric.answers.reasons import Reason
from reports.answers.asking import Marked
from reports.answers.revealing import Right
from reports.terminal import MARKS, Terminal

INDENT = "    "
LONGEST_SHOWN = 400
"""Characters of an answer that can be read; a longer one is shown by its beginning."""

MARKED = 30
"""Characters before and behind a marked place that are shown of a long answer, at least."""


@dataclass
class _Sum:
    """What one student, or everybody, has reached."""

    points: Fraction = Fraction(0)
    most: Fraction = Fraction(0)
    answers: int = 0

    def add(self, judged: Judged, question: Question) -> None:
        self.points += judged.points
        self.most += question.points
        self.answers += 1

    def of(self, most: Fraction) -> str:
        """5 of 12 points; who answers what is no question of the file can reach more."""
        return f"{_number(self.points)} of {_points(max(self.most, most))}"


@dataclass(frozen=True)
class AnswerScreen(Terminal):
    """Shows answers one after the other, as they are judged, and a student's points behind the last.

    sums  by student, in the order in which they came
    """

    sums: dict[str | None, _Sum] = field(default_factory=dict)
    _before: list[str | None] = field(default_factory=list)

    def answer(self, marked: Marked) -> None:
        """One answer."""
        given, question, judged = marked.given, marked.question, marked.judged
        if given.student not in self._before[-1:]:
            self._student(given.student)
        self.sums.setdefault(given.student, _Sum()).add(judged, question)
        points = f", {_number(judged.points)} of {_points(question.points)}"
        self._headline(judged.verdict, f"{question.id}  {judged.verdict}{points}")
        self._written(given.text, judged.where if judged.verdict == "unreadable" else None)
        self._told(judged.echo if judged.echo != given.text.strip() else "", judged.why)
        if marked.right is not None:
            self._revealed(marked.right)

    def finish(self, most: Fraction) -> None:
        """The sums of points, where there are several answers; `most` is what all questions are worth."""
        if sum(one.answers for one in self.sums.values()) < 2:
            return
        self._print("")
        for student, reached in self.sums.items():
            alone = "together: " if len(self.sums) == 1 else "without a name: "
            name = f"{student}: " if student is not None else alone
            self._block("", _text(f"{name}{reached.of(most)}", "bold"))

    def claim(self, claimed: Claimed) -> None:
        """The verdict on an equation."""
        proof = f", {PROOFS[claimed.proof]}" if claimed.proof in PROOFS else ""
        self._headline(claimed.verdict, f"{claimed.verdict}{proof}")
        self._written(claimed.equation, claimed.where)
        self._told(claimed.echo, claimed.why)
        at = {name: value for name, value in (claimed.counterexample or {}).items() if name not in SIDES}
        if at:
            self._block(f"{INDENT}at  ", _text(", ".join(f"{name} = {value}" for name, value in at.items())))

    def _student(self, student: str | None) -> None:
        """A student's name above the answers."""
        if self._before:
            self._print("")
        self._before.append(student)
        if student is not None:
            self._block("", _text(student, "bold"))

    def _headline(self, verdict: str, text: str) -> None:
        sign, body = self._marked(verdict, text)
        body.stylize(MARKS[verdict][1])
        self._block(sign, body)

    def _written(self, text: str, where: tuple[int, str] | None) -> None:
        """What was written; with a ^ under the place where it cannot be read."""
        shown = printable(text)
        if where is None:
            more = "…" if len(shown) > LONGEST_SHOWN else ""
            self._block(INDENT, Text(shown[:LONGEST_SHOWN] + more))
            return
        part, column = self._around(shown, where[0])
        self._print(Text(INDENT) + Text(part))
        self._print(Text(INDENT + " " * Text(part[: column - 1]).cell_len) + Text("^", "bold"))

    def _around(self, text: str, column: int) -> tuple[str, int]:
        """As much of a text as fits one line with a column in it, and where in that the column is."""
        room = max(self.console.width - len(INDENT) - 2, 2 * MARKED)
        if Text(text).cell_len <= room:
            return text, column
        wide = room if Text(text).cell_len == len(text) else room // 2
        start = max(0, min(column - 1 - wide // 2, len(text) - wide))
        part = text[start : start + wide]
        before, after = "…" * (start > 0), "…" * (start + wide < len(text))
        return f"{before}{part}{after}", column - start + len(before)

    def _told(self, echo: str, why: Sequence[Reason]) -> None:
        if echo:
            self._block(f"{INDENT}read as  ", _text(echo, "dim"))
        for reason in why:
            self._block(INDENT, _text(reason.text))

    def _revealed(self, right: Right) -> None:
        for number, equation in enumerate(right.plain):
            self._block(INDENT + ("" if number else "right").ljust(9), _text(equation, "green"))
        if right.number is not None:
            self._block(f"{INDENT}number   ", _text(right.number, "green"))


SIDES = ("left", "right")
"""Of a counterexample what the sentence about it tells already."""

PROOFS = {
    "identity": "proved",
    "sampled": "in every case that was tried",
    "counterexample": "refuted",
}


def _number(points: Fraction) -> str:
    return f"{float(points):g}"


def _points(points: Fraction) -> str:
    return f"{_number(points)} point{'' if points == 1 else 's'}"


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)
