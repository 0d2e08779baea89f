"""One derivative told in several ways: in closed form, of higher order, as text and in a notebook."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sympy as sp

from derive.errors import AnswerError
from derive.files.load import bundled, load_problem
from derive.gradient import VIEWS, Derivation, derive_gradient
from derive.views.closed import Closing, TooLargeError
from derive.views.lines import aligned, broken
from derive.views.reduction import of_sample
from derive.views.sampled import is_identity, proof_by_numbers
from derive.whole_functions import written_out
from derive.writing.plain import plain
from tests.kinds import EXAMPLES, every, every_row, thinned

MAZUR = derive_gradient(load_problem("mazur"))
A, W, X = sp.symbols("a w x")
SIGMA = 1 / (1 + sp.exp(-W * X))


def network(*sizes: int, samples: int = 0, **body) -> Derivation:
    layers = [{"units": n, "activation": "sigmoid"} for n in sizes[1:]]
    data = {"data": {"x": [[1] * sizes[0]] * samples, "y": [[0] * sizes[-1]] * samples}} if samples else {}
    stated = {"inputs": sizes[0], "cost": "half_squared_error", "layers": layers, **body}
    return derive_gradient(load_problem({"network": stated, **data}))


SOFTMAX = {
    "network": {
        "inputs": 2,
        "cost": "cross_entropy",
        "layers": [{"units": 2, "activation": "sigmoid"}, {"units": 2, "activation": "softmax"}],
    }
}
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


@pytest.mark.parametrize("view", ["matrix", "index"])
def test_whole_layers_are_told_by_places_and_not_by_own_names(view):
    """x_k is not i_k; the author's name stands at the end, beside the place that it has."""
    *told, last = MAZUR["dE/dw1"].view(view).steps
    own = re.compile(r"[ih]_\{|w_\{[1-8]\}|mathrm\{h")
    assert [line.latex for line in told if own.search(line.latex)] == []
    assert told[-1].latex.endswith(r"\partial w_{11}^{1}} = \delta_{1}^{1}x_{1}")
    assert last.latex == r"\frac{\partial E}{\partial w_{1}} = \frac{\partial E}{\partial w_{11}^{1}}"


def test_the_forward_view_holds_no_derivative():
    """What is left are weights, data, z and a."""
    names = {symbol.name for symbol in MAZUR["dE/dw1"].view("forward").expression.free_symbols}
    assert names == {
        *("a1[1]", "a2[1]", "a2[2]", "w2[1,1]", "w2[2,1]", "x[1]", "y[1]", "y[2]"),
    }


HEADLINES = [
    ({"samples": 2, "reduction": "mean", "l2": "0.5"}, "dC/dw2[1,1]"),
    ({"samples": 2}, "dC/dx[1]@2"),
    ({"l2": "0.5"}, "dC/dw2[1,1]"),
]


@pytest.mark.parametrize(("how", "name"), every_row(HEADLINES, 3))
def test_all_views_have_one_value(how, name):
    """The whole cost's, its samples and its L2 term added; what a view leaves in letters is put in."""
    gradient = network(2, 1, 1, **how)[name]
    given = [sp.Symbol("n"), sp.Symbol("lambda"), *gradient.view("closed").expression.free_symbols]
    numbers = {s: sp.Rational(place, 7) for place, s in enumerate(sorted(set(given), key=str), 1)}
    marks = gradient.derivation.problem.samples
    steps = Closing(gradient.derivation.program)

    def known(view):
        found = dict(numbers)
        for mark in marks:
            values = steps.values(gradient.derivation.program.by_key)
            found |= {
                sp.Symbol(key + mark): of_sample(value, mark).xreplace(numbers)
                for key, value in values.items()
            }
            for key in ("a1[1]", "z1[1]", "z2[1]"):
                one = gradient.derivation[f"dC{mark or ('@1' if how.get('l2') else '')}/d{key}{mark}"]
                value = one.view("closed").expression.xreplace(numbers)
                found[sp.Symbol(f"dC{mark or '@1'}/d{key}{mark}")] = value
                whole = value / numbers[sp.Symbol("n")] if how.get("reduction") else value
                found[sp.Symbol(f"dC/d{key}{mark}")] = whole
        return view.expression.xreplace(found).evalf(30)

    values = [known(gradient.view(view)) for view in VIEWS]
    assert max(abs(value - values[0]) for value in values) < sp.Float("1e-25")


def test_one_sample_s_derivative_is_told_in_that_sample_s_letters():
    """Sample 2 is no other sample; what is told in whole layers is the whole cost's."""
    gradient = network(2, 1, samples=2)["dC@2/dw[1,1]"]
    assert plain(gradient.lhs) == "∂C^(2)/∂w1"
    for view in ("chain", "forward", "closed"):
        names = {symbol.name for symbol in gradient.view(view).expression.free_symbols}
        assert {name[-2:] for name in names if name[0] in "xya"} == {"@2"}
        assert "x₁^(2)" in str(gradient.view(view))
    for view in ("index", "matrix"):
        with pytest.raises(AnswerError, match="the whole cost"):
            gradient.view(view)


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


def test_a_forward_form_beyond_the_limit_names_its_own_method():
    """closed_form(limit=…) would give another view."""
    with pytest.raises(TooLargeError, match=r"forward_form\(limit=…\)"):
        PAIR["dC/dw1[1,1]"].forward_form(limit=5)


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


def rules(*names: str) -> Derivation:
    layers = [{"units": 2, "activation": name} for name in names]
    return derive_gradient(
        load_problem({"network": {"inputs": 2, "cost": "squared_error", "layers": layers}})
    )


@pytest.mark.slow
def test_nothing_times_a_long_formula_is_nothing():
    """The one output of a softmax is always 1. What it is multiplied by SymPy need not look into."""
    widths = ((4, "gelu"), (4, "gelu_tanh"), (3, "gelu_tanh"), (1, "softmax"))
    layers = [{"units": units, "activation": name} for units, name in widths]
    network = {"inputs": 3, "cost": "half_squared_error", "layers": layers}
    derivation = derive_gradient(load_problem({"network": network}))
    assert derivation["dC/dw1[1,1]"].closed_form(10**9).expression == 0


def test_a_function_without_a_formula_is_not_looked_up_in_mpmath():
    """mpmath has a phi of its own, and SymPy goes by the name."""
    for view in ("closed", "forward"):
        assert "φ′(" in str(rules("tanh", "general")["dC/dw1[2,1]"].view(view))


@pytest.mark.parametrize("names", [("silu", "gelu"), ("softsign", "tanh")], ids="-".join)
@pytest.mark.slow
def test_sympy_evaluates_a_closed_form_by_its_own_ways(names):
    """evalf and lambdify know nothing of the functions that are kept whole on a page."""
    expr = rules(*names)["dC/dw1[2,1]"].view("closed").expression
    symbols = sorted(expr.free_symbols, key=str)
    third = sp.Rational(1, 3)
    value = expr.subs(dict.fromkeys(symbols, third)).evalf(15)
    expected = written_out(expr).subs(dict.fromkeys(symbols, third)).evalf(15)
    assert value.is_number and abs(value - expected) < sp.Float("1e-14")
    for modules in ("mpmath", "math"):
        assert abs(sp.lambdify(symbols, expr, modules)(*[1 / 3] * len(symbols)) - value) < 1e-12


def classifier(targets=None):
    layers = [{"units": 2, "activation": "tanh"}, {"units": 3, "activation": "softmax"}]
    data = {} if targets is None else {"data": {"x": [[1, 2]], "y": [targets]}}
    return {"network": {"inputs": 2, "cost": "cross_entropy", "layers": layers}} | data


@pytest.mark.parametrize(
    ("targets", "shown", "said"),
    [
        (None, "a₃² − y3", "; the targets of a sample sum to 1"),
        ([0, 1, 0], "a₃² − y3", "; the targets of a sample sum to 1"),
        ([1, 1, 0], None, ""),
    ],
)
def test_targets_that_sum_to_1_leave_the_error_of_a_softmax(targets, shown, said):
    """Σ y is what the cost states; where a file's targets have another sum it is not used. Each is compared."""
    view = derive_gradient(load_problem(classifier(targets)))["dC/db2[3]"].view("forward")
    assert (plain(view.tree) == shown) is (shown is not None)
    assert view.steps[0].because.startswith("every derivative put in" + said)
    assert view.proof == "sampled"


def test_a_wrong_error_of_a_softmax_is_not_taken_for_proved():
    """The points that are tried have targets that sum to 1, and tell a − y from a − 2y there."""
    view = derive_gradient(load_problem(classifier()))["dC/db2[3]"].view("forward")
    known = view.closing.settled
    wrong = {key: error - sp.Symbol("y[1]") for key, error in known.errors.items()}
    view = replace(view, closing=replace(view.closing, settled=replace(known, errors=wrong)))
    assert view.proof == "none"


def test_a_closed_form_names_the_sigmoid_only_where_the_graph_has_one():
    """1/(1 + e^u) of a graph of exponentials stays what it is: no reader has met a σ there."""
    graph = {"steps": ["q = exp(x)", "f = 1/(1 + q)"], "output": "f"}
    closed = derive_gradient(load_problem({"graph": graph}))["df/dx"].view("closed")
    assert "σ" not in plain(closed.tree)
    named = {"steps": ["h = sigmoid(x)", "f = h^2"], "output": "f"}
    assert "σ(x)" in plain(derive_gradient(load_problem({"graph": named}))["df/dx"].view("closed").tree)


def test_the_number_that_a_factor_s_terms_share_stands_before_the_product():
    """2x(a − y), which SymPy multiplies out when a factor cancels."""
    layer = {"units": 1, "activation": "z/(1 + abs(z))"}
    problem = load_problem({"network": {"inputs": 1, "cost": "(y - a)^2", "layers": [layer]}})
    lines = derive_gradient(problem)["dC/dw"].steps
    assert plain(lines[-1].rhs) == "2·x·(a − y)/(1 + |z|)²"


@pytest.mark.parametrize("error", [0, sp.Rational(1, 10**20)], ids=["right", "wrong"])
def test_a_long_form_is_compared_by_numbers_before_sympy_differentiates(error):
    """In letters a hyperbolic tangent of a GELU takes a minute of polynomials; a small error is found."""
    gradient = rules("gelu", "silu", "tanh")["dC/dw1[1,1]"]
    program = gradient.swept.routes.program
    expr = gradient.view("forward").expression + error
    assert proof_by_numbers(expr, program, "C", ["w1[1,1]"]) == ("none" if error else "sampled")


@pytest.mark.parametrize("error", [0, sp.Rational(1, 10**20)], ids=["right", "wrong"])
def test_a_form_in_thousands_of_pieces_is_compared_by_numbers(error):
    """Its cost, in one formula, is too long for SymPy to differentiate; step by step it is as long as the network."""
    gradient = rules("relu", "relu", "relu")["dC/dw1[1,1]"]
    program = gradient.swept.routes.program
    assert Closing(program).size("C") > 4_000
    assert proof_by_numbers(gradient.view("forward").expression + error, program, "C", ["w1[1,1]"]) == (
        "none" if error else "sampled"
    )


def test_a_form_that_is_only_sampled_says_so():
    """Thirty digits at random points are no proof, and a reader is told which it was."""
    short, long = (
        view.steps[0] for view in (NEURON["dC/dw"].view("forward"), MAZUR["dE/dw1"].view("closed"))
    )
    assert (short.proof, short.because) == ("identity", "every derivative put in")
    assert (long.proof, long.because) == ("sampled", "every step put in; to 30 digits at random points")


LONG = (1 + X + W) ** 9

SAME = [
    (SIGMA * (1 - SIGMA) * X, True),
    (SIGMA * (1 - SIGMA), False),
    (sp.expand(sp.diff(SIGMA, W) * LONG) / LONG, False),
]


@pytest.mark.parametrize(("expr", "same"), SAME, ids=["short", "wrong", "long"])
def test_only_a_short_form_is_proved(expr, same):
    """What is wrong is not proved, nor is what would keep SymPy busy: that is compared in numbers instead."""
    assert is_identity(expr, sp.diff(SIGMA, W)) is same


# -- higher orders ---------------------------------------------------------------------------------


def test_each_line_of_a_second_derivative_says_what_is_new():
    """What the first sweep found, a line each; then the slopes of slopes, and the stages with all put in."""
    told = [f"{plain(line.lhs)} = {plain(line.rhs)}" for line in MAZUR["d2E/dw5dw6"].steps]
    assert told == [
        "∂E/∂a_o1 = a_o1 − t1",
        "∂E/∂z_o1 = ∂E/∂a_o1·a_o1·(1 − a_o1)",
        "∂E/∂w5 = ∂E/∂z_o1·a_h1",
        "∂(∂E/∂z_o1)/∂a_o1 = ∂E/∂a_o1·(1 − 2·a_o1)",
        "∂(∂E/∂w5)/∂a_o1 = a_h1·a_o1·(1 − a_o1) + a_h1·∂E/∂a_o1·(1 − 2·a_o1)",
        "∂²E/∂w5∂w6 = ∂(∂E/∂w5)/∂a_o1·a_o1·(1 − a_o1)·a_h2",
    ]
    hidden = {plain(line.lhs): plain(line.rhs) for line in MAZUR["d2E/dw1dw5"].steps}
    assert hidden["∂E/∂a_h1"] == "∂E/∂z_o1·w5 + ∂E/∂z_o2·w7"


@pytest.mark.parametrize("name", ["d2E/dw1dw1", "d2E/dw1db1", "d3E/dw5dw6dw5"])
def test_every_derivative_in_a_line_has_a_line_of_its_own_above(name):
    """A reader who goes from the top meets no letter that was not said, and none twice."""
    known, lines = [], MAZUR[name].steps
    assert all(line.proved for line in lines)
    for line in lines:
        whole = {*re.findall(r"∂[²³]?E/(?:∂\w+[²³]?)+", plain(line.rhs).replace("(∂E", "(E"))}
        assert whole <= {*known}, line
        known.append(plain(line.lhs))
    again = [line.because for place, line in enumerate(lines) if plain(line.lhs) in known[:place]]
    assert set(again) <= {"simplification"}


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


DIRECT = {
    "d2C/dz2[1]dz2[1]": ("∂²C/∂(z₁²)²", "d(∂C/∂z₁²)/da₁²"),
    "d2C/dx[1]dw1[1,1]": ("d²C/dx1dw₁₁¹",),
}


@pytest.mark.parametrize(("name", "totals"), DIRECT.items())
def test_a_derivative_is_not_written_as_the_slope_that_is_a_part_of_it(name, totals):
    """Where a step reads a quantity itself and through others, ∂ is the slope and d the derivative."""
    gradient = derive_gradient(load_problem(SOFTMAX))[name]
    chains = [line for line in gradient.steps if line.because == "sum over routes"]
    assert set(totals) <= {plain(line.lhs) for line in chains}
    assert not any(plain(line.lhs) in plain(line.rhs).split(" + ") for line in chains)


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
