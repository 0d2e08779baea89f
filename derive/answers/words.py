"""Words in a text: quantities with their marks, calls with and without brackets, words run together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from derive.answers.braces import RUNNING
from derive.answers.calls import Calls
from derive.answers.letters import Found, Script
from derive.answers.lexemes import FROM_ZERO, Lexeme
from derive.answers.sizes import is_number
from derive.answers.slices import sliced
from derive.answers.unknown import about
from derive.answers.vocabulary import CONSTANTS
from derive.answers.walk import FLAT, KEPT
from derive.errors import AnswerError
from derive.formula.answer_rules import Head, Running
from derive.formula.nodes import FUNCTIONS, Index, Letter, Slope
from derive.formula.tokens import GREEK, Token, quoted

UNIT_STEPS = frozenset({"H", "theta", "Theta", "Heaviside"})
"""Letters that books have for the unit step, where they name nothing else and are called."""

_SUMS = frozenset({"sum", "Sigma"})
"""Words that are a Σ where something stands below them."""

_SIGNS_IN_WORDS = MappingProxyType({"xx": "CROSS", "times": "CROSS", "cdot": "DOT", "odot": "HADAMARD"})
"""Signs in ASCIIMath and of LaTeX without its backslash, where the problem has no name that reads so."""

_ENDS = ("WORD", "NUMBER", "CLOSE", "PRIMES", "LOWERED", "RAISED", "TRANSPOSE")
_BEGINS = ("WORD", "NUMBER", "OPEN", "FRAC", "ROOT", "PARTIAL")
"""Lexemes with which operands end and begin."""

AXIAL = frozenset({"sum", "mean"})
"""What adds up along an axis."""

_BEHIND_A_SUM = ("PLUS", "MINUS", "CLOSE", "COMMA", "EQUALS", "COMPARE", "CELL", "ROW", "IF", "ELSE", "AND")


class Words(Calls):
    """What reads words."""

    def _word(self, at: int, stop: int) -> int:
        lexeme = self.lexemes[at]
        scripts = self._marks(at + 1)
        if scripts or lexeme.value[0] == "d":
            end = self._begun(at, stop, scripts)
            if end is not None:
                return end
        if not scripts and not self._is(at + 1, "OPEN"):
            letter = self.words.bare(lexeme.value, lexeme.text)
            if letter is not None:
                self._run(letter)
                self.tokens.append(Token("LETTER", lexeme.text, lexeme.text, lexeme.column, letter))
                return at + 1
        found = self._quantity(lexeme, scripts)
        if found:
            return self._letter(at, self._choose(found), scripts)
        called = self._function(lexeme, scripts)
        if called is None and lexeme.value in UNIT_STEPS and self._is(at + 1, "OPEN"):
            called = "step", 0
        if called is not None:
            return self._called(at, called, scripts)
        if lexeme.value not in CONSTANTS:
            return self._unknown(at, stop)
        self._emit("CONSTANT", lexeme)
        return self._scripts(at + 1, scripts)

    def _begun(self, at: int, stop: int, scripts: Sequence[Script]) -> int | None:
        """Where a sum, a derivative or Kronecker's delta ends that begins with a word; None of others."""
        lexeme = self.lexemes[at]
        if lexeme.value in _SUMS and self._is(at + 1, "SUB", "SUP"):
            return self._summation(at, stop)
        if self._kronecker(lexeme, scripts):
            return scripts[0].stop
        slope = self._by_mark(lexeme, scripts)
        return self._inline(at, stop) if slope is None else self._derived(at, slope, scripts[0].stop)

    def _kronecker(self, lexeme: Lexeme, scripts: Sequence[Script]) -> bool:
        """δ_{jk} is [j = k]; with a number, as δ_{1k}, only where no error can be meant."""
        if lexeme.value != "delta" or len(scripts) != 1 or scripts[0].kind != "sub":
            return False
        content = scripts[0].content
        places = content.replace(",", "")
        if len(places) != 2 or not all(place.isdigit() or RUNNING.fullmatch(place) for place in places):
            return False
        if any(map(str.isdigit, places)):
            if self._names_an_error(content) or self.words.own(lexeme.value, scripts) is not None:
                return False
            if self.words.reader is not None and self.words.reader.deep:
                first, second = list(places)
                raise AnswerError(
                    f"{quoted(f'{lexeme.text}_{content}')} can be an error, delta1_{second},"
                    f" or Kronecker's delta, [{first} = {second}]; write one of these",
                    lexeme.column,
                )
        self.running |= set(filter(RUNNING.fullmatch, places))
        self._emit("OPEN", lexeme, "(")
        for number, place in enumerate(places):
            if number:
                self._emit("COMPARE", lexeme, "=")
            if place.isdigit():
                self.tokens.append(Token("NUMBER", place, place, lexeme.column))
            else:
                self._emit("LETTER", lexeme, place, Index(place))
        self._emit("CLOSE", lexeme, ")")
        return True

    def _names_an_error(self, content: str) -> bool:
        """Whether two places below δ are a layer and a unit, 2,1, or a unit beyond the ninth."""
        reader = self.words.reader
        if reader is None:
            return False
        return (
            "," in content if reader.deep else content.isdigit() and reader.network.widths[1] >= int(content)
        )

    def _by_mark(self, lexeme: Lexeme, scripts: Sequence[Script]) -> Slope | None:
        """C_w, the derivative of the cost by w; what counts samples or outputs is no such mark."""
        below = scripts[0] if scripts else None
        if below is None or not below.content or below.kind != "sub" or lexeme.value not in self.words.costs:
            return None
        reader = self.words.reader
        known = (
            below.content in self.words.problem.own_names if reader is None else below.content[:1] in "wWbza"
        )
        if RUNNING.fullmatch(below.content) or not known or self.words.unit(below.content):
            return None
        by = self._whole_quantity(below.first, below.last)
        (of,) = self.words.quantity(lexeme.value, ())
        return None if by is None else Slope(of.letter, (by,))

    def _letter(self, at: int, found: Found, scripts: Sequence[Script]) -> int:
        lexeme, letter = self.lexemes[at], found.letter
        rest = scripts[found.used :]
        end = scripts[found.used - 1].stop if found.used else at + 1
        if rest and (rest[0].kind, rest[0].content) == ("sup", "+") and letter.letter in ("w", "b", "W"):
            rest = (rest[0]._replace(kind="primes", content="'"), *rest[1:])  # Mazur's w_5^+
        prime = rest[0] if rest and rest[0].kind == "primes" else None
        if prime is not None:
            if not self._is_turned(letter, prime, lexeme):
                letter, prime = self._primed(letter, prime, lexeme), None
            end, rest = rest[0].stop, rest[1:]
        is_followed = prime is None and not rest and self._is(end, "OPEN")
        called = self._place_called(letter, end) if is_followed else None
        if called is not None:
            letter = self._choose(self._quantity(lexeme, (*scripts[: found.used], called))).letter
            end, is_followed = called.stop, False
        self._run(letter)
        if rest and rest[0].kind == "slice":
            return self._sliced(at, replace(letter, written=lexeme.text), rest)
        text = "".join([one.text for one in self.lexemes[at:end]])
        letter = replace(letter, written="" if found.turned else text)
        self.tokens.append(Token("LETTER", text, text, lexeme.column, letter))
        if found.turned:
            self._emit("TRANSPOSE", lexeme, "T")
        if prime is not None:
            self._turn(prime)
        if rest:
            return self._scripts(end, rest)
        if is_followed and self._is_argument(letter, end):
            return self._behind(self.partner[end] + 1)
        return end

    def _sliced(self, at: int, whole: Letter, scripts: Sequence[Script]) -> int:
        """W2(:,1) is the column [w2[1,1], w2[2,1]], W2(1,:) the row [[w2[1,1], w2[1,2]]]."""
        lexeme, cut = self.lexemes[at], scripts[0]
        entries, is_row = sliced(self.words.problem, self.words.reader, whole, cut)
        self.sliced |= self.lexemes[cut.first].text[0] == "("
        lies = is_row and self.words.reader is None and len(entries) > 1  # a graph's vector, transposed
        lists = 0 if len(entries) == 1 else 1 + (is_row and not lies)
        self._emit("OPEN", lexeme, "(")
        for _ in range(lists):
            self._emit("OPEN_LIST", lexeme, "[")
        for number, letter in enumerate(entries):
            if number:
                self._emit("COMMA", lexeme, ",")
            self._run(letter)
            self._emit("LETTER", lexeme, letter.key, letter)
        for _ in range(lists):
            self._emit("CLOSE_LIST", lexeme, "]")
        if lies:
            self._emit("TRANSPOSE", lexeme, "T")
        self._emit("CLOSE", lexeme, ")")
        return self._scripts(cut.stop, scripts[1:])

    def _place_called(self, letter: Letter, at: int) -> Script | None:
        """MATLAB's x(1) and W(1,2), which count from 1, as an index; x (1) is a product."""
        end = self.partner[at]
        if self.lexemes[at].value != "(" or end - at not in (2, 4):
            return None
        inner = self.lexemes[at + 1 : end]
        is_place = all(one.value.isdigit() for one in inner[::2])
        is_joined = self.lexemes[at - 1].end == self.lexemes[at].column
        if not (is_place and is_joined) or is_number(self.words.problem, letter):
            return None
        if len(inner) == 3 and inner[1].kind != "COMMA":
            return None
        return Script("index", self._compact(at + 1, end), at + 1, end, end + 1, self.lexemes[at].column)

    def _is_argument(self, letter: Letter, at: int) -> bool:
        """Whether brackets hold only what a quantity depends on: h(x), y(x), C(w, b) are h, y and C."""
        end = self.partner[at]
        if self.lexemes[at].value != "(" or end == at + 1:
            return False
        inner = self.lexemes[at + 1 : end]
        if (
            any(one.kind not in ("WORD", "COMMA", "SUB", "NUMBER", "SUP") for one in inner)
            or inner[0].kind != "WORD"
        ):
            return False
        return self.words.depends(letter, [one.value for one in inner if one.kind == "WORD"])

    def _function(self, lexeme: Lexeme, scripts: Sequence[Script]) -> tuple[str | Head, int] | None:
        """What a word calls, and how many scripts belong to its name: sigma_2, \\sigma^{(2)}, σ″."""
        called, used = self.words.function(lexeme.value), 0
        marked = scripts[0] if scripts else None
        if (
            marked
            and marked.kind == "sub"
            and (by_layer := self.words.function(f"{lexeme.value}_{marked.content}"))
        ):
            called, used = by_layer, 1
        elif marked and isinstance(called, Head) and not called.function and called.layer is None:
            layer = marked.content.strip("()[]")
            if marked.kind == "sub" or (marked.kind == "sup" and marked.content.startswith(("(", "["))):
                numbered = self.words.function(f"{lexeme.value}{layer}")
                if numbered is None and not re.fullmatch("[lL]([+-][0-9])?", layer):
                    raise AnswerError(f"'{lexeme.text}': there is no layer {layer}", marked.column)
                called, used = numbered or replace(called, layer=layer), 1
        if called is None and marked and marked.kind == "sub":
            numbered = self.words.function(f"{lexeme.value}{marked.content.strip('()')}")
            called, used = numbered, 1
        if called is None:
            return None
        order = self._order_above(scripts[used:])
        slope = self.words.differentiated(called, order) if order else None
        if slope is not None:
            return slope, used + 1
        if len(scripts) > used and scripts[used].kind == "primes":
            order = len(scripts[used].content)
            slope = self.words.differentiated(called, order)
            if slope is None or slope.order > 2:
                raise AnswerError(f"'{lexeme.text}' has no such derivative here", lexeme.column)
            return slope, used + 1
        return called, used

    def _order_above(self, scripts: Sequence[Script]) -> int:
        r"""1 of the \phi^{(1)} of a graph, which has no layers; 0 of others."""
        content = scripts[0].content if scripts and scripts[0].kind == "sup" else ""
        return int(content[1:-1]) if self.words.reader is None and content in ("(1)", "(2)") else 0

    def _called(self, at: int, called: tuple[str | Head, int], scripts: Sequence[Script]) -> int:
        """A call, with or without brackets: sigma(z2), ln a, sin^2(z)."""
        lexeme = self.lexemes[at]
        what, used = called
        end = scripts[used - 1].stop if used else at + 1
        rest = scripts[used:]
        power = rest[0] if rest and rest[0].kind == "sup" else None
        name = lexeme.value
        if power is not None and isinstance(what, Head) and f"{name}{power.content}" in self.words.heads:
            raise AnswerError(
                f"'{lexeme.text}^{power.content}' can be the activation of layer {power.content},"
                f" {name}{power.content}(…), or a power, {name}(…)^{power.content}; write one of these",
                power.column,
            )
        if power is not None and not (power.content.isdigit() and int(power.content) > 1):
            raise AnswerError(f"write this power behind the call: {lexeme.text}(…)^…", power.column)
        if not rest and self._is(self.partner.get(end, -1) + 1, "SUB") and self._can_have_entry(what):
            entry = self._entry_of_call(at, what, end)
            if entry is not None:
                return entry
        if power is not None:
            end = power.stop
            self._emit("OPEN", lexeme, "(")
        if isinstance(what, Head):
            self._emit("ACTIVATION", lexeme, lexeme.value, what)
        else:
            self._emit("FUNCTION", lexeme, what)
        if what in AXIAL and self._is(end, "OPEN"):
            self._axis_behind(end + 1, self.partner[end], from_zero=lexeme.meant == FROM_ZERO)
        end = self._operands(at, end)
        if power is not None:
            for kind, value in (("POWER", "^"), ("NUMBER", power.content), ("CLOSE", ")")):
                self.tokens.append(Token(kind, value, value, power.column))
        return self._behind(end)

    def _can_have_entry(self, what: str | Head) -> bool:
        """Whether a function is worked out entry by entry, or is softmax, in a network."""
        reader = self.words.reader
        if reader is None or not isinstance(what, Head):
            return reader is not None and (what in FUNCTIONS or what == "softmax")
        layers = (reader.network.layer(what.layer),) if isinstance(what.layer, int) else reader.network.layers
        return bool(what.function) or not any(layer.activation.couples for layer in layers)

    def _axis_behind(self, first: int, last: int, *, from_zero: bool) -> None:
        """The axis of np.sum(D, 1) by its name; of sum(D, 2), as MATLAB counts, as well."""
        while first < last and not self._is(first, "COMMA"):
            first = self.partner.get(first, first) + 1
        if first + 1 < last:
            self._name_axis(first + 1, from_zero=from_zero)

    def _name_axis(self, at: int, *, from_zero: bool) -> None:
        """axis=1 for the 1 of D.sum(1), where only that stands."""
        axis = self.lexemes[at]
        if axis.kind != "NUMBER" or not self._is(at + 1, "CLOSE", "COMMA"):
            return
        if not from_zero and axis.value == "1":
            raise AnswerError(
                "the 1 can be axis 1, counted from 0, or dimension 1, counted from 1; write axis=1 or axis=0",
                axis.column,
            )
        is_second = not from_zero and axis.value == "2"
        number = "1" if is_second else axis.value
        if number in ("0", "1"):
            kept = KEPT if is_second and self.words.reader is None else None
            self.lexemes[at] = axis._replace(kind="KEYWORD", value=f"axis={number}", meant=kept)
        if is_second and self.words.reader is None:
            self.met.add(FLAT)

    def _operands(self, at: int, start: int) -> int:
        """What a function is called with; without brackets the next factor, with a number before it."""
        if self._is(start, "OPEN") and self.lexemes[start].value in "({[":
            end = self.partner[start]
            self._bracketed(at, start + 1, end)
            return end + 1
        if not self._is(start, "WORD", "NUMBER", "FRAC", "ROOT", "BAR", "SUMMATION"):
            return start  # the grammar says what is missing
        self._emit("OPEN", self.lexemes[at], "(")
        if self._is(start, "SUMMATION"):  # a sum takes in all that is multiplied after it
            end = start
            while end < self.last and not self._is(end, *_BEHIND_A_SUM):
                end = self._step(end, self.last)
            self._emit("CLOSE", self.lexemes[at], ")")
            return end
        end = self._step(start, self.last)
        if self.lexemes[start].kind == "NUMBER" and self._is(end, "WORD"):
            end = self._step(end, self.last)
        self._emit("CLOSE", self.lexemes[at], ")")
        return end

    def _unknown(self, at: int, stop: int) -> int:
        """A running letter, a word to be split, or a mistake."""
        lexeme = self.lexemes[at]
        if lexeme.value in self.running | {one.letter for one in self._sums()} and len(lexeme.value) == 1:
            self._emit("LETTER", lexeme, "", Index(lexeme.value))
            return at + 1
        if lexeme.value.endswith("bar") and (mean := self._barred(at)) is not None:
            return mean
        called = self._is(at + 1, "OPEN", "PRIMES")
        scripts = self._marks(at + 1)
        is_plain = lexeme.text.translate(GREEK) == lexeme.value
        ways = self.words.pieces(lexeme.text, called=called, scripts=scripts) if is_plain else []
        meant = self.words.doubled(lexeme.text, ways[0]) if ways else ""
        sign = _SIGNS_IN_WORDS.get(lexeme.text) if meant or not ways else None
        if sign is not None and self._is_between(at, stop):
            self.lexemes[at] = lexeme._replace(kind=sign, value="")
            return self._step(at, stop)
        if len(ways) > 1:
            shown = " or ".join("*".join(way) for way in ways[:3])
            raise AnswerError(f"'{lexeme.text}' can be read as {shown}; write the signs", lexeme.column)
        if not ways:
            self._check_below(at)
            shown = lexeme.value if lexeme.text.isalnum() and lexeme.text.isascii() else lexeme.text
            raise AnswerError(about(self.words, lexeme.value, shown, called=called), lexeme.column)
        if meant:
            raise AnswerError(
                f"'{lexeme.text}' is not in this problem; did you mean '{meant}'?", lexeme.column
            )
        column = lexeme.column
        for piece in ways[0]:
            self.lexemes[at] = Lexeme("WORD", piece.translate(GREEK), piece, column)
            column += len(piece)
            if column < lexeme.end:
                self._piece(self.lexemes[at])
        return self._word(at, stop)

    def _is_between(self, at: int, stop: int) -> bool:
        """Whether operands stand before and behind a word that may be a sign."""
        is_behind = at > 0 and self._is(at - 1, *_ENDS)
        return is_behind and at + 1 < stop and self._is(at + 1, *_BEGINS)

    def _check_below(self, at: int) -> None:
        """Raise what is to be said of q in dC/dq and dq/dw, and of the second stroke of dC/dw/dw."""
        signs = [one.value[:1] for one in self.lexemes[at : at + 3]]
        for differential in self.lexemes[at : at + 3 : 2][::-1] if signs == ["d", "/", "d"] else ():
            name = differential.value[1:]
            if name and not self._quantity(differential._replace(value=name, text=differential.text[1:]), ()):
                raise AnswerError(about(self.words, name, name, called=False), differential.column + 1)
        lexeme = self.lexemes[at]
        is_second = at > 2 and [one.kind for one in self.lexemes[at - 3 : at]] == ["DIVIDE", "WORD", "DIVIDE"]
        if is_second and lexeme.value[0] == self.lexemes[at - 2].value[0] == "d":
            raise AnswerError(
                f"'/{lexeme.text}' stands below a second stroke; a second derivative is written d^2C/dw^2",
                lexeme.column,
            )

    def _piece(self, lexeme: Lexeme) -> None:
        """A word within a longer one."""
        found = self._quantity(lexeme, ())
        if found:
            self._emit("LETTER", lexeme, found[0].letter.key, found[0].letter)
        else:
            self._emit("CONSTANT", lexeme)

    def _sums(self) -> list[Running]:
        return [token.meant for token in self.tokens if isinstance(token.meant, Running)]
