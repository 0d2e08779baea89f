"""Predictions, labels and accuracy as pages, the terminal and JSON show them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from derive import load_problem
from numeric import Evidence, verify
from reports import names
from reports.content.compose import compose
from reports.content.page import Report, Section, Table
from reports.rendering import FORMATS
from reports.results import as_json
from reports.terminal import Terminal
from tests import examples

HOSTILE = "<i>a</i>"
PETS = {
    "title": "Pets",
    "network": {
        "inputs": 1,
        "cost": "cross_entropy",
        "layers": [{"units": 2, "activation": "softmax", "weights": [[1], [-1]], "biases": False}],
    },
    "data": {
        "x": [[1], [2], [3], [0]],
        "y": [[1, 0], [0, 1], [1, 0], [1, 0]],
        "labels": [HOSTILE, "Bo", "Bo", "Cy_d$"],
        "classes": ["cat|s", "dog"],
        "test": [[-2], [5]],
    },
    "training": {"rate": "0.1", "steps": 3, "batch": 2},
}
SECTION = "predictions"


@cache
def evidence_of(name: str) -> Evidence:
    return verify(load_problem(PETS)) if name == "pets" else examples.evidence_of(name)


@cache
def report_of(name: str) -> Report:
    evidence = evidence_of(name)
    return compose(evidence.problem, evidence)


@cache
def page(name: str, suffix: str) -> str:
    return FORMATS[suffix](report_of(name), evidence_of(name))


def section(name: str) -> Section | None:
    return next((part for part in report_of(name).sections if part.id == SECTION), None)


def tables(name: str) -> list[Table]:
    found = section(name)
    assert found is not None
    return [block for block in found.blocks if isinstance(block, Table)]


def terminal(name: str, width: int = 80) -> str:
    screen = StringIO()
    Terminal(Console(file=screen, width=width, highlight=False, color_system=None)).evidence(
        evidence_of(name)
    )
    return screen.getvalue()


def test_a_sample_is_named_by_its_label_and_its_number():
    """Labels may be alike, and `@3` counts."""
    problem = evidence_of("pets").problem
    assert names.sample_name(problem, "@3") == "Bo (3)"
    assert names.sample_name(problem, "@t2") == "test 2"
    assert names.sample_name(evidence_of("hours-of-study").problem, "@3") == "3"


def test_a_single_sample_needs_no_number_beside_its_label():
    """There is nothing to tell it from."""
    problem = load_problem(
        {**PETS, "training": None, "data": {"x": [[1]], "y": [[1, 0]], "labels": ["Alice"]}}
    )
    assert names.sample_name(problem, "") == "Alice"


def test_labels_stand_wherever_samples_are_listed():
    """Forward pass, first batch and predictions alike."""
    text = page("pets", ".md")
    assert text.count("Bo (3)") >= 3
    assert "a batch of two" in text
    assert re.search(r"a batch of two \(.*\(1\), Bo \(2\)\)", text)


def test_a_page_without_predictions_has_no_section_of_them():
    """Mazur's network has no test inputs and no classes."""
    assert section("mazur-copy-basic-intro") is None


def test_a_single_output_stands_before_and_after_training_in_one_row():
    """So that a reader sees it move."""
    tests, samples = tables("hours-of-study")
    assert len(tests.rows) == 5
    assert len(samples.rows) == 20
    assert len(tests.columns) == 1 + 1 + 2 + 2


def test_several_outputs_have_a_table_for_each_moment():
    """Side by side they would not fit the page."""
    assert [len(table.rows) for table in tables("pets")] == [2, 4, 2, 4]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_every_format_says_the_accuracy(suffix):
    """As given and after training."""
    text = page("hours-of-study", suffix)
    if suffix == ".json":
        assert [moment["accuracy"]["right"] for moment in json.loads(text)["evidence"]["predictions"]] == [
            16,
            16,
        ]
    else:
        assert text.count("16 of 20 samples right (80") == 2


def test_a_class_that_is_missed_is_marked_by_a_sign():
    """Colour is never the only one."""
    text = page("hours-of-study", ".html")
    assert text.count("pass ×") + text.count("fail ×") == 8


def test_a_tie_is_called_undecided_everywhere():
    """The last sample has input 0, so both outputs are one half."""
    assert "undecided" in terminal("pets")
    assert "undecided" in page("pets", ".html")
    assert as_json(evidence_of("pets"))["predictions"][0]["samples"][3]["class"] is None


def test_hostile_labels_and_classes_are_text():
    """Whoever opens somebody's problem runs nothing of theirs."""
    assert HOSTILE not in page("pets", ".html")
    assert "&lt;i&gt;a&lt;/i&gt; (1)" in page("pets", ".html")
    assert r"Cy\_d\$ (4)" in page("pets", ".tex")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_sets_the_predictions(tmp_path: Path):
    """Signs and labels have glyphs there, and no line is too wide."""
    text = page("pets", ".tex")
    assert "[U+" not in text
    (tmp_path / "page.tex").write_text(text, encoding="utf-8")
    command = ("pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "page.tex")
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r".*(?:Warning|Overfull|Underfull).*", log) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("name", ["pets", "hours-of-study", "anscombe-1"])
def test_predictions_fit_the_terminal(name, width):
    """As a table, or below each other."""
    assert max(map(len, terminal(name, width).splitlines())) <= width


def test_the_terminal_lists_what_is_missed_by_name():
    """The number tells it from another of the same name."""
    assert "As given: 2 of 4 samples right (50%), 1 wrong, 1 undecided: Bo (2), Cy_d$ (4)" in terminal("pets")


def test_the_terminal_shows_test_inputs_before_and_after_training():
    """A row for each moment."""
    lines = [line.split() for line in terminal("hours-of-study").splitlines()]
    assert ["test", "2", "0.249739894", "fail"] in lines
    assert ["after", "500", "updates", "0.255702405", "fail"] in lines


def test_json_has_its_new_key_last():
    """Programs that read the keys before it are not disturbed."""
    assert list(as_json(evidence_of("pets"))) == [
        "problem", "verdict", "cost", "gradients", "published", "predictions",
    ]  # fmt: skip
    assert as_json(evidence_of("mazur-copy-basic-intro"))["predictions"] == []
