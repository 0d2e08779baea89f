"""The systematic slips: each a one-place edit of the derivation, with its name and a sentence.

A slip's wrong value is computed by the same evaluators from the edited steps,
so a wrong figure or gradient is matched to the slip that produces exactly it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import sympy as sp

from derive.expressions import ADJOINT, Formula
from derive.problem import Network, Problem
from derive.steps import WEIGHTED, Program, Step, Term
from derive.update import trained, updated

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
    """dC/da of every hidden unit reads w' where it should read w."""
    renewed = {place: updated(key) for key in trained(problem) for place in _spellings(problem, key)}

    def edit(step: Step) -> Step:
        if not step.key.startswith("dC/da"):
            return step
        return replace(
            step, terms=tuple(replace(t, args=tuple(renewed.get(a, a) for a in t.args)) for t in step.terms)
        )

    return Program(tuple(map(edit, program.steps))).ordered()


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

UPDATE_SLIPS: Mapping[str, Slip] = MappingProxyType(
    {slip.name: slip for slip in (ALREADY_UPDATED, READ_EARLY)}
)


# -- slips of a gradient ---------------------------------------------------------------------------


def _edited(program: Program, prefix: str, change: Callable[[Step], Step]) -> Program:
    """The program with every adjoint step of a kind changed: `dC/da`, `dC/dz`, `dC/dw`."""
    return Program(tuple(change(step) if step.key.startswith(prefix) else step for step in program.steps))


def _scaled(step: Step, factor: sp.Expr) -> Step:
    return replace(
        step, terms=tuple(replace(term, formula=_times(term.formula, factor)) for term in step.terms)
    )


def _times(formula: Formula, factor: sp.Expr) -> Formula:
    return replace(formula, expr=factor * formula.expr, usual=(), node=None)


def _last_activation(problem: Problem) -> str:
    assert isinstance(problem.body, Network)
    return f"dC/da{problem.body.depth}["


def _factor(factor: sp.Expr) -> Edit:
    return lambda problem, program: _edited(
        program, _last_activation(problem), lambda step: _scaled(step, factor)
    )


def _without_slope(layer: Callable[[Network], range]) -> Edit:
    """delta = dC/da in place of dC/da * phi'(z), in the layers named."""

    def edit(problem: Problem, program: Program) -> Program:
        assert isinstance(problem.body, Network)
        for l in layer(problem.body):
            if problem.body.layer(l).activation.couples:
                continue
            program = _edited(
                program, f"dC/dz{l}[", lambda step: replace(step, terms=tuple(map(_bare, step.terms)))
            )
        return program

    return edit


def _bare(term: Term) -> Term:
    handed_on = next(
        (arg for formal, arg in zip(term.formula.formals, term.args, strict=True) if formal == ADJOINT), None
    )
    return replace(term, formula=Formula(ADJOINT, (ADJOINT,)), args=(handed_on,)) if handed_on else term


def _transposed(problem: Problem, program: Program) -> Program:
    """dC/da[k] = sum_j w[k,j] delta[j]: W in place of its transpose, where it is square."""
    network = problem.body
    assert isinstance(network, Network)

    def swap(arg: str) -> str:
        head, _, tail = arg.partition("[")
        if (
            head[:1] != "w"
            or not head[1:].isdecimal()
            or network.sizes[int(head[1:])] != network.sizes[int(head[1:]) - 1]
        ):
            return arg
        j, k = tail.rstrip("]").split(",")
        return f"{head}[{k},{j}]"

    def change(step: Step) -> Step:
        return replace(step, terms=tuple(replace(t, args=tuple(map(swap, t.args))) for t in step.terms))

    return _edited(program, "dC/da", change)


def _other_layer(problem: Problem, program: Program) -> Program:
    """dC/dw[j,k] = delta[j] a_own[j]: the unit's own output in place of its input."""

    def change(step: Step) -> Step:
        return replace(step, terms=tuple(map(_own_output, step.terms)))

    del problem
    return _edited(program, "dC/dw", change)


def _own_output(term: Term) -> Term:
    """The term delta_z * a with the activation of z's own unit for a."""
    handed_on = term.args[0].removeprefix("dC/dz")
    if term.args[0] == handed_on:
        return term
    return replace(term, args=tuple(f"a{handed_on}" if a[:1] in "xa" else a for a in term.args))


def _one_route(problem: Problem, program: Program) -> Program:
    """Each route overwrites the one before it instead of being added."""
    del problem
    return _edited(program, "dC/da", lambda step: replace(step, terms=step.terms[-1:]))


def _bias_for_weight(problem: Problem, program: Program) -> Program:
    """dC/dw = delta: the bias's gradient."""

    def bare(term: Term) -> Term:
        return _bare(term) if term.formula.formals[-2:] == WEIGHTED.formals else term

    del problem
    return _edited(program, "dC/dw", lambda step: replace(step, terms=tuple(map(bare, step.terms))))


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
                edit=_transposed,
            ),
            Slip(
                name="wrong layer",
                text="A weight's gradient was taken with its own layer's output; it is delta times the input.",
                edit=_other_layer,
            ),
            Slip(
                name="only one route",
                text="Only the last route was kept; where a unit feeds several, the routes are added.",
                edit=_one_route,
            ),
            Slip(
                name="bias for weight gradient",
                text="This is the bias's gradient; a weight's is that times its input.",
                edit=_bias_for_weight,
            ),
        )
    }
)
