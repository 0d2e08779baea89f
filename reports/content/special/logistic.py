"""Logistic regression on its page: the likelihood, the gradient, and why the cost is convex."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy as sp

from derive.notation import sample_mark
from derive.problem import Network
from derive.rules import A, Y, Z
from derive.special.logistic import X_J, X_K, is_logistic, is_proved, likelihood
from derive.writing.from_arrays import TRANSPOSED
from derive.writing.from_sympy import tree_of
from derive.writing.spelling import spell
from derive.writing.tree import (
    Call,
    Ident,
    Matrix,
    Num,
    Script,
    Tree,
    bracketed,
    negated,
    partial,
    plus,
    power,
    product,
    quotient,
    summed,
)
from numeric.proofs.logistic import hessian
from reports.content.desk import Desk
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
from reports.content.wording import said

MOST_SIZE = 5
"""Weights of a Hessian that is printed."""

MOST_SAMPLES = 200

I = Ident("i")


def logistic_section(desk: Desk) -> Section | None:
    """The section of a one-layer sigmoid network with binary cross-entropy; None for others."""
    network = desk.problem.body
    if not isinstance(network, Network) or not is_logistic(network) or not is_proved():
        return None
    if any(parameter.shared for parameter in desk.problem.parameters):
        return None
    return Section("logistic", ("Logistic regression",), tuple(_blocks(desk, network)))


def _blocks(desk: Desk, network: Network) -> Iterator[Block]:
    letters = _Letters(desk)
    if network.sizes[-1] > 1:
        yield Paragraph(("For each output by itself; its index is left out here.",), quiet=True)
    yield Heading(1, ("The cost is a likelihood",))
    yield from _likelihood(letters, penalised=bool(network.l2))
    yield Heading(2, ("The gradient",))
    yield from _gradient(letters, network)
    yield Heading(3, ("The cost is convex",))
    yield from _convexity(desk, letters, network)


class _Letters:
    """The letters of one sample, marked by (i) where there are several."""

    def __init__(self, desk: Desk) -> None:
        notation = desk.problem.notation
        own = {A: notation.activation, Y: notation.target, Z: notation.weighted_input}
        self._names = {**own, X_J: "x_j", X_K: "x_k"}
        self.several = desk.derivation.batched
        self.whole = spell(notation.cost)
        self.cost = desk.letter("C")
        self._mark = sample_mark("i", notation.style)
        self.input = self._marked(Ident("x"))

    def _marked(self, tree: Tree) -> Tree:
        if not self.several:
            return tree
        base, sub = (tree.base, tree.sub) if isinstance(tree, Script) else (tree, None)
        return Script(base, sub, self._mark)

    def __call__(self, symbol: sp.Symbol) -> Tree:
        return self._marked(spell(self._names[symbol]))

    def write(self, expr: sp.Expr) -> Tree:
        return tree_of(expr, self)

    def over_samples(self, body: Tree, network: Network) -> Tree:
        """(1/n) Σ over the samples, or their sum, or the only one."""
        if not self.several:
            return body
        total = summed(body, I)
        mean = network.reduction == "mean"
        return product(quotient(Num("1"), Ident("n")), total) if mean else total


def _likelihood(letters: _Letters, *, penalised: bool) -> Iterator[Block]:
    chance, _ = likelihood()
    yield Paragraph(
        said(
            "Read {a} as the chance that the target is 1. Then a target {y} of 0 or 1 has the chance",
            a=letters(A),
            y=letters(Y),
        )
    )
    yield Chain((Piece("", Ident("P")), Piece("=", letters.write(chance))))
    lines = (
        (negated(Call(Ident("ln", upright=True), (letters.write(chance),))), ("its negative logarithm",)),
        (letters.write(likelihood()[1]), ("logarithm of a product, and of powers",)),
    )
    yield Strides(letters.cost, _proved(lines), "the cost as a likelihood")
    drawn = "; the L2 term draws it towards smaller weights" if penalised else ""
    yield Paragraph((f"The cost is least where the likelihood of all targets together is largest{drawn}.",))


def _proved(lines: Iterable[tuple[Tree, Prose]]) -> tuple[Stride, ...]:
    return tuple(Stride(formula, because, (Toned("good", ("proved",)),)) for formula, because in lines)


def _gradient(letters: _Letters, network: Network) -> Iterator[Block]:
    slope = partial(letters.cost, spell("w_k"))
    error, z = letters.write(A - Y), letters(Z)
    lines = (
        (product(partial(letters.cost, z), partial(z, spell("w_k")), sign="·"), ("chain rule",)),
        (product(bracketed(error), letters(X_K)), ("the sigmoid’s slope cancels; linear in the weight",)),
    )
    yield Strides(slope, _proved(lines), "the gradient")
    whole = letters.over_samples(product(bracketed(error), letters.input), network)
    pieces = [Piece("", partial(letters.whole, Ident("w"))), Piece("=", _with_l2(whole, network, Ident("w")))]
    where = "over all samples, for all weights at once" if letters.several else "for all weights at once"
    yield Chain(tuple(pieces), (where,))


def _with_l2(tree: Tree, network: Network, term: Tree) -> Tree:
    if not network.l2:
        return tree
    return plus(tree, product(quotient(spell("lambda"), Ident("n")), term))


def _convexity(desk: Desk, letters: _Letters, network: Network) -> Iterator[Block]:
    weight = letters.write(A * (1 - A))
    second = partial(letters.cost, spell("w_j"), spell("w_k"))
    lines = (
        (
            product(partial(letters(A), spell("w_j")), letters(X_K), sign="·"),
            said("only {a} depends on the weight", a=letters(A)),
        ),
        (product(weight, letters(X_J), letters(X_K)), ("derivative of the sigmoid",)),
    )
    yield Strides(second, _proved(lines), "the second derivatives")
    outer = product(weight, letters.input, power(bracketed(letters.input), TRANSPOSED))
    if not letters.several:
        outer = product(weight, Ident("x"), power(Ident("x"), TRANSPOSED))
    H, v = Ident("H"), Ident("v")
    yield Chain(
        (Piece("", H), Piece("=", _with_l2(letters.over_samples(outer, network), network, Ident("I"))))
    )
    square = power(bracketed(product(power(v, TRANSPOSED), letters.input)), Num("2"))
    form = letters.over_samples(product(weight, square), network)
    length = product(power(v, TRANSPOSED), v)
    quadratic = product(power(v, TRANSPOSED), H, v)
    pieces = (Piece("", quadratic), Piece("=", _with_l2(form, network, length)), Piece("≥", Num("0")))
    yield Chain(pieces)
    if network.l2 and network.layers[0].biases is not None:
        yield Paragraph(
            said("The L2 term leaves the bias out: {I} and {length} are of the weights alone.", length=length)
        )
    yield Paragraph(
        said(
            "A sum of squares, each times {weight}, which lies between 0 and 1/4: along no direction {v} "
            "does the cost bend down. So it has no hills and no second valley: where the gradient is 0, the "
            "cost is as small as it can be.",
            weight=weight,
        )
    )
    yield from _numbers(desk, network)


def _numbers(desk: Desk, network: Network) -> Iterator[Block]:
    problem = desk.problem
    size = network.sizes[0] + (network.layers[0].biases is not None)
    if desk.worked is None or not problem.x or size > MOST_SIZE or len(problem.x) > MOST_SAMPLES:
        return
    entries = hessian(problem)
    if not all(entry.defined for row in entries for entry in row):
        return
    matrix = Matrix(tuple(tuple(value_tree(entry, FACTOR_DIGITS) for entry in row) for row in entries))
    bias = ", the bias last: its input is always 1" if network.layers[0].biases is not None else ""
    unit = " of the first output" if network.sizes[-1] > 1 else ""
    yield Chain((Piece("", Ident("H")), Piece("=", matrix)), (f"at the weights{unit} given{bias}",))
