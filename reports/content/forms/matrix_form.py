"""The matrix form: forward in whole arrays with their shapes, and back with a reason and a check a line.

Z = W A + b 𝟏ᵀ        Δ = ∂C/∂Z        ∂C/∂W = Δ Aᵀ
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from derive.matrix.equations import PARAMETER, Equation, MatrixView
from derive.matrix.expr import SCALAR, Array, Expr, Ones, Plus, Product, Transposed, put_in
from derive.matrix.indexed import Entries
from derive.matrix.reading import Reading
from derive.matrix.shared import places_in
from derive.problem import Graph, Problem
from derive.writing.from_matrices import shaped, tree_of_matrix
from derive.writing.tree import Num, Tree
from reports.content.arrays import matrix_tree
from reports.content.forms.wholes import Wholes
from reports.content.page import Block, Chain, Piece, Prose, Stride, Strides

DEEPEST = 6
"""Layers that are nested in one formula."""

WIDEST_NESTED, DEEPEST_NESTED = 3, 2
"""The same of a formula in which every matrix is written out."""


@dataclass(frozen=True)
class MatrixForm:
    """Writes the equations in whole arrays."""

    wholes: Wholes

    @property
    def problem(self) -> Problem:
        return self.wholes.problem

    @property
    def view(self) -> MatrixView:
        return self.wholes.view

    @property
    def reading(self) -> Reading:
        return self.wholes.reading

    def forward(self) -> Iterator[Block]:
        for equation in self.view.forward:
            expr = equation.forms[0].expr
            pieces = [Piece("", self.symbol(equation.array)), Piece("=", self.with_shapes(expr))]
            yield Chain((*pieces, *self.put_in(expr), *self.value(equation)))
        yield from self.nested()

    def where_shared(self) -> Iterator[Block]:
        """W¹ = [u v; v u]: which parameter stands where, of each array that holds a shared one."""
        shared = {one.key for one in self.problem.parameters if one.shared}
        if not shared or self.wholes.is_wide:
            return
        for array in self.view.program.given:
            if PARAMETER.fullmatch(array.key) is None:
                continue
            keys = places_in(self.reading, array)
            if shared.intersection(keys.values()):
                shape = (self.view.program.size(array.shape[0]), self.view.program.size(array.shape[1]))
                yield Chain((Piece("", self.symbol(array)), Piece("=", self._letters(shape, keys))))

    def _letters(self, shape: tuple[int, int], keys: Mapping[tuple[int, int], str]) -> Tree:
        letters = {at: self.reading.entry(sp.Symbol(key)) for at, key in keys.items()}
        return letters[1, 1] if shape == SCALAR else matrix_tree(shape, lambda at: letters[at[0], at[1]])

    def backward(self) -> Iterator[Block]:
        for equation in self.view.backward:
            strides = [
                Stride(
                    self.reading.whole(form.expr),
                    self.wholes.because(form),
                    self.wholes.check(equation, number),
                )
                for number, form in enumerate(equation.forms)
            ]
            strides += [
                Stride(piece.body, ("in numbers",), ())
                for piece in self.value(equation)
                if not strides or piece.body != strides[-1].formula
            ]
            yield Strides(
                self.symbol(equation.array),
                tuple(strides) if equation.forms else _ZERO,
                "the derivative in matrices",
            )

    def shared(self) -> Iterator[Block]:
        """The derivatives by shared parameters, which stand in no array alone."""
        for one in self.wholes.shared:
            strides = self.wholes.shared_strides(one)
            value = self.wholes.shared_value(one)
            yield Strides(
                self.reading.entry(sp.Symbol(one.key)),
                (*strides, *(Stride(number, ("in numbers",), ()) for number in value)),
                "the derivative by a shared parameter",
            )

    def back(self) -> Prose:
        several = len(self.problem.objectives) > 1
        return (
            ("Back from ", self.reading.letter(self.wholes.output))
            if several and self.wholes.output
            else ("Back",)
        )

    def nested(self) -> Iterator[Block]:
        """The whole forward pass as one formula: a² = σ(W² σ(W¹ x + b¹) + b²)."""
        body = self.problem.body
        if isinstance(body, Graph) or not 1 < body.depth <= DEEPEST:
            return
        known: dict[str, Expr] = {}
        for step in self.view.program.steps:
            if step.because != "cost":
                known[step.array.key] = put_in(step.expr, known)
        last = self.view.program.steps[2 * body.depth - 1].array
        pieces = [Piece("", self.reading.letter(last.key)), Piece("=", self.reading.whole(known[last.key]))]
        sizes = map(self.view.program.size, self.view.program.sizes)
        if body.depth <= DEEPEST_NESTED and max(sizes) <= WIDEST_NESTED:
            pieces.append(Piece("=", tree_of_matrix(known[last.key], self.written_out)))
        yield Chain(tuple(pieces), ("in one formula",), "route")

    def put_in(self, expr: Expr) -> Iterator[Piece]:
        """The matrices themselves, where the expression is one of products and sums alone."""
        if _is_linear(expr):
            yield Piece("=", tree_of_matrix(expr, self.written_out))

    def written_out(self, key: str) -> Tree:
        """An array with its entries, in numbers where there are any; a number that has a letter by that."""
        array = self.view.program.arrays.get(key)
        if array is None:
            return self.reading.letter(key)
        if self.wholes.numbers is not None:
            return self.wholes.matrix(self.wholes.numbers[key])
        rows, columns = map(self.view.program.size, array.shape)
        entries = Entries(self.view.program, letters=False)
        if (rows, columns) == SCALAR:
            return self.reading.entry(entries.name(array, 1, 1))
        return matrix_tree((rows, columns), lambda at: self.reading.entry(entries.name(array, *at)))

    def symbol(self, array: Array) -> Tree:
        tree = self.reading.letter(array.key)
        return tree if array.shape == SCALAR else shaped(tree, array.shape)

    def with_shapes(self, expr: Expr) -> Tree:
        """The expression with the shape under each letter."""
        return tree_of_matrix(
            expr, lambda key: self.symbol(self.view.program.arrays.get(key, Array(key, SCALAR)))
        )

    def value(self, equation: Equation) -> Iterator[Piece]:
        if self.wholes.numbers is not None:
            yield Piece("=", self.wholes.matrix(self.wholes.numbers[equation.array.key]))


def _is_linear(expr: Expr) -> bool:
    """Whether it is a sum of products of two or more arrays, and of arrays."""
    terms = expr.terms if isinstance(expr, Plus) else (expr,)
    products = [term for term in terms if isinstance(term, Product)]
    factors = [factor for term in products for factor in term.factors]
    plain = [*factors, *(term for term in terms if not isinstance(term, Product))]
    known = (one.arg if isinstance(one, Transposed) else one for one in plain)
    return bool(products) and all(isinstance(one, Array | Ones) for one in known)


_ZERO = (Stride(Num("0"), ("independent",), ("exactly",)),)
