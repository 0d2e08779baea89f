"""Functions that stand on a page as they are, and what SymPy is told of them.

sigma(p), Phi(p), p ln p       kept whole: written out they would hide what they are
max, min, |p|, relu, step      in pieces, with a convention where there is no slope
phi, phi', phi''               of which only the order of the derivative is known
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, new_class

import sympy as sp
from sympy.printing.codeprinter import CodePrinter

P, Q = sp.symbols("p q")


class Whole(sp.Function):
    """A function kept whole on the page: SymPy differentiates its `body`, in `formals`."""

    body: sp.Expr
    formals: tuple[sp.Symbol, ...] = (P,)
    nargs = 1

    @property
    def written_out(self) -> sp.Expr:
        """The body at these arguments."""
        return self._at(self.body)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """SymPy's derivative of the body, at these arguments."""
        return self._at(sp.diff(self.body, self.formals[argindex - 1]))

    def _at(self, expr: sp.Expr) -> sp.Expr:
        return expr.subs(dict(zip(self.formals, self.args, strict=True)), simultaneous=True)

    def _eval_is_real(self) -> bool | None:
        """Each is real of what is real; SymPy would ask the body."""
        return True if all(arg.is_real for arg in self.args) else None

    def _eval_evalf(self, prec: int) -> sp.Expr:
        """For SymPy's evalf: that of the body."""
        return self.written_out._eval_evalf(prec)

    def _code(self, printer: CodePrinter) -> str:
        """For SymPy's lambdify: the code of the body."""
        return f"({printer.doprint(self.written_out)})"

    _pythoncode = _mpmathcode = _numpycode = _scipycode = _code


def written_out(expr: sp.Expr) -> sp.Expr:
    """The expression with the body of every whole function in its place."""
    return expr.replace(lambda part: isinstance(part, Whole), lambda part: part.written_out)


class Logistic(Whole):
    """sigma(p) = 1/(1 + e^-p), where it is a part of another function."""

    body = 1 / (1 + sp.exp(-P))


class Normal(Whole):
    """Phi(p), the standard normal distribution's P(X <= p); as erfc it keeps its digits where it is small."""

    body = sp.erfc(-P / sp.sqrt(2)) / 2


class Density(Whole):
    """phi(p), the standard normal density, which is the slope of Phi."""

    body = sp.exp(-(P**2) / 2) / sp.sqrt(2 * sp.pi)


class SelfLog(Whole):
    """p ln p, and 0 at p = 0, its limit; its slope ln p + 1 has no limit there, and no value."""

    body = sp.Piecewise((0, sp.Eq(P, 0)), (P * sp.log(P), True))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.log(self.args[argindex - 1]) + 1


class Kinked(Whole):
    """A function in pieces, kept whole: nothing is written out.

    SymPy's own Max would have slope 1/2 at a tie; and pieces written out into
    pieces, for max(a, b, c, ...) or relu(relu(x) - 1), multiply with every one.
    """

    @classmethod
    def eval(cls, *args: sp.Expr) -> sp.Expr | None:
        """Of numbers the piece that counts: SymPy goes round in circles over max(3, 2) >= 1."""
        known = all(arg.is_number and arg.is_extended_real for arg in args)
        return cls.body.xreplace(dict(zip(cls.formals, args, strict=True))) if known else None


class Larger(Kinked):
    """max(p, q) = p where p >= q, else q: at a tie the first argument counts, and its slope."""

    nargs = 2
    formals = (P, Q)
    body = sp.Piecewise((P, P >= Q), (Q, True))


class Smaller(Kinked):
    """min(p, q) = p where p <= q, else q."""

    nargs = 2
    formals = (P, Q)
    body = sp.Piecewise((P, P <= Q), (Q, True))


class Magnitude(Kinked):
    """|p|, with slope 0 at 0."""

    body = sp.Piecewise((P, P > 0), (-P, P < 0), (0, True))


class Rectified(Kinked):
    """relu(p) = p where p > 0, else 0, with slope 0 at 0."""

    body = sp.Piecewise((P, P > 0), (0, True))


class Jump(Kinked):
    """step(p) = 1 where p > 0, else 0; its slope is 0 wherever it exists, and 0 by convention."""

    body = sp.Piecewise((1, P > 0), (0, True))


CONVENTIONS: Mapping[str, str] = MappingProxyType(
    {
        "relu": "relu has no slope at 0; here it is 0",
        "step": "step has no slope at 0; here it is 0, as everywhere else",
        "abs": "|u| has no slope at 0; here it is 0",
        "max": "where the operands of max tie, the first one has the slope",
        "min": "where the operands of min tie, the first one has the slope",
    }
)
"""What is taken as the slope where there is none, by the operation of a formula."""


class UnspecifiedFunction(sp.Function):
    """phi, phi', phi'', ...: a function of which only the order of its derivatives is known.

    letter    phi
    order     how often it has been differentiated
    stand_in  a formula in P that takes phi's place where numbers are wanted, or None
    """

    letter: str
    order: int
    stand_in: sp.Expr | None
    formals: tuple[sp.Symbol] = (P,)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The same function, one order higher: SymPy's own Derivative would print a Subs at wx."""
        del argindex
        return unspecified(self.letter, self.order + 1, self.stand_in)(*self.args)

    @property
    def body(self) -> sp.Expr:
        """SymPy's derivative, of this order, of the stand-in, in the formal."""
        assert self.stand_in is not None, f"{self.letter} is unspecified and has no value"
        return sp.diff(self.stand_in, P, self.order)


def unspecified(letter: str, order: int = 0, stand_in: sp.Expr | None = None) -> type[UnspecifiedFunction]:
    """The function class of an unspecified function's derivative; the same one for the same arguments."""
    return _function_class(letter, order, stand_in)


@cache
def _function_class(letter: str, order: int, stand_in: sp.Expr | None) -> type[UnspecifiedFunction]:
    fields = {"nargs": 1, "letter": letter, "order": order, "stand_in": stand_in}
    # SymPy looks a function's name up in mpmath, which has a phi and a zeta of its own.
    return new_class(
        f"unspecified_{letter}{'′' * order}",
        (UnspecifiedFunction,),
        exec_body=lambda body: body.update(fields),
    )


class Summed(sp.Expr):
    """Summed(body, k, n): the sum over k from 1 to a size that is left open; nothing evaluates it.

    Summed(body, k, p, n) begins at p.
    """

    is_commutative = True


class Within(sp.Function):
    """Within(p, n): 1 where 1 <= p <= n, else 0."""

    nargs = 2

    @classmethod
    def eval(cls, place: sp.Expr, size: sp.Expr) -> sp.Expr | None:
        """Decided where both are numbers."""
        if place.is_Integer and size.is_Integer:
            return sp.Integer(1 <= place <= size)
        return None


class MeanRoot(sp.Function):
    """The square root of a mean of squares: it is never below 0, whatever little its enclosure may be."""

    nargs = 1


class AnyCost(sp.Function):
    """C of any number of outputs, of which nothing is known; its slope by the k-th is C_k, there too."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.Function(f"C_{argindex}")(*self.args)
