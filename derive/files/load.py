"""Reading a problem: from a file, a bundled example, or a mapping shaped like the file.

The only place of this package that opens files. Whatever is wrong becomes one
StatementError that holds every mistake found.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from derive.errors import Mistake, StatementError, did_you_mean
from derive.files.alone import judge_alone, rest_of
from derive.files.build import build
from derive.files.mistakes import Mistakes, described, is_within, path, shown
from derive.files.outside import written_out
from derive.files.samples import samples_of
from derive.files.schema import File
from derive.files.schema_mistakes import read_tables
from derive.files.toml import tables_of
from derive.problem import Problem
from derive.rules import ACTIVATIONS, COSTS

MOST_BYTES = 16 * 1024 * 1024
A_FILE = "a problem file (TOML)"
A_TABLE = "a CSV file in UTF-8"
LONGEST_LABEL = 200
DEEPEST = 16
"""Tables and lists within each other, of which a problem needs six."""

_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def load_problem(source: str | os.PathLike[str] | Mapping[str, Any]) -> Problem:
    """The problem of a TOML file, of a bundled example (`mazur`), or of a mapping shaped like the file.

    A path that exists wins over an example's name. In a mapping a float or a
    NumPy array stands for its exact binary value; text, Decimal and Fraction
    for the exact decimal, as in a file.

    Raises StatementError with all mistakes that were found.
    """
    if isinstance(source, Mapping):
        return _problem_of(source, "problem", "the mapping", Path())
    if not isinstance(source, str | os.PathLike):
        raise _unread(described(source), "a path, an example's name, or a mapping")
    text = os.fsdecode(source)
    label = text if text.isprintable() and len(text) <= LONGEST_LABEL else shown(text)
    try:
        where = _file_of(text)
        raw = tables_of(_decoded(_bytes_of(where, A_FILE), A_FILE))
        return _problem_of(
            raw, Path(text).stem, label, where.parent if isinstance(where, Path) else _examples()
        )
    except StatementError as error:
        raise StatementError(error.mistakes, label) from None


def is_problem(text: str) -> bool:
    """Whether a file or a bundled example has this name; also where the path is one that cannot be used."""
    try:
        return Path(text).exists() or text in bundled()
    except (OSError, ValueError):
        return True  # `load_problem` says why


def bundled() -> tuple[str, ...]:
    """The names of the bundled examples."""
    names = (entry.name for entry in _examples().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def _examples() -> Traversable:
    return files("derive") / "examples"


def _file_of(text: str) -> Traversable:
    """The file that a path or an example's name means."""
    try:
        if Path(text).exists():
            return Path(text)
    except (OSError, ValueError) as error:
        raise _unread(f"the path cannot be used: {_reason(error)}", A_FILE) from None
    if text in bundled():
        return _examples() / f"{text}.toml"
    found = f"there is no such file, and no example of that name{did_you_mean(text, bundled())}"
    fix = "`backproof examples` lists them"
    if text in ACTIVATIONS or text in COSTS:
        fix = f"{text} is a rule, and `backproof report {text}` writes its sheet"
    raise _unread(found, "a problem file or a bundled example", fix)


def _bytes_of(where: Traversable, allowed: str) -> bytes:
    """A file's content. Raises StatementError for what cannot be opened or has no end."""
    try:
        with where.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unread("there is no such file", allowed) from None
    except IsADirectoryError:
        raise _unread("this is a folder", allowed) from None
    except (OSError, ValueError) as error:
        raise _unread(f"the file cannot be read: {_reason(error)}", allowed) from None
    if len(data) > MOST_BYTES:
        raise _unread(f"more than {MOST_BYTES // 1024**2} MB", allowed)
    return data


def _decoded(data: bytes, allowed: str) -> str:
    """The text of a file's bytes. What is no UTF-8 text is refused in words that say what it is."""
    if data.startswith(_UTF16_MARKS):
        raise _unread("UTF-16 text", "UTF-8 text", "save the file as UTF-8")
    if data.startswith(_UTF8_MARK):
        raise _unread(
            "a byte order mark before the text", "UTF-8 without it", "save the file as UTF-8 without BOM"
        )
    if b"\0" in data:
        raise _unread("not text but binary data", allowed, "if it is text, save it as UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{data[error.start]:02x} is no UTF-8 text"
        raise StatementError([Mistake(f"line {line}", found, fix="save the file as UTF-8")]) from None


@dataclass(frozen=True)
class Folder:
    """The files beside a problem, by the names that it gives them; a name may also lead elsewhere."""

    at: Traversable

    def fetch(self, name: str) -> bytes:
        """A file's bytes. Raises StatementError."""
        return _bytes_of(self.at / name, "a path, from the folder of the problem file")

    def table(self, name: str) -> str:
        """A CSV file's text, without the byte order mark that spreadsheets write."""
        return _decoded(self.fetch(name).removeprefix(_UTF8_MARK), A_TABLE)


def _unread(found: str, allowed: str, fix: str = "") -> StatementError:
    return StatementError([Mistake("", found, allowed, fix)])


def _problem_of(raw: Mapping[str, Any], name: str, label: str, beside: Traversable) -> Problem:
    """The problem that raw tables state, or all of their mistakes.

    beside  the folder from which the paths in it count
    """
    mistakes = Mistakes()
    plain = _plain(raw, (), mistakes)
    if not raw:
        mistakes.add("", "nothing is stated here", "[network] or [graph]", "begin with `backproof new FILE`")
    if mistakes:
        raise StatementError(mistakes, label)
    file, found, lost = read_tables(plain)
    mistakes.extend(found)
    of_form = len(mistakes)
    rest = None if file is None else rest_of(file, lost)
    problem = None if rest is None else _stated(rest, name, Folder(beside), mistakes)
    if mistakes and file is not None:
        judge_alone(file, lost, mistakes)
    mistakes[of_form:] = [
        mistake
        for mistake in mistakes[of_form:]
        if not any(is_within(mistake.where, path(*place)) for place in lost)
    ]
    if mistakes or problem is None:
        raise StatementError(mistakes, label)
    return problem


def _stated(file: File, name: str, folder: Folder, mistakes: Mistakes) -> Problem | None:
    """The problem of a file's tables, with all that they take from other files."""
    if file.network is None:
        return build(file, None, name, mistakes)
    network, samples = written_out(file.network, folder.fetch, mistakes), None
    file = file.model_copy(update={"network": network})
    if file.data is not None:
        widths = len(network.inputs), len(network.layers[-1].units)
        samples = samples_of(file.data, *widths, folder.table, mistakes)
        if samples is None:
            # How many samples there are is not known, so nothing that counts on it is judged.
            file = file.model_copy(update={"training": None, "published": [], "questions": []})
    return build(file, samples, name, mistakes)


def _plain(value: Any, where: tuple[str | int, ...], mistakes: Mistakes) -> Any:
    """Mappings, tuples and arrays as the dicts, lists and numbers that a file would give."""
    if len(where) > DEEPEST:
        mistakes.add(path(*where[:3]), "tables or lists nested too deep", f"at most {DEEPEST} levels")
        return None
    as_list = getattr(value, "tolist", None)
    if as_list is not None:
        value = as_list()
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                mistakes.add(path(*where), f"the key {shown(str(key))}", "keys that are text")
        return {str(key): _plain(item, (*where, str(key)), mistakes) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*where, i), mistakes) for i, item in enumerate(value)]
    return value


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
