r"""Letters that an answer defines for itself.

    \delta x_1, \text{ where } \delta = (a - y)a(1 - a)    d = a - y; d*a*(1-a)*x1    let u = a - y; u x_1

A name that the problem does not have is an abbreviation: its formula stands for it wherever it stands.
A definition of anything else says that two things are equal, and is judged as that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.answers.lexemes import CHARACTERS, Lexeme
from derive.answers.vocabulary import Vocabulary
from derive.errors import AnswerError

_BEHIND = frozenset({"where", "with", "wobei", "mit", "avec"})
"""Words behind which definitions stand."""

_BEFORE = frozenset({"let", "Let", "then", "Then", "so", "So"})
"""Words of definitions that stand in front."""

_SAID = re.compile(rf";|\b(?:{'|'.join((*_BEHIND, 'let', 'Let'))})\b|,[^,=]*=(?!=)")
"""What a text with definitions has; most others have nothing of it."""

_STATEMENT = re.compile(r"\s*[^\W\d_][^\s=+*/()<>-]*\s*[-+*/]?=(?!=)")
_MARKS = frozenset({"SUB", "SUP", "RAISED", "LOWERED"})
_CHANGES = ("PLUS", "MINUS", "TIMES", "DIVIDE")

Key = tuple[tuple[str, str], ...]
"""A name with its marks, as it stands in a text."""


@dataclass(frozen=True, eq=False)
class Parted:
    """A text without its definitions; `claims` are those of quantities that the problem has."""

    main: tuple[Lexeme, ...]
    claims: tuple[tuple[Lexeme, ...], ...] = ()


def by_lines(text: str) -> str:
    """The text with ; behind each line, where all lines but the last are assignments."""
    lines = text.rstrip().split("\n")
    is_code = len(lines) > 1 and all(_STATEMENT.match(line) or not line.strip() for line in lines[:-1])
    return ";".join(lines) if is_code and not lines[-1].lstrip().startswith("=") else text


def may_define(text: str) -> bool:
    """Whether a text can have definitions."""
    return _SAID.search(text) is not None


def parted(lexemes: Sequence[Lexeme], is_known: Callable[[Sequence[Lexeme]], bool]) -> Parted:
    """The text with every abbreviation written out; `is_known` of what the problem has.

    Raises AnswerError where a definition is none, and for a text that grows too long.
    """
    found = _split(lexemes)
    if found is None:
        return Parted(tuple(lexemes))
    main, definitions, in_order = found
    change = next((at for at in range(len(main) - 1) if in_order and _changes(main, at)), None)
    variable = None if change is None else _key(main[:change])  # dW2 += reg*W2, and no claim of dW2
    if change is not None:
        main = _changed(main[: change + 1], main[change + 2 :])
    meant: dict[Key, tuple[Lexeme, ...]] = {}
    claims: list[tuple[Lexeme, ...]] = []
    for definition in definitions:
        name, body = _sides(definition)
        key = _key(name)
        changes = name[-1].kind in _CHANGES
        if changes:  # d += u
            body, key = _changed(name, body), key[:-1]
        if key != variable and is_known(name[: len(key)]):
            claims.append(tuple(definition))
        elif key in meant and not in_order:
            raise AnswerError(f"'{_written(name)}' is defined twice", name[0].column)
        elif not any(_stands(key, part, at) for part in (main, *definitions) for at in _beside(part, name)):
            raise AnswerError(f"'{_written(name)}' is defined, and nothing reads it", name[0].column)
        else:
            meant[key] = _put_in(body, meant) if in_order else tuple(body)
    for _ in range(0 if in_order else len(meant)):
        meant = {
            key: _put_in(body, {k: b for k, b in meant.items() if k != key}) for key, body in meant.items()
        }
    return Parted(_put_in(main, meant), tuple(_put_in(claim, meant) for claim in claims))


def _key(name: Sequence[Lexeme]) -> Key:
    return tuple((lexeme.kind, lexeme.value) for lexeme in name)


def _split(
    lexemes: Sequence[Lexeme],
) -> tuple[Sequence[Lexeme], list[Sequence[Lexeme]], bool] | None:
    """The formula, its definitions, and whether these stand before it in the order of a program."""
    cuts = list(_cuts(lexemes))
    parts = [
        (lexemes[place] if place >= 0 else None, lexemes[place + 1 : stop])
        for place, stop in zip((-1, *cuts), (*cuts, len(lexemes)), strict=True)
    ]
    parts = [(sign, part) for sign, part in parts if part]
    behind = next((k for k, (sign, _) in enumerate(parts) if sign is not None and sign.value in _BEHIND), 0)
    if len(parts) < 2:
        return None
    if behind or all(sign is None or sign.kind == "COMMA" for sign, _ in parts):
        whole = parts[0][1]
        return whole[: len(whole) - (whole[-1].kind == "COMMA")], [part for _, part in parts[1:]], False
    *before, (_, main) = parts
    if any("EQUALS" not in [lexeme.kind for lexeme in part] for _, part in before):
        return None
    return main, [part for _, part in before], True


def _beside(part: Sequence[Lexeme], name: Sequence[Lexeme]) -> Iterator[int]:
    """The places of a part but for that where a name is defined."""
    return (at for at, lexeme in enumerate(part) if lexeme is not name[0])


def _cuts(lexemes: Sequence[Lexeme]) -> Iterator[int]:
    """The places of words and signs between definitions."""
    depth, is_behind = 0, False
    for at, lexeme in enumerate(lexemes):
        depth += (lexeme.kind == "OPEN") - (lexeme.kind == "CLOSE")
        if depth:
            continue
        follows = lexemes[at + 1].kind if at + 1 < len(lexemes) else ""
        if lexeme.kind == "WORD" and lexeme.value in _BEHIND | _BEFORE and follows != "OPEN":
            is_behind = is_behind or lexeme.value in _BEHIND
            yield at
        elif lexeme.kind == "STOP" and lexeme.text == ";":
            yield at
        elif lexeme.kind == "COMMA" or (is_behind and (lexeme.kind == "AND" or lexeme.value == "and")):
            is_next = _names(lexemes[at + 1 :])
            yield from (at,) * is_next


def _names(lexemes: Sequence[Lexeme]) -> bool:
    """Whether a name, with marks behind it, and = begin here."""
    end = next((k for k, lexeme in enumerate(lexemes) if lexeme.kind == "EQUALS"), 0)
    depth = 0
    for lexeme in lexemes[1:end]:
        depth += (lexeme.kind == "OPEN") - (lexeme.kind == "CLOSE")
        if not depth and lexeme.kind not in _MARKS | {"CLOSE", "NUMBER", "WORD"}:
            return False
    return end > 0 and lexemes[0].kind == "WORD"


def _sides(definition: Sequence[Lexeme]) -> tuple[Sequence[Lexeme], Sequence[Lexeme]]:
    """What is defined, and as what."""
    places = [at for at, lexeme in enumerate(definition) if lexeme.kind == "EQUALS"]
    if not places or places[0] in (0, len(definition) - 1):
        raise AnswerError(
            f"'{_written(definition)}' defines nothing; a definition is written d = a - y",
            definition[0].column,
        )
    return definition[: places[0]], definition[places[0] + 1 :]


def _changes(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether += or the like stands here."""
    return lexemes[at].kind in _CHANGES and lexemes[at + 1].kind == "EQUALS"


def _changed(name: Sequence[Lexeme], by: Sequence[Lexeme]) -> list[Lexeme]:
    """The value of d behind d += u: d + (u)."""
    return [*name, *_bracketed(by, name[-1], name[-1])]


def _put_in(lexemes: Sequence[Lexeme], meant: Mapping[Key, Sequence[Lexeme]]) -> tuple[Lexeme, ...]:
    """The lexemes with the formula of each abbreviation in its place."""
    found: list[Lexeme] = []
    at = 0
    while at < len(lexemes):
        key = next((key for key in meant if _stands(key, lexemes, at)), None)
        if key is None:
            found.append(lexemes[at])
            at += 1
            continue
        last = lexemes[at + len(key) - 1]
        found += _bracketed(meant[key], lexemes[at], last)
        at += len(key)
        if len(found) > CHARACTERS:
            raise AnswerError(f"written out, the answer has more than {CHARACTERS:,} signs", last.column)
    return tuple(found)


def _stands(key: Key, lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a name stands here, and no longer one."""
    if lexemes[at].value != key[0][1] or lexemes[at].kind != "WORD":
        return False
    end = at + len(key)
    if tuple((lexeme.kind, lexeme.value) for lexeme in lexemes[at:end]) != key:
        return False
    return end == len(lexemes) or lexemes[end].kind not in ("SUB", "LOWERED")


def _bracketed(body: Sequence[Lexeme], first: Lexeme, last: Lexeme) -> list[Lexeme]:
    """A formula in two pairs of brackets, so that it is nobody's argument; they have no width."""
    opened = Lexeme("OPEN", "(", "", first.column)
    closed = Lexeme("CLOSE", ")", "", last.end)
    return [opened, opened, *body, closed, closed]


def _written(lexemes: Sequence[Lexeme]) -> str:
    return "".join(lexeme.text for lexeme in lexemes)[:40]


def without_name(
    lexemes: tuple[Lexeme, ...], words: Vocabulary, is_meant: Callable[[Sequence[Lexeme]], bool]
) -> tuple[Lexeme, ...]:
    """The text without the dW2 = in front, where `is_meant` says of W2 that ∂C/∂W2 is asked for."""
    end = next((at for at, lexeme in enumerate(lexemes) if lexeme.kind == "EQUALS"), 0)
    first = lexemes[0]
    if not end or first.kind != "WORD" or first.value[:1] != "d" or len(first.value) < 2:
        return lexemes
    if first.value in words.problem.own_names:
        return lexemes
    by = first._replace(value=first.value[1:], text=first.text[1:], column=first.column + 1)
    return lexemes[end + 1 :] if is_meant((by, *lexemes[1:end])) else lexemes
