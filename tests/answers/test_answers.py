"""Every row of the table of answers has its verdict, and what is said of it is what the row says."""

from __future__ import annotations

import pytest

from numeric.answers.reasons import Reason
from tests.answers.__main__ import lines
from tests.answers.rows import Block, Row, judged
from tests.answers.table import BLOCKS, ROWS, UNEXPLAINED, UNREAD


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.where} {block.ask}")
def test_every_answer_has_the_verdict_of_its_row(block: Block) -> None:
    """A false verdict costs whoever was judged; a false reason costs an hour of search."""
    rows = list(block.rows())
    assert [(row.text, *outcome(row)) for row in rows] == [(row.text, row.verdict, row.note) for row in rows]


def outcome(row: Row) -> tuple[str, str]:
    """The verdict, and the note of the row where it is borne out; else what is said instead."""
    found = judged(row)
    why = next((reason for reason in found.why if reason.slip != "reading"), Reason("nothing", "nothing"))
    if found.verdict == "correct":
        return found.verdict, "" if why.slip == "nothing" else why.slip
    if found.verdict == "incorrect":
        return found.verdict, why.slip
    return found.verdict, row.note if row.note in why.text else why.text


@pytest.mark.slow
def test_every_wrong_answer_is_told_something() -> None:
    """The verdict and nothing else helps nobody, and a program least of all."""
    told = [judged(row).why for row in ROWS if row.verdict == "incorrect"]
    assert all(reason.text for why in told for reason in why)
    assert all(why and why[0].slip != "unknown" for why in told)


def test_nearly_every_wrong_answer_is_explained() -> None:
    """At least nine of ten are told what was done, and not only that it is wrong."""
    wrong = [row for row in ROWS if row.verdict == "incorrect"]
    explained = [row for row in wrong if row.note not in UNEXPLAINED]
    assert len(explained) >= 0.9 * len(wrong)


def test_hardly_a_right_answer_is_refused() -> None:
    """Notation that is refused is a cost too."""
    right = [row for row in ROWS if row.verdict == "correct"]
    assert len(UNREAD) < 0.03 * len(right)
    assert len(ROWS) >= 400


def test_the_table_prints_as_markdown() -> None:
    """The documentation of what is accepted is the table."""
    text = "\n".join(lines())
    assert text.count("\n| `") + text.count("\n|  |") >= len(ROWS)
