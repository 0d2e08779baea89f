"""One derivative told in several ways: in closed form, of higher order, as text and in a notebook."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.errors import AnswerError
from derive.files.load import bundled, load_problem
from derive.gradient import VIEWS, Derivation, derive_gradient
from derive.views.closed import TooLargeError, proof_of
from derive.views.lines import aligned, broken
from derive.writing.plain import plain
from tests.kinds import EXAMPLES, every, thinned

MAZUR = derive_gradient(load_problem("mazur"))
A, W, X = sp.symbols("a w x")
SIGMA = 1 / (1 + sp.exp(-W * X))


def network(*sizes: int, samples: int = 0, **body) -> Derivation:
    layers = [{"units": n, "activation": "sigmoid"} for n in sizes[1:]]
    data = {"data": {"x": [[1] * sizes[0]] * samples, "y": [[0] * sizes[-1]] * samples}} if samples else {}
    stated = {"inputs": sizes[0], "cost": "half_squared_error", "layers": layers, **body}
    return derive_gradient(load_problem({"network": stated, **data}))


NEURON = network(1, 1)
PAIR = network(2, 2, 2)


# -- views -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_lines_an_expression_and_a_formula(name):
    """Whoever reads one view can read the next."""
    view = MAZUR["dE/dw1"].view(name)
    assert all(line.proof != "none" for line in view.steps)
    assert isinstance(view.expression, sp.Expr)
    assert view.latex.startswith(r"\frac{\partial E}{\partial w_{1}} = ")


def test_an_unknown_view_is_refused_with_the_nearest():
    """For whoever typed it."""
    with pytest.raises(AnswerError, match=r"did you mean 'closed'.*chain, forward, closed"):
        MAZUR["dE/dw1"].view("close")


@pytest.mark.parametrize("name", thinned(bundled(), EXAMPLES))
def test_every_line_of_a_derivation_is_proved(name):
    """A factor's formula equals SymPy's own derivative of the step, whatever form it is printed in."""
    gradients = list(derive_gradient(load_problem(name)))
    for gradient in gradients[:1] + gradients[-1:]:
        assert [str(line) for line in gradient.steps if not line.proved] == []


def test_the_forward_view_holds_no_derivative():
    """What is left are weights, data, z and a."""
    names = {symbol.name for symbol in MAZUR["dE/dw1"].view("forward").expression.free_symbols}
    assert names == {
        *("a1[1]", "a2[1]", "a2[2]", "w2[1,1]", "w2[2,1]", "x[1]", "y[1]", "y[2]"),
    }


# -- the closed form -------------------------------------------------------------------------------


def test_a_neuron_s_closed_form_is_the_book_s():
    """(σ(wx + b) − y) σ(wx + b)(1 − σ(wx + b)) x, with σ written out for SymPy."""
    w, x, b, y = map(sp.Symbol, ("w1[1,1]", "x[1]", "b1[1]", "y[1]"))
    a = 1 / (1 + sp.exp(-w * x - b))
    closed = NEURON["dC/dw"].view("closed")
    assert closed.expression == (a - y) * a * (1 - a) * x
    assert plain(closed.tree) == "x·(1 − σ(w·x + b))·(σ(w·x + b) − y)·σ(w·x + b)"


@pytest.mark.parametrize(("cost", "last"), [("binary_cross_entropy", "a − y"), ("half_squared_error", None)])
def test_what_cancels_is_left_out_in_a_line_of_its_own(cost, last):
    """As books go on: (a − y)/(a(1 − a)) · a(1 − a) = a − y; where nothing does, nothing is said."""
    steps = network(1, 1, cost=cost)["dC/db"].steps
    found = [plain(line.rhs) for line in steps if line.because == "simplification"]
    assert found == ([last] if last else [])


def test_sigmoid_and_cross_entropy_leave_the_error_alone():
    """Nothing is divided by a(1 − a) and multiplied by it again."""
    derivation = network(1, 1, cost="binary_cross_entropy")
    assert (
        sp.simplify(derivation["dC/db"].view("forward").expression - sp.Symbol("a1[1]") + sp.Symbol("y[1]"))
        == 0
    )


def test_the_operations_of_a_neuron_are_counted_by_hand():
    """a = 1/(1 + e^−(wx + b)) has 6, a − y 7, a(1 − a) two and twice 6, and two signs join the three factors."""
    assert NEURON["dC/dw"].closed_form().operations == 7 + (2 + 2 * 6) + 0 + 2


@pytest.mark.parametrize("key", every(PAIR.problem.wrt, 6))
def test_the_operations_are_not_underestimated(key):
    """What is counted is what is built, before SymPy puts some of it together."""
    closed = PAIR.gradient("C", key).closed_form()
    assert closed.expression.count_ops() <= closed.operations <= 3 * closed.expression.count_ops()


def test_a_closed_form_beyond_the_limit_is_refused_with_both_numbers():
    """And with the view that has no limit."""
    gradient = network(3, 4, 4, 2)["dC/dw1[1,1]"]
    with pytest.raises(TooLargeError, match=r'operations; the limit is 1,000.*view\("chain"\)') as refused:
        gradient.closed_form()
    assert refused.value.operations > 1_000
    assert gradient.closed_form(limit=refused.value.operations).operations == refused.value.operations


def test_sixty_layers_are_counted_and_not_built():
    """Their closed form has more operations than there are atoms."""
    with pytest.raises(TooLargeError, match=r"about 10\^\d\d") as refused:
        network(*(3,) * 60)["dC/dw1[1,1]"].closed_form()
    assert refused.value.operations > 10**27


def test_all_samples_count_in_the_whole_expression():
    """The formula of one sample is small; a hundred of them, in symbols of their own, are not."""
    closed = network(1, 1, samples=100)["dC/dw"].closed_form(limit=100)
    assert r"\sum_{i}" in closed.latex
    with pytest.raises(TooLargeError, match="over all samples"):
        _ = closed.expression


PROOFS = [
    (SIGMA * (1 - SIGMA) * X, "identity"),
    (SIGMA * (1 - SIGMA), "none"),
    (sp.expand(sp.diff(SIGMA, W) * (1 + X + W) ** 9) / (1 + X + W) ** 9, "sampled"),
    (sp.expand(sp.diff(SIGMA, W) * (1 + X + W) ** 9) / (1 + X + W) ** 9 + sp.Rational(1, 10**20), "none"),
]


@pytest.mark.parametrize(("expr", "proof"), PROOFS)
def test_how_a_form_is_known_to_be_right(expr, proof):
    """Proved where it is short, tried in numbers where it is long; and what is wrong is neither."""
    assert proof_of(expr, sp.diff(SIGMA, W)) == proof


# -- higher orders ---------------------------------------------------------------------------------


def test_a_second_derivative_goes_on_where_the_first_one_ends():
    """Its lines begin with those of ∂E/∂w5, and say d²E at the end only."""
    first, second = MAZUR["dE/dw5"], MAZUR["d2E/dw5dw6"]
    assert second.steps[: len(first.steps)] == first.steps
    assert [plain(line.lhs) for line in second.steps].count("∂²E/∂w5∂w6") == 2
    assert plain(second.steps[-1].lhs) == "∂²E/∂w5∂w6"


def test_a_second_derivative_has_the_book_s_form():
    """a²-terms with a common factor before them: h² a(1 − a)[a(1 − a) + (1 − 2a)(a − t)]."""
    a, t, h = map(sp.Symbol, ("a2[1]", "y[1]", "a1[1]"))
    found = MAZUR["d2E/dw5dw5"].view("forward").expression
    assert found == h**2 * a * (1 - a) * (a * (1 - a) + (1 - 2 * a) * (a - t))


@pytest.mark.parametrize("name", ["d2E/dw5dw7", "d2E/dt1dt2", "d3E/dt1dt1dt1"])
def test_what_does_not_mix_has_no_second_derivative(name):
    """w5 and w7 lead to different outputs, and the cost is a square in the targets."""
    assert MAZUR[name].view("forward").expression == 0


def test_two_samples_do_not_mix():
    """Each input belongs to a sample of its own."""
    derivation = network(2, 2, samples=2)
    assert derivation["d2C/dx[1]@1dx[2]@2"].latex.endswith("= 0")
    assert derivation["d2C/dx[1]@1dx[2]@1"].routes


@pytest.mark.slow
def test_a_hessian_is_a_symmetric_matrix_of_derivations():
    """Each of a pair is derived by itself, so their agreement says something."""
    hessian = MAZUR.hessian("E", ["w5", "w6", "b2"])
    assert hessian.shape == hessian.expression.shape == (3, 3)
    assert sp.expand(hessian.expression - hessian.expression.T) == sp.zeros(3, 3)
    assert hessian[0, 1].by == "w2[1,2]"
    assert r"\partial^{2}E" in hessian.latex
    assert "∂²E/∂w5∂w6" in str(hessian)


@pytest.mark.parametrize(("of", "wrt"), [("E", ["w5", "foo"]), ("", ["w5"] * 25)])
def test_a_hessian_of_what_is_not_there_or_of_too_much_is_refused(of, wrt):
    """At once, and not after an hour."""
    with pytest.raises(AnswerError):
        MAZUR.hessian(of, wrt)


# -- the whole derivation --------------------------------------------------------------------------


def test_a_derivation_has_a_length_and_a_line_for_each_gradient():
    """As a list has; a long line is cut, and so is a long list."""
    rows = str(MAZUR).splitlines()
    assert len(MAZUR) == len(list(MAZUR)) == len(rows) - 1
    assert rows[6] == "∂E/∂w5 = (a_o1 − t1)·a_o1·(1 − a_o1)·a_h1"
    assert str(network(4, 8, 8, 3)).endswith("… and 119 more")


def test_a_derivation_of_nothing_is_not_nothing():
    """`if derivation` asks whether there is one."""
    assert derive_gradient(load_problem("perceptron-and"))


def test_all_derivatives_are_shared_expressions_in_sympy_s_own_form():
    """Products that are made without SymPy's search are those that the search would give."""
    found = PAIR.shared()
    assert found["dC/dw1[2,1]"] == sp.Symbol("dC/dz1[2]") * sp.Symbol("x[1]")
    assert {key for key in found if "w" in key or "b" in key} == {f"dC/d{key}" for key in PAIR.problem.wrt}
    assert all(expr.is_Symbol or expr.func(*expr.args) == expr for expr in found.values())


# -- text and notebooks ----------------------------------------------------------------------------


SHOWN = {
    "gradient": lambda: MAZUR["dE/dw1"],
    "second": lambda: MAZUR["d2E/dw1dw5"],
    "closed": lambda: MAZUR["dE/dw1"].view("closed"),
    "hessian": lambda: MAZUR.hessian(wrt=["w1", "w5"]),
    "derivation": lambda: MAZUR,
}


@pytest.mark.parametrize("name", thinned(SHOWN, {"gradient", "closed"}))
def test_a_notebook_gets_latex_and_text(name):
    """Of which it shows what it can."""
    shown = SHOWN[name]()
    bundle = shown._repr_mimebundle_()
    assert bundle == {"text/plain": str(shown), "text/latex": f"$\\displaystyle {shown.latex}$"}
    assert set(shown._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert set(shown._repr_mimebundle_(exclude={"text/plain"})) == {"text/latex"}


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("name", thinned(SHOWN, {"gradient", "closed"}))
def test_text_keeps_within_its_columns(name, width):
    """A terminal that breaks lines by itself breaks them anywhere."""
    assert max(map(len, SHOWN[name]().text(width).splitlines())) <= width


def test_a_broken_line_loses_nothing_and_begins_with_its_sign():
    """Outside of brackets, where there is such a place in the second half."""
    text = "a·(b + c) + d·(e − f·g) − h·(i + j)"
    assert list(broken(text, 20)) == ["a·(b + c)", "+ d·(e − f·g)", "− h·(i + j)"]
    assert list(broken("no sign in all this", 8)) == ["no sign", "in all t", "his"]


def test_a_left_side_that_repeats_is_left_out():
    """The chain rule and what it comes to stand below one another."""
    lines = MAZUR["dE/dw5"].steps
    rows = aligned((lines[0], lines[-1])).splitlines()
    assert [row[:9] for row in rows] == ["∂E/∂w5 = ", "       = "]
