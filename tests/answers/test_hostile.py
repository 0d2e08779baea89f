"""Any text gets a verdict or a refusal: no exception, and no false acceptance, whatever is sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.problem import Question
from tests.answers.hostile import HOSTILE
from tests.answers.rows import examiner
from tests.reading.test_hostile import TEXTS

VERDICTS = {"correct", "incorrect", "unreadable", "undecided"}


@pytest.mark.parametrize(("text", "verdict"), HOSTILE, ids=lambda part: f"{part[:14]!a} {len(part)}")
def test_a_hostile_text_has_its_verdict(text: str, verdict: str) -> None:
    """What is not a formula is refused, and what has no value is never right."""
    assert examiner("chain2").judge(Question(id="q", ask="dC/dw2"), text).verdict == verdict


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
