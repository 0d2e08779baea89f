"""Small random problems, and formulas of their quantities written out as somebody's answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import sympy as sp

from derive import load_problem
from derive.notation import write, write_total
from derive.problem import Problem
from derive.slips.kinds import parts_of
from derive.steps import Step
from derive.writing.from_sympy import tree_of
from derive.writing.latex import latex
from derive.writing.tree import Tree

ACTIVATIONS = ("sigmoid", "tanh", "general", "identity", "relu", "softplus", "softsign")
COSTS = ("half_squared_error", "squared_error", "mean_squared_error", "(a - y)^4/4", "poisson", "y*a^2 - a")
GRAPHS = (
    ("a = x^2", "b = sin(a)", "c = 3*x^2", "d = b + c", "J = cos(d)"),
    ("u = w*x + b", "h = sigmoid(u)", "J = (h - t)^2/2"),
    ("u = w*x + b", "h = tanh(u)", "J = -t*log(h^2) + h"),
    ("q = x*w", "p = q/(1 + q^2)", "r = exp(-p)", "J = r*p + q*x"),
    ("s = x - w", "t = s^3", "v = t*x", "J = v - 2*s"),
)


def network(random: Random) -> Problem:
    """Of at most three layers of at most three units.

    Where layers of one unit and of several meet, a_3^2 can be unit 3 of layer 2 or a square, and is refused.
    """
    deep = random.randint(2, 4)
    sizes = [1] * deep if random.random() < 0.3 else [random.randint(2, 3) for _ in range(deep)]
    rules = [random.choice(ACTIVATIONS)] * len(sizes)
    if rules[0] != "general" and random.random() < 0.4:
        rules = [random.choice([rule for rule in ACTIVATIONS if rule != "general"]) for _ in sizes]
    layers: list[dict[str, Any]] = [
        {"units": units, "activation": rule} for units, rule in zip(sizes[1:], rules[1:], strict=True)
    ]
    stated: dict[str, Any] = {"inputs": sizes[0], "cost": random.choice(COSTS), "layers": layers}
    return load_problem({"title": "random", "network": stated})


def graph(random: Random) -> Problem:
    """A graph without values."""
    return load_problem({"title": "random", "graph": {"steps": [*random.choice(GRAPHS)], "output": "J"}})


def problem(random: Random) -> Problem:
    """Three networks to one graph."""
    return graph(random) if random.random() < 0.25 else network(random)


def written(about: Problem, expr: sp.Expr) -> str:
    """An expression in symbols named by keys, in the problem's letters."""
    return latex(tree_of(expr, lambda symbol: _letters(about, str(symbol))))


def _letters(about: Problem, key: str) -> Tree:
    parts = parts_of(key)
    return write(about, key) if parts is None else write_total(about, *parts)


def put_together(
    key: str, steps: Mapping[str, Step], is_put_in: Callable[[str], bool] = lambda _: True
) -> sp.Expr:
    """A step's formula, with the formulas of those that it reads put in where that is asked for."""
    step = steps[key]
    terms = []
    for term in step.terms:
        read = {
            formal: put_together(arg, steps, is_put_in) if arg in steps and is_put_in(arg) else sp.Symbol(arg)
            for formal, arg in zip(term.formula.formals, term.args, strict=True)
        }
        terms.append(term.formula.expr.subs(read, simultaneous=True))
    return sp.Add(*terms)
