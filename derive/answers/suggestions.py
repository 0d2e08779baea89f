"""What may have been meant by a word that means nothing: eta of alpha, t1 of tt1, dC/dw of dC alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from derive.problem import Network, Problem

_KIN: Mapping[str, str] = MappingProxyType(
    {"alpha": "eta", "lr": "eta", "rate": "eta", "lambda": "lam", "lambd": "lambda", "D": "Delta"}
)
"""Letters of books and of code for what a problem may call otherwise."""

_DOUBLED = re.compile(r"([^\W\d_])\1")
_NUMBERED = re.compile(r"([A-Za-z]+)([0-9]*)")


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
