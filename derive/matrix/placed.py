"""An entry in running letters at one place: numbers for its letters, its sums term by term.

    Σ_k w_jk a_k + b_j   at j = 2   is   w_21 a_1 + w_22 a_2 + b_2

So a line that is printed for every j and k at once can be held against what it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from derive.matrix.indexed import SAMPLES, Entries, multiple
from derive.whole_functions import Summed

_PLACES = re.compile(r"\[([^\]]*)\]|@(\w+)")


@dataclass(frozen=True)
class Placed:
    """Puts numbers in the places of letters.

    entries  what the letters' lists of rows and the sizes' letters are read from
    """

    entries: Entries

    def __call__(self, expr: sp.Basic, letters: Mapping[str, int]) -> sp.Expr:
        """The expression at these places, in the keys of the scalar steps."""
        if isinstance(expr, Summed):
            return self._added(expr, letters)
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr.name, letters)
        if not expr.args:
            return expr
        parts = [self(part, letters) for part in expr.args]
        return multiple(*parts) if isinstance(expr, sp.Mul) and len(parts) == 2 else expr.func(*parts)

    def _added(self, whole: Summed, letters: Mapping[str, int]) -> sp.Expr:
        body, letter, *ends = whole.args
        first, last = ends if len(ends) == 2 else (sp.S.One, ends[0])
        places = range(int(self(first, letters)), self._count(last, letters) + 1)
        return sp.Add(*(self(body, {**letters, letter.name: place}) for place in places))

    def _count(self, size: sp.Expr, letters: Mapping[str, int]) -> int:
        """A sum's last place; that over samples ends at n, which elsewhere stays a letter."""
        sizes = self.entries.program.sizes
        return sizes[size.name] if str(size) in sizes else int(self(size, letters))

    def _symbol(self, name: str, letters: Mapping[str, int]) -> sp.Expr:
        if name in letters:
            return sp.Integer(letters[name])
        if name.isdecimal():
            return sp.Integer(name)
        if name in self.entries.program.sizes and name != SAMPLES:
            return sp.Integer(self.entries.program.sizes[name])
        base, bracket, index = name.partition("[")
        if bracket and base in self._listed:
            return sp.Integer(self._listed[base][self._place(index.removesuffix("]"), letters) - 1])
        return sp.Symbol(_PLACES.sub(lambda match: self._put(match, letters), name))

    def _put(self, match: re.Match[str], letters: Mapping[str, int]) -> str:
        listed, sample = match.groups()
        if listed is None:
            return f"@{letters.get(sample, sample)}"
        return f"[{','.join(str(self._place(place, letters)) for place in listed.split(','))}]"

    def _place(self, place: str, letters: Mapping[str, int]) -> int:
        """i+k-1 and s_k as numbers."""
        total = 0
        for sign, part in re.findall(r"([+-]?)(\w+)", place):
            name, _, index = part.partition("_")
            if part.isdecimal():
                value = int(part)
            elif index:
                value = self._listed[name][self._place(index, letters) - 1]
            else:
                value = letters[part]
            total += -value if sign == "-" else value
        return total

    @property
    def _listed(self) -> Mapping[str, tuple[int, ...]]:
        return {letter: places for places, letter in self.entries.lists.items()}
