"""What a slip is: a one-place edit of the reverse sweep.

    dC/dq = sum over the uses of q of  dC/ds * ds/dq

A place is one term of one such line: the share that one use hands back. A row
of the tables says at which places its mistake can be made and what then stands
there; a slip is a row made at some of its places: at all of them, in one layer,
or in a single one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from derive.problem import Network, Problem
from derive.steps import Program, Step, Term, Use, stand_ins_of
from derive.sweep import adjoint

Edit = Callable[[Problem, Program], Program]


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A mistake that people make.

    name  what messages call it
    text  one sentence for the person who made it
    edit  the derivation with the mistake in it
    """

    name: str
    text: str
    edit: Edit


@dataclass(frozen=True, slots=True)
class Place:
    """A term of the line dof/dby, handed back by one use of `by`; `terms` is how many the line has."""

    of: str
    by: str
    number: int
    terms: int
    term: Term
    use: Use

    @property
    def key(self) -> str:
        return adjoint(self.of, self.by)

    @property
    def role(self) -> str:
        """What the local slope is on the page: cost, activation, weight, input, local, ..."""
        return self.use.term.formula.role(self.use.position)

    @property
    def is_top(self) -> bool:
        """Whether the use is the differentiated quantity itself, so that nothing is carried on."""
        return self.use.step.key == self.of

    @property
    def others(self) -> tuple[str, ...]:
        """What the use reads besides `by`."""
        args, position = self.use.term.args, self.use.position
        return (*args[:position], *args[position + 1 :])


def group_of(by: str) -> str:
    """What a mistake made throughout one layer has in common: z2 of z2[1]@3, and X of a graph's X[1,2]."""
    return by.partition("[")[0].partition("@")[0]


def parts_of(key: str) -> tuple[str, str] | None:
    """C and w1[1,1] of dC/dw1[1,1]; None where a key is no derivative."""
    of, slash, by = key.partition("/d")
    return (of[1:], by) if slash and of.startswith("d") else None


@dataclass(frozen=True, eq=False)
class Sweep:
    """A program with its adjoint steps, taken apart into places."""

    problem: Problem
    forward: Program
    adjoints: Mapping[str, Step]
    changed: dict[tuple[str, str, int], tuple[Term, ...] | None] = field(
        default_factory=dict, init=False, repr=False
    )
    _places: dict[str, tuple[Place, ...]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, problem: Problem, program: Program) -> Sweep:
        """Of a program with adjoint steps, which are those that are named as derivatives."""
        forward = tuple(step for step in program.steps if parts_of(step.key) is None)
        adjoints = {step.key: step for step in program.steps if parts_of(step.key) is not None}
        return cls(problem, Program(forward), adjoints)

    @property
    def network(self) -> Network | None:
        body = self.problem.body
        return body if isinstance(body, Network) else None

    @cached_property
    def parameters(self) -> Collection[str]:
        """A network's, also where the steps leave some out."""
        return self.problem.parameter if self.network is not None else ()

    @cached_property
    def stand_ins(self) -> tuple[tuple[str, object], ...]:
        """What stands in for the unspecified functions of a graph."""
        return tuple(stand_ins_of(self.problem).items())

    @cached_property
    def below(self) -> Mapping[str, tuple[str, ...]]:
        """The adjoint steps that each one reads."""
        return {key: self.read_by(step) for key, step in self.adjoints.items()}

    def read_by(self, step: Step) -> tuple[str, ...]:
        """The adjoint steps that a step reads, which may hold a mistake."""
        args = (arg for term in step.terms for arg in term.args)
        return tuple(dict.fromkeys(arg for arg in args if arg in self.adjoints))

    def knows(self, key: str) -> bool:
        """Whether a step may read this quantity or derivative."""
        steps = self.forward
        return key in self.adjoints or key in steps.by_key or key in steps.uses or key in self.parameters

    def places(self, key: str) -> tuple[Place, ...]:
        """The terms of an adjoint step, each with the use that hands it back."""
        if key not in self._places:
            self._places[key] = tuple(self._taken_apart(key))
        return self._places[key]

    def _taken_apart(self, key: str) -> Iterator[Place]:
        step, parts = self.adjoints[key], parts_of(key)
        assert parts is not None, f"{key} is no derivative"
        of, by = parts
        if not step.terms or of == by:
            return
        uses = [use for use in self.forward.uses.get(by, ()) if self._leads(of, use.step.key)]
        for number, (term, use) in enumerate(zip(step.terms, uses, strict=True)):
            yield Place(of, by, number, len(step.terms), term, use)

    def _leads(self, of: str, user: str) -> bool:
        above = self.adjoints.get(adjoint(of, user))
        return user == of or (above is not None and bool(above.terms))

    def reached(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The adjoint steps that these are computed from, themselves among them."""
        found: dict[str, None] = {}
        waiting = list(keys)[::-1]
        while waiting:
            key = waiting.pop()
            if key in self.adjoints and key not in found:
                found[key] = None
                waiting += self.below[key]
        return tuple(found)


def is_hidden(sweep: Sweep, place: Place) -> bool:
    """Whether a place is at phi' of a layer below the last."""
    network = sweep.network
    return network is not None and place.role == "activation" and group_of(place.by) != f"z{network.depth}"


Change = Callable[[Sweep, Place], tuple[Term, ...] | None]
"""What stands at a place once the mistake is made there; None where it cannot be made, no term for 0."""

EVERYWHERE, LAYER, LINE, TERM = GRAINS = ("everywhere", "layer", "line", "term")
HIDDEN = "hidden layers"
"""Between the first two: whatever can be made in one layer, made in all but the last."""


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A row of the tables.

    text    a sentence that holds wherever it is made
    here    what happened at one place, with {factor} and {line} as the page writes them
    change  what stands at a place instead
    grains  how much of the sweep may have it at once
    fits    another sentence for the gradient of a cost, by its rule or by its reduction
    """

    name: str
    text: str
    here: str
    change: Change
    grains: tuple[str, ...] = (EVERYWHERE, LAYER, TERM)
    fits: Mapping[str, str] = field(default_factory=dict)

    def said(self, problem: Problem, of: str) -> str:
        """The sentence that fits the derivative of a quantity."""
        body = problem.body
        if not isinstance(body, Network) or body.cost is None or of not in problem.objectives:
            return self.text
        return self.fits.get(body.cost.name, self.fits.get(body.reduction, self.text))

    def at(self, sweep: Sweep, place: Place) -> tuple[Term, ...] | None:
        """What stands at a place instead, found once for each; None where the mistake changes nothing."""
        at = (self.name, place.key, place.number)
        if at not in sweep.changed:
            found = self.change(sweep, place)
            sweep.changed[at] = None if found is None or _same(found, place.term) else found
        return sweep.changed[at]


def _same(changed: tuple[Term, ...], right: Term) -> bool:
    if len(changed) != 1:
        return False
    (term,) = changed
    return term.formula.expr == right.formula.expr and _read(term) == _read(right)


def _read(term: Term) -> dict[str, str]:
    free = {symbol.name for symbol in term.formula.expr.free_symbols}
    named = zip(term.formula.formals, term.args, strict=True)
    return {formal.name: arg for formal, arg in named if formal.name in free}


@dataclass(frozen=True)
class Made:
    """A row made at some of its places: all, those of one layer, of one line, or a single one.

    layer   "" or a group: z2, X
    hidden  in the layers below the last alone
    line    "" or a line's key; `number` the one term of it, or None for all
    """

    mistake: Mistake
    layer: str = ""
    line: str = ""
    number: int | None = None
    hidden: bool = False

    @property
    def grain(self) -> str:
        """How much of the sweep has it."""
        if self.layer or self.hidden:
            return LAYER if self.layer else HIDDEN
        return EVERYWHERE if not self.line else LINE if self.number is None else TERM

    def step(self, sweep: Sweep, step: Step) -> Step:
        """An adjoint step with the mistake in it; the step itself where it leaves that alone."""
        return _with(step, self.changes(sweep, step))

    def changes(self, sweep: Sweep, step: Step) -> Mapping[int, tuple[Term, ...]]:
        """What stands at places of an adjoint step instead, by their numbers."""
        if self.line and step.key != self.line:
            return {}
        places = sweep.places(step.key)
        if self.layer and places and group_of(places[0].by) != self.layer:
            return {}
        return {
            place.number: terms
            for place in places
            if self.number in (None, place.number)
            and (not self.hidden or is_hidden(sweep, place))
            and (terms := self.mistake.at(sweep, place)) is not None
        }

    def __call__(self, problem: Problem, program: Program) -> Program:
        """The whole program with the mistake in it, each step after all that it then reads."""
        sweep = Sweep.of(problem, program)
        steps = tuple(
            self.step(sweep, step) if step.key in sweep.adjoints else step for step in program.steps
        )
        return program if steps == program.steps else Program(steps).ordered()

    def affected(self, sweep: Sweep, keys: Iterable[str]) -> Program:
        """The steps alone that these keys need and that have other values than in the right sweep."""
        return _affected(self.step, sweep, keys)


@dataclass(frozen=True)
class MadeBoth:
    """Two rows made at once, at different places."""

    first: Made
    second: Made

    def step(self, sweep: Sweep, step: Step) -> Step:
        return _with(step, {**self.first.changes(sweep, step), **self.second.changes(sweep, step)})

    def affected(self, sweep: Sweep, keys: Iterable[str]) -> Program:
        """The steps alone that have other values than in the right sweep."""
        return _affected(self.step, sweep, keys)


def _with(step: Step, changed: Mapping[int, tuple[Term, ...]]) -> Step:
    if not changed:
        return step
    kept = (changed.get(number, (term,)) for number, term in enumerate(step.terms))
    return Step(step.key, tuple(term for terms in kept for term in terms), step.because)


def _affected(made: Callable[[Sweep, Step], Step], sweep: Sweep, keys: Iterable[str]) -> Program:
    edited: dict[str, Step] = {}
    below: dict[str, tuple[str, ...]] = {}
    moved: dict[str, Step] = {}
    waiting = [(key, False) for key in keys if key in sweep.adjoints]
    while waiting:
        key, is_ready = waiting.pop()
        right = sweep.adjoints[key]
        if is_ready:
            if edited[key] is not right or any(arg in moved for arg in below[key]):
                moved[key] = edited[key]
        elif key not in edited:
            edited[key] = step = made(sweep, right)
            below[key] = sweep.below[key] if step is right else sweep.read_by(step)
            waiting.append((key, True))
            waiting += [(arg, False) for arg in below[key] if arg not in edited]
    return Program(tuple(moved.values()))
