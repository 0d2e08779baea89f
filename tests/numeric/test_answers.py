"""Answers are judged as what they are: formulas, numbers, matrices, chains of equalities, values after an update."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from derive import load_problem
from derive.errors import AnswerError
from derive.problem import Question
from numeric.answers.claim import claim
from numeric.answers.judge import Examiner
from numeric.answers.judged import Judged
from numeric.answers.miswritten import what_is_wrong
from numeric.answers.number import Measure
from numeric.balls.enclosure import Enclosure
from numeric.decimals import digit_count
from numeric.judging.published import judge_all
from tests.kinds import every_row

BATCH = MappingProxyType(
    {
        "x": [["1", "-2"], ["0.5", "0.25"], ["-1", "3"]],
        "y": [["0", "1"], ["1", "0"], ["1", "1"]],
        "W": [[["0.5", "-0.25"], ["0.1", "0.2"], ["0.3", "-0.4"]], [["0.7", "0.1", "-0.2"], ["0.4", "-0.5", "0.6"]]],
        "b": [["0.1", "-0.1", "0.2"], ["0.05", "-0.05"]],
    }
)  # fmt: skip

TABLES: dict[str, dict[str, Any]] = {
    "batch": {
        "network": {
            "inputs": 2,
            "cost": "squared_error",
            "reduction": "mean",
            "l2": "0.1",
            "layers": [
                {"units": 3, "activation": "tanh", "weights": BATCH["W"][0], "biases": BATCH["b"][0]},
                {"units": 2, "activation": "sigmoid", "weights": BATCH["W"][1], "biases": BATCH["b"][1]},
            ],
        },
        "data": {"x": BATCH["x"], "y": BATCH["y"]},
        "training": {"rate": "0.1", "batch": 2},
    },
    "descent": {
        "graph": {"steps": ["z = w*x", "J = (z - y)^2"], "output": "J", "wrt": ["w"]},
        "values": {"w": "0.5", "x": 2, "y": 3},
        "training": {"rate": "0.1"},
    },
    "arrays": {
        "graph": {
            "steps": ["A2 = sigmoid(A1 @ W2)", "D2 = A2 - Y", "J = sum(D2*D2)/3"],
            "output": "J",
            "shapes": {"A1": [4, 3], "W2": [3, 2], "Y": [4, 2]},
        }
    },
}


@cache
def examiner(name: str) -> Examiner:
    return Examiner(load_problem(TABLES.get(name, name)))


def judged(name: str, ask: str, text: str, form: str = "expression", **more: Any) -> Judged:
    return examiner(name).judge(Question(id="q", ask=ask, form=form, **more), text)


TABLES["relu"] = {
    "network": {
        "inputs": 2,
        "cost": "half_squared_error",
        "layers": [
            {
                "units": 2,
                "activation": "relu",
                "weights": [["0.5", "-0.4"], ["0.1", "0.9"]],
                "biases": ["0.1", "-0.1"],
            },
            {"units": 1, "activation": "identity", "weights": [[2, -3]], "biases": [1]},
        ],
    },
    "data": {"x": [[1, -2], [3, 1]], "y": [[1], [2]]},
}
"""Of which every derivative is a decimal, behind comparisons."""

TABLES["two"] = {
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "layers": [
            {"units": 1, "activation": "sigmoid", "weights": [["0.6"]], "biases": ["-0.2"]},
            {"units": 1, "activation": "sigmoid", "weights": [["-1.3"]], "biases": ["0.4"]},
        ],
    },
    "data": {"x": [["1.5"]], "y": [["0.8"]]},
}
"""Of which dC/dw1 is 0.042486 and dC/dw2 is -0.06566314337."""

CORRECT = [
    ("relu", "dC/dw1[1,2]", "number", "-15"),
    ("relu", "dC/db2", "expression", "0.9"),
    ("relu", "dC/db2", "expression", "9e-1"),
    ("relu", "dC/dW1", "matrix", "[[-5.8, -15], [17.1, 5.7]]"),
    ("mazur", "dE/dw5", "expression", "-(t1 - o1)*o1*(1 - o1)*h1"),
    ("mazur", "dE/dw1", "expression", "(delta_o1*w5 + delta_o2*w7)*h1*(1 - h1)*i1"),
    ("mazur", "dE/dW2", "matrix", r"\delta^2 (a^1)^T"),
    ("mazur", "dE/dW2", "matrix", "[[0.0822, 0.0827], [-0.0226, -0.0227]]"),
    ("mazur", "-dE/dz_o1", "expression", "(t1 - o1)*o1*(1 - o1)"),
    ("mazur", "C[1]", "expression", "1/2*(t1 - o1)^2"),
    ("mazur", "delta1", "equation", r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)"),
    ("mazur", "dE/dw5", "expression", "dE/dw5 = dE/do1*do1/dz_o1*h1 = 0.7414*0.1868*0.5933 = 0.0822"),
    ("mazur", "dE/dw5", "number", "(0.75136507 - 0.01)*0.186815602*0.593269992"),
    ("mazur", "dE/dw5", "number", "0.08216704056423078"),
    ("mazur", "w5'", "expression", "w5 - eta*dE/dw5"),
    ("mazur", "w5'", "expression", "w5 - 0.5*dE/dw5"),
    ("mazur", "W2'", "matrix", "W2 - eta*delta2*a1^T"),
    ("mazur", "o1'", "expression", "sigma(w5'*h1' + w6'*h2' + b2)"),
    ("mazur", "dE'/dw5", "expression", "(o1' - t1)*o1'*(1 - o1')*h1'"),
    ("batch", "dC/dW2", "matrix", "2/n*(A2 - Y)*sigma2'(Z2) A1^T + lambda/n*W2"),
    ("batch", "Z2", "matrix", "W2 A1 + b2"),
    ("batch", "dC/dz2[1]@3", "expression", "2/n*(a2[1]@3 - y[1]@3)*a2[1]@3*(1 - a2[1]@3)"),
    ("batch", "a2[1]", "expression", "sigma2(z2[1])"),
    ("batch", "C@2", "expression", "(y[1]@2 - a2[1]@2)^2 + (y[2]@2 - a2[2]@2)^2"),
    ("descent", "w'", "expression", "w - eta*2*(z - y)*x"),
    ("descent", "J'", "number", "0.16"),
    ("arrays", "dJ/dW2", "code", "A1.T @ (2*D2*A2*(1 - A2)/3)"),
    ("arrays", "dJ/dA2", "matrix", "2/3*D2"),
]


@pytest.mark.parametrize(("name", "ask", "form", "text"), CORRECT, ids=str)
def test_a_right_answer_is_correct_however_it_is_written(name, ask, form, text):
    """Whoever is right must not be told otherwise."""
    found = judged(name, ask, text, form)
    assert found.verdict == "correct", found.why
    assert found.points == 1


WRONG = [
    ("mazur", "dE/dw5", "expression", "(o1 - t1)*h1", "missing output slope"),
    ("mazur", "dE/dW2", "matrix", "a1 delta2^T", "transposed"),
    ("mazur", "dE/dW2", "matrix", "[[0.0822, -0.0226], [0.0827, -0.0227]]", "transposed"),
    ("mazur", "dE/dW2", "matrix", "[[0.0822, 0.0827], [0.0226, -0.0227]]", "entries"),
    ("mazur", "dE/dW2", "matrix", "[[1, 2, 3], [4, 5, 6]]", "shape"),
    ("mazur", "dE/dw5", "expression", "dE/dw5", "restated"),
    ("mazur", "delta_o1", "expression", "dE/dz_o1", "restated"),
    ("mazur", "dE/dw5", "expression", "dE/dw5 = (o1 - t1)*o1*(1 - o1)*h1 = 0.0922", "false equality"),
    ("mazur", "dE/dw5", "expression", "dE/dw5 = a1 = delta_o1*h1", "false equality"),
    ("mazur", "dE/dw5", "number", "(o1 - t1)*o1*(1 - o1)*h1", "no number"),
    ("mazur", "dE/dw5", "number", "0.0821", "cut off"),
    ("mazur", "dE/dw5", "number", "0.082", "too few digits"),
    ("mazur", "dE/dw5", "number", "0.08214", "rounded too early"),
    ("mazur", "dE/dw5", "number", "0.43983", "missing output slope"),
    ("mazur", "dE/dw5", "number", "log(-1)", "no value"),
    ("relu", "dC/dw1[1,2]", "number", "-15.01", "last digit"),
    ("relu", "dC/db2", "number", "0.8", "size"),
    ("two", "dC/dw2", "number", "-0.06566314339", "rounded too early"),
    ("two", "dC/dw2", "expression", "w2 - 0.5*dC/dw2", "value after the update"),
    ("two", "dC/dw2", "expression", "exp(1000000*z2)", "counterexample"),
    ("two", "dC/dw2", "expression", "1/cosh(z2)**40", "counterexample"),
    ("relu", "dC/db1", "expression", "np.mean(W2.T @ (A2 - Y)*(Z1 > 0), axis=1)", "extra 1/n"),
    ("relu", "dC/db2", "expression", "((a2@1 - y@1) + (a2@2 - y@2))/2", "extra 1/n"),
    ("relu", "dC/db2", "expression", "1/2*np.sum(A2 - Y)", "factor 1/2"),
    ("two", "dC/dw2", "number", "-0.06567", "rounded too early"),
    ("two", "dC/dw2", "number", "0.0657", "sign"),
    ("two", "dC/dw2", "number", "0.06567", "sign and digits"),
    ("two", "dC/dw2", "number", "0", "zero"),
    ("two", "dC/dw2", "expression", "0.178", "sign and digits"),
    ("two", "dC/dw1", "number", "0.0435", "one digit"),
    ("two", "dC/dw1", "number", "0.04258", "one digit"),
    ("two", "dC/dw1", "number", "2+2", "size"),
    ("two", "dC/dw1", "number", "0.5*0.08", "size"),
    ("mazur", "E'", "number", "0.291027924", "hidden step with already-updated weights"),
    ("mazur", "w5'", "number", "0.4410835", "step uphill"),
    ("mazur", "w5'", "expression", "w5 - dE/dw5", "rate left out"),
    ("mazur", "w5'", "expression", "-eta*dE/dw5", "step without the weight"),
    ("mazur", "w5'", "expression", "w5", "read one update early"),
    ("mazur", "w5'", "expression", "w5 - eta*(o1 - t1)*h1", "missing output slope"),
    ("mazur", "delta1", "equation", "1 = 1", "another equation"),
    ("batch", "dC/dW2", "matrix", "Delta2 A1^T", "missing L2 term"),
    ("batch", "w2[1,1]'", "expression", "w2[1,1] - eta*dC/dw2[1,1]", "all samples"),
    ("arrays", "dJ/dW2", "code", "A1.T @ (2*D2*A2/3)", "function in place of its derivative"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ask", "form", "text", "slip"), every_row(WRONG, 3), ids=str)
def test_a_wrong_answer_is_incorrect_and_the_first_reason_says_why(name, ask, form, text, slip):
    """Whoever is wrong can only mend what is named."""
    found = judged(name, ask, text, form)
    assert (found.verdict, found.points) == ("incorrect", 0)
    assert found.why[0].slip == slip


def test_a_counterexample_of_many_quantities_is_at_the_numbers_of_the_problem():
    """A point that is not told can be checked by nobody."""
    found = judged("two", "dC/dw2", "(a1 + a2 + y + x + w1 + w2)**2")
    assert found.why[0].text == "With the numbers of this problem it is 7.04, and it should be −0.0657."
    asked = judged("two", "dC/dw2", "(a1 + a2 + y + x + w1 + w2)**2", "number")
    assert [reason.slip for reason in asked.why] == ["no number"], "the number is not given away"


def test_a_question_without_digits_asks_for_none():
    """What nobody asked for is not said to be asked for; what was is."""
    said = {digits: judged("two", "C", "0.086", "number", digits=digits).why[0].text for digits in (None, 3)}
    assert "asked for" not in said[None]
    assert said[3].endswith("3 significant digits are asked for.")


def test_an_exact_number_with_fewer_digits_than_were_asked_for_is_right_and_told_how_it_is_written():
    """-15 is the value itself."""
    found = judged("relu", "dC/dw1[1,2]", "-15", "number", digits=3)
    assert (found.verdict, found.why[0].text) == ("correct", "It is exact; with 3 digits it is -15.0.")


def test_rounding_on_the_way_is_no_fact_and_nothing_where_the_value_is_exact():
    """The last digit can be wrong for any reason."""
    exact, other = (
        Enclosure(Fraction(9, 10), Fraction(9, 10)),
        Enclosure(Fraction("0.89999"), Fraction("0.90001")),
    )
    said = [what_is_wrong("0.901", truth, Measure()) for truth in (exact, other)]
    assert [text.partition(":")[::2] for _, text in filter(None, said)] == [
        ("Only the last digit is off.", ""),
        ("Only the last digit is off", " perhaps an intermediate result was rounded before the end."),
    ]


def test_the_false_link_of_a_chain_is_counted_as_it_is_written():
    """The second of two equalities, and both of its sides."""
    found = judged("mazur", "dE/dw5", "dE/dw5 = (o1 - t1)*o1*(1 - o1)*h1 = 0.0922")
    assert found.why[0].text.startswith("The second equality is false: ")
    assert found.why[0].text.endswith("= 0.0922.")


def test_digits_beyond_those_asked_for_cost_nothing_and_are_told():
    """Three digits were asked for; the famous nine are those of another derivation."""
    found = judged("mazur", "E'", "0.291027924", "number", digits=3)
    assert found.verdict == "correct"
    assert [reason.slip for reason in found.why] == [
        "further digits",
        "hidden step with already-updated weights",
    ]


def test_a_number_where_a_formula_could_stand_is_right_with_its_problem_s_numbers():
    """It is no formula, and that is said."""
    assert [reason.slip for reason in judged("mazur", "dE/dw5", "0.0822").why] == ["with your numbers"]


def test_no_number_is_right_for_every_sample():
    """a2[1] has three values here; the question names none of them."""
    assert judged("batch", "a2[1]", "0.5", "number").verdict == "undecided"


def updated_by_numpy() -> tuple[np.ndarray, np.ndarray]:
    """W1 and W2 after gradient descent on the first two samples, by hand: the L2 term has all three."""
    x, y = np.array(BATCH["x"][:2], float), np.array(BATCH["y"][:2], float)
    (W1, W2), (b1, b2) = ([np.array(rows, float) for rows in BATCH[key]] for key in "Wb")
    a1 = np.tanh(x @ W1.T + b1)
    a2 = 1 / (1 + np.exp(-(a1 @ W2.T + b2)))
    delta2 = 2 * (a2 - y) * a2 * (1 - a2) / 2
    delta1 = delta2 @ W2 * (1 - a1**2)
    return W1 - 0.1 * (delta1.T @ x + 0.1 / 3 * W1), W2 - 0.1 * (delta2.T @ a1 + 0.1 / 3 * W2)


def test_the_first_update_of_a_mini_batch_is_what_numpy_makes_of_it():
    """Both witnesses of ours could share a wrong order of samples; NumPy's lines do not."""
    for layer, W in enumerate(updated_by_numpy(), 1):
        text = str([[f"{w:.11g}" for w in row] for row in W]).replace("'", "")
        assert judged("batch", f"W{layer}'", text, "matrix").verdict == "correct"
    assert judged("batch", "W2'", text.replace("0.", "0.1", 1), "matrix").verdict == "incorrect"


@pytest.mark.parametrize("name", ["mazur", "csdi-forward-2-3-2-1", "cs231n-sigmoid-neuron", "seed004-alice"])
def test_a_published_figure_is_a_correct_answer_exactly_where_it_is_right(name):
    """Marks and verdicts on sources come from different code, and may not contradict each other."""
    problem = load_problem(name)
    figures = [one for one in problem.published if not one.after and 3 <= digit_count(one.printed) <= 12]
    assert figures
    for row in judge_all(replace(problem, published=tuple(figures))):
        found = judged(name, row.figure.text, row.figure.printed, "number").verdict
        assert (found == "correct") == (row.verdict == "right"), row.figure


CLAIMS = [
    ("mazur", "dE/dw5 = delta_o1*h1", "true", "identity"),
    ("mazur", "w5' = w5 - eta*dE/dw5", "true", "identity"),
    ("mazur", "dE/dw5 = delta_o1*h2", "false", "counterexample"),
    ("mazur", "w5'' = w5", "unreadable", None),
    ("mazur", "log(-1 - h1^2) = h1", "undecided", None),
    (None, "delta2 = delta1", "false", "counterexample"),
    (None, "tanh(x) = (e^x - e^-x)/(e^x + e^-x)", "true", "identity"),
    (None, r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)", "true", "sampled"),
]


@pytest.mark.parametrize(("name", "equation", "verdict", "proof"), every_row(CLAIMS, 3), ids=str)
def test_a_claim_is_decided(name, equation, verdict, proof):
    """A claim about every network is never more than sampled."""
    found = claim(None if name is None else load_problem(name), equation)
    assert (found.verdict, found.proof) == (verdict, proof)


ONE = {
    "network": {"inputs": 1, "cost": "half_squared_error", "layers": [{"units": 1, "activation": "sigmoid"}]}
}
DOUBLE = {"network": {**ONE["network"], "layers": ONE["network"]["layers"] * 2}}
FIT = {
    "graph": {
        "steps": ["s = X@w", "L = sum((s - y)**2)/2"],
        "output": "L",
        "shapes": {"X": [5, 3], "w": [3], "y": [5]},
    }
}
STRANGERS = [
    (ONE, "dC/dw1", r"(a-y)\frac{d}{dw}\sigma(wx+b)", "correct"),
    (ONE, "dC/dw1", r"\frac{d}{dw}\left[\frac12(\sigma(wx+b)-y)^2\right]", "incorrect"),
    (ONE, "dC/da", r"\frac{d}{da}\frac12(a-y)^2", "incorrect"),
    (ONE, "dC/da", r"\frac{d}{da}(a-y)^2", "incorrect"),
    (ONE, "dC/dw1", r"\tfrac.5{.5}", "unreadable"),
    (ONE, "dC/dw1", r"\sum_{k=1}^{2}" * 30 + "w", "unreadable"),
    (DOUBLE, "dz2/db2", "2", "incorrect"),
    (FIT, "dL/dw[2]", r"\sum_{i=1}^5(s_i-y_i)X_{2i}", "unreadable"),
    (FIT, "dL/dw[2]", r"\sum_{i=1}^5(s_i-y_i)X_{i2}", "correct"),
]


@pytest.mark.parametrize(("stated", "ask", "text", "verdict"), STRANGERS)
def test_what_strangers_wrote_has_its_verdict(stated, ask, text, verdict):
    """Derivatives of formulas with sigma, indices beyond an array, sums within sums, numbers without digits."""
    question = Question(id="1", ask=ask)
    assert Examiner(load_problem(stated)).judge(question, text).verdict == verdict


@pytest.mark.parametrize(
    "equation",
    [
        r"e^{x+y}=e^xe^y",
        r"\frac{d}{dx}x^2=2x",
        r"\sigma'(z)=\sigma(z)(1-\sigma(z))",
        r"\tanh'(z)=1-\tanh^2(z)",
        "a(b+c)=ab+ac",
    ],
)
def test_identities_of_free_letters_are_true(equation):
    """They speak of numbers, and of no network's vectors."""
    assert claim(None, equation).verdict == "true"


def test_a_right_formula_without_a_value_at_the_own_numbers_is_told_so() -> None:
    """b/b is 1 nearly everywhere, and nothing at the b = 0 of the file."""
    values = {"w": 1, "x": 1, "b": 0, "y": 0}
    steps = ["z = w*x + b", "a = sigmoid(z)", "C = (a-y)^2/2"]
    made = load_problem({"title": "zeros", "graph": {"steps": steps, "output": "C"}, "values": values})
    found = Examiner(made).judge(Question(id="q", ask="dC/dw"), "(a-y)*a*(1-a)*x*b/b")
    assert (found.verdict, [reason.slip for reason in found.why]) == ("correct", ["no value"])
    assert not Examiner(made).judge(Question(id="q", ask="dC/dw"), "(a-y)*a*(1-a)*x").why


def test_a_word_that_is_split_into_letters_asks_for_nothing() -> None:
    """zzz is no quantity, though z z z is a formula."""
    made = load_problem({"title": "z", "graph": {"steps": ["z = w*x", "C = z^2"], "output": "C"}})
    with pytest.raises(AnswerError, match="no quantity"):
        Examiner(made).target("zzz")


def test_a_prime_that_is_true_in_one_of_its_readings_is_refused() -> None:
    """a2 a2' is a matrix where the prime transposes, and true of entries after an update."""
    layers = [{"units": 3, "activation": "tanh"}, {"units": 2, "activation": "sigmoid"}]
    made = load_problem(
        {"title": "n", "network": {"inputs": 2, "cost": "half_squared_error", "layers": layers}}
    )
    assert claim(made, "a2*a2' = a2'*a2").verdict == "unreadable"
    assert claim(made, "dC/dW2 = delta2*a1'").verdict == "true"
    assert claim(made, "W2'*delta2 = dC/da1").verdict == "true"
