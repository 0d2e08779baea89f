"""Output layer and cost together: the lines of a book, each proved."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.formula import Scope, parse
from derive.identities import proved
from derive.rules import ACTIVATIONS, COSTS, activation_of, cost_of
from derive.special.pair_lines import Letters, _follows, _Told, derive_pair
from derive.special.pairs import A_J, Y_J, Pair, Terms, concrete, cost_of_sample, inputs_of
from derive.writing.plain import plain
from derive.writing.tree import Ident, Num

ERRORS = {
    "softmax+cross_entropy": "a_j − y_j",
    "softmax+kullback_leibler": "a_j − y_j",
    "sigmoid+binary_cross_entropy": "a_j − y_j",
    "identity+half_squared_error": "a_j − y_j",
    "identity+squared_error": "2·(a_j − y_j)",
    "identity+mean_squared_error": "2·(a_j − y_j)/K",
    "identity+half_mean_squared_error": "(a_j − y_j)/K",
    "identity+binary_cross_entropy_on_logits": "σ(a_j) − y_j",
    "identity+cross_entropy_on_logits": "p_j − y_j",
}


def pair(name: str) -> Pair:
    activation, _, cost = name.partition("+")
    return Pair(ACTIVATIONS[activation], COSTS[cost])


def every_pair() -> list[Pair]:
    rules = ((a, c) for a in ACTIVATIONS.values() for c in COSTS.values())
    return [Pair(a, c) for a, c in rules if Pair.is_possible(a, c)]


@pytest.mark.parametrize(("name", "last"), ERRORS.items())
def test_the_last_line_is_the_error(name: str, last: str) -> None:
    """As every book has it."""
    assert plain(derive_pair(pair(name))[-1].line.rhs) == last


@pytest.mark.slow
def test_no_other_pair_of_the_tables_comes_together() -> None:
    """What a page announces is found from the rules, not from their names."""
    assert {p.name for p in every_pair() if p.comes_together} == set(ERRORS)


@pytest.mark.parametrize("units", [2, 3])
@pytest.mark.parametrize("name", ["softmax+cross_entropy", "softmax+half_squared_error"])
def test_lines_before_the_assumption_are_sympys_derivative_of_the_whole_cost(name: str, units: int) -> None:
    """The chain rule and the slopes put together are what SymPy gets without either."""
    found = pair(name)
    truth = sp.diff(cost_of_sample(found, units), inputs_of(units)[0])
    assert proved(concrete(found, found.product, units), truth)
    assert proved(concrete(found, found.unassumed, units), truth)


def test_the_assumption_is_used_in_one_line_and_needed_there() -> None:
    """Σy = 1 stands at the line that uses it; without it a_j Σy − y_j is what is left."""
    found = pair("softmax+cross_entropy")
    lines = derive_pair(found)
    assert [plain(line.since) if line.since else None for line in lines] == [None] * 6 + ["Σ_k y_k = 1"]
    assert plain(lines[-2].line.rhs) == "a_j·Σ_k y_k − y_j"
    truth = sp.diff(cost_of_sample(found), inputs_of()[0])
    *_, y_1, y_2, y_3 = inputs_of()
    assert not proved(lines[-1].expr, truth)
    assert proved(lines[-1].expr.subs(y_1, 1 - y_2 - y_3), truth.subs(y_1, 1 - y_2 - y_3))


def test_both_cases_of_the_jacobian_are_put_in() -> None:
    """a_j(1 − a_j) on the diagonal, −a_k a_j beside it."""
    line = derive_pair(pair("softmax+cross_entropy"))[3]
    assert plain(line.line.rhs) == "−y_j/a_j·a_j·(1 − a_j) − Σ_(k ≠ j) y_k/a_k·(−a_j·a_k)"


@pytest.mark.parametrize(
    "wrong", [Terms(Y_J - A_J), Terms(A_J - 2 * Y_J), Terms(A_J * (1 - A_J)), Terms(A_J - Y_J, sp.S.One)]
)
def test_a_wrong_line_is_not_proved(wrong: Terms) -> None:
    """The check can fail."""
    found = pair("sigmoid+binary_cross_entropy")
    assert _follows(found, found.product, _Told(Num("0"), found.result, "cancelled"))
    assert not _follows(found, found.product, _Told(Num("0"), wrong, "a slip"))


def test_an_author_s_own_rules_come_together_too() -> None:
    """log_softmax with −ya: nothing is assumed of the targets, so the last line says "for targets with"."""
    found = Pair(ACTIVATIONS["log_softmax"], cost_of(parse("-y*a", Scope(names=frozenset("ay")))))
    *_, before, last = derive_pair(found)
    assert plain(before.line.rhs) == "e^(a_j)·Σ_k y_k − y_j"
    assert (plain(last.line.rhs), last.line.because) == ("e^(a_j) − y_j", "for targets with")
    assert found.comes_together and not found.is_assumed


def test_an_activation_that_is_its_own_slope_is_written_by_its_value() -> None:
    """exp with the Poisson cost: (1 − y/a) a = a − y."""
    found = Pair(activation_of(parse("exp(z)", Scope(names=frozenset("z")))), COSTS["poisson"])
    assert plain(derive_pair(found)[-1].line.rhs) == "a_j − y_j"


def test_letters_are_those_of_the_page() -> None:
    """One output has no index."""
    letters = Letters(cost=Ident("E"), activation="o", weighted_input="net", target="t", several=False)
    first, *_, last = derive_pair(pair("sigmoid+binary_cross_entropy"), letters)
    assert plain(first.line.lhs) == "∂E/∂net"
    assert plain(last.line.rhs) == "o − t"
