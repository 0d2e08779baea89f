"""Verdicts on answers and claims as JSON: the contract that other programs read."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from numeric.answers.equation import Claimed
from numeric.answers.reasons import Reason
from reports.answers.asking import Marked


@dataclass(frozen=True)
class AnswerList:
    """Collects verdicts, and writes them to stdout as one JSON list in the end."""

    values: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, marked: Marked) -> None:
        """One answer's object."""
        judged, right = marked.judged, marked.right
        value = {
            "student": marked.given.student,
            "question": marked.question.id,
            "verdict": judged.verdict,
            "proof": judged.proof,
            "read": judged.read,
            "why": _reasons(judged.why),
            "where": _where(judged.where),
            "points": _points(judged.points),
        }
        if right is not None:
            value["right"] = {"equations": list(right.latex), "value": right.number}
        self.values.append(value)

    def finish(self, _most: Fraction) -> None:
        """Write the list, of all that was judged by then; a program can count for itself."""
        _write(self.values)

    def claim(self, claimed: Claimed) -> None:
        """A claim's object, at once and alone."""
        _write(
            {
                "equation": claimed.equation,
                "read": claimed.read,
                "verdict": claimed.verdict,
                "proof": claimed.proof,
                "why": _reasons(claimed.why),
                "counterexample": None if claimed.counterexample is None else dict(claimed.counterexample),
                "where": _where(claimed.where),
            }
        )


def _write(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def _reasons(why: Sequence[Reason]) -> list[dict[str, str]]:
    return [{"slip": reason.slip, "text": reason.text} for reason in why]


def _where(where: tuple[int, str] | None) -> dict[str, Any] | None:
    return None if where is None else {"column": where[0], "text": where[1]}


def _points(points: Fraction) -> int | float:
    return points.numerator if points.denominator == 1 else float(points)
