"""How long an answer takes to be judged, and whether rightly: plain formulas and numbers that all can read.

Every text is in what LaTeX, Python and mitx's notation share: one-letter names, whole
numbers, + - * / ^ and brackets. Ours stands there twice: with the verdict alone, which is what
the peers give, and with the reason for every wrong answer read as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import process_time

from tests.benchmarks.peers.kinds import here
from tests.benchmarks.peers.tables import Table, seconds
from tests.benchmarks.peers.with_graders import GRADERS, Asked, Grader

GOALS = {"mitx FormulaGrader": 10, "Math-Verify": 50}
"""How many times the answers a second that ours should judge."""

ROUNDS, QUICK_ROUNDS = 5, 2
"""Each with one more pair of brackets around every text, so that nobody remembers it."""


@dataclass(frozen=True)
class Answers:
    """Right and wrong answers to one question."""

    asked: Asked
    right: tuple[str, ...]
    wrong: tuple[str, ...]


CASES = (
    Answers(
        Asked(steps=("u = w*x + b", "J = (u - y)^2/2"), ask="dJ/dw", names=("w", "x", "b", "y"), truth="(w*x+b-y)*x"),
        ("(w*x+b-y)*x", "x*(w*x+b-y)", "w*x^2+b*x-y*x", "-(y-w*x-b)*x", "x^2*w+(b-y)*x", "(2*w*x+2*b-2*y)*x/2",
         "x*w*x-x*(y-b)", "(x/2)*(2*(w*x+b)-2*y)"),
        ("(w*x-b-y)*x", "w*x+b-y", "(w*x+b-y)*w", "(y-w*x-b)*x", "2*(w*x+b-y)*x", "(w*x+b+y)*x", "(w*x+b-y)^2/2",
         "(w*x+b-y)*x/2", "(w*x+b-y)*x+1/1000000"),
    ),
    Answers(
        Asked(steps=("q = u/v", "J = q^3"), ask="dJ/dv", names=("u", "v"), truth="-3*u^3/v^4"),
        ("-3*u^3/v^4", "3*(u/v)^2*(-u/v^2)", "-(3*u^3)/(v^4)", "-3*u*u*u/(v^2*v^2)", "-(u/v)^3*3/v", "3*u^3/(-v^4)"),
        ("3*u^3/v^4", "-3*u^3/v^3", "3*(u/v)^2", "-3*u^2/v^4", "3*u^2/v^3", "-u^3/v^4", "-3*(u/v)^2/v"),
    ),
    Answers(
        Asked(steps=("p = x*w", "J = p/(1 + p)"), ask="dJ/dw", names=("x", "w"), truth="x/(1+x*w)^2"),
        ("x/(1+x*w)^2", "x*(1+w*x)^(-2)", "x/(1+2*x*w+x^2*w^2)", "(x*(1+x*w)-x*w*x)/(1+x*w)^2",
         "1/(1+x*w)*x/(1+x*w)", "x/(1+x*w)-x*x*w/(1+x*w)^2"),
        ("1/(1+x*w)^2", "w/(1+x*w)^2", "x/(1+x*w)", "-x/(1+x*w)^2", "x/(1+x*w^2)^2", "x/(1-x*w)^2", "x*w/(1+x*w)^2"),
    ),
    Answers(
        Asked(steps=("s = x - w", "J = s^3*x - 2*s"), ask="dJ/dx", names=("x", "w"), truth="3*(x-w)^2*x+(x-w)^3-2"),
        ("3*(x-w)^2*x+(x-w)^3-2", "(x-w)^2*(4*x-w)-2", "(x-w)^2*(3*x+x-w)-2", "3*x*(w-x)^2-(w-x)^3-2",
         "(x-w)^3+3*x*(x^2-2*x*w+w^2)-2"),
        ("3*(x-w)^2*x-2", "3*(x-w)^2*x+(x-w)^3", "3*(x-w)^2+(x-w)^3-2", "(x-w)^2*(4*x-w)+2", "3*(x-w)^2*x-(x-w)^3-2",
         "-3*(x-w)^2*x-2"),
    ),
    Answers(
        Asked(steps=("m = (a + b)/2", "r = a - m", "J = r^2 + m*t"), ask="dJ/db", names=("a", "b", "t"), truth="(b-a+t)/2"),
        ("(b-a+t)/2", "-(a-b)/2+t/2", "t/2+b/2-a/2", "-(a-(a+b)/2)+t/2", "1/2*(t-(a-b))"),
        ("(a-b+t)/2", "b-a+t", "(b-a)/2", "(b-a-t)/2", "2*(a-(a+b)/2)+t/2", "t/2"),
    ),
    Answers(
        Asked(steps=("u = w*x", "J = (u - y)^2"), ask="dJ/dw", names=(), truth="6", values=(("w", 2), ("x", 3), ("y", 5))),
        ("6", "12/2", "2*3", "2*(2*3-5)*3", "6.0", "18-12", "2*(6-5)*3"),
        ("-6", "3", "5", "2", "18", "2*(2*3-5)", "36", "4"),
    ),
    Answers(
        Asked(steps=("q = u/v", "J = q^2"), ask="dJ/du", names=(), truth="2/9", values=(("u", 1), ("v", 3))),
        ("2/9", "4/18", "2*(1/3)/3", "2/3^2", "2/3/3"),
        ("1/9", "2/3", "-2/9", "2/27", "9/2", "2*(1/3)"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What one checker said of one text, and the least processor time that it took."""

    ask: str
    text: str
    is_right: bool
    verdict: str
    time: float

    @property
    def kind(self) -> str:
        return f"{'right' if self.is_right else 'wrong'}, {self.verdict}"


def measure(*, quick: bool) -> Iterator[Table]:
    """Times and verdicts, each checker taking its turn at every question."""
    graders = here(GRADERS)
    found: dict[str, list[Outcome]] = {grader.name: [] for grader in graders}
    for case in CASES:
        for grader in graders:
            found[grader.name] += _judged(grader, case, QUICK_ROUNDS if quick else ROUNDS)
    times = {name: _spread([one.time for one in outcomes]) for name, outcomes in found.items()}
    yield Table("time of an answer", ("mean", "median", "p99", "worst"), times, seconds, _ratios(times))
    kinds = sorted({one.kind for outcomes in found.values() for one in outcomes})
    counts = {name: [sum(one.kind == kind for one in of) for kind in kinds] for name, of in found.items()}
    yield Table("verdicts on the same answers", kinds, counts, str, [*_mistakes(found)])


def _judged(grader: Grader, case: Answers, rounds: int) -> Iterator[Outcome]:
    judge = grader.judges(case.asked)
    judge("0")
    for texts, is_right in ((case.right, True), (case.wrong, False)):
        for text in texts:
            times, verdict = [], ""
            for number in range(rounds):
                sent = "(" * number + text + ")" * number
                begun = process_time()
                verdict = judge(sent)
                times.append(process_time() - begun)
            yield Outcome(case.asked.ask, text, is_right, verdict, min(times))


def _spread(times: Sequence[float]) -> list[float]:
    ranked = sorted(times)
    middle, late = ranked[len(ranked) // 2], ranked[int(0.99 * len(ranked))]
    return [sum(ranked) / len(ranked), middle, late, ranked[-1]]


def _ratios(times: Mapping[str, Sequence[float]]) -> list[str]:
    """How many times the answers a second of each peer ours judges."""
    lines = []
    for name, goal in GOALS.items():
        if name not in times:
            lines.append(f"{name} is not installed, so there is nothing to compare with")
            continue
        mean, median = (times[name][k] / times["ours"][k] for k in range(2))
        lines.append(
            f"{name}: ours judges {mean:.0f} times as many (by the median {median:.0f}; goal {goal})"
        )
    return lines


def _mistakes(found: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    for name, outcomes in found.items():
        wrong = [one for one in outcomes if (one.verdict == "correct") != one.is_right]
        said = "; ".join(f"{one.ask} = {one.text} ({one.kind})" for one in wrong)
        yield f"{name}: {said or 'no mistake'}"
