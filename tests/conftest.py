"""What holds for every test run."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Leave what is imported by now to itself: the collector would walk through all of it again and again."""
    gc.collect()
    gc.freeze()
