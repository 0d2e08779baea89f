"""Derivatives in a text: dC/dw2, \\frac{∂C}{∂w}, ∇_a C, d(…)/dw, and the quantities that they are of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from derive.answers.letters import POWER_OR_LAYER, WHOLE_PRODUCT, Found, Script
from derive.answers.lexemes import Lexeme
from derive.answers.sizes import is_number
from derive.answers.suggestions import in_full
from derive.answers.walk import TURNED, Walk
from derive.errors import AnswerError
from derive.formula.answer_rules import Head
from derive.formula.nodes import Letter, Slope
from derive.formula.tokens import Token, quoted
from derive.writing.from_answers import tree_of_links
from derive.writing.plain import pasted

_SIGNS = frozenset({"TIMES", "DIVIDE", "DOT", "CROSS"})
_APART = ("PLUS", "MINUS", "CLOSE", "COMMA", "EQUALS", "COMPARE", "HADAMARD", "MATMUL", "SUMMATION")
_WORKED_OUT = frozenset({"ACTIVATION", "UNSPECIFIED", "DIFFERENTIATED", "DIFFERENTIATING", "SUMMATION"})


_ALONE = re.compile("d([2-9]?)")
_JOINED = MappingProxyType({"": re.compile("d([2-9]?)(.+)"), "delta": re.compile("delta([2-9]?)(.+)")})
"""The d of a differential, alone and joined to its quantity, by the sign that stands for it."""

_TIMES = frozenset("23456789")
"""How often a derivative may be by the same quantity."""


class Differentials(Walk):
    """What reads quantities and derivatives off a text."""

    def _quantity(self, lexeme: Lexeme, scripts: Sequence[Script]) -> tuple[Found, ...]:
        try:
            return (
                self.words.quantity(lexeme.value, scripts)
                or (self.words.quantity(lexeme.text, scripts) if not lexeme.text.isascii() else ())
                or (self._synonym(lexeme.value, scripts) if lexeme.value not in self.running else ())
            )
        except AnswerError as error:
            raise AnswerError(str(error), error.column or lexeme.column) from None

    def _synonym(self, word: str, scripts: Sequence[Script]) -> tuple[Found, ...]:
        """What a word of the field names; of a single letter that the problem does not write, with a note."""
        found = self.words.synonym(word, scripts)
        if found and word.rstrip("0123456789") == "t":
            written = pasted(tree_of_links(self.words.problem, (found[0].letter,)))
            if not written.startswith("t"):
                self.notes[f"t is read as {written[0]}"] = None
        return found

    def _choose(self, found: Sequence[Found]) -> Found:
        if len(found) > 1:
            self.met.add(POWER_OR_LAYER)
        return found[-1 if POWER_OR_LAYER in self.chosen else 0]

    def _plain_quantity(
        self, at: int, stop: int, lexeme: Lexeme | None = None, *, turns: bool = False
    ) -> tuple[Letter, int] | None:
        """A quantity with its marks, and where it ends; None where there is none.

        turns  whether a prime behind it is of the derivative by it: dL/dZ' is the transpose of dL/dZ
        """
        lexeme = lexeme or (self.lexemes[at] if at < stop else None)
        if lexeme is None or lexeme.kind != "WORD":
            return None
        scripts = [script for script in self._marks(at + 1) if script.stop <= stop]
        found = self._quantity(lexeme, scripts)
        if not found:
            return None
        one = self._choose(found)
        letter = one.letter
        self._run(letter)
        end = scripts[one.used - 1].stop if one.used else at + 1
        after = scripts[one.used] if len(scripts) > one.used else None
        if after is not None and after.kind == "primes" and not (turns and self._is_of_all(letter, after)):
            return self._primed(letter, after, lexeme), after.stop
        return letter, end

    def _run(self, letter: Letter) -> None:
        """The running letters of this text are those of its indices and samples."""
        if letter.index or letter.sample:
            self.running |= {part for part in (*letter.index, letter.sample) if isinstance(part, str)}

    def _primed(self, letter: Letter, mark: Script, at: Lexeme) -> Letter:
        if self.primed:
            return replace(letter, primes=len(mark.content))
        raise self._about_prime(letter, mark, at)

    @property
    def _has_updates(self) -> bool:
        """Whether a prime can mark a value after an update here."""
        can_be = self.words.reader is not None or self.words.problem.training is not None
        return self.primed and can_be

    def _is_of_all(self, letter: Letter, mark: Script) -> bool:
        """Whether a prime below a stroke is the transpose of the derivative, which is by an array."""
        return mark.content == "'" and not self._has_updates and not is_number(self.words.problem, letter)

    def _about_prime(self, letter: Letter, mark: Script, at: Lexeme) -> AnswerError:
        shown = f"{at.text}{mark.content}"
        if self.words.reader is None and self.words.problem.training is None:
            written = in_full(self.words.problem, f"d{at.value}", f"d{at.text}")
            return AnswerError(
                f"'{shown}' is no name of this problem; a derivative is written {written}", mark.column
            )
        hint = f"; a transpose is written {at.text}^T" if letter.letter == "W" else ""
        return AnswerError(
            f"'{shown}' is the value after one update, and this question asks for values before it{hint}",
            mark.column,
        )

    def _is_turned(self, letter: Letter, mark: Script, at: Lexeme) -> bool:
        """Whether a prime behind a letter is a transpose; where it can be an update, as it is chosen."""
        if mark.content != "'" or letter.primes or is_number(self.words.problem, letter):
            return False
        if self._has_updates:
            self.met.add(TURNED)
            if TURNED not in self.chosen:
                return False
        self.turned[mark.column] = self._about_prime(letter, mark, at)
        return True

    def _whole_quantity(self, at: int, stop: int) -> Letter | None:
        found = self._plain_quantity(at, stop)
        return found[0] if found is not None and found[1] == stop else None

    def _inline(self, at: int, stop: int) -> int | None:
        """dC/dw2, ∂C/∂w, d/dw (…), d(…)/dw; None where no derivative begins."""
        lexeme = self.lexemes[at]
        if lexeme.kind == "WORD" and lexeme.value[0] != "d":
            return None
        end = self._above(at, stop)
        if end is not None and self._is(end, "DIVIDE"):
            below = self._differentials(end + 1, stop, turns=True)
            if below is not None:
                if end == at + 1 and self._is_sign(lexeme):
                    return self._derived(at, below[0], below[1])
                return self._of_formula((at, end), below[0], below[1])
        above = self._differential(at, stop, "")
        if above is None or not (self._is(above[1], "DIVIDE") or self._is_joined(above[1])):
            return None
        below = self._differentials(above[1] + 1, stop, order=above[2], turns=True)
        if below is None or (self._both_own(at, above[1] + 1)):
            return None
        slope = self._sloped(above[0], below[0], above[2], lexeme)
        return self._derived(at, slope, below[1])

    def _is_joined(self, at: int) -> bool:
        """Whether _dw stands here, as in the dE_dw5 of code."""
        return self._is(at, "SUB") and self._is(at + 1, "WORD") and self.lexemes[at + 1].value[0] == "d"

    def _above(self, at: int, stop: int) -> int | None:
        """Where d (…), dσ, dσ(…) or the d of d/dw ends; None where something else stands there."""
        lexeme = self.lexemes[at]
        if not self._is_sign(lexeme):
            joined = lexeme.value[1:] if lexeme.kind == "WORD" and lexeme.value[0] == "d" else ""
            return at + 1 if joined and self._is_activation(joined) else None
        if at + 1 < stop and self._is(at + 1, "OPEN") and self.lexemes[at + 1].value in "([{":
            return self.partner[at + 1] + 1
        if self._is(at + 1, "WORD") and self._is_activation(self.lexemes[at + 1].value):
            return self.partner[at + 2] + 1 if self._is(at + 2, "OPEN") else at + 2
        return at + 1

    def _is_sign(self, lexeme: Lexeme) -> bool:
        """Whether a lexeme is the d or ∂ of a differential."""
        is_d = lexeme.kind == "WORD" and lexeme.value == "d" and "d" not in self.words.problem.own_names
        return is_d or lexeme.kind == "PARTIAL"

    def _is_activation(self, word: str) -> bool:
        """Whether a word is a function that is differentiated by its operand: dσ/dz."""
        called = self.words.function(word)
        return called is not None and not self.words.quantity(word, ()) and self._head(called) is not None

    def _head(self, called: str | Head) -> Head | None:
        """The derivative of what is called; None of what has several operands."""
        return self.words.differentiated(called, 1)

    def _of_formula(self, above: tuple[int, int], by: tuple[Letter, ...], end: int) -> int:
        r"""d(wx + b)/dw, \frac{\partial \frac12(a - y)^2}{\partial a}, dσ/dz; `above` ends at the stroke."""
        first, last = above
        lexeme = self.lexemes[first]
        start = first + self._is_sign(lexeme)
        name = self.lexemes[start].value if start > first else lexeme.value[1:]
        if last - start == 1 and len(by) == 1 and self._is_activation(name):
            called = self.words.function(name)
            assert called is not None
            if by[0].letter != "z" and self.words.reader is not None:
                raise AnswerError(
                    f"'{name}' is a function of z; write what it is taken at: d{name}(z)/d{by[0]}",
                    lexeme.column,
                )
            self._emit("ACTIVATION", lexeme, name, self._head(called))
            self._emit("OPEN", lexeme, "(")
            self._emit("LETTER", lexeme, by[0].key, by[0])
            self._emit("CLOSE", lexeme, ")")
        else:
            self._emit("DIFFERENTIATED", lexeme, "d", by)
            self._bracketed(first, start, last)
        return self._behind(end)

    def _both_own(self, at: int, below: int) -> bool:
        """Whether dw/db is a quotient of a graph's own names dw and db."""
        names = self.words.problem.own_names
        return self.lexemes[at].value in names and self.lexemes[below].value in names

    def _quotient(self, above: tuple[int, int], below: tuple[int, int]) -> Slope | tuple[Letter, ...] | None:
        r"""The derivative that \frac{∂C}{∂w} is, or by what \frac{d}{dw} is taken; None for a fraction."""
        for sign in ("", "delta"):
            top = self._differential(*above, sign)
            bottom = self._differentials(*below, sign, order=top[2] if top is not None else 1)
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
            self.tokens.append(Token("LETTER", text, text, lexeme.column, slope))
            return self._behind(end)
        if end >= self.last:
            raise AnswerError(
                f"nothing stands after {quoted(lexeme.text)} to be differentiated", lexeme.column
            )
        is_bare = not self._is(end, "OPEN", "OPEN_LIST")
        self._emit("DIFFERENTIATED", lexeme, "d", slope)
        self._emit("OPEN", lexeme, "(")
        start = len(self.tokens)
        end = self._step(end, self.last)  # with its power: d/dw (a - y)^2
        while self._is_constant(start, slope) and end < self.last and not self._is(end, *_APART):
            end = self._step(end, self.last)  # d/dw 1/2 (a - y)^2 is never 0 (a - y)^2
        is_operator = is_bare and not self._leads_to_slope(end)
        if is_operator and WHOLE_PRODUCT in self.chosen:
            operator = self.tokens[start - 2]
            self.tokens[start - 2 : start] = [operator._replace(kind="DIFFERENTIATING")]
            return end
        if is_operator:
            self.met.add(WHOLE_PRODUCT)
        self._emit("CLOSE", lexeme, ")")
        return end

    def _leads_to_slope(self, at: int) -> bool:
        """Whether a derivative is among the factors that follow: the chain rule has a product of them."""
        while at < self.last and not self._is(at, *_APART):
            above = at + 1 + self._is(at + 1, "OPEN") if self._is(at, "FRAC") else at
            lexeme = self.lexemes[above] if above < self.last else None
            if lexeme is not None and (above > at or self._is(above, "PARTIAL", "WORD")):
                is_sign = lexeme.kind == "PARTIAL" or lexeme.value == "d"
                found = self._differential(above, self.last, "")
                is_above = above > at or (found is not None and self._is(found[1], "DIVIDE"))
                if is_above and (is_sign or found is not None):
                    return True
            at = self.partner.get(at, at) + 1
        return False

    def _is_constant(self, start: int, by: tuple[Letter, ...]) -> bool:
        """Whether the tokens from start on are of numbers and given letters alone, or end with a sign."""
        tokens = self.tokens[start:]
        return tokens[-1].kind in _SIGNS or all(
            token.kind not in _WORKED_OUT and not self._depends(token.meant, by) for token in tokens
        )

    def _depends(self, meant: object, by: tuple[Letter, ...]) -> bool:
        return isinstance(meant, Slope) or (isinstance(meant, Letter) and not self.words.is_given(meant, by))

    def _sloped(self, of: Letter, by: tuple[Letter, ...], order: int, at: Lexeme) -> Slope:
        if len(by) != order:
            raise AnswerError(f"a derivative of order {order} has {order} differentials below", at.column)
        return Slope(of, by)

    def _differential(
        self, at: int, stop: int, sign: str, *, turns: bool = False
    ) -> tuple[Letter, int, int] | None:
        """What stands behind ∂, d or, as sign, δ: the quantity, where it ends, and the order of ∂²."""
        if at >= stop:
            return None
        lexeme, order = self.lexemes[at], 1
        if lexeme.kind not in ("WORD", "PARTIAL"):
            return None
        start = at + 1
        match = _ALONE.fullmatch(lexeme.value)
        if lexeme.kind == "PARTIAL" or lexeme.value == sign or match:
            marks = self._marks(start)
            if marks and marks[0].kind == "sup" and marks[0].content.isdigit():
                order, start = int(marks[0].content), marks[0].stop
            elif match and match[1]:
                order = int(match[1])
            found = self._plain_quantity(start, stop, turns=turns)
            return (*found, order) if found else None
        joined = _JOINED[sign].fullmatch(lexeme.value)
        if joined is None:
            return None
        rest = joined[2]
        inner = Lexeme("WORD", rest, rest, lexeme.end - len(rest))
        found = self._plain_quantity(at, stop, inner, turns=turns)
        return (*found, int(joined[1] or 1)) if found else None

    def _differentials(
        self, at: int, stop: int, sign: str = "", order: int = 1, *, turns: bool = False
    ) -> tuple[tuple[Letter, ...], int] | None:
        """One differential after another: ∂w₁ ∂w₂, dw1dw2, and where `order` has room for it ∂w²."""
        by: list[Letter] = []
        while at < stop:
            found = self._differential(at, stop, sign, turns=turns)
            if found is None:
                several = self._several(self.lexemes[at], order)
                if not several:
                    break
                by, at = by + several, at + 1
            else:
                by.append(found[0])
                at = found[1]
            if len(by) < order and (again := self._again(at, stop)) is not None:
                by += by[-1:] * (int(again.content) - 1)
                at = again.stop
            if not self._is(at, "WORD", "PARTIAL") or (not sign and not self._adjacent(at)):
                break
        return (tuple(by), at) if by else None

    def _again(self, at: int, stop: int) -> Script | None:
        """The ² of ∂x²."""
        mark = next(iter(self._marks(at)), None) if at < stop else None
        return mark if mark is not None and mark.kind == "sup" and mark.content in _TIMES else None

    def _several(self, lexeme: Lexeme, order: int) -> list[Letter]:
        """The w1 and w2 of dw1dw2, and of a higher order the x, x and y of dx2dy."""
        first, *names = lexeme.value.split("d")
        if lexeme.kind != "WORD" or first or not all(names) or (order == 1 and len(names) == 1):
            return []
        by: list[Letter] = []
        for name in names:
            found, times = self.words.quantity(name, ()), 1
            if not found and order > 1 and name[-1] in _TIMES:
                found, times = self.words.quantity(name[:-1], ()), int(name[-1])
            if not found:
                return []
            by += [found[0].letter] * times
        return by

    def _adjacent(self, at: int) -> bool:
        """Whether a further differential can belong below the same stroke: in ∂w∂v, not in dd/db db/da."""
        return self.lexemes[at].column == self.lexemes[at - 1].end or self.lexemes[at].kind == "PARTIAL"

    def _partial(self, at: int, stop: int) -> int:
        found = self._inline(at, stop)
        if found is not None:
            return found
        if self._is(at + 1, "SUB"):
            return self._nabla(at, stop)
        lexeme = self.lexemes[at]
        raise AnswerError(
            f"'{lexeme.text}' begins a derivative, which is written in full: ∂C/∂w", lexeme.column
        )

    def _nabla(self, at: int, stop: int) -> int:
        r"""\nabla_{W^2} C and \partial_{W^2} C are ∂C/∂W²; ∇_a C is by the network's output."""
        lexeme = self.lexemes[at]
        below = self._marks(at + 1)
        if not below or below[0].kind != "sub":
            raise AnswerError("'∇' says by what: \\nabla_{W^2} C", lexeme.column)
        span = below[0]
        if span.content == "a" and self.words.reader is not None and self.words.reader.deep:
            by = Letter("a", "L")
        else:
            found = self._whole_quantity(span.first, span.last)
            if found is None:
                raise AnswerError(f"'{lexeme.text}' cannot be taken by {quoted(span.content)}", lexeme.column)
            by = found
        if self._is(span.stop, "OPEN"):
            return self._derived(at, (by,), span.stop)
        of = self._plain_quantity(span.stop, stop)
        if of is None:
            raise AnswerError(
                f"'{lexeme.text}' stands before what is differentiated: \\nabla_{{W^2}} C", lexeme.column
            )
        return self._derived(at, Slope(of[0], (by,)), of[1])
