"""Linear regression on its page: the gradient set to 0, the normal equations, and their solution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import sympy as sp

from derive.notation import write
from derive.problem import Network
from derive.special.regression import Normal, error_slope, normal, unknowns
from derive.writing.from_arrays import TRANSPOSED
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import (
    Ident,
    Matrix,
    Num,
    Tree,
    bracketed,
    negated,
    partial,
    plus,
    power,
    product,
    quotient,
)
from numeric.proofs.regression import gradient_there
from reports.content.desk import Desk
from reports.content.page import (
    Block,
    Chain,
    Heading,
    Paragraph,
    Piece,
    Prose,
    Section,
    Stride,
    Strides,
    Toned,
)
from reports.content.values import FACTOR_DIGITS, RESULT_DIGITS, value_tree
from reports.content.wording import said
from reports.numbers import number_tree

MOST_UNKNOWNS = 6
"""Weights and bias of one output up to which the equations are solved on the page."""

MOST_SAMPLES = 1_000

LONGEST = 9
"""Figures of a numerator or denominator that is printed."""

X, V, ONE, ZERO = Ident("X"), Ident("w"), Ident("I"), Num("0")
X_T = power(X, TRANSPOSED)

PROVED = (Toned("good", ("proved",)),)


def regression_section(desk: Desk) -> Section | None:
    """The section of a one-layer linear network with squared errors; None for others."""
    network = desk.problem.body
    if not isinstance(network, Network) or any(one.shared or one.frozen for one in desk.problem.parameters):
        return None
    factor = error_slope(network)
    if factor is None:
        return None
    return Section("regression", ("The normal equations",), tuple(_blocks(desk, network, factor)))


def _blocks(desk: Desk, network: Network, factor: sp.Rational) -> Iterator[Block]:
    yield Heading(1, ("The gradient is linear in the weights",))
    yield from _gradient(desk, network, factor)
    yield Heading(2, ("Where it is 0",))
    yield from _equations(desk, network)
    yield Heading(3, ("It is a least cost",))
    yield from _least()
    if len(desk.problem.x) <= MOST_SAMPLES and unknowns(network) <= MOST_UNKNOWNS:
        found = normal(desk.problem)
        if found is not None:
            yield Heading(4, ("With the numbers given",))
            yield from _numbers(desk, network, found)


def _gradient(desk: Desk, network: Network, factor: sp.Rational) -> Iterator[Block]:
    notation = desk.problem.notation
    cost, weight = desk.letter("C"), spell("w_k")
    a, y = spell(notation.activation), spell(notation.target)
    error = bracketed(plus(a, negated(y)))
    lines = (
        (product(partial(cost, a), partial(a, weight), sign="·"), "chain rule"),
        (
            _multiple(factor, error, spell("x_k")),
            "the cost is a square; the output is linear in the weight",
        ),
    )
    strides = tuple(Stride(formula, (because,), PROVED) for formula, because in lines)
    yield Strides(partial(cost, weight), strides, "the gradient of one sample")
    yield Paragraph(_design(network, y))
    whole = _multiple(_scale(network, factor), X_T, bracketed(plus(product(X, V), negated(y))))
    if network.l2:
        whole = plus(whole, product(quotient(spell("lambda"), Ident("n")), ONE, V))
    yield Chain((Piece("", partial(spell(notation.cost), V)), Piece("=", whole)))


def _design(network: Network, y: Tree) -> Prose:
    """What X, y and w are."""
    bias = (
        "; a last column of ones has the bias for its weight" if network.layer(1).biases is not None else ""
    )
    several = "; {w} and {y} have a column for each output" if network.sizes[-1] > 1 else ""
    return said(
        "Put the samples below one another, in {X} with a row for each, and their targets in {y}"
        f"{bias}{several}. Then all samples and all weights together are",
        X=X,
        y=y,
        w=V,
    )


def _equations(desk: Desk, network: Network) -> Iterator[Block]:
    y = spell(desk.problem.notation.target)
    factor = error_slope(network)
    square, right = _gram(network, factor), product(X_T, y)
    left = product(bracketed(square) if network.l2 else square, V)
    yield Chain((Piece("", plus(left, negated(right))), Piece("=", ZERO)))
    yield Chain((Piece("", left), Piece("=", right)))
    if network.l2 and network.layer(1).biases is not None:
        yield Paragraph(said("The L2 term leaves the bias out: the last 1 of {one} is a 0 here.", one=ONE))


def _least() -> Iterator[Block]:
    square = product(power(Ident("v"), TRANSPOSED), X_T, X, Ident("v"))
    length = product(power(bracketed(product(X, Ident("v"))), TRANSPOSED), bracketed(product(X, Ident("v"))))
    yield Chain((Piece("", square), Piece("=", length), Piece("≥", ZERO)))
    yield Paragraph(
        said(
            "A sum of squares: along no direction {v} does the cost bend down, so where the gradient is 0 it "
            "is as small as it can be."
        )
    )


def _numbers(desk: Desk, network: Network, found: Normal) -> Iterator[Block]:
    problem = desk.problem
    y = spell(problem.notation.target)
    yield Chain((Piece("", _gram(network, error_slope(network))), Piece("=", _decimals(found.gram))))
    yield Chain((Piece("", product(X_T, y)), Piece("=", _decimals(found.right))))
    if found.solution is None:
        yield from _singular(problem.x, network, found)
        return
    square = _gram(network, error_slope(network))
    inverse = power(bracketed(square), Num("-1"))
    pieces = [_names(desk, network), product(inverse, X_T, y), *_solution(found.solution)]
    yield Chain(tuple(Piece("=" if place else "", body) for place, body in enumerate(pieces)))
    there = gradient_there(problem, found)
    cost = there["C"]
    assert all(value.lo == value.hi == 0 for key, value in there.items() if key != "C"), (
        "no root of the gradient"
    )
    yield Paragraph(
        said(
            "There each derivative, computed like all on this page, is exactly 0, and {least}: "
            "{cost} = {value}.",
            least=Toned("good", ("the cost is least",)),
            cost=spell(problem.notation.cost),
            value=value_tree(cost, RESULT_DIGITS),
        )
    )


def _singular(x: tuple[tuple[object, ...], ...], network: Network, found: Normal) -> Iterator[Block]:
    """Why there is no one answer."""
    size, count = unknowns(network), len(x)
    few = (
        f"{count} samples cannot fix {size} numbers: "
        if count < size
        else "The columns depend on each other: "
    )
    assert found.free is not None
    where = said("for {v} = {free}", free=_decimals(found.free))
    yield Chain((Piece("", product(X, Ident("v"))), Piece("=", ZERO)), where)
    yield Paragraph(
        said(
            f"{few}{{square}} is {{singular}} and has no inverse. Any multiple of {{v}} may be added to "
            "{w} without changing an output, so many {w} are equally good; an L2 term would choose one.",
            square=product(X_T, X),
            singular=Toned("open", ("singular",)),
            w=V,
        )
    )


def _names(desk: Desk, network: Network) -> Tree:
    """The parameters' letters, a column for each output."""
    layer = network.layer(1)
    rows = [*zip(*layer.weights, strict=True), *([layer.biases] if layer.biases is not None else [])]
    return _column(tuple(tuple(write(desk.problem, key) for key in row) for row in rows))


def _solution(solution: sp.ImmutableMatrix) -> Iterator[Tree]:
    """The exact fractions where they are short, and their decimals where these say more."""
    fractions = _entries(solution, _number)
    decimals = _entries(solution, lambda value: number_tree(_fraction(value), FACTOR_DIGITS))
    if all(max(len(str(abs(part))) for part in (value.p, value.q)) <= LONGEST for value in solution):
        yield _column(fractions)
    if fractions != decimals:
        yield _column(decimals)


def _decimals(matrix: sp.ImmutableMatrix) -> Tree:
    return _column(_entries(matrix, lambda value: number_tree(_fraction(value), FACTOR_DIGITS)))


def _entries(
    matrix: sp.ImmutableMatrix, written: Callable[[sp.Rational], Tree]
) -> tuple[tuple[Tree, ...], ...]:
    return tuple(tuple(written(matrix[j, k]) for k in range(matrix.cols)) for j in range(matrix.rows))


def _column(entries: tuple[tuple[Tree, ...], ...]) -> Tree:
    """The matrix; one of a single entry is that."""
    return entries[0][0] if len(entries) == len(entries[0]) == 1 else Matrix(entries)


def _gram(network: Network, factor: sp.Rational | None) -> Tree:
    """XᵀX, with what the L2 term adds: (λ/c) I"""
    square = product(X_T, X)
    if not network.l2 or factor is None:
        return square
    share = sp.Symbol("lambda") / factor / (1 if network.reduction == "mean" else sp.Symbol("n"))
    return plus(square, product(tree_of(share, _letter), ONE))


def _scale(network: Network, factor: sp.Rational) -> sp.Expr:
    """c, or c/n of a mean."""
    return factor / sp.Symbol("n") if network.reduction == "mean" else factor


def _multiple(factor: sp.Expr, *others: Tree) -> Tree:
    """The product; a factor 1 is not written."""
    return product(*others) if factor == 1 else product(tree_of(factor, _letter), *others)


def _letter(symbol: sp.Symbol) -> Tree:
    return spell(symbol.name)


def _number(value: sp.Rational) -> Tree:
    return tree_of(value, _letter)


def _fraction(value: sp.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))
