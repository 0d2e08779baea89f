"""What other steps make of the four equations: each derived from its own step, and verified likewise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from derive.matrix.network import LAMBDA, N
from derive.matrix.sweep import MatrixStep
from derive.problem import Notation
from derive.theory.equations import Equation, fundamental
from derive.theory.letters import Letters
from derive.theory.scheme import HERE, LAST, SCHEMES, Scheme
from derive.writing.spelling import spell
from derive.writing.tree import equals
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.theory import Checked, Verified, verify_equation
from reports.content.general.outputs import softmax_blocks, softmax_lines
from reports.content.page import Block, Chain, Column, Heading, Paragraph, Piece, Prose, Table, Toned

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "no bias": "no biases",
        "softmax": "a softmax output layer",
        "columns": "a batch, samples as columns",
        "rows": "a batch, samples as rows",
        "decay": "an L2 term",
        "shared": "two layers with the same weights",
        "skip": "a residual sum",
    }
)
"""What differs, by the scheme's name."""

REMARKS: Mapping[str, Prose] = MappingProxyType(
    {
        "no bias": ("There is no BP3; the other three stay.",),
        "softmax": (
            "Every output reads every weighted input, so a Jacobian stands where the slope stood. "
            "Below it the same without one, and what its entries are.",
        ),
        "columns": ("Each column is a sample, and the cost is any function of all outputs.",),
        "rows": ("Each row is a sample, and the matrix of weights has a row for each unit that is read.",),
        "decay": (
            "The cost holds one such number for each layer: ",
            spell(LAMBDA.name),
            " is how strongly large weights are held down, and ",
            spell(N.name),
            " the number of samples in the cost.",
        ),
        "shared": ("Each use hands back its share, and the gradient is the sum over the uses.",),
        "skip": (
            "Activations are read by the next layer and by the one after it: there are two routes back.",
        ),
    }
)

EQUATIONS = (Column(("",), 0.1), Column(("equation",), 0.62), Column(("check",), 0.28))


@dataclass(frozen=True)
class OtherSteps:
    """Every scheme but the plain one, with the plain one's letter for phi."""

    notation: Notation
    plain: Scheme

    @cached_property
    def found(self) -> Mapping[str, tuple[tuple[Equation, Verified], ...]]:
        """By scheme the equations that are not the plain ones."""
        known = {one.array: one.expr for one in fundamental(self.plain)}
        found = {}
        for name in STEPS:
            changed = [one for one in fundamental(self._scheme(name)) if known.get(one.array) != one.expr]
            found[name] = tuple((one, verify_equation(name, self._scheme(name), one.name)) for one in changed)
        return found

    def _scheme(self, name: str) -> Scheme:
        return replace(SCHEMES[name], letter=self.plain.letter)

    def _rows(self, name: str) -> Iterator[tuple[Equation, Checked]]:
        """The equations in the reader's layout, then in their usual form where that is another."""
        for equation, found in self.found[name]:
            one = equation.laid_out(self.notation.layout)
            yield one, checked(found, self.notation.layout)
            if one.usual != one.expr:
                yield replace(one, expr=one.usual), found.usual

    @property
    def lines(self) -> Iterator[tuple[Checked, ...]]:
        """What was found of every line that is shown, or would be if it held."""
        for name in STEPS:
            yield tuple(line for _, line in self._rows(name))
            if self._scheme(name).softmax:
                yield softmax_lines(self.notation)

    def blocks(self) -> Iterator[Block]:
        """A heading for each step, the step, and the equations that change."""
        for number, name in enumerate(STEPS, 1):
            scheme = self._scheme(name)
            letters = Letters(self.notation, scheme.rows)
            yield Heading(number, (STEPS[name],))
            for step in _changed(scheme, self.plain):
                yield Chain((Piece("", letters.matrix(step.array)), Piece("=", letters.matrix(step.expr))))
            yield Paragraph(REMARKS[name])
            rows = tuple(self._rows(name))
            if rows:
                yield equation_table(letters, rows)
            if scheme.softmax:
                yield from softmax_blocks(self.notation)


def checked(found: Verified, layout: str) -> Checked:
    """What was found of an equation as this layout has it."""
    return found.lying if layout == "numerator" else found.equation


def equation_table(letters: Letters, rows: tuple[tuple[Equation, Checked], ...]) -> Table:
    """The equations that hold, for whole layers."""
    cells = tuple(
        ((one.name,), (equals(letters.matrix(one.array), letters.matrix(one.expr)),), check_words(found))
        for one, found in rows
        if found.holds
    )
    return Table("equations", "equations for whole layers", EQUATIONS, cells)


def _changed(scheme: Scheme, plain: Scheme) -> list[MatrixStep]:
    """The steps of a scheme that are not those of the plain one."""
    known = {plain.weighted_input(HERE), plain.activation(LAST, last=True)}
    steps = [scheme.weighted_input(HERE), *([scheme.weighted_input(HERE + 1)] if scheme.shared else [])]
    steps += [scheme.activation(LAST, last=True), *([scheme.decay_of(HERE)] if scheme.decay else [])]
    return [step for step in steps if step not in known]


def check_words(found: Checked) -> Prose:
    """proved, 30 digits"""
    if not found.holds:
        return (Toned("bad", ("not verified",)),)
    how = "exactly" if found.digits == float("inf") else f"{ENOUGH_DIGITS} digits"
    return Toned("good", ("proved",)), f", {how}"
