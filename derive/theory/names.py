"""Names of entries with letters for layers and units: `Wl+1[k,j]`, `dC/dzl[j,1]`, `deltal[j,1]`."""

from __future__ import annotations

import re
from collections.abc import Mapping

import sympy as sp

from derive.matrix.expr import Index
from derive.whole_functions import Summed

ENTRY = re.compile(r"(?P<letter>delta|[A-Za-z])(?P<label>[^\[\]]*)\[(?P<row>\w+),(?P<column>\w+)\]")
"""One entry: a letter, a layer, which may be left open, row and column."""

LABEL = re.compile(r"([lL]?)([+-]?\d+)?")
"""A layer: by its letter with what is added, or by its number."""


def delta(name: str) -> str:
    """The error's own name for the derivative that defines it: `deltal[j,1]` of `dC/dzl[j,1]`."""
    by = name.removeprefix("dC/d")
    return f"delta{by[1:]}" if by != name and by[0] in "zZ" else name


def as_errors(expr: sp.Expr) -> sp.Expr:
    """The same with every derivative by a weighted input called an error."""
    return expr.xreplace({symbol: sp.Symbol(delta(symbol.name)) for symbol in expr.free_symbols})


def renamed(expr: sp.Expr, letters: Mapping[str, Index]) -> sp.Expr:
    """The same with other letters, or numbers, for running indices."""

    def indices(match: re.Match[str]) -> str:
        return f"[{','.join(str(letters.get(index, index)) for index in match[1].split(','))}]"

    names = {symbol: re.sub(r"\[([^\]]*)\]", indices, symbol.name) for symbol in expr.free_symbols}
    return expr.xreplace({symbol: sp.Symbol(name) for symbol, name in names.items()})


def written_out(expr: sp.Expr, sizes: Mapping[str, int]) -> sp.Expr:
    """The same with every sum of symbolic length term by term."""

    def terms(whole: sp.Basic) -> sp.Expr:
        body, letter, size = whole.args
        return sp.Add(*(renamed(body, {letter.name: k}) for k in range(1, sizes[size.name] + 1)))

    return expr.replace(lambda part: isinstance(part, Summed), terms)
