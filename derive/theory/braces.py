"""The long product as it stands on a page: each factor over a brace that says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.notation import STYLES, write_array
from derive.problem import Network, Notation, Problem
from derive.sweep import adjoint
from derive.theory.product import Factor, LongProduct
from derive.writing.from_matrices import transpose, tree_of_matrix
from derive.writing.tree import Brace, Call, Ident, Text, Tree, bracketed, equals, partial

DIAGONAL = Ident("D")


@dataclass(frozen=True)
class Braces:
    """How arrays, by their keys, and diagonal matrices, by their layer, are written."""

    array: Callable[[str], Tree]
    diagonal: Callable[[str], Tree]

    def factors(self, whole: LongProduct) -> tuple[Tree, ...]:
        """The factors from left to right, each over its brace."""
        return tuple(
            Brace(self.factor(factor), Text(factor.words)) if factor.words else self.factor(factor)
            for factor in whole.factors
        )

    def factor(self, factor: Factor) -> Tree:
        """D^l, (∂a^L/∂z^L)ᵀ, (W^l)ᵀ, ∇_aC or (a^l)ᵀ"""
        if factor.kind == "slope":
            return self.diagonal(factor.layer)
        if factor.linear is not None:
            of = factor.linear.of
            assert of.result is not None, "an activation is the result of its step"
            above, below = (tree_of_matrix(array, self.array) for array in (of.result, of.arg))
            slope: Tree = bracketed(partial(above, below))
            return slope if factor.lies else transpose(slope)
        return Ident(factor.layer) if factor.expr is None else tree_of_matrix(factor.expr, self.array)

    def meanings(self, whole: LongProduct) -> Iterator[Tree]:
        """D^l = diag(φ′(z^l)), for each diagonal matrix of the product."""
        for factor in whole.factors:
            if factor.kind == "slope" and factor.expr is not None:
                column = tree_of_matrix(factor.expr, self.array)
                yield equals(self.factor(factor), Call(Ident("diag", upright=True), (column,)))


def braces_of(problem: Problem, cost: str = "C") -> Braces:
    """In a problem's own notation; `cost` is the key of what is derived, `C@i` of sample i's cost."""

    def array(key: str) -> Tree:
        of, is_gradient, by = key.partition("/d")
        return write_array(problem, adjoint(cost, by) if is_gradient and of == "dC" else key)

    return Braces(array, lambda layer: _diagonal(problem, layer))


def _diagonal(problem: Problem, layer: str) -> Tree:
    alone = isinstance(problem.body, Network) and problem.body.depth == 1
    return DIAGONAL if alone else diagonal(problem.notation, layer)


def diagonal(notation: Notation, layer: str) -> Tree:
    """D^l, by a layer's letter or number."""
    return STYLES[notation.style](DIAGONAL, int(layer) if layer.isdecimal() else layer, (), None)
