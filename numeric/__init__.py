"""The numbers' side: three witnesses, their evidence, outside witnesses, checks of other gradients.

    from numeric import verify, check, assert_gradients_agree, consult

Names are imported when they are first used, so that a test run's start does not
pay for NumPy and SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numeric.evidence import Evidence, Row, verify
    from numeric.judging.checking import Checked, Disagreement, assert_gradients_agree, check
    from numeric.outside.consult import Testimony, consult

__all__ = [
    "Checked",
    "Disagreement",
    "Evidence",
    "Row",
    "Testimony",
    "assert_gradients_agree",
    "check",
    "consult",
    "verify",
]

_HOME = {
    **dict.fromkeys(
        ("Checked", "Disagreement", "assert_gradients_agree", "check"), "numeric.judging.checking"
    ),
    **dict.fromkeys(("Evidence", "Row", "verify"), "numeric.evidence"),
    **dict.fromkeys(("Testimony", "consult"), "numeric.outside.consult"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'numeric' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
