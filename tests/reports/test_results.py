"""`--json`: the contract that other programs read, stated as strict models and held by every example."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from derive import bundled, load_problem
from numeric import Evidence, check, verify
from numeric.decimals import digit_count
from reports.results import LEAST_TRUE_DIGITS, JsonList, as_json
from tests.examples import ALL, evidence_of

DecimalText = Annotated[str, StringConstraints(pattern=r"^-?\d+(\.\d+)?(e[+-]?\d+)?$")]


class Model(BaseModel):
    """No key more, none less, and nothing that merely resembles its type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Proven(Model):
    """A value with every digit that is certain, and its bounds."""

    value: DecimalText
    enclosure: tuple[DecimalText, DecimalText]


class Claimed(Model):
    """A float64 value and the error that it claims."""

    value: DecimalText
    error: DecimalText


class Difference(Claimed):
    """A finite difference says its step, too."""

    step: DecimalText


class Gradient(Model):
    """One entry with its three witnesses."""

    quantity: str
    places: list[str]
    symbolic: Proven | None
    backprop: Claimed | None
    finite_difference: Difference | None
    verdict: Literal["agree", "disagree", "undecided"]
    digits: int | None
    note: str


class Published(Model):
    """One figure of a source."""

    quantity: str
    after: int
    printed: str
    true: DecimalText | None
    verdict: Literal["right", "rounding", "wrong", "unknown"]
    slip: str | None
    note: str


class Accuracy(Model):
    """How many samples have the class that is predicted."""

    right: int
    wrong: int
    undecided: int


class Prediction(Model):
    """The outputs for one sample or test input."""

    sample: Annotated[str, StringConstraints(pattern=r"^@t?[1-9]\d*$")]
    name: str
    outputs: list[Proven | None]
    class_: Annotated[str | None, Field(alias="class")]
    target: str | None


class Predictions(Model):
    """What is predicted after so many updates."""

    after: int
    classes: list[str]
    accuracy: Accuracy | None
    samples: list[Prediction]
    note: str


class Result(Model):
    """One problem of `verify --json`."""

    problem: str
    verdict: Literal["agree", "disagree", "undecided"] | None
    cost: Proven | None
    gradients: list[Gradient]
    published: list[Published]
    predictions: list[Predictions]


class Entry(Model):
    """One number of `--gradients`."""

    quantity: str
    value: DecimalText | None
    true: DecimalText | None
    allowed: DecimalText | None
    verdict: Literal["agree", "imprecise", "undecided", "wrong"]
    slip: str | None
    note: str


class Checked(Result):
    """One problem of `verify --gradients --json`."""

    checked: list[Entry]


class Example(Model):
    """One row of `examples --json`."""

    name: str
    title: str
    source: str


def result_of(evidence: Evidence) -> Result:
    """What a program reads of it."""
    return Result.model_validate_json(json.dumps(as_json(evidence)))


def of_graph(step: str, values: dict[str, Any] | None = None, **more: Any) -> Result:
    """The result of a graph with one line."""
    graph = {"graph": {"steps": [step], "output": step.partition(" ")[0]}} | more
    return result_of(verify(load_problem(graph | ({"values": values} if values else {}))))


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_example_follows_the_schema(name: str) -> None:
    """No key more, none less; every number a decimal string."""
    assert result_of(evidence_of(name)).problem == name


@pytest.mark.parametrize("name", ALL)
def test_an_enclosure_is_at_most_one_float64_unit_wide_and_holds_the_value(name: str) -> None:
    """Its two ends are a proof to float64's accuracy."""
    result = result_of(evidence_of(name))
    proven = [result.cost, *(row.symbolic for row in result.gradients)]
    for claim in filter(None, proven):
        lo, hi = map(Decimal, claim.enclosure)
        assert lo <= hi
        assert Fraction(hi) - Fraction(lo) <= Fraction(math.ulp(float(claim.value)))
        # the value is rounded where the enclosure is narrower than its last digit
        unit = Fraction(10) ** int(Decimal(claim.value).as_tuple().exponent)
        assert Fraction(lo) - unit / 2 <= Fraction(Decimal(claim.value)) <= Fraction(hi) + unit / 2


@pytest.mark.parametrize("name", ALL)
def test_agreeing_claims_overlap_as_they_are_printed(name: str) -> None:
    """A program that adds value and error comes to the same verdict."""
    for row in result_of(evidence_of(name)).gradients:
        if row.verdict != "agree":
            continue
        assert row.symbolic
        assert row.digits is not None
        assert row.digits >= 3
        lo, hi = (Fraction(Decimal(end)) for end in row.symbolic.enclosure)
        for claim in (row.backprop, row.finite_difference):
            assert claim
            value, error = Fraction(Decimal(claim.value)), Fraction(Decimal(claim.error))
            assert value - error <= hi
            assert lo <= value + error


@pytest.mark.parametrize("name", ALL)
def test_figures_stand_in_the_order_of_the_file_as_they_are_printed(name: str) -> None:
    """One row an entry: a program may walk both lists together."""
    problem = load_problem(name)
    rows = [(row.quantity, row.after, row.printed) for row in result_of(evidence_of(name)).published]
    assert rows == [(figure.text, figure.after, figure.printed) for figure in problem.published]


@pytest.mark.parametrize("name", ALL)
def test_a_true_value_has_two_digits_more_than_printed_and_at_least_twenty(name: str) -> None:
    """It is the exact value rounded there; zeros at its end are left out."""
    evidence = evidence_of(name)
    for judgement, row in zip(evidence.published, result_of(evidence).published, strict=True):
        assert row.true is not None
        digits = max(LEAST_TRUE_DIGITS, digit_count(row.printed) + 2)
        off = abs(Fraction(Decimal(row.true)) - judgement.truth.mid)
        assert off <= abs(judgement.truth.mid) * Fraction(10) ** (1 - digits) / 2 + judgement.truth.radius


def test_a_slip_is_named() -> None:
    """A cost after one update, where the article updated too early."""
    row = next(
        row for row in result_of(evidence_of("mazur")).published if (row.quantity, row.after) == ("E", 1)
    )
    assert row.verdict == "wrong"
    assert row.slip == "hidden step with already-updated weights"
    assert row.true is not None
    assert row.true.startswith("0.291027773")


def test_a_gradient_has_the_files_own_name_and_canonical_places() -> None:
    """A shared bias has a place for each of its uses."""
    row = next(row for row in result_of(evidence_of("mazur")).gradients if row.quantity == "dE/db1")
    assert row.places == ["dC/db1[1]", "dC/db1[2]"]


def test_a_forward_pass_has_no_verdict_and_no_cost() -> None:
    """Nothing was differentiated, so no witness spoke."""
    result = result_of(evidence_of("csdi-forward-2-3-2-1"))
    assert (result.verdict, result.cost, result.gradients) == (None, None, [])


def test_a_figure_that_could_not_be_evaluated_has_no_true_value() -> None:
    """null, and the reason in the note."""
    (row,) = of_graph("y = x^2", published=[{"quantity": "y", "value": "1.25"}]).published
    assert (row.true, row.verdict) == (None, "unknown")
    assert row.note


def test_a_missing_witness_is_null() -> None:
    """log has no value at 0, so nobody has a gradient there."""
    result = of_graph("y = log(x)", {"x": 0})
    (row,) = result.gradients
    assert (row.symbolic, row.backprop, row.finite_difference) == (None, None, None)
    assert (result.verdict, result.cost) == ("undecided", None)
    assert row.note


def test_gradients_of_somebody_follow_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """They stand with the problem that they were judged against."""
    problem = load_problem("mazur")
    screen = JsonList()
    screen.evidence(evidence_of("mazur"))
    screen.checked(check({"dE/dw5": float("nan"), "dE/dw6": 0.5, "W1": [[1.0]]}, problem))
    screen.close("")
    (result,) = TypeAdapter(list[Checked]).validate_json(capsys.readouterr().out)
    assert [entry.verdict for entry in result.checked] == ["wrong"] * 3
    assert [entry.value for entry in result.checked] == [None, "0.5", None]


def test_examples_follow_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, title, source."""
    JsonList().examples([load_problem(name) for name in bundled()])
    rows = TypeAdapter(list[Example]).validate_json(capsys.readouterr().out)
    assert tuple(row.name for row in rows) == bundled()


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a console can or cannot show, what it passes on is valid JSON."""
    problem = load_problem({"title": "∂σ\x1b", "graph": {"steps": ["y = x"], "output": "y"}})
    JsonList().examples([problem])
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out)[0]["title"] == "∂σ\x1b"
