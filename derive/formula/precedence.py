"""Tokens to nodes by the rows of the grammar, in one walk from left to right.

What waits for what stands to its right is on a stack of our own, so that no depth of
formula is a hazard: 9,000 minus signs are 9,000 entries. Behind an operand everything
that binds it more tightly than the next sign does is made, from the top of the stack
down. An operand is made once it is complete and what follows may follow one, so that
where a text has two mistakes the first is told.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from derive.errors import AnswerError
from derive.formula.answer_rules import letter
from derive.formula.builder import Part, constant, derivative, number, quantity
from derive.formula.complaints import complaint
from derive.formula.grammar import BEHIND, BRACKETS, IN_FRONT, SIGNS, Rule
from derive.formula.nodes import Name
from derive.formula.tokens import Token


def operands_of(tokens: Sequence[Token], end: int, text: Rule) -> list[Part]:
    """What a whole text holds; `end` is the column behind it.

    Raises AnswerError, with the column, where the text is not what the grammar has.
    """
    return _Walk(tokens, end).over(text)


@dataclass(slots=True)
class _Waiting:
    """A rule with what belongs to it so far: the tokens, its sign or function first, and operands."""

    rule: Rule
    tokens: list[Token]
    operands: list[Part]


class _Walk:
    """One walk over the tokens; `at` is the place of the next one."""

    def __init__(self, tokens: Sequence[Token], end: int) -> None:
        self.tokens = [*tokens, Token("END", "", "", end)]
        self.at = 0
        self.stack: list[_Waiting] = []

    def over(self, text: Rule) -> list[Part]:
        whole = _Waiting(text, [], [])
        self.stack.append(whole)
        operand: Part | None = None  # complete, where there is one; else one is wanted
        while self.stack:
            token = self.tokens[self.at]
            self.at += 1
            if operand is not None:
                operand = _AFTER[token.kind](self, token, operand)
            elif token.kind in _BEFORE:
                operand = _BEFORE[token.kind](self, token)
            else:
                raise self._refusal("NUMBER")
        return whole.operands

    def _next(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    @property
    def _ahead(self) -> str:
        return self.tokens[self.at].kind

    def _expect(self, kind: str) -> Token:
        token = self._next()
        if token.kind != kind:
            raise self._refusal(kind)
        return token

    def _refusal(self, place: str) -> AnswerError:
        """Why the token that was read last cannot stand at a place, which a kind tells that could."""
        position = self.at - 1
        return AnswerError(complaint(self.tokens, position, place), self.tokens[position].column)

    def _check_behind(self, possible: Container[str]) -> None:
        """Raises AnswerError where what comes next cannot stand behind an operand, or a name."""
        if self.tokens[self.at].kind not in possible:
            self.at += 1
            raise self._refusal("PLUS")

    def _wait(self, rule: Rule, token: Token, *operands: Part) -> None:
        self.stack.append(_Waiting(rule, [token], list(operands)))

    # Where an operand is wanted. Each returns one, or None where there is more to read.

    def _leaf(self, token: Token) -> Part:
        self._check_behind(_AFTER)
        return _LEAVES[token.kind](token)

    def _name(self, token: Token) -> Part:
        name = self._quantity(token)
        self._check_behind(_AFTER)
        return quantity(name)

    def _quantity(self, name: Token) -> Name:
        index: list[int] = []
        sign = "OPEN_INDEX"
        while self._ahead == sign:
            self._next()
            index.append(int(self._expect("INTEGER").value))
            sign = "COMMA"
        if index:
            self._expect("CLOSE_INDEX")
        marks: dict[str, str] = {}
        while self._ahead in ("SAMPLE", "PRIMES") and self._ahead not in marks:
            mark = self._next()
            marks[mark.kind] = mark.value
        primes = len(marks.get("PRIMES", ""))
        return Name(name.value, tuple(index), marks.get("SAMPLE"), primes, name.column)

    def _derivative(self, above: Token) -> Part:
        """One atom, so that -dC/dz is -(dC/dz) and dJ/dd*dd/db a product of two."""
        of = self._quantity(self._expect("NAME"))
        self._check_behind(_AFTER_A_NAME)
        self._expect("DIVIDE")
        by: list[Name] = []
        while not by or (above.kind == "HIGHER" and self._ahead == "DIFFERENTIAL"):
            self._expect("DIFFERENTIAL")
            name = self._quantity(self._expect("NAME"))
            is_repeated = above.kind == "HIGHER" and self._ahead == "AGAIN"
            by += [name] * (int(self._next().value) if is_repeated else 1)
        self._check_behind(_AFTER)
        return derivative(above, of, by)

    def _in_front(self, sign: Token) -> None:
        self._wait(IN_FRONT[sign.kind], sign)

    def _big(self, sign: Token) -> None:
        """Σ stands where a term begins, or right of its first ⊙ or *; in front of Σ may be minus signs."""
        place = len(self.stack) - 1
        while self.stack[place].rule is IN_FRONT["MINUS"]:
            place -= 1
        before, around = self.stack[place].rule.right, self.stack[place - 1].rule.right
        entries, factor = SIGNS["HADAMARD"].right, SIGNS["TIMES"].right
        if before > factor or (before == factor and around == entries):
            raise self._refusal("NUMBER")
        self._in_front(sign)

    def _open(self, bracket: Token) -> None:
        self._wait(BRACKETS[bracket.kind], bracket)

    def _function(self, function: Token) -> None:
        self._open(function)
        self._expect("OPEN")

    def _unspecified(self, function: Token) -> None:
        self._open(function)
        if self._ahead == "PRIMES":
            self.stack[-1].tokens.append(self._next())
        self._expect("OPEN")

    def _keyword(self, token: Token) -> Part | None:
        top = self.stack[-1]
        if not (top.rule.keyed and top.operands):
            raise self._refusal("NUMBER")
        top.tokens.append(token)
        behind = self._next()
        if behind.kind == "COMMA":
            return None
        if behind.kind != "CLOSE":
            raise self._refusal("COMMA")
        return self._closed()

    def _empty(self, _: Token) -> Part:
        """The bracket that closes at once, of A.sum()."""
        if self.stack[-1].rule is not BRACKETS["METHOD"] or self.tokens[self.at - 2].kind != "OPEN":
            raise self._refusal("NUMBER")
        return self._closed()

    # Behind an operand. Each returns what is complete then, or None where another operand is wanted.

    def _behind(self, sign: Token, operand: Part) -> Part:
        self._check_behind(_AFTER)
        return BEHIND[sign.kind]([sign], [operand])

    def _method(self, method: Token, subject: Part) -> None:
        self._wait(BRACKETS["METHOD"], method, subject)
        self._expect("OPEN")

    def _between(self, sign: Token, operand: Part) -> None:
        rule = SIGNS[sign.kind]
        self.stack.append(_Waiting(rule, [sign], [self._bound(rule.left, operand)]))

    def _and(self, sign: Token, operand: Part) -> None:
        self._between(sign, self._sum(sign, operand))

    def _compare(self, sign: Token, operand: Part) -> None:
        side = self._sum(sign, operand)
        top = self.stack[-1]
        if top.rule is SIGNS["COMPARE"]:  # a < b < c is one comparison
            top.tokens.append(sign)
            top.operands.append(side)
            return
        if top.rule.alone is not None:
            if top.operands:
                raise self._refusal("PLUS")
            top.rule = top.rule.alone
        self._wait(SIGNS["COMPARE"], sign, side)

    def _if(self, sign: Token, operand: Part) -> None:
        self._wait(BRACKETS["IF"], sign, self._sum(sign, operand))

    def _end(self, sign: Token, operand: Part) -> Part | None:
        """The end of what a bracket holds, or of one of its operands."""
        operand = self._bound(0, self._sum(sign, operand))
        bracket = self.stack[-1]
        bracket.operands.append(operand)
        if sign.kind == bracket.rule.between:
            return None
        if sign.kind != bracket.rule.closer:
            raise self._refusal(bracket.rule.between)
        if sign.kind == "ELSE":
            bracket.rule = SIGNS["ELSE"]
            return None
        if sign.kind == "END":
            self.stack.pop()
            return None
        return self._closed()

    def _sum(self, token: Token, operand: Part) -> Part:
        """The sum that ends with an operand, where the token may stand behind it."""
        whole = self._bound(_COMPARED, operand)
        if token.kind not in self.stack[-1].rule.follow:
            raise self._refusal("PLUS")
        return whole

    def _bound(self, left: int, operand: Part) -> Part:
        """What an operand belongs to that binds more tightly than a sign behind it does."""
        stack = self.stack
        while stack[-1].rule.right > left:
            waiting = stack.pop()
            waiting.operands.append(operand)
            operand = waiting.rule.make(waiting.tokens, waiting.operands)
        return operand

    def _closed(self) -> Part:
        """The bracket that closes here, as an operand."""
        self._check_behind(_AFTER)
        bracket = self.stack.pop()
        return bracket.rule.make(bracket.tokens, bracket.operands)


_COMPARED = SIGNS["COMPARE"].left

_LEAVES: Mapping[str, Callable[[Token], Part]] = MappingProxyType(
    {"NUMBER": number, "CONSTANT": constant, "LETTER": letter}
)
_BEFORE: Mapping[str, Callable[[_Walk, Token], Part | None]] = MappingProxyType(
    {
        **dict.fromkeys(_LEAVES, _Walk._leaf),
        **dict.fromkeys(("FUNCTION", "ACTIVATION", "DIFFERENTIATED", "SLOPE"), _Walk._function),
        "NAME": _Walk._name,
        "DIFFERENTIAL": _Walk._derivative,
        "HIGHER": _Walk._derivative,
        "OPEN": _Walk._open,
        "OPEN_LIST": _Walk._open,
        "UNSPECIFIED": _Walk._unspecified,
        "PLUS": _Walk._in_front,
        "MINUS": _Walk._in_front,
        "SUMMATION": _Walk._big,
        "KEYWORD": _Walk._keyword,
        "CLOSE": _Walk._empty,
    }
)
_AFTER: Mapping[str, Callable[[_Walk, Token, Part], Part | None]] = MappingProxyType(
    {
        **dict.fromkeys(BEHIND, _Walk._behind),
        **dict.fromkeys(SIGNS, _Walk._between),
        **dict.fromkeys(("ELSE", "COMMA", "EQUALS", "CLOSE", "CLOSE_LIST", "END"), _Walk._end),
        "METHOD": _Walk._method,
        "AND": _Walk._and,
        "COMPARE": _Walk._compare,
        "IF": _Walk._if,
    }
)
_AFTER_A_NAME = {*_AFTER, "DIFFERENTIAL", "AGAIN"}
