"""Worlds: random points of a problem, at which every quantity has its consistent value.

Parameters, inputs, targets and given values are random; what the problem computes
from them, and every derivative, follows step by step. What the cost assumes of its
targets, and a graph of its given values, holds. So two formulas may name whatever
quantities they like, and are still compared as functions of the free ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from flint import arb

from derive.assumptions import Assumption
from derive.formula.nodes import Letter
from derive.problem import Graph, Network, Problem
from derive.quantities import Quantity
from derive.slips.kinds import parts_of
from derive.steps import Program, Step, given_values, program_of
from derive.sweep import adjoint, derivative, sweep
from derive.training.update import setting, updated
from derive.training.update_rules import RATE
from numeric.deciding import values
from numeric.deciding.formulas import Formulas
from numeric.deciding.nodes import Array, evaluate, number
from numeric.deciding.tower import tower
from numeric.deciding.updates import batch_size, is_changed, rate, training_numbers, with_update
from numeric.deciding.values import UnluckyError, Value
from numeric.sampling import drawn, freed

HEIGHT = 8
"""Levels of the tower that nearly every problem does with."""

CLOSER = Fraction(1, 8)
"""What the numbers of every second point of a graph are multiplied by, so that thresholds near 0 are met."""

OFF_GRID = Fraction(999_983, 1_000_003)
"""What the numbers of further points are multiplied by: a quotient of two primes."""

DEEP = 30
"""Operations that may rest on each other before their residues are computed."""


@dataclass(eq=False)
class Subject:
    """A problem that formulas are about, with the steps of all that was asked of it so far.

    keeps  whether its worlds have the numbers that the problem states, and draw the open ones alone
    batch  the suffixes of the samples that the cost reads; None for all
    named  the quantities of the letters of answers, each with the sample that it is read for
    """

    problem: Problem
    keeps: bool = False
    batch: tuple[str, ...] | None = None
    named: dict[tuple[Letter, str], Quantity] = field(default_factory=dict)

    @cached_property
    def freed(self) -> Problem:
        """The same problem with the numbers open that its worlds draw: all, or those that it leaves open."""
        return self.problem if self.keeps else freed(self.problem)

    @cached_property
    def stated(self) -> Subject | None:
        """The same problem in worlds with the numbers that it states; None where it states all, or none."""
        is_part = self.problem.has_free_numbers and not self.problem.has_no_numbers
        return Subject(self.problem, keeps=True) if is_part else None

    @cached_property
    def free_keys(self) -> frozenset[str]:
        """What a world draws: all that is given, but for the numbers that belong to a rule."""
        keys = {key for key, value in given_values(self.freed).items() if value is None}
        network = self.problem.body
        has_factor = isinstance(network, Network) and bool(network.l2) and not self.keeps
        return frozenset(keys | ({"lambda"} if has_factor else set()))

    @cached_property
    def stated_values(self) -> Mapping[str, Fraction | None]:
        """What the problem states of all that is given; None where free."""
        return given_values(self.problem)

    @cached_property
    def program(self) -> Program:
        """The forward pass, and the derivatives of every objective by all that lies before it."""
        forward = program_of(self.problem, batch=self.batch)
        known = [step.key for step in forward.steps]
        wrt = {of: [key for key in (*given_values(self.problem), *known) if key != of] for of in known}
        steps = [step for of in self.problem.objectives for step in sweep(forward, of, wrt[of])]
        return forward.plus(steps)

    def plus(self, of: str, by: tuple[str, ...]) -> str:
        """The key of a derivative of any order, whose steps are there from now on."""
        if len(by) == 1 and adjoint(of, by[0]) in self.program.by_key:
            return adjoint(of, by[0])
        program, key = derivative(self.program, of, by)
        self.__dict__["program"] = program
        return key

    def after(self, key: str) -> str:
        """The key of a quantity after one update, whose steps are there from now on; its own if none does."""
        if not is_changed(self.problem, self.program, key):
            return key
        if updated(key) not in self.program.by_key:
            self.__dict__["program"] = with_update(self.problem, self.program, key)
        return updated(key)

    def world(self, number: int, height: int = HEIGHT) -> World:
        """One of the random worlds, the same for the same number."""
        if (number, height) not in self._worlds:
            self._worlds[number, height] = World.random(self, number, height)
        return self._worlds[number, height]

    def point(self, number: int) -> Point:
        """One of the random points, drawn once for all worlds near it."""
        if number not in self._points:
            self._points[number] = Point(self.freed, number)
        return self._points[number]

    @cached_property
    def own(self) -> World | None:
        """The world of the problem's own numbers; None where some are open."""
        if self.problem.is_free:
            return None
        formulas = Formulas(tower(HEIGHT), b"own")
        numbers = {key: value for key, value in given_values(self.problem).items() if value is not None}
        given = {key: formulas.constant(value) for key, value in numbers.items()}
        return World(self, formulas, {**_settings(self.problem, formulas, _rate(self, formulas)), **given})

    @cached_property
    def _worlds(self) -> dict[tuple[int, int], World]:
        return {}

    @cached_property
    def _points(self) -> dict[int, Point]:
        return {}


@dataclass(eq=False)
class World:
    """One point of a problem.

    given    the values that the steps start from
    letters  what the letters of answers are here, each with the sample that it is read for
    """

    subject: Subject
    formulas: Formulas
    given: Mapping[str, Value]
    _known: dict[str, Value] = field(default_factory=dict)
    letters: dict[tuple[Letter, str], Array] = field(default_factory=dict)
    changed: Mapping[str, Step] = field(default_factory=dict)

    @classmethod
    def random(cls, subject: Subject, number: int, height: int) -> World:
        formulas = Formulas(tower(height), f"world {number}".encode())
        point = subject.point(number)
        return cls.at(
            subject,
            formulas,
            number,
            lambda _, key: values.free(formulas.fields, key, formulas.seed, point.ball(key)),
        )

    @classmethod
    def at(
        cls, subject: Subject, formulas: Formulas, number: int, free: Callable[[int, str], Value]
    ) -> World:
        """The world in which what is free has these values, by its place among them and its key."""
        eta = values.free(formulas.fields, RATE, formulas.seed, lambda bits: values.near(rate(number), bits))
        if subject.keeps:
            eta = _rate(subject, formulas) or eta
        given = _settings(subject.problem, formulas, eta)
        given |= dict(_drawn_values(subject, formulas, subject.point(number), free))
        _assume(subject, formulas, given)
        return cls(subject, formulas, given)

    def __getitem__(self, key: str) -> Value:
        """A quantity by its key. KeyError where the problem has none; UnluckyError where it has no value."""
        known = self._known.get(key, self.given.get(key))
        return known if known is not None else self._computed(key)

    def derivative(self, of: str, by: tuple[str, ...]) -> Value:
        """The total derivative of any order."""
        return self[self.subject.plus(of, by)]

    def value(self, of: str, by: tuple[str, ...] = (), *, after: bool = False) -> Value:
        """A quantity, or with `by` its derivative, before the first update or after it."""
        key = self.subject.plus(of, by) if by else of
        return self[self.subject.after(key) if after else key]

    def under(self, steps: Iterable[Step]) -> World:
        """This world with some steps replaced; only these are computed again."""
        other = World(self.subject, self.formulas, self.given, dict(self._known))
        for step in steps:
            other._known[step.key] = other.value_of(step)
        return other

    def lazily(self, steps: Iterable[Step]) -> World:
        """The same, but what is not asked for is not computed."""
        changed = {step.key: step for step in steps}
        known = {key: value for key, value in self._known.items() if key not in changed}
        return World(self.subject, self.formulas, self.given, known, changed=changed)

    def value_of(self, step: Step) -> Value:
        """The value of a step whose arguments have values in this world."""
        if not step.terms:
            return self.formulas.constant(0)
        return values.total(
            self.formulas(
                term.formula.expr,
                dict(zip(term.formula.formals, (self[arg] for arg in term.args), strict=True)),
            )
            for term in step.terms
        )

    def _computed(self, key: str) -> Value:
        """In the order of the steps, so that nothing is asked for deep inside something else."""
        parts = parts_of(key)
        if parts is not None and key not in self.subject.program.by_key:
            key = self.subject.plus(parts[0], (parts[1],))
        steps, waiting = self.subject.program.by_key, [key]
        while waiting:
            step = self.changed.get(waiting[-1]) or steps.get(waiting[-1])
            if step is None:
                raise self._missing(waiting[-1])
            missing = [arg for term in step.terms for arg in term.args if not self._has(arg)]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if step.key not in self._known:
                self._known[step.key] = value = self.value_of(step)
                if value.depth > DEEP:
                    value.settle()
        return self._known[key]

    def _has(self, key: str) -> bool:
        return key in self._known or key in self.given

    def _missing(self, key: str) -> Exception:
        return UnluckyError("this problem states no rate") if key == RATE else KeyError(key)


class Point:
    """A random rational point of a problem, drawn when a ball is first asked for."""

    def __init__(self, problem: Problem, number: int) -> None:
        self._problem, self._number = problem, number

    @cached_property
    def numbers(self) -> Mapping[str, Fraction]:
        found = given_values(drawn(self._problem, self._number))
        stated = given_values(self._problem)
        return {
            key: value if stated.get(key) is not None else value * self._factor(key)
            for key, value in found.items()
            if value is not None
        }

    def _factor(self, key: str) -> Fraction:
        """Of every second point: closer to 0 in a graph, and of the other sign for targets of any value.

        All but the first are off the grid of decimals on which they are drawn: there sin(1000 pi w) is 0.
        """
        if self._number < 2 or (key.startswith("y[") and takes_few(self._problem)):
            return Fraction(1)
        return OFF_GRID * self._second(key)

    def _second(self, key: str) -> Fraction:
        body = self._problem.body
        if self._number % 2 == 0:
            return Fraction(1)
        if isinstance(body, Graph):
            return CLOSER
        targets = None if body.cost is None or not key.startswith("y[") else body.cost.targets
        if targets is None or targets.takes_few or targets.total is not None:
            return Fraction(1)
        return Fraction(-1 if targets.allow(Fraction(-1)) else 1)

    def ball(self, key: str) -> Callable[[int], arb]:
        return lambda bits: values.near(self.numbers[key], bits)


def _drawn_values(
    subject: Subject, formulas: Formulas, point: Point, free: Callable[[int, str], Value]
) -> Iterator[tuple[str, Value]]:
    few = takes_few(subject.problem)
    for place, (key, own) in enumerate(subject.stated_values.items()):
        if few and key.startswith("y[") and key in subject.free_keys:
            yield key, formulas.constant(point.numbers[key])
        elif key in subject.free_keys:
            yield key, free(place, key)
        elif own is not None:
            yield key, formulas.constant(own)


def _rate(subject: Subject, formulas: Formulas) -> Value | None:
    """The rate of the training that the problem states."""
    training = subject.problem.training
    return None if training is None else formulas.constant(training.rate)


def _settings(problem: Problem, formulas: Formulas, eta: Value | None) -> dict[str, Value]:
    """The numbers of the training, and by their letters in answers the rate and the size of a batch."""
    found = {key: formulas.constant(value) for key, value in training_numbers(problem).items()}
    if isinstance(problem.body, Network):
        found["m"] = formulas.constant(batch_size(problem))
    if eta is None:
        return found
    # A graph may have an eta of its own.
    return {**found, setting(RATE): eta, **({} if RATE in problem.own_names else {RATE: eta})}


def takes_few(problem: Problem) -> bool:
    """Whether targets are a few values, of which one is drawn: 1 and -1 of a hinge."""
    network = problem.body
    return isinstance(network, Network) and network.cost is not None and network.cost.targets.takes_few


def _assume(subject: Subject, formulas: Formulas, given: dict[str, Value]) -> None:
    """Let the targets add up to what the cost assumes, and given values solve what the graph assumes."""
    body = subject.problem.body
    if isinstance(body, Graph):
        for assumption in body.assumptions:
            if assumption.fixes is not None:
                given[assumption.fixes] = _solved(assumption, assumption.fixes, formulas, given)
        return
    total = None if body.cost is None else body.cost.targets.total
    if total is None:
        return
    for suffix in subject.problem.samples:
        *others, last = (f"y[{k}]{suffix}" for k in range(1, body.sizes[-1] + 1))
        if others and last in subject.free_keys:
            given[last] = formulas.constant(total) - values.total(given[key] for key in others)


def _solved(assumption: Assumption, name: str, formulas: Formulas, given: Mapping[str, Value]) -> Value:
    """The value in which left - right, which is linear in it, is 0: f(0) / (f(0) - f(1))."""

    def gap(value: int) -> Value:
        known = {**given, name: formulas.constant(value)}
        left, right = (
            evaluate(side, formulas, lambda leaf: number(known[str(leaf)]))
            for side in (assumption.left, assumption.right)
        )
        found: Value = left.item() - right.item()
        return found

    at_0, at_1 = gap(0), gap(1)
    return at_0 / (at_0 - at_1)
