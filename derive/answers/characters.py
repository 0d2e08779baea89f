r"""Characters as they are pasted, one for one as they are typed, so that columns stay those of the text.

（a－y）    〖a-y〗▒    𝛿𝑥    ˆy    y ̂    a⊤        (a-y)    (a-y)     δx    ŷ    ŷ    aᵀ
"""

from __future__ import annotations

import re
import unicodedata

from derive.formula.tokens import INSTEAD

_CIRCUMFLEX = "\u02c6"
_HAT = "\u0302"

_MATHEMATICAL = {
    code: plain
    for code in (*range(0x1D400, 0x1D7CC), 0x210E)
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1
}
"""Italic, bold and script letters, and the ∂ and ∇ among them; no digits: a bold 1 is a sign of its own."""

_TYPED = (
    str.maketrans(
        dict(zip("（）［］｛｝，．＋－＊／＝＜＞＾＿｜＠", "()[]{},.+-*/=<>^_|@", strict=True))
        | dict(zip("０１２３４５６７８９", "0123456789", strict=True))
        | {"⟦": "[", "⟧": "]", "⊤": "ᵀ", "⊺": "ᵀ"}
        | dict(zip("〖〗▒\u00ad∎", "()   ", strict=True))
    )
    | _MATHEMATICAL
)
"""Full-width signs and digits, as （ of （a－2）, but no letters; brackets of Iverson and of Word."""

_HATTED = re.compile(
    rf"(?P<before>(?<![\w)\]}}{_CIRCUMFLEX}])(?<![\w)\]}}]\s){_CIRCUMFLEX}(?P<under>[^\W\d_]))"
    rf"|(?P<over>[^\W\d_])(?P<mark>\s?{_HAT}|{_CIRCUMFLEX}(?![\w(\[{{]))"
)
"""ˆy and yˆ of a PDF, where the accent stands apart, and Word's y ̂; xˆ2 and xˆy may be powers."""


def as_typed(text: str) -> str:
    """The text in the characters of a keyboard and of mathematics, each in its place."""
    text = text.translate(_TYPED)
    return _HATTED.sub(_joined, text) if _CIRCUMFLEX in text or _HAT in text else text


def folded(text: str) -> str:
    """-4 of ⁻⁴, 1/2 of ½"""
    return unicodedata.normalize("NFKC", text).replace("−", "-").replace("⁄", "/")


def about(character: str) -> str:
    """What to say of a character that no answer has."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    twin = INSTEAD.get(character, "")
    if twin.isalnum() and not character.isascii():
        return f"'{character}' is {name} ({code}); did you mean the Latin '{twin}'?"
    shown = f"'{character}'" if character.isprintable() else code
    known = f" ({name}, {code})" if name and not character.isascii() and shown != code else ""
    hint = f"; did you mean '{twin}'?" if twin else ""
    return f"{shown}{known} is not part of a formula{hint}"


def _joined(match: re.Match[str]) -> str:
    """The letter and its accent, in as many characters."""
    letter = match["under"] or match["over"]
    return (letter + _HAT).ljust(len(match[0]))
