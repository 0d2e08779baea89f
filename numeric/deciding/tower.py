"""A tower of prime fields, in which e^u has a value.

    p_i = k_i p_{i+1} + 1,      e^u mod p_i = g_i ^ (u mod p_{i+1})

g_i generates the subgroup of order p_{i+1}, so that e^u e^v = e^(u+v) holds: what is
known of u one level further in decides e^u. Every p_i is 1 modulo 4, so that each
field holds an i with i*i = -1, and sines and cosines are rational in e^(iu).

Source: Gonnet (1984), Determining equivalence of expressions in random polynomial
time, STOC.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import count

from flint import fmpz, fmpz_mod_ctx

BITS = 127
"""Of the innermost prime: two rational functions of degree below 2^20 that differ agree at a random
point with a chance below 2^-106 (Schwartz-Zippel)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One level of the tower.

    prime      p_i
    generator  g_i, of order p_{i+1}; 1 in the innermost field, where no e^u has a value
    unit       i, with i*i = -1 modulo p_i
    """

    prime: int
    generator: int
    unit: int


FEW = 64
"""Powers up to this one are quicker without a way into FLINT's numbers and back."""


def power(base: int, exponent: int, prime: int) -> int:
    """base^exponent modulo a prime. Raises ZeroDivisionError for a negative power of 0."""
    if 0 <= exponent <= FEW:
        return pow(base, exponent, prime)
    return int(_ring(prime)(base) ** exponent)


_ring = cache(fmpz_mod_ctx)


@cache
def tower(levels: int) -> tuple[Field, ...]:
    """The fields from the outermost, where values are compared, to the innermost."""
    inner = _next_prime(2**BITS, 4)
    fields = [Field(inner, 1, _unit(inner))]
    for _ in range(levels - 1):
        prime = _next_prime(1, 4 * fields[0].prime)
        fields.insert(0, Field(prime, _of_order(fields[0].prime, prime), _unit(prime)))
    return tuple(fields)


def _next_prime(above: int, modulus: int) -> int:
    """The least prime beyond `above` that is 1 modulo `modulus`."""
    first = above - above % modulus + 1
    return next(n for n in count(first + modulus, modulus) if fmpz(n).is_prime())


def _of_order(order: int, prime: int) -> int:
    """An element of this prime order."""
    powers = (pow(base, (prime - 1) // order, prime) for base in count(2))
    return next(power for power in powers if power != 1)


def _unit(prime: int) -> int:
    """A square root of -1: c^((p-1)/4) for any c that is no square."""
    powers = (pow(base, (prime - 1) // 4, prime) for base in count(2))
    return next(power for power in powers if power * power % prime == prime - 1)
