"""Somebody's gradient from a file, in any language's hand: JSON, or NumPy's npz without pickles."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from derive.errors import Mistake, StatementError

Arrays = Mapping[str, npt.NDArray[np.float64]]

AN_OBJECT = 'an object such as {"dC/dw1[1,1]": 0.5, "W2": [[…]]}'
AN_NPZ = "an npz file saved by numpy.savez, without pickled objects"
NUMBERS = "a number, or a full array of numbers"


def load_gradients(path: Path) -> Arrays:
    """Names to arrays, of no dimension where the file has a single number.

    Raises StatementError for a file that holds no such thing, and OSError where
    it cannot be opened.
    """
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise _mistake(path, f"the suffix '{path.suffix}'", f"a gradient file ends in {' or '.join(READERS)}")
    try:
        with path.open("rb") as file:
            named = read(path, file)
    except FileNotFoundError:
        raise _mistake(path, "there is no such file", "the path of a file that exists") from None
    except IsADirectoryError:
        raise _mistake(path, "this is a folder", "the path of a file") from None
    return {name: _array(path, name, value) for name, value in named.items()}


def _read_json(path: Path, file: IO[bytes]) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read().decode("utf-8-sig"), parse_int=float)
    except UnicodeDecodeError as error:
        raise _mistake(path, f"byte {error.start} is not UTF-8", "JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _mistake(path, f"{where}: {error.msg}", "valid JSON") from None
    except RecursionError:
        raise _mistake(path, "brackets nested too deeply", NUMBERS) from None
    if not isinstance(content, dict):
        raise _mistake(path, "no object with names", AN_OBJECT)
    return content


def _read_npz(path: Path, file: IO[bytes]) -> Mapping[str, Any]:
    if not zipfile.is_zipfile(file):
        raise _mistake(path, "no npz archive", AN_NPZ)
    file.seek(0)
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        raise _mistake(path, "an archive whose arrays cannot be read", AN_NPZ) from None


READERS: Mapping[str, Callable[[Path, IO[bytes]], Mapping[str, Any]]] = MappingProxyType(
    {".json": _read_json, ".npz": _read_npz}
)


def _array(path: Path, name: str, value: Any) -> npt.NDArray[np.float64]:
    """A value as float64; anything that is not real numbers in a full array is refused."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise _mistake(path, f"'{name}' has rows of different lengths", NUMBERS) from None
    if array.dtype.kind not in "iuf":
        raise _mistake(path, f"'{name}' is not made of real numbers", NUMBERS)
    return array.astype(np.float64)


def _mistake(path: Path, found: str, allowed: str) -> StatementError:
    return StatementError([Mistake(where="", found=found, allowed=allowed)], source=str(path))
