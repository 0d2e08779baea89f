"""Where float64 loses a rule's digits, and the form that keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor, isfinite

from derive.rules import Cost, Y
from derive.sheet import Sheet
from derive.writing.tree import Fence, Num, Tree, equals, negated, plus, power
from numeric.floats.snippets import SNIPPETS
from numeric.losses import FULL, TINY, Loss, Measured, Study
from reports.content.desk import in_line
from reports.content.page import (
    Block,
    Code,
    Column,
    Fact,
    Paragraph,
    Prose,
    Section,
    Table,
    Tone,
    Toned,
)
from reports.content.values import FULL_DIGITS, exact_text, marked
from reports.numbers import number, number_tree, typeset

SHOWN = tuple(map(Fraction, (0, 1, 5, 10, 20, 30, 36, 37, 40, 100, 700, 1000)))
"""The z of the table, on each side where digits are lost."""

SHOWN_TINY = (TINY[10], TINY[30], TINY[50])
MOST_ROWS = 12


def float_fact(sheet: Sheet, measured: tuple[Study, ...]) -> Fact:
    """Where a printed form is first without a right digit, or how many it keeps everywhere."""
    found = [(study, study.loss(side).all) for study in measured for side in (1, -1)]
    lost = [(study, at) for study, at in found if at is not None and not isinstance(sheet.rule, Cost)]
    if not lost:
        worst = min(study.worst_printed for study in measured)
        tone: Tone = "good" if worst >= FULL / 2 else "bad"
        beside = ", away from zeros" if any(study.zeros for study in measured) else ""
        return Fact((f"{_digits(worst)} of 16",), (f"digits kept in float64{beside}",), tone)
    study, at = min(lost, key=lambda pair: abs(pair[1]))
    by = sheet.write(sheet.inputs[0])
    where = equals(by, _measured_at(at))
    return Fact((where,), ("no digit of ", _letter(sheet, study), " left"), "bad")


def float_section(sheet: Sheet, measured: tuple[Study, ...]) -> Section:
    """Both forms of the value and of each slope, measured."""
    beside = any(study.zeros for study in measured)
    blocks: list[Block] = [Paragraph(_how(sheet, measured), quiet=True)]
    for study in measured:
        blocks.append(Paragraph((*_words(sheet, study), *_beside_zeros(sheet, study))))
        if study.loses:
            blocks.append(_table(sheet, study))
    code = SNIPPETS.get(sheet.rule.name)
    if code:
        worst = min(study.worst_stable for study in measured)
        where = f"at the {_count_of(measured[0])} points measured" + ", next to zeros aside" * beside
        told = f"The stable form, in NumPy; it keeps at least {_digits(worst)} digits {where}:"
        blocks += [Paragraph((told,)), Code("python", code)]
    return Section("float64", ("In float64",), tuple(blocks))


def _count_of(study: Study) -> str:
    return f"{sum(row.counts for row in study.rows):,}"


def _beside_zeros(sheet: Sheet, study: Study) -> Iterator[str | Tree | Toned]:
    """Of all zeros between float64 the one where least is left of the printed form."""
    rows = [row for row in study.zeros if row.counts]
    if not rows:
        return
    least = min(rows, key=lambda row: row.printed.digits)
    yield " Next to a zero its terms cancel: at "
    yield from _place(sheet, least, FULL_DIGITS)
    yield f", {_digits(least.printed.digits)} digits are right as printed and "
    yield f"{_digits(least.stable.digits)} in the stable form."


def _how(sheet: Sheet, measured: tuple[Study, ...]) -> Prose:
    points = {row.point.at for row in measured[0].rows}
    by = sheet.write(sheet.inputs[0])
    where: Prose = (f" from {typeset(min(points), 3)} to {typeset(max(points), 3)}",)
    if isinstance(sheet.rule, Cost) and (
        sheet.rule.outputs.inf.is_finite or sheet.rule.outputs.sup.is_finite
    ):
        where = (", ever nearer to the ends of its domain and to the target",)
    others: Prose = (", the others at 0",) if sheet.inputs[1:] else ()
    return (
        f"Measured at {len(points):,} values of ",
        by,
        *where,
        *others,
        ", against enclosures that are proven to hold the exact value. Where that is below ",
        power(Num("10"), Num("-300")),
        ", next to the end of float64’s range, nothing is counted.",
    )


def _digits(digits: float) -> str:
    """Rounded down, so that no digit is claimed that is not there."""
    return f"{floor(digits * 10) / 10:.1f}".removesuffix(".0")


def _letter(sheet: Sheet, study: Study) -> Tree:
    if study.place is None:
        return sheet.result
    return in_line(next(derived.letter for derived in sheet.derived if derived.by == study.place))


def _words(sheet: Sheet, study: Study) -> Iterator[str | Tree | Toned]:
    yield from (_letter(sheet, study), " as printed, ", sheet.write(study.printed), ", ")
    if not study.loses:
        where = f"at the {_count_of(study)} points measured"
        yield f"keeps at least {_digits(study.worst_printed)} of its 16 digits {where}."
        return
    if isinstance(sheet.rule, Cost):
        worst = study.worst
        assert worst is not None
        yield from ("is right to ", Toned("bad", (_digits(worst.printed.digits),)), " digits at ")
        yield from _place(sheet, worst)
        yield "."
        return
    yield from _lost(sheet, study)


def _lost(sheet: Sheet, study: Study) -> Iterator[str | Tree]:
    """On both sides alike, or on each side by itself."""
    by = sheet.write(sheet.inputs[0])
    right, left = study.loss(1), study.loss(-1)
    if left == right.turned:
        yield from _where_lost(Fence("|", by, "|"), right)
        yield "."
        return
    losing = [loss for loss in (right, left) if loss.any]
    for place, loss in enumerate(losing):
        yield "; it " if place else ""
        yield from _where_lost(by, loss)
    if len(losing) == 1:
        yield f". On the side of {'negative' if right.any else 'positive'} numbers it keeps more than half"
    yield "."


def _where_lost(by: Tree, loss: Loss) -> Iterator[str | Tree]:
    """Outward, then toward 0."""
    if loss.half is not None and loss.half == loss.all:
        yield from ("has lost every digit at ", equals(by, _measured_at(loss.half)))
    elif loss.half is not None:
        yield from ("has lost half of its 16 digits at ", equals(by, _measured_at(loss.half)))
        if loss.all is not None:
            yield from (" and all of them at ", equals(by, _measured_at(loss.all)))
    if loss.inward is not None:
        yield (
            ", and again toward 0: half of them at "
            if loss.half is not None
            else "loses half of its 16 digits toward 0, at "
        )
        yield equals(by, number_tree(loss.inward, 2))


def _measured_at(at: Fraction) -> Tree:
    """The decimal whose nearest float64 was measured: 17.4."""
    return number_tree(Fraction(str(float(at))))


def _at(row: Measured, digits: int = 3) -> Tree:
    """Short, but where that would be the target itself or 1, the step from there."""
    at, target = row.point.at, row.point.target
    rounded = Fraction(number(at, digits))
    if rounded == at or rounded not in (target, 1):
        return number_tree(at, digits)
    step = number_tree(abs(at - rounded), 2)
    return plus(number_tree(rounded), step if at > rounded else negated(step))


def _place(sheet: Sheet, row: Measured, digits: int = 3) -> Iterator[str | Tree]:
    yield equals(sheet.write(sheet.inputs[0]), _at(row, digits))
    if row.point.target is not None:
        yield from (", ", equals(sheet.write(Y), number_tree(row.point.target)))


def _table(sheet: Sheet, study: Study) -> Table:
    at: tuple[Column, ...] = (
        Column((sheet.write(sheet.inputs[0]),), 0.18 if isinstance(sheet.rule, Cost) else 0.1),
        *([Column((sheet.write(Y),), 0.09)] if isinstance(sheet.rule, Cost) else []),
    )
    count = Column(("digits",), 0.06, right=True)
    rest = (1 - sum(column.share for column in at) - 2 * count.share) / 3
    columns = (
        *at,
        Column(("exact",), rest),
        Column(("as printed",), rest),
        count,
        Column(("stable form",), rest),
        count,
    )
    rows = tuple(_row(row) for row in _shown(study))
    return Table("float", "digits that are right in float64", columns, rows)


def _shown(study: Study) -> list[Measured]:
    """The points of the table: of an activation those of SHOWN, of a cost the worst and every few others."""
    if study.rows[0].point.target is None:
        right, left = study.loss(1), study.loss(-1)
        sides = [1] if left == right.turned else [side for side in (-1, 1) if study.loss(side).any]
        outward = SHOWN if right.half is not None or left.half is not None else SHOWN[:2]
        inward = SHOWN_TINY if right.inward is not None or left.inward is not None else ()
        wanted = {Fraction(0), *(side * z for side in sides for z in (*outward, *inward))}
        return [row for row in study.rows if row.point.at in wanted]
    lossy = [row for row in study.rows if row.counts and row.printed.digits < FULL / 2]
    return lossy[:: max(1, len(lossy) // MOST_ROWS)]


def _row(row: Measured) -> tuple[Prose, ...]:
    exact = exact_text(row.truth, FULL_DIGITS)
    first: tuple[Prose, ...] = ((_at(row),),)
    if row.point.target is not None:
        first = (*first, (number_tree(row.point.target),))
    forms = (row.printed, row.stable)
    cells = [cell for form in forms for cell in (_value(exact, form.value), _count(row, form.digits))]
    zeros = row.truth.zero_digits
    known: Prose = (
        (marked(exact, exact),) if zeros is None else ("below ", power(Num("10"), Num(str(-zeros))))
    )
    return (*first, known, *cells)


def _value(exact: str, value: float) -> Prose:
    if not isfinite(value):
        return (Toned("bad", ("overflows",)),)
    return (marked(exact, number(value, FULL_DIGITS)),)


def _count(row: Measured, digits: float) -> Prose:
    if not row.counts:
        return ("–",)
    text = _digits(digits)
    return (Toned("bad", (text,)),) if digits < FULL / 2 else (text,)
