"""Lines of a derivation, and how whatever is made of them shows itself.

A terminal gets Unicode lines of equal width with the rule of each beside it; a
notebook gets LaTeX, with those lines for readers who want text.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal, Protocol

import sympy as sp

from derive.writing.latex import latex
from derive.writing.plain import plain
from derive.writing.tree import Tree, equals

WIDTH = 80
"""Columns of a terminal."""

LEAST_LEFT = 16
"""No left side is so short that the right sides begin before this column, if one is longer."""

Proof = Literal["rule", "identity", "substitution", "sampled", "none"]
"""Why a line holds.

rule          by the rule that it names: the chain rule, the derivative of a sum
identity      SymPy's own derivative, or proved equal to it
substitution  lines above it put into one another, each of which holds
sampled       both sides agree in thirty digits at random points
none          it was not proved
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation: lhs = rhs, because of a named rule; `proof` says what that rests on."""

    lhs: Tree
    rhs: Tree
    because: str
    proof: Proof = "rule"

    @property
    def latex(self) -> str:
        return latex(equals(self.lhs, self.rhs))

    @property
    def proved(self) -> bool:
        """Whether it holds for all numbers, and not only at those that were tried."""
        return self.proof in ("rule", "identity", "substitution")

    def __str__(self) -> str:
        return f"{plain(equals(self.lhs, self.rhs))}    ({self.because})"


class View(Protocol):
    """One way of telling a derivative: as lines, as a SymPy expression, and as one LaTeX formula."""

    @property
    def steps(self) -> Sequence[Line]: ...

    @property
    def expression(self) -> sp.Expr: ...

    @property
    def latex(self) -> str: ...


class Shown(ABC):
    """What shows itself: in a terminal by `text`, in a notebook by `latex`."""

    @property
    @abstractmethod
    def latex(self) -> str:
        """One LaTeX formula, without dollars."""

    @abstractmethod
    def text(self, width: int = WIDTH) -> str:
        """Unicode lines of at most so many columns."""

    def __str__(self) -> str:
        return self.text()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """Text and LaTeX, of which a notebook takes what it can show."""
        shown = {"text/plain": self.text(), "text/latex": self._repr_latex_()}
        return {
            kind: content
            for kind, content in shown.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }


def aligned(lines: Sequence[Line], width: int = WIDTH) -> str:
    """The lines below one another: left sides, right sides and reasons each in their column.

    A left side that repeats the one above it is left out, as on a page.
    """
    lefts = [plain(line.lhs) for line in lines]
    column = min(max(map(len, lefts), default=0), max(LEAST_LEFT, width // 3))
    shown: list[str] = []
    for place, (left, line) in enumerate(zip(lefts, lines, strict=True)):
        repeated = place > 0 and lefts[place - 1] == left
        shown += _laid_out("" if repeated else left, plain(line.rhs), f"({line.because})", column, width)
    return "\n".join(shown)


def _laid_out(left: str, right: str, reason: str, column: int, width: int) -> Iterator[str]:
    """One line of a derivation, on as many lines of text as it takes."""
    if len(left) > column:
        yield from broken(left, width - 2)
        left = ""
    sign, margin = " = ", " " * (column + 3)
    rows = list(broken(right, width - len(margin)))
    rows = [f"{left:<{column}}{sign}{rows[0]}", *(margin + row for row in rows[1:])]
    if len(rows[-1]) + 2 + len(reason) <= width:
        rows[-1] += reason.rjust(width - len(rows[-1]))
    else:
        rows += (part.rjust(width) for part in wrap(reason, width))
    yield from rows


BREAKS = re.compile(r"(?<=.)(?= [=+−] )|(?<=[^ ])(?=·)")
"""Where a formula may go on in the next line: before a sign."""


def broken(text: str, width: int) -> Iterator[str]:
    """The text in pieces of at most `width`, cut at its signs."""
    while len(text) > width:
        places = [match.start() for match in BREAKS.finditer(text, 1, width + 1)]
        late = [place for place in places if place > width // 3] or places or [width]
        # In few brackets rather than in many; at a sum rather than in a product; late rather than early.
        cut = min(late, key=lambda place: (_depth(text[:place]), text[place] == "·", -place))
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


def _depth(text: str) -> int:
    """How many brackets are open at the end."""
    return text.count("(") - text.count(")")
