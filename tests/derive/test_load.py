"""A problem file becomes the problem that it states, exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from derive.files.exact import decimal_of
from derive.files.load import bundled, load_problem
from derive.problem import Graph, Network
from derive.rules import ACTIVATIONS, COSTS

MAZUR = """
#:schema problem.schema.json
title  = "A step by step backpropagation example"
source = "Matt Mazur, 2015"

[notation]                      # how the page writes it; all keys optional
style  = "superscript"
index  = "to_from"
layout = "denominator"
samples = "columns"
cost   = "E"                    # letters: cost, activation, weighted_input, target, function
target = "t"

[network]
inputs = ["i1", "i2"]           # names, or a count
cost   = "half_squared_error"
# output = "a2[1]"
reduction = "sum"               # over samples: sum | mean
l2 = 0

[[network.layers]]
units      = ["h1", "h2"]       # names, or a count
activation = "sigmoid"
weights    = [["w1", "w2"], ["w3", "w4"]]   # [unit][input]
biases     = ["b1", "b1"]
frozen     = ["b1"]             # true, or parameter names: not trained, still derived

[[network.layers]]
units      = ["o1", "o2"]
activation = "sigmoid"
weights    = [["w5", "w6"], ["w7", "w8"]]
biases     = ["b2", "b2"]
frozen     = ["b2"]

[values]                        # decimals are taken exactly: 0.15 is 3/20
w1 = 0.15
w2 = 0.20
w3 = 0.25
w4 = 0.30
w5 = 0.40
w6 = 0.45
w7 = 0.50
w8 = 0.55
b1 = 0.35
b2 = 0.60

[data]
x = [[0.05, 0.10]]
y = [[0.01, 0.99]]

[training]                      # optional
rule  = "gradient_descent"
rate  = 0.5
steps = 1
batch = "all"

[[published]]                   # figures that a source prints: each gets a verdict
quantity = "dE/dw5"
value    = "0.082167041"        # text: its digits matter
[[published]]
quantity = "E"
after    = 1                    # counts updates; may exceed steps
value    = "0.291027924"

[[questions]]                   # homework
id     = "1a"
ask    = "dE/dw5"
form   = "expression"
points = 2
digits = 3
"""


@pytest.fixture(scope="module")
def mazur(tmp_path_factory):
    path: Path = tmp_path_factory.mktemp("problems") / "by_mazur.toml"
    path.write_text(MAZUR, encoding="utf-8")
    return load_problem(path)


def one_unit(**network):
    """One linear unit with one input, as a mapping."""
    layer = {"units": 1, "activation": "identity", "weights": [["w"]], "biases": False}
    return {"network": {"inputs": 1, "layers": [layer], **network}}


def graph(*steps, output="J", **entries):
    return {"graph": {"steps": list(steps), "output": output, **entries}}


def test_a_file_gives_its_problem_its_name(mazur):
    """The command line and JSON call a problem by its file's stem."""
    assert (mazur.name, mazur.source) == ("by_mazur", "Matt Mazur, 2015")


def test_rules_are_rows_of_the_tables(mazur):
    """Nothing later asks for a rule by its name again."""
    assert mazur.body.cost is COSTS["half_squared_error"]
    assert {layer.activation.name for layer in mazur.body.layers} == {"sigmoid"}
    assert mazur.body.layer(1).activation is ACTIVATIONS["sigmoid"]


def test_a_name_that_is_used_twice_is_one_shared_parameter(mazur):
    """Its derivative is the sum over its places, so they must be known as one."""
    shared = mazur.parameter["shared b1"]
    assert (shared.own, shared.places, shared.value) == ("b1", ("b1[1]", "b1[2]"), Fraction(7, 20))
    assert mazur.body.layer(1).biases == ("shared b1", "shared b1")


def test_a_name_that_is_used_once_has_the_key_of_its_place(mazur):
    """Canonical names are the keys everywhere; the author's stands beside."""
    assert mazur.parameter["w2[1,2]"].own == "w6"
    assert mazur.body.layer(2).weights == (("w2[1,1]", "w2[1,2]"), ("w2[2,1]", "w2[2,2]"))


def test_frozen_names_are_not_trained(mazur):
    """The article never updates its biases."""
    assert {parameter.own for parameter in mazur.parameters if parameter.frozen} == {"b1", "b2"}


def test_decimals_of_a_file_are_exact(mazur):
    """0.15 as a float is not 3/20, and a printed digit may hang on the difference."""
    assert mazur.parameter["w1[1,1]"].value == Fraction(3, 20)
    assert mazur.x == ((Fraction(1, 20), Fraction(1, 10)),)


def test_a_figure_keeps_its_printed_text(mazur):
    """Its digits say how much of it is claimed."""
    assert [(figure.text, figure.after, figure.printed) for figure in mazur.published] == [
        ("dE/dw5", 0, "0.082167041"),
        ("E", 1, "0.291027924"),
    ]


def test_training_on_all_samples_has_no_batch(mazur):
    """None stands for all, whatever their number."""
    assert (mazur.training.rate, mazur.training.batch, mazur.training.steps) == (Fraction(1, 2), None, 1)


def test_notation_keeps_the_letters_of_the_file(mazur):
    """The page writes E and t where the file says so, and the defaults elsewhere."""
    assert (mazur.notation.cost, mazur.notation.target, mazur.notation.activation) == ("E", "t", "a")


def test_a_number_may_be_shared_across_layers():
    """A name is one parameter wherever it stands, weight and bias alike."""
    layer = {"units": 1, "activation": "tanh", "weights": [["w"]], "biases": ["w"]}
    problem = load_problem({"network": {"inputs": 1, "layers": [layer, layer]}, "values": {"w": 2}})
    assert problem.parameters[0].places == ("w1[1,1]", "b1[1]", "w2[1,1]", "b2[1]")


@pytest.mark.parametrize("frozen", [True, ["W1", "b1"], ["w1[1,1]", "w1[1,2]", "b1[1]"]])
def test_a_layer_without_names_can_be_frozen_whole_or_by_place(frozen):
    """Numbers have canonical names too."""
    layer = {"units": 1, "activation": "tanh", "weights": [[1, 2]], "biases": [3], "frozen": frozen}
    problem = load_problem({"network": {"inputs": 2, "layers": [layer]}})
    assert all(parameter.frozen for parameter in problem.parameters)


def test_an_own_name_wins_over_the_name_of_an_array():
    """b1 may be one number of the vector b1."""
    layer = {"units": 2, "activation": "tanh", "biases": ["b1", 0], "frozen": ["b1"]}
    problem = load_problem({"network": {"inputs": 1, "layers": [layer]}, "values": {"b1": 1}})
    assert [parameter.key for parameter in problem.parameters if parameter.frozen] == ["b1[1]"]


def test_a_float_given_in_code_stands_for_its_binary_value():
    """It is the number that the caller's own program computes with."""
    problem = load_problem(one_unit() | {"values": {"w": 0.1}})
    assert problem.parameters[0].value == Fraction(0.1) != Fraction(1, 10)


@pytest.mark.parametrize("value", ["0.1", Decimal("0.1"), Fraction(1, 10)])
def test_exact_numbers_given_in_code_stay_exact(value):
    """Text, Decimal and Fraction are the decimal that a file would state."""
    assert load_problem(one_unit() | {"values": {"w": value}}).parameters[0].value == Fraction(1, 10)


def test_arrays_and_tuples_stand_for_lists():
    """NumPy's own types must not be needed by hand, nor travel on."""
    layer = {
        "units": np.int64(2),
        "activation": "tanh",
        "weights": np.array([[0.1], [2]]),
        "biases": (1, np.float32(0.1)),
    }
    problem = load_problem({"network": {"inputs": 1, "layers": [layer]}, "data": {"x": np.ones((3, 1))}})
    values = [parameter.value for parameter in problem.parameters]
    assert values == [Fraction(0.1), 2, 1, Fraction(float(np.float32(0.1)))]
    assert len(problem.x) == 3


def test_without_values_and_data_everything_stays_symbolic():
    """One free sample stands for any."""
    layer = {"units": 2, "activation": "sigmoid"}
    problem = load_problem({"network": {"inputs": 3, "cost": "squared_error", "layers": [layer]}})
    assert {parameter.value for parameter in problem.parameters} == {None}
    assert (problem.x, problem.y) == (((None,) * 3,), ((None,) * 2,))
    assert problem.is_free


def test_without_cost_and_output_there_are_no_targets_to_invent():
    """A forward pass has nothing to compare with."""
    problem = load_problem(one_unit())
    assert (problem.y, problem.objectives) == ((), ())


def test_an_output_is_differentiated_instead_of_a_cost():
    """C names it."""
    problem = load_problem(one_unit(output="2*a1[1]") | {"data": {"x": [[1]]}})
    assert isinstance(problem.body, Network)
    assert problem.body.cost is None
    assert (problem.objectives, problem.y) == (("C",), ())


def test_an_output_that_reads_targets_has_free_ones():
    """The formula of a cost may be written out as an output."""
    assert load_problem(one_unit(output="(y[1] - a1[1])^2")).y == ((None,),)


def test_a_cost_may_be_a_formula_in_a_and_y():
    """Summed over outputs, as a row of the table is."""
    problem = load_problem(one_unit(cost="(y - a)^4"))
    assert str(problem.body.cost.part) == "(-a + y)**4"


@pytest.mark.parametrize("stated", ["z/(1 + abs(z))", {"rule": "z/(1 + abs(z))"}])
def test_an_activation_may_be_a_formula_in_z(stated):
    """As a word of its own or within a table."""
    raw = one_unit()
    raw["network"]["layers"][0]["activation"] = stated
    assert load_problem(raw).body.layer(1).activation.node is not None


def test_biases_that_are_false_are_none_at_all():
    """Left out they stay symbolic; that is another statement."""
    assert load_problem(one_unit()).body.layer(1).biases is None


@pytest.mark.parametrize(("batch", "size"), [("all", None), ("online", 1), (2, 2)])
def test_a_batch_is_a_number_of_samples(batch, size):
    """`online` is a batch of one."""
    data = {"x": [[1], [2]], "y": [[1], [2]]}
    raw = one_unit(cost="squared_error") | {"data": data, "training": {"rate": 1, "batch": batch}}
    assert load_problem(raw).training.batch == size


@pytest.mark.parametrize(
    ("stated", "variant", "settings"),
    [
        ({}, None, {}),
        ({"rule": "momentum"}, ("convention", "classical"), {"momentum": Fraction(9, 10)}),
        (
            {"rule": "momentum", "momentum": "0.5", "convention": "averaged"},
            ("convention", "averaged"),
            {"momentum": Fraction(1, 2)},
        ),
        (
            {"rule": "adam"},
            ("epsilon_place", "outside"),
            {"beta1": Fraction(9, 10), "beta2": Fraction(999, 1000), "epsilon": Fraction(1, 10**8)},
        ),
        (
            {"rule": "adam", "epsilon_place": "inside", "epsilon": "1e-7", "beta2": "0.99"},
            ("epsilon_place", "inside"),
            {"beta1": Fraction(9, 10), "beta2": Fraction(99, 100), "epsilon": Fraction(1, 10**7)},
        ),
    ],
)
def test_a_rule_has_its_variant_and_its_settings(stated, variant, settings):
    """What the file leaves out is what the rule's source has."""
    data = {"x": [[1]], "y": [[1]]}
    raw = one_unit(cost="squared_error") | {"data": data, "training": {"rate": 1, **stated}}
    training = load_problem(raw).training
    assert (training.rule.variant, dict(training.settings)) == (variant, settings)


def test_a_perceptron_reads_one_sample_at_a_time_unless_told():
    """Its rule is stated for a sample."""
    raw = one_unit() | {"data": {"x": [[0], [1]], "y": [[0], [1]]}}
    raw["network"]["layers"][0]["activation"] = "step"
    for stated, batch in (({}, 1), ({"batch": "all"}, None), ({"batch": 2}, 2)):
        training = {"training": {"rule": "perceptron", "rate": 1, **stated}}
        assert load_problem(raw | training).training.batch == batch


def test_samples_tests_and_labels_are_kept():
    """Tests have no targets; labels name samples."""
    data = {"x": [[1], [2]], "test": [["0.5"]], "labels": ["Alice", "Bob"]}
    problem = load_problem(one_unit() | {"data": data})
    assert (problem.samples, problem.tested) == (("@1", "@2"), ("@t1",))
    assert (problem.tests, problem.labels) == (((Fraction(1, 2),),), ("Alice", "Bob"))


def test_names_that_no_step_defines_are_given():
    """They are what a graph is differentiated by, unless it says otherwise."""
    problem = load_problem(graph("a = x*w", "J = a + b") | {"values": {"x": 1, "w": 2, "b": "0.5"}})
    assert dict(problem.given) == {"x": 1, "w": 2, "b": Fraction(1, 2)}
    assert problem.wrt == ("x", "w", "b")


def test_without_values_the_given_names_of_a_graph_are_free():
    """The derivation stays symbolic."""
    assert dict(load_problem(graph("J = sin(x)")).given) == {"x": None}


@pytest.mark.parametrize("wrt", [[], ["w"]])
def test_a_graph_may_restrict_what_it_is_differentiated_by(wrt):
    """Also to nothing, for a forward pass."""
    assert load_problem(graph("J = x*w", wrt=wrt)).wrt == tuple(wrt)


def test_a_graph_may_have_several_outputs():
    """Each is differentiated by itself."""
    assert load_problem(graph("p = x^2", "q = 3*p", output=["p", "q"])).objectives == ("p", "q")


def test_gradients_from_upstream_weigh_the_outputs():
    """One sum of them is differentiated then."""
    problem = load_problem(graph("p = x^2", "q = 3*p", output=["p", "q"], upstream={"p": 1, "q": -2}))
    assert isinstance(problem.body, Graph)
    assert dict(problem.body.upstream) == {"p": 1, "q": -2}


def test_e_is_an_ordinary_name_once_a_graph_defines_it():
    """Elsewhere it is the base of exp."""
    problem = load_problem(graph("e = 2*x", "J = e^2"))
    assert list(problem.given) == ["x"]
    assert list(load_problem(graph("J = e^x")).given) == ["x"]


def test_the_exponent_of_a_literal_is_no_name():
    """1e5 reads no e5."""
    assert list(load_problem(graph("J = 1e5*x + 2*e5")).given) == ["x", "e5"]


def test_ln_is_log():
    """Books write either."""
    with_ln, with_log = load_problem(graph("J = ln(x)")), load_problem(graph("J = log(x)"))
    assert with_ln.body.steps[0].node == with_log.body.steps[0].node


def test_a_file_wins_over_an_example_of_the_same_name(tmp_path, monkeypatch):
    """What lies in the folder is what its owner means."""
    (tmp_path / "mazur").write_text("[graph]\nsteps = ['J = x']\noutput = 'J'\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert isinstance(load_problem("mazur").body, Graph)


@pytest.mark.parametrize("name", bundled())
def test_every_bundled_example_is_a_problem(name):
    """Its published names resolve too."""
    problem = load_problem(name)
    assert problem.name == name
    assert problem.source


@pytest.mark.parametrize(
    ("text", "digits", "exponent"),
    [
        ("0.0820", (8, 2, 0), -4),
        ("3.", (3,), 0),
        (".5", (5,), -1),
        ("−1.20×10^-3", (1, 2, 0), -5),
        ("1e-5", (1,), -5),
        ("2 × 10^{4}", (2,), 4),
        ("+1.5E+2", (1, 5), 1),
        ("1.5*10**2", (1, 5), 1),
    ],
)
def test_a_printed_number_keeps_its_digits_and_its_last_place(text, digits, exponent):
    """Half a unit of the last place is what a figure claims."""
    read = decimal_of(text)
    assert read is not None
    assert (read.as_tuple().digits, read.as_tuple().exponent) == (digits, exponent)
    assert read.is_signed() == (text[0] == "−")


@pytest.mark.parametrize(
    "text", ["", "1,5", "1/2", "x", "1 2", "--1", "1e", "1.2×10", "٣", "1.2.3", "2×10^{4"]
)
def test_what_is_not_one_decimal_is_no_number(text):
    """A guess would be worse than a question."""
    assert decimal_of(text) is None
