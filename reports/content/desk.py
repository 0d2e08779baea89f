"""What every part of a page is made with: the letters of a problem and the numbers of one sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

import sympy as sp

from derive.gradient import Derivation, Factor, Route
from derive.notation import write, write_derivative, write_total
from derive.problem import Network, Problem
from derive.steps import Step, Term
from derive.writing.from_terms import tree_of_term, tree_of_terms
from derive.writing.tree import (
    DOT,
    JUXTAPOSED,
    THIN,
    TIMES,
    Frac,
    Ident,
    Num,
    Op,
    Row,
    Script,
    Tree,
    plus,
)
from numeric.balls.enclosure import Enclosure
from numeric.balls.worked import Worked
from numeric.evidence import Evidence
from reports.content.page import Prose
from reports.content.values import FACTOR_DIGITS, value_tree

Leaf = Callable[[str], Tree]

DOTS = Ident("⋯", upright=True)

MOST_TERMS, LEAST_TERMS = 6, 4
"""A sum of more terms than the first is cut, and shown with at least so many."""


@dataclass(frozen=True)
class Desk:
    """A problem with its derivation, its evidence and, where no number is free, its worked numbers.

    samples   the same numbers of each sample of a batch, as many as the page lists
    sample    whose numbers stand beside the derivations, counted from 1
    sections  the id of each derivation that the page shows, by (of, by)
    """

    problem: Problem
    derivation: Derivation
    evidence: Evidence
    worked: Worked | None
    samples: tuple[Worked, ...] = ()
    sections: Mapping[tuple[str, str], str] = field(default_factory=dict)
    sample: int = 1

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

    def via(self, of: str, route: Route) -> Prose:
        """The quantity that a route to `of` goes through first."""
        first = route.factors[-1].of
        return ("directly",) if first == of else ("through ", self.letter(first))

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
        return elided(tree_of_terms(factor.slopes, leaf))

    def step_formula(self, step: Step, leaf: Leaf) -> Tree:
        """Of a long sum the terms that count here, in letters and in numbers the same ones."""
        if not step.terms:
            return Num("0")
        shown = standing([self._vanishes(term) for term in step.terms])
        return elided(
            plus(*(DOTS if place is None else tree_of_term(step.terms[place], leaf) for place in shown))
        )

    def _vanishes(self, term: Term) -> bool:
        """Whether a factor of the term is 0 with the numbers that the page shows."""
        if self.worked is None:
            return False
        factors = sp.Mul.make_args(term.formula.expr)
        args = zip(term.formula.formals, term.args, strict=True)
        return any(self.worked.values[arg].holds_zero for formal, arg in args if formal in factors)


def in_line(tree: Tree) -> Tree:
    """∂E/∂w with a stroke, for a name in a table, where a bar would be too small to read."""
    return Row((tree.over, Op("/"), tree.under)) if isinstance(tree, Frac) else tree


def standing(zero: Sequence[bool]) -> list[int | None]:
    """The places of the terms of a sum that are shown, None for dots.

    Of a long sum these are its first and its last term, and the first of those that are not 0.
    """
    count = len(zero)
    if count <= MOST_TERMS:
        return list(range(count))
    telling = [place for place in range(count) if not zero[place]][: LEAST_TERMS - 1]
    kept = {0, count - 1, *telling}
    others = [place for place in range(count) if place not in kept]
    kept |= set(others[: max(0, LEAST_TERMS - len(kept))])
    shown: list[int | None] = []
    for before, place in pairwise([-1, *sorted(kept)]):
        gap = place - before - 1
        shown += [before + 1, place] if gap == 1 else [None, place] if gap else [place]
    return shown


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
    if len(signs) < MOST_TERMS or DOTS in row.items:
        return row
    terms = [row.items[start:end] for start, end in pairwise([0, *signs, len(row.items)])]
    items: list[Tree] = []
    for place in standing([is_zero(term[-1]) for term in terms]):
        items += (Op("+"), DOTS) if place is None else terms[place]
    return Row(tuple(items))


_TIMES = frozenset({TIMES, DOT, JUXTAPOSED, THIN})


def is_zero(tree: Tree) -> bool:
    """Whether a term reads as 0: it is 0, or a product or fraction with a 0 in it."""
    if isinstance(tree, Row):
        between = {item for item in tree.items if isinstance(item, Op) and item.form == "infix"}
        return between <= _TIMES and any(map(is_zero, tree.items))
    if isinstance(tree, Frac | Script):
        return is_zero(tree.over if isinstance(tree, Frac) else tree.base)
    return tree == Num("0")
