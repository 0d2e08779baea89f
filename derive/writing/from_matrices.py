"""Expressions of matrices as formula trees: W a + b, (Wᵀδ) ⊙ σ′(z), −𝟏ᵀ(Y ⊙ ln A)𝟏.

A matrix product has no sign, a product entry by entry has ⊙, and where one
stands within the other there are brackets. Powers, fractions and functions of
matrices are entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, TypeGuard

import sympy as sp

from derive.matrix.expr import (
    Array,
    Chosen,
    Coupled,
    Entrywise,
    Expr,
    Hadamard,
    Jacobian,
    Ones,
    Plus,
    Product,
    Scaled,
    Size,
    Spread,
    Transposed,
    Unit,
)
from derive.writing.from_arrays import TRANSPOSED
from derive.writing.from_sympy import tree_of
from derive.writing.tree import (
    DOT,
    JUXTAPOSED,
    THIN,
    Call,
    Ident,
    Num,
    Op,
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
    spell,
    unspecified_call,
    walk,
)

Leaf = Callable[[str], Tree]

HADAMARD = "⊙"
SIGNLESS = (JUXTAPOSED, DOT, THIN)
BOLD_ONE = Ident("𝟏")


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


def _product(expr: Product, leaf: Leaf) -> Tree:
    return product(*(_factor(factor, leaf) for factor in expr.factors))


def _factor(factor: Expr, leaf: Leaf) -> Tree:
    """A factor of a matrix product, with brackets round what is entry by entry."""
    tree = tree_of_matrix(factor, leaf)
    loose = isinstance(factor, Hadamard | Spread) or (isinstance(factor, Entrywise) and not _is_call(tree))
    return bracketed(tree) if loose else tree


def _is_call(tree: Tree) -> bool:
    return isinstance(tree, Call)


def _hadamard(expr: Hadamard, leaf: Leaf) -> Tree:
    """u ⊙ v, with what divides under a bar: y/a; a product of numbers is one as usual."""
    under = [factor.args[0] for factor in expr.factors if _divides(factor)]
    over = [factor for factor in expr.factors if not _divides(factor)]
    sign = "·" if expr.shape == (1, 1) else HADAMARD
    above, below = (
        product(*(_closed(factor, leaf) for factor in factors), sign=sign) if factors else Num("1")
        for factors in (over, under)
    )
    return quotient(above, below) if under else above


def _closed(factor: Expr, leaf: Leaf) -> Tree:
    """A factor of a product entry by entry, a product of matrices in brackets."""
    tree = tree_of_matrix(factor, leaf)
    return bracketed(tree) if isinstance(factor, Product) else tree


def _divides(factor: Expr) -> TypeGuard[Entrywise]:
    """Whether it is 1/u."""
    return isinstance(factor, Entrywise) and factor.formula.expr == 1 / factor.formula.formals[0]


def _plus(expr: Plus, leaf: Leaf) -> Tree:
    ordered = sorted(expr.terms, key=lambda term: isinstance(term, Scaled) and _is_negative(term.coefficient))
    return plus(*(tree_of_matrix(term, leaf) for term in ordered))


def _is_negative(coefficient: sp.Expr) -> bool:
    return bool(coefficient.as_coeff_Mul()[0] < 0)


def _scaled(expr: Scaled, leaf: Leaf) -> Tree:
    negative = _is_negative(expr.coefficient)
    size = -expr.coefficient if negative else expr.coefficient
    tree = tree_of_matrix(expr.arg, leaf)
    if isinstance(expr.arg, Ones) and expr.arg.shape == (1, 1):
        tree = tree_of(size, lambda symbol: leaf(symbol.name))
    elif size != 1:
        number = tree_of(size, lambda symbol: leaf(symbol.name))
        tree = product(number, _factor(expr.arg, leaf) if isinstance(expr.arg, Hadamard) else tree)
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
    return _with_signs(tree_of(expr.formula.expr, trees.__getitem__), tuple(trees.values()))


def _with_signs(tree: Tree, kept: tuple[Tree, ...]) -> Tree:
    """Every product of letters with ⊙, since it is one entry by entry; a number in front needs none.

    kept  the arguments, whose own products are of matrices
    """
    if tree in kept:
        return tree
    parts = {field.name: _signed(getattr(tree, field.name), kept) for field in fields(tree)}
    if not isinstance(tree, Row):
        return replace(tree, **parts)
    items = list(parts["items"])
    for place in range(1, len(items) - 1):
        if items[place] in SIGNLESS and not _is_number(items[place - 1]):
            items[place] = Op(HADAMARD)
    return Row(tuple(items))


def _signed(part: Any, kept: tuple[Tree, ...]) -> Any:
    """A part of a tree likewise; what is no tree stays as it is."""
    if isinstance(part, tuple):
        return tuple(_signed(one, kept) for one in part)
    return _with_signs(part, kept) if isinstance(part, Tree) else part


def _is_number(tree: Tree) -> bool:
    return not any(isinstance(part, Ident) for part in walk(tree))


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
        Ones: lambda ones, _: Num("1") if ones.shape == (1, 1) else BOLD_ONE,
        Unit: _unit,
        Chosen: _chosen,
        Transposed: lambda expr, leaf: transpose(_factor(expr.arg, leaf)),
        Product: _product,
        Hadamard: _hadamard,
        Plus: _plus,
        Scaled: _scaled,
        Spread: _spread,
        Entrywise: _entrywise,
        Coupled: _coupled,
        Jacobian: _jacobian,
    }
)
