"""The packages' own source, parsed once for all that read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("derive", "numeric", "reports")


@cache
def tree(path: Path) -> ast.Module:
    """The module's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def calls(path: Path) -> tuple[ast.Call, ...]:
    """Every call of a module."""
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


@cache
def called(path: Path) -> tuple[str, ...]:
    """What a module calls, as it is written: open, path.open, and .open of what is no name."""
    return tuple(_written(call.func) for call in calls(path))


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_written(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements under a node, where alone an import can stand."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.expr):
            yield from statements(child)
