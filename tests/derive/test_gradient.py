"""Derivations as a page shows them: routes, factors, stages, and what they come to."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from derive.errors import AnswerError
from derive.files.load import bundled, load_problem
from derive.gradient import Derivation, derive_gradient
from derive.problem import Problem
from derive.steps import Program, given_values
from derive.sweep import adjoint, sweep
from derive.writing.plain import plain
from derive.writing.tree import equals
from tests.kinds import EXAMPLES, thinned

DIGITS = 40
CLOSE = sp.Float("1e-30")
MAZUR = derive_gradient(load_problem("mazur"))


def network(
    *sizes: int, rules: tuple[str, ...] = (), samples: int = 1, seed: int = 1, **body: Any
) -> Problem:
    draw = random.Random(seed)
    chosen = itertools.chain(rules, itertools.repeat("sigmoid"))

    def numbers(count: int) -> list[Fraction]:
        return [Fraction(draw.randint(-95, 95) * 2 + 1, 100) for _ in range(count)]

    layers = [
        {
            "units": n,
            "activation": next(chosen),
            "weights": [numbers(m) for _ in range(n)],
            "biases": numbers(n),
        }
        for m, n in itertools.pairwise(sizes)
    ]
    if "output" not in body:
        body.setdefault("cost", "half_squared_error")
    data = {
        "x": [numbers(sizes[0]) for _ in range(samples)],
        "y": [["0.25"] * sizes[-1] for _ in range(samples)],
    }
    values = {"values": body.pop("values")} if "values" in body else {}
    return load_problem({"network": {"inputs": sizes[0], "layers": layers, **body}, "data": data, **values})


def graph(*steps: str, output: Any = "J", **tables: Any) -> Problem:
    return load_problem(
        {"graph": {"steps": list(steps), "output": output, **tables}, "values": {"x": "0.7", "y": "1.3"}}
    )


SHARED = network(
    2,
    2,
    1,
    layers=[
        {"units": 2, "activation": "tanh", "weights": [["u", "v"], ["v", "0.3"]], "biases": ["b", "b"]},
        {"units": 1, "activation": "sigmoid", "weights": [["u", "0.4"]], "biases": ["b"]},
    ],
    values={"u": "0.35", "v": "-0.8", "b": "0.15"},
)


def evaluate(program: Program, given: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    values = dict(given)
    for step in program.steps:
        terms = (
            term.formula.expr.xreplace(
                dict(zip(term.formula.formals, map(values.__getitem__, term.args), strict=True))
            )
            for term in step.terms
        )
        values[step.key] = sp.Add(*terms).evalf(DIGITS)
    return values


def numbers_of(derivation: Derivation) -> dict[str, sp.Expr]:
    given = {
        k: sp.Rational(v.numerator, v.denominator)
        for k, v in given_values(derivation.problem).items()
        if v is not None
    }
    return evaluate(derivation.program, given)


def put_in(derivation: Derivation, of: str, by: str, values: Mapping[str, sp.Expr]) -> sp.Expr:
    """The printed expression with its heads replaced by their own expressions, and numbers for letters."""
    gradient = derivation.gradient(of, by)
    known = {sp.Symbol(key): value for key, value in values.items()}
    for stage in gradient.stages:
        expr = derivation.gradient(of, stage.by).expression if stage.by != by else gradient.expression
        known[sp.Symbol(f"d{of}/d{stage.by}")] = expr.xreplace(known).evalf(DIGITS)
    return known[sp.Symbol(f"d{of}/d{by}")]


PROBLEMS = {
    "depth 1": network(2, 2),
    "depth 2": network(2, 3, 2, seed=2),
    "depth 3": network(2, 2, 3, 2, rules=("tanh", "sigmoid", "tanh"), seed=3),
    "depth 4": network(1, 2, 2, 2, 1, rules=("tanh",) * 4, seed=4),
    "softmax": network(2, 2, 3, rules=("tanh", "softmax"), cost="cross_entropy", seed=5),
    "hidden softmax": network(2, 3, 2, rules=("softmax",), seed=6),
    "relu": network(2, 3, 1, rules=("relu", "identity"), seed=7),
    "output": network(2, 2, 1, output="a2[1]*a1[1] + w1[1,2]", seed=8),
    "shared": SHARED,
    "fork": graph("a = x^2*y", "b = sin(a)", "c = 3*a", "d = b*c", "J = cos(d) + a"),
    "upstream": graph("p = x^2*y", "q = p*y + x", output=["p", "q"], upstream={"p": 3, "q": "-0.5"}),
    "several outputs": graph("p = x^2*y", "q = p*y + x", output=["p", "q"]),
    "itself named adjoint": graph("adjoint = 3*x", "q = adjoint^2*y", "J = sin(q)"),
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_the_printed_expression_is_the_derivative(problem):
    """Usual slopes along routes and stages come to what SymPy's own slopes come to by the sweep."""
    derivation = derive_gradient(problem)
    values = numbers_of(derivation)
    for of in problem.objectives:
        swept = evaluate(Program(sweep(derivation.program, of, problem.wrt)), values)
        for by in problem.wrt:
            expected = swept[adjoint(of, by)]
            assert abs(put_in(derivation, of, by, values) - expected) < CLOSE, by


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_a_stage_comes_after_all_that_it_rests_on(problem):
    """A reader goes from the cost down and meets nothing that was not derived, and nothing twice."""
    derivation = derive_gradient(problem)
    for gradient in derivation:
        derived: list[str] = []
        for stage in gradient.stages:
            assert {route.head for route in stage.routes if route.head} <= set(derived)
            derived.append(stage.by)
        assert len(set(derived)) == len(derived)
        assert derived[-1] == gradient.by


def test_a_derivation_has_a_gradient_for_each_parameter():
    """In the order of the file."""
    assert [gradient.by for gradient in MAZUR] == list(MAZUR.problem.wrt)


def test_mazur_s_output_weight_has_one_route_of_three_factors():
    """∂E/∂w5 = ∂E/∂o1 · ∂o1/∂z · ∂z/∂w5, as the article derives it."""
    gradient = MAZUR["dE/dw5"]
    assert [(f.of, f.by, f.role) for f in gradient.factors] == [
        ("C", "a2[1]", "cost"),
        ("a2[1]", "z2[1]", "activation"),
        ("z2[1]", "w2[1,1]", "input"),
    ]
    assert [route.head for route in gradient.routes] == [None]


def test_mazur_s_output_weight_has_the_article_s_expression():
    """(o1 − t1) · o1(1 − o1) · h1."""
    a, t, h = map(sp.Symbol, ("a2[1]", "y[1]", "a1[1]"))
    assert MAZUR["dE/dw5"].expression == (a - t) * a * (1 - a) * h


def test_mazur_s_hidden_weight_rests_on_the_derivative_by_its_unit():
    """∂E/∂h1 has two routes, so it is a stage of its own."""
    stages = MAZUR["dE/dw1"].stages
    assert [(stage.by, len(stage.routes)) for stage in stages] == [("a1[1]", 2), ("w1[1,1]", 1)]
    assert stages[-1].routes[0].head == "a1[1]"


def test_a_path_is_a_route_all_the_way():
    """w1 reaches the error through both outputs; the products of the slopes along both add up to ∂E/∂w1."""
    paths = [[(slope.of, slope.by) for slope in path] for path in MAZUR["dE/dw1"].paths]
    below = [("z2[1]", "a1[1]"), ("a1[1]", "z1[1]"), ("z1[1]", "w1[1,1]")]
    assert paths == [
        [("C", "a2[1]"), ("a2[1]", "z2[1]"), *below],
        [("C", "a2[2]"), ("a2[2]", "z2[2]"), ("z2[2]", "a1[1]"), *below[1:]],
    ]


@pytest.mark.parametrize("by", ["x", "y"])
def test_the_paths_of_a_graph_add_up_to_its_derivative(by):
    """Also where one way is direct and another parts again."""
    derivation = derive_gradient(graph("p = x*y", "q = p^2", "r = p*q", "J = r + p*q + x"))
    gradient = derivation[f"dJ/d{by}"]
    total = sum(sp.Mul(*(slope.expression for slope in path)) for path in gradient.paths)
    forward = gradient.forward_form().expression
    assert sp.expand(total - forward) == 0


def test_mazur_s_derivation_is_printed_as_one_formula():
    """The chain rule, then what it comes to."""
    assert MAZUR["dE/dw5"].latex == (
        r"\frac{\partial E}{\partial w_{5}} = \frac{\partial E}{\partial a_{\mathrm{o}1}} \cdot"
        r" \frac{\partial a_{\mathrm{o}1}}{\partial z_{\mathrm{o}1}} \cdot \frac{\partial z_{\mathrm{o}1}}{\partial w_{5}}"
        r" = (a_{\mathrm{o}1} - t_{1}) \cdot a_{\mathrm{o}1}(1 - a_{\mathrm{o}1}) \cdot a_{\mathrm{h}1}"
    )


def test_each_line_says_why_it_holds():
    """The rule's name stands beside it."""
    assert [line.because for line in MAZUR["dE/dw5"].steps] == [
        "chain rule",
        "derivative of the cost",
        "derivative of the activation",
        "the weighted input is linear in the weight",
        "substitution",
    ]


def test_a_shared_parameter_has_a_route_for_each_use():
    """b1 reaches the error through both hidden units."""
    assert len(MAZUR["dE/db1"].routes) == 2
    assert len(MAZUR["dE/db1[1]"].routes) == 1


@pytest.mark.parametrize("name", ["u", "v", "b"])
def test_the_shares_of_the_uses_add_up_in_a_derivation_too(name):
    """dC/dw1[1,1] is one use's share of dC/du."""
    derivation = derive_gradient(SHARED)
    values = numbers_of(derivation)
    places = SHARED.parameter[f"shared {name}"].places
    whole = put_in(derivation, "C", f"shared {name}", values)
    by_use = derivation.gradient("C", places[0]).derivation
    shares = [put_in(by_use, "C", place, numbers_of(by_use)) for place in places]
    assert abs(sum(shares) - whole) < CLOSE
    assert len(set(shares)) == len(places)


@pytest.mark.parametrize(
    "name", ["dE/dq", "foo", "dE/dw9", "h1", "d2E/dw1dw9", "E + 1", "dE/dw5'", "dE/da2[7]"]
)
def test_what_is_no_derivative_is_refused(name):
    """For whoever typed it, not with a KeyError."""
    with pytest.raises(AnswerError):
        MAZUR[name]


BLAMED = [
    ("da2[1]/dW1", "'W1' names a whole array; one entry is w1.1,1."),
    ("dC/dfoo", "'foo' is not"),
    (3, "3 is no name"),
]


@pytest.mark.parametrize(("name", "message"), BLAMED)
def test_what_is_refused_is_named(name, message):
    """The quantity and not its d."""
    with pytest.raises(AnswerError, match=message):
        derive_gradient(network(2, 2, 2))[name]


def test_a_line_that_says_nothing_is_left_out():
    """∂C/∂y = ∂C/∂y is no chain rule."""
    assert [line.because for line in derive_gradient(network(1, 1))["dC/dy"].steps] == [
        "derivative of the cost"
    ]
    lines = derive_gradient(network(1, 1, 1))["dC/dw1"].view("index").steps
    assert [line.because for line in lines[-2:]] == [
        "the slope in its usual form",
        "the weighted input is linear in W¹",
    ]


@pytest.mark.parametrize(("by", "word"), [("b1[1]", "bias"), ("x[1]", "input"), ("w1[1,1]", "weight")])
def test_the_reason_names_what_the_weighted_input_is_linear_in(by, word):
    """∂z/∂b = 1 has nothing to do with a weight."""
    reasons = [line.because for line in derive_gradient(network(2, 2, 1))[f"dC/d{by}"].steps]
    assert f"the weighted input is linear in the {word}" in reasons


@pytest.mark.parametrize("name", ["dh1/dw5", "dh1/dh2", "dw1/dw2", "di1/dw1", "dz_o1/dE", "dC[1]/dw7"])
def test_the_derivative_by_what_is_not_read_is_zero(name):
    """Independent is an answer."""
    gradient = MAZUR[name]
    assert (gradient.expression, gradient.routes) == (0, ())
    assert [line.because for line in gradient.steps] == ["independent"]
    assert gradient.latex.endswith("= 0")


@pytest.mark.parametrize("name", ["dE/dE", "dh1/dh1", "dw5/dw5"])
def test_the_derivative_by_itself_is_one(name):
    """With no route to show."""
    gradient = MAZUR[name]
    assert gradient.expression == 1
    assert gradient.latex.endswith("= 1")


def test_one_softmax_output_depends_on_no_other():
    """∂a1/∂a2 is no route from a1 to z1."""
    derivation = derive_gradient(PROBLEMS["softmax"])
    assert [(f.of, f.by) for f in derivation["da2[1]/dz2[2]"].factors] == [("a2[1]", "z2[2]")]
    assert len(derivation["da2[1]/dz2[2]"].stages) == 1


# -- several samples and the L2 term ---------------------------------------------------------------


def lines(problem: Problem, name: str) -> list[str]:
    return [line.latex for line in derive_gradient(problem)[name].steps]


def last(problem: Problem, name: str) -> str:
    return lines(problem, name)[-1]


W = r"w_{11}^{2}"
TOTALS = [
    ({"samples": 2}, "dC/dw2[1,1]", rf"\sum_{{i}} \frac{{\partial C^{{(i)}}}}{{\partial {W}}}"),
    ({"samples": 2, "reduction": "mean"}, "dC/dw2[1,1]", rf"\frac{{1}}{{n}}\sum_{{i}} \frac{{\partial C^{{(i)}}}}{{\partial {W}}}"),
    ({"l2": "0.1"}, "dC/dw2[1,1]", rf"\frac{{\partial C^{{(1)}}}}{{\partial {W}}} + \frac{{\lambda}}{{n}}{W}"),
    ({"samples": 2, "l2": "0.1"}, "dC/dw2[1,1]", rf"\sum_{{i}} \frac{{\partial C^{{(i)}}}}{{\partial {W}}} + \frac{{\lambda}}{{n}}{W}"),
    ({"samples": 2, "l2": "0.1"}, "dC/db2[1]", r"\sum_{i} \frac{\partial C^{(i)}}{\partial b_{1}^{2}}"),
    ({"l2": "0.1"}, "dC/db2[1]", r"\frac{\partial C^{(1)}}{\partial b_{1}^{2}}"),
    ({"samples": 2}, "dC[1]/dw2[1,1]", rf"\sum_{{i}} \frac{{\partial C_{{1}}^{{(i)}}}}{{\partial {W}}}"),
]  # fmt: skip


@pytest.mark.parametrize(("how", "name", "total"), TOTALS)
def test_the_last_line_adds_the_samples_and_the_decay(how, name, total):
    """The mean divides, the decay is λ/n w and holds no bias."""
    assert last(network(2, 2, 2, **how), name).partition(" = ")[2] == total


@pytest.mark.parametrize("how", [{"samples": 2}, {"l2": "0.1"}], ids=["batch", "decay"])
def test_what_is_derived_of_one_sample_is_called_its_own_cost(how):
    """∂C/∂w would then stand for two different things on one page."""
    *own, whole = lines(network(2, 2, 2, **how), "dC/dw2[1,1]")
    assert whole.startswith(r"\frac{\partial C}{")
    assert not any(r"\partial C}" in line for line in own)


def test_the_error_of_one_sample_holds_its_share_of_the_mean():
    """dC/dz@2 is of the whole cost, dC@2/dz@2 of the sample's own."""
    problem = network(2, 2, 1, samples=3, reduction="mean")
    assert last(problem, "dC/dz2[1]@2").endswith(
        r"= \frac{1}{n} \cdot \frac{\partial C^{(2)}}{\partial z^{2, (2)}}"
    )
    assert last(problem, "dC@2/dz2[1]@2").startswith(
        r"\frac{\partial C^{(2)}}{\partial z^{2, (2)}} = (a^{2, (2)} -"
    )


@pytest.mark.parametrize(
    "name", ["da2[1]@1/dz1[1]@2", "dC@1/dx[1]@2", "da2[1]@1/dx[1]@t1", "dC/dz2[1]@t1", "dC@1/dC@2"]
)
def test_samples_do_not_depend_on_each_other(name):
    """Without its marks the same name would have a derivative."""
    body = {
        "inputs": 2,
        "cost": "squared_error",
        "layers": [{"units": n, "activation": "tanh"} for n in (2, 1)],
    }
    data = {"x": [[1, 2], [3, 4]], "y": [[0], [1]], "test": [[5, 6]]}
    gradient = derive_gradient(load_problem({"network": body, "data": data}))[name]
    assert gradient.expression == 0
    assert gradient.latex.endswith("= 0")


@pytest.mark.parametrize(
    "name", ["da2[1]@2/dz1[1]@2", "da2[1]@t1/dx[1]@t1", "da2[1]@t1/dw2[1,1]", "dC/dx[1]@2"]
)
def test_within_a_sample_the_derivative_is_derived(name):
    """A parameter belongs to every sample."""
    body = {
        "inputs": 2,
        "cost": "squared_error",
        "layers": [{"units": n, "activation": "tanh"} for n in (2, 1)],
    }
    data = {"x": [[1, 2], [3, 4]], "y": [[0], [1]], "test": [[5, 6]]}
    assert derive_gradient(load_problem({"network": body, "data": data}))[name].routes


def test_decay_belongs_to_the_shared_weight_and_not_to_its_uses():
    """Each shared weight stands once in the L2 term."""
    layers = [{"units": 1, "activation": "tanh", "weights": [["w"]], "biases": False}] * 2
    problem = network(1, 1, 1, layers=layers, values={"w": "0.5"}, l2="0.1")
    assert r"\lambda" in last(problem, "dC/dw")
    assert r"\lambda" not in last(problem, "dC/dw1[1,1]")


def test_of_a_batch_the_headline_is_the_derivative_that_was_asked_for():
    """One sample's stands above it; a notebook would show that one as the answer."""
    problem = network(1, 1, samples=2, reduction="mean", l2="0.1")
    gradient = derive_gradient(problem)["dC/dw"]
    inner = r"(a^{(i)} - y^{(i)}) \cdot a^{(i)}(1 - a^{(i)}) \cdot x^{(i)}"
    assert gradient.latex == (
        r"\frac{\partial C}{\partial w} = \frac{1}{n}\sum_{i} \frac{\partial C^{(i)}}{\partial w}"
        r" + \frac{\lambda}{n}w = \frac{1}{n}\sum_{i} " + inner + r" + \frac{\lambda}{n}w"
    )
    assert gradient.name == "∂C/∂w"
    assert "∂C/∂w = 1/n·Σ_i (a^(i) − y^(i))·a^(i)" in str(derive_gradient(problem))


# -- what is printed -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", thinned(bundled(), EXAMPLES))
def test_nothing_internal_is_printed(name):
    """Keys such as `shared b1`, C@1 and w2[1,2] are for the code."""
    for gradient in derive_gradient(load_problem(name)):
        for text in (str(gradient), gradient.latex, *(line.latex for line in gradient.steps)):
            assert not any(
                word in text for word in ("shared", "@", "upstream ", "adjoint", "d/d step", "None")
            ), text


def test_a_gradient_from_upstream_is_printed_as_its_number():
    """∂C/∂q = −1/2, not q."""
    assert r"\frac{\partial C}{\partial q} = -\frac{1}{2}" in lines(PROBLEMS["upstream"], "dC/dx")


def test_a_negative_number_in_a_sum_is_taken_away():
    """y − 2, not y + (−2)."""
    problem = graph("p = x*y", "q = x + y", output=["p", "q"], upstream={"p": 1, "q": "-2"})
    assert last(problem, "dC/dx").endswith("= y - 2")


def test_a_letter_twice_in_a_derivative_is_squared():
    """d²J/dx², as books write it; with d, which goes along every route, as in a first derivative."""
    derivation = derive_gradient(graph("J = x^3*y"))
    assert derivation["d2J/dxdx"].name == derivation["d2J/dx2"].name == "d²J/dx²"
    assert derivation["d3J/dx^2dy"].name == "d³J/dx²dy"


def test_jupyter_is_shown_a_displayed_formula():
    """The same LaTeX, between dollars."""
    gradient = MAZUR["dE/dw5"]
    assert gradient._repr_latex_() == f"$\\displaystyle {gradient.latex}$"


def test_text_fits_a_terminal_and_says_every_rule():
    """Eighty columns; a long line goes on below its equals sign."""
    gradient = MAZUR["dE/dw1"]
    rows = str(gradient).splitlines()
    assert max(map(len, rows)) <= 80
    assert [row.rpartition("  (")[2] for row in rows if row.endswith(")") and "  (" in row] == [
        f"{line.because})" for line in gradient.steps
    ]


# -- size ------------------------------------------------------------------------------------------


def deep(depth: int, width: int) -> Derivation:
    layers = [{"units": width, "activation": "tanh"}] * depth
    return derive_gradient(
        load_problem({"network": {"inputs": width, "cost": "squared_error", "layers": layers}})
    )


def test_a_chain_of_sixty_layers_is_one_route():
    """Two factors a layer, and no recursion to run out of."""
    (route,) = deep(60, 1)["dC/dw1[1,1]"].routes
    assert len(route.factors) == 2 * 60 + 1
    assert len(deep(60, 1)["dC/dw1[1,1]"].steps) == len(route.factors) + 2


@pytest.mark.slow
def test_a_derivation_grows_linearly_with_depth():
    """Each unit's stage is derived once, however many routes lead through it."""
    counts = [len(deep(depth, 3)["dC/dw1[1,1]"].steps) for depth in (10, 20, 30)]
    assert counts[2] - counts[1] == counts[1] - counts[0]


def test_sixty_layers_of_three_units_are_derived_stage_by_stage():
    """3⁵⁸ routes lead down; a derivation that follows each would never end."""
    gradient = deep(60, 3)["dC/dw1[1,1]"]
    assert len({stage.by for stage in gradient.stages}) == len(gradient.stages) <= 60 * 6


@pytest.mark.parametrize(
    ("name", "last"),
    [("dC/dW1", "∂C/∂W¹ = δ¹·xᵀ"), ("dC/db2", "∂C/∂b² = δ²"), ("dC/dx", "∂C/∂x = (W¹)ᵀ·δ¹")],
)
def test_a_whole_arrays_derivative_is_its_equation_in_matrices(name, last):
    """dC/dW1 is a derivative too: the four equations, and by index the same for one entry."""
    whole = derive_gradient(network(2, 2, 2))[name]
    line = whole.steps[-1]
    assert plain(equals(line.lhs, line.rhs)) == last
    assert whole.view("index").steps[-1].lhs != line.lhs
    assert whole.expression.shape == {"dC/dW1": (2, 2)}.get(name, (2, 1))
    with pytest.raises(AnswerError, match="no view 'closed'"):
        whole.view("closed")
