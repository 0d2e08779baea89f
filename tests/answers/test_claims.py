"""False equations of articles are refuted, and true ones pass."""

from __future__ import annotations

from typing import Any

import pytest

from derive import load_problem
from numeric.answers.claim import claim
from tests.answers.claims import CLAIMS, OF_EVERY_NETWORK, OF_FUNCTIONS


@pytest.mark.parametrize(
    ("article", "stated", "text", "verdict"), CLAIMS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_an_equation_that_an_article_prints(
    article: str, stated: dict[str, Any] | str, text: str, verdict: str
) -> None:
    """A reader who checks a page must be able to trust both answers."""
    found = claim(load_problem(stated), text)
    assert found.verdict == verdict, found
    assert verdict != "false" or found.why


@pytest.mark.parametrize(("text", "verdict", "known"), OF_FUNCTIONS)
def test_an_identity_of_functions(text: str, verdict: str, known: str) -> None:
    """Where the right side is another function with a name, that is said."""
    found = claim(None, text)
    assert found.verdict == verdict
    assert known in " ".join(reason.text for reason in found.why)


@pytest.mark.parametrize(("text", "verdict"), OF_EVERY_NETWORK)
def test_an_equation_of_every_network(text: str, verdict: str) -> None:
    """The four equations hold at every size; a forgotten transpose does not."""
    found = claim(None, text)
    assert found.verdict == verdict
    assert found.proof == ("sampled" if verdict == "true" else "counterexample")
