"""What a printed figure deserves: right, rounding, wrong, or unknown."""

from dataclasses import replace

import pytest

from derive.files.load import load_problem
from derive.formula import parse
from derive.problem import Figure
from derive.quantities import scope_of
from numeric.evidence import verify

RIGHT = {
    "all digits": ("z", "0.375"),
    "trailing zeros": ("z", "0.37500"),
    "a tie rounded up": ("z", "0.38"),
    "a tie rounded down": ("z", "0.37"),
    "an integer with a point": ("n", "3."),
    "an exponent": ("z", "3.75e-1"),
    "a typographic exponent": ("z", "3.75×10^-1"),
    "a typographic minus": ("-z", "−0.375"),
    "a power of ten": ("1000*z", "3.8e2"),
    "a formula": ("z + n", "3.375"),
    "a derivative": ("dE/da", "0.5"),
}


def judged(graph, quantity, value):
    problem = graph(
        ["n = 3", "z = a*b", "s = sin(a)", "t = s*s", "E = z + 0*n + u", "r = log(a - 0.5)"],
        {"a": "0.75", "b": "0.5", "u": 1},
        "E",
    )

    node = parse(quantity, scope_of(problem))
    figure = Figure(text=quantity, node=node, after=0, printed=value)
    return verify(replace(problem, published=(figure,))).published[0]


@pytest.mark.parametrize("case", RIGHT)
def test_a_figure_that_the_true_value_rounds_to_is_right(case, graph):
    """Half a unit of the last printed place, both ends included."""
    quantity, value = RIGHT[case]
    assert judged(graph, quantity, value).verdict == "right"


@pytest.mark.parametrize("value", ["0.376", "0.3749", "0.39", "-0.375", "3.75"])
def test_a_figure_that_nothing_explains_is_wrong(value, graph):
    """z is a product of exact numbers; no rounding comes before it."""
    judgement = judged(graph, "z", value)
    assert (judgement.verdict, judgement.slip) == ("wrong", None)


def test_a_figure_reached_in_float64_is_rounding_and_says_so(graph):
    """17 printed digits, the last of them float64's."""
    true = judged(graph, "t", "0.4646").truth
    printed = f"{float(true.mid) + 1e-16:.17f}"
    judgement = judged(graph, "t", printed)
    assert judgement.verdict == "rounding"
    assert "float64" in judgement.note


def test_a_figure_reached_with_rounded_intermediates_is_rounding_and_says_so(graph):
    """sin 0.75 = 0.6816, so 0.68^2 = 0.4624 is 0.46 and 0.682^2 = 0.465."""
    judgement = judged(graph, "t", "0.465")
    assert judgement.verdict == "right"
    near = judged(graph, "t", "0.464")
    assert near.verdict == "rounding"
    assert "last decimal" in near.note


def test_a_figure_without_a_value_is_unknown_with_the_reason(network, layer):
    """log of an output of 0 has no cost."""
    published = {"published": [{"quantity": "C", "value": "0.1"}]}
    problem = network(
        [layer("relu", [["0.5"]], [-3])], [["0.5"]], [["0.3"]], cost="cross_entropy", more=published
    )
    (judgement,) = verify(problem).published
    assert judgement.verdict == "unknown"
    assert judgement.note


def neuron(network, layer, value, quantity="dC/dw1[1,1]"):
    more = {"published": [{"quantity": quantity, "value": value}]}
    problem = network([layer("sigmoid", [["0.5"]], ["0.1"])], [["0.75"]], [["0.2"]], more=more)
    return verify(problem).published[0]


def test_a_figure_that_a_slip_makes_is_wrong_by_that_slip(network, layer):
    """The slope of the output was forgotten: (a - y) x alone."""
    true = neuron(network, layer, "0.1").truth
    assert neuron(network, layer, f"{float(-true.mid):.9f}").slip == "sign"
    assert neuron(network, layer, f"{float(2 * true.mid):.9f}").slip == "factor 2"


def test_fewer_than_five_digits_are_never_matched_to_a_slip(network, layer):
    """Four digits could be that number by chance."""
    true = neuron(network, layer, "0.1").truth
    judgement = neuron(network, layer, f"{float(-true.mid):.4g}")
    assert (judgement.verdict, judgement.slip) == ("wrong", None)


def test_figures_of_a_problem_with_free_numbers_are_unknown():
    """There is no true value to compare with."""

    layers = [{"units": 1, "activation": "tanh"}]
    tables = {"network": {"inputs": 1, "cost": "squared_error", "layers": layers}}
    problem = load_problem({"title": "free", **tables, "published": [{"quantity": "C", "value": "0.1"}]})
    (judgement,) = verify(problem).published
    assert (judgement.verdict, judgement.note) == ("unknown", "some numbers of the problem are free")
