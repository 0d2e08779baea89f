"""A report as JSON: what the page says, each formula as LaTeX and as text, with the evidence beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.tree import Tree
from numeric.evidence import Evidence
from reports.content.page import Report
from reports.drawing.diagram import Diagram
from reports.results import as_json


def json_text(report: Report, evidence: Evidence | None) -> str:
    """The page's contents in order, then the same object that `verify --json` gives, where there is one."""
    page = {
        part.name: _plain(getattr(report, part.name)) for part in fields(report) if part.name not in UNSAID
    }
    proven = {} if evidence is None else {"evidence": as_json(evidence)}
    return json.dumps(page | proven, ensure_ascii=False, indent=1) + "\n"


UNSAID = frozenset({"diagram", "kind", "about"})
"""Fields of a report that are for the eye."""


def _plain(value: Any) -> Any:
    """Frozen values as JSON's own: a formula becomes {latex, text}, a class its fields."""
    if isinstance(value, Tree):
        return {"latex": latex(value), "text": plain(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, Diagram):
        kind: Mapping[str, Any] = {"kind": type(value).__name__.lower()}
        return {**kind, **{part.name: _plain(getattr(value, part.name)) for part in fields(value)}}
    return value
