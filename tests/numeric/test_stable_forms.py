"""Formulas as they are typed are recognised, and stay the same functions."""

import numpy as np
import pytest

from derive.formula import parse
from derive.formula.nodes import ARRAY_FUNCTIONS, FUNCTIONS
from derive.formula.tokens import Scope
from numeric.floats.nodes import Meaning, evaluate, pull
from numeric.floats.rounding import Rounded
from numeric.floats.rules import COSTS
from numeric.floats.stable_forms import COSTS as COST_FORMULAS
from numeric.floats.stable_forms import IDENTITIES, named_cost, stable

SCOPE = Scope(frozenset({"u", "v", "z", "w", "a", "y"}), FUNCTIONS | ARRAY_FUNCTIONS)


def read(text):
    return parse(text, SCOPE)


def meet(one, other):
    return bool((np.abs(one.value - other.value) <= one.error + other.error).all())


@pytest.mark.parametrize(("written", "form"), IDENTITIES, ids=[written for written, _ in IDENTITIES])
def test_every_row_is_an_identity(written, form):
    """The formula as it is written and its stable form overlap, in value and slopes, and are known well."""
    points = np.random.default_rng(3).uniform(-2, 2, (2, 5))
    values, ranks = {"u": Rounded.exact(points[0]), "v": Rounded.exact(points[1])}, Meaning({"u": 1, "v": 1})
    plain = evaluate(read(written), values, ranks, textbook=True)
    rewritten = evaluate(read(form), values, ranks, textbook=True)
    assert meet(plain, rewritten)
    assert (plain.error < 1e-13).all()
    g = Rounded.exact(np.arange(1.0, 6.0))
    ours, theirs = (pull(read(text), values, g, ranks, textbook=True) for text in (written, form))
    assert ours.keys() == theirs.keys()
    assert all(meet(ours[name], theirs[name]) for name in ours)


TYPED = {
    "1/(1+exp(-z))": "sigmoid(-(-z))",
    "1/(exp(-z)+1)": "sigmoid(-(-z))",
    "1/(1+e^(-2*z))": "sigmoid(-(-2*z))",
    "1 - 1/(1+exp(z))": "sigmoid(-(-z))",
    "w*log(1 + exp(z - w))": "w*softplus(z - w)",
    "log(1 - sigmoid(z))": "-softplus(-(-z))",
    "log(softmax(z))": "log_softmax(z)",
}


@pytest.mark.parametrize("text", TYPED)
def test_what_is_typed_is_recognised(text):
    """In any order of a sum, inside anything, and about any formula."""
    assert stable(read(text)) == read(TYPED[text])


@pytest.mark.parametrize(
    "text",
    ["1/(2+exp(-z))", "log(1+exp(z)+w)", "1-softmax(z)", "(exp(z)-exp(-w))/(exp(z)+exp(-z))", "log(1+z)"],
)
def test_what_only_looks_alike_stays_as_it_is(text):
    """A letter stands for one formula throughout, a number for itself."""
    assert stable(read(text)) == read(text)


def test_the_logarithm_of_a_softmax_keeps_its_axis():
    """Columns stay columns."""
    scope = Scope(frozenset({"Z"}), FUNCTIONS | ARRAY_FUNCTIONS, arrays=True)
    assert stable(parse("log(softmax(Z, axis=0))", scope)) == parse("log_softmax(Z, axis=0)", scope)


@pytest.mark.parametrize(("written", "name"), COST_FORMULAS, ids=[written for written, _ in COST_FORMULAS])
def test_a_cost_that_is_spelled_out_is_the_row_that_it_is_called(written, name):
    """Part by part."""
    node = read(written)
    assert named_cost(node) == name
    a, y = Rounded.exact([0.3, 0.6, 0.1]), Rounded.exact([0.25, 1.0, 0.0])
    assert meet(evaluate(node, {"a": a, "y": y}, textbook=True), COSTS[name].parts(a, y))


@pytest.mark.parametrize("text", ["(y-a)^3/2", "(y-z)^2", "-a*log(y)", "-y*log(a)-(1-a)*log(1-y)"])
def test_another_cost_is_not_called_by_a_row_s_name(text):
    """With a and y exchanged it is another cost."""
    assert named_cost(read(text)) is None
