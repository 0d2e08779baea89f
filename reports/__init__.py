"""Pages: what a report says, and the commands that write it.

from reports import render
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.rendering import render

__all__ = ["render"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'reports' has no attribute '{name}'")
    return getattr(import_module("reports.rendering"), name)
