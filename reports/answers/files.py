"""Where answers lie: files, folders and zip archives of files, standard input.

An archive is read in memory and within limits, whatever its table of contents says;
the names in it are shown, and never paths of this computer.
"""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from derive.files.mistakes import Mistakes, listed
from reports.answers.sheets import READERS, Sheet, sheet

STANDARD_INPUT = "-"
MOST_BYTES = 20_000_000
"""Of one file."""

MOST_FILES = 10_000
MOST_UNPACKED = 200_000_000
"""Bytes of all files in one archive."""

ARCHIVE = b"PK\x03\x04"
ZIP = ".zip"
KINDS = (*READERS, ZIP)


def sheets(paths: Sequence[str]) -> Iterator[Sheet]:
    """The answers of every file, in order, with what is wrong with it."""
    for name in paths:
        if name == STANDARD_INPUT:
            yield from _opened("standard input", sys.stdin.buffer, "")
            continue
        path = Path(name)
        if path.is_dir():
            yield from _folder(path)
        else:
            yield from _file(path, name)


def _file(path: Path, name: str) -> Iterator[Sheet]:
    suffix = path.suffix.lower()
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield _refused(name, "there is no such file", "a file or folder of answers, or - for standard input")
        return
    except OSError as error:
        yield Sheet(name, denied=error)
        return
    except ValueError:
        yield _refused(name, "this is no path", "a file or folder of answers, or - for standard input")
        return
    with file:
        if suffix not in KINDS and path.is_file():
            yield _refused(name, f"the suffix '{suffix}'", f"answers end in {listed(KINDS)}")
            return
        try:
            yield from _opened(name, file, suffix if suffix in KINDS else "")
        except OSError as error:
            yield Sheet(name, denied=error)


def _opened(name: str, file: BinaryIO, suffix: str) -> Iterator[Sheet]:
    """The answers of an open file; of an archive no more than its members are limited."""
    content = file.read(MOST_BYTES + 1)
    is_archive = suffix == ZIP or (not suffix and content.startswith(ARCHIVE))
    if is_archive and len(content) > MOST_BYTES:
        content += file.read(MOST_UNPACKED)
    if is_archive and len(content) <= MOST_BYTES + MOST_UNPACKED and content.strip():
        yield from _archive(name, content)
    else:
        yield from _read(name, content, suffix)


def _folder(folder: Path) -> Iterator[Sheet]:
    """The files of answers in a folder and below it, by name, but for what is hidden or a link."""
    found = [
        path for path in sorted(folder.rglob("*")) if _counts(path.relative_to(folder).parts, path.suffix)
    ]
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    if not files:
        yield _refused(str(folder), "there are no answers in this folder", f"files ending in {listed(KINDS)}")
    if len(files) > MOST_FILES:
        yield _refused(str(folder), f"{len(files):,} files", f"at most {MOST_FILES:,}", "take a part of them")
        return
    for path in files:
        yield from _file(path, str(path))


def _counts(parts: Sequence[str], suffix: str) -> bool:
    return suffix.lower() in KINDS and not any(
        part.startswith((".", "__")) and part != ".." for part in parts
    )


def _read(name: str, content: bytes, suffix: str) -> Iterator[Sheet]:
    if len(content) > MOST_BYTES:
        yield _too_large(name)
    elif not content.strip(b"\xef\xbb\xbf \t\r\n"):
        yield _refused(name, "it is empty", f"answers, as in a file ending in {listed(tuple(READERS))}")
    else:
        yield sheet(name, content, suffix)


def _archive(name: str, content: bytes) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            yield from _unpacked(name, archive)
    except (zipfile.BadZipFile, ValueError, EOFError):
        yield _refused(name, "a zip archive that cannot be read", "a whole one; make it again")


def _unpacked(name: str, archive: zipfile.ZipFile) -> Iterator[Sheet]:
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir()
        and _counts(PurePosixPath(entry.filename).parts, PurePosixPath(entry.filename).suffix)
    ]
    if not entries:
        yield _refused(name, "there are no answers in this archive", f"files ending in {listed(KINDS)}")
    if len(entries) > MOST_FILES:
        yield _refused(name, f"{len(entries):,} files", f"at most {MOST_FILES:,}", "take a part of them")
        return
    left = MOST_UNPACKED
    for entry in entries:
        inner = f"{name}: {entry.filename}"
        suffix = PurePosixPath(entry.filename).suffix.lower()
        if suffix not in READERS:
            yield _refused(inner, "an archive within an archive", "files of answers", "unpack it")
            continue
        if entry.file_size > MOST_BYTES:
            yield _too_large(inner)
            continue
        try:
            with archive.open(entry) as file:
                content = file.read(min(MOST_BYTES, left) + 1)
        except (
            zipfile.BadZipFile,
            RuntimeError,
            NotImplementedError,
            EOFError,
            zlib.error,
            LZMAError,
            OSError,
        ):
            yield _refused(inner, "it cannot be unpacked", "files without a password, stored or deflated")
            continue
        left -= len(content)
        if left < 0:
            yield _refused(
                inner, f"the archive holds more than {MOST_UNPACKED:,} bytes", "less", "take a part of it"
            )
            return
        yield from _read(inner, content, suffix)


def _too_large(name: str) -> Sheet:
    return _refused(name, f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,}", "take a part of it")


def _refused(name: str, found: str, allowed: str, fix: str = "") -> Sheet:
    mistakes = Mistakes()
    mistakes.add("", found, allowed, fix)
    return Sheet(name, mistakes=mistakes)
