"""Random texts sent as answers: every one gets a verdict, in little time and little memory.

    python -m tests.benchmarks.answer_fuzz [SECONDS] [SEED]

Texts are formulas of the grammar, answers of the table with places changed, pieces of
notation, and any characters. Each is judged as the answer to a question of the table. What
is accepted although it is not a known right answer is printed, to be looked at, and so is
every text that takes longer than is allowed. Exceptions end the run, with the text.
"""

from __future__ import annotations

import resource
import sys
import tracemalloc
from collections import Counter
from dataclasses import dataclass, field
from heapq import heappushpop
from random import Random
from time import process_time

from derive.problem import Question
from numeric.answers.judged import Judged
from tests.answers.hostile import HOSTILE
from tests.answers.rows import Row, examiner, judged
from tests.answers.table import ROWS
from tests.benchmarks.random_texts import MAKERS, text

MOST_SHOWN, MOST_MEASURED = 20, 20
MOST_SECONDS, MOST_MEGABYTES = 1.0, 64.0
"""Of one text, above the loaded program (DESIGN §7)."""


@dataclass
class Tally:
    """What became of the texts so far."""

    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in MAKERS})
    slowest: list[tuple[float, str, str, str]] = field(
        default_factory=lambda: [(0.0, "", "", "")] * MOST_MEASURED
    )
    accepted: int = 0
    too_slow: int = 0

    def add(self, row: Row, maker: str, sent: str, verdict: str, spent: float) -> None:
        self.verdicts[maker][verdict] += 1
        heappushpop(self.slowest, (spent, row.where, row.ask, sent))
        if spent > MOST_SECONDS:
            self.too_slow += 1
            print(f"  {spent:.2f} s: {row.where}: {row.ask} = {sent!a}", flush=True)

    @property
    def count(self) -> int:
        return sum(found.total() for found in self.verdicts.values())


def judge(row: Row, sent: str) -> Judged:
    return examiner(row.where).judge(Question(id="q", ask=row.ask, form=row.form), sent)


def fuzzed(seconds: float, seed: int) -> Tally:
    """Judge texts for so many seconds of the processor."""
    random, tally = Random(seed), Tally()
    known = {(row.where, row.ask, row.text) for row in ROWS}
    now = process_time()
    end = now + seconds
    while now < end:
        row = random.choice(ROWS)
        maker, sent = text(random, row)
        begun = process_time()
        verdict = ""
        try:
            verdict = judge(row, sent).verdict
        finally:
            if not verdict:
                print(f"  RAISED: {row.where}: {row.ask} = {sent!a}", flush=True)
        spent = process_time() - begun
        if (
            spent > MOST_SECONDS
        ):  # what is learnt of a question is not this text's, nor is the garbage of others
            begun = process_time()
            judge(row, f"{sent} ")
            spent = min(spent, process_time() - begun)
        tally.add(row, maker, sent, verdict, spent)
        now = process_time()
        if verdict == "correct" and (row.where, row.ask, sent) not in known:
            tally.accepted += 1
            if tally.accepted <= MOST_SHOWN:
                print(f"  correct: {row.where}: {row.ask} = {sent!a}", flush=True)
    return tally


def peak(row: Row, sent: str) -> float:
    """Megabytes of judging a text, once its question is known."""
    tracemalloc.start()
    judge(row, sent)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / 2**20


def grown() -> float:
    """Megabytes that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def measured(sent: str) -> tuple[float, float]:
    """Seconds and megabytes of judging a hostile text."""
    row = Row("chain2", "dC/dw2", sent, "")
    judge(row, "a1")
    begun = process_time()
    judge(row, sent)
    return process_time() - begun, peak(row, sent + " ")


def main(seconds: int = 60, seed: int = 1) -> int:
    for row in ROWS:
        judged(row)
    loaded, begun = grown(), process_time()
    tally = fuzzed(seconds, seed)
    spent = process_time() - begun
    for maker, verdicts in tally.verdicts.items():
        print(f"{maker:9}", ", ".join(f"{number:,} {verdict}" for verdict, number in verdicts.most_common()))
    print(
        f"{tally.count:,} texts, {tally.count / spent:.0f} a second of the processor; {tally.too_slow} too slow"
    )
    longest = max(tally.slowest)
    print(f"slowest {longest[0]:.2f} s: {longest[1]}: {longest[2]} = {longest[3][:100]!a}")
    print(f"the process grew by {grown() - loaded:.0f} MB, from {loaded:.0f} MB")
    most = max(peak(Row(where, ask, "", ""), sent + " ") for _, where, ask, sent in tally.slowest if where)
    costs = [measured(hostile) for hostile, _ in HOSTILE]
    print(f"memory of the {MOST_MEASURED} slowest: at most {most:.1f} MB")
    print(f"hostile: at most {max(costs)[0]:.2f} s, {max(cost[1] for cost in costs):.1f} MB")
    return int(bool(tally.too_slow) or most > MOST_MEGABYTES)


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
