"""Text to tokens: the scope tells every word apart before the grammar sees it.

A word is the first of these that it can be:

    a name of the scope         w5, h1, or e where a graph has defined it
    a function or its alias     sigmoid, sigma
    an unspecified function     phi, and its slope dphi
    a constant                  e, pi
    a differential              the dE of dE/dw5, the d2C of d2C/dw1[1,1]dw1[1,2]

but below the stroke of a derivative a differential comes first: the dx of dJ/dx
belongs to x, even where something else is named dx. So does the dd of dd/de above
it, where something is named dd, but nothing de. Of several names that could follow
a d, the longest wins. A Greek letter is its English name, unless the
scope has it as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from derive.errors import AnswerError, did_you_mean
from derive.formula import limits
from derive.formula.habits import SIGNS, about_dot, about_word
from derive.formula.nodes import ARRAY_FUNCTIONS, EVERY_OPERATION, FUNCTIONS

_SMALL = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu",
    "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "υ": "upsilon", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
GREEK = str.maketrans(_SMALL | {small.upper(): name.capitalize() for small, name in _SMALL.items()})
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")

_LETTER = "A-Za-z_" + "".join(map(chr, GREEK))
_LEXEMES = (
    ("WORD", rf"[{_LETTER}][{_LETTER}0-9]*"),
    ("NUMBER", r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"),
    ("SAMPLE", r"@t?[0-9]+"),
    ("PRIMES", r"['′″]+"),
    ("POWER", r"\*\*|\^"),
    ("SUPERSCRIPT", r"⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"),
    ("TIMES", r"[*×·⋅]"),
    ("DIVIDE", r"/"),
    ("PLUS", r"\+"),
    ("MINUS", r"[-−]"),
    ("OPEN", r"\("),
    ("CLOSE", r"\)"),
    ("OPEN_INDEX", r"\["),
    ("CLOSE_INDEX", r"\]"),
    ("COMMA", r","),
    ("SPACE", r"\s+"),
    ("STRAY", r"."),
)
KEYWORD = re.compile(r"(?:axis|keepdims)\s*=[^,()=]*")
TRANSPOSE = re.compile(rf"\.T(?![{_LETTER}0-9])")
_ARRAY_LEXEMES = (
    ("KEYWORD", KEYWORD.pattern),
    ("TRANSPOSE", TRANSPOSE.pattern),
    ("MATMUL", r"@(?![0-9])"),
)
"""What only formulas of vectors and matrices have: in others @t1 is a test input."""


def _pattern(lexemes: Sequence[tuple[str, str]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in lexemes), re.DOTALL)


_LEXEME = _pattern(_LEXEMES)
_ARRAY_LEXEME = _pattern((*_ARRAY_LEXEMES, *_LEXEMES))
_WORD = re.compile(dict(_LEXEMES)["WORD"])
_NUMERATOR = re.compile(r"d([2-9]?)(.+)")
_REPEATS = frozenset("23456789")
_COUNTING_NUMBER = re.compile(r"[1-9][0-9]{0,8}")

_INDICES = "indices are whole numbers from 1"
_PLACES = "rows and numbers are taken by row(A, 1), rows(A, 3, 1) and entry(A, 1, 2), counted from 1"
_SAMPLES = "samples are counted from 1, as in @3 or @t1"
_CONSTANTS = frozenset({"e", "pi"})
_COSTS = frozenset({"E", "J", "L", "loss", "Loss", "cost", "Cost", "error", "Error"})
"""Letters that books have for the cost."""

_UNSPECIFIED = frozenset({"UNSPECIFIED", "SLOPE"})
_CALLED = _UNSPECIFIED | {"FUNCTION"}
_CLOSER = MappingProxyType({"OPEN": "CLOSE", "OPEN_INDEX": "CLOSE_INDEX"})
_MARKS = MappingProxyType(
    {"OPEN_INDEX": "an index", "CLOSE_INDEX": "an index", "SAMPLE": "a sample", "PRIMES": "a prime"}
)
_WITHIN_MARKS = frozenset({*_MARKS, "NUMBER", "COMMA"})
_LONGEST_MARKS = 20
"""Lexemes after a word among which the stroke of a derivative is looked for."""

INSTEAD = MappingProxyType(
    dict.fromkeys("‐‑‒–—", "-")
    | dict.fromkeys("∗∙•⋆", "*")
    | dict.fromkeys("÷∕⁄", "/")
    | dict.fromkeys("‘’`´", "'")
    | {"{": "(", "}": ")", "∂": "d", "√": "sqrt"}
    | dict(zip("АВЕКМНОРСТХаеорсухіјѕ", "ABEKMHOPCTXaeopcyxijs", strict=True))
)
LATIN_TWINS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον", "ABEZHIKMNOPTYXov")


@dataclass(frozen=True)
class Scope:
    """The names that a text may use.

    names        quantities by their bases: w1, z1, C, h1; of a graph exactly its own. A set that
                 tests by form may hold more than it lists; messages offer what it lists
    functions    what may be called
    aliases      other spellings of functions: ln → log, sigma → sigmoid
    unspecified  functions that are not known: each may be called with primes, and as dphi
    quantities   indices, samples, primes and derivatives are read, not plain names only
    arrays       names may be vectors and matrices: @, .T and axis= are read

    Raises ValueError where something callable is not an operation written as a call.
    """

    names: Set[str]
    functions: frozenset[str] = FUNCTIONS
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    unspecified: frozenset[str] = frozenset()
    quantities: bool = False
    arrays: bool = False

    def __post_init__(self) -> None:
        unknown = {self.operation(word) for word in self.callables} - FUNCTIONS - ARRAY_FUNCTIONS
        if unknown:
            raise ValueError(f"no functions: {sorted(unknown)}; there are {sorted(FUNCTIONS)}")

    @property
    def callables(self) -> frozenset[str]:
        """Every word that may be called."""
        return self.functions | self.aliases.keys()

    @cached_property
    def slopes(self) -> Mapping[str, str]:
        """The unspecified functions by the names of their slopes: dphi → phi."""
        return {slope_name(name): name for name in self.unspecified}

    def operation(self, word: str) -> str:
        """The operation or the unspecified function that a callable word applies: of dphi it is phi."""
        return self.aliases.get(word) or self.slopes.get(word, word)

    def name(self, word: str) -> str | None:
        """The scope's spelling of a name, or None where it has no such name."""
        return next((spelling for spelling in _spellings(word) if spelling in self.names), None)


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal of the grammar.

    kind    its name in the grammar
    value   what it stands for: a name as the scope spells it, an operation, an order
    text    as written
    column  where it begins, from 1
    meant   of a word that is looked up already: what it means
    """

    kind: str
    value: str
    text: str
    column: int
    meant: object = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.value


def slope_name(function: str) -> str:
    """The name that the slope of an unspecified function has: dphi."""
    return f"d{function}"


def is_identifier(text: str) -> bool:
    """Whether a text is one plain word, such as can name something."""
    return len(text) <= limits.WORD_CHARACTERS and _WORD.fullmatch(text) is not None


def quoted(text: str) -> str:
    """A piece of the text as a message shows it."""
    mark = '"' if "'" in text else "'"
    return f"{mark}{text if len(text) <= 40 else f'{text[:40]}…'}{mark}"


def tokenise(text: str, scope: Scope, start: int = 0) -> tuple[Token, ...]:
    """The tokens of `text[start:]`.

    Raises AnswerError for characters and words that mean nothing here, and for
    a bracket without a partner.
    """
    lexemes = [
        Token(match.lastgroup or "STRAY", match[0], match[0], match.start() + 1)
        for match in (_ARRAY_LEXEME if scope.arrays else _LEXEME).finditer(text, start)
    ]
    for position, lexeme in enumerate(lexemes):
        if lexeme.kind == "STRAY":
            said = _dotted(lexemes, position, scope) or _about_stray(lexeme.text, scope)
            raise AnswerError(said, lexeme.column)
    return tuple(_Pass(scope).over(lexemes))


class _Pass:
    """One walk over the lexemes, in which words get their meaning.

    opened  brackets not closed yet, each with the number of operands it may hold
    above   the order of the numerator that was just read: 2 after d2C
    owed    differentials that are still to come below the stroke
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.kinds = (
            ("NAME", scope.names),
            ("FUNCTION", scope.callables),
            ("UNSPECIFIED", scope.unspecified),
            ("SLOPE", scope.slopes.keys()),
            ("CONSTANT", _CONSTANTS),
        )
        self.opened: list[tuple[Token, int]] = []
        self.above = 0
        self.owed = 0

    def over(self, lexemes: Sequence[Token]) -> Iterator[Token]:
        before: Token | None = None
        read = 0
        for position, lexeme in enumerate(lexemes):
            if lexeme.kind == "SPACE" or position < read:
                continue
            if self.owed and (again := _again(lexemes, position)):
                read = position + (2 if lexeme.kind == "POWER" else 1)
                self.owed = max(self.owed + 1 - int(again.value), 0)
                yield again
                continue
            if lexeme.kind in _MARKS and not (before and before.kind in _UNSPECIFIED):
                self._check_mark(lexeme)
            if lexeme.kind == "COMMA":
                self._check_decimal_comma(lexemes[position - 1 : position + 2])
            self._match_brackets(lexeme, before)
            if lexeme.kind == "WORD":
                tokens = self._word(lexeme, _word_below(lexemes, position))
            else:
                tokens = self._other(lexeme)
            yield from tokens
            before = tokens[-1]
        if self.opened:
            opener, _ = self.opened[-1]
            raise AnswerError(f"the '{opener.text}' at column {opener.column} is never closed", opener.column)

    @property
    def _in_index(self) -> bool:
        return bool(self.opened) and self.opened[-1][0].kind == "OPEN_INDEX"

    def _word(self, word: Token, below: str) -> list[Token]:
        """The tokens of a word; `below` is the word that stands below a stroke right after it."""
        if self._in_index:
            raise AnswerError(f"{quoted(word.text)} cannot stand here: {_INDICES}", word.column)
        limits.check_word(word.text, word.column)
        owed, self.above, self.owed = self.owed, 0, 0
        if owed and (written := _split(word.text, self.scope)):
            self.owed = max(owed - sum(int(times or 1) for _, times in written), 0)
            return _differentials(written, word.column, self.scope)
        known = self._known(word)
        half = _NUMERATOR.fullmatch(word.text) if self.scope.quantities else None
        if half and self.scope.name(half[2]) and (known is None or self._is_differential(below)):
            self.above = int(half[1] or 1)
            return _differentials([(half[2], "")], word.column, self.scope, half[1])
        if known is None:
            raise AnswerError(_about_unknown(word.text, self.scope), word.column)
        return [known]

    def _known(self, word: Token) -> Token | None:
        """The name, function or constant that a word is."""
        for kind, known in self.kinds:
            for spelling in _spellings(word.text):
                if spelling in known:
                    value = self.scope.operation(spelling) if kind in _CALLED else spelling
                    return Token(kind, value, word.text, word.column)
        return None

    def _is_differential(self, text: str) -> bool:
        """Whether a word can be a differential only."""
        return bool(_split(text, self.scope)) and self._known(Token("WORD", text, text, 0)) is None

    def _other(self, lexeme: Token) -> list[Token]:
        token = lexeme
        if lexeme.kind == "NUMBER" and self._in_index:
            token = _counting_number("INTEGER", lexeme, lexeme.text, _INDICES)
        elif lexeme.kind == "SAMPLE":
            token = _counting_number("SAMPLE", lexeme, lexeme.text[1:], _SAMPLES)
        elif lexeme.kind == "KEYWORD":
            token = keyword_token(lexeme)
        elif lexeme.kind == "SUPERSCRIPT":
            token = Token(lexeme.kind, lexeme.text.translate(_SUPERSCRIPTS), lexeme.text, lexeme.column)
        elif lexeme.kind == "PRIMES":
            token = Token(lexeme.kind, lexeme.text.replace("″", "′′"), lexeme.text, lexeme.column)
        if token.kind == "DIVIDE":
            self.above, self.owed = 0, self.above
        return [token]

    def _check_mark(self, lexeme: Token) -> None:
        if not self.scope.quantities:
            taken = f"; {_PLACES}" if self.scope.arrays and lexeme.kind == "OPEN_INDEX" else ""
            raise AnswerError(
                f"{quoted(lexeme.text)} marks {_MARKS[lexeme.kind]}; names are plain here, without indices,"
                f" samples or primes{taken}",
                lexeme.column,
            )

    def _check_decimal_comma(self, around: Sequence[Token]) -> None:
        """`0,5` is refused wherever the comma cannot separate operands."""
        if self._in_index or (self.opened and self.opened[-1][1] > 1):
            return
        if [lexeme.kind for lexeme in around] != ["NUMBER", "COMMA", "NUMBER"]:
            return
        whole, comma, rest = around
        if not whole.text.isdigit():
            return
        both = f"{whole.text},{rest.text}"
        other = (
            f"the whole number {whole.text}{rest.text}"
            if len(whole.text) <= 3 and len(rest.text) == 3 and whole.text != "0"
            else f"the two numbers {whole.text} and {rest.text}"
        )
        raise AnswerError(
            f"{quoted(both)} can be read as {whole.text}.{rest.text} or as {other};"
            " write a decimal point, or thousands without a comma",
            comma.column,
        )

    def _match_brackets(self, lexeme: Token, before: Token | None) -> None:
        if lexeme.kind in _CLOSER:
            self._check_hidden(lexeme, before)
            row = EVERY_OPERATION[before.value] if before and before.kind == "FUNCTION" else None
            self.opened.append((lexeme, row.most + row.places if row else 1))
            limits.check_brackets(len(self.opened), lexeme.column)
        elif lexeme.kind in _CLOSER.values():
            if not self.opened:
                raise AnswerError(
                    f"the '{lexeme.text}' at column {lexeme.column} closes nothing: no bracket is open",
                    lexeme.column,
                )
            opener, _ = self.opened.pop()
            if _CLOSER[opener.kind] != lexeme.kind:
                raise AnswerError(
                    f"the '{lexeme.text}' at column {lexeme.column} cannot close"
                    f" the '{opener.text}' at column {opener.column}",
                    lexeme.column,
                )

    def _check_hidden(self, opener: Token, before: Token | None) -> None:
        """A name that is also a function's word is the name, and cannot be called."""
        if before is None or (opener.kind, before.kind) != ("OPEN", "NAME"):
            return
        if before.text in FUNCTIONS | ARRAY_FUNCTIONS:
            found = f"{quoted(before.text)} is the name of a quantity here, which hides the function"
            raise AnswerError(f"{found} {before.text}; give the quantity another name", before.column)


def _word_below(lexemes: Sequence[Token], position: int) -> str:
    """The word below the stroke that follows a word and its index, sample and primes; or nothing."""
    after = (
        lexeme for lexeme in lexemes[position + 1 : position + 1 + _LONGEST_MARKS] if lexeme.kind != "SPACE"
    )
    for lexeme in after:
        if lexeme.kind == "DIVIDE":
            below = next(after, None)
            return below.text if below is not None and below.kind == "WORD" else ""
        if lexeme.kind not in _WITHIN_MARKS:
            break
    return ""


def _spellings(word: str) -> tuple[str, ...]:
    """A word as written, and with the names of its Greek letters."""
    return (word,) if word.isascii() else (word, word.translate(GREEK))


Differentiated = tuple[str, str]
"""A name below the stroke, and how often it is differentiated by: ("x", "2") of dx2, ("x", "") of dx."""


def _split(word: str, scope: Scope) -> list[Differentiated]:
    """The names in d<name>d<name>2…, the longest first; empty where the word is not made so."""
    found: dict[int, list[Differentiated]] = {len(word): []}
    for start in range(len(word) - 2, -1, -1):
        if word[start] == "d":
            for end in range(len(word), start + 1, -1):
                times = word[end : end + 1] if word[end : end + 1] in _REPEATS else ""
                after = end + len(times)
                if after in found and scope.name(word[start + 1 : end]):
                    found[start] = [(word[start + 1 : end], times), *found[after]]
                    break
    return found.get(0, [])


def _again(lexemes: Sequence[Token], position: int) -> Token | None:
    """The ^2 of d2f/dx^2, as the number of times that is differentiated by what stands before it."""
    sign, *after = lexemes[position : position + 2]
    exponent = sign.text.translate(_SUPERSCRIPTS) if sign.kind == "SUPERSCRIPT" else ""
    if sign.kind == "POWER" and after:
        exponent = after[0].text
    return Token("AGAIN", exponent, sign.text, sign.column) if exponent in _REPEATS else None


def _differentials(
    written: Sequence[Differentiated], column: int, scope: Scope, order: str = ""
) -> list[Token]:
    """A differential and a name for each name that was written after a d."""
    kind = "HIGHER" if order else "DIFFERENTIAL"
    tokens: list[Token] = []
    for name, times in written:
        tokens.append(Token(kind, order or "1", f"d{order}", column))
        column += len(tokens[-1].text)
        tokens.append(Token("NAME", scope.name(name) or name, name, column))
        column += len(name)
        if times:
            tokens.append(Token("AGAIN", times, times, column))
            column += len(times)
    return tokens


def _counting_number(kind: str, lexeme: Token, value: str, expected: str) -> Token:
    if not _COUNTING_NUMBER.fullmatch(value.removeprefix("t")):
        raise AnswerError(f"{quoted(lexeme.text)} cannot stand here: {expected}", lexeme.column)
    return Token(kind, value, lexeme.text, lexeme.column)


_AXES = MappingProxyType({"0": "0", "1": "1", "-1": "-1", "−1": "-1", "-2": "-2", "−2": "-2"})
_TRUTHS = MappingProxyType({"true": "1", "True": "1", "1": "1", "false": "", "False": "", "0": ""})
_KEYWORDS = MappingProxyType(
    {"axis": (_AXES, "an axis is 0, 1, -1 or -2"), "keepdims": (_TRUTHS, "keepdims is true or false")}
)


def keyword_token(lexeme: Token) -> Token:
    """`axis = -1` as the value `axis -1`, `keepdims = true` as `keepdims 1`."""
    word, _, value = (part.strip() for part in lexeme.text.partition("="))
    values, allowed = _KEYWORDS[word]
    if value not in values:
        raise AnswerError(f"{quoted(lexeme.text.strip())} cannot be read: {allowed}", lexeme.column)
    return Token(lexeme.kind, f"{word} {values[value]}", lexeme.text.strip(), lexeme.column)


def _dotted(lexemes: Sequence[Token], position: int, scope: Scope) -> str | None:
    """What to say of the dot of np.sin or W.dot; None for other characters."""
    around = lexemes[max(position - 1, 0) : position + 2]
    kinds = [lexeme.kind for lexeme in around]
    if lexemes[position].text != "." or kinds not in (["WORD", "STRAY", "WORD"], ["CLOSE", "STRAY", "WORD"]):
        return None
    before, _, after = around
    return about_dot(before.text, after.text, scope.callables | _CONSTANTS, arrays=scope.arrays)


def _about_stray(character: str, scope: Scope) -> str:
    """What to say of a character that no formula has."""
    if character == ".":
        return "'.' stands alone; a decimal point has a digit beside it"
    if character == ":" and scope.arrays:
        return f"':' is not part of a formula; {_PLACES}"
    if character == "@":
        return "'@' stands alone; the number of a sample follows it, as in @3 or @t1"
    if character == "=":
        return "'=' belongs to a step such as a = x^2; one formula is expected here"
    if character in SIGNS:
        return f"'{character}' is not part of a formula; {SIGNS[character]}"
    shown = f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"
    name = "" if character.isascii() else unicodedata.name(character, "")
    folded = unicodedata.normalize("NFKC", character)
    twin = INSTEAD.get(character, folded if _LEXEME.fullmatch(folded) and folded != character else "")
    hint = f"; did you mean '{twin}'?" if twin else ""
    return f"{shown}{f' ({name})' if name else ''} is not part of a formula{hint}"


def _about_unknown(word: str, scope: Scope) -> str:
    """What to say of a word that the scope does not know."""
    known = {*scope.names, *scope.callables, *scope.unspecified, *scope.slopes}
    latin = word.translate(LATIN_TWINS)
    if latin != word and latin in known:
        return f"{quoted(word)} is written with Greek letters; did you mean '{latin}' in Latin ones?"
    if scope.quantities and word.startswith("d"):
        known |= {f"d{name}" for name in scope.names}
    near = about_word(word, arrays=scope.arrays) or did_you_mean(word, sorted(known))
    if not near and scope.quantities and "C" in scope.names and word.removeprefix("d") in _COSTS:
        near = "; the cost is C here, unless [notation] gives another letter"
    listed = sorted(scope.names)
    if near or not listed:
        return f"{quoted(word)} is not in this problem{near}"
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    calls = f"; functions are {', '.join(sorted(scope.callables))}" if len(word) > 2 else ""
    return f"{quoted(word)} is not in this problem; its names are {', '.join(listed[:8])}{more}{calls}"
