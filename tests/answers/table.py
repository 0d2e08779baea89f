"""The table of answers: all blocks, and what their rows come to."""

from __future__ import annotations

from collections import Counter

from tests.answers.arrays import ARRAYS
from tests.answers.languages import LANGUAGES
from tests.answers.rows import Block, Row, judged
from tests.answers.sums import SUMS
from tests.answers.units import UNITS

BLOCKS: tuple[Block, ...] = (*UNITS, *ARRAYS, *SUMS, *LANGUAGES)
ROWS: tuple[Row, ...] = tuple(row for block in BLOCKS for row in block.rows())
UNREAD = frozenset((block.where, block.ask, text) for block in BLOCKS for text, _ in block.unread)

UNEXPLAINED = frozenset({"counterexample", "size", "zero", "sign and digits", "unknown"})
"""Instead of a slip: a point where the values differ, how a number does, or not even that."""


def figures() -> Counter[str]:
    """How many rows there are of each kind, and how many of them are judged otherwise than they should be."""
    found: Counter[str] = Counter()
    for row in ROWS:
        verdict = judged(row).verdict
        right = row.verdict == "correct" or (row.where, row.ask, row.text) in UNREAD
        found["answers"] += 1
        found["right"] += right
        found["wrong"] += row.verdict == "incorrect"
        found["right, refused"] += right and verdict == "unreadable"
        found["right, rejected"] += right and verdict == "incorrect"
        found["wrong, accepted"] += verdict == "correct" and not right
        found["wrong, explained by a slip"] += row.verdict == "incorrect" and row.note not in UNEXPLAINED
    return found
