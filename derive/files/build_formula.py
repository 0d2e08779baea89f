"""The formulas of a problem file: rules in their formal letters, steps in a graph's names."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from types import MappingProxyType

from derive.expressions import CONSTANTS
from derive.files.mistakes import Mistakes, is_own_name, shown
from derive.formula import Scope, parse
from derive.formula.nodes import ALIASES, Apply, Node, Number, Unspecified, walk

_FOLDS: Mapping[str, Callable[..., Fraction]] = MappingProxyType(
    {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "negate": operator.neg}
)


@dataclass(frozen=True)
class Hole:
    """Where an operation has no real value: what its last operand must not be."""

    name: str
    holds: Callable[[Fraction], bool]


_HOLES: Mapping[str, Hole] = MappingProxyType(
    {
        "divide": Hole("a division by 0", lambda value: value == 0),
        "log": Hole("the log of 0 or less", lambda value: value <= 0),
        "sqrt": Hole("the root of a negative number", lambda value: value < 0),
    }
)


def is_word(text: str, letters: Set[str]) -> bool:
    """Whether a text can only be meant as a rule's name, since as a formula it is one unknown letter."""
    return is_own_name(text) and text not in letters | CONSTANTS.keys()


def rule_formula(where: str, text: str, letters: Set[str], allowed: str, mistakes: Mistakes) -> Node | None:
    """A rule that the author states in its formal letters: `z`, or `a` and `y`."""
    scope = Scope(names=frozenset(letters), aliases=ALIASES)
    node = mistakes.reading(where, text, partial(parse, text, scope), allowed)
    return node if node is not None and is_defined(where, text, node, mistakes) else None


def is_defined(where: str, text: str, node: Node, mistakes: Mistakes) -> bool:
    """Whether a formula can have a value: x/0, log(0) and sqrt(-1) have none, whatever the numbers."""
    known: list[Fraction | None] = []
    for part in walk(node):
        if isinstance(part, Unspecified):
            known[-1] = None
            continue
        if not isinstance(part, Apply):
            known.append(part.value if isinstance(part, Number) else None)
            continue
        operands = [known.pop() for _ in part.args][::-1]
        hole = _HOLES.get(part.operation)
        last = operands[-1]
        if hole is not None and last is not None and hole.holds(last):
            mistakes.add(where, f"{hole.name} in {shown(text)}", "a formula that has a value")
            return False
        fold = _FOLDS.get(part.operation)
        known.append(fold(*operands) if fold and None not in operands else None)
    return True
