"""One update of the parameters, as steps: by gradient descent w' = w - eta dC/dw.

The update's lines follow the forward pass and the sweep in one program, so a
slip in the order of things is an edit of that program like any other. What the
lines are is said by the row of `derive.training.update_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from derive.problem import Graph, Network, Problem
from derive.steps import Program, Step, Term, activation_keys, program_of
from derive.sweep import adjoint, sweep
from derive.training.update_rules import GRADIENT_DESCENT, UpdateRule, formula_in

UPDATE = "gradient step"


def updated(key: str) -> str:
    """The key of a quantity's value after one update."""
    return f"{key}'"


def setting(letter: str) -> str:
    """The key of a number of the training: eta, mu, t; no quantity of a problem can have it."""
    return f"training {letter}"


def key_of(problem: Problem, letter: str, key: str) -> str:
    """The key of what a rule's letter stands for, for one parameter."""
    match letter:
        case "w":
            return key
        case "w'":
            return updated(key)
        case "g":
            return adjoint(problem.objectives[0], key)
    return f"{letter} of {key}" if letter in rule_of(problem).letters else setting(letter)


def trained(problem: Problem) -> tuple[str, ...]:
    """The parameters that an update changes; of a graph, the given names that it is differentiated by."""
    if isinstance(problem.body, Graph):
        return problem.wrt
    return tuple(parameter.key for parameter in problem.parameters if not parameter.frozen)


def rule_of(problem: Problem) -> UpdateRule:
    """The problem's own rule; gradient descent where it says nothing of training."""
    return GRADIENT_DESCENT if problem.training is None else problem.training.rule


def carried_over(problem: Problem) -> Mapping[str, str]:
    """What the next update reads in the place of what: parameters and states, by their keys before."""
    pairs = (("w", "w'"), *rule_of(problem).states)
    return {
        key_of(problem, old, key): key_of(problem, new, key) for key in trained(problem) for old, new in pairs
    }


def update_program(problem: Problem, batch: Sequence[str] | None = None, *, usual: bool = False) -> Program:
    """Forward pass, sweep and update of every trained parameter.

    batch  the suffixes of the samples that this update reads; None for all
    """
    rule = rule_of(problem)
    samples = problem.samples if batch is None else tuple(batch)
    if rule.sample:
        program = program_of(problem).only(_outputs(_single_layer(problem), samples))
    else:
        objective = problem.objectives[0]
        program = program_of(problem, batch=batch).only((objective,))
        program = program.plus(sweep(program, objective, trained(problem), usual=usual))
    return program.plus(update_steps(problem, rule, samples))


def update_steps(problem: Problem, rule: UpdateRule, samples: Sequence[str] = ()) -> Iterator[Step]:
    """The lines of a rule for every trained parameter; `samples` are those that a rule of samples reads."""
    for key in trained(problem):
        for new, text in rule.lines:
            formula, letters = formula_in(text)
            terms = [Term(formula, tuple(key_of(problem, letter, key) for letter in letters))]
            if new == "w'" and rule.sample:
                terms += _corrections(problem, rule, key, samples)
            yield Step(key_of(problem, new, key), tuple(terms), UPDATE)


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


def _outputs(network: Network, samples: Sequence[str]) -> list[str]:
    return [key for suffix in samples for key in activation_keys(network, network.depth, suffix)]


def _corrections(problem: Problem, rule: UpdateRule, key: str, samples: Sequence[str]) -> Iterator[Term]:
    """What each sample adds to a parameter of a single layer, at each use; a bias is the weight of 1."""
    network = _single_layer(problem)
    layer = network.layer(1)
    weights = [(j, k) for j, row in enumerate(layer.weights) for k, other in enumerate(row) if other == key]
    biases = [(j, None) for j, other in enumerate(layer.biases or ()) if other == key]
    for suffix in samples:
        inputs, outputs = (activation_keys(network, l, suffix) for l in (0, 1))
        for j, k in (*weights, *biases):
            named = {"y": f"y[{j + 1}]{suffix}", "a": outputs[j]} | ({} if k is None else {"x": inputs[k]})
            formula, letters = formula_in(rule.sample if k is not None else rule.sample.removesuffix("*x"))
            yield Term(formula, tuple(named.get(letter) or setting(letter) for letter in letters))


def _single_layer(problem: Problem) -> Network:
    assert isinstance(problem.body, Network), "a rule of samples trains a network"
    return problem.body
