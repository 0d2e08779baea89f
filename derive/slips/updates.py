"""Slips of an update: what is done with the gradient once it is there, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from derive.problem import Graph, Problem
from derive.slips.kinds import Edit, Slip
from derive.steps import Program, Step
from derive.training.update import by_rule, rule_of, trained, updated
from derive.training.update_rules import ADAM, ADAM_INSIDE, AVERAGED, CLASSICAL, UpdateRule, uncorrected


def _already_updated(problem: Problem, program: Program) -> Program:
    """dC/da of every hidden unit reads w' of the layers above it where it should read w; no graph has any."""
    if isinstance(problem.body, Graph):
        return program
    renewed = {place: updated(key) for key in trained(problem) for place in _spellings(problem, key)}

    def renewal(arg: str, layer: int) -> str:
        # An output formula may read a layer's own weights in dC/da, and w' of these waits for that dC/da.
        place = problem.parameter[arg].places[0] if arg in renewed else ""
        return renewed[arg] if place and _layer_of(place) > layer else arg

    def edit(step: Step) -> Step:
        if not step.key.startswith("dC/da"):
            return step
        layer = _layer_of(step.key.removeprefix("dC/d"))
        return replace(
            step,
            terms=tuple(replace(t, args=tuple(renewal(arg, layer) for arg in t.args)) for t in step.terms),
        )

    return Program(tuple(map(edit, program.steps))).ordered()


def _layer_of(place: str) -> int:
    """2 of w2[1,2]"""
    return int(place.partition("[")[0].strip("wba"))


def _spellings(problem: Problem, key: str) -> tuple[str, ...]:
    """The key and the places of a parameter; none for one that several layers share, as it has no order."""
    places = problem.parameter[key].places
    return (key, *places) if len({place.partition("[")[0] for place in places}) == 1 else ()


ALREADY_UPDATED = Slip(
    name="hidden step with already-updated weights",
    text="The hidden gradients were taken with output weights that had been updated already; "
    "all gradients belong to the same point, so compute them all before changing any weight.",
    edit=_already_updated,
)

READ_EARLY = Slip(
    name="read one update early",
    text="The value was read before the last update, so it belongs to one update fewer.",
    edit=lambda _, program: program,
)

Replacement = Callable[[UpdateRule], UpdateRule | None]


def _by(other: Replacement) -> Edit:
    """The update by another rule; the program as it is where the problem's own has no such other."""

    def edit(problem: Problem, program: Program) -> Program:
        found = other(rule_of(problem))
        return program if found is None else by_rule(problem, program, found)

    return edit


def _pairs(*pairs: tuple[UpdateRule, UpdateRule]) -> Replacement:
    return lambda own: next((other for rule, other in pairs if rule == own), None)


def _line_by_line(rewrite: Callable[[str, str], str]) -> Replacement:
    """The rule with its lines rewritten: of a letter and its formula; a rule of samples has no such lines."""

    def other(rule: UpdateRule) -> UpdateRule | None:
        lines = tuple((new, rewrite(new, text)) for new, text in rule.lines)
        return None if rule.sample else replace(rule, lines=lines)

    return other


def _uphill(new: str, text: str) -> str:
    """w + eta g for w - eta g, and w - v' for w + v'."""
    if new != "w'":
        return text
    return text.replace("w - ", "w + ", 1) if text.startswith("w - ") else text.replace("w + ", "w - ", 1)


def _alone(new: str, text: str) -> str:
    """-eta g for w - eta g, and v' for w + v'."""
    return text.removeprefix("w + ").removeprefix("w ") if new == "w'" else text


MOMENTUM_EXCHANGED = Slip(
    name="classical and averaged momentum exchanged",
    text="The other convention of momentum gives this figure: v' = mu v - eta g with w' = w + v', and "
    "v' = mu v + (1 - mu) g with w' = w - eta v', are not the same update at the same rate.",
    edit=_by(_pairs((CLASSICAL, AVERAGED), (AVERAGED, CLASSICAL))),
)

NO_BIAS_CORRECTION = Slip(
    name="no bias correction",
    text="The averages of Adam were taken as they are; they begin at 0, so m is divided by 1 - beta1^t and "
    "v by 1 - beta2^t before they are used.",
    edit=_by(_pairs(*((rule, uncorrected(rule)) for rule in (ADAM, ADAM_INSIDE)))),
)

EPSILON_ELSEWHERE = Slip(
    name="epsilon in the other place",
    text="Adam's epsilon was put in the other place: sqrt(v) + epsilon is not sqrt(v + epsilon).",
    edit=_by(_pairs((ADAM, ADAM_INSIDE), (ADAM_INSIDE, ADAM))),
)

UPHILL = Slip(
    name="step uphill",
    text="The step was added where it is subtracted: w' = w - eta dC/dw goes down, w + eta dC/dw up.",
    edit=_by(_line_by_line(_uphill)),
)

RATE_LEFT_OUT = Slip(
    name="rate left out",
    text="The gradient was subtracted as it is; it is multiplied by the learning rate first.",
    edit=_by(_line_by_line(lambda _, text: text.replace("eta*", ""))),
)

RATE_TWICE = Slip(
    name="rate applied twice",
    text="The gradient was multiplied by the learning rate twice.",
    edit=_by(_line_by_line(lambda _, text: text.replace("eta*", "eta*eta*"))),
)

STEP_ALONE = Slip(
    name="step without the weight",
    text="This is the step alone; the new value is the old one with the step added to it.",
    edit=_by(
        _line_by_line(lambda new, text: text.removeprefix("w + ").removeprefix("w ") if new == "w'" else text)
    ),
)

UPDATE_SLIPS: Mapping[str, Slip] = MappingProxyType(
    {
        slip.name: slip
        for slip in (
            READ_EARLY,
            ALREADY_UPDATED,
            MOMENTUM_EXCHANGED,
            NO_BIAS_CORRECTION,
            EPSILON_ELSEWHERE,
            UPHILL,
            RATE_LEFT_OUT,
            RATE_TWICE,
            STEP_ALONE,
        )
    }
)
