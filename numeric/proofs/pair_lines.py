"""The lines of an output pair checked by number, against SymPy's derivative of the whole cost.

The lines were put together from two slopes and the chain rule; the reference
knows neither: it is the cost of three outputs, in weighted inputs and targets,
differentiated by z_1 at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import sympy as sp

from derive.expressions import Formula
from derive.gradient import Derivation
from derive.problem import Network
from derive.rules import Targets
from derive.sheet import UNITS, Proved
from derive.special.pairs import Pair, Terms, activations, at_unit, concrete, cost_of_sample, inputs_of
from derive.steps import Program, Step, Term
from derive.sweep import adjoint, sweep
from numeric.balls.enclosure import Enclosure, balls_of, enclose
from numeric.balls.worked import given_of
from numeric.proofs.lines import CHECKED, Check, agreed

Row = tuple[Fraction, ...]

SUMMING_TO_ONE: tuple[Row, ...] = tuple(
    tuple(map(Fraction, row))
    for row in (("1/5", "3/10", "1/2"), ("1/7", "2/7", "4/7"), ("5/9", "1/3", "1/9"))
)
OF_ANY_SUM: tuple[Row, ...] = tuple(
    tuple(map(Fraction, row)) for row in (("2/3", "1/4", "3/5"), ("1/8", "2/9", "1/6"), ("4/5", "6/7", "1/2"))
)
SIGNED: tuple[Row, ...] = tuple(tuple(map(Fraction, row)) for row in ((1, -1, 1), (-1, 1, 1), (1, 1, -1)))


def pair_checks(pair: Pair, lines: Sequence[Proved]) -> tuple[Check, ...]:
    """A check of every line, in their order; none where a function is not specified.

    Lines after the assumption on the targets are checked at targets for which
    it holds, those before it at targets for which it does not.
    """
    if pair.activation.open:
        return ()
    assumes = next((place for place, line in enumerate(lines) if line.since is not None), len(lines))
    truth = sp.diff(cost_of_sample(pair), inputs_of()[0])
    free = _digits(truth, [line.expr for line in lines[:assumes]], _points(_targets(pair, OF_ANY_SUM)))
    bound = _digits(truth, [line.expr for line in lines[assumes:]], _points(_targets(pair, SUMMING_TO_ONE)))
    return (*free, *bound)


def _targets(pair: Pair, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    targets: Targets = pair.cost.targets
    return rows if all(targets.allow(value) for row in rows for value in row) else SIGNED


def _points(targets: Sequence[Row]) -> Iterator[Mapping[str, Fraction]]:
    """Weighted inputs and targets, by the names of their symbols."""
    names = [symbol.name for symbol in inputs_of()]
    for place in range(len(CHECKED)):
        zs = [CHECKED[(place + 2 * unit) % len(CHECKED)] for unit in range(UNITS)]
        yield dict(zip(names, (*zs, *targets[place % len(targets)]), strict=True))


def _digits(
    truth: sp.Expr, lines: Sequence[sp.Expr], points: Iterator[Mapping[str, Fraction]]
) -> Iterator[Check]:
    """The worst digits of each line over the points where the cost has a slope.

    One whose enclosure holds 0, and is wider, has no first digit to compare.
    """
    if not lines:
        return
    everywhere = (_enclosed((truth, *lines), point) for point in points)
    found = [v for v in everywhere if v[0].defined and (v[0].lo == v[0].hi or not v[0].holds_zero)]
    for place in range(1, len(lines) + 1):
        digits = min((agreed(values[0], values[place]) for values in found), default=-inf)
        yield Check(len(found), digits)


def _enclosed(exprs: Sequence[sp.Expr], point: Mapping[str, Fraction]) -> list[Enclosure]:
    formals = inputs_of()
    steps = tuple(
        Step(f"line {place}", (Term(Formula(expr, formals), tuple(point)),), "line")
        for place, expr in enumerate(exprs)
    )
    values = enclose(Program(steps), balls_of(point), [step.key for step in steps])
    return [values[step.key] for step in steps]


@dataclass(frozen=True)
class AtUnit:
    """The slope by one unit's weighted input twice: by a line of the pair, and over the routes.

    line    what was evaluated, in a_1, ..., a_n and y_1, ..., y_n
    value   of the line
    routes  dC/dz_j by the reverse sweep; the two were derived apart
    """

    unit: int
    line: sp.Expr
    value: Enclosure
    routes: Enclosure

    @property
    def digits(self) -> float:
        return agreed(self.routes, self.value)


def at_units(
    derivation: Derivation, pair: Pair, terms: Terms, units: Sequence[int], sample: int = 1
) -> tuple[AtUnit, ...]:
    """A line of the pair at one sample's numbers, for some units of the output layer."""
    problem = derivation.problem
    network = problem.body
    assert isinstance(network, Network), "output layers are those of networks"
    size = network.sizes[-1]
    keys = {
        f"{letter}_{j}": key.format(j) for j in range(1, size + 1) for letter, key in _keys(network).items()
    }
    lines = {unit: at_unit(pair, terms, size, unit) for unit in units}
    steps = [_line_step(unit, line, keys) for unit, line in lines.items()]
    routes = {unit: adjoint("C", _keys(network)["z"].format(unit)) for unit in units}
    of = [_keys(network)["z"].format(unit) for unit in units]
    program = derivation.program
    whole = program.plus((*steps, *sweep(program, "C", of)))
    wanted = [*(step.key for step in steps), *routes.values()]
    found = enclose(whole, balls_of(given_of(derivation, sample)), wanted)
    return tuple(
        AtUnit(unit, line, found[step.key], found[routes[unit]])
        for (unit, line), step in zip(lines.items(), steps, strict=True)
    )


def _keys(network: Network) -> Mapping[str, str]:
    depth = network.depth
    return {"a": f"a{depth}[{{}}]", "y": "y[{}]", "z": f"z{depth}[{{}}]"}


def _line_step(unit: int, line: sp.Expr, keys: Mapping[str, str]) -> Step:
    formals = tuple(sorted(line.free_symbols, key=str))
    args = tuple(keys[symbol.name] for symbol in formals)
    return Step(f"line of unit {unit}", (Term(Formula(line, formals), args),), "line")


@dataclass(frozen=True)
class Example:
    """A pair at a few chosen numbers: of each unit z, a and y, and dC/dz twice."""

    z: Row
    y: Row
    outputs: tuple[Enclosure, ...]
    slopes: tuple[Enclosure, ...]
    lines: tuple[Enclosure, ...]


EXAMPLE_Z: Row = (Fraction(2), Fraction(1), Fraction(1, 10))
EXAMPLE_Y: Row = (Fraction(1), Fraction(0), Fraction(0))


def example(pair: Pair) -> Example | None:
    """The last line at three outputs, beside SymPy's derivative of the cost; None where it has no value."""
    if pair.activation.open:
        return None
    allowed = all(pair.cost.targets.allow(y) for y in EXAMPLE_Y)
    targets = EXAMPLE_Y if allowed else SIGNED[0]
    formals = inputs_of()
    point = dict(zip((symbol.name for symbol in formals), (*EXAMPLE_Z, *targets), strict=True))
    cost, places = cost_of_sample(pair), range(UNITS)
    slopes = (sp.diff(cost, formals[place]) for place in places)
    lines = (concrete(pair, pair.result, UNITS, place + 1) for place in places)
    found = _enclosed((*activations(pair), *slopes, *lines), point)
    if not all(value.defined for value in found):
        return None
    thirds = (tuple(found[start : start + UNITS]) for start in (0, UNITS, 2 * UNITS))
    return Example(EXAMPLE_Z, targets, *thirds)
