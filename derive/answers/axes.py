"""Slices of arrays, and a further axis by which a vector stands or lies.

    u[:, None] * v[None, :]          the outer product, in NumPy and PyTorch
    W2(:,1)    W2[:,1]    W2(1,:)    column 1 and row 1, counted from 1 in any language

A place 0 is refused, and so are ranges: Python leaves their last place out, and MATLAB takes it in.
"""

from __future__ import annotations

import re

from derive.errors import AnswerError
from derive.formula.tokens import Token

_NONE = r"(?:None|(?:\w+\.)?newaxis)"
_KINDS = (
    ("STANDING", rf"\[:,{_NONE}\]|\.unsqueeze\((?:dim=)?(?:1|-1)\)|\.(?:reshape|view)\(-1,1\)"),
    ("LYING", rf"\[{_NONE},:\]|\.unsqueeze\((?:dim=)?0\)|\.(?:reshape|view)\(1,-1\)"),
    ("SPACE", r"\[:(?:,:)?\]|\(:,:\)"),
)
_SLICE = re.compile(r"[\[(](?:(?P<row>\d{1,3}|[a-z]),:|:,(?P<column>\d{1,3}|[a-z]))[\])]")


def axes_of(text: str, column: int) -> Token:
    """What a slice or a new shape does. Raises AnswerError for any but these."""
    plain = re.sub(r"\s", "", text)
    for kind, pattern in _KINDS:
        if re.fullmatch(pattern, plain):
            return Token(kind, "", text, column)
    match = _SLICE.fullmatch(plain)
    if match is None or (match["row"] or match["column"]).strip("0") == "":
        raise AnswerError(_about(text, plain), column)
    return Token("SLICE", plain[1:-1], text, column)


def _about(text: str, plain: str) -> str:
    """Why a slice cannot be read, and what to write."""
    if re.fullmatch(r"[\[(](?:0+,:|:,0+)[\])]", plain):
        first = plain.replace("0", "1", 1)
        return f"'{text}' cannot be read: places count from 1 here and from 0 in Python; the first is {first}"
    if plain == "(:)":
        return f"'{text}' cannot be read: write the formula of the whole array, or sum(…) of all its entries"
    ends = re.search(r"\d*:(\d+)", plain)
    if ends is not None:
        return (
            f"'{text}' cannot be read: it ends before {ends[1]} in Python and with it in MATLAB;"
            " write out the entries, as [a1_1, a1_2]"
        )
    return (
        f"'{text}' cannot be read: places count from 1 here and from 0 in Python; write out the entries, as"
        " W2[1,2], or the formula of the whole array"
    )


def about_axes(axes: Token) -> AnswerError:
    """Why a further axis cannot stand where it does."""
    return AnswerError(
        f"'{axes.text}' is read in the outer product u[:, None] * v[None, :]; write outer(u, v), or u @ v.T",
        axes.column,
    )
