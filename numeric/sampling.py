"""Concrete instances of a problem in which some numbers, or a function, are free.

Free numbers are drawn until what is differentiated has a value and no unit sits
at a kink; a general phi stands in turn for tanh, softplus and a random cubic.
Draws are decimals of three digits, so an instance can be written down and
worked by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import sympy as sp

from derive.assumptions import solve
from derive.problem import Graph, Layer, Problem, Value
from derive.rules import ACTIVATIONS, Activation, Cost, activation_of
from derive.steps import given_values, program_of
from derive.unspecified import FORMS, StandIn
from numeric.balls.enclosure import balls_of, enclose

POINTS = 3

TRIES = 200
"""Draws of one instance at the most; of a graph in turn from a narrow, a wider and a wide range."""

Generator = np.random.Generator


def concrete(problem: Problem, seed: int = 0) -> tuple[Problem, ...]:
    """Three instances, the same for the same seed; published figures are not about them and left out."""
    generators = np.random.default_rng(seed).spawn(POINTS)
    unpublished = replace(problem, published=())
    return tuple(_instance(unpublished, i, rng) for i, rng in enumerate(generators))


def freed(problem: Problem) -> Problem:
    """The same problem with every number open that a rule does not bring."""
    return replace(
        problem,
        parameters=tuple(replace(parameter, value=None) for parameter in problem.parameters),
        given=dict.fromkeys(problem.given),
        x=_open(problem.x),
        y=_open(problem.y),
        tests=_open(problem.tests),
        published=(),
    )


def _open(rows: Sequence[Sequence[Value]]) -> tuple[tuple[Value, ...], ...]:
    return tuple((None,) * len(row) for row in rows)


def drawn(problem: Problem, seed: int) -> Problem:
    """One instance, the same for the same seed; of a graph in turn from a narrow and from wider ranges."""
    return _instance(problem, seed, np.random.default_rng(seed), first=seed)


def _instance(problem: Problem, number: int, rng: Generator, *, first: int = 0) -> Problem:
    """The first draw that has a value, or the last one."""
    for attempt in range(TRIES):
        drawn = _drawn(problem, number, rng, 1 + (first + attempt) % 3)
        if _has_value(drawn):
            break
    return drawn


def _has_value(problem: Problem) -> bool:
    body = problem.body
    if isinstance(body, Graph) and solve(body.assumptions, problem.given).complaints:
        return False
    found = enclose(program_of(problem), balls_of(given_values(problem)), problem.objectives)
    return all(value.defined for value in found.values.values()) and not found.tied | found.straddled


def _drawn(problem: Problem, number: int, rng: Generator, width: int) -> Problem:
    body = problem.body
    if isinstance(body, Graph):
        return _drawn_graph(problem, body, number, rng, width)
    stand_in = _activation(_stand_in(number, rng))
    layers = tuple(_with(layer, stand_in) for layer in body.layers)
    parameters = tuple(replace(p, value=_filled(p.value, rng, -1.2, 1.2)) for p in problem.parameters)
    return replace(
        problem,
        body=replace(body, layers=layers),
        parameters=parameters,
        x=_rows(problem.x, rng, -1.0, 1.0),
        y=_targets(problem.y, body.cost, rng),
        tests=_rows(problem.tests, rng, -1.0, 1.0),
    )


def _drawn_graph(problem: Problem, graph: Graph, number: int, rng: Generator, width: int) -> Problem:
    """Given values that satisfy the assumptions where they can, and a function for each unspecified one."""
    low, high = 0.6 - 0.4 * width**3, 0.6 + 0.8 * width
    drawn = {name: _filled(value, rng, low, high) for name, value in problem.given.items()}
    fixed = {assumption.fixes for assumption in graph.assumptions}
    solution = solve(graph.assumptions, {n: None if n in fixed else value for n, value in drawn.items()})
    functions = {name: _stand_in(number + i, rng) for i, name in enumerate(graph.functions)}
    return replace(problem, body=replace(graph, functions=functions), given=drawn | dict(solution.values))


def _with(layer: Layer, stand_in: Activation) -> Layer:
    return replace(layer, activation=stand_in) if layer.activation.open else layer


def _stand_in(number: int, rng: Generator) -> StandIn:
    """tanh, softplus, or a cubic, for an unspecified differentiable phi."""
    coefficients = tuple(_draw(rng, 0.2, 0.9) for _ in range(3))
    name = tuple(FORMS)[number % len(FORMS)]
    return StandIn(name, coefficients[: FORMS[name].count("{}")])


def _activation(stand_in: StandIn) -> Activation:
    """The same as the rule of a layer."""
    return ACTIVATIONS.get(stand_in.name) or activation_of(stand_in.node)


def _draw(rng: Generator, low: float, high: float) -> Fraction:
    return Fraction(int(rng.integers(round(low * 1000), round(high * 1000))), 1000)


def _filled(value: Value, rng: Generator, low: float, high: float) -> Fraction:
    return _draw(rng, low, high) if value is None else value


def _rows(
    rows: Sequence[Sequence[Value]], rng: Generator, low: float, high: float
) -> tuple[tuple[Value, ...], ...]:
    return tuple(tuple(_filled(value, rng, low, high) for value in row) for row in rows)


def _targets(
    rows: Sequence[Sequence[Value]], cost: Cost | None, rng: Generator
) -> tuple[tuple[Value, ...], ...]:
    """Targets that nearly every cost accepts: between 0 and 1, and adding up to 1 where all are free.

    Where a cost takes only a few values, hinge's 1 and -1, those are drawn.
    """
    few = _few_targets(cost)
    if few:
        return tuple(
            tuple(few[rng.integers(len(few))] if value is None else value for value in row) for row in rows
        )
    filled = []
    for row in rows:
        if len(row) > 1 and all(value is None for value in row):
            shares = [_draw(rng, 0.1, 0.9) for _ in row]
            filled.append(tuple(share / sum(shares) for share in shares))
        else:
            filled.append(tuple(_filled(value, rng, 0.1, 0.9) for value in row))
    return tuple(filled)


def _few_targets(cost: Cost | None) -> tuple[Fraction, ...]:
    values = None if cost is None else cost.targets.values
    if not isinstance(values, sp.FiniteSet):
        return ()
    return tuple(Fraction(int(value.p), int(value.q)) for value in values.args)
