"""Putting a text in its place: whole or not at all.

A text is written beside its place under a name of its own and moved there when
it is whole, so a final name never holds half a file, and what stood there stays
until that moment. Messages speak of the file that was asked for, never of the
one beside it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Put a file in its place, over what may stand there. Raises OSError."""
    _place(path, text, lambda part: part.replace(path))


def create(path: Path, text: str) -> None:
    """Put a file where nothing stands yet. Raises FileExistsError, and other OSErrors."""
    _place(path, text, lambda part: _link(part, path))


def _place(path: Path, text: str, move: Callable[[Path], object]) -> None:
    """Write beside the place, then move."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            part.chmod(path.stat().st_mode & 0o777 if path.exists() else _usual_mode())
            move(part)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _link(part: Path, path: Path) -> None:
    """Give a file its final name, if that is free: asked and done in one step, so nothing comes between."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no second name for a file.
        if path.exists():
            raise
        part.rename(path)


def _usual_mode() -> int:
    """What the user's umask leaves of rw-rw-rw-."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
