"""One update within a world: its steps behind those of the problem, and every quantity after it.

    w'          by the rule, from the gradient of the samples that the first update reads
    C', a2[1]'  what C and a2[1] are at w'

Before the first update every state of the rule is 0. The rate is a quantity like any
other, eta; the other numbers of the training are what the file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from derive.problem import Problem
from derive.steps import Program, Step
from derive.training.update import (
    UPDATE,
    after_update,
    carried_over,
    setting,
    trained,
    update_program,
    updated,
)
from derive.training.update_rules import NUMBER, SYMBOLS
from numeric.balls.training import batches

FIRST = "first update: "
"""Begins the key of what belongs to the cost of its samples alone."""


def first_batch(problem: Problem) -> tuple[str, ...] | None:
    """The samples that the first update reads; None for all."""
    return None if problem.training is None else next(iter(batches(problem)))


def batch_size(problem: Problem) -> int:
    """m: how many samples the first update reads."""
    batch = first_batch(problem)
    return len(problem.samples if batch is None else batch)


def training_numbers(problem: Problem) -> Mapping[str, Fraction]:
    """The training's numbers but for its rate, as its first update reads them; none without a training."""
    training = problem.training
    if training is None:
        return {}
    states = carried_over(problem).keys() - set(trained(problem))
    return {
        **dict.fromkeys(states, Fraction(0)),
        **{setting(SYMBOLS[key]): value for key, value in training.settings.items()},
        setting(NUMBER): Fraction(1),
    }


def is_changed(problem: Problem, program: Program, key: str) -> bool:
    """Whether an update changes a quantity; a frozen weight, an input and a target it leaves alone."""
    return key in program.by_key or key in trained(problem)


def with_update(problem: Problem, program: Program, key: str) -> Program:
    """The program with the steps of one update, and those of a quantity after it."""
    is_new = not any(updated(one) in program.by_key for one in trained(problem))
    steps = (
        *(_first(problem, program) if is_new else ()),
        *after_update(problem, program.only((key,))).steps,
    )
    return program.plus(step for step in steps if step.key not in program.by_key)


def rate(number: int) -> Fraction:
    """The rate in the random world of a number."""
    return Fraction(137 + 31 * number, 1000)


def _first(problem: Problem, program: Program) -> Iterator[Step]:
    """The update's steps; what differs for the samples that it reads has a key of its own."""
    return _apart(update_program(problem, first_batch(problem)).steps, program.by_key)


def _apart(steps: Iterable[Step], known: Mapping[str, Step]) -> Iterator[Step]:
    moved: dict[str, str] = {}
    for step in steps:
        reads = {arg for term in step.terms for arg in term.args}
        own = step.because == UPDATE
        if not own and (known.get(step.key, step) != step or reads & moved.keys()):
            moved[step.key] = f"{FIRST}{step.key}"
        terms = (replace(t, args=tuple(moved.get(arg, arg) for arg in t.args)) for t in step.terms)
        yield replace(step, key=moved.get(step.key, step.key), terms=tuple(terms))
