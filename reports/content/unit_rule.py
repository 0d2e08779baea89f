"""The error of any unit by cases, and the gradient of the first layer as one product of matrices.

δ_j = (a_j − y_j) φ′(z_j) if j is an output unit, φ′(z_j) Σ_k w_kj δ_k if it is hidden

∂C/∂W¹ = D¹ (W²)ᵀ D² ∂C/∂a² xᵀ
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.problem import Network
from derive.theory.braces import braces_of
from derive.theory.cases import case_rule
from derive.theory.product import long_product
from numeric.lines import ENOUGH_DIGITS
from numeric.products import check_product
from reports.content.desk import Desk
from reports.content.page import Block, Chain, Heading, Paragraph, Piece, Section, Toned
from reports.content.wording import listed

NOT_CHECKED = Toned("open", ("Its value could not be checked at these numbers.",))

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
    words = "The layer’s number is left out: k runs over the units of the next layer, which j feeds."
    yield Paragraph((words,), quiet=True)


def _product(desk: Desk) -> Iterator[Block]:
    whole = long_product(desk.problem)
    if whole is None:
        return
    braces = braces_of(desk.problem)
    yield Heading(0, ("The first layer’s gradient as one product",))
    signs = ("=", *("" for _ in whole.factors))
    left = braces.array(whole.array.key)
    pieces = zip(signs, braces.factors(whole), strict=False)
    yield Chain((Piece("", left), *(Piece(sign, factor) for sign, factor in pieces)))
    meanings = [(meaning,) for meaning in braces.meanings(whole)]
    digits = check_product(desk.problem, 1)
    words = (
        f"Multiplied out, it is the scalar derivative to {ENOUGH_DIGITS} digits or exactly, at every entry."
    )
    checked = Toned("good", (words,)) if digits >= ENOUGH_DIGITS else NOT_CHECKED
    about = ("Here ", *listed(meanings), ". ") if meanings else ()
    yield Paragraph((*about, checked), quiet=True)
