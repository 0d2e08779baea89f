"""Checkers of students' answers: mitx-grading-library's FormulaGrader, and Math-Verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from derive import load_problem
from derive.problem import Question

if TYPE_CHECKING:
    from numeric.answers.judged import Judged

Judge = Callable[[str], str]
"""The verdict on one text: correct, incorrect or unreadable."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question, as each checker is told it.

    steps    the graph whose derivative `ask` is; `values` of its names, where a number is asked for
    truth    the right answer, in `names` alone
    """

    steps: tuple[str, ...]
    ask: str
    names: tuple[str, ...]
    truth: str
    values: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grader:
    """A way to judge texts; what can be made of a question beforehand is."""

    name: str
    judges: Callable[[Asked], Judge]
    needs: str = "numpy"
    ours: bool = False


def ours(asked: Asked) -> Judge:
    """Examiner, which derives the truth itself; the verdict alone, as the peers give it."""
    judged = _examined(asked)
    return lambda text: judged(text).verdict


def ours_with_reasons(asked: Asked) -> Judge:
    """The same, where somebody also reads what is wrong."""
    judged = _examined(asked)

    def judge(text: str) -> str:
        found = judged(text)
        assert found.why or found.verdict != "incorrect"
        return found.verdict

    return judge


def _examined(asked: Asked) -> Callable[[str], Judged]:
    from numeric.answers.judge import Examiner

    stated = {"title": "peers", "graph": {"steps": [*asked.steps], "output": "J"}}
    examiner = Examiner(load_problem({**stated, "values": dict(asked.values)} if asked.values else stated))
    return partial(examiner.judge, Question(id="q", ask=asked.ask))


def by_mitx(asked: Asked) -> Judge:
    """FormulaGrader with its defaults: five random samples, 0.01 %."""
    from mitxgraders import FormulaGrader
    from mitxgraders.exceptions import MITxError

    grader = FormulaGrader(answers=asked.truth, variables=[*asked.names])

    def judge(text: str) -> str:
        try:
            return "correct" if grader(None, text)["ok"] else "incorrect"
        except MITxError:
            return "unreadable"

    return judge


def by_math_verify(asked: Asked) -> Judge:
    """parse and verify with their defaults, the text between dollars."""
    from math_verify import parse, verify

    gold = parse(f"${asked.truth}$")

    def judge(text: str) -> str:
        found = parse(f"${text}$")
        return ("correct" if verify(gold, found) else "incorrect") if found else "unreadable"

    return judge


GRADERS = (
    Grader(name="mitx FormulaGrader", needs="mitxgraders", judges=by_mitx),
    Grader(name="Math-Verify", needs="math_verify", judges=by_math_verify),
    Grader(name="ours", judges=ours, ours=True),
    Grader(name="ours, with the reason", judges=ours_with_reasons, ours=True),
)
