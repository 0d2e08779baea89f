"""A rule by itself: its formula, its derivative line by line, its kinks.

    sigma(z)  = 1/(1 + e^-z)
    sigma'(z) = d/dz (1 + e^-z)^-1                       by definition
              = -(1 + e^-z)^-2 d/dz (1 + e^-z)           power rule, chain rule
              = ...
              = sigma(z)(1 - sigma(z))                   1 - sigma(z) = e^-z/(1 + e^-z)

The differentiating is `calculus`'s, branch by branch; the rewriting to the
usual form is stated by the rule's row. Every line is proved to equal SymPy's
own derivative, and a line for which no proof is found is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

import sympy as sp

from derive.branches import Branch, Sides, branches, sides
from derive.calculus import defined, strides
from derive.expressions import Formula, results_of
from derive.identities import proved
from derive.rules import Activation, Cost, Form, K, Y
from derive.views.lines import Line
from derive.writing.from_sympy import Leaf, Order, natural, tree_of
from derive.writing.spelling import GREEK, spell
from derive.writing.tree import Call, Ident, Num, Prime, Script, Tree, equals, partial

UNITS = 3
"""How many units a layer has whose units read each other, on its sheet; outputs of a cost likewise."""

Rule = Activation | Cost


@dataclass(frozen=True, slots=True)
class Proved:
    """One line of a derivation, proved.

    line   what is printed
    expr   its right side in the arguments alone, nothing left to be taken
    since  an identity that the line rests on, proved likewise, or None
    """

    line: Line
    expr: sp.Expr
    since: Tree | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """The derivative by one argument on one branch.

    by      the argument's place among the formals
    letter  how the derivative is written
    branch  where it holds
    slope   SymPy's own derivative there
    lines   from d/dz of the formula to the usual form
    """

    by: int
    letter: Tree
    branch: Branch
    slope: sp.Expr
    lines: tuple[Proved, ...]


@dataclass(frozen=True, slots=True)
class Corner:
    """A kink: what the function and its slope tend to from both sides, and the slope that counts.

    when  the condition on the parameters under which there is a kink
    """

    at: sp.Expr
    counts: sp.Expr
    value: Sides
    slope: Sides
    when: sp.Basic = sp.true

    @property
    def is_jump(self) -> bool:
        """Whether the function itself is broken there, and not its slope alone."""
        return bool(self.value.left != self.value.right)

    def given(self, numbers: Mapping[sp.Symbol, sp.Rational]) -> Corner:
        """The same with numbers for the parameters."""
        value, slope = (
            Sides(both.left.subs(numbers), both.right.subs(numbers)) for both in (self.value, self.slope)
        )
        return Corner(self.at.subs(numbers), self.counts.subs(numbers), value, slope, self.when.subs(numbers))


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything that is said of a rule before a number is computed.

    letter   the function's own letter
    result   how its value is written: sigma(z), a_1, C
    formula  in formal symbols; parameters that have a letter stay letters
    inputs   those formals that are weighted inputs, or a sample's outputs; the first is differentiated by
    values   the parameters' values for plots and measurements
    leaf     how each symbol is written
    corners  of an activation; where a cost has them depends on its target, and where a maxout, on
             its other weighted inputs
    """

    rule: Rule
    letter: Tree
    result: Tree
    formula: Formula
    inputs: tuple[sp.Symbol, ...]
    values: Mapping[sp.Symbol, Fraction]
    leaf: Leaf
    definition: Line
    derived: tuple[Derived, ...]
    corners: tuple[Corner, ...]

    def write(self, expr: sp.Basic) -> Tree:
        """An expression in the formals and results, in this sheet's letters."""
        return written(expr, self.formula, self.leaf)

    def write_at(self, argument: sp.Expr) -> Tree:
        """The function at another argument: sigma(-z)."""
        return Call(self.letter, (self.write(argument),))


def sheet_of(rule: Rule) -> Sheet:
    """The sheet of an activation or a cost."""
    lettered = _lettered(rule)
    formula = lettered.formula(UNITS) if isinstance(lettered, Activation) else lettered.over(UNITS)
    settings = {parameter.symbol: value for parameter, value in rule.settings}
    values = {symbol: settings[symbol] for symbol in formula.formals if symbol in settings}
    apart = (Y, K, *values)
    inputs = tuple(symbol for symbol in formula.formals if symbol not in apart)
    letters = _Letters(lettered, formula, len(inputs) > 1)
    # Of the units that a unit reads, one stands for all.
    places = tuple(formula.formals.index(symbol) for symbol in inputs[:2])
    return Sheet(
        rule=rule,
        letter=letters.function,
        result=letters.result,
        formula=formula,
        inputs=inputs,
        values=MappingProxyType(values),
        leaf=letters.leaf,
        definition=Line(letters.result, letters.write(defined(formula.expr)), "definition"),
        derived=tuple(found for place in places for found in _derived(lettered, formula, letters, place)),
        corners=tuple(_corners(rule, lettered, formula)) if isinstance(rule, Activation) else (),
    )


def _lettered(rule: Rule) -> Rule:
    """The row with a letter for each parameter that has one: by default alpha = 1 would be put in."""
    if not rule.parameters:
        return rule
    kept = tuple(Fraction(2) if p.letter and v in (0, 1) else v for p, v in rule.settings)
    return replace(rule, values=kept)


# -- letters ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Letters:
    """How a sheet writes: sigma(z) and sigma'(z), a_1 and its slope by z_2, C and its slope by a."""

    rule: Rule
    formula: Formula
    coupled: bool

    @property
    def function(self) -> Tree:
        letter = self.rule.letter if isinstance(self.rule, Activation) else "C"
        return Ident(GREEK.get(letter, letter), upright=letter not in GREEK and len(letter) > 1)

    @property
    def result(self) -> Tree:
        if isinstance(self.rule, Cost):
            return self.function
        if not self.coupled:
            return Call(self.function, (Ident("z"),))
        return Script(Ident("a"), sub=Num("1")) if self.formula.results[1:] else Ident("a")

    def leaf(self, symbol: sp.Symbol) -> Tree:
        if symbol in self.formula.results and not self.coupled:
            return self.result
        letters = {parameter.symbol: parameter.letter for parameter, _ in self.rule.written}
        spelled = spell(letters.get(symbol) or symbol.name)
        return Script(spelled, sub=Num("1")) if self._first_of_several(symbol) else spelled

    def _first_of_several(self, symbol: sp.Symbol) -> bool:
        first_result = self.formula.results[:1] if self.formula.results[1:] else ()
        of_first = (self.formula.formals[0], *first_result, Y)
        return self.coupled and symbol in of_first

    def write(self, expr: sp.Basic) -> Tree:
        return written(expr, self.formula, self.leaf)

    def derivative(self, place: int) -> Tree:
        if isinstance(self.rule, Activation) and not self.coupled:
            return Call(Prime(self.function), (Ident("z"),))
        return partial(self.result, self.leaf(self.formula.formals[place]))


def written(expr: sp.Basic, formula: Formula, leaf: Leaf) -> Tree:
    """An expression in these letters; a result, which is a function's value, stands behind letters."""

    def rank(symbol: sp.Symbol) -> tuple[bool, tuple[str | int, ...]]:
        return symbol in formula.results, natural(symbol)

    return tree_of(expr, leaf, Order(rank, rank))


# -- the derivation --------------------------------------------------------------------------------


def _derived(rule: Rule, formula: Formula, letters: _Letters, place: int) -> Iterator[Derived]:
    by = formula.formals[place]
    for branch in branches(formula.expr, by, domain_of(rule)):
        slope = sp.diff(branch.expr, by)
        letter = letters.derivative(place)
        lines = tuple(_lines(rule, replace(formula, expr=branch.expr), branch, letters, place))
        yield Derived(place, letter, branch, slope, lines)


def domain_of(rule: Rule) -> sp.Set:
    """Where the rule is defined, as a set of its first argument."""
    return rule.domain if isinstance(rule, Activation) else rule.outputs


def _lines(rule: Rule, formula: Formula, branch: Branch, letters: _Letters, place: int) -> Iterator[Proved]:
    """The steps of the derivative, then its further forms, each proved; `formula` is the branch's."""
    by, slope = formula.formals[place], sp.diff(formula.expr, formula.formals[place])
    results = dict(zip(formula.results, results_of(formula), strict=True))
    lhs = letters.derivative(place)
    seen = {lhs}

    def told(expr: sp.Expr, because: str, since: tuple[sp.Expr, sp.Expr] | None) -> Iterator[Proved]:
        meant = _on(branch, expr.xreplace(results), by)
        rhs = letters.write(expr)
        if meant is None or rhs in seen or not proved(meant, slope) or not _holds(since, results):
            return
        seen.add(rhs)
        known = equals(*map(letters.write, since)) if since else None
        yield Proved(Line(lhs, rhs, because), meant.doit(), known)

    for stride in strides(defined(formula.expr), by):
        yield from told(stride.expr, stride.because, None)
    for form in _forms(rule, formula, branch, place):
        yield from told(form.expr, form.because, form.since)


def _holds(since: tuple[sp.Expr, sp.Expr] | None, results: dict[sp.Symbol, sp.Expr]) -> bool:
    return since is None or proved(*(side.xreplace(results) for side in since))


def _forms(rule: Rule, formula: Formula, branch: Branch, place: int) -> Iterator[Form]:
    """The forms that the row states, and the usual one in the end, on this branch."""
    if place == 0:
        yield from rule.forms
    stated = formula.usual[place] if formula.usual else None
    usual = _on(branch, stated, formula.formals[place]) if isinstance(stated, sp.Piecewise) else stated
    if usual is not None:
        by_result = isinstance(rule, Activation) and bool(usual.free_symbols & {*formula.results})
        yield Form(expr=usual, because="in terms of the function itself" if by_result else "the usual form")


def _on(branch: Branch, stated: sp.Expr, by: sp.Symbol) -> sp.Expr | None:
    """A slope in pieces on one branch: the piece of it, or the pieces, that hold there."""
    if branch.where is not None:
        parts = branches(stated, by)
        return next((part.expr for part in parts if _covers(part.where, branch.where)), None)
    if not isinstance(stated, sp.Piecewise):
        return stated
    left = [pair for pair in stated.args if pair.cond not in branch.before]
    return next((value for value, when in left if when == branch.when != sp.true), sp.Piecewise(*left))


def _covers(part: sp.Set | None, branch: sp.Set) -> bool:
    return part is not None and branch.is_subset(part) is True


def _corners(rule: Activation, lettered: Rule, formula: Formula) -> Iterator[Corner]:
    """The kinks that the row states, with what SymPy's limits say of either side."""
    by = formula.formals[0]
    parts = branches(formula.expr, by, domain_of(rule))
    slopes = tuple(replace(part, expr=sp.diff(part.expr, by)) for part in parts)
    for kink in rule.kinks:
        at, counts = lettered.put_in(kink.at), lettered.put_in(kink.slope)
        value, slope = sides(parts, by, at), sides(slopes, by, at)
        if value is not None and slope is not None:
            yield Corner(at, counts, value, slope, kink.when)


def corners_at(rule: Rule, formula: Formula, numbers: Mapping[sp.Symbol, sp.Rational]) -> Iterator[Corner]:
    """The kinks for given numbers of all arguments but the first."""
    by = formula.formals[0]
    parts = branches(formula.expr.subs(numbers), by, domain_of(rule))
    slopes = tuple(replace(part, expr=sp.diff(part.expr, by)) for part in parts)
    for kink in rule.kinks:
        if kink.at.subs(numbers).is_finite:
            at = kink.at.subs(numbers)
            value, slope = sides(parts, by, at), sides(slopes, by, at)
            if value is not None and slope is not None:
                yield Corner(at, kink.slope.subs(numbers), value, slope)
