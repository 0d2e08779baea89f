"""What a wrong answer took for another thing is named, and both sides of comparisons are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from derive import load_problem
from derive.problem import Question
from numeric.answers.judge import Examiner
from tests.answers.rows import network

SAMPLES = {"x": [["1", "2"], ["0.5", "-1"], ["-1.5", "0.3"]], "y": [[1], [0], [1]]}
ONLINE = network(2, 2, 1, l2="0.1", reduction="mean", data=SAMPLES) | {
    "training": {"rate": "0.5", "batch": "online"}
}
LEAKY = network(2, 2, 1, act=({"rule": "leaky_relu", "alpha": "0.1"}, "sigmoid"))
COUNTS = network(1, 1, 1, act="relu", cost="poisson")
RELU = network(1, 1, act="relu")

TAKEN: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    (ONLINE, "dC/dw2[1,1]", "1/m*sum((A2-Y)*A2*(1-A2)*A1[1]) + lambda/m*w2[1,1]", "size of the batch"),
    (ONLINE, "dC/dw2[1,1]", r"\frac1n\sum_i (a^{[2](i)}-y^{(1)})a^{[2](i)}(1-a^{[2](i)})a^{[1](i)}_1 + \frac{\lambda}{n}w^{[2]}_{11}", "wrong sample"),
    (ONLINE, "dC/db1[1]", "sum(Delta1[1]) + lambda/n*b1[1]", "bias in L2"),
    (ONLINE, "dC/dw1[1,1]", "sum(Delta1[1]*X[2]) + lambda/n*w1[1,1]", "wrong index"),
    (ONLINE, "w2[1,1]'", "w2[1,1] - 0.5*0.5*dC@1/dw2[1,1] - 0.5*0.5*lambda/n*w2[1,1]", "rate applied twice"),
    (LEAKY, "a1[1]", "min(0.1*z1[1], z1[1])", "wrong choice"),
    (LEAKY, "dC/db1[1]", "np.where(z1[1]>0,1,0.01)*w2_11*delta2", "wrong number"),
)  # fmt: skip


@pytest.mark.parametrize(("stated", "ask", "text", "slip"), TAKEN)
def test_what_was_taken_for_another_thing_is_named(
    stated: dict[str, Any], ask: str, text: str, slip: str
) -> None:
    """A value that is another one tells nobody where to look."""
    found = Examiner(load_problem(stated)).judge(Question(id="q", ask=ask), text)
    assert (found.verdict, found.why[0].slip) == ("incorrect", slip)


BESIDE = (
    (COUNTS, "dC/dw1[1,1]", "(1-y/a2)*w2*x*(z1>0)*(z2>0)", "correct"),
    (COUNTS, "dC/dw1[1,1]", "(1-y/a2)*w2*x*(z1>0)*(z2>0.001)", "incorrect"),
    (COUNTS, "dC/dw1[1,1]", "(1-y/a2)*w2*x*(z1>0)*(z2>0)*(z2<1000)", "incorrect"),
    (COUNTS, "dC/dw1[1,1]", r"\begin{cases}(1-y/a2)*w2*x&z2>0\\5&\text{otherwise}\end{cases}*(z1>0)", "undecided"),
    (COUNTS, "dC/dw1[1,1]", r"(1-y/a2)*w2*x*(z1>0)*\begin{cases}1&z2>-1\\5&\text{otherwise}\end{cases}", "undecided"),
    (RELU, "dC/dw1[1,1]", " + ".join(f"|x-{i}| - |{i}-x|" for i in range(1, 12)) + " + (a-y)*(z>0)*x", "correct"),
    (RELU, "dC/dw1[1,1]", " + ".join(f"|x-{i}| - |{i}-x|" for i in range(1, 20)) + " + (a-y)*(z>0.001)*x", "incorrect"),
    (RELU, "dC/dw1[1,1]", " + ".join(f"|x-{i}| - |{i}-x|" for i in range(1, 35)) + " + (a-y)*(z>0)*x", "undecided"),
)  # fmt: skip


@pytest.mark.parametrize(("stated", "ask", "text", "verdict"), BESIDE)
def test_both_sides_of_every_comparison_are_looked_at(
    stated: dict[str, Any], ask: str, text: str, verdict: str
) -> None:
    """Where nothing has a value on one side, nothing can differ there; behind many edges something can."""
    assert Examiner(load_problem(stated)).judge(Question(id="q", ask=ask), text).verdict == verdict


def test_what_is_right_with_the_numbers_alone_is_no_identity() -> None:
    """A program that reads the proof must not take one point for all."""
    problem = load_problem("mazur")
    found = Examiner(problem).judge(Question(id="q", ask="dE/dw5"), "delta_o1*h1*i1/0.05")
    assert (found.verdict, found.proof) == ("correct", "sampled")
    assert found.why[0].slip == "with your numbers"
