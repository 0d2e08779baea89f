"""The rule for the error of a unit as a case distinction, with the problem's own cost and activations.

    δ_j = (a_j - y_j) σ'(z_j)         if j is an output unit
          σ'(z_j) Σ_k w_kj δ_k        if j is a hidden unit

Read off BP1 and BP2 of the network, whose layers the cases stand for.

Source: Rumelhart, Hinton, Williams (1986), Learning representations by back-propagating errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import sympy as sp

from derive.matrix.expr import put_in
from derive.matrix.indexed import Entries
from derive.matrix.network import network_program
from derive.matrix.sweep import matrix_sweep
from derive.notation import write_entry
from derive.problem import Network, Problem
from derive.sweep import adjoint
from derive.theory.letters import Letters
from derive.theory.scheme import SEVERAL
from derive.writing.from_sympy import tree_of
from derive.writing.tree import Cases, Ident, Row, Sum, Text, Tree, partial

UNIT = re.compile(r"(?P<letter>dC/dz|[wbzay])\d*\[(?P<first>\w+)(?:,(?P<second>\w+))?\]")
"""An entry of any layer."""

SLOPE = re.compile(r"d(a\d*\[\w+\])/d(z\d*\[\w+\])")


@dataclass(frozen=True, slots=True)
class Case:
    """The error of a unit of these layers, with sums over the units that it feeds.

    entry  in the keys of the lowest of the layers
    """

    layers: tuple[int, ...]
    entry: sp.Expr
    tree: Tree


@dataclass(frozen=True)
class CaseRule:
    """left = cases"""

    left: Tree
    cases: tuple[Case, ...]
    depth: int

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
    """The rule of a network's hidden and output units, for one sample.

    None where there is no cost, or where one output's part of it reads all outputs.
    """
    network = problem.body
    if not isinstance(network, Network) or network.cost is None or network.cost.couples:
        return None
    letters = Letters(problem.notation)
    written: dict[Tree, Case] = {}
    for layer, entry in _errors(problem, network):
        tree = _layerless(tree_of(entry, lambda symbol: _letter(problem, letters, symbol.name)))
        before = written.get(tree)
        layers = (layer, *(before.layers if before else ()))
        written[tree] = Case(layers, entry, tree)
    return CaseRule(letters.unplaced("delta", "j"), tuple(written.values()), network.depth)


def _errors(problem: Problem, network: Network) -> Iterator[tuple[int, sp.Expr]]:
    """One entry of the error of each layer, the last one first; of that with the cost's slope in full."""
    program = network_program(problem, batch=False)
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
