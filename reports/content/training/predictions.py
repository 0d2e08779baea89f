"""What the network predicts, as given and after training, and how often its class is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from derive.notation import write
from derive.problem import Network, Problem, Value
from derive.steps import activation_keys
from derive.writing.tree import Tree
from numeric.training.predictions import Prediction, Predictions
from reports import names
from reports.content.desk import DOTS, Desk
from reports.content.page import Block, Column, Paragraph, Part, Prose, Section, Table, Toned
from reports.content.values import value_tree
from reports.content.wording import capitalised
from reports.numbers import number_tree

MOST_ROWS = 200
MOST_INPUTS, MOST_OUTPUTS, MOST_BESIDE = 4, 3, 2

HOW = (
    "Each output is proven to the digits shown. A class is said only where the enclosures prove it: "
    "the largest output, or of a single one 1 above one half and 0 below. "
    "× marks a class that is not the sample’s own."
)


def predictions_section(desk: Desk) -> Section | None:
    """A table of test inputs, one of the samples of a network for classes, and its accuracy."""
    moments = [moment for moment in desk.evidence.predictions if not moment.why]
    network = desk.problem.body
    if not moments or not isinstance(network, Network):
        return None
    blocks: list[Block] = []
    if moments[0].classes:
        blocks.append(Paragraph((HOW,), quiet=True))
    groups = _side_by_side(network, desk.evidence.predictions)
    for group in groups:
        blocks += [block for moment in group for block in _heading(moment, alone=len(groups) > 1)]
        shown = [moment for moment in group if not moment.why]
        if shown and desk.problem.tests:
            rows = list(zip(*(moment.tests for moment in shown), strict=True))
            blocks += _table(desk.problem, network, shown, desk.problem.tests, rows)
        if shown and shown[0].samples:
            rows = list(zip(*(moment.samples for moment in shown), strict=True))
            blocks += _table(desk.problem, network, shown, desk.problem.x, rows)
    return Section("predictions", ("What it predicts",), tuple(blocks))


def _side_by_side(network: Network, moments: Sequence[Predictions]) -> Sequence[Sequence[Predictions]]:
    """All moments in one table where their outputs fit beside each other, else a table for each."""
    fit = network.sizes[-1] * len(moments) <= MOST_BESIDE
    return (moments,) if fit else tuple((moment,) for moment in moments)


def _heading(moment: Predictions, *, alone: bool) -> Iterator[Block]:
    """After 500 updates: 16 of 20 samples right (80%), 4 wrong. Without classes, of a table of its own."""
    when = capitalised(names.moment(moment.after)) or "As given"
    if moment.why:
        yield Paragraph((f"{when}: not shown, {moment.why}.",))
    elif moment.judged:
        yield Paragraph((f"{when}: ", Toned("strong", (names.accuracy(moment),)), "."))
    elif alone:
        yield Paragraph((f"{when}:",))


def _table(
    problem: Problem,
    network: Network,
    moments: Sequence[Predictions],
    inputs: Sequence[Sequence[Value]],
    rows: Sequence[tuple[Prediction, ...]],
) -> Iterator[Block]:
    """A row a sample: inputs, then outputs and class at each moment, and the class that it has."""
    known = network.sizes[0] if network.sizes[0] <= MOST_INPUTS else 0
    judged = bool(moments[0].judged) and rows[0][0].suffix in problem.samples
    heads: list[Prose] = [(write(problem, key),) for key in activation_keys(network, 0, "")[:known]]
    for moment in moments:
        heads += _heads(problem, network, moment, dated=len(moments) > 1)
    heads += [("its class",)] if judged else []
    share = 0.84 / len(heads)
    columns = (Column(("sample",), 0.16), *(Column(head, share, right=True) for head in heads))
    cells = tuple(
        (
            (names.sample_name(problem, row[0].suffix),),
            *((_given(value),) for value in given[:known]),
            *_cells(moments, row),
            *([(names.class_name(moments[0], row[0].target),)] if judged else []),
        )
        for given, row in zip(inputs[:MOST_ROWS], rows[:MOST_ROWS], strict=True)
    )
    yield Table("samples", "predictions", columns, cells)
    if len(rows) > MOST_ROWS:
        yield Paragraph((f"… and {len(rows) - MOST_ROWS:,} more.",), quiet=True)


def _heads(problem: Problem, network: Network, moment: Predictions, *, dated: bool) -> Iterator[Prose]:
    when = f" {names.moment(moment.after)}" if moment.after and dated else ""
    for key in activation_keys(network, network.depth, "")[:MOST_OUTPUTS]:
        yield (write(problem, key), when) if when else (write(problem, key),)
    if moment.classes:
        yield ("predicted",)


def _cells(moments: Sequence[Predictions], row: Sequence[Prediction]) -> Iterator[Prose]:
    for moment, prediction in zip(moments, row, strict=True):
        yield from ((value_tree(value),) for value in prediction.outputs[:MOST_OUTPUTS])
        if moment.classes:
            yield (_judged(moment, prediction),)


def _judged(moment: Predictions, prediction: Prediction) -> Part:
    """The class, set off where it is not the sample's own; a sign tells that without its colour."""
    name = names.class_name(moment, prediction.choice)
    if prediction.choice is None:
        return Toned("open", (name,))
    missed = prediction.target is not None and prediction.choice != prediction.target
    return Toned("bad", (f"{name} ×",)) if missed else name


def _given(value: Fraction | None) -> Tree:
    return DOTS if value is None else number_tree(value)
