"""The formulas of a problem file: rules in their formal letters, steps in a graph's names."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Set
from fractions import Fraction
from functools import partial
from types import MappingProxyType

from derive.expressions import CONSTANTS
from derive.files.mistakes import Mistakes, is_own_name, shown
from derive.formula import Scope, parse
from derive.formula.nodes import Apply, Node, Number, walk

ALIASES: Mapping[str, str] = MappingProxyType({"ln": "log"})
"""Other spellings of functions that every formula of a file may use."""

_FOLDS: Mapping[str, Callable[..., Fraction]] = MappingProxyType(
    {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "negate": operator.neg}
)


def is_word(text: str, letters: Set[str]) -> bool:
    """Whether a text can only be meant as a rule's name, since as a formula it is one unknown letter."""
    return is_own_name(text) and text not in letters | CONSTANTS.keys()


def rule_formula(where: str, text: str, letters: Set[str], mistakes: Mistakes) -> Node | None:
    """A rule that the author states in its formal letters: `z`, or `a` and `y`."""
    scope = Scope(names=frozenset(letters), aliases=ALIASES)
    node = mistakes.reading(where, text, partial(parse, text, scope))
    return node if node is not None and is_defined(where, text, node, mistakes) else None


def is_defined(where: str, text: str, node: Node, mistakes: Mistakes) -> bool:
    """Whether a formula can have a value: x/0 and log(0) have none, whatever the numbers."""
    known: list[Fraction | None] = []
    for part in walk(node):
        if not isinstance(part, Apply):
            known.append(part.value if isinstance(part, Number) else None)
            continue
        operands = [known.pop() for _ in part.args][::-1]
        if part.operation in ("divide", "log") and operands[-1] == 0:
            what = "a division by 0" if part.operation == "divide" else "the log of 0"
            mistakes.add(where, f"{what} in {shown(text)}", "a formula that has a value")
            return False
        fold = _FOLDS.get(part.operation)
        known.append(fold(*operands) if fold and None not in operands else None)
    return True
