"""What a report can be about: a problem, or by its name a rule or the general theory.

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
from derive.theory import Theory

RULES: Mapping[str, Activation | Cost] = MappingProxyType({**ACTIVATIONS, **COSTS})
"""Every rule that has a sheet, by its name."""

THEORY = Theory()

Subject = Problem | Activation | Cost | Theory

Stated = str | os.PathLike[str] | Mapping[str, Any]


def subject_of(stated: Stated) -> Subject:
    """The problem that `load_problem` reads, or what else has that name. Raises StatementError for none."""
    if not isinstance(stated, str) or is_problem(stated):
        return load_problem(stated)
    if stated in RULES:
        return RULES[stated]
    if stated == THEORY.name:
        return THEORY
    near = did_you_mean(stated, (*bundled(), *RULES, THEORY.name))
    raise StatementError(
        [
            Mistake(
                "",
                f"there is no such file, and no example or rule of that name{near}",
                f"a problem file, a bundled example, a rule such as sigmoid, or {THEORY.name}",
                "`backproof examples` lists them",
            )
        ],
        stated if stated.isprintable() else ascii(stated),
    )
