"""False equations of articles are refuted, and true ones pass."""

from __future__ import annotations

from typing import Any

import pytest

from derive import load_problem
from derive.problem import Question
from numeric.answers.claim import claim
from numeric.answers.judge import Examiner
from tests.answers.claims import CLAIMS, OF_EVERY_NETWORK, OF_FUNCTIONS, OF_MATRICES
from tests.kinds import every_row


@pytest.mark.parametrize(
    ("article", "stated", "text", "verdict"),
    every_row(CLAIMS, 3),
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_an_equation_that_an_article_prints(
    article: str, stated: dict[str, Any] | str, text: str, verdict: str
) -> None:
    """A reader who checks a page must be able to trust both answers."""
    found = claim(load_problem(stated), text)
    assert found.verdict == verdict, found
    assert verdict != "false" or found.why


@pytest.mark.parametrize(("text", "verdict", "known"), every_row(OF_FUNCTIONS, 4))
def test_an_identity_of_functions(text: str, verdict: str, known: str) -> None:
    """Where the right side is another function with a name, that is said."""
    found = claim(None, text)
    assert found.verdict == verdict
    assert known in " ".join(reason.text for reason in found.why)


def test_a_function_is_named_only_where_it_is_that_beside_every_edge() -> None:
    """z [z > 0.001] is relu nearly everywhere, and relu is what it is said not to be."""
    found = claim(None, "relu(z) = z*(z>0.001)")
    assert found.verdict == "false"
    assert "another function" not in [reason.slip for reason in found.why]


@pytest.mark.parametrize(("text", "verdict", "said"), OF_MATRICES)
def test_an_equation_of_matrices(text: str, verdict: str, said: str) -> None:
    """A number is its own transpose and goes past every other; a matrix does not."""
    found = claim(None, text)
    assert found.verdict == verdict, found
    assert found.proof != "identity" or "numbers" in said or not said
    assert said in " ".join(reason.text for reason in found.why)


CHAIN: dict[str, Any] = {
    "title": "one unit a layer, with its numbers",
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "layers": [
            {"units": 1, "activation": "sigmoid", "weights": [[0.6]], "biases": [-0.2]},
            {"units": 1, "activation": "sigmoid", "weights": [[-1.3]], "biases": [0.4]},
        ],
    },
    "data": {"x": [[1.5]], "y": [[0.8]]},
}


def test_a_claim_of_a_number_is_judged_at_the_numbers_of_the_file() -> None:
    """C = 0.0861 is true of C = 0.0861386; that it differs at other numbers refutes nothing."""
    problem = load_problem(CHAIN)
    right, wrong = claim(problem, "C = 0.0861"), claim(problem, "C = 0.0862")
    assert (right.verdict, [reason.slip for reason in right.why]) == ("true", ["with your numbers"])
    assert wrong.counterexample is not None
    assert (wrong.verdict, wrong.counterexample["left"]) == ("false", "0.0861386")
    assert wrong.counterexample["w1[1,1]"] == "0.6"


EQUATIONS = (
    ("delta2 = a2 - y", "missing output slope"),
    ("delta2 = (y - a2)*a2*(1 - a2)", "sign"),
    ("delta2 = (a2 - y)*sigma'(z2) = (a2 - y)*sigma(z2)", "false equality"),
    ("(a2 - y)*a2*(1 - a2)", "unreadable"),
)


@pytest.mark.parametrize(("text", "slip"), EQUATIONS)
def test_a_wrong_equation_is_told_what_a_wrong_expression_is(text: str, slip: str) -> None:
    """The right side is an answer; a side alone is told which one is missing."""
    found = Examiner(load_problem(CHAIN)).judge(Question(id="1", ask="delta2", form="equation"), text)
    assert found.why[0].slip == slip
    said = " ".join(reason.text for reason in found.why)
    assert "write delta2 = (a2 - y)*a2*(1 - a2)" in said or "the left is -0.0982705" in said


def test_a_false_identity_of_functions_names_no_network() -> None:
    """It differs at a number."""
    found = claim(None, r"\coth x = \tanh(-x)")
    assert found.counterexample is not None
    assert set(found.counterexample) == {"x", "left", "right"}


def test_where_shapes_tell_all_no_numbers_are_promised() -> None:
    """One sentence, once."""
    found = claim(None, r"\frac{\partial C}{\partial W^l} = a^{l-1} (\delta^l)^T")
    assert [reason.slip for reason in found.why] == ["shape"]


def test_the_i_of_a_problem_is_its_own() -> None:
    """A name that a file gives means what it says there, whatever it means elsewhere."""
    graph = {"steps": ["J = sum(A @ I)"], "output": "J", "shapes": {"A": [2, 2], "I": [2, 2]}}
    assert claim(load_problem({"title": "a product", "graph": graph}), "A @ I = A").verdict == "false"


def test_layers_of_several_sizes_are_not_added_up() -> None:
    """The shapes of the first terms that do not fit say more than any numbers."""
    (reason, *_) = claim(None, r"\sum_{l=1}^{2} b^l = b^1 + b^2").why
    assert "the terms of Σ_(l = 1..2) b^l are no arrays of one shape: 3×1 and 4×1." in reason.text


@pytest.mark.parametrize(("text", "verdict"), every_row(OF_EVERY_NETWORK, 3))
def test_an_equation_of_every_network(text: str, verdict: str) -> None:
    """The four equations hold at every size; a forgotten transpose does not."""
    found = claim(None, text)
    assert found.verdict == verdict
    assert found.proof == ("sampled" if verdict == "true" else "counterexample")
