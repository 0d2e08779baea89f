r"""Text to lexemes: LaTeX, Python and Unicode become one sequence of words, numbers and signs.

    \mathbf{W}^{\top}    W.T    Wᵀ          the word W, and a script T or a transpose
    \odot    ⊙    ∘                         one sign
    \hat y    ŷ    yhat                     the word yhat

What only sets a formula off is dropped: fonts, sizes and spaces, $…$, \boxed{…},
the environments of displays, a full stop or comma at the end. Columns stay those
of the text as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from string import ascii_letters, digits
from types import MappingProxyType

from derive.answers.axes import axes_of
from derive.answers.characters import about, as_typed, folded
from derive.answers.commands import CASES, COMMANDS, CONDITION_WORDS, DISPLAYS, MATRICES, REFUSED
from derive.answers.prose import without_notes
from derive.errors import AnswerError, near_names, one_of_these
from derive.formula import limits
from derive.formula.tokens import GREEK, Token, quoted

CHARACTERS = 4_000

_LETTER = "A-Za-zℓŷŶ" + "".join(map(chr, GREEK))
_WITHIN = r"[^\[\](){}]*"
_SLICED = r"(?:\s*:\s*(?:,[^(),]*)?|[^(),:]*,\s*:\s*)\)"
_SWAPPED = r"\.(?:transpose|permute|swapaxes)\(\s*1\s*,\s*0\s*\)|\.swapaxes\(\s*0\s*,\s*1\s*\)"
"""Both axes exchanged; PyTorch's .transpose(0, 1) does it too, but NumPy's does not."""

_MODULES = "np|numpy|math|torch|jnp|tf|nn|F|sp|sympy|scipy|linalg"
_PATTERN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            ("SIGN", rf"[)\]{{}}+\-/^_,]|\((?!{_SLICED})|\[(?!{_WITHIN}:)|\*(?!\*)"),
            ("KEYWORD", r"(?:axis|dims?|keepdims?)\s*=[^,()=]*"),
            ("MODULE", rf"\b(?:{_MODULES})\.(?:(?:sum|mean)(?=\()|(?=[{_LETTER}]))"),
            ("COMMAND", r"\\(?:[A-Za-z]+|.)"),
            ("WORD", rf"[{_LETTER}][{_LETTER}0-9]*[\u0302]?"),
            ("NUMBER", r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?"),
            ("FRACTION", "[¼½¾⅐-⅞]"),
            ("RAISED", "[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗˡᴸⁱʲᵏⁿᵐ]+"),
            ("LOWERED", "[₀-₉₊₋₍₎ₗₖⱼᵢₙₘ]+"),
            ("SUBSCRIPTS", r"""(?<=einsum\()\s*(?:'[^']*'|"[^"]*")"""),
            ("PRIMES", r"['′″’]+"),
            ("SAMPLE", r"@(?=\s?t?[0-9])\s?t?[0-9]+"),
            ("POWER", r"\*\*"),
            ("TRANSPOSE", rf"\.m?T(?![{_LETTER}0-9])|\.(?:t|transpose)\(\)|\.'|{_SWAPPED}"),
            ("ENTRYWISE", r"\.[*/^+\-−]"),
            ("EACH", r"\.(?=\(|[<>]|==)"),
            ("CAST", r"\.(?:astype\((?:np\.)?[a-z0-9]+\)|float\(\))"),
            ("SIZE", r"\.shape\s?\[[01]\]"),
            ("AXES", rf"\[{_WITHIN}:{_WITHIN}\]|\({_SLICED}|\.(?:unsqueeze|reshape|view)\([^()]*\)"),
            ("METHOD", rf"\.[{_LETTER}][{_LETTER}0-9]*(?=\s*\()"),
            ("DOT", r"[·⋅•∙]|(?<=\s)\.(?=\s)"),
            ("COMPARE", r"<=|>=|!=|==|[≤≥≠]|<(?!-\s)|>"),
            ("EQUALS", r":=|~=|[=≈≃≡≔←]"),
            ("NORM", r"\|\||‖"),
            ("BAR", r"\|"),
            ("DOTS", r"\.\.+|…|⋯"),
            ("SPACE", r"(?:[\s~$\u200b\u2060-\u2062\ufeff])+"),
            ("STRAY", "."),
        )
    ),
    re.DOTALL,
)
_PIECES = re.compile(re.sub(r"\?P<[A-Z]+>", "?:", _PATTERN.pattern), re.DOTALL)
"""The same without the kinds, which is far quicker: most pieces are known by their text."""

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys("([{", "OPEN"),
        **dict.fromkeys(")]}", "CLOSE"),
        **dict.fromkeys("*∗", "TIMES"),
        **dict.fromkeys("/÷∕⁄⊘", "DIVIDE"),
        **dict.fromkeys("-−‐‑‒–", "MINUS"),
        **dict.fromkeys("⊙∘○◦", "HADAMARD"),
        **{"+": "PLUS", "×": "CROSS", "⊗": "OUTER", "@": "MATMUL", "^": "SUP", "_": "SUB", ",": "COMMA"},
        **{"&": "CELL", "∂": "PARTIAL", "∇": "NABLA", "√": "ROOT", "∑": "SUMMATION", "∧": "AND"},
        **{"𝟙": "INDICATOR", "𝟏": "INDICATOR", "%": "PERCENT", ";": "STOP"},
        **{"⟨": "LEFT_ANGLE", "⟩": "RIGHT_ANGLE", " ": "SPACE"},
    }
)
_VALUES = MappingProxyType({"==": "=", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "≔": ":=", "←": ":="})
_FIXED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {sign: (kind, _VALUES.get(sign, sign)) for sign, kind in _SIGNS.items()}
    | {".*": ("ENTRYWISE", "*"), "./": ("DIVIDE", "/"), ".^": ("POWER", "^")}  # MATLAB's, entry by entry
    | {".+": ("PLUS", "+"), ".-": ("MINUS", "-"), ".−": ("MINUS", "-")}  # Julia's as well
    | {letter: ("WORD", letter) for letter in ascii_letters}
    | {digit: ("NUMBER", digit) for digit in digits}
    | {**COMMANDS}
)
"""What is always the same: each sign, command, letter and digit with its kind and its value."""

CLOSER: Mapping[str, str] = MappingProxyType({"(": ")", "[": "]", "{": "}"})
_WORDS = MappingProxyType({"if": "IF", "else": "ELSE", "and": "AND", "otherwise": "ELSE"})


FROM_ZERO = "from zero"
"""What np.sum means beside its name: axes count from 0, as they do not in MATLAB's sum."""

Lexeme = Token
"""A word, a number or a sign, which most often is a token of the grammar already.

value   what it stands for: `delta` of δ, `(` of \\lparen, `3T` of ³ᵀ
"""


def lexemes_of(text: str) -> tuple[Lexeme, ...]:
    """The lexemes of a text; spaces are dropped.

    Raises AnswerError for a text that is too long or nested too deep, and for characters and
    commands that no formula has.
    """
    if len(text) > CHARACTERS:
        raise AnswerError(
            f"the answer has {len(text):,} characters; at most {CHARACTERS:,} are read", CHARACTERS + 1
        )
    if not text.isascii():
        text = as_typed(text)
    raw: Iterable[Lexeme] = _pieces(without_notes(text))
    if _SET_OFF.search(text):
        raw = _Flat(raw).over()
    found = [lexeme for lexeme in raw if lexeme.kind != "SPACE"]
    while found and found[-1].kind in ("COMMA", "STOP"):
        found.pop()
    if [lexeme.kind for lexeme in found[-2:]] == ["SUB", "NUMBER"]:  # a_1. ends a sentence
        found[-1] = found[-1]._replace(value=found[-1].value.rstrip("."), text=found[-1].text.rstrip("."))
    return tuple(found)


def _pieces(text: str) -> Iterator[Lexeme]:
    column = 1
    for piece in _PIECES.findall(text):
        fixed = _FIXED.get(piece)
        yield _lexeme(text, piece, column) if fixed is None else Lexeme(fixed[0], fixed[1], piece, column)
        column += len(piece)


def _lexeme(whole: str, text: str, column: int) -> Lexeme:
    match = _PATTERN.match(whole, column - 1)
    kind = (match and match.lastgroup) or "STRAY"
    make = _MAKERS.get(kind)
    return make(text, column) if make is not None else Lexeme(kind, _VALUES.get(text, text), text, column)


def _word_of(text: str, column: int) -> Lexeme:
    limits.check_word(text, column)
    return Lexeme("WORD", text if text.isascii() else _latin(text), text, column)


def _refuse_dots(text: str, column: int) -> Lexeme:
    raise AnswerError(f"'{text}' leaves something out; write out what the dots stand for", column)


def _latin(text: str) -> str:
    """A word in Latin letters: delta2 of δ2, yhat of ŷ."""
    plain = text.replace("ŷ", "yhat").replace("Ŷ", "Yhat").replace("\u0302", "hat").replace("ℓ", "l")
    return unicodedata.normalize("NFKC", plain).translate(GREEK)


def _stray(character: str, column: int) -> Lexeme:
    if character == ".":
        return Lexeme("STOP", character, character, column)
    raise AnswerError(about(character), column)


def _refuse_command(text: str, column: int) -> Lexeme:
    word = text[1:]
    if word in REFUSED:
        raise AnswerError(f"{quoted(text)} is not read here: {REFUSED[word]}", column)
    near = one_of_these(near_names(text, COMMANDS)) if word.isalpha() else ""
    raise AnswerError(f"{quoted(text)} is no command that is read here{near}", column)


def _of_module(text: str, column: int) -> Lexeme:
    """Nothing, of np. before a word; but np.sum is a sum whose axes count from 0."""
    module, _, word = text.rpartition(".")
    if not word:
        return Lexeme("SPACE", "", text, column)
    return Lexeme("WORD", word, word, column + len(module) + 1, FROM_ZERO)


def _keyword(text: str, column: int) -> Lexeme:
    """axis=1 of PyTorch's dim=1 and of Julia's dims=2, which counts from 1."""
    name, value = (part.strip() for part in text.split("="))
    if name == "dims" and value.isdigit():
        value = str(int(value) - 1)
    return Lexeme("KEYWORD", f"{_KEYWORDS.get(name, name)}={value}", text, column)


_KEYWORDS = MappingProxyType({"dim": "axis", "dims": "axis", "keepdim": "keepdims"})

_MAKERS: Mapping[str, Callable[[str, int], Lexeme]] = MappingProxyType(
    {
        "COMMAND": _refuse_command,
        "WORD": _word_of,
        "STRAY": _stray,
        "DOTS": _refuse_dots,
        "RAISED": lambda text, column: Lexeme("RAISED", folded(text), text, column),
        "LOWERED": lambda text, column: Lexeme("LOWERED", folded(text), text, column),
        "FRACTION": lambda text, column: Lexeme("NUMBER", folded(text), text, column),
        "PRIMES": lambda text, column: Lexeme("PRIMES", "'" * (len(text) + text.count("″")), text, column),
        "SAMPLE": lambda text, column: Lexeme("SAMPLE", text[1:].strip(), text, column),
        "NUMBER": lambda text, column: Lexeme("NUMBER", text.replace("−", "-"), text, column),
        "METHOD": lambda text, column: Lexeme("METHOD", text[1:], text, column),
        "KEYWORD": _keyword,
        "AXES": axes_of,
        "SIZE": lambda text, column: Lexeme("SIZE", text[-2], text, column),
        "CAST": lambda text, column: Lexeme("SPACE", "", text, column),
        "EACH": lambda text, column: Lexeme("SPACE", "", text, column),
        "MODULE": _of_module,
    }
)


_SET_OFF = re.compile("[\\\\&;ℓ]|if|else|and|otherwise")
"""What a text has where there may be something to take away: commands, tables, and words that are signs."""


class _Flat:
    r"""One walk that takes fonts, accents and environments away.

    at        the lexeme that is looked at
    opened    environments that are not closed yet, each with what it is: MATRIX, CASES or a mere display
    braced    whether \{ stands before the environment that is begun next
    square    brackets [ that are open
    """

    def __init__(self, raw: Iterable[Lexeme]) -> None:
        self.raw = list(raw)
        self.at = 0
        self.opened: list[tuple[str, str]] = []
        self.braced = False
        self.square = 0

    def over(self) -> Iterator[Lexeme]:
        while self.at < len(self.raw):
            lexeme = self.raw[self.at]
            self.at += 1
            step = _STEPS.get(lexeme.kind)
            if step is None or lexeme.text in _AS_THEY_ARE:
                yield lexeme
            else:
                yield from step(self, lexeme)
        if self.opened:
            raise AnswerError(rf"\begin{{{self.opened[-1][0]}}} is never ended", len(self.raw))

    def font(self, font: Lexeme) -> Iterator[Lexeme]:
        r"""\mathbf{W} is W, \text{y_pred} is y_pred; of anything longer the braces stay."""
        inner, end = self._argument()
        joined = "".join(lexeme.value or lexeme.text for lexeme in inner)
        if len(inner) > 2 and all(lexeme.kind in ("WORD", "IF", "AND") for lexeme in inner):
            said = " ".join(lexeme.text for lexeme in inner)
            raise AnswerError(f"'{said}' is prose; write the formula alone", inner[0].column)
        if self._in_table and joined.rstrip(".,") in CONDITION_WORDS:
            joined, inner = joined.rstrip(".,"), inner[:1]
        if joined in ("1", "I") and font.text in ("\\mathbb", "\\mathbf", "\\mathds"):
            self.at = end
            yield Lexeme("INDICATOR", joined, font.text, font.column)
        elif not inner:
            return
        elif [lexeme.kind for lexeme in inner] == ["WORD"] and joined in CONDITION_WORDS and self.opened:
            self.at = end
            yield inner[0]._replace(kind=CONDITION_WORDS[joined])
        elif all(lexeme.kind in ("WORD", "NUMBER", "SUB") for lexeme in inner) and inner[0].kind == "WORD":
            self.at = end
            text = "".join("_" if lexeme.kind == "SUB" else lexeme.value for lexeme in inner)
            yield Lexeme("WORD", text, text, inner[0].column)

    def accent(self, accent: Lexeme) -> Iterator[Lexeme]:
        r"""\hat{y} is yhat, \dot\sigma is sigma'."""
        inner, end = self._argument()
        words = [lexeme for lexeme in inner if lexeme.kind not in ("FONT", "OPEN", "CLOSE")]
        is_word = [lexeme.kind for lexeme in words] == ["WORD"]
        is_letter = is_word and (words[0].text[0] == "\\" or not words[0].text[1:].strip("0123456789"))
        if accent.value == "bar" and not is_letter:
            yield accent._replace(kind="MEAN")
            return
        if not is_word:
            raise AnswerError(f"{quoted(accent.text)} stands over one letter", accent.column)
        self.at = end
        word = words[0]
        if accent.value == "dot" or accent.text == "\\dot":
            yield word
            yield Lexeme("PRIMES", "'", accent.text, word.end)
        else:
            yield word._replace(value=word.value + _ACCENTS[accent.text])

    def _argument(self) -> tuple[list[Lexeme], int]:
        """The next lexeme, or those between its braces; and where the text goes on."""
        at = self.at
        while at < len(self.raw) and self.raw[at].kind in ("SPACE", "FONT"):
            at += 1
        if at == len(self.raw):
            return [], at
        if self.raw[at].kind != "OPEN":
            return [self.raw[at]], at + 1
        depth, end = 0, at
        for end in range(at, len(self.raw)):
            depth += (self.raw[end].kind == "OPEN") - (self.raw[end].kind == "CLOSE")
            if depth == 0:
                break
        return [lexeme for lexeme in self.raw[at + 1 : end] if lexeme.kind != "SPACE"], end + 1

    def fraction(self, command: Lexeme) -> Iterator[Lexeme]:
        r"""\frac12 is \frac{1}{2}: without braces an argument is one digit or letter."""
        yield command
        at = self.at
        for _ in range(2):
            while at < len(self.raw) and self.raw[at].kind in ("SPACE", "FONT"):
                at += 1
            if at == len(self.raw):
                return
            lexeme = self.raw[at]
            if (
                lexeme.kind in ("NUMBER", "WORD")
                and lexeme.text == lexeme.value
                and lexeme.text[1:].isalnum()
            ):
                head, rest = lexeme.text[0], lexeme.text[1:]
                word = rest.lstrip("0123456789")
                column = lexeme.column + 1
                number = rest.removesuffix(word)
                parts = (("NUMBER", number, column), ("WORD", word, column + len(number)))
                self.raw[at] = lexeme._replace(value=head, text=head)
                self.raw[at + 1 : at + 1] = [
                    Lexeme(kind, text, text, place) for kind, text, place in parts if text
                ]
            depth = 0
            while at < len(self.raw):
                depth += (self.raw[at].kind == "OPEN") - (self.raw[at].kind == "CLOSE")
                at += 1
                if depth <= 0:
                    break

    def quotient(self, command: Lexeme) -> Iterator[Lexeme]:
        r"""\pdv{C}{w} is \frac{\partial C}{\partial w}, \dv{x} is \frac{d}{dx}."""
        parts = [self._argument()]
        at = parts[0][1]
        if at < len(self.raw) and self.raw[at].text == "{":
            before, self.at = self.at, at
            parts.append(self._argument())
            self.at = before
        if not parts[0][0]:
            raise AnswerError(f"{quoted(command.text)} needs {{…}}", command.column)
        (above, _), (below, end) = parts if len(parts) > 1 else (([], 0), parts[0])
        sign = Lexeme(
            "PARTIAL" if command.value == "∂" else "WORD", command.value, command.text, command.column
        )
        opened, closed = (
            Lexeme(kind, text, text, command.column) for kind, text in (("OPEN", "{"), ("CLOSE", "}"))
        )
        frac = command._replace(kind="FRAC", value="")
        made = (frac, opened, sign, *above, closed, opened, sign, *below, closed)
        self.raw[self.at - 1 : end] = made
        self.at -= 1
        return iter(())

    def begin(self, begin: Lexeme) -> Iterator[Lexeme]:
        name = self._name()
        if name.startswith("array"):
            _, self.at = self._argument()  # the columns' {cc}
        kind = "CASES" if self.braced or name in CASES else "MATRIX" if name in MATRICES else ""
        self.opened.append((name, kind))
        self.braced = False
        if name not in MATRICES | CASES | DISPLAYS:
            allowed = ", ".join(sorted((*CASES, *MATRICES)))
            raise AnswerError(rf"\begin{{{name}}} is not read here; {allowed} are", begin.column)
        if kind:
            yield Lexeme("OPEN", kind, begin.text, begin.column)

    def end(self, end: Lexeme) -> Iterator[Lexeme]:
        name = self._name()
        opened, kind = self.opened.pop() if self.opened else ("", "")
        if opened != name:
            raise AnswerError(rf"\end{{{name}}} has no \begin{{{name}}}", end.column)
        if kind:
            yield Lexeme("CLOSE", kind, end.text, end.column)

    def opener(self, bracket: Lexeme) -> Iterator[Lexeme]:
        r"""\left\{ before an array begins cases; its \right. closes nothing."""
        at = self._behind_spaces()
        if bracket.text.startswith("\\") and at < len(self.raw) and self.raw[at].kind == "BEGIN":
            self.braced = True
        else:
            self.square += bracket.value == "["
            yield bracket

    def closer(self, bracket: Lexeme) -> Iterator[Lexeme]:
        """One bracket [ fewer is open behind ]."""
        self.square -= bracket.value == "]"
        yield bracket

    def stop(self, stop: Lexeme) -> Iterator[Lexeme]:
        """; begins a row of [a; b]."""
        yield stop._replace(kind="ROW") if stop.value == ";" and self.square > 0 else stop

    def space(self, space: Lexeme) -> Iterator[Lexeme]:
        r"""Nothing; nor is the full stop of \left. and \right. anything."""
        at = self._behind_spaces()
        if space.text in _EMPTY_SIDES and at < len(self.raw) and self.raw[at].kind == "STOP":
            self.at = at + 1
        return iter(())

    def _behind_spaces(self) -> int:
        at = self.at
        while at < len(self.raw) and self.raw[at].kind == "SPACE" and self.raw[at].text not in _EMPTY_SIDES:
            at += 1
        return at

    def noted(self, brace: Lexeme) -> Iterator[Lexeme]:
        r"""Of \underbrace{u}_{v} only u: v is a note."""
        inner, at = self._argument()
        if not inner:
            raise AnswerError(f"{quoted(brace.text)} needs {{…}}", brace.column)
        while at < len(self.raw) and self.raw[at].kind == "SPACE":
            at += 1
        if at < len(self.raw) and self.raw[at].kind in ("SUB", "SUP"):
            before, self.at = self.at, at + 1
            _, stop = self._argument()
            del self.raw[at:stop]
            self.at = before
        return iter(())

    def _name(self) -> str:
        inner, self.at = self._argument()
        return "".join(lexeme.text for lexeme in inner)

    def word(self, word: Lexeme) -> Iterator[Lexeme]:
        table = CONDITION_WORDS if self._in_table else _WORDS
        kind = table.get(word.value)
        yield word if kind is None else word._replace(kind=kind)

    def cell(self, sign: Lexeme) -> Iterator[Lexeme]:
        """& and \\\\ of a matrix or of cases; elsewhere they only set lines off."""
        if self._in_table:
            yield sign
        elif not self.opened and sign.kind == "CELL":
            raise AnswerError(
                "'&' separates cells of a matrix or of cases; 'and' joins conditions", sign.column
            )

    @property
    def _in_table(self) -> bool:
        return bool(self.opened) and bool(self.opened[-1][1])


_ACCENTS = MappingProxyType(
    {
        **dict.fromkeys(("\\hat", "\\widehat"), "hat"),
        **dict.fromkeys(("\\bar", "\\overline"), "bar"),
        **dict.fromkeys(("\\tilde", "\\widetilde"), "tilde"),
    }
)
_AS_THEY_ARE = frozenset("() {}")
"""Signs of kinds that have a step, but nothing to be taken away; most lexemes are such."""

_EMPTY_SIDES = frozenset({"\\left", "\\right", "\\mleft", "\\mright"})
"""Commands behind which a full stop is a bracket that is not drawn."""

_STEPS = MappingProxyType(
    {
        "FONT": _Flat.font,
        "SPACE": _Flat.space,
        "OPEN": _Flat.opener,
        "CLOSE": _Flat.closer,
        "STOP": _Flat.stop,
        "NOTED": _Flat.noted,
        "ACCENT": _Flat.accent,
        "FRAC": _Flat.fraction,
        "QUOTIENT": _Flat.quotient,
        "BEGIN": _Flat.begin,
        "END": _Flat.end,
        "WORD": _Flat.word,
        "CELL": _Flat.cell,
        "ROW": _Flat.cell,
    }
)
