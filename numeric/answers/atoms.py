"""What a derivation is made of, each part with its name and its value in a world: slopes and quantities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.expressions import usual_slope
from derive.notation import write, write_total
from derive.problem import Problem
from derive.slips.kinds import Place, Sweep, parts_of
from derive.slips.places import factor_tree
from derive.steps import given_values, is_setting
from derive.writing.plain import plain
from numeric.deciding.values import Value
from numeric.deciding.worlds import World

CONSTANTS = frozenset({"n", "K", "lambda", "m"})
"""Keys of numbers that stand for themselves."""


@dataclass(frozen=True)
class Atom:
    """One part: its name as the page writes it, and its value in any world."""

    name: str
    value: Callable[[World], Value]


def atoms_of(problem: Problem, sweep: Sweep, keys: tuple[str, ...]) -> Iterator[Atom]:
    """The slopes along a derivation, the derivatives on its way, then all quantities that it could read."""
    reached = sweep.reached(keys)
    yield from {atom.name: atom for key in reached for atom in _slopes(problem, sweep, key)}.values()
    for key in reached:
        parts = parts_of(key)
        if parts is not None and key not in keys:
            yield Atom(plain(write_total(problem, *parts)), _quantity(key))
    for key in dict.fromkeys((*given_values(problem), *(step.key for step in sweep.forward.steps))):
        if not is_setting(key) and key not in CONSTANTS:
            yield Atom(plain(write(problem, key)), _quantity(key))


def _quantity(key: str) -> Callable[[World], Value]:
    return lambda world: world[key]


def _slopes(problem: Problem, sweep: Sweep, key: str) -> Iterator[Atom]:
    """The local slopes that the uses in one line hand back: phi'(z), a weight, an input, ds/dq."""
    for place in sweep.places(key):
        yield Atom(plain(factor_tree(problem, place)), _slope(place))


def _slope(place: Place) -> Callable[[World], Value]:
    formula = usual_slope(place.use.term.formula, place.use.position)
    read = (*place.use.term.args, *place.use.term.results)[: len(formula.formals)]

    def value(world: World) -> Value:
        letters = {formal: world[key] for formal, key in zip(formula.formals, read, strict=True)}
        return world.formulas(formula.expr, letters)

    return value
