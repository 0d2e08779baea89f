"""Beginning a problem file: a commented pattern that is a right problem itself."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from derive.errors import Mistake, StatementError
from reports.placing import create

Kind = Literal["network", "graph"]

SUFFIX = ".toml"


def pattern(kind: Kind) -> str:
    """The text of a pattern: a network, or a graph of assignments."""
    return (files("derive") / "patterns" / f"{kind}{SUFFIX}").read_text(encoding="utf-8")


def begin(path: Path, kind: Kind) -> None:
    """Write a pattern to a new file; what stands there already stays as it is.

    Raises StatementError for a name that cannot be meant, and OSError where the
    file cannot be written.
    """
    if path.suffix.lower() != SUFFIX:
        found = f"the suffix {path.suffix}" if path.suffix else "a name without a suffix"
        fix = f"name it {path.with_suffix(SUFFIX).name}" if path.name else "name a file"
        raise _refused(path, found, f"{SUFFIX}, since a problem is a TOML file", fix)
    try:
        create(path, pattern(kind))
    except FileExistsError:
        found = "this is there already, and was left as it is"
        raise _refused(path, found, "the name of a new file", "choose another name") from None


def _refused(path: Path, found: str, allowed: str, fix: str) -> StatementError:
    return StatementError([Mistake("", found, allowed, fix)], str(path))
