"""How quantities are written: every style, order of indices and letter, as exact LaTeX."""

from __future__ import annotations

from typing import Any

import pytest

from derive.files.load import load_problem
from derive.notation import STYLES, write, write_derivative, write_entry, write_total
from derive.problem import Problem
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.spelling import spell_of
from derive.writing.tree import Ident


def network(*sizes: int, batch: bool = False, **notation: str) -> Problem:
    body = {
        "inputs": sizes[0],
        "cost": "half_squared_error",
        "layers": [{"units": units, "activation": "sigmoid"} for units in sizes[1:]],
    }
    file: dict[str, Any] = {"network": body, "notation": notation}
    if batch:
        file["data"] = {"x": [[1] * sizes[0]] * 2, "y": [[1] * sizes[-1]] * 2, "test": [[1] * sizes[0]]}
    return load_problem(file)


def named(style: str = "names") -> Problem:
    return load_problem(
        {
            "notation": {"style": style, "cost": "E", "target": "t"},
            "network": {
                "inputs": ["i1", "i2"],
                "cost": "half_squared_error",
                "layers": [
                    {"units": ["h1", "h2"], "activation": "sigmoid", "weights": [["w1", "w2"], ["w3", "w4"]], "biases": ["b1", "b1"]},
                    {"units": ["o1"], "activation": "sigmoid", "weights": [["w5", "w6"]], "biases": ["b2"]},
                ],
            },
        }
    )  # fmt: skip


def written(problem: Problem, key: str, primes: int = 0) -> str:
    return latex(write(problem, key, primes=primes))


STYLED = [
    # style, w2[1,2], b2[1], a1[2], a1[2]@2 in a batch
    ("superscript", "w_{12}^{2}", "b_{1}^{2}", "a_{2}^{1}", "a_{2}^{1, (2)}"),
    ("parenthesis", "w_{12}^{(2)}", "b_{1}^{(2)}", "a_{2}^{(1)}", "a_{2}^{(1)[2]}"),
    ("subscript", "w_{2, 12}", "b_{2, 1}", "a_{1, 2}", "a_{1, 2}^{(2)}"),
    ("names", "w_{12}^{2}", "b_{1}^{2}", "a_{2}^{1}", "a_{2}^{1, (2)}"),
]


@pytest.mark.parametrize(
    ("style", "weight", "bias", "activation", "sampled"), STYLED, ids=[row[0] for row in STYLED]
)
def test_a_style_places_layer_unit_and_sample(style, weight, bias, activation, sampled):
    """One table of styles serves every quantity."""
    problem = network(2, 2, 2, style=style)
    assert [written(problem, key) for key in ("w2[1,2]", "b2[1]", "a1[2]")] == [weight, bias, activation]
    assert written(network(2, 2, 2, batch=True, style=style), "a1[2]@2") == sampled


def test_every_style_is_in_the_table_of_exact_strings():
    """A style not yet written here would be unproven."""
    assert {row[0] for row in STYLED} == set(STYLES)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("index", "pair"), [("to_from", "12"), ("from_to", "21")])
def test_a_weight_s_indices_stand_in_the_chosen_order(style, index, pair):
    """w_{jk} to j from k, or the other way round; only the writing turns, not the key."""
    assert pair in written(network(2, 2, 2, style=style, index=index), "w2[1,2]")


@pytest.mark.parametrize("style", STYLES)
def test_a_bias_has_no_order_to_turn(style):
    """from_to concerns weights alone."""
    turned, straight = (network(2, 2, 2, style=style, index=index) for index in ("from_to", "to_from"))
    assert written(turned, "b2[1]") == written(straight, "b2[1]")


LETTERS = {"cost": "L", "activation": "h", "weighted_input": "s", "target": "t"}


@pytest.mark.parametrize(
    ("key", "shown"),
    [("C", "L"), ("C[2]", "L_{2}"), ("a1[2]", "h_{2}^{1}"), ("z2[1]", "s_{1}^{2}"), ("y[1]", "t_{1}"), ("x[2]", "x_{2}"), ("w1[1,2]", "w_{12}^{1}")],
)  # fmt: skip
def test_the_letters_are_the_author_s(key, shown):
    """Cost, activation, weighted input and target have the letters of [notation]."""
    assert written(network(2, 2, 2, **LETTERS), key) == shown


def test_a_letter_that_is_a_word_or_greek_is_written_as_such():
    """`loss` is upright, `alpha` is α."""
    problem = network(2, 2, 2, cost="loss", activation="alpha")
    assert [written(problem, key) for key in ("C", "a1[2]")] == [r"\mathrm{loss}", r"\alpha_{2}^{1}"]


@pytest.mark.parametrize(
    ("sizes", "key", "shown"),
    [
        ((1, 1, 1), "w2[1,1]", "w^{2}"),
        ((1, 1, 1), "a1[1]", "a^{1}"),
        ((1, 1, 1), "x[1]", "x"),
        ((1, 1, 1), "y[1]", "y"),
        ((3, 1, 1), "w1[1,2]", "w_{12}^{1}"),
        ((3, 1, 1), "b1[1]", "b^{1}"),
        ((1, 3, 1), "w1[2,1]", "w_{21}^{1}"),
        ((1, 1), "w1[1,1]", "w"),
        ((1, 1), "a1[1]", "a"),
        ((3, 1), "w1[1,2]", "w_{2}"),
        ((3, 1), "b1[1]", "b"),
        ((3, 2), "w1[2,3]", "w_{23}"),
        ((3, 2), "z1[2]", "z_{2}"),
    ],
)
def test_what_can_only_be_one_is_not_written(sizes, key, shown):
    """No index where there is one unit, no layer where there is one layer."""
    assert written(network(*sizes), key) == shown


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("w1[11,12]", "w_{11, 12}^{1}"),
        ("w1[1,12]", "w_{1, 12}^{1}"),
        ("w1[1,2]", "w_{12}^{1}"),
        ("a1[11]", "a_{11}^{1}"),
    ],
)
def test_indices_of_two_digits_are_set_apart(key, shown):
    """w_{1,12} and w_{11,2} would both be w_{112}."""
    assert written(network(12, 11, 2), key) == shown


@pytest.mark.parametrize(
    ("key", "shown"),
    [("x[1]@2", "x_{1}^{(2)}"), ("y[2]@1", "y_{2}^{(1)}"), ("C@2", "C^{(2)}"), ("C@i", "C^{(i)}"), ("C[1]@2", "C_{1}^{(2)}"), ("x[1]@t1", r"x_{1}^{(\operatorname{t1})}"), ("w1[1,2]", "w_{12}^{1}")],
)  # fmt: skip
def test_a_sample_stands_in_brackets_above(key, shown):
    """A bare superscript would read as a layer or a power."""
    assert written(network(2, 2, 2, batch=True), key) == shown


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("w2[1,1]", "w_{5}"),
        ("shared b1", "b_{1}"),
        ("b1[1]", "b_{1}^{1}"),
        ("b2[1]", "b_{2}"),
        ("x[1]", "i_{1}"),
        ("C", "E"),
        ("y[1]", "t"),
        ("a1[1]", r"a_{\mathrm{h}1}"),
        ("z2[1]", r"z_{\mathrm{o}1}"),
    ],
)
def test_style_names_writes_what_the_author_wrote(key, shown):
    """Own names where they exist; one use of a shared parameter has its place's, to tell it from the whole."""
    assert written(named(), key) == shown


def test_other_styles_write_own_names_of_shared_parameters_only():
    """A shared parameter has no place of its own to be written by."""
    problem = named("superscript")
    assert [written(problem, key) for key in ("w2[1,1]", "shared b1", "x[1]")] == [
        "w_{11}^{2}",
        "b_{1}",
        "x_{1}",
    ]


@pytest.mark.parametrize(
    ("key", "shown"), [("n", "n"), ("m", "m"), ("K", "K"), ("lambda", r"\lambda"), ("eta", r"\eta")]
)
def test_the_constants_have_the_book_s_letters(key, shown):
    """They are no quantities of the network."""
    assert written(network(2, 2), key) == shown


def test_primes_mark_the_value_after_updates():
    """w′ after one step."""
    assert written(network(1, 1), "w1[1,1]", primes=1) == "w'"


def test_a_derivative_in_a_network_is_partial():
    """As books write ∂C/∂w."""
    problem = network(2, 2, 2)
    expected = r"\frac{\partial C}{\partial w_{12}^{2}}"
    assert latex(write_derivative(problem, "C", "w2[1,2]")) == expected
    assert latex(write_total(problem, "C", "w2[1,2]")) == expected


def test_a_second_derivative_names_both_quantities():
    """∂²C/∂w∂w."""
    shown = latex(write_derivative(network(1, 1), "C", "w1[1,1]", "b1[1]"))
    assert shown == r"\frac{\partial^{2}C}{\partial w\partial b}"


GRAPH = load_problem(
    {"graph": {"steps": ["p = x^2", "q = p*x"], "output": ["p", "q"], "upstream": {"p": "-0.5", "q": 3}}}
)


def test_a_total_derivative_in_a_graph_has_an_upright_d():
    """∂q/∂x is one step's slope, dq/dx runs over all routes; in a graph they differ."""
    assert latex(write_total(GRAPH, "q", "x")) == r"\frac{\mathrm{d}q}{\mathrm{d}x}"
    assert latex(write_derivative(GRAPH, "q", "x")) == r"\frac{\partial q}{\partial x}"


def output(formula: str) -> Problem:
    layers = [{"units": 1, "activation": "tanh"}] * 2
    return load_problem({"network": {"inputs": 1, "output": formula, "layers": layers}})


@pytest.mark.parametrize(
    ("formula", "sign"), [("a2", r"\partial"), ("a2^2", r"\partial"), ("a2*a1", r"\mathrm{d}"), ("a2 + w1", r"\mathrm{d}")]
)  # fmt: skip
def test_a_total_derivative_is_told_from_a_slope_where_an_output_reads_within(formula, sign):
    """C = a2·a1 reads a1 and what is computed from it: ∂C/∂a1 is only the direct slope."""
    assert sign in latex(write_total(output(formula), "C", "a1[1]"))


@pytest.mark.parametrize(("name", "shown"), [("p", r"-\frac{1}{2}"), ("q", "3")])
def test_a_gradient_from_upstream_is_written_as_its_number(name, shown):
    """It has no letter; written as p it would be taken for the output itself."""
    assert written(GRAPH, f"upstream {name}") == shown


AS_IN_TEXTBOOKS = [
    ("WQ", "W_{Q}"), ("Xhat", r"\hat{X}"), ("yhat", r"\hat{y}"), ("x_hat", r"\hat{x}"), ("gamma", r"\gamma"),
    ("mu_B", r"\mu_{B}"), ("mubar", r"\bar{\mu}"), ("z_tilde", r"\tilde{z}"), ("x1_hat", r"{\hat{x}}_{1}"),
    ("dW1", r"\mathrm{d}W_{1}"), ("dgamma", r"\mathrm{d}\gamma"), ("dXhat", r"\mathrm{d}\hat{X}"), ("dx_hat", r"\mathrm{d}\hat{x}"), ("W10", "W_{10}"),
    # words are left alone
    ("that", r"\mathrm{that}"), ("what", r"\mathrm{what}"), ("crowbar", r"\mathrm{crowbar}"),
    ("dropout", r"\mathrm{dropout}"), ("ABC", r"\mathrm{ABC}"), ("hat", r"\mathrm{hat}"), ("Wq", r"\mathrm{Wq}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shown"), AS_IN_TEXTBOOKS)
def test_a_name_is_written_as_in_textbooks(name, shown):
    """Code has WQ and Xhat where a book has W_Q and a hat on X."""
    assert written(graph(name), name) == shown


@pytest.mark.parametrize(
    ("unit", "shown"), [("hat", r"a_{\mathrm{hat}}"), ("h1", r"a_{\mathrm{h}1}"), ("h_", r"\textrm{a\_h\_}")]
)
def test_a_unit_s_name_is_no_accent(unit, shown):
    """A unit called hat puts none on its activation."""
    assert latex(spell_of("a", unit)) == shown


def graph(*names: str) -> Problem:
    return load_problem({"graph": {"steps": [f"out = {' + '.join(names)}"], "output": "out"}})


ALIKE = [
    ("yhat", "y_hat"), ("WQ", "W_Q"), ("w5", "w_5"), ("dW1", "dW_1"), ("x1hat", "xhat1"), ("QK", "Q", "K"),
    ("x1_hat", "x_hat_1", "xhat1"), ("x1_2", "x_1_2", "x12"), ("gamma_B", "gammaB", "gamma"),
]  # fmt: skip


@pytest.mark.parametrize("names", ALIKE, ids="-".join)
@pytest.mark.parametrize("written_as", [latex, plain])
def test_two_names_are_never_written_alike(names, written_as):
    """A reader could not tell the two apart; both stand as they are given, the others as in books."""
    problem = graph(*names, "theta")
    shown = {name: written_as(write(problem, name)) for name in (*names, "theta")}
    assert len(set(shown.values())) == len(names) + 1
    assert shown["theta"] == written_as(Ident("θ"))


def test_a_name_is_not_written_like_an_entry_of_an_array():
    """X1 beside a vector X, whose first entry is X_1, and dX1 beside dX."""
    given = {"X": [1, 2], "X1": 3, "WQ": 4, "W": [1, 2], "dX": [1, 2], "dX1": 5}
    steps = ["J = sum(X*W + dX)*X1 + WQ*dX1"]
    problem = load_problem({"graph": {"steps": steps, "output": "J"}, "values": given})
    shown = [written(problem, name) for name in ("X[1]", "X1", "WQ", "W[2]", "dX[1]", "dX1")]
    differential = r"\mathrm{d}X_{1}"
    assert shown == ["X_{1}", r"\mathrm{X1}", "W_{Q}", "W_{2}", differential, r"\mathrm{dX1}"]


@pytest.mark.parametrize(
    ("style", "layers", "keys", "shown"),
    [
        # the bias of both units, and its use at the first
        ("superscript", [{"units": 2, "biases": ["b1", "b1"]}], ["shared b1", "b1[1]"], [r"\mathrm{b1}", "b_{1}"]),
        ("superscript", [{"units": 2, "biases": ["b", "b"]}], ["shared b", "b1[1]"], ["b", "b_{1}"]),
        ("subscript", [{"units": 1, "biases": ["b1"]}] * 2, ["shared b1", "b1[1]"], [r"\mathrm{b1}", "b_{1}"]),
        ("names", [{"units": 1, "weights": [["w1", "w2"]]}], ["w1[1,1]", "w1[1,2]"], ["w_{1}", "w_{2}"]),
        ("names", [{"units": 1, "weights": [["x2", "v"]]}], ["w1[1,1]", "x[2]"], [r"\mathrm{x2}", "x_{2}"]),
    ],
)  # fmt: skip
def test_a_parameter_s_name_is_not_written_like_another_quantity(style, layers, keys, shown):
    """w1 may be the author's second weight, or the first."""
    body = {"inputs": 2 if len(layers) == 1 else 1, "cost": "half_squared_error"}
    layers = [{"activation": "tanh", **layer} for layer in layers]
    problem = load_problem({"notation": {"style": style}, "network": {**body, "layers": layers}})
    assert [written(problem, key) for key in keys] == shown


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("sizes", [(2, 2), (1, 1), (2, 1), (1, 1, 1, 1), (12, 12, 2)], ids=str)
@pytest.mark.parametrize("written_as", [latex, plain])
def test_different_quantities_are_written_differently(style, sizes, written_as):
    """A sample is no layer, a layer no power and an index no other index, in any style."""
    problem = network(*sizes, batch=True, style=style)
    samples = (*problem.samples, "@i", "")
    own = [
        key
        for l, n in enumerate(sizes[1:], 1)
        for j in range(1, n + 1)
        for key in (f"z{l}[{j}]", f"a{l}[{j}]", f"dC/dz{l}[{j}]")
    ]
    own += [f"x[{k}]" for k in range(1, sizes[0] + 1)] + [f"y[{k}]" for k in range(1, sizes[-1] + 1)]
    keys = [*problem.wrt, *(key + sample for key in ("C", *own) for sample in samples)]
    assert len({written_as(write_entry(problem, key)) for key in keys}) == len(keys)


def test_a_threshold_is_not_written_like_an_error():
    """Huber's δ and the errors stand in one equation."""
    layers = [{"units": 1, "activation": "tanh"}]
    cost = {"rule": "huber", "delta": 0.5}
    problem = load_problem({"network": {"inputs": 1, "cost": cost, "layers": layers}})
    assert [written(problem, "delta of the cost"), latex(write_entry(problem, "dC/dz1[1]"))] == [
        r"\delta_{H}",
        r"\delta",
    ]


def test_names_of_a_graph_are_spelled_as_they_are():
    """x1 has an index, rate is a word, alpha is Greek."""
    problem = load_problem({"graph": {"steps": ["J = alpha*x1 + rate"], "output": "J"}})
    assert [written(problem, key) for key in ("alpha", "x1", "rate")] == [
        r"\alpha",
        "x_{1}",
        r"\mathrm{rate}",
    ]
