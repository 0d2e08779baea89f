"""A long page reads from the top: what is long is folded, with its result, and every link reaches it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from derive import load_problem
from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.tree import Num, Tree
from numeric import verify
from reports.content.compose import compose
from reports.content.evidence import MOST_ROWS, MOST_TOGETHER, MOST_WEAK
from reports.content.page import Chain, Heading, Paragraph, Prose, Report, Strides, Table, steps
from reports.writers.html import html
from tests.examples import page_of, report_of

ZERO_FIRST = {
    "network": {
        "inputs": 2,
        "cost": "half_squared_error",
        "layers": [{"units": 1, "activation": "sigmoid", "weights": [["0.5", "-1"]], "biases": False}],
    },
    "data": {"x": [[0, 0], [0, 1], [1, "0.5"], [1, 1]], "y": [[0], [1], [1], [0]], "labels": list("abcd")},
}
MANY = {
    "network": {
        "inputs": 6,
        "cost": "half_squared_error",
        "layers": [
            {"units": 14, "activation": "tanh", "weights": {"seed": 1}, "biases": {"seed": 2}},
            {"units": 2, "activation": "identity", "weights": {"seed": 3}, "biases": {"seed": 4}},
        ],
    },
    "data": {"x": [["0.5", 1, -1, "0.3", 2, "-0.7"]], "y": [["0.7", "0.1"]]},
}


@cache
def many() -> Report:
    problem = load_problem(MANY)
    return compose(problem, verify(problem))


class Folds(HTMLParser):
    """The ids of a page with the <details> around each, and the text of every <summary>."""

    VOID = frozenset({"meta", "mspace"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.around: dict[str, tuple[bool, ...]] = {}
        self.summaries: list[str] = []
        self.opened: list[bool] = []
        self.in_summary = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if name := found.get("id"):
            self.around[name] = () if self.in_summary else tuple(self.opened)
        if tag == "details":
            self.opened.append("open" in found)
        if tag == "summary":
            self.in_summary = True
            self.summaries.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self.opened.pop()
        if tag == "summary":
            self.in_summary = False

    def handle_data(self, data: str) -> None:
        if self.in_summary:
            self.summaries[-1] += data


def words(prose: Prose) -> str:
    return "".join(
        part if isinstance(part, str) else plain(part) if isinstance(part, Tree) else "" for part in prose
    )


@pytest.mark.slow
def test_the_first_derivation_stands_open_and_the_others_are_folded_around_what_links_reach() -> None:
    """A browser opens a fold for a link to what lies within it, but not for one to the fold itself."""
    report, folds = report_of("mazur"), Folds(page_of("mazur", ".html"))
    around = [folds.around[derivation.id] for derivation in report.derivations]
    assert around == [(True,)] + [(False,)] * (len(around) - 1)


@pytest.mark.slow
def test_a_folded_derivation_shows_its_value_and_its_verdict() -> None:
    """The page reads from the top without a fold being opened."""
    summaries = Folds(page_of("mazur", ".html")).summaries
    assert [text for text in summaries if "0.100400325" in text and "agree, " in text]
    assert len(summaries) == len(report_of("mazur").derivations)


def test_few_derivations_all_stand_open() -> None:
    """There is nothing to choose among three."""
    assert not any(derivation.folded for derivation in report_of("cs231n-add-mul").derivations)


def test_derivations_go_from_the_output_layer_down() -> None:
    """Backwards, as the errors do: the short ones first, on which the others rest."""
    groups = [words(group) for group, _ in report_of("mazur").groups]
    assert groups == ["Output layer", "Hidden layer"]


def test_paper_shows_what_a_screen_folds() -> None:
    """Nobody can open a fold on paper."""
    css = (files("reports") / "templates" / "report.css").read_text(encoding="utf-8")
    printed = css[css.rindex("@media print{") :]
    assert re.search(r"details::details-content\{content-visibility:visible!important", printed)


def test_a_long_page_has_its_contents_at_the_top() -> None:
    """In the order in which the parts stand; a short page is seen at a glance."""
    contents = re.search(r'<nav class="toc".*?</nav>', page_of("mazur", ".html"), re.DOTALL)
    assert contents
    ids = [section.id for section in report_of("mazur").sections]
    assert re.findall(r'href="#([^"]+)"', contents[0]) == ["derivations", *ids]
    assert report_of("cs231n-mul").contents == ()


def test_the_numbers_are_those_of_the_sample_with_the_fewest_derivatives_that_are_0() -> None:
    """At x = 0 every derivation of a weight reads 0 = 0; the page says whose numbers stand instead."""
    problem = load_problem(ZERO_FIRST)
    report = compose(problem, verify(problem))
    told = [words(block.words) for block in report.derivations[0].blocks if isinstance(block, Paragraph)]
    assert any("those of sample c (3); more of the derivatives before it are 0" in text for text in told)
    assert "sample c (3)" in words(report.diagram_caption)


# -- many gradients --------------------------------------------------------------------------------


@pytest.mark.slow
def test_many_gradients_are_folded_by_layer_with_their_verdict() -> None:
    """Over a thousand rows nobody looks for the one that does not agree."""
    gradients = next(section for section in many().sections if section.id == "gradients")
    folded = [step for step in steps(gradients.blocks) if step.heading and step.heading.folded]
    assert [words(step.heading.words) for step in folded if step.heading] == [
        "W¹: 84 gradients, all agree",
        "b¹: 14 gradients, all agree",
        "W²: 28 gradients, all agree",
        "b²: two gradients, all agree",
    ]
    rows = sum(len(block.rows) for step in folded for block in step.blocks if isinstance(block, Table))
    assert MOST_TOGETHER < rows < MOST_ROWS


def test_a_row_that_does_not_agree_is_listed_however_far_down_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a large array the first rows are enough only while all others agree."""
    monkeypatch.setattr("reports.content.evidence.MOST_ROWS", 5)
    found = verify(load_problem(MANY))
    rows = tuple(
        replace(row, verdict="undecided") if place == 70 else row for place, row in enumerate(found.rows)
    )
    sections = {section.id: section for section in compose(found.problem, replace(found, rows=rows)).sections}
    first = next(step for step in steps(sections["gradients"].blocks) if step.heading)
    table, left_out = first.blocks
    assert isinstance(table, Table) and isinstance(left_out, Paragraph)
    assert len(table.rows) == 5 + 1 + MOST_WEAK
    assert words(left_out.words).startswith("… and 68 more. The last ten rows prove the fewest digits")
    assert first.heading and words(first.heading.words) == "W¹: 84 gradients, 83 agree, 1 undecided"


def test_of_rows_that_are_not_listed_those_that_prove_least_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads that three digits are proven at worst looks for that row; and the page says what it lists."""
    monkeypatch.setattr("reports.content.evidence.MOST_ROWS", 5)
    found = verify(load_problem(MANY))
    rows = tuple(replace(row, digits=2) if place == 70 else row for place, row in enumerate(found.rows))
    report = compose(found.problem, replace(found, rows=rows))
    sections = {section.id: section for section in report.sections}
    table = next(step for step in steps(sections["gradients"].blocks) if step.heading).blocks[0]
    assert isinstance(table, Table)
    assert [words(row[4]) for row in table.rows].index("2") == 5
    assert "the first 5 of each array" in words(report.aside)


def test_what_a_forward_pass_comes_to_is_never_folded() -> None:
    """Only the quantities on the way are."""
    forward = next(section for section in many().sections if section.id == "forward")
    *folded, last = steps(forward.blocks)
    assert [step.heading.folded for step in folded if step.heading] == [True, True]
    assert last.heading == Heading(0, ("The outcome",))
    assert isinstance(last.blocks[-1], Chain)


# -- formulas of a page ----------------------------------------------------------------------------


def test_a_chain_has_the_latex_of_the_whole_formula_once() -> None:
    """Copied in pieces it would lose its signs."""
    page = page_of("cs231n-mul", ".html")
    chain = re.search(r'<div class="chain chain">.*?</div>', page, re.DOTALL)
    assert chain
    (annotation,) = re.findall(r"<annotation[^>]*>(.*?)</annotation>", chain[0])
    assert " = " in annotation


def test_a_number_has_no_second_copy() -> None:
    """Its LaTeX is what stands there already, and a page has a thousand of them."""
    assert latex(Num("0.25")) == plain(Num("0.25"))
    page = html(many())
    assert "<math><mn>" in page
    assert "<semantics><mn>" not in page


def test_a_term_of_a_sum_over_uses_says_through_which_step_it_comes() -> None:
    """Three rules for three terms, without saying which, leave the reader to guess."""
    sections = {section.id: section for section in report_of("layer-norm").sections}
    strides = [block for block in sections["matrix-form"].blocks if isinstance(block, Strides)]
    because = [words(line.because) for block in strides for line in block.lines]
    assert any(
        re.match(r"sum over its uses: through .+: quotient rule.*; through .+: .*; through", text)
        for text in because
    )


@pytest.mark.parametrize("name", ["cs231n-max-mul-circuit", "layer-norm"])
def test_a_page_with_both_signs_of_a_derivative_says_what_tells_them_apart(name: str) -> None:
    """d goes along every route, ∂ along one step."""
    assert "A derivative with d goes along every route" in words(report_of(name).aside)


def test_a_network_has_one_sign_and_no_remark_on_two() -> None:
    """No step of it reads both a quantity and what is computed from it."""
    assert report_of("mazur").aside == ()
