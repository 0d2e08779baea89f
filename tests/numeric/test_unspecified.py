"""Graphs with unspecified functions: what is derived holds for tanh, softplus and a cubic."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.errors import AnswerError
from derive.expressions import expression
from derive.files.load import load_problem
from derive.gradient import derive_gradient
from derive.unspecified import FORMS, StandIn
from derive.whole_functions import P, UnspecifiedFunction, unspecified
from numeric.evidence import verify
from numeric.floats import stand_ins
from numeric.floats.rounding import Rounded
from numeric.judging.checking import check
from numeric.sampling import POINTS, concrete
from reports.points import point_words

STAND_INS = [
    StandIn("tanh"),
    StandIn("softplus"),
    StandIn("cubic", tuple(map(Fraction, ("0.3", "0.7", "0.5")))),
]
NEURON = {
    "graph": {
        "steps": [
            "z = w*x + b",
            "a = phi(z)",
            "C = (y - a)^2/2",
            "delta = (a - y)*dphi(z)",
            "k = phi''(z)*psi(x)",
        ],
        "output": ["C", "delta", "k"],
        "functions": ["phi", "psi"],
    }
}
VALUES = {"w": "0.3", "x": 2, "b": "-0.1", "y": 1}


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("stand_in", STAND_INS, ids=lambda row: row.name)
def test_a_hand_written_derivative_is_mpmaths(stand_in, order):
    """Neither SymPy nor we: mpmath's numerical differentiation at 40 digits."""
    formula = sp.lambdify(P, stand_in.expr, "mpmath")
    points = [-3.5, -0.25, 0.0, 0.75, 2.5]
    found = stand_ins.derivative(stand_in, order, Rounded.exact(points))
    with mpmath.workdps(40):
        true = [float(mpmath.diff(formula, point, order)) for point in points]
    assert np.all(np.abs(found.value - true) <= found.error + 1e-15 * (1 + np.abs(true)))


def test_every_stand_in_has_a_function_and_three_derivatives():
    """A text calls phi'', whose slope is phi'''."""
    assert {name: len(orders) for name, orders in stand_ins.ORDERS.items()} == dict.fromkeys(FORMS, 4)
    assert {row.name for row in STAND_INS} == FORMS.keys()


@pytest.mark.parametrize("tables", [{}, {"values": VALUES}], ids=["free", "with values"])
def test_the_witnesses_agree_on_a_graph_with_unspecified_functions(tables):
    """φ, φ′ and φ″ in one graph, with numbers and without."""
    evidence = verify(load_problem({**NEURON, **tables}))
    assert evidence.agree
    assert len(evidence.points) == POINTS


def test_a_problem_with_values_stays_free():
    """Nobody can compute with a function that is not known."""
    problem = load_problem({**NEURON, "values": VALUES})
    assert problem.is_free
    assert not problem.has_free_numbers
    assert not any(point.is_free for point in concrete(problem))


def test_each_function_stands_for_all_three_in_turn():
    """And two functions are never the same one."""
    found = [point.body.functions for point in concrete(load_problem(NEURON))]
    assert {functions["phi"].name for functions in found} == FORMS.keys()
    assert all(functions["phi"].name != functions["psi"].name for functions in found)


def test_a_derivative_prints_primes():
    """φ′(z) and φ″(z), never a Subs of a Derivative; [notation] has no say over a graph's own names."""
    derivation = derive_gradient(load_problem(NEURON))
    assert derivation["dC/dw"].latex.endswith(r"(a - y) \cdot \varphi'(z) \cdot x")
    assert r"\varphi'''(z)" in derivation["dk/db"].latex


@pytest.mark.parametrize("stand_in", STAND_INS, ids=lambda row: row.name)
def test_what_is_derived_for_any_function_is_right_for_each(stand_in):
    """Put into the general derivative, tanh gives what SymPy finds for tanh itself."""
    x, special = sp.Symbol("x"), stand_in.expr
    general = sp.diff(unspecified("phi")(x**2) * sp.exp(x), x)
    put_in = general.replace(
        lambda part: hasattr(part, "letter"),
        lambda part: sp.diff(special, P, part.order).subs(P, part.args[0]),
    )
    assert sp.simplify(put_in - sp.diff(special.subs(P, x**2) * sp.exp(x), x)) == 0


def test_a_wrong_slope_of_a_stand_in_is_found(monkeypatch):
    """The hand-written slopes are a witness of their own."""
    wrong = dict(stand_ins.ORDERS)
    value, slope, *rest = wrong["tanh"]
    wrong["tanh"] = (value, lambda z: 2 * slope(z), *rest)
    monkeypatch.setattr(stand_ins, "ORDERS", wrong)
    evidence = verify(load_problem({"graph": {"steps": ["J = phi(x)"], "output": "J", "functions": ["phi"]}}))
    assert evidence.verdict == "disagree"


def test_random_points_satisfy_what_is_assumed():
    """p + q = 1 at each, and every derivative is taken as if they were independent."""
    graph = {"steps": ["H = -p*log(p) - q*log(q)"], "output": "H", "assume": ["p + q = 1"]}
    problem = load_problem({"graph": graph})
    assert all(point.given["p"] + point.given["q"] == 1 for point in concrete(problem))
    assert verify(problem).agree


def test_a_missing_function_is_why_a_figure_is_unknown():
    """Its numbers are all there."""
    published = [{"quantity": "a", "value": "1"}]
    (judgement,) = verify(load_problem({**NEURON, "values": VALUES, "published": published})).published
    assert judgement.note == "not specified: phi, psi"


def test_a_published_formula_may_call_an_unspecified_function():
    """Its value is unknown, and that is all that is wrong with it."""
    published = [{"quantity": "phi'(z)*x", "value": "1"}]
    (judgement,) = verify(load_problem({**NEURON, "values": VALUES, "published": published})).published
    assert judgement.verdict == "unknown"


def test_a_point_tells_its_numbers_and_functions():
    """So that a verdict can be repeated by hand."""
    problem = load_problem({**NEURON, "values": VALUES})
    words = [point_words(problem, point) for point in concrete(problem)]
    assert words[0].startswith("phi(z) = tanh(z), psi(z) = ln(1 + e^z)")
    free = load_problem(NEURON)
    assert ", w = " in point_words(free, concrete(free)[0])


def test_a_node_is_the_class_of_its_order():
    """The text's phi'' is SymPy's second derivative of phi."""
    problem = load_problem(NEURON)
    step = problem.body.steps[3].node
    made = expression(step, {name: sp.Symbol(name) for name in ("a", "y", "z")})
    assert made.has(unspecified("phi", 1))


def test_a_wrong_order_of_derivative_is_found(monkeypatch):
    """SymPy's side of the verdict is the general derivation itself: φ for φ′ would be seen."""
    monkeypatch.setattr(UnspecifiedFunction, "fdiff", lambda self, argindex=1: self)
    graph = {"steps": ["u = 2*x + 1", "J = phi(u)^3"], "output": "J", "functions": ["phi"]}
    assert verify(load_problem({"graph": graph})).verdict == "disagree"


def test_numbers_cannot_be_checked_where_a_function_is_unspecified():
    """They would be compared with those of tanh, which nobody gave."""
    problem = load_problem({**NEURON, "values": VALUES})
    with pytest.raises(AnswerError, match="not specified: phi, psi"):
        check({"dC/dw": 0.1}, problem)
