"""A formula in pieces, for whoever copies it as a whole."""

from __future__ import annotations

from derive.writing.latex import SYMBOLS, latex
from reports.content.page import Chain


def chain_latex(chain: Chain) -> str:
    """All pieces with their signs as one formula."""
    return " ".join(
        f"{SYMBOLS.get(piece.sign, piece.sign)} {latex(piece.body)}".strip() for piece in chain.pieces
    )
