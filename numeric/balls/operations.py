"""The operations of a tape: on rationals as long as they stay short, else on balls.

Source: Johansson (2017), Arb: efficient arbitrary-precision midpoint-radius
interval arithmetic, IEEE Trans. Computers 66(8).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import isqrt
from types import MappingProxyType
from typing import Any

import sympy as sp
from flint import arb, fmpq

from derive.whole_functions import MeanRoot

Ball = fmpq | arb

EXACT_BITS = 4096
"""A rational longer than this becomes a ball; training would double its length at each update."""

UNDEFINED = arb("nan")


def exact(value: Fraction) -> fmpq:
    """The same rational number, as balls know it."""
    return fmpq(value.numerator, value.denominator)


def ball(value: Ball) -> arb:
    """The value as a ball, at the precision that is set."""
    return value if isinstance(value, arb) else arb(value)


def identity(u: Ball) -> Ball:
    """u, in a slot of its own."""
    return u


def _bounded(value: fmpq) -> Ball:
    return arb(value) if value.height_bits() > EXACT_BITS else value


def add(u: Ball, v: Ball) -> Ball:
    """u + v."""
    total = u + v
    return total if isinstance(total, arb) else _bounded(total)


def multiply(u: Ball, v: Ball) -> Ball:
    """u v."""
    product = u * v
    return product if isinstance(product, arb) else _bounded(product)


def reciprocal(u: Ball) -> Ball:
    """1/u."""
    return UNDEFINED if u == 0 else 1 / u


def power(u: Ball, p: Ball) -> Ball:
    """u^p."""
    if isinstance(p, fmpq) and p.q == 1:
        n = int(p.p)
        return _repeated(u, n) if n >= 0 else reciprocal(_repeated(u, -n))
    return ball(u) ** ball(p)


def _repeated(u: Ball, n: int) -> Ball:
    """u^n by squaring; arb's own power has no value for a ball that holds 0."""
    if n == 0:
        return fmpq(1)
    found = u
    for bit in f"{n:b}"[1:]:
        found = multiply(found, found)
        if bit == "1":
            found = multiply(found, u)
    return found


def square_root(u: Ball) -> Ball:
    """√u, exact of the square of a rational."""
    if isinstance(u, fmpq) and u >= 0:
        p, q = isqrt(int(u.p)), isqrt(int(u.q))
        if p * p == u.p and q * q == u.q:
            return fmpq(p, q)
    return ball(u).sqrt()


def mean_root(u: Ball) -> Ball:
    """√u for a u that is surely not negative: what its ball holds below 0 is left out."""
    if isinstance(u, fmpq) or u > 0 or not u.is_finite():
        return square_root(u)
    return arb(0).union(u.abs_upper().sqrt())


METHODS: Mapping[type[sp.Function], Callable[[arb], arb]] = MappingProxyType(
    {
        sp.exp: arb.exp,
        sp.log: arb.log,
        sp.sin: arb.sin,
        sp.cos: arb.cos,
        sp.tan: arb.tan,
        sp.sinh: arb.sinh,
        sp.cosh: arb.cosh,
        sp.tanh: arb.tanh,
        sp.erf: arb.erf,
        sp.erfc: arb.erfc,
    }
)


def _of_any(method: Callable[[arb], arb]) -> Callable[[Ball], Ball]:
    return lambda u: method(ball(u))


def _of_first(method: Callable[[arb], arb]) -> Callable[[Any, Any], arb]:
    return lambda u, _: method(u)


FUNCTIONS: Mapping[type[sp.Function], Callable[[Ball], Ball]] = MappingProxyType(
    {function: _of_any(method) for function, method in METHODS.items()} | {MeanRoot: mean_root}
)

ONE = arb(1)

BARE: Mapping[Callable[..., Ball], Callable[[Any, Any], arb]] = MappingProxyType(
    {
        add: operator.add,
        multiply: operator.mul,
        reciprocal: _of_first(partial(operator.truediv, ONE)),
        **{FUNCTIONS[function]: _of_first(method) for function, method in METHODS.items()},
    }
)
"""What is left of an operation on a ball, for two operands: no fraction comes out that has to be bounded.

A ball's reciprocal needs no look at 0 either: what holds it has none.
"""

FOLDS: Mapping[type, Callable[[Ball, Ball], Ball]] = MappingProxyType({sp.Add: add, sp.Mul: multiply})

CONSTANTS: Mapping[sp.Expr, Callable[[], arb]] = MappingProxyType(
    {
        sp.pi: arb.pi,
        sp.E: arb.const_e,
        # What SymPy makes of log(-1), 0^(-1) and the like: no real value.
        **dict.fromkeys((sp.I, sp.zoo, sp.oo, -sp.oo, sp.nan), lambda: UNDEFINED),
    }
)

# The condition that holds for sure, and the one that fails for sure.
CONDITIONS: Mapping[type, tuple[Callable[[Ball, Ball], bool], Callable[[Ball, Ball], bool]]] = (
    MappingProxyType(
        {
            sp.StrictGreaterThan: (operator.gt, operator.le),
            sp.GreaterThan: (operator.ge, operator.lt),
            sp.StrictLessThan: (operator.lt, operator.ge),
            sp.LessThan: (operator.le, operator.gt),
            sp.Equality: (operator.eq, operator.ne),
            sp.Unequality: (operator.ne, operator.eq),
        }
    )
)


Tie = tuple[str, int]
"""A comparison of equals: the step in which it stands, and its number on the tape."""


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One `if` of a piecewise formula, which remembers where it could not decide or sat on the edge.

    key, number  the step in which it stands, and which one of the tape it is
    """

    key: str
    number: int
    holds: Callable[[Ball, Ball], bool]
    fails: Callable[[Ball, Ball], bool]
    straddled: set[str]
    tied: set[Tie]

    def __call__(self, left: Ball, right: Ball, then: Ball, otherwise: Ball) -> Ball:
        """A number beside itself is a tie, however wide its ball."""
        if left is right:
            left = right = fmpq(0)
        if left == right:
            self.tied.add((self.key, self.number))
        if self.holds(left, right):
            return then
        if self.fails(left, right):
            return otherwise
        self.straddled.add(self.key)
        return ball(then).union(ball(otherwise))
