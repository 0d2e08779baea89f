"""Which factor of a quadratic cost survives in its slope: ½, 1, 1/n, 1/(2n), 1/K.

C = c (y - a)^2        dC/da = 2c (a - y)
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from derive.expressions import usual_slope
from derive.rules import COSTS, A, Activation, Cost, Y
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import Ident, Num, Tree, product, quotient, summed
from reports.content.page import Column, Paragraph, Prose, Section, Table

COLUMNS = (
    Column(("cost",), 0.22),
    Column(("one output’s part",), 0.18),
    Column(("its slope by ", Ident("a")), 0.18),
    Column(("mean over samples",), 0.22),
    Column(("slope by one ", Ident("a")), 0.2),
)


def quadratic() -> dict[str, sp.Expr]:
    """The factor of a - y in the slope of every cost that is a number times (y - a)^2, by the cost's name."""
    found = {}
    for name, rule in COSTS.items():
        factor = sp.cancel(usual_slope(rule.formula, 0).expr / (A - Y)) if not rule.couples else A
        if not factor.free_symbols & {A, Y} and not factor.has(sp.Piecewise):
            found[name] = factor
    return found


def factors_section(rule: Activation | Cost) -> Section | None:
    """The table of quadratic costs on the sheet of each of them."""
    if not isinstance(rule, Cost) or rule.name not in quadratic():
        return None
    words = (
        "Squaring brings a 2 down; a ½ takes it away again, and a mean leaves its 1/",
        Ident("K"),
        " over the outputs or 1/",
        Ident("n"),
        ' over the samples (reduction = "mean") standing. Without an L2 term all have their minimum at the '
        "same place; a rate that suits one does not suit another.",
    )
    rows = tuple(_rows(rule))
    table = Table("factors", "quadratic costs and the factor of their slopes", COLUMNS, rows)
    return Section("factors", ("Which factor survives",), (Paragraph(words), table))


def _rows(rule: Cost) -> Iterator[tuple[Prose, ...]]:
    for name in quadratic():
        cost = COSTS[name]
        slope = usual_slope(cost.formula, 0).expr
        here = " (this one)" if cost == rule else ""
        mean = quotient(Num("1"), Ident("n"))
        yield (
            (f"{cost.words}{here}",),
            (_written(cost.part),),
            (_written(slope),),
            (product(mean, summed(_written(cost.part))),),
            (_written(sp.Mul(*sp.Mul.make_args(slope), 1 / sp.Symbol("n"), evaluate=False)),),
        )


def _written(expr: sp.Expr) -> Tree:
    return tree_of(expr, lambda symbol: spell(symbol.name))
