"""One array of an npz archive, as exact numbers.

An archive is a zip of npy files, one an array. A member's size is known before
it is unpacked and its type and shape before its numbers are read, from a header
of one fixed form; what is no array of numbers, pickled objects above all, is
refused there. A float32 or float64 stands for its exact binary value.

Source: NumPy, numpy.lib.format, versions 1.0 to 3.0.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from math import prod
from typing import TYPE_CHECKING, Any

from derive.errors import Mistake, StatementError, did_you_mean
from derive.files.exact import exact
from derive.files.limits import MOST_WEIGHTS
from derive.files.mistakes import counted, listed, shown

if TYPE_CHECKING:
    import numpy as np

AN_NPZ = "an archive saved by numpy.savez"
MAGIC = b"\x93NUMPY"
"""Begins an npy file; version and length of the header follow."""

HEADER = re.compile(
    r"\s*\{\s*'descr':\s*(?P<type>'[^']*'|\[.*\]),\s*'fortran_order':\s*(?P<by_columns>True|False),"
    r"\s*'shape':\s*\((?P<shape>(?: *[0-9]{1,15} *,)* *(?:[0-9]{1,15} *)?)\),?\s*\}\s*"
)
NUMERIC = re.compile(r"[<>|=](?:f[248]|[iu][1248])")
NUMBERS = "float64, float32, float16 or integers"

HEADER_BYTES = 16 * 1024
MOST_MEMBER_BYTES = 8 * MOST_WEIGHTS + HEADER_BYTES
MOST_NAMES = 8

Shape = tuple[int, ...]

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises for damaged, encrypted or strangely packed archives."""


@dataclass(frozen=True)
class Header:
    """What an npy file states before its numbers, which begin at byte `end`."""

    type: str
    shape: Shape
    by_columns: bool
    end: int


def weights_of(data: bytes, key: str, units: str, rows: int, inputs: int) -> list[list[Fraction]]:
    """W : (rows, inputs), of `units` in words. Raises StatementError."""
    found = f"{units} with {counted(inputs, 'input')}"
    array = _array(data, key, ((rows, inputs),), f"{found}, so it should be {(rows, inputs)}")
    flat = _exact(key, array)
    return [flat[start : start + inputs] for start in range(0, len(flat), inputs)]


def biases_of(data: bytes, key: str, units: str, rows: int) -> list[Fraction]:
    """b : (rows,), of `units` in words; a column or a row is the same vector. Raises StatementError."""
    shapes = ((rows,), (rows, 1), (1, rows))
    return _exact(key, _array(data, key, shapes, f"{units}, so it should be {(rows,)}"))


def _array(data: bytes, key: str, shapes: Sequence[Shape], wanted: str) -> np.ndarray[Any, Any]:
    """The array of that name, whose shape must be one of these."""
    import numpy as np

    if data.startswith(MAGIC):
        raise _mistake("a single array (npy), which has no name", AN_NPZ, f'np.savez("w.npz", {key}={key})')
    content = _member(data, key)
    header = _header(content)
    if header is None:
        raise _mistake(f"the array {shown(key)} cannot be read", AN_NPZ)
    if not NUMERIC.fullmatch(header.type):
        raise _mistake(f"{shown(key)} has elements of type {shown(header.type)}", NUMBERS, _astype(key))
    if header.shape not in shapes:
        turned = len(header.shape) == 2 and header.shape[::-1] == shapes[0]
        fix = f"save its transpose, {key}={key}.T: a row holds the weights into one unit"
        found = f"{shown(key)} has shape {header.shape}; the layer has {wanted}"
        raise _mistake(found, fix=fix if turned else "")
    kind, count = np.dtype(header.type), prod(header.shape)
    if len(content) < header.end + count * kind.itemsize:
        raise _mistake(f"the array {shown(key)} ends too early", AN_NPZ)
    flat = np.frombuffer(content, kind, count, header.end)
    return flat.reshape(header.shape, order="F" if header.by_columns else "C")


def _astype(key: str) -> str:
    return f'{key}={key}.astype("float64")'


def _member(data: bytes, key: str) -> bytes:
    """The npy file of that name, unpacked once its size is known."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            arrays = [name for name, info in members.items() if info.filename.endswith(".npy")]
            if key not in arrays:
                raise _mistake(f"there is no array {shown(key)}{did_you_mean(key, arrays)}", _names(arrays))
            size = members[key].file_size
            if size > MOST_MEMBER_BYTES:
                found = f"the array {shown(key)} unpacks to {size:,} bytes"
                raise _mistake(found, f"at most {MOST_WEIGHTS:,} numbers")
            return archive.read(members[key])
    except StatementError:
        raise
    except UNREADABLE:
        raise _mistake("no npz archive, or a damaged one", AN_NPZ) from None


def _names(arrays: Sequence[str]) -> str:
    more = ", …" if len(arrays) > MOST_NAMES else ""
    return listed([shown(name) for name in arrays[:MOST_NAMES]]) + more if arrays else "none is in it"


def _header(content: bytes) -> Header | None:
    """Type and shape, which stand before the numbers; None where they are not stated as NumPy does."""
    start = 10 if content[6:7] == b"\x01" else 12
    end = start + int.from_bytes(content[8:start], "little")
    if not content.startswith(MAGIC) or not start < end <= HEADER_BYTES:
        return None
    read = HEADER.fullmatch(content[start:end].decode("utf-8", "replace"))
    if read is None:
        return None
    shape = tuple(int(size) for size in read["shape"].split(",") if size.strip())
    return Header(read["type"].strip("'"), shape, read["by_columns"] == "True", end)


def _exact(key: str, array: np.ndarray[Any, Any]) -> list[Fraction]:
    """The entries row by row. Raises StatementError for nan and inf."""
    numbers: list[Fraction] = []
    for place, value in enumerate(array.ravel().tolist()):
        try:
            number = exact(value)
        except ValueError as error:
            raise _mistake(
                f"{shown(key)} has at {_index(array.shape, place)} {error}", "finite numbers"
            ) from None
        assert number is not None
        numbers.append(number)
    return numbers


def _index(shape: Shape, place: int) -> str:
    """[2, 3], counted from 1 as on the page."""
    indices: list[int] = []
    for size in reversed(shape):
        place, index = divmod(place, size)
        indices.insert(0, index + 1)
    return str(indices)


def _mistake(found: str, allowed: str = "", fix: str = "") -> StatementError:
    return StatementError([Mistake("", found, allowed, fix)])
