"""Derivatives of the whole cost as one expression, by plain SymPy, and of the steps evaluated one by one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.expressions import expression
from derive.files.load import load_problem
from derive.problem import Graph, Network, Problem
from derive.rules import ACTIVATIONS, COSTS, A, K, S, Y
from derive.steps import Program, given_values, program_of
from derive.sweep import adjoint, sweep
from derive.whole_functions import written_out

DIGITS = 40
CLOSE = sp.Float("1e-30")
RULES = [rule for rule in ACTIVATIONS.values() if rule.name != "general"]


# -- plain SymPy: the cost as one expression in the given numbers ----------------------------------


def whole_cost(problem: Problem) -> sp.Expr:
    """C as one expression in symbols named by parameter and input keys; written without derive.steps."""
    body = problem.body
    assert isinstance(body, Network)
    costs = [sample_cost(problem, body, suffix) for suffix in problem.samples]
    n = len(costs)
    weights = [sp.Symbol(p.key) for p in problem.parameters if any(place[0] == "w" for place in p.places)]
    decay = sp.Rational(body.l2.numerator, body.l2.denominator) / (2 * n) * sum(w**2 for w in weights)
    return sp.Add(*costs) / (n if body.reduction == "mean" else 1) + decay


def sample_cost(problem: Problem, body: Network, suffix: str) -> sp.Expr:
    values = {f"x[{k}]": sp.Symbol(f"x[{k}]{suffix}") for k in range(1, body.sizes[0] + 1)}
    values |= {f"y[{k}]": sp.Symbol(f"y[{k}]{suffix}") for k in range(1, body.sizes[-1] + 1)}
    values |= {parameter.own or parameter.key: sp.Symbol(parameter.key) for parameter in problem.parameters}
    values |= {place: sp.Symbol(p.key) for p in problem.parameters for place in p.places}
    below = [values[f"x[{k}]"] for k in range(1, body.sizes[0] + 1)]
    for l, layer in enumerate(body.layers, 1):
        biases = layer.biases or ()
        zs = [
            sum(sp.Symbol(key) * a for key, a in zip(row, below, strict=True))
            + (sp.Symbol(biases[j]) if biases else 0)
            for j, row in enumerate(layer.weights)
        ]
        rule = layer.activation
        groups = [[zs[i - 1] for i in layer.read_by(j)] for j in range(1, layer.size + 1)]
        below = [
            written_out(rule.phi(own[0], tuple(zs if rule.couples else own)).subs(rule.numbers))
            for own in groups
        ]
        values |= {f"z{l}[{j}]": z for j, z in enumerate(zs, 1)} | {
            f"a{l}[{j}]": a for j, a in enumerate(below, 1)
        }
    if body.output is not None:
        return expression(body.output, values)
    rule = body.cost
    assert rule is not None
    known = {K: sp.Integer(len(below)), S: rule.whole(below) if rule.whole else S}
    part = written_out(rule.part.subs(rule.numbers))
    return sp.Add(
        *(part.xreplace(known | {A: a, Y: sp.Symbol(f"y[{k}]{suffix}")}) for k, a in enumerate(below, 1))
    )


def gradient(problem: Problem, wrt: Iterable[str] = ()) -> list[sp.Expr]:
    """The substituted cost's derivatives by these, or by every parameter."""
    cost = whole_cost(problem)
    return [truth(problem, cost, key) for key in tuple(wrt) or problem.wrt]


def whole_graph(problem: Problem, output: str) -> sp.Expr:
    """A graph's output as one expression in its given names."""
    body = problem.body
    assert isinstance(body, Graph)
    values: dict[str, sp.Expr] = {name: sp.Symbol(name) for name in problem.given}
    for line in body.steps:
        values[line.name] = expression(line.node, values)
    return values[output]


def rationals(problem: Problem) -> dict[str, sp.Rational]:
    return {
        k: sp.Rational(v.numerator, v.denominator) for k, v in given_values(problem).items() if v is not None
    }


def truth(problem: Problem, cost: sp.Expr, *by: str) -> sp.Expr:
    """The derivative of the substituted cost at the problem's numbers."""
    point = {sp.Symbol(key): value for key, value in rationals(problem).items()}
    return sp.diff(cost, *map(sp.Symbol, by)).xreplace(point).evalf(DIGITS)


# -- the steps, evaluated one by one ---------------------------------------------------------------


def evaluate(program: Program, given: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Every step's value by substitution."""
    values = dict(given)
    for step in program.steps:
        terms = (
            term.formula.expr.xreplace(
                dict(zip(term.formula.formals, map(values.__getitem__, term.args), strict=True))
            )
            for term in step.terms
        )
        values[step.key] = written_out(sp.Add(*terms)).evalf(DIGITS)
    return values


def swept(problem: Problem, of: str, wrt: Iterable[str], *, usual: bool = False) -> list[sp.Expr]:
    program, keys = program_of(problem), tuple(wrt)
    values = evaluate(program.plus(sweep(program, of, keys, usual=usual)), rationals(problem))
    return [values[adjoint(of, key)] for key in keys]


def assert_same(found: Iterable[sp.Expr], expected: Iterable[sp.Expr]) -> None:
    pairs = list(zip(found, expected, strict=True))
    assert pairs
    for one, other in pairs:
        assert abs(one - other) < CLOSE * (1 + abs(other)), (one, other)


# -- problems --------------------------------------------------------------------------------------


def network(*sizes: int, rules: Iterable[str] = (), samples: int = 1, seed: int = 1, **body: Any) -> Problem:
    """A network with numbers of two decimals; targets that add up to 1, or are of those few that a cost takes."""
    draw = random.Random(seed)
    activations = itertools.chain(rules, itertools.repeat("tanh"))

    def number() -> Fraction:
        return Fraction(draw.choice([-1, 1]) * draw.randint(11, 97), 100)

    layers = body.pop("layers", None) or [
        {
            "units": units,
            "activation": activation,
            "weights": [[number() for _ in range(inputs)] for _ in range(rows)],
            "biases": [number() for _ in range(rows)],
        }
        for (inputs, units), activation in zip(itertools.pairwise(sizes), activations, strict=False)
        for rows in [units * (ACTIVATIONS[activation].pieces if activation in ACTIVATIONS else 1)]
    ]
    if "output" not in body:
        body.setdefault("cost", "half_squared_error")
    shares = [[Fraction(draw.randint(10, 90)) for _ in range(sizes[-1])] for _ in range(samples)]
    data: dict[str, Any] = {"x": [[number() for _ in range(sizes[0])] for _ in range(samples)]}
    data["y"] = [[share / sum(row) if len(row) > 1 else share / 100 for share in row] for row in shares]
    rule = COSTS.get(str(body.get("cost")))
    if rule and isinstance(rule.targets.values, sp.FiniteSet):
        data["y"] = [[draw.choice([-1, 1]) for _ in row] for row in shares]
    values = {"values": body.pop("values")} if "values" in body else {}
    return load_problem({"network": {"inputs": sizes[0], "layers": layers, **body}, "data": data, **values})


def graph(steps: list[str], output: Any = "J", **tables: Any) -> Problem:
    values = tables.pop("values", {"x": "0.7", "y": "-1.3"})
    return load_problem({"graph": {"steps": steps, "output": output, **tables}, "values": values})


SHARED_LAYERS = [
    {"units": 2, "activation": "tanh", "weights": [["u", "v"], ["v", "0.3"]], "biases": ["b", "b"]},
    {"units": 2, "activation": "sigmoid", "weights": [["u", "0.4"], ["-0.6", "u"]], "biases": ["b", "0.2"]},
]
SHARED = network(2, 2, 2, layers=SHARED_LAYERS, values={"u": "0.35", "v": "-0.8", "b": "0.15"})
