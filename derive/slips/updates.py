"""Slips of an update: what is done with the gradient once it is there, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType

from derive.problem import Graph, Problem
from derive.slips.kinds import Edit, Slip
from derive.steps import Program, Step
from derive.training.update import by_rule, rule_of, trained, updated
from derive.training.update_rules import (
    ADAM,
    ADAM_INSIDE,
    AVERAGED,
    CLASSICAL,
    GRADIENT_DESCENT,
    UpdateRule,
    uncorrected,
)


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
    text="The other convention of momentum gives this: v' = mu v - eta g with w' = w + v', and "
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
    edit=_by(_line_by_line(_alone)),
)


@dataclass(frozen=True, kw_only=True)
class RewrittenLines(Slip):
    """A slip that rewrites lines of a rule, as `rewrite` does; of two of them both can be made."""

    rewrite: Callable[[str, str], str]

    def and_also(self, other: RewrittenLines) -> Slip:
        """Both slips in one update."""

        def both(new: str, text: str) -> str:
            return other.rewrite(new, self.rewrite(new, text))

        text = f"Two things at once. {self.text} {other.text}"
        return Slip(name=f"{self.name}; {other.name}", text=text, edit=_by(_line_by_line(both)))


def _row(name: str, text: str, rewrite: Callable[[str, str], str]) -> RewrittenLines:
    """A slip that rewrites lines of a rule; none of a rule whose lines it leaves as they are."""
    return RewrittenLines(name=name, text=text, edit=_by(_line_by_line(rewrite)), rewrite=rewrite)


def _in_place(*pairs: tuple[str, str]) -> Callable[[str, str], str]:
    """Parts of a rule's lines by other parts, each put in once."""

    def rewrite(_: str, text: str) -> str:
        for number, (part, _) in enumerate(pairs):
            text = text.replace(part, f"\0{number}\0")
        for number, (_, other) in enumerate(pairs):
            text = text.replace(f"\0{number}\0", other)
        return text

    return rewrite


def _new_value(write: Callable[[str], str]) -> Callable[[str, str], str]:
    """Another line for w'."""
    return lambda new, text: write(text) if new == "w'" else text


_exchanged_betas = _in_place(("beta1", "beta2"), ("beta2", "beta1"))

M_UNCORRECTED = _row(
    "no bias correction of m",
    "The average m of the gradients was taken as it is; m is divided by 1 - beta1^t before it is used.",
    _in_place(("m'/(1 - beta1^t)", "m'")),
)
V_UNCORRECTED = _row(
    "no bias correction of v",
    "The average v of the squares was taken as it is; v is divided by 1 - beta2^t before it is used.",
    _in_place(("v'/(1 - beta2^t)", "v'")),
)
BETAS_EXCHANGED = _row(
    "beta1 and beta2 exchanged",
    "The two decay rates were exchanged: beta1 is that of the gradients, beta2 that of their squares.",
    _exchanged_betas,
)
AVERAGES_EXCHANGED = _row(
    "beta1 and beta2 exchanged in the averages",
    "In the averages the decay rates were exchanged: beta1 is that of the gradients, beta2 of their squares.",
    lambda new, text: _exchanged_betas(new, text) if new in ("m'", "v'") else text,
)
SHARE_LEFT_OUT = _row(
    "1 - beta left out",
    "The new gradient enters an average with the share 1 - beta; that factor was left out.",
    _in_place(("(1 - beta1)*", ""), ("(1 - beta2)*", ""), ("(1 - mu)*", "")),
)
M_SHARE_LEFT_OUT = _row(
    "1 - beta1 left out",
    "The new gradient enters the average m with the share 1 - beta1; that factor was left out.",
    _in_place(("(1 - beta1)*", "")),
)
V_SHARE_LEFT_OUT = _row(
    "1 - beta2 left out",
    "The new square enters the average v with the share 1 - beta2; that factor was left out.",
    _in_place(("(1 - beta2)*", "")),
)
SHARES_EXCHANGED = _row(
    "beta for 1 - beta",
    "The shares were exchanged: the old average is kept with beta, the new gradient enters with 1 - beta.",
    _in_place(
        ("(1 - beta1)*", "beta1*"), ("beta1*", "(1 - beta1)*"), ("(1 - beta2)*", "beta2*"),
        ("beta2*", "(1 - beta2)*"), ("(1 - mu)*", "mu*"), ("mu*v +", "(1 - mu)*v +"),
    ),
)  # fmt: skip
STEP_DAMPED = _row(
    "momentum's factor on the gradient",
    "The gradient was multiplied by the momentum; only the old velocity is: v' = mu v - eta g.",
    _in_place(("mu*v - eta*g", "mu*v - mu*eta*g")),
)
NOT_SQUARED = _row(
    "gradient not squared",
    "The average v is one of squares: the gradient is squared before it enters.",
    _in_place(("g^2", "g")),
)
NO_ROOT = _row(
    "root left out",
    "The step is divided by the root of v, not by v itself.",
    _in_place(("sqrt(vhat)", "vhat"), ("sqrt(vhat + epsilon)", "(vhat + epsilon)")),
)
NO_EPSILON = _row(
    "epsilon left out",
    "The small epsilon in the denominator was left out.",
    _in_place(("sqrt(vhat) + epsilon", "sqrt(vhat)"), ("sqrt(vhat + epsilon)", "sqrt(vhat)")),
)
PLAIN_DESCENT = Slip(
    name="plain gradient descent",
    text="This is a step of plain gradient descent, w - eta dC/dw; this training has another rule.",
    edit=_by(lambda own: _plain(own) if own.states else None),
)
SIGNED_ALONE = _row(
    "step with its sign turned, without the weight",
    "This is what is subtracted from the old value; the new value is the old one minus it.",
    _new_value(lambda text: text.removeprefix("w - ").replace("w + v'", "-v'")),
)
GRADIENT_ALONE = _row(
    "gradient for the new value",
    "This is the gradient; the new value is the old one minus the rate times the gradient.",
    _new_value(lambda text: "g" if text.startswith("w ") else text),
)


def _plain(own: UpdateRule) -> UpdateRule:
    """The rule with its last line that of gradient descent."""
    return replace(own, lines=(*own.lines[:-1], *GRADIENT_DESCENT.lines))


UPDATE_SLIPS: Mapping[str, Slip] = MappingProxyType(
    {
        slip.name: slip
        for slip in (
            READ_EARLY, ALREADY_UPDATED, MOMENTUM_EXCHANGED, NO_BIAS_CORRECTION, EPSILON_ELSEWHERE, UPHILL,
            RATE_LEFT_OUT, RATE_TWICE, STEP_ALONE, PLAIN_DESCENT, SHARE_LEFT_OUT, BETAS_EXCHANGED,
            AVERAGES_EXCHANGED,
            M_UNCORRECTED, V_UNCORRECTED, M_SHARE_LEFT_OUT, V_SHARE_LEFT_OUT, SHARES_EXCHANGED, STEP_DAMPED,
            NOT_SQUARED, NO_ROOT, NO_EPSILON, SIGNED_ALONE, GRADIENT_ALONE,
        )
    }
)  # fmt: skip

_TOGETHER = (
    _row(RATE_LEFT_OUT.name, RATE_LEFT_OUT.text, lambda _, text: text.replace("eta*", "")),
    _row(UPHILL.name, UPHILL.text, _uphill),
    _row(NO_BIAS_CORRECTION.name, NO_BIAS_CORRECTION.text, lambda _, text: text.partition("/(1 - ")[0]),
    SHARE_LEFT_OUT,
    SHARES_EXCHANGED,
    _row(
        EPSILON_ELSEWHERE.name,
        EPSILON_ELSEWHERE.text,
        _in_place(
            ("(sqrt(vhat) + epsilon)", "sqrt(vhat + epsilon)"),
            ("sqrt(vhat + epsilon)", "(sqrt(vhat) + epsilon)"),
        ),
    ),
    NO_ROOT,
    NO_EPSILON,
    STEP_DAMPED,
    SIGNED_ALONE,
)

UPDATE_PAIRS: tuple[Slip, ...] = tuple(one.and_also(other) for one, other in combinations(_TOGETHER, 2))
"""Two slips of an update at once, of those that are common together."""
