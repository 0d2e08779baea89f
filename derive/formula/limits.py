"""What a formula may cost, settled while it is read, so that no work needs a time limit.

The size of a number is its logarithmic height, in decimal digits:

    h(p/q) = log10 max(|p|, q)
    h(x y), h(x/y) <= h(x) + h(y)
    h(x + y)       <= h(x) + h(y) + log10 2
    h(x^n)          = |n| h(x)

A name counts as one digit: its own size is bounded where it gets its value. The
characters bound the number of nodes (at most three for two characters), so
nodes need no limit of their own.

Source: Hindry and Silverman (2000), Diophantine Geometry, B.2 (heights).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from derive.errors import AnswerError
from derive.formula.nodes import Number

CHARACTERS = 10_000
WORD_CHARACTERS = 100
DEPTH = 100
LITERAL_DIGITS = 400
POWER_DIGITS = 10_000

_TWO = math.log10(2)
_FLOAT_DIGITS = 300
"""Beyond so many digits a bound is no longer a float; it stands for "far too large"."""


class Size(NamedTuple):
    """What a tree of nodes costs.

    depth     operations from the root down to the deepest leaf
    height    logarithmic height of its value, in decimal digits
    value     its value, where that is rational and short enough to be had exactly
    constant  no name stands in it
    """

    depth: int
    height: float
    value: Fraction | None = None
    constant: bool = False

    @property
    def magnitude(self) -> float:
        """A bound of |value|; 1 for what depends on a name."""
        if not self.constant:
            return 1.0
        if self.height > _FLOAT_DIGITS:
            return 10.0**_FLOAT_DIGITS
        return 10.0**self.height if self.value is None else abs(float(self.value))


NAME = Size(depth=0, height=1.0)
CONSTANT = Size(depth=0, height=1.0, constant=True)

_PRODUCTS = ("multiply", "juxtapose", "dot", "cross", "hadamard", "inner")

_HEIGHTS: Mapping[str, Callable[..., float]] = MappingProxyType(
    dict.fromkeys(_PRODUCTS, lambda x, y: x.height + y.height)
    | {
        "add": lambda x, y: x.height + y.height + _TWO,
        "subtract": lambda x, y: x.height + y.height + _TWO,
        "divide": lambda x, y: x.height + y.height,
        "power": lambda x, n: x.height * n.magnitude,
        "exp": lambda x: max(1.0, x.magnitude * math.log10(math.e)),
    }
)

_EXACT: Mapping[str, Callable[..., Fraction]] = MappingProxyType(
    dict.fromkeys(_PRODUCTS, operator.mul)
    | {
        "add": operator.add,
        "subtract": operator.sub,
        "divide": operator.truediv,
        "negate": operator.neg,
        "power": lambda x, n: x**n.numerator,
    }
)


def check_length(text: str) -> None:
    """Raises AnswerError for a text of too many characters."""
    if len(text) > CHARACTERS:
        raise AnswerError(
            f"the formula has {len(text):,} characters; at most {CHARACTERS:,} are read", CHARACTERS + 1
        )


def check_word(word: str, column: int) -> None:
    """Raises AnswerError for a word too long to be a name, or a row of differentials."""
    if len(word) > WORD_CHARACTERS:
        raise AnswerError(f"a word of {len(word):,} letters; at most {WORD_CHARACTERS} are read", column)


def check_brackets(depth: int, column: int) -> None:
    """Raises AnswerError for brackets within more than `DEPTH` brackets."""
    if depth > DEPTH:
        raise AnswerError(
            f"brackets stand within brackets more than {DEPTH} deep; at most {DEPTH} are read", column
        )


def literal(text: str, column: int) -> Number:
    """The exact number that a literal states: `2e-3` is 1/500.

    Raises AnswerError where more than `LITERAL_DIGITS` digits would write it out.
    """
    mantissa, _, exponent = text.lower().partition("e")
    shift = int(exponent) if 0 < len(exponent) <= len("+1000") else 0
    if len(exponent) > len("+1000") or len(mantissa) + abs(shift) > LITERAL_DIGITS:
        raise AnswerError(
            f"the number '{text[:12]}…' takes more than {LITERAL_DIGITS} digits to write out;"
            f" at most {LITERAL_DIGITS} are read",
            column,
        )
    if not any(map(str.isdigit, mantissa)):
        raise AnswerError(f"'{text}' has no digits", column)
    return Number(Fraction(int(text) if text.isdecimal() else text), text)


def size_of_number(value: Fraction) -> Size:
    """The size of a literal."""
    return Size(depth=0, height=_height(value), value=value, constant=True)


def size_of_operation(operation: str, operands: Sequence[Size], column: int) -> Size:
    """The size of an operation of `OPERATIONS` on operands of these sizes.

    Raises AnswerError where operations are nested too deep, or a constant power has too many digits.
    """
    depth, constant = 0, True
    for size in operands:
        depth = max(depth, size.depth)
        constant = constant and size.constant
    depth += 1
    if depth > DEPTH:
        raise AnswerError(
            f"operations are nested more than {DEPTH} deep, each term of a sum being one level;"
            " shorten the formula, or group a long sum or product with brackets",
            column,
        )
    rule = _HEIGHTS.get(operation)
    height = max([size.height for size in operands]) if rule is None else rule(*operands)
    if operation == "power" and operands[1].constant and height > POWER_DIGITS:
        raise AnswerError(
            f"the result of this power may have more than {POWER_DIGITS:,} digits; write a smaller exponent",
            column,
        )
    value = _exact(operation, [size.value for size in operands], height) if constant else None
    return Size(depth, height if value is None else _height(value), value, constant)


def _height(value: Fraction) -> float:
    return math.log10(max(abs(value.numerator), value.denominator))


def _exact(operation: str, values: Sequence[Fraction | None], height: float) -> Fraction | None:
    """The exact value, where every operand has one and the result is no longer than a literal."""
    exact = [value for value in values if value is not None]
    if operation not in _EXACT or len(exact) < len(values) or height > LITERAL_DIGITS:
        return None
    if operation == "power" and exact[1].denominator != 1:
        return None
    try:
        return _EXACT[operation](*exact)
    except ZeroDivisionError:
        return None  # 1/0 is a formula; that it has no value is for whoever evaluates it to say
