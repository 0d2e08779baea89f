"""From one sample's derivative to that of the whole cost.

∂C/∂w = Σ_i ∂C_i/∂w   or   (1/n) Σ_i ∂C_i/∂w,   plus (λ/n) w with an L2 term
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from derive.gradient import Gradient, Route
from derive.problem import Network
from derive.writing.tree import Num, Tree, bracketed, plus, product, quotient
from numeric.balls.worked import Worked
from reports import names
from reports.content.desk import DOTS, Desk, elided
from reports.content.page import Block, Chain, Column, Paragraph, Part, Piece, Prose, Table
from reports.content.values import RESULT_DIGITS, added, product_tree, value_tree
from reports.content.wording import spelled
from reports.numbers import number_tree

MOST_SAMPLES = 20
"""Samples that a table lists one by one."""

MOST_COLUMNS = 5


def telling_sample(desk: Desk, samples: Sequence[Worked]) -> int:
    """The first of the samples with the fewest derivatives that are 0: a derivation of 0 explains little.

    Where nothing is derived, that with the fewest inputs that are 0.
    """

    def zeros(worked: Worked) -> int:
        derived = [worked.totals[entry] for entry in desk.sections]
        inputs = (value for key, value in worked.values.items() if key.startswith("x"))
        return sum(value.holds_zero for value in derived or inputs)

    return 1 + min(range(len(samples)), key=lambda place: zeros(samples[place]))


def over_samples(desk: Desk, gradient: Gradient) -> Iterator[tuple[Prose, tuple[Block, ...]]]:
    """The headed steps that add the samples and the L2 term; none where one sample's cost is all."""
    if desk.cost_key == "C" or not isinstance(desk.problem.body, Network):
        return
    if desk.derivation.batched and desk.worked:
        yield ("The same for every sample",), tuple(_every_sample(desk, gradient))
    heading = "The whole cost: all samples" if desk.derivation.batched else "The whole cost: with the L2 term"
    yield (heading,), tuple(_whole(desk, desk.problem.body, gradient))


def _every_sample(desk: Desk, gradient: Gradient) -> Iterator[Block]:
    routes = gradient.stage.routes
    one = len(routes) == 1 and len(routes[0].factors) + bool(routes[0].head) <= MOST_COLUMNS
    heads = (
        _factor_heads(desk, gradient, routes[0])
        if one
        else [desk.via(gradient.of, route) for route in routes[:MOST_COLUMNS]]
    )
    total = desk.total_letter(gradient.of, gradient.by)
    share = 0.82 / (len(heads) + 1)
    columns = (
        Column(("sample",), 0.12),
        *(Column(head, share, right=True) for head in heads),
        Column((total,), share, right=True),
    )
    rows = []
    for i, worked in enumerate(desk.samples, 1):
        cells = _factors(gradient, worked, routes[0]) if one else _routes(gradient, worked, routes)
        result = value_tree(worked.totals[gradient.of, gradient.by])
        rows.append(((sample_name(desk, i),), *((cell,) for cell in cells[: len(heads)]), (result,)))
    yield Table("samples", "each sample's factors", columns, tuple(rows))
    left_out = len(desk.problem.x) - len(desk.samples)
    if left_out:
        yield Paragraph((f"… and {spelled(left_out)} more samples, worked alike.",), quiet=True)


def sample_name(desk: Desk, i: int) -> str:
    """The author's label of sample i with its number, or the number alone."""
    return names.sample_name(desk.problem, f"@{i}")


def _factor_heads(desk: Desk, gradient: Gradient, route: Route) -> list[Prose]:
    head = [(desk.total_letter(gradient.of, route.head),)] if route.head else []
    return [*head, *((desk.slope_letter(factor.of, factor.by),) for factor in route.factors)]


def _factors(gradient: Gradient, worked: Worked, route: Route) -> list[Tree]:
    head = [worked.totals[gradient.of, route.head]] if route.head else []
    return [value_tree(value) for value in (*head, *map(worked.slope, route.factors))]


def _routes(gradient: Gradient, worked: Worked, routes: tuple[Route, ...]) -> list[Tree]:
    return [
        product_tree(
            *([worked.totals[gradient.of, route.head]] if route.head else []),
            *map(worked.slope, route.factors),
        )
        for route in routes
    ]


def _whole(desk: Desk, network: Network, gradient: Gradient) -> Iterator[Block]:
    lhs = desk.whole_letter(gradient.of, gradient.by)
    rhs = gradient.total[0].rhs if gradient.total else desk.total_letter(gradient.of, gradient.by)
    pieces = [Piece("", lhs), Piece("=", rhs)]
    words: list[Part] = []
    if desk.derivation.batched:
        words += [f"The cost {'averages' if network.reduction == 'mean' else 'adds'} the samples' costs, "]
        words += ["so its derivative does the same with their derivatives."]
    if network.l2:
        words += [" " if words else "", "The L2 term ", _l2_words(desk, gradient)]
    if words:
        yield Paragraph(tuple(words), quiet=True)
    if desk.worked:
        row = desk.evidence.row_of(gradient.of, gradient.by)
        pieces += [
            Piece("=", _numbers(desk, network, gradient)),
            Piece("=", value_tree(row.symbolic, RESULT_DIGITS)),
        ]
    yield Chain(tuple(pieces))


def _l2_words(desk: Desk, gradient: Gradient) -> str:
    weight = desk.problem.parameter[gradient.by].is_weight
    return "adds the weight's own share." if weight else "holds no biases and adds nothing here."


def _numbers(desk: Desk, network: Network, gradient: Gradient) -> Tree:
    """(1/3)(0.1 + 0.2 + 0.3) + (0.5/3) · 0.4"""
    count = len(desk.problem.x)
    shown = desk.samples or ((desk.worked,) if desk.worked and count == 1 else ())
    values = [value_tree(worked.totals[gradient.of, gradient.by]) for worked in shown]
    total = elided(added(*values)) if len(values) == count else DOTS
    if network.reduction == "mean" and count > 1:
        inside = bracketed(total) if len(values) > 1 else total
        total = product(quotient(Num("1"), Num(str(count))), inside)
    parameter = desk.problem.parameter[gradient.by]
    if not (network.l2 and parameter.is_weight):
        return total
    weight = number_tree(parameter.value if parameter.value is not None else Fraction(0))
    return plus(total, product(quotient(number_tree(network.l2), Num(str(count))), weight))
