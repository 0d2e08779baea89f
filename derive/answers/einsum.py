"""np.einsum with the subscripts that say a sum or a product of arrays, which is written in its place.

    einsum('i,j->ij', u, v)    outer(u, v)
    einsum('ij,j', W, u)       W @ u
    einsum('ij,ij->', U, V)    sum(U ⊙ V)

The list is closed: what is not on it is refused, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from derive.answers.brackets import partners, split
from derive.answers.lexemes import Lexeme, lexemes_of
from derive.errors import AnswerError

_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "a->": "sum(u)", "a->a": "(u)", "ab->": "sum(u)", "ab->ab": "(u)", "ab->ba": "transpose(u)",
        "ab->a": "np.sum(u, axis=1)", "ab->b": "np.sum(u, axis=0)", "aa->": "trace(u)",
        "a,b->ab": "outer(u, v)", "a,b->ba": "outer(v, u)",
        "a,a->": "inner(u, v)", "a,a->a": "multiply(u, v)",
        "ab,ab->": "sum(multiply(u, v))", "ab,ab->ab": "multiply(u, v)", "ab,ba->": "trace(u @ v)",
        "ab,b->a": "(u @ v)", "ab,a->b": "(transpose(u) @ v)",
        "a,ab->b": "(transpose(v) @ u)", "a,ba->b": "(v @ u)",
        "ab,bc->ac": "(u @ v)", "ab,cb->ac": "(u @ transpose(v))",
        "ab,ac->bc": "(transpose(u) @ v)", "ab,ca->bc": "(transpose(u) @ transpose(v))",
        "ab,bc->ca": "transpose(u @ v)", "ab,cb->ca": "(v @ transpose(u))",
        "ab,ac->cb": "(transpose(v) @ u)", "ab,ca->cb": "(v @ u)",
    }
)  # fmt: skip
"""By its subscripts, whose letters are named in the order in which they come."""


def written_out(lexemes: Sequence[Lexeme]) -> tuple[Lexeme, ...]:
    """The lexemes with each einsum as what it is. Raises AnswerError for subscripts that are not read."""
    found = list(lexemes)
    for at in range(len(found) - 3, -1, -1):
        if found[at].value != "einsum" or found[at + 2].kind != "SUBSCRIPTS":
            continue
        end = partners(found)[at + 1]
        spans = split(found, range(at + 4, end), "COMMA", partners(found))
        operands = [found[span.start : span.stop] for span in spans]
        found[at : end + 1] = _meant(found[at], found[at + 2], operands)
    return tuple(found)


def _meant(name: Lexeme, subscripts: Lexeme, operands: Sequence[Sequence[Lexeme]]) -> list[Lexeme]:
    plain = _plain(re.sub(r"""[\s'"]""", "", subscripts.text))
    meant = _MEANT.get(plain)
    if meant is None or len(operands) != 1 + plain.count(","):
        raise AnswerError(
            f"einsum({subscripts.text.strip()}, …) is not read here; write it with @, outer(u, v), u * v"
            " or sum(…), or as a sum over indices",
            subscripts.column,
        )
    opened = name._replace(kind="OPEN", value="(", text="")
    closed = name._replace(kind="CLOSE", value=")", text="")
    made: list[Lexeme] = []
    for lexeme in lexemes_of(meant):
        if lexeme.text in ("u", "v"):
            made += [opened, *operands["uv".index(lexeme.text)], closed]
        else:
            made.append(lexeme._replace(column=name.column))
    return made


def _plain(text: str) -> str:
    """The subscripts with a, b, c for their letters, and with the result that they may leave out.

    It has the letters that stand once, in the order of the alphabet: 'j,i' is 'j,i->ij'.
    """
    letters = dict.fromkeys(filter(str.isalpha, text))
    if "->" not in text:
        text = f"{text}->{''.join(letter for letter in sorted(letters) if text.count(letter) == 1)}"
    return text.translate({ord(letter): "abcdefgh"[k : k + 1] for k, letter in enumerate(letters)})
