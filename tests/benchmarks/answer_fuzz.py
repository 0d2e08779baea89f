"""Random texts as answers, for so many seconds: verdicts and nothing else.

    python -m tests.benchmarks.answer_fuzz [SECONDS] [SEED]

Texts are made of pieces of notation, of right answers with a piece changed, and of any
characters. What is accepted although it is not a known right answer is printed, to be
looked at; hostile texts are timed, and their memory is measured.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from random import Random
from time import monotonic, process_time

from derive.problem import Question
from tests.answers.hostile import HOSTILE
from tests.answers.rows import Row, examiner
from tests.answers.table import ROWS
from tests.reading.test_hostile import PIECES

MOST_SHOWN = 10


def text(random: Random, row: Row) -> str:
    """Pieces side by side, a changed answer, or anything."""
    way = random.random()
    if way < 0.4:
        return "".join(random.choice(PIECES) for _ in range(random.randint(1, 14)))
    if way < 0.9:
        at = random.randint(0, len(row.text))
        return row.text[:at] + random.choice(["", *PIECES]) + row.text[at + random.randint(0, 3) :]
    return "".join(
        chr(random.choice([random.randrange(32, 127), random.randrange(0x110000)])) for _ in range(12)
    )


def measured(text: str) -> tuple[float, float]:
    """Seconds and megabytes of judging a text."""
    judge = examiner("chain2").judge
    judge(Question(id="q", ask="dC/dw2"), "a1")
    begun = process_time()
    judge(Question(id="q", ask="dC/dw2"), text)
    spent = process_time() - begun
    tracemalloc.start()
    judge(Question(id="q", ask="dC/dw2"), text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return spent, peak / 2**20


def main(seconds: int = 60, seed: int = 1) -> int:
    random, verdicts, worst = Random(seed), Counter[str](), (0.0, "")
    known = {(row.where, row.ask, row.text) for row in ROWS}
    end, shown = monotonic() + seconds, 0
    while monotonic() < end:
        row = random.choice(ROWS)
        sent = text(random, row)
        begun = process_time()
        verdict = examiner(row.where).judge(Question(id="q", ask=row.ask, form=row.form), sent).verdict
        worst = max(worst, (process_time() - begun, sent))
        verdicts[verdict] += 1
        if verdict == "correct" and (row.where, row.ask, sent) not in known and shown < MOST_SHOWN:
            shown += 1
            print(f"  correct: {row.ask} = {sent!a}")
    print(", ".join(f"{number:,} {verdict}" for verdict, number in verdicts.most_common()))
    print(f"slowest {worst[0]:.2f} s: {worst[1][:100]!a}")
    costs = [(*measured(hostile), hostile) for hostile, _ in HOSTILE]
    print(f"hostile: at most {max(costs)[0]:.2f} s, {max(cost[1] for cost in costs):.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
