"""Problems for the tests of the witnesses: small ones spelled out, and random ones.

Numbers are decimals of three digits, so every problem can be written down.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
import sympy as sp

from derive.files.load import load_problem
from derive.rules import ACTIVATIONS, COSTS

FORMULAS = (
    "log(1 + exp(z))",
    "z/(1 + abs(z))",
    "max(z, 0.1*z)",
    "min(max(z, -1), 1)",
    "z*sigmoid(z)",
    "sin(z) + z^2",
    "exp(-z^2)",
    "sqrt(1 + z^2)",
    "relu(abs(z) - 0.1)",
)
COST_FORMULAS = ("(y - a)^4", "abs(y - a)", "log(1 + exp(-y*a))", "max(0, 1 - y*a)")


def decimals(rng, low, high, *shape):
    """Decimals of three digits, nested like an array of this shape."""
    if not shape:
        return Decimal(int(rng.integers(round(low * 1000), round(high * 1000)))) / 1000
    return [decimals(rng, low, high, *shape[1:]) for _ in range(shape[0])]


def make_layer(activation, weights, biases=False, **more):
    return {
        "units": len(weights),
        "activation": activation,
        "weights": weights,
        "biases": biases,
        **more,
    }


def make_network(layers, x, y=None, *, cost="half_squared_error", values=None, more=None, **network):
    """A problem from layers as `make_layer` makes them."""
    stated = {"cost": cost} if "output" not in network else {}
    tables = {
        "title": "test",
        "network": {"inputs": len(x[0]), "layers": layers, **stated, **network},
        "data": {"x": x} | ({"y": y} if y else {}),
        **(more or {}),
    }
    return load_problem(tables | ({"values": values} if values else {}))


def make_graph(steps, values, output=None, **graph):
    name = output or steps[-1].partition("=")[0].strip()
    return load_problem(
        {"title": "test", "graph": {"steps": steps, "output": name, **graph}, "values": values}
    )


def make_random(
    rng,
    sizes,
    activations,
    cost="half_squared_error",
    *,
    samples=1,
    reduction="sum",
    l2=0,
    shared=False,
    bias=True,
    **more,
):
    """A network of these sizes n[0]..n[L]; `shared`: one bias a layer, frozen.

    Targets add up to 1, or are drawn from the few that the cost takes.
    """
    values, layers = {}, []
    for l, activation in enumerate(activations, 1):
        rows = sizes[l] * pieces_of(activation)
        biases = decimals(rng, -1, 1, rows) if bias else False
        if shared and bias:
            values[f"c{l}"] = decimals(rng, -1, 1)
            biases = [f"c{l}"] * rows
        weights = decimals(rng, -1.5, 1.5, rows, sizes[l - 1])
        layers.append(make_layer(activation, weights, biases, units=sizes[l], frozen=bool(shared)))
    y = decimals(rng, 0.05, 1 / sizes[-1], samples, sizes[-1])
    for row in y:
        row[-1] = 1 - sum(row[:-1])
    few = few_targets(cost)
    if few:
        y = [[few[int(rng.integers(len(few)))] for _ in row] for row in y]
    x = decimals(rng, -1, 1, samples, sizes[0])
    return make_network(layers, x, y, cost=cost, values=values, reduction=reduction, l2=l2, **more)


def pieces_of(activation):
    """How many weighted inputs a unit has under a rule as a file states it."""
    stated = activation if isinstance(activation, dict) else {"rule": activation}
    row = ACTIVATIONS.get(stated["rule"])
    return row.given({k: Fraction(v) for k, v in stated.items() if k != "rule"}).pieces if row else 1


def few_targets(cost):
    """The only targets that a cost takes, hinge's -1 and 1, or nothing."""
    row = COSTS.get(cost["rule"] if isinstance(cost, dict) else cost)
    values = row.targets.values if row else None
    return sorted(map(int, values)) if isinstance(values, sp.FiniteSet) else []


def any_activation(rng, but=()):
    """A rule with random parameters or a formula, drawn from all that there are."""
    names = [name for name in ACTIVATIONS if name not in ("general", *but)]
    return drawn_rule(rng, ACTIVATIONS, str(rng.choice([*names, *FORMULAS])))


def any_cost(rng):
    return drawn_rule(rng, COSTS, str(rng.choice([*COSTS, *COST_FORMULAS])))


def drawn_rule(rng, rows, name):
    """A rule as a file states it; each parameter that may be set has its default or another number."""
    free = [p for p in rows[name].parameters if not p.fixed] if name in rows else []
    drawn = {
        p.name: int(rng.integers(int(p.allowed.inf), 5))
        if p.whole
        else decimals(rng, max(0.05, float(p.allowed.inf)), min(3, float(p.allowed.sup)))
        for p in free
    }
    return {"rule": name} | drawn if drawn and rng.random() < 0.6 else name


@pytest.fixture(scope="session")
def layer():
    return make_layer


@pytest.fixture(scope="session")
def network():
    return make_network


@pytest.fixture(scope="session")
def graph():
    return make_graph


@pytest.fixture(scope="session")
def random_problem():
    return make_random


@pytest.fixture(scope="session")
def draw_rule():
    return drawn_rule
