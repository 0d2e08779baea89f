"""Mappings as the text of a TOML file, for mistakes that are stated as changed fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import NoneType
from typing import Any


def toml_of(tables: Mapping[str, Any]) -> str:
    """A file of these tables; None stands for a key that is left out. TypeError for what no file can hold."""
    plain = {key: value for key, value in tables.items() if not isinstance(value, Mapping | NoneType)}
    headed = {key: value for key, value in tables.items() if isinstance(value, Mapping)}
    parts = [f"{key_of(key)} = {value_of(value)}" for key, value in plain.items()]
    for key, table in headed.items():
        parts += ["", f"[{key_of(key)}]"]
        parts += [f"{key_of(k)} = {value_of(v)}" for k, v in table.items() if v is not None]
    return "\n".join(parts) + "\n"


def key_of(key: str) -> str:
    """Bare where it may be."""
    return key if key.isascii() and key.replace("-", "_").isidentifier() else json.dumps(key)


def value_of(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(value_of, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key_of(k)} = {value_of(v)}' for k, v in value.items())}}}"
    raise TypeError(type(value).__name__)
