r"""Calls with an index behind them, norms, and means under a bar.

\sigma'(z^2)_j         the entry of what is worked out entry by entry: \sigma'(z^2_j)
\mathrm{softmax}(z)_k  e^{z_k} over the sum of all
\bar x, \overline{xy}  the mean over the samples
\|u\|_F, \|u\|_1         the root of the sum of squares, and the sum of sizes
u[:, None] * v         the outer product
"""

from __future__ import annotations

from types import MappingProxyType

from derive.answers.axes import about_axes
from derive.answers.braces import RUNNING
from derive.answers.brackets import partners
from derive.answers.differentials import Differentials
from derive.answers.lexemes import Lexeme
from derive.answers.samples import has_samples
from derive.errors import AnswerError
from derive.formula.answer_rules import Head, Running
from derive.formula.nodes import Letter
from derive.formula.tokens import quoted

_GATHERED = frozenset({"x", "y", "z", "a", "delta", "C"})
"""Letters that a sample has a value of; a parameter's mean is the parameter."""

_NORMS = MappingProxyType({"2": ("norm_2",), "F": ("norm",), "fro": ("norm",), "1": ("sum", "abs")})
"""What ‖u‖ is by what stands below it."""

_FURTHER = ("STANDING", "LYING", "POWER", "TRANSPOSE", "METHOD")
"""What would belong to the second vector alone."""


class Calls(Differentials):
    """What reads these."""

    def _entry_of_call(self, at: int, what: str | Head, start: int) -> int | None:
        """σ'(z)_j and softmax(z)_k, whose brackets open at `start`; None of calls without a running index."""
        end = self.partner.get(start, -1)
        marks = self._marks(end + 1) if end > 0 else []
        is_running = bool(marks) and marks[0].kind == "sub" and RUNNING.fullmatch(marks[0].content)
        if not is_running or not self.words.has_arrays or not self._is_whole(start + 1, end):
            return None
        stop = marks[0].stop
        lexeme = self.lexemes[at]
        self._emit("OPEN", lexeme, "(")
        if what == "softmax":
            total = len(self.tokens)
            for function in ("sum", "exp"):
                self._call(lexeme, function)
            self._span(start + 1, end)
            below = [*self.tokens[total:]]
            del self.tokens[total:]
        closer = self.lexemes[end]
        self.lexemes[end:stop] = [*self.lexemes[end + 1 : stop], closer]  # the index goes inside
        self.partner = partners(self.lexemes)
        if isinstance(what, Head):
            self._emit("ACTIVATION", lexeme, lexeme.value, what)
            self._emit("OPEN", lexeme, "(")
        else:
            self._call(lexeme, "exp" if what == "softmax" else what)
        self._span(start + 1, stop - 1)
        self._emit("CLOSE", lexeme, ")")
        if what == "softmax":
            self._emit("DIVIDE", lexeme, "/")
            self.tokens += below
            for _ in range(2):
                self._emit("CLOSE", lexeme, ")")
        self._emit("CLOSE", lexeme, ")")
        return self._behind(stop)

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
        scripts = self._marks(end + 1)
        below = scripts[0] if lexeme.kind == "NORM" and scripts and scripts[0].kind == "sub" else None
        if below is not None and below.content not in _NORMS:
            said = "2 or F, the root of the sum of squares, or 1, the sum of sizes"
            raise AnswerError(
                f"a norm is read with {said}, below it, not {quoted(below.content)}", below.column
            )
        functions = ("abs",) if lexeme.kind == "BAR" else _NORMS[below.content if below else "F"]
        for function in functions[:-1]:
            self._call(lexeme, function)
        self._emit("FUNCTION", lexeme, functions[-1])
        self._bracketed(at, at + 1, end)
        for _ in functions[1:]:
            self._emit("CLOSE", lexeme, ")")
        return self._scripts(below.stop if below else end + 1, scripts[1:] if below else scripts)

    def _call(self, at: Lexeme, function: str) -> None:
        self._emit("FUNCTION", at, function)
        self._emit("OPEN", at, "(")

    def _is_whole(self, first: int, last: int) -> bool:
        """Whether brackets hold one quantity that is an array."""
        try:
            letter = self._whole_quantity(first, last)
        except AnswerError:
            return False
        return letter is not None and not letter.index

    def _new_axis(self, at: int, stop: int) -> int:
        """u[:, None] * v, and v[None, :] for v, the outer product; anything else is refused."""
        axes = self.lexemes[at]
        sign = self.lexemes[at + 1] if at + 1 < stop else axes
        is_product = sign.kind in ("TIMES", "ENTRYWISE", "MATMUL") and self._is(at + 2, "WORD", "OPEN")
        if not self.tokens or axes.kind != "STANDING" or not is_product:
            raise about_axes(axes)
        self._emit("METHOD", axes, "outer")
        self._emit("OPEN", axes, "(")
        end = self._step(at + 2, stop)
        is_lying = self._is(end, "LYING")
        if self._is(end + is_lying, *_FURTHER) or (sign.kind == "MATMUL" and not is_lying):
            raise about_axes(axes)
        self._emit("CLOSE", axes, ")")
        return end + is_lying

    def _barred(self, at: int) -> int | None:
        r"""\bar x as the mean of x over the samples; None where that cannot be meant."""
        lexeme = self.lexemes[at]
        base = lexeme.value.removesuffix("bar")
        if base == lexeme.value or not base or not has_samples(self.words.problem):
            return None
        scripts = self._marks(at + 1)
        found = self._quantity(lexeme._replace(value=base, text=base), scripts)
        if not found or found[0].letter.letter not in _GATHERED:
            return None
        one = self._choose(found)
        end = scripts[one.used - 1].stop if one.used else at + 1
        self._open_mean(lexeme)
        self._emit("LETTER", lexeme, one.letter.key, one.letter)
        return self._close_mean(lexeme, end)

    def _mean_of(self, at: int, _stop: int) -> int:
        r"""\overline{(a - y)x}"""
        lexeme = self.lexemes[at]
        if not has_samples(self.words.problem) or not self._is(at + 1, "OPEN"):
            raise AnswerError(f"{quoted(lexeme.text)} stands over one letter", lexeme.column)
        self._open_mean(lexeme)
        self._bracketed(at, at + 2, self.partner[at + 1])
        return self._close_mean(lexeme, self.partner[at + 1] + 1)

    def _open_mean(self, at: Lexeme) -> None:
        self._emit("OPEN", at, "(")
        self._emit("OPEN", at, "(")
        self._emit("SUMMATION", at, "@", Running("@"))

    def _close_mean(self, at: Lexeme, end: int) -> int:
        """Over n; what stands behind is of the mean: x̄² is its square."""
        self._emit("CLOSE", at, ")")
        self._emit("DIVIDE", at, "/")
        self._emit("LETTER", at, "n", Letter("n"))
        self._emit("CLOSE", at, ")")
        return self._behind(end)
