"""A drawing as SVG: circles, lines and their names, coloured by the page's own style.

Names are formula trees; within a drawing they are set as text with raised and
lowered parts, since SVG has no formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from types import MappingProxyType

from derive.writing.plain import plain, printable
from derive.writing.tree import Accent, Fence, Ident, Num, Op, Row, Script, Text, Tree
from reports.drawing.diagram import LABEL_HEIGHT, RADIUS, Diagram, Heading, Point, Spot, Wire

SHIFT, SMALL = 6, 6.2
"""How far an index is lowered or an exponent raised, and the width of its characters."""

WIDEST = 1.12
"""How far a drawing may be enlarged."""

LONG = 7
"""A number of more characters is set smaller, to stay within its circle."""


Attribute = str | float


def svg(diagram: Diagram) -> str:
    """The drawing as one <svg> element."""
    width, height = diagram.size
    parts = (
        ARROW,
        *map(_heading, diagram.headings),
        *map(_wire, diagram.wires),
        *map(_label, diagram.wires),
        *map(_spot, diagram.spots),
    )
    attributes = {
        "class": "net",
        "role": "group",
        "aria-label": diagram.label,
        "viewBox": f"0 0 {width:g} {height:g}",
        "style": f"max-width:{WIDEST * width:.0f}px",
    }
    return element("svg", *parts, **attributes)


def element(name: str, *children: str, **attributes: Attribute) -> str:
    """<name attributes>children</name>; children are markup, attributes are foreign text."""
    written = "".join(
        f' {key}="{foreign(value if isinstance(value, str) else f"{value:g}")}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(children)}</{name}>"


def foreign(text: str) -> str:
    """Somebody's text as text of XML."""
    return escape(printable(text))


def _words(kind: str, at: Point, content: str) -> str:
    x, y = at
    return element("text", content, x=x, y=y, **{"class": kind})


def _linked(target: str, content: str, **attributes: str) -> str:
    """A link to the section that derives it, where there is one."""
    if not target:
        return element("g", content, **{key: attributes[key] for key in ("class",) if key in attributes})
    return element("a", content, href=f"#{target}", **attributes)


ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 .8 7 4 0 7.2z" fill="context-stroke"/></marker></defs>'
)


def _heading(heading: Heading) -> str:
    x, y = heading.at
    title = _words(heading.kind, (x, y), foreign(heading.words))
    return title + (_words("quiet", (x, y + 22), tspans(heading.formula)) if heading.formula else "")


def _path(points: tuple[Point, ...]) -> str:
    """A straight line; through further points a curve that leaves and enters each level."""
    (x, y), *rest = points
    if len(rest) == 1:
        return f"M{x:g} {y:g}L{rest[0][0]:g} {rest[0][1]:g}"
    curve = f"M{x:g} {y:g}"
    for x2, y2 in rest:
        middle = (x + x2) / 2
        curve += f"C{middle:g} {y:g} {middle:g} {y2:g} {x2:g} {y2:g}"
        x, y = x2, y2
    return curve


def _wire(wire: Wire) -> str:
    path = _path(wire.points)
    line = element("path", **{"class": "line", "marker-end": "url(#arrow)", "d": path})
    hit = element("path", **{"class": "hit", "d": path}) if wire.target else ""
    return _linked(wire.target, hit + line, **{"class": f"wire {wire.kind}", "aria-label": wire.title})


def _label(wire: Wire) -> str:
    """What the line carries; screen readers have it from the line itself."""
    if wire.label is None:
        return ""
    x, y = wire.label_at
    width, height = wire.label_width, LABEL_HEIGHT
    box = element("rect", x=x - width / 2, y=y - height / 2, width=width, height=height, rx=height / 2)
    content = box + _words("carried", (x, y + 5), tspans(wire.label))
    return _linked(wire.target, content, **{"class": "weight", "tabindex": "-1", "aria-hidden": "true"})


def _spot(spot: Spot) -> str:
    x, y = spot.at
    rows = [row for row in (("value", spot.value), ("back", spot.gradient)) if row[1]]
    first = y + 6 if len(rows) == 1 else y - 2
    texts = [
        _words(f"{kind} long" if len(text) > LONG else kind, (x, first + 20 * place), foreign(text))
        for place, (kind, text) in enumerate(rows)
    ]
    # without a value the name has the circle to itself
    name = _words("name", (x, y - RADIUS - 10 if rows else y + 6), tspans(spot.label))
    circle = element("circle", cx=x, cy=y, r=RADIUS)
    note = _words("quiet", (x, y + RADIUS + 20), tspans(spot.note)) if spot.note is not None else ""
    drawn = _linked(spot.target, "".join((circle, *texts, name)), **{"class": f"spot {spot.kind}"})
    return drawn + (_linked(spot.note_target, note) if note else "")


# -- formulas within a drawing ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Characters in one style: slanted or not, at a level above (+) or below (−) the line.

    back  how many small characters to go back first, to stand under what was raised
    """

    text: str
    slanted: bool = False
    level: int = 0
    back: int = 0


def tspans(tree: Tree) -> str:
    """A formula as <tspan> elements; a form that text cannot show falls back to its plain line."""
    spans, at = [], 0
    for glyphs in _glyphs(tree, 0):
        style = " ".join(name for name, on in (("it", glyphs.slanted), ("sb", glyphs.level)) if on)
        # each shift is relative to the one before
        shifts = {"dy": SHIFT * (at - glyphs.level), "dx": -SMALL * glyphs.back}
        attributes: dict[str, Attribute] = {key: shift for key, shift in shifts.items() if shift}
        attributes |= {"class": style} if style else {}
        spans.append(element("tspan", foreign(glyphs.text), **attributes))
        at = glyphs.level
    return "".join(spans)


def _glyphs(tree: Tree, level: int) -> Iterator[Glyphs]:
    rule = _RULES.get(type(tree))
    if rule is None:
        yield Glyphs(plain(tree), level=level)
    else:
        yield from rule(tree, level)


def _row(row: Row, level: int) -> Iterator[Glyphs]:
    for item in row.items:
        yield from _glyphs(item, level)


def _script(script: Script, level: int) -> Iterator[Glyphs]:
    yield from _glyphs(script.base, level)
    raised = tuple(_glyphs(script.sup, level + 1)) if script.sup is not None else ()
    lowered = tuple(_glyphs(script.sub, level - 1)) if script.sub is not None else ()
    widths = [sum(len(glyphs.text) for glyphs in part) for part in (raised, lowered)]
    # the narrower one first, so that what follows stands clear of both
    first, second = (raised, lowered) if widths[0] <= widths[1] else (lowered, raised)
    yield from first
    for place, glyphs in enumerate(second):
        yield replace(glyphs, back=min(widths)) if place == 0 and first else glyphs


def _fence(fence: Fence, level: int) -> Iterator[Glyphs]:
    yield Glyphs(fence.open, level=level)
    yield from _glyphs(fence.body, level)
    yield Glyphs(fence.close, level=level)


def _op(op: Op, level: int) -> Iterator[Glyphs]:
    spaced = op.form == "infix" and op.text in "=+−<>→×"
    yield Glyphs(f" {op.text} " if spaced and level == 0 else op.text, level=level)


_RULES: Mapping[type, Callable[..., Iterator[Glyphs]]] = MappingProxyType(
    {
        Ident: lambda ident, level: iter(
            (Glyphs(ident.text, len(ident.text) == 1 and not ident.upright, level),)
        ),
        Accent: lambda accent, level: iter((Glyphs(plain(accent), slanted=True, level=level),)),
        Num: lambda number, level: iter((Glyphs(plain(number), level=level),)),
        Text: lambda text, level: iter((Glyphs(text.text, level=level),)),
        Op: _op,
        Fence: _fence,
        Row: _row,
        Script: _script,
    }
)
