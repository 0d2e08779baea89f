"""The first update of a network's parameters, all at once.

    w' = w - eta g,  ...      the lines of the rule side by side, with g of whole layers
    C(w') - C(w)              the layers once more, at what the update made

The tape of one parameter's lines does for all of them: its letters are columns,
with a number for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce

import sympy as sp
from flint import ctx, fmpq

from derive.expressions import Formula
from derive.problem import Problem, Training
from derive.steps import Program, Step, Term
from derive.training.update import UPDATE, key_of, setting, trained
from derive.training.update_rules import NUMBER, RATE, SYMBOLS, formula_in
from numeric.balls.enclosure import PRECISIONS, settled
from numeric.balls.layers import LayerGradient
from numeric.balls.operations import Ball, add, exact
from numeric.balls.tape import Tape
from numeric.balls.truths import Numbers

OLD, NEW, SLOPE, ETA = sp.symbols("old new slope eta")
MOVED = Formula(SLOPE * (NEW - OLD), (SLOPE, NEW, OLD))
DIFFERENCE = Formula(NEW - OLD, (NEW, OLD))
DESCENDED = Formula(-ETA * SLOPE**2, (ETA, SLOPE))

MOVE, PREDICTED, DESCENT = "move", "predicted", "descent"

Columns = Mapping[str, Sequence[Ball]]


@dataclass(frozen=True)
class Made:
    """What an update makes of every parameter and of C, at a precision that settles these.

    columns  by the rule's letters, and the move w' - w: in the order of the keys
    """

    columns: Columns
    predicted: Ball
    descent: Ball
    actual: Ball

    @property
    def settled(self) -> bool:
        return settled(self.predicted) and settled(self.actual)


@dataclass(frozen=True)
class LayeredUpdate:
    """The update of a problem that reads all samples, and whose gradient is one of whole layers.

    keys    of the parameters that are trained
    places  of these among the entries of the gradient
    """

    problem: Problem
    training: Training
    layers: LayerGradient
    keys: tuple[str, ...]
    places: tuple[int, ...]
    _gradients: dict[int, list[Ball]] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: Problem) -> LayeredUpdate | None:
        """None where the scalar steps have to do."""
        training = problem.training
        assert training is not None, "an update needs [training]"
        if training.rule.sample or training.batch is not None:
            return None
        layers = Numbers(problem).layers
        if layers is None:
            return None
        place = {key: i for i, key in enumerate(layers.keys)}
        keys = trained(problem)
        return cls(problem, training, layers, keys, tuple(place[key] for key in keys))

    def at(self, rate: Fraction) -> Made | None:
        """By this rate; None where a step of C sits on an edge, or is rational in part."""
        for bits in PRECISIONS:
            made = self._made(rate, bits)
            if made is None or made.settled:
                break
        return made

    def _made(self, rate: Fraction, bits: int) -> Made | None:
        with ctx.workprec(bits):
            columns, edge = self._tape.side_by_side(self._given(rate, bits), len(self.keys))
            predicted, descent = _sum(columns[PREDICTED]), _sum(columns[DESCENT])
        moved = dict(zip(self.keys, columns["w'"], strict=True))
        here, there = self.layers.cost_at(bits), self.layers.moved(self.problem, moved).cost_at(bits)
        if edge or here is None or there is None:
            return None
        with ctx.workprec(bits):
            return Made(columns, predicted, descent, there - here)

    @cached_property
    def _tape(self) -> Tape:
        """The rule's lines for one parameter, and its shares of the change of C."""
        lines = [Step(new, (Term(*formula_in(text)),), UPDATE) for new, text in self.training.rule.lines]
        terms = {
            MOVE: Term(DIFFERENCE, ("w'", "w")),
            PREDICTED: Term(MOVED, ("g", "w'", "w")),
            DESCENT: Term(DESCENDED, (RATE, "g")),
        }
        shares = [Step(key, (term,), "to first order") for key, term in terms.items()]
        states = [old for old, _ in self.training.rule.states]
        return Tape.of(Program((*lines, *shares)), ("w", "g", *states, *self._settings))

    @cached_property
    def _settings(self) -> Mapping[str, Ball]:
        """The training's own numbers, at its first update."""
        numbers = {SYMBOLS[key]: exact(value) for key, value in self.training.settings.items()}
        return {**numbers, NUMBER: fmpq(1), RATE: exact(self.training.rate)}

    def _given(self, rate: Fraction, bits: int) -> Columns:
        if bits not in self._gradients:
            entries = self.layers.gradients(bits)
            self._gradients[bits] = [entries[place] for place in self.places]
        states = {old: fmpq(0) for old, _ in self.training.rule.states}
        same = {**states, **self._settings, RATE: exact(rate)}
        columns = {letter: [value] * len(self.keys) for letter, value in same.items()}
        return {**columns, "w": [self.layers.given[key] for key in self.keys], "g": self._gradients[bits]}

    def names(self) -> Iterator[tuple[str, str, int]]:
        """Every key of the update's lines, with the letter and the place of its column."""
        letters = ("w", "g", *dict(self.training.rule.states), *dict(self.training.rule.lines))
        for place, key in enumerate(self.keys):
            for letter in letters:
                yield key_of(self.problem, letter, key), letter, place
            yield move_of(key), MOVE, place
        for letter in self._settings:
            yield setting(letter), letter, 0


def _sum(values: Sequence[Ball]) -> Ball:
    zero: Ball = fmpq(0)
    return reduce(add, values, zero)


def move_of(key: str) -> str:
    """The key of w' - w."""
    return f"move of {key}"
