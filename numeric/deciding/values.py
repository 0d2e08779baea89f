"""Numbers of a world: each has a residue in every field of the tower, and a ball at the world's point.

    (u + v) mod p_i,   (u v) mod p_i,   1/u mod p_i,   e^u mod p_i = g_i ^ (u mod p_{i+1})

Both are computed when somebody asks, the residues of one level from those of the same
level, or of the next one in where an e^u is taken. What is not rational in exponentials
(log, roots, erf) has an opaque residue, a keyed hash of its argument's: equal arguments
give equal residues, and nothing follows from unequal ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from hashlib import blake2b
from types import MappingProxyType

from flint import arb, ctx, fmpq

from numeric.deciding.tower import Field
from numeric.deciding.tower import power as modular_power

PRECISIONS = (128, 512, 2048)
"""Bits at which balls are tried one after another."""

MOST_POWER = 1024
"""Larger constant powers are opaque."""


class UnluckyError(ArithmeticError):
    """Something has no value in this world: 1/0, a logarithm of a negative number, a comparison too close."""


class TooDeepError(ArithmeticError):
    """Exponentials are nested more deeply than the tower is high."""


@dataclass(slots=True, eq=False)
class Value:
    """One number.

    residue  its residue at a level, and `ball` its ball at the precision that is set
    number   the exact number, where it is one
    sure     its residue is that of a rational function of exponentials; not where anything is opaque
    branched a comparison chose between two formulas on the way to it
    depth    how many operations deep it rests on values that are not computed yet
    square   of a root what it is the root of
    exponent of an e^u the u
    """

    fields: tuple[Field, ...]
    residue: Callable[[int], int]
    ball: Callable[[int], arb]
    number: Fraction | None = None
    sure: bool = True
    branched: bool = False
    depth: int = 0
    square: Value | None = None
    exponent: Value | None = None
    _residues: dict[int, int] = field(default_factory=dict)
    _balls: dict[int, arb] = field(default_factory=dict)

    def at(self, level: int) -> int:
        """The residue in the field of this level, 0 the outermost. Raises UnluckyError, TooDeepError."""
        known = self._residues.get(level)
        if known is None:
            if level >= len(self.fields):
                raise TooDeepError
            known = self._residues[level] = self.residue(level)
        return known

    def settle(self) -> None:
        """Have the residues of all levels that the tower allows, the innermost first, so that whoever
        goes on from here asks for nothing deep inside something else.
        """
        for level in reversed(range(len(self.fields))):
            try:
                self.at(level)
            except (UnluckyError, TooDeepError):
                continue
        self.depth = 0

    def near(self, bits: int) -> arb:
        """The ball at this precision; not finite where there is no value."""
        known = self._balls.get(bits)
        if known is None:
            known = self._balls[bits] = self.ball(bits)
        return known

    def __add__(self, other: Value) -> Value:
        return total((self, other))

    def __mul__(self, other: Value) -> Value:
        return product((self, other))

    def __neg__(self) -> Value:
        return negative(self)

    def __sub__(self, other: Value) -> Value:
        return difference(self, other)

    def __truediv__(self, other: Value) -> Value:
        return product((self, power(other, -1)))


def constant(fields: tuple[Field, ...], number: Fraction) -> Value:
    """An exact number."""

    def residue(level: int) -> int:
        return residue_of(number, fields[level].prime)

    return Value(fields, residue, lambda bits: near(number, bits), number)


def residue_of(number: Fraction, prime: int) -> int:
    """An exact number in a field."""
    if number.denominator == 1:
        return number.numerator % prime
    return number.numerator * powered(number.denominator, -1, prime) % prime


def powered(base: int, exponent: int, prime: int) -> int:
    """A whole power of a residue. Raises UnluckyError for 1/0."""
    try:
        return modular_power(base, exponent, prime)
    except ZeroDivisionError:
        raise UnluckyError from None


def near(number: Fraction, bits: int) -> arb:
    """The ball of an exact number."""
    with ctx.workprec(bits):
        return arb(fmpq(number.numerator, number.denominator))


def free(fields: tuple[Field, ...], name: str, seed: bytes, ball: Callable[[int], arb]) -> Value:
    """A random number: independent residues at all levels, as x and e^x are algebraically independent."""
    return Value(fields, lambda level: hashed(fields, level, seed, name), ball)


def hashed(fields: tuple[Field, ...], level: int, seed: bytes, name: str, *residues: int) -> int:
    """A residue that depends on all of these, and on nothing else that could be computed."""
    text = "|".join((name, str(level), *map(str, residues)))
    digest = blake2b(text.encode(), key=seed, digest_size=64).digest()
    return int.from_bytes(digest, "big") % fields[level].prime


# -- rational operations ---------------------------------------------------------------------------


def total(values: Iterable[Value]) -> Value:
    """The sum of at least one value."""
    terms = tuple(values)
    if len(terms) == 1:
        return terms[0]
    fields = terms[0].fields

    def residue(level: int) -> int:
        return sum(term.at(level) for term in terms) % fields[level].prime

    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            return reduce(arb.__add__, (term.near(bits) for term in terms))

    return _made(terms, residue, ball, lambda numbers: sum(numbers, Fraction(0)))


def negative(u: Value) -> Value:
    """-u"""

    def residue(level: int) -> int:
        return -u.at(level) % u.fields[level].prime

    return _made((u,), residue, lambda bits: -u.near(bits), lambda numbers: -numbers[0])


def difference(u: Value, v: Value) -> Value:
    """u - v"""

    def residue(level: int) -> int:
        return (u.at(level) - v.at(level)) % u.fields[level].prime

    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            return u.near(bits) - v.near(bits)

    return _made((u, v), residue, ball, lambda numbers: numbers[0] - numbers[1])


def product(values: Iterable[Value]) -> Value:
    """The product of at least one value."""
    factors = tuple(values)
    if len(factors) == 1:
        return factors[0]
    fields = factors[0].fields

    def residue(level: int) -> int:
        prime = fields[level].prime
        return reduce(lambda u, v: u * v % prime, (factor.at(level) for factor in factors))

    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            return reduce(arb.__mul__, (factor.near(bits) for factor in factors))

    return _made(factors, residue, ball, lambda numbers: reduce(Fraction.__mul__, numbers))


def power(base: Value, exponent: int) -> Value:
    """A whole power, of either sign."""
    fields = base.fields

    def residue(level: int) -> int:
        return powered(base.at(level), exponent, fields[level].prime)

    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            return base.near(bits) ** exponent

    if base.square is not None and exponent % 2 == 0:
        whole = power(base.square, exponent // 2)
        return resting_on((base,), whole.at, ball)  # where the root has a value
    if base.number is not None and (base.number or exponent >= 0):
        return constant(fields, base.number**exponent)
    return resting_on((base,), residue, ball)


def _made(
    of: tuple[Value, ...],
    residue: Callable[[int], int],
    ball: Callable[[int], arb],
    number: Callable[[list[Fraction]], Fraction],
) -> Value:
    numbers = [value.number for value in of if value.number is not None]
    if len(numbers) == len(of):
        return constant(of[0].fields, number(numbers))
    return resting_on(of, residue, ball)


def resting_on(
    of: Sequence[Value], residue: Callable[[int], int], ball: Callable[[int], arb], *, sure: bool = True
) -> Value:
    """A value that is computed from others."""
    branched, depth = False, 0
    for value in of:
        sure = sure and value.sure
        branched = branched or value.branched
        depth = max(depth, value.depth)
    return Value(of[0].fields, residue, ball, None, sure, branched, 1 + depth)


# -- functions -------------------------------------------------------------------------------------


def exponential(u: Value) -> Value:
    """e^u, for which u is taken one level further in."""
    fields = u.fields

    def residue(level: int) -> int:
        return powered(fields[level].generator, u.at(level + 1), fields[level].prime)

    if u.number == 0:
        return constant(fields, Fraction(1))
    made = resting_on((u,), residue, _ball(arb.exp, u))
    made.exponent = u
    return made


def _turn(u: Value, level: int) -> tuple[int, int]:
    """e^(iu) and e^(-iu) at a level."""
    here, inside = u.fields[level], u.fields[level + 1 : level + 2]
    if not inside:
        raise TooDeepError
    angle = inside[0].unit * u.at(level + 1) % inside[0].prime
    forth = powered(here.generator, angle, here.prime)
    return forth, powered(forth, -1, here.prime)


def sine(u: Value) -> Value:
    """(e^(iu) - e^(-iu)) / 2i"""

    def residue(level: int) -> int:
        forth, back = _turn(u, level)
        here = u.fields[level]
        return (forth - back) * powered(2 * here.unit, -1, here.prime) % here.prime

    return resting_on((u,), residue, _ball(arb.sin, u))


def cosine(u: Value) -> Value:
    """(e^(iu) + e^(-iu)) / 2"""

    def residue(level: int) -> int:
        forth, back = _turn(u, level)
        prime = u.fields[level].prime
        return (forth + back) * powered(2, -1, prime) % prime

    return resting_on((u,), residue, _ball(arb.cos, u))


def sinh(u: Value) -> Value:
    """(e^u - e^(-u)) / 2"""
    return (exponential(u) - exponential(-u)) * constant(u.fields, Fraction(1, 2))


def cosh(u: Value) -> Value:
    """(e^u + e^(-u)) / 2"""
    return (exponential(u) + exponential(-u)) * constant(u.fields, Fraction(1, 2))


def opaque(name: str, seed: bytes, of: tuple[Value, ...], ball: Callable[[int], arb], *, sure: bool) -> Value:
    """A function of which equal arguments alone are understood; `sure` where it is any function at all."""
    fields = of[0].fields

    def residue(level: int) -> int:
        return hashed(fields, level, seed, name, *(value.at(level) for value in of))

    return resting_on(of, residue, ball, sure=sure)


def unspecified(letter: str, order: int, seed: bytes, u: Value) -> Value:
    """The derivative of this order of any function at all: nothing is known of it but where it is taken.

    In balls it stands for one such function, drawn for the world, so that a logarithm of it has a value:

        phi(u) = c1 e^(k1 u) + c2 e^(k2 u) + c3 e^(k3 u),   0 < c < 1/3,   -1 < k < 1
    """
    drawn = blake2b(letter.encode(), key=seed, digest_size=6).digest()
    terms = [
        (Fraction(1 + c, 771), Fraction(2 * k - 255, 256))
        for c, k in zip(drawn[::2], drawn[1::2], strict=True)
    ]

    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            parts = (near(c * k**order, bits) * (near(k, bits) * u.near(bits)).exp() for c, k in terms)
            return reduce(arb.__add__, parts)

    return opaque(f"{letter} {order}", seed, (u,), ball, sure=True)


def _ball(function: Callable[[arb], arb], u: Value) -> Callable[[int], arb]:
    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            return function(u.near(bits))

    return ball


ARB: Mapping[str, Callable[[arb], arb]] = MappingProxyType(
    {"log": arb.log, "sqrt": arb.sqrt, "erf": arb.erf, "erfc": arb.erfc}
)
"""Functions that are not rational in exponentials."""


def transcendental(name: str, seed: bytes, u: Value) -> Value:
    """One of `ARB`."""
    return opaque(name, seed, (u,), _ball(ARB[name], u), sure=False)


def root(seed: bytes, u: Value) -> Value:
    """The square root; its even powers are known."""
    made = transcendental("sqrt", seed, u)
    made.square = u
    return made


def general_power(seed: bytes, base: Value, exponent: Value) -> Value:
    """u^v = e^(v ln u), for u > 0."""

    def ball(bits: int) -> arb:
        with ctx.workprec(bits):
            return base.near(bits) ** exponent.near(bits)

    return opaque("power", seed, (base, exponent), ball, sure=False)


# -- comparisons -----------------------------------------------------------------------------------


def sign(u: Value) -> int:
    """1, -1, or 0 where u is surely 0, at the world's point. Raises UnluckyError where it cannot be told."""
    if u.number is not None:
        return (u.number > 0) - (u.number < 0)
    for bits in PRECISIONS:
        ball = u.near(bits)
        if ball > 0 or ball < 0:
            return 1 if ball > 0 else -1
    if u.at(0) == 0:
        return 0
    raise UnluckyError
