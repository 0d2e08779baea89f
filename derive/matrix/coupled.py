"""What is known of rules that read a whole column: J^T g without the Jacobian, and one entry.

    softmax       J^T g = a ⊙ (g - 1 a^T g)             a_j = e^{u_j} / Σ_k e^{u_k}
    log_softmax   J^T g = g - e^a 1^T g                 a_j = u_j - ln Σ_k e^{u_k}
    a cost on logits, c_j = y_j (ln Σ_k e^{u_k} - u_j):
                  J^T g = softmax(u) 1^T (y ⊙ g) - y ⊙ g

Of a batch each column is a sample, or where samples are rows, each row.

Source: Goodfellow et al. (2016), sec. 6.2.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula
from derive.matrix.expr import (
    Coupled,
    CoupledRule,
    Entrywise,
    Expr,
    Ones,
    hadamard,
    plus,
    product,
    scaled,
    transposed,
)
from derive.rules import ACTIVATIONS, COSTS

LOGITS = COSTS["cross_entropy_on_logits"]
U = sp.Symbol("u")
EXPONENTIAL = Formula(sp.exp(U), (U,))


def summed(u: Expr, *, rows: bool) -> Expr:
    """1 1^T u: in every entry the sum of its column, or of its row."""
    ones = Ones((u.shape[1 if rows else 0], 1))
    square = (ones, transposed(ones))
    return product(u, *square) if rows else product(*square, u)


def _summed(of: Coupled, u: Expr) -> Expr:
    return summed(u, rows=of.rows)


def _result(of: Coupled) -> Expr:
    """The rule's own value, by its name where a step has it."""
    return of.result or of


def _softmax(of: Coupled, g: Expr) -> Expr:
    a = _result(of)
    return hadamard(a, plus(g, scaled(sp.S.NegativeOne, _summed(of, hadamard(a, g)))))


def _log_softmax(of: Coupled, g: Expr) -> Expr:
    a = _result(of)
    shares = Entrywise(EXPONENTIAL, (a,), a.shape)
    return plus(g, scaled(sp.S.NegativeOne, hadamard(shares, _summed(of, g))))


def _cost_on_logits(of: Coupled, g: Expr) -> Expr:
    (y,) = of.extra
    weighted = hadamard(y, g)
    shares = Coupled(_softmax_of(of.rule), of.arg, (), of.shape, rows=of.rows)
    return plus(hadamard(shares, _summed(of, weighted)), scaled(sp.S.NegativeOne, weighted))


def _softmax_of(rule: CoupledRule) -> CoupledRule:
    """Softmax of the column that the rule reads."""
    softmax = ACTIVATIONS["softmax"]
    return CoupledRule(softmax.letter, partial(softmax.formula, rule.width), rule.width, (), rule.reads)


PULLED_BACK: Mapping[str, Callable[[Coupled, Expr], Expr]] = MappingProxyType(
    {"softmax": _softmax, "logsoftmax": _log_softmax, LOGITS.words: _cost_on_logits}
)
"""J^T g in the rule's own values, by the rule's letter."""

ENTRY: Mapping[str, Callable[..., sp.Expr]] = MappingProxyType(
    {
        "softmax": lambda u, over: sp.exp(u) / over(sp.exp),
        "logsoftmax": lambda u, over: u - sp.log(over(sp.exp)),
        LOGITS.words: lambda u, over, y: y * (sp.log(over(sp.exp)) - u),
    }
)
"""One entry as a formula of its own u, sums over its column and its own extras, by the rule's letter."""

JACOBIAN: Mapping[str, str] = MappingProxyType(
    {
        "softmax": "softmax’s Jacobian diag({0}) − {0} {0}ᵀ",
        "logsoftmax": "log-softmax’s Jacobian I − 𝟏 pᵀ with p the softmax",
        LOGITS.words: "the cost’s Jacobian y pᵀ − diag(y) with p the softmax",
    }
)
"""The Jacobian of one column, in a reader's words, by the rule's letter; {0} is the column of its values."""


def is_by_lines(of: Coupled) -> bool:
    """Whether it has a Jacobian for each of its columns or rows, and so no single matrix."""
    return of.rows or of.arg.shape[1] != 1


def told(of: Coupled) -> str:
    """Why J^T g is what it is, and along which lines of a batch; `{P}` is the array of the rule's values."""
    words = JACOBIAN.get(of.rule.letter, f"the Jacobian of {of.rule.letter}")
    whole = f"{{{of.result.key}}}" if of.result else f"the {of.rule.letter}"
    if not is_by_lines(of):
        return words.format(whole if of.result else "p")
    line = "row" if of.rows else "column"
    return words.format("p") + (f" for each {line} p of {whole}" if "{0}" in words else f", {line} by {line}")
