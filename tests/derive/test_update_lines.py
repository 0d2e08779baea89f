"""A rule's lines put together to one, and the first update."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.training.update_lines import G_0, LAMBDA, REAL, G, N, W, weight_decay, written_out
from derive.training.update_rules import (
    ADAM,
    ADAM_INSIDE,
    AVERAGED,
    CLASSICAL,
    GRADIENT_DESCENT,
    UPDATE_RULES,
    UpdateRule,
)

MU, ETA, EPSILON = sp.symbols("mu eta epsilon")
FIRST = {
    "momentum": (CLASSICAL, W - ETA * G),
    "averaged momentum": (AVERAGED, W - ETA * (1 - MU) * G),
    "adam": (ADAM, W - ETA * G / (sp.Abs(G) + EPSILON)),
    "adam inside": (ADAM_INSIDE, W - ETA * G / sp.sqrt(G**2 + EPSILON)),
}


@pytest.mark.parametrize(("rule", "first"), FIRST.values(), ids=FIRST)
def test_the_first_update_is_that_of_the_papers(rule: UpdateRule, first: sp.Expr) -> None:
    """Both conventions of momentum, and epsilon outside and inside of the root, differ from the start."""
    last = written_out(rule)[-1]
    assert last.at_first and sp.simplify((last.expr - first).subs(G, REAL)) == 0


@pytest.mark.parametrize("rule", [r for r in UPDATE_RULES if len(r.lines) > 1], ids=lambda r: r.words)
def test_a_line_before_the_first_update_reads_only_the_old_values(rule: UpdateRule) -> None:
    """w, the states and the gradient; nothing that another line makes is left."""
    *_, last = [line for line in written_out(rule) if not line.at_first]
    assert not {s.name for s in last.expr.free_symbols} & {new for new, _ in rule.lines}


def test_an_l2_term_shrinks_the_weight() -> None:
    """(1 - eta lambda/n) w - eta dC_0/dw, the books' weight decay."""
    *_, last = weight_decay(GRADIENT_DESCENT)
    assert sp.expand(last.expr - (W - ETA * (G_0 + LAMBDA / N * W))) == 0
    assert last.expr.coeff(W) == 1 - ETA * LAMBDA / N
    assert weight_decay(ADAM) == ()
