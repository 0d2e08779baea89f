"""The page of the four equations, in every format and notation."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from derive import StatementError
from derive.problem import Notation
from derive.theory import Theory
from derive.writing.plain import plain
from reports.content.general.theory import compose_theory
from reports.content.page import Chain, Report, Strides
from reports.rendering import FORMATS
from reports.subjects import subject_of
from tests.kinds import every


@pytest.fixture(scope="module")
def report() -> Report:
    return compose_theory(Theory())


@pytest.mark.slow
def test_every_line_is_proved_and_shown(report):
    """A line that does not hold would not be there."""
    held, total = re.fullmatch(r"(\d+) of (\d+)", report.facts[0].value[0]).groups()
    strides = [b for section in report.sections for b in section.blocks if isinstance(b, Strides)]
    assert held == total
    assert [len(block.lines) for block in strides] == [4, 3, 7, 5, 4, 4, 3, 7]


def test_the_subject_has_a_name_that_no_problem_takes():
    """Misspelt, it is the nearest one."""
    assert subject_of("four-equations") == Theory()
    with pytest.raises(StatementError, match="four-equations"):
        subject_of("four-equation")


@pytest.mark.parametrize("suffix", every(FORMATS, 4))
def test_the_page_is_written_in_every_format(report, suffix):
    """With its title, and with nothing that a writer could not write."""
    text = FORMATS[suffix](report, None)
    assert report.title in text
    assert "[U+" not in text and "\ufffd" not in text


def test_every_formula_of_the_page_is_well_formed(report):
    """A browser would show a broken one without a word."""
    text = FORMATS[".html"](report, None)
    for part in re.findall(r"<math.*?</math>", text, re.DOTALL):
        ElementTree.fromstring(part)
    assert "<script" not in text


def test_the_page_as_json_has_each_line_with_its_reason(report):
    """Formulas as LaTeX and as text, for programs."""
    found = json.loads(FORMATS[".json"](report, None))
    blocks = [block for section in found["sections"] for block in section["blocks"]]
    lines = [line for block in blocks if block["kind"] == "strides" for line in block["lines"]]
    assert len(lines) == 37
    assert all(line["because"] and line["check"] and line["formula"]["latex"] for line in lines)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(
    "notation",
    [
        Notation(),
        Notation(style="parenthesis", cost="E", target="t", weighted_input="net", function="f"),
        Notation(style="subscript", index="from_to", layout="numerator"),
    ],
    ids=lambda notation: notation.style,
)
def test_pdflatex_sets_the_page_in_any_notation(notation, tmp_path: Path):
    """Every line holds in it; no undefined command, no line in the margin."""
    report = compose_theory(Theory(notation))
    assert report.facts[0].tone == "good"
    text = FORMATS[".tex"](report, None)
    (tmp_path / "page.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout and "Warning" not in done.stdout


def test_softmax_is_told_without_a_jacobian_and_with_its_assumption(report):
    """a_k([k = j] − a_j), then a − y with cross-entropy where the targets add up to 1, and on logits alike."""
    blocks = {section.id: section.blocks for section in report.sections}
    chains = {name: [b for b in found if isinstance(b, Chain)] for name, found in blocks.items()}
    assert "a_k·([k = j] − a_j)" in [plain(chain.pieces[-1].body) for chain in chains["steps"]]
    last = next(b for b in blocks["steps"] if isinstance(b, Strides)).lines[-1]
    assert (plain(last.formula), plain(last.because[-1])) == ("a_j − y_j", "Σ_k y_k = 1")
    outputs = [plain(chain.pieces[-1].body).partition(" if")[0] for chain in chains["cases"]]
    assert outputs[1:] == ["{a_j − y_j", "{e^(a_j)/(Σ_k e^(a_k)) − y_j", "{σ(a_j) − y_j"]
