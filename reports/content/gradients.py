"""The derivation of one derivative, as a page shows it.

in words       what the quantity reaches, and by how many routes
chain rule     a brace under each factor gives its value
factors        formula, numbers put in, value
product        along each route, and the sum over routes
is it right?   three witnesses
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import get_args

from derive.gradient import Factor, Gradient, Route, Stage
from derive.notation import write
from derive.problem import Network
from derive.writing.tree import Brace, Num, Role, RoleName, Tree
from reports.content.desk import Desk, elided
from reports.content.evidence import short_verdict, witnesses
from reports.content.page import (
    Block,
    Chain,
    Derivation,
    Heading,
    Line,
    Lines,
    Link,
    Paragraph,
    Piece,
    Prose,
    Table,
)
from reports.content.samples import over_samples
from reports.content.values import RESULT_DIGITS, added, product_tree, value_tree
from reports.content.wording import counted
from reports.content.words import in_words, one_sample_words, ways

ROLE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "cost": "cost slope",
        "activation": "activation slope",
        "weight": "weight carried back",
        "input": "input to the weight",
        "bias": "slope of a bias: always 1",
        "upstream": "gradient from upstream",
        "head": "from the step before",
    }
)

HEADS = ("factor", "formula", "numbers put in", "value")


@dataclass(frozen=True)
class Told:
    """The stages that derivations before this one have shown in full, and in which section."""

    where: dict[tuple[str, str], str]


def derive_section(desk: Desk, gradient: Gradient, told: Told) -> Derivation:
    """The section of one gradient; `told` remembers which stages the page has shown by now."""
    writer = _Writer(desk, gradient, desk.sections[gradient.of, gradient.by])
    blocks = tuple(writer.blocks(told))
    row = desk.evidence.row_of(gradient.of, gradient.by)
    value = value_tree(row.symbolic, RESULT_DIGITS) if desk.worked else None
    return Derivation(
        id=writer.id,
        of=write(desk.problem, gradient.of),
        by=desk.letter(gradient.by),
        derivative=desk.whole_letter(gradient.of, gradient.by),
        value=value,
        blocks=blocks,
        verdict=short_verdict(row),
    )


@dataclass(frozen=True)
class _Writer:
    desk: Desk
    gradient: Gradient
    id: str

    def blocks(self, told: Told) -> Iterator[Block]:
        desk, stage = self.desk, self.gradient.stage
        if desk.cost_key != "C":
            yield Paragraph(one_sample_words(desk, others_follow=True), quiet=True)
        yield Paragraph(in_words(desk, stage))
        if not stage.routes:
            yield Chain((Piece("", desk.total_letter(stage.of, stage.by)), Piece("=", Num("0"))))
            yield from self.check(1)
            return
        number = 0
        shown, left_out = self.stages_above(told)
        for above in shown:
            number += 1
            folded = len(shown) > MOST_OPEN_STAGES
            value = value_tree(desk.total(above.of, above.by)) if desk.worked else None
            yield Heading(number, self.stage_heading(above), folded, value if folded else None)
            where = told.where.get((above.of, above.by))
            yield from self.stage(above, full=where is None, where=where)
            told.where.setdefault((above.of, above.by), self.id)
        if left_out:
            words = f"… and {counted(left_out, 'more quantity')} further up, derived alike."
            yield Paragraph((words,), quiet=True)
        yield Heading(number + 1, self.own_heading(stage, number > 0))
        yield from self.stage(stage, full=True, where=None)
        number += 1
        for heading, blocks in over_samples(desk, self.gradient):
            number += 1
            yield Heading(number, heading, folded=any(map(_is_long, blocks)))
            yield from blocks
        yield from self.check(number + 1)

    def stages_above(self, told: Told) -> tuple[list[Stage], int]:
        """The stages that this derivative rests on and that are shown here, and how many are not.

        Those right above it are shown each time, others where they are first needed.
        """
        heads = {route.head for route in self.gradient.stage.routes}
        above = self.gradient.stages[:-1]
        wanted = [s for s in above if s.by in heads or (s.of, s.by) not in told.where]
        nearest = sorted(wanted, key=lambda stage: stage.by not in heads)[:MOST_STAGES]
        return [stage for stage in wanted if stage in nearest], len(wanted) - len(nearest)

    def check(self, number: int) -> Iterator[Block]:
        yield Heading(number, ("Is it right?",))
        yield from witnesses(self.desk, self.gradient.of, self.gradient.by)

    # -- headings ----------------------------------------------------------------------------------

    def stage_heading(self, stage: Stage) -> Prose:
        desk = self.desk
        how = f": {ways(stage)}, added" if len(stage.routes) > 1 else ""
        return ("How ", desk.letter(stage.of), " feels ", desk.letter(stage.by), how)

    def own_heading(self, stage: Stage, after: bool) -> Prose:
        if len(stage.routes) > 1:
            return (f"The chain rule, {ways(stage)} added",)
        head = stage.routes[0].head
        if after and head:
            return ("From ", self.desk.letter(head), " down to ", self.desk.letter(stage.by))
        return ("The chain rule along that route",)

    # -- formulas ----------------------------------------------------------------------------------

    def stage(self, stage: Stage, *, full: bool, where: str | None) -> Iterator[Block]:
        """The chain rule of each route, the sum over them and, in full, each factor."""
        desk = self.desk
        lhs = desk.total_letter(stage.of, stage.by)
        if desk.worked and not full and where:
            total = _in_role("cost", value_tree(desk.total(stage.of, stage.by)))
            words: Prose = ("derived under ", Link(where, self.where_words(where)))
            yield Chain((Piece("", lhs), Piece("=", total)), words)
            return
        if len(stage.routes) == 1:
            route = stage.routes[0]
            yield Chain((Piece("", lhs), *self.product(route, "=")))
        else:
            values = [self.route_value(stage, route) for route in stage.routes] if desk.worked else []
            shown = _telling([value == Num("0") for value in values] or [False] * len(stage.routes))
            left_out = len(stage.routes) - len(shown)
            for place in shown:
                route = stage.routes[place]
                value = [Piece("=", values[place])] if values else []
                yield Chain((*self.product(route, ""), *value), desk.via(stage.of, route), "route")
            if left_out:
                yield Paragraph((f"… and {counted(left_out, 'more route')} of the same form.",), quiet=True)
            yield self.sum(stage, lhs)
        if not full and where:
            yield Paragraph(
                ("The formula of each factor stands under ", Link(where, self.where_words(where)), "."),
                quiet=True,
            )
            return
        lines = tuple(self.factor_lines(stage))
        if lines:
            yield Lines(desk.heads(*HEADS), lines, "factors of the chain rule")
        if len(stage.routes) == 1 and desk.worked and len(lines) > 1:
            yield self.multiplied(stage, stage.routes[0])
        elif len(stage.routes) == 1 and not desk.worked:
            yield self.put_in(stage)

    def where_words(self, section: str) -> Prose:
        _, by = next(entry for entry, known in self.desk.sections.items() if known == section)
        return (self.desk.letter(by),)

    def product(self, route: Route, sign: str) -> Iterator[Piece]:
        """Each factor with its value under a brace."""
        for tree, role, value in self.factors(route):
            braced = tree if value is None else Brace(tree, value)
            yield Piece(sign, _in_role(role, braced))
            sign = "·"

    def factors(self, route: Route) -> Iterator[tuple[Tree, str, Tree | None]]:
        desk, of = self.desk, self.gradient.of
        if route.head:
            value = value_tree(desk.total(of, route.head)) if desk.worked else None
            yield desk.total_letter(of, route.head), "cost", value
        for factor in route.factors:
            value = value_tree(desk.slope(factor)) if desk.worked else None
            yield desk.slope_letter(factor.of, factor.by), factor.role, value

    def route_value(self, stage: Stage, route: Route, digits: int = 6) -> Tree:
        desk = self.desk
        head = [desk.total(stage.of, route.head)] if route.head else []
        return product_tree(*head, *map(desk.slope, route.factors), digits=digits)

    def sum(self, stage: Stage, lhs: Tree) -> Chain:
        """The routes' values added; their products in letters where numbers are free."""
        desk = self.desk
        if not desk.worked:
            return self.put_in(stage)
        terms = elided(added(*(self.route_value(stage, route) for route in stage.routes)))
        total = _in_role(
            "cost" if stage.by != self.gradient.by else "", value_tree(desk.total(stage.of, stage.by))
        )
        return Chain((Piece("", lhs), Piece("=", terms), Piece("=", total)), kind="sum")

    def put_in(self, stage: Stage) -> Chain:
        """Each factor's formula put in, and what that comes to where something cancels."""
        letters = self.gradient.letters
        sides = (letters.substituted(stage), letters.simplified(stage))
        pieces = [Piece("=", elided(side)) for side in sides if side is not None]
        lhs = self.desk.total_letter(stage.of, stage.by)
        return Chain((Piece("", lhs), *pieces), kind="sum" if len(stage.routes) > 1 else "chain")

    def factor_lines(self, stage: Stage) -> Iterator[Line]:
        desk = self.desk
        for factor in dict.fromkeys(factor for route in stage.routes for factor in route.factors):
            role = "bias" if factor.role == "input" and self.is_bias(factor) else factor.role
            yield Line(
                desk.slope_letter(factor.of, factor.by),
                desk.slope_formula(factor, desk.letter),
                desk.slope_formula(factor, desk.number) if desk.worked else None,
                value_tree(desk.slope(factor)) if desk.worked else None,
                (ROLE_WORDS[role],) if role in ROLE_WORDS else (),
                factor.role,
            )

    def is_bias(self, factor: Factor) -> bool:
        parameter = self.desk.problem.parameter.get(factor.by)
        return (
            isinstance(self.desk.problem.body, Network) and parameter is not None and not parameter.is_weight
        )

    def multiplied(self, stage: Stage, route: Route) -> Chain:
        """0.741365 × 0.186816 × 0.593270 = 0.0821670406"""
        numbers = [(role, value) for _, role, value in self.factors(route) if value is not None]
        pieces = [
            Piece("×" if place else "", _in_role(role, value)) for place, (role, value) in enumerate(numbers)
        ]
        return Chain(
            (*pieces, Piece("=", self.route_value(stage, route, RESULT_DIGITS))), ("multiply",), "product"
        )


def _in_role(role: str, tree: Tree) -> Tree:
    return Role(_ROLES[role], tree) if role in _ROLES else tree


_ROLES: Mapping[str, RoleName] = MappingProxyType({role: role for role in get_args(RoleName)})

MOST_ROUTES, MOST_STAGES, MOST_OPEN_STAGES, MOST_ROWS = 8, 12, 2, 6


def _is_long(block: Block) -> bool:
    return isinstance(block, Table) and len(block.rows) > MOST_ROWS


def _telling(zero: Sequence[bool]) -> list[int]:
    """The places of the routes that are written out: of many the last one, and first those that are not 0."""
    if len(zero) <= MOST_ROUTES:
        return list(range(len(zero)))
    *others, last = range(len(zero))
    others.sort(key=lambda place: zero[place])
    return [*sorted(others[: MOST_ROUTES - 1]), last]
