"""A report as a LaTeX document for pdflatex, with standard packages only.

Formulas stand in ragged paragraphs, a piece each, so that TeX breaks a long sum
or a long chain where the page ends, as a browser does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from types import MappingProxyType

from derive.writing.latex import COLOURS, PREAMBLE, SYMBOLS, escape, joined, latex
from derive.writing.plain import plain
from derive.writing.tree import JUXTAPOSED, THIN, Op, RoleName, Row, Tree
from reports.content.page import Address, Column, Link, Marked, Part, Prose, Report, Toned
from reports.drawing.chart import Chart
from reports.drawing.chart_latex import chart_latex
from reports.drawing.plot import Plot
from reports.drawing.plot_latex import plot_latex
from reports.writers.templating import Written, environment

LONGEST_UNIT = 20
"""A longer piece of a formula, without a sign to break at, could run into the margin."""

UNBROKEN = frozenset({JUXTAPOSED.text, THIN.text, "/", ","})

LONGEST_WORD = 28
"""Longer words may be broken anywhere, or they would run into the margin."""


def latex_document(report: Report) -> str:
    """The whole document."""
    made = environment(
        {"prose": prose, "math": math, "inner": inner, "sign": sign, "columns": columns,
         "plot": plotted, "chart": charted, "colour": colour},
        text,
        variable_start_string="<<", variable_end_string=">>",
        block_start_string="<%", block_end_string="%>",
        comment_start_string="<#", comment_end_string="#>",
    )  # fmt: skip
    return made.get_template("report.tex.j2").render(report=report, preamble=Written(PREAMBLE))


def text(words: str) -> Written:
    """Somebody's text; a very long word may be broken."""
    pieces = re.split(rf"(\S{{{LONGEST_WORD},}})", words)
    return Written(
        "".join(_breakable(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))
    )


def _breakable(word: str) -> str:
    return r"\hspace{0pt}".join(map(escape, word))


def math(tree: Tree) -> Written:
    """A formula within a line, in the colours of its roles."""
    return Written(f"${inner(tree)}$")


def inner(tree: Tree) -> Written:
    """A formula to stand within dollar signs that the template sets."""
    items = tree.items if isinstance(tree, Row) else (tree,)
    return Written(joined(_unit(tuple(run)) for _, run in groupby(items, key=_breaks)))


def _breaks(item: Tree) -> bool:
    """Whether TeX may end a line behind this sign: behind + and =, but neither / nor a comma."""
    return isinstance(item, Op) and item.form == "infix" and item.text not in UNBROKEN


def _unit(items: tuple[Tree, ...]) -> str:
    """What TeX cannot break; a long one is made smaller where it is wider than its line."""
    if len(items) == 1 and isinstance(items[0], Row):
        return inner(items[0])
    unit = Row(items)
    set_ = latex(unit, colour=True)
    return rf"\fitted{{{set_}}}" if len(plain(unit)) > LONGEST_UNIT else set_


def plotted(plot: Plot) -> Written:
    """A plot as a picture."""
    return Written(plot_latex(plot))


def charted(chart: Chart) -> Written:
    """A chart as pictures."""
    return Written(chart_latex(chart))


def colour(role: RoleName) -> Written:
    """The name of a role's colour."""
    return Written(COLOURS[role][0])


def sign(character: str) -> Written:
    """The sign before a piece of a chain."""
    return Written(f"{{}}{SYMBOLS.get(character, character)} " if character else "")


def columns(shares: tuple[Column, ...]) -> Written:
    """The column specification of a table: ragged paragraphs by their share of the line."""
    sides = {False: r"\raggedright", True: r"\raggedleft"}
    return Written(
        "".join(
            rf">{{{sides[column.right]}\arraybackslash}}p{{\dimexpr{column.share:.3f}\linewidth-2\tabcolsep\relax}}"
            for column in shares
        )
    )


def prose(words: Prose) -> Written:
    """Words, numbers and formulas in one line."""
    return Written("".join(map(_part, words)))


def _part(part: Part) -> str:
    return math(part) if isinstance(part, Tree) else _PARTS[type(part)](part)


def _marked(number: Marked) -> str:
    agreed = rf"\agreed{{{escape(number.agreed)}}}" if number.agreed else ""
    rest = rf"\apart{{{escape(number.rest)}}}" if number.rest else ""
    power = rf"${{}}\times 10^{{{number.power.replace('−', '-')}}}$" if number.power else ""
    return agreed + rest + power


def _address(address: Address) -> str:
    return r"\hspace{0pt}".join(text(piece) for piece in re.split(r"(?<=[/.\-?=&])", address.url))


_TONES: Mapping[str, str] = MappingProxyType(
    {role: name for role, (name, _) in COLOURS.items()}
    | {"good": "bpgood", "bad": "bpbad", "open": "bpopen", "soft": "bpsoft"}
)


def _toned(toned: Toned) -> str:
    if toned.tone == "strong":
        return rf"\textbf{{{prose(toned.words)}}}"
    return rf"\textcolor{{{_TONES[toned.tone]}}}{{{prose(toned.words)}}}"


_PARTS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {
        str: text,
        Marked: _marked,
        Link: lambda link: prose(link.words),
        Address: _address,
        Toned: _toned,
    }
)
