"""What a reader has to know to read the matrix form and the index form of a problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from derive.matrix.equations import MatrixView
from derive.matrix.expr import SCALAR, Chosen, Unit, parts_of
from derive.matrix.indexed import Entries
from derive.matrix.network import PENALTY, penalty
from derive.matrix.reading import Reading
from derive.notation import write
from derive.problem import Graph, Network, Problem
from derive.steps import UPSTREAM
from derive.whole_functions import Within
from derive.writing.from_matrices import size_tree
from derive.writing.spelling import spell
from derive.writing.tree import Ident, Num, Tree, equals
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.matrices import is_wide
from reports.content.page import Part, Prose
from reports.content.wording import listed, said
from reports.numbers import number_tree


@dataclass(frozen=True)
class Words:
    """The sentences at the head of the sections."""

    reading: Reading

    @property
    def problem(self) -> Problem:
        return self.reading.problem

    @property
    def view(self) -> MatrixView:
        return self.reading.view

    def how_to_read(self) -> Prose:
        sizes = [(equals(size_tree(name), Num(str(size))),) for name, size in self.view.program.sizes.items()]
        sizes += [(equals(spell(name), number),) for name, number in self.of_the_l2_term()]
        letters: Prose = (" Sizes: ", *listed(sizes, last=", "), ".") if sizes else ()
        return (
            "Letters side by side are a product of matrices; ⊙, powers, fractions and functions work entry "
            f"by entry. {self.how_they_lie()}",
            *self.which_weight(),
            *self.which_layout(),
            *letters,
            *self.what_is_given(),
            *self.what_takes_entries(),
        )

    def of_the_l2_term(self) -> Iterator[tuple[str, Tree]]:
        """λ, and n where it is no size of an array."""
        network = self.problem.body
        if isinstance(network, Network) and network.l2 and self.problem.objectives:
            if "n" not in self.view.program.sizes:
                yield "n", Num(str(len(self.problem.x)))
            yield "lambda", number_tree(network.l2)

    def how_they_lie(self) -> str:
        problem = self.problem
        if isinstance(problem.body, Graph):
            return "Vectors are columns."
        if problem.notation.samples == "rows":
            return "Samples are rows, so a layer’s weights stand [in][out]; biases are columns."
        return f"Vectors are columns.{' Every column is a sample.' if len(problem.x) > 1 else ''}"

    def which_weight(self) -> Prose:
        """Where a weight stands, if its indices say it the other way round."""
        body, notation = self.problem.body, self.problem.notation
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
        if isinstance(self.problem.body, Graph) or self.problem.notation.layout != "numerator":
            return ()
        return said(
            " In numerator layout a gradient has the transposed shape of what it is taken by; the errors "
            "{error} stand as their weighted inputs do.",
            error=Ident("Δ" if len(self.problem.x) > 1 else "δ"),
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
        if any(array.key == PENALTY for array in given) and isinstance(self.problem.body, Network):
            return said(
                " {term} is the L2 term of the shared weights, each of them once.",
                term=equals(Ident("R"), self.reading.entry(penalty(self.problem))),
            )
        if any(array.key.startswith(UPSTREAM) and array.shape != SCALAR for array in given):
            return (" G is the gradient that comes from upstream.",)
        return ()

    def how_checked(self) -> Prose:
        problem = self.problem
        where = (
            "on the same network with narrower layers, at random numbers"
            if is_wide(problem)
            else "at random numbers"
            if problem.is_free
            else "at this problem’s numbers"
        )
        shared = any(parameter.shared for parameter in problem.parameters)
        uses = (
            " An entry at which a shared parameter stands is the share of that use alone." if shared else ""
        )
        return (
            "“Proved” says that the entries of a line were shown to be what the scalar chain rule gives; of "
            f"a large array those in its corners were. “{ENOUGH_DIGITS} digits” says that every entry agrees "
            f"with it to at least so many digits {where}.{uses}",
        )

    def which_letters(self) -> Prose:
        body = self.problem.body
        if isinstance(body, Graph):
            columns = " A vector with an entry for each column carries j." if self.reading.of_columns else ""
            return (f"The same equations for the entry in row i and column j.{columns}", *self.which_lists())
        units, layers = body.layer(1).width > 1, body.depth > 1
        running = (
            ["j and k run over units and inputs" if layers or units else "j runs over the inputs"]
            if max(body.widths) > 1
            else []
        )
        running += (
            ["i over the samples" if running else "i runs over the samples"]
            if len(self.problem.x) > 1
            else []
        )
        words = f"The same equations for one entry{': ' if running else ''}{', '.join(running)}."
        return (words, *self.which_names(), *self.which_lists())

    def which_names(self) -> Prose:
        """What a name of the author's is here, where all have their places."""
        problem, reading = self.problem, self.reading
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
            rows = ", ".join(map(str, places))
            words += said(f" {{{letter}}} = ({rows}) lists the rows that are taken.")
        if any(entry.has(sp.KroneckerDelta, Within) for entry in entries):
            words.append(" A bracket such as [i = 2] is 1 where that holds and 0 elsewhere.")
        return tuple(words)
