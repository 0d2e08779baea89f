"""The output layer's activation and cost together: a sheet of its own, and a section of a network's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf

import sympy as sp

from derive.problem import Network
from derive.sheet import Proved, Sheet, sheet_of
from derive.special.pair_lines import PLAIN, Letters, derive_pair
from derive.special.pairs import Pair
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import Ident, Num, Tree, equals, partial, summed
from numeric.proofs.lines import ENOUGH_DIGITS, Check
from numeric.proofs.pair_lines import AtUnit, Example, at_units, example, pair_checks
from reports.content.desk import Desk, elided, in_line
from reports.content.page import (
    Block,
    Chain,
    Code,
    Column,
    Fact,
    Line,
    Lines,
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
from reports.content.sheets.sheet import checked_words, definition_blocks, derivative_blocks, verified_lines
from reports.content.special.factors import factors_section
from reports.content.values import RESULT_DIGITS, value_tree
from reports.content.wording import counted
from reports.content.words import one_sample_words
from reports.numbers import number_tree

MOST_UNITS = 10
"""Outputs of a network whose slopes are shown one by one."""

EVERYWHERE = "for every number of outputs, since a sum is compared term by term"

Found = tuple[tuple[Proved, Check | None], ...]
"""Each line with its check by number; None where a function is not specified."""


def derived(pair: Pair, letters: Letters) -> Found:
    """The lines that are proved and hold by number."""
    lines = derive_pair(pair, letters)
    found: Sequence[Check | None] = pair_checks(pair, lines) or [None] * len(lines)
    pairs = zip(lines, found, strict=True)
    return tuple((line, check) for line, check in pairs if check is None or check.digits >= ENOUGH_DIGITS)


def strides(letters: Letters, found: Found) -> Strides:
    """∂C/∂z_j = … line by line, each with its reason and its check."""
    lines = tuple(Stride(line.line.rhs, _because(line), _checked(check)) for line, check in found)
    slope = letters.slope(letters.cost, letters.weighted_input)
    return Strides(slope, lines, "the slope at the output line by line")


def _because(line: Proved) -> Prose:
    if line.since is None:
        return (line.line.because,)
    return (line.line.because, ": ", line.since)


def _checked(check: Check | None) -> Prose:
    return (Toned("good", ("proved",)),) if check is None else checked_words(check)


# -- the sheet -------------------------------------------------------------------------------------


def compose_pair(pair: Pair) -> Report:
    """The sheet of an output pair: `softmax+cross_entropy`."""
    letters = Letters(several=pair.couples)
    found = derived(pair, letters)
    activation, cost = sheet_of(pair.activation), sheet_of(pair.cost)
    worked = example(pair)
    sections = (
        Section("definition", ("The two rules",), tuple(_definitions(activation, cost))),
        Section("cost-slope", ("The slope of the cost",), tuple(_slope(cost))),
        Section("activation-slope", ("The slope of the activation",), tuple(_slope(activation))),
        Section("together", ("Both together",), tuple(_together(pair, letters, found))),
        Section("example", ("With numbers",), tuple(_example(pair, worked))) if worked else None,
        factors_section(pair.cost) if pair.comes_together else None,
        Section("use", ("In a problem file",), (Code("toml", _file(pair)),)),
    )
    total = len(derive_pair(pair, letters))
    return Report(
        title=_title(pair),
        lede=tuple(_lede(pair, letters, found)),
        facts=tuple(_strip(pair, letters, found, total)),
        wrong=None,
        diagram=None,
        diagram_caption=(),
        derivations=(),
        aside=(),
        sections=tuple(section for section in sections if section),
        kind="output pair sheet",
        about="the slope at the output, line by line",
    )


def _title(pair: Pair) -> str:
    """The softmax activation with cross entropy, with the Huber cost"""
    article = "the " if pair.cost.words.endswith((" cost", " divergence")) else ""
    words = pair.activation.words.removeprefix("an ")
    kind = "" if words.endswith("activation") else " activation"
    return f"The {words}{kind} with {article}{pair.cost.words}"


def _lede(pair: Pair, letters: Letters, found: Found) -> Prose:
    slope = letters.slope(letters.cost, letters.weighted_input)
    if pair.comes_together:
        return (
            "Where the cost reads the activation, its slope by the weighted input is ",
            equals(slope, found[-1][0].line.rhs),
            f": {_error_words(pair)}, and {_gone(pair)}.",
        )
    return ("The slope of the cost by the weighted input, by the chain rule: a part of both slopes is left.",)


def _gone(pair: Pair) -> str:
    return "the activation has slope 1" if pair.inner.own == 1 else "the slope of the activation is gone"


def _error_words(pair: Pair) -> str:
    weight = sp.diff(pair.result.own, sp.Symbol("y"))
    return "the error itself" if weight == -1 else "the error times a constant"


def _strip(pair: Pair, letters: Letters, found: Found, total: int) -> Iterator[Fact]:
    held = len(found)
    yield Fact((f"{held} of {total}",), ("lines proved and checked",), "good" if held == total else "bad")
    if pair.is_derived and found:
        slope = letters.slope(letters.cost, letters.weighted_input)
        yield Fact((found[-1][0].line.rhs,), ("slope ", in_line(slope)))
    if pair.is_assumed:
        yield Fact((_targets_add_up(letters),), ("assumed of the targets",))


def _targets_add_up(letters: Letters) -> Tree:
    return equals(summed(letters.of(letters.target, "k"), Ident("k")), Num("1"))


def _definitions(activation: Sheet, cost: Sheet) -> Iterator[Block]:
    yield from definition_blocks(activation)
    yield from definition_blocks(cost)


def _slope(sheet: Sheet) -> Iterator[Block]:
    told = tuple((derived, verified_lines(sheet, derived)) for derived in sheet.derived)
    yield from derivative_blocks(sheet, told)


def _together(pair: Pair, letters: Letters, found: Found) -> Iterator[Block]:
    points = min((check.points for _, check in found if check is not None), default=0)
    words = (
        f"Every line is proved to equal the one before it, {EVERYWHERE}"
        if pair.couples
        else ("Every line is proved to equal the one before it")
    )
    if points:
        words += (
            f"; and each agrees to {ENOUGH_DIGITS} digits or exactly with SymPy’s own derivative of the "
            f"whole cost of three outputs, at {counted(points, 'point')}"
        )
    yield Paragraph((f"{words}.",), quiet=True)
    yield strides(letters, found)
    yield from _remarks(pair, letters)


def _remarks(pair: Pair, letters: Letters) -> Iterator[Block]:
    """What a letter of the lines stands for, and what is left without the assumption."""
    if pair.cost.whole is not None:
        yield Chain(tuple(_share(pair)), ("where",))
    if pair.total is None:
        return
    stated = "The cost’s rule states it" if pair.is_assumed else "The cost’s rule does not state it"
    yield Paragraph(
        (
            "Only the line with ",
            _targets_add_up(letters),
            f" assumes anything of the targets. {stated}; where it does not hold, the line before it does.",
        )
    )


def _share(pair: Pair) -> Iterator[Piece]:
    """p_1 = ∂S/∂a_1 = e^{a_1}/(e^{a_1} + e^{a_2} + e^{a_3}), written for three outputs."""
    assert pair.cost.whole is not None
    outputs = sp.symbols("a_1:4")
    whole = pair.cost.whole(outputs)
    slope = sp.diff(whole, outputs[0])
    share, of = (tree_of(expr, lambda symbol: spell(symbol.name)) for expr in (slope, whole))
    yield Piece("", spell("p_1"))
    yield Piece("=", partial(Ident("S"), spell("a_1")))
    yield Piece("=", share)
    yield Piece(",", equals(Ident("S"), of))


def _example(pair: Pair, worked: Example) -> Iterator[Block]:
    slope = PLAIN.slope(PLAIN.cost, PLAIN.weighted_input)
    last = _last_line(pair, Letters(several=True))
    heads: list[Prose] = [("unit",), (spell("z_j"),), (spell("a_j"),), (spell("y_j"),)]
    heads += [(last,), (slope, " by SymPy")]
    shares = (0.08, 0.12, 0.18, 0.1, 0.26, 0.26)
    columns = tuple(
        Column(head, share, right=place > 0)
        for place, (head, share) in enumerate(zip(heads, shares, strict=True))
    )
    rows = tuple(
        (
            (str(unit),),
            (number_tree(z),),
            (value_tree(a),),
            (number_tree(y),),
            (value_tree(line, RESULT_DIGITS),),
            (value_tree(direct, RESULT_DIGITS),),
        )
        for unit, (z, y, a, direct, line) in enumerate(
            zip(worked.z, worked.y, worked.outputs, worked.slopes, worked.lines, strict=True), 1
        )
    )
    yield Paragraph(
        ("The last line beside the derivative of the whole cost, for three outputs.",), quiet=True
    )
    yield Table("example", "the last line at three outputs", columns, rows)


def _last_line(pair: Pair, letters: Letters) -> Tree:
    return derive_pair(pair, letters)[-1].line.rhs if pair.is_derived else Ident("…", upright=True)


def _file(pair: Pair) -> str:
    return (
        f'[network]\ninputs = 2\ncost = "{pair.cost.name}"\n\n'
        f'[[network.layers]]\nunits = 3\nactivation = "{pair.activation.name}"\n'
    )


# -- a network's page ------------------------------------------------------------------------------


def output_section(desk: Desk) -> Section | None:
    """What the output layer and the cost come to together, where the slope of the activation cancels."""
    network = desk.problem.body
    if not isinstance(network, Network) or network.cost is None:
        return None
    activation = network.layers[-1].activation
    if not Pair.is_possible(activation, network.cost):
        return None
    pair = Pair(activation, network.cost)
    if not pair.comes_together or pair.inner.own == 1:
        return None
    blocks = tuple(_output_blocks(desk, network, pair))
    return Section("output-pair", ("What comes together at the output",), blocks)


def _letters(desk: Desk, network: Network) -> Letters:
    notation = desk.problem.notation
    return Letters(
        cost=desk.letter("C"),
        activation=notation.activation,
        weighted_input=notation.weighted_input,
        target=notation.target,
        several=network.sizes[-1] > 1,
    )


def _output_blocks(desk: Desk, network: Network, pair: Pair) -> Iterator[Block]:
    letters = _letters(desk, network)
    if desk.cost_key != "C":
        yield Paragraph(one_sample_words(desk), quiet=True)
    yield Paragraph(tuple(_output_words(network, pair, letters)))
    yield strides(letters, derived(pair, letters))
    yield from _remarks(pair, letters)
    yield from _numbers(desk, network, pair)


def _output_words(network: Network, pair: Pair, letters: Letters) -> Iterator[str | Tree]:
    yield f"With {pair.activation.words} and {pair.cost.words}, "
    yield "the slope of the activation cancels against a part of the cost’s slope: "
    yield equals(letters.slope(letters.cost, letters.weighted_input), derive_pair(pair, letters)[-1].line.rhs)
    yield "."
    if network.depth > 1:
        yield " The letters are those of the output layer, whose number is left out here."


def _numbers(desk: Desk, network: Network, pair: Pair) -> Iterator[Block]:
    """The last line that holds for this sample's targets, with its numbers."""
    size = network.sizes[-1]
    units = tuple(range(1, min(size, MOST_UNITS) + 1))
    terms = pair.result
    if desk.worked is None:
        return
    if pair.total is not None:
        total = sum(desk.worked.values[f"y[{k}]"].mid for k in range(1, size + 1))
        if total != pair.total:
            terms = pair.unassumed
            yield Paragraph(
                (
                    "The targets of this sample add up to ",
                    number_tree(total),
                    f", not to {pair.total}, so its slopes are those of the line before the assumption.",
                )
            )
    rows = at_units(desk.derivation, pair, terms, units, desk.sample)
    lines = tuple(_line(desk, network, row) for row in rows)
    heads = desk.heads("slope", "formula", "numbers put in", "value")
    yield Lines(heads, lines, "the slopes at the output")
    if size > len(units):
        yield Paragraph((f"… and {size - len(units):,} more outputs, alike.",), quiet=True)
    worst = min(row.digits for row in rows)
    how = "exactly" if worst == inf else f"in {int(worst)} digits or more"
    yield Paragraph((f"The chain rule, route by route as derived above, gives the same {how}.",), quiet=True)


def _line(desk: Desk, network: Network, row: AtUnit) -> Line:
    keys: Mapping[str, str] = {"a": f"a{network.depth}", "z": f"z{network.depth}", "y": "y"}

    def key(symbol: sp.Symbol) -> str:
        letter, _, unit = symbol.name.partition("_")
        return f"{keys[letter]}[{unit}]"

    formula = tree_of(row.line, lambda symbol: desk.letter(key(symbol)))
    numbers = tree_of(row.line, lambda symbol: desk.number(key(symbol)))
    slope = desk.total_letter("C", f"z{network.depth}[{row.unit}]")
    return Line(slope, elided(formula), elided(numbers), value_tree(row.value, RESULT_DIGITS))
