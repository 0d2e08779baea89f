"""What `verify` and `examples` show in a terminal, within its width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from derive.problem import Problem
from derive.writing.plain import printable
from numeric.checking import Checked, report
from numeric.claims import Claim
from numeric.decimals import digit_count
from numeric.evidence import Evidence, Row
from numeric.published import Judgement
from reports.numbers import typeset

COLOURS = {
    "agree": "green",
    "right": "green",
    "rounding": "cyan",
    "undecided": "yellow",
    "unknown": "yellow",
    "disagree": "bold red",
    "wrong": "bold red",
}

DIGITS = 12


def print_evidence(evidence: Evidence, checked: Checked | None) -> None:
    """The verdict first, then the witnesses, then the figures that are not right."""
    console = Console(highlight=False)
    console.print(Text(printable(evidence.problem.title or evidence.problem.name), style="bold"))
    console.print(_headline(evidence))
    if evidence.rows:
        console.print(_witnesses(evidence.rows))
        for row in evidence.rows:
            if row.note:
                console.print(Text(f"  {row.name}: {row.note}"))
    if evidence.published:
        console.print(_figures(evidence.published))
        for judgement in evidence.published:
            _explain(console, judgement)
    if checked is not None:
        console.print(Text(report(checked)))
    console.print()


def _headline(evidence: Evidence) -> Text:
    """10 of 10 gradients agree; 24 figures right, 4 wrong."""
    parts = []
    if evidence.rows:
        agreeing = sum(row.verdict == "agree" for row in evidence.rows)
        parts.append(f"{agreeing} of {len(evidence.rows)} gradients agree")
    else:
        parts.append("forward pass only")
    counts = Counter(judgement.verdict for judgement in evidence.published)
    figures = [
        f"{counts[verdict]} {verdict}"
        for verdict in ("right", "rounding", "wrong", "unknown")
        if counts[verdict]
    ]
    if figures:
        parts.append(f"published figures: {', '.join(figures)}")
    if evidence.note:
        parts.append(evidence.note)
    return Text("; ".join(parts))


def _witnesses(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("gradient")
    for heading in ("symbolic", "backprop", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("digits", justify="right")
    table.add_column("verdict")
    for row in rows:
        symbolic = typeset(row.symbolic.mid, DIGITS) if row.symbolic.defined else "–"
        digits = "–" if row.digits is None else str(row.digits)
        verdict = Text(row.verdict, style=COLOURS[row.verdict])
        table.add_row(
            escape(row.name), symbolic, _claim(row.backprop), _claim(row.difference), digits, verdict
        )
    return table


def _claim(claim: Claim) -> str:
    return typeset(claim.value, DIGITS) if isfinite(claim.value) and isfinite(claim.error) else "–"


def _figures(published: Sequence[Judgement]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("published")
    table.add_column("printed", justify="right", no_wrap=True)
    table.add_column("true", justify="right", no_wrap=True)
    table.add_column("verdict")
    for judgement in published:
        figure, truth = judgement.figure, judgement.truth
        true = typeset(truth.mid, max(digit_count(figure.printed) + 2, 4)) if truth.defined else "–"
        verdict = Text(judgement.verdict, style=COLOURS[judgement.verdict])
        table.add_row(Text(_when(judgement)), Text(figure.printed), true, verdict)
    return table


def _when(judgement: Judgement) -> str:
    figure = judgement.figure
    updates = "" if not figure.after else f" after {figure.after} update{'s' * (figure.after > 1)}"
    return f"{figure.text}{updates}"


def _explain(console: Console, judgement: Judgement) -> None:
    if judgement.verdict == "right" or not (judgement.note or judgement.slip):
        return
    slip = f"{judgement.slip}. " if judgement.slip else ""
    console.print(Text(f"  {_when(judgement)}: {slip}{judgement.note}"))


def print_examples(problems: Sequence[Problem]) -> None:
    """Name and title, a line each."""
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for problem in problems:
        table.add_row(Text(problem.name), Text(printable(problem.title)))
    console.print(table)
