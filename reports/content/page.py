"""What a report says, in order, before any format is chosen.

Every page is a template of this one frozen value, so no two formats can
disagree. Prose is a row of parts: words, formulas, numbers with their agreeing
digits marked, links. A template places them and computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Literal

from derive.writing.plain import plain
from derive.writing.tree import Frac, Matrix, Tree
from reports.drawing.chart import Chart
from reports.drawing.diagram import Diagram
from reports.drawing.plot import Plot

Tone = Literal["good", "bad", "open", "soft", "strong", "cost", "activation", "weight", "input"]
"""How a part is set off; a word always says the same, so no colour is the only sign."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A number as text: the leading digits that agree with the exact value, the rest, and a power of ten."""

    agreed: str
    rest: str
    power: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to a section of this page, by its id."""

    target: str
    words: Prose


@dataclass(frozen=True, slots=True)
class Address:
    """A web address that a source gives. The page may link to it and loads nothing from it."""

    url: str


@dataclass(frozen=True, slots=True)
class Toned:
    """Words that are set off."""

    tone: Tone
    words: Prose


Part = str | Tree | Marked | Link | Address | Toned
Prose = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the verdict strip."""

    value: Prose
    label: Prose
    tone: Tone = "strong"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two; `quiet` for captions."""

    words: Prose
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered step within a derivation; 0 leaves the number out.

    folded  whether what it heads, up to the next heading, is long and rests on a screen until it is asked for
    value   what it comes to, to be read while it is folded; None where that is said elsewhere
    """

    number: int
    words: Prose
    folded: bool = False
    value: Tree | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula that is never broken, with the sign before it."""

    sign: str
    body: Tree


@dataclass(frozen=True, slots=True)
class Chain:
    """A formula as pieces between which a line may break; `via` says which route or what is done."""

    pieces: tuple[Piece, ...]
    via: Prose = ()
    kind: Literal["chain", "route", "sum", "product"] = "chain"


LEAST_LISTED = 5
"""With so many sections behind the derivations a page has a table of contents."""

LONG = 44
"""Letters and signs that fit."""

FULL = 100
"""The same across the page."""

WIDE = 74
"""The same of a line of a derivation."""


@dataclass(frozen=True, slots=True)
class Line:
    """lhs = formula = numbers put in = value.

    word   what the quantity is, in a reader's words
    role   the part that it plays in the chain rule, or ""
    """

    lhs: Tree
    formula: Tree | None
    numbers: Tree | None = None
    value: Tree | None = None
    word: Prose = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Formulas below each other; `heads` names the four columns, or two where numbers are free."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    label: str

    @property
    def long(self) -> bool:
        """Whether formula and numbers of some line are too long to stand beside each other in half a page."""
        return any(width > LONG for width in self._widths())

    @property
    def wide(self) -> bool:
        """Whether they are too long for that even in a whole page."""
        return any(width > FULL for width in self._widths())

    def _widths(self) -> Iterator[int]:
        return (_width(line.formula) + _width(line.numbers) for line in self.lines)


def _width(tree: Tree | None) -> int:
    """Letters and signs beside each other: a fraction has its wider side, a matrix its longest row."""
    if tree is None:
        return 0
    if isinstance(tree, Matrix):
        return max(sum(_width(entry) + 2 for entry in row) for row in tree.rows)
    saved = (len(plain(frac)) - max(_width(frac.over), _width(frac.under)) for frac in _fractions(tree))
    return len(plain(tree)) - sum(saved)


def _fractions(part: object) -> Iterator[Frac]:
    """The outermost fractions of a formula."""
    if isinstance(part, Frac):
        yield part
    elif isinstance(part, Tree):
        for child in fields(part):
            yield from _fractions(getattr(part, child.name))
    elif isinstance(part, tuple):
        for item in part:
            yield from _fractions(item)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head, its share of the line on paper, and its side."""

    head: Prose
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of prose; the first cell of each names the row."""

    kind: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Prose, ...], ...]


@dataclass(frozen=True, slots=True)
class Stride:
    """One line of a derivation, `formula`, with its reason and how it was checked.

    lhs  its own left side, where that is not the one of all lines
    """

    formula: Tree
    because: Prose
    check: Prose
    lhs: Tree | None = None


@dataclass(frozen=True, slots=True)
class Strides:
    """lhs = formula = formula = ..., a line each."""

    lhs: Tree
    lines: tuple[Stride, ...]
    label: str

    @property
    def long(self) -> bool:
        """Whether some formula is too long to stand beside its reason and its check."""
        return any(_width(line.formula) > WIDE for line in self.lines)


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot with its caption."""

    plot: Plot
    caption: Prose


@dataclass(frozen=True, slots=True)
class Map:
    """A chart with its caption."""

    chart: Chart
    caption: Prose


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a program or a file, as they are to be typed."""

    language: str
    text: str


Block = Paragraph | Heading | Chain | Lines | Table | Strides | Figure | Map | Code


@dataclass(frozen=True, slots=True)
class Step:
    """A heading and what stands between it and the next one; no heading before the first."""

    heading: Heading | None
    blocks: tuple[Block, ...]


def steps(blocks: tuple[Block, ...]) -> Iterator[Step]:
    """The blocks of a section under their headings."""
    heading: Heading | None = None
    under: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            if heading or under:
                yield Step(heading, tuple(under))
            heading, under = block, []
        else:
            under.append(block)
    yield Step(heading, tuple(under))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    id: str
    heading: Prose
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """The section of one derivative.

    of, by   the derivative's two letters
    value    what it comes to; None where numbers are free
    verdict  what the three witnesses say of it, in a word or two
    group    what it belongs to: a layer, an array; "" where nothing is grouped
    folded   whether a screen shows its result alone until it is asked for
    """

    id: str
    of: Tree
    by: Tree
    derivative: Tree
    value: Tree | None
    blocks: tuple[Block, ...]
    verdict: Prose = ()
    group: Prose = ()
    folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole page.

    kind         what is written: a derivation report, the sheet of a rule
    about        what a window's title says behind the title
    wrong        the published figures that are wrong; None where there are none
    derivations  of each parameter, or of as many as are shown in full
    aside        what the derivations are of, where not all are shown, and what their signs mean
    sections     all that follows, in order
    """

    title: str
    lede: Prose
    facts: tuple[Fact, ...]
    wrong: Section | None
    diagram: Diagram | None
    diagram_caption: Prose
    derivations: tuple[Derivation, ...]
    aside: Prose
    sections: tuple[Section, ...]
    kind: str = "derivation report"
    about: str = "every gradient, derived and checked"

    @property
    def roles(self) -> frozenset[str]:
        """The parts that factors of the derivations play in the chain rule."""
        blocks = (block for derivation in self.derivations for block in derivation.blocks)
        return frozenset(line.role for block in blocks if isinstance(block, Lines) for line in block.lines)

    @property
    def groups(self) -> tuple[tuple[Prose, tuple[Derivation, ...]], ...]:
        """The derivations by what they belong to, in order."""
        runs = groupby(self.derivations, key=lambda derivation: derivation.group)
        return tuple((group, tuple(derivations)) for group, derivations in runs)

    @property
    def contents(self) -> tuple[Section, ...]:
        """The sections that a table of contents leads to; none on a short page, which is seen at a glance."""
        return () if self.is_sheet or len(self.sections) < LEAST_LISTED else self.sections

    @property
    def is_halved(self) -> bool:
        """Whether the derivations stand beside the drawing."""
        return bool(self.derivations) and self.diagram is not None and not self.diagram.wide

    @property
    def plotted(self) -> bool:
        """Whether a plot or a chart stands in some section."""
        return any(isinstance(block, Figure | Map) for section in self.sections for block in section.blocks)

    @property
    def is_sheet(self) -> bool:
        """Whether it is about a rule alone: nothing is drawn or derived beside its sections."""
        return self.plotted and self.diagram is None and not self.derivations
