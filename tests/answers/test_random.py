"""Random slips are wrong and named, random rewrites stay right; many more by tests/benchmarks."""

from __future__ import annotations

import pytest

from tests.benchmarks.answer_edits import edits
from tests.benchmarks.answer_rewrites import of_matrices, rewrites
from tests.benchmarks.random_answers import Random


@pytest.mark.slow
def test_a_slip_anywhere_is_wrong_and_named() -> None:
    """Whatever the table of slips can do to a derivation is found again in the answer that it gives."""
    kinds = {outcome.kind for outcome in edits(40, seed=5)}
    assert kinds <= {"named", "changes nothing"}


@pytest.mark.slow
def test_slips_anywhere_are_wrong_and_named() -> None:
    """The same for more of them; those that have no value at enough points are left undecided."""
    kinds = [outcome.kind for outcome in edits(300, seed=6)]
    assert "ACCEPTED" not in kinds
    assert kinds.count("named") >= 0.97 * len(kinds)


@pytest.mark.slow
def test_a_right_answer_stays_right_however_it_is_written() -> None:
    """A right answer that is called wrong is the worst that can be done to whoever wrote it."""
    assert {outcome.judged.verdict for outcome in rewrites(40, seed=5)} == {"correct"}


@pytest.mark.slow
def test_right_answers_stay_right_however_they_are_written() -> None:
    """The same for more of them; a reader may ask for brackets."""
    verdicts = [outcome.judged.verdict for outcome in rewrites(300, seed=6)]
    assert "incorrect" not in verdicts
    assert verdicts.count("correct") >= 0.97 * len(verdicts)


def test_the_four_equations_may_be_spelled_in_many_ways() -> None:
    """Transposes of products, diagonal matrices and entrywise products are the same equation."""
    assert {outcome.judged.verdict for outcome in of_matrices(Random(1))} == {"correct"}
