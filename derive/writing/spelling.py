"""Names as they are written: `w5` is w₅, `sigma` σ, `net_o1` net with the index o1.

Names come from users' files; nothing is lost of one that follows no rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from derive.writing.tree import Call, Ident, Num, Op, Prime, Row, Script, Tree

_LOWER = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi "
    "pi rho sigma tau upsilon phi chi psi omega"
)
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK: Mapping[str, str] = MappingProxyType(
    dict(zip(_LOWER.split(), "αβγδεζηθικλμνξπρστυφχψω", strict=True))
    | dict(zip(_UPPER.split(), "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
)
"""Greek letters by their English names, which are also their names in LaTeX."""


def unspecified_call(function: str, order: int, args: tuple[Tree, ...]) -> Tree:
    """φ″(z): a function that is only known by its letter, differentiated `order` times."""
    letter = spell(function)
    return Call(Prime(letter, order) if order else letter, args)


def spell(name: str) -> Tree:
    """A name from a user's file as it is written: `w5` is w₅, `sigma` σ, `net_o1` net with the index o1.

    Digits at the end are a subscript, and so is what follows an underscore; any
    other text is left as it is, for the writers to show harmlessly.
    """
    head, *tail = name.split("_")
    if not head or not all(tail):
        return Ident(name)
    letters, digits = _apart(head)
    if not letters:
        return Num(digits) if not tail else Ident(name)
    indices = [Num(digits)] if digits else []
    subscript = _listed(*indices, *(_index(piece) for piece in tail))
    base = Ident(GREEK.get(letters, letters))
    return Script(base, sub=subscript) if subscript else base


def _apart(piece: str) -> tuple[str, str]:
    """A word and the digits at its end."""
    letters = re.sub("[0-9]+$", "", piece)
    return letters, piece[len(letters) :]


def relative(text: str) -> Tree | None:
    """l + 1, a place counted from one that has a letter; None for any other text."""
    match = _RELATIVE.fullmatch(text)
    return Row((Ident(match[1]), Op(match[2].replace("-", "−")), Num(match[3]))) if match else None


_RELATIVE = re.compile("([A-Za-z])([+-])([0-9]+)")


def _index(piece: str) -> Tree:
    """One index of a name: a unit's name such as h1 is upright, a running index such as k is not."""
    counted = relative(piece)
    if counted is not None:
        return counted
    letters, digits = _apart(piece)
    letter = Ident(GREEK.get(letters, letters), upright=bool(digits) and len(letters) == 1)
    if not digits:
        return letter
    return Row((letter, Num(digits))) if letters else Num(digits)


def _listed(*indices: Tree) -> Tree | None:
    """j, k"""
    if not indices:
        return None
    items: list[Tree] = [indices[0]]
    for index in indices[1:]:
        items += [Op(","), index]
    return items[0] if len(items) == 1 else Row(tuple(items))
