"""The error of any unit by cases, and the gradient of the first layer as one product of matrices.

δ_j = (a_j − y_j) φ′(z_j) if j is an output unit, φ′(z_j) Σ_k w_kj δ_k if it is hidden

∂C/∂W¹ = D¹ (W²)ᵀ D² ∂C/∂a² xᵀ, and where samples are rows xᵀ ∂C/∂a² D² (W²)ᵀ D¹

Both are of one sample's cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from derive.problem import Network
from derive.theory.braces import braces_of
from derive.theory.cases import CaseRule, Span, case_rule
from derive.theory.letters import Letters
from derive.theory.product import long_product
from derive.writing.tree import equals, partial
from numeric.proofs.lines import ENOUGH_DIGITS
from numeric.proofs.products import check_product, has_many_routes
from reports.content.desk import Desk
from reports.content.page import Block, Chain, Heading, Paragraph, Part, Piece, Prose, Section, Toned
from reports.content.wording import listed

NOT_CHECKED = Toned("open", ("Its value could not be checked at these numbers.",))

RUNNING: Mapping[Span, str] = MappingProxyType(
    {
        "outputs": "in the error of an output unit k runs over all output units",
        "next": "in the error of a hidden unit k runs over the units of the next layer, which j feeds",
        "own and next": "where the error of a hidden unit has two sums, k runs over the units of its own "
        "layer and m over those of the next",
    }
)
"""What the letters of a case's sums run over."""

DEEPEST = 6
"""Layers whose factors stand side by side."""


def unit_rule_section(desk: Desk) -> Section | None:
    """Of a network of several layers; None where it has neither."""
    network = desk.problem.body
    if not isinstance(network, Network) or not desk.problem.objectives or not 1 < network.depth <= DEEPEST:
        return None
    blocks = (*_cases(desk), *_product(desk))
    heading = "One rule for every unit, one product for every weight"
    return Section("unit-rule", (heading,), blocks) if blocks else None


def _cases(desk: Desk) -> Iterator[Block]:
    rule = case_rule(desk.problem)
    if rule is None:
        return
    yield Heading(0, ("The error of unit j, whatever its layer",))
    yield Chain((Piece("", rule.left), Piece("=", rule.tree)))
    yield Paragraph((*_of_one_sample(desk), *_letters_of(rule)), quiet=True)


def _of_one_sample(desk: Desk) -> Prose:
    """What δ is, where the whole cost is more than one sample's."""
    if desk.cost_key == "C":
        return ()
    letters = Letters(desk.problem.notation)
    slope = partial(desk.letter("C"), letters.unplaced("z", "j"))
    return ("Here ", equals(letters.unplaced("delta", "j"), slope), ", of one sample’s cost. ")


def _letters_of(rule: CaseRule) -> Iterator[Part]:
    """What stands in the sums, and what is taken for granted."""
    told = [words for span, words in RUNNING.items() if span in rule.spans]
    yield f"The layer’s number is left out: {'; '.join(told)}."
    if rule.total is not None:
        yield f" The targets of a sample add up to {rule.total}."


def _product(desk: Desk) -> Iterator[Block]:
    whole = long_product(desk.problem)
    if whole is None:
        return
    braces = braces_of(desk.problem, desk.cost_key)
    yield Heading(0, ("The first layer’s gradient as one product",))
    signs = ("=", *("" for _ in whole.factors))
    left = braces.array(whole.array.key)
    pieces = zip(signs, braces.factors(whole), strict=False)
    yield Chain((Piece("", left), *(Piece(sign, factor) for sign, factor in pieces)))
    meanings = [(meaning,) for meaning in braces.meanings(whole)]
    digits = check_product(desk.problem, 1)
    narrower = " for the same network with narrower layers" if has_many_routes(desk.problem) else ""
    words = (
        f"Multiplied out{narrower}, it is the scalar derivative to {ENOUGH_DIGITS} digits or exactly, "
        "at every entry."
    )
    checked = Toned("good", (words,)) if digits >= ENOUGH_DIGITS else NOT_CHECKED
    about = ("Here ", *listed(meanings), ". ") if meanings else ()
    yield Paragraph((*_one_sample_words(desk), *about, checked), quiet=True)


def _one_sample_words(desk: Desk) -> Iterator[Part]:
    """Of what the product is, where that is not all: the rest is added to it."""
    if desk.problem.notation.samples == "rows":
        yield "A sample’s quantities are rows. "
    network = desk.problem.body
    assert isinstance(network, Network), "only a network has a product"
    rest = [
        *(["the sum over the samples"] if desk.derivation.batched else []),
        *(["the L2 term"] if network.l2 else []),
    ]
    if rest:
        verb = "are" if len(rest) > 1 else "is"
        yield "This is for one sample, whose cost is "
        yield desk.letter("C")
        yield f"; {' and '.join(rest)} {verb} added as above. "
