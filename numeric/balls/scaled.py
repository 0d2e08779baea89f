"""Balls that keep their own logarithm, and what they are beside a rational number.

    u = e^p (c + r),    c rational, r a ball much smaller than c, p a sum of arguments of exp

A sigmoid at z = 10^6 is 1 - r with r = e^-1000000: as one ball it is 1 and nothing
else, and ln(1 - a) has no value at any precision. Kept in parts, 1 - a is r to all its
digits, ln a is log1p(-r), and e^z/(e^z + 1) divides out, for powers add up by what they
are and not by their values. Nothing is known here of any rule or of its slope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType

import sympy as sp
from flint import arb, ctx, fmpq

from numeric.balls import operations as balls
from numeric.balls.operations import EXACT_BITS, FUNCTIONS, UNDEFINED, Ball, Branch, ball

HALF = fmpq(1, 2)
NOTHING, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True, eq=False, slots=True)
class Power:
    """q + n1 u1 + n2 u2 + ...: a rational number, and how often each argument of exp stands in it."""

    rational: fmpq = NOTHING
    counts: Mapping[Scaled, fmpq] = field(default_factory=dict)

    @property
    def is_zero(self) -> bool:
        return not self.counts and self.rational == 0

    @property
    def value(self) -> Ball:
        total: Ball = self.rational
        for u, n in self.counts.items():
            total = balls.add(total, balls.multiply(n, u.value))
        return total

    def plus(self, other: Power, times: int = 1) -> Power:
        """p + n q."""
        if other.is_zero:
            return self
        counts = dict(self.counts)
        for u, n in other.counts.items():
            counts[u] = counts.get(u, NOTHING) + times * n
        left = {u: n for u, n in counts.items() if n}
        return Power(self.rational + times * other.rational, left)


NO_POWER = Power()


@dataclass(frozen=True, eq=False, slots=True)
class Scaled:
    """e^power (whole + rest): the rest is below half of the whole, or the whole is 0.

    multiple  n and v, where this is n v by a rational n: e^(2z) is the square of e^z
    """

    power: Power
    whole: fmpq
    rest: arb
    multiple: tuple[fmpq, Scaled] | None = None

    @classmethod
    def of(cls, power: Power, whole: fmpq, rest: arb) -> Scaled:
        """What is not much smaller than the whole is not kept apart."""
        if whole == 0 and rest.is_zero():
            return ZERO
        if not abs(rest) < HALF * abs(whole) or whole.height_bits() > EXACT_BITS:
            return cls(power, NOTHING, whole + rest)
        return cls(power, whole, rest)

    @classmethod
    def from_ball(cls, value: Ball) -> Scaled:
        if isinstance(value, fmpq):
            return cls.of(NO_POWER, value, arb(0))
        return cls.of(NO_POWER, NOTHING, value)

    @property
    def is_rational(self) -> bool:
        return self.rest.is_zero() and self.power.is_zero

    @property
    def factor(self) -> Ball:
        """What stands beside the power, and has the sign of all."""
        return self.whole if self.rest.is_zero() else self.whole + self.rest

    @property
    def value(self) -> Ball:
        """The whole number, in one piece."""
        return self.factor if self.power.is_zero else ball(self.power.value).exp() * self.factor

    def at(self, bits: int) -> Ball:
        """The same, at a precision."""
        with ctx.workprec(bits):
            return self.value


ZERO = Scaled(NO_POWER, NOTHING, arb(0))


def add(u: Scaled, v: Scaled) -> Scaled:
    """u + v, beside the larger of the two powers."""
    if u is ZERO or v is ZERO:
        return v if u is ZERO else u
    apart = v.power.plus(u.power, -1)
    if apart.is_zero:
        return Scaled.of(u.power, u.whole + v.whole, u.rest + v.rest)
    gap = ball(apart.value)
    if gap.mid() > 0:
        u, v, gap = v, u, -gap
    return Scaled.of(u.power, u.whole, u.rest + gap.exp() * v.factor)


def multiply(u: Scaled, v: Scaled) -> Scaled:
    """u v."""
    rest = u.whole * v.rest + u.rest * v.whole + u.rest * v.rest
    product = Scaled.of(u.power.plus(v.power), u.whole * v.whole, rest)
    if not (u.is_rational or v.is_rational) or product.is_rational:
        return product
    factor, other = (u, v) if u.is_rational else (v, u)
    times, base = other.multiple or (ONE, other)
    return replace(product, multiple=(factor.whole * times, base))


def reciprocal(u: Scaled) -> Scaled:
    """1/u; 1/(c + r) = 1/c - r/(c (c + r))."""
    power = NO_POWER.plus(u.power, -1)
    if u.whole == 0:
        return Scaled.of(power, NOTHING, UNDEFINED if u is ZERO else 1 / u.rest)
    return Scaled.of(power, 1 / u.whole, -u.rest / (u.whole * (u.whole + u.rest)))


def exp(u: Scaled) -> Scaled:
    """e^u, which is all power; a power that has no value must not cancel another."""
    if not ball(u.factor).is_finite():
        return Scaled.from_ball(UNDEFINED)
    times, base = u.multiple or (ONE, u)
    return Scaled(Power(u.whole) if u.is_rational else Power(NOTHING, {base: times}), ONE, arb(0))


def log(u: Scaled) -> Scaled:
    """ln u = p + ln c + log1p(r/c)."""
    if u.whole > 0:
        rest = ball(u.rest / u.whole).log1p()
        own = rest if u.whole == 1 else ball(u.whole).log() + rest
    else:
        own = ball(u.factor).log()
    terms = (multiply(Scaled.from_ball(n), argument) for argument, n in u.power.counts.items())
    return reduce(add, terms, Scaled.of(NO_POWER, u.power.rational, own))


def tanh(u: Scaled) -> Scaled:
    """±1 ∓ 2 e^(-2|u|)/(1 + e^(-2|u|))."""
    return _near_one(u, _tanh_tail) or Scaled.from_ball(ball(u.value).tanh())


def erf(u: Scaled) -> Scaled:
    """±1 ∓ erfc(|u|)."""
    return _near_one(u, arb.erfc) or Scaled.from_ball(ball(u.value).erf())


def erfc(u: Scaled) -> Scaled:
    """1 - erf(u), in one piece where that is far below 1."""
    x = ball(u.value)
    return Scaled.of(NO_POWER, 2 * ONE, -(-x).erfc()) if x < -1 else Scaled.from_ball(x.erfc())


def _tanh_tail(x: arb) -> arb:
    small = (-2 * x).exp()
    return 2 * small / (1 + small)


def _near_one(u: Scaled, tail: Callable[[arb], arb]) -> Scaled | None:
    """An odd function that differs from ±1 by its tail; None where u is not far out."""
    x = ball(u.value)
    if not abs(x) > 1:
        return None
    left = tail(abs(x))
    sign = ONE if x > 0 else -ONE
    # of an exponent beyond all bounds arb knows no tail
    return Scaled.of(NO_POWER, sign, -sign * left) if left < HALF else None


def select(branch: Branch, left: Scaled, right: Scaled, then: Scaled, otherwise: Scaled) -> Scaled:
    """A branch, decided by the sign of the difference of both sides."""
    difference = NOTHING if left is right else add(left, multiply(Scaled.from_ball(-ONE), right)).factor
    values = then.value, otherwise.value
    chosen = branch(difference, NOTHING, *values)
    for value, kept in zip(values, (then, otherwise), strict=True):
        if chosen is value:
            return kept
    return Scaled.from_ball(chosen)


_RULES: Mapping[Callable[..., Ball], Callable[..., Scaled]] = MappingProxyType(
    {
        balls.identity: lambda u: u,
        balls.add: add,
        balls.multiply: multiply,
        balls.reciprocal: reciprocal,
        FUNCTIONS[sp.exp]: exp,
        FUNCTIONS[sp.log]: log,
        FUNCTIONS[sp.tanh]: tanh,
        FUNCTIONS[sp.erf]: erf,
        FUNCTIONS[sp.erfc]: erfc,
    }
)


def in_parts(function: Callable[..., Ball]) -> Callable[..., Scaled]:
    """An operation of the tape on numbers in parts; one that gains nothing has them in one piece."""
    if isinstance(function, Branch):
        return lambda *sides: select(function, *sides)
    return _RULES.get(function, lambda *args: Scaled.from_ball(function(*(u.value for u in args))))
