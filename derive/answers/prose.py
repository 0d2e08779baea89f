r"""Words that people put around a formula, which say nothing of it, by a closed list.

    the answer is 0.0822    \text{so } h_1    0.0822 (3 s.f.)    ≈ 0.0822 rounded to 4 d.p.

They are blanked, so that columns stay those of the text. A word that the problem can read is left alone,
and any other prose is refused: it may say what the formula does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# fmt: off
_BEFORE = frozenset({
    "so", "thus", "hence", "therefore", "then", "finally", "the", "final", "answer", "ans", "result",
    "solution", "value", "is", "equals", "equal", "to", "it", "this", "which", "that", "gives", "we",
    "get", "got", "have", "find", "found", "obtain", "about", "approximately", "approx", "roughly",
    "around", "ca", "gradient", "derivative", "slope",
})
"""Words that may stand before a formula."""

SAID = _BEFORE | {
    "an", "and", "are", "as", "be", "because", "by", "can", "chain", "do", "does", "from", "had", "has", "if",
    "in", "my", "of", "on", "our", "rule", "rounded", "since", "there", "these", "think", "units", "use",
    "using", "was", "when", "where", "with", "exact", "exactly", "correct", "done",
}
"""Words of sentences, by which prose is told from misspelled names."""
# fmt: on

_IN_PROGRAMS = frozenset({"so", "then"})
"""Those that also part definitions, and are left to them."""

_UNIT = (
    r"(?:s\.?\s?f\.?|d\.?\s?p\.?|decimals?(?:\s+places?)?|places|digits"
    r"|sig(?:\.|nificant)?\s?(?:fig(?:s|ures?)?\.?|digits?))"
)
_UNITS = re.compile(_UNIT)
_DIGITS_NOTED = re.compile(
    r"(?:\\(?:text|mathrm)\{\s*)?"
    rf"\(\s*(?:rounded|approx\.?|approximately|about|(?:(?:rounded|correct)\s+)?(?:to\s+)?[0-9]+\s*{_UNIT})\s*\)"
    r"\}?(?=[\s$.]*$)"
)
"""Behind a number to how many digits it is: (3 s.f.), (4 d.p.), (rounded)."""

_WENT_ON = re.compile(r"(\.[0-9]+)\s*(?:\.\.\.|…|\\l?dots)(?=[\s$]*$)")
"""Dots behind the last digit of a number, whose further digits are left out."""

_BEHIND = re.compile(
    r"(?<=[0-9.$])(?:\s*,\s*|\s+)(?:\\text\{\s*)?\(?"
    rf"(?:(?:rounded|correct)\s+to\s+[0-9]+\s*{_UNIT}|to\s+[0-9]+\s*{_UNIT}"
    r"|rounded|approx(?:imately)?|exact(?:ly)?)\)?\}?[\s.$]*$"
)
"""The same behind a number without brackets."""

_TEXT = re.compile(r"[\s$]*\\text(?:rm|normal)?\s*\{([^{}\\]*)\}")
_WORD = re.compile(r"[\s$]*([A-Za-z]+)(?![\w^(\[{'])(?:\.(?=\s)|\s*[:,](?!=))?")
_I = re.compile(r"[\s$]*I(?=\s+(?:get|got|have|find|found|obtain)\s)")
"""Whoever answers."""

_SIGN = re.compile(r"[\s$]*(?:\\therefore(?![A-Za-z])|\\sim(?![A-Za-z])|\\[Rr]ightarrow(?![A-Za-z])|∴|⇒|=>)")
"""A sign that draws a conclusion, or says that a number is not exact."""

_BETWEEN = re.compile(r"(?<=[^\s=])(\s+)(is|equals)(?=\s)")
"""Words that are the sign of an equality."""


def without_notes(text: str) -> str:
    """The text without to how many digits its number is."""
    return _WENT_ON.sub(r"\1", _DIGITS_NOTED.sub("", text))


def without_prose(text: str, is_known: Callable[[str], bool], *, defines: bool = False) -> str:
    """The text with blanks for what may be said around a formula, and = for the word is within it.

    is_known  of a word that the problem can read
    defines   whether the text has definitions, whose names and words stay
    """
    end = _end_of_words(text, is_known, defines=defines)
    if not text[end:].strip(" \t\n$.:,"):
        return text
    text = " " * end + text[end:]
    behind = _BEHIND.search(text)
    if behind and not any(map(is_known, _words(_UNITS.sub("", behind[0])))):
        text = text[: behind.start()]
    between = _BETWEEN.search(text)
    if between and not is_known(between[2]):
        text = f"{text[: between.start(2)]}{'=':<{len(between[2])}}{text[between.end() :]}"
    return text


def _words(text: str) -> list[str]:
    return re.findall("[A-Za-z]+", text)


def _end_of_words(text: str, is_known: Callable[[str], bool], *, defines: bool) -> int:
    """Where the formula begins."""
    at = 0
    while True:
        said = _SIGN.match(text, at) or _I.match(text, at) or _TEXT.match(text, at) or _WORD.match(text, at)
        if said is None:
            return at
        words = [] if said.re in (_SIGN, _I) else _words(said[1])
        if any(word.lower() not in _BEFORE or is_known(word) for word in words):
            return at
        if defines and (_IN_PROGRAMS & {*map(str.lower, words)} or text[said.end() :].lstrip()[:1] == "="):
            return at
        at = said.end()
