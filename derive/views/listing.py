"""A derivation as a list: each gradient in one line, in terms of those above it."""

from __future__ import annotations

from itertools import islice

from derive.views.protocols import DerivationLike
from derive.writing.latex import latex
from derive.writing.plain import plain, printable
from derive.writing.tree import equals

MOST_LISTED = 20


def listed(derivation: DerivationLike, width: int) -> str:
    """Each gradient with what it comes to, the first of many; a long one is cut."""
    shown = list(islice(derivation, MOST_LISTED))
    count = len(derivation)
    title = printable(derivation.problem.title)
    head = f"{title}: {count:,} gradient{'' if count == 1 else 's'}".removeprefix(": ")
    left = max((len(gradient.name) for gradient in shown), default=0)
    rows = [f"{gradient.name:<{left}} = {plain(gradient.rhs)}" for gradient in shown]
    more = [f"… and {count - len(shown):,} more"] if count > len(shown) else []
    return "\n".join(_cut(row, width) for row in (head, *rows, *more))


def _cut(row: str, width: int) -> str:
    return row if len(row) <= width else f"{row[: width - 2].rstrip()} …"


def listed_latex(derivation: DerivationLike) -> str:
    """The same as aligned equations."""
    shown = islice(derivation, MOST_LISTED)
    rows = [latex(equals(gradient.named, gradient.rhs)).replace(" = ", " &= ", 1) for gradient in shown]
    more = [r"&\;\;\vdots"] if len(derivation) > MOST_LISTED else []
    return "\\begin{aligned}\n" + " \\\\\n".join((*rows, *more)) + "\n\\end{aligned}"
