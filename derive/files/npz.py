"""One array of an npz archive, as exact numbers.

An archive is a zip of npy files, one an array. Sizes and types are read from
the headers first, so that nothing is unpacked that could not be used; pickled
objects are never loaded. A float32 or float64 stands for its exact binary value.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

from derive.errors import Mistake, StatementError, did_you_mean
from derive.files.exact import exact
from derive.files.limits import MOST_WEIGHTS
from derive.files.mistakes import counted, listed, shown

if TYPE_CHECKING:
    import numpy as np

AN_NPZ = "an archive saved by numpy.savez"
SINGLE = b"\x93NUMPY"
"""Begins an npy file."""

NUMBERS = "float64, float32, float16 or integers"
HEADER_BYTES = 16 * 1024
MOST_MEMBER_BYTES = 8 * MOST_WEIGHTS + HEADER_BYTES
MOST_NAMES = 8

Shape = tuple[int, ...]

UNREADABLE = (ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, OSError, KeyError)
"""What zipfile and NumPy raise for damaged, encrypted or pickled content."""


def weights_of(data: bytes, key: str, units: int, inputs: int) -> list[list[Fraction]]:
    """W : (units, inputs). Raises StatementError."""
    found = f"{counted(units, 'unit')} with {counted(inputs, 'input')}"
    array = _array(data, key, ((units, inputs),), f"{found}, so it should be {(units, inputs)}")
    flat = _exact(key, array)
    return [flat[start : start + inputs] for start in range(0, len(flat), inputs)]


def biases_of(data: bytes, key: str, units: int) -> list[Fraction]:
    """b : (units,); a column or a row is the same vector. Raises StatementError."""
    shapes = ((units,), (units, 1), (1, units))
    return _exact(key, _array(data, key, shapes, f"{counted(units, 'unit')}, so it should be {(units,)}"))


def _array(data: bytes, key: str, shapes: Sequence[Shape], wanted: str) -> np.ndarray[Any, Any]:
    """The array of that name, whose shape must be one of these."""
    from numpy.lib import format as npy

    if data.startswith(SINGLE):
        raise _mistake("a single array (npy), which has no name", AN_NPZ, f'np.savez("w.npz", {key}={key})')
    content = _member(data, key)
    try:
        shape, dtype = _header(content)
        if dtype.kind not in "iuf" or dtype.itemsize > 8:
            raise _mistake(f"{shown(key)} is made of {shown(str(dtype))}", NUMBERS, _astype(key))
        if shape not in shapes:
            turned = len(shape) == 2 and shape[::-1] == shapes[0]
            fix = f"save its transpose, {key}={key}.T: a row holds the weights into one unit"
            found = f"{shown(key)} has shape {shape}; the layer has {wanted}"
            raise _mistake(found, fix=fix if turned else "")
        return npy.read_array(BytesIO(content), allow_pickle=False)
    except StatementError:
        raise
    except UNREADABLE:
        raise _mistake(f"the array {shown(key)} cannot be read", AN_NPZ) from None


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


def _header(content: bytes) -> tuple[Shape, np.dtype[Any]]:
    """Shape and type, which stand before the numbers. Raises ValueError."""
    from numpy.lib import format as npy

    stream = BytesIO(content)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    read = readers.get(npy.read_magic(stream))
    if read is None:
        raise ValueError("a header that only structured types need")
    shape, _, dtype = read(stream)
    return shape, dtype


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
