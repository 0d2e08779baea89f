r"""The slope of a function at a point, as \left.\frac{d\sigma}{dz}\right|_{z=z_2} has it: \sigma'(z_2)."""

from __future__ import annotations

from collections.abc import Sequence

from derive.answers.brackets import partners
from derive.answers.lexemes import Lexeme

FUNCTIONS = frozenset({"sigma", "phi", "varphi", "f", "g", "sigmoid", "tanh"})
"""What is differentiated; da/dz at a point is a quantity."""

_LENGTH = 12
r"""Of \frac{d\sigma}{dz}|_{, where the d of dz may stand apart."""


def at_points(lexemes: Sequence[Lexeme]) -> tuple[Lexeme, ...]:
    """The lexemes with each dσ/dz|_{z=u} as σ'(u)."""
    if "FRAC" not in {lexeme.kind for lexeme in lexemes}:
        return tuple(lexemes)
    found = list(lexemes)
    for at in range(len(found) - 1, -1, -1):
        begun = _begun(found[at : at + _LENGTH]) if found[at].kind == "FRAC" else None
        if begun is None:
            continue
        name, opener = begun[0], at + begun[1]
        closer = partners(found)[opener]
        is_named = [lexeme.kind for lexeme in found[opener + 1 : opener + 3]] == ["WORD", "EQUALS"]
        inner = found[opener + (3 if is_named else 1) : closer]
        prime = Lexeme("PRIMES", "'", "'", name.end)
        brackets = found[opener]._replace(value="("), found[closer]._replace(value=")")
        found[at : closer + 1] = [name, prime, brackets[0], *inner, brackets[1]]
    return tuple(found)


def _begun(lexemes: Sequence[Lexeme]) -> tuple[Lexeme, int] | None:
    r"""Of \frac{d\sigma}{dz}|_{ the function, and how far on its last brace stands."""
    signs = ["d" if lexeme.kind == "PARTIAL" else lexeme.value or lexeme.kind for lexeme in lexemes]
    for below in (1, 2):
        end = 6 + below
        is_slope = signs[:3] == ["FRAC", "{", "d"] and signs[4:6] == ["}", "{"]
        is_at = [lexeme.kind for lexeme in lexemes[end + 1 : end + 3]] == ["BAR", "SUB"]
        if is_slope and signs[end : end + 1] == ["}"] and is_at and signs[end + 3 : end + 4] == ["{"]:
            return (lexemes[3], end + 3) if signs[3] in FUNCTIONS and signs[6][:1] == "d" else None
    return None
