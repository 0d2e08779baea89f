"""Concrete instances of a problem in which some numbers, or a function, are free.

Free numbers are drawn inside the rules' domains, and a general phi stands in
turn for tanh, softplus and a random cubic. Draws are decimals of three digits,
so an instance can be written down and worked by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from derive.formula import Scope, parse
from derive.problem import Graph, Layer, Problem, Value
from derive.rules import ACTIVATIONS, Activation, activation_of

POINTS = 3

Generator = np.random.Generator


def concrete(problem: Problem, seed: int = 0) -> tuple[Problem, ...]:
    """Three instances, the same for the same seed."""
    generators = np.random.default_rng(seed).spawn(POINTS)
    return tuple(_instance(problem, i, rng) for i, rng in enumerate(generators))


def _instance(problem: Problem, number: int, rng: Generator) -> Problem:
    body = problem.body
    if isinstance(body, Graph):
        return replace(
            problem, given={name: _filled(value, rng, 0.2, 1.4) for name, value in problem.given.items()}
        )
    stand_in = _stand_in(number, rng)
    layers = tuple(_with(layer, stand_in) for layer in body.layers)
    parameters = tuple(replace(p, value=_filled(p.value, rng, -1.2, 1.2)) for p in problem.parameters)
    return replace(
        problem,
        body=replace(body, layers=layers),
        parameters=parameters,
        x=_rows(problem.x, rng, -1.0, 1.0),
        y=_targets(problem.y, rng),
        tests=_rows(problem.tests, rng, -1.0, 1.0),
    )


def _with(layer: Layer, stand_in: Activation) -> Layer:
    return replace(layer, activation=stand_in) if layer.activation.name == "general" else layer


def _stand_in(number: int, rng: Generator) -> Activation:
    """tanh, softplus, or a cubic, for an unspecified differentiable phi."""
    p, q, r = (_draw(rng, 0.2, 0.9) for _ in range(3))
    texts = ("", "log(1 + exp(z))", f"{float(p)}*z^3 - {float(q)}*z^2 + {float(r)}*z")
    text = texts[number % len(texts)]
    return activation_of(parse(text, Scope(names=frozenset({"z"})))) if text else ACTIVATIONS["tanh"]


def _draw(rng: Generator, low: float, high: float) -> Fraction:
    return Fraction(int(rng.integers(round(low * 1000), round(high * 1000))), 1000)


def _filled(value: Value, rng: Generator, low: float, high: float) -> Fraction:
    return _draw(rng, low, high) if value is None else value


def _rows(
    rows: Sequence[Sequence[Value]], rng: Generator, low: float, high: float
) -> tuple[tuple[Value, ...], ...]:
    return tuple(tuple(_filled(value, rng, low, high) for value in row) for row in rows)


def _targets(rows: Sequence[Sequence[Value]], rng: Generator) -> tuple[tuple[Value, ...], ...]:
    """Targets that every cost accepts: between 0 and 1, and adding up to 1 where all are free."""
    filled = []
    for row in rows:
        if len(row) > 1 and all(value is None for value in row):
            shares = [_draw(rng, 0.1, 0.9) for _ in row]
            filled.append(tuple(share / sum(shares) for share in shares))
        else:
            filled.append(tuple(_filled(value, rng, 0.1, 0.9) for value in row))
    return tuple(filled)
