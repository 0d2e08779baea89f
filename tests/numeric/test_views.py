"""Derivatives in every view, as numbers: against the sweep in balls, and against differences by mpmath."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive import derive_gradient, load_problem
from derive.expressions import Formula
from derive.steps import Step, Term, given_values, program_of
from derive.sweep import derivative
from numeric.balls.enclosure import balls_of, enclose, relative_digits
from tests.kinds import every

LAYERS = [
    {
        "units": 2,
        "activation": "tanh",
        "weights": [["0.3", "-0.7"], ["0.9", "0.2"]],
        "biases": ["0.1", "-0.4"],
    },
    {
        "units": 2,
        "activation": "sigmoid",
        "weights": [["0.5", "-0.6"], ["1.1", "0.8"]],
        "biases": ["0.2", "0.3"],
    },
]
BATCH = {
    "x": [["0.5", "-1.2"], ["0.7", "0.4"], ["-0.3", "1.5"]],
    "y": [["0.1", "0.9"], ["1", "0"], ["0.4", "0.6"]],
}
ONE = {"x": BATCH["x"][:1], "y": BATCH["y"][:1]}


def network(data=ONE, activations=("tanh", "sigmoid"), cost="half_squared_error", layers=LAYERS, **body):
    stated = [{**layer, "activation": rule} for layer, rule in zip(layers, activations, strict=True)]
    values = {"values": body.pop("values")} if "values" in body else {}
    return load_problem(
        {"network": {"inputs": 2, "cost": cost, "layers": stated, **body}, "data": data, **values}
    )


SHARED = [
    {"units": 2, "weights": [["u", "v"], ["v", "0.3"]], "biases": ["b", "b"]},
    {"units": 2, "weights": [["u", "0.4"], ["0.6", "u"]], "biases": ["b", "0.1"]},
]
GRAPH = {
    "graph": {
        "steps": ["a = x^2*y", "b = sin(a)", "c = 3*a", "d = b*c", "J = cos(d) + a"],
        "output": "J",
    },
    "values": {"x": "0.7", "y": "1.3"},
}

PROBLEMS = {
    "one sample": (network(), ["dC/dw1[2,1]", "dC/dw2[1,2]", "dC/dx[2]", "dC/dy[1]", "da2[1]/dz1[2]"]),
    "batch": (network(BATCH), ["dC/dw1[1,2]", "dC/db2[1]", "dC/dx[1]@2", "dC@3/dw2[2,2]", "dC[2]/dw1[1,1]"]),
    "mean and L2": (network(BATCH, reduction="mean", l2="0.3"), ["dC/dw1[1,2]", "dC/db1[2]", "dC/dz1[1]@3"]),
    "softmax": (network(activations=("relu", "softmax"), cost="cross_entropy"), ["dC/dw1[1,2]", "dC/dw2[2,1]"]),
    "shared": (
        network(layers=SHARED, values={"u": "0.35", "v": "-0.8", "b": "0.15"}),
        ["dC/du", "dC/dv", "dC/db", "dC/db1[2]"],
    ),
    "graph": (load_problem(GRAPH), ["dJ/dx", "dJ/dy", "dJ/da", "dd/dx"]),
    "second": (network(), ["d2C/dw1[1,1]dw2[1,2]", "d2C/dw1[1,1]dw1[1,1]", "d2C/dx[1]dy[2]", "d2C/dw2[1,1]dw2[2,1]"]),
    "second, batch, L2": (
        network(BATCH, reduction="mean", l2="0.3"),
        ["d2C/dw1[1,1]dw1[1,1]", "d2C/dw1[1,1]dw2[1,2]", "d2C/db2[1]db2[1]"],
    ),
    "second, softmax": (
        network(activations=("tanh", "softmax"), cost="cross_entropy"),
        ["d2C/dw1[1,1]dw2[1,2]", "d2C/db2[1]db2[2]"],
    ),
    "second, shared": (network(layers=SHARED, values={"u": "0.35", "v": "-0.8", "b": "0.15"}), ["d2C/dudu", "d2C/dudb"]),
    "third": (load_problem(GRAPH), ["d3J/dxdxdx", "d3J/dxdydx"]),
}  # fmt: skip

CASES = [(problem, name) for problem, names in PROBLEMS.values() for name in names]
IDS = [f"{title}-{name}" for title, (_, names) in PROBLEMS.items() for name in names]
VIEWS = ("closed", "forward")


def step_of(expr: sp.Expr, key: str) -> Step:
    """A step that evaluates an expression in symbols named by keys."""
    symbols = tuple(sorted(expr.free_symbols, key=str))
    return Step(key, (Term(Formula(expr, symbols), tuple(symbol.name for symbol in symbols)),), "view")


def limit_of(problem) -> int:
    return 20_000 * max(len(problem.x), 1)


@pytest.mark.parametrize("place", every(range(len(CASES)), 8), ids=IDS.__getitem__)
def test_a_formula_has_the_value_of_the_sweep(place):
    """Thirty digits in common: of one derivative in weights and data, and in the forward pass's quantities."""
    problem, name = CASES[place]
    gradient = derive_gradient(problem)[name]
    program, key = derivative(program_of(problem), gradient.quantity.of, gradient.quantity.by)
    views = (gradient.closed_form(limit_of(problem)), gradient.forward_form(limit_of(problem)))
    steps = [step_of(view.expression, word) for word, view in zip(VIEWS, views, strict=True)]
    # One sample's forward quantities carry the mark that its expression leaves out.
    given = balls_of(given_values(problem) | unmarked(problem, gradient))
    found = enclose(program.plus(steps), given, (key, "closed"))
    assert agree(found["closed"], found[key])
    if not unmarked(problem, gradient):
        assert agree(enclose(program.plus(steps), given, ("forward",))["forward"], found[key])


def unmarked(problem, gradient):
    """The inputs and targets of the sample that a derivative is of, without its mark; none of the whole cost."""
    mark = gradient.quantity.of.partition("@")[2]
    if not mark or len(problem.x) < 2:
        return {}
    values = given_values(problem)
    return {key.removesuffix(f"@{mark}"): value for key, value in values.items() if key.endswith(f"@{mark}")}


def agree(one, other) -> bool:
    gap = max(one.hi, other.hi) - min(one.lo, other.lo)
    return gap == 0 or relative_digits(gap, abs(other.mid)) > 29


@pytest.mark.parametrize("places", every([("w1", "w2"), ("w1", "w1"), ("w1", "w1", "w2")], 3), ids="-".join)
def test_a_higher_derivative_is_that_of_mpmath_s_differences(places):
    """mpmath moves the weights of a cost that is written out here and knows no derivative."""
    mpmath.mp.dps = 60
    w2 = mpmath.mpf("-0.6")

    def cost(first, second):
        m = mpmath.mpf
        a1 = mpmath.tanh(first * m("0.5") + m("-0.7") * m("-1.2") + m("0.1"))
        a2 = mpmath.tanh(m("0.9") * m("0.5") + m("0.2") * m("-1.2") + m("-0.4"))
        outputs = (m("0.5") * a1 + second * a2 + m("0.2"), m("1.1") * a1 + m("0.8") * a2 + m("0.3"))
        errors = [1 / (1 + mpmath.exp(-z)) - y for z, y in zip(outputs, (m("0.1"), m("0.9")), strict=True)]
        return sum(error**2 for error in errors) / 2

    orders = (places.count("w1"), places.count("w2"))
    expected = mpmath.diff(cost, (mpmath.mpf("0.3"), w2), orders)
    keys = {"w1": "w1[1,1]", "w2": "w2[1,2]"}
    name = f"d{len(places)}C/" + "".join(f"d{keys[place]}" for place in places)
    gradient = derive_gradient(network())[name]
    program = program_of(network()).plus([step_of(gradient.closed_form(20_000).expression, "closed")])
    found = enclose(program, balls_of(given_values(network())), ("closed",))["closed"]
    assert abs(mpmath.mpf(found.mid.numerator) / found.mid.denominator - expected) < mpmath.mpf("1e-15")
