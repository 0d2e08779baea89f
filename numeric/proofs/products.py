"""The long product of a problem by number: its factors multiplied out, against the scalar derivatives."""

from __future__ import annotations

from fractions import Fraction
from math import inf

from derive.expressions import Formula
from derive.problem import Problem
from derive.steps import Step, Term, first_sample, given_values, one_sample
from derive.sweep import sweep
from derive.theory.product import long_product, sample_program
from numeric.balls.enclosure import Enclosure, balls_of, enclose, relative_digits
from numeric.proofs.matrices import instances

VALUE = "multiplied out"


def check_product(problem: Problem, l: int) -> float:
    """The digits in which the product for layer l is the scalar derivative, at the worst of its entries.

    Its factors are multiplied as they stand, in the problem's own shapes. Of the
    first sample's cost; where numbers are free or too many, at random ones.
    """
    return min(_agreement(instance, l) for instance in instances(problem))


def _agreement(problem: Problem, l: int) -> float:
    first = first_sample(problem)
    whole = long_product(problem, l)
    assert whole is not None, "the cost reads the last layer alone"
    scalar, given = one_sample(first, by_use=True), balls_of(given_values(first))
    digits = []
    for left, right in whole.sides(sample_program(problem)):
        symbols = tuple(sorted(right.free_symbols, key=str))
        names = tuple(symbol.name for symbol in symbols)
        wrt = {name.removeprefix("dC/d") for name in (str(left), *names) if name.startswith("dC/d")}
        product = Step(VALUE, (Term(Formula(right, symbols), names),), "product")
        found = enclose(scalar.plus((*sweep(scalar, "C", wrt), product)), given, (VALUE, str(left)))
        digits.append(_agreed(found[VALUE], found[str(left)]))
    return min(digits)


def _agreed(left: Enclosure, right: Enclosure) -> float:
    """Digits in which two values surely agree; all where neither is defined, as at a kink."""
    if left.lo is None or left.hi is None or right.lo is None or right.hi is None:
        return inf if left.defined == right.defined else -inf
    gap = max(left.hi, right.hi) - min(left.lo, right.lo)
    return relative_digits(gap, Fraction(1) if right.holds_zero else abs(right.mid))
