"""Lexemes to tokens of the grammar: every word gets its meaning in the problem.

What a text leaves unsaid is put in here: the sign between factors that stand side by
side, the brackets of a fraction, of ln a and of sin²(z). Where a text can be meant in
two ways, `chosen` says which is taken, and `met` gathers the choices that there were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from derive.answers.letters import POWER_OR_LAYER, Found, Script
from derive.answers.lexemes import CLOSER, Lexeme
from derive.answers.vocabulary import CONSTANTS, Vocabulary
from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.answer_rules import Head, Running
from derive.formula.nodes import Index, Letter, Node, Number, Slope
from derive.formula.tokens import Token, keyword_token, quoted

STROKE, EXPONENT, ENTRYWISE = "stroke", "exponent", "entrywise"
"""The choices of 1/2a, of e^2x and of u ⊙ v wᵀ."""

_PLAIN = frozenset(
    {"PLUS", "MINUS", "TIMES", "DIVIDE", "MATMUL", "DOT", "CROSS", "COMMA", "IF", "ELSE", "AND", "TRANSPOSE", "POWER"}
)
_ENDS = frozenset({"NUMBER", "CONSTANT", "LETTER", "CLOSE", "CLOSE_LIST", "TRANSPOSE"})
_STARTS = frozenset(
    {"CONSTANT", "LETTER", "FUNCTION", "ACTIVATION", "DIFFERENTIATED", "OPEN", "OPEN_LIST", "SUMMATION"}
)
_TIGHT = frozenset({"BESIDE", "POWER", "TRANSPOSE"})
_RUNNING = re.compile("[ijklmnpqrs]")


class Tagger:
    """One walk over the lexemes of a text.

    primed  whether a prime marks the value after an update, as where the question asks for one
    """

    def __init__(
        self, words: Vocabulary, lexemes: Sequence[Lexeme], chosen: Set[str], *, primed: bool = False
    ) -> None:
        self.words = words
        self.lexemes = list(_apart(words, lexemes))
        self.chosen = chosen
        self.primed = primed
        self.met: set[str] = set()
        self.notes: list[str] = []
        self.tokens: list[Token] = []
        self.running: set[str] = set()
        self.partner = _partners(self.lexemes)
        self.depth = 0

    def tagged(self) -> tuple[Token, ...]:
        """The tokens of the whole text."""
        self._span(0, len(self.lexemes))
        tokens = _joined(self.tokens)
        tokens, met = _grouped(tokens, self.chosen)
        self.met |= met
        return tuple(tokens)

    # -- walking ---------------------------------------------------------------------------------

    def _span(self, at: int, stop: int) -> None:
        while at < stop:
            at = self._step(at, stop)

    def _step(self, at: int, stop: int) -> int:
        """One operand or sign, and the place behind it."""
        self.depth += 1
        limits.check_brackets(self.depth, self.lexemes[at].column)
        at = self._stepped(at, stop)
        self.depth -= 1
        return at

    def _stepped(self, at: int, stop: int) -> int:
        lexeme = self.lexemes[at]
        if lexeme.kind in _PLAIN:
            self._emit(lexeme.kind, lexeme)
            return at + 1
        step = _STEPS.get(lexeme.kind)
        if step is None:
            raise AnswerError(f"{quoted(lexeme.text)} cannot stand here", lexeme.column)
        return step(self, at, stop)

    def _emit(self, kind: str, at: Lexeme, value: str = "", meant: object = None) -> None:
        self.tokens.append(Token(kind, value or at.value, at.text, at.column, meant))

    def _bracketed(self, at: int, first: int, last: int) -> None:
        """( … ) around the lexemes from first to last."""
        self._emit("OPEN", self.lexemes[at], "(")
        self._span(first, last)
        self._emit("CLOSE", self.lexemes[at], ")")

    def _is(self, at: int, *kinds: str) -> bool:
        return at < len(self.lexemes) and self.lexemes[at].kind in kinds

    # -- numbers and signs -----------------------------------------------------------------------

    def _number(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        self._check_comma(at)
        if "/" in lexeme.value:
            over, under = lexeme.value.split("/")
            for kind, value in (("OPEN", "("), ("NUMBER", over), ("DIVIDE", "/"), ("NUMBER", under), ("CLOSE", ")")):
                self.tokens.append(Token(kind, value, value, lexeme.column))
        else:
            self.tokens.append(Token("NUMBER", lexeme.value, lexeme.value, lexeme.column))
        if self._is(at + 1, "PERCENT"):
            sign = self.lexemes[at + 1]
            self._emit("DIVIDE", sign, "/")
            self.tokens.append(Token("NUMBER", "100", "100", sign.column))
            return at + 2
        return self._scripts(at + 1, self._marks(at + 1))

    def _check_comma(self, at: int) -> None:
        """`0,5` and `1,000` are refused: each can be read in two ways."""
        around = self.lexemes[at : at + 3]
        if [lexeme.kind for lexeme in around] != ["NUMBER", "COMMA", "NUMBER"]:
            return
        whole, comma, rest = around
        if not whole.text.isdigit() or comma.column != whole.end or rest.column != comma.end or self._in_list(at):
            return
        other = (
            f"the whole number {whole.text}{rest.text}"
            if len(whole.text) <= 3 and len(rest.text) == 3 and whole.text != "0"
            else f"the two numbers {whole.text} and {rest.text}"
        )
        raise AnswerError(
            f"'{whole.text},{rest.text}' can be read as {whole.text}.{rest.text} or as {other};"
            " write a decimal point, or thousands without a comma",
            comma.column,
        )

    def _in_list(self, at: int) -> bool:
        """Whether a comma separates here: within a call's brackets, or a list's."""
        opener = max((o for o, c in self.partner.items() if o < at < c), default=None)
        if opener is None:
            return False
        before = self.lexemes[opener - 1] if opener else None
        called = before is not None and before.kind == "WORD" and self.words.function(before.value) is not None
        return self.lexemes[opener].value == "[" or called or bool(before and before.kind == "METHOD")

    def _hadamard(self, at: int, _stop: int) -> int:
        self.met.add(ENTRYWISE)
        self._emit("ENTRYWISE" if ENTRYWISE in self.chosen else "HADAMARD", self.lexemes[at])
        return at + 1

    def _outer(self, at: int, _stop: int) -> int:
        """u ⊗ v is u vᵀ."""
        self._emit("CROSS", self.lexemes[at], "outer")
        return at + 1

    def _equals(self, at: int, stop: int) -> int:
        """Between sides, or a condition's = within brackets."""
        kind = "COMPARE" if stop < len(self.lexemes) else "EQUALS"
        self._emit(kind, self.lexemes[at], "=")
        return at + 1

    def _compare(self, at: int, _stop: int) -> int:
        self._emit("COMPARE", self.lexemes[at])
        return at + 1

    def _keyword(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        self.tokens.append(keyword_token(Token("KEYWORD", lexeme.text, lexeme.text, lexeme.column)))
        return at + 1

    # -- brackets --------------------------------------------------------------------------------

    def _open(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        end = self.partner[at]
        if lexeme.value in ("MATRIX", "CASES"):
            self._table(at, end)
        elif lexeme.value == "[":
            self._emit("OPEN_LIST", lexeme)
            self._span(at + 1, end)
            self._emit("CLOSE_LIST", self.lexemes[end])
        else:
            self._bracketed(at, at + 1, end)
        return self._scripts(end + 1, self._marks(end + 1))

    def _table(self, at: int, end: int) -> None:
        """A matrix as a list of lists; cases as a call: value, condition, …"""
        cases = self.lexemes[at].value == "CASES"
        rows = [_split(self.lexemes, row, "CELL", self.partner) for row in
                _split(self.lexemes, range(at + 1, end), "ROW", self.partner) if row]
        if not rows:
            raise AnswerError("nothing stands in this table", self.lexemes[at].column)
        if cases:
            self._emit("FUNCTION", self.lexemes[at], "cases")
        self._emit("OPEN" if cases else "OPEN_LIST", self.lexemes[at], "(")
        for i, row in enumerate(rows):
            if i:
                self._emit("COMMA", self.lexemes[at], ",")
            if cases:
                self._case(row, at)
                continue
            self._emit("OPEN_LIST", self.lexemes[at], "[")
            self._cells(row, at)
            self._emit("CLOSE_LIST", self.lexemes[at], "]")
        self._emit("CLOSE" if cases else "CLOSE_LIST", self.lexemes[at], ")")

    def _case(self, row: Sequence[range], at: int) -> None:
        if len(row) > 2:
            raise AnswerError("a case has a value and a condition", self.lexemes[at].column)
        cells = [cell for cell in row if not (cell and self._is(cell.start, "OTHERWISE"))]
        value = cells[0]
        if value and self.lexemes[value.stop - 1].kind == "COMMA":
            cells[0] = range(value.start, value.stop - 1)
        self._cells(cells, at)

    def _cells(self, cells: Sequence[range], at: int) -> None:
        for k, cell in enumerate(cells):
            if k:
                self._emit("COMMA", self.lexemes[at], ",")
            self._span(cell.start, cell.stop)

    def _bar(self, at: int, stop: int) -> int:
        """|u| and ‖u‖, the next sign of its kind being the one that closes."""
        lexeme = self.lexemes[at]
        depth = 0
        for end in range(at + 1, stop):
            depth += (self.lexemes[end].kind == "OPEN") - (self.lexemes[end].kind == "CLOSE")
            if depth == 0 and self.lexemes[end].kind == lexeme.kind:
                break
        else:
            raise AnswerError(f"the {quoted(lexeme.text)} is never closed", lexeme.column)
        self._emit("FUNCTION", lexeme, "norm" if lexeme.kind == "NORM" else "abs")
        self._bracketed(at, at + 1, end)
        scripts = self._marks(end + 1)
        if lexeme.kind == "NORM" and scripts and (scripts[0].kind, scripts[0].content) == ("sub", "2"):
            return self._scripts(scripts[0].stop, scripts[1:])
        return self._scripts(end + 1, scripts)

    def _indicator(self, at: int, stop: int) -> int:
        r"""\mathbb 1_{z > 0}, \mathbb 1[z > 0]"""
        start = at + 1 + self._is(at + 1, "SUB")
        if not self._is(start, "OPEN"):
            raise AnswerError("an indicator has its condition: \\mathbb 1_{z > 0}", self.lexemes[at].column)
        end = self.partner[start]
        inner = (start + 1, end)
        if self._is(start + 1, "OPEN") and self.partner[start + 1] == end - 1:
            inner = (start + 2, end - 1)
        self._bracketed(at, *inner)
        return self._scripts(end + 1, self._marks(end + 1))

    # -- LaTeX with arguments --------------------------------------------------------------------

    def _argument(self, at: int, what: Lexeme) -> tuple[int, int, int]:
        """First, last and what follows: of {…}, or of a single digit, letter or command."""
        if not self._is(at, "OPEN"):
            if not self._is(at, "NUMBER", "WORD"):
                raise AnswerError(f"{quoted(what.text)} needs {{…}}", what.column)
            return at, at + 1, at + 1
        end = self.partner[at]
        return at + 1, end, end + 1

    def _fraction(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        first, last, after = self._argument(at + 1, lexeme)
        first2, last2, end = self._argument(after, lexeme)
        slope = self._quotient((first, last), (first2, last2))
        if slope is not None:
            return self._derived(at, slope, end)
        self._emit("OPEN", lexeme, "(")
        self._bracketed(at, first, last)
        self._emit("DIVIDE", lexeme, "/")
        self._bracketed(at, first2, last2)
        self._emit("CLOSE", lexeme, ")")
        return self._scripts(end, self._marks(end))

    def _root(self, at: int, stop: int) -> int:
        lexeme = self.lexemes[at]
        order, start = "2", at + 1
        if self._is(start, "OPEN") and self.lexemes[start].value == "[" and lexeme.text.startswith("\\"):
            order = "".join(one.value for one in self.lexemes[start + 1 : self.partner[start]])
            start = self.partner[start] + 1
        first, last, end = self._argument(start, lexeme)
        if not order.isdigit() or not 2 <= int(order) <= 9:
            raise AnswerError("a root has an order from 2 to 9", lexeme.column)
        if order == "2":
            self._emit("FUNCTION", lexeme, "sqrt")
            self._bracketed(at, first, last)
        else:
            self._emit("OPEN", lexeme, "(")
            self._bracketed(at, first, last)
            for kind, value in (("POWER", "^"), ("OPEN", "("), ("NUMBER", "1"), ("DIVIDE", "/"), ("NUMBER", order)):
                self.tokens.append(Token(kind, value, value, lexeme.column))
            self._emit("CLOSE", lexeme, ")")
            self._emit("CLOSE", lexeme, ")")
        return self._scripts(end, self._marks(end))

    # -- words -----------------------------------------------------------------------------------

    def _word(self, at: int, stop: int) -> int:
        lexeme = self.lexemes[at]
        if lexeme.value == "sum" and self._is(at + 1, "SUB", "SUP"):
            return self._summation(at, stop)
        slope = self._inline(at, stop)
        if slope is not None:
            return slope
        scripts = self._marks(at + 1)
        found = self._quantity(lexeme, scripts)
        if found:
            one = self._choose(found)
            return self._letter(at, one, scripts)
        called = self._function(lexeme, scripts)
        if called is not None:
            return self._called(at, called, scripts)
        if lexeme.value in CONSTANTS:
            self._emit("CONSTANT", lexeme)
            return self._scripts(at + 1, scripts)
        return self._unknown(at, stop)

    def _quantity(self, lexeme: Lexeme, scripts: Sequence[Script]) -> tuple[Found, ...]:
        try:
            return self.words.quantity(lexeme.value, scripts) or (
                self.words.quantity(lexeme.text, scripts) if lexeme.text != lexeme.value else ()
            )
        except AnswerError as error:
            raise AnswerError(str(error), error.column or lexeme.column) from None

    def _choose(self, found: Sequence[Found]) -> Found:
        if len(found) > 1:
            self.met.add(POWER_OR_LAYER)
        return found[-1 if POWER_OR_LAYER in self.chosen else 0]

    def _letter(self, at: int, found: Found, scripts: Sequence[Script]) -> int:
        lexeme, letter = self.lexemes[at], found.letter
        rest = scripts[found.used :]
        end = scripts[found.used - 1].stop if found.used else at + 1
        if rest and rest[0].kind == "primes":
            letter = self._primed(letter, rest[0], lexeme)
            end, rest = rest[0].stop, rest[1:]
        self.running |= {part for part in (*letter.index, letter.sample) if isinstance(part, str)}
        text = "".join(one.text for one in self.lexemes[at:end])
        self.tokens.append(Token("LETTER", letter.key, text, lexeme.column, letter))
        if found.turned:
            self._emit("TRANSPOSE", lexeme, "T")
        if not rest and self._is(end, "OPEN") and self._is_argument(letter, end):
            end = self.partner[end] + 1
            rest = self._marks(end)
        return self._scripts(end, rest)

    def _primed(self, letter: Letter, mark: Script, at: Lexeme) -> Letter:
        if self.primed:
            return replace(letter, primes=len(mark.content))
        shown = f"{at.text}{mark.content}"
        hint = f"; a transpose is written {at.text}^T" if letter.letter == "W" else ""
        raise AnswerError(
            f"'{shown}' is the value after one update, and this question asks for values before it{hint}", mark.column
        )

    def _is_argument(self, letter: Letter, at: int) -> bool:
        """Whether brackets hold only what a quantity depends on: h(x), y(x), C(w, b) are h, y and C."""
        end = self.partner[at]
        if self.lexemes[at].value != "(" or end == at + 1:
            return False
        inner = self.lexemes[at + 1 : end]
        if any(one.kind not in ("WORD", "COMMA", "SUB", "NUMBER", "SUP") for one in inner) or inner[0].kind != "WORD":
            return False
        return self.words.depends(letter, [one.value for one in inner if one.kind == "WORD"])

    def _function(self, lexeme: Lexeme, scripts: Sequence[Script]) -> tuple[str | Head, int] | None:
        """What a word calls, and how many scripts belong to its name: sigma_2, \\sigma^{(2)}, σ″."""
        called, used = self.words.function(lexeme.value), 0
        marked = scripts[0] if scripts else None
        if marked and marked.kind == "sub" and (by_layer := self.words.function(f"{lexeme.value}_{marked.content}")):
            called, used = by_layer, 1
        elif marked and isinstance(called, Head) and not called.function and called.layer is None:
            layer = marked.content.strip("()[]")
            if marked.kind == "sub" or (marked.kind == "sup" and marked.content[0] in "(["):
                numbered = self.words.function(f"{lexeme.value}{layer}")
                if numbered is None and not re.fullmatch("[lL]([+-][0-9])?", layer):
                    raise AnswerError(f"'{lexeme.text}': there is no layer {layer}", marked.column)
                called, used = numbered or replace(called, layer=layer), 1
        if called is None and marked and marked.kind == "sub":
            numbered = self.words.function(f"{lexeme.value}{marked.content.strip('()')}")
            called, used = numbered, 1
        if called is None:
            return None
        if len(scripts) > used and scripts[used].kind == "primes":
            order = len(scripts[used].content)
            slope = self.words.differentiated(called, order)
            if slope is None or slope.order > 2:
                raise AnswerError(f"'{lexeme.text}' has no such derivative here", lexeme.column)
            return slope, used + 1
        return called, used

    def _called(self, at: int, called: tuple[str | Head, int], scripts: Sequence[Script]) -> int:
        """A call, with or without brackets: sigma(z2), ln a, sin^2(z)."""
        lexeme = self.lexemes[at]
        what, used = called
        end = scripts[used - 1].stop if used else at + 1
        rest = scripts[used:]
        power = rest[0] if rest and rest[0].kind == "sup" else None
        if power is not None and isinstance(what, Head) and not what.function and power.content.isdigit():
            name = lexeme.value
            raise AnswerError(
                f"'{lexeme.text}^{power.content}' can be the activation of layer {power.content}, {name}{power.content}(…),"
                f" or a power, {name}(…)^{power.content}; write one of these",
                power.column,
            )
        if power is not None and not (power.content.isdigit() and int(power.content) > 1):
            raise AnswerError(f"write this power behind the call: {lexeme.text}(…)^…", power.column)
        if power is not None:
            end = power.stop
            self._emit("OPEN", lexeme, "(")
        if isinstance(what, Head):
            self._emit("ACTIVATION", lexeme, lexeme.value, what)
        else:
            self._emit("FUNCTION", lexeme, what)
        end = self._operands(at, end)
        if power is not None:
            for kind, value in (("POWER", "^"), ("NUMBER", power.content), ("CLOSE", ")")):
                self.tokens.append(Token(kind, value, value, power.column))
        return self._scripts(end, self._marks(end))

    def _operands(self, at: int, start: int) -> int:
        """What a function is called with; without brackets the next factor, with a number before it."""
        if self._is(start, "OPEN") and self.lexemes[start].value in "({[":
            end = self.partner[start]
            inner = (start, end + 1) if self.lexemes[start].value == "[" else (start + 1, end)
            if self.lexemes[start].value == "[" and self.tokens[-1].value != "array":
                inner = (start + 1, end)
            self._bracketed(at, *inner)
            return end + 1
        if not self._is(start, "WORD", "NUMBER", "FRAC", "ROOT", "BAR"):
            return start  # the grammar says what is missing
        self._emit("OPEN", self.lexemes[at], "(")
        end = self._step(start, len(self.lexemes))
        if self.lexemes[start].kind == "NUMBER" and self._is(end, "WORD"):
            end = self._step(end, len(self.lexemes))
        self._emit("CLOSE", self.lexemes[at], ")")
        return end

    def _unknown(self, at: int, stop: int) -> int:
        """A running letter, a word to be split, or a mistake."""
        lexeme = self.lexemes[at]
        if lexeme.value in self.running | {one.letter for one in self._sums()} and len(lexeme.value) == 1:
            self._emit("LETTER", lexeme, "", Index(lexeme.value))
            return at + 1
        called = self._is(at + 1, "OPEN", "PRIMES")
        ways = self.words.pieces(lexeme.value, called=called) if lexeme.text == lexeme.value else []
        if len(ways) > 1:
            shown = " or ".join("*".join(way) for way in ways[:3])
            raise AnswerError(f"'{lexeme.text}' can be read as {shown}; write the signs", lexeme.column)
        if not ways:
            raise AnswerError(self.words.about(lexeme.value, lexeme.text), lexeme.column)
        column = lexeme.column
        for piece in ways[0]:
            self.lexemes[at] = Lexeme("WORD", piece, piece, column)
            column += len(piece)
            if column < lexeme.end:
                self._piece(self.lexemes[at])
        return self._word(at, stop)

    def _piece(self, lexeme: Lexeme) -> None:
        """A word within a longer one."""
        found = self._quantity(lexeme, ())
        if found:
            self._emit("LETTER", lexeme, found[0].letter.key, found[0].letter)
        else:
            self._emit("CONSTANT", lexeme)

    def _sums(self) -> list[Running]:
        return [token.meant for token in self.tokens if isinstance(token.meant, Running)]

    # -- derivatives -----------------------------------------------------------------------------

    def _inline(self, at: int, stop: int) -> int | None:
        """dC/dw2, ∂C/∂w, d/dw (…), d(…)/dw; None where no derivative begins."""
        lexeme = self.lexemes[at]
        if lexeme.kind == "WORD" and lexeme.value[0] != "d":
            return None
        if lexeme.value == "d" and self._is(at + 1, "OPEN") and self._is(self.partner[at + 1] + 1, "DIVIDE"):
            below = self._differentials(self.partner[at + 1] + 2, stop)
            if below is not None:
                self._emit("DIFFERENTIATED", lexeme, "d", below[0])
                self._bracketed(at, at + 2, self.partner[at + 1])
                return self._scripts(below[1], self._marks(below[1]))
        above = self._differential(at, stop, "")
        if above is None or not self._is(above[1], "DIVIDE"):
            return None
        below = self._differentials(above[1] + 1, stop)
        if below is None or (self._both_own(at, above[1] + 1)):
            return None
        slope = self._sloped(above[0], below[0], above[2], lexeme)
        return self._derived(at, slope, below[1])

    def _both_own(self, at: int, below: int) -> bool:
        """Whether dw/db is a quotient of a graph's own names dw and db."""
        names = self.words.problem.own_names
        return self.lexemes[at].value in names and self.lexemes[below].value in names

    def _partial(self, at: int, stop: int) -> int:
        found = self._inline(at, stop)
        if found is not None:
            return found
        lexeme = self.lexemes[at]
        raise AnswerError(f"'{lexeme.text}' begins a derivative, which is written in full: ∂C/∂w", lexeme.column)

    def _nabla(self, at: int, stop: int) -> int:
        r"""\nabla_{W^2} C is ∂C/∂W²; ∇_a C is by the network's output."""
        lexeme = self.lexemes[at]
        below = self._marks(at + 1)
        if not below or below[0].kind != "sub":
            raise AnswerError("'∇' says by what: \\nabla_{W^2} C", lexeme.column)
        span = below[0]
        if span.content == "a" and self.words.reader is not None and self.words.reader.deep:
            by = self.words.reader.made("a", self.words.reader.network.depth, (), None, "a")
        else:
            found = self._whole_quantity(span.first, span.last)
            if found is None:
                raise AnswerError(f"'∇' cannot be taken by {quoted(span.content)}", lexeme.column)
            by = found
        of = self._plain_quantity(span.stop, stop)
        if of is None:
            raise AnswerError("'∇' stands before what is differentiated: \\nabla_{W^2} C", lexeme.column)
        return self._derived(at, Slope(of[0], (by,)), of[1])

    def _quotient(self, above: tuple[int, int], below: tuple[int, int]) -> Slope | tuple[Letter, ...] | None:
        r"""The derivative that \frac{∂C}{∂w} is, or what \frac{d}{dw} differentiates by; None for a fraction."""
        for sign in ("", "delta"):
            top = self._differential(*above, sign)
            bottom = self._differentials(*below, sign)
            if bottom is None or bottom[1] != below[1]:
                continue
            if top is not None and top[1] == above[1]:
                return self._sloped(top[0], bottom[0], top[2], self.lexemes[above[0]])
            alone = above[1] - above[0] == 1 and self.lexemes[above[0]].value in ("d", "")
            if alone and self._is(above[0], "PARTIAL", "WORD"):
                return bottom[0]
        return None

    def _derived(self, at: int, slope: Slope | tuple[Letter, ...], end: int) -> int:
        lexeme = self.lexemes[at]
        if isinstance(slope, Slope):
            text = "".join(one.text for one in self.lexemes[at:end])
            self.tokens.append(Token("LETTER", str(slope), text, lexeme.column, slope))
            return self._scripts(end, self._marks(end))
        self._emit("DIFFERENTIATED", lexeme, "d", slope)
        end = self._operands(at, end)
        return self._scripts(end, self._marks(end))

    def _sloped(self, of: Letter, by: tuple[Letter, ...], order: int, at: Lexeme) -> Slope:
        if len(by) != order:
            raise AnswerError(f"a derivative of order {order} has {order} differentials below", at.column)
        return Slope(of, by)

    def _differential(self, at: int, stop: int, sign: str) -> tuple[Letter, int, int] | None:
        """What stands behind ∂, d or, as sign, δ: the quantity, where it ends, and the order of ∂²."""
        if at >= stop:
            return None
        lexeme, order = self.lexemes[at], 1
        start = at + 1
        match = re.fullmatch("d([2-9]?)", lexeme.value)
        if lexeme.kind == "PARTIAL" or (lexeme.kind == "WORD" and (lexeme.value == sign or match)):
            marks = self._marks(start)
            if marks and marks[0].kind == "sup" and marks[0].content.isdigit():
                order, start = int(marks[0].content), marks[0].stop
            elif match and match[1]:
                order = int(match[1])
            found = self._plain_quantity(start, stop)
            return (*found, order) if found else None
        joined = re.fullmatch(f"{sign or 'd'}([2-9]?)(.+)", lexeme.value)
        if lexeme.kind != "WORD" or joined is None:
            return None
        rest = joined[2]
        inner = Lexeme("WORD", rest, rest, lexeme.end - len(rest))
        found = self._plain_quantity(at, stop, inner)
        return (*found, int(joined[1] or 1)) if found else None

    def _differentials(self, at: int, stop: int, sign: str = "") -> tuple[tuple[Letter, ...], int] | None:
        """One differential after another: ∂w₁ ∂w₂, dw1dw2."""
        by: list[Letter] = []
        while at < stop:
            found = self._differential(at, stop, sign)
            if found is None:
                several = self._several(self.lexemes[at])
                if not several:
                    break
                by, at = by + several, at + 1
            else:
                by.append(found[0])
                at = found[1]
            if not self._is(at, "WORD", "PARTIAL") or (not sign and not self._adjacent(at)):
                break
        return (tuple(by), at) if by else None

    def _several(self, lexeme: Lexeme) -> list[Letter]:
        """The w1 and w2 of dw1dw2."""
        names = lexeme.value.split("d")
        if lexeme.kind != "WORD" or names[0] or len(names) < 3:
            return []
        found = [self.words.quantity(name, ()) if name else () for name in names[1:]]
        return [one[0].letter for one in found] if all(found) else []

    def _adjacent(self, at: int) -> bool:
        """Whether a further differential can belong below the same stroke: in ∂w∂v, not in dd/db db/da."""
        return self.lexemes[at].column == self.lexemes[at - 1].end or self.lexemes[at].kind == "PARTIAL"

    def _plain_quantity(self, at: int, stop: int, lexeme: Lexeme | None = None) -> tuple[Letter, int] | None:
        """A quantity with its marks, and where it ends; None where there is none."""
        lexeme = lexeme or (self.lexemes[at] if at < stop else None)
        if lexeme is None or lexeme.kind != "WORD":
            return None
        scripts = [script for script in self._marks(at + 1) if script.stop <= stop]
        found = self._quantity(lexeme, scripts)
        if not found:
            return None
        one = self._choose(found)
        letter = one.letter
        self.running |= {part for part in (*letter.index, letter.sample) if isinstance(part, str)}
        return letter, scripts[one.used - 1].stop if one.used else at + 1

    def _whole_quantity(self, at: int, stop: int) -> Letter | None:
        found = self._plain_quantity(at, stop)
        return found[0] if found is not None and found[1] == stop else None

    # -- sums ------------------------------------------------------------------------------------

    def _summation(self, at: int, stop: int) -> int:
        r"""\sum_{k=1}^{n_2}, sum_j"""
        lexeme = self.lexemes[at]
        below = above = None
        end = at + 1
        for script in self._marks(at + 1):
            if script.kind == "sub" and below is None:
                below = script
            elif script.kind == "sup" and above is None:
                above = script
            else:
                break
            end = script.stop
        if below is None:
            raise AnswerError("a sum says over what it runs: \\sum_k, or sum(…) of a whole array", lexeme.column)
        letter, _, start = below.content.partition("=")
        is_samples = letter == "x" and "x" in self.words.letters
        if not is_samples and not _RUNNING.fullmatch(letter):
            raise AnswerError(f"a sum runs over a letter such as k, not {quoted(letter)}", below.column)
        lower = self._limit(start, below) if start else None
        upper = self._limit(above.content, above) if above else None
        self.running.add(letter)
        self._emit("SUMMATION", lexeme, letter, Running("@" if is_samples else letter, lower, upper))
        return end

    def _limit(self, text: str, script: Script) -> Node:
        if text.isdigit():
            return Number(Fraction(limits.literal(text, script.column).value), text)
        letters = self.lexemes[script.first : script.last]
        start = next((k for k, one in enumerate(letters) if one.kind == "EQUALS"), -1) + 1
        found = self._whole_quantity(script.first + start, script.last)
        if found is not None:
            return found
        if re.fullmatch("[lLkKnNmM]", text):
            return Letter(text) if text in "Kmn" else Index(text)
        raise AnswerError(f"a sum runs to a number or a size such as n_2, not {quoted(text)}", script.column)

    # -- scripts ---------------------------------------------------------------------------------

    def _marks(self, at: int) -> list[Script]:
        """The scripts that stand at this place, one after another."""
        found: list[Script] = []
        while at < len(self.lexemes):
            script = self._mark(at)
            if script is None:
                break
            found.append(script)
            at = script.stop
        return found

    def _mark(self, at: int) -> Script | None:
        lexeme = self.lexemes[at]
        if lexeme.kind == "SUB" or (lexeme.kind == "SUP"):
            return self._script("sub" if lexeme.kind == "SUB" else "sup", at)
        if lexeme.kind in ("RAISED", "LOWERED"):
            kind = "sup" if lexeme.kind == "RAISED" else "sub"
            return Script(kind, lexeme.value, at, at + 1, at + 1, lexeme.column)
        if lexeme.kind in ("PRIMES", "SAMPLE"):
            return Script(lexeme.kind.lower(), lexeme.value, at, at + 1, at + 1, lexeme.column)
        if lexeme.kind == "OPEN" and lexeme.value == "[" and at and self._can_be_index(at):
            end = self.partner[at]
            return Script("index", self._compact(at + 1, end), at + 1, end, end + 1, lexeme.column)
        return None

    def _can_be_index(self, at: int) -> bool:
        """Whether [ follows a word without a space, and holds places alone."""
        before = self.lexemes[at - 1]
        inner = self.lexemes[at + 1 : self.partner[at]]
        if before.kind != "WORD" or before.end != self.lexemes[at].column or not inner:
            return False
        return all(one.kind == "COMMA" or one.value.isdigit() or _RUNNING.fullmatch(one.value) for one in inner)

    def _script(self, kind: str, at: int) -> Script:
        sign = self.lexemes[at]
        if at + 1 >= len(self.lexemes):
            raise AnswerError(f"nothing stands after {quoted(sign.text)}", sign.column)
        inner = self.lexemes[at + 1]
        if inner.kind == "OPEN" and inner.value in CLOSER:
            end = self.partner[at + 1]
            content = self._compact(at + 2, end)
            if inner.value != "{":
                content = f"{inner.value}{content}{CLOSER[inner.value]}"
                return Script(kind, content, at + 1, end + 1, end + 1, sign.column)
            if content and set(content) == {"'"}:
                kind = "primes"
            return Script(kind, content, at + 2, end, end + 1, sign.column)
        if inner.kind == "PRIMES":
            return Script("primes", inner.value, at + 1, at + 2, at + 2, sign.column)
        if inner.kind in ("MINUS", "PLUS"):
            return Script(kind, "", at + 1, at + 1, at + 1, sign.column)
        return Script(kind, inner.value, at + 1, at + 2, at + 2, sign.column)

    def _compact(self, first: int, last: int) -> str:
        return "".join(one.value or one.text for one in self.lexemes[first:last])

    def _scripts(self, at: int, scripts: Sequence[Script]) -> int:
        """What stands behind an operand that is complete: powers and transposes."""
        for script in scripts:
            if script.kind == "sup" and script.content.strip("{}()") in ("T", "t", "top"):
                self._turn(script)
            elif script.kind == "sup":
                at = self._power(script)
                if at != script.stop:
                    return at
                continue
            elif script.kind == "primes":
                raise AnswerError("a prime stands here without a function; a transpose is written ^T", script.column)
            elif script.kind == "index":
                return at
            else:
                shown = quoted(f"{self.lexemes[script.first - 1].text}{script.content}")
                raise AnswerError(f"{shown} marks a letter, and cannot stand here", script.column)
            at = script.stop
        return at

    def _turn(self, script: Script) -> None:
        self.tokens.append(Token("TRANSPOSE", "T", "^T", script.column))

    def _power(self, script: Script) -> int:
        self.tokens.append(Token("POWER", "^", "^", script.column))
        if script.first == script.last:
            return script.stop  # ^-z: the grammar takes what follows
        lexeme = self.lexemes[script.first]
        if lexeme.kind != "RAISED":
            if self._is(script.first, "OPEN") and script.last == script.stop and script.first + 1 < script.last:
                self._bracketed(script.first, script.first + 1, script.last - 1)
            elif script.last == script.first + 1 == script.stop:
                return self._step(script.first, len(self.lexemes))
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

    def _raised(self, at: int, _stop: int) -> int:
        if not self.tokens:
            raise AnswerError(f"{quoted(self.lexemes[at].text)} cannot begin a formula", self.lexemes[at].column)
        return self._scripts(at, self._marks(at))

    def _method(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        called = self.words.function(lexeme.value)
        if not isinstance(called, str):
            raise AnswerError(f"'.{lexeme.value}' cannot be read: names have no such method here", lexeme.column)
        self._emit("METHOD", lexeme, called)
        self._emit("OPEN", lexeme, "(")
        end = self.partner[at + 1]
        self._span(at + 2, end)
        self._emit("CLOSE", lexeme, ")")
        return self._scripts(end + 1, self._marks(end + 1))


_STEPS: Mapping[str, Callable[[Tagger, int, int], int]] = MappingProxyType(
    {
        "NUMBER": Tagger._number,
        "WORD": Tagger._word,
        "OPEN": Tagger._open,
        "FRAC": Tagger._fraction,
        "ROOT": Tagger._root,
        "SUMMATION": Tagger._summation,
        "PARTIAL": Tagger._partial,
        "NABLA": Tagger._nabla,
        "BAR": Tagger._bar,
        "NORM": Tagger._bar,
        "INDICATOR": Tagger._indicator,
        "HADAMARD": Tagger._hadamard,
        "OUTER": Tagger._outer,
        "EQUALS": Tagger._equals,
        "COMPARE": Tagger._compare,
        "KEYWORD": Tagger._keyword,
        "METHOD": Tagger._method,
        **dict.fromkeys(("SUP", "SUB", "RAISED", "LOWERED", "PRIMES", "SAMPLE"), Tagger._raised),
    }
)


def _apart(words: Vocabulary, lexemes: Sequence[Lexeme]) -> Iterator[Lexeme]:
    """The lexemes with x_jw_j as x_j w_j: below stands j alone, and w begins another factor."""
    below = False
    for lexeme in lexemes:
        head, rest = lexeme.value[:1], lexeme.value[1:]
        if (
            below
            and rest
            and lexeme.kind == "WORD"
            and lexeme.text == lexeme.value
            and _RUNNING.fullmatch(head)
            and not all(map(_RUNNING.fullmatch, rest))
            and rest.rstrip("0123456789") in words.letters
        ):
            yield replace(lexeme, value=head, text=head)
            yield Lexeme("WORD", rest, rest, lexeme.column + 1)
        else:
            yield lexeme
        below = lexeme.kind == "SUB"


def _partners(lexemes: Sequence[Lexeme]) -> dict[int, int]:
    """The place of each bracket's closing one. Raises AnswerError where one has none."""
    opened: list[int] = []
    partner: dict[int, int] = {}
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind == "OPEN":
            opened.append(at)
            limits.check_brackets(len(opened), lexeme.column)
        elif lexeme.kind == "CLOSE":
            if not opened:
                raise AnswerError(f"the '{lexeme.text}' closes nothing: no bracket is open", lexeme.column)
            opener = lexemes[opened[-1]]
            if CLOSER.get(opener.value, opener.value) != {"(": ")", "[": "]", "{": "}"}.get(lexeme.value, lexeme.value):
                raise AnswerError(
                    f"the '{lexeme.text}' cannot close the '{opener.text}' at column {opener.column}", lexeme.column
                )
            partner[opened.pop()] = at
    if opened:
        opener = lexemes[opened[-1]]
        raise AnswerError(f"the '{opener.text}' at column {opener.column} is never closed", opener.column)
    return partner


def _split(lexemes: Sequence[Lexeme], span: range, kind: str, partner: Mapping[int, int]) -> list[range]:
    """The parts of a span between signs of a kind that stand in none of its brackets."""
    parts: list[range] = []
    start = at = span.start
    while at < span.stop:
        if lexemes[at].kind == kind:
            parts.append(range(start, at))
            start = at + 1
        at = partner.get(at, at) + 1
    if start < span.stop:
        parts.append(range(start, span.stop))
    return parts


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with a sign between factors that stand side by side."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        if before and before.kind in _ENDS and token.kind in _STARTS:
            joined.append(Token("BESIDE", "", "", token.column))
        joined.append(token)
    return joined


def _grouped(tokens: Sequence[Token], chosen: Set[str]) -> tuple[list[Token], set[str]]:
    """The tokens with 1/2a as 1/(2a) and e^2x as e^(2x), where that is chosen; and what was to choose."""
    met: set[str] = set()
    found: list[Token] = []
    closes: dict[int, int] = {}
    for at, token in enumerate(tokens):
        found.append(token)
        kind = STROKE if token.kind == "DIVIDE" else EXPONENT if token.kind == "POWER" else ""
        if kind == EXPONENT and not (at and tokens[at - 1].kind == "CONSTANT"):
            kind = ""
        if kind:
            end = _factor_end(tokens, at + 1)
            if any(tokens[k].kind == "BESIDE" for k in _outermost(tokens, at + 1, end)):
                met.add(kind)
                if kind in chosen:
                    found.append(Token("OPEN", "(", "(", token.column))
                    closes[end - 1] = closes.get(end - 1, 0) + 1
        found.extend(Token("CLOSE", ")", ")", token.column) for _ in range(closes.pop(at, 0)))
    return found, met


def _factor_end(tokens: Sequence[Token], at: int) -> int:
    """Where factors that stand side by side end."""
    depth = 0
    start = at
    while at < len(tokens):
        kind = tokens[at].kind
        depth += kind in ("OPEN", "OPEN_LIST")
        depth -= kind in ("CLOSE", "CLOSE_LIST")
        leading = at == start and kind in ("MINUS", "PLUS")
        if depth < 0 or (depth == 0 and kind in _LOOSE and not leading):
            break
        at += 1
    return at


_LOOSE = frozenset(
    {"PLUS", "MINUS", "TIMES", "DIVIDE", "MATMUL", "DOT", "CROSS", "HADAMARD", "ENTRYWISE", "COMMA", "EQUALS"}
    | {"COMPARE", "IF", "ELSE", "AND", "SUMMATION"}
)


def _outermost(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    """The places from start to end that stand in none of their brackets."""
    places, depth = [], 0
    for at in range(start, end):
        kind = tokens[at].kind
        depth -= kind in ("CLOSE", "CLOSE_LIST")
        if depth == 0:
            places.append(at)
        depth += kind in ("OPEN", "OPEN_LIST")
    return places
