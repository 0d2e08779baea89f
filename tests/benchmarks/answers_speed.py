"""How long an answer takes: to read, to decide, to explain.

    python -m tests.benchmarks.answers_speed [TIMES]

Every row of the table, once the problem and the question are known. Seconds of the
processor, so that whatever else runs does not count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from time import process_time

from derive.answers import Reader
from derive.errors import AnswerError
from derive.problem import Question
from tests.answers.rows import Row, examiner, problem
from tests.answers.table import ROWS

SLOWEST = 8


def timed(work: Callable[[int], object], times: int) -> float:
    """Milliseconds, the least of several."""
    found = []
    for number in range(times):
        begun = process_time()
        work(number)
        found.append(process_time() - begun)
    return 1e3 * min(found)


def judging(row: Row) -> Callable[[int], object]:
    """Judging a text that has not been judged yet: an examiner remembers those that have."""
    question = Question(id="q", ask=row.ask, form=row.form)
    return lambda number: examiner(row.where).judge(question, row.text + " " * (number + 1))


def explained(row: Row) -> Callable[[int], object]:
    """The same with its reasons."""
    question = Question(id="q", ask=row.ask, form=row.form)
    return lambda number: examiner(row.where).judge(question, row.text + "\t" * (number + 1)).why


def reading(row: Row) -> Callable[[int], object]:
    """Reading alone."""
    reader = READERS.setdefault(row.where, Reader(problem(row.where)))

    def work(_: int) -> object:
        try:
            return reader.read(row.text, ask=row.ask, form=row.form)
        except AnswerError as error:
            return error

    return work


READERS: dict[str, Reader] = {}


def line(name: str, found: Sequence[float]) -> str:
    ranked = sorted(found)
    return (
        f"{name:10} median {ranked[len(ranked) // 2]:6.2f} ms, p99 {ranked[int(0.99 * len(ranked))]:6.2f} ms"
    )


def _gaps(longer: Sequence[float], shorter: Sequence[float]) -> list[float]:
    return [max(0.0, whole - part) for whole, part in zip(longer, shorter, strict=True)]


def main(times: int = 3) -> int:
    for row in ROWS:
        explained(row)(-1)  # what is learnt on the way is learnt once
    whole, judged_alone, read = (
        [timed(work(row), times) for row in ROWS] for work in (explained, judging, reading)
    )
    decided, told = _gaps(judged_alone, read), _gaps(whole, judged_alone)
    for name, found in (("all", whole), ("reading", read), ("deciding", decided), ("explaining", told)):
        print(line(name, found))
    for spent, row in sorted(zip(whole, ROWS, strict=True), key=lambda pair: -pair[0])[:SLOWEST]:
        print(f"  {spent:6.2f} ms  {row.where}: {row.ask} = {row.text}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
