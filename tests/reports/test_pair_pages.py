"""Output pairs on pages: sheets of their own, and a section of a network's report."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from derive import StatementError, load_problem
from derive.rules import ACTIVATIONS, COSTS
from derive.special.pairs import Pair
from derive.writing.plain import plain
from numeric.evidence import verify
from reports.content.compose import compose
from reports.content.page import Lines, Report, Section, Strides, Table
from reports.content.sheets.jacobian import jacobian_section
from reports.content.sheets.pair import compose_pair
from reports.content.sheets.sheet import compose_sheet
from reports.rendering import FORMATS, render
from reports.subjects import subject_of
from tests.kinds import every


@cache
def sheet(name: str) -> Report:
    found = subject_of(name)
    assert isinstance(found, Pair)
    return compose_pair(found)


def network(activation: str, cost: str, **more: Any) -> dict[str, Any]:
    layer = {"units": 2, "activation": activation, "weights": [[0.1, -0.2], [0.4, 0.3]], "biases": [0.1, 0.2]}
    data = {"x": [[0.5, -1.0]], "y": [[0, 1]]}
    return {"title": "t", "network": {"inputs": 2, "cost": cost, "layers": [layer]}, "data": data, **more}


def section(stated: dict[str, Any], name: str) -> Section | None:
    problem = load_problem(stated)
    report = compose(problem, verify(problem))
    return next((part for part in report.sections if part.id == name), None)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "name",
    every(
        ["relu+hinge", "softmax+cross_entropy", "identity+cross_entropy_on_logits", "general+squared_error"],
        4,
    ),
)
def test_every_pair_has_a_sheet_in_every_format(name: str, suffix: str) -> None:
    """Those that come together, those in pieces, and those of unknown functions."""
    text = FORMATS[suffix](sheet(name), None)
    assert "[U+" not in text and "\ufffd" not in text
    for part in re.findall(r"<math.*?</math>", text, re.DOTALL) if suffix == ".html" else ():
        ElementTree.fromstring(part)


def test_every_line_of_a_pair_has_its_reason_and_its_check() -> None:
    """Seven lines from the sum over routes to a − y."""
    report = sheet("softmax+cross_entropy")
    (strides,) = (
        b for s in report.sections if s.id == "together" for b in s.blocks if isinstance(b, Strides)
    )
    assert [plain(line.formula) for line in strides.lines][-2:] == ["a_j·Σ_k y_k − y_j", "a_j − y_j"]
    assert all(line.because and line.check for line in strides.lines)
    assert report.facts[0].value == ("7 of 7",)


def test_a_pair_is_written_as_a_file_of_its_own(tmp_path: Path) -> None:
    """By its name, as a rule is."""
    out = render("sigmoid+binary_cross_entropy", tmp_path / "pair.md")
    assert "a - y" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sofmax+cross_entropy", "did you mean 'softmax'"),
        ("softmax+cros_entropy", "did you mean 'cross_entropy'"),
        ("softmax+cross_entropy_on_logits", "write identity+cross_entropy_on_logits"),
        ("+", "is no activation"),
    ],
)
def test_a_pair_that_is_none_says_what_to_write(name: str, says: str) -> None:
    """The place, what was found, what is allowed."""
    with pytest.raises(StatementError) as refused:
        subject_of(name)
    assert says in str(refused.value)


def test_a_network_s_page_shows_its_output_pair_with_its_numbers() -> None:
    """Each output's slope by the last line, beside the chain rule."""
    found = section(network("softmax", "cross_entropy"), "output-pair")
    assert found is not None
    (lines,) = (block for block in found.blocks if isinstance(block, Lines))
    assert [plain(line.formula) for line in lines.lines if line.formula] == ["a1 − y1", "a2 − y2"]


def test_of_several_samples_every_line_is_of_one_sample_s_cost() -> None:
    """C alone is the mean there, whose slope has 1/n."""
    stated = network(
        "sigmoid", "binary_cross_entropy", data={"x": [[0.5, -1], [1, 0]], "y": [[0, 1], [1, 1]]}
    )
    found = section(stated, "output-pair")
    assert found is not None
    (strides,) = (block for block in found.blocks if isinstance(block, Strides))
    slopes = [plain(strides.lhs), *(plain(line.formula) for line in strides.lines)]
    assert all("C^(i)" in slope for slope in slopes[:2]) and not any("∂C/" in slope for slope in slopes)


@pytest.mark.parametrize(
    ("activation", "cost"),
    [("sigmoid", "squared_error"), ("relu", "half_squared_error"), ("identity", "half_squared_error")],
)
def test_a_page_whose_output_does_not_come_together_has_no_such_section(activation: str, cost: str) -> None:
    """Nothing is announced that does not happen, and nothing where the activation is the identity."""
    assert section(network(activation, cost), "output-pair") is None


def test_the_jacobian_of_softmax_stands_as_cases_and_as_a_matrix() -> None:
    """diag(a) − a aᵀ, the books' form."""
    found = jacobian_section(ACTIVATIONS["softmax"])
    assert found is not None
    text = FORMATS[".md"](compose_sheet(ACTIVATIONS["softmax"], ()), None)
    assert r"\operatorname{diag}(a) - aa^{\top}" in text and "k = j" in text
    assert jacobian_section(ACTIVATIONS["sigmoid"]) is None


def test_quadratic_costs_show_which_factor_survives() -> None:
    """½ takes the 2 away; a mean leaves 1/K or 1/n."""
    report = compose_sheet(COSTS["squared_error"], ())
    (table,) = (b for s in report.sections if s.id == "factors" for b in s.blocks if isinstance(b, Table))
    slopes = [plain(row[2][0]) for row in table.rows if not isinstance(row[2][0], str)]
    assert slopes == ["a − y", "2·(a − y)", "2·(a − y)/K", "(a − y)/K"]
    assert not any(s.id == "factors" for s in compose_sheet(COSTS["cross_entropy"], ()).sections)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(
    "name", ["softmax+cross_entropy", "identity+cross_entropy_on_logits", "softmax+huber"]
)
def test_pdflatex_sets_a_pair_without_a_warning(name: str, tmp_path: Path) -> None:
    """No undefined command, no line in the margin."""
    render(name, tmp_path / "pair.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "pair.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "Warning" not in ran.stdout and "Overfull" not in ran.stdout
