"""One Jinja environment a format: every text that a template places is escaped unless a writer made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


class Written(str):
    """Text that is already in the page's language, which nothing escapes again."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def environment(
    filters: Mapping[str, Callable[..., Any]], escape: Callable[[str], str], **delimiters: Any
) -> Environment:
    """The templates with a format's own filters.

    escape      how this format shows foreign text; of HTML Jinja itself escapes the markup after it
    delimiters  where the format's own braces would clash with Jinja's
    """

    def finished(value: object) -> object:
        return value if hasattr(value, "__html__") else escape(str(value))

    made = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=False,
        lstrip_blocks=False,
        keep_trailing_newline=True,
        finalize=finished,
        **delimiters,
    )
    made.filters |= {**filters, "kind": kind, "written": Written}
    return made


def kind(block: object) -> str:
    """The name of a block's class, by which templates choose how to show it."""
    return type(block).__name__
