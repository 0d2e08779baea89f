"""Random rewrites of right answers: each stays right.

    python -m tests.benchmarks.answer_rewrites [COUNT] [SEED]

A right answer is the derivation put together from its lines, some of its intermediates put
in for their formulas. It is rewritten some times over: factors and terms exchanged, a
product distributed, a common factor taken out, a quantity put in for its formula and back,
sigma' as a(1 - a) and as 1/(4 cosh^2(z/2)), fractions, powers, transposes of products.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import sympy as sp

from derive import load_problem
from derive.problem import Network, Problem, Question
from derive.slips.changes import read_key
from derive.steps import Step
from derive.sweep import adjoint, sweep
from numeric.answers.judge import Examiner
from numeric.answers.judged import Judged
from tests.benchmarks.random_answers import problem, put_together, written

OF_ONE, MOST_STEPS, LONGEST = 8, 4, 3_000
"""Rewrites of one problem's answer; steps of one rewrite; characters of an answer."""


@dataclass(frozen=True)
class Outcome:
    """What became of one right answer."""

    asked: str
    text: str
    judged: Judged


@dataclass(frozen=True)
class Rewriting:
    """One problem, whose right answers are rewritten."""

    problem: Problem
    steps: dict[str, Step]
    random: Random

    def rewritten(self, expr: sp.Expr) -> sp.Expr:
        for _ in range(self.random.randint(1, MOST_STEPS)):
            expr = self.random.choice(RULES)(self, expr)
        return expr

    def put_in(self, expr: sp.Expr) -> sp.Expr:
        """A quantity's formula for one quantity."""
        known = [symbol for symbol in expr.free_symbols if str(symbol) in self.steps]
        if not known:
            return expr
        chosen = self.random.choice(sorted(known, key=str))
        return expr.xreplace({chosen: put_together(str(chosen), self.steps, lambda _: False)})

    def distributed(self, expr: sp.Expr) -> sp.Expr:
        made = sp.expand(expr)
        return made if made.count_ops() < 150 else expr

    def taken_out(self, expr: sp.Expr) -> sp.Expr:
        return sp.factor_terms(expr)

    def together(self, expr: sp.Expr) -> sp.Expr:
        return sp.together(expr, deep=False)

    def split(self, expr: sp.Expr) -> sp.Expr:
        """A factor in the numerator and in the denominator: a given one, which is never 0 throughout.

        A unit that is off, and its slope, are: then the answer has no value where the truth has one.
        """
        symbols = sorted((one for one in expr.free_symbols if str(one) not in self.steps), key=str)
        if not symbols:
            return expr
        factor = self.random.choice(symbols)
        return sp.Mul(sp.Mul(expr, factor, evaluate=False), sp.Pow(factor, -1), evaluate=False)

    def halved(self, expr: sp.Expr) -> sp.Expr:
        half = sp.Mul(sp.Rational(1, 2), expr, evaluate=False)
        return sp.Add(half, half, evaluate=False)

    def slopes(self, expr: sp.Expr) -> sp.Expr:
        """1/(4 cosh^2(z/2)) for a (1 - a) of one sigmoid, 1/cosh^2 z for 1 - a^2 of one tanh."""
        body = self.problem.body
        if not isinstance(body, Network):
            return expr
        for symbol in sorted(expr.free_symbols, key=str):
            key = read_key(str(symbol))
            if key is None or key.letter != "a" or not key.layer:
                continue
            rule = body.layer(key.layer).activation.name
            z = sp.Symbol(str(symbol).replace("a", "z", 1))
            if rule == "sigmoid":
                half = sp.Add(1, sp.tanh(z / 2)) / 2
                return expr.xreplace({symbol: self.random.choice([half, 1 / (1 + sp.exp(-z))])})
            if rule == "tanh":
                return expr.xreplace({symbol: self.random.choice([sp.tanh(z), sp.sinh(z) / sp.cosh(z)])})
        return expr

    def added(self, expr: sp.Expr) -> sp.Expr:
        """Something added and taken away again."""
        symbols = sorted(expr.free_symbols, key=str)
        if not symbols:
            return expr
        u, v = (self.random.choice(symbols) for _ in range(2))
        return sp.Add(expr, sp.Mul(u, v), sp.Mul(-1, v, u, evaluate=False), evaluate=False)


RULES: tuple[Callable[[Rewriting, sp.Expr], sp.Expr], ...] = (
    Rewriting.put_in, Rewriting.put_in, Rewriting.put_in, Rewriting.distributed, Rewriting.taken_out,
    Rewriting.together, Rewriting.split, Rewriting.halved, Rewriting.slopes, Rewriting.added,
)  # fmt: skip

MATRICES: tuple[tuple[str, str], ...] = (
    (r"\delta^{l}", r"((W^{m})^T \delta^{m}) \odot s"),
    (r"\delta^{l}", r"s \odot ((W^{m})^T \delta^{m})"),
    (r"\delta^{l}", r"((\delta^{m})^T W^{m})^T \odot s"),
    (r"\delta^{l}", r"(\delta^{m})^T W^{m} \odot (s)^T"),
    (r"\delta^{l}", r"\mathrm{diag}(s) (W^{m})^T \delta^{m}"),
    (r"\frac{\partial C}{\partial W^{l}}", r"\delta^{l} (a^{k})^T"),
    (r"\frac{\partial C}{\partial W^{l}}", r"(a^{k} (\delta^{l})^T)^T"),
    (r"\frac{\partial C}{\partial W^{l}}", r"(((W^{m})^T \delta^{m}) \odot s)(a^{k})^T"),
    (r"\frac{\partial C}{\partial b^{l}}", r"\frac12 s \odot ((W^{m})^T \delta^{m}) + \frac12 \delta^{l}"),
)
SLOPES = (r"\sigma'(z^{l})", r"a^{l} \odot (1 - a^{l})", r"(a^{l} - a^{l} \odot a^{l})", r"\sigma(z^{l}) \odot (1 - \sigma(z^{l}))", r"\frac{1}{4\cosh^2(z^{l}/2)}")  # fmt: skip


def of_matrices(random: Random) -> Iterator[Outcome]:
    """The four equations in matrices, spelled in several ways."""
    sizes = [random.randint(2, 4) for _ in range(4)]
    layers = [{"units": units, "activation": "sigmoid"} for units in sizes[1:]]
    network = {"inputs": sizes[0], "cost": "half_squared_error", "layers": layers}
    examiner = Examiner(load_problem({"title": "random", "network": network}))
    for asked, spelled in random.sample(MATRICES, OF_ONE):
        l, slope = random.choice((1, 2)), random.choice(SLOPES)
        ask, text = (_at(part, l) for part in (asked, re.sub(r"\bs\b", lambda _, s=slope: s, spelled)))
        yield Outcome(ask, text, examiner.judge(Question(id="q", ask=ask, form="matrix"), text))


def _at(text: str, l: int) -> str:
    """The text at layer l, with m the layer above and k the one below."""
    for letter, layer in (("^{l}", l), ("^{m}", l + 1), ("^{k}", l - 1)):
        text = text.replace(letter, f"^{{{layer}}}")
    return text.replace("a^{0}", "x")


def rewrites(count: int, seed: int) -> Iterator[Outcome]:
    """The outcome of so many rewrites."""
    random, made = Random(seed), 0
    while made < count:
        found = of_matrices(random) if random.random() < 0.1 else _of_numbers(random)
        for outcome in found:
            made += 1
            yield outcome


def _of_numbers(random: Random) -> Iterator[Outcome]:
    about = problem(random)
    by = random.choice(sorted(about.parameter) if about.parameter else sorted(about.wrt))
    of = about.objectives[0]
    examiner = Examiner(about)
    forward = examiner.subject.program
    steps = {step.key: step for step in forward.steps}
    steps |= {step.key: step for step in sweep(forward, of, [by])}
    key = adjoint(of, by)
    rewriting = Rewriting(about, steps, random)
    for _ in range(OF_ONE):
        share = random.random()
        chosen = frozenset(arg for arg in steps if arg.startswith("d") and random.random() < share)
        expr = rewriting.rewritten(put_together(key, steps, chosen.__contains__))
        text = (
            "" if expr.has(sp.ITE, sp.zoo, sp.nan) else written(about, expr)
        )  # a relu within a relu has no spelling
        if 0 < len(text) <= LONGEST:
            yield Outcome(key, text, examiner.judge(Question(id="q", ask=key), text))


def main(count: int = 10_000, seed: int = 1) -> int:
    verdicts: Counter[str] = Counter()
    for outcome in rewrites(count, seed):
        verdict = f"{outcome.judged.verdict}, {outcome.judged.proof}"
        verdicts[verdict] += 1
        if outcome.judged.verdict != "correct" and verdicts[verdict] <= 8:
            said = outcome.judged.why[0].text if outcome.judged.why else ""
            print(f"  {verdict}: {outcome.asked} = {outcome.text}  {said}")
    for verdict, number in verdicts.most_common():
        print(f"{number:7,} {verdict}")
    return int(any(verdict.startswith("incorrect") for verdict in verdicts))


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
