"""The systematic slips: each a one-place edit of the derivation, with its name and a sentence.

A slip's wrong value is computed by the same evaluators from the edited steps,
so a wrong figure or gradient is matched to the slip that produces exactly it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import sympy as sp

from derive.expressions import ADJOINT, Formula
from derive.problem import Graph, Network, Problem
from derive.steps import Program, Step, Term
from derive.update import by_rule, rule_of, trained, updated
from derive.update_rules import ADAM, ADAM_INSIDE, AVERAGED, CLASSICAL, UpdateRule, uncorrected

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


# -- slips of an update ----------------------------------------------------------------------------


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


def _in_place_of(rules: Sequence[tuple[UpdateRule, UpdateRule]]) -> Edit:
    """The update by another rule, where the problem's own is one of these."""

    def edit(problem: Problem, program: Program) -> Program:
        return next(
            (by_rule(problem, program, other) for rule, other in rules if rule == rule_of(problem)), program
        )

    return edit


MOMENTUM_EXCHANGED = Slip(
    name="classical and averaged momentum exchanged",
    text="The other convention of momentum gives this figure: v' = mu v - eta g with w' = w + v', and "
    "v' = mu v + (1 - mu) g with w' = w - eta v', are not the same update at the same rate.",
    edit=_in_place_of([(CLASSICAL, AVERAGED), (AVERAGED, CLASSICAL)]),
)

NO_BIAS_CORRECTION = Slip(
    name="no bias correction",
    text="The averages of Adam were taken as they are; they begin at 0, so m is divided by 1 - beta1^t and "
    "v by 1 - beta2^t before they are used.",
    edit=_in_place_of([(rule, uncorrected(rule)) for rule in (ADAM, ADAM_INSIDE)]),
)

EPSILON_ELSEWHERE = Slip(
    name="epsilon in the other place",
    text="Adam's epsilon was put in the other place: sqrt(v) + epsilon is not sqrt(v + epsilon).",
    edit=_in_place_of([(ADAM, ADAM_INSIDE), (ADAM_INSIDE, ADAM)]),
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
        )
    }
)


# -- slips of a gradient ---------------------------------------------------------------------------

Change = Callable[[Network, Term], Term]
Kinds = Callable[[Network], Iterable[str]]


def _each_term(kinds: Kinds, change: Change) -> Edit:
    """The edit that changes every term of the adjoint steps whose keys begin with one of `kinds`."""

    def edit(problem: Problem, program: Program) -> Program:
        network = problem.body
        assert isinstance(network, Network)
        chosen = tuple(kinds(network))
        return Program(
            tuple(
                _with_terms(step, network, change) if step.key.startswith(chosen) else step
                for step in program.steps
            )
        )

    return edit


def _with_terms(step: Step, network: Network, change: Change) -> Step:
    return replace(step, terms=tuple(change(network, term) for term in step.terms))


def _output_slopes(network: Network) -> tuple[str, ...]:
    return (f"dC/da{network.depth}[",)


def _weights(_: Network) -> tuple[str, ...]:
    return ("dC/dw",)


def _factor(factor: sp.Expr) -> Edit:
    """The cost's slope times a constant."""

    def change(_: Network, term: Term) -> Term:
        return replace(
            term, formula=replace(term.formula, expr=factor * term.formula.expr, usual=(), node=None)
        )

    return _each_term(_output_slopes, change)


def _samples(power: int) -> Edit:
    """The cost's slope times n or 1/n."""
    return lambda problem, program: _factor(sp.Integer(len(problem.x)) ** power)(problem, program)


def _without_slope(layers: Callable[[Network], range]) -> Edit:
    """delta = dC/da in place of dC/da * phi'(z), in the layers named; softmax has no such slope."""

    def kinds(network: Network) -> tuple[str, ...]:
        return tuple(f"dC/dz{l}[" for l in layers(network) if not network.layer(l).activation.couples)

    return _each_term(kinds, _bare)


def _bare(_: Network, term: Term) -> Term:
    """The adjoint that a term hands on, without its slope."""
    named = dict(zip(term.formula.formals, term.args, strict=True))
    return Term(Formula(ADJOINT, (ADJOINT,)), (named[ADJOINT],)) if ADJOINT in named else term


def _transposed(network: Network, term: Term) -> Term:
    """dC/da[k] = sum_j w[k,j] delta[j]: W in place of its transpose, where it is square."""
    return replace(term, args=tuple(_swapped(network, arg) for arg in term.args))


def _swapped(network: Network, key: str) -> str:
    match = WEIGHT.fullmatch(key)
    if match is None:
        return key
    l, j, k = map(int, match.groups())
    return f"w{l}[{k},{j}]" if network.widths[l] == network.sizes[l - 1] else key


def _own_output(network: Network, term: Term) -> Term:
    """delta[j] a_own[k] in place of delta[j] a_below[k]: the layer's output where its input belongs."""
    return replace(term, args=tuple(_one_up(network, arg) for arg in term.args))


def _one_up(network: Network, key: str) -> str:
    match = ACTIVATION.fullmatch(key)
    if match is None:
        return key
    l, k, sample = int(match.group(1) or 0), int(match.group(2)), match.group(3)
    return f"a{l + 1}[{k}]{sample}" if l < network.depth and k <= network.sizes[l + 1] else key


WEIGHT = re.compile(r"w(\d+)\[(\d+),(\d+)\]")
ACTIVATION = re.compile(r"(?:x|a(\d+))\[(\d+)\](.*)")


def _last_route(_: Problem, program: Program) -> Program:
    """Each route overwrites the one before it instead of being added."""
    return Program(
        tuple(
            replace(step, terms=step.terms[-1:]) if step.key.startswith("dC/da") else step
            for step in program.steps
        )
    )


GRADIENT_SLIPS: Mapping[str, Slip] = MappingProxyType(
    {
        slip.name: slip
        for slip in (
            Slip(
                name="sign",
                text="The sign is turned: the cost's slope is a - y, not y - a.",
                edit=_factor(sp.Integer(-1)),
            ),
            Slip(
                name="factor 2",
                text="A factor 2 too many: the half of 1/2 (y - a)^2 cancels it.",
                edit=_factor(sp.Integer(2)),
            ),
            Slip(
                name="factor 1/2",
                text="A factor 2 is missing: the derivative of (y - a)^2 is 2(a - y).",
                edit=_factor(sp.Rational(1, 2)),
            ),
            Slip(
                name="missing 1/n",
                text="The cost is a mean over n samples; the 1/n is missing.",
                edit=_samples(1),
            ),
            Slip(
                name="extra 1/n",
                text="The cost is a sum over samples; here it was divided by their number.",
                edit=_samples(-1),
            ),
            Slip(
                name="missing output slope",
                text="phi'(z) of the output layer is missing: delta = dC/da * phi'(z).",
                edit=_without_slope(lambda network: range(network.depth, network.depth + 1)),
            ),
            Slip(
                name="missing hidden slope",
                text="phi'(z) of a hidden layer is missing: delta = (W^T delta) * phi'(z).",
                edit=_without_slope(lambda network: range(1, network.depth)),
            ),
            Slip(
                name="missing transpose",
                text="The error was carried back by W; it is the transpose of W that carries it back.",
                edit=_each_term(lambda _: ("dC/da",), _transposed),
            ),
            Slip(
                name="wrong layer",
                text="This gradient was taken with the layer's own output; it is delta times its input.",
                edit=_each_term(_weights, _own_output),
            ),
            Slip(
                name="only one route",
                text="Only the last route was kept; where a unit feeds several, the routes are added.",
                edit=_last_route,
            ),
            Slip(
                name="bias for weight gradient",
                text="This is the bias's gradient; a weight's is that times its input.",
                edit=_each_term(_weights, _bare),
            ),
        )
    }
)
