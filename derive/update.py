"""One update of the parameters, as steps: by gradient descent w' = w - eta dC/dw.

The update's lines follow the forward pass and the sweep in one program, so a
slip in the order of things is an edit of that program like any other. What the
lines are is said by the row of `derive.update_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import sympy as sp

from derive.expressions import Formula
from derive.problem import Graph, Problem
from derive.steps import Program, Step, Term, activation_keys, program_of
from derive.sweep import adjoint, sweep
from derive.update_rules import GRADIENT_DESCENT, W_NEW, A, G, T, UpdateRule, W, X, Y

UPDATE = "gradient step"


def updated(key: str) -> str:
    """The key of a quantity's value after one update."""
    return f"{key}'"


def setting(symbol: sp.Symbol) -> str:
    """The key of a number of the training: eta, mu, t; no quantity of a problem can have it."""
    return f"training {symbol.name}"


def state_key(symbol: sp.Symbol, key: str) -> str:
    """The key of what a rule keeps, or computes on the way, for a parameter."""
    return f"{symbol.name} of {key}"


def trained(problem: Problem) -> tuple[str, ...]:
    """The parameters that an update changes; of a graph, the given names that it is differentiated by."""
    if isinstance(problem.body, Graph):
        return problem.body.wrt
    return tuple(parameter.key for parameter in problem.parameters if not parameter.frozen)


def rule_of(problem: Problem) -> UpdateRule:
    """The problem's own rule; gradient descent where it says nothing of training."""
    return GRADIENT_DESCENT if problem.training is None else problem.training.rule


def carried_over(problem: Problem) -> Mapping[str, str]:
    """What the next update reads in the place of what: parameters and states, by their keys before."""
    keys = trained(problem)
    states = {
        state_key(old, key): state_key(new, key) for key in keys for old, new in rule_of(problem).states
    }
    return {key: updated(key) for key in keys} | states


def update_program(problem: Problem, batch: Sequence[str] | None = None, *, usual: bool = False) -> Program:
    """Forward pass, sweep and update of every trained parameter.

    batch  the suffixes of the samples that this update reads; None for all
    """
    rule = rule_of(problem)
    samples = problem.samples if batch is None else tuple(batch)
    if rule.sample is not None:
        program = program_of(problem).only(_outputs(problem, samples))
    else:
        objective = problem.objectives[0]
        program = program_of(problem, batch=batch).only((objective,))
        program = program.plus(sweep(program, objective, trained(problem), usual=usual))
    return program.plus(update_steps(problem, rule, samples))


def update_steps(problem: Problem, rule: UpdateRule, samples: Sequence[str] = ()) -> Iterator[Step]:
    """The lines of a rule for every trained parameter; `samples` are those that a rule of samples reads."""
    for key in trained(problem):
        named = {W: key, W_NEW: updated(key)}
        named |= {G: adjoint(problem.objectives[0], key)} if rule.sample is None else {}
        own = {new for new, _ in rule.lines} | {old for old, _ in rule.states}
        named |= {symbol: state_key(symbol, key) for symbol in own - named.keys()}
        named |= {symbol: setting(symbol) for symbol in rule.symbols - named.keys()}
        for new, expr in rule.lines:
            terms = [_term(expr, named)]
            if new == W_NEW and rule.sample is not None:
                terms += [_term(rule.sample, named | read) for read in _corrections(problem, key, samples)]
            yield Step(named[new], tuple(terms), UPDATE)


def by_rule(problem: Problem, program: Program, rule: UpdateRule) -> Program:
    """An update's program with its last lines those of another rule that has the same states."""
    kept = Program(tuple(step for step in program.steps if step.because != UPDATE))
    return kept.plus(update_steps(problem, rule))


def after_update(problem: Problem, program: Program) -> Program:
    """The steps once more, at the updated parameters: q' is what q is there."""
    moved = {*trained(problem), *program.by_key}

    def renewed(key: str) -> str:
        return updated(key) if key in moved else key

    return Program(
        tuple(
            replace(
                step,
                key=updated(step.key),
                terms=tuple(replace(term, args=tuple(map(renewed, term.args))) for term in step.terms),
            )
            for step in program.steps
        )
    )


def _term(expr: sp.Expr, named: Mapping[sp.Symbol, str | None]) -> Term:
    """The expression at the keys that its symbols stand for; a symbol that stands for none is 1."""
    formula = _formula(expr, tuple(symbol for symbol, key in named.items() if key is None))
    return Term(formula, tuple(str(named[formal]) for formal in formula.formals))


@cache
def _formula(expr: sp.Expr, ones: tuple[sp.Symbol, ...]) -> Formula:
    shown = expr.subs(dict.fromkeys(ones, 1))
    return Formula(shown, tuple(sorted(shown.free_symbols, key=lambda symbol: symbol.name)))


def _outputs(problem: Problem, samples: Sequence[str]) -> list[str]:
    assert not isinstance(problem.body, Graph), "a rule of samples trains a network"
    depth = problem.body.depth
    return [key for suffix in samples for key in activation_keys(problem.body, depth, suffix)]


def _corrections(problem: Problem, key: str, samples: Sequence[str]) -> Iterator[dict[sp.Symbol, str | None]]:
    """Target, activation and input at each use of a parameter, for each sample; a bias has no input."""
    assert not isinstance(problem.body, Graph), "a rule of samples trains a network"
    layer = problem.body.layer(1)
    uses = [(j, k) for j, row in enumerate(layer.weights) for k, other in enumerate(row) if other == key]
    bias = [(j, None) for j, other in enumerate(layer.biases or ()) if other == key]
    for suffix in samples:
        inputs, outputs = (activation_keys(problem.body, l, suffix) for l in (0, 1))
        for j, k in (*uses, *bias):
            yield {Y: f"y[{j + 1}]{suffix}", A: outputs[j], X: None if k is None else inputs[k]}


NUMBER = setting(T)
"""The key of an update's number, from 1."""
