"""Random slips in random derivations, written out as answers: each is wrong, and told as what it is.

    python -m tests.benchmarks.answer_edits [COUNT] [SEED]

A slip is one row of the table made at one place of a small random network or graph. Its
answer is wrong unless the row changes nothing at that place; the reason is its own name,
or that of another slip that gives the same.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from derive.problem import Question
from derive.slips import MISTAKES, PlacedSlip, slips_of, swept
from derive.sweep import adjoint
from numeric.answers.judge import Examiner
from numeric.answers.judged import Judged
from tests.benchmarks.random_answers import problem, put_together, written

OF_ONE = 12
"""Slips that are tried in one problem."""

LONGEST = 3_000
"""Characters of an answer."""

ROWS = frozenset(row.name for row in MISTAKES)


@dataclass(frozen=True)
class Outcome:
    """What became of one slip."""

    kind: str
    slip: str
    asked: str
    text: str
    judged: Judged


def edits(count: int, seed: int) -> Iterator[Outcome]:
    """The outcome of so many slips."""
    random, made = Random(seed), 0
    while made < count:
        about = problem(random)
        by = random.choice(sorted(about.parameter) if about.parameter else sorted(about.wrt))
        of = about.objectives[0]
        key = adjoint(of, by)
        sweep = swept(about, of, (by,))
        slips = list(slips_of(sweep, (key,)))
        examiner = Examiner(about)
        for slip in random.sample(slips, min(OF_ONE, len(slips))):
            steps = {step.key: step for step in slip.made.affected(sweep, (key,)).steps}
            if key not in steps:
                continue
            text = written(about, put_together(key, steps))
            if len(text) <= LONGEST:
                judged = examiner.judge(Question(id="q", ask=key), text)
                yield Outcome(_kind(examiner, slip, key, judged), slip.name, key, text, judged)
                made += 1


def _kind(examiner: Examiner, slip: PlacedSlip, key: str, judged: Judged) -> str:
    """named; else why not."""
    if judged.verdict == "correct":
        return "changes nothing" if _changes_nothing(examiner, slip, key) else "ACCEPTED"
    if judged.verdict != "incorrect":
        return judged.verdict
    row = judged.why[0].slip.partition(" in d")[0] if judged.why else ""
    return "named" if row in ROWS else f"explained otherwise: {row.partition(';')[0] or 'nothing'}"


def _changes_nothing(examiner: Examiner, slip: PlacedSlip, key: str) -> bool:
    """Whether the derivation has the same balls with the slip as without, at thirty points."""
    for number in range(30):
        world = examiner.subject.world(number)
        right, wrong = world[key], world.under(slip.made.affected(slip.sweep, (key,)).steps)[key]
        if not right.near(256).overlaps(wrong.near(256)):
            return False
    return True


def main(count: int = 10_000, seed: int = 1) -> int:
    kinds: Counter[str] = Counter()
    for outcome in edits(count, seed):
        kinds[outcome.kind] += 1
        if outcome.kind in ("ACCEPTED", "unreadable", "undecided") and kinds[outcome.kind] <= 5:
            said = outcome.judged.why[0].text if outcome.judged.why else ""
            print(f"  {outcome.kind}: {outcome.slip}: {outcome.asked} = {outcome.text}  {said}")
    for kind, number in kinds.most_common():
        print(f"{number:7,} {kind}")
    return int(bool(kinds["ACCEPTED"]))


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
