"""A further axis, as NumPy and PyTorch have it, by which a vector stands or lies: u[:, None] * v[None, :].

Slices that say numbers are refused: places count from 1 here, and from 0 in Python.
"""

from __future__ import annotations

import re

from derive.errors import AnswerError
from derive.formula.tokens import Token

_NONE = r"(?:None|(?:\w+\.)?newaxis)"
_KINDS = (
    ("STANDING", rf"\[:,{_NONE}\]|\.unsqueeze\((?:dim=)?(?:1|-1)\)|\.(?:reshape|view)\(-1,1\)"),
    ("LYING", rf"\[{_NONE},:\]|\.unsqueeze\((?:dim=)?0\)|\.(?:reshape|view)\(1,-1\)"),
    ("SPACE", r"\[:(?:,:)?\]"),
)


def axes_of(text: str, column: int) -> Token:
    """What a slice or a new shape does. Raises AnswerError for any but these."""
    plain = re.sub(r"\s", "", text)
    for kind, pattern in _KINDS:
        if re.fullmatch(pattern, plain):
            return Token(kind, "", text, column)
    raise AnswerError(
        f"'{text}' cannot be read: places count from 1 here and from 0 in Python; write out the entries, as"
        " W2[1,2], or the formula of the whole array",
        column,
    )


def about_axes(axes: Token) -> AnswerError:
    """Why a further axis cannot stand where it does."""
    return AnswerError(
        f"'{axes.text}' is read in the outer product u[:, None] * v[None, :]; write outer(u, v), or u @ v.T",
        axes.column,
    )
