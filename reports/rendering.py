"""Writing a report to a file. The suffix of the file's name chooses the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from derive.errors import Mistake, StatementError
from derive.problem import Problem
from derive.rules import Activation, Cost
from derive.special.pairs import Pair
from derive.theory import Theory
from numeric.evidence import Evidence, verify
from reports.content.compose import compose
from reports.content.general.theory import compose_theory
from reports.content.page import Report
from reports.content.sheets.pair import compose_pair
from reports.content.sheets.sheet import compose_sheet
from reports.placing import replace
from reports.subjects import Subject, subject_of
from reports.writers.html import html
from reports.writers.json_page import json_text
from reports.writers.latex import latex_document
from reports.writers.markdown import markdown

Format = Callable[[Report, Evidence | None], str]

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        ".html": lambda report, _: html(report),
        ".tex": lambda report, _: latex_document(report),
        ".md": lambda report, _: markdown(report),
        ".json": json_text,
    }
)

SHEETS: Mapping[type, Callable[..., Report]] = MappingProxyType(
    {Activation: compose_sheet, Cost: compose_sheet, Pair: compose_pair, Theory: compose_theory}
)
"""What a report says that is about no problem."""

LATER: Mapping[str, str] = MappingProxyType(
    {
        ".pdf": "write .tex and run pdflatex, or print the .html from a browser",
        ".ipynb": "write .md or .html",
    }
)
"""Formats that are in the plan but cannot be written yet, with what to do instead."""


def render(
    problem: Subject | str | os.PathLike[str] | Mapping[str, Any],
    out: str | os.PathLike[str],
    *,
    fmt: str | None = None,
    evidence: Evidence | None = None,
) -> Path:
    """Write a problem's report, the sheet of a rule, or the general theory, and return where it stands.

    problem  a problem, or whatever `load_problem` reads: a path, an example's name, a mapping;
             or the name of a rule, of an output pair ("softmax+cross_entropy") or of the general
             theory, where no file and no example has that name
    fmt      "html", "tex", "md" or "json", where the suffix of `out` does not say it
    evidence what `verify` said of this problem, where it has been asked already

    Raises StatementError for a format that is not known, and OSError where the
    file cannot be written; whatever stood there before is then untouched.
    """
    path = Path(out)
    write = FORMATS[check_suffix(path, fmt)]
    subject = problem if isinstance(problem, Subject) else subject_of(problem)
    if isinstance(subject, Problem):
        proven = verify(subject) if evidence is None else evidence
        text = write(compose(subject, proven), proven)
    else:
        text = write(SHEETS[type(subject)](subject), None)
    replace(path, text)
    return path


def check_suffix(path: Path, fmt: str | None = None) -> str:
    """The suffix that names the format. Raises StatementError for one that cannot be written."""
    suffix = f".{fmt.removeprefix('.')}".lower() if fmt else path.suffix.lower()
    if suffix in FORMATS:
        return suffix
    allowed = ", ".join(FORMATS)
    if suffix in LATER:
        found = f"{path.name}: {suffix} cannot be written yet; it comes with a later version"
        raise StatementError([Mistake("", found, allowed, LATER[suffix])])
    found = (
        f"{path.name}: the format {suffix} is not known"
        if suffix
        else f"{path.name}: no suffix, so no format"
    )
    raise StatementError([Mistake("", found, allowed, "name the file with one of these suffixes")])
