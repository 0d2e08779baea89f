"""The long product of a problem by number: its factors multiplied out, against the scalar derivatives."""

from __future__ import annotations

from fractions import Fraction
from math import inf, prod

from derive.expressions import Formula
from derive.problem import Network, Problem
from derive.steps import Step, Term, first_sample, given_values, one_sample
from derive.sweep import sweep
from derive.theory.product import long_product, sample_program
from numeric.balls.enclosure import Enclosure, balls_of, enclose, relative_digits
from numeric.proofs.matrices import instances, narrowed

MOST_ROUTES = 5_000
"""Routes from an input to an output that are multiplied out."""


def check_product(problem: Problem, l: int) -> float:
    """The digits in which the product for layer l is the scalar derivative, at the worst of its entries.

    Its factors are multiplied as they stand, in the problem's own shapes or, of a
    network with many routes, in those of a narrower one. Of the first sample's
    cost; where numbers are free or too many, at random ones.
    """
    chosen = narrowed(problem) if has_many_routes(problem) else problem
    return min(_agreement(instance, l) for instance in instances(chosen))


def has_many_routes(problem: Problem) -> bool:
    """Whether the product is multiplied out for a narrower network: its terms are the routes."""
    network = problem.body
    assert isinstance(network, Network), "only a network has a product"
    return prod(network.sizes) > MOST_ROUTES


def _agreement(problem: Problem, l: int) -> float:
    first = first_sample(problem)
    whole = long_product(problem, l)
    assert whole is not None, "the cost reads the last layer alone"
    scalar, given = one_sample(first, by_use=True), balls_of(given_values(first))
    # all entries in one program, since each program takes as long to set up as to run
    products: dict[str, Step] = {}
    wrt: set[str] = set()
    for left, right in whole.sides(sample_program(problem)):
        symbols = tuple(sorted(right.free_symbols, key=str))
        names = tuple(symbol.name for symbol in symbols)
        wrt |= {name.removeprefix("dC/d") for name in (str(left), *names) if name.startswith("dC/d")}
        value = f"{left} multiplied out"
        products[str(left)] = Step(value, (Term(Formula(right, symbols), names),), "product")
    program = scalar.plus((*sweep(scalar, "C", wrt), *products.values()))
    found = enclose(program, given, (*products, *(step.key for step in products.values())))
    return min(_agreed(found[step.key], found[left]) for left, step in products.items())


def _agreed(left: Enclosure, right: Enclosure) -> float:
    """Digits in which two values surely agree; all where neither is defined, as at a kink."""
    if left.lo is None or left.hi is None or right.lo is None or right.hi is None:
        return inf if left.defined == right.defined else -inf
    gap = max(left.hi, right.hi) - min(left.lo, right.lo)
    return relative_digits(gap, Fraction(1) if right.holds_zero else abs(right.mid))
