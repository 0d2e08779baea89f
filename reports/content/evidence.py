"""The three witnesses on a page: of one gradient, and of all of them side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING
from fractions import Fraction
from math import isfinite

from derive.notation import write, write_array
from derive.writing.tree import Ident, equals
from numeric.balls.enclosure import Enclosure
from numeric.decimals import rounded
from numeric.evidence import MOST_DIGITS, Evidence, Outcome, Row
from numeric.floats.claims import Claim
from reports import names
from reports.content.desk import Desk, in_line
from reports.content.page import (
    Block,
    Column,
    Heading,
    Link,
    Marked,
    Paragraph,
    Part,
    Prose,
    Section,
    Table,
    Tone,
    Toned,
)
from reports.content.values import FULL_DIGITS, exact_text, marked, signed
from reports.content.wording import counted, listed
from reports.numbers import number, number_tree
from reports.points import point_formulas

TONES: dict[str, Tone] = {"agree": "good", "disagree": "bad", "undecided": "open"}

MOST_TOGETHER, MOST_ROWS, MOST_WEAK = 40, 200, 10
"""Rows of one table; of a larger array these are listed first, then what does not agree, and the weakest."""

WITNESSES = (
    Column(("witness",), 0.4),
    Column(("value",), 0.34),
    Column(("error it claims",), 0.26),
)


def witnesses(desk: Desk, of: str, by: str) -> Iterator[Block]:
    """What the three routes say of one gradient, and what they prove together."""
    row = desk.evidence.row_of(of, by)
    if desk.worked:
        exact = exact_text(row.symbolic)
        yield Table(
            "witnesses",
            "three independent ways to the same number",
            WITNESSES,
            (
                (
                    _named("symbolic", "SymPy, exact or in balls"),
                    (marked(exact, exact),) if row.symbolic.defined else ("undefined",),
                    open_to(row.symbolic),
                ),
                (_named("backprop", "NumPy, float64"), shown(exact, row.backprop), claimed(row.backprop)),
                (
                    _named("finite difference", *_stepped(row.difference)),
                    shown(exact, row.difference),
                    claimed(row.difference),
                ),
            ),
        )
    yield Paragraph(verdict_words(row))


def _named(name: str, *how: Part) -> Prose:
    return (name, " ", Toned("soft", how))


def _stepped(claim: Claim) -> Prose:
    if claim.step is None:
        return ("values only",)
    return ("values only, ", equals(Ident("h"), number_tree(Fraction(claim.step), 2)))


def verdict_words(row: Row) -> Prose:
    """agree: the three claims overlap and prove 12 digits together"""
    word = Toned(TONES[row.verdict], (row.verdict.capitalize(),))
    if row.verdict == "agree":
        note = f"; {row.note}" if row.note else ""
        return (word, f": the three claims overlap and prove {digits_words(row)} together{note}.")
    return (word, f": {row.note}.")


def short_verdict(row: Row) -> Prose:
    """agree, 12 digits"""
    digits = f", {digits_words(row)}" if row.verdict == "agree" else ""
    return (Toned(TONES[row.verdict], (f"{row.verdict}{digits}",)),)


def digits_words(row: Row) -> str:
    """ "7 digits", or "every digit" where the claims coincide."""
    return (
        "every digit" if row.digits is not None and row.digits >= MOST_DIGITS else counted_digits(row.digits)
    )


def counted_digits(digits: int | None) -> str:
    """ "1 digit", "7 digits", "no digits"."""
    return "no digits" if not digits else f"{digits} digit{'' if digits == 1 else 's'}"


def open_to(value: Enclosure) -> Prose:
    """How much the symbolic witness leaves open."""
    return _at_most(value.radius) if value.defined else (value.why or "no value",)


def claimed(claim: Claim) -> Prose:
    """The error that a floating-point witness claims, or why it claims none."""
    return _at_most(Fraction(claim.error)) if isfinite(claim.error) else (claim.why or "claims nothing",)


def _at_most(error: Fraction) -> Prose:
    """Rounded up, so that the claim stays true."""
    if error == 0:
        return ("none: exact",)
    return ("≤ ", number_tree(rounded(error, 2, ROUND_CEILING), 2))


def shown(exact: str, claim: Claim) -> Prose:
    """A floating-point value with the digits that agree with the exact one marked."""
    if not isfinite(claim.value):
        return ("none",)
    text = number(claim.value, FULL_DIGITS)
    return (marked(exact, text),) if exact != "undefined" else (signed(text),)


def side_by_side(desk: Desk) -> Section | None:
    """All gradients: symbolic, backprop, finite difference, digits proven, verdict."""
    outcomes = desk.evidence.outcomes
    if not outcomes:
        return None
    blocks: list[Block] = [Paragraph(_how_to_read(desk), quiet=True)]
    for place, point in enumerate(desk.evidence.points, 1):
        drawn: list[Prose] = [(part,) for part in point_formulas(desk.problem, point)]
        blocks.append(Paragraph((f"Point {place}: ", *listed(drawn, last=", "), "."), quiet=True))
    blocks += _tables(desk, outcomes)
    notes = tuple(_noted(desk, row) for row in outcomes if row.note)
    if notes:
        heads = (Column(("gradient",), 0.2), Column(("what is to be said",), 0.8))
        blocks += [Heading(0, ("Remarks on single rows",))] if len(outcomes) > MOST_TOGETHER else []
        blocks.append(Table("notes", "remarks on single rows", heads, notes[:MOST_ROWS]))
    return Section("gradients", ("All the gradients, side by side",), tuple(blocks))


def _tables(desk: Desk, outcomes: Sequence[Outcome]) -> Iterator[Block]:
    """One table; of many rows one for each layer's weights and biases, or each array, below its result."""
    columns = _columns(desk)
    if len(outcomes) <= MOST_TOGETHER:
        cells = tuple(_cells(desk, row) for row in desk.evidence.rows)
        yield Table("gradients", "all gradients", columns, cells)
        return
    for (of, array), group in _by_array(desk, outcomes).items():
        letter = write_array(desk.problem, names.whole_array(desk.problem, array))
        of_which: Prose = (write(desk.problem, of), " by ") if len(desk.problem.objectives) > 1 else ()
        yield Heading(0, (*of_which, letter, f": {_together(group)}"), folded=True)
        others = group[MOST_ROWS:]
        standing_out = [outcome for outcome in others if outcome.verdict != "agree"][:MOST_ROWS]
        weakest = sorted((one for one in others if one.verdict == "agree"), key=_digits)[:MOST_WEAK]
        listed = [*group[:MOST_ROWS], *standing_out, *weakest]
        cells = tuple(_cells(desk, desk.evidence.row_of(*outcome.entry)) for outcome in listed)
        yield Table("gradients", "gradients", columns, cells)
        if left_out := len(group) - len(listed):
            last = f"the last {counted(len(weakest), 'row')} prove the fewest digits of the others. "
            told = last.capitalize() if weakest else ""
            words = f"… and {left_out:,} more. {told}`verify --json` lists every one."
            yield Paragraph((words,), quiet=True)


def what_tables_hold(desk: Desk) -> str:
    """Of many gradients not every row is listed."""
    largest = max(map(len, _by_array(desk, desk.evidence.outcomes).values()), default=0)
    if largest <= MOST_ROWS:
        return "the table below has all"
    return (
        f"the tables below have the first {MOST_ROWS} of each array, and of the others those that"
        " do not agree or prove the fewest digits"
    )


def _by_array(desk: Desk, outcomes: Sequence[Outcome]) -> Mapping[tuple[str, str], list[Outcome]]:
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        of, by = outcome.entry
        groups.setdefault((of, names.array_of(desk.problem, by)), []).append(outcome)
    return groups


def _digits(outcome: Outcome) -> int:
    return outcome.digits or 0


def _together(outcomes: Sequence[Outcome]) -> str:
    """12 gradients, all agree; 12 gradients, 11 agree, 1 undecided"""
    counts = Counter(outcome.verdict for outcome in outcomes)
    verdicts = (
        f"{'all' if count == len(outcomes) else f'{count:,}'} {word}" for word, count in counts.items()
    )
    return f"{counted(len(outcomes), 'gradient')}, {', '.join(verdicts)}"


def _columns(desk: Desk) -> tuple[Column, ...]:
    heads = (
        Column(("gradient",), 0.15),
        Column(("digits proven",), 0.08, right=True),
        Column(("verdict",), 0.12),
    )
    if not desk.worked:
        return heads
    values = (Column((word,), 0.215) for word in ("symbolic", "backprop", "finite difference"))
    return (heads[0], *values, *heads[1:])


def _how_to_read(desk: Desk) -> Prose:
    if not desk.worked:
        return (
            desk.evidence.note[:1].upper(),
            desk.evidence.note[1:],
            "; a row holds where it holds at each of them.",
        )
    counts = "“Digits proven” counts what all three claims, each with its own error, prove together."
    example = next(filter(None, map(_partly_agreeing, desk.evidence.rows)), None)
    if example is None:
        return (counts,)
    proven = " agree with the symbolic value, which is proven; the others do not. "
    return ("The first digits of ", example, proven, counts)


def _partly_agreeing(row: Row) -> Marked | None:
    """A float of this row of which some digits agree with the exact value, and some do not."""
    if not row.symbolic.defined:
        return None
    exact = exact_text(row.symbolic)
    floats = (claim.value for claim in (row.difference, row.backprop) if isfinite(claim.value))
    found = (marked(exact, number(value, FULL_DIGITS)) for value in floats)
    return next((one for one in found if one.agreed and one.rest), None)


def _cells(desk: Desk, row: Row) -> tuple[Prose, ...]:
    name = gradient_name(desk, row)
    digits: Prose = (
        "all" if row.digits is not None and row.digits >= MOST_DIGITS else str(row.digits or "–"),
    )
    verdict: Prose = (Toned(TONES[row.verdict], (row.verdict,)),)
    if not desk.worked:
        return (name, digits, verdict)
    exact = exact_text(row.symbolic)
    symbolic: Prose = (marked(exact, exact),) if row.symbolic.defined else ("undefined",)
    return (name, symbolic, shown(exact, row.backprop), shown(exact, row.difference), digits, verdict)


def gradient_name(desk: Desk, row: Row | Outcome) -> Prose:
    """The derivative's letters, a link where the page derives it."""
    letter: Part = in_line(desk.whole_letter(*row.entry))
    section = desk.sections.get(row.entry)
    return (Link(section, (letter,)),) if section else (letter,)


def _noted(desk: Desk, row: Outcome) -> tuple[Prose, ...]:
    return (gradient_name(desk, row), (row.note,))


def worst_digits(evidence: Evidence) -> str | None:
    """The fewest digits that any row proves."""
    known = [row.digits for row in evidence.outcomes if row.digits is not None]
    if not known:
        return None
    return "every digit" if min(known) >= MOST_DIGITS else counted_digits(min(known))
