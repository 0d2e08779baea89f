"""A network without bends on its page: its layers collapse to one affine map."""

from __future__ import annotations

from collections.abc import Iterator

from derive.problem import Network, Notation
from derive.special.collapse import Lines, Rows, collapse, is_linear, lines_of
from derive.theory.letters import Letters
from derive.writing.tree import Ident, Matrix, Tree, bracketed, plus, product
from reports.content.desk import Desk
from reports.content.page import Block, Chain, Paragraph, Piece, Section, Stride, Strides, Toned
from reports.content.values import FACTOR_DIGITS
from reports.numbers import number_tree

MOST_ENTRIES = 8
"""Rows and columns of a matrix that is printed."""

MOST_LAYERS = 6
"""Deeper products are told by the last line."""


def collapse_section(desk: Desk) -> Section | None:
    """The section of a network whose hidden activations are all the identity; None for others."""
    network = desk.problem.body
    if not isinstance(network, Network) or not is_linear(network):
        return None
    return Section("collapse", ("The layers collapse to one",), tuple(_blocks(desk, network)))


def _blocks(desk: Desk, network: Network) -> Iterator[Block]:
    letters = _Letters(desk.problem.notation, network)
    yield Paragraph(
        (
            "No activation before the last layer bends, so ",
            letters.z(network.depth),
            " is one affine map of the input, and depth adds nothing that one layer could not do.",
        )
    )
    lines = list(lines_of(network))
    for line in lines[-1:] if network.depth > MOST_LAYERS else lines:
        strides = (
            _stride(
                letters.nested(line.layer), "layer 1 put in" if line.layer == 2 else "the layer’s own step"
            ),
            _stride(letters.multiplied(line), "put in and multiplied out, the constants together"),
        )
        yield Strides(letters.z(line.layer), strides, f"layer {line.layer} as a map of the input")
    yield from _numbers(desk, network, letters, lines[-1])


def _stride(formula: Tree, because: str) -> Stride:
    return Stride(formula, (because,), (Toned("good", ("proved",)),))


class _Letters:
    """W^2, b^2, z^2 in the style of the page."""

    def __init__(self, notation: Notation, network: Network) -> None:
        self._biased = {l for l in range(1, network.depth + 1) if network.layer(l).biases is not None}
        self._letters = Letters(notation)

    def of(self, letter: str, layer: int) -> Tree:
        return self._letters.array(f"{letter}{layer}")

    def z(self, layer: int) -> Tree:
        return self.of("z", layer)

    def weights(self, layers: tuple[int, ...]) -> tuple[Tree, ...]:
        return tuple(self.of("W", l) for l in layers)

    def nested(self, layer: int) -> Tree:
        """W²(W¹x + b¹) + b², and W³z² + b³ further up"""
        below = self.affine(1, Ident("x")) if layer == 2 else self.z(layer - 1)
        return self.affine(layer, below)

    def affine(self, layer: int, below: Tree) -> Tree:
        """W²z¹ + b², without b² in a layer that has no biases"""
        linear = product(self.of("W", layer), below)
        return plus(linear, self.of("b", layer)) if layer in self._biased else linear

    def constant(self, line: Lines) -> Tree:
        return plus(*(product(*self.weights(factors), self.of("b", l)) for factors, l in line.constant))

    def multiplied(self, line: Lines) -> Tree:
        """W²W¹x + (W²b¹ + b²)"""
        linear = product(*self.weights(line.linear), Ident("x"))
        return plus(linear, _together(self.constant(line), line)) if line.constant else linear


def _together(constant: Tree, line: Lines) -> Tree:
    return bracketed(constant) if len(line.constant) > 1 else constant


def _numbers(desk: Desk, network: Network, letters: _Letters, line: Lines) -> Iterator[Block]:
    found = collapse(desk.problem)
    if found is None or max(network.sizes[0], network.sizes[-1]) > MOST_ENTRIES:
        return
    W, b = Ident("W"), Ident("b")
    yield Chain(
        (Piece("", W), Piece("=", product(*letters.weights(line.linear))), Piece("=", _matrix(found.weights)))
    )
    if line.constant:
        yield Chain((Piece("", b), Piece("=", letters.constant(line)), Piece("=", _matrix(found.bias))))
    if desk.worked is None or not desk.problem.x:
        return
    x = tuple((value,) for value in desk.problem.x[desk.sample - 1] if value is not None)
    value = found.at(x)
    computed = [desk.worked.values[f"z{network.depth}[{j}]"] for j in range(1, network.sizes[-1] + 1)]
    if all(one.lo == row[0] == one.hi for one, row in zip(computed, value, strict=True)):
        yield Chain(
            (
                Piece("", letters.z(network.depth)),
                Piece("=", _affine(W, Ident("x"), b, line)),
                Piece("=", _affine(_matrix(found.weights), _matrix(x), _matrix(found.bias), line)),
                Piece("=", _matrix(value)),
            )
        )
        yield Paragraph(("Exactly what the forward pass gives, layer by layer.",), quiet=True)


def _affine(weights: Tree, x: Tree, bias: Tree, line: Lines) -> Tree:
    linear = product(weights, x)
    return plus(linear, bias) if line.constant else linear


def _matrix(rows: Rows) -> Tree:
    """The matrix; one of a single entry is a number."""
    entries = tuple(tuple(number_tree(value, FACTOR_DIGITS) for value in row) for row in rows)
    return entries[0][0] if len(entries) == len(entries[0]) == 1 else Matrix(entries)
