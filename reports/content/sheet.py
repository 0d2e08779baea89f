"""What the sheet of a rule says, in order.

definition, plot, facts, derivative step by step, in float64, in a problem file
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import sympy as sp

from derive.facts import Growth, Symmetry, growth, symmetry
from derive.rules import Activation, Cost
from derive.sheet import UNITS, Derived, Proved, Sheet, domain_of, sheet_of
from derive.writing.tree import Fence, Ident, Op, Row, Tree, equals, negated, plus, related
from numeric.lines import ENOUGH_DIGITS, Check, checks
from numeric.losses import Study, studies
from reports.content.desk import in_line
from reports.content.page import (
    Block,
    Chain,
    Code,
    Column,
    Fact,
    Heading,
    Paragraph,
    Piece,
    Prose,
    Report,
    Section,
    Stride,
    Strides,
    Table,
    Toned,
)
from reports.content.sheet_float import float_fact, float_section
from reports.content.sheet_plot import figure
from reports.content.wording import counted, listed, spelled

FACTS = (Column(("what",), 0.24), Column(("holds",), 0.76))
KINKS = (
    Column(("at",), 0.16),
    Column(("slope from the left",), 0.26),
    Column(("slope from the right",), 0.26),
    Column(("slope that counts",), 0.32),
)

GROWTH_WORDS: Mapping[Growth, str] = MappingProxyType(
    {
        Growth.RISES: "rises everywhere: the slope is positive",
        Growth.NEVER_FALLS: "never falls: the slope is nowhere negative",
        Growth.FALLS: "falls everywhere: the slope is negative",
        Growth.NEVER_RISES: "never rises: the slope is nowhere positive",
        Growth.CONSTANT: "is constant",
    }
)

INFINITY = Ident("∞")

Told = tuple[tuple[Derived, tuple[tuple[Proved, Check], ...]], ...]
"""Each derivation with its lines that are proved and hold by number."""


def compose_sheet(rule: Activation | Cost, measured: tuple[Study, ...] | None = None) -> Report:
    """The sheet of an activation or a cost.

    measured  what `studies` said of it, where it has been asked already
    """
    sheet = sheet_of(rule)
    measured = studies(sheet) if measured is None else measured
    found = tuple(_verified(sheet, derived) for derived in sheet.derived)
    told = tuple(zip(sheet.derived, found, strict=True))
    drawn = figure(sheet)
    sections = (
        Section("definition", ("Definition",), tuple(_definition(sheet))),
        Section("plot", ("Plot",), (drawn,)) if drawn else None,
        Section("facts", ("Facts",), (Table("facts", "facts", FACTS, tuple(_facts(sheet, measured))),)),
        Section("derivative", ("The derivative, step by step",), tuple(_derivative(sheet, told))),
        float_section(sheet, measured) if measured else None,
        Section("use", ("In a problem file",), tuple(_use(sheet))),
    )
    kind = "activation" if isinstance(rule, Activation) else "cost"
    return Report(
        title=f"The {_name(rule)} {kind}",
        lede=tuple(_lede(sheet, told)),
        facts=tuple(_strip(sheet, told, measured)),
        wrong=None,
        diagram=None,
        diagram_caption=(),
        derivations=(),
        aside=(),
        sections=tuple(section for section in sections if section),
        kind=f"{kind} sheet",
        about="its derivative, line by line",
    )


def _name(rule: Activation | Cost) -> str:
    return rule.name.replace("_", " ")


def _verified(sheet: Sheet, derived: Derived) -> tuple[tuple[Proved, Check], ...]:
    """The lines that hold by number too."""
    pairs = zip(derived.lines, checks(sheet, derived), strict=True)
    return tuple((line, check) for line, check in pairs if check.digits >= ENOUGH_DIGITS)


# -- the top ---------------------------------------------------------------------------------------


def _lede(sheet: Sheet, told: Told) -> Prose:
    derived, lines = told[0]
    if not lines:
        return (
            sheet.definition.rhs,
            " stands for any differentiable function; its slope is ",
            derived.letter,
            ".",
        )
    count = sum(len(pairs) for _, pairs in told)
    return (
        f"Its derivative in {counted(count, 'line')}, each with its reason, each proved, and each checked in "
        "ball arithmetic.",
    )


def _strip(sheet: Sheet, told: Told, measured: tuple[Study, ...]) -> Iterator[Fact]:
    lines = sum(len(derived.lines) for derived, _ in told)
    held = sum(len(pairs) for _, pairs in told)
    if lines:
        yield Fact((f"{held} of {lines}",), ("lines proved and checked",), "good" if held == lines else "bad")
    if isinstance(sheet.rule, Activation) and sheet.rule.range is not None:
        yield Fact((_set(sheet, sheet.rule.range),), ("range",))
    if len(told) == 1 and told[0][1]:
        yield Fact((told[0][1][-1][0].line.rhs,), ("slope ", in_line(told[0][0].letter)))
    if measured:
        yield float_fact(sheet, measured)


def _definition(sheet: Sheet) -> Iterator[Block]:
    line, rule = sheet.definition, sheet.rule
    if line.lhs != line.rhs:
        yield Chain((Piece("", line.lhs), Piece("=", line.rhs)))
    if sheet.formula.results[1:]:
        yield Paragraph(
            (f"Each unit reads its whole layer. Shown for the first of {spelled(UNITS)}; the others alike.",)
        )
    if isinstance(rule, Cost):
        letters = sheet.formula.formals
        words: Prose = (
            "One output’s part of the cost of a sample: ",
            sheet.write(letters[0]),
            " is the output, ",
        )
        words = (*words, sheet.write(letters[1]), " its target")
        more: Prose = (", ", sheet.write(letters[2]), " the number of outputs") if letters[2:] else ()
        yield Paragraph((*words, *more, "; the cost adds the outputs’ parts."))


# -- facts -----------------------------------------------------------------------------------------


def _facts(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    rule, by = sheet.rule, sheet.write(sheet.formula.formals[0])
    yield ("domain",), (by, " in ", _set(sheet, domain_of(rule)))
    if isinstance(rule, Cost):
        yield ("targets",), (rule.targets.replace("<=", "≤").replace(">=", "≥"),)
    else:
        if rule.range is not None:
            yield ("range",), (_set(sheet, rule.range),)
        if rule.limits is not None:
            ends: tuple[Tree, Tree] = (negated(INFINITY), INFINITY)
            tended: list[Prose] = [
                (_tends(sheet.result, _number(sheet, limit)), " as ", _tends(by, end))
                for end, limit in zip(ends, rule.limits, strict=True)
            ]
            yield ("limits",), listed(tended)
    yield from _shape(sheet, measured)
    for corner in sheet.corners:
        yield ("kink",), ("at ", equals(by, _number(sheet, sp.Integer(corner.kink.at))))
    if not sheet.corners and isinstance(rule, Activation) and measured:
        yield ("kinks",), ("none",)
    yield ("source",), (rule.source,)


def _shape(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    """Monotone or not, and symmetric or not, as far as it is proved."""
    if isinstance(sheet.rule, Cost):
        return
    runs = growth(sheet)
    if runs is not None:
        own = (" in its own weighted input",) if sheet.formula.results[1:] else ()
        yield ("monotone",), ("yes: it ", GROWTH_WORDS[runs], *own)
    elif measured:
        yield from _turns(sheet, measured)
    found = symmetry(sheet)
    if found is not None:
        yield ("symmetry",), (_symmetry(sheet, found),)


def _turns(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    """A point where it surely rises and one where it surely falls: it is not monotone."""
    rows = next(study for study in measured if study.place == 0).rows
    rising = next((row for row in rows if row.truth.lo is not None and row.truth.lo > 0), None)
    falling = next((row for row in reversed(rows) if row.truth.hi is not None and row.truth.hi < 0), None)
    if rising is not None and falling is not None:
        by = sheet.write(sheet.formula.formals[0])
        at = [equals(by, _number(sheet, sp.Rational(str(row.point.at)))) for row in (falling, rising)]
        yield ("monotone",), ("no: it falls at ", at[0], " and rises at ", at[1])


def _symmetry(sheet: Sheet, found: Symmetry) -> Tree:
    """sigma(-z) = 1 - sigma(z)"""
    by = sheet.formula.formals[0]
    here, there = sheet.result, sheet.write_at(-by)
    if found is Symmetry.EVEN:
        return equals(there, here)
    if found is Symmetry.ODD:
        return equals(there, negated(here))
    return equals(there, plus(sheet.write(2 * sheet.formula.expr.subs(by, 0)), negated(here)))


def _tends(left: Tree, right: Tree) -> Tree:
    return related(left, "→", right)


def _number(sheet: Sheet, value: sp.Expr) -> Tree:
    if value in (sp.oo, -sp.oo):
        return INFINITY if value > 0 else negated(INFINITY)
    return sheet.write(value)


def _set(sheet: Sheet, numbers: sp.Set) -> Tree:
    """(0, 1), [0, ∞), {0, 1}; all real numbers are (−∞, ∞)."""
    if isinstance(numbers, sp.FiniteSet):
        return Fence("{", _listed(*(_number(sheet, value) for value in sorted(numbers))), "}")
    left = "(" if numbers.left_open else "["
    right = ")" if numbers.right_open else "]"
    return Fence(left, _listed(_number(sheet, numbers.inf), _number(sheet, numbers.sup)), right)


def _listed(*items: Tree) -> Tree:
    first, *rest = items
    return Row((first, *(part for item in rest for part in (Op(","), item))))


# -- the derivative --------------------------------------------------------------------------------


def _derivative(sheet: Sheet, told: Told) -> Iterator[Block]:
    if not any(lines for _, lines in told):
        yield Paragraph(
            ("Nothing is known of the function, so its derivative keeps its name: ", told[0][0].letter, ".")
        )
        return
    points = min(check.points for _, lines in told for _, check in lines)
    yield Paragraph(
        (
            "Every line is proved to equal SymPy’s own derivative of the definition, and agrees with it to "
            f"{ENOUGH_DIGITS} digits or exactly in ball arithmetic, at {counted(points, 'point')} or more.",
        ),
        quiet=True,
    )
    for number, (derived, lines) in enumerate(told, 1):
        if len(told) > 1:
            yield Heading(number, tuple(_heading(sheet, derived)))
        strides = tuple(
            Stride(line.line.rhs, tuple(_because(line)), _checked(check)) for line, check in lines
        )
        if strides:
            yield Strides(derived.letter, strides, "the derivative line by line")
    if sheet.corners:
        yield Heading(len(told) + 1 if len(told) > 1 else 0, ("At the kinks",))
        yield Table("kinks", "slopes on both sides of each kink", KINKS, tuple(_kinks(sheet)))


def _heading(sheet: Sheet, derived: Derived) -> Prose:
    by = sheet.write(sheet.formula.formals[derived.by])
    if derived.branch.when != sp.true or (
        derived.branch.where is not None and derived.branch.where != sp.S.Reals
    ):
        return ("Where ", _where(sheet, derived, by))
    return ("By the unit’s own ", by) if derived.by == 0 else ("By another unit’s ", by)


def _where(sheet: Sheet, derived: Derived, by: Tree) -> Tree:
    """z < 0, 0 < z, or −3 < z < 3"""
    numbers = derived.branch.where
    if numbers is None:
        return sheet.write(derived.branch.when)
    low, high = (_number(sheet, end) for end in (numbers.inf, numbers.sup))
    if not numbers.inf.is_finite:
        return related(by, "<", high)
    return related(by, ">", low) if not numbers.sup.is_finite else Row((low, Op("<"), by, Op("<"), high))


def _because(line: Proved) -> Prose:
    return (line.line.because, ", since ", line.since) if line.since is not None else (line.line.because,)


def _checked(check: Check) -> Prose:
    how = "exactly" if check.digits == float("inf") else f"{ENOUGH_DIGITS} digits"
    return (Toned("good", ("proved",)), f", {how}")


def _kinks(sheet: Sheet) -> Iterator[tuple[Prose, ...]]:
    by = sheet.write(sheet.formula.formals[0])
    for corner in sheet.corners:
        left, right = (_number(sheet, side) for side in (corner.slope.left, corner.slope.right))
        counts = _number(sheet, sp.Integer(corner.kink.slope))
        yield (
            (equals(by, _number(sheet, sp.Integer(corner.kink.at))),),
            (left,),
            (right,),
            (counts, ", by convention"),
        )


# -- in a problem file -----------------------------------------------------------------------------


def _use(sheet: Sheet) -> Iterator[Block]:
    name = sheet.rule.name
    if isinstance(sheet.rule, Cost):
        yield Code("toml", f'[network]\ninputs = 2\ncost = "{name}"\n')
    else:
        yield Code("toml", f'[[network.layers]]\nunits = 2\nactivation = "{name}"\n')
