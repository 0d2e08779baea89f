"""The sheets of rules: every rule in every format, the plots true, the lines of text right."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from derive import StatementError
from derive.rules import ACTIVATIONS, COSTS
from derive.sheet import sheet_of
from derive.writing.latex import escape
from numeric.losses import Computed, Measured, Study, studies
from reports.content.page import Figure, Report, Strides
from reports.content.sheets.sheet import compose_sheet
from reports.drawing.plot import Curve, Plot, ticks, within
from reports.drawing.plot_latex import plot_latex
from reports.drawing.plot_svg import plot_svg
from reports.rendering import FORMATS, render
from reports.subjects import RULES, subject_of
from tests.kinds import every

GOLDEN = Path(__file__).parent / "golden"
QUICK = {"relu", "softmax", "general"}
"""A kink, coupled units, no numbers: one of each kind."""


def rows(names: Iterable[str]) -> list[Any]:
    """The quick loop takes one rule of each kind, the slow one all of them; an unspecified φ has no plot."""
    return [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
        for name in names
        if name != "general"
    ]


PLOTTED = rows(RULES)
ALL = ["general", *PLOTTED]
SVG = "{http://www.w3.org/2000/svg}"


@cache
def sheet(name: str) -> Report:
    return compose_sheet(RULES[name])


@cache
def page(name: str, suffix: str) -> str:
    return FORMATS[suffix](sheet(name), None)


def plot(name: str) -> Plot:
    (figure,) = (b for section in sheet(name).sections for b in section.blocks if isinstance(b, Figure))
    return figure.plot


def height(curve: Curve, at: float) -> float:
    """The curve at a place, between the two points next to it."""
    for run in curve.runs:
        for (x1, y1), (x2, y2) in pairwise(run):
            if x1 <= at <= x2:
                return y1 + (at - x1) / (x2 - x1) * (y2 - y1)
    raise AssertionError(f"the curve has no point at {at}")


# -- every rule, every format ----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", ALL)
def test_every_rule_has_a_sheet_in_every_format(name: str, suffix: str) -> None:
    """With its title, and with nothing that a writer could not write."""
    text = page(name, suffix)
    assert (escape(sheet(name).title) if suffix == ".tex" else sheet(name).title) in text
    assert "[U+" not in text and "\ufffd" not in text


@pytest.mark.parametrize("name", ALL)
@pytest.mark.slow
def test_no_line_of_a_derivation_is_missing(name: str) -> None:
    """What is derived is proved, and holds by number: the page shows all of it."""
    lines = [
        len(b.lines) for section in sheet(name).sections for b in section.blocks if isinstance(b, Strides)
    ]
    assert sum(lines) == sum(len(derived.lines) for derived in sheet_of(RULES[name]).derived)


@pytest.mark.parametrize("name", ALL)
def test_every_formula_and_every_drawing_of_a_sheet_is_well_formed(name: str) -> None:
    """A browser would show a broken one without a word."""
    text = page(name, ".html")
    for part in re.findall(r"<(?:math|svg) .*?</(?:math|svg)>", text, re.DOTALL):
        ElementTree.fromstring(part)
    assert "<script" not in text


@pytest.mark.parametrize("name", ALL)
def test_every_table_of_a_markdown_sheet_has_as_many_cells_as_its_head(name: str) -> None:
    """|z| in a formula would open a column."""
    width = None
    for line in page(name, ".md").splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
        assert cells is None or width is None or cells == width, line
        width = cells


@pytest.mark.parametrize("name", ALL)
def test_a_sheet_as_json_has_the_lines_with_their_reasons(name: str) -> None:
    """Formulas as LaTeX and as text, for programs."""
    found = json.loads(page(name, ".json"))
    blocks = [block for section in found["sections"] for block in section["blocks"]]
    strides = [line for block in blocks if block["kind"] == "strides" for line in block["lines"]]
    assert all(line["because"] and line["formula"]["latex"] for line in strides)
    assert bool(strides) == (name != "general")
    assert "evidence" not in found


def test_a_step_has_a_jump_and_no_kink() -> None:
    """The function itself is broken, not only its slope."""
    text = page("step", ".md")
    assert "At the jump" in text and "kink" not in text


def test_the_top_of_every_sheet_has_something_to_say() -> None:
    """Of an unspecified function too."""
    assert all(sheet(name).facts for name in ("general", "relu"))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(
    "name", [n if n == "relu" else pytest.param(n, marks=pytest.mark.slow) for n in RULES]
)
def test_pdflatex_sets_a_sheet_without_a_warning(name: str, tmp_path: Path) -> None:
    """No undefined command, no line in the margin; the plot is a picture of LaTeX's own."""
    (tmp_path / "page.tex").write_text(page(name, ".tex"), encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "page.tex"]
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r".*(?:Warning|Overfull|Underfull).*", log) == []


# -- golden pages ----------------------------------------------------------------------------------


def steady(rows: tuple[Measured, ...]) -> tuple[Measured, ...]:
    """Measurements without the last bits, which are the machine's own."""
    return tuple(
        replace(row, printed=_steady(row, row.printed), stable=Computed(float(row.truth.mid), 16.0))
        for row in rows
    )


def _steady(row: Measured, form: Computed) -> Computed:
    value = float(f"{float(row.truth.mid):.{max(1, round(form.digits))}g}") if form.digits else 0.0
    return Computed(value, 16.0 if form.digits > 14 else float(round(form.digits)))


@cache
def golden_page(name: str, suffix: str) -> str:
    """The sheet with steady measurements."""
    measured = studies(sheet_of(RULES[name]))
    fixed: tuple[Study, ...] = tuple(replace(study, rows=steady(study.rows)) for study in measured)
    text = FORMATS[suffix](compose_sheet(RULES[name], fixed), None)
    return re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)


@pytest.mark.parametrize("suffix", every([".html", ".tex", ".md"], 3))
@pytest.mark.parametrize("name", every(["sigmoid", "relu"], 2))
def test_a_sheet_is_as_it_was_accepted(name: str, suffix: str, rewrite_golden: bool) -> None:
    """Every change of a page is seen; `--rewrite-golden` writes it, and whoever does so looks at it."""
    golden, text = GOLDEN / f"{name}{suffix}", golden_page(name, suffix)
    if rewrite_golden:
        golden.write_text(text, encoding="utf-8", newline="\n")
        pytest.fail(f"{golden.name} was written anew: look at it before it is accepted")
    assert text == golden.read_text(encoding="utf-8")


# -- plots -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLOTTED)
def test_a_plot_has_finite_points_and_a_name_for_each_curve(name: str) -> None:
    """A hole would be drawn as a line across it."""
    drawn = plot(name)
    assert drawn.label
    assert len(drawn.curves) >= 2
    for curve in drawn.curves:
        points = [point for run in curve.runs for point in run]
        assert len(points) > 50
        assert all(math.isfinite(x) and math.isfinite(y) for x, y in points)
        assert all(drawn.x[0] - 1e-9 <= x <= drawn.x[1] + 1e-9 for x, _ in points)


def test_a_rule_without_numbers_has_no_plot() -> None:
    """An unspecified φ has no graph."""
    assert not sheet("general").plotted


@pytest.mark.parametrize("name", rows(ACTIVATIONS))
def test_the_plotted_slope_is_the_steepness_of_the_plotted_function(name: str) -> None:
    """Seen from the points alone: where the second curve says 0.2 the first one rises by 0.2 a unit."""
    value, slope, *_ = plot(name).curves
    for run, slopes in zip(value.runs, slope.runs, strict=True):
        for k in range(1, len(run) - 2):
            (x1, y1), (x2, y2) = run[k], run[k + 1]
            assert (y2 - y1) / (x2 - x1) == pytest.approx((slopes[k][1] + slopes[k + 1][1]) / 2, abs=0.02)


@pytest.mark.parametrize("name", rows(COSTS))
def test_the_plotted_slope_of_a_cost_is_its_steepness(name: str) -> None:
    """For every target that is drawn, in the middle of the window."""
    drawn = plot(name)
    middle = sum(drawn.x) / 2
    for value, slope in zip(drawn.curves[::2], drawn.curves[1::2], strict=True):
        step = (drawn.x[1] - drawn.x[0]) / 120
        rise = (height(value, middle + step) - height(value, middle - step)) / (2 * step)
        assert rise == pytest.approx(height(slope, middle), rel=0.02, abs=1e-3)


def test_the_sigmoid_is_drawn_between_its_limits() -> None:
    """Through 1/2 at 0, with slope 1/4; dashed lines at 0 and 1, each on its own side."""
    drawn = plot("sigmoid")
    value, slope = drawn.curves
    assert drawn.x == (-6, 6)
    assert (height(value, 0), height(slope, 0)) == pytest.approx((0.5, 0.25), abs=1e-6)
    assert [(level.x, level.height) for level in drawn.limits] == [((-6, 0), 0), ((0, 6), 1)]


def test_a_kink_has_a_filled_dot_where_the_value_is_and_open_ones_where_it_is_not() -> None:
    """relu's slope is 0 at 0 by convention and only tends to 1; step jumps itself."""
    dots = {(dot.at, dot.filled, dot.colour) for dot in plot("relu").dots}
    assert dots == {((0, 0), True, "input"), ((0, 1), False, "cost"), ((0, 0), True, "cost")}
    dots = {(dot.at, dot.filled, dot.colour) for dot in plot("step").dots}
    assert dots == {((0, 1), False, "input"), ((0, 0), True, "input"), ((0, 0), True, "cost")}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLOTTED)
def test_a_drawing_says_in_words_what_it_shows(name: str) -> None:
    """For those who cannot see it."""
    drawn = ElementTree.fromstring(plot_svg(plot(name)))
    assert drawn[0].tag == "title"
    assert drawn[0].text == drawn.attrib["aria-label"] == plot(name).label


@pytest.mark.parametrize("name", PLOTTED)
def test_everything_in_a_latex_picture_is_put_in_its_place(name: str) -> None:
    """What stands between is text: its spaces would move the second curve to the right of the first."""
    _, *lines, _ = plot_latex(plot(name)).split("\n")
    assert all(line.startswith((r"\put(", r"\multiput(")) for line in lines)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-6.0, 6.0, range(-6, 7, 2)), (-0.05, 1.05, [Fraction(k, 5) for k in range(6)]), (0.0, 3e6, None)],
)
def test_ticks_are_few_round_numbers(low, high, expected) -> None:
    """Steps of 1, 2 or 5 times a power of ten."""
    found = list(ticks(low, high))
    assert 3 <= len(found) <= 8
    assert expected is None or found == list(expected)


def test_a_curve_ends_at_the_edge_where_it_leaves_the_axes() -> None:
    """Neither beyond it nor short of it."""
    run = ((0.0, 0.0), (1.0, 2.0), (2.0, 4.0), (3.0, 0.0))
    drawn = Plot("", (0, 3), (-1, 1), plot("relu").across, ())
    assert list(within(drawn, run)) == [((0.0, 0.0), (0.5, 1.0)), ((2.75, 1.0), (3.0, 0.0))]


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rule_can_be_rendered_by_its_name_or_by_its_row(tmp_path: Path) -> None:
    """`render("sigmoid", …)` as on the command line."""
    by_name = render("sigmoid", tmp_path / "name.md").read_text(encoding="utf-8")
    assert by_name == render(ACTIVATIONS["sigmoid"], tmp_path / "row.md").read_text(encoding="utf-8")
    assert by_name.startswith("# The sigmoid activation")


def test_a_file_of_that_name_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody wrote is what they mean."""
    (tmp_path / "sigmoid").write_text(
        'title = "mine"\n[graph]\nsteps = ["J = 3*x"]\noutput = "J"\n[values]\nx = 2\n'
    )
    monkeypatch.chdir(tmp_path)
    assert getattr(subject_of("sigmoid"), "title", "") == "mine"


@pytest.mark.parametrize(
    ("name", "near"), [("sigmod", "sigmoid"), ("mazurr", "mazur"), ("half_squared", "half_squared_error")]
)
def test_a_name_that_is_nearly_right_is_suggested_over_examples_and_rules(name: str, near: str) -> None:
    """Either may be meant."""
    with pytest.raises(StatementError, match=f"no example or rule of that name; did you mean '{near}'"):
        subject_of(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RULES if name != "general"])
def test_a_snippet_repeats_no_default_that_is_no_decimal(name: str) -> None:
    """0.166667 is not 1/6: copied, it would be another rule."""
    page = FORMATS[".md"](compose_sheet(RULES[name], ()), None)
    for parameter, value in RULES[name].settings:
        for stated in re.findall(rf"[{{,] *{parameter.name} = ([^,}}]+)", page):
            assert Fraction(stated) == value
