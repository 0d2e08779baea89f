"""Slices of arrays, and a further axis by which a vector stands or lies.

    u[:, None] * v[None, :]          the outer product, in NumPy and PyTorch
    W2(:,1)    W2(1,:)    X[:,i]     column 1, row 1, and sample i

A number in square brackets is refused, as it counts from 0 in Python, and from 1 here and in Julia. So are
ranges: Python leaves their last place out, and MATLAB takes it in.
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
_SLICE = re.compile(r"[\[(](?:([0-9]{1,3}|[a-z]),:|:,([0-9]{1,3}|[a-z]))[\])]")


def axes_of(text: str, column: int) -> Token:
    """What a slice or a new shape does. Raises AnswerError for any but these."""
    plain = re.sub(r"\s", "", text)
    for kind, pattern in _KINDS:
        if re.fullmatch(pattern, plain):
            return Token(kind, "", text, column)
    match = _SLICE.fullmatch(plain)
    place = (match[1] or match[2]) if match else "0"
    if match is None or not place.strip("0") or (plain[0] == "[" and place.isdigit()):
        raise AnswerError(f"'{text}' cannot be read: {_why(plain, is_slice=match is not None)}", column)
    return Token("SLICE", plain[1:-1], text, column)


def _why(plain: str, *, is_slice: bool) -> str:
    """Why a slice cannot be read, and what to write."""
    counted = "places count from 1 here and from 0 in Python"
    ends = re.search("[0-9]*:([0-9]+)", plain)
    if is_slice:
        first = re.sub("[0-9]+", "1", plain[1:-1])
        return f"{counted}; the first is written ({first}) in round brackets, and others likewise"
    if ends is not None:
        return (
            f"{ends[1]} is left out in Python and taken in in MATLAB; write out the entries, as [a1_1, a1_2]"
        )
    if plain == "(:)":
        return "write the formula of the whole array, or the sum of its entries as sum(A)"
    return f"{counted}; write out the entries, as W2[1,2], or the formula of the whole array"


def about_axes(axes: Token) -> AnswerError:
    """Why a further axis cannot stand where it does."""
    return AnswerError(
        f"'{axes.text}' is read in the outer product u[:, None] * v[None, :]; write outer(u, v), or u @ v.T",
        axes.column,
    )
