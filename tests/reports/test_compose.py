"""What a report says: the right things, in order, and nothing of the program's own names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from math import prod
from typing import Any

import pytest

from derive import load_problem
from derive.notation import write_total
from derive.writing.plain import plain
from derive.writing.tree import Brace, Frac, Ident, Num, Tree, negated, plus, product, walk
from numeric import verify
from numeric.evidence import Row
from reports.content.compose import compose
from reports.content.derivations import MOST_DERIVATIONS
from reports.content.desk import elided, is_zero, standing
from reports.content.page import Chain, Line, Lines, Marked, Paragraph, Report, Table, Toned
from reports.content.values import value_tree
from reports.rendering import FORMATS
from tests.examples import ALL, BRIEF, evidence_of, report_of

BATCH = {
    "network": {
        "inputs": 1,
        "cost": "half_squared_error",
        "reduction": "mean",
        "l2": "0.5",
        "layers": [{"units": 1, "activation": "identity", "weights": [[2]], "biases": [1]}],
    },
    "data": {"x": [[1], [3]], "y": [[0], [1]]},
}


def reported(mapping: dict[str, Any]) -> Report:
    problem = load_problem(mapping)
    return compose(problem, verify(problem))


def said(value: Any) -> Iterator[str]:
    """Every text and formula of a report, as a reader sees it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Tree):
        yield plain(value)
    elif isinstance(value, Marked):
        yield value.agreed + value.rest
    elif isinstance(value, tuple):
        for item in value:
            yield from said(item)
    elif is_dataclass(value):
        for part in fields(value):
            yield from said(getattr(value, part.name))


def words(value: Any) -> str:
    return " ".join(said(value))


def section(report: Report, name: str) -> Any:
    return next(part for part in report.sections if part.id == name)


# -- all examples ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_gradient_has_a_derivation_that_ends_in_its_proven_value(name: str) -> None:
    """The heading of a derivation is the symbolic witness's number, not a product of rounded ones.

    Of a graph's vector or matrix one entry is derived in full.
    """
    evidence, report = evidence_of(name), report_of(name)
    shown: dict[str, Row] = {}
    for row in evidence.rows:
        shown.setdefault(row.places[0].partition("[")[0] if evidence.problem.given else row.name, row)
    assert len(report.derivations) == len(shown)
    assert {derivation.derivative: derivation.value for derivation in report.derivations} == {
        write_total(evidence.problem, *row.entry): value_tree(row.symbolic, 9) for row in shown.values()
    }


@pytest.mark.parametrize("name", ALL)
@pytest.mark.slow
def test_every_gradient_is_a_row_of_the_table(name: str) -> None:
    """Symbolic, backprop, finite difference, digits and verdict stand side by side for each."""
    evidence, report = evidence_of(name), report_of(name)
    if not evidence.rows:
        assert all(part.id != "gradients" for part in report.sections)
        return
    table = next(block for block in section(report, "gradients").blocks if isinstance(block, Table))
    assert [words(row[-1]).split()[-1] for row in table.rows] == [row.verdict for row in evidence.rows]


@pytest.mark.parametrize("name", ALL)
def test_every_published_figure_is_judged_on_the_page(name: str) -> None:
    """The full table keeps the order of the file, and leaves none out."""
    evidence, report = evidence_of(name), report_of(name)
    if not evidence.published:
        return
    table = section(report, "published").blocks[-1]
    assert [words(row[3]).split()[-1] for row in table.rows] == [j.verdict for j in evidence.published]


def chains(report: Report, kind: str) -> Iterator[Chain]:
    for derivation in report.derivations:
        yield from (block for block in derivation.blocks if isinstance(block, Chain) and block.kind == kind)


def number(tree: Tree) -> float:
    """The value that a formula of one number shows."""
    return float(next(part.text for part in walk(tree) if isinstance(part, Num)))


@pytest.mark.parametrize("name", ALL)
def test_the_factors_on_the_page_multiply_to_the_product_on_the_page(name: str) -> None:
    """A reader with a calculator gets what stands there, to the digits that are shown."""
    for chain in chains(report_of(name), "product"):
        *factors, product = (number(piece.body) for piece in chain.pieces)
        assert prod(factors) == pytest.approx(product, rel=1e-4)


@pytest.mark.parametrize("name", ALL)
def test_the_routes_on_the_page_add_up_to_the_sum_on_the_page(name: str) -> None:
    """The numbers under a route’s braces give its value, and the routes give the sum."""
    for derivation in report_of(name).derivations:
        routes: list[float] = []
        for block in derivation.blocks:
            if isinstance(block, Chain) and block.kind == "route":
                *factors, value = block.pieces
                labels = [
                    part.label for piece in factors for part in walk(piece.body) if isinstance(part, Brace)
                ]
                routes.append(number(value.body))
                assert prod(map(number, labels)) == pytest.approx(routes[-1], rel=1e-4)
            elif isinstance(block, Chain) and block.kind == "sum":
                size = max(map(abs, routes))
                assert sum(routes) == pytest.approx(number(block.pieces[-1].body), abs=1e-4 * size)
                routes = []


@pytest.mark.parametrize("name", ALL)
def test_no_key_of_the_program_is_printed(name: str) -> None:
    """A reader knows b₁ and E, not `shared b1` and `C@1`."""
    page = words(replace(report_of(name), diagram=None, title="", lede=()))
    assert not re.search(r"shared (?!parameter|weight)", page)
    assert "@" not in page
    assert "upstream " not in page.replace("gradient from upstream", "")


# -- mazur -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_wrong_figure_of_the_best_known_example_stands_near_the_top() -> None:
    """0.291027924 is a hidden step with already-updated weights; the truth is 0.291027774."""
    wrong = report_of("mazur").wrong
    assert wrong is not None
    first = words(wrong.blocks[1].rows[0])
    assert "0.291027924" in first
    assert "0.29102777369" in first
    assert "Hidden step with already-updated weights" in first


@pytest.mark.slow
def test_the_digits_that_agree_are_set_apart() -> None:
    """0.291027|924 against 0.29102777369"""
    wrong = report_of("mazur").wrong
    assert wrong is not None
    assert wrong.blocks[1].rows[0][1] == (Marked("0.291027", "924"),)


@pytest.mark.slow
def test_the_strip_counts_gradients_and_figures() -> None:
    """Verdict first: everything that follows is its reason."""
    facts = {words(fact.label).strip(): words(fact.value) for fact in report_of("mazur").facts}
    assert facts["gradients, three ways"] == "10 of 10 agree"
    assert facts["total cost  E"] == "0.298371109"
    assert facts["published figures"] == "26 right, 1 rounding, 4 wrong"


@pytest.mark.slow
def test_a_hidden_weight_is_told_by_what_it_feeds() -> None:
    """w1 feeds h1, h1 feeds both outputs: hence two routes, added."""
    derivation = next(one for one in report_of("mazur").derivations if one.id == "by-w1")
    told = words(derivation.blocks[0])
    assert "feeds  hidden unit  h1" in told
    assert "both outputs" in told
    assert "two routes" in told


@pytest.mark.slow
def test_a_shared_bias_adds_the_routes_of_its_uses() -> None:
    """b2 is one number with two uses; its derivative is the sum over both."""
    shared = next(derivation for derivation in report_of("mazur").derivations if derivation.id == "by-b2")
    routes = [block for block in shared.blocks if isinstance(block, Chain) and block.kind == "route"]
    total = next(block for block in shared.blocks if isinstance(block, Chain) and block.kind == "sum")
    assert len(routes) == 2
    assert words(total).endswith("0.138499 − 0.0380982 = 0.100400 sum")


# -- other shapes of problem -----------------------------------------------------------------------


def test_a_graph_says_total_and_local_derivatives_apart() -> None:
    """dJ/dx is over all routes, ∂ is one step's slope; mixing them up is the classic mistake."""
    derivation = report_of("seed004-cosine-graph").derivations[0]
    assert plain(derivation.derivative) == "dJ/dx"
    assert "∂a/∂x" in words(derivation.blocks)


def test_a_step_that_reads_a_name_twice_is_shown_as_it_was_written() -> None:
    """c2 = c + c + 1 must not come back as 2c + 1."""
    lines = next(
        block
        for block in section(report_of("micrograd-readme"), "forward").blocks
        if isinstance(block, Lines)
    )
    assert "c + c + 1" in words(lines)


def test_a_forward_only_problem_has_no_derivations() -> None:
    """There is nothing to differentiate, and the page says so instead of standing empty."""
    report = report_of("csdi-forward-2-3-2-1")
    assert report.derivations == ()
    assert "forward pass only" in words(report.facts)


def test_a_batch_shows_each_samples_factors_and_then_the_mean_with_the_l2_term() -> None:
    """dC/dw = (1/2)(3 + 18) + (0.5/2) 2 = 11"""
    derivation = reported(BATCH).derivations[0]
    table = next(block for block in derivation.blocks if isinstance(block, Table) and block.kind == "samples")
    assert [words(row[-1]) for row in table.rows] == ["3", "18"]
    whole = [block for block in derivation.blocks if isinstance(block, Chain)][-1]
    assert [plain(piece.body) for piece in whole.pieces][2:] == ["1/2·(3 + 18) + 0.5/2 × 2", "11"]


def test_one_sample_with_an_l2_term_adds_it_after_the_chain_rule() -> None:
    """The chain rule gives the cost without it; the page must not stop there."""
    single = {**BATCH, "data": {"x": [[1]], "y": [[0]]}}
    whole = [block for block in reported(single).derivations[0].blocks if isinstance(block, Chain)][-1]
    assert plain(whole.pieces[-1].body) == "4"


def test_a_problem_with_free_numbers_shows_formulas_and_where_they_were_verified() -> None:
    """Without numbers nothing is put in, and the verdict names the random points."""
    report = reported(
        {"network": {"inputs": 2, "cost": "squared_error", "layers": [{"units": 1, "activation": "general"}]}}
    )
    assert all(derivation.value is None for derivation in report.derivations)
    assert "random points" in words(section(report, "gradients"))
    lines = next(block for block in report.derivations[0].blocks if isinstance(block, Lines))
    assert len(lines.heads) == 2


LETTERS_ONLY = {
    "network": {
        "inputs": 1,
        "cost": "binary_cross_entropy",
        "layers": [{"units": 1, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    }
}


def test_a_derivation_in_letters_ends_with_each_formula_put_in() -> None:
    """And with what cancels left out: ∂C/∂w = (a − y) a."""
    report = reported(LETTERS_ONLY)
    last = {plain(d.by): [b for b in d.blocks if isinstance(b, Chain)][-1] for d in report.derivations}
    assert [plain(piece.body) for piece in last["w²"].pieces] == [
        "∂C/∂w²",
        "(a² − y)/(a²·(1 − a²))·a²·(1 − a²)·a¹",
        "a¹·(a² − y)",
    ]
    assert len(last["w¹"].pieces) > 1 and "∂" not in plain(last["w¹"].pieces[-1].body)


def test_a_page_of_letters_has_no_remark_on_values_that_it_does_not_show() -> None:
    """Where it was verified is said once, above the table."""
    report = reported(LETTERS_ONLY)
    assert not any("random points" in text for text in said(report.derivations))
    assert sum("random points" in text for text in said(section(report, "gradients"))) == 1
    assert not any("values are those" in text for text in said(report))


def test_the_marked_number_above_the_table_is_one_of_the_table() -> None:
    """No number of another problem explains the marks."""
    gradients = section(reported(BATCH | {"data": {"x": [[1], [3]], "y": [["0.1"], ["0.7"]]}}), "gradients")
    intro, table = gradients.blocks[0], gradients.blocks[-1]
    marks = [part for part in intro.words if isinstance(part, Marked)]
    assert len(marks) == 1 and all(any(mark in cell for row in table.rows for cell in row) for mark in marks)


@pytest.mark.slow
def test_the_legend_has_only_parts_that_the_derivations_have() -> None:
    """One layer carries no weight back."""
    assert "weight" not in reported(BATCH).roles
    assert {"cost", "activation", "weight", "input"} <= reported(LETTERS_ONLY).roles
    assert "weight carried back" not in FORMATS[".html"](reported(BATCH), None)


def test_a_fraction_is_as_wide_as_its_wider_side() -> None:
    """(0.0338952 − 0)/(0.0338952(1 − 0.0338952)) stands beside its formula; the same in a line does not."""
    difference, slope = (Ident("0.0338952 − 0", True), Ident("0.0338952(1 − 0.0338952)", True))
    numbers = Frac(difference, slope)
    beside = Line(Ident("s"), Frac(Ident("a − y", True), Ident("a(1 − a)", True)), numbers)
    assert not Lines(("", "", "", ""), (beside,), "").long
    assert Lines(("", "", "", ""), (replace(beside, numbers=product(difference, slope)),), "").long


def test_an_undecided_row_gives_its_reason() -> None:
    """At a kink no difference is evidence; "undecided" alone would help nobody."""
    layer = {"units": 1, "activation": "relu", "weights": [[1]], "biases": [-2]}
    report = reported(
        {
            "network": {"inputs": 1, "cost": "half_squared_error", "layers": [layer]},
            "data": {"x": [[2]], "y": [[1]]},
        }
    )
    last = report.derivations[0].blocks[-1]
    assert isinstance(last, Paragraph)
    assert last.words[0] == Toned("open", ("Undecided",))
    assert "kink" in words(last)
    assert "by convention" in words(section(report, "made"))


def test_a_large_network_derives_some_gradients_and_lists_all() -> None:
    """Sixty derivations are more than anybody reads; the table still holds every row."""
    layer = {"units": 9, "activation": "tanh", "weights": [["0.1"] * 9] * 9, "biases": ["0.2"] * 9}
    report = reported(
        {
            "network": {"inputs": 9, "cost": "half_squared_error", "layers": [layer]},
            "data": {"x": [["0.5"] * 9], "y": [[0] * 9]},
        }
    )
    assert 0 < len(report.derivations) <= MOST_DERIVATIONS
    assert f"{len(report.derivations)} of 90" in words(report.aside)
    tables = [block for block in section(report, "gradients").blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [81, 9]
    assert report.diagram is not None
    assert "⋮" in words(report.diagram.headings)


def test_a_training_step_reads_the_gradient_of_its_own_batch() -> None:
    """With batch = 1 the first update sees the first sample only: its gradient is 3, not 11."""
    online = {**BATCH, "network": {**BATCH["network"], "l2": 0}, "training": {"rate": "0.5", "batch": 1}}
    lines = next(block for block in section(reported(online), "training").blocks if isinstance(block, Lines))
    assert plain(lines.lines[0].numbers) == "2 − 0.5 × 3"
    assert plain(lines.lines[0].value) == "0.5"


def test_a_long_sum_is_cut_in_its_middle() -> None:
    """784 terms would be a page of their own; first ones, dots and the last say the same."""
    letters = [Ident(letter) for letter in "abcdefghij"]
    assert plain(elided(plus(*letters))) == "a + b + c + ⋯ + j"


def test_a_short_sum_is_left_as_it_is() -> None:
    """What fits on a line is not cut."""
    letters = [Ident(letter) for letter in "abcdef"]
    assert plain(elided(plus(*letters))) == "a + b + c + d + e + f"


@pytest.mark.slow
@pytest.mark.parametrize("name", BRIEF)
def test_composing_twice_gives_the_same_report(name: str) -> None:
    """A report is a function of its problem: no clock, no chance, no order of a set."""
    evidence = evidence_of(name)
    assert compose(evidence.problem, evidence) == report_of(name)


def test_a_cost_of_negative_parts_is_a_chain_of_minus_signs() -> None:
    """- y ln a - y ln a, as a book prints it, and never + - y ln a."""
    sections = report_of("nnfs-crossentropy").sections
    chains = [block for section in sections for block in section.blocks if isinstance(block, Chain)]
    signs = [[piece.sign for piece in chain.pieces] for chain in chains]
    assert ["", "=", "−", "−", "=", "−", "−", "="] in signs


# -- long sums, open numbers -----------------------------------------------------------------------


def test_the_terms_of_a_long_sum_that_are_not_0_are_shown() -> None:
    """0 + 0 + ⋯ + 0 = 0.00845 would hide the only one that counts."""
    terms = [Num("0")] * 9
    terms[5] = Num("0.00845")
    assert plain(elided(plus(*terms))) == "0 + 0 + ⋯ + 0.00845 + ⋯ + 0"


@pytest.mark.parametrize(
    ("counting", "shown"),
    [
        (range(10), [0, 1, 2, None, 9]),
        ([], [0, 1, 2, None, 9]),
        ([4, 6, 7, 8], [0, None, 4, 5, 6, 7, 8, 9]),
        ([1, 2, 3], [0, 1, 2, 3, None, 9]),
    ],
)
def test_dots_stand_for_two_terms_or_more(counting: list[int], shown: list[int | None]) -> None:
    """The first term, the last one, and the first three that are not 0."""
    assert standing([place not in counting for place in range(10)]) == shown


@pytest.mark.parametrize(
    ("tree", "zero"),
    [
        (product(Num("0.5"), Num("0")), True),
        (negated(product(Num("0"), Ident("b"))), True),
        (plus(Num("0.3"), negated(Num("0"))), False),
        (Num("0.0845"), False),
    ],
)
def test_a_product_with_a_0_in_it_is_0(tree: Tree, zero: bool) -> None:
    """And a difference with a 0 in it is not."""
    assert is_zero(tree) == zero


def test_letters_and_numbers_of_a_long_sum_show_the_same_terms() -> None:
    """Only the fifth input is on, so its product stands in both columns."""
    layer = {"units": 1, "activation": "identity", "weights": {"seed": 0}, "biases": False}
    network = {"inputs": 9, "cost": "squared_error", "layers": [layer]}
    report = reported({"network": network, "data": {"x": [[0, 0, 0, 0, 1, 0, 0, 0, 0]], "y": [[1]]}})
    texts = list(said(report))
    assert any("⋯ + w5·x5 + ⋯" in text for text in texts)
    assert any(re.search(r"⋯ \+ \S+ × 1 \+ ⋯|⋯ \+ \(\S+\) × 1 \+ ⋯", text) for text in texts)


@pytest.mark.parametrize(
    ("w", "why"), [(["w1", 2], "not every number is given"), (["w1", "w2"], "no numbers are given")]
)
def test_a_page_of_letters_says_how_much_is_missing(w: list[Any], why: str) -> None:
    """One parameter left open is not all of them."""
    layer = {"units": 1, "activation": "sigmoid", "weights": [w], "biases": False}
    mapping: dict[str, Any] = {"network": {"inputs": 2, "cost": "squared_error", "layers": [layer]}}
    if why.startswith("not"):
        mapping["data"] = {"x": [[1, 2]], "y": [[1]]}
    assert any(why in text for text in said(reported(mapping)))


def test_a_page_without_a_derivative_speaks_of_none() -> None:
    """The perceptron's rule uses no slope, so none was SymPy's and no convention of one matters."""
    texts = " ".join(said(report_of("perceptron-and")))
    assert "Nothing is differentiated here." in texts
    assert "own derivative" not in texts and "has no slope" not in texts
