"""Formulas as SymPy sees them.

A formula is stated once in formal symbols and differentiated once by SymPy;
the many steps of a network that use it only name their arguments. So a layer
of 784 x 30 connections costs one derivative of w*a, not 23,520.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from operator import attrgetter
from types import MappingProxyType

import sympy as sp
from sympy.core.relational import Relational

from derive.formula.nodes import Apply, Constant, Derivative, Name, Node, Number, Unspecified, leaves_in, walk
from derive.whole_functions import (
    Jump,
    Larger,
    Logistic,
    Magnitude,
    Normal,
    Rectified,
    Smaller,
    unspecified,
    written_out,
)

ADJOINT = sp.Symbol("d/d step")
"""The derivative by a step, in the slopes that carry it on; no text can name a quantity so."""


@dataclass(frozen=True)
class Formula:
    """An expression in formal symbols.

    expr     in `formals`
    formals  the arguments, in the order in which a term names them
    results  symbols of quantities that are known once the step is done: a for sigma(z)
    usual    for each formal the derivative as books print it, in formals and
             results, or None; shown only after `prove` found it equal to SymPy's
    roles    for each formal what its derivative is called on the page
    node     the author's own text, where there is one, so that it is shown as written
    meanings what the results are, where they are neither the formula nor what is like it
    inside   the rule that is applied last, where its usual slope is known, and to what
    tidy     whether books take a common factor out of its derivatives: 2(a - y)/n, not 2a/n - 2y/n
    """

    expr: sp.Expr
    formals: tuple[sp.Symbol, ...]
    results: tuple[sp.Symbol, ...] = ()
    usual: tuple[sp.Expr | None, ...] = ()
    roles: tuple[str, ...] = ()
    node: Node | None = None
    meanings: tuple[sp.Expr, ...] = ()
    inside: Inside | None = None
    tidy: bool = False

    def __hash__(self) -> int:
        """One number for good: a sweep looks the slopes of a few formulas up for thousands of terms."""
        return self._hash

    @cached_property
    def is_product(self) -> bool:
        """Whether it is a product of its formals, each once and nothing else."""
        return bool(self.expr.is_Mul) and all(factor in self.formals for factor in self.expr.args)

    @cached_property
    def _hash(self) -> int:
        return hash((self.expr, self.formals, self.results, self.usual, self.roles, self.tidy))

    def role(self, position: int) -> str:
        return self.roles[position] if self.roles else "local"


@dataclass(frozen=True)
class Inside:
    """outer(inner, ...): sigma(w x + b); for each argument an expression in the whole's formals."""

    outer: Formula
    inner: tuple[sp.Expr, ...]

    @property
    def results(self) -> list[sp.Expr]:
        """What each result of the outer one is, in the whole's formals."""
        put_in = dict(zip(self.outer.formals, self.inner, strict=True))
        return [result.subs(put_in, simultaneous=True) for result in results_of(self.outer)]


@cache
def slope(formula: Formula, position: int) -> Formula:
    """The partial derivative by one formal, by SymPy's own differentiation."""
    return Formula(_differentiated(formula.expr, formula.formals[position]), formula.formals)


LONG = 16
"""SymPy looks each term of a sum up several times; longer ones are taken out before it differentiates."""


def _differentiated(expr: sp.Expr, by: sp.Symbol) -> sp.Expr:
    """d expr/d by; by each long sum first, and by `by` in those of its terms that hold it.

    A variance of 512 numbers has a sum of 512 in it, and a slope by each.
    """
    outer, sums = _sums_apart(expr)
    inner = (
        _put_back(expr, symbol) * added([sp.diff(term, by) for term in terms])
        for symbol, total in sums
        if (terms := _terms_with(total).get(by))
    )
    direct = sp.diff(outer, by).xreplace(dict(sums)) if sums and by in outer.free_symbols else sp.S.Zero
    return sp.Add(direct, *inner) if sums else sp.diff(expr, by)


@cache
def _sums_apart(expr: sp.Expr) -> tuple[sp.Expr, tuple[tuple[sp.Symbol, sp.Expr], ...]]:
    """The expression with a symbol for each long sum within it, and the sums."""
    found = [part for part in sp.ordered(expr.atoms(sp.Add)) if len(part.args) > LONG]
    sums = tuple((sp.Dummy(), total) for total in found)
    return expr.xreplace({total: symbol for symbol, total in sums}), sums


@cache
def _put_back(expr: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """The slope of the expression by one of its long sums."""
    outer, sums = _sums_apart(expr)
    return sp.diff(outer, symbol).xreplace(dict(sums))


@cache
def _terms_with(total: sp.Expr) -> Mapping[sp.Symbol, Sequence[sp.Expr]]:
    """The terms of a sum by each symbol that they hold."""
    found: dict[sp.Symbol, list[sp.Expr]] = {}
    for term in total.args:
        for symbol in term.free_symbols:
            found.setdefault(symbol, []).append(term)
    return found


@cache
def usual_slope(formula: Formula, position: int) -> Formula:
    """The same derivative in its usual form: sigma' = a(1 - a), where one is stated and proved."""
    if formula.inside is not None and _is_known(formula.inside):
        return _usual_chain(formula, formula.inside, position)
    stated = _stated(formula, position)
    if stated is None or not prove(formula, position):
        return slope(formula, position)
    return Formula(stated, formula.formals + formula.results)


@cache
def _stated(formula: Formula, position: int) -> sp.Expr | None:
    """The derivative as books print it, before it is proved; None where nothing is stated."""
    if formula.tidy:
        return tidied(slope(formula, position).expr)
    return formula.usual[position] if formula.usual else None


def _as_in_books(over: sp.Expr, under: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The two sides of a bar, that below in factors, 1 - a and not a - 1."""
    factors = sp.Mul.make_args(sp.factor(under))
    turned = [factor for factor in factors if factor.is_Add and factor.as_coeff_Add()[0].is_negative]
    kept = (factor for factor in factors if factor not in turned)
    return (-1) ** len(turned) * over, sp.Mul(*kept, *(sp.expand(-factor) for factor in turned))


@cache
def _is_known(inside: Inside) -> bool:
    """Whether the usual slope of what is applied last is proved, by each of its arguments."""
    return all(prove(inside.outer, place) for place in range(len(inside.inner)))


def tidied(expr: sp.Expr) -> sp.Expr:
    """A derivative with its common factors taken out, over one bar where that makes it shorter.

        2 a/n - 2 y/n  =  2 (a - y)/n        1/(1 + |z|) - z sign(z)/(1 + |z|)^2  =  1/(1 + |z|)^2

    The sign of u is |u|/u, which has to cancel: at 0 it would have no value.
    """
    signs = {sp.diff(part, u): part / u for part in expr.atoms(Magnitude) for u in part.args if u.is_Symbol}
    free: dict[sp.Expr, sp.Symbol] = {}
    rational = expr.xreplace(signs).replace(
        lambda part: isinstance(part, Magnitude), lambda part: free.setdefault(part, sp.Dummy())
    )
    forms = [sp.factor_terms(expr)]
    if rational.is_rational_function():
        over, under = _as_in_books(*sp.fraction(sp.cancel(sp.together(rational))))
        sizes = {symbol: part for part, symbol in free.items()}
        forms.append((sp.factor_terms(sp.expand(over)) / under).xreplace(sizes))
    return min(forms, key=lambda form: int(form.count_ops()))


def _usual_chain(formula: Formula, inside: Inside, position: int) -> Formula:
    """The chain rule with the usual slopes of what is outside: h (1 - h) x."""
    by = formula.formals[position]
    terms = []
    for place, argument in enumerate(inside.inner):
        if by not in argument.free_symbols:
            continue
        outside = usual_slope(inside.outer, place)
        put_in = dict(zip(outside.formals, (*inside.inner, *formula.results), strict=True))
        outer = outside.expr.subs(put_in, simultaneous=True)
        inner = sp.diff(argument, by)
        # Of sums unevaluated, or SymPy would mix the two: h x (1 - h).
        mixes = inner.is_number or (len(inside.inner) == 1 and not outer.has(sp.Add))
        terms.append(outer * inner if mixes else sp.Mul(outer, inner, evaluate=False))
    return Formula(added(terms), formula.formals + formula.results)


def prove(formula: Formula, position: int) -> bool:
    """Whether SymPy's derivative equals the usual form, with every result put in.

    Functions in pieces are compared piece by piece: each comparison that they
    make is taken to hold, to be a tie, and to fail, whether or not the three
    can occur together; so a yes is a proof, and a no only the want of one.
    """
    stated = _stated(formula, position)
    return stated is not None and _is_slope(formula, position, stated)


def holds(formula: Formula, position: int) -> bool:
    """Whether the derivative that is shown is SymPy's own, or proved equal to it.

    It is as a whole; of a rule that couples, whose cancelling takes long, by the chain rule: the
    slopes of what is applied last are proved, and what stands inside is differentiated by SymPy.
    """
    inside = formula.inside
    if inside is not None and len(inside.inner) > 1 and _is_known(inside):
        return bool(formula.expr == inside.results[0])
    return _is_slope(formula, position, usual_slope(formula, position).expr)


@cache
def _is_slope(formula: Formula, position: int, shown: sp.Expr) -> bool:
    own = slope(formula, position).expr
    if shown == own:
        return True
    results = dict(zip(formula.results, results_of(formula), strict=True))
    return _vanishes(written_out(own - shown.subs(results, simultaneous=True)))


def _vanishes(expr: sp.Expr) -> bool:
    """Whether an expression is 0 on each side of every comparison in it, and at the tie."""
    comparison = next((r for r in sp.ordered(expr.atoms(Relational)) if not r.has(sp.Piecewise)), None)
    if comparison is None:
        return _is_zero(expr)
    gap = sp.expand(comparison.lhs - comparison.rhs)
    return all(_vanishes(decided(expr, gap, side)) for side in (1, 0, -1))


def decided(expr: sp.Expr, gap: sp.Expr, side: int) -> sp.Expr:
    """The expression where `gap` has this sign; where it is 0, one symbol of it stands for the rest."""
    decided = {}
    for comparison in expr.atoms(Relational):
        own = sp.expand(comparison.lhs - comparison.rhs)
        if own in (gap, -gap):
            sign = side if own == gap else -side
            decided[comparison] = comparison.func(sp.Integer(sign), sp.S.Zero)
    chosen = expr.xreplace(decided)
    for symbol in sorted(gap.free_symbols, key=str) if side == 0 else ():
        step = sp.diff(gap, symbol)
        if step.is_number and step != 0:
            return chosen.subs(symbol, sp.expand(symbol - gap / step))
    return chosen


def _is_zero(expr: sp.Expr) -> bool:
    """Whether an expression without pieces is 0.

    Each e^u becomes a power of a free symbol, after which both sides are rational
    in it and in other functions as they stand, and `cancel` decides.
    """
    free: dict[sp.Expr, sp.Symbol] = {}

    def power(exponent: sp.Expr) -> sp.Expr:
        factor, base = exponent.as_coeff_Mul()
        return free.setdefault(base, sp.Dummy(positive=True)) ** factor

    apart = expr.replace(sp.exp, lambda u: sp.Mul(*map(power, sp.Add.make_args(sp.expand(u)))))
    return bool(sp.cancel(sp.together(apart)) == 0)


def results_of(formula: Formula) -> list[sp.Expr]:
    """What each result stands for: the formula itself, with another formal in the first place.

    A rule that couples a layer (softmax) is stated for the first unit; the
    result of unit k is the same expression with the two exchanged.
    """
    if formula.inside is not None:
        return formula.inside.results
    if formula.meanings:
        return list(formula.meanings)
    first = formula.formals[0]
    return [
        formula.expr.subs({first: formal, formal: first}, simultaneous=True)
        for formal in formula.formals[: len(formula.results)]
    ]


@cache
def carried(formula: Formula, position: int, usual: bool) -> Formula:
    """adjoint * slope: what a route hands back to the argument at `position`."""
    local = (usual_slope if usual else slope)(formula, position)
    adjoint = ADJOINT
    while adjoint in local.formals:  # of a second sweep, over steps that carry the first one's
        adjoint = sp.Symbol(f"{adjoint.name}'")
    return Formula(adjoint * local.expr, (adjoint, *local.formals))


@cache
def bare(slope: Formula) -> Formula:
    """A slope, carried on or not, to be differentiated again: of what it reads only."""
    formals = tuple(formal for formal in slope.formals if formal in slope.expr.free_symbols)
    roles = tuple("carried" if formal.name.startswith(ADJOINT.name) else "slope" for formal in formals)
    return Formula(slope.expr, formals, roles=roles, tidy=True)


def at(formula: Formula, arguments: Sequence[sp.Expr]) -> sp.Expr:
    """The formula with these in place of its formals.

    A product of different letters is what SymPy would make of it, but for the
    search for what could be put together: w * delta has nothing, and there is
    one for every weight.
    """
    put_in = dict(zip(formula.formals, arguments, strict=True))
    if formula.is_product:
        factors = {put_in[formal] for formal in formula.expr.args}
        if len(factors) == len(formula.expr.args) and all(factor.is_Symbol for factor in factors):
            return sp.Mul(*sorted(factors, key=_name), evaluate=False)
    return formula.expr.xreplace(put_in)


def added(terms: Sequence[sp.Expr]) -> sp.Expr:
    """Their sum; a single term is not searched for others like it."""
    return terms[0] if len(terms) == 1 else sp.Add(*terms)


_name = attrgetter("name")


class Symbols(dict[str, sp.Symbol]):
    """The symbols of quantities, named by their keys and made when they are first asked for."""

    def __missing__(self, key: str) -> sp.Symbol:
        made = self[key] = sp.Symbol(key)
        return made


SYMPY: Mapping[str, Callable[..., sp.Expr]] = MappingProxyType(
    {
        "add": lambda u, v: u + v,
        "subtract": lambda u, v: u - v,
        "multiply": lambda u, v: u * v,
        "divide": lambda u, v: u / v,
        "power": lambda u, v: u**v,
        "negate": lambda u: -u,
        "exp": sp.exp,
        "log": sp.log,
        "sqrt": sp.sqrt,
        "sin": sp.sin,
        "cos": sp.cos,
        "tan": sp.tan,
        "sinh": sp.sinh,
        "cosh": sp.cosh,
        "tanh": sp.tanh,
        "erf": sp.erf,
        "abs": Magnitude,
        "max": lambda *us: reduce(Larger, us),
        "min": lambda *us: reduce(Smaller, us),
        "identity": lambda u: u,
        "sigmoid": lambda u: 1 / (1 + sp.exp(-u)),
        "relu": Rectified,
        "step": Jump,
        "softplus": lambda u: sp.log(1 + sp.exp(u)),
        "softsign": lambda u: u / (1 + Magnitude(u)),
        "silu": lambda u: u * Logistic(u),
        "gelu": lambda u: u * Normal(u),
    }
)

CONSTANTS: Mapping[str, sp.Expr] = MappingProxyType({"e": sp.E, "pi": sp.pi})


NONE: Mapping[str, sp.Expr] = MappingProxyType({})


def expression(
    node: Node, symbols: Mapping[str, sp.Symbol], stand_ins: Mapping[str, sp.Expr] = NONE
) -> sp.Expr:
    """The SymPy expression of a formula; `symbols` maps the text of each name.

    stand_ins  formulas in P for unspecified functions, where there are numbers to be had
    """
    made: list[sp.Expr] = []
    for part in walk(node):
        if isinstance(part, Number):
            made.append(sp.Rational(part.value.numerator, part.value.denominator))
        elif isinstance(part, Constant):
            made.append(CONSTANTS[part.name])
        elif isinstance(part, Apply):
            count = len(part.args)
            args = made[-count:]
            del made[-count:]
            made.append(SYMPY[part.operation](*args))
        elif isinstance(part, Unspecified):
            function = unspecified(part.function, part.order, stand_ins.get(part.function))
            made.append(function(made.pop()))
        else:
            made.append(symbols[str(part)])
    return made.pop()


def formula_of(
    node: Node, *, roles: tuple[str, ...] = (), stand_ins: Mapping[str, sp.Expr] = NONE
) -> tuple[Formula, tuple[Name | Derivative, ...]]:
    """A text's formula, with one formal for each quantity that it reads, in order of appearance."""
    leaves = leaves_in(node)
    symbols = {str(leaf): sp.Symbol(str(leaf)) for leaf in leaves}
    return Formula(
        expression(node, symbols, stand_ins), tuple(symbols.values()), roles=roles, node=node
    ), leaves
