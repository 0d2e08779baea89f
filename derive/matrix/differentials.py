"""Differentials: what a small change of an array does to an expression that reads it.

    d(U V)      = dU V + U dV              d(U ⊙ V) = V ⊙ dU + U ⊙ dV
    d(U^T)      = dU^T                     d phi(U) = phi'(U) ⊙ dU
    d(s U)      = U ds + s dU              d f(u)   = J du, column by column

Each term is a chain of linear maps that begins at a dX. Carried back, a chain is
walked from its end, each map replaced by its adjoint:

    <G, L X R> = <L^T G R^T, X>            <G, H ⊙ X> = <H ⊙ G, X>
    <G, X^T>   = <G^T, X>                  <G, s M>   = <M, G> s
    <G, J x>   = <J^T G, x>

Source: Magnus and Neudecker (2019), Matrix Differential Calculus, ch. 8 and 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula, slope, usual_slope
from derive.matrix.coupled import PULLED_BACK, is_by_lines, told
from derive.matrix.expr import (
    SCALAR,
    Array,
    Chosen,
    Coupled,
    Entrywise,
    Expr,
    Hadamard,
    Held,
    Jacobian,
    Ones,
    Plus,
    Product,
    Scaled,
    Spread,
    Transposed,
    Unit,
    hadamard,
    inner,
    is_all_ones,
    plus,
    product,
    scaled,
    transposed,
)
from derive.matrix.sums import before_the_sum, powers_together, sum_turned
from derive.whole_functions import Larger, Magnitude, Smaller, UnspecifiedFunction
from derive.writing.plain import plain
from derive.writing.spelling import spell


@dataclass(frozen=True, slots=True)
class Multiplied:
    """X ↦ L X R; None where there is no factor on that side."""

    left: Expr | None
    right: Expr | None

    @property
    def words(self) -> str:
        """1ᵀ X and X 1 are sums; 1 X and X 1ᵀ repeat a row or a column."""
        left, right = (() if side is None else _factors(side) for side in (self.left, self.right))
        by = (*left, *right)
        if all(isinstance(_standing(u), Unit | Chosen) for u in by):
            return "entries taken by their places"
        if not all(isinstance(_standing(u), Ones) for u in by):
            return "matrix product"
        summed = any(isinstance(u, Transposed) for u in left) or any(isinstance(u, Ones) for u in right)
        return "sum over entries" if summed else "sum over its copies"

    def __call__(self, x: Expr) -> Expr:
        return product(*(u for u in (self.left, x, self.right) if u is not None))

    def adjoint(self, g: Expr) -> Expr:
        """G ↦ L^T G R^T"""
        left, right = (None if u is None else transposed(u) for u in (self.left, self.right))
        return before_the_sum(Multiplied(left, right)(g))


@dataclass(frozen=True, slots=True)
class Weighted:
    """X ↦ H ⊙ X"""

    by: Expr

    @property
    def words(self) -> str:
        return "product" if self.by.shape == SCALAR else "product entry by entry"

    def __call__(self, x: Expr) -> Expr:
        return hadamard(self.by, x)

    def adjoint(self, g: Expr) -> Expr:
        """G ↦ G ⊙ H"""
        return hadamard(g, self.by)


@dataclass(frozen=True, slots=True)
class Multiple:
    """X ↦ c X"""

    coefficient: sp.Expr

    @property
    def words(self) -> str:
        return "constant factor"

    def __call__(self, x: Expr) -> Expr:
        return scaled(self.coefficient, x)

    def adjoint(self, g: Expr) -> Expr:
        """G ↦ c G"""
        return self(g)


@dataclass(frozen=True, slots=True)
class Turned:
    """X ↦ X^T"""

    @property
    def words(self) -> str:
        return "transpose"

    def __call__(self, x: Expr) -> Expr:
        return transposed(x)

    def adjoint(self, g: Expr) -> Expr:
        """G ↦ G^T"""
        return sum_turned(g)


@dataclass(frozen=True, slots=True)
class SpreadOver:
    """s ↦ s M, of a number s"""

    matrix: Expr

    @property
    def words(self) -> str:
        return "product" if self.matrix.shape == SCALAR else "sum over entries"

    def __call__(self, x: Expr) -> Expr:
        return hadamard(x, self.matrix)

    def adjoint(self, g: Expr) -> Expr:
        """G ↦ <M, G>"""
        return inner(self.matrix, g)


@dataclass(frozen=True, slots=True)
class Sloped:
    """X ↦ f'(U) ⊙ X, with SymPy's derivative of f, or as books print it: a ⊙ (1 - a).

    So it is where that is `usual`, and where U is itself a formula, which f' would repeat.
    """

    of: Entrywise
    place: int
    usual: bool = False

    @property
    def by(self) -> Expr:
        """f'(U), entry by entry."""
        usual = self.usual or not isinstance(self.of.args[self.place], Array)
        if not usual or self.of.stated is None:
            return applied(slope(self.of.formula, self.place), self.of.args)
        formula, read = self.of.stated
        found = usual_slope(formula, self.place)
        return applied(found, read[: len(found.formals)])

    @property
    def words(self) -> str:
        """derivative of tanh entry by entry"""
        rule = _called(self.of.formula.expr)
        return rule if self.of.shape == SCALAR else f"{rule} entry by entry"

    def __call__(self, x: Expr) -> Expr:
        return hadamard(self.by, x)

    def adjoint(self, g: Expr) -> Expr:
        """G ↦ G ⊙ f'(U); where X is a number, G ↦ <f'(U), G>"""
        spreads = self.of.args[self.place].shape == SCALAR != self.of.shape
        return inner(self.by, g) if spreads else powers_together(hadamard(g, self.by))


@dataclass(frozen=True, slots=True)
class ThroughJacobian:
    """x ↦ J x, column by column; J^T g where `usual` without J, in the rule's own values.

    Of a batch each column has its own J: there is no matrix to write, and J^T g is always so.
    """

    of: Coupled
    usual: bool = False

    @property
    def words(self) -> str:
        return told(self.of) if is_by_lines(self.of) else "chain rule with the Jacobian"

    def __call__(self, x: Expr) -> Expr:
        return Jacobian(self.of, x, False, self.of.shape)

    def adjoint(self, g: Expr) -> Expr:
        """g ↦ J^T g"""
        closed = self.usual or is_by_lines(self.of)
        back = PULLED_BACK.get(self.of.rule.letter) if closed else None
        return back(self.of, g) if back else Jacobian(self.of, g, True, self.of.arg.shape)


Map = Multiplied | Weighted | Multiple | Turned | SpreadOver | Sloped | ThroughJacobian


@dataclass(frozen=True, slots=True)
class Change:
    """One term of a differential: `maps` applied in turn to the differential of `array`."""

    array: Array
    maps: tuple[Map, ...] = ()

    def after(self, *maps: Map) -> Change:
        return Change(self.array, (*self.maps, *maps))

    def term(self, differential: Expr) -> Expr:
        """The term itself, for this dX."""
        for linear in self.maps:
            differential = linear(differential)
        return differential

    @property
    def usual(self) -> Change:
        """The same with the slopes in their usual form."""
        maps = (
            replace(linear, usual=True) if isinstance(linear, Sloped | ThroughJacobian) else linear
            for linear in self.maps
        )
        return Change(self.array, tuple(maps))

    @property
    def words(self) -> tuple[str, ...]:
        """The rules by which a gradient is carried back, the first one first.

        What only scales or transposes is told where nothing else is done.
        """
        telling = [linear for linear in self.maps if not isinstance(linear, Multiple | Turned)]
        return tuple(dict.fromkeys(linear.words for linear in reversed(telling or self.maps)))

    def carried_back(self, gradient: Expr) -> Expr:
        """What a gradient of the whole hands to the array."""
        for linear in reversed(self.maps):
            gradient = linear.adjoint(gradient)
        return gradient


def changes(expr: Expr) -> Iterator[Change]:
    """The terms of an expression's differential, from left to right."""
    return _RULES[type(expr)](expr)


def _product(expr: Product) -> Iterator[Change]:
    for place, factor in enumerate(expr.factors):
        left = product(*expr.factors[:place]) if place else None
        right = product(*expr.factors[place + 1 :]) if place + 1 < len(expr.factors) else None
        yield from _through(factor, Multiplied(left, right))


def _hadamard(expr: Hadamard) -> Iterator[Change]:
    for place, factor in enumerate(expr.factors):
        others = (*expr.factors[:place], *expr.factors[place + 1 :])
        yield from _through(factor, Weighted(hadamard(*others)))


def _plus(expr: Plus) -> Iterator[Change]:
    for term in expr.terms:
        yield from changes(term)


def _spread(expr: Spread) -> Iterator[Change]:
    yield from _through(expr.scale, SpreadOver(expr.arg))
    yield from _through(expr.arg, Weighted(expr.scale))


def _entrywise(expr: Entrywise) -> Iterator[Change]:
    for place, arg in enumerate(expr.args):
        yield from _through(arg, Sloped(expr, place))


def _through(part: Expr, linear: Map) -> Iterator[Change]:
    return (change.after(linear) for change in changes(part))


def _factors(side: Expr) -> tuple[Expr, ...]:
    return side.factors if isinstance(side, Product) else (side,)


def _standing(u: Expr) -> Expr:
    """The matrix itself of one that lies."""
    return u.arg if isinstance(u, Transposed) else u


def _called(expr: sp.Expr) -> str:
    """The rule that differentiates a formula, in a reader's words."""
    if isinstance(expr, UnspecifiedFunction):
        return f"derivative of {plain(spell(expr.letter))}"
    if expr.is_Mul:
        return "product rule" if sp.fraction(expr)[1].is_number else "quotient rule"
    spoken = next((rule for kind, rule in _RULE_OF.items() if isinstance(expr, kind)), None)
    return spoken or (
        f"derivative of {expr.func.__name__}" if isinstance(expr, sp.Function) else "chain rule"
    )


def applied(formula: Formula, args: tuple[Expr, ...]) -> Expr:
    """A formula at these arguments, entry by entry: its sums and products as those of matrices."""
    return _put_together(formula.expr, dict(zip(formula.formals, args, strict=True)))


def _put_together(expr: sp.Expr, read: Mapping[sp.Symbol, Expr]) -> Expr:
    """An expression of numbers, entry by entry, as one of matrices."""
    if isinstance(expr, sp.Symbol) and expr in read:
        return read[expr]
    if not any(symbol in read for symbol in expr.free_symbols):
        return scaled(expr, Ones(SCALAR))
    if isinstance(expr, sp.Mul) and not any(_is_divisor(factor, read) for factor in expr.args):
        return hadamard(*(_put_together(factor, read) for factor in expr.args))
    coefficient, rest = expr.as_coeff_Mul()
    if coefficient != 1:
        return scaled(coefficient, _put_together(rest, read))
    if isinstance(expr, sp.Add) and all(term.free_symbols & read.keys() for term in expr.args):
        return plus(*(_put_together(term, read) for term in expr.args))
    formals = tuple(symbol for symbol in read if symbol in expr.free_symbols)
    args = tuple(read[symbol] for symbol in formals)
    shape = max((arg.shape for arg in args), key=lambda shape: shape != SCALAR)
    return _within(Entrywise(Formula(expr, formals), args, shape))


def _within(expr: Entrywise) -> Expr:
    """A formula of what repeats a formula: u/(1 (sqrt v)^T)^2 as u/(1 v^T), where that is shorter."""
    for formal, arg in zip(expr.formula.formals, expr.args, strict=True):
        repeated = _repeated(arg)
        if repeated is None:
            continue
        formula, inner = repeated
        merged = expr.formula.expr.xreplace({formal: formula.expr.xreplace({formula.formals[0]: formal})})
        if merged.count_ops() < expr.formula.expr.count_ops():
            args = tuple(inner if one is arg else one for one in expr.args)
            return replace(expr, formula=Formula(merged, expr.formula.formals), args=args)
    return expr


def _repeated(arg: Expr) -> tuple[Formula, Expr] | None:
    """phi and 1 v^T of 1 phi(v)^T, phi and v 1^T of phi(v) 1^T: what repeats the formula's argument."""
    if not isinstance(arg, Product) or len(arg.factors) != 2:
        return None
    place = next((k for k, u in enumerate(arg.factors) if isinstance(_standing(u), Entrywise)), None)
    if place is None or not is_all_ones(arg.factors[1 - place]):
        return None
    whole = _standing(arg.factors[place])
    assert isinstance(whole, Entrywise), "it was looked for"
    if len(whole.args) != 1:
        return None
    own = transposed(whole.args[0]) if isinstance(arg.factors[place], Transposed) else whole.args[0]
    return whole.formula, product(*(own if k == place else u for k, u in enumerate(arg.factors)))


def _is_divisor(factor: sp.Expr, read: Mapping[sp.Symbol, Expr]) -> bool:
    """Whether a fraction is to be kept: (a - y)/(a (1 - a)) is not torn apart."""
    return bool(factor.is_Pow and factor.exp.is_negative and factor.free_symbols & read.keys())


_RULE_OF: Mapping[type, str] = MappingProxyType(
    {
        sp.Pow: "power rule",
        sp.exp: "derivative of the exponential",
        sp.log: "derivative of ln",
        Magnitude: "derivative of the modulus",
        Larger: "derivative of max",
        Smaller: "derivative of min",
    }
)
"""How a rule is called, by the outermost operation of a formula."""

_RULES: Mapping[type, Callable[..., Iterator[Change]]] = MappingProxyType(
    {
        Array: lambda array: iter((Change(array),)),
        Ones: lambda _: iter(()),
        Unit: lambda _: iter(()),
        Chosen: lambda _: iter(()),
        Held: lambda _: iter(()),
        Transposed: lambda expr: _through(expr.arg, Turned()),
        Product: _product,
        Hadamard: _hadamard,
        Plus: _plus,
        Scaled: lambda expr: _through(expr.arg, Multiple(expr.coefficient)),
        Spread: _spread,
        Entrywise: _entrywise,
        Coupled: lambda expr: _through(expr.arg, ThroughJacobian(expr)),
    }
)
