"""What a report can be about: a problem, a rule, an output pair (softmax+cross_entropy) or the theory.

A file or a bundled example of that name comes first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from derive.errors import Mistake, StatementError, did_you_mean
from derive.files.load import bundled, is_problem, load_problem
from derive.problem import Problem
from derive.rules import ACTIVATIONS, COSTS, Activation, Cost
from derive.special.pairs import Pair
from derive.theory import Theory

RULES: Mapping[str, Activation | Cost] = MappingProxyType({**ACTIVATIONS, **COSTS})
"""Every rule that has a sheet, by its name."""

THEORY = Theory()

Subject = Problem | Activation | Cost | Pair | Theory

Stated = str | os.PathLike[str] | Mapping[str, Any]


def subject_of(stated: Stated) -> Subject:
    """The problem that `load_problem` reads, or what else has that name. Raises StatementError for none."""
    if not isinstance(stated, str) or is_problem(stated):
        return load_problem(stated)
    if stated in RULES:
        return RULES[stated]
    if "+" in stated:
        return _pair(stated)
    if stated == THEORY.name:
        return THEORY
    near = did_you_mean(stated, (*bundled(), *RULES, THEORY.name))
    raise _refused(
        stated,
        f"there is no such file, and no example or rule of that name{near}",
        "a problem file, a bundled example, a rule such as sigmoid, a pair such as softmax+cross_entropy, "
        f"or {THEORY.name}",
        "`backproof examples` lists them",
    )


def _pair(stated: str) -> Pair:
    """ACTIVATION+COST. Raises StatementError where one is not known, or they do not go together."""
    first, _, second = stated.partition("+")
    for name, table, noun in ((first, ACTIVATIONS, "activation"), (second, COSTS, "cost")):
        if name not in table:
            near = did_you_mean(name, tuple(table))
            shown = name if name.isprintable() else ascii(name)
            raise _refused(
                stated,
                f"'{shown}' is no {noun}{near}",
                "ACTIVATION+COST, such as softmax+cross_entropy",
                f"write the {noun}’s name as a problem file has it: {', '.join(list(table)[:3])}, …",
            )
    if not Pair.is_possible(ACTIVATIONS[first], COSTS[second]):
        raise _refused(
            stated,
            f"{second} reads logits and has softmax in itself, so {first} would be taken twice",
            "an activation of each unit by itself",
            f"write identity+{second}",
        )
    return Pair(ACTIVATIONS[first], COSTS[second])


def _refused(stated: str, found: str, allowed: str, fix: str) -> StatementError:
    return StatementError(
        [Mistake("", found, allowed, fix)], stated if stated.isprintable() else ascii(stated)
    )
