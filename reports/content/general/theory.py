"""What the page of the four fundamental equations says, in order.

statement, proofs, the long product, a unit's rule by cases, other steps, how it was checked
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import sympy as sp

from derive.files.load import load_problem
from derive.matrix.differentials import changes
from derive.matrix.expr import Array
from derive.matrix.sweep import MatrixStep
from derive.problem import Problem
from derive.theory import Theory
from derive.theory.braces import Braces, diagonal
from derive.theory.cases import case_rule
from derive.theory.equations import ERRORS, Equation, fundamental
from derive.theory.letters import Letters
from derive.theory.names import as_errors
from derive.theory.product import DOTS, general_product
from derive.theory.proofs import by_differentials, by_entries
from derive.theory.scheme import HERE, LAST, SCHEMES, Scheme
from derive.writing.from_matrices import tree_of_matrix
from derive.writing.spelling import spell
from derive.writing.tree import Call, Fence, Ident, Op, Row, Tree, Under, equals
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.theory import DEPTHS, SIZES, Checked, Proofs, Verified, verify_equation, verify_product
from reports.content.general.outputs import output_rules
from reports.content.general.theory_steps import (
    EQUATIONS,
    STEPS,
    OtherSteps,
    check_words,
    checked,
    equation_table,
)
from reports.content.page import (
    Block,
    Chain,
    Fact,
    Heading,
    Paragraph,
    Piece,
    Prose,
    Report,
    Section,
    Stride,
    Strides,
    Table,
    Toned,
)
from reports.content.wording import listed, said, spelled

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "BP1": "the error of the last layer",
        "BP2": "the error of a layer from that of the next one",
        "BP3": "the gradient by the biases",
        "BP4": "the gradient by the weights",
    }
)

PROOFS: Mapping[str, Proofs] = MappingProxyType(
    {name: {"entries"} if name == "BP3" else {"entries", "differentials"} for name in WORDS}
)
"""The proofs that are shown; by differentials BP3 and BP4 have the same one."""


def compose_theory(theory: Theory) -> Report:
    """The page, every line verified while it is written."""
    return _Page(theory).report


@dataclass(frozen=True)
class _Page:
    theory: Theory

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.theory.notation)

    @cached_property
    def plain(self) -> Scheme:
        scheme = SCHEMES["plain"]
        return replace(scheme, letter=self.theory.notation.function or scheme.letter)

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        return tuple(fundamental(self.plain))

    @cached_property
    def verified(self) -> Mapping[str, Verified]:
        return {
            one.name: verify_equation("plain", self.plain, one.name, PROOFS[one.name])
            for one in self.equations
        }

    @cached_property
    def others(self) -> OtherSteps:
        return OtherSteps(self.theory.notation, self.plain)

    @cached_property
    def product(self) -> Checked:
        return verify_product(self.plain)

    @property
    def report(self) -> Report:
        sections = (
            Section("statement", ("The statement",), tuple(self._statement())),
            *(self._proof(equation) for equation in self.equations),
            Section("induction", ("All layers",), tuple(self._induction())),
            Section("product", ("One long product",), tuple(self._long_product())),
            Section("cases", ("A unit at a time",), tuple(self._cases())),
            Section("steps", ("Another step gives its own equations",), tuple(self._other_steps())),
            Section("checked", ("How it was checked",), tuple(self._how())),
        )
        return Report(
            title="The four equations of backpropagation",
            lede=self._lede,
            facts=tuple(self._facts()),
            wrong=None,
            diagram=None,
            diagram_caption=(),
            derivations=(),
            aside=(),
            sections=sections,
            kind="general theory",
            about="each proved line by line",
        )

    # -- the top -----------------------------------------------------------------------------------

    @property
    def _lede(self) -> Prose:
        return said(
            "For {L} layers, any differentiable activation {phi} and any differentiable cost {cost}. Each "
            "equation is derived from the layer’s step, then proved twice: entry by entry, and by "
            "differentials.",
            phi=self._phi(),
            cost=self.letters.array("C"),
        )

    def _phi(self) -> Tree:
        return spell(self.plain.letter)

    def _facts(self) -> Iterator[Fact]:
        lines = [line for one in self._lines() for line in one]
        held = sum(line.holds for line in lines)
        label: Prose = ("lines proved and checked",)
        yield Fact((f"{held} of {len(lines)}",), label, "good" if held == len(lines) else "bad")
        yield Fact((f"{ENOUGH_DIGITS} or more",), ("digits in which numbers agree",))
        yield Fact((str(len(STEPS) + 1),), ("kinds of step",))

    def _lines(self) -> Iterator[tuple[Checked, ...]]:
        """Every line of the page that was checked."""
        for one in self.verified.values():
            yield (checked(one, self.theory.notation.layout), *one.by_entries)
            yield one.by_differentials
        yield (self.product,)
        yield from self.others.lines
        yield tuple(checked(self.verified[name], self._other_layout) for name in WORDS if name not in ERRORS)

    # -- the statement -----------------------------------------------------------------------------

    def _statement(self) -> Iterator[Block]:
        letters, scheme = self.letters, self.plain
        cost, last = letters.array("C"), scheme.array("a", LAST)
        yield Paragraph(said("Layer {l} has {size} units:", size=spell("n_l")))
        yield self._step(scheme.weighted_input(HERE), shapes=True)
        yield self._step(scheme.activation(HERE, last=False), shapes=True)
        reads = Call(cost, (letters.matrix(last),))
        yield Paragraph(
            said("The cost is a function of the last activations alone, {cost}.", cost=equals(cost, reads))
        )
        loss = Array(f"dC/d{last.key}", last.shape)
        (error, slope) = self.equations[1].entry[0], sp.Symbol("dC/daL[j,1]")
        yield Paragraph(
            said(
                "{error} for the error of unit {j} in layer {l}, and {loss} for the column of all {slope}. "
                "⊙ multiplies entry by entry, and {inner} is the sum over all entries of {U} ⊙ {V}.",
                error=equals(letters.entries(as_errors(error)), letters.entries(error)),
                loss=letters.matrix(loss),
                slope=letters.entries(slope),
                inner=Fence("⟨", Row((Ident("U"), Op(","), Ident("V"))), "⟩"),
            )
        )
        yield Heading(0, ("For whole layers",))
        yield equation_table(letters, self._laid_out(self.theory.notation.layout))
        yield Heading(0, ("Entry by entry",))
        cells = tuple(
            (
                (one.name,),
                (equals(*(letters.entries(as_errors(side)) for side in one.entry)),),
                check_words(self.verified[one.name].by_entries[-1]),
            )
            for one in self.equations
        )
        yield Table("equations", "the four equations entry by entry", EQUATIONS, cells)

    def _laid_out(self, layout: str) -> tuple[tuple[Equation, Checked], ...]:
        return tuple(
            (one.laid_out(layout), checked(self.verified[one.name], layout)) for one in self.equations
        )

    def _step(self, step: MatrixStep, *, shapes: bool = False) -> Chain:
        letters = self.letters

        def shown(key: str) -> Tree:
            array = arrays.get(key)
            return Under(letters.array(key), letters.shape(array)) if array else letters.array(key)

        arrays = {array.key: array for array in _arrays(step)} if shapes else {}
        right = tree_of_matrix(step.expr, shown)
        return Chain((Piece("", shown(step.array.key)), Piece("=", right)))

    # -- the proofs --------------------------------------------------------------------------------

    def _proof(self, equation: Equation) -> Section:
        heading = (f"{equation.name}: {WORDS[equation.name]}",)
        return Section(equation.name.lower(), heading, tuple(self._proof_blocks(equation)))

    def _proof_blocks(self, equation: Equation) -> Iterator[Block]:
        letters, found = self.letters, self.verified[equation.name]
        entry, pairs = by_entries(equation), by_differentials(equation.fragment)
        strides = tuple(
            Stride(letters.entries(line.side), letters.reason(line.because), check_words(check))
            for line, check in zip(entry.lines, found.by_entries, strict=True)
            if check.holds
        )
        yield Heading(0, ("Entry by entry",))
        yield Strides(letters.entries(entry.left), strides, "the proof entry by entry")
        yield Heading(0, ("By differentials",))
        if equation.name == "BP3":
            yield Paragraph(("In the same lines as BP4, below.",))
            return
        yield Paragraph(
            said("Only {moving} may change; everything else is held.", moving=self._moving(equation))
        )
        change = letters.array("dC")
        told = tuple(
            Stride(letters.pairs(line.side), letters.reason(line.because), check_words(check))
            for line, check in zip(pairs.lines, found.by_differentials, strict=True)
            if check.holds
        )
        yield Strides(change, told, "the proof by differentials")
        beside = "it" if len(equation.fragment.by) == 1 else "each"
        lies = self.theory.notation.layout == "numerator" and equation.name not in ERRORS
        yield Paragraph(
            said(
                f"This holds for every {{moved}}, so what stands beside {beside} is the gradient"
                f"{', in the numerator layout transposed' if lies else ''}: {{gradient}}.",
                moved=self._moving(equation, "d"),
                gradient=self._read_off(equation),
            )
        )

    def _moving(self, equation: Equation, sign: str = "") -> Prose:
        names: list[Prose] = [(self.letters.array(f"{sign}{array.key}"),) for array in equation.fragment.by]
        return listed(names)

    def _read_off(self, equation: Equation) -> Prose:
        layout = self.theory.notation.layout
        same = [one.laid_out(layout) for one in self.equations if one.fragment == equation.fragment]
        shown: list[Prose] = [
            (equals(self.letters.matrix(one.array), self.letters.matrix(one.expr)),) for one in same
        ]
        return listed(shown)

    def _induction(self) -> Iterator[Block]:
        array = self.letters.array
        yield Paragraph(
            said(
                "By induction on {l}, downwards from {L}: BP1 gives {last}, and where {above} is known, BP2 "
                "gives {error}. So every error is known after one pass back, and BP3 and BP4 give all "
                "gradients from the errors and the activations of the pass forward.",
                last=array("dC/dzL"),
                above=array("dC/dzl+1"),
                error=array("dC/dzl"),
            )
        )

    # -- the long product --------------------------------------------------------------------------

    def _long_product(self) -> Iterator[Block]:
        letters = self.letters
        general, inside = general_product(self.plain)
        whole = general.laid_out(self.theory.notation.layout)
        within = letters.matrix(inside)

        def shown(key: str) -> Tree:
            return Row((Ident(DOTS), within, Ident(DOTS))) if key == DOTS else letters.array(key)

        nested = tree_of_matrix(whole.nested, shown)
        left = letters.matrix(whole.array)
        yield Paragraph(said("BP2 put into itself from layer {L} down, then BP4:"))
        yield Chain((Piece("", left), Piece("=", nested)))
        braces = Braces(letters.array, lambda layer: diagonal(self.theory.notation, layer))
        meaning, *_ = braces.meanings(whole)
        yield Paragraph(
            said("Written with diagonal matrices, {meaning}, it is one product of matrices:", meaning=meaning)
        )
        first, *rest = braces.factors(whole)
        pieces = (Piece("", left), Piece("=", first), *(Piece("", factor) for factor in rest))
        yield Chain(pieces)
        yield Paragraph(
            said(
                "Its factors multiplied out, and its nested form, were checked in networks of "
                f"one to {spelled(max(map(len, DEPTHS)) - 1)} layers: {{check}}.",
                check=check_words(self.product),
            ),
            quiet=True,
        )

    # -- by cases ----------------------------------------------------------------------------------

    def _cases(self) -> Iterator[Block]:
        rule = case_rule(replace(_quadratic(self.plain.letter), notation=self.theory.notation))
        assert rule is not None, "a network with a cost has a rule"
        yield Paragraph(
            said(
                "BP1 and BP2 for one unit, without naming layers, here for the quadratic cost; {k} runs over "
                "the units that unit {j} feeds:"
            )
        )
        yield Chain((Piece("", rule.left), Piece("=", rule.tree)))
        yield Paragraph(
            said(
                "Where the slope of the output activation cancels against the cost’s, or the cost has the "
                "activation in itself and is taken on logits, the error of an output unit is a difference; "
                "in the sums over the outputs, {k} runs over all of them:"
            )
        )
        yield from output_rules(self.theory.notation, self.plain.letter)

    # -- other steps -------------------------------------------------------------------------------

    def _other_steps(self) -> Iterator[Block]:
        yield Paragraph(("The same sweep over a changed step. What is not listed stays as it is.",))
        yield from self.others.blocks()
        yield Heading(len(STEPS) + 1, (f"the {self._other_layout} layout",))
        yield Paragraph(
            ("In the numerator layout a gradient has the shape of its transpose; the errors stay columns.",)
        )
        changed = (row for row in self._laid_out(self._other_layout) if row[0].name not in ERRORS)
        yield equation_table(self.letters, tuple(changed))

    @property
    def _other_layout(self) -> str:
        """The layout that the page is not written in."""
        return "denominator" if self.theory.notation.layout == "numerator" else "numerator"

    # -- how ---------------------------------------------------------------------------------------

    def _how(self) -> Iterator[Block]:
        sizes = [("-".join(map(str, shape)),) for shape, _ in SIZES["plain"]]
        phi, cost = self._phi(), self.letters.array("C")
        yield Paragraph(
            said(
                "The equations hold for any widths. Each line was checked, with symbols for all entries, in "
                "the networks {sizes}, those of other steps in smaller ones.",
                sizes=listed(sizes),
            )
        )
        yield Paragraph(
            said(
                "{proved}: every name in a line is replaced by what it means in the forward pass, a "
                "derivative by SymPy’s own of that pass, with {phi} and {cost} left unspecified; the two "
                "sides are then the same formula.",
                proved=Toned("strong", ("Proved",)),
                phi=phi,
                cost=cost,
            )
        )
        yield Paragraph(
            said(
                "{number}: at random numbers, with tanh, softplus and a cubic in turn for {phi}, every "
                "derivative is a difference of two forward passes in arithmetic of 150 digits. Both sides "
                f"agree to {ENOUGH_DIGITS} digits or more.",
                number=Toned("strong", ("By number",)),
                phi=phi,
            )
        )


def _arrays(step: MatrixStep) -> Iterator[Array]:
    """What a step makes and reads."""
    yield step.array
    yield from (change.array for change in changes(step.expr))


def _quadratic(letter: str) -> Problem:
    """Two layers of any activation with the quadratic cost."""
    layer = {"units": 2, "activation": "general"}
    network = {"inputs": 2, "cost": "half_squared_error", "layers": [layer, layer]}
    return load_problem({"network": network, "notation": {"function": letter}})
