"""Somebody's gradient from a file, in any language's hand: JSON, or NumPy's npz without pickles."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from derive.errors import Mistake, StatementError


def load_gradients(path: Path) -> Mapping[str, Any]:
    """Names to numbers or arrays. Raises StatementError for a file that holds no such thing."""
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise _mistake(path, f"the suffix '{path.suffix}'", f"a gradient file ends in {' or '.join(READERS)}")
    if not path.is_file():
        raise _mistake(path, "there is no such file", "the path of a file that exists")
    return read(path)


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _mistake(path, f"byte {error.start} is not UTF-8", "JSON in UTF-8") from error
    except json.JSONDecodeError as error:
        raise _mistake(
            path, f"line {error.lineno}, column {error.colno}: {error.msg}", "valid JSON"
        ) from error
    except RecursionError as error:
        raise _mistake(path, "brackets nested too deeply", "names with numbers or arrays") from error
    if not isinstance(content, dict):
        raise _mistake(
            path, f"a {type(content).__name__}", 'an object such as {"dC/dw1[1,1]": 0.5, "W2": [[…]]}'
        )
    return content


def _read_npz(path: Path) -> Mapping[str, Any]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise _mistake(
            path, "no arrays of numbers could be read", "an npz file saved by numpy.savez"
        ) from error


READERS: Mapping[str, Callable[[Path], Mapping[str, Any]]] = MappingProxyType(
    {".json": _read_json, ".npz": _read_npz}
)


def _mistake(path: Path, found: str, allowed: str) -> StatementError:
    return StatementError([Mistake(where="", found=found, allowed=allowed)], source=str(path))
