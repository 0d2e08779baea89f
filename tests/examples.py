"""Bundled examples as the tests read them: verified, composed and written once for all that ask."""

from __future__ import annotations

from functools import cache

from derive import bundled, load_problem
from numeric import Evidence, verify
from reports.content.compose import compose
from reports.content.page import Report
from reports.rendering import FORMATS
from tests.kinds import EXAMPLES, thinned

LONG_TRAINING = frozenset({"anscombe-1", "iamtrask-11-lines", "mazur"})
"""Thousands of updates; `hours-of-study` stands for them in the quick loop."""

BRIEF = tuple(name for name in bundled() if name not in LONG_TRAINING)
ALL = thinned(bundled(), EXAMPLES)
"""Every one; the quick loop takes one of each kind."""


@cache
def evidence_of(name: str) -> Evidence:
    """The evidence of a bundled example."""
    return verify(load_problem(name))


@cache
def report_of(name: str) -> Report:
    """What its page says."""
    evidence = evidence_of(name)
    return compose(evidence.problem, evidence)


@cache
def page_of(name: str, suffix: str) -> str:
    """Its page in a format."""
    return FORMATS[suffix](report_of(name), evidence_of(name))
