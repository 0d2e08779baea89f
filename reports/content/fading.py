"""How the gradient fades or grows on its way back through the layers: the product of slopes and weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log10

from derive.problem import Network, Notation
from derive.rules import Activation
from derive.vanishing import Bound, slope_bound
from derive.writing.from_sympy import tree_of
from derive.writing.tree import (
    GREEK,
    Call,
    Fence,
    Ident,
    Num,
    Prime,
    Row,
    Script,
    Text,
    Tree,
    bracketed,
    equals,
    negated,
    partial,
    plus,
    product,
    spell,
)
from numeric.fading import Faded, fading
from reports.content.desk import Desk, in_line
from reports.content.page import Block, Chain, Column, Figure, Paragraph, Piece, Prose, Section, Table
from reports.content.values import FACTOR_DIGITS
from reports.content.words import one_sample_words
from reports.drawing.plot import Curve, Plot, Point
from reports.numbers import number_tree, typeset

LAYER = Ident("l")
ABOVE = plus(LAYER, Num("1"))

LEAST_DRAWN = 3
"""Layers of a network whose errors are drawn: two bars would show nothing that a number does not."""

STEEP = 100
"""Errors that span so many times their least are drawn over powers of ten."""

HALF = 0.32
"""Of the width of a bar."""


LARGEST_UNDER = 100
"""Under the bar of a bound that is written as a fraction."""


def fading_section(desk: Desk) -> Section | None:
    """The errors' lengths layer by layer; None for one layer, free numbers, or coupled hidden units."""
    network = desk.problem.body
    if not isinstance(network, Network) or network.cost is None or desk.worked is None or network.depth < 2:
        return None
    hidden = [layer.activation for layer in network.layers[:-1]]
    if any(layer.activation.pieces > 1 for layer in network.layers) or any(r.couples for r in hidden):
        return None
    found = fading(network, desk.worked)
    if found is None or found[0] == 0:
        return None
    blocks = tuple(_blocks(desk, network, *found))
    return Section("fading", ("How the gradient fades or grows",), blocks)


def _blocks(desk: Desk, network: Network, last: Fraction, rows: tuple[Faded, ...]) -> Iterator[Block]:
    if desk.cost_key != "C":
        yield Paragraph(one_sample_words(desk), quiet=True)
    letters = _Letters(desk.problem.notation)
    yield Paragraph(tuple(_words(desk, letters)))
    if all(size == 1 for size in network.sizes[1:]):
        yield from _product(desk, network)
    else:
        yield Chain(tuple(_inequality(letters)))
    yield from _bounds(network)
    yield _table(letters, network, last, rows)
    if network.depth >= LEAST_DRAWN:
        yield Figure(_plot(letters, network, last, rows), ("The length of the error of each layer.",))
    yield Paragraph(tuple(_verdict(last, rows)))


def _words(desk: Desk, letters: _Letters) -> Iterator[str | Tree]:
    error = spell("delta")
    yield "On its way back the error of a layer, "
    yield equals(letters.of("delta"), in_line(partial(desk.letter("C"), letters.z)))
    yield ", takes a factor "
    yield letters.slope
    yield " and the weights of the layer above at each layer it passes. Where these are small, "
    yield error
    yield " fades; where they are large, it grows."


@dataclass(frozen=True)
class _Letters:
    """Vectors and matrices of a layer in the page's letters: δ^l, z^{(l)}."""

    notation: Notation

    def of(self, letter: str, layer: Tree = LAYER) -> Tree:
        return Script(spell(letter), sup=bracketed(layer) if self.notation.style == "parenthesis" else layer)

    def length(self, letter: str, layer: Tree = LAYER) -> Tree:
        return Fence("‖", self.of(letter, layer), "‖")

    @property
    def z(self) -> Tree:
        return self.of(self.notation.weighted_input)

    @property
    def slope(self) -> Tree:
        """φ′(z^l)"""
        return Call(Prime(Ident("φ")), (self.z,))


def _inequality(letters: _Letters) -> Iterator[Piece]:
    """‖δ^l‖ ≤ max |φ′(z^l)| ‖W^{l+1}‖ ‖δ^{l+1}‖"""
    yield Piece("", letters.length("delta"))
    most = Row((Ident("max", upright=True), Fence("|", letters.slope, "|")))
    factors = (most, letters.length("W", ABOVE), letters.length("delta", ABOVE))
    yield Piece("≤", product(*factors, sign="·"))


def _product(desk: Desk, network: Network) -> Iterator[Block]:
    """The whole product of a chain of single units, in letters and in numbers."""
    assert desk.worked is not None
    first = desk.total_letter("C", "z1[1]")
    keys: list[tuple[str, str]] = []
    for l in range(1, network.depth):
        keys += [(f"a{l}[1]", f"z{l}[1]"), (f"z{l + 1}[1]", f"a{l}[1]")]
    top = f"z{network.depth}[1]"
    letters: list[Tree] = []
    numbers: list[Tree] = []
    for of, by in keys:
        factor = desk.derivation.factor(of, by)
        slopes_z = of.startswith("a")
        shown = _at(network, by, desk) if slopes_z else desk.slope_formula(factor, desk.letter)
        letters.append(shown)
        numbers.append(number_tree(desk.slope(factor).mid, FACTOR_DIGITS))
    letters.append(desk.total_letter("C", top))
    numbers.append(number_tree(desk.total("C", top).mid, FACTOR_DIGITS))
    value = number_tree(desk.total("C", "z1[1]").mid, FACTOR_DIGITS)
    pieces = (
        Piece("", first),
        Piece("=", product(*letters, sign="·")),
        Piece("=", product(*numbers, sign="·")),
        Piece("=", value),
    )
    yield Chain(pieces)


def _at(network: Network, key: str, desk: Desk) -> Tree:
    """σ′(z²)"""
    layer = int(key[1 : key.index("[")])
    return Call(Prime(_function(network.layer(layer).activation)), (desk.letter(key),))


def _function(rule: Activation) -> Tree:
    """σ, tanh"""
    letter = rule.letter
    return Ident(GREEK.get(letter, letter), upright=letter not in GREEK and len(letter) > 1)


# -- bounds ----------------------------------------------------------------------------------------


def _bounds(network: Network) -> Iterator[Block]:
    """What each hidden layer's slope cannot exceed, and why."""
    for rule in dict.fromkeys(layer.activation for layer in network.layers[:-1]):
        bound = slope_bound(rule)
        if bound is not None:
            yield Paragraph(tuple(_bound_words(rule, bound)))


def _bound_words(rule: Activation, bound: Bound) -> Iterator[str | Tree]:
    slope = Call(Prime(_function(rule)), (Ident("z"),))
    most = _number(bound)
    yield f"The slope of {rule.words} is nowhere larger than "
    if bound.slope is None or bound.at is None:
        yield most
        yield ": on each of its branches it only rises or only falls, and its ends are no larger."
        return
    yield most
    yield ": "
    first, square = (tree_of(expr, lambda _: Ident("a")) for expr in (bound.slope, bound.gap))
    apart = plus(most, negated(square))
    yield equals(slope, first) if apart == first else equals(slope, first, apart)
    yield ", which is largest at "
    yield equals(Ident("a"), tree_of(bound.at, lambda _: Ident("a")))
    yield "."


def _number(bound: Bound) -> Tree:
    """1/4 as it is, a long fraction rounded."""
    short = bound.most.q <= LARGEST_UNDER
    written = tree_of(bound.most, lambda symbol: spell(symbol.name))
    return written if short else number_tree(Fraction(int(bound.most.p), int(bound.most.q)), FACTOR_DIGITS)


# -- the numbers -----------------------------------------------------------------------------------


def _table(letters: _Letters, network: Network, last: Fraction, rows: Sequence[Faded]) -> Table:
    heads: list[Prose] = [
        ("layer",),
        (letters.length("delta"),),
        ("to the one above",),
        ("largest ", Fence("|", letters.slope, "|")),
        ("bound",),
        (letters.length("W", ABOVE),),
    ]
    shares = (0.1, 0.2, 0.2, 0.18, 0.14, 0.18)
    columns = tuple(Column(head, share, right=share > 0.1) for head, share in zip(heads, shares, strict=True))
    top: tuple[Prose, ...] = ((str(network.depth),), (number_tree(last),), ("–",), ("–",), ("–",), ("–",))
    below = tuple(_row(network, row) for row in rows)
    return Table("fading", "the length of the error, layer by layer", columns, (top, *below))


def _row(network: Network, row: Faded) -> tuple[Prose, ...]:
    bound = slope_bound(network.layer(row.layer).activation)
    known: Prose = ("–",) if bound is None else (_number(bound),)
    return (
        (str(row.layer),),
        (number_tree(row.error),),
        ("–",) if row.ratio is None else (number_tree(row.ratio, 4),),
        (number_tree(row.slope, 4),),
        known,
        (number_tree(row.weights, 4),),
    )


def _plot(letters: _Letters, network: Network, last: Fraction, rows: Sequence[Faded]) -> Plot:
    """A bar for each layer, from the input's side to the output."""
    sizes = {network.depth: last} | {row.layer: row.error for row in rows}
    seen = [float(size) for size in sizes.values() if size]
    powers = max(seen) > STEEP * min(seen)
    low, high = (floor(log10(min(seen))), ceil(log10(max(seen)))) if powers else (0.0, 1.1 * max(seen))
    if powers and low == log10(min(seen)):
        low -= 1
    heights = {l: (log10(size) if powers else float(size)) if size else low for l, size in sizes.items()}
    runs = tuple(_bar(l, low, heights[l]) for l in sorted(sizes))
    said = ", ".join(f"{typeset(sizes[l], 3)} in layer {l}" for l in sorted(sizes))
    label = f"the length of the error: {said}"
    curve = Curve(letters.length("delta"), runs, "cost")
    return Plot(label, (0.0, network.depth + 1.0), (low, high), Text("layer"), (curve,), powers=powers)


def _bar(layer: int, low: float, height: float) -> tuple[Point, ...]:
    left, right = layer - HALF, layer + HALF
    return (left, low), (left, height), (right, height), (right, low)


def _verdict(last: Fraction, rows: Sequence[Faded]) -> Iterator[str | Tree]:
    """From the output to the first layer, as a whole."""
    first = rows[-1].error
    whole = first / last
    yield "From the last layer to the first the error "
    if whole == 1:
        yield "keeps its length."
        return
    yield "fades" if whole < 1 else "grows"
    yield " to "
    yield number_tree(whole, 4)
    yield " of its length."
    bound = Fraction(1)
    for row in rows:
        bound *= row.bound
    yield " The products of largest slope and weights allow "
    yield number_tree(bound, 4)
    yield " at most."
