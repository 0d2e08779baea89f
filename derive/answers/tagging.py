"""Lexemes to tokens of the grammar: every word gets its meaning in the problem.

What a text leaves unsaid is put in here: the sign between factors that stand side by
side, the brackets of a fraction, of ln a and of sin²(z). Where a text can be meant in
two ways, `chosen` says which is taken, and `met` gathers the choices that there were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from types import MappingProxyType

from derive.answers.braces import RUNNING
from derive.answers.brackets import outermost, split
from derive.answers.grouping import OPERAND_ENDS, grouped, joined, products
from derive.answers.letters import Script
from derive.answers.lexemes import Lexeme
from derive.answers.turning import with_products
from derive.answers.walk import ENTRIES, FLAT, KEPT
from derive.answers.words import AXIAL, Words
from derive.errors import AnswerError
from derive.formula import limits
from derive.formula.answer_rules import Running
from derive.formula.nodes import ONES, Apply, Index, Letter, Node, Number
from derive.formula.tokens import Token, keyword_token, quoted

ENTRYWISE = "entrywise"
"""The choice of u ⊙ v wᵀ."""

_ARROWS = frozenset({"\\leftarrow", "\\gets", "←"})
"""Signs of an assignment, which only a question about an update has."""


class Tagger(Words):
    """What reads everything else: numbers, signs, brackets, tables, fractions and sums."""

    def tagged(self) -> tuple[Token, ...]:
        """The tokens of the whole text."""
        first, last = 0, len(self.lexemes)
        while first < last and self.partner.get(first) == last - 1 and self.lexemes[first].value == "{":
            first, last = first + 1, last - 1  # \boxed{…}
        first += self._is(first, "EQUALS") and last > first + 1  # = 0.02, with nothing in front
        self.last = last
        self._span(first, last)
        tokens, met = grouped(joined(products(self.tokens)), self.chosen)
        self.met |= met
        if self.sliced and any(token.kind == "TIMES" for token in tokens):
            self.met.add(ENTRIES)
        has_products = self.sliced or bool(self.turned)
        return tuple(with_products(tokens) if has_products and ENTRIES not in self.chosen else tokens)

    def quantity(self) -> Letter | None:
        """The quantity that is the whole text; None of anything else."""
        try:
            return self._whole_quantity(0, self.last)
        except AnswerError:
            return None

    def is_known(self) -> bool:
        """Whether the whole text is the problem's own: no mere name, or one that it has."""
        marks = self._marks(1)
        is_name = self._is(0, "WORD") and (marks[-1].stop if marks else 1) == self.last
        is_function = is_name and not marks and self.words.function(self.lexemes[0].value) is not None
        return not is_name or is_function or self.quantity() is not None

    def _number(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        if self._is(at + 1, "COMMA"):
            self._check_comma(at)
        if "/" in lexeme.value:
            over, under = lexeme.value.split("/")
            self._check_mixed(at, over, under, at + 1)
            for kind, value in (
                ("OPEN", "("),
                ("NUMBER", over),
                ("DIVIDE", "/"),
                ("NUMBER", under),
                ("CLOSE", ")"),
            ):
                self.tokens.append(Token(kind, value, value, lexeme.column))
        else:
            self.tokens.append(lexeme._replace(text=lexeme.value) if "−" in lexeme.text else lexeme)
        if self._is(at + 1, "PERCENT"):
            sign = self.lexemes[at + 1]
            self._emit("DIVIDE", sign, "/")
            self.tokens.append(Token("NUMBER", "100", "100", sign.column))
            return at + 2
        return self._behind(at + 1)

    def _check_comma(self, at: int) -> None:
        """`0,5` and `1,000` are refused: each can be read in two ways."""
        around = self.lexemes[at : at + 3]
        if [lexeme.kind for lexeme in around] != ["NUMBER", "COMMA", "NUMBER"]:
            return
        whole, comma, rest = around
        if (
            not whole.text.isdigit()
            or comma.column != whole.end
            or rest.column != comma.end
            or self._in_list(at)
        ):
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
        if before is not None and before.kind == "OPEN" and self.lexemes[opener].value == "(":
            return self._in_list(opener)  # np.ones((4, 1))
        called = (
            before is not None and before.kind == "WORD" and self.words.function(before.value) is not None
        )
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
        lexeme = self.lexemes[at]
        before = self.lexemes[at - 1] if at else lexeme
        if before.end == lexeme.column and before.kind in ("PLUS", "MINUS", "TIMES", "DIVIDE"):
            raise AnswerError(
                f"'{before.text}{lexeme.text}' changes a value in place; write the new value alone:"
                f" w {before.text} …",
                before.column,
            )
        if lexeme.text in _ARROWS and not self.primed:
            raise AnswerError(
                f"{quoted(lexeme.text)} is not read here:"
                " a new value is what stands right of the arrow: write that alone",
                lexeme.column,
            )
        kind = "COMPARE" if stop < self.last else "EQUALS"
        self._emit(kind, self.lexemes[at], "=")
        return at + 1

    def _keyword(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        self.tokens.append(keyword_token(Token("KEYWORD", lexeme.value, lexeme.value, lexeme.column)))
        if lexeme.meant == KEPT and FLAT not in self.chosen:
            self._emit("COMMA", lexeme, ",")
            self.tokens.append(keyword_token(Token("KEYWORD", KEPT, KEPT, lexeme.column)))
        return at + 1

    def _open(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        end = self.partner[at]
        if lexeme.value == "(" and self.tokens and self.tokens[-1].kind in OPERAND_ENDS:
            self._check_factor(at, end)
        if lexeme.text == "{" and end == at + 1:
            return self._turned_before(at, end + 1)
        below = end + 2
        if lexeme.value == "(" and self._is(end + 1, "DIVIDE") and self._is(below, "OPEN"):
            slope = self._quotient((at + 1, end), (below + 1, self.partner[below]))
            if slope is not None:  # (∂C)/(∂w)
                return self._derived(at, slope, self.partner[below] + 1)
        if lexeme.value in ("MATRIX", "CASES") or self._has_rows(at, end):
            self._table(at, end)
        elif lexeme.value == "[":
            self._emit("OPEN_LIST", lexeme)
            self._span(at + 1, end)
            self._emit("CLOSE_LIST", self.lexemes[end])
        else:
            self._bracketed(at, at + 1, end)
        return self._behind(end + 1)

    def _check_factor(self, at: int, end: int) -> None:
        """Refuse u (+ 1), and (…)(1,2), which is an entry in Julia; of (…)(1) the shape tells."""
        inner, column = self.lexemes[at + 1 : end], self.lexemes[at].column
        shown = "".join(one.text for one in inner)
        if inner and inner[0].kind == "PLUS":
            raise AnswerError(f"'({shown})' can be added or be a factor; write the sign before it", column)
        kinds = [one.kind for one in inner]
        before = self.lexemes[at - 1]
        if before.kind not in ("CLOSE", "SLICE", "PRIMES") or before.end != column:
            return
        if kinds == ["NUMBER", "COMMA", "NUMBER"]:
            raise AnswerError(f"'({shown})' stands behind brackets; an entry is written [{shown}]", column)
        if kinds == ["NUMBER"] and inner[0].value.isdigit():
            self.placed[column] = shown

    def _turned_before(self, at: int, behind: int) -> int:
        """{}^T x is x^T; {} alone is nothing, and neither is that of W^3{}^T."""
        if at and self.lexemes[at - 1].end == self.lexemes[at].column:
            return behind
        marks = self._marks(behind)
        if not marks or marks[0].kind != "sup" or marks[0].content not in ("T", "t"):
            return behind
        self._emit("OPEN", self.lexemes[at], "(")
        end = self._step(marks[0].stop, self.last) if marks[0].stop < self.last else self.last
        self._emit("CLOSE", self.lexemes[at], ")")
        self._turn(marks[0])
        return end

    def _angle(self, at: int, stop: int) -> int:
        r"""\langle u, v \rangle, the inner product."""
        inside = range(at + 1, stop)
        depth, middle, end = 0, -1, -1
        for place in inside:
            kind = self.lexemes[place].kind
            depth += (kind in ("OPEN", "LEFT_ANGLE")) - (kind in ("CLOSE", "RIGHT_ANGLE"))
            if depth < 0:
                end = place
                break
            if depth == 0 and kind in ("COMMA", "BAR") and middle < 0:
                middle = place
        lexeme = self.lexemes[at]
        if end < 0 or middle < 0:
            raise AnswerError("an inner product is written \\langle u, v \\rangle", lexeme.column)
        self._emit("FUNCTION", lexeme, "inner")
        self._emit("OPEN", lexeme, "(")
        self._span(at + 1, middle)
        self._emit("COMMA", self.lexemes[middle], ",")
        self._span(middle + 1, end)
        self._emit("CLOSE", self.lexemes[end], ")")
        return self._behind(end + 1)

    def _has_rows(self, at: int, end: int) -> bool:
        """Whether ; parts what stands in these brackets: [a; b]."""
        return self.lexemes[at].value == "[" and any(
            self._is(place, "ROW") for place in outermost(self.partner, at + 1, end)
        )

    def _table(self, at: int, end: int) -> None:
        """A matrix as a list of lists; cases as a call: value, condition, …"""
        cases = self.lexemes[at].value == "CASES"
        between = "COMMA" if self.lexemes[at].value == "[" else "CELL"
        rows = [
            split(self.lexemes, row, between, self.partner)
            for row in split(self.lexemes, range(at + 1, end), "ROW", self.partner)
            if row
        ]
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
        cells = [cell for cell in row if not (cell and self._is(cell.start, "OTHERWISE"))]
        if len(row) > 2 or not cells:
            raise AnswerError("a case has a value and a condition", self.lexemes[at].column)
        ends = (bool(cell) and self._is(cell.stop - 1, "COMMA") for cell in cells)
        cells = [range(cell.start, cell.stop - end) for cell, end in zip(cells, ends, strict=True)]
        self._cells(cells, at)

    def _cells(self, cells: Sequence[range], at: int) -> None:
        for k, cell in enumerate(cells):
            if k:
                self._emit("COMMA", self.lexemes[at], ",")
            self._span(cell.start, cell.stop)

    def _indicator(self, at: int, _stop: int) -> int:
        r"""\mathbb 1_{z > 0}, \mathbb 1[z > 0]"""
        start = at + 1 + self._is(at + 1, "SUB")
        if not self._is(start, "OPEN") or not self._has_condition(start):
            return self._ones(at)
        end = self.partner[start]
        inner = (start + 1, end)
        if self._is(start + 1, "OPEN") and self.partner[start + 1] == end - 1:
            inner = (start + 2, end - 1)
        self._bracketed(at, *inner)
        return self._behind(end + 1)

    def _has_condition(self, at: int) -> bool:
        """Whether brackets hold one: a sign that compares."""
        return any(one.kind in ("COMPARE", "EQUALS") for one in self.lexemes[at : self.partner[at]])

    def _ones(self, at: int) -> int:
        r"""\mathbf 1, a vector of as many ones as fit; of \mathbf 1_n as well."""
        lexeme = self.lexemes[at]
        marks = self._marks(at + 1)
        if marks and marks[0].kind == "sub" and re.fullmatch("[nmK]", marks[0].content):
            at, marks = marks[0].stop - 1, marks[1:]
        if lexeme.value != "1" or not self.words.has_arrays or (marks and marks[0].kind == "sub"):
            raise AnswerError("an indicator has its condition: \\mathbb 1_{z > 0}", lexeme.column)
        self._emit("LETTER", lexeme, "1", ONES)
        return self._scripts(at + 1, marks)

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
        self._check_mixed(at, self._compact(first, last), self._compact(first2, last2), end)
        slope = self._quotient((first, last), (first2, last2))
        if slope is not None:
            return self._derived(at, slope, end)
        by = self._differentials(first2, last2) if self._begins_differential(first, last) else None
        if by is not None and by[1] == last2:
            return self._of_formula((first, last), by[0], end)
        self._emit("OPEN", lexeme, "(")
        self._bracketed(at, first, last)
        self._emit("DIVIDE", lexeme, "/")
        self._bracketed(at, first2, last2)
        self._emit("CLOSE", lexeme, ")")
        return self._behind(end)

    def _check_mixed(self, at: int, over: str, under: str, end: int) -> None:
        r"""7\frac57 and 7½ alone are refused: each can be read in two ways."""
        whole = self.lexemes[at - 1].text if at else ""
        begins = at == 1 or (at > 1 and self._is(at - 2, "EQUALS", "MINUS"))
        if not all(part.isdecimal() for part in (whole, over, under)) or int(over) >= int(under):
            return
        mixed, product = f"{whole} {over}/{under}", f"{whole}*{over}/{under}"
        if begins and (end >= self.last or self._is(end, "EQUALS")):
            raise AnswerError(
                f"'{mixed}' can be read as {whole} + {over}/{under} or as {product}; write the sign",
                self.lexemes[at].column,
            )
        is_factor = self.tokens[-1].kind == "NUMBER" and self.tokens[-1].column == self.lexemes[at - 1].column
        if is_factor and (whole, over) != (under, "1"):
            self.notes[
                f"{mixed} is read as {product}; a mixed number is written {whole} + {over}/{under}"
            ] = None

    def _begins_differential(self, first: int, last: int) -> bool:
        """Whether d or ∂ stands above a stroke before a formula, or dσ alone."""
        if last - first < 2:
            return last > first and self._above(first, last) == last
        return self._is_sign(self.lexemes[first])

    def _root(self, at: int, _stop: int) -> int:
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
            for kind, value in (
                ("POWER", "^"),
                ("OPEN", "("),
                ("NUMBER", "1"),
                ("DIVIDE", "/"),
                ("NUMBER", order),
            ):
                self.tokens.append(Token(kind, value, value, lexeme.column))
            self._emit("CLOSE", lexeme, ")")
            self._emit("CLOSE", lexeme, ")")
        return self._behind(end)

    def _summation(self, at: int, _stop: int) -> int:
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
            raise AnswerError(
                "a sum says over what it runs: \\sum_k, or sum(…) of a whole array", lexeme.column
            )
        named = below.content.partition("=")[0]
        letters = self._summed(named, below)
        start = next((k for k in range(below.first, below.last) if self._is(k, "EQUALS")), below.last) + 1
        lower = self._limit(range(start, below.last), below) if start < below.last else None
        upper = self._limit(range(above.first, above.last), above) if above else None
        for letter in letters:
            self._emit("SUMMATION", lexeme, letter, Running(letter, lower, upper))
        return end

    def _summed(self, named: str, below: Script) -> list[str]:
        """The running letters of a sum, two of i,j; @ where its x is a training input."""
        if named == "x" and "x" in self.words.letters:
            self.running.add(named)
            return ["@"]
        letters = [*named.replace(",", "")]
        if not letters or not all(map(self._may_run, letters)):
            raise AnswerError(f"a sum runs over a letter such as k, not {quoted(named)}", below.column)
        self.running |= {*letters}
        return letters

    def _may_run(self, letter: str) -> bool:
        """Whether a sum may run over a letter: over o too, Mazur's outputs, where nothing is called o."""
        own = self.words.problem.own_names.keys() | self.words.letters.keys()
        return RUNNING.fullmatch(letter) is not None or (letter in "ho" and letter not in own)

    def _limit(self, span: range, script: Script) -> Node:
        text = self._compact(span.start, span.stop)
        if text.isdigit():
            return Number(Fraction(limits.literal(text, script.column).value), text)
        found = self._whole_quantity(span.start, span.stop) if span else None
        if found is not None:
            return found
        if re.fullmatch("[lLkKnNmM]", text):
            return Letter(text) if text in "Kmn" else Index(text)
        shifted = {"PLUS": "add", "MINUS": "subtract"}.get(self.lexemes[span[-2]].kind) if span[2:] else None
        if shifted is not None:  # m-1
            sides = (self._limit(part, script) for part in (span[:-2], span[-1:]))
            return Apply(shifted, tuple(sides))
        raise AnswerError(f"a sum runs to a number or a size such as n_2, not {quoted(text)}", script.column)

    def _stop(self, at: int, _stop: int) -> int:
        stop = self.lexemes[at]
        said = "a decimal point has a digit beside it" if stop.text == "." else "one answer is read at a time"
        raise AnswerError(f"'{stop.text}' stands alone; {said}", stop.column)

    def _raised(self, at: int, _stop: int) -> int:
        if not self.tokens:
            raise AnswerError(
                f"{quoted(self.lexemes[at].text)} cannot begin a formula", self.lexemes[at].column
            )
        return self._behind(at)

    def _method(self, at: int, _stop: int) -> int:
        lexeme = self.lexemes[at]
        called = self.words.function(lexeme.value)
        if not isinstance(called, str):
            raise AnswerError(
                f"'.{lexeme.value}' cannot be read: names have no such method here", lexeme.column
            )
        self._emit("METHOD", lexeme, called)
        self._emit("OPEN", lexeme, "(")
        end = self.partner[at + 1]
        if called in AXIAL:
            self._name_axis(at + 2, from_zero=True)
        self._span(at + 2, end)
        self._emit("CLOSE", lexeme, ")")
        return self._behind(end + 1)

    steps = MappingProxyType(
        {
            "NUMBER": _number,
            "WORD": Words._word,
            "OPEN": _open,
            "FRAC": _fraction,
            "ROOT": _root,
            "SUMMATION": _summation,
            "PARTIAL": Words._partial,
            "NABLA": Words._nabla,
            "BAR": Words._bar,
            "NORM": Words._bar,
            "INDICATOR": _indicator,
            "LEFT_ANGLE": _angle,
            "HADAMARD": _hadamard,
            "OUTER": _outer,
            "EQUALS": _equals,
            "KEYWORD": _keyword,
            "METHOD": _method,
            "MEAN": Words._mean_of,
            **dict.fromkeys(("STANDING", "LYING"), Words._new_axis),
            "STOP": _stop,
            **dict.fromkeys(("SUP", "SUB", "RAISED", "LOWERED", "PRIMES", "SAMPLE", "SIZE"), _raised),
        }
    )
