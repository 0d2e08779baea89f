"""The training of a problem from its table: the rule's row, its numbers, and what it can train."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import sympy as sp

from derive.files.mistakes import Mistakes, counted, listed, path
from derive.files.schema import TrainingTable
from derive.problem import Graph, Problem, Training
from derive.training.update_rules import UPDATE_RULES, UpdateRule

EVERY_RULE = ("rule", "rate", "steps", "batch", "seed")
"""The keys that every rule has."""


def build_training(table: TrainingTable, problem: Problem, mistakes: Mistakes) -> Training:
    """The training that a table states of a problem."""
    rule = chosen_rule(table)
    check_keys(table, rule, mistakes)
    _check_batch(table, problem, mistakes)
    if rule.sample:
        _check_units(rule, problem, mistakes)
    else:
        _check_objective(problem, mistakes)
    stated = {key: getattr(table, key) for key, _ in rule.settings}
    return Training(
        rule=rule,
        settings=MappingProxyType(
            {key: default if stated[key] is None else stated[key] for key, default in rule.settings}
        ),
        rate=table.rate,
        steps=table.steps,
        batch=table.batch if "batch" in table.model_fields_set else rule.batch,
        seed=table.seed,
    )


def chosen_rule(table: TrainingTable) -> UpdateRule:
    """The row that a table names."""
    rules = [rule for rule in UPDATE_RULES if rule.name == table.rule]
    return next((rule for rule in rules if _is_chosen(rule, table)), rules[0])


def _is_chosen(rule: UpdateRule, table: TrainingTable) -> bool:
    """Whether the table names this one of the rules of one name."""
    return rule.variant is not None and getattr(table, rule.variant[0]) == rule.variant[1]


def check_keys(table: TrainingTable, rule: UpdateRule, mistakes: Mistakes) -> None:
    """Every key is the rule's own, or one that all have; unless the rule is not the one that was meant."""
    if mistakes.concern("training.rule"):
        return
    for key in TrainingTable.model_fields:
        if key in table.model_fields_set and key not in (*EVERY_RULE, *rule.keys):
            other = next(other.name for other in UPDATE_RULES if key in other.keys)
            mistakes.add(
                path("training", key),
                f"the rule '{rule.name}' has no {key}",
                ", ".join((*EVERY_RULE, *rule.keys)),
                f'leave it out, or take rule = "{other}"',
            )


def _check_batch(table: TrainingTable, problem: Problem, mistakes: Mistakes) -> None:
    """No more samples in a batch than there are; a graph has none."""
    if table.batch is None:
        return
    if isinstance(problem.body, Graph):
        mistakes.add("training.batch", "a batch; a graph has no samples", '"all", or left out')
    elif table.batch > len(problem.x):
        found = f"a batch of {table.batch:,}; [data] has {counted(len(problem.x), 'sample')}"
        mistakes.add("training.batch", found, f"at most {len(problem.x):,}")


def _check_objective(problem: Problem, mistakes: Mistakes) -> None:
    """There is one thing to make less."""
    if not problem.objectives:
        mistakes.add(
            "training",
            "nothing to train for: the network has neither cost nor output",
            "a cost",
            'add one, or train a layer of step units by rule = "perceptron"',
        )
    elif len(problem.objectives) > 1:
        mistakes.add(
            "training",
            f"{len(problem.objectives)} outputs; an update follows the gradient of one",
            listed(problem.objectives),
            "keep one output, or give upstream = {…} for their sum",
        )


def _check_units(rule: UpdateRule, problem: Problem, mistakes: Mistakes) -> None:
    """One layer of units that take a few values only, and targets among these."""
    if mistakes.concern("network.layers[1].activation"):
        return
    for where, found, allowed, fix in _unfit(problem):
        mistakes.add(where, f"the rule '{rule.name}' {found}", allowed, fix)


def _unfit(problem: Problem) -> Iterator[tuple[str, str, str, str]]:
    """Why a rule that reads samples cannot train this: (where, found, allowed, fix)."""
    body, by_gradient = problem.body, 'take rule = "gradient_descent"'
    if isinstance(body, Graph):
        yield "training.rule", "trains a layer of step units, not a graph", "a [network]", by_gradient
        return
    if body.depth > 1:
        found = f"trains a single layer; this network has {body.depth}, and it says nothing of hidden units"
        yield "training.rule", found, "one layer of step units", by_gradient
        return
    activation = body.layer(1).activation
    values = activation.range
    if not isinstance(values, sp.FiniteSet):
        found = f"trains units that jump from one value to another; {activation.name} does not"
        yield "training.rule", found, 'one layer with activation = "step"', by_gradient
        return
    if not problem.y:
        found = "compares activations with targets; there are none"
        yield "data.y", found, "targets of every sample", "give x and y in [data]"
    for i, row in enumerate(problem.y):
        for j, target in enumerate(row):
            if target is not None and target not in values:
                words = listed([str(value) for value in sorted(values)])
                found = f"could never reach the target {target}: {activation.name} is {words}"
                yield path("data", "y", i, j), found, words, ""
