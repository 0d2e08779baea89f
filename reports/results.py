"""Results as JSON: the contract that other programs read.

Exact numbers are decimal strings of certain digits, bounds are rounded outward,
a missing witness is null.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from derive.problem import Problem
from numeric.balls.enclosure import Enclosure
from numeric.decimals import digit_count, plain, rounded
from numeric.evidence import Evidence, Row
from numeric.floats.claims import Claim
from numeric.judging.published import Judgement
from numeric.training.predictions import Prediction, Predictions
from reports import names

if TYPE_CHECKING:
    from numeric.judging.checking import Checked, CheckedEntry
    from numeric.outside.consult import Testimony

LEAST_TRUE_DIGITS = 20


@dataclass(frozen=True)
class JsonList:
    """Collects results, and writes them to stdout as one JSON list in the end."""

    values: list[dict[str, Any]] = field(default_factory=list)

    def evidence(self, evidence: Evidence, testimonies: Sequence[Testimony] = ()) -> None:
        """One problem's object; each outside witness has a key of its own in every gradient."""
        value = as_json(evidence)
        for gradient, row in zip(value["gradients"], evidence.rows, strict=True):
            gradient |= {one.witness: _outside(one[row.entry]) for one in testimonies}
        self.values.append(value)

    def checked(self, checked: Checked) -> None:
        """Somebody's own gradient, with the problem that it was judged against."""
        self.values[-1]["checked"] = [_checked(entry) for entry in checked]

    def close(self, _summary: str) -> None:
        """Write the list, piece by piece: a large network's is longer than its gradient by far."""
        sys.stdout.writelines(json.JSONEncoder(indent=2).iterencode(self.values))
        sys.stdout.write("\n")

    def examples(self, problems: Sequence[Problem]) -> None:
        """Name, title and source of each problem."""
        self.values.extend({"name": p.name, "title": p.title, "source": p.source} for p in problems)
        self.close("")


def as_json(evidence: Evidence) -> dict[str, Any]:
    """One problem's object of `verify --json`."""
    return {
        "problem": evidence.problem.name,
        "verdict": evidence.verdict,
        "cost": _proven(evidence.cost),
        "gradients": [_gradient(row, evidence.values_note) for row in evidence.rows],
        "published": [_published(judgement) for judgement in evidence.published],
        "predictions": [_predicted(evidence.problem, moment) for moment in evidence.predictions],
    }


def _proven(claim: Enclosure | None) -> dict[str, Any] | None:
    """A proven value: every digit that is certain, and the bounds rounded outward."""
    if claim is None or not claim.defined:
        return None
    return {"value": claim.text(), "enclosure": [str(bound) for bound in claim.bounds]}


def _claimed(claim: Claim) -> dict[str, Any] | None:
    """A float64 value with the error it claims, rounded upward; none where it claims nothing."""
    if not isfinite(claim.value) or not isfinite(claim.error):
        return None
    return {"value": plain_float(claim.value), "error": _upward(claim.error)}


def plain_float(value: float) -> str:
    """A float's shortest decimal that reads back as the same float, without needless zeros."""
    return repr(value).removesuffix(".0")


def _upward(error: float) -> str:
    return plain(rounded(Fraction(error), 3, ROUND_CEILING)) if error else "0"


def _gradient(row: Row, note: str) -> dict[str, Any]:
    difference = _claimed(row.difference)
    if difference is not None and row.difference.step is not None:
        difference["step"] = plain_float(row.difference.step)
    return {
        "quantity": row.name,
        "places": list(row.places),
        "symbolic": _proven(row.symbolic),
        "backprop": _claimed(row.backprop),
        "finite_difference": difference,
        "verdict": row.verdict,
        "digits": row.digits,
        "note": row.note or note,
    }


def _published(judgement: Judgement) -> dict[str, Any]:
    figure, truth = judgement.figure, judgement.truth
    digits = max(LEAST_TRUE_DIGITS, digit_count(figure.printed) + 2)
    return {
        "quantity": figure.text,
        "after": figure.after,
        "printed": figure.printed,
        "true": truth.text(digits) if truth.defined else None,
        "verdict": judgement.verdict,
        "slip": judgement.slip,
        "note": judgement.note,
    }


def _predicted(problem: Problem, moment: Predictions) -> dict[str, Any]:
    """What is predicted after so many updates, sample by sample, and how often it is right."""
    counts = {"right": moment.right, "wrong": moment.wrong, "undecided": moment.undecided}
    return {
        "after": moment.after,
        "classes": list(moment.classes),
        "accuracy": counts if moment.judged else None,
        "samples": [_prediction(problem, moment, one) for one in (*moment.samples, *moment.tests)],
        "note": moment.why,
    }


def _prediction(problem: Problem, moment: Predictions, one: Prediction) -> dict[str, Any]:
    return {
        "sample": one.suffix or "@1",
        "name": names.sample_name(problem, one.suffix),
        "outputs": [_proven(value) for value in one.outputs],
        "class": None if one.choice is None else moment.classes[one.choice],
        "target": None if one.target is None else moment.classes[one.target],
    }


def _outside(entry: CheckedEntry) -> dict[str, Any]:
    value = plain_float(entry.value) if isfinite(entry.value) else None
    return {"value": value, "verdict": entry.verdict, "note": entry.note}


def _checked(entry: CheckedEntry) -> dict[str, Any]:
    return {
        "quantity": entry.name,
        "value": plain_float(entry.value) if isfinite(entry.value) else None,
        "true": entry.truth.text() if entry.truth.defined else None,
        "allowed": _upward(entry.allowed) if isfinite(entry.allowed) else None,
        "verdict": entry.verdict,
        "slip": entry.slip,
        "note": entry.note,
    }
