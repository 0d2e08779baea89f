"""Text of a problem file to raw tables, decimals exact, every complaint in our words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from derive.errors import Mistake, StatementError
from derive.files.exact import MOST_DIGITS, STAND_IN_POWER, TOO_LONG, too_long
from derive.files.mistakes import shown

SYNTAX: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Invalid value": (
            "no value can be read",
            "text stands in quotes, a decimal has a digit before its point: 0.5",
        ),
        "Expected '='": ("a key without '='", "write key = value"),
        "Expected newline": (
            "something follows a finished value",
            "write one key = value a line, and 0.5 for 0,5 or 5.0 for 5.",
        ),
        "Expected ']'": (
            "a table's name without its closing bracket",
            "write [name], or [[name]] for one of several",
        ),
        "Cannot overwrite": (
            "a key that has a value already",
            "give every key once, and each of several tables as [[name]]",
        ),
        "Cannot declare": (
            "a table that is there already",
            "give every table once; [[name]] adds one of several",
        ),
        "Cannot mutate": ("a key for a table that is finished", "write all keys of a table in one place"),
        "Duplicate inline": ("a key that has a value already", "give every key once"),
        "Unclosed array": ("a list without its closing bracket", "add the ], or a comma between two entries"),
        "Unclosed inline": ("a table without its closing brace", "add the }"),
        "Unterminated string": ("text without its closing quote", "add the quote"),
        'Expected "\'"': ("text without its closing quote", "add the quote"),
        "Illegal character '\\n'": ("text without its closing quote on the same line", "add the quote"),
        "Illegal character": ("a character that cannot stand here", "delete it"),
        "Unescaped '\\'": (
            "a backslash between double quotes",
            "use single quotes, where it stands for itself: '\\sigma'",
        ),
        "Invalid statement": (
            "neither a key nor a table",
            "write key = value or [table]; a comment begins with #",
        ),
        "Invalid initial character": ("no key", "keys are made of letters, digits, _ and -"),
    }
)
"""By the beginning of tomllib's complaint: what was found, and how to mend it."""

_PLACE = re.compile(
    r"(?P<complaint>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)
_LONG_NUMBER = re.compile(r"[0-9_]{4000,}")


def tables_of(text: str) -> dict[str, Any]:
    """What a file's text states. Raises StatementError with the line, and the column where one is known."""
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        raise StatementError([_syntax_mistake(str(error), text)]) from None
    except RecursionError:
        lines = text.split("\n")
        deepest = max(range(len(lines)), key=lambda i: len(re.findall(r"[\[{]", lines[i])))
        mistake = Mistake(
            f"line {deepest + 1}", "brackets nested too deep", "at most two levels: [[1, 2], [3, 4]]"
        )
        raise StatementError([mistake]) from None
    except ValueError:
        # Python makes no whole number of more than 4,300 digits.
        long = _LONG_NUMBER.search(text)
        where = f"line {_line(text, long.start())}" if long else ""
        found = too_long(long[0]) if long else TOO_LONG
        raise StatementError([Mistake(where, found, f"at most {MOST_DIGITS} digits")]) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        # Beyond even Decimal's powers of ten: any number that is refused for its size will do.
        return Decimal((0, (1,), STAND_IN_POWER))


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _syntax_mistake(message: str, text: str) -> Mistake:
    read = _PLACE.fullmatch(message)
    complaint, line, column = read.group("complaint", "line", "column") if read else (message, None, None)
    found, fix = next((row for start, row in SYNTAX.items() if complaint.startswith(start)), (complaint, ""))
    if line is None:
        return Mistake(f"line {_line(text, len(text.rstrip()))}, the last", found, fix=fix)
    stands = text.split("\n")[int(line) - 1].strip()
    return Mistake(f"line {line}, column {column}", f"{found}: {shown(stands)}", fix=fix)
