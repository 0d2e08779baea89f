"""The walk over the lexemes of a text: spans, brackets, and the marks behind an operand."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property
from typing import ClassVar

from derive.answers.braces import RUNNING, apart
from derive.answers.brackets import partners
from derive.answers.letters import Script
from derive.answers.lexemes import CLOSER, Lexeme
from derive.answers.vocabulary import Vocabulary
from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.nodes import Slope
from derive.formula.tokens import Token, quoted

FIRST_DIGIT = "first digit"
"""The choice between x^12 as it is typed, and as LaTeX sets it."""

TURNED = "turned"
"""The choice between a value after an update and a transpose, which both are written W'."""

ENTRIES, FLAT = "entries", "flat"
"""The choices of * entry by entry beside a slice X(:,1), and of sum(A, 2) as a vector without axes."""

KEPT = "keepdims=1"
"""What sum(A, 2) does in MATLAB, which keeps a column."""

SECOND = frozenset({ENTRIES, FLAT})
"""Choices that are made only where nothing fits without them."""

MOST_MARKS = 6
"""Of one letter; w^{(2)}_{11}@3' has four."""


_MARKS = frozenset({"SUB", "SUP", "RAISED", "LOWERED", "PRIMES", "SAMPLE", "SIZE", "SLICE", "OPEN", "MATMUL"})
"""Lexemes that may mark what stands before them."""

_COMPLETE = frozenset({"CLOSE", "CLOSE_LIST", "TRANSPOSE"})
"""Tokens that end an operand of several."""

_CALLED = frozenset({"FUNCTION", "METHOD", "ACTIVATION", "DIFFERENTIATED"})
"""Tokens that brackets of operands follow."""

_SIGNS = frozenset(
    {"PLUS", "MINUS", "TIMES", "DIVIDE", "MATMUL", "DOT", "CROSS", "POWER", "ENTRYWISE", "COMPARE"}
    | {"COMMA", "IF", "ELSE", "AND", "TRANSPOSE"}
)
"""Lexemes that are tokens of the grammar as they stand."""

_STEPS_OF_UPDATE = {"t+1": "'", "new": "'", "neu": "'", "t": "", "old": "", "alt": ""}
"""What stands above or below a parameter for its value after an update, and for that before."""

_OPERANDS = ("WORD", "NUMBER", "OPEN", "FRAC", "ROOT", "FRACTION")


class Walk(ABC):
    """One walk over the lexemes of a text.

    primed  whether a prime marks the value after an update, as where the question asks for one
    turned  the columns of primes that are read as transposes, with what is said where they cannot be
    sliced  whether a column or a row stands in round brackets, W2(:,1), as MATLAB and Julia have it
    placed  the columns of brackets with a number alone that are joined to brackets, and that number
    steps   what reads each kind of lexeme that is no token of the grammar as it stands
    """

    steps: ClassVar[Mapping[str, Callable[..., int]]]

    def __init__(
        self, words: Vocabulary, lexemes: Sequence[Lexeme], chosen: Set[str], *, primed: bool = False
    ) -> None:
        self.words = words
        self.lexemes = list(apart(words, lexemes))
        self.chosen = chosen
        self.primed = primed
        self.met: set[str] = set()
        self.notes: dict[str, None] = {}
        self.turned: dict[int, AnswerError] = {}
        self.sliced = False
        self.placed: dict[int, str] = {}
        self.tokens: list[Token] = []
        self.running: set[str] = set()
        self.partner = partners(self.lexemes)
        self.depth = 0
        self.last = len(self.lexemes)

    @cached_property
    def is_latex(self) -> bool:
        return any(lexeme.text[:1] == "\\" for lexeme in self.lexemes)

    def _span(self, at: int, stop: int) -> None:
        while at < stop:
            at = self._step(at, stop)

    def _step(self, at: int, stop: int) -> int:
        """One operand or sign, and the place behind it."""
        lexeme = self.lexemes[at]
        limits.check_brackets(self.depth + 1, lexeme.column)
        if lexeme.kind in _SIGNS:
            self.tokens.append(lexeme)
            return at + 1
        step = self.steps.get(lexeme.kind)
        if step is None:
            raise AnswerError(f"{quoted(lexeme.text)} cannot stand here", lexeme.column)
        self.depth += 1
        at = step(self, at, stop)
        self.depth -= 1
        return at

    @abstractmethod
    def _summation(self, at: int, stop: int) -> int:
        r"""\sum_k …, and the place behind its limits."""

    def _emit(self, kind: str, at: Lexeme, value: str = "", meant: object = None) -> None:
        self.tokens.append(Token(kind, value or at.value, at.text, at.column, meant))

    def _bracketed(self, at: int, first: int, last: int) -> None:
        """( … ) around the lexemes from first to last."""
        self._emit("OPEN", self.lexemes[at], "(")
        self._span(first, last)
        self._emit("CLOSE", self.lexemes[at], ")")

    def _is(self, at: int, *kinds: str) -> bool:
        return at < len(self.lexemes) and self.lexemes[at].kind in kinds

    def _behind(self, at: int) -> int:
        """The place behind the marks of an operand that ends here."""
        if at >= len(self.lexemes) or self.lexemes[at].kind not in _MARKS:
            return at
        return self._scripts(at, self._marks(at))

    def _marks(self, at: int) -> list[Script]:
        """The scripts that stand at this place, one after another."""
        found: list[Script] = []
        while at < len(self.lexemes) and self.lexemes[at].kind in _MARKS and len(found) < MOST_MARKS:
            script = self._mark(at)
            if script is None:
                break
            found.append(self._of_step(at, script) if self.primed else script)
            at = script.stop
            if script.kind == "index" and (further := self._further_place(script)) is not None:
                found[-1], at = further, further.stop
        return found

    def _further_place(self, index: Script) -> Script | None:
        """W2[1][2] as W2[1,2]; None where no second place follows."""
        at = index.stop
        is_joined = self._is(at, "OPEN") and self.lexemes[at].text == "[" and "," not in index.content
        if not is_joined or self.lexemes[at - 1].end != self.lexemes[at].column or self.partner[at] != at + 2:
            return None
        place = self.lexemes[at + 1].value
        if not place.isdigit() and not RUNNING.fullmatch(place):
            return None
        return index._replace(content=f"{index.content},{place}", stop=at + 3)

    def _of_step(self, at: int, script: Script) -> Script:
        """The (t+1) of w^{(t+1)} and the new of w_{new} as a prime; the t of w^{(t)} as no prime at all."""
        content, word = script.content.strip("()[]"), self.lexemes[at - 1].value
        known = self.words.problem.own_names.keys() & {f"{word}_{content}", f"{word}{content}"}
        is_transpose = (script.kind, script.content) == ("sup", "t")
        is_step = script.kind in ("sub", "sup") and content in _STEPS_OF_UPDATE
        if known or is_transpose or not is_step:
            return script
        return script._replace(kind="primes", content=_STEPS_OF_UPDATE[content])

    def _mark(self, at: int) -> Script | None:
        lexeme = self.lexemes[at]
        if lexeme.kind in ("SUB", "SUP"):
            return self._script("sub" if lexeme.kind == "SUB" else "sup", at)
        if lexeme.kind in ("RAISED", "LOWERED"):
            kind = "sup" if lexeme.kind == "RAISED" else "sub"
            return Script(kind, lexeme.value, at, at + 1, at + 1, lexeme.column)
        if lexeme.kind in ("PRIMES", "SAMPLE", "SIZE", "SLICE"):
            return Script(lexeme.kind.lower(), lexeme.value, at, at + 1, at + 1, lexeme.column)
        if lexeme.kind == "OPEN" and lexeme.value == "[" and at and self._can_be_index(at):
            end = self.partner[at]
            return Script("index", self._compact(at + 1, end), at + 1, end, end + 1, lexeme.column)
        if lexeme.kind == "MATMUL" and self._is(at + 1, "WORD") and self._counts(self.lexemes[at + 1].value):
            return Script("sample", self.lexemes[at + 1].value, at + 1, at + 2, at + 2, lexeme.column)
        return None

    def _counts(self, word: str) -> bool:
        """Whether a word is a running letter of this text, so that x@i is sample i."""
        return word in self.running and word not in self.words.problem.own_names

    def _can_be_index(self, at: int) -> bool:
        """Whether [ follows a word or a bracket without a space, and holds places with commas between."""
        before = self.lexemes[at - 1]
        inner = self.lexemes[at + 1 : self.partner[at]]
        if before.end != self.lexemes[at].column or not inner:
            return False
        if len(inner) % 2 == 0 or any(one.kind != "COMMA" for one in inner[1::2]):
            return False
        if before.value == ")":
            return all(one.kind == "NUMBER" for one in inner[::2])
        return before.kind == "WORD" and all(
            one.value.isdigit() or RUNNING.fullmatch(one.value) for one in inner[::2]
        )

    def _script(self, kind: str, at: int) -> Script:
        sign = self.lexemes[at]
        if at + 1 >= len(self.lexemes):
            raise AnswerError(f"nothing stands after {quoted(sign.text)}", sign.column)
        inner = self.lexemes[at + 1]
        if inner.kind == "OPEN" and inner.value in CLOSER:
            return self._bracketed_script(kind, at)
        if inner.kind == "PRIMES":
            return Script("primes", inner.value, at + 1, at + 2, at + 2, sign.column)
        if inner.kind == "PLUS" and self._is_positive_part(at):
            return Script(kind, "+", at + 1, at + 2, at + 2, sign.column)
        if inner.kind in ("MINUS", "PLUS"):
            return Script(kind, "", at + 1, at + 1, at + 1, sign.column)
        return Script(kind, inner.value, at + 1, at + 2, at + 2, sign.column)

    def _bracketed_script(self, kind: str, at: int) -> Script:
        """The script in brackets that stands behind a sign ^ or _."""
        column, bracket = self.lexemes[at].column, self.lexemes[at + 1].value
        first, end = at + 2, self.partner[at + 1]
        if bracket == "(" and self._is(first, "OPEN") and self.partner[first] == end - 1 and kind == "sup":
            first, end = first + 1, end - 1  # Word's a^((2))
        content = self._compact(first, end)
        if bracket == "(" and kind == "sub":
            return Script(kind, content, first, end, end + 1, column)  # Word's w_(12)
        stop = self.partner[at + 1] + 1
        if bracket != "{":
            return Script(kind, f"{bracket}{content}{CLOSER[bracket]}", first - 1, end + 1, stop, column)
        if content and set(content) == {"'"}:
            kind = "primes"
        first += self._is(first, "HADAMARD") and end > first + 1  # ^{\odot 2}
        return Script(kind, content, first, end, stop, column)

    def _is_positive_part(self, at: int) -> bool:
        """Whether ^+ or _+ is a mark, as in [z]_+ and (z)^+ x, and not the sign of an exponent, 10^+3."""
        is_bracket = at > 0 and self.lexemes[at - 1].kind == "CLOSE"
        return not self._is(at + 2, *(("NUMBER",) if is_bracket else _OPERANDS))

    def _compact(self, first: int, last: int) -> str:
        return "".join(one.value or one.text for one in self.lexemes[first:last])

    def _scripts(self, at: int, scripts: Sequence[Script]) -> int:
        """What stands behind an operand that is complete: powers and transposes."""
        for script in scripts:
            if script.kind == "sup" and script.content.strip("{}()") in ("T", "t", "top"):
                self._turn(script)
            elif script.kind in ("sub", "sup") and script.content == "+":
                self._called_behind("relu", (), script)
            elif script.kind == "size":
                self._called_behind("shape", script.content, script)
            elif script.kind in ("sub", "index") and self.tokens[-1].kind in _COMPLETE:
                self._called_behind("entry", self._places(script), script)
            elif script.kind == "sup":
                at = self._power(script)
                if at != script.stop:
                    return at
                continue
            elif script.kind == "primes":
                said = "a prime stands here without a function; a transpose is written ^T"
                self._turn_by_prime(script, AnswerError(said, script.column))
            elif script.kind == "index":
                return at
            elif script.kind == "slice":
                raise AnswerError(
                    f"'{self.lexemes[script.first].text}' is read behind a name, as W2(:,1);"
                    " give what stands before it a name, or write out the entries",
                    script.column,
                )
            elif script.kind == "sample":
                shown = quoted(f"@{script.content}")
                raise AnswerError(
                    f"{shown} is the sample of a quantity, as in a2@1, and none stands before it;"
                    " @ multiplies arrays",
                    script.column,
                )
            else:
                shown = self._compact(script.first - 1 - (script.stop > script.last), script.stop)
                hint = "; a power of an entry is written A_{ij}^2" if self._is_behind_power(script) else ""
                raise AnswerError(
                    f"{quoted(shown)} does not belong to what stands before it{hint}", script.column
                )
            at = script.stop
        return at

    def _is_behind_power(self, script: Script) -> bool:
        """Whether a mark below stands behind an exponent, as in A^2_{ij}."""
        return script.kind == "sub" and "POWER" in [token.kind for token in self.tokens[-4:]]

    def _called_behind(self, operation: str, places: Sequence[str], script: Script) -> None:
        """An operation on what stands before it: [z]_+ is relu, (W a)_1 an entry."""
        shown = quoted(script.content)
        for kind, value in (("METHOD", operation), ("OPEN", "(")):
            self.tokens.append(Token(kind, value, shown, script.column))
        for number, place in enumerate(places):
            if number:
                self.tokens.append(Token("COMMA", ",", ",", script.column))
            self.tokens.append(Token("NUMBER", place, place, script.column))
        self.tokens.append(Token("CLOSE", ")", ")", script.column))

    def _places(self, script: Script) -> Sequence[str]:
        """1 of _1, 1 and 2 of _{12} and _{1,2}, counted from 1."""
        content = script.content.strip("()")
        places = content.split(",") if "," in content else [content]
        if len(content) == 2 and "0" not in content and content.isdigit():
            places = list(content)
        if not all(place.isdigit() for place in places) or len(places) > 2:
            raise AnswerError(
                f"{quoted(content)} is no place in what stands before it; the first is written _1",
                script.column,
            )
        if "0" in places:
            raise AnswerError("places count from 1 here: the first is written _1 or [1]", script.column)
        return places

    def _turn_by_prime(self, mark: Script, said: AnswerError) -> None:
        """The transpose A' of what stands in brackets. Raises what is said where that cannot be meant."""
        last = self.tokens[-1]
        is_bracket = last.kind == "CLOSE" and not self._ends_call()
        if mark.content != "'" or not (is_bracket or isinstance(last.meant, Slope)):
            raise said
        self.turned[mark.column] = said
        self._turn(mark)

    def _ends_call(self) -> bool:
        """Whether the bracket that was closed last is that of a function."""
        at, depth = len(self.tokens), 0
        while at and (depth or at == len(self.tokens)):
            at -= 1
            depth += (self.tokens[at].kind == "CLOSE") - (self.tokens[at].kind == "OPEN")
        return at > 0 and self.tokens[at - 1].kind in _CALLED

    def _turn(self, script: Script) -> None:
        self.tokens.append(Token("TRANSPOSE", "T", "^T", script.column))

    def _is_one_token(self, script: Script) -> bool:
        r"""Whether x^12 is read as LaTeX sets it, x^1 2; of 10^12 nobody means that."""
        power, base = self.lexemes[script.first], self.tokens[-2].kind
        has_choice = power.kind == "NUMBER" and power.value.isdigit() and len(power.value) > 1
        is_bare = script.last == script.first + 1 == script.stop
        if not (has_choice and is_bare and base != "NUMBER" and self.is_latex):
            return False
        self.met.add(FIRST_DIGIT)
        return FIRST_DIGIT in self.chosen

    def _power(self, script: Script) -> int:
        self.tokens.append(Token("POWER", "^", "^", script.column))
        if script.first == script.last:
            return script.stop  # ^-z: the grammar takes what follows
        lexeme = self.lexemes[script.first]
        if lexeme.kind != "RAISED":
            if (
                self._is(script.first, "OPEN")
                and script.last == script.stop
                and script.first + 1 < script.last
            ):
                self._bracketed(script.first, script.first + 1, script.last - 1)
            elif self._is_one_token(script):
                for kind, value in (
                    ("NUMBER", lexeme.value[0]),
                    ("BESIDE", ""),
                    ("NUMBER", lexeme.value[1:]),
                ):
                    self.tokens.append(Token(kind, value, value, lexeme.column))
            elif script.last == script.first + 1 == script.stop:
                return self._step(script.first, self.last)
            else:
                self._bracketed(script.first, script.first, script.last)
            return script.stop
        match = re.fullmatch("(-?)([0-9]+)", lexeme.value)
        if match is None:
            raise AnswerError(f"{quoted(lexeme.text)} is no power here", lexeme.column)
        if match[1]:
            self._emit("MINUS", lexeme, "-")
        self.tokens.append(Token("NUMBER", match[2], match[2], lexeme.column))
        return script.stop
