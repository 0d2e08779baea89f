"""What a learner is told: the slip that was made, in the letters of the problem, and no more than is proved."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive import load_problem
from derive.answers import read_answer
from derive.errors import near_names
from derive.problem import Question
from derive.slips import FORWARD_SLIPS, UPDATE_SLIPS, Slip
from derive.slips.wording import in_letters
from derive.steps import Program, program_of
from numeric.answers.claim import claim
from numeric.answers.explain import Explainer
from numeric.answers.judge import Examiner
from numeric.answers.judged import Judged
from numeric.answers.numerals import CONSISTENT
from numeric.answers.reasons import Reason
from numeric.answers.working import Working
from tests.kinds import every

NEURON = {
    "title": "a neuron",
    "network": {
        "inputs": ["x1", "x2"],
        "cost": "half_squared_error",
        "layers": [{"units": 1, "activation": "sigmoid", "weights": [["w1", "w2"]], "biases": ["b"]}],
    },
    "values": {"w1": "0.5", "w2": "-0.3", "b": "0.1"},
    "data": {"x": [[1.5, 2]], "y": [[1]]},
}
ONE = NEURON | {
    "network": NEURON["network"]
    | {"inputs": 1, "layers": [{"units": 1, "activation": "sigmoid", "weights": [["w"]], "biases": ["b"]}]},
    "values": {"w": "0.6", "b": "0.9"},
    "data": {"x": [[1.5]], "y": [[0]]},
}
TRAININGS = {
    "descent": {"rate": "0.2"},
    "adam": {"rule": "adam", "rate": "0.2"},
    "inside": {"rule": "adam", "rate": "0.2", "epsilon_place": "inside"},
    "classical": {"rule": "momentum", "rate": "0.2"},
    "averaged": {"rule": "momentum", "rate": "0.2", "convention": "averaged"},
}
G = "(dC/dw)"


@pytest.fixture(scope="module")
def examiners() -> dict[str, Examiner]:
    stated = {name: Examiner(load_problem(ONE | {"training": made})) for name, made in TRAININGS.items()}
    return stated | {"neuron": Examiner(load_problem(NEURON)), "mazur": Examiner(load_problem("mazur"))}


def judged(examiner: Examiner, ask: str, text: str) -> Judged:
    return examiner.judge(Question(id="q", ask=ask), text)


UPDATED = [
    ("adam", f"w - eta*{G}", "plain gradient descent"),
    ("adam", f"w - 0.2*0.1*{G}/(sqrt(0.001*{G}^2) + 1e-8)", "no bias correction"),
    ("adam", f"w - 0.2*{G}/sqrt({G}^2 + 1e-8)", "epsilon in the other place"),
    ("inside", f"w - 0.2*{G}/(sqrt({G}^2) + 1e-8)", "epsilon in the other place"),
    ("adam", f"w - 0.2*{G}/({G}^2 + 1e-8)", "root left out"),
    ("adam", f"w - 0.2*{G}/sqrt({G}^2)", "epsilon left out"),
    (
        "adam",
        f"w - 0.2*(0.001*{G}/0.1)/(sqrt(0.1*{G}^2/0.001) + 1e-8)",
        "beta1 and beta2 exchanged in the averages",
    ),
    ("adam", f"w - 0.2*({G}/0.1)/(sqrt({G}^2/0.001) + 1e-8)", "1 - beta left out"),
    ("adam", f"w - 0.2*({G}/0.1)/(sqrt({G}^2) + 1e-8)", "1 - beta1 left out"),
    ("adam", f"w + 0.2*{G}/(sqrt({G}^2) + 1e-8)", "step uphill"),
    ("adam", f"w - {G}/(sqrt({G}^2) + 1e-8)", "rate left out"),
    ("classical", f"w - eta*0.1*{G}", "classical and averaged momentum exchanged"),
    ("averaged", f"w - eta*{G}", "classical and averaged momentum exchanged"),
    ("averaged", f"w - eta*0.9*{G}", "beta for 1 - beta"),
    ("classical", f"w - 0.9*0.2*{G}", "momentum's factor on the gradient"),
    ("descent", f"0.2*{G}", "step with its sign turned, without the weight"),
    ("descent", G, "gradient for the new value"),
    ("descent", "w - 0.2*dC/db", "bias for weight gradient"),
    ("averaged", "w - 0.2*0.1*dC/db", "bias for weight gradient"),
]


@pytest.mark.parametrize(("rule", "text", "slip"), UPDATED)
def test_a_wrong_update_is_told_its_slip(
    examiners: dict[str, Examiner], rule: str, text: str, slip: str
) -> None:
    """With eta, or with the problem's own rate in its place."""
    found = judged(examiners[rule], "w'", text)
    assert (found.verdict, found.why[0].slip) == ("incorrect", slip)


HINTS = [
    ("neuron", "dC/dw1", "(a-y)a(1-a)x_2", "'x_2' stands where x1 belongs.", "look at its index"),
    ("neuron", "dC/dw1", "(a-y)a(1-a)x2", "x2 stands where x1 belongs.", "x2 stands where another one"),
    ("neuron", "dC/dw1", "(a-y)a(1-a)b", "b stands where x1 belongs.", "a quantity of another kind"),
    ("neuron", "dC/dw1", "(a+y)a(1-a)x_1", "should be a −", "the + is not what belongs there"),
    ("neuron", "dC/dw1", "(a-y)^3a(1-a)x_1", "should be 1.", "The exponent of a − y is not"),
    ("neuron", "dC/dw1", "(a-y)a(2-a)x_1", "2 stands where 1 belongs.", "The number 2 is not"),
    ("neuron", "dC/dw1", "(a-y)σ″(z)x_1", "where σ′(z) belongs.", "look at its primes"),
    ("neuron", "dC/dw1", "(a-y)a(1-a)/x_1", "belongs in the numerator.", "but not where it stands"),
    ("neuron", "dC/dw1", "(a-y)a(1-a)x_1 w_2", "", "The factor w2 does not belong in it."),
    ("neuron", "dC/db", "delta/(x_2)", "The factor x2 is missing.", "A factor is missing: an input."),
    ("mazur", "dE/dw5", "(o1-t1)*o1*(1-o1)*h2", "where a_h1 belongs.", "look at its index"),
    ("mazur", "dE/dw5", "(o1-t2)*o1*(1-o1)*h1", "where t1 belongs.", "look at its index"),
    ("mazur", "dE/dw5", "w1+w2+w3+w4+i1*i2*o1", "it should be", "With the numbers of this problem"),
]


@pytest.mark.parametrize(("where", "ask", "text", "told", "hint"), HINTS)
def test_who_may_try_again_is_told_where_to_look_and_not_what_belongs_there(
    examiners: dict[str, Examiner], where: str, ask: str, text: str, told: str, hint: str
) -> None:
    """A right answer that is read off the reason for a wrong one teaches nothing."""
    found = judged(examiners[where], ask, text)
    reason, hinted = found.why[0], found.hinted.why[0]
    assert hinted.slip == reason.slip
    assert told in reason.text
    assert hint in hinted.text
    assert not told or told not in hinted.text


READ_TWICE = [
    ("1/2(a-y)", "incorrect", "It can be read as 1/(2·(a − y)) too, and is wrong so as well."),
    (r"\frac{d}{da}\frac12(a-y)^2·σ′(z)", "correct", "too, and is right so as well."),
    (r"\frac{d}{da}\frac12(a-y)^2 a(1-a)", "unreadable", "only one of these is right; write brackets."),
]


@pytest.mark.parametrize(("text", "verdict", "said"), READ_TWICE)
def test_a_text_with_two_readings_is_told_of_both(
    examiners: dict[str, Examiner], text: str, verdict: str, said: str
) -> None:
    """Where they have one verdict that holds, and a reader sees that brackets would not have changed it."""
    found = judged(examiners["neuron"], "dC/db", text)
    assert found.verdict == verdict
    assert said in found.why[-1].text


NUMBERS = [
    ("neuron", "dC/dw1", "-0.1661", "digits exchanged", ""),
    ("neuron", "dC/dw1", "-0.108", CONSISTENT, "bias's gradient"),
    ("neuron", "dC/dw1", "-0.6567", CONSISTENT, "σ′(z) of the output layer is missing"),
    ("neuron", "dC/dw1", "-0.2155", CONSISTENT, "This is ∂C/∂w2."),
    ("neuron", "a", "0.4378", CONSISTENT, "sign of the exponent"),
    ("neuron", "a", "0.53742985", "bias left out of z", ""),
    ("neuron", "C", "0.1917", CONSISTENT, "The cost is half of this."),
    ("mazur", "dE/dw5", "0.35891648", "value after the update", "w5 after the update"),
    ("mazur", "w5'", "0.4411", CONSISTENT, "goes down"),
    ("adam", "w'", "0.5687", CONSISTENT, "plain gradient descent"),
]


@pytest.mark.parametrize(("where", "ask", "text", "slip", "said"), NUMBERS)
def test_a_wrong_number_is_told_what_gives_it(
    examiners: dict[str, Examiner], where: str, ask: str, text: str, slip: str, said: str
) -> None:
    """As proved where it has digits enough, else as what may have been done."""
    found = judged(examiners[where], ask, text)
    assert (found.verdict, found.why[0].slip) == ("incorrect", slip)
    assert said in found.why[0].text


def test_a_number_that_no_mistake_gives_is_told_none_but_how_it_differs(
    examiners: dict[str, Examiner],
) -> None:
    """A reason that is made up costs an hour of search; none at all looks like a fault of the program."""
    random = [f"-0.{digits}" for digits in ("2463", "3691", "2718", "4142", "8711", "9137", "5773", "1234")]
    said = [[reason.slip for reason in judged(examiners["neuron"], "dC/dw1", text).why] for text in random]
    assert said == [["size"]] * len(random)


@pytest.mark.parametrize("slip", FORWARD_SLIPS.values(), ids=lambda slip: slip.name)
@pytest.mark.parametrize("name", every(["mazur", "seed004-cosine-graph", "hours-of-study"], 3))
def test_a_slip_of_the_forward_pass_leaves_steps_in_order(name: str, slip: Slip) -> None:
    """The same quantities, each after all that it reads."""
    program = program_of(load_problem(name))
    edited = slip.edit(load_problem(name), program)
    assert edited.by_key.keys() == program.by_key.keys()
    assert edited.ordered() == Program(edited.steps)


def test_sentences_speak_in_the_letters_of_the_problem() -> None:
    """Mazur's cost is E, his target t, and his activation σ."""
    mazur = load_problem("mazur")
    text = "phi'(z) is missing: delta = dC/da * phi'(z), of 1/2 (y - a)^2."
    assert in_letters(mazur, text) == "σ′(z) is missing: δ = ∂E/∂a·σ′(z), of ½(t − a)²."
    assert not any("phi" in in_letters(mazur, slip.text) for slip in FORWARD_SLIPS.values())
    assert not any("eta " in in_letters(mazur, slip.text) for slip in UPDATE_SLIPS.values())


PASTED = [
    "a2[1]",
    "w2[1,2]",
    "a2[1]@2",
    "delta2[1]@3",
    "dC/dw2[1,2]",
    "-log(A1)",
    "(A1 + A1) @ W2",
    "sum(Delta2, axis=0)",
]


@pytest.mark.parametrize("text", PASTED)
def test_what_is_said_of_an_answer_can_be_pasted_back(text: str) -> None:
    """The echo of the echo is the same formula."""
    batch = load_problem(
        {
            "title": "a batch",
            "notation": {"samples": "rows"},
            "network": {
                "inputs": 2,
                "cost": "half_squared_error",
                "layers": [{"units": n, "activation": "tanh"} for n in (3, 2)],
            },
            "data": {"x": [[1, 2], [3, 4], [5, 6]], "y": [[0, 1], [1, 0], [1, 1]]},
        }
    )
    first = read_answer(batch, text).readings[0]
    assert read_answer(batch, first.plain).readings[0].node == first.node


def test_a_shape_is_explained_in_the_letters_of_the_answer() -> None:
    """No name of ours, and its brackets."""
    deep = load_problem(
        {
            "title": "deep",
            "network": {
                "inputs": 2,
                "cost": "half_squared_error",
                "layers": [{"units": n, "activation": "sigmoid"} for n in (3, 4, 2)],
            },
        }
    )
    (why,) = judged(Examiner(deep), "dC/dW2", "-log(a1) delta2").why
    assert why.text.startswith(
        "−ln(a¹) has 3 entries and δ² has 4 entries: the product −ln(a¹)·δ² does not exist"
    )


@pytest.mark.slow
def test_a_false_claim_about_every_network_shows_numbers() -> None:
    """A small network, and both sides in it."""
    found = claim(None, r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma(z^l)")
    assert found.counterexample is not None
    assert {"units": "1-1-1", "φ": "tanh"}.items() <= found.counterexample.items()
    given = [value for key, value in found.counterexample.items() if key.startswith(("w", "b", "x", "y"))]
    assert all(Fraction(value).denominator <= 2 for value in given)
    assert found.counterexample["left"] != found.counterexample["right"]


def test_a_verdict_is_known_before_its_reason(
    examiners: dict[str, Examiner], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants verdicts alone pays for no reason; one that is read is worked out once."""
    asked: list[Working] = []
    monkeypatch.setattr(Explainer, "why", lambda _, answer: asked.append(answer) or [Reason("slip", "said")])
    found = judged(examiners["neuron"], "dC/dw1", "(a - y)*a*x_1*7")
    assert (found.verdict, asked) == ("incorrect", [])
    assert found.why == found.why == (Reason("slip", "said"),)
    assert len(asked) == 1


NEAR = [
    ("sgima", ["sigma", "sin", "a1"], ["sigma"]),
    ("tahn", ["tan", "tanh", "sin"], ["tan", "tanh"]),
    ("h3", ["h1", "h2", "w3", "o1"], ["h1", "h2"]),
    (r"\in", [r"\sin", r"\ln", r"\min"], []),
    ("detla2", ["delta1", "delta2"], ["delta2"]),
    ("foo", ["o1", "to"], []),
]


@pytest.mark.parametrize(("word", "known", "near"), NEAR)
def test_only_what_is_near_is_offered(word: str, known: list[str], near: list[str]) -> None:
    """A letter or two apart, with the same number behind it; or the same letters with another one."""
    assert near_names(word, known) == near


FORWARD = [
    ("z", "activation left out"),
    ("sigma(z)*(1 - sigma(z))", "slope for the activation"),
    ("sigma(-z)", "sign of the exponent"),
    ("sigma(w1*x1 + w2*x2)", "bias left out of z"),
    ("C", "another quantity"),
]


@pytest.mark.parametrize(("text", "slip"), FORWARD)
def test_a_wrong_formula_of_the_forward_pass_is_told_its_slip(
    examiners: dict[str, Examiner], text: str, slip: str
) -> None:
    """Not only derivatives are asked for."""
    found = judged(examiners["neuron"], "a", text)
    assert (found.verdict, found.why[0].slip) == ("incorrect", slip)


TWICE = [
    ("averaged", "w + eta*dC/dw", "step uphill; 1 - beta left out"),
    ("averaged", "w - dC/dw", "rate left out; 1 - beta left out"),
    (
        "inside",
        f"w - 0.2*0.1*{G}/(sqrt(0.001*{G}^2) + 1e-8)",
        "no bias correction; epsilon in the other place",
    ),
]


@pytest.mark.parametrize(("rule", "text", "slip"), TWICE)
def test_two_slips_of_an_update_are_both_told(
    examiners: dict[str, Examiner], rule: str, text: str, slip: str
) -> None:
    """Each with its sentence."""
    (why,) = judged(examiners[rule], "w'", text).why
    assert why.slip == slip
    assert why.text.startswith("Two things at once.")
