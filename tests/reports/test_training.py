"""Training on a page: the rule's equations, predicted against actual, and how it goes on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import pytest

from derive import load_problem
from derive.writing.plain import plain
from derive.writing.tree import Ident
from numeric import verify
from reports.content.compose import compose
from reports.content.page import Chain, Figure, Lines, Paragraph, Section, Table
from reports.content.training.course import course
from reports.drawing.plot_svg import plot_svg
from reports.rendering import FORMATS
from tests.examples import page_of, report_of
from tests.kinds import every

NEURON = {
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "layers": [{"units": 1, "activation": "identity", "weights": [[1]], "biases": False}],
    },
    "data": {"x": [[1], [2]], "y": [[0], [0]]},
}


def sections(training: dict[str, Any], problem: dict[str, Any] = NEURON) -> dict[str, Section]:
    """The page's sections by their ids."""
    stated = load_problem(problem | {"training": {"rate": "0.1", **training}})
    return {part.id: part for part in compose(stated, verify(stated)).sections}


def told(section: Section) -> str:
    """All paragraphs of a section, formulas as text."""
    words = (part for block in section.blocks if isinstance(block, Paragraph) for part in block.words)
    return " ".join(_told(part) for part in words)


def _told(part: Any) -> str:
    if isinstance(part, str):
        return part
    return " ".join(map(_told, part.words)) if hasattr(part, "words") else plain(part)


def first(section: Section, kind: type) -> Any:
    return next(block for block in section.blocks if isinstance(block, kind))


def equations(section: Section) -> list[str]:
    """A section's displayed formulas."""
    chains = (block for block in section.blocks if isinstance(block, Chain))
    return ["".join(f"{piece.sign}{plain(piece.body)}" for piece in chain.pieces) for chain in chains]


RULES = {
    "classical": ({"rule": "momentum"}, ["v′=μ·v − η·g", "w′=w + v′"]),
    "averaged": (
        {"rule": "momentum", "convention": "averaged"},
        ["v′=μ·v + (1 − μ)·g", "w′=w − η·v′"],
    ),
    "adam": (
        {"rule": "adam"},
        [
            "m′=β1·m + (1 − β1)·g",
            "v′=β2·v + (1 − β2)·g²",
            "m\u0302=m′/(1 − β₁^t)",
            "v\u0302=v′/(1 − β₂^t)",
            "w′=w − η·m\u0302/(√v\u0302 + ε)",
        ],
    ),
}


@pytest.mark.parametrize(("training", "expected"), RULES.values(), ids=RULES)
def test_the_page_writes_the_rule_as_books_do(training: dict[str, Any], expected: list[str]) -> None:
    """In the order in which its lines are computed."""
    assert equations(sections(training)["training"]) == expected


def test_gradient_descent_needs_no_equation_of_its_own() -> None:
    """Its one line stands in the table, for every parameter."""
    lines = first(sections({})["training"], Lines).lines
    assert [plain(line.numbers) for line in lines] == ["1 − 0.1 × 5"]
    assert equations(sections({})["training"]) == []


def test_every_line_of_momentum_stands_with_its_numbers() -> None:
    """v′ = 0.9 · 0 − 0.1 · 5 = −0.5, and w′ = 1 − 0.5."""
    lines = first(sections({"rule": "momentum"})["training"], Lines).lines
    shown = [(plain(line.lhs), plain(line.numbers), plain(line.value)) for line in lines]
    assert shown == [("v_w′", "0.9 × 0 − 0.1 × 5", "−0.5"), ("w′", "1 + (−0.5)", "0.5")]


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum"])
def test_without_numbers_every_line_stands_in_letters(rule: str) -> None:
    """A symbolic problem says how its weights are updated; there is nothing to put in and nothing to follow."""
    letters = {"network": {"inputs": 1, "cost": "half_squared_error", "layers": [{"units": 1}]}}
    letters["network"]["layers"][0]["activation"] = "sigmoid"
    found = sections({"rule": rule}, letters)
    lines = [(plain(line.lhs), plain(line.formula)) for line in first(found["training"], Lines).lines]
    assert lines[-1] == {"gradient_descent": ("b′", "b − η·∂C/∂b"), "momentum": ("b′", "b + v_b′")}[rule]
    assert "going-on" not in found


def test_the_settings_and_the_start_of_every_state_are_said() -> None:
    """A reader could not compute m′ without them."""
    words = told(sections({"rule": "adam"})["training"])
    for part in ("η = 0.1", "β1 = 0.9", "β2 = 0.999", "ε = 1 × 10⁻⁸", "begin at 0", "here 1"):
        assert part in words


def test_the_rule_stands_among_the_rules_with_its_source() -> None:
    """As activations and costs do."""
    table = first(sections({"rule": "adam"})["made"], Table)
    assert [source for name, _, source in table.rows if name == ("Adam",)] == [
        ("Kingma and Ba (2015), algorithm 1",)
    ]


# -- predicted against actual ----------------------------------------------------------------------


def test_the_prediction_of_gradient_descent_is_minus_eta_times_the_square() -> None:
    """C = 5w²/2 at 1: −0.1 · 25; in truth C falls from 2.5 to 0.625."""
    assert equations(sections({})["predicted"]) == [
        "∇C·Δw=−η·‖∇C‖²=−2.5",
        "ΔC=C(w′) − C(w)=−1.875",
    ]


def test_a_rule_whose_step_is_no_multiple_of_the_rate_claims_no_square() -> None:
    """Averaged momentum starts with a tenth of the step, Adam with about the rate itself."""
    for training in ({"rule": "adam"}, {"rule": "momentum", "convention": "averaged"}):
        assert "‖" not in equations(sections(training)["predicted"])[0]


def test_momentum_s_first_step_is_that_of_gradient_descent() -> None:
    """Its velocity begins at 0, and the page finds that out by itself."""
    assert equations(sections({"rule": "momentum"})["predicted"])[0].startswith("∇C·Δw=−η·‖∇C‖²")


def test_the_three_rates_show_the_ratio_go_to_1() -> None:
    """0.75, 0.975, 0.9975: each a tenth of the distance."""
    section = sections({})["predicted"]
    rates = next(block for block in section.blocks if isinstance(block, Table) and block.kind == "rates")
    assert [plain(row[-1][0]) for row in rates.rows] == ["0.75", "0.975", "0.9975"]
    assert "falls, as predicted" in told(section)
    assert "makes this  10  times less , then  10  times" in told(section)


def test_a_cost_that_rises_is_said_plainly() -> None:
    """At η = 1 the step leads to w = −4 and C = 40; at a tenth of it C falls."""
    words = told(sections({"rate": 1})["predicted"])
    assert "rises  by  37.5" in words
    assert "the rate is too large" in words
    assert "At the rate  0.1  it falls" in words


def test_a_batch_is_told_from_the_whole_cost() -> None:
    """The update follows its own batch; of the whole C it is said apart."""
    words = told(sections({"batch": 1})["predicted"])
    assert "the update’s own batch" in words
    assert "The cost of all samples is not what this update follows" in words


def test_a_gradient_of_0_is_said_to_predict_nothing() -> None:
    """No ratio of 0 to 0 is printed."""
    still = NEURON | {"data": {"x": [[0]], "y": [[0]]}}
    assert "to first order nothing changes" in told(sections({}, still)["predicted"])


def test_a_straight_cost_has_the_ratio_1() -> None:
    """An output that is linear in its weight, differentiated itself."""
    line = {"network": {**NEURON["network"], "output": "a1[1]"}, "data": {"x": [[2]]}}
    del line["network"]["cost"]
    assert "a straight line" in told(sections({}, line)["predicted"])


# -- how training goes on --------------------------------------------------------------------------


def test_one_update_needs_no_curve() -> None:
    """What it does is in the section before."""
    assert "going-on" not in sections({})


def test_the_curve_begins_at_the_cost_and_ends_after_the_last_update() -> None:
    """w halves each time, and C falls to a quarter."""
    section = sections({"steps": 3})["going-on"]
    (run,) = first(section, Figure).plot.curves[0].runs
    assert run == ((0, 2.5), (1, 0.625), (2, 0.15625), (3, 0.0390625))
    rows = first(section, Table).rows
    assert [plain(row[1][0]) for row in rows] == ["2.5", "0.625", "0.15625", "0.0390625"]


@pytest.mark.slow
def test_few_parameters_stand_beside_the_cost() -> None:
    """Slope and intercept are what a regression was made for."""
    section = next(s for s in report_of("anscombe-1").sections if s.id == "going-on")
    table = first(section, Table)
    assert [plain(column.head[0]) for column in table.columns[1:]] == ["C", "w", "b"]
    assert [plain(cell[0])[:5] for cell in table.rows[-1][2:]] == ["0.513", "2.861"]


@pytest.mark.slow
def test_a_page_with_a_plot_is_no_sheet() -> None:
    """A sheet hides the place of drawing and derivations, which a report must show."""
    report = report_of("anscombe-1")
    assert (report.plotted, report.is_sheet) == (True, False)
    assert 'class="sheet"' not in page_of("anscombe-1", ".html")


def test_a_training_that_runs_away_is_drawn_as_far_as_it_can_be_drawn() -> None:
    """C grows sixteenfold each time, beyond any float in the end."""
    plot = first(sections({"rate": 1, "steps": 1000})["going-on"], Figure).plot
    assert len(plot.curves[0].runs[0]) >= 2
    ElementTree.fromstring(plot_svg(plot))


CURVES = {
    "falling": ((0, 1.0), (10, 0.2)),
    "over many powers": ((0, 1.0), (5, 1e-9)),
    "level": ((0, 0.5), (1, 0.5)),
    "zero": ((0, 0.0), (1, 0.0)),
    "negative": ((0, -3.0), (1, -4.5)),
    "to zero": ((0, 2.0), (3, 0.0)),
    "tiny": ((0, 1e-310), (1, 1e-311)),
    "huge": ((0, 1e299), (2, 1.0)),
}


@pytest.mark.parametrize("points", CURVES.values(), ids=CURVES)
def test_any_course_of_a_cost_stays_within_its_drawing(points: tuple[tuple[int, float], ...]) -> None:
    """Whole axes, no point beyond them, no number that is none."""
    plot = course(Ident("C"), points)
    (run,) = plot.curves[0].runs
    assert len(run) == len(points)
    assert all(plot.x[0] <= x <= plot.x[1] and plot.y[0] <= y <= plot.y[1] for x, y in run)
    assert 2 <= len(list(plot.heights())) <= 9
    ElementTree.fromstring(plot_svg(plot))


def test_powers_of_ten_stand_at_their_exponents() -> None:
    """A cost that falls from 1 to 10^-9 would be a line along the bottom otherwise."""
    plot = course(Ident("C"), CURVES["over many powers"])
    assert plot.powers
    assert all(number == Fraction(10) ** at for at, number in plot.heights())
    assert plot.curves[0].runs == (((0.0, 0.0), (5.0, -9.0)),)


def test_a_course_s_words_are_text() -> None:
    """A name of the author's cannot become markup."""
    drawn = plot_svg(course(Ident("<u>"), ((0, 1.0), (1, 2.0))))
    assert "<u>" not in drawn
    ElementTree.fromstring(drawn)


def test_a_perceptron_s_updates_stand_one_by_one() -> None:
    """Sample, z, a, target and the weights that are left; and when it is done."""
    section = next(s for s in report_of("perceptron-and").sections if s.id == "going-on")
    table = first(section, Table)
    assert len(table.rows) == 24
    assert [plain(cell[0]) for cell in table.rows[17][2:]] == ["1", "1", "0", "2", "1", "−2"]
    assert "After update 18 every sample is right" in told(section)
    assert "At z = 0 the step is 0, by convention" in told(section)


def test_a_perceptron_that_cannot_learn_is_not_said_to_have() -> None:
    """XOR: the last epoch still changed something."""
    xor = {
        "network": {
            "inputs": 2,
            "layers": [{"units": 1, "activation": "step", "weights": [[0, 0]], "biases": [0]}],
        },
        "data": {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]},
    }
    words = told(sections({"rule": "perceptron", "rate": 1, "steps": 40}, xor)["going-on"])
    assert "After 40 updates it is not settled" in words


@pytest.mark.parametrize("suffix", every(FORMATS, 2))
def test_every_format_carries_the_training(suffix: str) -> None:
    """The numbers of the update, of the prediction and of the curve, wherever one reads."""
    stated = load_problem(NEURON | {"training": {"rate": "0.1", "steps": 3}})
    evidence = verify(stated)
    text = FORMATS[suffix](compose(stated, evidence), evidence)
    for value in ("2.5", "1.875", "0.975", "0.15625"):
        assert value in text
    assert ("<svg" in text and 'class="plot"' in text) == (suffix == ".html")
