"""A problem in whole layers, and then entry by entry: the matrix form and the index form.

Z = W A + b 𝟏ᵀ        Δ = ∂C/∂Z        ∂C/∂W = Δ Aᵀ
z_j = Σ_k w_jk a_k + b_j               ∂C/∂w_jk = Σ_i δ_j a_k

Both are read off one sweep over matrix-valued steps, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from derive.expressions import Summed
from derive.matrix.equations import Equation, MatrixView, matrix_view
from derive.matrix.expr import (
    SCALAR,
    Array,
    Expr,
    Index,
    Ones,
    Plus,
    Product,
    Transposed,
    put_in,
)
from derive.matrix.indexed import SAMPLES, Entries
from derive.matrix.proof import proofs
from derive.notation import write_array, write_entry
from derive.problem import Graph, Network
from derive.writing.from_matrices import shaped, size_tree, tree_of_matrix
from derive.writing.from_sympy import Order, tree_of
from derive.writing.tree import Num, Tree, equals
from numeric.balls.enclosure import Enclosure
from numeric.lines import ENOUGH_DIGITS
from numeric.matrices import Checked, Values, check_forms, instances, is_wide, values_of
from reports.content.arrays import matrix_tree
from reports.content.desk import Desk, elided
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
from reports.content.values import FACTOR_DIGITS, value_tree

DEEPEST = 6
"""Layers that are nested in one formula."""

ROW_LETTERS, COLUMN_LETTERS = ("j", "i"), ("k", "j")
"""The running letters of an entry, in a network and in a graph; a sample is i."""


def layer_sections(desk: Desk) -> Iterator[Section]:
    """The two sections, of a network and of a graph that has vectors or matrices."""
    body = desk.problem.body
    if isinstance(body, Graph) and not body.shapes:
        return
    writer = _Writer(desk)
    yield Section("matrix-form", ("All at once: the matrix form",), tuple(writer.matrix_form()))
    yield Section("index-form", ("Entry by entry: the index form",), tuple(writer.index_form()))


@dataclass(frozen=True)
class _Writer:
    desk: Desk

    @cached_property
    def view(self) -> MatrixView:
        return matrix_view(self.desk.problem)

    @cached_property
    def numbers(self) -> Values | None:
        return values_of(self.desk.problem, self.view) if self.desk.worked else None

    @cached_property
    def checked(self) -> Mapping[tuple[str, int], Checked]:
        return check_forms(self.desk.problem, self.output) if self.view.backward else {}

    @cached_property
    def proved(self) -> Mapping[tuple[str, int], int]:
        if not self.view.backward:
            return {}
        instance = instances(self.desk.problem)[0] if is_wide(self.desk.problem) else self.desk.problem
        return proofs(instance, matrix_view(instance), self.output)

    @property
    def output(self) -> str:
        return self.desk.problem.objectives[0]

    # -- the matrix form ---------------------------------------------------------------------------

    def matrix_form(self) -> Iterator[Block]:
        yield Paragraph(self.how_to_read(), quiet=True)
        yield Heading(1, ("Forward",))
        for equation in self.view.forward:
            expr = equation.forms[0].expr
            pieces = [Piece("", self.symbol(equation.array)), Piece("=", self.with_shapes(expr))]
            yield Chain((*pieces, *self.put_in(expr), *self.value(equation)))
        yield from self.nested()
        if not self.view.backward:
            return
        yield Heading(2, ("Back",))
        yield Paragraph(self.how_checked(), quiet=True)
        for equation in self.view.backward:
            strides = [
                Stride(tree_of_matrix(form.expr, self.letter), (form.because,), self.check(equation, number))
                for number, form in enumerate(equation.forms)
            ]
            strides += [Stride(piece.body, ("in numbers",), ()) for piece in self.value(equation)]
            yield Strides(self.symbol(equation.array), tuple(strides) or _ZERO, "the derivative in matrices")

    def how_to_read(self) -> Prose:
        problem = self.desk.problem
        sizes = [
            part
            for name, size in self.view.program.sizes.items()
            for part in (", ", equals(size_tree(name), Num(str(size))))
        ]
        letters: Prose = (" Sizes: ", *sizes[1:], ".") if sizes else ()
        batch = ""
        if isinstance(problem.body, Network) and len(problem.x) > 1:
            batch = (
                " Samples are rows, so a layer’s weights stand [in][out]."
                if problem.notation.samples == "rows"
                else " Every column is a sample."
            )
        return (
            "Letters side by side are a product of matrices; ⊙, powers, fractions and functions work entry "
            f"by entry. Vectors are columns.{batch}",
            *letters,
        )

    def how_checked(self) -> Prose:
        where = (
            "on the same network with narrower layers, at random numbers"
            if is_wide(self.desk.problem)
            else "at random numbers"
            if self.desk.problem.is_free
            else "at this problem’s numbers"
        )
        return (
            "Read off the differential of each step. Every line is proved, entry by entry, to be what the "
            f"scalar chain rule gives, and evaluated as matrices {where}.",
        )

    def nested(self) -> Iterator[Block]:
        """The whole forward pass as one formula: a² = σ(W² σ(W¹ x + b¹) + b²)."""
        body = self.desk.problem.body
        if isinstance(body, Graph) or not 1 < body.depth <= DEEPEST:
            return
        known: dict[str, Expr] = {}
        for step in self.view.program.steps:
            if step.because != "cost":
                known[step.array.key] = put_in(step.expr, known)
        last = self.view.program.steps[2 * body.depth - 1].array
        pieces = (Piece("", self.letter(last.key)), Piece("=", tree_of_matrix(known[last.key], self.letter)))
        yield Chain(pieces, ("in one formula",), "route")

    def put_in(self, expr: Expr) -> Iterator[Piece]:
        """The matrices themselves, where the expression is one of products and sums alone."""
        numbers = self.numbers
        if numbers is None or not _is_linear(expr):
            return

        def leaf(key: str) -> Tree:
            return self.matrix(numbers[key]) if key in numbers else self.letter(key)

        yield Piece("=", tree_of_matrix(expr, leaf))

    def letter(self, key: str) -> Tree:
        return write_array(self.desk.problem, key)

    def symbol(self, array: Array) -> Tree:
        tree = self.letter(array.key)
        return tree if array.shape == SCALAR else shaped(tree, array.shape)

    def with_shapes(self, expr: Expr) -> Tree:
        """The expression with the shape under each letter."""
        return tree_of_matrix(
            expr, lambda key: self.symbol(self.view.program.arrays.get(key, Array(key, SCALAR)))
        )

    def value(self, equation: Equation) -> Iterator[Piece]:
        if self.numbers is None:
            return
        yield Piece("=", self.matrix(self.numbers[equation.array.key]))

    def matrix(self, rows: tuple[tuple[Enclosure, ...], ...]) -> Tree:
        """The numbers of an array in its shape; one alone without brackets."""
        shape = (len(rows), len(rows[0]))
        if shape == SCALAR:
            return value_tree(rows[0][0], FACTOR_DIGITS)
        return matrix_tree(shape, lambda at: value_tree(rows[at[0] - 1][at[1] - 1], FACTOR_DIGITS))

    def check(self, equation: Equation, number: int) -> Prose:
        place = equation.array.key, number
        checked = self.checked.get(place)
        digits = checked is not None and checked.digits >= ENOUGH_DIGITS
        words: list[str | Toned] = [Toned("good", ("proved",))] if place in self.proved else []
        if digits:
            words += [", " if words else "", f"{ENOUGH_DIGITS} digits"]
        return tuple(words) or (Toned("open", ("not checked",)),)

    # -- the index form ----------------------------------------------------------------------------

    def index_form(self) -> Iterator[Block]:
        words = "The same equations for one entry: j and k run over units, i over samples."
        if isinstance(self.desk.problem.body, Graph):
            words = "The same equations for the entry in row i and column j."
        yield Paragraph((words,), quiet=True)
        for equation in self.view.forward:
            yield from self.entry_of(equation)
        for equation in self.view.backward:
            yield from self.entry_of(equation)

    def entry_of(self, equation: Equation) -> Iterator[Block]:
        """The entry with running letters, and where it holds sums the first one written out."""
        letters, numbers = (Entries(self.view.program, letters=way) for way in (True, False))
        array = equation.by or equation.array
        at = self.place(array)
        if equation.array.shape != array.shape:
            at = at[::-1]  # numerator layout
        lhs = Piece("", self.written(letters.name(equation.array, *at)))
        entries = list(_in_letters(letters, equation, at))
        if entries:
            yield Chain((lhs, *(Piece("=", self.written(entry)) for entry in entries)))
        if equation.forms and (not entries or any(entry.has(Summed) for entry in entries)):
            name = numbers.name(equation.array, 1, 1)
            entry = numbers.of(equation.forms[-1].expr, 1, 1)
            written = Piece("", self.written(name)), Piece("=", elided(self.written(entry)))
            yield Chain(written, ("written out",), "route")

    def place(self, array: Array) -> tuple[Index, Index]:
        """The running letters of an entry; where there is only one row or column, its number."""
        in_graph = isinstance(self.desk.problem.body, Graph)
        units = iter((ROW_LETTERS[in_graph], COLUMN_LETTERS[in_graph]))
        at: list[Index] = []
        for size in array.shape:
            one = self.view.program.size(size) == 1 and size != SAMPLES
            at.append(1 if one else "i" if size == SAMPLES else next(units))
        return at[0], at[1]

    def written(self, expr: sp.Expr) -> Tree:
        return tree_of(expr, lambda symbol: write_entry(self.desk.problem, symbol.name), Order(_rank, _rank))


def _in_letters(entries: Entries, equation: Equation, at: tuple[Index, Index]) -> Iterator[sp.Expr]:
    """Each form's entry; none of a rule that couples and has no formula in running letters (maxout)."""
    for form in equation.forms:
        try:
            yield entries.of(form.expr, *at)
        except KeyError:
            return


def _is_linear(expr: Expr) -> bool:
    """Whether it is a sum of products of two or more arrays, and of arrays."""
    terms = expr.terms if isinstance(expr, Plus) else (expr,)
    products = [term for term in terms if isinstance(term, Product)]
    factors = [factor for term in products for factor in term.factors]
    plain = [*factors, *(term for term in terms if not isinstance(term, Product))]
    known = (one.arg if isinstance(one, Transposed) else one for one in plain)
    return bool(products) and all(isinstance(one, Array | Ones) for one in known)


def _rank(symbol: sp.Symbol) -> tuple[int, str]:
    """Numbers first, then weights, errors, activations, all else; as a book orders w δ and δ a."""
    name = symbol.name
    is_adjoint = name.startswith("d") and "/d" in name
    return (1 if is_adjoint else _ORDER.get(name[0], 3) if "[" in name else 0, name)


_ORDER: Mapping[str, int] = {"w": 0, "W": 0, "z": 2, "a": 2, "x": 2, "y": 3}

_ZERO = (Stride(Num("0"), ("independent",), ("exactly",)),)
