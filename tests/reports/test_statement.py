"""What a problem supposes stands on its page, and where it was verified in the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from derive import load_problem
from derive.writing.plain import plain
from numeric import verify
from reports.content.compose import compose
from reports.content.page import Part
from reports.content.statement import supposed
from reports.terminal import Terminal

ANY = {"graph": {"steps": ["J = phi(w*x)"], "output": "J", "functions": ["phi"], "assume": ["w + x = 1"]}}
COIN = {
    "graph": {"steps": ["H = -p*log(p) - q*log(q)"], "output": "H", "assume": ["p + q = 1"]},
    "values": {"p": "0.3"},
}


def said(parts: tuple[Part, ...]) -> str:
    """The words of a sentence, with its formulas."""
    return "".join(part if isinstance(part, str) else plain(part) for part in parts)


def shown(problem: dict[str, object], width: int = 80) -> str:
    screen = StringIO()
    Terminal(Console(file=screen, width=width)).evidence(verify(load_problem(problem)))
    return screen.getvalue()


def test_the_page_names_functions_that_are_not_specified() -> None:
    """Otherwise φ looks like a function that the reader should know."""
    words = said(supposed(load_problem(ANY)))
    assert "Here φ is an unspecified differentiable function: what is derived holds for any." in words


def test_the_page_lists_assumptions_with_the_values_that_follow() -> None:
    """And says that the derivatives do not follow them: dH/dq moves q alone."""
    words = said(supposed(load_problem(COIN)))
    assert "Assumed of the given values: p + q = 1 (so q = 0.7)." in words
    assert "each moves one value and holds the others" in words


def test_an_assumption_of_free_values_has_no_value_that_follows() -> None:
    """Nothing is known but the equation."""
    assert "Assumed of the given values: w + x = 1." in said(supposed(load_problem(ANY)))


def test_the_statement_stands_at_the_head_of_the_page() -> None:
    """Before any derivation."""
    problem = load_problem(COIN)
    lede = compose(problem, verify(problem)).lede
    assert said(supposed(problem)).strip() in said(tuple(part for part in lede))


def test_a_problem_that_supposes_nothing_says_nothing() -> None:
    """Most are so."""
    assert supposed(load_problem("mazur")) == supposed(load_problem("seed004-cosine-graph")) == ()


def test_the_terminal_tells_the_points_and_the_functions() -> None:
    """A verdict can be repeated by hand: phi, then the numbers that were drawn."""
    lines = shown(ANY).splitlines()
    assert "  at 3 random points, tanh, softplus and a cubic standing in turn for phi" in lines
    points = [line for line in lines if line.startswith("  point ")]
    assert [point.partition(",")[0] for point in points][:2] == [
        "  point 1: phi(z) = tanh(z)",
        "  point 2: phi(z) = ln(1 + e^z)",
    ]
    assert "w = " in points[0]
    assert "x = " in points[0]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_points_fit_the_terminal(width: int) -> None:
    """They are wrapped, not cut."""
    assert max(map(len, shown(ANY, width).splitlines())) <= width


def test_a_problem_with_all_its_numbers_has_no_points() -> None:
    """There is nothing to repeat."""
    assert "point 1" not in shown(COIN)
