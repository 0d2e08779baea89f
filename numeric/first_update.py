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

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from derive.expressions import Formula
from derive.problem import Problem
from derive.steps import Program, Step, Term, program_of
from derive.sweep import adjoint, sweep
from derive.update import after_update, setting, trained, update_program, updated
from derive.update_rules import RATE
from numeric.balls.enclosure import Enclosure, enclosure, settle
from numeric.balls.tape import Ball, Tape, exact
from numeric.balls.training import DivergenceError, batches, start, states

SHARES = (Fraction(1), Fraction(1, 10), Fraction(1, 100))
"""Of the rate, at which the first update is made."""

PREDICTED, ACTUAL = "predicted change", "actual change"
OLD, NEW, SLOPE = sp.symbols("old new slope")
MOVED = Formula(SLOPE * (NEW - OLD), (SLOPE, NEW, OLD))
DIFFERENCE = Formula(NEW - OLD, (NEW, OLD))


@dataclass(frozen=True)
class Change:
    """What one update does to a cost, to first order and in truth.

    rate       at which the update was made
    predicted  grad C . Delta w
    actual     C(w') - C(w)
    """

    rate: Fraction
    predicted: Enclosure
    actual: Enclosure

    @property
    def ratio(self) -> Enclosure:
        """actual / predicted; no value where either has none, or where the prediction is 0."""
        over, under = self.actual, self.predicted
        if over.lo is None or over.hi is None or under.lo is None or under.hi is None or under.holds_zero:
            return Enclosure(None, None, "nothing is predicted, or nothing known")
        quotients = [end / other for end in (over.lo, over.hi) for other in (under.lo, under.hi)]
        return Enclosure(min(quotients), max(quotients))


@dataclass(frozen=True)
class FirstUpdate:
    """The first update of a training.

    batch    the samples that it reads; None for all
    values   of all that its lines read and make, by key
    moves    Delta w of each trained parameter
    changes  of the cost that it reads, at each share of the rate; none for a rule without a gradient
    whole    of the whole cost, where the update reads a batch
    """

    batch: tuple[str, ...] | None
    values: Mapping[str, Enclosure]
    moves: Mapping[str, Enclosure]
    changes: tuple[Change, ...] = ()
    whole: Change | None = None


def first_update(problem: Problem) -> FirstUpdate | None:
    """The first update of a problem whose numbers are known; None where there is nothing to train."""
    if problem.training is None or problem.is_free or not trained(problem):
        return None
    batch = next(iter(batches(problem)))
    program = update_program(problem, batch)
    moves = {key: f"change of {key}" for key in trained(problem)}
    program = program.plus(
        Step(move, (Term(DIFFERENCE, (updated(key), key)),), "change") for key, move in moves.items()
    )
    given = start(problem)
    tape = Tape.of(program, given)
    run = settle(tape, given, moves.values())
    values = {key: enclosure(run[key]) for key in (*given, *program.by_key)}
    first = FirstUpdate(batch, values, {key: values[move] for key, move in moves.items()})
    if problem.training.rule.sample:
        return first
    return FirstUpdate(batch, values, first.moves, _changes(problem, batch), _whole(problem, batch))


def _changes(problem: Problem, batch: tuple[str, ...] | None) -> tuple[Change, ...]:
    """The change of the cost that the update reads, at each share of the rate."""
    assert problem.training is not None
    objective = problem.objectives[0]
    forward = program_of(problem, batch=batch).only((objective,))
    program = update_program(problem, batch).plus(after_update(problem, forward).steps)
    given = start(problem)
    tape = Tape.of(program.plus(_both(problem)), given)
    rates = [share * problem.training.rate for share in SHARES]
    return tuple(_change(tape, given | {setting(RATE): exact(rate)}, rate) for rate in rates)


def _whole(problem: Problem, batch: tuple[str, ...] | None) -> Change | None:
    """The change of the whole cost by an update that reads a batch."""
    assert problem.training is not None
    if batch is None:
        return None
    try:
        moved = states(problem, [1])[1].values
    except DivergenceError:
        return None
    objective = problem.objectives[0]
    forward = program_of(problem).only((objective,))
    program = forward.plus(sweep(forward, objective, trained(problem)))
    program = program.plus(after_update(problem, forward).steps).plus(_both(problem))
    given = start(problem) | {updated(key): moved[key] for key in trained(problem)}
    return _change(Tape.of(Program(program.steps), given), given, problem.training.rate)


def _both(problem: Problem) -> tuple[Step, Step]:
    """The predicted and the actual change, as steps."""
    objective = problem.objectives[0]
    moved = tuple(Term(MOVED, (adjoint(objective, key), updated(key), key)) for key in trained(problem))
    return (
        Step(PREDICTED, moved, "to first order"),
        Step(ACTUAL, (Term(DIFFERENCE, (updated(objective), objective)),), "in truth"),
    )


def _change(tape: Tape, given: Mapping[str, Ball], rate: Fraction) -> Change:
    run = settle(tape, given, (PREDICTED, ACTUAL))
    return Change(rate, enclosure(run[PREDICTED]), enclosure(run[ACTUAL]))
