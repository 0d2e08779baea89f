"""Processor time, the best of some rounds: what others do on the machine costs no round, and no thread is free."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

ROUNDS = 30
LONG = 1.0
"""A call that takes so many seconds is not made again to warm up."""


def best(call: Callable[[], object], patience: float) -> float:
    """Seconds of the processor; rounds are made until `patience` seconds have passed on the wall."""
    began, times = perf_counter(), list[float]()
    while len(times) < ROUNDS and (not times or perf_counter() - began < patience):
        start = process_time()
        call()
        times.append(process_time() - start)
    return min(times)
