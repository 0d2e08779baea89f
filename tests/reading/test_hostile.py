"""Any text is read or refused: nothing hangs, nothing fills the memory, nothing but a message comes out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.answers import read_answer
from derive.errors import AnswerError
from tests.reading.problems import problem

HOSTILE = [
    "(" * 10_000 + "a2" + ")" * 10_000,
    "a2+" * 350_000,
    "9**9**9",
    "(((9^99)^9)^9)^9",
    "2^(10^9)",
    "e^(10^9)",
    "1e999999999",
    "0." + "0" * 500 + "1",
    r"\frac{" * 900 + "a",
    r"\sqrt{" * 600 + "x" + "}" * 600,
    r"\sqrt" * 700 + " x",
    "ln " * 1_300 + "x",
    "e^" * 1_900 + "x",
    "-" * 3_999 + "x",
    "a_" * 1_900,
    "a^{" * 190 + "2" + "}" * 190,
    "|" * 3_999,
    "(1 if z1>0 else " * 130 + "0" + ")" * 130,
    r"\begin{bmatrix}" * 100,
    "[" + "1," * 1_900 + "1]",
    "1/" * 1_500 + "2",
    "xy" * 49,
    "d/dw1 " * 600,
    "\\" * 3_999,
    "a2\x00",
    "a2\u200f",
    "\u202ea2",
    "\ud800",
    "import os",
    "__import__('os').system('true')",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:12]!a}… {len(text)}")
def test_a_hostile_text_is_refused_with_a_reason(text):
    """The cost of a text is known before anything is made from it."""
    if text == "xy" * 49:
        assert read_answer(problem("N"), text).readings
        return
    with pytest.raises(AnswerError) as caught:
        read_answer(problem("N"), text)
    assert len(str(caught.value)) < 250


def test_conditions_within_conditions_are_echoed_once_each():
    """An echo that visits a part twice at every level never ends."""
    text = "(1 if z1>0 else " * 40 + "0" + ")" * 40
    assert read_answer(problem("N"), text).latex.count("cases") == 80


PIECES = [
    *"()[]{}+-*/^_=,.|&'@<> ",
    *[
        "a",
        "x",
        "y",
        "w",
        "C",
        "a2",
        "w2",
        "z1",
        "delta",
        "sigma",
        "e",
        "1",
        "2",
        "12",
        "0.5",
        "dC",
        "/dw2",
        "in",
    ],
    *[
        r"\frac",
        r"\sum",
        r"\sigma",
        r"\delta",
        "^{",
        "_{",
        r"\odot",
        "^T",
        ".T",
        r"\partial",
        "if",
        "else",
        "np.",
    ],
    *[
        "sum(",
        "where(",
        "axis=0",
        r"\begin{cases}",
        r"\end{cases}",
        r"\\",
        "δ",
        "²",
        "₁",
        "ᵀ",
        "′",
        "⊙",
        r"\hat",
    ],
    *[
        r"\mathbf",
        "l",
        "k",
        "L-1",
        r"\left(",
        r"\right)",
        "(2)",
        "[2]",
        r"\nabla",
        "∂",
        r"\mathbb 1",
        r"\text{if}",
    ],
    *["||", r"\sqrt", "[3]", "d", "½", "…", "$"],
    *["W2(:,1)", "[:,i]", "einsum('i,j->ij',", "einsum('ij->',", "tr(", r"\|", "_F", " xx ", "so ", " is "],
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=40)


@settings(max_examples=400, deadline=None)
@given(
    TEXTS,
    st.sampled_from(["N", "deep", "fork", "batch", "arrays", "neuron"]),
    st.sampled_from(["expression", "equation"]),
)
def test_any_text_is_read_or_refused(text, where, form):
    """No spelling, however odd, brings out anything but readings with an echo or a message with a place."""
    try:
        found = read_answer(problem(where), text, form=form)
    except AnswerError as error:
        assert str(error)
        assert 0 <= error.column <= len(text) + 1
    else:
        assert all(one.latex for one in found.readings)
