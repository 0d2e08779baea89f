"""The command: which tables, and where their numbers go."""

from __future__ import annotations

import argparse
import json
import platform
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

from tests.benchmarks.peers import accuracy, answering, cold, detection, growth, timing
from tests.benchmarks.peers.kinds import missing
from tests.benchmarks.peers.rows import CHECKERS, ENGINES
from tests.benchmarks.peers.with_graders import GRADERS

TABLES = {
    "time": timing.measure,
    "accuracy": accuracy.measure,
    "detection": detection.measure,
    "growth": growth.measure,
    "cold": cold.measure,
    "answers": answering.measure,
}
LIBRARIES = (
    "torch",
    "jax",
    "autograd",
    "scipy",
    "numdifftools",
    "casadi",
    "mpmath",
    "python-flint",
    "numpy",
    "math-verify",
)


def main() -> None:
    """Print the tables as they are made, and keep them where a file is named."""
    asked = _arguments()
    absent = missing((*CHECKERS, *ENGINES, *GRADERS))
    if absent:
        print(f"not installed, left out: {', '.join(absent)}")
    began, made = perf_counter(), {}
    for name in asked.only:
        made[name] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for table in TABLES[name](quick=asked.quick):
                made[name].append(table.json)
                print(f"\n{table}", flush=True)
    took = perf_counter() - began
    print(f"\n{took:.0f} s")
    if asked.json:
        said = {"machine": platform.platform(), "python": platform.python_version(), "versions": _versions()}
        text = json.dumps({**said, "quick": asked.quick, "seconds": took, "tables": made}, indent=2)
        asked.json.write_text(f"{text}\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.peers", description="Ours beside the peers."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the numbers")
    parser.add_argument(
        "--only", nargs="+", choices=TABLES, default=[*TABLES], metavar="NAME", help=", ".join(TABLES)
    )
    parser.add_argument("--quick", action="store_true", help="less than two minutes")
    return parser.parse_args()


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
