"""The formula tree as MathML Core, which browsers set without any script.

Every writer below returns exactly one element, so an <mfrac> always has its two
children and an <msubsup> its three: a browser does not complain of a missing
or a surplus one, it puts the label beside the fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from types import MappingProxyType

from derive.writing.latex import latex
from derive.writing.plain import mantissa_and_exponent, plain, primes, printable
from derive.writing.tree import (
    JUXTAPOSED,
    THIN,
    TOTAL,
    Accent,
    Brace,
    Call,
    Cases,
    Fence,
    Frac,
    Ident,
    Matrix,
    Num,
    Op,
    Prime,
    Role,
    RoleName,
    Root,
    Row,
    Script,
    Sum,
    Text,
    Tree,
    Under,
    is_tall,
)

ROLE_CLASSES: Mapping[RoleName, str] = MappingProxyType(
    {"cost": "k-cost", "activation": "k-act", "weight": "k-wt", "input": "k-in"}
)

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        JUXTAPOSED.text: "<mo>\u2062</mo>",
        THIN.text: '<mspace width="0.167em"/>',
        # Unlike ∂ a d is in no browser's dictionary of operators, and as one would get an operator's room.
        TOTAL.text: "<mtext>d</mtext>",
    }
)
_APPLY = "<mo>\u2061</mo>"
_LEFT = ' style="text-align:left"'
_STRUT = '<mspace depth="1.15em"/>'


def mathml(tree: Tree, display: bool = False) -> str:
    """The tree as one element, to stand within <math>; `display` sets fractions and sums large."""
    element = _WRITERS[type(tree)](tree)
    return f'<mstyle displaystyle="true">{element}</mstyle>' if display else element


def math_element(tree: Tree, display: bool = False, tex: str | None = None) -> str:
    """<math> with the same formula as LaTeX beside it, for whoever copies it.

    HTML knows the element without its namespace, and what reads as its LaTeX, such as a
    number, needs no second copy: a page holds so many of both that they were a third of it.

    tex  the LaTeX where it is not that of the tree alone; "" where another formula holds it
    """
    block = ' display="block"' if display else ""
    body = mathml(tree)
    tex = latex(tree) if tex is None else tex
    if tex and tex != plain(tree):
        note = f'<annotation encoding="application/x-tex">{_text(tex)}</annotation>'
        body = f"<semantics>{body}{note}</semantics>"
    return f"<math{block}>{body}</math>"


def _text(text: str) -> str:
    return escape(printable(text), quote=False)


def _element(tag: str, *children: Tree | None) -> str:
    return f"<{tag}>{''.join(mathml(child) for child in children if child)}</{tag}>"


def _row(*elements: str) -> str:
    return f"<mrow>{''.join(elements)}</mrow>"


def _ident(ident: Ident) -> str:
    variant = ' mathvariant="normal"' if ident.upright and len(ident.text) == 1 else ""
    return f"<mi{variant}>{_text(ident.text)}</mi>"


def _signed(digits: str) -> str:
    size = f"<mn>{_text(digits.removeprefix('-'))}</mn>"
    return _row("<mo>−</mo>", size) if digits.startswith("-") else size


def _number(number: Num) -> str:
    mantissa, exponent = mantissa_and_exponent(number)
    if not exponent:
        return _signed(mantissa)
    return _row(_signed(mantissa), "<mo>×</mo>", f"<msup><mn>10</mn>{_signed(exponent)}</msup>")


def _op(op: Op, first: bool = False) -> str:
    """The sign; one before what it works on says so, unless it stands `first` in its row and is known."""
    form = ' form="prefix"' if op.form == "prefix" and not first else ""
    return _SIGNS.get(op.text) or f"<mo{form}>{_text(op.text)}</mo>"


def _items(row: Row) -> str:
    first, *rest = row.items
    opening = _op(first, first=bool(rest)) if isinstance(first, Op) else mathml(first)
    return _row(opening, *map(mathml, rest))


_SCRIPTS: Mapping[tuple[bool, bool], str] = MappingProxyType(
    {(True, True): "msubsup", (True, False): "msub", (False, True): "msup", (False, False): "mrow"}
)


def _script(script: Script) -> str:
    tag = _SCRIPTS[script.sub is not None, script.sup is not None]
    return _element(tag, script.base, script.sub, script.sup)


def _fenced(opening: str, body: str, closing: str, tall: bool) -> str:
    stretchy = "" if tall else ' stretchy="false"'
    # standing first and last in their row they are known as opening and closing
    return _row(f"<mo{stretchy}>{_text(opening)}</mo>", body, f"<mo{stretchy}>{_text(closing)}</mo>")


def _prime(prime: Prime) -> str:
    # never inside <msup>, where fonts raise a sign that is raised already
    return _row(mathml(prime.base), f'<mo form="postfix">{primes(prime.count)}</mo>')


def _brace(brace: Brace) -> str:
    # the strut keeps all braces of a line at one height, however far an index hangs down
    under = f"<munder><mrow>{mathml(brace.body)}{_STRUT}</mrow><mo>⏟</mo></munder>"
    return f"<munder>{under}{mathml(brace.label)}</munder>"


_LIMITS: Mapping[tuple[bool, bool], str] = MappingProxyType(
    {(True, True): "munderover", (True, False): "munder", (False, True): "mover", (False, False): "mrow"}
)


def _sum(tree: Sum) -> str:
    tag = _LIMITS[tree.below is not None, tree.above is not None]
    return _row(_element(tag, Op("∑", "prefix"), tree.below, tree.above), mathml(tree.body))


_ACCENTS: Mapping[str, str] = MappingProxyType({"hat": "^", "bar": "¯", "tilde": "~"})


def _table(rows: list[list[str]], attribute: str = "") -> str:
    cells = ("".join(f"<mtd{attribute}>{cell}</mtd>" for cell in row) for row in rows)
    return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in cells)}</mtable>"


def _cases(cases: Cases) -> str:
    rows = [
        [mathml(value), mathml(Row((Text("if "), condition)) if condition else Text("otherwise"))]
        for value, condition in cases.rows
    ]
    return _row("<mo>{</mo>", _table(rows, _LEFT))


def _call(call: Call) -> str:
    args = "<mo>,</mo>".join(map(mathml, call.args))
    body = args if len(call.args) == 1 else _row(args)
    return _row(mathml(call.function), _APPLY, _fenced("(", body, ")", any(map(is_tall, call.args))))


def _matrix(matrix: Matrix) -> str:
    return _fenced("[", _table([list(map(mathml, row)) for row in matrix.rows]), "]", tall=True)


def _words(text: Text) -> str:
    # plain spaces at the edge of <mtext> are dropped
    return f"<mtext>{_text(text.text).replace(' ', '&#xA0;')}</mtext>"


_WRITERS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {
        Ident: _ident,
        Num: _number,
        Op: _op,
        Row: _items,
        Frac: lambda frac: _element("mfrac", frac.over, frac.under),
        Script: _script,
        Fence: lambda fence: _fenced(fence.open, mathml(fence.body), fence.close, is_tall(fence.body)),
        Root: lambda root: _element("msqrt", root.body),
        Prime: _prime,
        Accent: lambda accent: (
            f'<mover accent="true">{mathml(accent.base)}<mo>{_ACCENTS[accent.mark]}</mo></mover>'
        ),
        Brace: _brace,
        Under: lambda under: f"<munder>{mathml(under.body)}{mathml(under.note)}</munder>",
        Role: lambda role: f'<mrow class="{ROLE_CLASSES[role.role]}">{mathml(role.body)}</mrow>',
        Sum: _sum,
        Cases: _cases,
        Call: _call,
        Matrix: _matrix,
        Text: _words,
    }
)
