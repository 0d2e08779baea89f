"""Predicted against actual: what the first update does to the cost.

    Delta w = w' - w
    C(w') - C(w) = grad C . Delta w + terms of second order in Delta w

With Delta w = -eta grad C the prediction is -eta |grad C|^2, below 0: to first
order C falls. What the prediction misses shrinks with the square of the rate,
so the ratio of actual to predicted tends to 1, ten times nearer at a tenth of
the rate. All values are proven enclosures.

Source: Nielsen (2015), ch. 1, eq. 9 to 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import sympy as sp

from derive.expressions import Formula
from derive.problem import Network, Problem
from derive.rules.kinds import rational
from derive.steps import Program, Step, Term, program_of
from derive.sweep import adjoint, sweep
from derive.training.update import after_update, key_of, setting, trained, update_program, updated
from derive.training.update_lines import G_0, LAMBDA, G, N, W
from derive.training.update_rules import RATE
from derive.whole_functions import Magnitude, MeanRoot
from numeric.balls.enclosure import Enclosure, enclose, enclosure, settle
from numeric.balls.operations import Ball, exact
from numeric.balls.tape import Run, Tape
from numeric.balls.training import DivergenceError, batches, follow, start
from numeric.training.layered_update import (
    DESCENDED,
    DIFFERENCE,
    MOVED,
    LayeredUpdate,
    Made,
    move_of,
)

SHARES = (Fraction(1), Fraction(1, 10), Fraction(1, 100))
"""Of the rate, at which the first update is made."""

PREDICTED, ACTUAL, DESCENT = "predicted change", "actual change", "change by descent"


@dataclass(frozen=True)
class Change:
    """What one update does to a cost, to first order and in truth.

    rate       at which the update was made
    predicted  grad C . Delta w
    actual     C(w') - C(w)
    descent    -eta |grad C|^2, which is predicted where Delta w = -eta grad C
    """

    rate: Fraction
    predicted: Enclosure
    actual: Enclosure
    descent: Enclosure

    @property
    def is_descent(self) -> bool:
        """Whether the prediction is that of gradient descent."""
        one, other = self.predicted, self.descent
        if one.lo is None or one.hi is None or other.lo is None or other.hi is None:
            return False
        return max(one.lo, other.lo) <= min(one.hi, other.hi)

    @property
    def ratio(self) -> Enclosure:
        """actual / predicted; no value where either has none, or where the prediction is 0."""
        over, under = self.actual, self.predicted
        if over.lo is None or over.hi is None or under.lo is None or under.hi is None or under.holds_zero:
            return Enclosure(None, None, "nothing is predicted, or nothing known")
        quotients = [end / other for end in (over.lo, over.hi) for other in (under.lo, under.hi)]
        return Enclosure(min(quotients), max(quotients))


@dataclass(frozen=True, eq=False)
class Columns:
    """The values of an update that was made of all parameters at once, by key."""

    update: LayeredUpdate
    made: Made

    @cached_property
    def index(self) -> Mapping[str, tuple[str, int]]:
        """Where each key's value stands: the letter of its column, and the place."""
        return {key: (letter, place) for key, letter, place in self.update.names()}

    def __getitem__(self, key: str) -> Ball:
        letter, place = self.index[key]
        return self.made.columns[letter][place]


@dataclass(frozen=True)
class FirstUpdate:
    """The first update of a training.

    batch    the samples that it reads; None for all
    run      the values of all that its lines read and make, by key
    changes  of the cost that it reads, at each share of the rate; none for a rule without a gradient
    whole    of the whole cost, where the update reads a batch
    """

    batch: tuple[str, ...] | None
    run: Run | Columns
    changes: tuple[Change, ...] = ()
    whole: Change | None = None

    def value(self, key: str) -> Enclosure:
        """What a key of the update's program is: a parameter, its gradient, a line of the rule."""
        return enclosure(self.run[key])

    def move(self, key: str) -> Enclosure:
        """w' - w of a trained parameter."""
        return enclosure(self.run[move_of(key)])


def first_update(problem: Problem) -> FirstUpdate | None:
    """The first update of a problem whose numbers are known; None where there is nothing to train."""
    if problem.training is None or problem.is_free or not trained(problem):
        return None
    update = LayeredUpdate.of(problem)
    found = None if update is None else _in_layers(update)
    return _in_steps(problem) if found is None else found


def _in_layers(update: LayeredUpdate) -> FirstUpdate | None:
    """Of all parameters at once; None where the scalar steps have to do."""
    rates = [share * update.training.rate for share in SHARES]
    made, changes = list[Made](), list[Change]()
    for rate in rates:
        one = update.at(rate)
        if one is None:
            return None
        made.append(one)
        changes.append(Change(rate, *map(enclosure, (one.predicted, one.actual, one.descent))))
    return FirstUpdate(None, Columns(update, made[0]), tuple(changes))


def _in_steps(problem: Problem) -> FirstUpdate:
    """By scalar steps, one parameter after the other."""
    assert problem.training is not None
    batch, given = next(iter(batches(problem))), start(problem)
    program = update_program(problem, batch).plus(_moves(problem))
    if problem.training.rule.sample:
        return FirstUpdate(batch, settle(Tape.of(program, given), given, map(move_of, trained(problem))))
    forward = program_of(problem, batch=batch).only(problem.objectives)
    tape = Tape.of(program.plus(_changes(problem, forward)), given)
    rates = [share * problem.training.rate for share in SHARES]
    runs = [settle(tape, given | {setting(RATE): exact(rate)}, (PREDICTED, ACTUAL)) for rate in rates]
    changes = tuple(_change(run, rate) for run, rate in zip(runs, rates, strict=True))
    return FirstUpdate(batch, runs[0], changes, _whole(problem, batch))


def _moves(problem: Problem) -> Iterator[Step]:
    for key in trained(problem):
        yield Step(move_of(key), (Term(DIFFERENCE, (updated(key), key)),), "move")


def _changes(problem: Problem, forward: Program) -> Iterator[Step]:
    """The cost after the update, and its change: predicted, by descent, and actual."""
    objective, keys = problem.objectives[0], trained(problem)
    slopes = {key: adjoint(objective, key) for key in keys}
    yield from after_update(problem, forward).steps
    predicted = (Term(MOVED, (slope, updated(key), key)) for key, slope in slopes.items())
    yield Step(PREDICTED, tuple(predicted), "to first order")
    descended = (Term(DESCENDED, (setting(RATE), slope)) for slope in slopes.values())
    yield Step(DESCENT, tuple(descended), "to first order")
    yield Step(ACTUAL, (Term(DIFFERENCE, (updated(objective), objective)),), "in truth")


def _change(run: Run, rate: Fraction) -> Change:
    predicted, actual, descent = (enclosure(run[key]) for key in (PREDICTED, ACTUAL, DESCENT))
    return Change(rate, predicted, actual, descent)


def _whole(problem: Problem, batch: tuple[str, ...] | None) -> Change | None:
    """The change of the whole cost by an update that reads a batch."""
    assert problem.training is not None
    if batch is None:
        return None
    try:
        moved = follow(problem, [1]).at(1).values
    except DivergenceError:
        return None
    forward = program_of(problem).only(problem.objectives)
    program = forward.plus(sweep(forward, problem.objectives[0], trained(problem)))
    given = start(problem) | {updated(key): moved[key] for key in trained(problem)}
    tape = Tape.of(program.plus(_changes(problem, forward)), given)
    return _change(settle(tape, given, (PREDICTED, ACTUAL)), problem.training.rate)


def line_values(
    problem: Problem, first: FirstUpdate, key: str, lines: Sequence[sp.Expr]
) -> tuple[Enclosure, ...]:
    """w' of one parameter by lines of `derive.training.update_lines`, at the first update's numbers."""
    steps = tuple(_line_step(problem, key, line, f"line {place}") for place, line in enumerate(lines))
    program = update_program(problem, first.batch).plus(steps)
    found = enclose(program, start(problem), [step.key for step in steps])
    return tuple(found[step.key] for step in steps)


def _line_step(problem: Problem, key: str, line: sp.Expr, name: str) -> Step:
    """A line as a step of the update; the L2 term's share is taken from the gradient again."""
    assert problem.training is not None and isinstance(problem.body, Network)
    gradient = adjoint(problem.objectives[0], key)
    decay = rational(problem.body.l2) / len(problem.x) * W
    expr = line.subs({LAMBDA: rational(problem.body.l2), N: len(problem.x)}).subs(G_0, G - decay)
    expr = expr.replace(sp.Abs, Magnitude).replace(
        lambda part: part.is_Pow and abs(part.exp) == sp.Rational(1, 2),
        lambda part: MeanRoot(part.base) ** (2 * part.exp),
    )
    formals = tuple(sorted(expr.free_symbols, key=str))
    args = tuple(gradient if symbol == G else key_of(problem, symbol.name, key) for symbol in formals)
    return Step(name, (Term(Formula(expr, formals), args),), "line")


def value_in(problem: Problem, first: FirstUpdate, expr: sp.Expr) -> Enclosure:
    """An expression in the keys of the first update: quantities, and numbers of the training."""
    formals = tuple(sorted(expr.free_symbols, key=str))
    term = Term(Formula(expr, formals), tuple(symbol.name for symbol in formals))
    program = update_program(problem, first.batch).plus([Step("line", (term,), "update")])
    return enclose(program, start(problem), ["line"])["line"]
