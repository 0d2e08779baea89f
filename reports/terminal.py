"""What `verify` and `examples` show in a terminal: verdict, witnesses, figures that are not right.

Nothing is ever cut: numbers give up digits until their table fits the width,
and where that is not enough each row becomes a block of lines. Somebody's text
arrives as text: it can neither command the terminal nor turn the line around.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.text import Text

from derive.problem import Network, Problem
from derive.steps import activation_keys
from derive.writing.plain import printable
from numeric.balls.enclosure import Enclosure
from numeric.decimals import digit_count
from numeric.evidence import Evidence, Row
from numeric.floats.claims import Claim
from numeric.judging.published import Judgement
from numeric.training.predictions import Predictions
from reports import names
from reports.content.wording import capitalised
from reports.numbers import agreeing, number
from reports.points import point_words

if TYPE_CHECKING:
    from numeric.judging.checking import Checked
    from numeric.outside.consult import Testimony

MARKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "disagree": ("✗", "bold red"),
        "wrong": ("✗", "bold red"),
        "incorrect": ("✗", "bold red"),
        "false": ("✗", "bold red"),
        "unreadable": ("!", "magenta"),
        "undecided": ("?", "yellow"),
        "unknown": ("?", "yellow"),
        "rounding": ("≈", "cyan"),
        "imprecise": ("≈", "cyan"),
        "agree": ("✓", "green"),
        "right": ("✓", "green"),
        "correct": ("✓", "green"),
        "true": ("✓", "green"),
    }
)
"""The sign and the colour of each verdict, the worst first."""

PLAIN: Mapping[str, str] = MappingProxyType({"✗": "x", "✓": "ok", "≈": "~"})
"""The signs where the stream cannot encode them: "?" in their place would mean undecided."""

SEVERITY = tuple(MARKS)
MOST_DIGITS, LEAST_DIGITS = 12, 5
LEAST_TRUE_DIGITS = 4
MOST_TESTS, MOST_MISSED, MOST_OUTPUTS = 20, 12, 3
MOST_PREDICTED_DIGITS = 9
NARROWEST = 24
"""A title with less room than this beside its name goes below it."""


def _console() -> Console:
    """The terminal, with no styling at all where NO_COLOR is set."""
    return Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")


@dataclass(frozen=True)
class Terminal:
    """Shows results one after the other, as they come."""

    console: Console = field(default_factory=_console)

    def evidence(self, evidence: Evidence, testimonies: Sequence[Testimony] = ()) -> None:
        """One problem: its verdict, the witnesses to its gradients, its published figures."""
        problem = evidence.problem
        self._block("", _text(problem.title or problem.name, "bold"))
        self._headlines(evidence)
        for testimony in testimonies:
            self._outside(testimony)
        if evidence.rows:
            self._print("", *_witnesses(evidence.rows, testimonies, self.console.width))
            self._notes([row for row in evidence.rows if row.note])
            self._points(evidence)
        if evidence.predictions:
            self._predictions(problem, evidence.predictions)
        self._figures(evidence.published)
        self._print("")

    def checked(self, checked: Checked) -> None:
        """Somebody's own gradient, as `check` reports it."""
        from numeric.judging.checking import paragraphs

        first, *lines = paragraphs(checked)
        self._block(*self._marked("agree" if checked else "wrong", f"--gradients: {first}"))
        for line in lines:
            self._block(" " * (2 + len(line) - len(line.lstrip())), _text(line.strip()))
        self._print("")

    def close(self, summary: str) -> None:
        """What several problems come to."""
        if summary:
            self._block("", _text(summary, "bold"))

    def examples(self, problems: Sequence[Problem]) -> None:
        """Name and title of each, the titles in a column of their own; then what else can be reported on."""
        column = max(len(problem.name) for problem in problems) + 2
        for problem in problems:
            name = _text(problem.name, "bold")
            if self.console.width - column < NARROWEST:
                self._print(name)
                self._block("    ", _text(problem.title))
            else:
                name.pad_right(column - name.cell_len)
                self._block(name, _text(problem.title))
        self._block("", _text("Every rule has a sheet of its own: backproof report sigmoid", "dim"))

    def _headlines(self, evidence: Evidence) -> None:
        """10 of 10 gradients agree; published figures: 24 right, 4 wrong."""
        agreed, rows = sum(row.verdict == "agree" for row in evidence.rows), len(evidence.rows)
        gradients = f"{agreed} of {rows} gradients agree" if rows else "forward pass only"
        note = f"; {evidence.note}" if evidence.note else ""
        self._block(*self._marked(evidence.verdict or "agree", gradients + note))
        counts = Counter(judgement.verdict for judgement in evidence.published)
        if counts:
            worst = min(set(counts) - {"rounding"}, key=SEVERITY.index, default="right")
            found = [f"{counts[verdict]} {verdict}" for verdict in reversed(SEVERITY) if counts[verdict]]
            self._block(*self._marked(worst, f"published figures: {', '.join(found)}"))

    def _outside(self, testimony: Testimony) -> None:
        """torch 2.13.0: 7 of 8 gradients agree, 1 wrong: dC/dw; then why, each reason once."""
        entries = tuple(testimony.by_entry.values())
        worst = min((entry.verdict for entry in entries), key=SEVERITY.index, default="agree")
        agreed = sum(entry.verdict == "agree" for entry in entries)
        head = f"{testimony.witness} {testimony.version}: {agreed} of {len(entries)} gradients agree"
        self._block(*self._marked(worst, head))
        others = [entry for entry in entries if entry.verdict != "agree"]
        for (verdict, note), group in _grouped(others, lambda entry: (entry.verdict, entry.note)):
            why = f" ({note})" if note else ""
            self._block("    ", _text(f"{verdict}{why}: {', '.join(entry.name for entry in group)}"))

    def _notes(self, rows: Sequence[Row]) -> None:
        """Each note once, with the gradients that it is about."""
        self._print(*[""] * bool(rows))
        for (verdict, note), group in _grouped(rows, lambda row: (row.verdict, row.note)):
            self._block(*self._marked(verdict, f"{note}: {', '.join(row.name for row in group)}"))

    def _points(self, evidence: Evidence) -> None:
        """Where a problem was verified that leaves something free."""
        if evidence.points:
            self._print("")
            self._block("  ", _text("The values are those of one of these points:"))
        for i, point in enumerate(evidence.points, 1):
            self._block(f"  point {i}: ", _text(point_words(evidence.problem, point)))

    def _predictions(self, problem: Problem, moments: Sequence[Predictions]) -> None:
        """What the test inputs give, and how many samples have the class that is predicted."""
        if problem.tests:
            self._print("", *_predicted(problem, moments, self.console.width))
            if len(problem.tests) > MOST_TESTS:
                self._print(f"… and {len(problem.tests) - MOST_TESTS:,} more test inputs")
        self._print(*[""] * any(moment.why or moment.judged for moment in moments))
        for moment in moments:
            when = f"{capitalised(names.moment(moment.after))}: " if moment.after else "As given: "
            if moment.why:
                self._block(when, _text(moment.why))
            elif moment.judged:
                missed = names.missed(problem, moment)
                which = f": {', '.join(missed[:MOST_MISSED])}" if missed else ""
                more = f" and {len(missed) - MOST_MISSED:,} more" if len(missed) > MOST_MISSED else ""
                self._block(when, _text(names.accuracy(moment) + which + more))

    def _figures(self, published: Sequence[Judgement]) -> None:
        """The figures that are not right, the worst first, with what explains them; then the right ones."""
        ordered = sorted(published, key=lambda judgement: SEVERITY.index(judgement.verdict))
        for (verdict, why), group in _grouped(ordered, _reason):
            right = ", ".join(map(_figure, group)) if verdict == "right" else ""
            self._print("")
            self._block(
                *self._marked(verdict, ": ".join(filter(None, (f"{len(group)} {verdict}", why, right))))
            )
            self._print(*([] if right else _differences(group, self.console.width)))

    def _marked(self, verdict: str, text: str) -> tuple[Text, Text]:
        """A verdict's sign, as far as the stream can encode it, and the text behind it."""
        sign, colour = MARKS[verdict]
        try:
            sign.encode(self.console.encoding)
        except UnicodeEncodeError:
            sign = PLAIN[sign]
        return Text.assemble((sign, colour), " "), _text(text)

    def _block(self, first: str | Text, body: Text) -> None:
        """A paragraph behind its first word; the further lines begin where it ended."""
        head = Text(first) if isinstance(first, str) else first
        for i, line in enumerate(body.wrap(self.console, max(self.console.width - head.cell_len, 1))):
            line.rstrip()
            self._print((Text(" " * head.cell_len) if i else head) + line)

    def _print(self, *lines: str | Text) -> None:
        for line in lines:
            self.console.print(line, soft_wrap=True)


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


Item = TypeVar("Item")
Reason = tuple[str, str]


def _grouped(items: Iterable[Item], reason: Callable[[Item], Reason]) -> list[tuple[Reason, list[Item]]]:
    """The items that have a reason in common, in the order of their first ones."""
    groups: dict[Reason, list[Item]] = {}
    for item in items:
        groups.setdefault(reason(item), []).append(item)
    return list(groups.items())


# -- witnesses -------------------------------------------------------------------------------------


def _witnesses(rows: Sequence[Row], testimonies: Sequence[Testimony], width: int) -> list[Text]:
    """The table of witnesses, with as many digits as fit; or a block of lines for each gradient."""
    outside = [testimony.witness for testimony in testimonies]
    heads = [Text(head, style="dim") for head in ("", *VALUES, *outside, "digits", "verdict")]
    sides = "<" + ">" * (len(heads) - 2) + "<"
    for digits in range(MOST_DIGITS, LEAST_DIGITS - 1, -1):
        table = _aligned([heads, *(_witness(row, testimonies, digits) for row in rows)], sides)
        if _fits(table, width):
            return table
    return [line for row in rows for line in _stacked(row, testimonies)]


VALUES = ("symbolic", "backprop", "difference")


def _witness(row: Row, testimonies: Sequence[Testimony], digits: int) -> list[Text]:
    symbolic = _proven(row.symbolic, digits)
    return [
        _text(row.name),
        Text(symbolic),
        _claimed(row.backprop, digits, symbolic),
        _claimed(row.difference, digits, symbolic),
        *(_marked_digits(testimony[row.entry].value, digits, symbolic) for testimony in testimonies),
        Text("–" if row.digits is None else str(row.digits)),
        Text(row.verdict, style=MARKS[row.verdict][1]),
    ]


def _stacked(row: Row, testimonies: Sequence[Testimony]) -> list[Text]:
    name, *values, digits, verdict = _witness(row, testimonies, MOST_DIGITS)
    outside = (testimony.witness for testimony in testimonies)
    heads = [Text(f"    {head}", style="dim") for head in (*VALUES, *outside)]
    return [
        Text.assemble(name, ": ", verdict, ", digits ", digits),
        *_aligned([[head, value] for head, value in zip(heads, values, strict=True)], "<<"),
    ]


def _proven(claim: Enclosure, digits: int) -> str:
    if not claim.defined:
        return "–"
    return "0" if claim.holds_zero else number(claim.mid, digits)


def _claimed(claim: Claim, digits: int, symbolic: str) -> Text:
    """A witness's value, where it claims one."""
    return _marked_digits(claim.value if isfinite(claim.error) else nan, digits, symbolic)


def _marked_digits(value: float, digits: int, symbolic: str) -> Text:
    """A float's value; the digits that are not the symbolic gradient's are dim."""
    if not isfinite(value):
        return Text("–")
    agreed, rest = agreeing(symbolic, number(value, digits))
    return Text.assemble(agreed, (rest, "dim"))


def _fits(lines: Sequence[Text], width: int) -> bool:
    return all(line.cell_len <= width for line in lines)


def _aligned(rows: Sequence[Sequence[Text]], sides: str) -> list[Text]:
    """Rows as lines, each column flush to its side, with no blanks at the end."""
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.copy() for cell in row]
        for cell, width, side in zip(cells, widths, sides, strict=True):
            cell.align("left" if side == "<" else "right", width)
        lines.append(Text("  ").join(cells))
        lines[-1].rstrip()
    return lines


# -- predictions -----------------------------------------------------------------------------------


def _predicted(problem: Problem, moments: Sequence[Predictions], width: int) -> list[Text]:
    """The outputs for each test input, a row for each moment, with as many digits as fit."""
    assert isinstance(problem.body, Network)
    outputs = activation_keys(problem.body, problem.body.depth, "")[:MOST_OUTPUTS]
    heads = [Text(head, style="dim") for head in ("", *outputs, *["class"] * bool(moments[0].classes))]
    shown = [moment for moment in moments if moment.tests]
    tests = range(min(len(problem.tests), MOST_TESTS))
    for digits in range(MOST_PREDICTED_DIGITS, LEAST_DIGITS - 1, -1):
        rows = [_prediction(problem, moment, i, digits) for i in tests for moment in shown]
        lines = _aligned([heads, *rows], "<" + ">" * (len(heads) - 1))
        if _fits(lines, width):
            return lines
    return [
        line
        for i in tests
        for moment in shown
        for line in _one_below_another(heads, _prediction(problem, moment, i, MOST_PREDICTED_DIGITS))
    ]


def _prediction(problem: Problem, moment: Predictions, i: int, digits: int) -> list[Text]:
    test = moment.tests[i]
    name = f"  {names.moment(moment.after)}" if moment.after else names.sample_name(problem, test.suffix)
    values = [Text(_proven(value, digits)) for value in test.outputs[:MOST_OUTPUTS]]
    return [_text(name), *values, *([_text(names.class_name(moment, test.choice))] if moment.classes else [])]


def _one_below_another(heads: Sequence[Text], cells: Sequence[Text]) -> list[Text]:
    pairs = [[Text("    ") + head, cell] for head, cell in zip(heads[1:], cells[1:], strict=True)]
    return [cells[0], *_aligned(pairs, "<<")]


# -- published figures -----------------------------------------------------------------------------


def _figure(judgement: Judgement) -> str:
    """The figure's quantity, and when it was read: `E after 10000 updates`."""
    figure = judgement.figure
    moment = f" after {figure.after} update{'s' * (figure.after > 1)}" if figure.after else ""
    return figure.text + moment


def _reason(judgement: Judgement) -> Reason:
    """The verdict, and what explains it."""
    return judgement.verdict, ". ".join(filter(None, (judgement.slip, judgement.note)))


def _differences(group: Sequence[Judgement], width: int) -> list[Text]:
    """What was printed beside what is true, in columns, or below each other where they do not fit."""
    cells = [
        [_text(f"    {_figure(judgement)}"), _text(f"printed {judgement.figure.printed}"), _truth(judgement)]
        for judgement in group
    ]
    table = _aligned(cells, "<<<")
    if _fits(table, width):
        return table
    return [line for what, *sides in cells for line in (what, *(Text("      ") + side for side in sides))]


def _truth(judgement: Judgement) -> Text:
    """The true value with two digits more than were printed."""
    if not judgement.truth.defined:
        return Text("true value unknown")
    digits = max(digit_count(judgement.figure.printed) + 2, LEAST_TRUE_DIGITS)
    return Text(f"true {judgement.truth.text(digits)}")
