"""A report as Markdown in GitHub's flavour, formulas between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from derive.writing.latex import latex
from derive.writing.plain import printable
from derive.writing.tree import Tree
from reports.content.page import Address, Chain, Link, Marked, Part, Prose, Report, Toned
from reports.writers.templating import Written, environment
from reports.writers.whole import chain_latex

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#$~])")


def markdown(report: Report) -> str:
    """The whole text."""
    made = environment({"prose": prose, "math": math, "chain": chain}, text)
    return made.get_template("report.md.j2").render(report=report)


def text(words: str) -> Written:
    """Somebody's text, with every sign that Markdown or HTML would obey made harmless."""
    return Written(SPECIAL.sub(r"\\\1", printable(words).replace("&", "&amp;")))


def math(tree: Tree) -> Written:
    """A formula within a line."""
    return Written(f"${latex(tree)}$")


def chain(block: Chain) -> Written:
    """All pieces as one displayed formula."""
    return Written(f"$$\n{chain_latex(block)}\n$$")


def prose(words: Prose) -> Written:
    """Words, numbers, links and formulas in one line."""
    return Written("".join(map(_part, words)))


def _part(part: Part) -> str:
    return math(part) if isinstance(part, Tree) else _PARTS[type(part)](part)


def _marked(number: Marked) -> str:
    agreed = f"**{text(number.agreed)}**" if number.agreed else ""
    power = f" × 10<sup>{text(number.power)}</sup>" if number.power else ""
    return f"{agreed}{text(number.rest)}{power}"


_MARKS: Mapping[str, str] = MappingProxyType({"strong": "**", "soft": "*"})

_PARTS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {
        str: text,
        Marked: _marked,
        Link: lambda link: f"[{prose(link.words)}](#{link.target})",
        Address: lambda address: f"<{address.url}>",
        Toned: lambda toned: f"{_MARKS.get(toned.tone, '')}{prose(toned.words)}{_MARKS.get(toned.tone, '')}",
    }
)
