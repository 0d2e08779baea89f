"""What holds for every test run."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Leave what is imported by now to itself, and look seldom: SymPy's caches keep nearly all that is new."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
