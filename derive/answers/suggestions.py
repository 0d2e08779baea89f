"""What may have been meant by a word that means nothing: eta of alpha, t1 of tt1, dC/dw of dC alone.

And why others are refused: words of sentences, and functions that nothing here has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from derive.answers.prose import SAID
from derive.problem import Network, Problem

_KIN: Mapping[str, str] = MappingProxyType(
    {"alpha": "eta", "lr": "eta", "rate": "eta", "lambda": "lam", "lambd": "lambda", "D": "Delta"}
)
"""Letters of books and of code for what a problem may call otherwise."""

_COSTS = frozenset({"E", "J", "L", "C", "loss", "cost", "Loss", "Cost"})
"""What others call what is differentiated."""

_INVERSE = re.compile("a(?:rc|r)?(?:sin|cos|tan)h?")

_DOUBLED = re.compile(r"([^\W\d_])\1")
_NUMBERED = re.compile(r"([A-Za-z]+)([0-9]*)")


def unread(word: str) -> str:
    """Why a word is refused, whatever the problem; empty of one that may be misspelled."""
    if len(word) > 1 and word.lower() in SAID:
        return ": it is a word of a sentence; write the formula alone"
    if _INVERSE.fullmatch(word):
        return "; there are sin, cos, tan, sinh, cosh and tanh, and no inverse of them"
    return ""


def other_cost(problem: Problem, word: str) -> str:
    """`; the cost is C here` of the E of other books; empty of other words."""
    if word not in _COSTS:
        return ""
    body = problem.body
    if isinstance(body, Network):
        return f"; the cost is {problem.notation.cost} here"
    return f"; what is differentiated here is {body.outputs[0]}"


def kin(word: str) -> str:
    """Delta2 of D2, eta of alpha; empty of other words."""
    match = _NUMBERED.fullmatch(word)
    return f"{_KIN[match[1]]}{match[2]}" if match and match[1] in _KIN else ""


def undoubled(word: str) -> str:
    """The t1 of tt1."""
    return _DOUBLED.sub(r"\1", word)


def in_full(problem: Problem, word: str, text: str) -> str:
    """A derivative that begins with the dC, or ends with the dw5, that was written alone."""
    body = problem.body
    if isinstance(body, Network):
        cost = problem.notation.cost
        names = [one.name for one in problem.parameters if "[" not in one.name] or ["w"]
    else:
        cost = body.outputs[0]
        names = [*(body.wrt or problem.given_names)]
    return f"d{cost}/{text}" if word[1:] in names else f"{text}/d{(names or ['x'])[0]}"
