"""What an outside witness says of a problem's gradients, judged like anybody's.

It changes no verdict of the three witnesses; where the library itself is imprecise or
wrong, the judgement says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.problem import Problem
from numeric.evidence import Evidence
from numeric.floats.claims import Entry
from numeric.judging.checking import CheckedEntry, judged
from numeric.judging.rows import names_of
from numeric.judging.theirs import Given, Handed
from numeric.outside.library import Library, library
from numeric.outside.stated import gradient

SEVERITY = ("wrong", "undecided", "imprecise", "agree")


@dataclass(frozen=True)
class Testimony:
    """One library's gradient beside ours.

    witness   the library's name; `version` the one that is installed
    by_entry  each number with its verdict: agree, imprecise, undecided or wrong; of a problem that
              leaves something free the worst of its points
    """

    witness: str
    version: str
    by_entry: Mapping[Entry, CheckedEntry]

    @property
    def wrong(self) -> tuple[CheckedEntry, ...]:
        """The numbers that are beyond what float64 may lose; what is imprecise or undecided is no fault."""
        return tuple(entry for entry in self.by_entry.values() if entry.verdict == "wrong")

    def __getitem__(self, entry: Entry) -> CheckedEntry:
        return self.by_entry[entry]


def consult(evidence: Evidence, witness: str) -> Testimony:
    """The gradients of a verified problem by `torch` or `jax`, each in float64.

    Raises MissingLibraryError where the library is not installed.
    """
    table = library(witness)
    points = evidence.points or (evidence.problem,)
    found = [_judged(table, point) for point in points]
    worst = {
        entry: min((judgements[entry] for judgements in found), key=lambda one: SEVERITY.index(one.verdict))
        for entry in found[0]
    }
    return Testimony(table.name, table.version, worst)


def _judged(table: Library, point: Problem) -> Mapping[Entry, CheckedEntry]:
    numbers = gradient(table, point)
    given = [Given(names_of(point, entry)[0], entry, value) for entry, value in numbers.items()]
    return dict(zip(numbers, judged(point, Handed.of(given)), strict=True)) if given else {}
