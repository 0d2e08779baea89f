"""The command `verify` in a process of its own, from nothing to the table."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from os import environ
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from tests.benchmarks.peers.tables import Table, seconds

PROBLEMS = ("mazur", "xor")
GOAL = 1.5
ROUNDS = 5
COMMAND = "from reports.cli import main; main()"


def measure(*, quick: bool) -> Iterator[Table]:
    """The best of some runs, by the clock on the wall and by the processor's."""
    rows = {name: _run(name, 2 if quick else ROUNDS) for name in PROBLEMS}
    note = f"goal: less than {GOAL} s on the wall of an idle machine, with modules compiled before"
    yield Table("backproof verify, in a new process", ["wall", "processor"], rows, seconds, [note])


def _run(name: str, rounds: int) -> list[float]:
    """The shortest of each, after one run that compiles what is not compiled."""
    own = {key: value for key, value in environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command, times = [sys.executable, "-c", COMMAND, "verify", name], list[tuple[float, float]]()
    for _ in range(rounds + 1):
        spent, start = _spent(), perf_counter()
        subprocess.run(command, env=own, stdout=subprocess.DEVNULL, check=False)
        times.append((perf_counter() - start, _spent() - spent))
    return [min(column) for column in zip(*times[1:], strict=True)]


def _spent() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
