"""The formula tree as a line of Unicode text, for terminals and screen readers.

∂E/∂w5 = (o1 − t1)·o1·(1 − o1)·h1
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from derive.writing.tree import (
    JUXTAPOSED,
    THIN,
    Accent,
    Binding,
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
    Root,
    Row,
    Script,
    Sum,
    Text,
    Tree,
    Under,
    binding,
)

PRIMES: Mapping[int, str] = MappingProxyType({1: "′", 2: "″", 3: "‴"})
_RAISED = dict(zip("0123456789+−⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀ", strict=True))
_SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ACCENTS: Mapping[str, str] = MappingProxyType({"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"})
_MARKED = re.compile(r"\^\((\d+), \((\w+)\)\)")
_SPACED: Mapping[str, str] = MappingProxyType(
    {JUXTAPOSED.text: "·", THIN.text: "·", "·": "·", "/": "/", ",": ", "}
)


def printable(text: str) -> str:
    """Somebody's text with every character that has no shape made visible as �.

    Control characters would be obeyed by a terminal, are forbidden in XML, and
    some of them turn the line around.
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def primes(count: int) -> str:
    """′, ″, ‴, then as many ′ as it takes."""
    return PRIMES.get(count, "′" * count)


def mantissa_and_exponent(number: Num) -> tuple[str, str]:
    """`-2.5e-11` is ("-2.5", "-11"); a number without an exponent has ""."""
    mantissa, _, exponent = number.text.partition("e")
    return mantissa, exponent


def plain(tree: Tree) -> str:
    """The tree as text: brackets say what fraction bars and raised letters say on a page."""
    return _WRITERS[type(tree)](tree)


def pasted(tree: Tree) -> str:
    """The same as answers write it: of layer 2 and sample 3 a²@3, where a page has a^(2, (3))."""
    return _MARKED.sub(lambda match: f"{_raised(match[1])}@{match[2]}", plain(tree))


def _number(number: Num) -> str:
    mantissa, exponent = (printable(part).replace("-", "−") for part in mantissa_and_exponent(number))
    return f"{mantissa} × 10{_raised(exponent)}" if exponent else mantissa


def _row(row: Row) -> str:
    return "".join(
        _SPACED.get(item.text, f" {item.text} ")
        if isinstance(item, Op) and item.form == "infix"
        else plain(item)
        for item in row.items
    )


def _raised(exponent: str, *, closed: bool = False) -> str:
    """An exponent, in brackets where it is long and is not `closed` by its own."""
    if exponent and set(exponent) <= _RAISED.keys():
        return "".join(_RAISED[character] for character in exponent)
    return f"^{exponent}" if closed or (exponent.isalnum() and len(exponent) == 1) else f"^({exponent})"


def _script(script: Script) -> str:
    base = plain(script.base)
    sub = plain(script.sub) if script.sub else ""
    sup = _raised(plain(script.sup), closed=isinstance(script.sup, Fence)) if script.sup else ""
    if isinstance(script.sub, Num) and base[-1:].isalpha():
        # a1² would be a power of a1: beside a raised number the index is a lowered one.
        return f"{base}{sub.translate(_SMALL) if sup else sub}{sup}"
    return f"{base}{_lowered(sub)}{sup}"


def _lowered(sub: str) -> str:
    if not sub:
        return ""
    return f"_{sub}" if sub.isalnum() else f"_({sub})"


def _closed(tree: Tree, level: Binding) -> str:
    text = plain(tree)
    return text if binding(tree) >= level else f"({text})"


def _sum(tree: Sum) -> str:
    below = plain(tree.below) if tree.below else ""
    above = plain(tree.above) if tree.above else ""
    limits = f"{below}..{above}" if above else below
    return f"Σ{_lowered(limits)} {plain(tree.body)}"


def _cases(cases: Cases) -> str:
    rows = (
        f"{plain(value)} if {plain(condition)}" if condition else f"{plain(value)} otherwise"
        for value, condition in cases.rows
    )
    return "{" + "; ".join(rows) + "}"


def _call(call: Call) -> str:
    """sigma(z), and sum(D, axis=0) or row(E, 3) with axis and places where they are read."""
    function, args = call.function, list(map(plain, call.args))
    if isinstance(function, Script) and isinstance(function.sub, Text):
        args.append(function.sub.text.replace("axis ", "axis="))
        function = function.base
    return f"{plain(function)}({', '.join(args)})"


def _matrix(matrix: Matrix) -> str:
    return "[" + "; ".join(", ".join(map(plain, row)) for row in matrix.rows) + "]"


_WRITERS: Mapping[type, Callable[..., str]] = MappingProxyType(
    {
        Ident: lambda ident: printable(ident.text),
        Num: _number,
        Op: lambda op: op.text,
        Row: _row,
        Frac: lambda frac: f"{_closed(frac.over, Binding.PRODUCT)}/{_closed(frac.under, Binding.POWER)}",
        Script: _script,
        Fence: lambda fence: f"{fence.open}{plain(fence.body)}{fence.close}",
        Root: lambda root: f"√{_closed(root.body, Binding.ATOM)}",
        Prime: lambda prime: f"{plain(prime.base)}{primes(prime.count)}",
        Accent: lambda accent: f"{plain(accent.base)}{_ACCENTS[accent.mark]}",
        Brace: lambda brace: f"{plain(brace.body)} [{plain(brace.label)}]",
        Under: lambda under: f"{plain(under.body)} [{plain(under.note)}]",
        Role: lambda role: plain(role.body),
        Sum: _sum,
        Cases: _cases,
        Call: _call,
        Matrix: _matrix,
        Text: lambda text: printable(text.text),
    }
)
