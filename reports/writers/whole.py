"""A formula whose parts stand apart on a page, as one line of LaTeX for whoever copies it."""

from __future__ import annotations

from derive.writing.latex import SYMBOLS, latex
from reports.content.page import Chain, Line


def chain_latex(chain: Chain) -> str:
    """All pieces with their signs as one formula."""
    return " ".join(
        f"{SYMBOLS.get(piece.sign, piece.sign)} {latex(piece.body)}".strip() for piece in chain.pieces
    )


def line_latex(line: Line) -> str:
    """lhs = formula = numbers = value; a number that is put in for a letter alone is said once."""
    trees = (line.lhs, line.formula, line.numbers, line.value)
    return " = ".join(dict.fromkeys(latex(tree) for tree in trees if tree is not None))
