"""Processor time, the best of some rounds: what others do on the machine costs no round, and no thread is free."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

FEWEST, MOST = 5, 50
"""Rounds of a short call."""

LONG = 2.0
"""A call that takes so many seconds even when warm is made again only while patience lasts."""


def best(call: Callable[[], object], patience: float) -> float:
    """Seconds of the processor; rounds go on until `patience` seconds have passed on the wall."""
    began, times = perf_counter(), list[float]()
    while len(times) < MOST:
        enough = FEWEST if min(times, default=0.0) < LONG else 1
        if len(times) >= enough and perf_counter() - began > patience:
            break
        start = process_time()
        call()
        times.append(process_time() - start)
    return min(times)
