"""A formula of sums, products, quotients and whole powers as one value.

    (w x + b - y) x       leaves w, x, b, y       w x,  w x + b,  w x + b - y,  (w x + b - y) x

Each step takes one or two of what is known by then and adds one more: first in a field, and in
balls only where somebody asks for these. So a formula has as many values as it has leaves, and one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from flint import arb, ctx

from derive.formula.nodes import Apply, Node, Number
from numeric.deciding.values import MOST_POWER, Value, near, powered, residue_of, resting_on

IN_FIELD: Mapping[str, Callable[[int, list[int], int, int], int]] = MappingProxyType(
    {
        "add": lambda p, u, i, j: (u[i] + u[j]) % p,
        "subtract": lambda p, u, i, j: (u[i] - u[j]) % p,
        "negate": lambda p, u, i, _: -u[i] % p,
        "multiply": lambda p, u, i, j: u[i] * u[j] % p,
        "hadamard": lambda p, u, i, j: u[i] * u[j] % p,
        "divide": lambda p, u, i, j: u[i] * powered(u[j], -1, p) % p,
        "power": lambda p, u, i, n: powered(u[i], n, p),
    }
)
"""Modulo p, of what is known at two places; of a power the second is the exponent."""

OPERATIONS = IN_FIELD.keys() - {"power"}
"""Those whose operands are all of a formula's own."""

IN_BALLS: Mapping[str, Callable[[list[arb], int, int], arb]] = MappingProxyType(
    {
        "add": lambda u, i, j: u[i] + u[j],
        "subtract": lambda u, i, j: u[i] - u[j],
        "negate": lambda u, i, _: -u[i],
        "multiply": lambda u, i, j: u[i] * u[j],
        "hadamard": lambda u, i, j: u[i] * u[j],
        "divide": lambda u, i, j: u[i] / u[j],
        "power": lambda u, i, n: u[i] ** n,
    }
)


@dataclass(frozen=True)
class Rational:
    """A formula taken apart.

    leaves   what is not arithmetic, each once; `numbers` those that it states
    steps    operations on leaves, numbers and earlier steps; the last one makes the formula
    places   of every part by its identity: where it is among leaves, numbers and steps
    """

    leaves: tuple[Node, ...]
    numbers: tuple[Fraction, ...]
    steps: tuple[tuple[str, int, int], ...]
    places: Mapping[int, int]

    @classmethod
    def of(cls, node: Node) -> Rational:
        inner: list[tuple[Apply, int | None]] = []
        numbers: list[Number] = []
        leaves: dict[Node, int] = {}
        places: dict[int, int] = {}
        waiting = [node]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Apply) and part.operation in OPERATIONS:
                inner.append((part, None))
                waiting += part.args[::-1]
            elif isinstance(part, Number):
                numbers.append(part)
            elif isinstance(part, Apply) and (exponent := whole_exponent(part)) is not None:
                inner.append((part, exponent))
                waiting.append(part.args[0])
            else:
                places[id(part)] = leaves.setdefault(part, len(leaves))
        for place, number in enumerate(numbers, len(leaves)):
            places[id(number)] = place
        steps = []
        for place, (apply, exponent) in enumerate(reversed(inner), len(leaves) + len(numbers)):
            places[id(apply)] = place
            last = places[id(apply.args[-1])] if exponent is None else exponent
            steps.append((apply.operation, places[id(apply.args[0])], last))
        return cls(tuple(leaves), tuple([number.value for number in numbers]), tuple(steps), places)

    def value(self, leaves: Sequence[Value]) -> Value | None:
        """Its value where the leaves have these; None where more is known of one of them than its residue:
        of numbers what they come to, of a root what its square is.
        """
        is_known, is_root = True, False
        for leaf in leaves:
            is_known = is_known and leaf.number is not None
            is_root = is_root or leaf.square is not None
        if is_known or is_root:
            return None
        return resting_on(
            leaves,
            lambda level: self.residues(leaves, level)[-1],
            lambda bits: self._ball(leaves, bits),
        )

    def residues(self, leaves: Sequence[Value], level: int) -> list[int]:
        """Of leaves, numbers and steps. Raises UnluckyError for 1/0."""
        prime = leaves[0].fields[level].prime
        known = [leaf.at(level) for leaf in leaves]
        known += [residue_of(number, prime) for number in self.numbers]
        for operation, i, j in self.steps:
            known.append(IN_FIELD[operation](prime, known, i, j))
        return known

    def _ball(self, leaves: Sequence[Value], bits: int) -> arb:
        known = [leaf.near(bits) for leaf in leaves]
        known += [near(number, bits) for number in self.numbers]
        with ctx.workprec(bits):
            for operation, i, j in self.steps:
                known.append(IN_BALLS[operation](known, i, j))
        return known[-1]


def whole_exponent(node: Node) -> int | None:
    """Of a power, where it is written as a whole number that is not too large."""
    if not isinstance(node, Apply) or node.operation != "power":
        return None
    exponent, sign = node.args[1], 1
    if isinstance(exponent, Apply) and exponent.operation == "negate":
        exponent, sign = exponent.args[0], -1
    if not isinstance(exponent, Number) or exponent.value.denominator != 1:
        return None
    whole = sign * exponent.value.numerator
    return whole if abs(whole) <= MOST_POWER else None
