"""What a person reads: nothing cut, nothing obeyed, the verdict first."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from rich.console import Console

from derive import Problem, bundled, load_problem
from numeric import Evidence, check, verify
from reports.terminal import MARKS, Terminal
from tests.examples import ALL, evidence_of

WIDTHS = [30, 60, 80, 140]
HOSTILE = "a\x1b[31mb\x07\u202ecd\u2066 [red]e[/red] :smile:"


def shown(evidence: Evidence, width: int = 80, *, colour: bool = False) -> str:
    """What a terminal of that width shows."""
    screen = StringIO()
    Terminal(_console(screen, width, colour=colour)).evidence(evidence)
    return screen.getvalue()


def listed(problems: list[Problem], width: int) -> str:
    """What `examples` shows there."""
    screen = StringIO()
    Terminal(_console(screen, width)).examples(problems)
    return screen.getvalue()


def _console(screen: StringIO, width: int, *, colour: bool = False) -> Console:
    return Console(
        file=screen,
        width=width,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", ALL)
def test_every_line_fits_the_terminal(name: str, width: int) -> None:
    """A line that wraps by itself takes the table's columns apart."""
    assert max(map(len, shown(evidence_of(name), width).splitlines())) <= width


@pytest.mark.parametrize("name", ALL)
def test_no_name_is_ever_cut(name: str) -> None:
    """A gradient whose name ends in … is no gradient's, however narrow the terminal."""
    evidence = evidence_of(name)
    for width in WIDTHS:
        text = shown(evidence, width)
        assert "…" not in text
        assert [row.name for row in evidence if row.name not in text] == []
        told = "".join(text.split())
        figures = {"".join(judgement.figure.text.split()) for judgement in evidence.published}
        assert [figure for figure in figures if figure not in told] == []


def test_the_verdict_comes_first() -> None:
    """Title, gradients, published figures: the answer stands before its evidence."""
    _, gradients, figures, *_ = shown(evidence_of("mazur")).splitlines()
    assert gradients == "✓ 10 of 10 gradients agree"
    assert figures == "✗ published figures: 26 right, 1 rounding, 4 wrong"


def test_a_forward_pass_says_that_nothing_is_differentiated() -> None:
    """No gradients is not the same as gradients that agree."""
    assert "forward pass only" in shown(evidence_of("csdi-forward-2-3-2-1"))


def test_a_slip_is_explained_once_over_all_its_figures() -> None:
    """Three figures of mazur come from one slip."""
    text = shown(evidence_of("mazur"))
    assert text.count("hidden step with already-updated weights") == 1
    assert "3 wrong: hidden step" in text


def test_what_is_wrong_comes_before_what_is_right() -> None:
    """The first thing after the table is what needs attention."""
    text = shown(evidence_of("mazur"))
    assert text.index("✗ 3 wrong") < text.index("≈ 1 rounding") < text.index("✓ 26 right")


def test_a_wrong_figure_stands_beside_the_true_value_in_the_same_notation() -> None:
    """0.0000351085 beside 3.51e-5 would be hard to compare."""
    assert "printed 0.0000351085  true 0.000035101878" in shown(evidence_of("mazur"))


def test_a_further_line_of_a_paragraph_begins_under_its_first_word() -> None:
    """So the signs stand alone in their column."""
    lines = shown(evidence_of("mazur")).splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("✗ 3 wrong"))
    assert lines[place + 1].startswith("  taken with")


def test_no_line_ends_in_blanks() -> None:
    """A result is often pasted into a message."""
    assert all(line == line.rstrip() for line in shown(evidence_of("mazur")).splitlines())


def test_a_note_stands_once_with_the_gradients_that_it_is_about() -> None:
    """A kink in reach of many gradients is one fact."""
    steps = ["r = relu(x)", "y = r*s*t"]
    problem = load_problem({"graph": {"steps": steps, "output": "y"}, "values": {"x": 0, "s": 1, "t": 2}})
    evidence = verify(problem)
    noted = [row for row in evidence if row.note]
    assert noted
    for note in {row.note for row in noted}:
        assert " ".join(shown(evidence).split()).count(note) == 1


def test_a_stream_of_ascii_gets_plain_signs() -> None:
    """A replaced ✓ or ✗ would read "?", which is the sign of what is undecided."""
    stream = TextIOWrapper(BytesIO(), encoding="ascii", errors="replace")
    Terminal(Console(file=stream, width=80)).evidence(evidence_of("mazur"))
    stream.seek(0)
    lines = stream.read().splitlines()
    assert any(line.startswith("ok 10 of 10 gradients agree") for line in lines)
    assert any(line.startswith("x published figures") for line in lines)
    assert not any(line.startswith("? ") for line in lines)


@pytest.mark.parametrize("verdict", MARKS)
def test_every_verdict_has_a_sign_besides_its_colour(verdict: str) -> None:
    """Colour alone is lost in a file, and on many people."""
    sign, colour = MARKS[verdict]
    assert sign
    assert colour


def test_hostile_titles_are_text(tmp_path: Path) -> None:
    """A title commands neither the terminal nor rich, and does not turn the line around."""
    problem = load_problem(
        {"title": HOSTILE, "graph": {"steps": ["y = x^2"], "output": "y"}, "values": {"x": 3}}
    )
    for text in (shown(verify(problem)), listed([problem], 80)):
        assert "[red]e[/red] :smile:" in text
        assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set(text)


def test_a_hostile_file_name_is_text(tmp_path: Path) -> None:
    """Without a title the file's name stands in its place."""
    path = tmp_path / "a\x1b[2J[bold]b.toml"
    path.write_text('[graph]\nsteps = ["y = x^2"]\noutput = "y"\n[values]\nx = 3\n')
    text = shown(verify(load_problem(path)))
    assert "\x1b" not in text
    assert "[2J[bold]b" in text


def test_colours_are_used_where_there_is_a_terminal() -> None:
    """Red for wrong, as everywhere."""
    assert "\x1b[1;31m✗" in shown(evidence_of("mazur"), colour=True)


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    """Every bundled one."""
    return [load_problem(name) for name in bundled()]


@pytest.mark.parametrize("width", WIDTHS)
def test_examples_are_listed_with_whole_names_and_titles(problems: list[Problem], width: int) -> None:
    """What is listed can be typed."""
    text = listed(problems, width)
    words = text.split()
    for problem in problems:
        assert problem.name in words
        assert "".join(problem.title.split()) in "".join(words)
    assert max(map(len, text.splitlines())) <= width


def test_a_wrong_gradient_is_shown_with_its_true_value() -> None:
    """--gradients says what is off and by how much."""
    screen = StringIO()
    Terminal(_console(screen, 80)).checked(check({"df/dx": 3}, load_problem("cs231n-mul")))
    text = screen.getvalue()
    assert text.startswith("✗ --gradients: 1 of 1 gradient entries do not agree")
    assert "true -3" in text
