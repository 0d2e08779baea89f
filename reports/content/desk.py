"""What every part of a page is made with: the letters of a problem and the numbers of one sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from derive.gradient import Derivation, Factor
from derive.notation import write, write_derivative, write_total
from derive.problem import Network, Problem
from derive.steps import Step, Term
from derive.writing.from_nodes import tree_of_node
from derive.writing.from_sympy import tree_of
from derive.writing.tree import Frac, Ident, Num, Op, Row, Tree, plus
from numeric.balls.enclosure import Enclosure
from numeric.balls.worked import Worked
from numeric.evidence import Evidence
from reports.content.values import FACTOR_DIGITS, value_tree

Leaf = Callable[[str], Tree]

DOTS = Ident("⋯", upright=True)

MOST_TERMS = 6
"""A sum of more terms is shown with its first ones, dots and its last one."""


@dataclass(frozen=True)
class Desk:
    """A problem with its derivation, its evidence and, where no number is free, its worked numbers.

    samples   the same numbers of each sample of a batch, as many as the page lists
    sections  the id of each derivation that the page shows, by (of, by)
    """

    problem: Problem
    derivation: Derivation
    evidence: Evidence
    worked: Worked | None
    samples: tuple[Worked, ...] = ()
    sections: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def heads(self, *names: str) -> tuple[str, ...]:
        """The columns of formulas; without numbers the first two."""
        return names if self.worked else names[:2]

    @property
    def cost_key(self) -> str:
        """The derived cost: sample i's, where the whole cost is more than that of one sample."""
        body = self.problem.body
        if not isinstance(body, Network):
            return "C"
        return "C@i" if self.derivation.batched else "C@1" if body.l2 else "C"

    def letter(self, key: str) -> Tree:
        return write(self.problem, self.shown_key(key))

    def shown_key(self, key: str) -> str:
        return self.cost_key if key == "C" and isinstance(self.problem.body, Network) else key

    def whole_letter(self, of: str, by: str) -> Tree:
        """The derivative of the whole cost, over all samples."""
        return write_total(self.problem, of, by)

    def slope_letter(self, of: str, by: str) -> Tree:
        """The slope of one step: ∂of/∂by."""
        return write_derivative(self.problem, self.shown_key(of), by)

    def total_letter(self, of: str, by: str) -> Tree:
        """The derivative over all routes."""
        return write_total(self.problem, self.shown_key(of), by)

    def number(self, key: str, digits: int = FACTOR_DIGITS) -> Tree:
        assert self.worked is not None
        return value_tree(self.worked.values[key], digits)

    def total(self, of: str, by: str) -> Enclosure:
        assert self.worked is not None
        return self.worked.totals[of, by]

    def slope(self, factor: Factor) -> Enclosure:
        assert self.worked is not None
        return self.worked.slope(factor)

    def slope_formula(self, factor: Factor, leaf: Leaf) -> Tree:
        return elided(plus(*(term_tree(term, leaf) for term in factor.slopes)))

    def step_formula(self, step: Step, leaf: Leaf) -> Tree:
        if not step.terms:
            return Num("0")
        return elided(plus(*(term_tree(term, leaf) for term in _ends(step.terms))))


def term_tree(term: Term, leaf: Leaf) -> Tree:
    """A term's formula with each quantity as its letter or its number; an author's text as it was written."""
    formula = term.formula
    shown = {formal.name: leaf(arg) for formal, arg in zip(formula.formals, term.args, strict=True)}
    if formula.node is not None:
        return tree_of_node(formula.node, lambda name: shown[str(name)])
    order = {formal.name: place for place, formal in enumerate(formula.formals)}
    return tree_of(formula.expr, lambda symbol: shown[symbol.name], lambda symbol: order[symbol.name])


def _ends(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """As many terms as `elided` will show, so that a sum of 784 is not written out first."""
    return terms if len(terms) <= 2 * MOST_TERMS else (*terms[: 2 * MOST_TERMS - 2], *terms[-2:])


def in_line(tree: Tree) -> Tree:
    """∂E/∂w with a stroke, for a name in a table, where a bar would be too small to read."""
    return Row((tree.over, Op("/"), tree.under)) if isinstance(tree, Frac) else tree


def elided(tree: Tree) -> Tree:
    """The tree with every long sum cut in its middle: a₁ + a₂ + a₃ + ⋯ + a₉."""
    changed = {part.name: _elided_part(getattr(tree, part.name)) for part in fields(tree)}
    whole = replace(tree, **changed) if changed else tree
    return _cut(whole) if isinstance(whole, Row) else whole


def _elided_part(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(_elided_part(item) for item in part)
    return elided(part) if isinstance(part, Tree) else part


def _cut(row: Row) -> Row:
    signs = [
        place
        for place, item in enumerate(row.items)
        if isinstance(item, Op) and item.form == "infix" and item.text in "+−"
    ]
    if len(signs) < MOST_TERMS:
        return row
    return Row((*row.items[: signs[2]], Op("+"), DOTS, *row.items[signs[-1] :]))
