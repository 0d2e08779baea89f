"""Problems and their symbolic derivations.

    from derive import load_problem, derive_gradient

Names are imported when they are first used, so that neither a command's
`--help` nor a test run's start pays for SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.answers import Reading, read_answer
    from derive.errors import AnswerError, StatementError
    from derive.files.load import bundled, load_problem
    from derive.gradient import Derivation, Gradient, derive_gradient
    from derive.problem import (
        Assignment,
        Figure,
        Graph,
        Layer,
        Network,
        Notation,
        Parameter,
        Problem,
        Training,
    )

__all__ = [
    "AnswerError",
    "Assignment",
    "Derivation",
    "Figure",
    "Gradient",
    "Graph",
    "Layer",
    "Network",
    "Notation",
    "Parameter",
    "Problem",
    "Reading",
    "StatementError",
    "Training",
    "bundled",
    "derive_gradient",
    "load_problem",
    "read_answer",
]

_HOME = {
    **dict.fromkeys(("AnswerError", "StatementError"), "derive.errors"),
    **dict.fromkeys(("Derivation", "Gradient", "derive_gradient"), "derive.gradient"),
    **dict.fromkeys(("Reading", "read_answer"), "derive.answers"),
    **dict.fromkeys(("bundled", "load_problem"), "derive.files.load"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'derive' has no attribute '{name}'")
    return getattr(import_module(_HOME.get(name, "derive.problem")), name)
