"""The command line as the tests run it: in this process, or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from reports.cli import main

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, "-c", "from reports.cli import main; main()")


@dataclass(frozen=True)
class Ran:
    """What a finished command left behind."""

    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    """The command line in this process; the signals' handlers are put back afterwards."""
    numbers = [number for number in ("SIGINT", "SIGTERM", "SIGPIPE") if hasattr(signal, number)]
    before = {number: signal.getsignal(getattr(signal, number)) for number in numbers}
    out, err, code = StringIO(), StringIO(), 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main([str(argument) for argument in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        for number, handler in before.items():
            signal.signal(getattr(signal, number), handler)
    return Ran(code, out.getvalue(), err.getvalue())


def environment() -> Mapping[str, str]:
    """This process's environment, with the packages of this checkout and plain output."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TERM": "xterm"}


def started(
    *arguments: str | Path, program: tuple[str, ...] = PROGRAM, **streams: Any
) -> subprocess.Popen[bytes]:
    """A command as a process of its own."""
    kept = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen([*program, *map(str, arguments)], env=environment(), **kept)
