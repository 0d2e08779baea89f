"""What a name means in a problem: canonical names, own names, short forms, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from derive.errors import AnswerError
from derive.files.load import bundled, load_problem
from derive.formula import parse
from derive.problem import Network, Problem
from derive.quantities import CANONICAL, Names, Quantity, at_sample, check, read, resolve, scope_of
from tests.kinds import EXAMPLES, thinned


def network(*sizes: int, **tables: Any) -> Problem:
    """A free network of sigmoid units; keys of [network] and whole tables beside it."""
    body: dict[str, Any] = {
        "inputs": sizes[0] if sizes else 0,
        "layers": [{"units": units, "activation": "sigmoid"} for units in sizes[1:]],
    }
    body |= {
        key: tables.pop(key) for key in ("output", "l2", "reduction", "layers", "inputs") if key in tables
    }
    if "output" not in body and tables.pop("cost", True):
        body["cost"] = "half_squared_error"
    return load_problem({"network": body, **tables})


WIDE = network(2, 2, 2)
LADDER = network(1, 1, 1)
NEURON = network(1, 1)
THREE_TO_ONE = network(3, 1)
THREE_TO_TWO = network(3, 2)
ONE_TO_THREE = network(1, 3)
TURNED = network(3, 2, notation={"index": "from_to"})
TURNED_DEEP = network(3, 2, 2, notation={"index": "from_to"})
HUGE = network(12, 11, 1)
HUGE_LAYER = network(12, 11)
FAN = network(1, 12)
FORWARD = network(2, 2, cost=False, data={"x": [[1, 2]]})
OUTPUT = network(2, 2, 1, output="a2[1]")
BATCH = network(2, 2, 1, data={"x": [[1, 2], [3, 4]], "y": [[0], [1]], "test": [[5, 6]]})
DECAYED = network(2, 2, 1, l2="0.1")
GRAPH = load_problem(
    {
        "graph": {"steps": ["a = x^2", "d = sin(a)", "b = d*n", "J = d + b + e"], "output": "J"},
        "values": {"x": 2, "n": 3, "e": 1},
    }
)
UPSTREAM = load_problem(
    {"graph": {"steps": ["p = x^2", "q = 3*x"], "output": ["p", "q"], "upstream": {"p": 1, "q": 2}}}
)
OWN = network(
    inputs=["x2", "i2"],
    layers=[
        {"units": ["h1", "a2"], "activation": "sigmoid", "weights": [["w5", "w6"], ["w7", "w5"]], "biases": ["b1", "b1"]},
        {"units": ["o1"], "activation": "sigmoid", "weights": [["w1", "C"]], "biases": ["b9"]},
    ],
    notation={"cost": "E", "target": "t"},
    data={"x": [["0.1", "0.2"]], "y": [[1]]},
)  # fmt: skip

VALUES = [
    # the table of names
    (WIDE, "x[1]", "x[1]"), (WIDE, "a0[2]", "x[2]"), (WIDE, "y[2]", "y[2]"), (WIDE, "w2[1,2]", "w2[1,2]"),
    (WIDE, "w1[2,1]", "w1[2,1]"), (WIDE, "b2[2]", "b2[2]"), (WIDE, "z1[2]", "z1[2]"), (WIDE, "a2[1]", "a2[1]"),
    (WIDE, "C", "C"), (WIDE, "C[2]", "C[2]"),
    # the only sample may be named
    (WIDE, "a2[1]@1", "a2[1]"), (WIDE, "x[1]@1", "x[1]"), (WIDE, "C@1", "C"), (WIDE, "C[2]@1", "C[2]"),
    (DECAYED, "C", "C"), (DECAYED, "C@1", "C@1"),
    # samples and test inputs
    (BATCH, "a2[1]@2", "a2[1]@2"), (BATCH, "a2@2", "a2[1]@2"), (BATCH, "x1@2", "x[1]@2"), (BATCH, "y@1", "y[1]@1"),
    (BATCH, "a2@t1", "a2[1]@t1"), (BATCH, "x[2]@t1", "x[2]@t1"), (BATCH, "C@2", "C@2"), (BATCH, "C[1]@2", "C[1]@2"),
    (BATCH, "C[1]", "C[1]"), (BATCH, "w2[1,2]", "w2[1,2]"),
    # short forms
    (WIDE, "x1", "x[1]"), (WIDE, "x_2", "x[2]"), (WIDE, "y1", "y[1]"), (WIDE, "C1", "C[1]"), (WIDE, "C_2", "C[2]"),
    (WIDE, "a2_1", "a2[1]"), (WIDE, "w2_12", "w2[1,2]"), (WIDE, "w2_1_2", "w2[1,2]"), (WIDE, "a0_2", "x[2]"),
    (LADDER, "w2", "w2[1,1]"), (LADDER, "a2", "a2[1]"), (LADDER, "a_2", "a2[1]"), (LADDER, "w_2", "w2[1,1]"),
    (LADDER, "b1", "b1[1]"), (LADDER, "x", "x[1]"), (LADDER, "y", "y[1]"), (LADDER, "a0", "x[1]"),
    (LADDER, "w2[1]", "w2[1,1]"), (LADDER, "w2_1", "w2[1,1]"),
    (HUGE, "w2[11]", "w2[1,11]"), (HUGE, "w1_1_12", "w1[1,12]"), (HUGE, "x12", "x[12]"), (HUGE, "a1_11", "a1[11]"),
    (HUGE, "w2_5", "w2[1,5]"),
    # one layer: a joined number is the unit, or the input of a single unit
    (NEURON, "w", "w1[1,1]"), (NEURON, "b", "b1[1]"), (NEURON, "z", "z1[1]"), (NEURON, "a", "a1[1]"),
    (NEURON, "w1", "w1[1,1]"), (NEURON, "a1", "a1[1]"), (NEURON, "w1[1,1]", "w1[1,1]"),
    (THREE_TO_ONE, "w2", "w1[1,2]"), (THREE_TO_ONE, "w_3", "w1[1,3]"), (THREE_TO_ONE, "w1[2]", "w1[1,2]"),
    (THREE_TO_ONE, "b", "b1[1]"), (THREE_TO_ONE, "a1", "a1[1]"), (THREE_TO_ONE, "x2", "x[2]"),
    (THREE_TO_TWO, "a2", "a1[2]"), (THREE_TO_TWO, "z_2", "z1[2]"), (THREE_TO_TWO, "w23", "w1[2,3]"),
    (THREE_TO_TWO, "w_13", "w1[1,3]"), (THREE_TO_TWO, "a1_2", "a1[2]"), (ONE_TO_THREE, "w2", "w1[2,1]"),
    (ONE_TO_THREE, "w31", "w1[3,1]"), (FAN, "w12", "w1[12,1]"), (FAN, "a12", "a1[12]"),
    # weights from_to: short forms follow, brackets stay to, from
    (TURNED, "w31", "w1[1,3]"), (TURNED, "w1_31", "w1[1,3]"), (TURNED, "w1_3_1", "w1[1,3]"), (TURNED, "w1[2,3]", "w1[2,3]"),
    (TURNED_DEEP, "w1_32", "w1[2,3]"), (TURNED_DEEP, "w2_12", "w2[2,1]"), (TURNED_DEEP, "a1_2", "a1[2]"),
    # own names win, canonical ones stay
    (OWN, "w5", "shared w5"), (OWN, "w6", "w1[1,2]"), (OWN, "w1", "w2[1,1]"), (OWN, "w1[1,1]", "w1[1,1]"),
    (OWN, "b1", "shared b1"), (OWN, "b1[1]", "b1[1]"), (OWN, "b1[2]", "b1[2]"), (OWN, "b9", "b2[1]"),
    (OWN, "h1", "a1[1]"), (OWN, "a2", "a1[2]"), (OWN, "a2[1]", "a2[1]"), (OWN, "o1", "a2[1]"), (OWN, "o1@1", "a2[1]"),
    (OWN, "x2", "x[1]"), (OWN, "x[2]", "x[2]"), (OWN, "i2", "x[2]"), (OWN, "x1", "x[1]"),
    (OWN, "z_h1", "z1[1]"), (OWN, "a_h1", "a1[1]"), (OWN, "z_a2", "z1[2]"), (OWN, "E", "C"), (OWN, "E[1]", "C[1]"),
    (OWN, "C", "w2[1,2]"), (OWN, "C[1]", "C[1]"),
    # a graph has its own names only
    (GRAPH, "J", "J"), (GRAPH, "d", "d"), (GRAPH, "n", "n"), (GRAPH, "e", "e"), (UPSTREAM, "C", "C"), (UPSTREAM, "p", "p"),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "text", "key"), VALUES, ids=[f"{text}-{key}" for _, text, key in VALUES])
def test_a_name_is_read_as_its_key(problem, text, key):
    """One key for each quantity, whichever of its names is used."""
    assert read(problem, text) == Quantity(key)


DERIVATIVES = [
    (WIDE, "dC/dw2[1,2]", "C", "w2[1,2]"),
    (WIDE, "dC/dw2_12", "C", "w2[1,2]"),
    (WIDE, "da2[1]/dz2[1]", "a2[1]", "z2[1]"),
    (WIDE, "dC/dx[1]", "C", "x[1]"),
    (WIDE, "dC[1]/da1[1]", "C[1]", "a1[1]"),
    (WIDE, "dw2[1,1]/dx1", "w2[1,1]", "x[1]"),
    (BATCH, "dC/dz2[1]@2", "C", "z2[1]@2"),
    (BATCH, "dC@2/dw2[1,2]", "C@2", "w2[1,2]"),
    (BATCH, "dC[1]@2/da1[1]@2", "C[1]@2", "a1[1]@2"),
    (NEURON, "dC/dw", "C", "w1[1,1]"),
    (NEURON, "da/dz", "a1[1]", "z1[1]"),
    (OWN, "dE/dw5", "C", "shared w5"),
    (OWN, "dE/db1", "C", "shared b1"),
    (OWN, "dE/db1[2]", "C", "b1[2]"),
    (OWN, "do1/dz_o1", "a2[1]", "z2[1]"),
    (OWN, "dE/dC", "C", "w2[1,2]"),
    (GRAPH, "dJ/dd", "J", "d"),
    (GRAPH, "dd/da", "d", "a"),
    (UPSTREAM, "dC/dx", "C", "x"),
]


@pytest.mark.parametrize(("problem", "text", "of", "by"), DERIVATIVES, ids=[row[1] for row in DERIVATIVES])
def test_a_derivative_is_read_as_what_by_what(problem, text, of, by):
    """Any quantity may be differentiated by any other."""
    assert read(problem, text) == Quantity(of, (by,))


@pytest.mark.parametrize(
    ("problem", "text", "by"),
    [
        (WIDE, "delta2[1]", "z2[1]"),
        (WIDE, "delta2_2", "z2[2]"),
        (BATCH, "delta1[2]@2", "z1[2]@2"),
        (BATCH, "delta2@1", "z2[1]@1"),
        (NEURON, "delta", "z1[1]"),
        (THREE_TO_TWO, "delta2", "z1[2]"),
        (OWN, "delta_h1", "z1[1]"),
        (OUTPUT, "delta2", "z2[1]"),
    ],
)
def test_delta_is_the_derivative_by_the_weighted_input(problem, text, by):
    """δ has no value of its own: it is ∂C/∂z."""
    assert read(problem, text) == Quantity("C", (by,))


def test_a_second_derivative_keeps_its_order():
    """First by what stands first."""
    assert read(WIDE, "d2C/dw1[1,1]dw2[1,2]") == Quantity("C", ("w1[1,1]", "w2[1,2]"))


def test_the_derivative_of_an_error_is_a_second_derivative_of_the_cost():
    """δ is a derivative already."""
    assert read(WIDE, "ddelta2[1]/dw1[1,1]") == Quantity("C", ("z2[1]", "w1[1,1]"))


REFUSALS = [
    (WIDE, "a3[1]", "there is no layer 3; layers are 1 to 2"),
    (WIDE, "w0[1,1]", "there is no layer 0"),
    (THREE_TO_TWO, "a2[1]", "there is no layer 2; the only one is layer 1"),
    (WIDE, "a2[3]", "does not exist; the last one is a2[2]"),
    (WIDE, "w2[1,3]", "does not exist; the last one is w2[2,2]"),
    (WIDE, "x3", "does not exist; the last one is x[2]"),
    (WIDE, "x0", "does not exist; the last one is x[2]"),
    (WIDE, "C[3]", "does not exist; the last one is C[2]"),
    (WIDE, "a2", "names a whole array; one entry is a2[1]"),
    (WIDE, "w2", "names a whole array; one entry is w2[1,1]"),
    (WIDE, "delta2", "names a whole array; one entry is delta2[1]"),
    (WIDE, "w2[1]", "has one index; one entry is w2[1,1]"),
    (WIDE, "a2[1,2]", "has 2 indices; one entry is a2[1]"),
    (WIDE, "a2_1_2", "has 2 indices; one entry is a2[1]"),
    (WIDE, "w12", "did you mean w1_12 or w2_12?"),
    (WIDE, "w_12", "did you mean w1_12 or w2_12?"),
    (WIDE, "w", "did you mean 'w2'?"),
    (WIDE, "C@2", "there is no sample 2; the only sample is 1"),
    (WIDE, "w2[1,1]@1", "a parameter is the same for every sample; leave '@1' out"),
    (WIDE, "dC/ddelta2[1]", "nothing is differentiated by it"),
    (WIDE, "a2[1]'", "leave the prime out here"),
    (WIDE, "dC'/dw2[1,1]", "leave the prime out here"),
    (WIDE, "dC/dw2[1,1]'", "leave the prime out here"),
    (WIDE, "2*a2[1]", "is a formula; here the name of one quantity is expected"),
    (WIDE, "q", "is not in this problem"),
    (HUGE, "w1_12", "write the two indices apart, w1[j,k]"),
    (HUGE_LAYER, "w112", "write the two indices apart, w1[j,k]"),
    (BATCH, "a2[1]", "which sample? a2[1]@1 to a2[1]@2"),
    (BATCH, "a2@3", "there is no sample 3; samples are 1, 2, t1"),
    (BATCH, "a2@t2", "there is no sample t2"),
    (BATCH, "y@t1", "a test input has no target"),
    (BATCH, "C@t1", "a test input has no cost"),
    (FORWARD, "C", "neither cost nor output, only a forward pass"),
    (FORWARD, "delta1[1]", "neither cost nor output, only a forward pass"),
    (FORWARD, "y[1]", "this problem has no targets"),
    (OUTPUT, "C[1]", "does not split into parts; ask for C"),
    (OUTPUT, "y", "this problem has no targets"),
    (OWN, "h1[1]", "'h1' is a single quantity; leave its index out"),
    (OWN, "b1@1", "a parameter is the same for every sample"),
    (GRAPH, "J[1]", "names of a graph have no indices and no samples"),
    (GRAPH, "J@1", "names of a graph have no indices and no samples"),
    (GRAPH, "C", "is not in this problem"),
]


@pytest.mark.parametrize(("problem", "text", "message"), REFUSALS, ids=[row[1] for row in REFUSALS])
def test_a_name_that_means_nothing_is_refused_with_a_way_out(problem, text, message):
    """The message says what would be accepted, not only that this was not."""
    with pytest.raises(AnswerError) as caught:
        read(problem, text)
    assert message in str(caught.value)


def test_a_layer_without_biases_says_so():
    """b1[1] is refused as missing, not as out of range."""
    bare = network(2, layers=[{"units": 1, "activation": "tanh", "biases": False}])
    with pytest.raises(AnswerError, match="layer 1 has no biases"):
        read(bare, "b1[1]")


def test_the_names_that_messages_offer_are_listed_once():
    """An own name that is also canonical is no second name."""
    listed = list(Names(OWN))
    assert len(listed) == len(set(listed)) == len(Names(OWN))


def test_every_name_that_is_listed_may_be_used():
    """What a message offers must not be refused as unknown."""
    assert all(name in Names(problem) for problem in (WIDE, OWN, GRAPH, NEURON) for name in Names(problem))


def test_a_bare_letter_is_a_name_only_where_there_is_one_layer():
    """In a deeper network `w` would leave the layer open."""
    assert "w" in Names(NEURON)
    assert "w" not in Names(WIDE)


@pytest.mark.parametrize("problem", [WIDE, TURNED_DEEP, HUGE, LADDER, NEURON, ONE_TO_THREE, FAN])
def test_every_key_of_a_network_is_a_name_of_itself(problem):
    """Canonical names mean themselves in every shape and notation."""
    body = problem.body
    assert isinstance(body, Network)
    keys = [place for parameter in problem.parameters for place in parameter.places]
    keys += [
        f"{letter}{l}[{j}]"
        for l in range(1, body.depth + 1)
        for j in range(1, body.sizes[l] + 1)
        for letter in "za"
    ]
    assert [read(problem, key).of for key in keys] == keys


@pytest.mark.parametrize("name", thinned(bundled(), EXAMPLES))
def test_own_names_of_an_example_mean_their_places(name):
    """Each parameter is found by the author's name and by its key's place."""
    problem = load_problem(name)
    for parameter in problem.parameters:
        assert read(problem, parameter.name).of == parameter.key


def test_a_formula_is_checked_name_by_name():
    """The first name that means nothing is the one that is reported."""
    node = parse("a2[1]*a2[7] + a2[8]", scope_of(WIDE))
    with pytest.raises(AnswerError) as caught:
        check(WIDE, node)
    assert "a2[7]" in str(caught.value)
    assert caught.value.column == 7


def test_an_output_formula_is_read_at_each_sample():
    """a2[1] of an output formula is a2[1]@2 for the second sample; a parameter is the same."""
    activation, weight = (parse(text, scope_of(BATCH)) for text in ("a2[1]", "w1[1,2]"))
    assert at_sample(BATCH, activation, "@2") == "a2[1]@2"
    assert at_sample(BATCH, weight, "@2") == "w1[1,2]"


def test_a_prime_above_a_derivative_is_not_lost_below_it():
    """dC'/dw is the derivative after a step; dC/dw' is nothing."""
    assert resolve(WIDE, parse("dC'/dw2[1,1]", scope_of(WIDE))) == Quantity("C", ("w2[1,1]",))
    with pytest.raises(AnswerError, match="prime above"):
        resolve(WIDE, parse("dC/dw2[1,1]'", scope_of(WIDE)))


LETTERED = network(2, 2, 2, notation={"target": "t", "activation": "o", "weighted_input": "net"})
BISHOP = network(2, 2, 2, notation={"target": "t", "activation": "y"})
CROSSED = network(2, 2, 2, notation={"weighted_input": "a", "activation": "h"})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("t1", "y[1]"), ("t[2]", "y[2]"), ("t_2", "y[2]"), ("o2[1]", "a2[1]"), ("o2_1", "a2[1]"), ("o_2[1]", "a2[1]"),
        ("net2[1]", "z2[1]"), ("net1_2", "z1[2]"), ("y1", "y[1]"), ("a2[1]", "a2[1]"), ("z2[1]", "z2[1]"),
    ],
)  # fmt: skip
def test_the_letters_of_the_notation_are_read_beside_our_own(text, key):
    """What the page prints can be typed."""
    assert read(LETTERED, text) == Quantity(key)


def test_a_derivative_is_read_in_the_letters_of_the_notation():
    """∂C/∂net₂₁ is the error of unit 1."""
    assert read(LETTERED, "dC/dnet2[1]") == Quantity("C", ("z2[1]",))


@pytest.mark.parametrize(
    ("problem", "text", "said"),
    [
        (
            BISHOP,
            "y1",
            "'y1' is the activation in this problem's notation, and elsewhere the target; write a1 or t1",
        ),
        (
            CROSSED,
            "a2[1]",
            "the weighted input in this problem's notation, and elsewhere the activation; write z2[1] or h2[1]",
        ),
        (LETTERED, "t3", "'t3' does not exist; the last one is y[2]"),
    ],
)
def test_a_letter_that_means_two_things_is_refused(problem, text, said):
    """Ours for one quantity and the page's for another: both ways out are named."""
    with pytest.raises(AnswerError) as caught:
        read(problem, text)
    assert said in str(caught.value)


@pytest.mark.parametrize(("text", "key"), [("t1", "y[1]"), ("a2[1]", "a2[1]"), ("z2[1]", "z2[1]")])
def test_a_letter_that_means_one_thing_is_read_beside_one_that_does_not(text, key):
    """Only the letter in question is refused."""
    assert read(BISHOP, text) == Quantity(key)


def test_a_units_name_brings_the_letters_of_the_notation():
    """net_h1 is what the page prints for the weighted input of h1."""
    layers = [{"units": ["h1"], "activation": "sigmoid"}]
    named = network(2, layers=layers, notation={"weighted_input": "net"})
    assert read(named, "net_h1") == read(named, "z_h1") == Quantity("z1[1]")


@pytest.mark.parametrize(
    ("layers", "text", "operation"),
    [
        (["sigmoid", "sigmoid"], "sigma(z2[1])", "sigmoid"),
        (["tanh", "identity"], "σ(z1[1])", "tanh"),
        (["tanh", "identity"], "g(z1[1])", "tanh"),
        (["tanh", "relu"], "sigma2(z2[1])", "relu"),
    ],
)
def test_sigma_and_the_notations_function_are_the_activation(layers, text, operation):
    """Where layers that are not the identity share one; a layer's own has its number."""
    tables = [{"units": 2, "activation": name} for name in layers]
    scope = scope_of(network(2, layers=tables, notation={"function": "g"}))
    assert parse(text, scope).operation == operation


def test_sigma_is_refused_where_layers_differ():
    """sigma1 and sigma2 say which."""
    tables = [{"units": 2, "activation": name} for name in ("tanh", "relu")]
    with pytest.raises(AnswerError, match="did you mean 'sigma"):
        parse("sigma(z2[1])", scope_of(network(2, layers=tables)))


@pytest.mark.parametrize("name", thinned(bundled(), EXAMPLES))
def test_a_canonical_name_means_what_the_grammar_makes_of_it(name):
    """Read at once or by the grammar, whatever names the author gave: one quantity, or a refusal."""
    problem = load_problem(name)
    for letter in (
        "w1[1,1]",
        "w2[2,1]",
        "w1[9,9]",
        "b1[1]",
        "b9[1]",
        "z1[1]",
        "a2[1]",
        "x[1]",
        "y[1]",
        "a0[1]",
        "w1[1]",
    ):
        found = []
        for text in (f"dC/d{letter}", f" dC/d{letter} "):  # a space is for the grammar alone
            try:
                found.append(read(problem, text))
            except AnswerError:
                found.append(None)
        assert CANONICAL.fullmatch(f"dC/d{letter}") and not CANONICAL.fullmatch(f" dC/d{letter} ")
        assert found[0] == found[1]
