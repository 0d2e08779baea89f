"""Any text gets a verdict or a refusal: no exception, and no false acceptance, whatever is sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.problem import Question
from numeric.answers import judge
from tests.answers.hostile import FOUND, HOSTILE
from tests.answers.rows import examiner, problem
from tests.kinds import every_row
from tests.reading.test_hostile import TEXTS

VERDICTS = {"correct", "incorrect", "unreadable", "undecided"}


@pytest.mark.parametrize(
    ("text", "verdict"), every_row(HOSTILE, 3), ids=lambda part: f"{part[:14]!a} {len(part)}"
)
def test_a_hostile_text_has_its_verdict(text: str, verdict: str) -> None:
    """What is not a formula is refused, and what has no value is never right."""
    assert examiner("chain2").judge(Question(id="q", ask="dC/dw2"), text).verdict == verdict


@pytest.mark.parametrize(("where", "ask", "form", "text", "verdict"), every_row(FOUND, 3))
def test_a_text_that_random_ones_found_has_its_verdict(
    where: str, ask: str, form: str, text: str, verdict: str
) -> None:
    """Each of these once ended in an exception, or was left undecided for good."""
    assert examiner(where).judge(Question(id="q", ask=ask, form=form), text).verdict == verdict


def test_an_examiner_remembers_the_last_answers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that judges for years does not grow with every text that it is sent."""
    monkeypatch.setattr(judge, "MOST_REMEMBERED", 3)
    own = judge.Examiner(problem("valued"))
    question = Question(id="q", ask="dJ/dw")
    found = [own.judge(question, str(number)) for number in range(5)]
    assert own.judge(question, "4") is found[4]
    assert own.judge(question, "0") is not found[0]


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(
    TEXTS, st.sampled_from([("chain2", "dC/dw2"), ("deep", "dC/dW2"), ("fork", "dJ/dx"), ("valued", "dJ/dw")])
)
def test_any_text_gets_a_verdict(text: str, where: tuple[str, str]) -> None:
    """No spelling, however odd, ends in anything else; a wrong one is told why where that is known."""
    problem, ask = where
    found = examiner(problem).judge(Question(id="q", ask=ask), text)
    assert found.verdict in VERDICTS
    assert all(reason.slip and reason.text for reason in found.why)
    assert found.verdict == "unreadable" or found.read
