r"""The formula tree as LaTeX, for pdflatex with amsmath, amssymb and xcolor.

\frac{\partial E}{\partial w_{5}} = \underbrace{(o_{1} - t_{1})}_{0.741365} \cdot \ldots

Only commands of the tables below are ever written. A name from a user's file
becomes a letter, \mathrm{word} or escaped text, so it can neither run nor break
anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from derive.writing.plain import mantissa_and_exponent, printable
from derive.writing.spelling import GREEK
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

COLOURS: Mapping[RoleName, tuple[str, str]] = MappingProxyType(
    {
        "cost": ("bpcost", "B83A0B"),
        "activation": ("bpact", "0B6B62"),
        "weight": ("bpwt", "7A2AA8"),
        "input": ("bpin", "1C4FBF"),
    }
)
"""Each role's colour: its name in LaTeX and its value."""

PREAMBLE = "\n".join(
    [
        r"\usepackage{amsmath,amssymb,xcolor}",
        *(rf"\definecolor{{{name}}}{{HTML}}{{{value}}}" for name, value in COLOURS.values()),
    ]
)
"""What a document needs for any formula that is written here."""

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {letter: rf"\{name}" for name, letter in GREEK.items()}
    | {
        # LaTeX's plain names mean the other shapes of these two
        "φ": r"\varphi", "ϕ": r"\phi", "ε": r"\varepsilon", "ϵ": r"\epsilon", "ϑ": r"\vartheta", "ο": "o",
        "∂": r"\partial", "∇": r"\nabla", "ℓ": r"\ell", "∞": r"\infty", "⊤": r"\top", "∑": r"\sum",
        "·": r"\cdot", "×": r"\times", "÷": r"\div", "±": r"\pm", "−": "-", "⊙": r"\odot", "⊗": r"\otimes",
        "∘": r"\circ", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "∈": r"\in",
        "→": r"\to", "←": r"\leftarrow", "↦": r"\mapsto", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow",
        "…": r"\ldots", "⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots",
        "𝟏": r"\mathbf{1}", "ᵀ": r"^{\top}",
    }
)  # fmt: skip
"""Unicode characters that have a command in mathematics."""

# \ln and \operatorname bring their own room
_SPACED: Mapping[str, str] = MappingProxyType({",": ", ", JUXTAPOSED.text: "", THIN.text: ""})

_FUNCTIONS = frozenset({"exp", "ln", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "arg"})

_ESCAPED: Mapping[str, str] = MappingProxyType(
    {character: f"\\{character}" for character in "{}$&#%_"}
    | {
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
        ">": r"\textgreater{}", "|": r"\textbar{}", "`": "{`}", '"': "''",
        "–": r"\textendash{}", "—": r"\textemdash{}", "‘": "`", "’": "'", "“": "``", "”": "''", "\u00a0": "~",
        "ß": r"{\ss}", "æ": r"{\ae}", "Æ": r"{\AE}", "œ": r"{\oe}", "Œ": r"{\OE}", "ø": r"{\o}", "Ø": r"{\O}",
        "ł": r"{\l}", "Ł": r"{\L}", "ı": r"{\i}", "§": r"\S{}", "°": r"$^\circ$", "©": r"\copyright{}",
        "½": r"$\frac{1}{2}$", "¼": r"$\frac{1}{4}$", "ᵀ": r"$^\top$", "√": r"$\surd$",
    }
)  # fmt: skip

_ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=", "\u0306": r"\u",
        "\u0307": r"\.", "\u0308": r"\"", "\u030a": r"\r", "\u030b": r"\H", "\u030c": r"\v", "\u0327": r"\c",
    }
)  # fmt: skip


def escape(text: str) -> str:
    """Somebody's text as text of LaTeX, in a paragraph or within \\text.

    A character that pdflatex cannot set is named, as [U+4E2D], rather than lost.
    """
    characters = "".join(map(_character, printable(text)))
    return re.sub("-(?=-)", "-{}", characters)  # two hyphens would become a dash


def _character(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isascii():
        return character
    if character in SYMBOLS:
        return f"${SYMBOLS[character]}$"
    decomposed = unicodedata.normalize("NFD", character)
    letter, mark = decomposed[0], decomposed[1:]
    if letter.isascii() and letter.isalpha() and mark in _ACCENTS:
        return f"{_ACCENTS[mark]}{{{letter}}}"
    return f"[U+{ord(character):04X}]"


def latex(tree: Tree, colour: bool = False) -> str:
    """The tree as the inside of a formula: no dollar signs, and colours of roles only where asked."""
    return _WRITERS[type(tree)](tree, colour)


def joined(parts: Iterable[str]) -> str:
    """Pieces side by side, with a space where a command would swallow the next letter."""
    line = ""
    for part in parts:
        swallows = re.search(r"\\[A-Za-z]+$", line) and part[:1].isalpha()
        line += f" {part}" if swallows else part
    return line


def _ident(ident: Ident, _: bool) -> str:
    text = ident.text
    if text in SYMBOLS:
        return SYMBOLS[text]
    if ident.upright and text in _FUNCTIONS:
        return rf"\{text}"
    if not (text.isascii() and text.isalnum()):
        return rf"\textrm{{{escape(text)}}}"
    if len(text) == 1:
        return rf"\mathrm{{{text}}}" if ident.upright else text
    return rf"\operatorname{{{text}}}" if ident.upright else rf"\mathrm{{{text}}}"


def _number(number: Num, _: bool) -> str:
    mantissa, exponent = map(escape, mantissa_and_exponent(number))
    return rf"{mantissa} \times 10^{{{exponent}}}" if exponent else mantissa


def _row(row: Row, colour: bool) -> str:
    return joined(
        _SPACED.get(item.text, f" {latex(item)} ")
        if isinstance(item, Op) and item.form == "infix"
        else latex(item, colour)
        for item in row.items
    ).strip()


def _script(script: Script, colour: bool) -> str:
    base = latex(script.base, colour)
    # TeX refuses a second script on a base that has one, and a prime is one
    held = base if isinstance(script.base, Ident | Num | Op | Fence | Call) else f"{{{base}}}"
    sub = f"_{{{latex(script.sub, colour)}}}" if script.sub else ""
    sup = f"^{{{latex(script.sup, colour)}}}" if script.sup else ""
    return f"{held}{sub}{sup}"


_DELIMITERS: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("{", "}"): (r"\{", r"\}"),
        ("|", "|"): (r"\lvert ", r"\rvert"),
        ("‖", "‖"): (r"\lVert ", r"\rVert"),
        ("⟨", "⟩"): (r"\langle ", r"\rangle"),
    }
)


def _fence(fence: Fence, colour: bool) -> str:
    opening, closing = _DELIMITERS.get((fence.open, fence.close), (fence.open, fence.close))
    body = latex(fence.body, colour)
    return rf"\left{opening}{body}\right{closing}" if is_tall(fence.body) else f"{opening}{body}{closing}"


def _prime(prime: Prime, colour: bool) -> str:
    base = latex(prime.base, colour)
    raised = isinstance(prime.base, Script) and prime.base.sup is not None
    held = base if isinstance(prime.base, Ident | Script) and not raised else f"{{{base}}}"
    return held + "'" * prime.count


def _role(role: Role, colour: bool) -> str:
    body = latex(role.body, colour)
    return rf"\textcolor{{{COLOURS[role.role][0]}}}{{{body}}}" if colour else body


def _sum(tree: Sum, colour: bool) -> str:
    below = f"_{{{latex(tree.below, colour)}}}" if tree.below else ""
    above = f"^{{{latex(tree.above, colour)}}}" if tree.above else ""
    return rf"\sum{below}{above} {latex(tree.body, colour)}"


def _cases(cases: Cases, colour: bool) -> str:
    rows = r" \\ ".join(
        rf"{latex(value, colour)} & \text{{if }} {{{latex(condition, colour)}}}"  # braces: -1 after a word
        if condition
        else rf"{latex(value, colour)} & \text{{otherwise}}"
        for value, condition in cases.rows
    )
    return rf"\begin{{cases}} {rows} \end{{cases}}"


def _call(call: Call, colour: bool) -> str:
    opening, closing = (r"\left(", r"\right)") if any(map(is_tall, call.args)) else ("(", ")")
    args = ", ".join(latex(arg, colour) for arg in call.args)
    return f"{latex(call.function, colour)}{opening}{args}{closing}"


def _matrix(matrix: Matrix, colour: bool) -> str:
    rows = r" \\ ".join(" & ".join(latex(entry, colour) for entry in row) for row in matrix.rows)
    columns = "c" * max(map(len, matrix.rows), default=1)  # bmatrix stops at ten
    return rf"\left[\begin{{array}}{{{columns}}} {rows} \end{{array}}\right]"


def _frac(frac: Frac, colour: bool) -> str:
    return rf"\frac{{{latex(frac.over, colour)}}}{{{latex(frac.under, colour)}}}"


def _brace(brace: Brace, colour: bool) -> str:
    return rf"\underbrace{{{latex(brace.body, colour)}}}_{{{latex(brace.label, colour)}}}"


def _under(under: Under, colour: bool) -> str:
    # or the notes of neighbours would run together: 3×2 2×2
    return rf"\underset{{\,{latex(under.note, colour)}\,}}{{{latex(under.body, colour)}}}"


_WRITERS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {
        Ident: _ident,
        Num: _number,
        Op: lambda op, _: r"\mathrm{d}" if op == TOTAL else SYMBOLS.get(op.text, op.text),
        Row: _row,
        Frac: _frac,
        Script: _script,
        Fence: _fence,
        Root: lambda root, colour: rf"\sqrt{{{latex(root.body, colour)}}}",
        Prime: _prime,
        Accent: lambda accent, colour: rf"\{accent.mark}{{{latex(accent.base, colour)}}}",
        Brace: _brace,
        Under: _under,
        Role: _role,
        Sum: _sum,
        Cases: _cases,
        Call: _call,
        Matrix: _matrix,
        Text: lambda text, _: rf"\text{{{escape(text.text)}}}",
    }
)
