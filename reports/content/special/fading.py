"""How the gradient fades or grows on its way back through the layers: the product of slopes and weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log10

from derive.functions import any_layer_name, function_names
from derive.notation import of_any_layer
from derive.problem import Network, Notation, Problem
from derive.rules import Activation
from derive.special.vanishing import Bound, slope_bound
from derive.theory.letters import Letters
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import (
    Call,
    Fence,
    Ident,
    Prime,
    Row,
    Text,
    Tree,
    equals,
    negated,
    partial,
    plus,
    product,
)
from numeric.fading import Faded, fading
from reports.content.desk import Desk, in_line
from reports.content.page import Block, Chain, Column, Figure, Paragraph, Part, Piece, Prose, Section, Table
from reports.content.samples import sample_name
from reports.content.values import FACTOR_DIGITS
from reports.content.wording import listed, said, spelled
from reports.drawing.plot import Curve, Plot, Point
from reports.numbers import number_tree, typeset

LAYER, ABOVE = "l", "l+1"

LEAST_DRAWN = 3
"""Layers of a network whose errors are drawn: two bars would show nothing that a number does not."""

LEAST_BARS = 2
"""Errors that are not 0, of those that are drawn."""

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
    samples = desk.samples or (desk.worked,)
    found = fading(network, samples, max(len(desk.problem.x), 1))
    if found is None or found[0] == 0:
        return None
    blocks = tuple(_blocks(desk, network, *found))
    return Section("fading", ("How the gradient fades or grows",), blocks)


def _blocks(desk: Desk, network: Network, last: Fraction, rows: tuple[Faded, ...]) -> Iterator[Block]:
    name = any_layer_name(network, desk.problem.notation)
    letters = _Letters(desk.problem.notation, desk.derivation.batched, name)
    yield Paragraph(_words(letters))
    yield Paragraph(_length_words(desk, letters), quiet=True)
    if all(size == 1 for size in network.sizes[1:]):
        yield from _product(desk, network)
    else:
        yield Chain(tuple(_inequality(letters)))
    yield from _bounds(desk.problem, network)
    yield _table(letters, network, last, rows)
    bars = sum(size != 0 for size in (last, *(row.error for row in rows)))
    if network.depth >= LEAST_DRAWN and bars >= LEAST_BARS:
        yield Figure(_plot(letters, network, last, rows), ("The length of the error of each layer.",))
    yield Paragraph(tuple(_verdict(letters, last, rows)))


def _words(letters: _Letters) -> Prose:
    return said(
        "On its way back the error of a layer, {error}, takes a factor {slope} and the weights of the layer "
        "above at each layer it passes. Where these are small, the error fades; where they are large, it "
        "grows.",
        error=equals(letters.error(), in_line(partial(letters.cost, letters.z))),
        slope=letters.slope,
    )


def _length_words(desk: Desk, letters: _Letters) -> Prose:
    """Which length is meant, and whose: of a batch that of all samples, or of as many as were worked out."""
    worked, count = len(desk.samples), len(desk.problem.x)
    whose = f"{{error}} holds the errors of {_of_samples(worked, count)}. " if letters.batched else ""
    return said(
        f"{whose}The length {{length}}, and {{weights}} alike, is the root of the sum of the squares of all "
        "entries.",
        error=letters.error(),
        length=letters.length(),
        weights=letters.weights,
    )


def _of_samples(worked: int, count: int) -> str:
    return f"all {spelled(count)} samples" if worked == count else f"the first {worked} of {count:,} samples"


@dataclass(frozen=True)
class _Letters:
    """The arrays of a layer in the page's letters: δ^l and z^{(l)}, of a batch Δ^l and Z^{(l)}.

    name  that of a layer's function
    """

    notation: Notation
    batched: bool
    name: str

    def _array(self, key: str) -> Tree:
        return Letters(self.notation).array(key)

    @property
    def cost(self) -> Tree:
        return self._array("C")

    def error(self, layer: str = LAYER) -> Tree:
        return self._array(f"dC/d{'Z' if self.batched else 'z'}{layer}")

    def length(self, layer: str = LAYER) -> Tree:
        return Fence("‖", self.error(layer), "‖")

    @property
    def weights(self) -> Tree:
        return Fence("‖", self._array(f"W{ABOVE}"), "‖")

    @property
    def z(self) -> Tree:
        return self._array(f"{'Z' if self.batched else 'z'}{LAYER}")

    @property
    def slope(self) -> Tree:
        """φ′(z^l)"""
        return Call(Prime(spell(self.name)), (self.z,))


def _inequality(letters: _Letters) -> Iterator[Piece]:
    """‖δ^l‖ ≤ max |φ′(z^l)| ‖W^{l+1}‖ ‖δ^{l+1}‖"""
    yield Piece("", letters.length())
    most = Row((Ident("max", upright=True), Fence("|", letters.slope, "|")))
    yield Piece("≤", product(most, letters.weights, letters.length(ABOVE), sign="·"))


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
    of_one: Prose = ()
    if desk.derivation.batched:
        of_one = (f"sample {sample_name(desk, desk.sample)} alone, whose cost is ", desk.letter("C"))
    yield Chain(pieces, of_one, "route" if of_one else "chain")


def _at(network: Network, key: str, desk: Desk) -> Tree:
    """σ′(z²)"""
    layer = int(key[1 : key.index("[")])
    name = function_names(network, desk.problem.notation)[layer - 1]
    return Call(Prime(spell(name)), (desk.letter(key),))


# -- bounds ----------------------------------------------------------------------------------------


def _bounds(problem: Problem, network: Network) -> Iterator[Block]:
    """What each hidden layer's slope cannot exceed, and why."""
    names = zip(network.layers[:-1], function_names(network, problem.notation), strict=False)
    for name, rule in {name: layer.activation for layer, name in names}.items():
        bound = slope_bound(rule)
        if bound is not None:
            yield Paragraph(tuple(_bound_words(rule, bound, name, problem)))


def _bound_words(rule: Activation, bound: Bound, name: str, problem: Problem) -> Iterator[Part]:
    most = _number(bound)
    if bound.steps:
        yield f"The slope of {rule.words} is "
        yield from listed([(tree_of(step, lambda s: spell(s.name)),) for step in bound.steps], " or ")
        yield ": it is constant on each branch." if len(bound.steps) > 1 else " everywhere."
        return
    yield f"The slope of {rule.words} is nowhere larger than "
    yield most
    if bound.slope is None or bound.at is None:
        yield ": on each of its branches it only rises or only falls, and its ends are no larger."
        return
    yield ": "
    a, z = spell(problem.notation.activation), spell(problem.notation.weighted_input)
    sides = (tree_of(expr, lambda _: a) for expr in (bound.slope, bound.gap))
    first, square = (of_any_layer(problem, side) for side in sides)
    apart = plus(most, negated(square))
    slope = Call(Prime(spell(name)), (z,))
    yield equals(slope, first) if apart == first else equals(slope, first, apart)
    yield ", which is largest at "
    yield equals(a, tree_of(bound.at, lambda _: a))
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
        (letters.length(),),
        ("to the one above",),
        ("largest ", Fence("|", letters.slope, "|")),
        ("bound",),
        (letters.weights,),
    ]
    shares = (0.1, 0.2, 0.2, 0.18, 0.14, 0.18)
    columns = tuple(Column(head, share, right=share > 0.1) for head, share in zip(heads, shares, strict=True))
    top: tuple[Prose, ...] = ((str(network.depth),), (number_tree(last),), (), (), (), ())
    below = tuple(_row(network, row) for row in rows)
    return Table("fading", "the length of the error, layer by layer", columns, (top, *below))


def _row(network: Network, row: Faded) -> tuple[Prose, ...]:
    bound = slope_bound(network.layer(row.layer).activation)
    known: Prose = ("none known",) if bound is None else (_number(bound),)
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
    curve = Curve(letters.length(), runs, "cost")
    return Plot(label, (0.0, network.depth + 1.0), (low, high), Text("layer"), (curve,), powers=powers)


def _bar(layer: int, low: float, height: float) -> tuple[Point, ...]:
    left, right = layer - HALF, layer + HALF
    return (left, low), (left, height), (right, height), (right, low)


def _verdict(letters: _Letters, last: Fraction, rows: Sequence[Faded]) -> Iterator[str | Tree]:
    """From the output to the first layer, as a whole."""
    first = rows[-1].error
    if first == 0:
        at = " at every one of these samples" if letters.batched else ""
        highest = next(row.layer for row in rows if row.error == 0)
        yield f"Nothing reaches the first layer: the error of layer {highest} is 0{at}."
        return
    whole = first / last
    yield "From the last layer to the first the error "
    if whole == 1:
        yield "keeps its length."
        return
    yield "fades" if whole < 1 else "grows"
    yield " to "
    yield number_tree(whole, 4)
    yield " of its length." if whole < 1 else " times its length."
    bound = Fraction(1)
    for row in rows:
        bound *= row.bound
    yield " The products of largest slope and weights allow "
    yield number_tree(bound, 4)
    yield " at most."
