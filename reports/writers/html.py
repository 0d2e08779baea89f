"""A report as one HTML file: MathML, inlined fonts and style, nothing from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from derive.writing.plain import printable
from derive.writing.tree import Tree
from reports.content.page import Address, Chain, Line, Link, Marked, Part, Prose, Report, Toned, steps
from reports.drawing.chart import Chart
from reports.drawing.chart_svg import chart_svg
from reports.drawing.diagram import Diagram
from reports.drawing.plot import Plot
from reports.drawing.plot_svg import plot_svg
from reports.drawing.svg import svg
from reports.writers.mathml import math_element
from reports.writers.templating import Written, environment
from reports.writers.whole import chain_latex, line_latex

FACES = (
    ("BP Math", "normal", 400, "stix-two-math.woff2"),
    ("BP Text", "normal", 400, "stix-two-text-regular.woff2"),
    ("BP Text", "italic", 400, "stix-two-text-italic.woff2"),
    ("BP Text", "normal", 600, "stix-two-text-semibold.woff2"),
)

TONES: Mapping[str, str] = MappingProxyType(
    {"cost": "k-cost", "activation": "k-act", "weight": "k-wt", "input": "k-in"}
)


def html(report: Report) -> str:
    """The whole page."""
    made = environment(
        {
            "prose": prose,
            "math": math,
            "svg": drawing,
            "plot": plotted,
            "chart": charted,
            "code": code,
            "steps": steps,
            "pieces": pieces,
            "heading": heading,
            "bare": bare,
        },
        printable,
    )
    template = made.get_template("report.html.j2")
    several = len({derivation.of for derivation in report.derivations}) > 1
    return template.render(report=report, several=several, fonts=_fonts(), css=_css())


@lru_cache(maxsize=1)
def _fonts() -> Written:
    folder = files("reports") / "fonts"
    return Written(
        "".join(
            f"@font-face{{font-family:'{family}';font-style:{style};font-weight:{weight};font-display:block;"
            f"src:url(data:font/woff2;base64,{_base64(folder / name)}) format('woff2')}}\n"
            for family, style, weight, name in FACES
        )
    )


def _base64(file: Traversable) -> str:
    return b64encode(file.read_bytes()).decode()


@lru_cache(maxsize=1)
def _css() -> Written:
    return Written((files("reports") / "templates" / "report.css").read_text(encoding="utf-8"))


def math(tree: Tree) -> Written:
    """A formula as <math>."""
    return Written(math_element(tree))


def pieces(block: Chain) -> Iterator[tuple[str, Written]]:
    """Each sign and formula of a chain; the first one holds the LaTeX of all."""
    for place, piece in enumerate(block.pieces):
        tex = "" if place else chain_latex(block)
        yield piece.sign, Written(math_element(piece.body, tex=tex))


def heading(line: Line) -> Written:
    """What a line of formulas begins with; it holds the LaTeX of all."""
    return Written(math_element(line.lhs, tex=line_latex(line)))


def bare(tree: Tree) -> Written:
    """A formula whose LaTeX another one holds."""
    return Written(math_element(tree, tex=""))


def drawing(diagram: Diagram) -> Written:
    """A diagram as <svg>."""
    return Written(svg(diagram))


def plotted(plot: Plot) -> Written:
    """A plot as <svg>."""
    return Written(plot_svg(plot))


def charted(chart: Chart) -> Written:
    """A chart as <svg>, one for each panel."""
    return Written(chart_svg(chart))


def code(text: str) -> Written:
    """Lines as they are to be typed, which a line's end may not be taken from."""
    return Written("\n".join(map(_text, text.split("\n"))))


def prose(words: Prose) -> Written:
    """Words, numbers, links and formulas in one line."""
    return Written("".join(map(_part, words)))


def _part(part: Part) -> str:
    return math_element(part) if isinstance(part, Tree) else _PARTS[type(part)](part)


def _text(text: str) -> str:
    return escape(printable(text))


def _marked(number: Marked) -> str:
    agreed = f'<span class="ok">{_text(number.agreed)}</span>' if number.agreed else ""
    rest = f'<span class="no">{_text(number.rest)}</span>' if number.rest else ""
    power = f" × 10<sup>{_text(number.power)}</sup>" if number.power else ""
    return f'<span class="num">{agreed}{rest}{power}</span>'


def _link(link: Link) -> str:
    return f'<a href="#{_text(link.target)}">{prose(link.words)}</a>'


def _address(address: Address) -> str:
    return f'<a href="{_text(address.url)}" rel="noopener">{_text(address.url)}</a>'


def _toned(toned: Toned) -> str:
    return f'<span class="{TONES.get(toned.tone, toned.tone)}">{prose(toned.words)}</span>'


_PARTS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {str: _text, Marked: _marked, Link: _link, Address: _address, Toned: _toned}
)
