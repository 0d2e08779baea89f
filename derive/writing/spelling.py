"""Names as they are written: `w5` is w₅, `sigma` σ, `yhat` ŷ, `net_o1` net with the index o1.

Names come from users' files; nothing is lost of one that follows no rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from derive.writing.tree import TOTAL, Accent, Call, Ident, Mark, Num, Op, Prime, Row, Script, Tree, walk

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


ACCENTS: tuple[Mark, ...] = ("hat", "bar", "tilde")
"""Words at the end of a letter's name that are written over it: `yhat`, `x_bar`."""

_WORDS = frozenset({"that", "what", "chat"})
"""English words that are no letter with a hat."""


def spell(name: str) -> Tree:
    """A name from a user's file as it is written, by the table of `_letter` and:

    `w5` is w₅, `mu_B` μ with the index B, `net_o1` net with the index o1, `x_hat_1` x̂ with the index 1.

    Digits at the end are a subscript, and so is what follows an underscore; any
    other text is left as it is, for the writers to show harmlessly.
    """
    head, *tail = name.split("_")
    if not head or not all(tail):
        return Ident(name)
    letters, digits = _apart(head)
    if not letters:
        return Num(digits) if not tail else Ident(name)
    mark = next((mark for mark in ACCENTS if tail[:1] == [mark]), None)
    base = _accented(letters, mark) if mark else _letter(letters)
    if base is None:
        base = _letter(letters)
    elif mark:
        tail = tail[1:]
    indices = [Num(digits)] if digits else []
    return indexed(base, _listed(*indices, *(_index(piece) for piece in tail)))


def spell_of(letter: str, name: str) -> Tree:
    """A letter with a name as its index: a with h1, z with o_2; no name is taken for an accent."""
    pieces = name.split("_")
    return indexed(spell(letter), _listed(*map(_index, pieces))) if all(pieces) else Ident(f"{letter}_{name}")


def indexed(base: Tree, index: Tree | None) -> Tree:
    """The letter with an index below, after the one that it has: W_{1,21}; of dW below the W."""
    if index is None:
        return base
    if isinstance(base, Row):
        *before, last = base.items
        return Row((*before, indexed(last, index)))
    if isinstance(base, Script) and base.sub is not None:
        return Script(base.base, Row((base.sub, Op(","), index)))
    return Script(base, index)


def told_apart(names: Iterable[str], arrays: Collection[str] = ()) -> Mapping[str, Tree]:
    """Each name as it is written, no two alike: where two would be, both stand as they are given.

    QK of Q and K is a name of its own, and no Q with the index K; X1 beside an array X is none
    of its entries.
    """
    given = tuple(dict.fromkeys(names))
    written = {name: Ident(name) if _is_of_two(name, given) else spell(name) for name in given}
    whole = {written[name] for name in arrays}
    entries = {name for name, tree in written.items() if _is_entry(tree, whole)}
    written |= {name: Ident(name) for name in entries}
    seen = Counter(written.values())
    while any(count > 1 for count in seen.values()):
        written = {name: Ident(name) if seen[tree] > 1 else tree for name, tree in written.items()}
        seen = Counter(written.values())
    return MappingProxyType(written)


def _is_entry(tree: Tree, arrays: Collection[Tree]) -> bool:
    """Whether it is written as an entry of one of these: with numbers below, and nothing else."""
    *before, last = tree.items if isinstance(tree, Row) else (tree,)
    if not isinstance(last, Script) or last.sub is None:
        return False
    whole = Row((*before, last.base)) if before else last.base
    return whole in arrays and not any(isinstance(part, Ident) for part in walk(last.sub))


def _is_of_two(name: str, given: Collection[str]) -> bool:
    return _TWO_CAPITALS.fullmatch(name) is not None and set(name) <= set(given)


_TWO_CAPITALS = re.compile("[A-Z]{2}")


def _letter(letters: str) -> Tree:
    """Letters as textbooks write them: γ, x̂ of `xhat`, W with the index Q of `WQ`, dW; else the word."""
    if len(letters) == 1 or letters in GREEK:
        return Ident(GREEK.get(letters, letters))
    for mark in ACCENTS:
        bare = letters.removesuffix(mark)
        accented = _accented(bare, mark) if bare != letters and letters not in _WORDS else None
        if accented is not None:
            return accented
    if _TWO_CAPITALS.fullmatch(letters):
        return Script(Ident(letters[0]), Ident(letters[1]))
    if letters[0] == "d":
        of = _letter(letters[1:])
        if of != Ident(letters[1:]) or len(letters) == 2:
            return Row((TOTAL, of))
    return Ident(letters)


def _accented(letters: str, mark: Mark) -> Tree | None:
    """A single letter with a mark over it, also after a d; None for a word."""
    if len(letters) > 1 and letters[0] == "d" and letters not in GREEK:
        of = _accented(letters[1:], mark)
        return Row((TOTAL, of)) if of else None
    if len(letters) != 1 and letters not in GREEK:
        return None
    return Accent(Ident(GREEK.get(letters, letters)), mark)


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
