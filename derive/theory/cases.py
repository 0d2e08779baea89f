"""The rule for the error of a unit as a case distinction, with the problem's own cost and activations.

    δ_j = (a_j - y_j) σ'(z_j)         if j is an output unit
          σ'(z_j) Σ_k w_kj δ_k        if j is a hidden unit

Read off BP1 and BP2 of the network, whose layers the cases stand for. Where the slope
of the output activation cancels against the cost's, what they come to together is
told: a_j - y_j of softmax with cross-entropy.

Source: Rumelhart, Hinton, Williams (1986), Learning representations by back-propagating errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import sympy as sp

from derive.matrix.expr import put_in
from derive.matrix.indexed import Entries
from derive.matrix.network import network_program
from derive.matrix.reading import AS_IN_BOOKS
from derive.matrix.sweep import matrix_sweep
from derive.notation import write_entry
from derive.problem import Network, Problem
from derive.special.pairs import A_J, SHARE, TARGETS, Y_J, Z_J, Pair
from derive.steps import first_sample
from derive.sweep import adjoint
from derive.theory.letters import Letters
from derive.theory.scheme import SEVERAL
from derive.whole_functions import Summed
from derive.writing.from_sympy import tree_of
from derive.writing.tree import Cases, Ident, Row, Sum, Text, Tree, partial

UNIT = re.compile(r"(?P<letter>dC/dz|[wbzay])\d*\[(?P<first>\w+)(?:,(?P<second>\w+))?\]")
"""An entry of any layer."""

SLOPE = re.compile(r"d(a\d*\[\w+\])/d(z\d*\[\w+\])")


Span = Literal["none", "outputs", "next", "own and next"]
"""The units that the letters of a case's sums run over: k, and where there are two sums k and m."""


@dataclass(frozen=True, slots=True)
class Case:
    """The error of a unit of these layers.

    entry  in the keys of the lowest of the layers
    """

    layers: tuple[int, ...]
    entry: sp.Expr
    tree: Tree
    span: Span


@dataclass(frozen=True)
class CaseRule:
    """left = cases, errors of one sample's cost.

    total  what the targets are taken to add up to, where a case needs it
    """

    left: Tree
    cases: tuple[Case, ...]
    depth: int
    total: int | None = None

    @property
    def spans(self) -> frozenset[Span]:
        """What letters run over in some case."""
        return frozenset(case.span for case in self.cases)

    @property
    def tree(self) -> Cases:
        """The cases behind one brace, each with the units that it is about."""
        hidden = len(self.cases) - 1
        words = (f" is {self._unit(case, hidden)}" for case in self.cases)
        rows = zip(self.cases, words, strict=True)
        return Cases(tuple((case.tree, Row((Ident("j"), Text(text)))) for case, text in rows))

    def _unit(self, case: Case, hidden: int) -> str:
        if case.layers == (self.depth,):
            return "an output unit"
        if hidden == 1:
            return "a hidden unit"
        return f"a unit of layer {' or '.join(map(str, case.layers))}"


def case_rule(problem: Problem) -> CaseRule | None:
    """The rule of a network's hidden and output units, for one sample's own cost.

    None where there is no cost, or where the error of an output is a sum over all of them.
    """
    network = problem.body
    if not isinstance(network, Network) or network.cost is None:
        return None
    activation = network.layers[-1].activation
    if not Pair.is_possible(activation, network.cost):
        return None
    pair = Pair(activation, network.cost)
    if network.cost.couples and (not pair.is_derived or pair.unassumed.other != 0):
        return None
    letters = Letters(problem.notation)
    told = pair if pair.comes_together or network.cost.couples else None
    total = told.total if told and _adds_up(problem, told) else None
    written: dict[Tree, Case] = {}
    for layer, swept in _errors(problem, network):
        entry = _together(told, network, total) if told and layer == network.depth else swept
        tree = _layerless(tree_of(entry, lambda symbol: _letter(problem, letters, symbol.name), AS_IN_BOOKS))
        before = written.get(tree)
        layers = (layer, *(before.layers if before else ()))
        written[tree] = Case(layers, entry, tree, _span(network, layer, entry))
    return CaseRule(letters.unplaced("delta", "j"), tuple(written.values()), network.depth, total)


def _adds_up(problem: Problem, pair: Pair) -> bool:
    """Whether the targets of every sample add up to what the pair takes them to, as far as they are known."""
    sums = (sum(target for target in row if target is not None) for row in problem.y if None not in row)
    return all(found == pair.total for found in sums)


def _together(pair: Pair, network: Network, total: int | None) -> sp.Expr:
    """What activation and cost come to together at unit j; without `total` for any targets."""
    terms = pair.result if total == pair.total else pair.unassumed
    depth, k = network.depth, sp.Symbol("k")
    size = sp.Symbol(f"n_{depth}")
    own, other = (sp.Symbol(f"a{depth}[{unit}]") for unit in "jk")
    letters = {A_J: own, Y_J: sp.Symbol("y[j]"), Z_J: sp.Symbol(f"z{depth}[j]")}
    # p_j of a cost on logits, which has softmax in itself
    letters[SHARE] = sp.exp(own) / Summed(sp.exp(other), k, size)
    letters[TARGETS] = Summed(sp.Symbol("y[k]"), k, size)
    return terms.own.xreplace(letters)


def _span(network: Network, layer: int, entry: sp.Expr) -> Span:
    """A rule that reads a whole layer has a sum over that layer; a hidden unit's error, one over the next."""
    if layer == network.depth:
        return "outputs" if entry.has(Summed) else "none"
    rule = network.layer(layer).activation
    return "own and next" if rule.couples or rule.pieces > 1 else "next"


def _errors(problem: Problem, network: Network) -> Iterator[tuple[int, sp.Expr]]:
    """One entry of the error of each layer, the last one first; of that with the cost's slope in full."""
    program = network_program(first_sample(problem), batch=False)
    # Written for any unit of several, though it may be the only one.
    program = replace(program, sizes=dict.fromkeys(program.sizes, SEVERAL))
    found = {one.by.key: one for one in matrix_sweep(program, "C", ["z1"])}
    read = Entries(program, letters=True)
    for layer in range(network.depth, 0, -1):
        error, outputs = found[f"z{layer}"], found[f"a{layer}"]
        inside = outputs.usual if layer == network.depth else outputs.expr
        assert error.expr is not None and inside is not None, "every layer is on the way to the cost"
        whole = put_in(error.expr, {adjoint("C", f"a{layer}"): inside})
        yield layer, read.of(whole, "j", 1)


def _letter(problem: Problem, letters: Letters, key: str) -> Tree:
    """A quantity without its layer."""
    slope = SLOPE.fullmatch(key)
    if slope is not None:
        above, below = (_letter(problem, letters, part) for part in slope.groups())
        return partial(above, below)
    match = UNIT.fullmatch(key)
    if match is None:
        return write_entry(problem, key)
    letter = "delta" if match["letter"].startswith("d") else match["letter"]
    return letters.unplaced(letter, match["first"], match["second"])


def _layerless(tree: Tree) -> Tree:
    """Sums over all units that are fed, whatever their number."""
    if isinstance(tree, Sum):
        below = tree.below.items[0] if isinstance(tree.below, Row) else tree.below  # k of k = 1
        return Sum(_layerless(tree.body), below)
    return replace(tree, **{field.name: _part(getattr(tree, field.name)) for field in fields(tree)})


def _part(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(map(_part, part))
    return _layerless(part) if isinstance(part, Tree) else part
