"""Expressions of matrices as formula trees: W a + b, (Wᵀδ) ⊙ σ′(z), −𝟏ᵀ(Y ⊙ ln A)𝟏.

A matrix product has no sign, a product entry by entry has ⊙, and where one
stands within the other there are brackets. Powers, fractions and functions of
matrices are entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, TypeGuard

import sympy as sp

from derive.expressions import Formula
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
    Size,
    Spread,
    Transposed,
    Unit,
    in_order,
)
from derive.writing.from_arrays import TRANSPOSED
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell, unspecified_call
from derive.writing.tree import (
    BOLD_ONE,
    DOT,
    JUXTAPOSED,
    THIN,
    Call,
    Fence,
    Frac,
    Ident,
    Num,
    Op,
    Root,
    Row,
    Script,
    Tree,
    Under,
    bracketed,
    negated,
    partial,
    plus,
    power,
    product,
    quotient,
    walk,
)

Leaf = Callable[[str], Tree]

HADAMARD = "⊙"
SIGNLESS = (JUXTAPOSED, DOT, THIN)


def tree_of_matrix(expr: Expr, leaf: Leaf) -> Tree:
    """The expression as a tree; `leaf` shows an array, or a number that a coefficient names, by its key."""
    return _RULES[type(expr)](expr, leaf)


def size_tree(size: Size) -> Tree:
    """3, or n₂ where the size is left open."""
    return Num(str(size)) if isinstance(size, int) else spell(size)


def shaped(body: Tree, shape: tuple[Size, Size]) -> Tree:
    """A symbol with its shape under it."""
    return Under(body, Row((size_tree(shape[0]), Op("×"), size_tree(shape[1]))))


def transpose(tree: Tree) -> Tree:
    """treeᵀ"""
    return power(tree, TRANSPOSED)


def _transposed(expr: Transposed, leaf: Leaf) -> Tree:
    """Uᵀ; where a shape stands under U, Uᵀ has its own."""
    tree = _factor(expr.arg, leaf)
    if not isinstance(tree, Under) or not isinstance(tree.note, Row):
        return transpose(tree)
    return Under(transpose(tree.body), Row(tree.note.items[::-1]))


def _product(expr: Product, leaf: Leaf) -> Tree:
    """Its factors side by side, after the numbers that stand within them: ½ 𝟏ᵀ(y − a)²."""
    number, factors = sp.S.One, list[Tree]()
    for factor in expr.factors:
        apart, rest = _number_apart(factor)
        number *= apart
        factors.append(_factor(rest, leaf))
    return _multiple(number, product(*factors), leaf)


def _number_apart(expr: Expr) -> tuple[sp.Expr, Expr]:
    """What multiplies every entry of a formula alike, and the formula without it; its letters are keys."""
    if not isinstance(expr, Entrywise):
        return sp.S.One, expr
    entries = [
        symbol for symbol, arg in zip(expr.formula.formals, expr.args, strict=True) if not _is_letter(arg)
    ]
    apart, rest = expr.formula.expr.as_independent(*entries, as_Add=False)
    keys = {
        symbol: sp.Symbol(arg.key)
        for symbol, arg in zip(expr.formula.formals, expr.args, strict=True)
        if isinstance(arg, Array)
    }
    return apart.xreplace(keys), replace(expr, formula=Formula(rest, expr.formula.formals))


def _is_letter(expr: Expr) -> bool:
    """Whether it is a number that has a letter."""
    return isinstance(expr, Array) and expr.shape == SCALAR


def _factor(factor: Expr, leaf: Leaf) -> Tree:
    """A factor of a matrix product, with brackets round what is entry by entry."""
    tree = tree_of_matrix(factor, leaf)
    loose = isinstance(factor, Hadamard | Spread) or (
        isinstance(factor, Entrywise) and not isinstance(tree, Call | Script | Fence)
    )
    return bracketed(tree) if loose and not isinstance(tree, Frac | Root) else tree


def _hadamard(expr: Hadamard, leaf: Leaf) -> Tree:
    """u ⊙ v, with what divides under a bar: y/a; a product of numbers is one as usual."""
    under = [_under(factor) for factor in expr.factors if _divides(factor)]
    over = [factor for factor in expr.factors if not _divides(factor)]
    sign = "·" if expr.shape == SCALAR else HADAMARD
    above, below = (_side(factors, sign, leaf, alone=bool(under)) for factors in (over, under))
    if not under:
        return above
    if isinstance(above, Frac):  # no fraction over a fraction
        return product(above, quotient(Num("1"), below), sign=sign)
    return quotient(above, below)


def _side(factors: list[Expr], sign: str, leaf: Leaf, *, alone: bool) -> Tree:
    """A product entry by entry; one factor above or below a bar stands `alone`, without brackets."""
    if alone and len(factors) == 1:
        return tree_of_matrix(factors[0], leaf)
    return product(*(_closed(factor, leaf) for factor in factors), sign=sign) if factors else Num("1")


def _under(factor: Entrywise) -> Expr:
    """u of 1/u, √u of 1/√u."""
    (u,) = factor.args
    power = 1 / factor.formula.expr
    return u if power.is_Symbol else replace(factor, formula=Formula(power, factor.formula.formals))


def _closed(factor: Expr, leaf: Leaf) -> Tree:
    """A factor of a product entry by entry, a product of matrices in brackets."""
    tree = tree_of_matrix(factor, leaf)
    return bracketed(tree) if isinstance(factor, Product) else tree


def _divides(factor: Expr) -> TypeGuard[Entrywise]:
    """Whether it is 1/u, or another power of u below the bar."""
    if not isinstance(factor, Entrywise) or len(factor.args) > 1:
        return False
    base, exponent = factor.formula.expr.as_base_exp()
    return bool(base == factor.formula.formals[0] and exponent.is_negative)


def _plus(expr: Plus, leaf: Leaf) -> Tree:
    return plus(*(tree_of_matrix(term, leaf) for term in in_order(expr)))


def _is_negative(coefficient: sp.Expr) -> bool:
    return bool(coefficient.as_coeff_Mul()[0] < 0)


def _scaled(expr: Scaled, leaf: Leaf) -> Tree:
    if expr.arg == Ones(SCALAR):
        return tree_of(expr.coefficient, lambda symbol: leaf(symbol.name))
    if isinstance(expr.arg, Product):
        apart, rest = sp.S.One, expr.arg.factors
        inner = [_number_apart(factor) for factor in rest]
        apart = sp.Mul(expr.coefficient, *(number for number, _ in inner))
        return _multiple(apart, product(*(_factor(factor, leaf) for _, factor in inner)), leaf)
    loose = isinstance(expr.arg, Hadamard) and expr.shape != SCALAR and abs(expr.coefficient) != 1
    tree = tree_of_matrix(expr.arg, leaf)
    return _multiple(
        expr.coefficient, bracketed(tree) if loose and not isinstance(tree, Frac) else tree, leaf
    )


def _multiple(coefficient: sp.Expr, tree: Tree, leaf: Leaf) -> Tree:
    """A number, or a formula of numbers that have names, before a tree: λ/n W, −W."""
    negative = _is_negative(coefficient)
    size = -coefficient if negative else coefficient
    if size != 1:
        number = tree_of(size, lambda symbol: leaf(symbol.name))
        first = tree.items[0] if isinstance(tree, Row) else tree
        apart = isinstance(number, Frac) and isinstance(first, Frac)  # or two bars would read as one
        tree = product(number, tree, sign="·" if apart else None)
    return negated(tree) if negative else tree


def _spread(expr: Spread, leaf: Leaf) -> Tree:
    """A number that is computed, before what it multiplies."""
    return product(bracketed_sum(tree_of_matrix(expr.scale, leaf)), _factor(expr.arg, leaf))


def bracketed_sum(tree: Tree) -> Tree:
    """A product of matrices that comes to a number, in brackets, so that it is read as one."""
    return bracketed(tree) if isinstance(tree, Row) else tree


def _entrywise(expr: Entrywise, leaf: Leaf) -> Tree:
    trees = {
        symbol: tree_of_matrix(arg, leaf) for symbol, arg in zip(expr.formula.formals, expr.args, strict=True)
    }
    tree = tree_of(expr.formula.expr, trees.__getitem__)
    if expr.shape == SCALAR:
        return tree
    numbers = tuple(
        trees[s] for s, arg in zip(expr.formula.formals, expr.args, strict=True) if _is_letter(arg)
    )
    return _Signs(tuple(trees.values()), numbers).put_in(tree)


@dataclass(frozen=True)
class _Signs:
    """Every product of letters with ⊙, since it is one entry by entry; a number in front needs none.

    kept     the arguments, whose own products are of matrices
    numbers  those that are one for all entries
    """

    kept: tuple[Tree, ...]
    numbers: tuple[Tree, ...]

    def put_in(self, tree: Tree) -> Tree:
        if tree in self.kept:
            return tree
        parts = {field.name: self._part(getattr(tree, field.name)) for field in fields(tree)}
        if not isinstance(tree, Row):
            return replace(tree, **parts)
        items = list(parts["items"])
        for place in range(1, len(items) - 1):
            if items[place] in SIGNLESS and not self._is_number(items[place - 1]):
                items[place] = Op(HADAMARD)
        return Row(tuple(items))

    def _part(self, part: Any) -> Any:
        """A part of a tree likewise; what is no tree stays as it is."""
        if isinstance(part, tuple):
            return tuple(map(self._part, part))
        return self.put_in(part) if isinstance(part, Tree) else part

    def _is_number(self, tree: Tree) -> bool:
        return tree in self.numbers or not any(isinstance(part, Ident) for part in walk(tree))


def _coupled(expr: Coupled, leaf: Leaf) -> Tree:
    args = (expr.arg, *expr.extra)
    return unspecified_call(expr.rule.letter, 0, tuple(tree_of_matrix(arg, leaf) for arg in args))


def _jacobian(expr: Jacobian, leaf: Leaf) -> Tree:
    """(∂a/∂z)ᵀ g; of a batch column by column."""
    above = expr.of.result
    of = leaf(above.key) if above else spell(expr.of.rule.letter)
    whole: Tree = bracketed(partial(of, tree_of_matrix(expr.of.arg, leaf)))
    return product(transpose(whole) if expr.back else whole, _factor(expr.arg, leaf))


def _unit(unit: Unit, _: Leaf) -> Tree:
    return Script(Ident("e"), sub=Num(str(unit.place)))


def _chosen(chosen: Chosen, _: Leaf) -> Tree:
    """S with the rows that it takes: S_{3,1,3}, S_{2…5}."""
    first, last = chosen.places[0], chosen.places[-1]
    if len(chosen.places) > 2 and chosen.places == tuple(range(first, last + 1)):
        return Script(Ident("S"), sub=Row((Num(str(first)), Ident("…"), Num(str(last)))))
    items: list[Tree] = [Num(str(first))]
    for place in chosen.places[1:]:
        items += [Op(","), Num(str(place))]
    return Script(Ident("S"), sub=Row(tuple(items)))


_RULES: Mapping[type, Callable[..., Tree]] = MappingProxyType(
    {
        Array: lambda array, leaf: leaf(array.key),
        Ones: lambda ones, _: Num("1") if ones.shape == SCALAR else BOLD_ONE,
        Unit: _unit,
        Chosen: _chosen,
        Transposed: _transposed,
        Product: _product,
        Hadamard: _hadamard,
        Plus: _plus,
        Scaled: _scaled,
        Spread: _spread,
        Entrywise: _entrywise,
        Coupled: _coupled,
        Jacobian: _jacobian,
        Held: lambda expr, leaf: tree_of_matrix(expr.arg, leaf),
    }
)
