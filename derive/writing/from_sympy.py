"""SymPy's expressions as formula trees, in the order a book would print them.

SymPy sorts terms and factors for itself: a − t may come back as −t + a. Here
positive terms come first and higher powers before lower ones; in a product the
coefficient, then letters, then sums, then functions: 2x(a − t)φ′(z).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import sympy as sp

from derive.whole_functions import (
    Density,
    Jump,
    Larger,
    Logistic,
    Magnitude,
    MeanRoot,
    Normal,
    Rectified,
    SelfLog,
    Smaller,
    Summed,
    UnspecifiedFunction,
    Within,
)
from derive.writing.spelling import spell, unspecified_call
from derive.writing.tree import (
    PARTIAL,
    TOTAL,
    Call,
    Cases,
    Fence,
    Ident,
    Num,
    Op,
    Root,
    Row,
    Text,
    Tree,
    bracketed,
    equals,
    negated,
    partial,
    plus,
    power,
    product,
    quotient,
    related,
    summed,
)

Leaf = Callable[[sp.Symbol], Tree]
Rank = Callable[[sp.Symbol], Any]


def natural_text(text: str) -> tuple[str | int, ...]:
    """Letters by the alphabet and digits by their value: w2 before w10."""
    pieces = re.split("([0-9]+)", text)
    return tuple(int(piece) if place % 2 else piece for place, piece in enumerate(pieces))


def natural(symbol: sp.Symbol) -> tuple[str | int, ...]:
    """A symbol's place by its name."""
    return natural_text(symbol.name)


@dataclass(frozen=True, slots=True)
class Order:
    """The keys by which letters of equal standing are ordered, among summands and among factors.

    of_terms  the places of terms that somebody has put in order; all others are at 0
    """

    of_summands: Rank = natural
    of_factors: Rank = natural
    of_terms: Mapping[sp.Expr, int] = field(default_factory=lambda: MappingProxyType({}))


BY_NAME = Order()


def tree_of(expr: sp.Basic, leaf: Leaf, order: Order = BY_NAME) -> Tree:
    """The expression as a tree; `leaf` shows each symbol, as a letter or as its number.

    Raises TypeError, naming it, for a class that is not in the table: floats are
    not, since nothing on a page is computed from a rounded number.
    """
    return _Reading(leaf, order, PARTIAL if len(expr.free_symbols) > 1 else TOTAL).tree(expr)


@dataclass(frozen=True)
class _Reading:
    """One walk over one expression."""

    leaf: Leaf
    order: Order
    differential: Tree  # d where there is one letter, else ∂

    def tree(self, expr: sp.Basic) -> Tree:
        for cls in type(expr).__mro__:
            if cls in _RULES:
                return _RULES[cls](self, expr)
        raise TypeError(f"no way of writing a SymPy {type(expr).__name__} is known: {expr}")

    def sum(self, expr: sp.Add) -> Tree:
        return plus(*map(self.tree, sorted(expr.args, key=self.place_in_sum)))

    def place_in_sum(self, term: sp.Expr) -> tuple[Any, ...]:
        return (
            self.order.of_terms.get(term, 0),
            _is_negative(term),
            term.has(sp.Function),
            -_degree(term),
            sorted(map(self.order.of_summands, term.free_symbols)),
            term.count_ops(),
            sp.default_sort_key(term),
        )

    def product(self, expr: sp.Mul) -> Tree:
        if not expr.is_commutative:
            raise TypeError(f"no way of writing a product whose order matters is known: {expr}")
        coefficient, factors = Fraction(1), []
        for factor in expr.args:
            if factor.is_Rational:
                coefficient *= Fraction(factor.p, factor.q)
            else:
                factors.append(factor)
        if any(isinstance(factor, sp.Mul) for factor in factors):
            return product(*map(self.tree, expr.args), sign="·")  # kept apart by whoever stated it
        factors.sort(key=self.place_in_product)
        waiting = [self.tree(factor) for factor in factors if _is_to_be_taken(factor)]
        known = [factor for factor in factors if not _is_to_be_taken(factor)]
        decay, factor = _decay_rate(coefficient, known)
        if decay and not waiting:
            rest = sp.Mul(*(one for one in known if one not in decay), evaluate=False)
            size = product(self.tree(sp.Mul(factor, *decay)), self.tree(rest))
            return negated(size) if coefficient < 0 else size
        coefficient, known, roots = _joined_roots(coefficient, known)
        over = [self.tree(factor) for factor in known if not _is_divisor(factor)]
        under = [self.tree(1 / factor) for factor in known if _is_divisor(factor)]
        over = [Root(quotient(*self.trees(root))) for root in roots if len(root) == 2] + over
        under += [Root(self.tree(*root)) for root in roots if len(root) == 1]
        size = _fraction_in_front(abs(coefficient), over, under) if known else _rational(abs(coefficient))
        if waiting:
            size = product(*([size] if known or abs(coefficient) != 1 else []), *waiting, sign="·")
        return negated(size) if coefficient < 0 else size

    def place_in_product(self, factor: sp.Expr) -> tuple[Any, ...]:
        base = factor.as_base_exp()[0] if isinstance(factor, sp.Pow) else factor
        standing = 0 if base.is_Atom else 1 if isinstance(base, sp.Add) else 2
        standing = 3 if isinstance(base, Summed) else standing  # last, it needs no brackets
        return standing, sorted(map(self.order.of_factors, factor.free_symbols)), sp.default_sort_key(factor)

    def power(self, expr: sp.Pow) -> Tree:
        base, exponent = expr.args
        if _is_divisor(expr):
            return quotient(Num("1"), self.tree(base**-exponent))
        if exponent == sp.Rational(1, 2):
            return Root(self.tree(base))
        return power(self.tree(base), self.tree(exponent))

    def exponential(self, expr: sp.exp) -> Tree:
        e = Ident("e")
        if any(self.leaf(symbol) == e for symbol in expr.free_symbols):
            return self.call(expr)  # a quantity of the problem is itself called e
        return power(e, self.tree(expr.args[0]))

    def magnitude(self, expr: sp.Function) -> Tree:
        return Fence("|", self.tree(expr.args[0]), "|")

    def self_log(self, expr: SelfLog) -> Tree:
        return self.product(sp.Mul(expr.args[0], sp.log(expr.args[0]), evaluate=False))

    def call(self, expr: sp.Function) -> Tree:
        name, args = _FUNCTION_WORDS[type(expr)], expr.args
        while isinstance(expr, Larger | Smaller) and type(args[0]) is type(expr):
            args = (*args[0].args, *args[1:])  # max(max(a, b), c), which is taken from left to right
        return Call(Ident(name, upright=len(name) > 1), self.trees(args))

    def unspecified(self, expr: UnspecifiedFunction) -> Tree:
        """φ′(z)"""
        return unspecified_call(expr.letter, expr.order, self.trees(expr.args))

    def derivative(self, expr: sp.Derivative) -> Tree:
        """d/dz (1 + e^{-z}) where it is still to be taken, φ′(z) of an unspecified function, else ∂a/∂z"""
        if isinstance(expr.expr, UnspecifiedFunction):
            return self.unspecified(expr.doit())
        if not _is_to_be_taken(expr):
            return partial(self.tree(expr.expr), *self.trees(expr.variables))
        (by,) = self.trees(expr.variables)
        operator = quotient(self.differential, Row((self.differential, by)))
        return Row((operator, bracketed(self.tree(expr.expr))))

    def bracket(self, expr: sp.KroneckerDelta) -> Tree:
        """Iverson's [i = 2], since δ is an error"""
        left, right = sorted(expr.args, key=lambda side: not side.is_Symbol)
        letters = (
            Ident(side.name) if side.is_Symbol and len(side.name) == 1 else self.tree(side)
            for side in (left, right)
        )
        return Fence("[", equals(*letters), "]")

    def summation(self, expr: Summed) -> Tree:
        """Σ_{k=1}^{n}, Σ_{k=max(1, i−3)}^{min(3, i)}"""
        body, index, *ends = expr.args
        first, last = ends if len(ends) == 2 else (sp.S.One, ends[0])
        of_places = _Reading(lambda symbol: spell(symbol.name), BY_NAME, TOTAL)
        return summed(self.tree(body), equals(Ident(index.name), of_places.tree(first)), of_places.tree(last))

    def within(self, expr: Within) -> Tree:
        """[1 ≤ i − 1 ≤ 3]"""
        of_places = _Reading(lambda symbol: spell(symbol.name), BY_NAME, TOTAL)
        place, size = of_places.trees(expr.args)
        return Fence("[", Row((Num("1"), Op("≤"), place, Op("≤"), size)), "]")

    def cases(self, expr: sp.Piecewise) -> Tree:
        return Cases(
            tuple(
                (self.tree(value), None if condition == sp.true else self.tree(condition))
                for value, condition in _zero_last(expr)
            )
        )

    def relation(self, expr: sp.Rel) -> Tree:
        if expr.lhs.is_Atom and not expr.rhs.is_Atom:
            expr = expr.reversed  # |a − y| ≤ δ, which SymPy may hold the other way round
        return related(self.tree(expr.lhs), _RELATION_SIGNS[type(expr)], self.tree(expr.rhs))

    def joined(self, expr: sp.And | sp.Or) -> Tree:
        word = Text(" and " if isinstance(expr, sp.And) else " or ")
        first, *rest = self.trees(sorted(expr.args, key=sp.default_sort_key))
        return Row((first, *(item for condition in rest for item in (word, condition))))

    def trees(self, exprs: Iterable[sp.Basic]) -> tuple[Tree, ...]:
        return tuple(map(self.tree, exprs))


def _zero_last(expr: sp.Piecewise) -> Sequence[tuple[sp.Expr, sp.Basic]]:
    """The branches; of two with one comparison that which is 0 is the other case: 1 if z > 0, 0 otherwise."""
    (value, condition), *others = expr.args
    if value == 0 and len(others) == 1 and others[0][1] == sp.true and isinstance(condition, sp.Rel):
        return ((others[0][0], condition.negated), (value, sp.true))
    return tuple(expr.args)


def _is_negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _is_divisor(factor: sp.Expr) -> bool:
    """Is this a power to be written under the bar?"""
    return isinstance(factor, sp.Pow) and factor.exp.is_Rational and factor.exp < 0


RATE, DECAY, SAMPLES = sp.symbols("eta lambda n")


def _decay_rate(coefficient: Fraction, factors: list[sp.Expr]) -> tuple[tuple[sp.Expr, ...], sp.Rational]:
    """λ/n of an L2 term, or ηλ/n, which stands before what it multiplies: (λ/2n) Σ w²; with its number.

    Where that is all there is, nothing stands apart.
    """
    rate = tuple(one for one in factors if one in (RATE, DECAY, 1 / SAMPLES))
    if {DECAY, 1 / SAMPLES} <= set(rate) and len(rate) < len(factors):
        return rate, sp.Rational(abs(coefficient).numerator, abs(coefficient).denominator)
    return (), sp.S.One


def _joined_roots(
    coefficient: Fraction, factors: list[sp.Expr]
) -> tuple[Fraction, list[sp.Expr], list[tuple[sp.Expr, ...]]]:
    """SymPy's √2/2 as 1/√2, √2/(2√π) as 1/√(2π), and √2/√π as √(2/π): what is left, and (2π,) or (2, π)."""
    above = [f for f in factors if isinstance(f, sp.Pow) and f.is_number and f.exp == sp.Rational(1, 2)]
    below = [f for f in factors if isinstance(f, sp.Pow) and f.is_number and f.exp == -sp.Rational(1, 2)]
    if len(above) != 1 or len(below) > 1 or not above[0].base.is_Integer:
        return coefficient, factors, []
    rest = [factor for factor in factors if factor not in (*above, *below)]
    inside = int(above[0].base)
    if coefficient.denominator % inside == 0:
        return coefficient * inside, rest, [(sp.Mul(above[0].base, *(root.base for root in below)),)]
    if not below:
        return coefficient, factors, []
    return coefficient, rest, [(above[0].base, below[0].base)]


def _is_to_be_taken(factor: sp.Expr) -> bool:
    """d/dz (1 + e^{-z}), which stands behind a product and its bar."""
    return isinstance(factor, sp.Derivative) and not isinstance(factor.expr, sp.Symbol)


def _degree(term: sp.Expr) -> Fraction:
    """The degree of a term in its letters: 2 for wx and for (a − t)², 0 for 3 and for e^x."""
    if isinstance(term, sp.Symbol):
        return Fraction(1)
    if isinstance(term, sp.Mul):
        return sum(map(_degree, term.args), Fraction(0))
    if isinstance(term, sp.Add):
        return max(map(_degree, term.args))
    if isinstance(term, sp.Pow) and term.exp.is_Rational:
        return _degree(term.base) * Fraction(term.exp.p, term.exp.q)
    return _degree(term.args[0]) if isinstance(term, Summed) else Fraction(0)


def _fraction_in_front(coefficient: Fraction, over: list[Tree], under: list[Tree]) -> Tree:
    """½x, but x/(2n) where there is a bar in any case."""
    above, below = coefficient.numerator, coefficient.denominator
    if not under and below > 1 and over:
        return product(_rational(coefficient), *over)
    numerator = [*_unless_one(above), *over] or [Num("1")]
    denominator = [*_unless_one(below), *under]
    return quotient(product(*numerator), product(*denominator)) if denominator else product(*numerator)


def _unless_one(value: int) -> list[Tree]:
    return [] if value == 1 else [Num(str(value))]


LARGEST_DENOMINATOR = 1000
"""Fractions with larger ones are written as decimals, where these end: 0.044715."""


def _decimal(size: Fraction) -> Tree | None:
    """The decimal that a fraction is, if it ends."""
    places = next((n for n in range(LONGEST_DECIMAL) if 10**n % size.denominator == 0), None)
    if places is None:
        return None
    digits = str(size.numerator * 10**places // size.denominator).rjust(places + 1, "0")
    return Num(f"{digits[:-places]}.{digits[-places:]}")


LONGEST_DECIMAL = 25


def _rational(value: Fraction) -> Tree:
    size = Num(str(abs(value.numerator)))
    shown: Tree = size if value.denominator == 1 else quotient(size, Num(str(value.denominator)))
    if value.denominator > LARGEST_DENOMINATOR:
        shown = _decimal(abs(value)) or shown
    return negated(shown) if value < 0 else shown


_FUNCTION_WORDS: Mapping[type, str] = MappingProxyType(
    {
        sp.exp: "exp",
        sp.log: "ln",
        sp.sin: "sin",
        sp.cos: "cos",
        sp.tan: "tan",
        sp.sinh: "sinh",
        sp.cosh: "cosh",
        sp.tanh: "tanh",
        sp.erf: "erf",
        sp.erfc: "erfc",
        sp.LambertW: "W",
        Logistic: "σ",
        Normal: "Φ",
        Density: "φ",
        Larger: "max",
        Smaller: "min",
        Rectified: "relu",
        Jump: "step",
        sp.Max: "max",
        sp.Min: "min",
        sp.sign: "sign",
    }
)

_RELATION_SIGNS: Mapping[type, str] = MappingProxyType(
    {sp.Gt: ">", sp.Ge: "≥", sp.Lt: "<", sp.Le: "≤", sp.Eq: "=", sp.Ne: "≠"}
)

_Rule = Callable[[_Reading, Any], Tree]
_RULES: Mapping[type, _Rule] = MappingProxyType(
    dict.fromkeys(_FUNCTION_WORDS, _Reading.call)
    | dict.fromkeys(_RELATION_SIGNS, _Reading.relation)
    | {
        sp.Symbol: lambda reading, symbol: reading.leaf(symbol),
        sp.Rational: lambda _, value: _rational(Fraction(value.p, value.q)),
        type(sp.E): lambda *_: Ident("e"),
        type(sp.pi): lambda *_: Ident("π"),
        sp.Add: _Reading.sum,
        sp.Mul: _Reading.product,
        sp.Pow: _Reading.power,
        sp.exp: _Reading.exponential,
        **dict.fromkeys((sp.Abs, Magnitude), _Reading.magnitude),
        Summed: _Reading.summation,
        sp.KroneckerDelta: _Reading.bracket,
        Within: _Reading.within,
        MeanRoot: lambda reading, root: Root(reading.tree(root.args[0])),
        SelfLog: _Reading.self_log,
        sp.Derivative: _Reading.derivative,
        sp.Piecewise: _Reading.cases,
        sp.And: _Reading.joined,
        sp.Or: _Reading.joined,
        UnspecifiedFunction: _Reading.unspecified,
    }
)
