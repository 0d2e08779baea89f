"""Random texts that somebody could send as an answer: formulas, broken formulas, and anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from types import MappingProxyType

from tests.answers.rows import Row
from tests.answers.table import ROWS
from tests.reading.test_hostile import PIECES

DEEPEST = 4
MOST_PIECES, MOST_CHANGES, LONGEST_OF_ANYTHING = 14, 3, 60

_OPERAND = re.compile(
    r"\\?[A-Za-zδσ][A-Za-z0-9]*(?:[_^](?:\{[^{}]*\}|[A-Za-z0-9]))*(?:\[[0-9,]+\])?'?|[0-9.]+"
)

UNICODE = ((32, 127), (0xA0, 0x250), (0x300, 0x400), (0x2000, 0x2300), (0x1D400, 0x1D800), (0, 0x110000))
"""Ranges of code points: ASCII, Latin, accents and Greek, signs, letters of mathematics, and all."""

SIGNS = (
    "+",
    "-",
    "*",
    "/",
    " ",
    " - ",
    r" \cdot ",
    r" \odot ",
    "@",
    "**2*",
    "^2 + ",
    " = ",
    "⊙",
    "·",
    ".T @ ",
)
AROUND = (
    "({})", "-{}", "{}^2", "{}^{{-1}}", "{}^T", "{}.T", "sqrt({})", "exp({})", r"\ln({})", "sigma({})",
    "sigma'({})", r"\tanh {}", "sum({})", r"\sum_k {}", "|{}|", "max(0, {})", r"\frac{{1}}{{{}}}", "1/{}",
    r"\frac12 {}", "({})({})", r"\frac{{{}}}{{{}}}", "({} if {} > 0 else {})", "np.where({} > 0, {}, 0)",
    r"\begin{{cases}} {} & {} > 0 \\ 0 & \text{{otherwise}} \end{{cases}}", "d/dw1 ({})", "[{}, {}]", "2e-3{}",
    r"\frac{{d}}{{dx}} {}", r"\mathrm{{diag}}({})", "np.mean({}, axis=0)", "e^{{{}}}", r"\mathbb 1[{} > {}]",
)  # fmt: skip


@cache
def operands(where: str) -> tuple[str, ...]:
    """The quantities and numbers that the table's answers about one problem read."""
    texts = " ".join(f"{row.ask} {row.text}" for row in ROWS if row.where == where)
    return (*sorted(set(_OPERAND.findall(texts))), "0", "1", "2", "1/2", "1e-300", "10^60")


def formula(random: Random, row: Row, depth: int = 0) -> str:
    """A formula of the problem's own words, written in any mixture of notations."""
    if depth == DEEPEST or random.random() < 0.3:
        return random.choice(operands(row.where))
    if random.random() < 0.5:
        count = random.randint(2, 3)
        parts = [formula(random, row, depth + 1) for _ in range(count)]
        return parts[0] + "".join(random.choice(SIGNS) + part for part in parts[1:])
    shape = random.choice(AROUND)
    return shape.format(
        *(formula(random, row, depth + 1) for _ in range(shape.count("{}") + shape.count("{{{}}}")))
    )


def changed(random: Random, row: Row) -> str:
    """An answer of the table with some places of it replaced, doubled or taken away."""
    text = row.text
    for _ in range(random.randint(1, MOST_CHANGES)):
        at = random.randint(0, len(text))
        end = at + random.randint(0, 3)
        put_in = random.choice(
            ("", random.choice(PIECES), random.choice(operands(row.where)), text[at:end] * 2)
        )
        text = text[:at] + put_in + text[end:]
    return text


def pieces(random: Random, _: Row) -> str:
    """Pieces of notation side by side."""
    return "".join(random.choices(PIECES, k=random.randint(1, MOST_PIECES)))


def anything(random: Random, _: Row) -> str:
    """Characters of all kinds, surrogates among them."""
    ranges = random.choices(UNICODE, k=random.randint(1, LONGEST_OF_ANYTHING))
    return "".join(chr(random.randrange(*ends)) for ends in ranges)


MAKERS: Mapping[str, Callable[[Random, Row], str]] = MappingProxyType(
    {"formula": formula, "changed": changed, "pieces": pieces, "anything": anything}
)
SHARES = (35, 35, 20, 10)
"""Of each maker, in a hundred."""


def text(random: Random, row: Row) -> tuple[str, str]:
    """A text, and the name of what made it."""
    (name,) = random.choices(tuple(MAKERS), SHARES)
    return name, MAKERS[name](random, row)
