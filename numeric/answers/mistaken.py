"""The numbers that mistakes give instead of the right one, the commonest mistakes first.

a slip of the derivation or of the update made throughout it
another quantity: another weight's gradient, the value after the step, a z for an a
a slip of the forward pass, and everything after it right
a slip of the derivation made in one layer, one line or one term
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from derive.errors import AnswerError
from derive.formula import parse
from derive.notation import write, write_total
from derive.problem import Figure, Problem
from derive.quantities import Quantity, check, scope_of
from derive.slips import FORWARD_SLIPS
from derive.slips.kinds import parts_of
from derive.steps import Program, is_setting, program_of
from derive.sweep import adjoint, sweep
from derive.training.update import trained
from derive.writing.plain import pasted
from numeric.balls.enclosure import Enclosure, enclosure, settle
from numeric.balls.operations import Ball
from numeric.balls.tape import Tape
from numeric.balls.training import follow
from numeric.judging.published import leaves_of, trials

SAME = Fraction(1, 10**12)
"""Relatively nearer are numbers that are the same."""

MOST_OTHERS = 60
"""Quantities by which a number may be known."""

MOST_SLIPS = 400
MOST_STEPS = 2_000
"""Of a forward pass whose quantities are all looked at."""


@dataclass(frozen=True)
class Mistaken:
    """What a mistake gives.

    family  of slips that say nearly the same, to say it once
    """

    name: str
    text: str
    value: Enclosure
    family: str

    def is_exactly(self, number: Fraction) -> bool:
        low, high = self.value.lo, self.value.hi
        return low is not None and high is not None and low <= number <= high

    def is_as_good_as(self, other: Mistaken) -> bool:
        """Whether it says nearly the same of the same number."""
        gap = abs(self.value.mid - other.value.mid)
        return self.family == other.family or gap <= SAME * abs(other.value.mid)


def mistaken(problem: Problem, ask: str) -> Iterator[Mistaken]:
    """What could be answered instead of a quantity; nothing for one of any sample."""
    figure = figure_of(problem, ask, "0")
    if figure is None or problem.is_free:
        return
    narrow: list[Mistaken] = []
    found = islice(trials(problem, figure), MOST_SLIPS)
    for slip, value, is_wide in found:
        one = Mistaken(slip.name, slip.text, value, getattr(slip, "family", slip.name))
        if not is_wide:
            narrow.append(one)
            break
        yield one
    (leaf, *others) = leaves_of(problem, figure)
    if not others:
        yield from islice(_others(problem, leaf.quantity, after=leaf.after), MOST_OTHERS)
        yield from _forward(problem, leaf.quantity, after=leaf.after)
    yield from narrow
    for slip, value, _ in found:
        yield Mistaken(slip.name, slip.text, value, getattr(slip, "family", slip.name))


def figure_of(problem: Problem, ask: str, printed: str) -> Figure | None:
    """The number as if it were printed for this quantity; None for a quantity of any sample."""
    try:
        node = parse(ask, scope_of(problem))
        check(problem, node)
    except AnswerError:
        return None
    return Figure(text=ask, node=node, after=0, printed=printed)


# -- another quantity ------------------------------------------------------------------------------


def _others(problem: Problem, asked: Quantity, *, after: int) -> Iterator[Mistaken]:
    """Other quantities of the problem, those of the same kind first."""
    program = program_of(problem)
    known = [step.key for step in program.steps]
    own = _key(problem, asked)
    if len(known) > MOST_STEPS:
        return
    if after:
        yield from _of_the_update(problem, own, after)
    if asked.by and asked.of in problem.objectives:
        by = [key for key in (*trained(problem), *known) if key != asked.of]
        program = program.plus(sweep(program, asked.of, by))
        keys = [adjoint(asked.of, key) for key in by]
    else:
        keys = []
    given = _given(problem)
    values = _run(program, given, [*keys, *known])
    for key in (*keys, *known):
        if key != own and not is_setting(key) and key in values:
            yield Mistaken("another quantity", f"This is {_named(problem, key)}.", values[key], key)
    if asked.by and not after and problem.training is not None and asked.by[0] in trained(problem):
        yield from _of_the_step(problem, asked.by[0])


def _key(problem: Problem, quantity: Quantity) -> str:
    if quantity.by:
        return adjoint(quantity.of, quantity.by[0])
    parameter = problem.parameter.get(quantity.of)
    return quantity.of if parameter is None else parameter.key


def _named(problem: Problem, key: str) -> str:
    parts = parts_of(key)
    return pasted(write(problem, key) if parts is None else write_total(problem, *parts))


def _of_the_step(problem: Problem, key: str) -> Iterator[Mistaken]:
    """For a gradient the new weight, or the step to it."""
    if problem.training is None or 1 not in (states := follow(problem, [0, 1]).states):
        return
    new = enclosure(states[1].values[key])
    old = enclosure(states[0].values[key])
    name = pasted(write(problem, key))
    text = f"This is {name} after the update; its gradient is asked for."
    yield Mistaken("value after the update", text, new, "update")
    if old.lo is not None and old.hi is not None and new.lo is not None and new.hi is not None:
        for lo, hi in ((new.lo - old.hi, new.hi - old.lo), (old.lo - new.hi, old.hi - new.lo)):
            text = f"This is the step of {name}, with the rate in it; its gradient is asked for."
            yield Mistaken("step for the gradient", text, Enclosure(lo, hi), "update")


def _of_the_update(problem: Problem, own: str, after: int) -> Iterator[Mistaken]:
    """For a new weight the other new weights."""
    states = follow(problem, [after]).states
    if after not in states:
        return
    for key in trained(problem):
        if key != own:
            name = pasted(write(problem, key))
            text = f"This is {name} after the update."
            yield Mistaken("another quantity", text, enclosure(states[after].values[key]), key)


# -- the forward pass ------------------------------------------------------------------------------


def _forward(problem: Problem, asked: Quantity, *, after: int) -> Iterator[Mistaken]:
    """What is asked for, after a slip of the forward pass."""
    own = _key(problem, asked)
    if after or len(asked.by) > 1:
        return
    program = program_of(problem)
    if asked.by:
        program = program.plus(sweep(program, asked.of, [asked.by[0]]))
    program = program.only([own])
    for slip in FORWARD_SLIPS.values():
        edited = slip.edit(problem, program)
        if edited != program and own in (values := _run(edited, _given(problem), [own])):
            yield Mistaken(slip.name, slip.text, values[own], slip.name)


def _given(problem: Problem) -> Mapping[str, Ball]:
    return follow(problem, [0]).at(0).values


def _run(program: Program, given: Mapping[str, Ball], keys: Iterable[str]) -> dict[str, Enclosure]:
    """The values of quantities, those that have one."""
    wanted = [key for key in dict.fromkeys(keys) if key in program.by_key]
    only = program.only(wanted)
    run = settle(Tape.of(only, given), given, wanted)
    found = {key: enclosure(run[key]) for key in wanted}
    return {key: value for key, value in found.items() if value.defined}
