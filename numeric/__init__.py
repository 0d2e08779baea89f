"""The numbers' side: three witnesses, their evidence, and checks of other people's gradients.

    from numeric import verify, check, assert_gradients_agree

Names are imported when they are first used, so that a test run's start does not
pay for NumPy and SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numeric.evidence import Evidence, Row, verify
    from numeric.judging.checking import Checked, Disagreement, assert_gradients_agree, check

__all__ = ["Checked", "Disagreement", "Evidence", "Row", "assert_gradients_agree", "check", "verify"]

_HOME = {
    **dict.fromkeys(
        ("Checked", "Disagreement", "assert_gradients_agree", "check"), "numeric.judging.checking"
    ),
    **dict.fromkeys(("Evidence", "Row", "verify"), "numeric.evidence"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'numeric' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
