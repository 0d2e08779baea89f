"""How much of the gradient reaches each layer while a network is trained: two plots and a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite, nan

from derive.problem import Network, Problem
from derive.theory.letters import Letters
from derive.writing.tree import Fence, Tree
from numeric.training.record import Array, Record
from reports.content.desk import in_line
from reports.content.page import Block, Column, Figure, Paragraph, Part, Prose, Section, Table
from reports.content.training.course import by_layer
from reports.numbers import number_tree

MOST_LAYERS = 6
"""Of a deeper network these are drawn, from the first to the last at even distances."""

MOST_ROWS = 11
DIGITS = 4


def reach_section(problem: Problem, record: Record) -> Section | None:
    """‖∂C/∂W‖ and ‖δ‖ of each layer after so many updates; None for one layer, or where nothing arrives."""
    network = problem.body
    if not isinstance(network, Network) or network.depth < 2 or len(record.after) < 2:
        return None
    layers = _chosen(network.depth)
    slopes, errors = ({l: table[:, l - 1] for l in layers} for table in (record.slopes, record.errors))
    if not all(_some(table.values()) for table in (slopes, errors)):
        return None
    return Section(
        "reach",
        ("How much of the gradient reaches each layer",),
        tuple(_blocks(problem, record, slopes, errors)),
    )


def _some(rows: Iterable[Array]) -> bool:
    return any(isfinite(value) and value > 0 for row in rows for value in row)


def _chosen(depth: int) -> tuple[int, ...]:
    """All layers, or some of many, the first and the last among them."""
    count = min(depth, MOST_LAYERS)
    return tuple(1 + round(place * (depth - 1) / (count - 1)) for place in range(count))


def _blocks(
    problem: Problem, record: Record, slopes: Mapping[int, Array], errors: Mapping[int, Array]
) -> Iterator[Block]:
    letters = Letters(problem.notation)
    batched = len(problem.x) > 1
    error = f"dC/d{'Z' if batched else 'z'}"
    yield Paragraph(tuple(_words(letters, error, record, slopes)))
    caption: Prose = (
        _length(letters, "dC/dWl"),
        ", the root of the sum of the squared slopes of a layer’s weights.",
    )
    yield Figure(
        by_layer("the length of the gradient of each layer’s weights", record.after, slopes), caption
    )
    caption = (_length(letters, f"{error}l"), ", the length of each layer’s error over all samples.")
    yield Figure(by_layer("the length of the error of each layer", record.after, errors), caption)
    yield _table(letters, error, record, slopes, errors)


def _length(letters: Letters, key: str) -> Tree:
    return Fence("‖", in_line(letters.array(key)), "‖")


def _words(letters: Letters, error: str, record: Record, slopes: Mapping[int, Array]) -> Iterator[Part]:
    """What the first layer gets of what the last one has, at both ends of the training."""
    first, last = min(slopes), max(slopes)
    yield "A layer learns as fast as its gradient is long; here is "
    yield _length(letters, "dC/dWl")
    yield " of the whole cost, and "
    yield _length(letters, f"{error}l")
    yield ", the error that it comes from."
    shares = [
        (n, _share(slopes[first][place], slopes[last][place]))
        for n, place in ((0, 0), (record.after[-1], -1))
    ]
    for n, share in shares:
        if isfinite(share):
            yield f" After {n:,} updates" if n else " At the start"
            yield " the first layer’s is "
            yield number_tree(share, 2)
            yield " times the last one’s."


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else nan


def _table(
    letters: Letters,
    error: str,
    record: Record,
    slopes: Mapping[int, Array],
    errors: Mapping[int, Array],
) -> Table:
    """Both lengths of the first and the last layer, and of those between as far as there is room."""
    count = len(record.after)
    chosen = sorted({round(place * (count - 1) / (MOST_ROWS - 1)) for place in range(MOST_ROWS)})
    columns = [(_length(letters, f"dC/dW{l}"), row) for l, row in slopes.items()]
    columns += [(_length(letters, f"{error}{l}"), errors[l]) for l in (min(errors), max(errors))]
    heads = (
        Column(("updates",), 0.12),
        *(Column((head,), 0.88 / len(columns), right=True) for head, _ in columns),
    )
    rows = tuple(
        ((f"{record.after[place]:,}",), *((number_tree(float(row[place]), DIGITS),) for _, row in columns))
        for place in chosen
    )
    return Table("reach", "the lengths of gradients and errors, by layer", heads, rows)
