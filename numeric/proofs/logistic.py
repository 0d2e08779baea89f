"""The Hessian of logistic regression at a problem's numbers: sum of a (1 - a) x x^T, proven to its digits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

import sympy as sp

from derive.expressions import Formula
from derive.problem import Network, Problem
from derive.rules import A
from derive.rules.kinds import rational
from derive.steps import Program, Step, Term, given_values, program_of
from numeric.balls.enclosure import Enclosure, balls_of, enclose

Matrix = tuple[tuple[Enclosure, ...], ...]


def hessian(problem: Problem) -> Matrix:
    """d2C/dv dv of the whole cost for the first unit's weights, then its bias where it has one."""
    network = problem.body
    assert isinstance(network, Network)
    size = network.sizes[0] + (network.layers[0].biases is not None)
    pairs = list(combinations_with_replacement(range(size), 2))
    steps = tuple(Step(_key(j, k), tuple(_terms(problem, network, j, k)), "entry") for j, k in pairs)
    program = Program((*program_of(problem).steps, *steps))
    found = enclose(program, balls_of(given_values(problem)), [step.key for step in steps])
    return tuple(tuple(found[_key(*sorted((j, k)))] for k in range(size)) for j in range(size))


def _key(j: int, k: int) -> str:
    return f"H[{j},{k}]"


def _terms(problem: Problem, network: Network, j: int, k: int) -> Iterator[Term]:
    """One sample's share each, and the L2 term's on the diagonal of the weights."""
    count = sp.Integer(len(problem.x))
    for suffix, row in zip(problem.samples, problem.x, strict=True):
        inputs = (*(rational(value) for value in row if value is not None), sp.S.One)
        share = inputs[j] * inputs[k] / (count if network.reduction == "mean" else 1)
        yield Term(Formula(share * A * (1 - A), (A,)), (f"a1[1]{suffix}",))
    if network.l2 and j == k < network.sizes[0]:
        yield Term(Formula(rational(network.l2) / count, ()), ())
