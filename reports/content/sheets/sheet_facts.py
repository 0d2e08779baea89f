"""What a sheet states of a rule in a table: domain, range, limits, shape, kinks, parameters, source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from derive.facts import Growth, Symmetry, growth, symmetry
from derive.rules import Activation, Cost
from derive.sheet import Sheet, domain_of
from derive.writing.spelling import spell
from derive.writing.tree import Fence, Ident, Op, Row, Tree, equals, negated, plus, related
from numeric.losses import Study
from reports.content.page import Prose
from reports.content.wording import listed
from reports.numbers import number_tree

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

LONG = 10**6
"""A fraction with a larger denominator is shown as a decimal of so many digits as follow."""

DIGITS = 10


def facts(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    """A row for each thing that is known."""
    rule, by = sheet.rule, sheet.write(sheet.inputs[0])
    yield ("domain",), (by, " in ", set_of(sheet, domain_of(rule)))
    if isinstance(rule, Cost):
        yield ("targets",), (str(rule.targets).replace("<=", "≤").replace(">=", "≥").replace("-", "−"),)
        for kink in rule.kinks:
            yield ("kink",), ("at ", equals(by, number_of(sheet, kink.at)))
    else:
        yield from _ends(sheet, rule)
        yield from _shape(sheet, measured)
        yield from _kinks(sheet, measured)
    for parameter, value in rule.settings:
        letter: Prose = (spell(parameter.letter), ", ") if parameter.letter else ()
        kind = "always" if parameter.fixed else "by default"
        told = (*letter, f"{parameter.meaning}; {kind} ", number_tree(value))
        yield (f"parameter {parameter.name}",), told
    if rule.aliases:
        yield ("also called",), (", ".join(rule.aliases),)
    yield ("source",), (rule.source,)


def _ends(sheet: Sheet, rule: Activation) -> Iterator[tuple[Prose, ...]]:
    """The values that are taken, and those that are tended to."""
    by = sheet.write(sheet.inputs[0])
    if rule.range is not None:
        yield ("range",), (set_of(sheet, rule.range),)
    if rule.limits is not None:
        ends: tuple[Tree, Tree] = (negated(INFINITY), INFINITY)
        tended: list[Prose] = [
            (_tends(sheet.result, number_of(sheet, limit)), " as ", _tends(by, end))
            for end, limit in zip(ends, rule.limits, strict=True)
        ]
        yield ("limits",), listed(tended)


def _tends(left: Tree, right: Tree) -> Tree:
    return related(left, "→", right)


def break_of(sheet: Sheet) -> str:
    """What a rule has where its slope is a convention: a jump where the function itself is broken."""
    return "jump" if any(corner.is_jump for corner in sheet.corners) else "kink"


def _kinks(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    by = sheet.write(sheet.inputs[0])
    for corner in sheet.corners:
        yield ("jump" if corner.is_jump else "kink",), ("at ", equals(by, number_of(sheet, corner.at)))
    for kink in () if sheet.corners else sheet.rule.kinks:
        yield ("kink",), ("at ", equals(by, number_of(sheet, kink.at)), f", {kink.words}")
    if not sheet.rule.kinks and measured:
        yield ("kinks",), ("none",)


def _shape(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    """Monotone or not, and symmetric or not, as far as it is proved."""
    runs = growth(sheet)
    if runs is not None:
        own = (" in its own weighted input",) if sheet.inputs[1:] else ()
        yield ("monotone",), ("yes: it ", GROWTH_WORDS[runs], *own)
    elif measured:
        yield from _turns(sheet, measured)
    found = symmetry(sheet)
    if found is not None:
        yield ("symmetry",), (_symmetry(sheet, found),)


def _turns(sheet: Sheet, measured: tuple[Study, ...]) -> Iterator[tuple[Prose, ...]]:
    """The nearest whole numbers where it surely falls and rises: it is not monotone."""
    rows = sorted(
        next(study for study in measured if study.place == 0).rows, key=lambda row: abs(row.point.at)
    )
    whole = [row for row in rows if row.point.at.denominator == 1]
    rising = next((row for row in whole if row.truth.lo is not None and row.truth.lo > 0), None)
    falling = next((row for row in whole if row.truth.hi is not None and row.truth.hi < 0), None)
    if rising is not None and falling is not None:
        by = sheet.write(sheet.inputs[0])
        at = [equals(by, number_tree(row.point.at)) for row in (falling, rising)]
        yield ("monotone",), ("no: it falls at ", at[0], " and rises at ", at[1])


def _symmetry(sheet: Sheet, found: Symmetry) -> Tree:
    """sigma(-z) = 1 - sigma(z)"""
    by = sheet.inputs[0]
    here, there = sheet.result, sheet.write_at(-by)
    if found is Symmetry.EVEN:
        return equals(there, here)
    if found is Symmetry.ODD:
        return equals(there, negated(here))
    return equals(there, plus(sheet.write(2 * sheet.formula.expr.subs(by, 0)), negated(here)))


# -- numbers and sets ------------------------------------------------------------------------------


def number_of(sheet: Sheet, value: sp.Expr) -> Tree:
    """A number or a formula in the parameters; those without a letter are put in."""
    if value in (sp.oo, -sp.oo):
        return INFINITY if value > 0 else negated(INFINITY)
    settled = value.subs(
        {symbol: n for symbol, n in sheet.rule.numbers.items() if symbol not in sheet.values}
    )
    if settled.is_Rational and settled.q > LONG:
        return number_tree(Fraction(int(settled.p), int(settled.q)), DIGITS)
    return sheet.write(settled)


def set_of(sheet: Sheet, numbers: sp.Set) -> Tree:
    """(0, 1), [0, ∞), {0, 1}; all real numbers are (−∞, ∞)."""
    if isinstance(numbers, sp.FiniteSet):
        return Fence("{", _listed(*(number_of(sheet, value) for value in sorted(numbers))), "}")
    left = "(" if numbers.left_open else "["
    right = ")" if numbers.right_open else "]"
    return Fence(left, _listed(number_of(sheet, numbers.inf), number_of(sheet, numbers.sup)), right)


def _listed(*items: Tree) -> Tree:
    first, *rest = items
    return Row((first, *(part for item in rest for part in (Op(","), item))))
