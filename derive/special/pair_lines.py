"""The lines of an output pair's derivation, as a book prints them.

    dC/dz_j = sum over k of dC/da_k da_k/dz_j      sum over routes
            = ...                                  each slope put in, what cancels cancelled
            = a_j - y_j                            with what is assumed of the targets

Every line is proved from the one before it, term by term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from derive.gradient import Line
from derive.identities import proved
from derive.sheet import Proved
from derive.special.pairs import A_J, A_K, SHARE, Y_J, Y_K, Z_J, Pair, Terms, concrete, length
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import (
    Ident,
    Num,
    Tree,
    equals,
    negated,
    partial,
    plus,
    product,
    related,
    signed,
    summed,
)

J, UNIT_K, COST = Ident("j"), Ident("k"), Ident("C")


@dataclass(frozen=True)
class Letters:
    """The letters of a derivation; `cost` is one sample's, `several` outputs have an index."""

    cost: Tree = COST
    activation: str = "a"
    weighted_input: str = "z"
    target: str = "y"
    several: bool = True

    def of(self, letter: str, index: str = "j") -> Tree:
        return spell(f"{letter}_{index}" if self.several else letter)

    def write(self, expr: sp.Basic, index: str = "j") -> Tree:
        """An expression of unit j, or the same one of another unit."""
        own = {A_J: self.activation, Y_J: self.target, Z_J: self.weighted_input, SHARE: "p"}
        other = {A_K: self.activation, Y_K: self.target}

        def leaf(symbol: sp.Symbol) -> Tree:
            if symbol in own:
                return self.of(own[symbol], index)
            return self.of(other[symbol], "k") if symbol in other else spell(symbol.name)

        return tree_of(expr, leaf)

    def slope(self, of: str | Tree, by: str, at: str = "j", index: str = "j") -> Tree:
        """∂a_k/∂z_j; the cost has no index."""
        upper = of if isinstance(of, Tree) else self.of(of, at)
        return partial(upper, self.of(by, index))


PLAIN = Letters()


@dataclass(frozen=True)
class _Told:
    """A line before it is proved; `used` is the multiple of (sum of y) - total by which it differs."""

    rhs: Tree
    terms: Terms
    because: str
    since: Tree | None = None
    used: sp.Expr = sp.S.Zero


@lru_cache(maxsize=256)
def derive_pair(pair: Pair, letters: Letters = PLAIN) -> tuple[Proved, ...]:
    """dC/dz_j line by line; a line's `expr` is its value for `UNITS` outputs. Every line is proved."""
    lhs = letters.slope(letters.cost, letters.weighted_input)
    lines: list[Proved] = []
    before = pair.outer.times(pair.inner.own) if pair.cost.couples else pair.product
    seen = {lhs}
    for told in _told(pair, letters):
        if told.rhs in seen or not _follows(pair, before, told):
            continue
        seen.add(told.rhs)
        before = told.terms
        lines.append(Proved(Line(lhs, told.rhs, told.because), concrete(pair, told.terms), told.since))
    return tuple(lines)


def _follows(pair: Pair, before: Terms, told: _Told) -> bool:
    """Whether a line equals the one before it, term by term and so for any number of outputs."""
    meant: dict[sp.Expr, sp.Expr] = {}
    if not pair.activation.couples:
        meant = {A_J: pair.activation.formula(1).expr}
    total = pair.total or 0
    own = (before.own - told.used * (Y_J - total), told.terms.own)
    other = (before.other - told.used * Y_K, told.terms.other)
    return all(proved(left.subs(meant), right.subs(meant)) for left, right in (own, other))


def _told(pair: Pair, letters: Letters) -> Iterator[_Told]:
    """The lines in the order of a book."""
    if not pair.activation.couples:
        yield from _one_route(pair, letters)
        return
    yield from _over_routes(pair, letters)
    if pair.is_derived:
        simple = pair.simplified
        if _is_shorter(simple, pair):
            yield _Told(_sum(letters, simple), simple, CANCELS)
        yield from _collecting(pair, letters, simple)


CANCELS = "what stands above and below the bar cancels"


def _one_route(pair: Pair, letters: Letters) -> Iterator[_Told]:
    """∂C/∂a ∂a/∂z, then each slope put in; one in pieces keeps its letter."""
    upper = letters.slope(letters.cost, letters.activation)
    lower = letters.slope(letters.activation, letters.weighted_input)
    inner = pair.inner.own
    unsettled = pair.outer.times(inner)
    yield _Told(product(upper, lower, sign="·"), unsettled, "chain rule")
    if not pair.outer.own.has(sp.Piecewise):
        upper = _sum(letters, pair.outer)
        because = "derivative of the cost"
        if pair.cost.couples:
            because += ": its other parts read this output too"
        yield _Told(product(upper, lower, sign="·"), unsettled, because)
        for told in _collecting(pair, letters, pair.outer) if pair.cost.couples else ():
            upper = told.rhs
            rhs = product(upper, lower, sign="·")
            yield replace(told, rhs=rhs, terms=told.terms.times(inner), used=told.used * inner)
    if not inner.has(sp.Piecewise):
        lower = letters.write(inner)
        yield _Told(product(upper, lower, sign="·"), pair.product, "derivative of the activation")
        if pair.is_derived and _is_shorter(pair.simplified, pair):
            because = "a factor 1 is not written" if inner == 1 else CANCELS
            yield _Told(_sum(letters, pair.simplified), pair.simplified, because)


def _is_shorter(simple: Terms, pair: Pair) -> bool:
    """Whether more was done than factors put in another order."""
    inner = pair.inner
    before = length(pair.settled.own) + length(inner.own) + 1
    if pair.activation.couples:
        before += length(pair.outer.own) + length(inner.other) + 1
    return length(simple.own) + length(simple.other) < before


def _over_routes(pair: Pair, letters: Letters) -> Iterator[_Told]:
    """The sum over k, unit j apart, then each slope put in."""
    terms = pair.product

    def apart(outers: Sequence[Tree], inners: Sequence[Tree]) -> Tree:
        own, other = (product(*factors, sign="·") for factors in zip(outers, inners, strict=True))
        return plus(own, _over_others(other))

    by_activation = [letters.slope(letters.cost, letters.activation, index=index) for index in "jk"]
    by_input = [letters.slope(letters.activation, letters.weighted_input, at=index) for index in "jk"]
    every = summed(product(by_activation[1], by_input[1], sign="·"), UNIT_K)
    yield _Told(every, terms, "sum over routes: every output reads it")
    yield _Told(apart(by_activation, by_input), terms, "the unit’s own route apart")
    if not pair.is_derived:
        return
    own = pair.outer.own
    outers = [letters.write(own), letters.write(own, "k")]
    yield _Told(apart(outers, by_input), terms, "derivative of the cost")
    inners = [letters.write(pair.inner.own), letters.write(pair.inner.other)]
    yield _Told(apart(outers, inners), terms, "derivatives of the activation: for k = j, and for k ≠ j")


def _collecting(pair: Pair, letters: Letters, terms: Terms) -> Iterator[_Told]:
    """rest + c Σ t over all k, and what it comes to where the targets add up to 1."""
    collected = terms.over_all() if terms.other != 0 else None
    if collected is None:
        return
    rest, c, t = collected
    yield _Told(_collected(letters, rest, c, t), terms, "the term k = j taken into the sum")
    if pair.total is not None:
        since = equals(summed(letters.write(Y_K), UNIT_K), Num(str(pair.total)))
        because = "assumed of the targets" if pair.is_assumed else "for targets with"
        settled = pair.settled if pair.cost.couples else pair.result
        yield _Told(letters.write(settled.own), settled, because, since, used=c)


def _sum(letters: Letters, terms: Terms) -> Tree:
    """own + Σ over k ≠ j of the others, what is the same for all before the sum."""
    own = letters.write(terms.own)
    if terms.other == 0:
        return own
    collected = terms.over_all()
    if collected is None:
        return plus(own, _over_others(letters.write(terms.other)))
    return plus(own, _scaled(letters, collected[1], _over_others(letters.write(collected[2]))))


def _over_others(term: Tree) -> Tree:
    """Σ over k ≠ j, a minus before the sum where its terms have one."""
    minus, size = signed(term)
    below = related(UNIT_K, "≠", J)
    return negated(summed(size, below)) if minus else summed(term, below)


def _scaled(letters: Letters, c: sp.Expr, total: Tree) -> Tree:
    """c Σ, with the sign of c first."""
    minus, size = signed(letters.write(c))
    whole = total if c in (1, -1) else product(size, total)
    return negated(whole) if minus else whole


def _collected(letters: Letters, rest: sp.Expr, c: sp.Expr, t: sp.Expr) -> Tree:
    """rest + c Σ t, what has no minus first."""
    whole = _scaled(letters, c, summed(letters.write(t), UNIT_K))
    if rest == 0:
        return whole
    left = letters.write(rest)
    return plus(left, whole) if signed(whole)[0] and not signed(left)[0] else plus(whole, left)
