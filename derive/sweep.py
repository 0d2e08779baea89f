"""The chain rule, as one reverse sweep over the steps.

    dC/dq = sum over the steps s that read q of  dC/ds * ds/dq

Each ds/dq is SymPy's derivative of the step's formula. What comes out is again
a list of steps, one for each adjoint, so the same evaluators compute it, and a
second sweep over it gives second derivatives. The cost is one visit an edge.

Source: Griewank and Walther (2008), Evaluating Derivatives, sec. 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy as sp

from derive.expressions import Symbols, added, at, carried, slope, usual_slope
from derive.steps import ONE, Program, Step, Term, Use


def adjoint(of: str, by: str) -> str:
    """The key of the derivative of one quantity by another."""
    return f"d{of}/d{by}"


def sweep(program: Program, output: str, wrt: Iterable[str], *, usual: bool = False) -> tuple[Step, ...]:
    """Steps for the derivative of `output` by each of `wrt` and by all that lies between.

    usual  use the slopes' usual forms (a(1 - a)), as a reader with pencil and
           paper does, in place of SymPy's own
    """
    wanted = tuple(wrt)
    behind = program.before((output,))
    live = behind & program.after(wanted)
    order = [step.key for step in reversed(program.steps) if step.key in live and step.key != output]
    order += [key for key in wanted if key in live and key not in program.by_key and key != output]
    steps = [_adjoint_step(program, output, key, behind, usual) for key in order]
    steps += [Step(adjoint(output, key), (Term(ONE, ()),), "itself") for key in wanted if key == output]
    steps += [Step(adjoint(output, key), (), "independent") for key in wanted if key not in live]
    return tuple(steps)


def _adjoint_step(program: Program, output: str, key: str, behind: set[str], usual: bool) -> Step:
    uses = [use for use in program.uses[key] if use.step.key in behind]
    routes = len(uses) > 1 and len({use.step.key for use in uses}) > 1
    because = "sum over routes" if routes else "chain rule"
    return Step(adjoint(output, key), tuple(_share(output, use, usual) for use in uses), because)


def _share(output: str, use: Use, usual: bool) -> Term:
    """What one use hands back: dC/ds * ds/dq, and ds/dq alone where s is the output."""
    known = (*use.term.args, *use.term.results) if usual else use.term.args
    if use.step.key == output:
        local = (usual_slope if usual else slope)(use.term.formula, use.position)
        return Term(local, known[: len(local.formals)])
    formula = carried(use.term.formula, use.position, usual)
    return Term(formula, (adjoint(output, use.step.key), *known)[: len(formula.formals)])


def derivative(program: Program, of: str, by: tuple[str, ...], *, usual: bool = False) -> tuple[Program, str]:
    """The program with the steps of a derivative of any order, and the derivative's key."""
    key = of
    for name in by:
        steps = sweep(program, key, (name,), usual=usual)
        known = program.by_key
        program = program.plus(step for step in steps if step.key not in known)
        key = adjoint(key, name)
    return program, key


def adjoints(program: Program, output: str, wrt: Iterable[str]) -> Iterator[tuple[str, sp.Expr]]:
    """Each derivative of the sweep by its key, as SymPy holds it, in symbols named by keys."""
    symbols = Symbols()
    for step in sweep(program, output, wrt, usual=True):
        yield step.key, added([at(term.formula, [symbols[key] for key in term.args]) for term in step.terms])


def slopes_of(program: Program, of: str, by: str) -> Iterator[tuple[Use, Term]]:
    """The terms of the local derivative of a step by one of its arguments, in usual form."""
    for use in program.uses.get(by, ()):
        if use.step.key == of:
            local = usual_slope(use.term.formula, use.position)
            known = (*use.term.args, *use.term.results)
            yield use, Term(local, known[: len(local.formals)])
