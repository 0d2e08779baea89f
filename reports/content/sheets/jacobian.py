"""The Jacobian of softmax on its sheet: as cases, as a matrix, and with numbers."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from derive.rules import A as A_J
from derive.rules import Activation, Cost
from derive.special.jacobian import A_K, EXAMPLE, Jacobian, jacobian
from derive.steps import Program, Step, Term
from derive.writing.from_arrays import TRANSPOSED
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import (
    Call,
    Cases,
    Ident,
    Matrix,
    Num,
    Tree,
    equals,
    negated,
    partial,
    plus,
    power,
    product,
    related,
    signed,
    summed,
)
from numeric.balls.enclosure import Enclosure, balls_of, enclose
from reports.content.page import Block, Chain, Paragraph, Piece, Section
from reports.content.values import value_tree
from reports.content.wording import said
from reports.numbers import number_tree

DIGITS = 4
"""Of an entry of the matrix."""

ONE = Num("1")


def jacobian_section(rule: Activation | Cost) -> Section | None:
    """The section of a rule whose units read the whole layer; None for others."""
    found = jacobian(rule) if isinstance(rule, Activation) else None
    if found is None:
        return None
    return Section("jacobian", ("The Jacobian of a layer",), tuple(_blocks(found)))


def _blocks(found: Jacobian) -> Iterator[Block]:
    yield Paragraph(("Both derivatives above, for any number of units, as cases and as one matrix:",))
    slope = partial(spell("a_k"), spell("z_j"))
    cases = Cases(
        (
            (_written(found.own), equals(spell("k"), spell("j"))),
            (_written(found.cross), related(spell("k"), "≠", spell("j"))),
        )
    )
    yield Chain((Piece("", slope), Piece("=", cases)))
    yield Chain((Piece("", _matrix_letter()), Piece("=", _as_matrix(found))))
    if 1 in found.outer:
        yield Paragraph(
            said("Here {one} is a column of ones, and the exponential is taken entry by entry.", one=ONE)
        )
    if found.columns_vanish:
        total = summed(slope, spell("k"))
        yield Paragraph(
            said(
                "The outputs always add up to 1, so each column adds up to 0: {total}.",
                total=equals(total, Num("0")),
            )
        )
    yield from _example(found)


def _written(expr: sp.Expr) -> Tree:
    letters = {A_J: spell("a_j"), A_K: spell("a_k")}
    return tree_of(expr, letters.__getitem__)


def _matrix_letter() -> Tree:
    return partial(Ident("a"), Ident("z"))


def _as_matrix(found: Jacobian) -> Tree:
    """diag(a) − a aᵀ"""
    diagonal = found.diagonal
    first: Tree = Ident("I") if diagonal == 1 else Call(Ident("diag", upright=True), (_vector(diagonal),))
    c, t = found.outer
    minus, size = signed(_outer(c, t))
    return plus(first, negated(size) if minus else size)


def _outer(c: sp.Expr, t: sp.Expr) -> Tree:
    number, rest = t.as_coeff_Mul()
    whole = product(_vector(c), power(_vector(rest), TRANSPOSED))
    return negated(whole) if number < 0 else whole


def _vector(expr: sp.Expr) -> Tree:
    """What holds of every unit, as a column: a, e^a, or a column of ones."""
    if expr == 1:
        return ONE
    return tree_of(expr, lambda _: Ident("a"))


def _example(found: Jacobian) -> Iterator[Block]:
    values = _values(found)
    count = len(EXAMPLE)
    column = Matrix(tuple((number_tree(z),) for z in EXAMPLE))
    outputs = Matrix(tuple((value_tree(values[f"a[{k}]"], DIGITS),) for k in range(1, count + 1)))
    entries = Matrix(
        tuple(
            tuple(value_tree(values[f"J[{k},{j}]"], DIGITS) for j in range(1, count + 1))
            for k in range(1, count + 1)
        )
    )
    yield Paragraph(("With numbers, rounded from proven enclosures:",))
    yield Chain((Piece("", equals(Ident("z"), column)), Piece("⇒", equals(Ident("a"), outputs))))
    yield Chain((Piece("", _matrix_letter()), Piece("=", _as_matrix(found)), Piece("=", entries)))


def _values(found: Jacobian) -> dict[str, Enclosure]:
    formulas = found.at
    formals = next(iter(formulas.values())).formals
    keys = tuple(symbol.name for symbol in formals)
    steps = tuple(Step(key, (Term(formula, keys),), "entry") for key, formula in formulas.items())
    given = balls_of(dict(zip(keys, EXAMPLE, strict=True)))
    return dict(enclose(Program(steps), given, tuple(formulas)).values)
