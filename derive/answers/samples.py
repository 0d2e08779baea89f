r"""Sums and means over samples: what their texts leave unsaid.

    \sum_i (w x_i + b - y_i) x_i    of one input and several samples: i is the sample
    \sum_{i=1}^n (a_i - y_i) x_i    n is the number of samples, and x_i the whole input of one
    \frac1n\sum_{k} (a_k - y_k)     of as many outputs: the unit, or else the sample
    mean((w*x + b - y)*x)           of one number a sample: that number, or else the mean of all
    np.sum(a2 - y, axis=1)          of columns of one sample, or else of the whole batch
    np.sum((A2 - Y) * A1[1])        A1[1] is the row of all samples, and so are A2 and Y of one output
    (a1 - y) @ x.T, W1 @ x + b1     in a network of one layer a1 is unit 1, or else the whole layer

Where the sample is all that a running letter can be, it is that. Where a unit is possible too,
the unit is read, and the sample is one of the `turns` that count only where they are right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType

from derive.answers.instances import sizes_of
from derive.answers.letters import BATCHES
from derive.formula.nodes import (
    Activation,
    Apply,
    Index,
    Letter,
    Matrix,
    Node,
    Number,
    Slope,
    Sum,
    Unspecified,
    walk,
)
from derive.problem import Network, Problem

_OF_A_SAMPLE = frozenset({"x", "y", "z", "a", "delta", "C"})
_BATCH = MappingProxyType({small: large for large, small in BATCHES.items() if large != "W"})

_JOINED = re.compile(r"[^\W\d_]+1")
"""A letter with the number that is joined to it."""

GATHERING = frozenset({"sum", "mean"})

MOST_TURNS = 4
"""Of one text."""


def has_samples(problem: Problem) -> bool:
    """Whether it is a network's, with several samples."""
    return isinstance(problem.body, Network) and len(problem.x) > 1


def over_samples(problem: Problem, node: Node) -> Node:
    """The formula with each Σ over the samples whose letter can be nothing else."""
    if not has_samples(problem) or not any(isinstance(part, Sum) for part in walk(node)):
        return node

    def settled(part: Node) -> Node:
        part = _changed(part, settled)
        is_sure = isinstance(part, Sum) and _counts_samples(problem, part) is True
        return _by_sample(problem, part) if is_sure and isinstance(part, Sum) else part

    return settled(node)


def turns(problem: Problem, node: Node) -> Iterator[Node]:
    """Other formulas that the same text can mean: whole layers, sums over samples, letters for batches."""
    whole = _of_layers(problem, node)
    if whole != node:
        yield whole
    if not has_samples(problem):
        return
    sums = [part for part in walk(node) if isinstance(part, Sum) and _counts_samples(problem, part) is None]
    for total in islice(dict.fromkeys(sums), MOST_TURNS):
        yield exchanged(node, [(total, _by_sample(problem, total))])
    if gathers(node):
        whole = _of_batches(node)
        if whole != node:
            yield whole
        single = _by_rows(problem, node)
        if single != node:
            yield single


def is_gathered(problem: Problem, node: Apply) -> bool:
    """Whether sum(…) and mean(…) of a number are over samples, which leave it open: sum(delta2[1])."""
    return has_samples(problem) and any(
        letter.letter in _OF_A_SAMPLE and letter.sample is None for letter in _letters(node)
    )


def gathers(node: Node) -> bool:
    """Whether a formula says sum(…) or mean(…)."""
    return any(isinstance(part, Apply) and part.operation in GATHERING for part in walk(node))


def gathered(node: Apply) -> Node:
    """The sum or the mean of a number over the samples."""
    total = Sum("@", node.args[0])
    return total if node.operation == "sum" else Apply("divide", (total, Letter("n")))


def _counts_samples(problem: Problem, total: Sum) -> bool | None:
    """Whether a running letter counts samples; None where it may count units as well."""
    if total.letter == "@":
        return False
    leaves = [leaf for leaf in _letters(total.body) if total.letter in (leaf.sample, *leaf.index)]
    counted = any(isinstance(part, Index) and part.counted[0] == total.letter for part in walk(total.body))
    if counted or any(leaf.letter not in _OF_A_SAMPLE for leaf in leaves):
        return False
    if any(leaf.sample == total.letter for leaf in leaves):
        return True
    if any(len(leaf.index) > 1 or leaf.sample is not None for leaf in leaves):
        return False
    sizes = set(sizes_of(problem, total.body, total.letter))
    if not sizes:
        is_open = any(leaf.letter in _OF_A_SAMPLE and leaf.sample is None for leaf in _letters(total.body))
        return None if is_open else False
    fits = total.upper is None or _last(problem, total.upper) in sizes
    return None if len(sizes) == 1 and sizes != {1} and fits else True


def _last(problem: Problem, limit: Node) -> int:
    """The number that an upper limit is; 0 where it is none."""
    if isinstance(limit, Number) and limit.value.denominator == 1:
        return int(limit.value)
    if isinstance(limit, Apply):  # m-1
        first, second = (_last(problem, arg) for arg in limit.args)
        return first - second if limit.operation == "subtract" else first + second
    is_count = isinstance(limit, Letter) and limit.letter in ("n", "m") and not limit.layer
    if is_count:
        return len(problem.x)
    body = problem.body
    assert isinstance(body, Network)
    if isinstance(limit, Letter) and limit.letter == "n" and isinstance(limit.layer, int):
        return body.sizes[limit.layer] if limit.layer < len(body.sizes) else 0
    return body.sizes[-1] if isinstance(limit, Letter) and limit.letter == "K" else 0


def _by_sample(problem: Problem, total: Sum) -> Sum:
    """The same sum with its letter for the sample: x_i is the input of sample i."""
    if not any(total.letter in (leaf.sample, *leaf.index) for leaf in _letters(total.body)):
        return Sum("@", total.body)

    def sampled(part: Node) -> Node:
        if not isinstance(part, Letter) or part.index != (total.letter,) or part.sample is not None:
            return _changed(part, sampled)
        (size, *_) = sizes_of(problem, part, total.letter)
        is_one = size == 1 and part.letter != "C"  # C_i is the cost of a sample
        return replace(part, index=(1,) if is_one else (), sample=total.letter)

    return replace(total, body=sampled(total.body))


def _of_batches(node: Node) -> Node:
    """The formula with X for x, and A2 for a2, where they leave their sample and entry open."""
    if isinstance(node, Letter):
        is_whole = node.sample is None and all(place == 1 for place in node.index)
        if node.letter not in _BATCH or not is_whole:
            return node
        return Letter(_BATCH[node.letter], node.layer, (), None, node.primes)
    return node if isinstance(node, Slope) else _changed(node, _of_batches)


def _of_layers(problem: Problem, node: Node) -> Node:
    """The formula with a1, b1 and z1 of a network of one layer as that layer, and not its first unit."""
    body = problem.body
    if not isinstance(body, Network) or body.depth > 1 or body.widths[-1] == 1:
        return node

    def whole(part: Node) -> Node:
        is_joined = isinstance(part, Letter) and part.layer == 1 and _JOINED.fullmatch(part.written)
        return replace(part, index=()) if isinstance(part, Letter) and is_joined else _changed(part, whole)

    return whole(node)


def _by_rows(problem: Problem, node: Node) -> Node:
    """The formula with each sum of rows as one over samples: sum((A2 − Y) A1[1]) is Σ (a2 − y) a1[1]."""
    body = problem.body
    assert isinstance(body, Network)

    def of_a_sample(part: Node) -> Node:
        if not isinstance(part, Letter) or part.letter not in BATCHES or part.letter == "W":
            return _changed(part, of_a_sample)
        sizes = body.widths if part.letter in ("Z", "Delta") else body.sizes
        layer = {"X": 0, "Y": body.depth}.get(part.letter, part.layer)
        is_row = isinstance(layer, int) and sizes[layer] == 1
        return replace(part, letter=BATCHES[part.letter], index=(1,)) if is_row else part

    def summed(part: Node) -> Node:
        if not isinstance(part, Apply) or part.operation not in GATHERING or part.axis is not None:
            return _changed(part, summed)
        single = of_a_sample(part)
        has_rows = any(letter.letter in BATCHES for letter in _letters(single))
        return gathered(single) if isinstance(single, Apply) and not has_rows else part

    return summed(node)


def _letters(node: Node) -> list[Letter]:
    """The letters of a formula, with those that it is differentiated by."""
    parts = list(walk(node))
    by = [one for part in parts if isinstance(part, Slope) for one in part.by]
    return [part for part in parts if isinstance(part, Letter)] + by


def exchanged(node: Node, pairs: Collection[tuple[Node, Node]]) -> Node:
    """The formula with the second of each pair in the place of the first, all at once."""
    other = next((new for old, new in pairs if old == node), None)
    return _changed(node, lambda part: exchanged(part, pairs)) if other is None else other


# -- formulas with other operands ------------------------------------------------------------------

_Change = Callable[[Node], Node]


def _changed(node: Node, change: _Change) -> Node:
    """The node over its changed operands."""
    rule = _RULES.get(type(node))
    return rule(node, change) if rule is not None else node


def _operation(node: Apply | Activation | Unspecified, change: _Change) -> Node:
    return replace(node, args=tuple(map(change, node.args)))


def _slope(slope: Slope, change: _Change) -> Node:
    by = (change(one) for one in slope.by)
    return replace(slope, of=change(slope.of), by=tuple(one for one in by if isinstance(one, Letter)))


def _sum(total: Sum, change: _Change) -> Node:
    return replace(total, body=change(total.body))


def _matrix(matrix: Matrix, change: _Change) -> Node:
    return replace(matrix, rows=tuple(tuple(map(change, row)) for row in matrix.rows))


_RULES: Mapping[type, Callable[..., Node]] = MappingProxyType(
    {
        Apply: _operation,
        Activation: _operation,
        Unspecified: _operation,
        Slope: _slope,
        Sum: _sum,
        Matrix: _matrix,
    }
)
