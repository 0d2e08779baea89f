"""Predicted against actual: dC = grad C . dw beside C(w') - C(w), for the first update."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from derive.notation import write
from derive.problem import Problem
from derive.sweep import adjoint
from derive.training.update import trained
from derive.writing.spelling import spell
from derive.writing.tree import (
    DOT,
    Call,
    Fence,
    Ident,
    Num,
    Prime,
    Row,
    Tree,
    negated,
    partial,
    plus,
    power,
    product,
)
from numeric.training.first_update import Change, FirstUpdate
from reports.content.desk import in_line
from reports.content.page import (
    Block,
    Chain,
    Column,
    Paragraph,
    Part,
    Piece,
    Prose,
    Section,
    Table,
    Toned,
)
from reports.content.values import RESULT_DIGITS, product_tree, value_tree
from reports.content.wording import listed
from reports.numbers import number_tree

MOST_ROWS = 12
GAP_DIGITS = 3
DELTA = "Δ"
TENFOLD = (5, 20)
"""Between these, one gap is about ten times another, as in the limit."""


def predicted_section(problem: Problem, first: FirstUpdate) -> Section | None:
    """The section; None where the rule follows no gradient."""
    if not first.changes:
        return None
    blocks: list[Block] = [Paragraph(_words(problem, first), quiet=True)]
    blocks += [_moves(problem, first), *_sums(problem, first), _rates(first)]
    blocks.append(Paragraph(tuple(_verdict(problem, first))))
    if first.whole is not None:
        blocks.append(Paragraph(tuple(_whole_words(problem, first.whole))))
    heading = "Predicted against actual: did the step lower "
    return Section("predicted", (heading, write(problem, problem.objectives[0]), "?"), tuple(blocks))


def _delta(tree: Tree) -> Tree:
    return Row((Ident(DELTA, upright=True), tree))


def _words(problem: Problem, first: FirstUpdate) -> Prose:
    cost = write(problem, problem.objectives[0])
    own = " " if first.batch is None else ", here the cost of the update’s own batch, "
    return (
        "Each parameter moved by ", _delta(Ident("w")), " = ", Prime(Ident("w")), " − ", Ident("w"),
        ". To first order ", cost, own, "changes by the sum of gradient times move; ",
        "in truth by what it is after the update less what it was.",
    )  # fmt: skip


def _moves(problem: Problem, first: FirstUpdate) -> Table:
    """Gradient, move and their product for each parameter."""
    objective, keys = problem.objectives[0], trained(problem)
    slope = in_line(partial(write(problem, objective), Ident("w")))
    columns = (
        Column(("parameter",), 0.22),
        Column((slope,), 0.26, right=True),
        Column((_delta(Ident("w")),), 0.26, right=True),
        Column(("product",), 0.26, right=True),
    )
    rows: list[tuple[Prose, ...]] = [
        (
            (write(problem, key),),
            (value_tree(first.value(adjoint(objective, key))),),
            (value_tree(first.move(key)),),
            (product_tree(first.value(adjoint(objective, key)), first.move(key)),),
        )
        for key in keys[:MOST_ROWS]
    ]
    more = len(keys) - MOST_ROWS
    last: Prose = (f"sum of all, {more:,} more among them" if more > 0 else "sum",)
    rows.append((last, (), (), (value_tree(first.changes[0].predicted),)))
    return Table("moves", "gradient times move", columns, tuple(rows))


def _sums(problem: Problem, first: FirstUpdate) -> Iterator[Chain]:
    """Both changes as formulas with their values."""
    cost, made = write(problem, problem.objectives[0]), first.changes[0]
    gradient = Row((Ident("∇"), cost))
    predicted = [Piece("", product(gradient, _delta(Ident("w")), sign=DOT.text))]
    if made.is_descent:
        square = power(Fence("‖", gradient, "‖"), Num("2"))
        predicted.append(Piece("=", negated(product(spell("eta"), square))))
    predicted.append(Piece("=", value_tree(made.predicted, RESULT_DIGITS)))
    after, before = (Call(cost, (w,)) for w in (Prime(Ident("w")), Ident("w")))
    actual = [Piece("", _delta(cost)), Piece("=", plus(after, negated(before)))]
    actual.append(Piece("=", value_tree(made.actual, RESULT_DIGITS)))
    yield Chain(tuple(predicted), via=("predicted, to first order:",), kind="route")
    yield Chain(tuple(actual), via=("actual:",), kind="route")


def _rates(first: FirstUpdate) -> Table:
    """The same at a tenth and at a hundredth of the rate."""
    columns = (
        Column(("rate ", spell("eta")), 0.19),
        Column(("predicted",), 0.27, right=True),
        Column(("actual",), 0.27, right=True),
        Column(("actual / predicted",), 0.27, right=True),
    )
    rows = tuple(
        (
            (number_tree(change.rate),),
            (value_tree(change.predicted, RESULT_DIGITS),),
            (value_tree(change.actual, RESULT_DIGITS),),
            (value_tree(change.ratio, RESULT_DIGITS) if change.ratio.defined else "–",),
        )
        for change in first.changes
    )
    return Table("rates", "predicted and actual change at smaller rates", columns, rows)


def _verdict(problem: Problem, first: FirstUpdate) -> Iterator[Part]:
    """What the three rates show, claimed only as far as their numbers go."""
    cost, made = write(problem, problem.objectives[0]), first.changes[0]
    if not made.actual.defined:
        yield from (cost, " has no value after the update: ", made.actual.why, ". The rate is too large.")
        return
    if made.predicted.holds_zero:
        yield from ("The gradient is 0, so to first order nothing changes.",)
        return
    if made.actual.holds_zero:
        yield from (cost, " does not change. ")
    elif made.actual.mid > 0:
        yield from _risen(cost, first)
    else:
        yield from (cost, " falls, as predicted. ")
    yield from _limit(first)


def _risen(cost: Tree, first: FirstUpdate) -> Iterator[Part]:
    """The rate was too large; and the largest one of the table at which the cost falls."""
    yield Toned("bad", (cost, " rises"))
    yield from (" by ", value_tree(first.changes[0].actual), ", though to first order it falls: ")
    yield "the rate is too large. "
    falls = [change for change in first.changes if change.actual.defined and change.actual.mid < 0]
    if falls:
        yield from ("At the rate ", number_tree(falls[0].rate), " it falls. ")


def _limit(first: FirstUpdate) -> Iterator[Part]:
    """How the ratio tends to 1."""
    if not all(change.ratio.defined for change in first.changes):
        return
    gaps = [abs(change.ratio.mid - 1) for change in first.changes]
    if not any(gaps):
        yield "The ratio is exactly 1: along this step the cost is a straight line."
        return
    yield "The ratio differs from 1 by "
    yield from listed([(number_tree(gap, GAP_DIGITS),) for gap in gaps])
    if all(near and TENFOLD[0] <= far / near <= TENFOLD[1] for far, near in pairwise(gaps)):
        at_first, *later = (number_tree(far / near, GAP_DIGITS) for far, near in pairwise(gaps))
        yield from (": a tenth of the rate makes this ", at_first, " times less")
        for shrinks in later:
            yield from (", then ", shrinks, " times")
        yield ". It tends to ten times, since what the prediction misses is of second order."
    else:
        yield ". Where no kink is in the way, it tends to 1 as the rate tends to 0."


def _whole_words(problem: Problem, whole: Change) -> Iterator[Part]:
    """What the update by a batch does to the cost of all samples."""
    cost = write(problem, problem.objectives[0])
    yield "The cost of all samples is not what this update follows. Of the whole "
    yield from (cost, " the same move predicts ", value_tree(whole.predicted))
    yield from (" and makes ", value_tree(whole.actual), ".")
