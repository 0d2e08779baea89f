"""The shape of a formula: which operands each sign takes.

    formula     sum                                           of a file
    claim       argument { = argument }                       of an answer: A = B = 0.02

    argument    choice | condition
    choice      sum [ if condition else choice ]
    condition   comparison { and comparison }
    comparison  sum < sum { < sum }
    sum         term { (+ | -) term }
    term        entrywise | [ entrywise ⊙ | product * ] big
    big         - big | (Σ | d/dw) term                       Σ takes in all that is multiplied after it
    entrywise   product { ⊙ product }                         u ⊙ W v is u ⊙ (W v)
    product     signed { (* | / | @ | …) signed }
    signed      (- | +) signed | power                        -x^2 is -(x^2)
    power       raised [ ^ signed ]                           x^y^z is x^(y^z), and 2^-x is 2^(-x)
    raised      atom { ² | .T | .sum([ item { , item } ]) }   an item is an argument, or axis=0

    atom        number | constant | letter | quantity | derivative
                | f(argument { , item }) | σ(sum) | d(sum)/dw | φ''(sum { , sum })
                | (argument) | (choice , choice { , choice }) | [choice { , choice }] | [condition]
    quantity    name [ [1,2] ] [ @3 ] [ '' ]                  the last two in either order
    derivative  d quantity / d quantity | d2 quantity / d quantity [ ^2 ] { d quantity [ ^2 ] }

An operand between two signs goes to the one that binds it more tightly: each sign is a row
with two numbers, how tightly it binds its left and its right operand. `precedence` reads
tokens by these rows.

Source: Pratt (1973), Top down operator precedence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

from derive.formula import answer_rules as answers
from derive.formula.builder import Make, Part, operation, superscript, unspecified
from derive.formula.tokens import Token


def _itself(_: Sequence[Token], operands: Sequence[Part]) -> Part:
    """+a, (a < b)"""
    return operands[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """A sign or a bracket, and what makes one operand of all that belongs to it.

    left     how tightly it binds what stands to its left
    right    how tightly it binds what stands to its right; a bracket does not
    follow   what may follow a sum in it, besides the signs of sums and products
    closer   what closes a bracket
    between  what parts the operands in it
    alone    what it is around a condition, where that stands alone: (a < b), but not (a < b, c)
    keyed    whether axis=0 may stand behind an operand in it
    """

    make: Make = _itself
    left: int = 0
    right: int = 0
    follow: Set[str] = frozenset()
    closer: str = ""
    between: str = ""
    alone: Rule | None = None
    keyed: bool = False


# What may follow a sum: the end of what it stands in, or a sign that makes more of it.
_SUM = frozenset({"CLOSE"})
_SUMS = frozenset({"CLOSE", "COMMA"})
_CLOSERS = frozenset({"CLOSE", "CLOSE_LIST", "COMMA", "EQUALS", "END"})
_CHOICE = _CLOSERS | {"IF"}
_ARGUMENT = _CHOICE | {"COMPARE"}
_CONDITION = frozenset({"COMPARE"})
_COMPARED = _CLOSERS | {"COMPARE", "AND", "ELSE"}

SIGNS: Mapping[str, Rule] = MappingProxyType(
    {
        "ELSE": Rule(operation("cases"), right=1, follow=_CHOICE),
        "AND": Rule(operation("both"), left=2, right=3, follow=_CONDITION),
        "COMPARE": Rule(answers.comparison, left=5, right=4, follow=_COMPARED),
        "PLUS": Rule(operation("add"), left=6, right=7),
        "MINUS": Rule(operation("subtract"), left=6, right=7),
        "HADAMARD": Rule(operation("hadamard"), left=8, right=9),
        "TIMES": Rule(operation("multiply"), left=10, right=11),
        "DIVIDE": Rule(operation("divide"), left=10, right=11),
        "MATMUL": Rule(operation("matmul"), left=10, right=11),
        "BESIDE": Rule(operation("juxtapose"), left=10, right=11),
        "DOT": Rule(operation("dot"), left=10, right=11),
        "CROSS": Rule(answers.cross, left=10, right=11),
        "ENTRYWISE": Rule(operation("hadamard"), left=10, right=11),
        "POWER": Rule(operation("power"), left=13, right=12),
    }
)
"""Between operands, the loosest first; ELSE is an IF once its condition is read."""

BEHIND: Mapping[str, Make] = MappingProxyType(
    {"SUPERSCRIPT": superscript, "TRANSPOSE": operation("transpose")}
)
"""Behind an operand, which they bind more tightly than anything else."""

IN_FRONT: Mapping[str, Rule] = MappingProxyType(
    {
        "SUMMATION": Rule(answers.summed, right=7),
        "MINUS": Rule(operation("negate"), right=12),
        "PLUS": Rule(right=12),
    }
)
"""In front of an operand."""

BRACKETS: Mapping[str, Rule] = MappingProxyType(
    {
        "OPEN": Rule(
            answers.bracketed, follow=_ARGUMENT, closer="CLOSE", between="COMMA", alone=Rule(closer="CLOSE")
        ),
        "OPEN_LIST": Rule(
            answers.listed,
            follow=_ARGUMENT,
            closer="CLOSE_LIST",
            between="COMMA",
            alone=Rule(closer="CLOSE_LIST"),
        ),
        "FUNCTION": Rule(answers.call, follow=_ARGUMENT, closer="CLOSE", between="COMMA", keyed=True),
        "METHOD": Rule(answers.call, follow=_ARGUMENT, closer="CLOSE", between="COMMA", keyed=True),
        "ACTIVATION": Rule(answers.activation, follow=_SUM, closer="CLOSE"),
        "DIFFERENTIATED": Rule(answers.differentiated, follow=_SUM, closer="CLOSE"),
        "UNSPECIFIED": Rule(unspecified, follow=_SUMS, closer="CLOSE", between="COMMA"),
        "SLOPE": Rule(unspecified, follow=_SUMS, closer="CLOSE", between="COMMA"),
        "IF": Rule(follow=_CONDITION, closer="ELSE"),
    }
)
"""Around operands."""

FORMULA = Rule(follow=frozenset({"END"}), closer="END")
CLAIM = Rule(follow=_ARGUMENT, closer="END", between="EQUALS")
"""Around the whole text, of a file and of an answer."""
