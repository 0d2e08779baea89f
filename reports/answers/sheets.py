"""What an answer file says: {student, answers}, several of these, or a table of students, questions, answers.

    TOML, JSON     student = "Ada"    answers = {"1a" = "…"}
    JSON           a list of these; JSON Lines: one of them a line
    CSV            columns student (may be missing), question, answer

A number may stand where a text is expected, and keeps its digits. What is wrong is collected, with
its place; what is right beside it is judged.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from derive.errors import Mistake, StatementError
from derive.files.csv_sheet import sheet_of
from derive.files.mistakes import Mistakes, described, path, shown
from derive.files.toml import tables_of

A_SHEET = 'an object such as {"student": "Ada", "answers": {"1a": "(a2 - y)*a1"}}'
SAVE_AS_UTF_8 = "save it as UTF-8; a spreadsheet calls that CSV UTF-8"
AN_ANSWER = "a text, or a number"
LONGEST_NAME = 200
"""Characters of a student's name and of a question's id."""

MOST_ANSWERS = 100_000
COLUMNS = ("student", "question", "answer")
A_ROW = 'Ada,1a,"(a2 - y)*a1"'
MOST_SHOWN = 5
"""Keys of an object that are none of a sheet."""


@dataclass(frozen=True)
class Given:
    """An answer that somebody gave; `where` is its place, for messages."""

    student: str | None
    question: str
    text: str
    where: str = ""


@dataclass
class Sheet:
    """The answers of one file, and what of it cannot be used.

    denied  why the system does not let it be opened
    """

    name: str
    answers: list[Given] = field(default_factory=list)
    mistakes: Mistakes = field(default_factory=Mistakes)
    denied: OSError | None = None

    def complain(self) -> None:
        """Raise what is to be said of the file, where something is."""
        if self.denied is not None:
            raise self.denied
        if self.mistakes:
            raise StatementError(self.mistakes, source=self.name)


def sheet(name: str, content: bytes, suffix: str = "") -> Sheet:
    """The answers in a file's bytes; without a suffix that is known, by what they look like."""
    made = Sheet(name)
    try:
        text = _decoded(content)
        READERS[suffix or _kind(text)](made, text)
    except StatementError as error:
        made.mistakes += error.mistakes
    if not made.answers and not made.mistakes:
        made.mistakes.add("", "there are no answers in it", A_SHEET)
    return made


def _decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, as spreadsheets save it."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _mistake(
            f"byte {error.start + 1} is not {encoding.upper().removesuffix('-SIG')}",
            "text in UTF-8",
            SAVE_AS_UTF_8,
        ) from None
    is_turned = encoding == "utf-16" and not any(map(str.isascii, text))
    if is_turned or "\0" in text[:2]:
        raise _mistake("it is in UTF-16, without the right mark for that", "text in UTF-8", SAVE_AS_UTF_8)
    return text


def _kind(text: str) -> str:
    """The suffix of what a text looks like."""
    if text.lstrip()[:1] in ("{", "["):
        return ".json"
    first = text.lstrip().partition("\n")[0]
    if _names_columns(first) and "=" not in first:
        return ".csv"
    if not _TABLE.search(text):
        raise _mistake(
            f"it begins with {shown(first[:LONGEST_NAME])}",
            f"{A_SHEET}, the same as TOML, or a row {','.join(COLUMNS)} with rows under it",
            'one answer is judged as check PROBLEM --question ID "ANSWER"',
        )
    return ".toml"


_TABLE = re.compile(r"^\s*(?:[\w\"'.-]+\s*=|\[)", re.MULTILINE)
"""A line of TOML that gives a key, or begins a table."""


def _names_columns(row: str) -> bool:
    return all(name in row.lower() for name in COLUMNS[1:])


# -- one object, or several ------------------------------------------------------------------------


def _toml(made: Sheet, text: str) -> None:
    _object(made, tables_of(text), "", PurePath(made.name).stem)


def _json(made: Sheet, text: str) -> None:
    """An object, a list of objects, or one a line."""
    try:
        content = _parsed(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[: error.pos].strip()[-1:] == "}":
            _lines(made, text)
            return
        raise _syntax(f"line {error.lineno}, column {error.colno}", error) from None
    if not isinstance(content, list):
        _object(made, content, "", PurePath(made.name).stem)
        return
    for i, one in enumerate(content):
        _object(made, one, path(i), None)


def _lines(made: Sheet, text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            content = _parsed(line)
        except json.JSONDecodeError as error:
            made.mistakes += _syntax(f"line {number}, column {error.colno}", error).mistakes
        except StatementError as error:
            made.mistakes += [_moved(mistake, f"line {number}") for mistake in error.mistakes]
        else:
            _object(made, content, f"line {number}", None)


def _moved(mistake: Mistake, where: str) -> Mistake:
    return Mistake(where, mistake.found, mistake.allowed, mistake.fix)


def _parsed(text: str) -> Any:
    """A JSON value with numbers as they are written. Raises StatementError for a key that is there twice."""
    twice: list[str] = []

    def pairs(items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(key for key, _ in items)
        twice.extend(key for key, count in counts.items() if count > 1)
        return dict(items)

    try:
        content = json.loads(
            text, object_pairs_hook=pairs, parse_float=Written, parse_int=Written, parse_constant=Written
        )
    except RecursionError:
        raise _mistake("brackets nested too deeply", A_SHEET) from None
    if twice:
        raise _mistake(f"the key {shown(twice[0])} stands there twice", fix="give every key once")
    return content


class Written(str):
    """A number as it is written in JSON."""

    __slots__ = ()


def _syntax(where: str, error: json.JSONDecodeError) -> StatementError:
    return StatementError([Mistake(where, f"this is no JSON: {error.msg}", A_SHEET)])


def _object(made: Sheet, content: Any, where: str, student: str | None) -> None:
    """One student's answers; `student` is who it is where the object does not say."""
    if not isinstance(content, Mapping):
        made.mistakes.add(where, _described(content), A_SHEET)
        return
    if content and not content.keys() & {"student", "answers"}:
        keys = ", ".join(map(shown, islice(content, MOST_SHOWN))) + ", …" * (len(content) > MOST_SHOWN)
        made.mistakes.add(where, f"its keys are {keys}", A_SHEET, 'put the answers under "answers"')
        return
    for key in content:
        if key not in ("student", "answers"):
            made.mistakes.add(_within(where, key), "there is no such key", "student and answers")
    name = content.get("student")
    if name is not None:
        student = _text(made, name, _within(where, "student"), "a text")
        if student is None:
            return
    answers = content.get("answers")
    if not isinstance(answers, Mapping):
        found = _described(answers) if "answers" in content else "there are no answers"
        made.mistakes.add(_within(where, "answers"), found, 'a table such as {"1a": "(a2 - y)*a1"}')
        return
    for question, answer in answers.items():
        place = _within(where, "answers", question)
        text = _text(made, answer, place, AN_ANSWER, longest=None)
        if text is not None and _is_short(made, question, place, "a question's id"):
            _add(made, Given(student, question, text, place))


def _within(where: str, *parts: str) -> str:
    inner = path(*parts)
    if not where:
        return inner
    return f"{where}, {inner}" if where.startswith("line") else f"{where}.{inner}"


def _text(
    made: Sheet, value: Any, where: str, allowed: str, longest: int | None = LONGEST_NAME
) -> str | None:
    """A text, or a number as it is written; None and a mistake for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        made.mistakes.add(where, _described(value), allowed, _fix(value))
        return None
    text = str(value)
    if longest is not None and not _is_short(made, text, where, "a name"):
        return None
    return text


def _is_short(made: Sheet, text: str, where: str, what: str) -> bool:
    if len(text) > LONGEST_NAME:
        made.mistakes.add(where, f"{what} of {len(text):,} characters", f"at most {LONGEST_NAME}")
    return len(text) <= LONGEST_NAME


def _fix(value: Any) -> str:
    return 'write a matrix as a text: "[[1, 2], [3, 4]]"' if isinstance(value, list) else ""


def _described(value: Any) -> str:
    return f"the number {shown(value)}" if isinstance(value, Written) else described(value)


def _add(made: Sheet, given: Given) -> None:
    if len(made.answers) == MOST_ANSWERS:
        made.mistakes.add(given.where, f"more than {MOST_ANSWERS:,} answers", fix="take a part of them")
    if len(made.answers) < MOST_ANSWERS:
        made.answers.append(given)


# -- a table ---------------------------------------------------------------------------------------


def _csv(made: Sheet, text: str) -> None:
    first, *rows = text.strip().splitlines()
    if not any(row.strip() for row in rows):
        found = "there are no answers in it" if _names_columns(first) else f"its first row is {shown(first)}"
        raise _mistake(found, f"a row of names, {', '.join(COLUMNS)}, and rows under it")
    table = sheet_of(text, named=True)
    names = tuple(name.lower() for name in table.names)
    missing = [name for name in COLUMNS[1:] if name not in names]
    if missing:
        found = f"there is no column {' and no column '.join(map(shown, missing))}"
        allowed = f"columns named {', '.join(COLUMNS)}, with rows such as {A_ROW}"
        raise _mistake(found, allowed, "name the columns in the first row, and give every answer its own row")
    places = [names.index(name) if name in names else None for name in COLUMNS]
    for row in table.rows:
        student, question, answer = (None if at is None else row.fields[at] for at in places)
        where = f"row {row.number}"
        if not question:
            made.mistakes.add(where, "no question", "the id of a question")
        elif all(_is_short(made, name or "", where, "a name") for name in (student, question)):
            _add(made, Given(student or None, question, answer or "", where))


def _mistake(found: str, allowed: str = "", fix: str = "") -> StatementError:
    return StatementError([Mistake("", found, allowed, fix)])


READERS: Mapping[str, Callable[[Sheet, str], None]] = MappingProxyType(
    {".toml": _toml, ".json": _json, ".jsonl": _lines, ".ndjson": _lines, ".csv": _csv}
)
