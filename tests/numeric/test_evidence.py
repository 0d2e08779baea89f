"""Verdicts on the hard cases, and on witnesses that were broken on purpose."""

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

import numeric.floats.backprop
import numeric.floats.differences
import numeric.floats.network
from derive.files.load import load_problem
from numeric.evidence import verify
from numeric.floats.rounding import Rounded, select
from numeric.floats.rules import ACTIVATIONS, COSTS, OUTPUTS
from tests.kinds import every

X, Y = [["0.5", "1"]], [["0.7"]]
W1, W2 = [["0.5", "-0.25"], ["0.3", "0.2"]], [["0.4", "0.6"]]
CLASSES = [["0.4"], ["0.1"], ["0.2"]]
XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]


def two(hidden="sigmoid", output="sigmoid", b1=("0.3", "0.1"), b2="0.2", x=X, y=Y, weights=(W1, W2), **more):
    layers = [(hidden, weights[0], list(b1)), (output, weights[1], [b2] if weights[1] is W2 else b2)]
    return {"layers": layers, "x": x, "y": y, **more}


def classes(gap, right, cost):
    layers = [("tanh", [["0.5"]], ["0.1"]), ("softmax", CLASSES, [gap, 0, 1])]
    return {"layers": layers, "x": [["0.5"]], "y": [[right, 0, 1 - right]], "cost": cost}


def one(activation, z, y, cost):
    return {"layers": [(activation, [["0.5"]], [z])], "x": [["0.5"]], "y": [[y]], "cost": cost}


def symmetric(hidden, w, v, b=0):
    layers = [(hidden, [[w, w], [w, w]], [b, b]), (hidden, [[v, f"-{v}"]], [0])]
    return {"layers": layers, "x": XOR[0], "y": XOR[1]}


AGREE = {
    "hidden z = 30": two(b1=(30, "0.1")),
    "hidden z = 40": two(b1=(40, "0.1")),
    "hidden z = -40": two(b1=(-40, "0.1")),
    "hidden z = 700": two(b1=(700, "0.1")),
    "weights 1e-8 to 1e8": two("tanh", "identity", weights=([["1e-8", "1e8"], ["1e8", "-1e-8"]], W2)),
    "z = 1e8 x - 1e8 x'": two(
        "tanh", "identity", x=[["0.300000001", "0.3"]], weights=([["1e8", "-1e8"]] * 2, W2)
    ),
    "relu 1e-9 above its kink": two("relu", b1=("1e-9", "0.1")),
    "relu 1e-9 below its kink": two("relu", b1=("-1e-9", "0.1")),
    "a C1 formula on the edge of its branches": two("z/(1 + abs(z))", b1=(0, "0.1")),
    "softmax gap 40, wrong class": classes(40, 0, "cross_entropy"),
    "softmax gap 40, right class": classes(40, 1, "cross_entropy"),
    "cross entropy at z = 40": one("sigmoid", 40, 1, "binary_cross_entropy"),
    "cross entropy at z = -40": one("sigmoid", -40, 1, "binary_cross_entropy"),
    "cross entropy between at z = 800": one("sigmoid", 800, "0.5", "binary_cross_entropy"),
    "output z = 30, y = 1": two(b2=30, y=[[1]]),
    "output z = -40, y = 0": two(b2=-40, y=[[0]]),
    "tanh at z = 20, y = 1": one("tanh", 20, 1, "squared_error"),
    "absolute error at z = 40": one("sigmoid", 40, 1, "absolute_error"),
    "huber at z = 40": one("sigmoid", 40, 1, "huber"),
    "softmax gap 40 with squared error": classes(40, 1, "squared_error"),
    "gelu at z = -30": two("gelu", b1=(-30, "0.1")),
    "elu at z = -40": two("elu", b1=(-40, "0.1")),
    "silu at z = -40": two("silu", b1=(-40, "0.1")),
    "softplus at z = -40": two("softplus", b1=(-40, "0.1")),
    "a logit of 40": one("identity", 40, 1, "binary_cross_entropy_on_logits"),
    "elu of alpha 1 on the edge of its branches": two("elu", b1=(0, "0.1")),
    "a dead relu": two("relu", b1=(-3, "0.1")),
    "all relus dead": two("relu", b1=(-3, -3)),
    "x = 0": two(x=[[0, 0]]),
    "symmetric XOR": symmetric("sigmoid", "0.5", "0.4", "0.3"),
    "symmetric XOR with an output of exactly 0": symmetric("tanh", "0.5", "0.4"),
    "XOR of zeros": symmetric("sigmoid", 0, 0),
    "y = a exactly": one("identity", "0.25", "0.5", "half_squared_error"),
    "a cost that is 0": one("sigmoid", "0.3", "0.3", "0*a"),
    "a cost of targets only": one("sigmoid", "0.3", "0.3", "y^2"),
    "a softmax of one unit": {"layers": [("softmax", [["0.5"]], [1])], "x": [[1]], "y": [["0.5"]]},
    "a shared bias under softmax": {
        "layers": [("softmax", CLASSES, ["b", "b", "b"])],
        "x": [["0.5"]],
        "y": [["0.2", "0.3", "0.5"]],
        "values": {"b": "0.4"},
    },
    "a step's flat side": two("step"),
    "softmax gap 800, right class": classes(800, 1, "cross_entropy"),
}

UNDECIDED = {
    "relu at its kink": (
        two("relu", b1=(0, "0.1")),
        "z1[1] is exactly at relu's kink; its slope 0 there is a conv",
    ),
    "relu at 0.1 + 0.2 - 0.3": (
        two("relu", b1=("-0.3", "0.1"), x=[[1, 1]], weights=([["0.1", "0.2"], ["0.3", "0.2"]], W2)),
        "z1[1] is exactly at relu's kink",
    ),
    "step at its jump": (two("step", b1=(0, "0.1")), "z1[1] is exactly at step's kink"),
    "a formula at its kink": (two("max(z, 0.1*z)", b1=(0, "0.1")), "z1[1] is exactly at the formula's kink"),
    "abs as a cost, y = a": (one("identity", "0.25", "0.5", "abs(y - a)"), "C is exactly at a kink"),
    "an output formula at its kink": (
        {"layers": [("identity", [["0.5"]], ["-0.25"])], "x": [["0.5"]], "output": "abs(a1[1])"},
        "C is exactly at a kink",
    ),
    "log of an output of 0": (one("relu", -3, "0.3", "cross_entropy"), "no value"),
    "log of a negative output": (one("identity", -3, "0.3", "cross_entropy"), "not finite"),
    "log of 1 - a = 0": (one("identity", "0.75", "0.3", "binary_cross_entropy"), "no value"),
}

GRAPHS = {
    "division by zero": (["u = x - y", "z = 1/u"], {"x": 1, "y": 1}, "no value"),
    "log of zero": (["z = log(x - y)"], {"x": 1, "y": 1}, "no value"),
    "root of zero": (["z = sqrt(x - y)"], {"x": 1, "y": 1}, "no value"),
    "root of a negative number": (["z = x*sqrt(y)"], {"x": 1, "y": -4}, "no value"),
    "exp(1000)": (["z = exp(x)"], {"x": 1000}, "overflow"),
    "exp(1000)/exp(999)": (["a = exp(x)", "b = exp(y)", "z = a/b"], {"x": 1000, "y": 999}, "overflow"),
    "a product beyond 1e308": (["a = x^4", "z = a*a"], {"x": "1e100"}, "overflow"),
    "a tie of max": (["z = max(x, y)"], {"x": 1, "y": 1}, "tie"),
    "a tie of min among three": (["z = min(x, y, w)"], {"x": 1, "y": 1, "w": 2}, "tie"),
    "abs at 0": (["z = abs(x)"], {"x": 0}, "z is exactly at a kink"),
    "relu at 0": (["z = relu(x)*y"], {"x": 0, "y": 2}, "z is exactly at a kink"),
    "a tie that balls cannot see": (["a = sin(x)^2 + cos(x)^2", "z = max(a, 1)*x"], {"x": 1}, "differ by 0"),
    "a tie of one formula twice": (["a = sin(x)", "b = sin(x)", "z = max(a, b)"], {"x": 1}, "moves along"),
}


def build(case, network, layer):
    stated = dict(case)
    layers = [layer(*parts) for parts in stated.pop("layers")]
    return network(layers, stated.pop("x"), stated.pop("y", None), **stated)


def claims_of(row):
    return [(row.backprop.value, row.backprop.error), (row.difference.value, row.difference.error)]


@pytest.mark.parametrize("case", every(AGREE, 4))
def test_a_hard_case_that_float64_can_do_agrees(case, network, layer):
    """Saturation, flat units and exact zeros are no excuse; no number is nan."""
    evidence = verify(build(AGREE[case], network, layer))
    assert [(row.name, row.note) for row in evidence if row.verdict != "agree"] == []
    assert all(math.isfinite(number) for row in evidence for claim in claims_of(row) for number in claim)


@pytest.mark.parametrize("case", every(AGREE, 4))
def test_an_enclosure_is_at_most_a_unit_wide_and_meets_both_claims(case, network, layer):
    """Correctly rounded: both ends are the same float64, or hold 0."""
    for row in verify(build(AGREE[case], network, layer)):
        lo, hi = row.symbolic.lo, row.symbolic.hi
        assert float(lo) == float(hi) or lo <= 0 <= hi
        for value, error in claims_of(row):
            assert abs(value - float(row.symbolic.mid)) <= error * (1 + 1e-9) + math.ulp(value)


@pytest.mark.parametrize("case", UNDECIDED)
def test_what_nobody_can_know_is_undecided_and_says_why(case, network, layer):
    """Never disagree, never agree: a convention and a lost digit are no evidence."""
    stated, reason = UNDECIDED[case]
    evidence = verify(build(stated, network, layer))
    assert evidence.verdict == "undecided"
    assert any(reason in row.note for row in evidence if row.verdict == "undecided")
    assert all(row.note for row in evidence if row.verdict == "undecided")


@pytest.mark.parametrize("case", GRAPHS)
def test_a_graph_without_a_value_or_slope_is_undecided(case, graph):
    """With the reason, and without a traceback."""
    steps, values, reason = GRAPHS[case]
    evidence = verify(graph(steps, values))
    assert evidence.verdict == "undecided"
    assert any(reason in row.note for row in evidence)


def test_a_zero_that_only_balls_can_see_reads_as_zero_to_so_many_digits(network, layer):
    """Symmetric weights cancel to exactly 0, which no ball can prove."""
    rows = [row for row in verify(build(AGREE["symmetric XOR"], network, layer)) if row.symbolic.holds_zero]
    noted = [row.note for row in rows if row.symbolic.radius]
    assert noted
    assert all(note.startswith("0 to 1") and note.endswith("digits") for note in noted)


@pytest.mark.parametrize("case", [two(b1=(1000, "0.1")), two("softplus", "tanh", b1=(-1000, "0.1"))])
def test_a_gradient_below_float64_s_range_says_so(case, network, layer):
    """It agrees as a 0 does, by the referee or without, and the page prints digits that no float64 holds."""
    rows = verify(build(case, network, layer)).rows
    below = [row for row in rows if row.symbolic.mid and float(row.symbolic.mid) == 0]
    assert below
    assert all(row.verdict == "agree" and row.note.startswith("below float64's range") for row in below)


def test_nothing_to_compare_is_no_agreement(network, layer):
    """A forward pass has a verdict of its own: none."""
    problem = network([layer("tanh", W1)], X, output="a1[1]")
    forward = verify(replace(problem, body=replace(problem.body, output=None)))
    assert (forward.verdict, forward.agree, forward.rows) == (None, False, ())


# -- witnesses that are broken on purpose ----------------------------------------------------------


@pytest.fixture
def plain(network, layer):
    return build(two(y=[["0.7"]]), network, layer)


def with_rule(monkeypatch, **change):
    """numeric's sigmoid with another pull or value."""
    table = MappingProxyType({**ACTIVATIONS, "sigmoid": replace(ACTIVATIONS["sigmoid"], **change)})
    monkeypatch.setattr(numeric.floats.network, "ACTIVATIONS", table)


def assert_found(evidence):
    assert evidence.verdict == "disagree"
    row = next(row for row in evidence if row.verdict == "disagree")
    assert row.gap > 0
    assert "apart" in row.note


WRONG_PULLS = {
    "a sign": lambda z, g: -ACTIVATIONS["sigmoid"].pull(z, g),
    "a missing slope": lambda z, g: g,
    "tanh's slope": ACTIVATIONS["tanh"].pull,
    "a slope at -2z": lambda z, g: ACTIVATIONS["sigmoid"].pull(-2 * z, g),
    "relu's slope": lambda z, g: select(z, g, 0.0),
    "one part in a million": lambda z, g: 1.000001 * ACTIVATIONS["sigmoid"].pull(z, g),
}


@pytest.mark.parametrize("fault", WRONG_PULLS)
def test_a_wrong_slope_of_backprop_is_found(fault, plain, monkeypatch):
    """The other two do not read it."""
    assert verify(plain).agree
    with_rule(monkeypatch, pull=WRONG_PULLS[fault])
    assert_found(verify(plain))


def test_a_wrong_slope_of_a_cost_is_found(plain, monkeypatch):
    """y - a in place of a - y."""
    cost = replace(COSTS["half_squared_error"], slope=lambda a, y: y - a)
    monkeypatch.setattr(numeric.floats.network, "COSTS", MappingProxyType({**COSTS, cost.name: cost}))
    monkeypatch.setattr(numeric.floats.network, "OUTPUTS", {})  # or it is taken straight from z
    assert_found(verify(plain))


def test_a_wrong_slope_straight_from_z_is_found(plain, monkeypatch):
    """Without the factor phi' of the last layer."""
    key = ("sigmoid", "half_squared_error")
    row = replace(OUTPUTS[key], delta=lambda z, y: ACTIVATIONS["sigmoid"].value(z) - y)
    monkeypatch.setattr(numeric.floats.network, "OUTPUTS", {**OUTPUTS, key: row})
    assert_found(verify(plain))


def test_a_wrong_value_in_numpys_forward_pass_is_found(plain, monkeypatch):
    """Both float witnesses share it; the symbolic one has its own phi."""
    with_rule(monkeypatch, value=lambda z: ACTIVATIONS["sigmoid"].value(z) * 1.001)
    assert_found(verify(plain))


def test_a_bias_that_backprop_forgets_is_found(plain, monkeypatch):
    """A forward pass without b, in one witness only."""
    real = numeric.floats.backprop.forward

    def without_bias(network, arrays, **how):
        return real(network, replace(arrays, b=dict.fromkeys(arrays.b)), **how)

    monkeypatch.setattr(numeric.floats.backprop, "forward", without_bias)
    assert_found(verify(plain))


def test_a_transpose_that_backprop_forgets_is_found(network, layer, monkeypatch):
    """W in place of its transpose carries errors to the wrong units, where W is square."""
    layers = [layer("tanh", W1, ["0.3", "0.1"]), layer("sigmoid", W1, ["0.2", "0.4"])]
    problem = network(layers, X, [["0.7", "0.1"]])
    real = numeric.floats.backprop.arrays_of

    def transposed(problem, network):
        arrays = real(problem, network)
        return replace(arrays, W={1: arrays.W[1], 2: arrays.W[2].T})

    run = numeric.floats.backprop.forward
    monkeypatch.setattr(numeric.floats.backprop, "arrays_of", transposed)
    monkeypatch.setattr(
        numeric.floats.backprop,
        "forward",
        lambda network, _, **how: run(network, real(problem, network), **how),
    )
    assert_found(verify(problem))


def test_a_wrong_difference_alone_is_overruled_by_the_referee(plain, monkeypatch):
    """Two proofs against one float64 difference: it never decides by itself."""
    real = numeric.evidence.differences
    monkeypatch.setattr(
        numeric.evidence,
        "differences",
        lambda problem: {entry: replace(c, value=-c.value) for entry, c in real(problem).items()},
    )
    evidence = verify(plain)
    assert evidence.agree
    assert all("referee" in row.note for row in evidence)


def test_witnesses_that_claim_nothing_leave_the_row_undecided(plain, monkeypatch):
    """An infinite error is no agreement."""
    real = numeric.evidence.backprop
    monkeypatch.setattr(
        numeric.evidence,
        "backprop",
        lambda problem: {entry: replace(c, error=np.inf) for entry, c in real(problem).items()},
    )
    assert verify(plain).verdict == "undecided"


def test_rounded_has_no_part_in_equality_of_nan(plain, monkeypatch):
    """nan is never equal to nan."""
    with_rule(monkeypatch, pull=lambda z, g: Rounded.exact(np.full(g.shape, np.nan)))
    assert verify(plain).verdict == "undecided"


def test_slopes_of_a_cost_without_a_value_prove_nothing():
    """a = 1.1 has no binary cross-entropy, though a target of 1 would silence ln(1 − a)."""
    network = {
        "inputs": 2,
        "cost": "binary_cross_entropy",
        "layers": [{"units": 2, "activation": "identity", "weights": [["0.1", "0.2"], ["0.3", "0.4"]]}],
    }
    network["layers"][0]["biases"] = [0, 0]
    evidence = verify(load_problem({"network": network, "data": {"x": [[1, 2]], "y": [[0, 1]]}}))
    assert evidence.verdict == "undecided"
    assert all("C has no value here" in row.note for row in evidence if row.places[0].startswith("dC/dw1[2"))
