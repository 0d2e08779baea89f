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

from derive.matrix.equations import Equation, Form, MatrixView, matrix_view
from derive.matrix.expr import (
    SCALAR,
    Array,
    Chosen,
    Expr,
    Ones,
    Plus,
    Product,
    Transposed,
    Unit,
    parts_of,
    put_in,
)
from derive.matrix.indexed import Entries
from derive.matrix.network import PENALTY
from derive.matrix.proof import proofs
from derive.matrix.reading import Reading
from derive.notation import write
from derive.problem import Graph, Network
from derive.steps import UPSTREAM
from derive.whole_functions import Summed
from derive.writing.from_matrices import shaped, size_tree, tree_of_matrix
from derive.writing.tree import Ident, Num, Tree, equals
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.matrices import Checked, Numbers, check_forms, instances, is_wide, values_of
from reports.content.arrays import matrix_tree
from reports.content.desk import Desk, elided
from reports.content.page import (
    Block,
    Chain,
    Heading,
    Paragraph,
    Part,
    Piece,
    Prose,
    Section,
    Stride,
    Strides,
    Toned,
)
from reports.content.values import FACTOR_DIGITS, value_tree
from reports.content.wording import listed, said

DEEPEST = 6
"""Layers that are nested in one formula."""

WIDEST_NESTED, DEEPEST_NESTED = 3, 2
"""The same of a formula in which every matrix is written out."""

MOST_OUTPUTS = 3
"""Outputs of a graph that are carried back on the page."""


def layer_sections(desk: Desk) -> Iterator[Section]:
    """The two sections, of a network and of a graph that has vectors or matrices."""
    body = desk.problem.body
    if isinstance(body, Graph) and not body.shapes:
        return
    writers = tuple(_Writer(desk, output) for output in desk.problem.objectives[:MOST_OUTPUTS])
    writers = writers or (_Writer(desk, None),)
    yield Section("matrix-form", ("All at once: the matrix form",), tuple(_matrix_form(writers)))
    yield Section("index-form", ("Entry by entry: the index form",), tuple(_index_form(writers)))


def _matrix_form(writers: tuple[_Writer, ...]) -> Iterator[Block]:
    first = writers[0]
    yield Paragraph(first.how_to_read(), quiet=True)
    yield Heading(1, ("Forward",))
    yield from first.forward()
    if not first.view.backward:
        return
    for number, writer in enumerate(writers, 2):
        yield Heading(number, writer.back())
        if writer is first:
            yield Paragraph(first.how_checked(), quiet=True)
        yield from writer.backward()
    rest = first.desk.problem.objectives[MOST_OUTPUTS:]
    if rest:
        yield Paragraph((f"The other outputs are carried back likewise: {', '.join(rest)}.",), quiet=True)


def _index_form(writers: tuple[_Writer, ...]) -> Iterator[Block]:
    first = writers[0]
    yield Paragraph(first.which_letters(), quiet=True)
    for equation in (*first.view.forward, *(one for writer in writers for one in writer.view.backward)):
        yield from first.entry_of(equation)


@dataclass(frozen=True)
class _Writer:
    """Writes the equations of one problem, carried back from one output; None: forward only."""

    desk: Desk
    output: str | None

    @cached_property
    def view(self) -> MatrixView:
        return matrix_view(self.desk.problem, self.output)

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.desk.problem, self.view)

    @cached_property
    def numbers(self) -> Mapping[str, Numbers] | None:
        return values_of(self.desk.problem, self.view) if self.desk.worked else None

    @cached_property
    def checked(self) -> Mapping[tuple[str, int], Checked]:
        return check_forms(self.desk.problem, self.output) if self.output else {}

    @cached_property
    def proved(self) -> Mapping[tuple[str, int], int]:
        if self.output is None:
            return {}
        instance = instances(self.desk.problem)[0] if is_wide(self.desk.problem) else self.desk.problem
        return proofs(instance, matrix_view(instance, self.output), self.output)

    # -- the matrix form ---------------------------------------------------------------------------

    def forward(self) -> Iterator[Block]:
        for equation in self.view.forward:
            expr = equation.forms[0].expr
            pieces = [Piece("", self.symbol(equation.array)), Piece("=", self.with_shapes(expr))]
            yield Chain((*pieces, *self.put_in(expr), *self.value(equation)))
        yield from self.nested()

    def backward(self) -> Iterator[Block]:
        for equation in self.view.backward:
            strides = [
                Stride(self.reading.whole(form.expr), self.because(form), self.check(equation, number))
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

    def because(self, form: Form) -> Prose:
        """The rules of a line; of a sum over uses beside the use whose term they give."""
        if not form.uses:
            return (form.because,)
        through = [
            said(f"through {{use}}: {use.because}", use=self.reading.letter(use.array.key))
            for use in form.uses
        ]
        return ("sum over its uses: ", *listed(through, last="; ", between="; "))

    def how_to_read(self) -> Prose:
        sizes = [
            part
            for name, size in self.view.program.sizes.items()
            for part in (", ", equals(size_tree(name), Num(str(size))))
        ]
        letters: Prose = (" Sizes: ", *sizes[1:], ".") if sizes else ()
        return (
            "Letters side by side are a product of matrices; ⊙, powers, fractions and functions work entry "
            f"by entry. {self.how_they_lie()}",
            *self.which_weight(),
            *self.which_layout(),
            *letters,
            *self.what_is_given(),
            *self.what_takes_entries(),
        )

    def how_they_lie(self) -> str:
        problem = self.desk.problem
        if isinstance(problem.body, Graph):
            return "Vectors are columns."
        if problem.notation.samples == "rows":
            return "Samples are rows, so a layer’s weights stand [in][out]; biases are columns."
        return f"Vectors are columns.{' Every column is a sample.' if len(problem.x) > 1 else ''}"

    def which_weight(self) -> Prose:
        """Where a weight stands, if its indices say it the other way round."""
        body, notation = self.desk.problem.body, self.desk.problem.notation
        if isinstance(body, Graph) or (notation.index == "from_to") == (notation.samples == "rows"):
            return ()
        wide = (l for l in range(body.depth, 0, -1) if body.layer(l).width > 1)
        layer = next(wide, 0)
        if not layer:
            return ()
        whole = self.reading.letter(f"W{layer}")
        row, column = ("k", "j") if notation.samples == "rows" else ("j", "k")
        entry = self.reading.entry(
            Entries(self.view.program, letters=True).name(self.view.program.arrays[f"W{layer}"], row, column)
        )
        lines = "a column" if notation.samples == "rows" else "a row"
        return said(
            f" {{whole}} has {lines} for each unit of its layer: in row {{{row}}} and column {{{column}}} "
            "stands {entry}.",
            whole=whole,
            entry=entry,
        )

    def which_layout(self) -> Prose:
        """What lies in numerator layout, and what does not."""
        if isinstance(self.desk.problem.body, Graph) or self.desk.problem.notation.layout != "numerator":
            return ()
        return said(
            " In numerator layout a gradient is the transpose of what it is taken by; the errors {error} "
            "stand as their weighted inputs do.",
            error=Ident("Δ" if len(self.desk.problem.x) > 1 else "δ"),
        )

    def what_takes_entries(self) -> Prose:
        """Unit columns and choices of rows, where there are any."""
        exprs = [form.expr for equation in self.view.equations for form in equation.forms]
        units = {one.place: one for expr in exprs for one in parts_of(expr, Unit)}
        chosen = {one.places: one for expr in exprs for one in parts_of(expr, Chosen)}
        words: list[Part] = []
        if units:
            place, unit = min(units.items(), key=lambda item: item[0])
            words += said(
                f" {{unit}} is the column with 1 in row {place} and 0 elsewhere"
                f"{', and so with other places' if len(units) > 1 else ''}.",
                unit=self.reading.whole(unit),
            )
        if chosen:
            taken, choice = min(chosen.items(), key=lambda item: item[0])
            rows = (
                f"{taken[0]} to {taken[-1]}"
                if choice.is_run and len(taken) > 2
                else ", ".join(map(str, taken))
            )
            words += said(
                f" {{choice}} takes rows {rows} of what stands at its right"
                f"{', and so with other places' if len(chosen) > 1 else ''}.",
                choice=self.reading.whole(choice),
            )
        return tuple(words)

    def what_is_given(self) -> Prose:
        """What letters mean that the problem's own statement does not have."""
        given = self.view.program.given
        if any(array.key == PENALTY for array in given) and isinstance(self.desk.problem.body, Network):
            return (" R is the L2 term of the shared weights, each of them once.",)
        if any(array.key.startswith(UPSTREAM) and array.shape != SCALAR for array in given):
            return (" G is the gradient that comes from upstream.",)
        return ()

    def back(self) -> Prose:
        several = len(self.desk.problem.objectives) > 1
        return ("Back from ", self.reading.letter(self.output)) if several and self.output else ("Back",)

    def how_checked(self) -> Prose:
        problem = self.desk.problem
        where = (
            "on the same network with narrower layers, at random numbers"
            if is_wide(problem)
            else "at random numbers"
            if problem.is_free
            else "at this problem’s numbers"
        )
        shared = any(parameter.shared for parameter in problem.parameters)
        uses = " A shared parameter’s derivative is the sum over its entries here." if shared else ""
        return (
            "Proved: a line’s entries, of a large array its corners, are what the scalar chain rule "
            f"gives. {ENOUGH_DIGITS} digits: every entry agrees with that to at least so many {where}.{uses}",
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
        if self.numbers is not None:
            return self.matrix(self.numbers[key])
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
        if self.numbers is not None:
            yield Piece("=", self.matrix(self.numbers[equation.array.key]))

    def matrix(self, numbers: Numbers) -> Tree:
        """The numbers of an array in its shape; one alone without brackets."""
        if numbers.shape == SCALAR:
            return value_tree(numbers.at(1, 1), FACTOR_DIGITS)
        return matrix_tree(numbers.shape, lambda at: value_tree(numbers.at(*at), FACTOR_DIGITS))

    def check(self, equation: Equation, number: int) -> Prose:
        place = equation.array.key, number
        checked = self.checked.get(place)
        digits = checked is not None and checked.digits >= ENOUGH_DIGITS
        words: list[str | Toned] = [Toned("good", ("proved",))] if place in self.proved else []
        if digits:
            words += [", " if words else "", f"{ENOUGH_DIGITS} digits"]
        return tuple(words) or (Toned("open", ("not checked",)),)

    # -- the index form ----------------------------------------------------------------------------

    def which_letters(self) -> Prose:
        body = self.desk.problem.body
        if isinstance(body, Graph):
            return ("The same equations for the entry in row i and column j.", *self.which_lists())
        units, layers = body.layer(1).width > 1, body.depth > 1
        running = (
            ["j and k run over units and inputs" if layers or units else "j runs over the inputs"]
            if max(body.widths) > 1
            else []
        )
        running += (
            ["i over the samples" if running else "i runs over the samples"]
            if len(self.desk.problem.x) > 1
            else []
        )
        words = f"The same equations for one entry{': ' if running else ''}{', '.join(running)}."
        return (words, *self.which_names())

    def which_names(self) -> Prose:
        """What a name of the author's is here, where all have their places."""
        problem, reading = self.desk.problem, self.reading
        named = [p for p in problem.parameters if p.own and not p.shared] if reading.aside else []
        if not named:
            return ()
        first = named[0].key
        return (
            " Everything is written by its place: ",
            equals(write(problem, first), write(reading.lettered, first)),
            "." if len(named) == 1 else ", and so on.",
        )

    def which_lists(self) -> Prose:
        """What a list of rows and a bracket stand for, where an entry has them."""
        reading = self.reading
        entries = [entry for equation in self.view.equations for _, entry in reading.in_letters(equation)]
        words: list[Part] = []
        for places, letter in Entries(self.view.program, letters=True).lists.items():
            listed = ", ".join(map(str, places))
            words += said(f" {{{letter}}} = ({listed}) lists the rows that are taken.")
        if any(entry.has(sp.KroneckerDelta) for entry in entries):
            words.append(" A bracket such as [i = 2] is 1 where that holds and 0 elsewhere.")
        return tuple(words)

    def entry_of(self, equation: Equation) -> Iterator[Block]:
        """The entry with running letters, and where it holds sums the first one written out."""
        reading = self.reading
        lhs = reading.left(equation, letters=True, at=reading.at(equation))
        entries = [entry for _, entry in reading.in_letters(equation)]
        if entries:
            yield Chain((Piece("", reading.entry(lhs)), *(Piece("=", reading.entry(one)) for one in entries)))
        if equation.forms and (not entries or any(entry.has(Summed) for entry in entries)):
            name = reading.left(equation, letters=False, at=(1, 1))
            entry = elided(reading.entry(reading.written_out(equation, (1, 1))))
            yield Chain((Piece("", reading.entry(name)), Piece("=", entry)), ("written out",), "route")


def _is_linear(expr: Expr) -> bool:
    """Whether it is a sum of products of two or more arrays, and of arrays."""
    terms = expr.terms if isinstance(expr, Plus) else (expr,)
    products = [term for term in terms if isinstance(term, Product)]
    factors = [factor for term in products for factor in term.factors]
    plain = [*factors, *(term for term in terms if not isinstance(term, Product))]
    known = (one.arg if isinstance(one, Transposed) else one for one in plain)
    return bool(products) and all(isinstance(one, Array | Ones) for one in known)


_ZERO = (Stride(Num("0"), ("independent",), ("exactly",)),)
