"""The forward pass with its numbers put in, and what it predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby, islice

from derive.notation import KEY, of_any_layer, write
from derive.problem import Graph, Network
from derive.steps import Step, activation_keys, given_values
from derive.writing.from_terms import tree_of_term
from derive.writing.spelling import spell
from derive.writing.tree import Ident, Num, Tree, bracketed, plus, power, product, quotient, signed, summed
from numeric.balls.enclosure import Enclosure, Enclosures, balls_of
from numeric.balls.first_layer import first_sums
from numeric.balls.samples import OneSample, unmarked
from reports import names
from reports.content.arrays import first_entries, forward_blocks
from reports.content.desk import DOTS, Desk, elided, is_zero, standing
from reports.content.page import (
    Block,
    Chain,
    Column,
    Heading,
    Line,
    Lines,
    Paragraph,
    Piece,
    Prose,
    Section,
    Table,
)
from reports.content.samples import sample_name
from reports.content.values import RESULT_DIGITS, added, value_tree
from reports.content.wording import capitalised, counted, left_open
from reports.numbers import number_tree

MOST_LINES, MOST_TOGETHER = 80, 24
"""Quantities of a forward pass that are worked one by one, and so many of them in one table."""

MOST_OUTPUTS, MOST_COLUMNS = 3, 7
MOST_SAMPLES = 200
HEADS = ("quantity", "formula", "numbers put in", "value")


def forward_section(desk: Desk) -> Section:
    """Every quantity in the order in which it is computed, and the cost."""
    body = desk.problem.body
    steps = [step for step in _forward_steps(desk) if not step.key.startswith("C") or isinstance(body, Graph)]
    shown = steps[:MOST_LINES]
    blocks: list[Block] = [Paragraph(_how_to_read(desk), quiet=True)]
    if isinstance(body, Graph) and body.shapes:
        blocks += forward_blocks(desk, body)
        shown = first_entries(body, steps)[:MOST_LINES]
    blocks += _lines(desk, shown)
    if len(steps) > len(shown):
        left_out = f"… and {len(steps) - len(shown):,} more quantities, computed alike."
        blocks.append(Paragraph((left_out,), quiet=True))
    if isinstance(body, Network):
        if desk.problem.objectives:
            blocks.append(_cost(desk))
        if len(desk.problem.x) + len(desk.problem.tests) > 1 and desk.worked:
            blocks += _all_samples(desk, body)
    return Section("forward", ("The forward pass it all rests on",), tuple(blocks))


def _forward_steps(desk: Desk) -> Sequence[Step]:
    """The steps that lead to the cost, or to the last layer; of one output's cost nothing is derived here."""
    program = desk.derivation.program
    body = desk.problem.body
    if isinstance(body, Graph):
        return program.steps
    return program.only((*activation_keys(body, body.depth, ""), *desk.problem.objectives)).steps


def _how_to_read(desk: Desk) -> Prose:
    if not desk.worked:
        return (f"{capitalised(left_open(desk.problem))}, so only formulas stand here.",)
    rounded = "Numbers are shown rounded and computed unrounded."
    if isinstance(desk.problem.body, Graph):
        return (f"Every step of the graph, in order. {rounded}",)
    of = f" of sample {sample_name(desk, desk.sample)}" if desk.derivation.batched else ""
    return (f"Weighted input and activation of every unit{of}. {rounded}",)


def _lines(desk: Desk, steps: Sequence[Step]) -> Iterator[Block]:
    """One table; of a network with many units one for each layer."""
    heads = desk.heads(*HEADS)
    if len(steps) <= MOST_TOGETHER or isinstance(desk.problem.body, Graph):
        yield Lines(heads, tuple(_line(desk, step) for step in steps), "the forward pass")
        return
    for layer, group in groupby(steps, key=_layer):
        lines = tuple(_line(desk, step) for step in group)
        yield Heading(0, (f"Layer {layer}: {counted(len(lines), 'quantity')}",), folded=True)
        yield Lines(heads, lines, "the forward pass")
    yield Heading(0, ("The outcome",))


def _layer(step: Step) -> str:
    match = KEY.fullmatch(step.key)
    assert match is not None, "a network's quantities have the names of the table"
    return match[2]


def _line(desk: Desk, step: Step) -> Line:
    return Line(
        write(desk.problem, step.key),
        desk.step_formula(step, desk.letter),
        desk.step_formula(step, desk.number) if desk.worked else None,
        value_tree(desk.worked.values[step.key], RESULT_DIGITS) if desk.worked else None,
    )


def _cost(desk: Desk) -> Chain:
    """C = ½(y − a)² + … = 0.2748 + 0.0236 = 0.298371109, for one sample."""
    step = desk.derivation.program.by_key["C"]
    pieces = [Piece("", desk.letter("C"))]
    letters = [tree_of_term(term, desk.letter) for term in step.terms]
    if not desk.worked:
        return Chain((*pieces, *_summands(letters, standing([False] * len(letters)))))
    numbers = [tree_of_term(term, desk.number) for term in step.terms]
    shown = standing([is_zero(number) for number in numbers])
    pieces += [*_summands(letters, shown), *_summands(numbers, shown)]
    pieces.append(Piece("=", value_tree(desk.worked.values["C"], RESULT_DIGITS)))
    return Chain(tuple(pieces))


def _summands(terms: list[Tree], shown: list[int | None]) -> Iterator[Piece]:
    """A sum as pieces, so that a line may break before each plus."""
    sign = "="
    for place in shown:
        term = DOTS if place is None else terms[place]
        minus, size = signed(term)
        if sign == "+" and minus:
            yield Piece("−", elided(size))
        else:
            yield Piece(sign, elided(term))
        sign = "+"


# -- all samples -----------------------------------------------------------------------------------


def _all_samples(desk: Desk, network: Network) -> Iterator[Block]:
    """Each sample's outputs and cost, the predictions, and what the costs come to."""
    problem = desk.problem
    numbers = balls_of(given_values(problem))
    sums = first_sums(problem, numbers)
    shown = activation_keys(network, network.depth, "")[:MOST_OUTPUTS]
    cost = ("C",) if problem.objectives and len(problem.x) > 1 else ()
    found = dict[str, Enclosures]()
    for suffixes, keys in ((problem.samples, (*shown, *cost)), (problem.tested, shown)):
        if suffixes:
            one = OneSample.of(problem, keys, unmarked(sums))
            found |= {suffix: one.at(suffix, numbers | sums) for suffix in suffixes}
    yield _sample_table(desk, network, found)
    if problem.objectives and (len(problem.x) > 1 or network.l2):
        yield _whole_cost(desk, network, [one["C"] for one in found.values() if "C" in one.balls])


def _sample_table(desk: Desk, network: Network, found: Mapping[str, Enclosures]) -> Table:
    """The first ones, by their suffixes."""
    problem = desk.problem
    outputs = activation_keys(network, network.depth, "")[:MOST_OUTPUTS]
    targets = [f"y[{k}]" for k in range(1, len(outputs) + 1)] if problem.y else []
    room = MOST_COLUMNS - len(outputs) - len(targets)
    inputs = activation_keys(network, 0, "") if network.sizes[0] <= room else ()
    costs = ["C"] if problem.objectives and len(problem.x) > 1 else []
    heads: list[Tree] = [write(problem, key) for key in (*inputs, *outputs, *targets)]
    heads += [desk.letter(key) for key in costs]
    share = 0.84 / max(len(heads), 1)
    given = given_values(problem)
    rows: list[tuple[Prose, ...]] = []
    for suffix, values in islice(found.items(), MOST_SAMPLES):
        tested = suffix in problem.tested
        name = names.sample_name(problem, suffix)
        cells: list[Prose] = [(_given(given.get(f"{key}{suffix}")),) for key in inputs]
        cells += [(value_tree(values[key]),) for key in outputs]
        cells += [("–",) if tested else (_given(given.get(f"{key}{suffix}")),) for key in targets]
        cells += [("–",) if tested else (value_tree(values[key]),) for key in costs]
        rows.append(((name,), *cells))
    columns = (Column(("sample",), 0.14), *(Column((head,), share, right=True) for head in heads))
    return Table("samples", "every sample", columns, tuple(rows))


def _given(value: Fraction | None) -> Tree:
    return DOTS if value is None else number_tree(value)


def _whole_cost(desk: Desk, network: Network, costs: Sequence[Enclosure]) -> Chain:
    """C = (1/n) Σ C_i + (λ/2n) Σ w² = …"""
    problem = desk.problem
    n = Num(str(len(problem.x)))
    cost: Tree = summed(desk.letter("C"), write(problem, "i")) if len(problem.x) > 1 else desk.letter("C")
    if network.reduction == "mean" and len(problem.x) > 1:
        cost = product(quotient(Num("1"), write(problem, "n")), cost)
    if network.l2:
        cost = plus(cost, of_any_layer(problem, _decay()))
    pieces = [Piece("", write(problem, "C")), Piece("=", cost)]
    values = list(map(value_tree, costs))
    if values and not network.l2:
        total = elided(added(*values))
        mean = network.reduction == "mean"
        pieces.append(Piece("=", product(quotient(Num("1"), n), bracketed(total)) if mean else total))
    assert desk.evidence.cost is not None, "an objective has a value"
    pieces.append(Piece("=", value_tree(desk.evidence.cost, RESULT_DIGITS)))
    return Chain(tuple(pieces))


def _decay() -> Tree:
    """(λ/2n) Σ w²"""
    weights = summed(power(Ident("w"), Num("2")))
    return product(quotient(spell("lambda"), product(Num("2"), Ident("n"))), weights)
