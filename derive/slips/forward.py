"""Slips of the forward pass: a value that is wrong before anything is differentiated.

    z = w1 x1 + w2 x2 + b      a = phi(z)      C = 1/2 (y - a)^2

Each is an edit of the forward steps; a gradient after it is taken at the wrong values, as
whoever made the mistake takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import sympy as sp

from derive.expressions import Formula, usual_slope
from derive.problem import Problem
from derive.slips.changes import read_key
from derive.slips.kinds import Slip, parts_of
from derive.steps import SAME, Program, Step, Term

Rewrite = Callable[[Program, Step], tuple[Term, ...] | None]
"""What a forward step computes instead; None where the mistake cannot be made in it."""


def _row(name: str, text: str, rewrite: Rewrite) -> Slip:
    def edit(_: Problem, program: Program) -> Program:
        return Program(tuple(_rewritten(rewrite, program, step) for step in program.steps))

    return Slip(name=name, text=text, edit=edit)


def _rewritten(rewrite: Rewrite, program: Program, step: Step) -> Step:
    # The sweep stays as it is: what it reads is wrong, not how.
    found = rewrite(program, step) if parts_of(step.key) is None and not step.key.endswith("'") else None
    return step if found is None else replace(step, terms=found)


def _in(because: str) -> Callable[[Rewrite], Rewrite]:
    """The rewriting in steps of one kind alone."""

    def limited(rewrite: Rewrite) -> Rewrite:
        return lambda program, step: rewrite(program, step) if step.because == because else None

    return limited


activation, weighted, definition = _in("activation"), _in("weighted input"), _in("definition")


@activation
def _left_out(_: Program, step: Step) -> tuple[Term, ...] | None:
    (term,) = step.terms
    return (Term(SAME, term.args[:1]),)


@activation
def _slope(_: Program, step: Step) -> tuple[Term, ...] | None:
    (term,) = step.terms
    plain = Formula(term.formula.expr, term.formula.formals)
    return (Term(usual_slope(plain, 0), term.args),) if _is_one(term) else None


@activation
def _mirrored(_: Program, step: Step) -> tuple[Term, ...] | None:
    (term,) = step.terms
    z = term.formula.formals[0]
    expr = term.formula.expr.xreplace({z: -z})
    is_other = _is_one(term) and term.formula.expr.has(sp.exp)
    return (Term(Formula(expr, term.formula.formals), term.args),) if is_other else None


def _is_one(term: Term) -> bool:
    """Whether an activation reads its own z alone."""
    return len(term.args) == 1


@weighted
def _without_bias(_: Program, step: Step) -> tuple[Term, ...] | None:
    kept = tuple(term for term in step.terms if len(term.args) > 1)
    return kept if 0 < len(kept) < len(step.terms) else None


@weighted
def _bias_subtracted(_: Program, step: Step) -> tuple[Term, ...] | None:
    return tuple(term if len(term.args) > 1 else _times(term, sp.Integer(-1)) for term in step.terms)


@weighted
def _transposed(program: Program, step: Step) -> tuple[Term, ...] | None:
    """w[k,j] for w[j,k], where both are there."""
    found = []
    for term in step.terms:
        key = read_key(term.args[0])
        if key is None or key.letter != "w":
            found.append(term)
            continue
        other = replace(key, index=key.index[::-1]).text
        if other not in program.uses:
            return None
        found.append(replace(term, args=(other, *term.args[1:])))
    return tuple(found) if tuple(found) != step.terms else None


@weighted
def _crossed(_: Program, step: Step) -> tuple[Term, ...] | None:
    """The weights with the inputs in the reverse order."""
    products = [term for term in step.terms if len(term.args) > 1]
    inputs = [term.args[1:] for term in products][::-1]
    crossed = [replace(term, args=(term.args[0], *read)) for term, read in zip(products, inputs, strict=True)]
    others = [term for term in step.terms if len(term.args) == 1]
    return (*crossed, *others) if len(products) > 1 else None


def _only(number: int) -> Rewrite:
    @weighted
    def rewrite(_: Program, step: Step) -> tuple[Term, ...] | None:
        products = [term for term in step.terms if len(term.args) > 1]
        kept = products[number]
        others = tuple(term for term in step.terms if len(term.args) == 1)
        return (kept, *others) if len(products) > 1 else None

    return rewrite


def _times(term: Term, factor: sp.Expr) -> Term:
    return replace(term, formula=Formula(factor * term.formula.expr, term.formula.formals))


def _cost(factor: sp.Expr) -> Rewrite:
    def rewrite(_: Program, step: Step) -> tuple[Term, ...] | None:
        is_cost = step.key == "C" and step.terms
        return tuple(_times(term, factor) for term in step.terms) if is_cost else None

    return rewrite


def _replaced(write: Mapping[type[sp.Function], Callable[[sp.Expr], sp.Expr]]) -> Rewrite:
    """Functions of a graph's steps by others."""

    @definition
    def rewrite(_: Program, step: Step) -> tuple[Term, ...] | None:
        found = []
        for term in step.terms:
            expr = term.formula.expr
            for function, other in write.items():
                expr = expr.replace(function, other)
            found.append(replace(term, formula=Formula(expr, term.formula.formals)))
        pairs = zip(found, step.terms, strict=True)
        return tuple(found) if any(new.formula.expr != old.formula.expr for new, old in pairs) else None

    return rewrite


def _of_degrees(function: type[sp.Function]) -> Callable[[sp.Expr], sp.Expr]:
    return lambda u: function(sp.pi / 180 * u)


FORWARD_SLIPS: Mapping[str, Slip] = MappingProxyType(
    {
        slip.name: slip
        for slip in (
            _row(
                "activation left out",
                "The activation was left out of the forward pass: a is phi(z), not z.",
                _left_out,
            ),
            _row(
                "bias left out of z",
                "The bias was left out of the forward pass: z is the weighted inputs and the bias.",
                _without_bias,
            ),
            _row(
                "slope for the activation",
                "The slope phi'(z) stands where the activation phi(z) belongs.",
                _slope,
            ),
            _row(
                "sign of the exponent",
                "In the activation the sign of the exponent was turned: e^(-z) belongs there.",
                _mirrored,
            ),
            _row("factor 2 in the cost", "The cost is half of this.", _cost(sp.Integer(2))),
            _row("factor 1/2 in the cost", "The cost is twice this.", _cost(sp.Rational(1, 2))),
            _row(
                "weights transposed",
                "In the forward pass the weights were read with their indices exchanged.",
                _transposed,
            ),
            _row(
                "inputs exchanged",
                "In the forward pass the weights met the inputs in another order.",
                _crossed,
            ),
            _row(
                "first input only",
                "Only the first input was counted; z adds over all inputs.",
                _only(0),
            ),
            _row(
                "last input only",
                "Only the last input was counted; z adds over all inputs.",
                _only(-1),
            ),
            _row("bias subtracted", "The bias was subtracted; it is added to z.", _bias_subtracted),
            _row(
                "degrees",
                "The calculator was set to degrees; sin and cos take radians here.",
                _replaced({f: _of_degrees(f) for f in (sp.sin, sp.cos, sp.tan)}),
            ),
            _row(
                "logarithm to base 10",
                "The logarithm to base 10 was taken; log is the natural one here.",
                _replaced({sp.log: lambda u: sp.log(u) / sp.log(10)}),
            ),
        )
    }
)
"""The commonest first."""
