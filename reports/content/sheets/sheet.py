"""What the sheet of a rule says, in order.

definition, plot, facts, in a problem file, derivative step by step, what belongs to a kind of rule, in
float64
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from derive.calculus import MEANINGS
from derive.rules import Activation, Cost, K, Y
from derive.sheet import UNITS, Derived, Proved, Sheet, domain_of, sheet_of
from derive.writing.tree import Op, Row, Tree, equals, related
from numeric.losses import Study, studies
from numeric.proofs.lines import ENOUGH_DIGITS, Check, checks
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
from reports.content.sheets.jacobian import jacobian_section
from reports.content.sheets.sheet_facts import break_of, facts, number_of, set_of
from reports.content.sheets.sheet_float import float_fact, float_section
from reports.content.sheets.sheet_plot import figure
from reports.content.special.factors import factors_section
from reports.content.wording import counted, listed, spelled
from reports.numbers import number

FACTS = (Column(("what",), 0.24), Column(("holds",), 0.76))
KINKS = (
    Column(("at",), 0.16),
    Column(("slope from the left",), 0.26),
    Column(("slope from the right",), 0.26),
    Column(("slope that counts",), 0.32),
)

Told = tuple[tuple[Derived, tuple[tuple[Proved, Check], ...]], ...]
"""Each derivation with its lines that are proved and hold by number."""


def compose_sheet(rule: Activation | Cost, measured: tuple[Study, ...] | None = None) -> Report:
    """The sheet of an activation or a cost.

    measured  what `studies` said of it, where it has been asked already
    """
    sheet = sheet_of(rule)
    measured = studies(sheet) if measured is None else measured
    found = tuple(verified_lines(sheet, derived) for derived in sheet.derived)
    told = tuple(zip(sheet.derived, found, strict=True))
    drawn = figure(sheet)
    defined = tuple(definition_blocks(sheet))
    sections = (
        Section("definition", ("Definition",), defined) if defined else None,
        Section("plot", ("Plot",), (drawn,)) if drawn else None,
        Section("facts", ("Facts",), (Table("facts", "facts", FACTS, tuple(facts(sheet, measured))),)),
        Section("use", ("In a problem file",), tuple(_use(sheet))),
        Section("derivative", ("The derivative, step by step",), tuple(derivative_blocks(sheet, told))),
        jacobian_section(rule),
        factors_section(rule),
        float_section(sheet, measured) if measured else None,
    )
    kind = "activation" if isinstance(rule, Activation) else "cost"
    return Report(
        title=_title(rule.words, kind),
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


def _title(words: str, kind: str) -> str:
    """The sigmoid activation, the hinge cost, the unspecified activation."""
    name = words.removeprefix("an ")
    return f"The {name}" if name.endswith(kind) else f"The {name} {kind}"


def verified_lines(sheet: Sheet, derived: Derived) -> tuple[tuple[Proved, Check], ...]:
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
    if not lines:
        domain: Prose = (set_of(sheet, domain_of(sheet.rule)),)
        yield from (Fact((told[0][0].letter,), ("slope, by its name",)), Fact(domain, ("domain",)))
    else:
        yield Fact((f"{held} of {lines}",), ("lines proved and checked",), "good" if held == lines else "bad")
    if isinstance(sheet.rule, Activation) and sheet.rule.range is not None:
        yield Fact((set_of(sheet, sheet.rule.range),), ("range",))
    if len(told) == 1 and told[0][1]:
        yield Fact((told[0][1][-1][0].line.rhs,), ("slope ", in_line(told[0][0].letter)))
    if measured:
        yield float_fact(sheet, measured)


def definition_blocks(sheet: Sheet) -> Iterator[Block]:
    """The formula, what it cites, and what its letters are."""
    line = sheet.definition
    if line.lhs != line.rhs:
        yield Chain((Piece("", line.lhs), Piece("=", line.rhs)))
    read = (sheet.formula.expr, *(line.expr for derived in sheet.derived for line in derived.lines))
    cited = {function for expr in read for function in expr.atoms(*MEANINGS)}
    for function in sorted(cited, key=str, reverse=True):
        meaning = MEANINGS[type(function)](*function.args)
        yield Chain((Piece("", sheet.write(function)), Piece("=", sheet.write(meaning))), ("where",))
    if isinstance(sheet.rule, Cost):
        yield Paragraph(tuple(_cost_words(sheet)))
    elif sheet.rule.couples:
        yield Paragraph(
            (f"Each unit reads its whole layer. Shown for the first of {spelled(UNITS)}; the others alike.",)
        )
    elif sheet.inputs[1:]:
        weighted = [(sheet.write(symbol),) for symbol in sheet.inputs]
        yield Paragraph(
            (
                f"Each unit has {spelled(len(weighted))} weighted inputs, its pieces ",
                *listed(weighted),
                ", each with a row of weights and a bias of its own.",
            )
        )


def _cost_words(sheet: Sheet) -> Iterator[str | Tree]:
    yield from (
        "One output’s part of the cost of a sample: ",
        sheet.write(sheet.inputs[0]),
        " is the output, ",
    )
    yield from (sheet.write(Y), " its target")
    if K in sheet.formula.formals:
        yield from (", ", sheet.write(K), " the number of outputs")
    if sheet.inputs[1:]:
        yield f", of {spelled(UNITS)} outputs, which it reads all"
    yield "; the cost adds the outputs’ parts."


# -- the derivative --------------------------------------------------------------------------------


def derivative_blocks(sheet: Sheet, told: Told) -> Iterator[Block]:
    """Each derivative line by line, and the slopes at the kinks."""
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
    for place, (derived, lines) in enumerate(told, 1):
        if len(told) > 1:
            yield Heading(place, tuple(_heading(sheet, derived)))
        strides = tuple(
            Stride(line.line.rhs, tuple(_because(line)), checked_words(check)) for line, check in lines
        )
        if strides:
            yield Strides(derived.letter, strides, "the derivative line by line")
    rows = tuple(_kinks(sheet))
    if rows:
        what = break_of(sheet)
        where = f"At the {what}s" if len(rows) > 1 else f"At the {what}"
        yield Heading(len(told) + 1 if len(told) > 1 else 0, (where,))
        columns = KINKS if sheet.corners else (KINKS[0], KINKS[-1])
        yield Table("kinks", f"slopes on both sides of each {what}", columns, rows)


def _heading(sheet: Sheet, derived: Derived) -> Prose:
    branch, by = derived.branch, sheet.write(sheet.formula.formals[derived.by])
    if branch.where is None:
        return ("Where ", sheet.write(branch.when)) if branch.when != sp.true else ("Elsewhere",)
    if branch.where != domain_of(sheet.rule):
        return ("Where ", _where(sheet, branch.where, by))
    noun = "output" if isinstance(sheet.rule, Cost) else "unit"
    return (f"By the {noun}’s own ", by) if derived.by == 0 else (f"By another {noun}’s ", by)


def _where(sheet: Sheet, numbers: sp.Set, by: Tree) -> Tree:
    """z < 0, z > 0, or −3 < z < 3"""
    low, high = number_of(sheet, numbers.inf), number_of(sheet, numbers.sup)
    if not numbers.inf.is_finite:
        return related(by, "<", high)
    return related(by, ">", low) if not numbers.sup.is_finite else Row((low, Op("<"), by, Op("<"), high))


def _because(line: Proved) -> Prose:
    return (line.line.because, ", since ", line.since) if line.since is not None else (line.line.because,)


def checked_words(check: Check) -> Prose:
    """How a line was checked: proved, 30 digits."""
    how = "exactly" if check.digits == float("inf") else f"{ENOUGH_DIGITS} digits"
    return (Toned("good", ("proved",)), f", {how}")


def _kinks(sheet: Sheet) -> Iterator[tuple[Prose, ...]]:
    """Where, the slopes of both sides, and the slope that counts; of a cost the sides depend on y."""
    by = sheet.write(sheet.inputs[0])
    for corner in sheet.corners:
        at: Prose = (equals(by, number_of(sheet, corner.at)),)
        if corner.when != sp.true:
            at = (*at, " where ", sheet.write(corner.when))
        left, right, counts = (
            number_of(sheet, slope) for slope in (corner.slope.left, corner.slope.right, corner.counts)
        )
        yield at, (left,), (right,), (counts, ", by convention")
    for kink in () if sheet.corners else sheet.rule.kinks:
        yield (equals(by, number_of(sheet, kink.at)),), (number_of(sheet, kink.slope), ", by convention")


# -- in a problem file -----------------------------------------------------------------------------


def _use(sheet: Sheet) -> Iterator[Block]:
    rule = sheet.rule
    free = [(p, value) for p, value in rule.settings if not p.fixed]
    exact = all(Fraction(number(value)) == value for _, value in free)
    chosen = [f"{p.name} = {number(value)}" for p, value in free] if exact else []
    table = ", ".join([f'rule = "{rule.name}"', *chosen])
    stated = f"{{{table}}}" if chosen else f'"{rule.name}"'
    if isinstance(rule, Cost):
        yield Code("toml", f"[network]\ninputs = 2\ncost = {stated}\n")
    else:
        yield Code("toml", f"[[network.layers]]\nunits = 2\nactivation = {stated}\n")
